"""What narrows the list, the follow-up and a recall."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Assignment
from core.forms import DateField, Form, TextField
from faultreports.models import Kind, Status
from faultreports.models.reports import HARMFUL, WAY, FaultReportQuerySet

OPEN, HARM = "oppna", "handelser"
_KINDS = [("", "Alla"), (HARM, "Negativa händelser och tillbud"), *Kind.choices]


def of_kind(found: FaultReportQuerySet, kind: str) -> FaultReportQuerySet:
    if kind == HARM:
        return found.filter(kind__in=HARMFUL)
    return found.filter(kind=kind) if kind else found


def between(found: FaultReportQuerySet, first: datetime.date | None, last: datetime.date | None) -> FaultReportQuerySet:
    """Those that were sent on these days, both among them."""
    if first:
        found = found.filter(reported_at__gte=_midnight(first))
    if last:
        found = found.filter(reported_at__lt=_midnight(last + datetime.timedelta(days=1)))
    return found


class PeriodForm(Form):
    fran = DateField(label="Skickad från", required=False, coming=False)
    till = DateField(label="Skickad till", required=False, coming=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("fran"), data.get("till")
        if first and last and first > last:
            self.add_error("till", "Slutdatumet ligger före startdatumet.")
        return data


class SearchForm(PeriodForm):
    """Sök felrapport, bound to the address; a patient is never in it by number."""

    nummer = TextField(label="Nummer", required=False, max_length=17)
    slag = forms.ChoiceField(label="Slag", required=False, choices=_KINDS)
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "Alla"), (OPEN, "Alla öppna"), *[(status.value, status.label) for status in WAY]])
    individ = TextField(label="Individnummer", required=False, max_length=100)
    artikel = TextField(label="Artikelnummer", required=False, max_length=100)
    vems = forms.ChoiceField(label="Vems", required=False, choices=[("", "Alla"), ("mina", "Mina")])
    field_order = ["nummer", "slag", "status", "artikel", "individ", "fran", "till", "vems"]

    def __init__(self, *args: Any, by: Assignment, sees_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        if not sees_all:
            del self.fields["vems"]

    def narrow(self, found: FaultReportQuerySet) -> FaultReportQuerySet:
        """Those of `found` that are asked for; all of them when the form is wrong."""
        if not self.is_valid():
            return found
        wanted = self.cleaned_data
        if wanted["nummer"]:
            found = found.filter(number__startswith=wanted["nummer"].upper())
        if wanted["status"]:
            found = found.open() if wanted["status"] == OPEN else found.filter(status=Status(wanted["status"]))
        if wanted["individ"]:
            found = found.filter(individual_number=wanted["individ"])
        if wanted["artikel"]:
            found = found.filter(article_number=wanted["artikel"])
        if wanted.get("vems"):
            found = found.filter(reporter__in=Assignment.objects.filter(user=self.by.user_id, unit=self.by.unit_id))
        return between(of_kind(found, wanted["slag"]), wanted["fran"], wanted["till"])


class FollowUpForm(PeriodForm):
    """What the counts are of. From the start: the last twelve months."""

    slag = forms.ChoiceField(label="Slag", required=False, choices=_KINDS)
    field_order = ["slag", "fran", "till"]
    MOST_MONTHS = 36

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = self.days if not self.errors else (None, None)
        if first and last and _months(first, last) > self.MOST_MONTHS:
            self.add_error("fran", f"Välj högst {self.MOST_MONTHS} månader.")
        return data

    @property
    def days(self) -> tuple[datetime.date, datetime.date]:
        """The first and last day that are counted."""
        today = timezone.localdate()
        last = self.cleaned_data.get("till") or today
        a_year_back = (last.replace(day=1) - datetime.timedelta(days=330)).replace(day=1)
        return self.cleaned_data.get("fran") or a_year_back, last


class RecallForm(Form):
    """Which aids are recalled, and why the reader needs to know who has them. The reason stands in each log row (PDL 4 kap. 4 §)."""

    sok = TextField(
        label="Individnummer, serienummer, batch, UDI eller artikelnummer",
        max_length=500,
        help_text="Skriv hela numret. Av ett UDI räcker början, minst åtta tecken.",
        error_messages={"required": "Skriv vad du söker efter."},
    )
    skal = TextField(
        label="Varför söker du?",
        max_length=200,
        help_text="Till exempel tillverkarens meddelande. Skälet skrivs i loggen. Skriv inga uppgifter om patienter.",
        error_messages={"required": "Skriv varför du söker."},
    )


def _months(first: datetime.date, last: datetime.date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
