"""Finding articles by number, name, product, supplier and ISO class, in Swedish word forms, with spelling corrected.

`refresh` writes what the rest reads; whoever changes an article, its local values, product, supplier or category calls it
in the same transaction.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Sequence

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Case, IntegerField, Q, Value, When

from catalog.models import Article, ArticleQuerySet

MAX_TERMS = 8
# A shorter part of a word is found at its beginning only: two letters are in nearly every name.
MIN_PART = 3
_TERM = re.compile(r"[^\W_]+(?:[-/.,+][^\W_]+)*")
_ISO = re.compile(r"^[0-9]{2}( [0-9]{2}){1,3}$")


@dataclasses.dataclass(frozen=True)
class Found:
    """`articles` carry `relevance` (lower is better); `understood_as` is set when the spelling was corrected."""

    articles: ArticleQuerySet
    understood_as: str | None


def search(query: str, *, orderable_only: bool = False, limit: int = 20) -> list[Article]:
    """The best articles for what was typed, with all that a card shows; exact numbers first. Nothing typed: nothing."""
    scope = Article.objects.orderable() if orderable_only else Article.objects.visible()
    if not query.strip():
        return []
    found = find(query, scope)
    return list(found.articles.order_by("relevance", "search_entry__title_sort", "pk").for_cards()[:limit])


def find(query: str, scope: ArticleQuerySet) -> Found:
    """Those in `scope` that match what was typed, as a queryset that may be narrowed, sorted and paged."""
    typed = _terms(query)
    key = number_key(query)
    if not typed:
        return Found(scope.none().annotate(relevance=Value(9)), None)
    terms = _understand(typed)
    by_number = _by_number(key)
    by_text = Q()
    for term in terms:
        by_text &= _has_term(term)
    if not terms:
        by_text = Q(pk__in=[])
    articles = scope.filter(by_number | by_text).annotate(relevance=_relevance(key, terms))
    understood = " ".join(terms)
    return Found(articles, understood if set(terms) - set(typed) else None)


def number_key(text: str) -> str:
    """A number without the spaces and signs that people write in it, in capitals; the same as in `refresh`."""
    return re.sub(r"[\s\-./_]", "", text).upper()[:35]


def _terms(query: str) -> list[str]:
    text = " ".join(query.lower().split())[:100]
    if _ISO.match(text):
        return [text.replace(" ", "")]
    return list(dict.fromkeys(_TERM.findall(text)))[:MAX_TERMS]


def _without_accents(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character))


def _tsquery(term: str, suffix: str = "") -> str:
    """The term as typed or without accents, e.g. `'säng':* | 'sang':*`. Terms hold no quotes (`_TERM`)."""
    return " | ".join(f"'{form}'{suffix}" for form in dict.fromkeys([term, _without_accents(term)]))


def _word(term: str, weight: str = "") -> SearchQuery:
    """Any form of the word. `weight` A: in the name alone."""
    return SearchQuery(_tsquery(term, f":{weight}" if weight else ""), config="swedish", search_type="raw")


def _beginning(term: str, weight: str = "") -> SearchQuery:
    """Words that begin so. As it was typed: the ending of half a word is no ending."""
    return SearchQuery(_tsquery(term, f":*{weight}"), config="simple", search_type="raw")


def _has_term(term: str) -> Q:
    condition = Q(search_entry__words=_word(term) | _beginning(term))
    if len(term) >= MIN_PART:
        # Parts of compounds: bord finds rullstolsbord.
        condition |= Q(search_entry__plain__contains=_without_accents(term))
    return condition


def _by_number(key: str) -> Q:
    if len(key) < 2 or not any(character.isdigit() for character in key):
        return Q(pk__in=[])
    return Q(search_entry__number_key__startswith=key) | Q(search_entry__sesam_key__startswith=key) | Q(search_entry__gtin_key__startswith=key)


def _relevance(key: str, terms: Sequence[str]) -> Case:
    exact = Q(search_entry__number_key=key) | Q(search_entry__sesam_key=key) | Q(search_entry__gtin_key=key)
    whole_words, beginnings = Q(), Q()
    for term in terms:
        whole_words &= Q(search_entry__words=_word(term, "A"))
        beginnings &= Q(search_entry__words=_word(term, "A") | _beginning(term, "A"))
    is_main = Q(local__article_type="H") | Q(local__article_type=None, article_type="H")
    steps = [When(exact, then=0), When(_by_number(key), then=1)]
    if terms:
        steps += [When(is_main & whole_words, then=2), When(is_main & beginnings, then=3), When(whole_words, then=4)]
    return Case(*steps, default=Value(5), output_field=IntegerField())


# --- Spelling ---------------------------------------------------------------------------------------

_LOOK_UP = """
SELECT typed.term,
       numnode(to_tsquery('swedish', typed.query)) = 0,
       EXISTS (SELECT FROM catalog_searchentry WHERE words @@ (to_tsquery('swedish', typed.query) || to_tsquery('simple', typed.beginning)))
       OR (length(typed.term) >= %s AND EXISTS (SELECT FROM catalog_searchentry WHERE plain LIKE '%%' || typed.plain || '%%'))
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS typed(term, query, beginning, plain, place)
 ORDER BY place
"""
_NEAREST = "SELECT word, plain, occurrences FROM catalog_searchword WHERE plain %% %s ORDER BY similarity(plain, %s) DESC, occurrences DESC LIMIT 40"


def _understand(typed: Sequence[str]) -> list[str]:
    """The terms to search for: without stop words, and each that occurs nowhere replaced by the nearest word that does."""
    plain = [_without_accents(term) for term in typed]
    queries, beginnings = [_tsquery(term) for term in typed], [_tsquery(term, ":*") for term in typed]
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, [MIN_PART, list(typed), queries, beginnings, plain])
        rows = cursor.fetchall()
        terms = []
        for term, is_stop_word, is_known in rows:
            if is_stop_word:
                continue
            terms.append(term if is_known or any(character.isdigit() for character in term) else _nearest(cursor, term) or term)
    return list(dict.fromkeys(terms))


def _nearest(cursor: object, term: str) -> str | None:
    plain = _without_accents(term)
    cursor.execute(_NEAREST, [plain, plain])  # type: ignore[attr-defined]
    allowed = 1 if len(term) < 6 else 2 if len(term) < 9 else 3
    candidates = [(distance(plain, candidate, allowed), -occurrences, word) for word, candidate, occurrences in cursor.fetchall()]  # type: ignore[attr-defined]
    best = min(candidates, default=None)
    return best[2] if best and best[0] <= allowed else None


def distance(a: str, b: str, limit: int) -> int:
    """How many letters were missed, added, changed or swapped with their neighbour; `limit` + 1 when it is more."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for row, letter in enumerate(a, 1):
        now = [row]
        for column, other in enumerate(b, 1):
            cost = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == b[column - 2] and a[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        if min(now) > limit:
            return limit + 1
        before, last = last, now
    return last[-1]


# --- Writing what is searched -----------------------------------------------------------------------

_SOURCE = """
SELECT a.id,
       coalesce(l.name, a.name) AS title,
       concat_ws(' ', CASE WHEN l.name IS NOT NULL THEN a.name END, p.name, p.trademark) AS more,
       concat_ws(' ', c.name, c2.name, c3.name, p.manufacturer, s.name) AS around,
       concat_ws(' ', left(c.code, 2), left(c.code, 4), c.code, array_to_string(a.iso_codes, ' '), array_to_string(p.other_iso_codes, ' ')) AS iso,
       a.number, l.sesam_number, a.gtin
  FROM catalog_article a
  JOIN catalog_supplier s ON s.id = a.supplier_id
  LEFT JOIN catalog_product p ON p.id = a.product_id
  LEFT JOIN catalog_localarticle l ON l.article_id = a.id
  LEFT JOIN catalog_category c ON c.id = a.category_id
  LEFT JOIN catalog_category c2 ON c2.id = c.parent_id
  LEFT JOIN catalog_category c3 ON c3.id = c2.parent_id
"""
_KEY = "upper(translate(coalesce({}, ''), E'åäöéü -./_\\u00a0', 'ÅÄÖÉÜ'))"
_WORDS = "setweight(to_tsvector('swedish', {0}), '{1}') || setweight(to_tsvector('swedish', unaccent({0})), '{1}')"
_WRITE_ENTRIES = f"""
INSERT INTO catalog_searchentry (article_id, title, number_key, sesam_key, gtin_key, words, plain)
SELECT id, title, {_KEY.format("number")}, {_KEY.format("sesam_number")}, gtin,
       {_WORDS.format("title", "A")} || {_WORDS.format("more", "B")} || {_WORDS.format("around", "C")} || setweight(to_tsvector('simple', iso), 'D'),
       lower(unaccent(concat_ws(' ', title, more, around, number, sesam_number, gtin)))
  FROM ({_SOURCE} {{where}}) AS source
ON CONFLICT (article_id) DO UPDATE SET title = excluded.title, number_key = excluded.number_key, sesam_key = excluded.sesam_key,
       gtin_key = excluded.gtin_key, words = excluded.words, plain = excluded.plain
"""  # noqa: S608 - made of constants only
_WRITE_WORDS = """
INSERT INTO catalog_searchword (word, plain, occurrences)
SELECT word, unaccent(word), ndoc
  FROM ts_stat($source$ SELECT to_tsvector('simple', concat_ws(' ', title, more, around)) FROM ({source}) AS source $source$)
 WHERE length(word) BETWEEN 3 AND 100 AND word !~ '[0-9]'
ON CONFLICT (word) DO NOTHING
"""


def refresh(article_ids: Sequence[int] | None = None) -> None:
    """Write anew what is searched of these articles (all when None). Call it inside the transaction that changed them."""
    with connection.cursor() as cursor:
        if article_ids is None:
            cursor.execute(_WRITE_ENTRIES.format(where=""))
            cursor.execute("DELETE FROM catalog_searchword")
            cursor.execute(_WRITE_WORDS.format(source=_SOURCE))
            # Right after a large import the planner would otherwise believe the tables to be empty.
            cursor.execute("ANALYZE catalog_article, catalog_localarticle, catalog_searchentry, catalog_searchword")
        elif article_ids:
            ids = [int(pk) for pk in article_ids]
            cursor.execute(_WRITE_ENTRIES.format(where="WHERE a.id = ANY(%s)"), [ids])
            # ts_stat takes its query as text, so the ids stand in it; they are integers.
            cursor.execute(_WRITE_WORDS.format(source=f"{_SOURCE} WHERE a.id IN ({','.join(map(str, ids))})"))
