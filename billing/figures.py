"""What bases come to, by what the pages divide them by, and against the month and the year before. Read from the sums that were made at publication."""

import dataclasses
import datetime
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Count, Q, Sum

from accounts.models import Assignment, CareUnit, Customer
from billing.models import ChargingKind, CustomerSum, Finding, InvoiceBasis, InvoiceSum, Scope
from catalog import classes
from core.charts import Chart, Series, bars, columns
from core.templatetags.ui import MONTHS_SHORT, iso_code

MOST_BARS = 10
_NOTHING = Decimal("0.00")


@dataclasses.dataclass(frozen=True)
class Totals:
    """What the assignment may read of a basis comes to."""

    lines: int = 0
    amount: Decimal = _NOTHING
    credited: Decimal = _NOTHING
    to_check: int = 0


def totals(assignment: Assignment, bases: Iterable[InvoiceBasis]) -> dict[int, Totals]:
    """By basis, in a constant number of queries."""
    shown = [basis for basis in bases if basis.is_readable]
    scope = Scope.of(assignment)
    whole = [basis.pk for basis in shown if scope.reads_all(basis.payer_number)]
    readable = Q(basis__in=whole) | Q(basis__in=[basis.pk for basis in shown], customer_number__in=scope.customers)
    sums = CustomerSum.objects.filter(readable).values("basis").annotate(n=Sum("lines"), a=Sum("amount"), c=Sum("credited")).order_by()
    open_ones = Finding.objects.filter(readable, status=Finding.Status.TO_CHECK).values_list("basis").annotate(Count("pk")).order_by()
    to_check = dict(open_ones)
    return {row["basis"]: Totals(row["n"], row["a"], row["c"], to_check.get(row["basis"], 0)) for row in sums}


def payer_names(numbers: Iterable[str]) -> dict[str, str]:
    return dict(Customer.objects.filter(payer_number__in=set(numbers)).order_by("payer_number", "-pk").values_list("payer_number", "payer_name"))


def beside(assignment: Assignment, basis: InvoiceBasis) -> tuple[InvoiceBasis | None, InvoiceBasis | None]:
    """The payer's basis in force of the month before, and of the same month a year before."""
    before = (basis.period - datetime.timedelta(days=1)).replace(day=1)
    year_before = basis.period.replace(year=basis.period.year - 1)
    found = InvoiceBasis.objects.visible_to(assignment).shown().filter(payer_number=basis.payer_number, period__in=[before, year_before])
    by_period = {other.period: other for other in found}
    return by_period.get(before), by_period.get(year_before)


@dataclasses.dataclass(frozen=True)
class Division:
    """A basis by one thing: its chart, which is its table too, and how many rows were left out of it."""

    title: str
    chart: Chart
    left_out: int


def divisions(assignment: Assignment, basis: InvoiceBasis, others: tuple[InvoiceBasis | None, InvoiceBasis | None]) -> list[Division]:
    """By debiteringsform, unit and article group, the greatest first, beside the month and the year before where there are such."""
    shown = [basis, *(other for other in others if other is not None)]
    series = [f"{MONTHS_SHORT[each.period.month - 1]} {each.period.year}" for each in shown]
    found = []
    for title, column in (("Per debiteringsform", "kind"), ("Per enhet", "unit_hsa_id"), ("Per artikelgrupp", "article_group")):
        sums = [_by(assignment, each, column) for each in shown]
        keys = sorted({key for each in sums for key in each}, key=lambda key: (-max(each.get(key, _NOTHING) for each in sums), key))
        kept = keys[:MOST_BARS]
        names = _names(column, kept)
        values = [Series(name, [each.get(key) for key in kept]) for name, each in zip(series, sums, strict=True)]
        chart = bars(f"{title}, {basis.month}", [names[key] for key in kept], values, unit="kr", heading=title.removeprefix("Per ").capitalize())
        found.append(Division(title, chart, len(keys) - len(kept)))
    return found


def _by(assignment: Assignment, basis: InvoiceBasis, column: str) -> dict[str, Decimal]:
    rows = InvoiceSum.objects.visible_to(assignment, basis).values_list(column).annotate(Sum("amount")).order_by()
    return dict(rows)


def _names(column: str, keys: list[str]) -> dict[str, str]:
    if column == "kind":
        return {key: str(ChargingKind(key).label) for key in keys}
    if column == "unit_hsa_id":
        known = dict(CareUnit.objects.filter(hsa_id__in=keys).values_list("hsa_id", "name"))
        return {key: known.get(key, key) or "Utan enhet" for key in keys}
    groups = classes.names_of(set(keys))
    return {key: f"{iso_code(key)} {groups.get(key, '')}".strip() or "Utan ISO-kod" for key in keys}


def over_time(assignment: Assignment, bases: list[InvoiceBasis], sums: dict[int, Totals], names: dict[str, str]) -> Chart | None:
    """The months of a list, oldest first: a column for each of at most three payers, else for all of them together."""
    readable = [basis for basis in bases if basis.pk in sums]
    months = sorted({basis.period for basis in readable})
    if len(months) < 2:
        return None
    payers = sorted({basis.payer_number for basis in readable})
    labels = [f"{MONTHS_SHORT[month.month - 1]} {month:%y}" for month in months]
    amounts = {(basis.payer_number, basis.period): sums[basis.pk].amount for basis in readable}
    if len(payers) > 3:
        together = [sum((amounts.get((payer, month), _NOTHING) for payer in payers), _NOTHING) for month in months]
        return columns("Belopp per månad, alla betalare", labels, [Series("Alla betalare", together)], unit="kr")
    series = [Series(names.get(payer, payer), [amounts.get((payer, month)) for month in months]) for payer in payers]
    return columns("Belopp per månad", labels, series, unit="kr")


def change(now: Decimal, before: Decimal | None) -> tuple[Decimal, Decimal | None] | None:
    """How much more, in kronor and in per cent (None of nothing); None where there is nothing to compare with."""
    if before is None:
        return None
    return now - before, (100 * (now - before) / abs(before)).quantize(Decimal("0.1")) if before else None
