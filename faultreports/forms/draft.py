"""A report as it stands on its page; the fields, their order and their words follow from the kind."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Assignment, Customer
from core.forms import DateField, Form, TextField
from faultreports import known, rules
from faultreports.actions.drafts import Content
from faultreports.known import Known, Named
from faultreports.models import DeliveryFault, FaultReport, Kind
from faultreports.models.reports import LONGEST_DESCRIPTION
from ordering.forms import CustomerField

_OLDEST_YEARS = 20


class YesNoField(forms.TypedChoiceField):
    """Answered, or not yet."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("True", "Ja"), ("False", "Nej")]
        super().__init__(choices=choices, coerce=lambda text: text == "True", empty_value=None, widget=forms.RadioSelect, required=False, **kwargs)


class DraftForm(Form):
    """What is right is kept even when something else is wrong. `found` is what the typed numbers lead to, within the reporter's scope."""

    all_optional = False
    aid_name = TextField(label="Hjälpmedel", required=False, max_length=255, help_text="Vad det är, till exempel ”rollator”.")
    individual_number = TextField(label="Individnummer", required=False, max_length=100, help_text="Om hjälpmedlet har ett. Står på etiketten.")
    delivery_fault = forms.ChoiceField(label="Vad är fel?", required=False, choices=DeliveryFault.choices, widget=forms.RadioSelect)
    despatch_number = TextField(label="Följesedelns nummer", required=False, max_length=100, help_text="Behövs inte om leveransen är sen.")
    order_number = TextField(label="Ordernummer", required=False, max_length=17, help_text="Om du har det.")
    happened_on = DateField(label="När?", required=False, coming=False)
    place = TextField(label="Var?", required=False, max_length=500)
    present = TextField(label="Vilka var där?", required=False, max_length=500)
    description = TextField(label="Beskrivning", required=False, multiline=True, rows=5, max_length=LONGEST_DESCRIPTION)
    measures = TextField(label="Vad har gjorts?", required=False, multiline=True, rows=3, max_length=2000)
    aid_plan = forms.ChoiceField(label="Vad gör ni med hjälpmedlet?", required=False, widget=forms.RadioSelect)
    wants_replacement = YesNoField(label="Vill ni ha en ersättning?")
    is_reported_to_authority = YesNoField(
        label="Är händelsen anmäld till Läkemedelsverket?", help_text="Vårdgivaren ska anmäla. Du kan skicka felrapporten innan det är gjort."
    )
    wants_answer = forms.BooleanField(label="Jag vill ha svar", required=False)
    customer = CustomerField(Customer.objects.none(), label="Kund", required=False, empty_label="Välj kund")
    is_second = forms.BooleanField(label="Skicka en till, fast det redan finns en felrapport om hjälpmedlet i dag", required=False)

    def __init__(self, *args: Any, report: FaultReport, by: Assignment, **kwargs: Any) -> None:
        self.report, self.by, self.found = report, by, Known()
        kind = Kind(report.kind)
        customers = Customer.objects.filter(unit=by.unit_id).order_by("-is_standard", "number")
        asked = [name for name in rules.ASKED[kind] if not self._is_left_out(name, report)]
        names = [*asked, "wants_answer", *(["customer"] if customers.count() != 1 else []), "is_second"]
        # On the instance, before the base copies and dresses them: each kind has its own fields.
        self.base_fields = {name: type(self).base_fields[name] for name in names}
        super().__init__(*args, initial={name: getattr(report, f"{name}_id", getattr(report, name)) for name in names}, **kwargs)
        fields: dict[str, Any] = self.fields
        for name, label in rules.LABELS[kind].items():
            if name in fields:
                fields[name].label = label
        for name, hint in rules.HINTS.get(kind, {}).items():
            if name in fields:
                fields[name].help_text = hint
        if "aid_plan" in fields:
            fields["aid_plan"].choices = [(plan.value, plan.label) for plan in rules.plans_for(kind)]
        if "customer" in fields:
            fields["customer"].queryset = customers
        for name in (*rules.NEEDED[kind], "customer"):
            if name in fields:
                fields[name].is_needed_later = True

    @property
    def about(self) -> list[forms.BoundField]:
        """What it is about: the aid, or the delivery."""
        return self._of("aid_name", "individual_number", "delivery_fault", "despatch_number", "order_number")

    @property
    def happened(self) -> list[forms.BoundField]:
        return self._of(*(name for name in rules.ASKED[Kind(self.report.kind)] if name in {"happened_on", "place", "present", "description", "measures"}))

    @property
    def wishes(self) -> list[forms.BoundField]:
        return self._of("aid_plan", "wants_replacement", "is_reported_to_authority", "wants_answer", "customer")

    def _of(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]

    @staticmethod
    def _is_left_out(name: str, report: FaultReport) -> bool:
        """What is known already, and what must not be told of a protected person."""
        is_of_protected = report.patient is not None and report.patient.is_protected and name in rules.NOT_OF_PROTECTED
        # An aid that is known is known with its number, or has none.
        is_of_known_aid = name == "individual_number" and "aid_name" in report.given and (report.loan_id is not None or report.individual_id is not None)
        return name in report.given or is_of_protected or is_of_known_aid

    @classmethod
    def as_saved(cls, report: FaultReport, by: Assignment) -> "DraftForm":
        """The form bound to what is saved, so that problems found at sending can stand at their fields."""
        unbound = cls(report=report, by=by)
        data = {name: unbound[name].value() for name in unbound.fields}
        form = cls(
            data={name: value for name, value in data.items() if value not in (None, "") and not (value is False and _is_box(unbound, name))},
            report=report,
            by=by,
        )
        form.is_valid()
        return form

    def clean_happened_on(self) -> datetime.date | None:
        day: datetime.date | None = self.cleaned_data["happened_on"]
        today = timezone.localdate()
        if day is not None and day > today:
            raise forms.ValidationError("Dagen har inte varit än. Rätta datumet.")
        if day is not None and day < today - datetime.timedelta(days=366 * _OLDEST_YEARS):
            raise forms.ValidationError("Datumet ligger för långt tillbaka. Rätta årtalet.")
        return day

    def clean_individual_number(self) -> str:
        """A number that nobody here knows may still stand on an aid; one that is with a patient of somebody else's may not be reported on."""
        number = str(self.cleaned_data["individual_number"])
        try:
            self._look_up(Named(individual=number))
        except known.Elsewhere as elsewhere:
            raise forms.ValidationError(elsewhere.text) from None
        except known.NotKnown:
            pass
        return number

    def clean_order_number(self) -> str:
        number = str(self.cleaned_data["order_number"]).upper()
        try:
            self._look_up(Named(order=number))
        except known.NotKnown as missing:
            raise forms.ValidationError(missing.text) from None
        return number

    def _look_up(self, named: Named) -> None:
        """Raises `NotKnown`, also when it is about another patient than the report is."""
        given = Known(patient=self.report.patient) if "patient" in self.report.given else Known()
        self.found = self.found.joined(given.joined(known.look_up(named, by=self.by)))

    @property
    def content(self) -> Content:
        """What was typed, with what is saved in the place of what is wrong or not asked for."""
        given = {name: self.cleaned_data.get(name, getattr(self.report, name)) for name in Content.__dataclass_fields__}
        if self.report.patient is not None and self.report.patient.is_protected:
            given |= dict.fromkeys(rules.NOT_OF_PROTECTED, "")
        return Content(**given)


def _is_box(form: DraftForm, name: str) -> bool:
    """A box that is not ticked is not sent."""
    return isinstance(form.fields[name], forms.BooleanField)
