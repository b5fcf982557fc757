"""The catalogue's list: found by search, narrowed by filters, sorted by relevance or name, in pages of constant cost."""

import dataclasses
import re
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Case, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import ExpressionWrapper, OuterRef
from django.db.models.fields import BooleanField
from django.utils import timezone

from accounts.models import Assignment
from catalog.models import Article, AssortmentPolicy, Favourite, Price, SearchEntry
from catalog.models.articles import assortment_of
from catalog.models.local import ChargingForm
from catalog.search import find
from core.paging import Page

PAGE_SIZE = 24
IN, OUT = "in", "ut"
MINE, OF_UNIT = "mina", "enhetens"
# The filters whose choices are counted, each with the other filters applied.
COUNTED = ("iso", "lev", "typ", "leverans", "sortiment")
BY_NAME = ("search_entry__title_sort", "pk")
ENTRIES_BY_NAME = ("title_sort", "pk")
Row = TypeVar("Row", Article, SearchEntry)
_CURSOR = re.compile(r"([np])(?:([0-9]{1,4})\.)?([0-9]{1,18})")


@dataclasses.dataclass(frozen=True)
class Asked:
    """What one visitor asks for; nothing of it is needed. Several values of one filter widen it, several filters narrow.

    `iso` is the beginning of a class; `types`, `deliveries`, `assortment` and `favourites` are known codes; prices are kronor.
    """

    query: str = ""
    iso: str = ""
    suppliers: tuple[int, ...] = ()
    types: tuple[str, ...] = ()
    deliveries: tuple[str, ...] = ()
    assortment: tuple[str, ...] = ()
    favourites: tuple[str, ...] = ()
    price_from: Decimal | None = None
    price_to: Decimal | None = None

    @property
    def is_narrowed(self) -> bool:
        return self != Asked(query=self.query)


class Listing:
    """The articles that answer what was asked, as `by` may see them: their rows of the search, which hold all that lists count and sort by."""

    def __init__(self, asked: Asked, *, by: Assignment) -> None:
        self.asked, self.by = asked, by
        self.understood_as: str | None = None
        self.nearest: list[str] = []
        entries = SearchEntry.objects.annotate(relevance=Value(0))
        if asked.query:
            found = find(asked.query, Article.objects.visible())
            entries, self.understood_as, self.nearest = found.entries, found.understood_as, found.nearest
        entries = entries.annotate(in_assortment=assortment_of(by, iso="iso", centres="is_in_assortment"))
        policy = AssortmentPolicy.of(by)
        self.everything = entries if policy is None or policy.shows_outside else entries.filter(in_assortment=True)

    # --- Filters ---

    def counted(self) -> dict[str, Q]:
        """The chosen filters among `COUNTED`, each as a condition that is never NULL for a row of `everything`."""
        asked, chosen = self.asked, {}
        if asked.iso:
            chosen["iso"] = Q(iso__startswith=asked.iso)
        if asked.suppliers:
            chosen["lev"] = Q(supplier__in=asked.suppliers)
        if asked.types:
            chosen["typ"] = Q(article_type__in=asked.types)
        if asked.deliveries:
            chosen["leverans"] = Q(delivery_class__in=asked.deliveries)
        if asked.assortment:
            chosen["sortiment"] = Q(in_assortment__in=[value == IN for value in asked.assortment])
        return chosen

    def uncounted(self) -> "QuerySet[SearchEntry]":
        """What was found, narrowed by price and favourites alone."""
        entries, asked = self.everything, self.asked
        if asked.price_from is not None or asked.price_to is not None:
            entries = entries.filter(_price_between(asked.price_from, asked.price_to))
        if asked.favourites:
            favourites = Favourite.objects.visible_to(self.by)
            if MINE not in asked.favourites:
                favourites = favourites.of_unit(self.by)
            if OF_UNIT not in asked.favourites:
                favourites = favourites.of_user(self.by)
            entries = entries.filter(pk__in=favourites.values("article"))
        return entries

    def narrowed(self) -> "QuerySet[SearchEntry]":
        return self.uncounted().filter(*self.counted().values())

    # --- Pages ---

    def page(self, cursor: str | None, *, size: int = PAGE_SIZE) -> Page[Article]:
        """One page with all that cards show; each article with its `relevance`."""
        found = page_by_name(self.narrowed(), cursor, by_name=ENTRIES_BY_NAME, rank="relevance" if self.asked.query else "", size=size)
        articles = {article.pk: article for article in Article.objects.filter(pk__in=[entry.pk for entry in found.rows]).for_cards()}
        rows = []
        for entry in found.rows:
            # One that was taken away between the two questions is left out.
            if (article := articles.get(entry.pk)) is not None:
                article.relevance = entry.relevance
                rows.append(article)
        return dataclasses.replace(found, rows=rows)


def page_by_name(rows_of: "QuerySet[Row]", cursor: str | None, *, by_name: tuple[str, ...] = BY_NAME, rank: str = "", size: int = PAGE_SIZE) -> Page[Row]:
    """One page by name, or by `rank` (an annotation, a small whole number) and name.

    The cursor is a direction, and the rank and id of the article where the last page ended; one that is not ours gives the first page.
    `core.paging` takes no text as a key, since that might be a person's name, so the name is looked up instead of sent.
    """
    order = (rank, *by_name) if rank else by_name
    key, backward = _key(cursor, has_rank=bool(rank))
    if key:
        rows_of = rows_of.filter(_beyond(order, key, "lt" if backward else "gt"))
    rows = list(rows_of.order_by(*(f"-{name}" if backward else name for name in order))[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backward:
        rows.reverse()
    if not rows:
        return Page(rows=[])

    def cursor_of(direction: str, row: Any) -> str:
        return f"{direction}{getattr(row, rank)}.{row.pk}" if rank else f"{direction}{row.pk}"

    return Page(
        rows=rows,
        next_cursor=cursor_of("n", rows[-1]) if more or backward else None,
        previous_cursor=cursor_of("p", rows[0]) if (more if backward else key) else None,
    )


def _key(cursor: str | None, *, has_rank: bool) -> tuple[tuple[Any, ...], bool]:
    """The values to begin beyond, and whether to go backwards; empty for the first page."""
    match = _CURSOR.fullmatch(cursor or "")
    if match is None or has_rank != (match[2] is not None):
        return (), False
    pk = int(match[3])
    name = SearchEntry.objects.filter(pk=pk).values_list("title_sort", flat=True).first()
    if name is None:
        return (), False
    return (int(match[2]), name, pk) if has_rank else (name, pk), match[1] == "p"


def _price_between(low: Decimal | None, high: Decimal | None) -> Q:
    """What the card shows (`Article.unit_price`) lies in the span. Where no price is known it lies in none."""
    span = {f"{end}": value for end, value in (("gte", low), ("lte", high)) if value is not None}
    own = Q(**{f"article__local__shown_price__{end}": value for end, value in span.items()})
    # Of the rows in force only the first is looked at, the one that `choose_price` takes.
    rows: QuerySet[Price] = Price.objects.in_force(timezone.localdate()).filter(article=OuterRef("pk")).by_precedence()
    is_within = ExpressionWrapper(Q(**{f"amount__{end}": value for end, value in span.items()}), output_field=BooleanField())
    is_feeds = Q(article__local__shown_price=None) & (Q(article__local__charging_form=None) | ~Q(article__local__charging_form=ChargingForm.RENT))
    # A CASE, so that the rows are asked for once, and only where they count.
    return Q(Case(When(own, then=Value(True)), When(is_feeds, then=Subquery(rows.annotate(is_within=is_within).values("is_within")[:1])), default=Value(False)))


def _beyond(order: tuple[str, ...], key: tuple[Any, ...], way: str) -> Q:
    """After (or before) the key; the first column alone bounds the range of the index."""
    condition = Q()
    for place, name in enumerate(order):
        same = dict(zip(order[:place], key[:place], strict=True))
        condition |= Q(**same, **{f"{name}__{way}": key[place]})
    return Q(**{f"{order[0]}__{way}e": key[0]}) & condition
