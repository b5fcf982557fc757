"""The demo's buffertförråd with a year behind them: what runs out, stands still, is paused, and was found missing when it was counted."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Assignment, CareUnit
from accounts.roles import Role
from buffer.actions import counting, ledger, receive
from buffer.actions.levels import Levels, set_levels
from buffer.models import CountEntry, Movement, StockLine, Store
from catalog.models import Article
from catalog.models.local import ChargingForm
from integration.numbers import next_number
from websesam import demo_data


@dataclass(frozen=True)
class DemoStore:
    """`delivery_days` are weekdays, Monday 1; none: topped up at once."""

    number: str
    unit_hsa_id: str
    name: str
    location: str
    delivery_days: tuple[int, ...] = ()
    counts_blind: bool = False


STORES = [
    DemoStore("4101", demo_data.ALINGSAS_REHAB, "Torgets buffertförråd", "Kungsgatan 9, plan 1, rum 114"),
    DemoStore("4102", demo_data.ALINGSAS_HOME_CARE, "Hemsjukvårdens förråd", "Rådhusgatan 1, källaren", (2, 4), counts_blind=True),
]

# Place, säkerhetsnivå and target of the articles of a store, one after the other.
_SHELVES = [("A1", 4, 8), ("A2", 2, 4), ("A10", 6, 12), ("B1", 3, 6), ("B2", 0, 0), ("B3", 10, 20), ("C1", 2, 5), ("C2", 1, 3)]
_ARTICLES = 24
_REASONS = {True: (CountEntry.Reason.UNREGISTERED, ""), False: (CountEntry.Reason.MISCOUNTED, "En för mycket i förra leveransen.")}


def load() -> None:
    orderable = Article.objects.orderable().exclude(local__is_in_assortment=False).filter(article_type__in=["H", "T"])
    rented = list(orderable.filter(local__charging_form=ChargingForm.RENT, local__is_individual_marked=True).order_by("pk")[:_ARTICLES])
    bought = list(orderable.exclude(local__charging_form=ChargingForm.RENT).order_by("pk")[: 2 * _ARTICLES])
    for place, item in enumerate(STORES):
        unit = CareUnit.objects.get(hsa_id=item.unit_hsa_id)
        store = Store.objects.create(
            number=item.number,
            unit=unit,
            name=item.name,
            location=item.location,
            delivery_days=list(item.delivery_days),
            top_up=Store.TopUp.BY_DELIVERY_DAY if item.delivery_days else Store.TopUp.AT_ONCE,
            counts_blind=item.counts_blind,
        )
        here = Assignment.objects.filter(unit=unit).select_related("unit__provider", "user").order_by("pk")
        by = here.filter(role=Role.STORE_MANAGER).first() or here.first()
        assert by is not None  # demo_data has somebody at each unit with a store
        articles = [*rented[place::4][: _ARTICLES // 3], *bought[place::2][: 2 * _ARTICLES // 3]]
        _count(store, [_fill(store, article, number, by) for number, article in enumerate(articles)], by)


def _fill(store: Store, article: Article, number: int, by: Assignment) -> StockLine:
    """One article: what it is to have, a year of deliveries and withdrawals, and what lies there now."""
    place, safety, target = _SHELVES[number % len(_SHELVES)]
    pause = "Väntar på efterföljaren." if number == 5 else ""
    line = set_levels(store, article, Levels(safety, target, f"{place}:{number // len(_SHELVES) + 1}", pause), by=by)
    now = timezone.now()
    stands_still = number % 6 == 4
    if stands_still:
        _write(line, 5, by, now - datetime.timedelta(days=330))
    for week in () if stands_still else range(50, 0, -2):
        at = now - datetime.timedelta(weeks=week, hours=number)
        if line.on_hand < max(safety, 2):
            _write(line, max(target, 6) - line.on_hand, by, at)
        _write(line, -min(line.on_hand, 1 + (number + week) % 3), by, at + datetime.timedelta(hours=5))
    if number % 7 == 3 and line.on_hand:
        _write(line, -line.on_hand, by, now - datetime.timedelta(days=2))
    elif article.is_individual_marked:
        # The year's others had no numbers read; these are the newest.
        numbers = [f"45-{store.number}{number:02}{piece}" for piece in range(3)]
        receive(store, article, by=by, order_number=next_number("L"), individual_numbers=numbers)
    return StockLine.objects.select_related("article__local").get(pk=line.pk)


def _write(line: StockLine, change: int, by: Assignment, at: datetime.datetime) -> None:
    """A delivery or a withdrawal of the past, as if it had been booked then."""
    is_out = change < 0
    kind = Movement.Kind.WITHDRAWAL if is_out else Movement.Kind.RECEIPT
    was_empty = line.on_hand == 0
    ledger.write(line, change, kind=kind, by=by, order_number=next_number("U" if is_out else "L"), happened_at=at, at=at)
    line.last_withdrawn_at = at if is_out else line.last_withdrawn_at
    line.stocked_at = at if was_empty else line.stocked_at
    line.save(update_fields=["last_withdrawn_at", "stocked_at"])


def _count(store: Store, lines: list[StockLine], by: Assignment) -> None:
    """A count of some of the lines: one piece is missing, one is too many."""
    count = counting.start(store, by=by)
    for place, line in enumerate([line for line in lines if line.on_hand > 1 and not line.article.is_individual_marked][:6]):
        counting.enter(count, line, by=by, counted=line.on_hand + {0: -1, 3: 1}.get(place, 0))
    found = counting.differences(count)
    reasons = {one.entry.line_id: _REASONS[one.change < 0] for one in found if one.differs}
    counting.book(count, by=by, reasons=reasons, seen={one.entry.line_id: one.change for one in found})
