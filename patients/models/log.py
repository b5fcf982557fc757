"""Who has looked at, or changed, what of whom."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.append_only import append_only
from patients.models.people import Patient

# The one resource that may be read without any patient being shown.
WITHOUT_PATIENTS = "Fakturaunderlag"


class AccessLogEntry(models.Model):
    """One look at, or one change of, one patient's data (PDL 4:3, HSLF-FS 2016:40 4 kap. 9 §).

    Names and titles are copied, since they must stand as they were. Append-only; `access.py` alone writes.
    """

    class Action(models.TextChoices):
        READ = "READ", "Läsa"
        WRITE = "WRITE", "Skriva"
        SIGN = "SIGN", "Signera"
        CANCEL = "CANCEL", "Makulera"
        SEARCH_HIT = "SEARCH_HIT", "Sökträff"
        PRINT = "PRINT", "Utskrift"
        EXPORT = "EXPORT", "Export"
        DISCLOSE = "DISCLOSE", "Utlämnande"
        CONFIRM = "CONFIRM", "Bekräfta vårdrelation"

    class Outcome(models.TextChoices):
        ALLOWED = "ALLOWED", "tillåten"
        DENIED = "DENIED", "nekad"
        DENIED_PROTECTED = "DENIED_PROTECTED", "nekad, skyddade uppgifter"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    at = models.DateTimeField("tid", default=timezone.now)
    system_id = models.CharField(max_length=31)
    system_name = models.CharField(max_length=40)
    action = models.CharField("åtgärd", max_length=10, choices=Action)
    activity = models.CharField("aktivitet", max_length=100)
    purpose = models.CharField("syfte", max_length=40, default="Vård och behandling")
    user_hsa_id = models.CharField(max_length=31)
    user_name = models.CharField(max_length=200)
    user_title = models.CharField(max_length=100)
    assignment_id_text = models.CharField("uppdragets id", max_length=40)
    assignment_name = models.CharField("uppdrag", max_length=300)
    unit_hsa_id = models.CharField(max_length=31)
    unit_name = models.CharField(max_length=200)
    provider_hsa_id = models.CharField(max_length=31)
    provider_name = models.CharField(max_length=200)
    # None: what was read tells of patients without naming any (decision 0045).
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="+")
    identity_type = models.CharField(max_length=20, blank=True)
    identity_value = models.CharField(max_length=35, blank=True)
    resource_type = models.CharField(max_length=40)
    resource_id = models.CharField(max_length=40, blank=True)
    owner_provider_hsa_id = models.CharField(max_length=31, blank=True)
    owner_unit_hsa_id = models.CharField(max_length=31, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.ALLOWED)
    reason = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    session_hash = models.CharField(max_length=32, blank=True)
    client_ip = models.CharField(max_length=45, blank=True)

    class Meta:
        verbose_name = "loggpost"
        verbose_name_plural = "loggposter"
        triggers: ClassVar = append_only()
        indexes: ClassVar = [
            models.Index(fields=["patient", "at"], name="access_by_patient"),
            models.Index(fields=["user_hsa_id", "at"], name="access_by_user"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(patient__isnull=False) & ~Q(identity_value="") | Q(patient__isnull=True, identity_value="", resource_type=WITHOUT_PATIENTS),
                name="log_entry_names_a_patient",
            )
        ]
