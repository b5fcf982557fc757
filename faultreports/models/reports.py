"""The felrapport itself."""

import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Assignment, CareUnit, Customer
from accounts.permissions import Permission, may
from catalog.models import Article, Individual
from core.lifecycle import Lifecycle
from integration.models import Attachment
from ordering.models import AbstractHistory
from patients.models import Loan, Patient, follows_merge

LONGEST_DESCRIPTION = 4000


class Kind(models.TextChoices):
    NEGATIVE_EVENT = "NEGATIVE_EVENT", "Negativ händelse"
    NEAR_MISS = "NEAR_MISS", "Tillbud"
    COMPLAINT = "COMPLAINT", "Reklamation av hjälpmedel"
    DELIVERY = "DELIVERY", "Fel eller sen leverans"
    SERVICE = "SERVICE", "Utförd tjänst"
    NOT_DEREGISTERED = "NOT_DEREGISTERED", "Återlämnat men ej avregistrerat"
    LOST = "LOST", "Förkommet hjälpmedel"


# Somebody was harmed, or could have been: the care giver reports it to the manufacturer and to Läkemedelsverket too (HSLF-FS 2021:52).
HARMFUL = [Kind.NEGATIVE_EVENT, Kind.NEAR_MISS]


class Status(models.TextChoices):
    DRAFT = "DRAFT", "Utkast"
    DISCARDED = "DISCARDED", "Kastad"
    REGISTERED = "REGISTERED", "Registrerad"
    RECEIVED = "RECEIVED", "Mottagen"
    INVESTIGATING = "INVESTIGATING", "Utreds"
    ANSWERED = "ANSWERED", "Besvarad"
    CLOSED = "CLOSED", "Avslutad"

    @property
    def tone(self) -> str:
        return _TONES[self]


_TONES = {
    Status.DRAFT: "neutral",
    Status.DISCARDED: "neutral",
    Status.REGISTERED: "info",
    Status.RECEIVED: "info",
    Status.INVESTIGATING: "warning",
    Status.ANSWERED: "success",
    Status.CLOSED: "neutral",
}
# The way of a sent report, always forwards.
WAY = [Status.REGISTERED, Status.RECEIVED, Status.INVESTIGATING, Status.ANSWERED, Status.CLOSED]
OPEN = WAY[:-1]


class AidPlan(models.TextChoices):
    """What is done with the aid in the meantime."""

    KEPT = "KEPT", "Sparas här, orört"
    SENT_IN = "SENT_IN", "Skickas in till centralen"
    ON_SITE = "ON_SITE", "Repareras på plats"


class DeliveryFault(models.TextChoices):
    WRONG = "WRONG", "Fel vara har kommit"
    QUANTITY = "QUANTITY", "Fel antal, eller något fattas"
    DAMAGED = "DAMAGED", "Varan var skadad när den kom"
    LATE = "LATE", "Leveransen är sen eller har inte kommit"


class FaultReportQuerySet(models.QuerySet["FaultReport"]):
    def visible_to(self, assignment: Assignment) -> "FaultReportQuerySet":
        """One's own, and for those who follow up the unit's all; a draft is its writer's alone. What is lost, whoever may say that it is found sees.

        About a patient: only to those who may open patients.
        """
        shown = Q(reporter__in=Assignment.objects.filter(user=assignment.user_id, unit=assignment.unit_id))
        if may(assignment, Permission.SEE_FAULT_REPORTS):
            shown |= Q(number__isnull=False)
        elif may(assignment, Permission.REPORT_LOST):
            shown |= Q(number__isnull=False, kind=Kind.LOST)
        found = self.filter(shown, unit=assignment.unit_id)
        return found if may(assignment, Permission.OPEN_PATIENT) else found.filter(patient__isnull=True)

    def without_protected(self, assignment: Assignment) -> "FaultReportQuerySet":
        """What lists and counts show: reports about a protected person do not exist for those who may not open the person."""
        if may(assignment, Permission.SEE_PROTECTED):
            return self
        # Excluded, not filtered by NONE: many reports are about no patient.
        return self.exclude(patient__protection__in=[Patient.Protection.MARKED, Patient.Protection.REGISTRATION])

    def listed_to(self, assignment: Assignment) -> "FaultReportQuerySet":
        return self.visible_to(assignment).without_protected(assignment)

    def drafts(self) -> "FaultReportQuerySet":
        return self.filter(status=Status.DRAFT)

    def sent(self) -> "FaultReportQuerySet":
        """Those with a number. `sent_at` is `reported_at`, which such a report always has, so that paging need not think of NULL."""
        return self.filter(number__isnull=False).annotate(sent_at=F("reported_at"))

    def open(self) -> "FaultReportQuerySet":
        return self.filter(status__in=OPEN)

    def holding(self) -> "FaultReportQuerySet":
        """Those that keep an aid under investigation."""
        return self._of_known_aids().open().filter(kind=Kind.NEGATIVE_EVENT, released_at__isnull=True)

    def missing(self) -> "FaultReportQuerySet":
        """Those that say that an aid is lost, and nobody has found it."""
        return self._of_known_aids().filter(number__isnull=False, kind=Kind.LOST, found_at__isnull=True)

    def _of_known_aids(self) -> "FaultReportQuerySet":
        """Not of those that are only described: their number may be anybody's."""
        return self.filter(Q(loan__isnull=False) | Q(individual__isnull=False))

    def for_list(self) -> "FaultReportQuerySet":
        """With all that a row of a list shows, in a constant number of queries."""
        return self.select_related("patient", "reporter__user", "unit", "article__supplier", "article__local").prefetch_related("patient__identities")


class FaultReport(Lifecycle):
    """A felrapport. `status` of a sent one is derived from what SESAM2 has told (`actions.facts`); it has a number from the moment it is sent."""

    # Each status may be the first that is told of; none is ever stepped back from.
    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.REGISTERED, Status.DISCARDED}),
        Status.DISCARDED: frozenset(),
        **{status: frozenset(WAY[WAY.index(status) + 1 :]) for status in WAY},
    }

    status = models.CharField("status", max_length=20, choices=Status, default=Status.DRAFT)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("nummer", max_length=17, unique=True, null=True)  # noqa: DJ001 - null until it is sent; "" could not be unique
    kind = models.CharField("slag", max_length=20, choices=Kind)
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="+", verbose_name="vårdenhet")
    reporter = models.ForeignKey(Assignment, models.PROTECT, related_name="+", verbose_name="anmälare")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+", verbose_name="kund")
    created_at = models.DateTimeField("skapad", default=timezone.now)
    changed_at = models.DateTimeField("ändrad", default=timezone.now)
    reported_at = models.DateTimeField("skickad", null=True)
    # Counts up with each change of what is filled in, so that nobody saves over, or sends, what they have not seen.
    version = models.PositiveIntegerField("version", default=1)
    case_number = models.CharField("ärendenummer i SESAM2", max_length=100, blank=True)

    # What it is about, as far as it is known: an aid that a patient has, one in a store, or one that is only described; an order; a delivery.
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="+", verbose_name="patient")
    loan = models.ForeignKey(Loan, models.PROTECT, null=True, related_name="+", verbose_name="utlånat hjälpmedel")
    individual = models.ForeignKey(Individual, models.PROTECT, null=True, related_name="+", verbose_name="hjälpmedel i förråd")
    article = models.ForeignKey(Article, models.PROTECT, null=True, related_name="+", verbose_name="artikel")
    individual_number = models.CharField("individnummer", max_length=100, blank=True)
    article_number = models.CharField("artikelnummer", max_length=100, blank=True)
    aid_name = models.CharField("hjälpmedel", max_length=255, blank=True)
    store_number = models.CharField("förråd", max_length=35, blank=True)
    order_number = models.CharField("ordernummer", max_length=17, blank=True)
    order_line = models.PositiveIntegerField("orderrad", null=True)
    despatch_number = models.CharField("följesedel", max_length=100, blank=True)
    basis_number = models.CharField("fakturaunderlag", max_length=100, blank=True)
    basis_line = models.PositiveIntegerField("rad i fakturaunderlaget", null=True)
    # Which of these the report began with. They are shown, and never asked for or written over.
    given = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    # What has happened. Which of these a kind asks for stands in `rules`.
    happened_on = models.DateField("när det hände", null=True)
    place = models.CharField("var det hände", max_length=500, blank=True)
    present = models.CharField("vilka som var där", max_length=500, blank=True)
    description = models.TextField("beskrivning", max_length=LONGEST_DESCRIPTION, blank=True)
    measures = models.TextField("vad som gjordes", max_length=2000, blank=True)
    delivery_fault = models.CharField("vad som är fel med leveransen", max_length=8, choices=DeliveryFault, blank=True)
    aid_plan = models.CharField("vad som görs med hjälpmedlet", max_length=8, choices=AidPlan, blank=True)
    wants_replacement = models.BooleanField("ersättning önskas", null=True)
    is_reported_to_authority = models.BooleanField("anmält till Läkemedelsverket", null=True)
    wants_answer = models.BooleanField("svar önskas", default=True)
    is_second = models.BooleanField("skickad fast en annan om samma hjälpmedel kom samma dag", default=False)

    # What SESAM2 has told: the highest place in `WAY`, and the case by the sequence of the message that told it.
    told = models.PositiveSmallIntegerField(default=0)
    case_sequence = models.PositiveIntegerField(default=0)
    # The unit's own doings: the aid is free again, found again, reported to the authority.
    released_at = models.DateTimeField("utredningen hävd", null=True)
    released_by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    found_on = models.DateField("återfunnet", null=True)
    found_at = models.DateTimeField(null=True)
    found_by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    found_note = models.CharField("var det fanns", max_length=500, blank=True)
    reminded_at = models.DateTimeField(null=True)

    objects = FaultReportQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = [follows_merge()]
        verbose_name = "felrapport"
        verbose_name_plural = "felrapporter"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="fault_report_status_is_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="fault_report_kind_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "DISCARDED"], number__isnull=True, reported_at__isnull=True)
                | ~Q(status__in=["DRAFT", "DISCARDED"]) & Q(number__isnull=False, reported_at__isnull=False, customer__isnull=False),
                name="fault_report_number_comes_with_sending",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(happened_on__isnull=False) & ~Q(description=""), name="sent_fault_report_says_what_and_when"
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True)
                | ~Q(kind__in=["NEGATIVE_EVENT", "NEAR_MISS"])
                | Q(is_reported_to_authority__isnull=False) & ~Q(present="") & ~Q(measures="") & ~Q(aid_plan="") & ~Q(aid_name=""),
                name="harmful_event_is_told_in_full",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True)
                | ~Q(kind="DELIVERY")
                | Q(delivery_fault="LATE") & ~Q(order_number="")
                | ~Q(delivery_fault__in=["", "LATE"]) & ~Q(despatch_number=""),
                name="faulty_delivery_names_what_came",
            ),
            models.CheckConstraint(condition=Q(number__isnull=True) | ~Q(kind="LOST") | ~Q(measures="") & ~Q(aid_name=""), name="lost_aid_has_been_looked_for"),
            models.CheckConstraint(
                condition=Q(found_at__isnull=True, found_on__isnull=True, found_by__isnull=True)
                | Q(kind="LOST", number__isnull=False, found_at__isnull=False, found_on__isnull=False, found_by__isnull=False),
                name="what_is_found_was_lost",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(kind="NEGATIVE_EVENT", number__isnull=False, released_at__isnull=False, released_by__isnull=False),
                name="what_is_released_was_held",
            ),
            models.CheckConstraint(
                condition=Q(loan__isnull=True) | Q(individual__isnull=True, patient__isnull=False), name="aid_is_with_a_patient_or_in_a_store"
            ),
            models.CheckConstraint(condition=Q(told__range=(0, 4)), name="fault_report_is_told_a_place_on_the_way"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["unit", "-reported_at", "-id"], condition=Q(number__isnull=False), name="unit_fault_reports"),
            models.Index(
                fields=["unit", "-reported_at", "-id"],
                condition=Q(status__in=["REGISTERED", "RECEIVED", "INVESTIGATING", "ANSWERED"]),
                name="unit_open_fault_reports",
            ),
            models.Index(fields=["reporter", "-reported_at", "-id"], condition=Q(number__isnull=False), name="persons_fault_reports"),
            models.Index(fields=["reporter", "-changed_at", "-id"], condition=Q(status="DRAFT"), name="persons_fault_drafts"),
            models.Index(fields=["patient", "-reported_at", "-id"], condition=Q(number__isnull=False), name="patient_fault_reports"),
            models.Index(fields=["individual_number", "-reported_at"], condition=~Q(individual_number=""), name="fault_reports_of_aid"),
            models.Index(
                fields=["reported_at"],
                condition=Q(number__isnull=False, is_reported_to_authority=False, reminded_at__isnull=True),
                name="fault_reports_to_remind_of",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"utkast {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("faultreports:report", args=[self.number]) if self.number else reverse("faultreports:draft", args=[self.public_id])

    @property
    def shown_status(self) -> Status:
        return Status(self.status)

    @property
    def is_harmful(self) -> bool:
        return self.kind in HARMFUL

    @property
    def is_holding(self) -> bool:
        """As `FaultReportQuerySet.holding`, of this one, about an aid that the portal knows."""
        has_aid = self.loan_id is not None or self.individual_id is not None
        return has_aid and self.kind == Kind.NEGATIVE_EVENT and self.status in OPEN and self.released_at is None

    @property
    def can_be_found(self) -> bool:
        return self.kind == Kind.LOST and self.number is not None and self.found_at is None


class FaultReportAttachment(models.Model):
    """A photo or a document that goes with the report."""

    report = models.ForeignKey(FaultReport, models.PROTECT, related_name="attachments")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["report", "attachment"], name="attachment_once_per_fault_report")]

    def __str__(self) -> str:
        return f"bilaga {self.attachment_id}"


class FaultReportHistoryQuerySet(models.QuerySet["FaultReportHistory"]):
    def told_to(self, assignment: Assignment) -> "FaultReportHistoryQuerySet":
        """That an answer exists which is not given out, only those who handle deviations see."""
        return self if may(assignment, Permission.HANDLE_DEVIATIONS) else self.exclude(event=FaultReportHistory.WITHHELD)


class FaultReportHistory(AbstractHistory):
    """What has happened to a report. Never holds the text of an answer."""

    WITHHELD = "ANSWER_WITHHELD"

    report = models.ForeignKey(FaultReport, models.PROTECT, related_name="history")

    objects = FaultReportHistoryQuerySet.as_manager()

    class Meta(AbstractHistory.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["report", "id"], name="fault_report_history")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.event}"
