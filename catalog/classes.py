"""The varukatalog: the tree of ISO 9999, level by level, with how much there is in each class and a picture of something in it."""

import dataclasses
from collections import Counter

from django.db import connection
from django.db.models import Count

from catalog.cards import placeholder
from catalog.models import Category, Picture, SearchEntry
from catalog.models.products import spaced_iso

# An article of the class stands for it: the first one with a picture among so many.
_LOOKED_AT = 40
_PICTURES = """
SELECT class.code, picture.picture_id
  FROM unnest(%s::text[]) AS class(code)
  JOIN LATERAL (
       SELECT m.picture_id
         FROM (SELECT a.id, a.category_id, a.product_id
                 FROM catalog_article a LEFT JOIN catalog_localarticle l ON l.article_id = a.id
                WHERE a.category_id = ANY (ARRAY(SELECT id FROM catalog_category WHERE code LIKE class.code || '%%'))
                  AND a.ended_at IS NULL AND a.article_type = 'H' AND l.is_published IS NOT FALSE
                ORDER BY a.category_id, a.id LIMIT %s) AS a
         JOIN LATERAL (SELECT * FROM catalog_media m WHERE m.article_id = a.id
                       UNION ALL SELECT * FROM catalog_media m WHERE m.product_id = a.product_id) AS m
              ON m.kind = 'IMAGE' AND m.picture_id IS NOT NULL
        ORDER BY a.category_id, a.id, m.article_id IS NULL, m.is_main DESC, m.place, m.id LIMIT 1) AS picture ON true
"""


@dataclasses.dataclass(frozen=True)
class Branch:
    """One class, as a card of the tree."""

    code: str
    name: str
    number: int
    picture: Picture | None = None

    @property
    def spaced_code(self) -> str:
        return spaced_iso(self.code)

    @property
    def placeholder(self) -> str:
        return placeholder(self.code)


def names_of(codes: set[str]) -> dict[str, str]:
    """Swedish names by code; where editions differ the newest one's."""
    return dict(Category.objects.filter(code__in=codes).order_by("edition").values_list("code", "name"))


def path_to(code: str) -> list[tuple[str, str]]:
    """(code, name) of the class and those above it, from the top; empty for a code that there is no class for."""
    codes = [code[:end] for end in range(2, len(code) + 1, 2)]
    names = names_of(set(codes))
    return [(step, names.get(step, "")) for step in codes] if code in names else []


def branches(code: str = "") -> list[Branch]:
    """The classes right below `code` ("" for the top) that have articles, in a fixed number of queries."""
    length = len(code) + 2
    counts: Counter[str] = Counter()
    rows = SearchEntry.objects.filter(iso__startswith=code).order_by().values_list("iso").annotate(number=Count("pk"))
    for found, number in rows:
        if len(found) >= length:
            counts[found[:length]] += number
    names, pictures = names_of(set(counts)), _pictures(list(counts))
    return [Branch(branch, names.get(branch, ""), number, pictures.get(branch)) for branch, number in sorted(counts.items())]


def _pictures(codes: list[str]) -> dict[str, Picture]:
    with connection.cursor() as cursor:
        cursor.execute(_PICTURES, [codes, _LOOKED_AT])
        found = dict(cursor.fetchall())
    pictures = Picture.objects.select_related(*Picture.FILES).in_bulk(set(found.values()))
    return {code: pictures[pk] for code, pk in found.items()}
