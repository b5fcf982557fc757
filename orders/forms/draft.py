"""The order form: the draft as it stands on its page."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.models import Assignment, Customer, DeliveryPoint
from accounts.workdays import calendar
from core.forms import DateField, Form, PhoneField, QuantityField, TextField
from integration.attachments import ACCEPT
from ordering.forms import CustomerField, PrescriberField
from orders import rules
from orders.actions import wishes
from orders.actions.drafts import Content, LineContent, prescribers_of
from orders.forms.fields import ConfigurationField, FilesField
from orders.models import MOST_OF_AN_ARTICLE, Order, OrderLine
from patients.models import Loan

LONGEST_ARTICLE_NUMBER = 35
_CHOSEN = ("customer", "prescriber", "purpose", "ends_on", "requested_on", "deliver_together", "accepts_equivalent", "is_urgent")
# Nothing of this is kept for a protected person.
_PERSONAL = ("delivery_point", "contact_name", "contact_phone", "instructions", "notify_sms", "notify_phone", "notify_email", "notify_by_letter")


class DraftForm(Form):
    """What is right is kept even when something else is wrong: see `content`, `quantities` and `details`."""

    # What may stay empty is marked from the start, also before there are lines with a quantity.
    all_optional = False

    q = TextField(label="Lägg till artikel", required=False, max_length=100, help_text="Artikelnummer, namn eller ISO-kod.")
    purpose = forms.ChoiceField(
        label="Hjälpmedlet är",
        required=False,
        choices=[(Order.Purpose.LOAN, "ett lån"), (Order.Purpose.TRIAL, "på prov"), (Order.Purpose.SHORT_TERM, "ett korttidslån")],
        widget=forms.RadioSelect,
    )
    ends_on = DateField(label="Till och med", required=False, help_text="åååå-mm-dd. För prov och korttidslån. Du blir påmind en vecka före.")
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
    is_urgent = forms.BooleanField(label="Akut leverans", required=False)
    contact_name = TextField(label="Kontaktperson vid leverans", required=False, max_length=200)
    contact_phone = PhoneField(label="Kontaktpersonens telefon", required=False)
    notify_sms = PhoneField(label="Sms till", required=False)
    notify_phone = PhoneField(label="Ring", required=False)
    notify_email = forms.EmailField(label="E-post till", required=False, max_length=254)
    notify_by_letter = forms.BooleanField(label="Brev till leveransadressen", required=False)
    instructions = TextField(
        label="Meddelande till centralen",
        multiline=True,
        rows=3,
        required=False,
        max_length=500,
        help_text="Högst 500 tecken. Till exempel ”Ring en timme innan”.",
    )
    files = FilesField(
        label="Bifoga filer", required=False, help_text="Bild eller PDF, högst 10 MB per fil. Foton sparas utan plats och kamera.", accept=ACCEPT
    )

    def __init__(self, *args: Any, order: Order, lines: Sequence[OrderLine], by: Assignment, aids: Sequence[Loan] | None = None, **kwargs: Any) -> None:
        self.order = order
        self.lines = lines
        self.aids = rules.aids_of(order, by) if aids is None else aids
        of_lines = {name: field for line in lines for name, field in self._line_fields(line)}
        quantities = [f"quantity_{line.line}" for line in lines]
        # On the instance, before the base copies and dresses them: each draft has its own lines.
        self.base_fields = {**type(self).base_fields, **of_lines}
        super().__init__(*args, initial=self._initial(order), **kwargs)
        self.order_fields(["q", *quantities, *of_lines])
        points = DeliveryPoint.objects.filter(provider=by.unit.provider_id, is_active=True).order_by("name")
        self.fields["customer"].queryset = Customer.objects.filter(unit=by.unit_id).order_by("-is_standard", "number")  # type: ignore[attr-defined]
        self.fields["prescriber"].queryset = prescribers_of(by)  # type: ignore[attr-defined]
        self.fields["delivery_point"].queryset = points  # type: ignore[attr-defined]
        reasons = [name for name in of_lines if name.startswith(("misfit_", "exception_"))]
        for name in ("q", "customer", "prescriber", "purpose", "ends_on", "method", "delivery_point", *reasons):
            self.fields[name].is_needed_later = True  # type: ignore[attr-defined]
        if order.patient.is_protected:
            self.fields["method"].choices = [(Order.Method.MANUAL_CONTACT, Order.Method.MANUAL_CONTACT.label)]  # type: ignore[attr-defined]
            for name in _PERSONAL:
                del self.fields[name]
        else:
            self.fields["method"].choices = Order.Method.choices  # type: ignore[attr-defined]

    def _line_fields(self, line: OrderLine) -> "list[tuple[str, forms.Field]]":
        """What is asked about a line: how many; of an accessory also what it goes to; what only some lines need, when they need it."""
        number, name = line.line, line.article.display_name
        found: list[tuple[str, forms.Field]] = [
            (f"quantity_{number}", QuantityField(label=f"Antal {name}", max_value=MOST_OF_AN_ARTICLE, initial=line.quantity)),
            (
                f"configuration_{number}",
                ConfigurationField(
                    label=f"Inställningar för {name}", required=False, initial=line.configuration, help_text="En per rad, till exempel ”Sitthöjd: 45 cm”."
                ),
            ),
        ]
        choices = self._wholes(line)
        if len(choices) > 1:
            initial = f"rad-{line.main.line}" if line.main else f"individ-{line.individual_number}" if line.individual_number else ""
            found.append((f"belongs_{number}", forms.ChoiceField(label=f"{name} hör till", required=False, choices=choices, initial=initial)))
        if line.main_id or line.individual_number:
            found.append((f"misfit_{number}", TextField(label="Passar ändå, för att", required=False, max_length=200, initial=line.misfit_reason)))
        if rules.group_is_fixed(line.article) or (line.substituted_for is not None and rules.group_is_fixed(line.substituted_for)):
            kept = (line.substituted_for or line.article).display_name
            found.append(
                (
                    f"exception_{number}",
                    TextField(label=f"Patienten behöver just {kept}, för att", required=False, max_length=200, initial=line.exception_reason),
                )
            )
        return found

    def _wholes(self, line: OrderLine) -> list[tuple[str, str]]:
        """What the line's article can go to: main aids of the order, aids that the patient has. A main aid goes to nothing."""
        if not (line.article.may_be_component or line.main_id or line.individual_number):
            return []
        mains = [other for other in self.lines if other.main_id is None and other.pk != line.pk and not other.individual_number]
        if any(other.main_id == line.pk for other in self.lines):
            mains = []
        choices = [("", "Inget, beställs för sig"), *((f"rad-{other.line}", other.article.display_name) for other in mains)]
        choices += [(f"individ-{aid.individual_number}", f"{aid.article.display_name}, {aid.individual_number} (har redan)") for aid in self.aids]
        gone = line.individual_number and all(line.individual_number != aid.individual_number for aid in self.aids)
        return [*choices, (f"individ-{line.individual_number}", f"{line.individual_number} (inte kvar)")] if gone else choices

    @staticmethod
    def _initial(order: Order) -> dict[str, Any]:
        names = {*_CHOSEN, *_PERSONAL, "method"} - {"customer", "prescriber", "delivery_point"}
        return {name: getattr(order, name) for name in names} | {
            "customer": order.customer_id,
            "prescriber": order.prescriber_id,
            "delivery_point": order.delivery_point_id,
        }

    @classmethod
    def as_saved(cls, order: Order, lines: Sequence[OrderLine], by: Assignment) -> "DraftForm":
        """The form bound to what is saved, so that problems found at sending can stand at their fields."""
        unbound = cls(order=order, lines=lines, by=by)
        data: MultiValueDict[str, Any] = MultiValueDict()
        for name in unbound.fields:
            if (value := unbound[name].value()) not in (None, False):
                data[name] = value
        form = cls(data=data, order=order, lines=lines, by=by, aids=unbound.aids)
        form.is_valid()
        return form

    def clean_requested_on(self) -> datetime.date | None:
        wanted: datetime.date | None = self.cleaned_data["requested_on"]
        if wanted is None:
            return None
        if wanted < timezone.localdate():
            raise forms.ValidationError("Datumet har passerat. Välj ett senare datum eller lämna fältet tomt.")
        if wanted > timezone.localdate() + wishes.LONGEST:
            raise forms.ValidationError("Datumet ligger mer än ett år fram. Välj ett tidigare datum.")
        if text := wishes.day_problem(wanted, today=timezone.localdate(), region=calendar()):
            raise forms.ValidationError(text)
        return wanted

    def clean_q(self) -> str:
        text: str = self.cleaned_data["q"]
        if len(text) > LONGEST_ARTICLE_NUMBER and " " not in text:
            raise forms.ValidationError(f"Ett artikelnummer har högst {LONGEST_ARTICLE_NUMBER} tecken. Du skrev {len(text)}.")
        return text

    @property
    def content(self) -> Content:
        """What was typed, with what is saved in the place of what is wrong."""
        chosen = {name: self.cleaned_data.get(name, getattr(self.order, name)) for name in _CHOSEN}
        chosen["purpose"] = chosen["purpose"] or self.order.purpose
        if self.order.patient.is_protected:
            return Content(**chosen, method=Order.Method.MANUAL_CONTACT)
        for name in _PERSONAL:
            chosen[name] = self.cleaned_data.get(name, getattr(self.order, name))
        return Content(**chosen, method=self.cleaned_data.get("method") or self.order.method)

    @property
    def quantities(self) -> dict[int, int]:
        return {line.line: self.cleaned_data[f"quantity_{line.line}"] for line in self.lines if f"quantity_{line.line}" in self.cleaned_data}

    @property
    def details(self) -> dict[int, LineContent]:
        """What was typed about each line; what the page did not ask, or what is wrong, stays as it is."""
        return {line.line: self._details_of(line) for line in self.lines}

    def _details_of(self, line: OrderLine) -> LineContent:
        typed: Mapping[str, Any] = self.cleaned_data
        belongs = self._typed(f"belongs_{line.line}")
        kind, _, value = (belongs or "").partition("-")
        return LineContent(
            main=int(value) if kind == "rad" else None,
            individual_number=None if belongs is None else value if kind == "individ" else "",
            misfit_reason=self._typed(f"misfit_{line.line}"),
            # On a line that was switched it is the reason to take the first article back, which a button does.
            exception_reason=None if line.substituted_for_id else self._typed(f"exception_{line.line}"),
            configuration=typed.get(f"configuration_{line.line}") if self.add_prefix(f"configuration_{line.line}") in self.data else None,
        )

    def _typed(self, name: str) -> str | None:
        """None when the page that was sent did not ask it, or what was typed is wrong."""
        return self.cleaned_data.get(name) if name in self.data else None
