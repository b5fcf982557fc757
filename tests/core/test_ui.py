"""Numbers, dates and marks as the screens show them."""

import datetime
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import engines
from django.utils import timezone

from core.templatetags import ui
from websesam.gallery import drawn_icons

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SPACE = "\u00a0"


def shown(source: str, **context: Any) -> str:
    return engines["django"].from_string(source).render(context)


@pytest.mark.parametrize(
    ("stored", "written"),
    [("189002089804", "18900208-9804"), ("18900208A804", "18900208-A804"), ("", ""), (None, ""), ("1234", "1234")],
)
def test_a_personal_id_has_a_hyphen_before_its_last_four(stored: str | None, written: str) -> None:
    assert ui.personal_id(stored) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Decimal("1140.00"), f"1{SPACE}140{SPACE}kr"),
        (Decimal("212.5"), f"212,50{SPACE}kr"),
        (Decimal("0.005"), f"0,01{SPACE}kr"),
        (Decimal("1234567.891"), f"1{SPACE}234{SPACE}567,89{SPACE}kr"),
        (Decimal(-45), f"\u221245{SPACE}kr"),
        (0, f"0{SPACE}kr"),
        (None, ""),
    ],
)
def test_money_is_written_as_swedes_do(amount: Decimal | int | None, written: str) -> None:
    assert ui.kr(amount) == written


def test_small_numbers_are_written_as_people_read_them() -> None:
    assert ui.postcode("44130") == f"441{SPACE}30"
    assert ui.postcode("N-0150") == "N-0150"
    assert ui.iso_code("122203") == "12 22 03"
    assert ui.phone("+46701740605") == "070-174 06 05"
    assert ui.phone("+4722345678") == "+47 22 34 56 78"
    assert ui.thousands(20148) == f"20{SPACE}148"


def test_a_day_tells_its_year_only_when_it_is_another() -> None:
    year = timezone.localdate().year
    date = datetime.date(year, 12, 1)
    weekday = ui.WEEKDAYS[date.weekday()]
    assert ui.long_day(date) == f"{weekday} 1 december"
    assert ui.day(datetime.date(2020, 11, 26)) == "tors 26 nov 2020"
    assert ui.long_day(datetime.date(2020, 11, 26)) == "torsdag 26 november 2020"
    assert ui.day(None) == ui.long_day(None) == ui.when(None) == ""


def test_a_time_is_told_in_swedish_time_with_words_for_the_latest_days() -> None:
    today = timezone.localdate()

    def at(date: datetime.date, hour: int, minute: int) -> datetime.datetime:
        return datetime.datetime(date.year, date.month, date.day, hour, minute, tzinfo=STOCKHOLM).astimezone(datetime.UTC)

    assert ui.when(at(today, 0, 1)) == "i dag 00.01"
    assert ui.when(at(today - datetime.timedelta(days=1), 23, 59)) == "i går 23.59"
    assert ui.deadline(datetime.datetime(2020, 12, 2, 23, 0, tzinfo=datetime.UTC)) == "onsdag 2 december 2020"  # midnight in Sweden
    assert ui.deadline(at(today, 15, 30)) == "i dag 15.30"
    assert ui.deadline(None) == ""
    assert ui.when(datetime.datetime(2020, 11, 17, 9, 41, tzinfo=datetime.UTC)) == "17 november 2020 10.41"
    assert ui.when(datetime.datetime(2020, 7, 17, 22, 41, tzinfo=datetime.UTC)) == "18 juli 2020 00.41"


def test_a_status_is_a_word_a_colour_and_an_icon() -> None:
    html = shown('{% status_tag "Försenad" "warning" %}')
    assert 'data-tone="warning"' in html
    assert "#warning" in html
    assert "Försenad" in html
    with pytest.raises(KeyError):
        ui.status_tag("Försenad", "yellow")


def test_every_icon_that_is_named_is_drawn() -> None:
    templates = Path(settings.BASE_DIR, "templates").rglob("*.html")
    named = {name for path in templates for pair in re.findall(r'{% icon "([^"]+)"|icon_name="([^"]+)"', path.read_text()) for name in pair if name}
    assert named | set(ui.TONE_ICONS.values()) <= set(drawn_icons())


def test_each_class_of_aids_has_a_placeholder() -> None:
    classes = ["04", "05", "06", "09", "12", "15", "18", "22", "24", "27", "28", "30"]
    assert {f"iso-{number}" for number in classes} <= set(drawn_icons())


def test_words_of_others_are_escaped() -> None:
    assert "<b>" not in shown("{% status_tag word %}{{ word|unbroken }}", word="<b>x</b>")
