"""The order: a kundorder to a patient, an order to a buffer store, a withdrawal from one or a return to one."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import Assignment
from accounts.permissions import Permission, may
from buffer.models import Store
from core.paging import NO_DATE
from integration.models import Attachment
from ordering.models import ADDRESS_FIELDS, AbstractHistory, DeliveredOrder, OrderQuerySet
from patients.models import Patient, follows_merge

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
    RETURNED = "RETURNED", "Återlämnad"  # of a return to a store alone

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
    Status.RETURNED: "success",
}
ANSWERED = [Status.PLACED, Status.RECEIVED, Status.CONFIRMED]  # by Order.acknowledged
# What a DeliveryChange replaces, and a refusal puts back.
DELIVERY_FIELDS = (*ADDRESS_FIELDS, "notify_sms", "notify_phone", "notify_email", "notify_by_letter")
OPEN = [Status.PLACED, Status.RECEIVED, Status.CONFIRMED, Status.PARTLY_DELIVERED]


class CustomerOrderQuerySet(OrderQuerySet):
    OPEN_STATUSES = tuple(OPEN)

    def visible_to(self, assignment: Assignment) -> Self:
        """The unit's own; those to its stores for the roles that see stores, and before they are sent for those that manage them."""
        found = super().visible_to(assignment)
        if may(assignment, Permission.MANAGE_STORE):
            return found
        if may(assignment, Permission.SEE_STORE):
            return found.exclude(kind="STOCK", number__isnull=True)
        return found.exclude(kind="STOCK")

    def to_stores(self) -> Self:
        """Förrådsbeställningar."""
        return self.filter(kind="STOCK")

    def about_patients(self) -> Self:
        """All others."""
        return self.exclude(kind="STOCK")

    def waiting(self) -> Self:
        """Those that wait for an approver of the unit."""
        return self.filter(status=Status.WAITING_FOR_APPROVAL)

    def waiting_for(self, assignment: Assignment) -> Self:
        """Those that the assignment may approve or send back: the unit's, but never one's own. None without the permission."""
        if not may(assignment, Permission.APPROVE_ORDER):
            return self.none()
        return self.listed_to(assignment).waiting().exclude(Q(orderer__user=assignment.user_id) | Q(prescriber__user=assignment.user_id))

    def for_list(self) -> Self:
        return super().for_list().select_related("store").prefetch_related("lines")


class Order(DeliveredOrder):
    """A kundorder, or what is done with a buffer store. `status` of a sent order is derived from the facts of its lines (`actions.reports`).

    A withdrawal is a kundorder that begins as delivered: its lines, its loans and what SESAM2 tells of it are those of any order.
    """

    class Kind(models.TextChoices):
        CUSTOMER = "CUSTOMER", "Kundorder"
        WITHDRAWAL = "WITHDRAWAL", "Uttag"
        RETURN = "RETURN", "Återlämning till förråd"
        STOCK = "STOCK", "Förrådsbeställning"

    class Purpose(models.TextChoices):
        LOAN = "LOAN", "lån"
        TRIAL = "TRIAL", "prov"
        SHORT_TERM = "SHORT_TERM", "korttidslån"

    # Forward jumps are there because SESAM2's reports may come in any order. A delivery that is told after a
    # cancellation has still happened, hence CANCELLED → delivered. Out of delivered: more is confirmed than was, or comes.
    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        # A withdrawal and a return have happened when they are registered.
        Status.DRAFT: frozenset({Status.WAITING_FOR_APPROVAL, Status.PLACED, Status.CANCELLED, Status.DELIVERED, Status.RETURNED}),
        Status.WAITING_FOR_APPROVAL: frozenset({Status.DRAFT, Status.PLACED}),
        Status.PLACED: frozenset({Status.RECEIVED, Status.CONFIRMED, Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED, Status.CANCELLED}),
        Status.RECEIVED: frozenset({Status.CONFIRMED, Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED, Status.CANCELLED}),
        Status.CONFIRMED: frozenset({Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED, Status.CANCELLED}),
        Status.PARTLY_DELIVERED: frozenset({Status.DELIVERED, Status.RECEIPTED}),
        Status.DELIVERED: frozenset({Status.RECEIPTED, Status.PARTLY_DELIVERED}),
        Status.RECEIPTED: frozenset({Status.DELIVERED, Status.PARTLY_DELIVERED}),
        Status.CANCELLED: frozenset({Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED}),
        Status.RETURNED: frozenset(),
    }

    kind = models.CharField("slag", max_length=10, choices=Kind, default=Kind.CUSTOMER)
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+", verbose_name="buffertförråd")
    # None where the constraints below say so: an order to a store is about no patient and has no prescriber, and nobody orders what tops a
    # store up by itself. The types are those of all other orders.
    patient: "models.ForeignKey[Patient, Patient]" = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="+", verbose_name="patient")
    orderer: "models.ForeignKey[Assignment, Assignment]" = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+", verbose_name="beställare")
    prescriber: "models.ForeignKey[Assignment, Assignment]" = models.ForeignKey(
        Assignment, models.PROTECT, null=True, related_name="+", verbose_name="förskrivare"
    )
    is_automatic = models.BooleanField("automatisk påfyllnad", default=False)
    # The store's delivery day that an automatic order was gathered for; None when it was sent at once.
    gathered_for = models.DateField("samlad till leveransdag", null=True)
    # When something was taken from the store, or given back to it, and why that was registered so late.
    happened_at = models.DateTimeField("uttaget eller återlämnat", null=True)
    late_reason = models.CharField("registrerat sent, för att", max_length=200, blank=True)
    # One press of the button: the withdrawals (one for each patient) or the return that it made, however often it comes.
    press = models.UUIDField(null=True, editable=False)
    press_place = models.PositiveIntegerField(default=0, editable=False)
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
    is_cancelled = models.BooleanField("makulerad som helhet", default=False)
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
                | Q(number__isnull=False, placed_at__isnull=False) & (Q(customer__isnull=False) | Q(kind="RETURN")),
                name="sent_order_is_complete",
            ),
            models.CheckConstraint(condition=Q(kind__in=["CUSTOMER", "WITHDRAWAL", "RETURN", "STOCK"]), name="order_kind_is_known"),
            models.CheckConstraint(condition=Q(kind="STOCK") ^ Q(patient__isnull=False), name="all_but_stock_has_a_patient"),
            models.CheckConstraint(condition=Q(kind="STOCK") ^ Q(prescriber__isnull=False), name="all_but_stock_has_a_prescriber"),
            models.CheckConstraint(condition=Q(is_automatic=True) ^ Q(orderer__isnull=False), name="all_but_automatic_has_an_orderer"),
            models.CheckConstraint(condition=Q(is_automatic=False) | Q(kind="STOCK"), name="stock_alone_is_automatic"),
            models.CheckConstraint(condition=Q(gathered_for__isnull=True) | Q(is_automatic=True), name="automatic_alone_is_gathered"),
            models.CheckConstraint(condition=Q(kind="CUSTOMER") ^ Q(store__isnull=False), name="customer_order_alone_has_no_store"),
            models.CheckConstraint(condition=Q(kind__in=["WITHDRAWAL", "RETURN"]) ^ Q(happened_at__isnull=True), name="what_happened_has_a_time"),
            models.CheckConstraint(
                condition=Q(number__isnull=True)
                | Q(kind="CUSTOMER", number__startswith="K-")
                | Q(kind__in=["WITHDRAWAL", "RETURN"], number__startswith="U-")
                | Q(kind="STOCK", number__startswith="L-"),
                name="number_is_of_the_orders_series",
            ),
            # A double click makes nothing twice, nor do two workers. Not by patient: two records of one person may be merged.
            models.UniqueConstraint(fields=["press", "press_place"], condition=Q(press__isnull=False), name="a_press_makes_each_order_once"),
            models.UniqueConstraint(fields=["store", "gathered_for"], condition=Q(gathered_for__isnull=False), name="one_gathered_order_per_store_and_day"),
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
            models.Index(fields=["store", "-placed_at", "-id"], condition=Q(kind="STOCK", number__isnull=False), name="store_orders"),
            models.Index(fields=["unit", "kind", "-placed_at", "-id"], condition=Q(number__isnull=False, store__isnull=False), name="unit_store_orders"),
            models.Index(fields=["patient", "-placed_at", "-id"], condition=Q(number__isnull=False), name="patient_orders"),
            models.Index(fields=["unit", "-changed_at", "-id"], condition=Q(status="DRAFT"), name="unit_drafts"),
            models.Index(fields=["orderer", "-changed_at", "-id"], condition=Q(status="DRAFT"), name="own_drafts"),
            models.Index(fields=["unit", "changed_at", "id"], condition=Q(status="WAITING_FOR_APPROVAL"), name="unit_waiting"),
        ]

    def get_absolute_url(self) -> str:
        if self.kind == self.Kind.STOCK:
            return reverse("stock:order", args=[self.number]) if self.number else reverse("stock:draft", args=[self.public_id])
        if self.number:
            return reverse("orders:order", args=[self.number])
        return reverse("orders:approval" if self.status == Status.WAITING_FOR_APPROVAL else "orders:draft", args=[self.public_id])

    @property
    def kind_word(self) -> str:
        """What the order is called before its number, and in the access log."""
        return self.Kind(self.kind).label

    @property
    def shown_status(self) -> Status:
        return Status(self.status)

    @property
    def can_be_ordered_again(self) -> bool:
        """Something of it was cancelled."""
        return self.number is not None and any(line.cancelled for line in self.lines.all())


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
