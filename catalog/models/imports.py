"""What was read from Hjälpmedelstjänsten, how it went, what it changed and what it could not take."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.articles import Article
from catalog.models.products import Product
from core.append_only import append_only


class FeedImport(models.Model):
    """One attempt to read one file, or to take what is in quarantine. `counts`: {section: {read, new, changed, unchanged, ended, quarantined, …}}."""

    class Status(models.TextChoices):
        WAITING = "WAITING", "Väntar"
        RUNNING = "RUNNING", "Pågår"
        APPLIED = "APPLIED", "Inläst"
        REPEATED = "REPEATED", "Redan inläst"
        REFUSED = "REFUSED", "Avvisad"
        INTERRUPTED = "INTERRUPTED", "Avbruten"

    class Mode(models.TextChoices):
        FULL = "FULL", "Hela katalogen"
        DELTA = "DELTA", "Ändringar"
        RETRY = "RETRY", "Karantän"

    file_name = models.CharField("fil", max_length=255)
    stored_as = models.CharField("ligger i", max_length=500, blank=True, editable=False, help_text="Path of the file, while it may be read again.")
    sha256 = models.CharField("sha256", max_length=64)
    # What follows is the feed's own, and unknown of a file that was refused before its root was read.
    export_id = models.CharField("export-id", max_length=64, blank=True)
    sequence = models.PositiveBigIntegerField("löpnummer", null=True, blank=True)
    created_at = models.DateTimeField("skapad hos Hjälpmedelstjänsten", null=True, blank=True)
    mode = models.CharField("omfattning", max_length=5, choices=Mode, blank=True)
    receiver_gln = models.CharField("mottagare", max_length=13, blank=True)
    iso_edition = models.CharField("ISO-utgåva", max_length=4, blank=True)
    status = models.CharField("status", max_length=11, choices=Status, default=Status.RUNNING)
    reason = models.TextField("orsak", blank=True)
    may_be_confirmed = models.BooleanField("kan bekräftas", default=False, help_text="Avvisad bara för att många artiklar skulle försvinna.")
    is_confirmed = models.BooleanField("bekräftad", default=False, help_text="Många artiklar får försvinna.")
    progress = models.PositiveSmallIntegerField("gjort, procent", default=0)
    counts = models.JSONField("antal", default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="av")
    started_at = models.DateTimeField("startad", default=timezone.now)
    finished_at = models.DateTimeField("klar", null=True, blank=True)

    class Meta:
        verbose_name = "inläsning"
        verbose_name_plural = "inläsningar"
        constraints = [
            models.UniqueConstraint(fields=["export_id"], condition=Q(status="APPLIED") & ~Q(export_id=""), name="catalog_import_once"),
            models.UniqueConstraint(fields=["receiver_gln", "sequence"], condition=Q(status="APPLIED"), name="catalog_import_sequence"),
            models.CheckConstraint(
                condition=Q(status__in=["WAITING", "RUNNING", "APPLIED", "REPEATED", "REFUSED", "INTERRUPTED"]), name="catalog_import_status"
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="catalog_import_progress"),
        ]

    def __str__(self) -> str:
        return self.export_id or self.file_name

    # Of `progress`, how much is reading the file; the merge is the rest.
    READ = 30

    @property
    def doing(self) -> str:
        """What a running import is at."""
        return "läser filen" if self.progress < self.READ else "slår ihop med katalogen"

    @property
    def is_under_way(self) -> bool:
        return self.status in {self.Status.WAITING, self.Status.RUNNING}


class FeedChange(models.Model):
    """One field of one article or product that an import changed; the history, written by the merge alone. `field` is empty for NEW."""

    class Kind(models.TextChoices):
        NEW = "NEW", "Ny"
        CHANGED = "CHANGED", "Ändrad"
        RENUMBERED = "RENUMBERED", "Nytt nummer"
        ENDED = "ENDED", "Borta"
        BACK = "BACK", "Tillbaka"

    feed_import = models.ForeignKey(FeedImport, models.PROTECT, related_name="changes", verbose_name="inläsning")
    article = models.ForeignKey(Article, models.PROTECT, null=True, related_name="feed_changes", verbose_name="artikel")
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="feed_changes", verbose_name="produkt")
    kind = models.CharField("slag", max_length=10, choices=Kind)
    field = models.CharField("uppgift", max_length=40, blank=True)
    old = models.JSONField("förut", null=True)
    new = models.JSONField("nu", null=True)

    class Meta:
        verbose_name = "ändring"
        verbose_name_plural = "ändringar"
        constraints = [models.CheckConstraint(condition=Q(article=None) ^ Q(product=None), name="catalog_change_one_of")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.field}".strip()


class QuarantineQuerySet(models.QuerySet["Quarantine"]):
    def open(self) -> "QuarantineQuerySet":
        return self.filter(status=Quarantine.Status.OPEN)


class Quarantine(models.Model):
    """One element that was not taken in. It is tried again with every later file, until it goes in or a later file has its key."""

    class Status(models.TextChoices):
        OPEN = "OPEN", "I karantän"
        TAKEN = "TAKEN", "Inläst senare"
        REPLACED = "REPLACED", "Ersatt av en senare fil"

    feed_import = models.ForeignKey(FeedImport, models.PROTECT, related_name="quarantine", verbose_name="inläsning")
    line = models.PositiveIntegerField("rad")
    element = models.CharField("slag", max_length=20)
    feed_id = models.CharField("id", max_length=64, blank=True)
    gln = models.CharField("GLN", max_length=64, blank=True)
    number = models.CharField("nummer", max_length=64, blank=True)
    # Of a price row: what names its list.
    list_kind = models.CharField(max_length=9, blank=True)
    list_gln = models.CharField("prislistans ägare", max_length=13, blank=True)
    list_number = models.CharField("avtalsnummer", max_length=35, blank=True)
    list_valid_from = models.DateField("prislistan gäller från", null=True, blank=True)
    reason = models.TextField("orsak")
    raw = models.TextField("elementet", help_text="Avkortat om det är längre än 20 000 tecken; då kan det inte prövas igen.")
    is_whole = models.BooleanField("hela elementet", default=True)
    status = models.CharField("status", max_length=8, choices=Status, default=Status.OPEN)
    tries = models.PositiveIntegerField("försök", default=1)
    settled_by = models.ForeignKey(FeedImport, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="avgjord av")

    objects = QuarantineQuerySet.as_manager()

    class Meta:
        verbose_name = "post i karantän"
        verbose_name_plural = "karantän"
        constraints = [models.CheckConstraint(condition=Q(status__in=["OPEN", "TAKEN", "REPLACED"]), name="catalog_quarantine_status")]
        indexes = [models.Index(fields=["status", "id"], name="catalog_quarantine_open")]

    def __str__(self) -> str:
        return f"{self.element} {self.key}"

    @property
    def key(self) -> str:
        return " ".join(part for part in (self.gln, self.number, self.feed_id) if part)
