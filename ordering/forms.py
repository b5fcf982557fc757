"""What is asked before any kind of order is cancelled, and what all lists of orders are narrowed by."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Assignment
from core.forms import DateField, Form, TextField
from ordering.models import OrderQuerySet
from ordering.sesam2 import REASONS


class CancelForm(Form):
    reason = forms.ChoiceField(label="Varför ska det makuleras?", choices=REASONS, widget=forms.RadioSelect, error_messages={"required": "Välj en orsak."})
    note = TextField(label="Beskriv kort", multiline=True, rows=3, max_length=500, help_text="Högst 500 tecken. Skriv inga uppgifter om patienten.")


class CancelSomeForm(CancelForm):
    """Also which of the lines. `chosen` is their numbers, None for all that is left."""

    lines = forms.TypedMultipleChoiceField(
        label="Vad ska makuleras?",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Välj minst en artikel att makulera."},
    )
    field_order = ("lines", "reason", "note")

    def __init__(self, *args: Any, choices: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.all_lines = {line for line, _ in choices}
        if len(choices) == 1:
            del self.fields["lines"]
            return
        self.fields["lines"].choices = choices  # type: ignore[attr-defined]
        self.fields["lines"].initial = sorted(self.all_lines)

    @property
    def chosen(self) -> list[int] | None:
        lines = self.cleaned_data.get("lines")
        return None if lines is None or set(lines) == self.all_lines else sorted(lines)


def add_problems(form: forms.Form, problems: Iterable[tuple[str, str]]) -> None:
    """Why the order cannot be sent, as (field, Swedish text), at its field or for the whole. What the form found there itself is less to the point."""
    for field, text in problems:
        form.errors.pop(field, None)
        form.add_error(field if field in form.fields else None, text)


class PrescriberFilter(forms.ModelChoiceField):
    """A name that two persons share is told apart by the yrke."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user.name}, {obj.user.title}" if obj.user.title else obj.user.name


class SearchForm(Form):
    """What narrows a list, bound to the address; a patient is never in it by number. An app gives its statuses and its own fields."""

    ORDERS = {"senast": ("-sent_at", "-id"), "leverans": ("promised_on", "id")}
    OPEN, LATE = "oppna", "forsenade"
    STATUSES: list[tuple[str, str]]
    TABS: tuple[str, ...] = (OPEN, LATE)  # the statuses that have lists of their own

    nummer = TextField(label="Ordernummer", required=False, max_length=17)
    status = forms.ChoiceField(label="Status", required=False)
    forskrivare = PrescriberFilter(Assignment.objects.none(), label="Förskrivare", required=False, empty_label="Alla")
    fran = DateField(label="Skickad från", required=False, coming=False)
    till = DateField(label="Skickad till", required=False, coming=False)
    vems = forms.ChoiceField(label="Vems", required=False, choices=[("", "Enhetens"), ("mina", "Mina")])
    sortering = forms.ChoiceField(label="Sortera efter", required=False, choices=[("senast", "Senast skickad"), ("leverans", "Leveransdatum")])

    def __init__(self, *args: Any, by: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["status"].choices = [("", "Alla"), (self.OPEN, "Alla öppna"), (self.LATE, "Försenade"), *self.STATUSES]  # type: ignore[attr-defined]
        # Also those who have left: their orders are still to be found.
        prescribers = Assignment.objects.filter(unit=by.unit_id, role="PRESCRIBER").select_related("user").order_by("user__name", "pk")
        self.fields["forskrivare"].queryset = prescribers  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("fran"), data.get("till")
        if first and last and first > last:
            self.add_error("till", "Slutdatumet ligger före startdatumet.")
        return data

    @property
    def order(self) -> tuple[str, ...]:
        """For `keyset_page`."""
        return self.ORDERS[self.cleaned_data.get("sortering") or "senast"]

    @property
    def tab(self) -> str:
        """Which of the lists that stand side by side it is: what follows its address."""
        status = self.cleaned_data.get("status")
        return f"?status={status}" if status in self.TABS else ""

    def narrow(self, found: OrderQuerySet) -> OrderQuerySet:
        """Those of `found` that are asked for; all of them when the form is wrong."""
        wanted = self.cleaned_data
        if not self.is_valid():
            return found
        if wanted["nummer"]:
            found = found.filter(number__startswith=wanted["nummer"].upper())
        if wanted["status"] == self.OPEN:
            found = found.open()
        elif wanted["status"] == self.LATE:
            found = found.late(timezone.localdate())
        elif wanted["status"]:
            found = found.filter(status=wanted["status"])
        if wanted["forskrivare"]:
            found = found.filter(prescriber=wanted["forskrivare"])
        if wanted["fran"]:
            found = found.filter(placed_at__gte=midnight(wanted["fran"]))
        if wanted["till"]:
            found = found.filter(placed_at__lt=midnight(wanted["till"] + datetime.timedelta(days=1)))
        if wanted["vems"] == "mina":
            found = found.of_person(self.by)
        return found


def midnight(day: datetime.date) -> datetime.datetime:
    """The moment when the day begins, Swedish time."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


class OtherUnitsForm(Form):
    """The active choice to see other units' orders (PDL 4 kap. 4 §)."""

    reason = TextField(
        label="Varför behöver du se andra enheters beställningar?",
        max_length=200,
        help_text="Skälet skrivs i loggen. Skriv inga uppgifter om patienten.",
        error_messages={"required": "Skriv varför du behöver se dem."},
    )
    confirmed = forms.BooleanField(
        label="Jag behöver uppgifterna för patienter som jag deltar i vården av",
        error_messages={"required": "Bekräfta att du behöver uppgifterna i vården av patienten."},
    )
