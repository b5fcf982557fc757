"""What the store's page lists: its lines, narrowed, with all that a row shows in a constant number of queries."""

import datetime
from collections.abc import Iterable

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Assignment
from buffer.models import CountEntry, Movement, StockIndividual, StockLine, Store
from buffer.models.stores import StockLineQuerySet
from catalog.models import Article

PAGE_SIZE = 25
YEAR = datetime.timedelta(days=365)
STILL_DAYS = 180
STILL = {"90": "3 månader", "180": "6 månader", "365": "12 månader"}
BY_PLACE = ("place_sort", "id")
BY_NAME = ("article__name_sort", "id")
SORTS = {"plats": ("Plats", BY_PLACE), "namn": ("Benämning", BY_NAME)}
VIEWS = {"": "Alla", "under": "Under säkerhetsnivån", "slut": "Slut", "still": "Står still", "utan": "Har funnits"}


def lines_of(store: Store, view: str = "", *, still_days: int = STILL_DAYS) -> StockLineQuerySet:
    """The store's lines, of one of `VIEWS`."""
    lines = StockLine.objects.filter(store=store)
    match view:
        case "under":
            return lines.below()
        case "slut":
            return lines.filter(on_hand=0, target_level__gt=0)
        case "still":
            return lines.still_since(timezone.now() - datetime.timedelta(days=still_days))
        case "utan":
            return lines.exclude(pk__in=lines.kept().values("pk"))
    return lines.kept()


def matching(lines: StockLineQuerySet, text: str) -> StockLineQuerySet:
    """Those whose article, place or individual the text names, or a part of it. A whole GTIN, as a scanner reads it, names its article."""
    individuals = StockIndividual.objects.filter(line=OuterRef("pk"), individual__number__istartswith=text)
    words = Q(article__name__icontains=text) | Q(article__local__name__icontains=text)
    numbers = Q(article__number__istartswith=text) | Q(article__local__sesam_number__istartswith=text) | Q(article__gtin=text.zfill(14)) | Q(article__gtin=text)
    return lines.filter(words | numbers | Q(place__istartswith=text) | Exists(individuals))


def with_all(lines: "QuerySet[StockLine]") -> "QuerySet[StockLine]":
    """With the article as a card shows it, and the individuals that lie there."""
    individuals = StockIndividual.objects.select_related("individual").order_by("individual__number")
    return lines.select_related("store__unit").prefetch_related(Prefetch("article", Article.objects.for_cards()), Prefetch("individuals", individuals))


def withdrawn(lines: Iterable[StockLine], *, since: datetime.datetime | None = None) -> dict[int, int]:
    """How many have been taken out of each of the lines, by their keys, since then (a year). One query."""
    since = since or timezone.now() - YEAR
    moved = Movement.objects.filter(line__in=list(lines), kind=Movement.Kind.WITHDRAWAL, happened_at__gte=since)
    return {line: -change for line, change in moved.values_list("line").annotate(Sum("change"))}


def summaries(by: Assignment) -> list[Store]:
    """The unit's stores with what is to be done in each: `below`, `out`, `missing` (taken, not registered). Two queries."""
    below = Count("lines", filter=Q(lines__safety_level__gt=F("lines__on_hand") + F("lines__on_order")))
    out = Count("lines", filter=Q(lines__on_hand=0, lines__target_level__gt=0))
    stores = list(Store.objects.visible_to(by).in_use().annotate(below=below, out=out).order_by("name", "pk"))
    taken = CountEntry.objects.unregistered().filter(line__store__in=stores).values_list("line__store")
    missing = dict(taken.annotate(pieces=Sum(-F("difference") - F("registered"))))
    for store in stores:
        store.missing = missing.get(store.pk, 0)  # type: ignore[attr-defined]
    return stores


def unregistered(store: Store) -> "QuerySet[CountEntry]":
    """Tagna men inte registrerade: what counts have found missing, and were booked as such, and has not been registered since. Newest first."""
    entries = CountEntry.objects.unregistered().filter(line__store=store).select_related("count", "counted_by__user", "line__store")
    return entries.prefetch_related(Prefetch("line__article", Article.objects.for_cards())).order_by("-counted_at", "-id")
