"""Pictures and documents: what the feed names, and the files that are kept under the hash of their content."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from catalog.models.products import Product


class Failure(models.TextChoices):
    """Why a file is not here, in the words of the report."""

    MALFORMED = "MALFORMED", "Adressen är inte giltig"
    SCHEME = "SCHEME", "Adressen börjar inte med https://"
    USERINFO = "USERINFO", "Adressen innehåller användarnamn eller lösenord"
    NUMERIC = "NUMERIC", "Adressen har en IP-adress i stället för ett namn"
    PORT = "PORT", "Adressen har en annan port än 443"
    NOT_LISTED = "NOT_LISTED", "Servern är inte tillåten (MEDIA_HOSTS)"
    UNKNOWN_HOST = "UNKNOWN_HOST", "Serverns namn finns inte"
    NOT_PUBLIC = "NOT_PUBLIC", "Serverns namn pekar på en adress som inte är publik"
    NO_CONNECTION = "NO_CONNECTION", "Servern svarar inte"
    TLS = "TLS", "Serverns certifikat godtas inte"
    TOO_SLOW = "TOO_SLOW", "Svaret tog för lång tid"
    BROKEN_ANSWER = "BROKEN_ANSWER", "Svaret bröts eller var inte HTTP"
    REDIRECT = "REDIRECT", "Servern hänvisar till en annan server"
    TOO_MANY_REDIRECTS = "TOO_MANY_REDIRECTS", "Servern hänvisar vidare för många gånger"
    MISSING = "MISSING", "Filen finns inte hos leverantören"
    STATUS = "STATUS", "Servern lämnar inte ut filen"
    ENCODED = "ENCODED", "Svaret är packat fast vi inte bad om det"
    EMPTY = "EMPTY", "Filen är tom"
    TOO_LARGE = "TOO_LARGE", "Filen är större än 10 MB"
    CHECKSUM = "CHECKSUM", "Innehållet stämmer inte med flödets kontrollsumma"
    NOT_A_PICTURE = "NOT_A_PICTURE", "Filen är ingen bild (JPEG, PNG, WebP eller GIF)"
    NOT_A_DOCUMENT = "NOT_A_DOCUMENT", "Filen är ingen PDF"
    TOO_MANY_PIXELS = "TOO_MANY_PIXELS", "Bilden är större än 40 megapixel"
    BROKEN_PICTURE = "BROKEN_PICTURE", "Bilden är skadad"
    NOT_STORED = "NOT_STORED", "Filen kunde inte sparas hos oss"
    INTERRUPTED = "INTERRUPTED", "Hämtningen avbröts varje gång"

    @property
    def is_passing(self) -> bool:
        """A later try may go well without anybody doing anything."""
        return self in _PASSING


_PASSING = frozenset({
    *(Failure.UNKNOWN_HOST, Failure.NO_CONNECTION, Failure.TLS, Failure.TOO_SLOW, Failure.BROKEN_ANSWER),
    *(Failure.MISSING, Failure.STATUS, Failure.EMPTY, Failure.CHECKSUM, Failure.NOT_STORED),
})  # fmt: skip


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


class Picture(models.Model):
    """One picture in three sizes, each as WebP and as JPEG or PNG; several may be the same file when the picture is small."""

    sha256 = models.CharField("sha256 hos leverantören", max_length=64, unique=True)
    webp_small = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    webp_medium = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    webp_large = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    plain_small = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    plain_medium = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    plain_large = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")

    FILES = ("webp_small", "webp_medium", "webp_large", "plain_small", "plain_medium", "plain_large")

    class Meta:
        verbose_name = "bild i tre storlekar"
        verbose_name_plural = "bilder i tre storlekar"

    def __str__(self) -> str:
        return self.sha256

    @property
    def files(self) -> list[StoredFile]:
        return [getattr(self, name) for name in self.FILES]

    @property
    def webp_srcset(self) -> str:
        return _srcset([self.webp_small, self.webp_medium, self.webp_large])

    @property
    def plain_srcset(self) -> str:
        return _srcset([self.plain_small, self.plain_medium, self.plain_large])


def _srcset(files: Iterable[StoredFile]) -> str:
    """The files and their widths, as the attribute `srcset` wants them."""
    return ", ".join(f"{file.get_absolute_url()} {file.width}w" for file in {file.width: file for file in files}.values())


class MediaQuerySet(models.QuerySet["Media"]):
    def pictures(self) -> Self:
        """Pictures that are here, the main one first, each with its files."""
        files = (f"picture__{name}" for name in Picture.FILES)
        return self.filter(kind=Media.Kind.IMAGE, picture__isnull=False).select_related("picture", *files).order_by("-is_main", "place", "pk")

    def documents(self) -> Self:
        """Documents that are here, manuals first."""
        return self.filter(kind__in=[Media.Kind.MANUAL, Media.Kind.DOCUMENT], stored__isnull=False).select_related("stored").order_by("-kind", "place", "pk")

    def fetchable(self) -> Self:
        """Films stay with the supplier."""
        return self.exclude(kind=Media.Kind.VIDEO)

    def due(self) -> Self:
        """Those to fetch now."""
        return self.fetchable().filter(status=Media.Status.WAITING, next_try_at__lte=timezone.now())


class Media(models.Model):
    """A picture, document, manual or film of an article or of a whole product.

    The merge of a feed writes rows by SQL, so the columns of fetching have their defaults in the database. A row whose address changes keeps
    its file until the new one is here.
    """

    class Kind(models.TextChoices):
        IMAGE = "IMAGE", "Bild"
        DOCUMENT = "DOCUMENT", "Dokument"
        MANUAL = "MANUAL", "Bruksanvisning"
        VIDEO = "VIDEO", "Film"

    class Status(models.TextChoices):
        WAITING = "WAITING", "Väntar"
        FETCHED = "FETCHED", "Hämtad"
        FAILED = "FAILED", "Misslyckad"

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
    stored = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="dokumentets fil")
    picture = models.ForeignKey(Picture, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="bildens filer")
    status = models.CharField("läge", max_length=7, choices=Status, db_default=Status.WAITING)
    failure = models.CharField("orsak", max_length=18, choices=Failure, blank=True, db_default="")
    tries = models.PositiveSmallIntegerField("försök", db_default=0)
    next_try_at = models.DateTimeField("nästa försök", db_default=Now())
    fetched_at = models.DateTimeField("hämtad", null=True, blank=True)

    objects = MediaQuerySet.as_manager()

    class Meta:
        verbose_name = "bild eller dokument"
        verbose_name_plural = "bilder och dokument"
        constraints = [
            models.CheckConstraint(condition=Q(article=None) ^ Q(product=None), name="catalog_media_one_owner"),
            models.CheckConstraint(condition=Q(kind__in=["IMAGE", "DOCUMENT", "MANUAL", "VIDEO"]), name="catalog_media_kind"),
            models.CheckConstraint(condition=Q(status__in=["WAITING", "FETCHED", "FAILED"]), name="catalog_media_status"),
            models.CheckConstraint(condition=~Q(status="FAILED", failure=""), name="catalog_media_failed_says_why"),
        ]
        indexes = [
            models.Index(fields=["next_try_at", "id"], condition=Q(status="WAITING") & ~Q(kind="VIDEO"), name="catalog_media_due"),
            models.Index(fields=["failure", "id"], condition=Q(status="FAILED"), name="catalog_media_failed"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.description or self.file_name or self.get_kind_display()
