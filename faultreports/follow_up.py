"""How many reports there are, counted per month, kind, article and supplier."""

import dataclasses
import datetime
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils import timezone

from catalog.models import Article
from core import charts
from core.templatetags.ui import MONTHS_SHORT
from faultreports.models import Kind
from faultreports.models.reports import HARMFUL, FaultReportQuerySet

MOST_NAMED = 15
# Three kinds of columns can be told apart without colour; the table beside them has each kind by itself.
GROUPS: dict[str, set[str]] = {
    "Händelser och tillbud": set(HARMFUL),
    "Reklamationer": {Kind.COMPLAINT, Kind.DELIVERY, Kind.SERVICE},
    "Förkommet, ej avregistrerat": {Kind.LOST, Kind.NOT_DEREGISTERED},
}
UNKNOWN = "Ingen artikel angiven"


@dataclasses.dataclass(frozen=True)
class FollowUp:
    """`months` is a row for each month: its name, how many of each of `kinds`, and all of them."""

    total: int
    kinds: list[str]
    months: list[tuple[str, list[int], int]]
    per_month: charts.Chart
    per_kind: charts.Chart
    per_article: charts.Chart
    per_supplier: charts.Chart


def count(found: FaultReportQuerySet, *, first: datetime.date, last: datetime.date) -> FollowUp:
    """Of the reports that were sent on these days; `found` is narrowed to them. A constant number of queries, whatever there is."""
    of_month: dict[datetime.date, Counter[str]] = {month: Counter() for month in _months(first, last)}
    counted = found.annotate(month=TruncMonth("reported_at")).order_by().values("month", "kind").annotate(number=Count("pk"))
    for row in counted:
        of_month[timezone.localtime(row["month"]).date()][row["kind"]] += row["number"]
    of_kind: Counter[str] = sum(of_month.values(), Counter())
    kinds = [kind for kind in Kind if of_kind[kind]]
    names = [_month_name(month, long=len(of_month) > 12) for month in of_month]
    series = [charts.Series(name, [sum(counter[kind] for kind in group) for counter in of_month.values()]) for name, group in GROUPS.items()]
    return FollowUp(
        total=of_kind.total(),
        kinds=[kind.label for kind in kinds],
        months=[(name, [counter[kind] for kind in kinds], counter.total()) for name, counter in zip(names, of_month.values(), strict=True)],
        per_month=charts.columns("Felrapporter per månad", names, series),
        per_kind=_bars("Felrapporter per slag", "Slag", [(kind.label, of_kind[kind]) for kind in kinds]),
        per_article=_bars("Felrapporter per artikel", "Artikel", _per_article(found)),
        per_supplier=_bars("Felrapporter per leverantör", "Leverantör", _per_supplier(found)),
    )


def _per_article(found: FaultReportQuerySet) -> list[tuple[str, int]]:
    numbers = list(found.order_by().values_list("article").annotate(number=Count("pk")).order_by("-number", "article"))
    articles = Article.objects.select_related("local").in_bulk([pk for pk, _ in numbers[:MOST_NAMED] if pk])
    named = [(f"{articles[pk].display_name}, {articles[pk].display_number}" if pk else UNKNOWN, number) for pk, number in numbers[:MOST_NAMED]]
    return _with_rest(named, numbers[MOST_NAMED:])


def _per_supplier(found: FaultReportQuerySet) -> list[tuple[str, int]]:
    numbers = list(found.order_by().values_list("article__supplier__name").annotate(number=Count("pk")).order_by("-number", "article__supplier__name"))
    return _with_rest([(name or UNKNOWN, number) for name, number in numbers[:MOST_NAMED]], numbers[MOST_NAMED:])


def _with_rest(named: list[tuple[str, int]], rest: Iterable[tuple[Any, int]]) -> list[tuple[str, int]]:
    others = sum(number for _, number in rest)
    return [*named, ("Övriga", others)] if others else named


def _bars(caption: str, heading: str, rows: list[tuple[str, int]]) -> charts.Chart:
    return charts.bars(caption, [name for name, _ in rows], [charts.Series("Antal", [number for _, number in rows])], heading=heading)


def _months(first: datetime.date, last: datetime.date) -> Iterable[datetime.date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + datetime.timedelta(days=32)).replace(day=1)


def _month_name(month: datetime.date, *, long: bool) -> str:
    return f"{MONTHS_SHORT[month.month - 1]} {month.year}" if long or month.month == 1 else MONTHS_SHORT[month.month - 1]
