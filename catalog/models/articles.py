"""An article: the smallest thing that can be ordered, with the feed's values and the centre's own."""

import datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Prefetch, Q, When
from django.urls import reverse
from django.utils import timezone

from accounts.models import Assignment
from catalog.models.local import Availability, ChargingForm, DeliveryClass, LocalArticle
from catalog.models.media import Media, Picture
from catalog.models.prices import Price, choose_price
from catalog.models.products import Category, FeedStatus, Product, Supplier, swedish_sort
from catalog.models.rights import AssortmentEntry, AssortmentPolicy
from core.templatetags.ui import kr

NO_PRICE = "Pris lämnas vid beställning"


class ArticleType(models.TextChoices):
    MAIN = "H", "Huvudhjälpmedel"
    ACCESSORY = "T", "Tillbehör"
    PART = "R", "Reservdel"
    SETTING = "I", "Inställning"
    SERVICE = "Tj", "Tjänst"


def assortment_of(assignment: Assignment, *, iso: str = "category__code", centres: str = "local__is_in_assortment") -> Case:
    """Whether an article is in the assortment of the assignment's care provider. Reads the provider's ISO classes at once.

    The same rule as `rights.verdicts`: the provider's word about the article, else about its narrowest class, else the centre's.
    `iso` and `centres` say where its class and the centre's word stand, in a table whose key is the article's.
    """
    entries = AssortmentEntry.objects.filter(provider=assignment.unit.provider_id, is_active=True)
    by_class = sorted(entries.values_list("iso_prefix", "is_included").distinct(), key=lambda entry: -len(entry[0]))
    steps = []
    if by_class and by_class[-1][0] == "":
        of_articles = entries.exclude(article=None)
        steps += [When(pk__in=of_articles.filter(is_included=is_included).values("article"), then=is_included) for is_included in (True, False)]
    steps += [When(**{f"{iso}__startswith": prefix}, then=is_included) for prefix, is_included in by_class if prefix]
    return Case(*steps, When(**{centres: False}, then=False), default=True, output_field=models.BooleanField())


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> Self:
        """All that may be opened by its address: also what has ended, since old orders point at it."""
        return self.exclude(local__is_published=False)

    def visible(self) -> Self:
        """What search and lists show."""
        return self.published().filter(ended_at=None)

    def orderable(self, on: datetime.date | None = None) -> Self:
        """What can be put in an order on that day (today by default). The same rule as `Article.is_orderable`."""
        on = on or timezone.localdate()
        return self.visible().exclude(local__is_orderable=False).filter(Q(discontinued_from__gt=on) | Q(discontinued_from=None, status=FeedStatus.PUBLISHED))

    def in_assortment_of(self, assignment: Assignment) -> Self:
        """What the assignment's care provider has in its assortment."""
        return self.filter(assortment_of(assignment))

    def shown_to(self, assignment: Assignment) -> Self:
        """What the assignment may find: all, or what is in the assortment where its care provider hides the rest. Asks once which of them."""
        policy = AssortmentPolicy.of(assignment)
        return self if policy is None or policy.shows_outside else self.in_assortment_of(assignment)

    def with_price(self, on: datetime.date | None = None) -> Self:
        """Fetch the price rows of all articles at once; `current_price`, `unit_price` and `price_text` then ask nothing."""
        rows = Price.objects.usable().not_past(on or timezone.localdate())
        return self.prefetch_related(Prefetch("prices", rows, to_attr="fetched_prices"))

    def for_cards(self, on: datetime.date | None = None) -> Self:
        """All that a card or an order line shows, in a fixed number of queries."""
        pictures = Media.objects.pictures()
        return (
            self.select_related("supplier", "product", "category", "local", "local__substitution_group")
            .prefetch_related(Prefetch("media", pictures, to_attr="fetched_pictures"), Prefetch("product__media", pictures, to_attr="fetched_pictures"))
            .with_price(on)
        )


class Article(models.Model):
    """The columns are the feed's; the centre's own values are in `local` and win in the properties below.

    `category` is the main ISO class in force: the article's own (`iso_codes[0]`), or else its product's.
    """

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="articles", verbose_name="leverantör")
    number = models.CharField("leverantörens artikelnummer", max_length=35, db_collation="C")
    feed_id = models.CharField("Hjälpmedelstjänstens id", max_length=64, unique=True)
    feed_hash = models.CharField(max_length=32, editable=False, help_text="Hash of the element last applied.")
    read_again = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="What the element refers to has changed since: the same bytes may say something else."
    )
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="articles", verbose_name="produkt")
    name = models.CharField("benämning", max_length=255)
    name_sort = swedish_sort("name")
    description = models.TextField("beskrivning", blank=True)
    article_type = models.CharField("artikeltyp", max_length=2, choices=ArticleType)
    iso_codes = ArrayField(models.CharField(max_length=8), default=list, blank=True, verbose_name="egna ISO-koder")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="articles", verbose_name="ISO-klass")
    gtin = models.CharField("GTIN", max_length=14, blank=True)
    order_unit = models.CharField("beställningsenhet", max_length=35)
    quantity_in_outer_package = models.DecimalField("antal i ytterförpackning", max_digits=15, decimal_places=3, null=True, blank=True)
    package_content = models.DecimalField("förpackningens innehåll", max_digits=15, decimal_places=3, null=True, blank=True)
    package_content_unit = models.CharField("innehållets enhet", max_length=35, blank=True)
    preventive_maintenance_days = models.PositiveIntegerField("förebyggande underhåll, dagar", null=True, blank=True)
    properties = models.JSONField("egenskaper", default=list, blank=True)
    status = models.CharField("status", max_length=12, choices=FeedStatus)
    discontinued_from = models.DateField("utgår från", null=True, blank=True)
    feed_updated_at = models.DateTimeField("ändrad hos leverantören")
    ended_at = models.DateTimeField("borta ur flödet sedan", null=True, blank=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = "artikel"
        verbose_name_plural = "artiklar"
        constraints = [
            # What is gone from the feed lets its number go.
            models.UniqueConstraint(fields=["supplier", "number"], condition=Q(ended_at=None), name="catalog_article_number"),
            models.CheckConstraint(condition=Q(article_type__in=ArticleType.values), name="catalog_article_type"),
            models.CheckConstraint(condition=Q(status__in=FeedStatus.values), name="catalog_article_status"),
            models.CheckConstraint(condition=Q(gtin__regex=r"^([0-9]{8}|[0-9]{12,14})?$"), name="catalog_article_gtin"),
        ]
        indexes = [
            models.Index(fields=["name_sort", "id"], name="catalog_article_sort"),
        ]

    def __str__(self) -> str:
        return f"{self.display_number} {self.display_name}"

    def get_absolute_url(self) -> str:
        return reverse("catalog:article", args=[self.pk])

    # --- The value in force: the centre's own where it is set, else the feed's or a fixed default ---

    def local_value(self, field: str) -> Any:
        """The centre's own value of `field`; None = not set."""
        local: LocalArticle | None = getattr(self, "local", None)
        return None if local is None else getattr(local, field)

    @property
    def display_number(self) -> str:
        """SESAM2's number, which the prescribers know, or the supplier's where SESAM2 has none."""
        return self.local_value("sesam_number") or self.number

    @property
    def sesam_number(self) -> str | None:
        return self.local_value("sesam_number")

    @property
    def display_name(self) -> str:
        return self.local_value("name") or self.name

    @property
    def display_description(self) -> str:
        local = self.local_value("description")
        if local is not None:
            return local
        return self.description or (self.product.description if self.product else "")

    @property
    def display_type(self) -> str:
        """One of `ArticleType`; the centre may decide another type than the supplier."""
        return self.local_value("article_type") or self.article_type

    @property
    def display_type_word(self) -> str:
        return ArticleType(self.display_type).label

    @property
    def charging_form(self) -> str:
        return self.local_value("charging_form") or ChargingForm.PURCHASE

    @property
    def charging_form_word(self) -> str:
        return ChargingForm(self.charging_form).label

    @property
    def delivery_class(self) -> str | None:
        """STOCKED, ORDERED, LONG; None = the centre has not said."""
        return self.local_value("delivery_class")

    @property
    def delivery_class_word(self) -> str:
        return DeliveryClass(self.delivery_class).label if self.delivery_class else ""

    @property
    def availability_word(self) -> str:
        value = self.local_value("availability")
        return Availability(value).label if value else ""

    @property
    def is_individual_marked(self) -> bool:
        return bool(self.local_value("is_individual_marked"))

    @property
    def is_in_assortment(self) -> bool:
        return self.local_value("is_in_assortment") is not False

    @property
    def may_be_component(self) -> bool:
        """Whether it may be ordered to an aid that the patient has. Unless the centre says otherwise, accessories may."""
        local = self.local_value("may_be_component")
        return self.display_type == ArticleType.ACCESSORY if local is None else local

    @property
    def default_safety_level(self) -> int:
        return self.local_value("default_safety_level") or 0

    @property
    def extra_text(self) -> str:
        return self.local_value("extra_text") or ""

    @property
    def all_properties(self) -> list[dict[str, str]]:
        """The product's and the article's own; the article's wins by name. Each {name, value, unit}."""
        facts = {fact["name"]: fact for fact in (self.product.properties if self.product else [])}
        facts.update({fact["name"]: fact for fact in self.properties})
        return list(facts.values())

    # --- Rules ---

    @property
    def is_visible(self) -> bool:
        return self.ended_at is None and self.local_value("is_published") is not False

    @property
    def is_discontinued(self) -> bool:
        """No longer sold today. One that will be discontinued is still sold; `discontinued_from` tells when it ends."""
        if self.discontinued_from is not None:
            return self.discontinued_from <= timezone.localdate()
        return self.status == FeedStatus.DISCONTINUED

    @property
    def is_orderable(self) -> bool:
        """The same rule as `ArticleQuerySet.orderable`."""
        return self.is_visible and not self.is_discontinued and self.local_value("is_orderable") is not False

    @property
    def sale_status(self) -> tuple[str, str]:
        """The one thing that a card tells about getting it: words and tone. Both are empty when the centre has not said."""
        if self.ended_at is not None or self.is_discontinued:
            return "Utgått", "danger"
        if self.discontinued_from is not None:
            return f"Utgår {self.discontinued_from.isoformat()}", "neutral"
        if not self.is_orderable:
            return "Kan inte beställas", "neutral"
        if self.delivery_class == DeliveryClass.STOCKED and self.local_value("availability") == Availability.OUT:
            return Availability.OUT.label, "warning"
        return self.delivery_class_word, {DeliveryClass.STOCKED: "success", DeliveryClass.ORDERED: "warning", DeliveryClass.LONG: "info"}.get(
            self.delivery_class or "", ""
        )

    # --- Related articles ---

    def related(self, kind: str, *, backwards: bool = False) -> ArticleQuerySet:
        """What it fits to or is replaced by (`Relation.Kind`), through the article itself or its product; backwards: what fits it, what it replaces."""
        this, other = ("to", "from") if backwards else ("from", "to")
        here = Q(**{f"{this}_article": self.pk})
        if self.product_id is not None:
            here |= Q(**{f"{this}_product": self.product_id})
        relations = Relation.objects.filter(here, kind=kind)
        ends = Q(pk__in=relations.values(f"{other}_article")) | Q(product__in=relations.values(f"{other}_product"))
        return Article.objects.visible().filter(ends).exclude(pk=self.pk)

    # --- Price: SEK excluding VAT ---

    def current_price(self, on: datetime.date | None = None) -> Price | None:
        """The feed's price row in force on that day: the agreement's, else the general price list's, else None.

        Its `amount` is None where the price is not known until the aid is made.
        """
        fetched: list[Price] | None = getattr(self, "fetched_prices", None)
        return choose_price(list(self.prices.usable()) if fetched is None else fetched, on or timezone.localdate())

    def unit_price(self, on: datetime.date | None = None) -> Any:
        """What the orderer is shown (Decimal), per month for RENT; None = told at the order.

        The centre's own price wins. The feed's is what the centre buys for, so it is never shown as a rent.
        """
        local = self.local_value("shown_price")
        if local is not None or self.charging_form == ChargingForm.RENT:
            return local
        row = self.current_price(on)
        return None if row is None else row.amount

    @property
    def price_text(self) -> str:
        """212 kr/mån, 4 250 kr, or that the price is told at the order."""
        amount = self.unit_price()
        if amount is None:
            return NO_PRICE
        return kr(amount) + ("/mån" if self.charging_form == ChargingForm.RENT else "")

    # --- Picture ---

    @property
    def picture(self) -> Picture | None:
        """The main picture: the article's own, else its product's. `for_cards()` has fetched both."""
        for owner in (self, self.product):
            if owner is None:
                continue
            fetched: list[Media] | None = getattr(owner, "fetched_pictures", None)
            pictures = list(owner.media.pictures()[:1]) if fetched is None else fetched
            if pictures:
                return pictures[0].picture
        return None


class Relation(models.Model):
    """What fits to what, and what replaces what; each end is an article, or a product for all its articles."""

    class Kind(models.TextChoices):
        FITS_TO = "FITS_TO", "Passar till"
        REPLACED_BY = "REPLACED_BY", "Ersätts av"

    kind = models.CharField("slag", max_length=11, choices=Kind)
    from_article = models.ForeignKey(Article, models.CASCADE, null=True, related_name="relations", verbose_name="från artikel")
    from_product = models.ForeignKey(Product, models.CASCADE, null=True, related_name="relations", verbose_name="från produkt")
    to_article = models.ForeignKey(Article, models.CASCADE, null=True, related_name="relations_to", verbose_name="till artikel")
    to_product = models.ForeignKey(Product, models.CASCADE, null=True, related_name="relations_to", verbose_name="till produkt")

    class Meta:
        verbose_name = "samband"
        verbose_name_plural = "samband"
        constraints = [
            models.CheckConstraint(condition=Q(from_article=None) ^ Q(from_product=None), name="catalog_relation_one_from"),
            models.CheckConstraint(condition=Q(to_article=None) ^ Q(to_product=None), name="catalog_relation_one_to"),
            models.UniqueConstraint(
                fields=["kind", "from_article", "from_product", "to_article", "to_product"], name="catalog_relation_once", nulls_distinct=False
            ),
        ]
