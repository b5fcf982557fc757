"""Files that are made of a basis, and kept in the database in parts (decision 0046)."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Assignment, Job
from billing.models.bases import InvoiceBasis
from billing.models.grants import Scope
from core import excel


class InvoiceFileQuerySet(models.QuerySet["InvoiceFile"]):
    def visible_to(self, assignment: Assignment, basis: InvoiceBasis) -> "InvoiceFileQuerySet":
        """Those of the basis that the assignment has asked for, and, to a reader of the payer, the one that the portal made by itself."""
        of_basis = self.filter(basis=basis)
        if Scope.of(assignment).reads_all(basis.payer_number):
            return of_basis.filter(Q(by=assignment.pk) | Q(by__isnull=True))
        return of_basis.filter(by=assignment.pk)

    def due(self) -> "InvoiceFileQuerySet":
        return self.filter(state=InvoiceFile.State.WAITING, next_try_at__lte=timezone.now())


class InvoiceFile(models.Model):
    """An Excel workbook or a CSV of a basis, or of some of its lines. Can be made anew at any time, so it is kept for a while alone.

    `customer_numbers` are those whose lines it holds (empty: all of the payer's), and `shows_patients` whether the patients' numbers stand in it:
    both as its reader's right was when it was asked for. `billing.access` looks again when it is fetched.
    """

    class Format(models.TextChoices):
        XLSX = "XLSX", "Excel"
        CSV = "CSV", "CSV"

    class State(models.TextChoices):
        WAITING = "WAITING", "Görs"
        READY = "READY", "Klar"
        FAILED = "FAILED", "Gick inte"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    basis = models.ForeignKey(InvoiceBasis, models.PROTECT, related_name="files")
    by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    format = models.CharField(max_length=4, choices=Format)
    filters: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    customer_numbers: "ArrayField[list[str], list[str]]" = ArrayField(models.CharField(max_length=100), default=list)
    shows_patients = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    lines = models.PositiveIntegerField("rader", default=0)
    total = models.DecimalField("summa", max_digits=16, decimal_places=2, default=0)
    size = models.PositiveBigIntegerField("storlek, byte", default=0)
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = InvoiceFileQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=["WAITING", "READY", "FAILED"]), name="invoice_file_state_is_known"),
            models.CheckConstraint(condition=Q(state="READY") ^ Q(ready_at__isnull=True), name="ready_invoice_file_has_its_time"),
            # What names patients is nobody's but the one's who asked for it.
            models.CheckConstraint(condition=Q(shows_patients=False) | Q(by__isnull=False), name="file_with_patients_has_a_reader"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=Q(state="WAITING"), name="invoice_files_to_make"),
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="invoice_files_to_forget"),
        ]

    def __str__(self) -> str:
        return f"fil {self.pk}"

    @property
    def name(self) -> str:
        """Month and payer, nothing of a person."""
        payer = "".join(character if character.isascii() and character.isalnum() else "-" for character in self.basis.payer_number)
        part = "-urval" if self.filters or self.customer_numbers else ""
        return f"fakturaunderlag-{self.basis.period:%Y-%m}-{payer}-v{self.basis.version}{part}.{self.format.lower()}"

    @property
    def content_type(self) -> str:
        return excel.CONTENT_TYPE if self.format == self.Format.XLSX else excel.CSV_CONTENT_TYPE


class InvoiceFilePart(models.Model):
    """A piece of a file, so that it is written and read without ever being in memory."""

    file = models.ForeignKey(InvoiceFile, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["file", "number"], name="invoice_file_part_once")]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.number}"
