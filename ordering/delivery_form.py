"""What is asked when a sent order of any kind is to go elsewhere."""

from typing import Any

from django import forms

from accounts.models import Assignment, DeliveryPoint
from core.forms import Form, PhoneField, PostcodeField, TextField
from ordering.changes import NewDelivery
from ordering.models import AbstractDelivery, DeliveredOrder


class DeliveryForm(Form):
    """Where a sent order goes instead. `delivery` is there after `is_valid()`; `other_address` is the register's, when the order has another."""

    all_optional = False

    method = forms.ChoiceField(label="Leveranssätt", widget=forms.RadioSelect)
    delivery_point = forms.ModelChoiceField(
        DeliveryPoint.objects.none(), label="Vilken leveranspunkt", required=False, empty_label="Välj leveranspunkt", help_text="Bara för leveranspunkt."
    )
    care_of = TextField(label="c/o", required=False, max_length=100)
    street = TextField(label="Gatuadress", required=False, max_length=200)
    postal_code = PostcodeField(label="Postnummer", required=False)
    city = TextField(label="Ort", required=False, max_length=100)
    door_code = TextField(label="Portkod", required=False, max_length=20)
    has_no_door_code = forms.BooleanField(label="Saknar portkod", required=False)
    contact_name = TextField(label="Kontaktperson vid leverans", required=False, max_length=200)
    contact_phone = PhoneField(label="Kontaktpersonens telefon", required=False)
    instructions = TextField(label="Meddelande till centralen", multiline=True, rows=3, required=False, max_length=500, help_text="Högst 500 tecken.")

    ADDRESS = ("care_of", "street", "postal_code", "city", "door_code", "has_no_door_code")

    def __init__(self, *args: Any, order: DeliveredOrder, by: Assignment, from_register: bool = False, **kwargs: Any) -> None:
        register = order.patient.address
        given = order if order.method == AbstractDelivery.Method.HOME and not from_register else register
        names = ("method", "contact_name", "contact_phone", "instructions")
        initial = {name: getattr(order, name) for name in names} | {"delivery_point": order.delivery_point_id}
        initial |= {name: getattr(given, name) for name in self.ADDRESS} if given is not None else {}
        super().__init__(*args, initial=initial, **kwargs)
        self.is_protected = order.patient.is_protected
        for name in ("delivery_point", "street", "postal_code", "city", "door_code", "has_no_door_code"):
            # Needed with one way of delivery, so not marked as what may be left out.
            self.fields[name].is_needed_later = True  # type: ignore[attr-defined]
        is_home = order.method == AbstractDelivery.Method.HOME
        differs = register is not None and is_home and any(getattr(order, name) != getattr(register, name) for name in self.ADDRESS)
        self.other_address = register if differs and not from_register else None
        if self.is_protected:
            for name in [name for name in self.fields if name not in {"contact_name", "contact_phone"}]:
                del self.fields[name]
            self.fields["contact_name"].help_text = "Vem vid enheten som centralen kontaktar. Skriv inga uppgifter om patienten."
            return
        self.fields["method"].choices = [(method, method.label) for method in AbstractDelivery.Method]  # type: ignore[attr-defined]
        points = DeliveryPoint.objects.filter(provider=by.unit.provider_id, is_active=True).order_by("name")
        self.fields["delivery_point"].queryset = points  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("method") == AbstractDelivery.Method.DELIVERY_POINT and not data.get("delivery_point") and "delivery_point" not in self.errors:
            self.add_error("delivery_point", "Välj leveranspunkt.")
        if data.get("method") == AbstractDelivery.Method.HOME:
            for name, text in (("street", "Skriv gatuadressen."), ("postal_code", "Skriv postnumret."), ("city", "Skriv orten.")):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, text)
            code, has_none = data.get("door_code"), data.get("has_no_door_code")
            if "door_code" not in self.errors and bool(code) == bool(has_none):
                self.add_error(
                    "door_code",
                    "Ta bort portkoden eller krysset i ”Saknar portkod”." if code else "Skriv portkoden, eller kryssa i att porten saknar kod.",
                )
        return data

    @property
    def delivery(self) -> NewDelivery:
        if self.is_protected:
            return NewDelivery(method=AbstractDelivery.Method.MANUAL_CONTACT, **self.cleaned_data)
        return NewDelivery(**{name: value for name, value in self.cleaned_data.items() if name != "has_no_door_code"})
