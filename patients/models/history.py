"""What has happened to a patient's record: numbers, payers, merges. Functional, shown; who has looked is in the access log."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Assignment, CareProvider
from core.append_only import append_only
from patients.models.people import Patient


class PatientHistoryQuerySet(models.QuerySet["PatientHistory"]):
    def visible_to(self, assignment: Assignment) -> "PatientHistoryQuerySet":
        """What concerns all care providers, and what concerns one's own."""
        return self.filter(Q(provider__isnull=True) | Q(provider=assignment.unit.provider_id))

    def about(self, patient: Patient) -> "PatientHistoryQuerySet":
        """Of the person: also what happened to records that were merged into this one."""
        return self.filter(Q(patient=patient) | Q(patient__merged_into=patient))


class PatientHistory(models.Model):
    """One change. Append-only; taking one back is a row of its own, `undoes`, of which there can be one."""

    class Event(models.TextChoices):
        IDENTITY_CHANGED = "IDENTITY_CHANGED", "Nytt nummer"
        LMA_PROLONGED = "LMA_PROLONGED", "Nytt datum för LMA-kortet"
        MERGED = "MERGED", "Sammanslagen"
        UNDONE = "UNDONE", "Ångrad"
        PAYER_CHANGED = "PAYER_CHANGED", "Ny betalare"
        INDIVIDUAL_CHANGED = "INDIVIDUAL_CHANGED", "Byte av individnummer"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="history")
    # The record that was merged into `patient`.
    other = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="+")
    # Whose business it is; None: every care provider's.
    provider = models.ForeignKey(CareProvider, models.PROTECT, null=True, related_name="+")
    event = models.CharField(max_length=20, choices=Event)
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    # The change's own number, under which SESAM2 has been told of it.
    number = models.CharField(max_length=17, blank=True)
    by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    reason = models.CharField("orsak", max_length=500, blank=True)
    # Ids of our own rows, never numbers of persons.
    details: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    objects = PatientHistoryQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = append_only()
        indexes: ClassVar = [models.Index(fields=["patient", "-id"], name="patient_history")]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
