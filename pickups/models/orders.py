"""The hämtorder itself, and its items."""

import datetime
from collections.abc import Mapping
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Prefetch, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.models import Assignment
from accounts.permissions import Permission, may
from buffer.models import Store
from catalog.models import Article
from core.paging import NO_DATE
from ordering.models import AbstractDeliveryChange, AbstractHistory, DeliveredOrder, OrderQuerySet
from patients.models import Loan, Patient, follows_merge
from pickups.models.terms import LoadCarrier, Reason


class Status(models.TextChoices):
    DRAFT = "DRAFT", "Utkast"
    PLACED = "PLACED", "Skickad"
    RECEIVED = "RECEIVED", "Mottagen"
    PLANNED = "PLANNED", "Planerad"
    PICKED_UP = "PICKED_UP", "Hämtad"
    DEREGISTERED = "DEREGISTERED", "Avregistrerad"
    CANCELLED = "CANCELLED", "Makulerad"

    @property
    def tone(self) -> str:
        return _TONES[self]


_TONES = {
    Status.DRAFT: "neutral",
    Status.PLACED: "info",
    Status.RECEIVED: "info",
    Status.PLANNED: "info",
    Status.PICKED_UP: "info",
    Status.DEREGISTERED: "success",
    Status.CANCELLED: "danger",
}
OPEN = [Status.PLACED, Status.RECEIVED, Status.PLANNED, Status.PICKED_UP]
NOT_FETCHED = [Status.PLACED, Status.RECEIVED, Status.PLANNED]
# Until the pickup is planned, a person may change it and take things off it.
NOT_PLANNED = [Status.PLACED, Status.RECEIVED]


class PickupQuerySet(OrderQuerySet):
    OPEN_STATUSES = tuple(OPEN)

    def visible_to(self, assignment: Assignment) -> Self:
        """The unit's own; those of its stores to those who see its stores alone."""
        found = super().visible_to(assignment)
        return found if may(assignment, Permission.SEE_STORE) else found.filter(store=None)

    def of_aid(self, number: str) -> "PickupQuerySet":
        """Those of the aid that has, or had, this individual number.

        Looked up first, step by step: an aid has had few hämtorder, and the unit's all would be read to find them.
        """
        loans = list(Loan.objects.of_individual(number).values_list("pk", flat=True))
        items = PickupItem.objects.filter(Q(individual_number=number) | Q(loan__in=loans))
        return self.filter(pk__in=list(items.values_list("order", flat=True)))

    def late(self, today: datetime.date | None = None) -> "PickupQuerySet":
        """Open, and late by SESAM2's own word or past what the centre has promised."""
        return self.open().filter(Q(is_delayed=True) | self._overdue(today or timezone.localdate()))

    def overdue(self, today: datetime.date) -> "PickupQuerySet":
        """Not fetched, or not off the patient's list, by when the centre has promised."""
        return self.open().filter(self._overdue(today))

    @staticmethod
    def _overdue(today: datetime.date) -> Q:
        return Q(fetch_by__lt=today, status__in=NOT_FETCHED) | Q(deregister_by__lt=today)

    def planned_between(self, first: datetime.date, last: datetime.date) -> "PickupQuerySet":
        return self.filter(status=Status.PLANNED, promised_on__range=(first, last))

    def for_list(self) -> "PickupQuerySet":
        return super().for_list().select_related("store").prefetch_related(Prefetch("items", PickupItem.objects.order_by("line")))


class PickupOrder(DeliveredOrder):
    """A hämtorder, from a patient or from a buffertförråd. `status` of a sent one is derived from what SESAM2 has told (`actions.facts`).
    The delivery's address is where to fetch.

    `promised_on` is the day that SESAM2 has given for the pickup: promised, planned, and at last the day on which it was done.
    """

    # The status follows from all reports, whatever the order in which they come. A date that is set after the driver has been there
    # plans it anew; what was found though the order was cancelled has been fetched all the same.
    _UNDER_WAY = frozenset({Status.RECEIVED, Status.PLANNED, Status.PICKED_UP})
    _ENDS = frozenset({Status.DEREGISTERED, Status.CANCELLED})
    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.PLACED, Status.CANCELLED}),
        Status.PLACED: _UNDER_WAY | _ENDS,
        Status.RECEIVED: frozenset({Status.PLANNED, Status.PICKED_UP}) | _ENDS,
        Status.PLANNED: frozenset({Status.PICKED_UP}) | _ENDS,
        Status.PICKED_UP: frozenset({Status.PLANNED}) | _ENDS,
        Status.DEREGISTERED: frozenset({Status.CANCELLED}),
        Status.CANCELLED: frozenset({Status.PLANNED, Status.PICKED_UP, Status.DEREGISTERED}),
    }

    status = models.CharField("status", max_length=20, choices=Status, default=Status.DRAFT)
    # One of the two; code about patients' orders keeps its types.
    patient: "models.ForeignKey[Patient, Patient]" = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="+", verbose_name="patient")
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="pickups", verbose_name="buffertförråd")
    reason = models.CharField("orsak", max_length=16, choices=Reason, blank=True)
    # A draft's HOME may be another home than the register's, typed: a dödsbo, or where the patient has moved from.
    has_other_address = models.BooleanField("hämtas på en annan adress", default=False)
    is_cleaned = models.BooleanField("rengjort", null=True)
    has_infection_risk = models.BooleanField("smittrisk", default=False)
    infection_note = models.CharField("vad som är gjort mot smittan", max_length=500, blank=True)
    load_carrier = models.ForeignKey(LoadCarrier, models.PROTECT, null=True, related_name="+", verbose_name="lastbärare")

    # What follows (PickupTerms), as it was when the order was sent.
    fetch_by = models.DateField("hämtas senast", null=True)
    rent_ends_on = models.DateField("hyran slutar", null=True)
    deregister_by = models.DateField("borta från patientens lista senast", null=True)
    # Facts, by the sequence of the message that told them; 0: not told.
    received_sequence = models.PositiveIntegerField(default=0)
    cancelled_sequence = models.PositiveIntegerField(default=0)
    date_sequence = models.PositiveIntegerField(default=0)  # of the message that gave promised_on
    delayed_sequence = models.PositiveIntegerField(default=0)
    told_late_at = models.DateTimeField(null=True)

    objects = PickupQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = [follows_merge()]
        verbose_name = "hämtorder"
        verbose_name_plural = "hämtorder"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="pickup_status_is_known"),
            models.CheckConstraint(condition=Q(reason="") | Q(reason__in=Reason.values), name="pickup_reason_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "CANCELLED"])
                | Q(number__isnull=False, placed_at__isnull=False, customer__isnull=False, is_cleaned__isnull=False) & ~Q(reason=""),
                name="sent_pickup_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True, placed_at__isnull=True) | Q(number__isnull=False, placed_at__isnull=False),
                name="pickup_number_comes_with_sending",
            ),
            # What cannot be cleaned is not returned; what is investigated is left as it was.
            models.CheckConstraint(condition=Q(number__isnull=True) | Q(is_cleaned=True) | Q(reason="INVESTIGATION"), name="what_is_returned_is_cleaned"),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(has_infection_risk=False) | ~Q(infection_note=""), name="pickup_infection_risk_is_explained"
            ),
            models.CheckConstraint(condition=Q(patient=None) ^ Q(store=None), name="pickup_is_from_a_patient_or_a_store"),
            # What lies in a store costs no rent.
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(fetch_by__isnull=False, deregister_by__isnull=False) & (Q(store=None) ^ Q(rent_ends_on=None)),
                name="sent_pickup_tells_what_follows",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "-placed_at", "-id"], condition=Q(number__isnull=False), name="unit_pickups"),
            models.Index(
                fields=["unit", "-placed_at", "-id"], condition=Q(status__in=["PLACED", "RECEIVED", "PLANNED", "PICKED_UP"]), name="unit_open_pickups"
            ),
            models.Index(fields=["unit", "promised_on", "postal_code", "street", "id"], condition=Q(status="PLANNED"), name="unit_planned_pickups"),
            models.Index(fields=["unit", "status", "-placed_at", "-id"], condition=Q(number__isnull=False), name="unit_status_pickups"),
            # As `keyset_page` compares a date that may be unknown.
            models.Index("unit", Coalesce("promised_on", Value(NO_DATE)), "id", condition=Q(number__isnull=False), name="unit_pickups_by_day"),
            models.Index(fields=["patient", "-placed_at", "-id"], condition=Q(number__isnull=False), name="patient_pickups"),
            models.Index(fields=["store", "-placed_at", "-id"], condition=Q(number__isnull=False, store__isnull=False), name="store_pickups"),
            models.Index(fields=["unit", "-changed_at", "-id"], condition=Q(status="DRAFT"), name="unit_pickup_drafts"),
            models.Index(
                F("deregister_by").asc(),
                condition=Q(status__in=["PLACED", "RECEIVED", "PLANNED", "PICKED_UP"], told_late_at__isnull=True),
                name="pickups_to_watch",
            ),
        ]

    def get_absolute_url(self) -> str:
        of = "store_" if self.store_id else ""
        return reverse(f"pickups:{of}order", args=[self.number]) if self.number else reverse(f"pickups:{of}draft", args=[self.public_id])

    @property
    def shown_status(self) -> Status:
        return Status(self.status)

    @property
    def summary(self) -> str:
        """Rollstol, 3 Kil och mer."""
        names = [f"{item.quantity} {item.article_name}" if item.quantity > 1 else item.article_name for item in self.items.all()]
        return ", ".join(names[:2]) + (" och mer" if len(names) > 2 else "")

    @property
    def is_fetched(self) -> bool:
        return self.status in {Status.PICKED_UP, Status.DEREGISTERED}

    @property
    def is_late(self) -> bool:
        """As `PickupQuerySet.late`, of this one."""
        return self.status in OPEN and (self.is_delayed or self.is_fetched_late or self.is_deregistered_late)

    @property
    def is_fetched_late(self) -> bool:
        return self.status in NOT_FETCHED and self.fetch_by is not None and self.fetch_by < timezone.localdate()

    @property
    def is_deregistered_late(self) -> bool:
        return self.status in OPEN and self.deregister_by is not None and self.deregister_by < timezone.localdate()

    @property
    def can_be_changed(self) -> bool:
        """By a person: place and contact, until it is planned."""
        return self.status in NOT_PLANNED

    @property
    def can_be_cancelled(self) -> bool:
        return self.status in NOT_PLANNED and self.cancellation_requested_at is None

    @property
    def can_be_ordered_again(self) -> bool:
        return self.number is not None and self.status == Status.CANCELLED


class PickupItem(models.Model):
    """An aid, or so many pieces of it, that is to be fetched. What SESAM2 tells of it is a fact: `found` is what the latest message says."""

    class Outcome(models.TextChoices):
        OPEN = "OPEN", "Ska hämtas"
        RETURNED = "RETURNED", "Återlämnad"
        NOT_FOUND = "NOT_FOUND", "Hittades inte"
        CANCELLED = "CANCELLED", "Makulerad"
        NOT_TOLD = "NOT_TOLD", "Inget besked"

    order = models.ForeignKey(PickupOrder, models.PROTECT, related_name="items")
    line = models.PositiveIntegerField("rad")
    # What the patient has. None for a component that came with the aid that it sits on, and for what lies in a store.
    loan = models.ForeignKey(Loan, models.PROTECT, null=True, related_name="pickup_items", verbose_name="lån")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField("antal", default=1)
    individual_number = models.CharField("individnummer", max_length=100, blank=True)
    # A component that is fetched alone: the aid that it sits on.
    part_of_individual = models.CharField("sitter på individ", max_length=100, blank=True)
    # As they were shown when it was put there.
    article_name = models.CharField("artikelnamn", max_length=255)
    article_number = models.CharField("artikelnummer", max_length=100)

    # The centre means to fetch fewer than was ordered.
    confirmed_quantity = models.PositiveIntegerField("bekräftat antal", null=True)
    response_sequence = models.PositiveIntegerField(default=0)
    cancelled_sequence = models.PositiveIntegerField("makulerad av meddelande", null=True)
    cancelled_reason = models.CharField(max_length=500, blank=True)
    is_cancellation_requested = models.BooleanField("makulering begärd", default=False)
    found = models.BooleanField("hittad", null=True)
    found_sequence = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "hjälpmedel att hämta"
        verbose_name_plural = "hjälpmedel att hämta"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "line"], name="pickup_line_once_per_order"),
            models.UniqueConstraint(fields=["order", "loan"], condition=Q(loan__isnull=False), name="loan_once_per_pickup"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="pickup_quantity_is_positive"),
            models.CheckConstraint(condition=Q(individual_number="") | Q(quantity=1), name="fetched_individual_is_one"),
            models.CheckConstraint(
                condition=Q(individual_number="") | Q(part_of_individual="") | ~Q(individual_number=F("part_of_individual")), name="item_is_no_part_of_itself"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["individual_number"], condition=~Q(individual_number=""), name="pickups_of_aid")]

    def __str__(self) -> str:
        return f"{self.order_id}:{self.line}"

    @property
    def outcome(self) -> "PickupItem.Outcome":
        """What was found has been fetched, also when it was cancelled."""
        if self.found:
            return self.Outcome.RETURNED
        if self.found is False:
            return self.Outcome.NOT_FOUND
        if self.cancelled_sequence is not None or self.order.cancelled_sequence:
            return self.Outcome.CANCELLED
        return self.Outcome.NOT_TOLD if self.order.status == Status.DEREGISTERED else self.Outcome.OPEN

    @property
    def is_open(self) -> bool:
        return self.outcome == self.Outcome.OPEN

    @property
    def tone(self) -> str:
        return {"OPEN": "info", "RETURNED": "success", "CANCELLED": "neutral"}.get(self.outcome, "warning")

    @property
    def full_name(self) -> str:
        """Rollator, individ 40-1; 3 Kil."""
        count = f"{self.quantity} " if self.quantity > 1 else ""
        return f"{count}{self.article_name}" + (f", individ {self.individual_number}" if self.individual_number else "")

    @property
    def expected(self) -> int:
        """How many the centre means to fetch: what was ordered, unless it has confirmed fewer."""
        return self.quantity if self.confirmed_quantity is None else min(self.quantity, self.confirmed_quantity)


class StatusReport(models.Model):
    """PickupStatus: how far the pickup has come. A fact: kept once, by its sequence; what follows is computed from all of them."""

    class State(models.TextChoices):
        PLANNED = "PLANNED", "Planerad"
        PICKED_UP = "PICKED_UP", "Hämtad"
        DEREGISTERED = "DEREGISTERED", "Avregistrerad"

    order = models.ForeignKey(PickupOrder, models.PROTECT, related_name="reports")
    sequence = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State)
    pickup_on = models.DateField(null=True)
    is_itemised = models.BooleanField()  # False: it names no items
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "sequence"], name="pickup_report_once_per_message"),
            models.CheckConstraint(condition=Q(state__in=["PLANNED", "PICKED_UP", "DEREGISTERED"]), name="pickup_report_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.sequence}"


class PickupHistory(AbstractHistory):
    order = models.ForeignKey(PickupOrder, models.PROTECT, related_name="history")

    class Meta(AbstractHistory.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["order", "id"], name="pickup_history")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.event}"


class PlaceChange(AbstractDeliveryChange):
    """Another place, or another contact, after the order was sent. `before` and `after` hold `ADDRESS_FIELDS`."""

    order = models.ForeignKey(PickupOrder, models.PROTECT, related_name="delivery_changes")

    class Meta(AbstractDeliveryChange.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["order", "-id"], name="pickup_place_changes")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.at:%Y-%m-%d}"
