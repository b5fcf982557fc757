"""The order form, what is asked after sending, and the search."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Assignment, Customer, DeliveryPoint
from catalog.models import Article
from core.forms import DateField, Form, PhoneField, PostcodeField, QuantityField, TextField
from ordering import forms as ordering
from ordering.models import OrderQuerySet
from orders.actions.changes import NewDelivery
from orders.actions.drafts import Content, prescribers_of
from orders.models import MOST_OF_AN_ARTICLE, Order, OrderLine, Status

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


class CancelForm(ordering.CancelForm):
    """`chosen` is the numbers of the lines to cancel, None for all that is left."""

    lines = forms.TypedMultipleChoiceField(
        label="Vad ska makuleras?",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Välj minst en artikel att makulera."},
    )
    field_order = ("lines", "reason", "note")

    def __init__(self, *args: Any, lines: Sequence[OrderLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.all_lines = {line.line for line in lines}
        if len(lines) == 1:
            del self.fields["lines"]
            return
        choices = [
            (line.line, f"{line.outstanding} {line.article_name}, {line.article_number}" + (" – är på väg" if line.on_its_way else "")) for line in lines
        ]
        self.fields["lines"].choices = choices  # type: ignore[attr-defined]
        self.fields["lines"].initial = sorted(self.all_lines)

    @property
    def chosen(self) -> list[int] | None:
        lines = self.cleaned_data.get("lines")
        return None if lines is None or set(lines) == self.all_lines else sorted(lines)


class DeliveryForm(Form):
    """Where a sent order goes. `delivery` is there after `is_valid()`; `other_address` is the register's, when the order has another."""

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

    def __init__(self, *args: Any, order: Order, by: Assignment, from_register: bool = False, **kwargs: Any) -> None:
        register = order.patient.address
        given = order if order.method == Order.Method.HOME and not from_register else register
        names = ("method", "contact_name", "contact_phone", "instructions")
        initial = {name: getattr(order, name) for name in names} | {"delivery_point": order.delivery_point_id}
        initial |= {name: getattr(given, name) for name in self.ADDRESS} if given is not None else {}
        super().__init__(*args, initial=initial, **kwargs)
        self.is_protected = order.patient.is_protected
        for name in ("delivery_point", "street", "postal_code", "city", "door_code", "has_no_door_code"):
            # Needed with one way of delivery, so not marked as what may be left out.
            self.fields[name].is_needed_later = True  # type: ignore[attr-defined]
        differs = register is not None and order.method == Order.Method.HOME and any(getattr(order, name) != getattr(register, name) for name in self.ADDRESS)
        self.other_address = register if differs and not from_register else None
        if self.is_protected:
            for name in [name for name in self.fields if name not in {"contact_name", "contact_phone"}]:
                del self.fields[name]
            self.fields["contact_name"].help_text = "Vem vid enheten som centralen kontaktar. Skriv inga uppgifter om patienten."
            return
        ways = [method for method in Order.Method if method != Order.Method.MANUAL_CONTACT]
        self.fields["method"].choices = [(method, method.label) for method in ways]  # type: ignore[attr-defined]
        points = DeliveryPoint.objects.filter(provider=by.unit.provider_id, is_active=True).order_by("name")
        self.fields["delivery_point"].queryset = points  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("method") == Order.Method.DELIVERY_POINT and not data.get("delivery_point") and "delivery_point" not in self.errors:
            self.add_error("delivery_point", "Välj leveranspunkt.")
        if data.get("method") == Order.Method.HOME:
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
            return NewDelivery(method=Order.Method.MANUAL_CONTACT, **self.cleaned_data)
        return NewDelivery(**{name: value for name, value in self.cleaned_data.items() if name != "has_no_door_code"})


class SearchForm(ordering.SearchForm):
    """Sök kundorder."""

    STATUSES = [(status.value, status.label) for status in Status if status != Status.DRAFT]
    MOST_ARTICLES, MOST_ORDERS = 500, 20_000

    artikel = TextField(label="Artikel", required=False, max_length=100, help_text="Nummer eller namn.")
    field_order = ("nummer", "artikel")

    def narrow(self, found: OrderQuerySet) -> OrderQuerySet:
        found = super().narrow(found)
        text = self.cleaned_data.get("artikel")
        if not text or not self.is_valid():
            return found
        named = Q(number__iexact=text) | Q(local__sesam_number=text) | Q(name__icontains=text) | Q(local__name__icontains=text)
        # Looked up step by step: in one query the database guesses how many orders of the unit have the article, and where it guesses
        # too many it reads all that the unit has. What is in very many orders is soon met with, and asked of each.
        articles = list(Article.objects.filter(named).values_list("pk", flat=True)[: self.MOST_ARTICLES])
        lines = OrderLine.objects.filter(article__in=articles)
        having = list(lines.values_list("order", flat=True)[: self.MOST_ORDERS + 1])
        if len(having) > self.MOST_ORDERS:
            return found.filter(Exists(lines.filter(order=OuterRef("pk"))))
        return found.filter(pk__in=list(found.filter(pk__in=having).order_by().values_list("pk", flat=True)))
