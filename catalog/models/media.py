"""Pictures and documents: what the feed names, and the files that are kept under the hash of their content."""

from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from catalog.models.products import Product


class StoredFile(models.Model):
    """A file below MEDIA_ROOT, named by its content; many media may share it."""

    sha256 = models.CharField(max_length=64, unique=True)
    content_type = models.CharField("innehållstyp", max_length=100)
    size = models.PositiveIntegerField("storlek, byte")
    width = models.PositiveIntegerField("bredd", null=True, blank=True)
    height = models.PositiveIntegerField("höjd", null=True, blank=True)

    class Meta:
        verbose_name = "fil"
        verbose_name_plural = "filer"
        constraints = [models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="catalog_file_sha256")]

    def __str__(self) -> str:
        return self.sha256

    def get_absolute_url(self) -> str:
        return reverse("catalog:media", args=[self.sha256])

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / "catalog" / self.sha256[:2] / self.sha256


class MediaQuerySet(models.QuerySet["Media"]):
    def pictures(self) -> Self:
        """Pictures that are here, the main one first, each with its small file."""
        return self.filter(kind=Media.Kind.IMAGE, stored_small__isnull=False).select_related("stored_small").order_by("-is_main", "place", "pk")

    def documents(self) -> Self:
        """Documents that are here, manuals first."""
        return self.filter(kind__in=[Media.Kind.MANUAL, Media.Kind.DOCUMENT], stored__isnull=False).select_related("stored").order_by("-kind", "place", "pk")


class Media(models.Model):
    """A picture, document, manual or film of an article or of a whole product."""

    class Kind(models.TextChoices):
        IMAGE = "IMAGE", "Bild"
        DOCUMENT = "DOCUMENT", "Dokument"
        MANUAL = "MANUAL", "Bruksanvisning"
        VIDEO = "VIDEO", "Film"

    article = models.ForeignKey("catalog.Article", models.CASCADE, null=True, blank=True, related_name="media", verbose_name="artikel")
    product = models.ForeignKey(Product, models.CASCADE, null=True, blank=True, related_name="media", verbose_name="produkt")
    kind = models.CharField("slag", max_length=8, choices=Kind)
    url = models.CharField("adress hos leverantören", max_length=2000)
    file_name = models.CharField("filnamn", max_length=255, blank=True)
    mime_type = models.CharField("typ enligt flödet", max_length=255, blank=True)
    description = models.CharField("beskrivning", max_length=255, blank=True)
    language = models.CharField("språk", max_length=35, blank=True)
    is_main = models.BooleanField("huvudbild", default=False)
    place = models.PositiveSmallIntegerField("ordning", default=0)
    declared_sha256 = models.CharField("sha256 enligt flödet", max_length=64, blank=True)
    stored = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="fil")
    stored_small = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="liten bild")

    objects = MediaQuerySet.as_manager()

    class Meta:
        verbose_name = "bild eller dokument"
        verbose_name_plural = "bilder och dokument"
        constraints = [
            models.CheckConstraint(condition=Q(article=None) ^ Q(product=None), name="catalog_media_one_owner"),
            models.CheckConstraint(condition=Q(kind__in=["IMAGE", "DOCUMENT", "MANUAL", "VIDEO"]), name="catalog_media_kind"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.description or self.file_name or self.get_kind_display()
