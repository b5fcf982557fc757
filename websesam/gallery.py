"""/komponenter/: every component in each of its states, to look at and to test. Only in demo and tests."""

import datetime
import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BaseFormSet, formset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from catalog.models import Mode
from catalog.rights import Verdict
from core import charts
from core.forms import DateField, Form, PhoneField, PostcodeField, QuantityField, TextField
from core.paging import Page

TONES = ("success", "warning", "danger", "info", "neutral")
LONG_WORD = "Hjälpmedelsförsörjningsavtalsuppföljningsansvarig"


class ExampleForm(Form):
    name = TextField(label="Namn", max_length=40)
    street = TextField(label="Gatuadress", help_text="Där patienten vistas, inte där hen är folkbokförd.", max_length=35)
    postcode = PostcodeField(label="Postnummer")
    city = TextField(label="Ort", max_length=30)
    phone = PhoneField(label="Telefon", required=False)
    wanted_on = DateField(label="Önskad leveransdag", required=False)
    quantity = QuantityField(label="Antal", initial=1)
    customer = forms.ChoiceField(label="Kund", choices=[("", "Välj kund"), ("601423", "601 423 Rehab Alingsås torg"), ("601424", LONG_WORD)])
    delivery = forms.ChoiceField(
        label="Leverans",
        choices=[("home", "Hem till patienten"), ("point", "Leveranspunkt"), ("unit", "Enheten")],
        widget=forms.RadioSelect,
        help_text="Det som är skrymmande körs alltid hem.",
    )
    notify = forms.MultipleChoiceField(
        label="Vem ska aviseras?", choices=[("patient", "Patienten"), ("contact", "Kontaktpersonen")], widget=forms.CheckboxSelectMultiple, required=False
    )
    message = TextField(label="Meddelande till chauffören", multiline=True, required=False, max_length=200)
    relation = forms.BooleanField(label="Jag har en vårdrelation till patienten", help_text="Öppningen loggas.")


class FilterForm(Form):
    number = TextField(label="Ordernummer", required=False)
    status = forms.ChoiceField(label="Status", choices=[("", "Alla"), ("sent", "Skickad"), ("done", "Levererad")], required=False)
    placed_from = DateField(label="Skickad från", required=False, coming=False)


class LineForm(Form):
    article = TextField(label="Artikelnummer")
    quantity = QuantityField(label="Antal")


def drawn_icons() -> list[str]:
    """The names in the sprite, as `{% icon "name" %}` takes them."""
    return re.findall(r'<symbol id="([^"]+)"', Path(settings.BASE_DIR, "static/img/icons.svg").read_text(encoding="utf-8"))


def components(request: HttpRequest) -> HttpResponse:
    """The gallery. `?fel=1` shows the form with errors, and with them the summary and the title that begins with "Fel:"."""
    with_errors = "fel" in request.GET
    wrong = {"name": "Å" * 41, "postcode": "0441", "phone": "12", "wanted_on": "31/2", "quantity": "0", "customer": "9", "message": "a\x07b"}
    return render(
        request,
        "websesam/components.html",
        {
            "form": ExampleForm(wrong) if with_errors else ExampleForm(),
            "formset": _lines(with_errors),
            "filter_form": FilterForm(),
            "navigation": [
                {"label": label, "url": "#", "active": label == "Hjälpmedel"}
                for label in ("Start", "Patient", "Hjälpmedel", "Beställningar", "Buffertförråd", "Felrapporter", "Fakturaunderlag")
            ],
            "assignment": SimpleNamespace(
                user=SimpleNamespace(name="Förskrivare Ett", title="Arbetsterapeut"), unit=SimpleNamespace(name="Rehab Alingsås torg")
            ),
            "tones": TONES,
            "icons": drawn_icons(),
            "long_word": LONG_WORD,
            "happened": _happened(),
            "facts": [
                ("Adress", "Storgatan 1, 441 30 Alingsås, portkod 1357", "#"),
                ("Aviseras", "Telefon 070-174 06 05, anhörig", "#"),
                ("Betalare", "Rehab Alingsås torg, kund 601 423", None),
                ("Meddelande", "", "#"),
                ("Ansvar", LONG_WORD, "#"),
            ],
            "articles": _articles(),
            "verdicts": [
                Verdict(Mode.WARN, ("Du ansvarar för att förskrivaren har rätt att förskriva hjälpmedlet.",)),
                Verdict(Mode.APPROVAL, ("Artikeln är utanför sortimentet och kräver dispens.", f"Fråga {LONG_WORD}.")),
                Verdict(Mode.BLOCK, ("Lyftar beställs av hjälpmedelskonsulenten.",)),
            ],
            "tabs": [("Alla", "#", True), ("Öppna", "#", False), ("Försenade", "#", False)],
            "steps": ["Artiklar", "Leverans", "Kontrollera", "Skickad"],
            "columns": ["Artikel", "Antal", "Pris"],
            "table_rows": [["Rullstol manuell Allround 5, 45 cm", 1, "212 kr/mån"], ["Antihalkduk 50 × 30 cm", 2, "45 kr"], [LONG_WORD, 999, "1 140 kr"]],
            "middle_page": Page(rows=[], next_cursor="n", previous_cursor="p"),
            "first_page": Page(rows=[], next_cursor="n"),
            "columns_chart": charts.columns(
                "Uttag och påfyllt, månad för månad",
                ("jan", "feb", "mars", "apr", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"),
                [
                    charts.Series("Uttag", (12, 18, 9, 22, 31, 8, 4, 17, 25, 29, 33, 20)),
                    charts.Series("Påfyllt", (10, 20, 10, 20, 40, 0, 0, 20, 20, 30, 40, None)),
                ],
            ),
            "bars_chart": charts.bars(
                "Belopp per leverantör",
                ("Påhittade Hjul AB", LONG_WORD, "Exempel Säng"),
                [charts.Series("Belopp", (1_140_212, 389_000, 0))],
                unit="kr",
                heading="Leverantör",
            ),
        },
    )


def _lines(with_errors: bool) -> "BaseFormSet[LineForm]":
    lines = formset_factory(LineForm, extra=1)
    if not with_errors:
        return lines(prefix="rader")
    return lines({"rader-TOTAL_FORMS": "1", "rader-INITIAL_FORMS": "0", "rader-0-article": "118245", "rader-0-quantity": "1000000000"}, prefix="rader")


def _happened() -> Sequence[dict[str, Any]]:
    now = timezone.now()
    return [
        {"title": "Försenad till 1 december", "at": now, "text": "Ryggklädsel saknas hos leverantören.", "tone": "warning"},
        {"title": "Delleverans kvitterad", "at": now - datetime.timedelta(days=1), "text": "2 antihalkdukar, kvitterade av patienten.", "tone": "success"},
        {"title": "Bekräftad, leverans 24 november", "at": now - datetime.timedelta(days=5)},
        {"title": "Mottagen av SESAM2", "at": now - datetime.timedelta(days=5, minutes=1)},
        {"title": "Skickad", "at": now - datetime.timedelta(days=400)},
    ]


def _articles() -> Sequence[dict[str, Any]]:
    def article(number: str, name: str, availability: str, tone: str, price: str, placeholder: str = "iso-12", iso_code: str = "122203") -> dict[str, Any]:
        return {
            "url": "#",
            "number": number,
            "name": name,
            "availability": availability,
            "tone": tone,
            "price": price,
            "iso_code": iso_code,
            "placeholder": placeholder,
        }

    return [
        article("118245", "Rullstol manuell Allround 5, sittbredd 45 cm", "I lager, 7 dagar", "success", "212 kr/mån"),
        article("119020", "Rullstol aktiv Sprint S3 Large", "Beställningsvara, 17 dagar", "warning", "389 kr/mån"),
        article("118245-R", "Rullstol Allround 4 (utgår, ersätts av Allround 5)", "Utgår 2026-12-31", "neutral", "198 kr/mån"),
        article("204117", "Duschstol Svalka med armstöd", "Längre leveranstid", "info", "Pris vid beställning", "iso-09", "093307"),
        article("123456789012345678901234567890123456", LONG_WORD, "Utgången", "danger", "1 140 kr", "iso-30", "301504"),
    ]
