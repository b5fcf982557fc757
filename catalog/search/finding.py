"""The two ways to find: `search` for the best few while one types, `find` for a queryset to narrow, count and page."""

import dataclasses
import datetime
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import Assignment
from catalog.models import Article, ArticleQuerySet, SearchEntry
from catalog.search.terms import Term, split, understand
from catalog.search.writing import IN_MAIN_NAME, IN_OTHER_NAME

# With more hits than this they are not all weighed against each other: the best kinds are asked for first, until there are enough.
MANY = 1000
# Numbers are found from two characters on.
_SHORTEST_NUMBER = 2
_SWEDISH_ORDER = str.maketrans("åäö", "{|}")


class RawQuery(SearchQuery):
    """A tsquery as the database itself writes it; no parser takes its words for something else."""

    template = "%(expressions)s::tsquery"


class IndexedQuery(RawQuery):
    """The planner does not see the words, so it goes by the index. It believes a rare word that is in no statistics to be in every 200th article,
    forty of them to be in so many that it reads the whole table.
    """

    template = "(SELECT %(expressions)s::tsquery)"


@dataclasses.dataclass(frozen=True)
class Found:
    """`articles` carry `relevance` (lower is better); `understood_as` is set when the spelling was corrected.

    `entries` are the same hits among all visible articles, for lists: thousands of them are counted by class, type, supplier … and sorted without a join.

    For who found nothing: `tried` is what was searched for, `nearest` are words to try instead.
    """

    articles: ArticleQuerySet
    understood_as: str | None
    tried: list[str] = dataclasses.field(default_factory=list)
    nearest: list[str] = dataclasses.field(default_factory=list)
    entries: QuerySet[SearchEntry] = dataclasses.field(default_factory=SearchEntry.objects.none)


@dataclasses.dataclass(frozen=True)
class _Asked:
    """What was typed, as conditions on SearchEntry."""

    key: str
    terms: list[Term]

    @classmethod
    def of(cls, query: str) -> "_Asked":
        key = number_key(query)
        typed = split(query)
        has_number = len(key) >= _SHORTEST_NUMBER and any(character.isdigit() for character in key)
        return cls(key if has_number else "", understand(typed) if typed else [])

    @property
    def has_words(self) -> bool:
        return bool(self.terms) and all(term.is_known for term in self.terms)

    @property
    def has_many(self) -> bool:
        return min(term.occurrences for term in self.terms) > MANY

    def exact_number(self, prefix: str = "") -> Q:
        return self._number("", prefix)

    def number(self, prefix: str = "") -> Q:
        return self._number("__startswith", prefix)

    def _number(self, lookup: str, prefix: str) -> Q:
        return Q(*((f"{prefix}{name}{lookup}", self.key) for name in ("number_key", "sesam_key", "gtin_key")), _connector=Q.OR)

    def query(self, *signs: str) -> str:
        return " & ".join(term.tsquery(*signs) for term in self.terms)

    def words(self, prefix: str = "", *signs: str) -> Q:
        """All terms; with signs, in a name (`writing.IN_MAIN_NAME`)."""
        query = RawQuery if self.has_many else IndexedQuery
        return Q((f"{prefix}words", query(self.query(*signs))))

    @property
    def openings(self) -> list[str]:
        return [opening.translate(_SWEDISH_ORDER) for opening in self.terms[0].openings[:4]]

    def begins(self, prefix: str = "") -> Q:
        return Q(*((f"{prefix}title_sort__startswith", opening) for opening in self.openings), _connector=Q.OR)


def search(query: str, *, orderable_only: bool = False, limit: int = 20, by: Assignment | None = None) -> list[Article]:
    """The best articles for what was typed, with all that a card shows; exact numbers first. Nothing typed: nothing.

    With `by` those that its care provider hides are left out. Fast whatever is typed: of very many equal hits it takes some.
    `find` knows them all.
    """
    best = search_ids(query, orderable_only=orderable_only, limit=limit)
    if not best:
        return []
    scope = Article.objects.orderable() if orderable_only else Article.objects.visible()
    scope = scope.shown_to(by) if by is not None else scope
    articles = {article.pk: article for article in scope.filter(pk__in=best).for_cards()}
    return [articles[pk] for pk in best if pk in articles]


def search_ids(query: str, *, orderable_only: bool = False, limit: int = 20) -> list[int]:
    """The same without the cards: the articles' ids, best first."""
    return _best(_Asked.of(query), timezone.localdate() if orderable_only else None, limit)


def find(query: str, scope: ArticleQuerySet) -> Found:
    """Those in `scope` that match what was typed, as a queryset that may be narrowed, sorted and paged."""
    asked = _Asked.of(query)
    proposed = [word for term in asked.terms if not term.is_known for word in term.nearest]
    if not proposed and len(asked.terms) > 1:
        # Each of them is found, but not together.
        proposed = [term.typed for term in asked.terms]
    return Found(
        articles=scope.filter(_hits(asked, "search_entry__")).annotate(relevance=_relevance(asked, "search_entry__")),
        understood_as=" ".join(term.typed for term in asked.terms) if any(term.corrected for term in asked.terms) else None,
        tried=[term.tried for term in asked.terms] or split(query),
        nearest=list(dict.fromkeys(proposed)),
        entries=SearchEntry.objects.filter(_hits(asked)).annotate(relevance=_relevance(asked)),
    )


def _hits(asked: _Asked, prefix: str = "") -> Q:
    condition = Q(pk__in=[])
    if asked.key:
        condition |= asked.number(prefix)
    if asked.has_words:
        condition |= asked.words(prefix)
    return condition


def count_by(entries: QuerySet[SearchEntry], *names: str) -> dict[str, dict[Any, int]]:
    """How many of the entries have each value, for each of the named columns or annotations: all of them in one pass."""
    counts: dict[str, dict[Any, int]] = {name: {} for name in names}
    columns = [connection.ops.quote_name(name) for name in names]
    try:
        hits, params = entries.order_by().values_list(*names).query.sql_with_params()
    except EmptyResultSet:
        return counts
    statement = f"SELECT GROUPING({', '.join(columns)}), {', '.join(columns)}, count(*) FROM ({hits}) AS hits ({', '.join(columns)})"  # noqa: S608 - names from the code
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} GROUP BY GROUPING SETS ({', '.join(f'({column})' for column in columns)})", params)
        rows = cursor.fetchall()
    for left_out, *values, number in rows:
        # A bit for each column, the last one lowest; the one that was grouped by has none.
        place = next(place for place in range(len(names)) if not left_out >> (len(names) - 1 - place) & 1)
        counts[names[place]][values[place]] = number
    return counts


def number_key(text: str) -> str:
    """A number without the spaces and signs that people write in it, in capitals; the same as in `refresh`."""
    return re.sub(r"[\s\-./_]", "", text).upper()[:35]


def _relevance(asked: _Asked, prefix: str = "") -> Case | Value:
    """Number, number's beginning, main aid whose name begins so, main aid so named, anything so named, the rest.

    Of very many hits the names are not looked through: all main aids come before the rest.
    """
    steps = []
    if asked.key:
        steps += [When(asked.exact_number(prefix), then=0), When(asked.number(prefix), then=1)]
    if asked.has_words:
        is_main = Q((f"{prefix}article_type", "H"))
        steps += [When(is_main & asked.begins(prefix), then=2)] if asked.openings else []
        if asked.has_many:
            steps += [When(is_main, then=3)]
        else:
            steps += [When(asked.words(prefix, IN_MAIN_NAME), then=3), When(asked.words(prefix, IN_OTHER_NAME), then=4)]
    return Case(*steps, default=Value(5), output_field=IntegerField()) if steps else Value(5)


def _best(asked: _Asked, orderable_on: datetime.date | None, limit: int) -> list[int]:
    """The articles' ids, best first; those that can be ordered that day, or all."""
    entries = SearchEntry.objects.filter(orderable_before__gt=orderable_on) if orderable_on else SearchEntry.objects.all()
    order = ("title_sort", "article_id")
    best: dict[int, None] = {}
    if asked.key:
        numbered = entries.filter(asked.number()).annotate(relevance=_relevance(asked)).order_by("relevance", *order)
        best.update(dict.fromkeys(numbered.values_list("article_id", flat=True)[:limit]))
    if not asked.has_words or len(best) >= limit:
        return list(best)[:limit]
    if not asked.has_many:
        hits = entries.filter(asked.words()).annotate(relevance=_relevance(asked)).order_by("relevance", *order)
        best.update(dict.fromkeys(hits.values_list("article_id", flat=True)[:limit]))
        return list(best)[:limit]
    for kind in _kinds(asked, entries, orderable_on, limit):
        best.update(dict.fromkeys(kind))
        if len(best) >= limit:
            break
    return list(best)[:limit]


# By the index of words, and only as many rows as are asked for. The planner would rather bet on finding enough hits at once in the table as it lies,
# and lose when they lie together at its end; so the query is hidden from it (IndexedQuery), and what is materialised is planned as if all were wanted.
_SOME = """
WITH hits AS MATERIALIZED (SELECT article_id, title_sort, orderable_before FROM catalog_searchentry WHERE words @@ (SELECT %s::tsquery)),
     enough AS (SELECT article_id, title_sort FROM hits WHERE %s::date IS NULL OR orderable_before > %s LIMIT %s)
SELECT article_id FROM enough ORDER BY title_sort, article_id
"""


def _kinds(asked: _Asked, entries: QuerySet[SearchEntry], orderable_on: datetime.date | None, limit: int) -> Iterator[Iterable[int]]:
    """Hits from the best kind to the rest, each no more than are needed.

    The first walks the index of names; the others stop as soon as there are enough, whichever these are, and then sort them.
    """
    if len(asked.terms) == 1:
        for opening in asked.openings:
            begins = entries.filter(article_type="H", title_sort__startswith=opening)
            yield begins.order_by("title_sort", "article_id").values_list("article_id", flat=True)[:limit]
    for signs in ((IN_MAIN_NAME,), (IN_OTHER_NAME,), ()):
        with connection.cursor() as cursor:
            cursor.execute(_SOME, [asked.query(*signs), orderable_on, orderable_on, 2 * limit])
            yield [pk for (pk,) in cursor.fetchall()]
