"""The arbetsorder itself."""

import datetime
from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from integration.models import Attachment
from ordering.models import AbstractHistory, DeliveredOrder, OrderQuerySet
from patients.models import Loan, follows_merge
from workorders.models.terms import ConsultationPurpose, Kind, Priority

LONGEST_DESCRIPTION = 4000


class Status(models.TextChoices):
    DRAFT = "DRAFT", "Utkast"
    PLACED = "PLACED", "Skickad"
    RECEIVED = "RECEIVED", "Mottagen"
    PLANNED = "PLANNED", "Planerad"
    STARTED = "STARTED", "Påbörjad"
    WAITING = "WAITING", "Väntar"
    NEEDS_COMPLETION = "NEEDS_COMPLETION", "Väntar på komplettering"
    COMPLETED = "COMPLETED", "Klar"
    CANCELLED = "CANCELLED", "Makulerad"

    @property
    def tone(self) -> str:
        return _TONES[self]


_TONES = {
    Status.DRAFT: "neutral",
    Status.PLACED: "info",
    Status.RECEIVED: "info",
    Status.PLANNED: "info",
    Status.STARTED: "info",
    Status.WAITING: "warning",
    Status.NEEDS_COMPLETION: "warning",
    Status.COMPLETED: "success",
    Status.CANCELLED: "danger",
}
OPEN = [Status.PLACED, Status.RECEIVED, Status.PLANNED, Status.STARTED, Status.WAITING, Status.NEEDS_COMPLETION]
NOT_STARTED = [Status.PLACED, Status.RECEIVED, Status.PLANNED]
MAINTENANCE = [Kind.REPAIR, Kind.ADAPTATION, Kind.SPECIAL_ADAPTATION]


class Place(models.TextChoices):
    CENTRE = "CENTRE", "På centralen"
    ON_SITE = "ON_SITE", "På plats"
    REMOTE = "REMOTE", "På distans"


class Side(models.TextChoices):
    LEFT = "LEFT", "Vänster"
    RIGHT = "RIGHT", "Höger"
    BOTH = "BOTH", "Båda"


class WorkOrderQuerySet(OrderQuerySet):
    OPEN_STATUSES = tuple(OPEN)

    def of_aid(self, number: str) -> "WorkOrderQuerySet":
        return self.filter(individual_number=number)

    def coming(self, today: datetime.date) -> "WorkOrderQuerySet":
        """Those with a day from today on. `visit_on` is `planned_on`, which such an order always has, so that paging need not think of NULL."""
        return self.sent().filter(planned_on__isnull=False, planned_on__gte=today).annotate(visit_on=F("planned_on"))

    def late(self, today: datetime.date | None = None) -> "WorkOrderQuerySet":
        """Open, and overdue or late by SESAM2's own word."""
        return self.open().filter(Q(is_delayed=True) | self._overdue(timezone.now()))

    def overdue(self, now: datetime.datetime) -> "WorkOrderQuerySet":
        """Not begun, or not done, by when the centre has promised. One that waits for the sender is not: its time begins anew."""
        return self.open().filter(self._overdue(now))

    @staticmethod
    def _overdue(now: datetime.datetime) -> Q:
        return (Q(done_by__lt=now) & ~Q(status=Status.NEEDS_COMPLETION)) | Q(start_by__lt=now, status__in=NOT_STARTED)


class WorkOrder(DeliveredOrder):
    """An arbetsorder. `status` of a sent one is derived from what SESAM2 has told (`actions.facts`)."""

    class Haste(models.TextChoices):
        NORMAL = "NORMAL", "Vanlig tid"
        URGENT = "URGENT", "Akut"
        ON_CALL = "ON_CALL", "Jour"

    # The status follows from all reports, whatever the order in which they come, hence the jumps between those that SESAM2 may
    # report again. A person moves out of DRAFT, and from NEEDS_COMPLETION to PLACED. Work that was done though cancelled is done.
    _UNDER_WAY = frozenset({Status.RECEIVED, Status.PLANNED, Status.STARTED, Status.WAITING, Status.NEEDS_COMPLETION})
    _ENDS = frozenset({Status.COMPLETED, Status.CANCELLED})
    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.PLACED, Status.CANCELLED}),
        Status.PLACED: _UNDER_WAY | _ENDS,
        Status.RECEIVED: _UNDER_WAY - {Status.RECEIVED} | _ENDS,
        Status.PLANNED: _UNDER_WAY - {Status.PLANNED, Status.RECEIVED} | _ENDS,
        Status.STARTED: _UNDER_WAY - {Status.STARTED, Status.RECEIVED} | _ENDS,
        Status.WAITING: _UNDER_WAY - {Status.WAITING, Status.RECEIVED} | _ENDS,
        Status.NEEDS_COMPLETION: _UNDER_WAY - {Status.NEEDS_COMPLETION, Status.RECEIVED} | _ENDS | {Status.PLACED},
        Status.COMPLETED: frozenset({Status.CANCELLED}),
        Status.CANCELLED: frozenset({Status.COMPLETED}),
    }

    status = models.CharField("status", max_length=20, choices=Status, default=Status.DRAFT)
    kind = models.CharField("slag", max_length=20, choices=Kind)
    # The aid: one that the patient has, or one that is only described, or none.
    loan = models.ForeignKey(Loan, models.PROTECT, null=True, related_name="+", verbose_name="hjälpmedel")
    individual_number = models.CharField("individnummer", max_length=100, blank=True)
    article_number = models.CharField("artikelnummer", max_length=100, blank=True)
    aid_name = models.CharField("hjälpmedel", max_length=255, blank=True)
    aid_location = models.CharField("var hjälpmedlet är nu", max_length=500, blank=True)
    side = models.CharField("sida", max_length=8, choices=Side, blank=True)
    description = models.TextField("beskrivning", max_length=LONGEST_DESCRIPTION, blank=True)
    # Specialanpassning cannot be sent without these two.
    instruction = models.TextField("anvisning", max_length=2000, blank=True)
    risk_analysis = models.TextField("funktionell riskanalys", max_length=1500, blank=True)
    wants_cost_proposal = models.BooleanField("kostnadsförslag önskas", default=False)
    # Konsultation.
    purpose = models.ForeignKey(ConsultationPurpose, models.PROTECT, null=True, related_name="+", verbose_name="syfte")
    need = models.TextField("behov", max_length=2000, blank=True)
    priority = models.PositiveSmallIntegerField("prioritet", choices=Priority, null=True)

    place = models.CharField("var arbetet görs", max_length=8, choices=Place, blank=True)
    patient_can_come = models.BooleanField("patienten kan komma till centralen", null=True)
    needs_loaner = models.BooleanField("låneexemplar behövs under tiden", default=False)
    has_infection_risk = models.BooleanField("smittrisk", default=False)
    infection_note = models.CharField("vad som är gjort mot smittan", max_length=500, blank=True)
    haste = models.CharField("brådska", max_length=8, choices=Haste, default=Haste.NORMAL)
    requested_on = models.DateField("önskad dag", null=True)
    is_second = models.BooleanField("beställd fast en annan är öppen på samma hjälpmedel", default=False)

    # What the centre has promised (ServiceLevel) as it was when the order was sent.
    start_by = models.DateTimeField("påbörjad senast", null=True)
    done_by = models.DateTimeField("klar senast", null=True)
    # Facts, by the sequence of the message that told them; 0: not told.
    received_sequence = models.PositiveIntegerField(default=0)
    cancelled_sequence = models.PositiveIntegerField(default=0)
    promised_sequence = models.PositiveIntegerField(default=0)
    # What had been told when the completed order was sent again: it is answered by what comes after.
    sent_again_after = models.PositiveIntegerField(default=0)
    planned_on = models.DateField("planerad dag", null=True)
    told_late_at = models.DateTimeField(null=True)

    objects = WorkOrderQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = [follows_merge()]
        verbose_name = "arbetsorder"
        verbose_name_plural = "arbetsorder"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="work_order_status_is_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="work_order_kind_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "CANCELLED"]) | Q(number__isnull=False, placed_at__isnull=False, customer__isnull=False) & ~Q(place=""),
                name="sent_work_order_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True, placed_at__isnull=True) | Q(number__isnull=False, placed_at__isnull=False),
                name="work_order_number_comes_with_sending",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | ~Q(kind="SPECIAL_ADAPTATION") | ~Q(instruction="") & ~Q(risk_analysis=""),
                name="special_adaptation_has_instruction_and_risk_analysis",
            ),
            models.CheckConstraint(condition=Q(priority=None) | Q(priority__range=(1, 3)), name="work_order_priority_is_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "-placed_at", "-id"], condition=Q(number__isnull=False), name="unit_work_orders"),
            models.Index(
                fields=["unit", "-placed_at", "-id"],
                condition=Q(status__in=["PLACED", "RECEIVED", "PLANNED", "STARTED", "WAITING", "NEEDS_COMPLETION"]),
                name="unit_open_work_orders",
            ),
            models.Index(fields=["unit", "status", "-placed_at", "-id"], condition=Q(number__isnull=False), name="unit_status_work_orders"),
            models.Index(fields=["unit", "planned_on", "id"], condition=Q(number__isnull=False, planned_on__isnull=False), name="unit_work_by_day"),
            models.Index(fields=["patient", "-placed_at", "-id"], condition=Q(number__isnull=False), name="patient_work_orders"),
            models.Index(fields=["individual_number", "-placed_at"], condition=~Q(individual_number=""), name="work_orders_of_aid"),
            models.Index(fields=["unit", "-changed_at", "-id"], condition=Q(status="DRAFT"), name="unit_work_drafts"),
            models.Index(
                F("done_by").asc(),
                condition=Q(status__in=["PLACED", "RECEIVED", "PLANNED", "STARTED", "WAITING", "NEEDS_COMPLETION"], told_late_at__isnull=True),
                name="work_orders_to_watch",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("workorders:order", args=[self.number]) if self.number else reverse("workorders:draft", args=[self.public_id])

    @property
    def shown_status(self) -> Status:
        return Status(self.status)

    @property
    def is_late(self) -> bool:
        """As `WorkOrderQuerySet.late`, of this one."""
        now = timezone.now()
        if self.status not in OPEN:
            return False
        is_overdue = self.done_by is not None and self.done_by < now and self.status != Status.NEEDS_COMPLETION
        return self.is_delayed or is_overdue or (self.status in NOT_STARTED and self.start_by is not None and self.start_by < now)

    @property
    def can_be_ordered_again(self) -> bool:
        return self.number is not None and self.status == Status.CANCELLED


class WorkOrderAttachment(models.Model):
    """A photo, drawing, anvisning or underlag that goes with the order."""

    class Content(models.TextChoices):
        PHOTO = "PHOTO", "Foto"
        INSTRUCTION = "INSTRUCTION", "Anvisning"
        DOCUMENT = "DOCUMENT", "Underlag"

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="attachments")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")
    content = models.CharField("vad det är", max_length=12, choices=Content)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "attachment"], name="attachment_once_per_work_order")]

    def __str__(self) -> str:
        return f"bilaga {self.attachment_id}"


class WorkOrderHistory(AbstractHistory):
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="history")

    class Meta(AbstractHistory.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["order", "id"], name="work_order_history")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.event}"
