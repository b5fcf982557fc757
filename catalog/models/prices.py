"""What suppliers charge, by agreement or general price list, in SEK excluding VAT."""

import datetime
from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Case, F, Q, When

from catalog.models.products import Supplier
from core.templatetags.ui import kr

ACTIVE = "AKTIV"


class PriceKind(models.TextChoices):
    AGREEMENT = "AGREEMENT", "Avtal"
    GENERAL = "GENERAL", "Generell prislista"


class PriceList(models.Model):
    """An agreement with the centre, or a supplier's general price list. Key: (supplier, number), or (supplier, valid_from)."""

    kind = models.CharField("slag", max_length=9, choices=PriceKind)
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="price_lists", verbose_name="leverantör")
    number = models.CharField("avtalsnummer", max_length=35, blank=True)
    name = models.CharField("namn", max_length=255, blank=True)
    valid_from = models.DateField("giltigt från")
    valid_to = models.DateField("giltigt till", null=True, blank=True, help_text="Med förlängning inräknad.")
    ended_at = models.DateTimeField("borta ur flödet sedan", null=True, blank=True)
    feed_hash = models.CharField(
        max_length=32, db_default="", editable=False, help_text="Hash of the whole list last applied; empty when what is stored may say something else."
    )

    class Meta:
        verbose_name = "prislista"
        verbose_name_plural = "prislistor"
        constraints = [
            models.UniqueConstraint(fields=["supplier", "number"], condition=Q(kind="AGREEMENT"), name="catalog_agreement_number"),
            models.UniqueConstraint(fields=["supplier", "valid_from"], condition=Q(kind="GENERAL"), name="catalog_general_list"),
            models.CheckConstraint(condition=Q(kind__in=PriceKind.values), name="catalog_pricelist_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip() or f"{self.supplier} {self.valid_from}"


class PriceQuerySet(models.QuerySet["Price"]):
    def usable(self) -> Self:
        """Rows that may be ordered at, of any date. Price lists that are gone have no rows."""
        return self.filter(status=ACTIVE)

    def not_past(self, on: datetime.date) -> Self:
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on))

    def in_force(self, on: datetime.date) -> Self:
        """The same rule as `Price.is_in_force`."""
        return self.usable().not_past(on).filter(valid_from__lte=on)

    def by_precedence(self) -> Self:
        """Of the rows in force on a day the first is the one that `choose_price` takes."""
        return self.order_by(Case(When(kind=PriceKind.AGREEMENT, then=0), default=1), "-valid_from", "-pk")


class PriceTerms(models.Model):
    """What one row of a list says. Its kind and dates are written with the list's, so that choosing needs no join."""

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="%(class)s_rows", verbose_name="prislista")
    kind = models.CharField("slag", max_length=9, choices=PriceKind)
    amount = models.DecimalField("pris, kr", max_digits=12, decimal_places=2, null=True, blank=True, help_text="Tomt: inte känt förrän hjälpmedlet är gjort.")
    valid_from = models.DateField("giltigt från")
    valid_to = models.DateField("giltigt till", null=True, blank=True)
    min_order_quantity = models.PositiveIntegerField("minsta antal", null=True, blank=True)
    delivery_time_days = models.PositiveIntegerField("leveranstid, dagar", null=True, blank=True)
    warranty_quantity = models.PositiveIntegerField("garanti, antal", null=True, blank=True)
    warranty_unit = models.CharField("garanti, enhet", max_length=5, blank=True)
    warranty_from = models.CharField("garanti, gäller från", max_length=11, blank=True)
    status = models.CharField("status", max_length=64)

    class Meta:
        abstract = True


class Price(PriceTerms):
    """One article's row in one list: its own, or (`is_inherited`) that of its product where it has none of its own."""

    article = models.ForeignKey("catalog.Article", models.CASCADE, related_name="prices", verbose_name="artikel")
    is_inherited = models.BooleanField("produktens pris", default=False)

    objects = PriceQuerySet.as_manager()

    class Meta:
        verbose_name = "pris"
        verbose_name_plural = "priser"
        constraints = [
            models.UniqueConstraint(fields=["price_list", "article", "valid_from"], condition=Q(status=ACTIVE), name="catalog_price_once"),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gte=0), name="catalog_price_amount"),
            models.CheckConstraint(condition=Q(kind__in=PriceKind.values), name="catalog_price_kind"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="catalog_price_dates"),
        ]

    def __str__(self) -> str:
        return "okänt" if self.amount is None else kr(self.amount)

    def is_in_force(self, on: datetime.date) -> bool:
        return self.status == ACTIVE and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class ProductPrice(PriceTerms):
    """A row about a product. It holds for those of its articles that the list does not name, as `Price` rows that the merge makes."""

    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="prices", verbose_name="produkt")

    class Meta:
        verbose_name = "pris på produkt"
        verbose_name_plural = "priser på produkter"
        constraints = [models.UniqueConstraint(fields=["price_list", "product", "valid_from"], condition=Q(status=ACTIVE), name="catalog_product_price_once")]

    def __str__(self) -> str:
        return "okänt" if self.amount is None else kr(self.amount)


def choose_price(rows: Iterable[Price], on: datetime.date) -> Price | None:
    """The row to order at: agreement before general list, then the one that took effect last."""
    in_force = [row for row in rows if row.is_in_force(on)]
    return max(in_force, key=lambda row: (row.kind == PriceKind.AGREEMENT, row.valid_from, row.pk), default=None)


def next_change(rows: Iterable[Price], on: datetime.date) -> tuple[datetime.date, Price | None] | None:
    """The first day after `on` on which another row is to be ordered at, with that row (None: no price is known then)."""
    rows = [row for row in rows if row.status == ACTIVE]
    ends = (row.valid_to for row in rows if row.valid_to is not None and row.valid_to < datetime.date.max)
    days = sorted({row.valid_from for row in rows} | {end + datetime.timedelta(days=1) for end in ends})
    now = choose_price(rows, on)
    for day in days:
        if day > on and (coming := choose_price(rows, day)) != now:
            return day, coming
    return None
