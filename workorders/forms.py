"""The guide's questions, the arbetsorder of each kind, and the search."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Assignment, Customer, DeliveryPoint
from core.forms import DateField, Form, PhoneField, TextField
from ordering.forms import SearchForm as CommonSearchForm
from patients.models import Loan
from workorders import rules
from workorders.actions.drafts import Content
from workorders.models import ConsultationPurpose, Kind, Place, Side, Status, WorkOrder
from workorders.models.orders import LONGEST_DESCRIPTION
from workorders.models.terms import Priority

YES_NO = [("True", "Ja"), ("False", "Nej")]


class NeedForm(Form):
    """The guide's first question."""

    BROKEN, CHANGED, NEW, ADVICE = "trasigt", "behov", "nytt", "rad"
    behov = forms.ChoiceField(
        label="Vad gäller det?",
        choices=[
            (BROKEN, "Ett hjälpmedel är trasigt eller slitet"),
            (CHANGED, "Patientens behov har ändrats, hjälpmedlet ska ändras"),
            (NEW, "Ett nytt hjälpmedel ska monteras eller installeras"),
            (ADVICE, "Jag behöver råd eller hjälp med att prova ut"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Välj vad det gäller."},
    )


class FollowUpForm(Form):
    """The guide's second question, where the first leaves a choice of kind. The answer is the kind."""

    QUESTIONS = {
        NeedForm.CHANGED: (
            "Vad räcker?",
            [
                (Kind.ADAPTATION, "Inställning, eller delar och tillbehör som finns till hjälpmedlet"),
                (Kind.SPECIAL_ADAPTATION, "Något måste tillverkas eller göras om, utöver vad tillverkaren har tänkt"),
            ],
        ),
        NeedForm.NEW: (
            "Ska det fästas i bostaden?",
            [
                (Kind.ASSEMBLY, "Nej, det ska sättas ihop eller monteras på ett annat hjälpmedel"),
                (Kind.INSTALLATION, "Ja, till exempel en taklyft eller en dörröppnare"),
            ],
        ),
    }
    KINDS = {NeedForm.BROKEN: Kind.REPAIR, NeedForm.ADVICE: Kind.CONSULTATION}
    slag = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": "Välj ett av alternativen."})

    def __init__(self, *args: Any, need: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label, choices = self.QUESTIONS[need]
        self.fields["slag"].label = label
        self.fields["slag"].choices = choices  # type: ignore[attr-defined]


class AidForm(Form):
    """Which of the patient's aids, or none of them."""

    OTHER = "annat"
    hjalpmedel = forms.ChoiceField(
        label="Vilket hjälpmedel gäller det?", widget=forms.RadioSelect, error_messages={"required": "Välj vilket hjälpmedel det gäller."}
    )

    def __init__(self, *args: Any, aids: Sequence[Loan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(aid.pk), self._label(aid)) for aid in aids]
        self.fields["hjalpmedel"].choices = [*choices, (self.OTHER, "Ett annat hjälpmedel, eller inget än")]  # type: ignore[attr-defined]

    @staticmethod
    def _label(aid: Loan) -> str:
        name = ", ".join(text for text in (aid.article.display_name, aid.individual_number) if text)
        marks = ", ".join(word.lower() for word, _ in aid.marks)
        return f"{name} ({marks})" if marks else name


class IndividualForm(Form):
    """Which aid, by the number on its label."""

    number = TextField(label="Individnummer", max_length=100, help_text="Står på hjälpmedlets etikett.", error_messages={"required": "Skriv individnumret."})


class CustomerField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} {obj.name} – betalare {obj.payer_name}"


class PurposeField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} (underlag krävs)" if obj.document else str(obj.name)


_AID = ["aid_name", "individual_number", "side", "aid_location"]
_WHERE = ["place", "patient_can_come", "method", "delivery_point", "instructions"]
_CARE = ["needs_loaner", "has_infection_risk", "infection_note"]
_WHO = ["contact_name", "contact_phone", "customer"]
# What would tell where a protected person is.
_NOT_OF_PROTECTED = ["instructions", "contact_name", "contact_phone", "aid_location"]


class WorkOrderForm(Form):
    """An arbetsorder as it stands on its page; its fields follow from the kind. What is right is kept even when something else is wrong."""

    all_optional = False
    FIELDS = {
        Kind.REPAIR: [*_AID, "description", "is_second", "haste", "requested_on", *_CARE, *_WHERE, *_WHO],
        Kind.ADAPTATION: [*_AID, "description", "requested_on", *_CARE, *_WHERE, *_WHO],
        Kind.SPECIAL_ADAPTATION: [*_AID, "description", "instruction", "risk_analysis", "wants_cost_proposal", "requested_on", *_CARE, *_WHERE, *_WHO],
        Kind.ASSEMBLY: [*_AID, "description", "requested_on", *_CARE, *_WHERE, *_WHO],
        Kind.INSTALLATION: [*_AID, "description", "requested_on", *_CARE, *_WHERE, *_WHO],
        Kind.CONSULTATION: ["purpose", "need", "description", "priority", "haste", "requested_on", *_WHERE, *_WHO],
    }

    aid_name = TextField(label="Hjälpmedel", required=False, max_length=255, help_text="Vad det är, till exempel ”rollator”.")
    individual_number = TextField(label="Individnummer", required=False, max_length=100, help_text="Om hjälpmedlet har ett. Står på etiketten.")
    side = forms.ChoiceField(label="Sida", required=False, choices=[("", "Gäller ingen viss sida"), *Side.choices])
    aid_location = TextField(label="Var hjälpmedlet är nu", required=False, max_length=500, help_text="Om det inte är hos patienten.")
    description = TextField(label="Beskrivning", required=False, multiline=True, rows=5, max_length=LONGEST_DESCRIPTION)
    is_second = forms.BooleanField(label="Beställ en till, fast en arbetsorder redan är öppen för hjälpmedlet", required=False)
    instruction = TextField(
        label="Anvisning",
        required=False,
        multiline=True,
        rows=5,
        max_length=2000,
        help_text="Vad som ska göras, med mått i centimeter. Bifoga ritning.",
    )
    risk_analysis = TextField(
        label="Funktionell riskanalys",
        required=False,
        multiline=True,
        rows=4,
        max_length=1500,
        help_text="Vilka risker ändringen kan ge patienten, och hur de hanteras.",
    )
    wants_cost_proposal = forms.BooleanField(label="Jag vill ha ett kostnadsförslag innan arbetet görs", required=False)
    purpose = PurposeField(ConsultationPurpose.objects.none(), label="Konsultationen gäller", required=False, empty_label="Välj")
    need = TextField(label="Patientens behov", required=False, multiline=True, rows=4, max_length=2000)
    priority = forms.TypedChoiceField(label="Prioritet", required=False, coerce=int, empty_value=None, choices=Priority.choices, widget=forms.RadioSelect)
    haste = forms.ChoiceField(label="Hur bråttom är det?", required=False, widget=forms.RadioSelect)
    requested_on = DateField(label="Önskad dag", required=False)
    needs_loaner = forms.BooleanField(label="Patienten behöver ett låneexemplar under tiden", required=False)
    has_infection_risk = forms.BooleanField(label="Det finns smittrisk", required=False)
    infection_note = TextField(label="Vad är gjort mot smittan?", required=False, max_length=500, help_text="Bara om det finns smittrisk.")
    place = forms.ChoiceField(label="Var ska arbetet göras?", required=False, choices=Place.choices, widget=forms.RadioSelect)
    patient_can_come = forms.TypedChoiceField(
        label="Kan patienten komma till centralen?",
        required=False,
        choices=[("", "Vet inte"), *YES_NO],
        coerce=lambda text: text == "True",
        empty_value=None,
    )
    method = forms.ChoiceField(label="Adress", required=False, widget=forms.RadioSelect)
    delivery_point = forms.ModelChoiceField(
        DeliveryPoint.objects.none(),
        label="Vilken leveranspunkt",
        required=False,
        empty_label="Välj leveranspunkt",
        help_text="Bara om du har valt leveranspunkt ovan.",
    )
    instructions = TextField(label="Hitta hit", required=False, max_length=500, help_text="Det som teknikern behöver veta, till exempel var man parkerar.")
    contact_name = TextField(label="Vem ska teknikern ringa?", required=False, max_length=200)
    contact_phone = PhoneField(label="Direktnummer", required=False)
    customer = CustomerField(Customer.objects.none(), label="Kund", required=False, empty_label="Välj kund", help_text="Betalaren följer med kunden.")

    def __init__(self, *args: Any, order: WorkOrder, by: Assignment, **kwargs: Any) -> None:
        self.order = order
        names = [name for name in self.FIELDS[Kind(order.kind)] if not self._is_left_out(name, order)]
        # On the instance, before the base copies and dresses them: each kind has its own fields.
        self.base_fields = {name: type(self).base_fields[name] for name in names}
        super().__init__(*args, initial={name: self._initial(name) for name in names}, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["customer"].queryset = Customer.objects.filter(unit=by.unit_id).order_by("-is_standard", "number")
        if "purpose" in fields:
            fields["purpose"].queryset = ConsultationPurpose.objects.filter(is_active=True).order_by("name")
        if "delivery_point" in fields:
            fields["delivery_point"].queryset = DeliveryPoint.objects.filter(provider=by.unit.provider_id, is_active=True).order_by("name")
        if "method" in fields:
            fields["method"].choices = [(method, method.label) for method in WorkOrder.Method if method != WorkOrder.Method.MANUAL_CONTACT]
        if "haste" in fields:
            fields["haste"].choices = self._hastes(Kind(order.kind))
        for name in ("aid_name", "description", "instruction", "risk_analysis", "purpose", "need", "priority", "place", "contact_phone", "customer"):
            if name in fields:
                fields[name].is_needed_later = True

    @property
    def about(self) -> list[forms.BoundField]:
        """What is wrong and wanted; `is_second` is shown apart, when there is something to confirm."""
        return [self[name] for name in self.fields if name not in {*_WHERE, *_WHO, "haste", "requested_on", "is_second"}]

    @property
    def where(self) -> list[forms.BoundField]:
        return [self[name] for name in (*_WHERE, "haste", "requested_on") if name in self.fields]

    @property
    def who(self) -> list[forms.BoundField]:
        return [self[name] for name in _WHO if name in self.fields]

    @staticmethod
    def _is_left_out(name: str, order: WorkOrder) -> bool:
        """What is known already, and what must not be told of a protected person."""
        if name in {"aid_name", "individual_number"}:
            return order.loan_id is not None
        return order.patient.is_protected and name in {*_NOT_OF_PROTECTED, "method", "delivery_point"}

    def _initial(self, name: str) -> Any:
        value = getattr(self.order, f"{name}_id", getattr(self.order, name))
        return "" if name == "patient_can_come" and value is None else value

    @staticmethod
    def _hastes(kind: Kind) -> list[tuple[str, str]]:
        choices = [WorkOrder.Haste.NORMAL, *([WorkOrder.Haste.URGENT] if kind in rules.MAY_BE_URGENT else [])]
        choices += [WorkOrder.Haste.ON_CALL] if kind in rules.MAY_BE_ON_CALL else []
        return [(haste, rules.haste_text(kind, haste)) for haste in choices]

    @classmethod
    def as_saved(cls, order: WorkOrder, by: Assignment) -> "WorkOrderForm":
        """The form bound to what is saved, so that problems found at sending can stand at their fields."""
        unbound = cls(order=order, by=by)
        data = {name: unbound[name].value() for name in unbound.fields}
        form = cls(data={name: value for name, value in data.items() if value not in (None, False)}, order=order, by=by)
        form.is_valid()
        return form

    def clean_requested_on(self) -> datetime.date | None:
        wanted: datetime.date | None = self.cleaned_data["requested_on"]
        if wanted is not None and wanted < timezone.localdate():
            raise forms.ValidationError("Datumet har passerat. Välj ett senare datum eller lämna fältet tomt.")
        if wanted is not None and wanted > timezone.localdate() + datetime.timedelta(days=366):
            raise forms.ValidationError("Datumet ligger mer än ett år fram. Välj ett tidigare datum.")
        return wanted

    @property
    def content(self) -> Content:
        """What was typed, with what is saved in the place of what is wrong or not asked for."""
        given = {name: self.cleaned_data.get(name, getattr(self.order, name)) for name in Content.__dataclass_fields__}
        given["haste"] = given["haste"] or WorkOrder.Haste.NORMAL
        given["method"] = given["method"] or self.order.method
        if self.order.patient.is_protected:
            given |= dict.fromkeys(_NOT_OF_PROTECTED, "") | {"delivery_point": None, "method": WorkOrder.Method.MANUAL_CONTACT}
        return Content(**given)


class ProposalForm(Form):
    answer = forms.ChoiceField(
        label="Ditt beslut",
        choices=[("ja", "Godkänn"), ("nej", "Avslå")],
        widget=forms.RadioSelect,
        error_messages={"required": "Välj om du godkänner eller avslår."},
    )
    note = TextField(label="Kommentar till centralen", required=False, multiline=True, rows=3, max_length=500, help_text="Skriv inga uppgifter om patienten.")


class SearchForm(CommonSearchForm):
    """Sök arbetsorder."""

    PLANNED = "planerad"
    ORDERS = {"senast": ("-sent_at", "-id"), "planerad": ("visit_on", "id")}
    STATUSES = [(status.value, status.label) for status in Status if status != Status.DRAFT]
    TABS = (CommonSearchForm.OPEN, CommonSearchForm.LATE, Status.NEEDS_COMPLETION)

    slag = forms.ChoiceField(label="Slag", required=False, choices=[("", "Alla"), *Kind.choices])
    individ = TextField(label="Individnummer", required=False, max_length=100)
    sortering = forms.ChoiceField(label="Sortera efter", required=False, choices=[("senast", "Senast skickad"), ("planerad", "Planerad dag")])
    field_order = ["nummer", "slag", "status", "individ", "forskrivare", "fran", "till", "vems", "sortering"]

    def narrow(self, found: Any) -> Any:
        found = super().narrow(found)
        if not self.is_valid():
            return found
        if self.cleaned_data["slag"]:
            found = found.filter(kind=self.cleaned_data["slag"])
        if self.cleaned_data["individ"]:
            found = found.of_aid(self.cleaned_data["individ"])
        if self.cleaned_data["sortering"] == self.PLANNED:
            found = found.coming(timezone.localdate())
        return found
