"""The basis of a payer's invoice for a month, as SESAM2 announces it and as it stands when it has been read."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Assignment, Job
from billing.models.grants import Scope
from core.append_only import append_only
from core.lifecycle import Lifecycle
from core.templatetags.ui import MONTHS

# Accounting is kept for seven years after the year that it belongs to (LKBR 2018:597, 3 kap.).
YEARS_KEPT = 7


def last_day_kept(period: datetime.date) -> datetime.date:
    return datetime.date(period.year + YEARS_KEPT, 12, 31)


class InvoiceBasisQuerySet(models.QuerySet["InvoiceBasis"]):
    def visible_to(self, assignment: Assignment) -> "InvoiceBasisQuerySet":
        """The payers' that the assignment may read, and those in which one of its customers is charged. Others do not exist for it."""
        from billing.models.lines import CustomerSum

        scope = Scope.of(assignment)
        if not scope.customers:
            return self.filter(payer_number__in=scope.payers)
        charged = CustomerSum.objects.filter(basis=OuterRef("pk"), customer_number__in=scope.customers)
        return self.filter(Q(payer_number__in=scope.payers) | Exists(charged))

    def shown(self) -> "InvoiceBasisQuerySet":
        """What counts: of each month and payer the version in force."""
        return self.filter(status=InvoiceBasis.Status.PUBLISHED)

    def listed(self) -> "InvoiceBasisQuerySet":
        """What stands in the list of months: all but what a later version has replaced."""
        return self.exclude(status=InvoiceBasis.Status.REPLACED)

    def due(self) -> "InvoiceBasisQuerySet":
        return self.filter(status=InvoiceBasis.Status.WAITING, next_try_at__lte=timezone.now())


class InvoiceBasis(Lifecycle):
    """One version of a payer's basis for a month. What SESAM2 announced is never changed; its lines are there when it is published, all or none."""

    class Status(models.TextChoices):
        WAITING = "WAITING", "Hämtas"
        PUBLISHED = "PUBLISHED", "Klart"
        REPLACED = "REPLACED", "Ersatt"
        PARKED = "PARKED", "Kunde inte läsas in"

        @property
        def tone(self) -> str:
            return {"WAITING": "info", "PUBLISHED": "success", "REPLACED": "neutral", "PARKED": "danger"}[self.value]

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.WAITING: frozenset({Status.PUBLISHED, Status.REPLACED, Status.PARKED}),
        Status.PARKED: frozenset({Status.WAITING}),
        Status.PUBLISHED: frozenset({Status.REPLACED}),
        Status.REPLACED: frozenset(),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    status = models.CharField("status", max_length=20, choices=Status, default=Status.WAITING)
    # What SESAM2 announced.
    basis_id = models.CharField("SESAM2:s nummer", max_length=100)
    version = models.PositiveIntegerField("version")
    period = models.DateField("månad")  # its first day
    payer_number = models.CharField("betalare, nummer", max_length=100)
    line_count = models.PositiveIntegerField("antal rader")
    total = models.DecimalField("summa", max_digits=14, decimal_places=2)
    credits = models.DecimalField("varav krediter", max_digits=14, decimal_places=2, null=True)
    corrects = models.CharField("rättar", max_length=100, blank=True)
    received_at = models.DateTimeField("aviserat", default=timezone.now)
    kept_until = models.DateField("sparas till och med")
    # How the reading goes. `failures` counts starts that did not come to an end of their own; an unanswered question is none.
    attempts = models.PositiveIntegerField("försök", default=0)
    failures = models.PositiveIntegerField("avbrutna försök", default=0)
    next_try_at = models.DateTimeField("nästa försök", default=timezone.now)
    last_error = models.CharField("senaste fel", max_length=200, blank=True)
    problems: "models.JSONField[list[dict[str, Any]]]" = models.JSONField("varför det inte kunde läsas in", default=list)
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    # When it was published.
    published_at = models.DateTimeField("publicerat", null=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by", verbose_name="ersätter")

    objects = InvoiceBasisQuerySet.as_manager()

    class Meta:
        verbose_name = "fakturaunderlag"
        verbose_name_plural = "fakturaunderlag"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=["WAITING", "PUBLISHED", "REPLACED", "PARKED"]), name="invoice_basis_status_is_known"),
            models.UniqueConstraint(fields=["basis_id", "version"], name="invoice_basis_version_once"),
            models.UniqueConstraint(fields=["payer_number", "period"], condition=Q(status="PUBLISHED"), name="one_basis_in_force_per_payer_and_month"),
            models.CheckConstraint(condition=Q(period__day=1), name="invoice_basis_is_of_a_month"),
            models.CheckConstraint(
                condition=Q(status__in=["PUBLISHED", "REPLACED"]) ^ Q(published_at__isnull=True), name="published_invoice_basis_has_its_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["payer_number", "-period", "-id"], name="invoice_bases_of_payer"),
            models.Index(fields=["next_try_at"], condition=Q(status="WAITING"), name="invoice_bases_to_fetch"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate", level=pgtrigger.Statement, when=pgtrigger.Before, operation=pgtrigger.Truncate, func="RAISE EXCEPTION 'kept table';"
            ),
            pgtrigger.ReadOnly(
                name="announced",
                fields=["basis_id", "version", "period", "payer_number", "line_count", "total", "credits", "corrects", "received_at", "kept_until"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period:%Y-%m}, betalare {self.payer_number}, version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("billing:basis", args=[self.public_id])

    @property
    def shown_status(self) -> "InvoiceBasis.Status":
        return self.Status(self.status)

    @property
    def is_readable(self) -> bool:
        return self.status in {self.Status.PUBLISHED, self.Status.REPLACED}

    @property
    def month(self) -> str:
        """Such as oktober 2026."""
        return f"{MONTHS[self.period.month - 1]} {self.period.year}"

    @property
    def last_day(self) -> datetime.date:
        return (self.period + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)


class InvoiceBasisHistory(models.Model):
    """What has happened to a basis. Append-only."""

    basis = models.ForeignKey(InvoiceBasis, models.PROTECT, related_name="history")
    event = models.CharField(max_length=30)
    old = models.CharField(max_length=20, blank=True)
    new = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    details: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers: ClassVar = append_only()
        indexes: ClassVar = [models.Index(fields=["basis", "-id"], name="invoice_basis_history")]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
