"""The hämtorder of a buffertförråd as it is filled in."""

import dataclasses
from typing import Any

from django import forms
from django.db.models import Prefetch
from django.forms import BoundField

from accounts.models import Assignment, Customer
from buffer.models import StockIndividual, StockLine
from core.forms import Form, QuantityField
from pickups.actions.drafts import Content
from pickups.actions.stores import REASONS, Stocked, items_of
from pickups.forms.orders import PickupForm
from pickups.models import LoadCarrier, PickupOrder

MOST_LINES = 300


@dataclasses.dataclass(frozen=True)
class Row:
    """An article of the store: its pieces without a number to count, and its individuals to tick, each with why it cannot be (or "")."""

    line: StockLine
    quantity: BoundField | None
    individuals: list[tuple[StockIndividual, BoundField, str]]


class StorePickupForm(Form):
    """A number for each article that lies in the store, a box for each individual. What is right is kept even when something else is wrong."""

    all_optional = False
    _SHARED = ("reason", "is_cleaned", "has_infection_risk", "infection_note", "load_carrier", "contact_name", "contact_phone", "instructions", "customer")

    def __init__(self, *args: Any, order: PickupOrder, by: Assignment, **kwargs: Any) -> None:
        self.order = order
        self.lines = list(
            StockLine.objects.filter(store=order.store_id, on_hand__gt=0)
            .select_related("article__local", "article__supplier")
            .prefetch_related(Prefetch("individuals", StockIndividual.objects.select_related("individual").order_by("individual__number")))
            .order_by("place_sort", "id")[:MOST_LINES]
        )
        self.loose = {line.pk: line.on_hand - len(line.individuals.all()) for line in self.lines}
        self.has = items_of(order)
        self.base_fields = {name: PickupForm.base_fields[name] for name in self._SHARED} | self._stock_fields()
        super().__init__(*args, initial=self._initial(), **kwargs)
        fields: dict[str, Any] = self.fields
        fields["reason"].choices = [(reason, reason.label) for reason in REASONS]
        fields["customer"].queryset = Customer.objects.filter(unit=by.unit_id).order_by("-is_standard", "number")
        fields["load_carrier"].queryset = LoadCarrier.objects.filter(is_active=True).order_by("name")
        for name in ("reason", "is_cleaned", "contact_phone", "customer"):
            fields[name].is_needed_later = True
        fields["contact_name"].help_text = "Den som kan öppna förrådet."

    def _stock_fields(self) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        for line in self.lines:
            if self.loose[line.pk] > 0:
                found[f"quantity_{line.article_id}"] = QuantityField(label="Antal", required=False, min_value=0, max_value=self.loose[line.pk])
            for lies in line.individuals.all():
                found[f"individual_{lies.individual_id}"] = forms.BooleanField(label=lies.individual.number, required=False)
        return found

    def _initial(self) -> dict[str, Any]:
        order = self.order
        initial = {name: getattr(order, f"{name}_id", getattr(order, name)) for name in self._SHARED}
        initial["is_cleaned"] = "" if order.is_cleaned is None else str(order.is_cleaned)
        initial |= {f"quantity_{item.article_id}": item.quantity for item in self.has if not item.individual_number}
        numbers = {item.individual_number for item in self.has if item.individual_number}
        for line in self.lines:
            initial |= {f"individual_{lies.individual_id}": lies.individual.number in numbers for lies in line.individuals.all()}
        return initial

    @property
    def rows(self) -> list[Row]:
        """The store's articles in the order of their places."""
        return [
            Row(
                line,
                self[f"quantity_{line.article_id}"] if f"quantity_{line.article_id}" in self.fields else None,
                [(lies, self[f"individual_{lies.individual_id}"], _why_not(lies)) for lies in line.individuals.all()],
            )
            for line in self.lines
        ]

    @classmethod
    def as_saved(cls, order: PickupOrder, by: Assignment) -> "StorePickupForm":
        """The form bound to what is saved, so that problems found at sending can stand at their fields."""
        unbound = cls(order=order, by=by)
        data = {name: unbound[name].value() for name in unbound.fields}
        form = cls(data={name: value for name, value in data.items() if value not in (None, False)}, order=order, by=by)
        form.is_valid()
        return form

    @property
    def content(self) -> Content:
        """What was typed, with what is saved in the place of what is wrong."""
        given = {name: self.cleaned_data.get(name, getattr(self.order, name)) for name in self._SHARED}
        return Content(**given, method=PickupOrder.Method.UNIT)

    @property
    def stocked(self) -> list[Stocked]:
        """What is counted and ticked, in the page's order, with what is saved in the place of a number that is wrong."""
        saved = {item.article_id: item.quantity for item in self.has if not item.individual_number}
        found = []
        for line in self.lines:
            name = f"quantity_{line.article_id}"
            quantity = saved.get(line.article_id, 0) if name in self.errors else self.cleaned_data.get(name)
            if quantity:
                found.append(Stocked(line.article, quantity=quantity))
            ticked = [lies.individual for lies in line.individuals.all() if self.cleaned_data.get(f"individual_{lies.individual_id}")]
            found += [Stocked(line.article, individual=individual) for individual in ticked]
        return found


def _why_not(lies: StockIndividual) -> str:
    return ", ".join(word for word, _ in lies.individual.marks)
