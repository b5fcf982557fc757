"""The hämtorder as it is filled in, and what is asked when a sent one is cancelled or to be fetched elsewhere."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from accounts.models import Assignment, Customer, DeliveryPoint
from core.forms import Form, PhoneField, PostcodeField, QuantityField, TextField
from ordering import delivery_form
from ordering.forms import CancelSomeForm, CustomerField
from pickups.actions.drafts import Content, Wanted, wanted_of
from pickups.models import LoadCarrier, PickupItem, PickupOrder, Reason
from pickups.shown import Choice

NUMBER_LENGTH = 100
# The draft's HOME at another address than the register's.
ELSEWHERE = "OTHER"
_ADDRESS = ("care_of", "street", "postal_code", "city", "door_code", "has_no_door_code")
# What would tell where a protected person is.
_NOT_OF_PROTECTED = ("method", "delivery_point", *_ADDRESS, "contact_name", "contact_phone", "instructions")


class IndividualForm(Form):
    """Which aid, by the number on its label."""

    number = TextField(
        label="Individnummer", max_length=NUMBER_LENGTH, help_text="Står på hjälpmedlets etikett.", error_messages={"required": "Skriv individnumret."}
    )


@dataclasses.dataclass(frozen=True)
class Row:
    """An aid on the page. Without `tick` it cannot be chosen."""

    choice: Choice
    tick: BoundField | None = None
    quantity: BoundField | None = None
    part_of: BoundField | None = None


class PickupForm(Form):
    """A hämtorder as it stands on its page, with a box for each aid that the patient has. What is right is kept even when something else is wrong."""

    all_optional = False

    number = TextField(label="Lägg till från etikett", required=False, max_length=NUMBER_LENGTH, help_text="Individnumret, skrivet eller skannat.")
    reason = forms.ChoiceField(label="Varför ska det hämtas?", required=False, widget=forms.RadioSelect)
    is_cleaned = forms.TypedChoiceField(
        label="Är allt rengjort?",
        required=False,
        choices=[("True", "Ja, synligt rent och desinficerat där det behövs"), ("False", "Nej")],
        coerce=lambda text: text == "True",
        empty_value=None,
        widget=forms.RadioSelect,
    )
    has_infection_risk = forms.BooleanField(label="Det finns smittrisk", required=False)
    infection_note = TextField(
        label="Vad är gjort mot smittan?",
        required=False,
        max_length=500,
        help_text="Till exempel packat i plastsäck och märkt. Skriv inget om patientens sjukdom.",
    )
    load_carrier = forms.ModelChoiceField(LoadCarrier.objects.none(), label="Lastbärare", required=False, empty_label="Ingen")
    method = forms.ChoiceField(label="Var ska det hämtas?", required=False, widget=forms.RadioSelect)
    delivery_point = forms.ModelChoiceField(
        DeliveryPoint.objects.none(), label="Vilken leveranspunkt", required=False, empty_label="Välj leveranspunkt", help_text="Bara för leveranspunkt."
    )
    care_of = TextField(label="c/o", required=False, max_length=100)
    street = TextField(label="Gatuadress", required=False, max_length=200)
    postal_code = PostcodeField(label="Postnummer", required=False)
    city = TextField(label="Ort", required=False, max_length=100)
    door_code = TextField(label="Portkod", required=False, max_length=20)
    has_no_door_code = forms.BooleanField(label="Saknar portkod", required=False)
    contact_name = TextField(
        label="Kontakt på plats", required=False, max_length=200, help_text="Den som kan öppna och visa vad som ska hämtas. I ett dödsbo en närstående."
    )
    contact_phone = PhoneField(label="Kontaktens telefon", required=False)
    instructions = TextField(
        label="Meddelande till föraren", required=False, multiline=True, rows=3, max_length=500, help_text="Till exempel var det står och om det är tungt."
    )
    customer = CustomerField(Customer.objects.none(), label="Kund", required=False, empty_label="Välj kund", help_text="Betalaren följer med kunden.")

    def __init__(self, *args: Any, order: PickupOrder, by: Assignment, choices: Sequence[Choice], **kwargs: Any) -> None:
        self.order, self.all_choices = order, choices
        self.has = {_name_of(wanted): wanted for wanted in wanted_of(order)}
        # What was put on the draft before it could no longer be fetched is there to be taken off.
        self.choices = [choice for choice in choices if not choice.why_not or choice.name in self.has]
        self.base_fields = {**type(self).base_fields, **self._aid_fields()}
        if order.reason == Reason.INVESTIGATION:
            del self.base_fields["reason"]
        if order.patient.is_protected:
            self.base_fields = {name: field for name, field in self.base_fields.items() if name not in _NOT_OF_PROTECTED}
        super().__init__(*args, initial=self._initial(), **kwargs)
        fields: dict[str, Any] = self.fields
        fields["customer"].queryset = Customer.objects.filter(unit=by.unit_id).order_by("-is_standard", "number")
        fields["load_carrier"].queryset = LoadCarrier.objects.filter(is_active=True).order_by("name")
        if "reason" in fields:
            fields["reason"].choices = [choice for choice in Reason.choices if choice[0] != Reason.INVESTIGATION]
        if "method" in fields:
            fields["method"].choices = self._places()
            fields["delivery_point"].queryset = DeliveryPoint.objects.filter(provider=by.unit.provider_id, is_active=True).order_by("name")
        if order.reason == Reason.INVESTIGATION:
            fields["is_cleaned"].choices = [("True", "Ja"), ("False", "Nej, det lämnas orört för utredningen")]
        counted = [name for name in fields if name.startswith("quantity_")]
        for name in (
            "reason",
            "is_cleaned",
            "method",
            "delivery_point",
            "street",
            "postal_code",
            "city",
            "door_code",
            "has_no_door_code",
            "contact_phone",
            "customer",
            *counted,
        ):
            if name in fields:
                fields[name].is_needed_later = True

    def _places(self) -> list[tuple[str, str]]:
        method, unit, address = PickupOrder.Method, self.order.unit, self.order.patient.address
        home = f"Hos patienten: {address.one_line}" if address else "Hos patienten"
        at_unit = f"På min enhet: {unit.street}, {unit.city}" if unit.street else "På min enhet"
        return [(method.HOME, home), (ELSEWHERE, "På en annan adress"), (method.DELIVERY_POINT, "På en leveranspunkt"), (method.UNIT, at_unit)]

    def _aid_fields(self) -> dict[str, forms.Field]:
        mains = [(choice.individual_number, choice.article_name) for choice in self.all_choices if choice.loan is not None and choice.individual_number]
        fields: dict[str, forms.Field] = {}
        for choice in self.choices:
            fields[choice.name] = forms.BooleanField(label=choice.article_name, required=False)
            if choice.left > 1:
                fields[f"quantity_{choice.name}"] = QuantityField(label=f"Antal av {choice.left}", required=False, max_value=choice.left)
            if choice.asks_part_of:
                others = [(number, f"{name}, {number}") for number, name in mains if number != choice.individual_number]
                fields[f"part_{choice.name}"] = forms.ChoiceField(label="Sitter på", required=False, choices=[("", "Inget annat hjälpmedel"), *others])
        return fields

    def _initial(self) -> dict[str, Any]:
        order = self.order
        initial = {name: getattr(order, f"{name}_id", getattr(order, name, None)) for name in type(self).base_fields if name != "number"}
        initial["method"] = ELSEWHERE if order.method == PickupOrder.Method.HOME and order.has_other_address else order.method
        initial["is_cleaned"] = "" if order.is_cleaned is None else str(order.is_cleaned)
        for choice in self.choices:
            wanted = self.has.get(choice.name)
            initial[choice.name] = wanted is not None
            initial[f"quantity_{choice.name}"] = wanted.quantity if wanted else choice.left
            sits_on = choice.individual.parent.number if choice.individual and choice.individual.parent else ""
            initial[f"part_{choice.name}"] = wanted.part_of if wanted else sits_on
        return initial

    @property
    def rows(self) -> list[Row]:
        """The aids in their order, with their fields."""
        return [Row(choice, *(self._field(f"{prefix}{choice.name}") for prefix in ("", "quantity_", "part_"))) for choice in self.all_choices]

    def _field(self, name: str) -> BoundField | None:
        return self[name] if name in self.fields else None

    @classmethod
    def as_saved(cls, order: PickupOrder, by: Assignment, choices: Sequence[Choice]) -> "PickupForm":
        """The form bound to what is saved, so that problems found at sending can stand at their fields."""
        unbound = cls(order=order, by=by, choices=choices)
        data = {name: unbound[name].value() for name in unbound.fields}
        form = cls(data={name: value for name, value in data.items() if value not in (None, False)}, order=order, by=by, choices=choices)
        form.is_valid()
        return form

    @property
    def content(self) -> Content:
        """What was typed, with what is saved in the place of what is wrong or not asked for."""
        given = {name: self.cleaned_data.get(name, getattr(self.order, name)) for name in Content.__dataclass_fields__}
        if self.order.patient.is_protected:
            nothing = dict.fromkeys(("care_of", "street", "postal_code", "city", "door_code", "contact_name", "contact_phone", "instructions"), "")
            home = {"method": PickupOrder.Method.MANUAL_CONTACT, "has_other_address": False, "has_no_door_code": False, "delivery_point": None}
            return Content(**(given | nothing | home))
        method = given["method"] or self.order.method
        given["has_other_address"] = method == ELSEWHERE
        given["method"] = PickupOrder.Method.HOME if method == ELSEWHERE else method
        if "method" in self.errors:
            given["has_other_address"] = self.order.has_other_address
        return Content(**given)

    @property
    def wanted(self) -> list[Wanted]:
        """What is ticked, in the page's order, with what is saved in the place of a quantity that is wrong."""
        found = []
        for choice in self.choices:
            if not self.cleaned_data.get(choice.name):
                continue
            before = self.has.get(choice.name)
            kept = before.quantity if before else choice.left
            quantity = self.cleaned_data.get(f"quantity_{choice.name}") or kept
            part_of = self.cleaned_data.get(f"part_{choice.name}", "")
            if not choice.asks_part_of and choice.individual and choice.individual.parent:
                part_of = choice.individual.parent.number
            component = choice.individual if choice.loan is None else None
            found.append(Wanted(loan=choice.loan, component=component, quantity=quantity or 1, part_of=part_of))
        return found


def _name_of(wanted: Wanted) -> str:
    return f"aid_{wanted.loan.pk}" if wanted.loan else f"component_{wanted.component.pk}" if wanted.component else ""


class CancelForm(CancelSomeForm):
    """Which of the items that are left, and why."""

    def __init__(self, *args: Any, items: Sequence[PickupItem], **kwargs: Any) -> None:
        super().__init__(*args, choices=[(item.line, item.full_name) for item in items], **kwargs)
        if "lines" in self.fields:
            self.fields["lines"].label = "Vad ska inte hämtas?"
            self.fields["lines"].error_messages["required"] = "Välj minst ett hjälpmedel att makulera."


class PlaceForm(delivery_form.DeliveryForm):
    """Where a sent hämtorder is fetched instead, and whom to reach there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "method": "Var ska det hämtas?",
            "contact_name": "Kontakt på plats",
            "contact_phone": "Kontaktens telefon",
            "instructions": "Meddelande till föraren",
        }
        for name, label in labels.items():
            if name in self.fields:
                self.fields[name].label = label
        if "method" in self.fields:
            methods = {
                PickupOrder.Method.HOME: "På en adress",
                PickupOrder.Method.UNIT: "På min enhet",
                PickupOrder.Method.DELIVERY_POINT: "På en leveranspunkt",
            }
            self.fields["method"].choices = list(methods.items())  # type: ignore[attr-defined]
