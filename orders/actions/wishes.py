"""What is asked for beside the articles must be possible: when, how fast, for how long. Each answers with (field, Swedish text)."""

import datetime
from collections.abc import Iterator

from core.templatetags.ui import day, long_day
from core.workdays import Calendar, holiday_name, is_workday, next_workday
from orders import rules
from orders.models import Order, UrgentFee

LONGEST = datetime.timedelta(days=366)
SATURDAY = 6
Problem = tuple[str, str]


def day_problem(wanted: datetime.date, *, today: datetime.date, region: Calendar) -> str:
    """Why nothing can be delivered on that day, whatever is ordered; "" when it can."""
    if wanted < today:
        return "Det önskade leveransdatumet har passerat. Välj ett senare datum eller lämna fältet tomt."
    if not is_workday(wanted, region):
        why = holiday_name(wanted).lower() or ("helg" if wanted.isoweekday() >= SATURDAY else "arbetsfri hos centralen")
        return f"{long_day(wanted).capitalize()} är {why}, då levereras inget. Närmaste vardag efter är {long_day(next_workday(wanted, region))}."
    return ""


def problems(order: Order, sheet: rules.Sheet, *, today: datetime.date) -> Iterator[Problem]:
    yield from _date(order, sheet, today)
    yield from _loan(order, sheet, today)
    yield from _haste(order, sheet, today)


def _date(order: Order, sheet: rules.Sheet, today: datetime.date) -> Iterator[Problem]:
    wanted = order.requested_on
    if wanted is None:
        return
    if text := day_problem(wanted, today=today, region=sheet.calendar):
        yield "requested_on", text
    elif sheet.rows and sheet.earliest_on is not None and wanted < sheet.earliest_on:
        slow = f" {sheet.slowest.line.article.display_name} tar längst tid." if order.deliver_together and sheet.slowest and len(sheet.rows) > 1 else ""
        yield "requested_on", f"Tidigast möjliga leverans är {long_day(sheet.earliest_on)}.{slow} Välj ett senare datum eller lämna fältet tomt."


def _loan(order: Order, sheet: rules.Sheet, today: datetime.date) -> Iterator[Problem]:
    if order.purpose == Order.Purpose.LOAN:
        return
    what = "provtiden" if order.purpose == Order.Purpose.TRIAL else "korttidslånet"
    if order.ends_on is None:
        yield "ends_on", f"Skriv när {what} slutar."
    elif order.ends_on <= max(today, order.requested_on or today):
        yield "ends_on", f"Slutdatumet måste ligga efter leveransen. Skriv när {what} slutar."
    elif sheet.latest_on is not None and order.ends_on <= sheet.latest_on:
        yield "ends_on", f"Leveransen kan dröja till {day(sheet.latest_on)}. Välj ett senare slutdatum."
    elif order.ends_on > today + LONGEST:
        yield "ends_on", "Slutdatumet ligger mer än ett år fram. Välj ett tidigare datum, eller ett lån utan slut."


def _haste(order: Order, sheet: rules.Sheet, today: datetime.date) -> Iterator[Problem]:
    """Akut: within 24 hours, what is in stock, as it stands, not with a later date (the region's rules for akut leverans)."""
    if not order.is_urgent:
        return
    if UrgentFee.objects.in_force(today) is None:
        yield "is_urgent", "Akut leverans går inte att beställa här. Ring centralen."
        return
    away = [row.line.article.display_name for row in sheet.rows if not rules.is_in_stock(row.line.article)]
    if away:
        yield "is_urgent", f"Akut går bara för det som finns i lager. Inte i lager: {', '.join(away)}. Ta bort Akut eller dela beställningen."
    changed = [row.line.article.display_name for row in sheet.rows if row.line.configuration]
    if changed:
        yield "is_urgent", f"Akut går bara i standardutförande. Ta bort inställningarna för {', '.join(changed)} eller ta bort Akut."
    if order.requested_on is not None and order.requested_on > next_workday(today + datetime.timedelta(days=rules.URGENT_DAYS), sheet.calendar):
        yield "requested_on", "Akut leverans kommer inom ett dygn. Ta bort det önskade datumet eller ta bort Akut."
