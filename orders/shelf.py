"""What lies in a store, as one looks for it: by article number, name, the package's barcode, or an aid's individual number. Reads only."""

import dataclasses

from django.db.models import Q

from buffer.models import StockIndividual, StockLine, Store
from buffer.models.stores import StockLineQuerySet
from catalog import individuals
from core.numbers import gtin_is_valid

MOST_HITS = 12
SHORTEST_QUERY = 2


@dataclasses.dataclass(frozen=True)
class Aid:
    """An aid with a number of its own that lies in the store, by the number that it has now."""

    line: StockLine
    number: str


def lines_of(store: Store) -> StockLineQuerySet:
    """The store's lines with all that is shown of them here."""
    return StockLine.objects.filter(store=store).select_related("article__supplier", "article__local", "store")


def aid(store: Store, number: str) -> Aid | None:
    """The aid with this number, or one that it had before, if it lies in the store."""
    number = individuals.current_numbers([number]).get(number, number)
    lies = StockIndividual.objects.filter(individual__number=number, line__store=store).first()
    return None if lies is None else Aid(lines_of(store).get(pk=lies.line_id), number)


def exact(store: Store, text: str) -> StockLine | None:
    """The one line whose article has this very number or barcode; None when there is none or several."""
    named = Q(article__number__iexact=text) | Q(article__local__sesam_number=text)
    if gtin_is_valid(text):
        # The same number stands with 8, 12, 13 or 14 digits, with zeros before it.
        bare = text.lstrip("0")
        named |= Q(article__gtin__in=[bare.zfill(length) for length in (8, 12, 13, 14) if len(bare) <= length])
    found = list(lines_of(store).filter(named)[:2])
    return found[0] if len(found) == 1 else None


def find(store: Store, text: str) -> list[StockLine]:
    """Lines whose article has the text in its name or begins with it in its number; what lies there first."""
    if len(text) < SHORTEST_QUERY:
        return []
    named = (
        Q(article__name__icontains=text)
        | Q(article__local__name__icontains=text)
        | Q(article__number__istartswith=text)
        | Q(article__local__sesam_number__startswith=text)
    )
    found = lines_of(store).filter(named, Q(on_hand__gt=0) | Q(target_level__gt=0) | Q(on_order__gt=0))
    return sorted(found.order_by("article__name_sort", "pk")[: 4 * MOST_HITS], key=lambda line: line.on_hand == 0)[:MOST_HITS]
