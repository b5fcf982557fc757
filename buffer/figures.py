"""What a store is worth and how much it is used, for its pages, its charts and its Excel file."""

import dataclasses
import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum, Window
from django.db.models.functions import Lead, TruncMonth
from django.utils import timezone

from buffer.models import Movement, StockLine, Store
from catalog.models import Article
from catalog.models.local import ChargingForm
from core import charts
from core.templatetags.ui import MONTHS_SHORT

Kind = Movement.Kind
MONTHS = 12


def value_of(article: Article) -> Decimal | None:
    """What one piece is worth, SEK excluding VAT: the price that it is sold for; of what is let, what the centre buys it for. None: not known.

    So a store's differences are charged: what is sold at its price, what is let at what a new one costs.
    """
    if article.charging_form != ChargingForm.RENT:
        return article.unit_price()
    row = article.current_price()
    return row.amount if row is not None else None


def months(today: datetime.date | None = None) -> list[datetime.date]:
    """The first days of the last 12 months, this one last."""
    today = today or timezone.localdate()
    number = today.year * 12 + today.month - 1
    return [datetime.date(month // 12, month % 12 + 1, 1) for month in range(number - MONTHS + 1, number + 1)]


@dataclasses.dataclass(frozen=True)
class Month:
    """What was moved in a month, and what was there at its end."""

    first: datetime.date
    withdrawn: int
    came: int
    left: int

    @property
    def name(self) -> str:
        return f"{MONTHS_SHORT[self.first.month - 1]} {self.first.year % 100:02}"


def year_of(movements: "QuerySet[Movement]", on_hand: int) -> list[Month]:
    """The last 12 months of the movements, which end with `on_hand`. One query, over an index of the year alone."""
    firsts = months()
    begin = timezone.make_aware(datetime.datetime.combine(firsts[0], datetime.time()))
    by_month = movements.filter(happened_at__gte=begin).annotate(month=TruncMonth("happened_at")).values("month")
    rows = by_month.annotate(
        withdrawn=Sum("change", filter=Q(kind=Kind.WITHDRAWAL), default=0),
        came=Sum("change", filter=Q(kind__in=[Kind.RECEIPT, Kind.RETURN]), default=0),
        total=Sum("change"),
    )
    moved = {timezone.localtime(row["month"]).date(): row for row in rows.order_by("month")}
    made, left = [], on_hand
    for first in reversed(firsts):
        row = moved.get(first, {"withdrawn": 0, "came": 0, "total": 0})
        made.append(Month(first, -row["withdrawn"], row["came"], left))
        left -= row["total"]
    return made[::-1]


def chart_of(line: StockLine) -> charts.Chart:
    """An article's year: what was taken out, and what lay there at the end of each month."""
    year = year_of(line.movements.all(), line.on_hand)
    taken = charts.Series("Uttag", [month.withdrawn for month in year])
    left = charts.Series("I förrådet vid månadens slut", [max(month.left, 0) for month in year])
    return charts.columns("Uttag och saldo, senaste tolv månaderna", [month.name for month in year], [taken, left])


@dataclasses.dataclass(frozen=True)
class StockOut:
    """An article that ran out: since when, and for how long if it has come again."""

    line: StockLine
    since: datetime.datetime
    until: datetime.datetime | None

    @property
    def days(self) -> int:
        return ((self.until or timezone.now()) - self.since).days


def stock_outs(lines: Sequence[StockLine], *, since: datetime.datetime) -> list[StockOut]:
    """When the articles that are to be there have run out, newest first. One query, over the movements that end or begin at nothing."""
    by_key = {line.pk: line for line in lines if line.target_level}
    edges = Movement.objects.filter(Q(after=0) | Q(before=0), line__in=list(by_key), at__gte=since)
    rows = edges.annotate(next_at=Window(Lead("at"), partition_by=F("line"), order_by=F("id").asc())).values_list("line", "at", "after", "next_at")
    found = [StockOut(by_key[line], at, next_at) for line, at, after, next_at in rows if after == 0]
    return sorted(found, key=lambda out: out.since, reverse=True)


@dataclasses.dataclass(frozen=True)
class Figures:
    """A store in numbers. `value` is SEK excluding VAT, of what has a price; `without_price` is how many articles in it have none."""

    articles: int
    pieces: int
    on_order: int
    value: Decimal
    without_price: int
    below: int
    out: int
    withdrawn: int
    turnover: Decimal | None
    outs: list[StockOut]
    year: list[Month]

    @property
    def out_days(self) -> int:
        return sum(out.days for out in self.outs)


def figures_of(store: Store, lines: Iterable[StockLine]) -> Figures:
    """`lines` are those that the store keeps, with their prices (`listing.with_all`)."""
    lines = list(lines)
    pieces = sum(line.on_hand for line in lines)
    year = year_of(Movement.objects.filter(line__store=store), pieces)
    values = [(line.on_hand, value_of(line.article)) for line in lines if line.on_hand]
    withdrawn = sum(month.withdrawn for month in year)
    average = Decimal(sum(month.left for month in year)) / len(year)
    begin = timezone.make_aware(datetime.datetime.combine(year[0].first, datetime.time()))
    return Figures(
        articles=len(lines),
        pieces=pieces,
        on_order=sum(line.on_order for line in lines),
        value=sum((number * value for number, value in values if value is not None), Decimal(0)),
        without_price=sum(value is None for _, value in values),
        below=sum(line.is_below for line in lines),
        out=sum(not line.on_hand and line.target_level > 0 for line in lines),
        withdrawn=withdrawn,
        turnover=(withdrawn / average).quantize(Decimal("0.1")) if average > 0 else None,
        outs=stock_outs(lines, since=begin),
        year=year,
    )


def chart_of_store(figures: Figures) -> charts.Chart:
    names = [month.name for month in figures.year]
    series = [charts.Series("Uttag", [month.withdrawn for month in figures.year]), charts.Series("In i förrådet", [month.came for month in figures.year])]
    return charts.columns("Uttag och leveranser, senaste tolv månaderna", names, series)
