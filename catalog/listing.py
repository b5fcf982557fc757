"""The catalogue's list: narrowed by facets, sorted by relevance or name, in pages of constant cost."""

import dataclasses
import re
from typing import Any

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce, Substr

from catalog.models import Article, ArticleQuerySet, Category
from catalog.models.articles import ArticleType
from catalog.models.local import DeliveryClass
from catalog.search import find
from core.paging import Page

PAGE_SIZE = 24
MOST_GROUPS = 10
_CURSOR = re.compile(r"([np])([0-9]{1,18})")


@dataclasses.dataclass(frozen=True)
class Choice:
    """One line of a facet. `value` goes into the address; None takes the choice away."""

    value: str | None
    label: str
    count: int
    is_chosen: bool = False


@dataclasses.dataclass(frozen=True)
class Facet:
    name: str
    title: str
    choices: list[Choice]


class Listing:
    """What one visitor asked for. All of it is optional; `article_type` and `delivery` are known codes."""

    def __init__(self, *, query: str = "", iso: str = "", article_type: str = "", delivery: str = "") -> None:
        self.query, self.iso, self.article_type, self.delivery = query, iso, article_type, delivery
        scope = Article.objects.visible().filter(search_entry__isnull=False)
        self.understood_as: str | None = None
        if query:
            found = find(query, scope)
            self.all, self.understood_as = found.articles, found.understood_as
        else:
            self.all = scope.annotate(relevance=Value(0))
        self.all = self.all.annotate(type_in_force=Coalesce("local__article_type", "article_type"))

    @property
    def is_narrowed(self) -> bool:
        return bool(self.iso or self.article_type or self.delivery)

    def narrowed(self, *, without: str = "") -> ArticleQuerySet:
        """`without` leaves one facet out, so that its other choices keep their counts."""
        articles = self.all
        if self.iso and without != "iso":
            articles = articles.filter(category__code__startswith=self.iso)
        if self.article_type and without != "typ":
            articles = articles.filter(type_in_force=self.article_type)
        if self.delivery and without != "leverans":
            articles = articles.filter(local__delivery_class=self.delivery)
        return articles

    # --- Facets ---

    def facets(self) -> list[Facet]:
        """Those with anything to choose."""
        facets = [self._classes(), self._types(), self._deliveries()]
        return [facet for facet in facets if facet.choices]

    def _counts(self, articles: ArticleQuerySet, key: Any) -> dict[str, int]:
        rows = articles.order_by().annotate(facet_key=key).values_list("facet_key").annotate(number=Count("pk"))
        return {key: number for key, number in rows if key}

    def _classes(self) -> Facet:
        """The chosen class with those above it, each to step back to, and what is below it. A search begins two levels down."""
        length = len(self.iso) + 2 if self.iso else 4 if self.query else 2
        below = self._counts(self.narrowed(), Substr("category__code", 1, length)) if length <= 6 else {}
        below.pop(self.iso, None)
        above = [self.iso[:end] for end in range(2, len(self.iso) + 1, 2)]
        names = dict(Category.objects.filter(code__in=[*below, *above]).order_by("edition").values_list("code", "name"))
        choices = []
        if above:
            total = self._counts(self.narrowed(without="iso"), Substr("category__code", 1, 2))
            choices.append(Choice(None, "Alla områden", sum(total.values())))
        for code in above:
            count = self.narrowed(without="iso").filter(category__code__startswith=code).count()
            choices.append(Choice(code, _class_name(code, names), count, is_chosen=code == self.iso))
        most = sorted(below.items(), key=lambda pair: -pair[1])[:MOST_GROUPS] if self.query else list(below.items())
        choices += [Choice(code, _class_name(code, names), number) for code, number in sorted(most)]
        return Facet("iso", "Produktområde", choices)

    def _types(self) -> Facet:
        counts = self._counts(self.narrowed(without="typ"), F("type_in_force"))
        return Facet("typ", "Typ", [_choice(value, label, counts, self.article_type) for value, label in ArticleType.choices if counts.get(value)])

    def _deliveries(self) -> Facet:
        counts = self._counts(self.narrowed(without="leverans"), F("local__delivery_class"))
        return Facet("leverans", "Leverans", [_choice(value, label, counts, self.delivery) for value, label in DeliveryClass.choices if counts.get(value)])

    # --- Pages ---

    def page(self, cursor: str | None, *, size: int = PAGE_SIZE) -> Page[Article]:
        """The cursor is a direction and the id of the article where the last page ended; one that is not ours gives the first page.

        `core.paging` takes no text as a key, and here the name is the order, so its value is looked up instead of sent.
        """
        articles = self.narrowed()
        order = ("relevance", "search_entry__title_sort", "pk") if self.query else ("search_entry__title_sort", "pk")
        match = _CURSOR.fullmatch(cursor or "")
        key = articles.filter(pk=int(match[2])).values_list(*order).first() if match else None
        backward = key is not None and match is not None and match[1] == "p"
        if key is not None:
            articles = articles.filter(_beyond(order, key, "lt" if backward else "gt"))
        rows = list(articles.order_by(*(f"-{name}" if backward else name for name in order)).for_cards()[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if backward:
            rows.reverse()
        if not rows:
            return Page(rows=[])
        return Page(
            rows=rows,
            next_cursor=f"n{rows[-1].pk}" if more or backward else None,
            previous_cursor=f"p{rows[0].pk}" if (more if backward else key is not None) else None,
        )


def _choice(value: str, label: str, counts: dict[str, int], chosen: str) -> Choice:
    return Choice(None, label, counts[value], is_chosen=True) if value == chosen else Choice(value, label, counts[value])


def _class_name(code: str, names: dict[str, str]) -> str:
    spaced = "\u00a0".join(code[start : start + 2] for start in range(0, len(code), 2))
    return f"{spaced} {names.get(code, '')}".strip()


def _beyond(order: tuple[str, ...], key: tuple[Any, ...], way: str) -> Q:
    """After (or before) the key; the first column alone bounds the range of the index."""
    condition = Q()
    for place, name in enumerate(order):
        same = dict(zip(order[:place], key[:place], strict=True))
        condition |= Q(**same, **{f"{name}__{way}": key[place]})
    return Q(**{f"{order[0]}__{way}e": key[0]}) & condition
