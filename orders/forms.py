"""The order form, the question before a cancellation, and the search."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Assignment, Customer, DeliveryPoint
from core.forms import DateField, Form, PhoneField, QuantityField, TextField
from orders.actions.drafts import Content, prescribers_of
from orders.models import MOST_OF_AN_ARTICLE, Order, OrderLine, Status
from orders.sesam2 import REASONS

LONGEST_ARTICLE_NUMBER = 35


class CustomerField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} {obj.name} – betalare {obj.payer_name}"


class PrescriberField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user.name}, {obj.user.title}" if obj.user.title else obj.user.name


class DraftForm(Form):
    """A draft as it stands on its page. What is right is kept even when something else is wrong: see `content`."""

    # What may stay empty is marked from the start, also before there are lines with a quantity.
    all_optional = False

    q = TextField(label="Lägg till artikel", required=False, max_length=100, help_text="Artikelnummer, namn eller ISO-kod.")
    customer = CustomerField(Customer.objects.none(), label="Kund", required=False, empty_label="Välj kund", help_text="Betalaren följer med kunden.")
    prescriber = PrescriberField(Assignment.objects.none(), label="Förskrivare", required=False, empty_label="Välj förskrivare")
    method = forms.ChoiceField(label="Leveranssätt", required=False, widget=forms.RadioSelect)
    delivery_point = forms.ModelChoiceField(
        DeliveryPoint.objects.none(),
        label="Vilken leveranspunkt",
        required=False,
        empty_label="Välj leveranspunkt",
        help_text="Bara om du har valt leveranspunkt ovan.",
    )
    requested_on = DateField(label="Önskat leveransdatum", required=False)
    deliver_together = forms.BooleanField(label="Leverera allt samtidigt", required=False)
    accepts_equivalent = forms.BooleanField(label="En likvärdig artikel går bra", required=False)
    contact_name = TextField(label="Kontaktperson vid leverans", required=False, max_length=200)
    contact_phone = PhoneField(label="Kontaktpersonens telefon", required=False)
    instructions = TextField(
        label="Meddelande till centralen",
        multiline=True,
        rows=3,
        required=False,
        max_length=500,
        help_text="Högst 500 tecken. Till exempel ”Ring en timme innan”.",
    )

    def __init__(self, *args: Any, order: Order, lines: Sequence[OrderLine], by: Assignment, **kwargs: Any) -> None:
        self.order = order
        self.lines = lines
        quantities = {
            f"quantity_{line.line}": QuantityField(label=f"Antal {line.article.display_name}", max_value=MOST_OF_AN_ARTICLE, initial=line.quantity)
            for line in lines
        }
        # On the instance, before the base copies and dresses them: each draft has its own lines.
        self.base_fields = {**type(self).base_fields, **quantities}
        super().__init__(*args, initial=self._initial(order), **kwargs)
        self.order_fields(["q", *quantities])
        points = DeliveryPoint.objects.filter(provider=by.unit.provider_id, is_active=True).order_by("name")
        self.fields["customer"].queryset = Customer.objects.filter(unit=by.unit_id).order_by("-is_standard", "number")  # type: ignore[attr-defined]
        self.fields["prescriber"].queryset = prescribers_of(by)  # type: ignore[attr-defined]
        self.fields["delivery_point"].queryset = points  # type: ignore[attr-defined]
        for name in ("q", "customer", "prescriber", "method", "delivery_point"):
            self.fields[name].is_needed_later = True  # type: ignore[attr-defined]
        if order.patient.is_protected:
            self.fields["method"].choices = [(Order.Method.MANUAL_CONTACT, Order.Method.MANUAL_CONTACT.label)]  # type: ignore[attr-defined]
            for name in ("delivery_point", "contact_name", "contact_phone", "instructions"):
                del self.fields[name]
        else:
            self.fields["method"].choices = [(method, method.label) for method in Order.Method if method != Order.Method.MANUAL_CONTACT]  # type: ignore[attr-defined]

    @staticmethod
    def _initial(order: Order) -> dict[str, Any]:
        names = ("method", "requested_on", "deliver_together", "accepts_equivalent", "contact_name", "contact_phone", "instructions")
        return {name: getattr(order, name) for name in names} | {
            "customer": order.customer_id,
            "prescriber": order.prescriber_id,
            "delivery_point": order.delivery_point_id,
        }

    @classmethod
    def as_saved(cls, order: Order, lines: Sequence[OrderLine], by: Assignment) -> "DraftForm":
        """The form bound to what is saved, so that problems found at sending can stand at their fields."""
        unbound = cls(order=order, lines=lines, by=by)
        data = {name: unbound[name].value() for name in unbound.fields}
        form = cls(data={name: value for name, value in data.items() if value not in (None, False)}, order=order, lines=lines, by=by)
        form.is_valid()
        return form

    def clean_requested_on(self) -> datetime.date | None:
        wanted: datetime.date | None = self.cleaned_data["requested_on"]
        if wanted is not None and wanted < timezone.localdate():
            raise forms.ValidationError("Datumet har passerat. Välj ett senare datum eller lämna fältet tomt.")
        if wanted is not None and wanted > timezone.localdate() + datetime.timedelta(days=366):
            raise forms.ValidationError("Datumet ligger mer än ett år fram. Välj ett tidigare datum.")
        return wanted

    def clean_q(self) -> str:
        text: str = self.cleaned_data["q"]
        if len(text) > LONGEST_ARTICLE_NUMBER and " " not in text:
            raise forms.ValidationError(f"Ett artikelnummer har högst {LONGEST_ARTICLE_NUMBER} tecken. Du skrev {len(text)}.")
        return text

    @property
    def content(self) -> Content:
        """What was typed, with what is saved in the place of what is wrong."""
        chosen = {
            name: self.cleaned_data.get(name, getattr(self.order, name))
            for name in ("customer", "prescriber", "requested_on", "deliver_together", "accepts_equivalent")
        }
        if self.order.patient.is_protected:
            return Content(**chosen, method=Order.Method.MANUAL_CONTACT)
        for name in ("delivery_point", "contact_name", "contact_phone", "instructions"):
            chosen[name] = self.cleaned_data.get(name, getattr(self.order, name))
        return Content(**chosen, method=self.cleaned_data.get("method") or self.order.method)

    @property
    def quantities(self) -> dict[int, int]:
        return {line.line: self.cleaned_data[f"quantity_{line.line}"] for line in self.lines if f"quantity_{line.line}" in self.cleaned_data}


class CancelForm(Form):
    reason = forms.ChoiceField(
        label="Varför ska beställningen makuleras?", choices=REASONS, widget=forms.RadioSelect, error_messages={"required": "Välj en orsak."}
    )
    note = TextField(label="Beskriv kort", multiline=True, rows=3, max_length=500, help_text="Högst 500 tecken. Skriv inga uppgifter om patienten.")


class JustificationForm(Form):
    justification = TextField(
        label="Motivering",
        multiline=True,
        rows=3,
        max_length=500,
        help_text="Högst 500 tecken. Varför patienten behöver just det här hjälpmedlet.",
    )


class SendBackForm(Form):
    note = TextField(
        label="Varför skickar du tillbaka beställningen?", multiline=True, rows=3, max_length=500, help_text="Högst 500 tecken. Beställaren läser det."
    )


class SearchForm(Form):
    """Sök kundorder. Bound to the address; a patient is never in it by number."""

    ORDERS = {"senast": ("-sent_at", "-id"), "leverans": ("promised_on", "id")}

    nummer = TextField(label="Ordernummer", required=False, max_length=17)
    artikel = TextField(label="Artikel", required=False, max_length=100, help_text="Nummer eller namn.")
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[
            ("", "Alla"),
            ("oppna", "Alla öppna"),
            ("forsenade", "Försenade"),
            *((s.value, s.label) for s in Status if s not in {Status.DRAFT, Status.WAITING_FOR_APPROVAL}),
        ],
    )
    fran = DateField(label="Skickad från", required=False, coming=False)
    till = DateField(label="Skickad till", required=False, coming=False)
    vems = forms.ChoiceField(label="Vems", required=False, choices=[("", "Enhetens"), ("mina", "Mina")])
    sortering = forms.ChoiceField(label="Sortera efter", required=False, choices=[("senast", "Senast skickad"), ("leverans", "Leveransdatum")])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("fran"), data.get("till")
        if first and last and first > last:
            self.add_error("till", "Slutdatumet ligger före startdatumet.")
        return data
