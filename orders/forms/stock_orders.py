"""What is ordered to a store by hand, and what was found in a delivery."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Assignment, Customer
from accounts.workdays import calendar
from core.forms import DateField, Form, QuantityField, TextField
from orders.actions import wishes
from orders.actions.receiving import Found, article_of
from orders.forms.draft import CustomerField
from orders.models import MOST_OF_AN_ARTICLE, DespatchLine, Order, OrderLine


class StockDraftForm(Form):
    """What is right is kept even when something else is wrong."""

    all_optional = False

    q = TextField(label="Lägg till artikel", required=False, max_length=100, help_text="Artikelnummer, namn eller ISO-kod.")
    requested_on = DateField(label="Önskat leveransdatum", required=False)
    customer = CustomerField(Customer.objects.none(), label="Kund", required=False, empty_label="Välj kund", help_text="Betalaren följer med kunden.")

    def __init__(self, *args: Any, order: Order, lines: Sequence[OrderLine], by: Assignment, **kwargs: Any) -> None:
        self.order, self.all_lines = order, lines
        rows = {f"quantity_{line.line}": self._quantity(line) for line in lines}
        self.base_fields = {**type(self).base_fields, **rows}
        super().__init__(*args, initial={"requested_on": order.requested_on, "customer": order.customer_id}, **kwargs)
        self.order_fields(["q", *rows])
        customers = Customer.objects.filter(unit=by.unit_id).order_by("-is_standard", "number")
        self.fields["customer"].queryset = customers  # type: ignore[attr-defined]
        for name in ("q", "customer"):
            self.fields[name].is_needed_later = True  # type: ignore[attr-defined]

    @staticmethod
    def _quantity(line: OrderLine) -> QuantityField:
        return QuantityField(label=f"Antal {line.article.display_name}", max_value=MOST_OF_AN_ARTICLE, initial=line.quantity)

    def clean_requested_on(self) -> datetime.date | None:
        wanted: datetime.date | None = self.cleaned_data["requested_on"]
        if wanted is not None and (text := wishes.day_problem(wanted, today=timezone.localdate(), region=calendar())):
            raise forms.ValidationError(text)
        return wanted

    @property
    def content(self) -> dict[str, Any]:
        """What was typed, with what is saved in the place of what is wrong."""
        typed = self.cleaned_data
        return {
            "customer": typed.get("customer", self.order.customer),
            "requested_on": typed.get("requested_on", self.order.requested_on),
            "quantities": {line.line: typed[f"quantity_{line.line}"] for line in self.all_lines if f"quantity_{line.line}" in typed},
        }


class DespatchNumberForm(Form):
    """The number on a följesedel that SESAM2 has not told of, or that one has in one's hand."""

    nummer = TextField(
        label="Följesedelns nummer",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "size": 24}),
        error_messages={"required": "Skriv eller skanna numret på följesedeln."},
    )


class ReceiveForm(Form):
    """What was there of each line. `found` is there after `is_valid()`. What is announced is filled in from the start."""

    all_optional = False

    def __init__(self, *args: Any, lines: Sequence[OrderLine], announced: Mapping[int, DespatchLine], **kwargs: Any) -> None:
        self.all_lines, self.announced = list(lines), announced
        self.base_fields = {name: field for line in lines for name, field in self._row(line)}
        super().__init__(*args, **kwargs)

    def _row(self, line: OrderLine) -> "list[tuple[str, forms.Field]]":
        advice, name, number = self.announced.get(line.line), article_of(line).display_name, line.line
        count = QuantityField(label=f"Mottaget, {name}", min_value=0, max_value=9999, initial=advice.quantity if advice else 0, required=False)
        damaged = QuantityField(label=f"Skadat, {name}", min_value=0, max_value=9999, initial=0, required=False)
        individuals = TextField(
            label=f"Individnummer, {name}",
            multiline=True,
            rows=max(2, min(8, advice.quantity if advice else line.quantity)),
            max_length=20_000,
            required=False,
            initial="\n".join(advice.individuals) if advice else "",
            help_text="Ett per rad. Skanna etiketterna.",
        )
        note = TextField(label=f"Anmärkning, {name}", max_length=200, required=False)
        found: list[tuple[str, forms.Field]] = [(f"received_{number}", count), (f"damaged_{number}", damaged)]
        if article_of(line).is_individual_marked or (advice and advice.individuals):
            found.append((f"individuals_{number}", individuals))
        return [*found, (f"note_{number}", note)]

    @property
    def found(self) -> dict[int, Found]:
        return {line.line: self._found(line.line) for line in self.all_lines}

    def _found(self, number: int) -> Found:
        typed = self.cleaned_data
        individuals = typed.get(f"individuals_{number}", "").split()
        return Found(typed.get(f"received_{number}") or 0, typed.get(f"damaged_{number}") or 0, tuple(individuals), typed.get(f"note_{number}", ""))
