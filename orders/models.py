"""Kundorder: the order, its lines, and the facts that SESAM2 has told about them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.models import Assignment, Customer, DeliveryPoint
from catalog.models import Article
from core.paging import NO_DATE
from ordering.models import AbstractHistory, AbstractOrder, OrderQuerySet

MOST_OF_AN_ARTICLE = 999


class Status(models.TextChoices):
    DRAFT = "DRAFT", "Utkast"
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
DELIVERY_FIELDS = (
    "method",
    "delivery_point_id",
    "recipient_name",
    "care_of",
    "street",
    "postal_code",
    "city",
    "door_code",
    "has_no_door_code",
    "is_hospital",
    "contact_name",
    "contact_phone",
    "instructions",
)
OPEN = [Status.PLACED, Status.RECEIVED, Status.CONFIRMED, Status.PARTLY_DELIVERED]


class CustomerOrderQuerySet(OrderQuerySet):
    OPEN_STATUSES = tuple(OPEN)

    def drafts(self) -> "CustomerOrderQuerySet":
        return self.filter(status=Status.DRAFT)

    def waiting_for(self, assignment: Assignment) -> "CustomerOrderQuerySet":
        """Those that wait for the person's approval. No order waits as long as the life cycle has no such status."""
        return self.none()

    def for_list(self) -> "CustomerOrderQuerySet":
        """With all that a row of a list shows, in a constant number of queries."""
        return self.select_related("patient", "orderer__user", "prescriber__user", "unit").prefetch_related("patient__identities", "lines")


class Order(AbstractOrder):
    """A kundorder. `status` of a sent order is derived from the facts of its lines (`actions.reports`)."""

    class Method(models.TextChoices):
        HOME = "HOME", "Hem till patienten"
        DELIVERY_POINT = "DELIVERY_POINT", "Leveranspunkt"
        UNIT = "UNIT", "Min enhet"
        MANUAL_CONTACT = "MANUAL_CONTACT", "Centralen kontaktar enheten"

    class Purpose(models.TextChoices):
        LOAN = "LOAN", "lån"
        TRIAL = "TRIAL", "prov"
        SHORT_TERM = "SHORT_TERM", "korttidslån"

    # Forward jumps are there because SESAM2's reports may come in any order. A delivery that is told after a
    # cancellation has still happened, hence CANCELLED → delivered. Out of delivered: more is confirmed than was, or comes.
    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.PLACED, Status.CANCELLED}),
        Status.PLACED: frozenset({Status.RECEIVED, Status.CONFIRMED, Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED, Status.CANCELLED}),
        Status.RECEIVED: frozenset({Status.CONFIRMED, Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED, Status.CANCELLED}),
        Status.CONFIRMED: frozenset({Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED, Status.CANCELLED}),
        Status.PARTLY_DELIVERED: frozenset({Status.DELIVERED, Status.RECEIPTED}),
        Status.DELIVERED: frozenset({Status.RECEIPTED, Status.PARTLY_DELIVERED}),
        Status.RECEIPTED: frozenset({Status.DELIVERED, Status.PARTLY_DELIVERED}),
        Status.CANCELLED: frozenset({Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED}),
    }

    status = models.CharField("status", max_length=20, choices=Status, default=Status.DRAFT)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+", verbose_name="kund")
    purpose = models.CharField("syfte", max_length=12, choices=Purpose, default=Purpose.LOAN)
    requested_on = models.DateField("önskat leveransdatum", null=True)
    accepts_equivalent = models.BooleanField("likvärdig artikel går bra", default=True)
    deliver_together = models.BooleanField("leverera allt samtidigt", default=False)
    again_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="ordered_again", verbose_name="beställd igen från")
    # Counts up with each change of a draft, so that nobody saves over, or sends, what they have not seen.
    version = models.PositiveIntegerField("version", default=1)
    # As they were when the order was sent.
    customer_number = models.CharField("kundnummer", max_length=35, blank=True)
    payer_number = models.CharField("betalare, nummer", max_length=35, blank=True)
    payer_name = models.CharField("betalare, namn", max_length=200, blank=True)
    acknowledged = models.PositiveSmallIntegerField("besked", default=0)  # 0 none, 1 received, 2 confirmed

    method = models.CharField("leveranssätt", max_length=16, choices=Method, default=Method.HOME)
    delivery_point = models.ForeignKey(DeliveryPoint, models.PROTECT, null=True, related_name="+", verbose_name="leveranspunkt")
    # The address as it was when the order was sent; empty in a draft and for a protected person.
    recipient_name = models.CharField(max_length=200, blank=True)
    care_of = models.CharField(max_length=100, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=5, blank=True)
    city = models.CharField(max_length=100, blank=True)
    door_code = models.CharField(max_length=20, blank=True)
    has_no_door_code = models.BooleanField(default=False)
    is_hospital = models.BooleanField(default=False)
    contact_name = models.CharField("kontaktperson", max_length=200, blank=True)
    contact_phone = models.CharField("kontaktpersonens telefon", max_length=20, blank=True)
    instructions = models.CharField("meddelande", max_length=500, blank=True)

    objects = CustomerOrderQuerySet.as_manager()

    class Meta:
        verbose_name = "kundorder"
        verbose_name_plural = "kundorder"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="order_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "CANCELLED"]) | Q(number__isnull=False, placed_at__isnull=False, customer__isnull=False),
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
        ]

    def __str__(self) -> str:
        return self.number or f"utkast {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("orders:order", args=[self.number]) if self.number else reverse("orders:draft", args=[self.public_id])

    @property
    def shown_status(self) -> Status:
        return Status(self.status)

    @property
    def can_be_ordered_again(self) -> bool:
        """Something of it was cancelled."""
        return self.number is not None and any(line.cancelled for line in self.lines.all())

    @property
    def can_be_cancelled(self) -> bool:
        """By a person: something is still to come, and nothing is asked for already."""
        return self.status in OPEN and self.cancellation_requested_at is None


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
        ]

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
        if self.order.status == Status.DRAFT:
            return Status.DRAFT.label, Status.DRAFT.tone
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


class Despatch(models.Model):
    """DespatchAdvice: part or all of an order is on its way."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="despatches")
    number = models.CharField("följesedel", max_length=100)
    despatched_at = models.DateTimeField()
    expected_on = models.DateField(null=True)
    carrier = models.CharField(max_length=500, blank=True)
    tracking_url = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "number"], name="despatch_number_once_per_order")]


class DespatchLine(models.Model):
    despatch = models.ForeignKey(Despatch, models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="despatch_lines")
    quantity = models.PositiveIntegerField()
    individuals = models.JSONField(default=list)  # individual numbers
    lot = models.CharField(max_length=500, blank=True)
    udi = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["despatch", "line"], name="line_once_per_despatch")]


class Delivery(models.Model):
    """DeliveryConfirmation: something arrived. Kvitterad only when signed at the patient's stay address or a delivery point."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="deliveries")
    message_sequence = models.PositiveIntegerField()
    despatch_number = models.CharField(max_length=100, blank=True)
    delivered_at = models.DateTimeField()
    is_receipted = models.BooleanField()
    signed_by = models.CharField(max_length=500, blank=True)
    is_itemised = models.BooleanField()  # False: all of the despatch, or all that was outstanding

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "message_sequence"], name="delivery_once_per_message")]


class DeliveryLine(models.Model):
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="delivery_lines")
    quantity = models.PositiveIntegerField()
    individuals = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["delivery", "line"], name="line_once_per_delivery")]


class DeliveryChange(models.Model):
    """A DeliveryChange that was sent. SESAM2 says only when it cannot be done: then `before` is in force again.

    `before` and `after` hold `DELIVERY_FIELDS`.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="delivery_changes")
    by = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    before: "models.JSONField[dict[str, Any]]" = models.JSONField()
    after: "models.JSONField[dict[str, Any]]" = models.JSONField()
    refused_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["order", "-id"], name="order_delivery_changes")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.at:%Y-%m-%d}"


class OrderHistory(AbstractHistory):
    order = models.ForeignKey(Order, models.PROTECT, related_name="history")

    class Meta(AbstractHistory.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["order", "id"], name="order_history")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.event}"
