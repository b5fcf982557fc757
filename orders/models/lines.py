"""A line of an order, and what follows for it from the facts that SESAM2 has told."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from catalog.models import Article
from orders.models.orders import ANSWERED, Order, Status
from patients.models import Loan


class OrderLine(models.Model):
    """An article of an order. What SESAM2 tells about it is added up, whatever the order in which it comes.

    delivered + cancelled + outstanding = max(quantity, delivered).
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    line = models.PositiveIntegerField("rad")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField("antal")
    # The article's name, number and price as they were shown when the order was sent.
    article_name = models.CharField("artikelnamn", max_length=255)
    article_number = models.CharField("artikelnummer", max_length=100)
    unit_price = models.DecimalField("pris när beställningen skickades", max_digits=12, decimal_places=2, null=True)
    # What an accessory goes to: a main aid of the order, or an aid that the patient has, by its individual number; never both.
    main = models.ForeignKey("self", models.PROTECT, null=True, related_name="accessories", verbose_name="hör till")
    individual_number = models.CharField("till individ", max_length=100, blank=True)
    misfit_reason = models.CharField("passar ändå", max_length=200, blank=True)
    configuration = models.JSONField("inställningar", default=list)  # [{"name", "value"}]
    # The article first chosen, when its ersättningsgrupp gave another; and why just this one is needed, when it did not.
    substituted_for = models.ForeignKey(Article, models.PROTECT, null=True, related_name="+", verbose_name="i stället för")
    exception_reason = models.CharField("motiverat avsteg", max_length=200, blank=True)
    # The loan as it is now: a trial may have become a loan, a short loan may have been prolonged.
    loan_purpose = models.CharField("lånets syfte", max_length=12, choices=Order.Purpose, default=Order.Purpose.LOAN)
    loan_ends_on = models.DateField("lånet till och med", null=True)
    confirmed_quantity = models.PositiveIntegerField("bekräftat antal", null=True)
    response_sequence = models.PositiveIntegerField(default=0)
    # What the centre sends instead, as it was told; and the same in the catalogue, where it is there.
    replacement = models.JSONField("ersatt med", null=True)
    replacement_article = models.ForeignKey(Article, models.PROTECT, null=True, related_name="+")
    is_cancellation_requested = models.BooleanField("makulering begärd", default=False)
    promised_on = models.DateField("leveransdatum", null=True)
    promised_sequence = models.PositiveIntegerField(default=0)
    is_delayed = models.BooleanField("försenad", default=False)
    # The sequence of the message that cancelled what was left; a delivery told before it still counts.
    cancelled_sequence = models.PositiveIntegerField("makulerad av meddelande", null=True)
    # Of a return: the loan that it ends, or ends a part of.
    loan = models.ForeignKey(Loan, models.PROTECT, null=True, related_name="+", verbose_name="lån")
    # Of an order to a store: how many the store still waits for. What was received, or found missing, is waited for no more.
    on_order = models.PositiveIntegerField("på väg till förrådet", default=0)
    delivered = models.PositiveIntegerField("levererat", default=0)
    receipted = models.PositiveIntegerField("kvitterat", default=0)
    despatched = models.PositiveIntegerField("avsänt", default=0)

    class Meta:
        verbose_name = "orderrad"
        verbose_name_plural = "orderrader"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "line"], name="line_number_once_per_order"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="line_quantity_is_positive"),
            models.CheckConstraint(condition=Q(receipted__lte=F("delivered")), name="receipted_was_delivered"),
            models.CheckConstraint(condition=Q(main__isnull=True) | Q(individual_number="") & ~Q(main=F("id")), name="line_goes_to_one_aid"),
            models.CheckConstraint(condition=~Q(loan_purpose="LOAN") | Q(loan_ends_on__isnull=True), name="loan_without_purpose_has_no_end"),
        ]
        indexes: ClassVar = [models.Index(fields=["loan_ends_on"], condition=Q(loan_ends_on__isnull=False), name="loans_that_end")]

    def __str__(self) -> str:
        return f"{self.order_id}:{self.line}"

    @property
    def expected(self) -> int:
        """How many SESAM2 means to deliver: what was ordered, unless it has confirmed fewer."""
        return self.quantity if self.confirmed_quantity is None else min(self.quantity, self.confirmed_quantity)

    @property
    def outstanding(self) -> int:
        return 0 if self.cancelled_sequence is not None or self.order.is_cancelled else max(0, self.expected - self.delivered)

    @property
    def cancelled(self) -> int:
        return max(0, self.quantity - self.delivered - self.outstanding)

    @property
    def on_its_way(self) -> int:
        """How many are despatched and not delivered yet."""
        return min(self.outstanding, max(0, self.despatched - self.delivered))

    @property
    def parts(self) -> list[str]:
        """How the ordered number is made up, in words, where it is not all of one kind."""
        counts = [(self.delivered, "levererat"), (self.on_its_way, "på väg"), (self.outstanding - self.on_its_way, "kvar"), (self.cancelled, "makulerat")]
        found = [f"{count} {word}" for count, word in counts if count]
        return found if len(found) > 1 or self.delivered > self.quantity else []

    @property
    def shown_status(self) -> tuple[str, str]:
        """Word and tone."""
        if self.order.status in {Status.DRAFT, Status.WAITING_FOR_APPROVAL, Status.RETURNED}:
            return self.order.shown_status.label, self.order.shown_status.tone
        if self.outstanding == 0:
            if self.delivered == 0:
                return Status.CANCELLED.label, Status.CANCELLED.tone
            status = Status.RECEIPTED if self.receipted == self.delivered else Status.DELIVERED
            return status.label, status.tone
        if self.is_delayed:
            return "Försenad", "warning"
        if self.delivered:
            return Status.PARTLY_DELIVERED.label, Status.PARTLY_DELIVERED.tone
        if self.despatched:
            return "På väg", "info"
        status = ANSWERED[self.order.acknowledged]
        return status.label, status.tone
