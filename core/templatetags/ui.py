"""Numbers, dates and small marks as the screens show them. A builtin in every template, so nothing has to be loaded.

All texts are Swedish and independent of the machine's locale. Every filter gives "" for None and leaves what it cannot read as it stands.
"""

import datetime
import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.forms import phone_for_reading

register = template.Library()

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
WEEKDAYS_SHORT = ("mån", "tis", "ons", "tors", "fre", "lör", "sön")
MONTHS = ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december")
MONTHS_SHORT = ("jan", "feb", "mars", "apr", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec")
TONE_ICONS = {"success": "check", "warning": "warning", "danger": "cross", "info": "clock", "neutral": "minus"}


# --- Marks -----------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A quiet drawing beside words, hidden from screen readers. `size`: "", "lg" or "xl"."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f" icon-{size}" if size else "",
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def status_tag(word: str, tone: str = "neutral", icon_name: str = "") -> SafeString:
    """Status the same everywhere: word, colour and icon. `tone`: success, warning, danger, info or neutral; raises KeyError for another."""
    return format_html('<span class="status" data-tone="{}">{}<span>{}</span></span>', tone, icon(icon_name or TONE_ICONS[tone]), word)


@register.filter
def unbroken(value: Any) -> SafeString | str:
    """Article, order and person numbers are never split over lines."""
    return format_html('<span class="unbroken">{}</span>', value) if value not in (None, "") else ""


@register.filter
def labelled(row: Sequence[Any], columns: Sequence[str]) -> list[tuple[str, Any]]:
    """The cells of a row, each with the label of its column."""
    return list(zip(columns, row, strict=True))


# --- Numbers ---------------------------------------------------------------------------------------


@register.filter
def personal_id(value: str | None) -> str:
    """The 12 stored characters with a hyphen before the last four: 19121212-1212. Also for reserve numbers and NRID."""
    text = value or ""
    return f"{text[:8]}-{text[8:]}" if len(text) == 12 and text.isalnum() else text


@register.filter
def postcode(value: str | None) -> str:
    """44130 as 441 30, with a no-break space."""
    text = value or ""
    return f"{text[:3]}{NO_BREAK_SPACE}{text[3:]}" if re.fullmatch(r"[0-9]{5}", text) else text


@register.filter
def phone(value: str | None) -> str:
    """+46701740605 as 070-174 06 05."""
    return phone_for_reading(value) if value else ""


@register.filter
def iso_code(value: str | None) -> str:
    """122203 as 12 22 03."""
    text = value or ""
    return " ".join(text[i : i + 2] for i in range(0, len(text), 2)) if text.isdigit() and len(text) % 2 == 0 else text


@register.filter
def thousands(value: int | Decimal | None) -> str:
    """1140 as 1 140, with no-break spaces and a true minus."""
    if value is None or value == "":
        return ""
    return f"{value:,}".replace(",", NO_BREAK_SPACE).replace(".", ",").replace("-", "\N{MINUS SIGN}")


@register.filter
def kr(value: Decimal | int | None) -> str:
    """Swedish kronor: 1 140 kr, 212,50 kr. Öre only where there are any; rounded half up, as money is."""
    if value is None or value == "":
        return ""
    amount = Decimal(value).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    whole = amount == amount.to_integral_value()
    return thousands(int(amount) if whole else amount) + NO_BREAK_SPACE + "kr"


# --- Days and times --------------------------------------------------------------------------------


def _date(value: datetime.date | None) -> datetime.date | None:
    """The Swedish day of a date or an aware time."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value or None


def _year(date: datetime.date) -> str:
    return "" if date.year == timezone.localdate().year else f" {date.year}"


@register.filter
def day(value: datetime.date | None) -> str:
    """tors 26 nov; with the year when it is not this one."""
    date = _date(value)
    return f"{WEEKDAYS_SHORT[date.weekday()]} {date.day} {MONTHS_SHORT[date.month - 1]}{_year(date)}" if date else ""


@register.filter
def long_day(value: datetime.date | None) -> str:
    """tisdag 1 december; with the year when it is not this one."""
    date = _date(value)
    return f"{WEEKDAYS[date.weekday()]} {date.day} {MONTHS[date.month - 1]}{_year(date)}" if date else ""


@register.filter
def when(value: datetime.datetime | None) -> str:
    """i dag 08.12, i går 14.30, 17 november 10.41; with the year when it is not this one. Swedish time."""
    if not value:
        return ""
    local = timezone.localtime(value)
    days_ago = (timezone.localdate() - local.date()).days
    words = {0: "i dag", 1: "i går"}.get(days_ago) or f"{local.day} {MONTHS[local.month - 1]}{_year(local.date())}"
    return f"{words} {local:%H.%M}"


def last_day(deadline: datetime.datetime) -> datetime.date:
    """The day that ends with the deadline, or has it: midnight belongs to the day before. Swedish time."""
    return timezone.localtime(deadline - datetime.timedelta(microseconds=1)).date()


@register.filter
def deadline(value: datetime.datetime | None) -> str:
    """onsdag 2 december for the midnight after it, else the moment: i dag 15.30. Swedish time."""
    if not value:
        return ""
    return long_day(last_day(value)) if timezone.localtime(value).time() == datetime.time.min else when(value)


@register.filter
def machine_time(value: datetime.date | None) -> str:
    """For <time datetime>: ISO 8601, in Swedish time."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).isoformat(timespec="minutes")
    return value.isoformat() if value else ""


# --- Forms -----------------------------------------------------------------------------------------


def _forms(candidates: tuple[Any, ...]) -> "Iterator[BaseForm | BaseFormSet[Any]]":
    for candidate in candidates:
        if isinstance(candidate, BaseFormSet):
            yield candidate
            yield from candidate.forms
        elif isinstance(candidate, BaseForm):
            yield candidate
        elif isinstance(candidate, (list, tuple)):
            yield from _forms(tuple(candidate))


@register.simple_tag
def error_title(*forms: Any) -> str:
    """What the page's title begins with when any of the forms or formsets has errors: "Fel: ". What is no form is left out."""
    return "Fel: " if all_errors(*forms) else ""


@register.simple_tag
def all_errors(*forms: Any) -> list[tuple[str, str]]:
    """Every error of the forms and formsets as (id of the field or "", text that names the field), in the order of the fields."""
    found: list[tuple[str, str]] = []
    for form in _forms(forms):
        if not form.is_bound:
            continue
        if isinstance(form, BaseFormSet):
            found += [("", str(text)) for text in form.non_form_errors()]
            continue
        found += [("", str(text)) for text in form.non_field_errors()]
        for field in form:
            found += [(_target(field), _named(field, str(text))) for text in field.errors]
    return found


def _named(field: BoundField, text: str) -> str:
    """In the summary the text stands far from its field."""
    label = str(field.label)
    return text if label in text or field.is_hidden else f"{label}{'' if label.endswith('?') else ':'} {text}"


def _target(field: BoundField) -> str:
    """Where the summary's link goes: the control, or a group's first one; "" for what cannot be seen."""
    if field.is_hidden:
        return ""
    return str(field.id_for_label or (f"{field.auto_id}_0" if field.use_fieldset else field.auto_id))


@register.filter
def split_words(value: str) -> list[str]:
    """Words with commas between them as the list that a component takes: Fyll i,Granska."""
    return value.split(",")
