"""What pages say of a basis, of why it could not be read in, and of what the checks have found, in the words of the trade."""

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from billing.models import Check, Finding, InvoiceBasis, InvoiceLine
from core.templatetags.ui import MONTHS, day, kr, thousands
from ordering.timeline import Event, who

# The columns of a line, as pages and files call them.
FIELDS = {field.name: str(field.verbose_name) for field in InvoiceLine._meta.fields}


def _lines(problem: dict[str, Any]) -> str:
    """Rad 3, 14 och 203; with how many there are when not all are told."""
    told = [str(line) for line in problem.get("lines", [])]
    if not told:
        return ""
    more = problem["count"] - len(told)
    if more > 0:
        return f"rad {', '.join(told)} och {thousands(more)} till"
    return f"rad {told[0]}" if len(told) == 1 else f"rad {', '.join(told[:-1])} och {told[-1]}"


def _kr(text: str) -> str:
    return kr(Decimal(text))


_PROBLEMS: dict[str, Callable[[dict[str, Any]], str]] = {
    "BAD_LINES": lambda p: f"Rader som inte går att läsa: {_lines(p)} i den ordning de kom. Det som är fel: {', '.join(p['fields'])}.",
    "TOO_LONG": lambda _: "En rad är längre än någon rad får vara.",
    "LINE_COUNT": lambda p: f"SESAM2 angav {thousands(p['said'])} rader men skickade {'fler' if p['read'] > p['said'] else thousands(p['read'])}.",
    "TOTAL": lambda p: f"Radernas summa är {_kr(p['read'])}, men SESAM2 angav {_kr(p['said'])}.",
    "CREDITS": lambda p: f"Krediternas summa är {_kr(p['read'])}, men SESAM2 angav {_kr(p['said'])}.",
    "AMOUNT": lambda p: f"Antal gånger pris är inte beloppet: {_lines(p)}.",
    "CREDIT_SIGN": lambda p: f"En kredit som inte är negativ, eller ett negativt belopp som inte är en kredit: {_lines(p)}.",
    "VAT_RATE": lambda p: f"Momssats med fler än fyra decimaler: {_lines(p)}.",
    "TWICE": lambda p: f"Samma radnummer finns mer än en gång: {_lines(p)}.",
    "UNKNOWN_CUSTOMER": lambda p: f"Kundnummer som inte finns i portalen: {', '.join(p['numbers'])} ({_lines(p)}).",
    "SAME_MONTH": lambda p: f"Det finns redan ett underlag för månaden ({p['basis']}), och SESAM2 säger inte att det här ska ersätta det.",
    "CORRECTS_OTHER": lambda p: f"SESAM2 säger att det rättar {p['basis']}, men det gäller en annan månad eller betalare.",
    "FAILED": lambda p: f"Läsningen har avbrutits {p['count']} gånger av ett fel i portalen. Supporten behöver titta på det.",
}


def problems(basis: InvoiceBasis) -> list[str]:
    """Why the basis could not be read in, one sentence each."""
    return [_PROBLEMS[problem["code"]](problem) for problem in basis.problems]


# --- What the checks have found --------------------------------------------------------------------------


def _date(text: str) -> str:
    return day(datetime.date.fromisoformat(text))


def _month(text: str) -> str:
    date = datetime.date.fromisoformat(text)
    return f"{MONTHS[date.month - 1]} {date.year}"


def _days(number: int) -> str:
    return "1 dag" if number == 1 else f"{thousands(number)} dagar"


def _number(value: Any) -> str:
    """A quantity without the zeros that the database gives it."""
    return thousands(Decimal(str(value)).normalize() + 0)


def _unknown_order(told: dict[str, Any]) -> str:
    return f"Ordern {told['order']} finns inte i portalen." if told["order"] else "Raden har inget ordernummer."


def _not_held(told: dict[str, Any]) -> str:
    if "day" not in told:
        return "Hjälpmedlet är inte registrerat på patienten."
    return f"Patienten hade hjälpmedlet till och med {_date(told['day'])}. {_days(told['days'])} debiteras efter det."


def _double(told: dict[str, Any]) -> str:
    if "line" not in told:
        return "Samma individ debiteras för samma dagar i ett annat underlag."
    month = f" i {_month(told['month'])}" if "month" in told else ""
    return f"Samma individ debiteras för samma dagar på rad {told['line']}{month}."


def _twice(told: dict[str, Any]) -> str:
    if "taken" in told:
        return f"Uttaget {told['order']} gällde {_number(told['taken'])}, men {_number(told['charged'])} debiteras."
    return f"Artikeln debiterades redan när den levererades till förrådet på {told['order']}."


_FOUND: dict[str, Callable[[dict[str, Any]], str]] = {
    Check.UNKNOWN_ORDER: _unknown_order,
    Check.RENT_AFTER_STOP: lambda told: f"Hyran slutar {_date(told['day'])} enligt hämtorder {told['order']}. {_days(told['days'])} debiteras efter det.",
    Check.RENT_NOT_HELD: _not_held,
    Check.DOUBLE_RENT: _double,
    Check.BILLED_TWICE: _twice,
    Check.WRONG_PAYER: lambda told: f"Betalare för {told['order']} är {told['payer']}.",
}


def found(finding: Finding) -> str:
    """What is wrong with the line, in a sentence."""
    return _FOUND[finding.found_by](finding.details)


def report_url(basis: InvoiceBasis, line: int) -> str:
    """Where a felrapport about the line begins."""
    return f"{reverse('faultreports:new')}?{urlencode({'slag': 'COMPLAINT', 'underlag': basis.basis_id, 'underlagsrad': line})}"


# --- What has happened ---------------------------------------------------------------------------------


def _told(title: str, text: Callable[[Any], str] = lambda row: row.note, tone: str = "") -> Callable[[Any], Event]:
    return lambda row: Event(title, row.at, text(row), tone)


_EVENTS = {
    "ANNOUNCED": _told("SESAM2 meddelade att underlaget finns"),
    "PUBLISHED": _told("Inläst och klart", tone="success"),
    "PUBLISHED_LATE": _told("Inläst efter den version som ersätter det"),
    "REPLACED": _told("Ersatt av en senare version"),
    "PARKED": _told("Kunde inte läsas in", tone="danger"),
    "RETRIED": _told("Hämtas igen", lambda row: f"Av {who(row)}." if row.by else row.note),
}


def events(history: Sequence[Any]) -> list[Event]:
    """What has happened to a basis, in the order of `history`."""
    return [_EVENTS[row.event](row) for row in history]


def decisions(history: Sequence[Any]) -> list[Event]:
    """What was decided about a finding."""
    told = []
    for row in history:
        status = Finding.Status(row.new)
        by = f"Av {who(row)}." if row.by else f"Följde med från version {row.details['version']}."
        told.append(Event(status.label, row.at, f"{by} {row.note}".strip(), status.tone if status != Finding.Status.TO_CHECK else ""))
    return told
