"""Who sells, how aids are classed, and the products that articles are sizes and variants of."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower


def swedish_sort(field: str) -> models.GeneratedField:
    """A column that sorts å, ä, ö after z without ICU (design, section 7)."""
    return models.GeneratedField(
        expression=Lower(Func(F(field), Value("ÅÄÖåäö"), Value("{|}{|}"), function="translate")),
        output_field=models.CharField(max_length=255, db_collation="C"),
        db_persist=True,
    )


class Supplier(models.Model):
    gln = models.CharField("GLN", max_length=13, unique=True)
    name = models.CharField("namn", max_length=255)
    name_sort = swedish_sort("name")
    organisation_number = models.CharField("organisationsnummer", max_length=35, blank=True)
    phone = models.CharField("telefon", max_length=255, blank=True)
    email = models.CharField("e-post", max_length=255, blank=True)
    web = models.CharField("webbplats", max_length=2000, blank=True)

    class Meta:
        verbose_name = "leverantör"
        verbose_name_plural = "leverantörer"
        constraints = [models.CheckConstraint(condition=Q(gln__regex=r"^[0-9]{13}$"), name="catalog_supplier_gln")]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """One node of the ISO 9999 tree: 2, 4, 6 or (national) 8 digits, in one edition."""

    edition = models.CharField("utgåva", max_length=4)
    code = models.CharField("ISO-kod", max_length=8, db_collation="C")
    name = models.CharField("namn", max_length=255)
    description = models.TextField("beskrivning", blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="överordnad")

    class Meta:
        verbose_name = "ISO-klass"
        verbose_name_plural = "ISO-klasser"
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="catalog_category_code"),
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{2}([0-9]{2}){0,3}$"), name="catalog_category_code_shape"),
        ]

    def __str__(self) -> str:
        return f"{self.spaced_code} {self.name}"

    @property
    def spaced_code(self) -> str:
        """`122203` as it is written: 12 22 03, with spaces that do not break."""
        return spaced_iso(self.code)


def spaced_iso(code: str) -> str:
    return "\u00a0".join(code[start : start + 2] for start in range(0, len(code), 2))


class FeedStatus(models.TextChoices):
    PUBLISHED = "PUBLISHED", "Publicerad"
    DISCONTINUED = "DISCONTINUED", "Utgången"


class Product(models.Model):
    """What several articles have in common. All values are the feed's; `ended_at` is set when a FULL no longer has it."""

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="products", verbose_name="leverantör")
    number = models.CharField("produktnummer", max_length=35, db_collation="C")
    feed_id = models.CharField("Hjälpmedelstjänstens id", max_length=64, unique=True)
    feed_hash = models.CharField(max_length=32, editable=False, help_text="Hash of the element last applied.")
    read_again = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="What the element refers to has changed since: the same bytes may say something else."
    )
    name = models.CharField("namn", max_length=255)
    description = models.TextField("beskrivning", blank=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="products", verbose_name="ISO-klass")
    other_iso_codes = ArrayField(models.CharField(max_length=8), default=list, blank=True, verbose_name="fler ISO-koder")
    manufacturer = models.CharField("tillverkare", max_length=255, blank=True)
    trademark = models.CharField("varumärke", max_length=255, blank=True)
    is_ce_marked = models.BooleanField("CE-märkt", null=True)
    properties = models.JSONField("egenskaper", default=list, blank=True)
    status = models.CharField("status", max_length=12, choices=FeedStatus)
    discontinued_from = models.DateField("utgår från", null=True, blank=True)
    feed_updated_at = models.DateTimeField("ändrad hos leverantören")
    ended_at = models.DateTimeField("borta ur flödet sedan", null=True, blank=True)

    class Meta:
        verbose_name = "produkt"
        verbose_name_plural = "produkter"
        constraints = [
            # What is gone from the feed lets its number go.
            models.UniqueConstraint(fields=["supplier", "number"], condition=Q(ended_at=None), name="catalog_product_number"),
            models.CheckConstraint(condition=Q(status__in=FeedStatus.values), name="catalog_product_status"),
        ]

    def __str__(self) -> str:
        return self.name
