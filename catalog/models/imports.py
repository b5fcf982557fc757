"""What was read from Hjälpmedelstjänsten, and how it went."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class FeedImport(models.Model):
    """One attempt to read one file. `counts`: {section: {read, new, changed, unchanged, ended}}."""

    class Status(models.TextChoices):
        RUNNING = "RUNNING", "Pågår"
        APPLIED = "APPLIED", "Inläst"
        REPEATED = "REPEATED", "Redan inläst"
        REFUSED = "REFUSED", "Avvisad"

    class Mode(models.TextChoices):
        FULL = "FULL", "Hela katalogen"
        DELTA = "DELTA", "Ändringar"

    file_name = models.CharField("fil", max_length=255)
    sha256 = models.CharField("sha256", max_length=64)
    # What follows is the feed's own, and unknown of a file that was refused before its root was read.
    export_id = models.CharField("export-id", max_length=64, blank=True)
    sequence = models.PositiveBigIntegerField("löpnummer", null=True, blank=True)
    created_at = models.DateTimeField("skapad hos Hjälpmedelstjänsten", null=True, blank=True)
    mode = models.CharField("omfattning", max_length=5, choices=Mode, blank=True)
    receiver_gln = models.CharField("mottagare", max_length=13, blank=True)
    iso_edition = models.CharField("ISO-utgåva", max_length=4, blank=True)
    status = models.CharField("status", max_length=8, choices=Status, default=Status.RUNNING)
    reason = models.TextField("orsak", blank=True)
    counts = models.JSONField("antal", default=dict, blank=True)
    started_at = models.DateTimeField("startad", default=timezone.now)
    finished_at = models.DateTimeField("klar", null=True, blank=True)

    class Meta:
        verbose_name = "inläsning"
        verbose_name_plural = "inläsningar"
        constraints = [
            models.UniqueConstraint(fields=["export_id"], condition=Q(status="APPLIED"), name="catalog_import_once"),
            models.UniqueConstraint(fields=["receiver_gln", "sequence"], condition=Q(status="APPLIED"), name="catalog_import_sequence"),
            models.CheckConstraint(condition=Q(status__in=["RUNNING", "APPLIED", "REPEATED", "REFUSED"]), name="catalog_import_status"),
        ]

    def __str__(self) -> str:
        return self.export_id or self.file_name
