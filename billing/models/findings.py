"""What the checks found in a basis, and what somebody has decided about it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Assignment
from billing.models.bases import InvoiceBasis
from billing.models.lines import OfBasisQuerySet
from core.append_only import append_only
from core.lifecycle import Lifecycle


class Check(models.TextChoices):
    """What a line is suspected of."""

    UNKNOWN_ORDER = "UNKNOWN_ORDER", "Utan känd order"
    RENT_AFTER_STOP = "RENT_AFTER_STOP", "Hyra efter hämtorderns hyresstopp"
    RENT_NOT_HELD = "RENT_NOT_HELD", "Hyra för hjälpmedel som patienten inte har kvar"
    DOUBLE_RENT = "DOUBLE_RENT", "Dubbel hyra för en individ"
    BILLED_TWICE = "BILLED_TWICE", "Uttag ur förråd som debiteras två gånger"
    WRONG_PAYER = "WRONG_PAYER", "Kundnummer som inte stämmer med orderns betalare"


class Finding(Lifecycle):
    """A line that a check has stopped at. What is decided about it can be decided otherwise later; each decision stays in its history."""

    class Status(models.TextChoices):
        TO_CHECK = "TO_CHECK", "Att kontrollera"
        ACCEPTED = "ACCEPTED", "Godtagen"
        DISPUTED = "DISPUTED", "Bestridd"

        @property
        def tone(self) -> str:
            return {"TO_CHECK": "warning", "ACCEPTED": "success", "DISPUTED": "danger"}[self.value]

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.TO_CHECK: frozenset({Status.ACCEPTED, Status.DISPUTED}),
        Status.ACCEPTED: frozenset({Status.TO_CHECK, Status.DISPUTED}),
        Status.DISPUTED: frozenset({Status.TO_CHECK, Status.ACCEPTED}),
    }

    basis = models.ForeignKey(InvoiceBasis, models.PROTECT, related_name="findings", db_index=False)
    line = models.PositiveIntegerField("rad")
    found_by = models.CharField("kontroll", max_length=16, choices=Check)
    status = models.CharField("status", max_length=20, choices=Status, default=Status.TO_CHECK)
    customer_number = models.CharField("kundnummer", max_length=100)
    amount = models.DecimalField("radens belopp", max_digits=14, decimal_places=2)
    # Numbers of orders and lines, days: what the line is compared with. No patient, and nothing of another payer's basis.
    details: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfBasisQuerySet.as_manager()

    class Meta:
        verbose_name = "fynd"
        verbose_name_plural = "fynd"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["basis", "found_by", "line"], name="finding_once"),
            models.CheckConstraint(condition=Q(found_by__in=Check.values), name="finding_check_is_known"),
            models.CheckConstraint(condition=Q(status__in=["TO_CHECK", "ACCEPTED", "DISPUTED"]), name="finding_status_is_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["basis", "line"], name="findings_of_line")]

    def __str__(self) -> str:
        return f"{self.found_by} {self.line}"

    @property
    def shown_status(self) -> "Finding.Status":
        return self.Status(self.status)


class FindingHistory(models.Model):
    """What was decided about a finding, by whom and why. Append-only."""

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="history")
    event = models.CharField(max_length=30)
    old = models.CharField(max_length=20, blank=True)
    new = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    details: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers: ClassVar = append_only()
        indexes: ClassVar = [models.Index(fields=["finding", "-id"], name="finding_history")]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
