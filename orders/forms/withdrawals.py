"""Uttag: what was taken from a store, and for whom; and what came back to it."""

import datetime
import re
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Assignment, Customer
from accounts.permissions import Permission, may
from buffer.models import StockLine, Store
from core.forms import DateField, Form, QuantityField, TextField
from orders.actions.drafts import prescribers_of
from orders.actions.withdrawals import Facts, Taken
from orders.forms.draft import CustomerField, PrescriberField
from orders.in_hand import InHand, Item
from orders.models import MOST_OF_AN_ARTICLE
from patients.forms import NumberForm
from patients.identifiers import Identifier
from patients.models import Loan, Patient

_TIME = re.compile(r"([01]?[0-9]|2[0-3])[.:]?([0-5][0-9])")
LONGEST_NUMBER = 100


class TimeField(TextField):
    """A time of day as Swedes write it, 14.30 or 14:30."""

    default_error_messages = {"invalid": "Skriv klockslaget som 14.30."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 6, "inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        match = _TIME.fullmatch(str(text))
        if match is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return datetime.time(int(match[1]), int(match[2]))


class HappenedForm(Form):
    """When something was taken or given back: now, unless a day is written."""

    happened_on = DateField(label="Vilken dag", required=False, coming=False, help_text="åååå-mm-dd. Tomt: nu.")
    happened_time = TimeField(label="Klockan", required=False, help_text="Till exempel 14.30.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("happened_time") and not data.get("happened_on") and "happened_on" not in self.errors:
            data["happened_on"] = timezone.localdate()
        return data

    @property
    def happened_at(self) -> datetime.datetime:
        """Noon of a day without a time; never later than now on the day itself."""
        day, time = self.cleaned_data.get("happened_on"), self.cleaned_data.get("happened_time")
        if day is None:
            return timezone.now()
        at = timezone.make_aware(datetime.datetime.combine(day, time or datetime.time(12)))
        return min(at, timezone.now()) if time is None and day == timezone.localdate() else at


class WithdrawalForm(HappenedForm):
    """All of the page: what is in hand, for whom, and the facts about it. `number` is read by a form of its own, when it is asked for."""

    all_optional = False

    q = TextField(label="Artikel eller individnummer", required=False, max_length=LONGEST_NUMBER)
    patients = forms.MultipleChoiceField(label="Patienter", required=False, widget=forms.CheckboxSelectMultiple)
    number = TextField(
        label="Annan patient",
        required=False,
        max_length=40,
        help_text="Personnummer, samordningsnummer eller reservnummer, tolv tecken.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters", "size": 16}),
    )
    confirmed = forms.BooleanField(label="Jag deltar i vården av patienten eller behöver uppgifterna för mitt arbete i vården", required=False)
    prescriber = PrescriberField(Assignment.objects.none(), label="Förskrivare", required=False, empty_label="Välj förskrivare")
    customer = CustomerField(Customer.objects.none(), label="Kund", required=False, empty_label="Välj kund", help_text="Betalaren följer med kunden.")
    late_reason = TextField(label="Varför registreras det först nu?", required=False, max_length=200, help_text="Bara om det är mer än ett dygn sedan.")

    TYPED = ("prescriber", "customer", "happened_on", "happened_time", "late_reason")

    def __init__(self, *args: Any, hand: InHand, lines: dict[int, StockLine], known: Sequence[Patient], by: Assignment, **kwargs: Any) -> None:
        self.hand, self.lines, self.known, self.by = hand, lines, list(known), by
        rows = {name: field for item in hand.items for name, field in self._row(item)}
        self.base_fields = {**type(self).base_fields, **rows}
        super().__init__(*args, initial=self._initial(hand, by), **kwargs)
        self.order_fields(["q", *rows, "patients", "number", "confirmed"])
        self.fields["patients"].choices = [(str(patient.public_id), patient.name) for patient in known]  # type: ignore[attr-defined]
        self.fields["prescriber"].queryset = prescribers_of(by)  # type: ignore[attr-defined]
        customers = Customer.objects.filter(unit=by.unit_id).order_by("-is_standard", "number")
        self.fields["customer"].queryset = customers  # type: ignore[attr-defined]
        for name in ("q", "patients", "number", "prescriber", "customer", "happened_on", "happened_time", "late_reason"):
            self.fields[name].is_needed_later = True  # type: ignore[attr-defined]

    def _row(self, item: Item) -> "list[tuple[str, forms.Field]]":
        line = self.lines[item.article]
        name = line.article.display_name
        if not self.is_by_number(item.article):
            return [(f"quantity_{item.row}", QuantityField(label=f"Antal {name}", max_value=MOST_OF_AN_ARTICLE, initial=item.quantity))]
        number = TextField(label=f"Individnummer på {name}", max_length=LONGEST_NUMBER, initial=item.individual_number, required=False)
        return [(f"individual_{item.row}", number)]

    def is_by_number(self, article: int) -> bool:
        """Whether the aid is taken by its number: the centre marks it so, or all that lie there have one (prefetched). Such a row is one aid."""
        line = self.lines[article]
        return line.article.is_individual_marked or bool(line.on_hand and len(line.individuals.all()) >= line.on_hand)

    @staticmethod
    def _initial(hand: InHand, by: Assignment) -> dict[str, Any]:
        prescribers = list(prescribers_of(by)[:2])
        alone = prescribers[0].pk if len(prescribers) == 1 else None
        customer = by.unit.customers.order_by("-is_standard", "number").first()
        found = {"prescriber": by.pk if may(by, Permission.PRESCRIBE) else alone, "customer": customer.pk if customer else None, "patients": hand.patients}
        return found | {name: text for name, text in hand.typed.items() if text}

    @property
    def identifier(self) -> Identifier | None:
        """Whom the typed number names; None, with an error at the field, when it is none."""
        asked = NumberForm({"number": self.cleaned_data.get("number", "")})
        if asked.is_valid():
            found: Identifier = asked.cleaned_data["number"]
            return found
        for text in asked.errors["number"]:
            self.add_error("number", text)
        return None

    def save_to(self, hand: InHand) -> None:
        """What is right is in hand from now on; what is wrong stays as it was."""
        for item in hand.items:
            item.quantity = self.cleaned_data.get(f"quantity_{item.row}") or item.quantity
            item.individual_number = self.cleaned_data.get(f"individual_{item.row}", item.individual_number)
        hand.patients = list(self.cleaned_data.get("patients", hand.patients))
        hand.typed = {name: str(self.data.get(name, ""))[:200] for name in self.TYPED}

    def field_of(self, problem: str) -> str | None:
        """The field that a problem of `withdraw` is about, which knows rows by their place; None for the whole."""
        name, _, place = problem.rpartition("_")
        if name != "quantity" or not place.isdigit():
            return problem if problem in self.fields else None
        row = self.hand.items[int(place) - 1].row
        return f"individual_{row}" if f"individual_{row}" in self.fields else f"quantity_{row}"

    @property
    def taken(self) -> list[Taken]:
        return [Taken(self.lines[item.article].article, item.quantity, item.individual_number) for item in self.hand.items]

    @property
    def patient_ids(self) -> list[uuid.UUID]:
        return [uuid.UUID(text) for text in self.cleaned_data.get("patients", [])]

    @property
    def facts(self) -> Facts:
        data = self.cleaned_data
        return Facts(data.get("prescriber"), data.get("customer"), self.happened_at, data.get("late_reason", ""))


class ReturnForm(HappenedForm):
    """What a patient has given back, and to which store."""

    all_optional = False

    store = forms.ModelChoiceField(Store.objects.none(), label="Till vilket förråd", empty_label=None)
    loans = forms.MultipleChoiceField(
        label="Vad har kommit tillbaka?", widget=forms.CheckboxSelectMultiple, error_messages={"required": "Välj vad som har kommit tillbaka."}
    )

    def __init__(self, *args: Any, loans: Sequence[Loan], stores: Sequence[Store], **kwargs: Any) -> None:
        self.all_loans = list(loans)
        counted = [loan for loan in loans if loan.held > 1]
        rows = {
            f"quantity_{loan.pk}": QuantityField(label=f"Antal {loan.article.display_name} av {loan.held}", initial=loan.held, required=False)
            for loan in counted
        }
        self.base_fields = {**type(self).base_fields, **rows}
        super().__init__(*args, **kwargs)
        self.order_fields(["store", "loans", *rows])
        self.fields["store"].queryset = Store.objects.filter(pk__in=[store.pk for store in stores]).order_by("name")  # type: ignore[attr-defined]
        self.fields["store"].initial = stores[0].pk if stores else None
        self.fields["loans"].choices = [(str(loan.pk), self._words(loan)) for loan in loans]  # type: ignore[attr-defined]

    @staticmethod
    def _words(loan: Loan) -> str:
        what = f"individ {loan.individual_number}" if loan.individual_number else f"{loan.held} st" if loan.held > 1 else ""
        return ", ".join(text for text in (loan.article.display_name, loan.article.display_number, what) if text)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for pk in data.get("loans", []):
            name = f"quantity_{pk}"
            if name in self.fields and not data.get(name) and name not in self.errors:
                self.add_error(name, "Skriv hur många som kom tillbaka.")
        return data

    @property
    def counted(self) -> "list[forms.BoundField]":
        """How many came back, of the aids of which there are several."""
        return [self[name] for name in self.fields if name.startswith("quantity_")]

    @property
    def given(self) -> dict[int, int]:
        """How many of each chosen loan."""
        return {int(pk): self.cleaned_data.get(f"quantity_{pk}") or 1 for pk in self.cleaned_data["loans"]}
