"""Kundorder: the order, its lines, and the facts that SESAM2 has told about them."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import Assignment
from accounts.permissions import Permission, may
from catalog.models import Article
from core.paging import NO_DATE
from integration.models import Attachment
from ordering.models import ADDRESS_FIELDS, AbstractHistory, DeliveredOrder, OrderQuerySet
from patients.models import follows_merge

MOST_OF_AN_ARTICLE = 999


class Status(models.TextChoices):
    DRAFT = "DRAFT", "Utkast"
    WAITING_FOR_APPROVAL = "WAITING_FOR_APPROVAL", "Väntar på godkännande"
    PLACED = "PLACED", "Skickad"
    RECEIVED = "RECEIVED", "Mottagen"
    CONFIRMED = "CONFIRMED", "Bekräftad"
    PARTLY_DELIVERED = "PARTLY_DELIVERED", "Delvis levererad"
    DELIVERED = "DELIVERED", "Levererad"
    RECEIPTED = "RECEIPTED", "Kvitterad"
    CANCELLED = "CANCELLED", "Makulerad"

    @property
    def tone(self) -> str:
        return _TONES[self]


_TONES = {
    Status.DRAFT: "neutral",
    Status.WAITING_FOR_APPROVAL: "warning",
    Status.PLACED: "info",
    Status.RECEIVED: "info",
    Status.CONFIRMED: "success",
    Status.PARTLY_DELIVERED: "info",
    Status.DELIVERED: "success",
    Status.RECEIPTED: "success",
    Status.CANCELLED: "danger",
}
ANSWERED = [Status.PLACED, Status.RECEIVED, Status.CONFIRMED]  # by Order.acknowledged
# What a DeliveryChange replaces, and a refusal puts back.
DELIVERY_FIELDS = (*ADDRESS_FIELDS, "notify_sms", "notify_phone", "notify_email", "notify_by_letter")
OPEN = [Status.PLACED, Status.RECEIVED, Status.CONFIRMED, Status.PARTLY_DELIVERED]


class CustomerOrderQuerySet(OrderQuerySet):
    OPEN_STATUSES = tuple(OPEN)

    def waiting(self) -> "CustomerOrderQuerySet":
        """Those that wait for an approver of the unit."""
        return self.filter(status=Status.WAITING_FOR_APPROVAL)

    def waiting_for(self, assignment: Assignment) -> "CustomerOrderQuerySet":
        """Those that the assignment may approve or send back: the unit's, but never one's own. None without the permission."""
        if not may(assignment, Permission.APPROVE_ORDER):
            return self.none()
        return self.listed_to(assignment).waiting().exclude(Q(orderer__user=assignment.user_id) | Q(prescriber__user=assignment.user_id))

    def for_list(self) -> "CustomerOrderQuerySet":
        return super().for_list().prefetch_related("lines")


class Order(DeliveredOrder):
    """A kundorder. `status` of a sent order is derived from the facts of its lines (`actions.reports`)."""

    class Purpose(models.TextChoices):
        LOAN = "LOAN", "lån"
        TRIAL = "TRIAL", "prov"
        SHORT_TERM = "SHORT_TERM", "korttidslån"

    # Forward jumps are there because SESAM2's reports may come in any order. A delivery that is told after a
    # cancellation has still happened, hence CANCELLED → delivered. Out of delivered: more is confirmed than was, or comes.
    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.WAITING_FOR_APPROVAL, Status.PLACED, Status.CANCELLED}),
        Status.WAITING_FOR_APPROVAL: frozenset({Status.DRAFT, Status.PLACED}),
        Status.PLACED: frozenset({Status.RECEIVED, Status.CONFIRMED, Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED, Status.CANCELLED}),
        Status.RECEIVED: frozenset({Status.CONFIRMED, Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED, Status.CANCELLED}),
        Status.CONFIRMED: frozenset({Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED, Status.CANCELLED}),
        Status.PARTLY_DELIVERED: frozenset({Status.DELIVERED, Status.RECEIPTED}),
        Status.DELIVERED: frozenset({Status.RECEIPTED, Status.PARTLY_DELIVERED}),
        Status.RECEIPTED: frozenset({Status.DELIVERED, Status.PARTLY_DELIVERED}),
        Status.CANCELLED: frozenset({Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED}),
    }

    status = models.CharField("status", max_length=20, choices=Status, default=Status.DRAFT)
    purpose = models.CharField("syfte", max_length=12, choices=Purpose, default=Purpose.LOAN)
    ends_on = models.DateField("till och med", null=True)  # of a trial or a short loan, as ordered
    requested_on = models.DateField("önskat leveransdatum", null=True)
    is_urgent = models.BooleanField("akut", default=False)
    urgent_fee = models.DecimalField("akutavgift när beställningen skickades", max_digits=10, decimal_places=2, null=True)
    accepts_equivalent = models.BooleanField("likvärdig artikel går bra", default=True)
    deliver_together = models.BooleanField("leverera allt samtidigt", default=False)
    # The open page that saved last: it saves by itself as one types, and must not be stopped by its own versions.
    saved_by_page = models.CharField(max_length=36, blank=True)
    # The trial's end that was reminded of.
    reminded_of = models.DateField("påmind om", null=True)
    acknowledged = models.PositiveSmallIntegerField("besked", default=0)  # 0 none, 1 received, 2 confirmed

    # Who is told before the delivery, and how; empty: not so.
    notify_sms = models.CharField("sms till", max_length=20, blank=True)
    notify_phone = models.CharField("samtal till", max_length=20, blank=True)
    notify_email = models.EmailField("e-post till", blank=True)
    notify_by_letter = models.BooleanField("brev", default=False)

    objects = CustomerOrderQuerySet.as_manager()

    class Meta:
        verbose_name = "kundorder"
        verbose_name_plural = "kundorder"
        triggers: ClassVar = [follows_merge()]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="order_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "WAITING_FOR_APPROVAL", "CANCELLED"])
                | Q(number__isnull=False, placed_at__isnull=False, customer__isnull=False),
                name="sent_order_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True, placed_at__isnull=True) | Q(number__isnull=False, placed_at__isnull=False), name="number_comes_with_sending"
            ),
            models.CheckConstraint(
                condition=~Q(method="MANUAL_CONTACT") | Q(recipient_name="", care_of="", street="", postal_code="", city="", door_code=""),
                name="manual_contact_has_no_address",
            ),
            models.CheckConstraint(condition=Q(acknowledged__lte=2), name="acknowledged_is_known"),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(purpose="LOAN", ends_on__isnull=True) | ~Q(purpose="LOAN") & Q(ends_on__isnull=False),
                name="sent_trial_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | ~Q(method="MANUAL_CONTACT") | Q(notify_sms="", notify_phone="", notify_email="", notify_by_letter=False),
                name="manual_contact_notifies_nobody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "-placed_at", "-id"], condition=Q(number__isnull=False), name="unit_orders"),
            models.Index(
                fields=["unit", "-placed_at", "-id"], condition=Q(status__in=["PLACED", "RECEIVED", "CONFIRMED", "PARTLY_DELIVERED"]), name="unit_open_orders"
            ),
            models.Index(fields=["unit", "prescriber", "-placed_at", "-id"], condition=Q(number__isnull=False), name="unit_prescriber_orders"),
            models.Index(
                fields=["prescriber", "-placed_at", "-id"],
                condition=Q(status__in=["PLACED", "RECEIVED", "CONFIRMED", "PARTLY_DELIVERED"]),
                name="prescriber_open_orders",
            ),
            models.Index(fields=["unit", "status", "-placed_at", "-id"], condition=Q(number__isnull=False), name="unit_status_orders"),
            # As `keyset_page` compares a date that may be unknown.
            models.Index("unit", Coalesce("promised_on", Value(NO_DATE)), "id", condition=Q(number__isnull=False), name="unit_orders_by_delivery"),
            models.Index(fields=["patient", "-placed_at", "-id"], condition=Q(number__isnull=False), name="patient_orders"),
            models.Index(fields=["unit", "-changed_at", "-id"], condition=Q(status="DRAFT"), name="unit_drafts"),
            models.Index(fields=["orderer", "-changed_at", "-id"], condition=Q(status="DRAFT"), name="own_drafts"),
            models.Index(fields=["unit", "changed_at", "id"], condition=Q(status="WAITING_FOR_APPROVAL"), name="unit_waiting"),
        ]

    def get_absolute_url(self) -> str:
        if self.number:
            return reverse("orders:order", args=[self.number])
        return reverse("orders:approval" if self.status == Status.WAITING_FOR_APPROVAL else "orders:draft", args=[self.public_id])

    @property
    def shown_status(self) -> Status:
        return Status(self.status)

    @property
    def can_be_ordered_again(self) -> bool:
        """Something of it was cancelled."""
        return self.number is not None and any(line.cancelled for line in self.lines.all())


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
        if self.order.status in {Status.DRAFT, Status.WAITING_FOR_APPROVAL}:
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


class OrderAttachment(models.Model):
    """A file that belongs to the order: underlag, a photo. Who may open the order may open it."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="attachments")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "attachment"], name="attachment_once_per_order")]


class OrderHistory(AbstractHistory):
    order = models.ForeignKey(Order, models.PROTECT, related_name="history")

    class Meta(AbstractHistory.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["order", "id"], name="order_history")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.event}"
