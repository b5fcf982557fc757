"""An återlämningskvitto as it is filled in: each aid with its condition, who hands over, when and where, and the signature."""

import dataclasses
import datetime
import hashlib
import json
import re
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Assignment, DeliveryPoint
from core.forms import DateField, Form, QuantityField, TextField
from ordering.sending import Problem
from patients.models import Patient
from pickups import signature
from pickups.actions.handing_over import Content, HandedOver, Page, Signature
from pickups.models import Condition, PickupOrder, ReceiptVersion, ReturnReceipt, Signing
from pickups.returnable import Choice, by_label
from pickups.sesam2 import ROLES

Method = ReceiptVersion.Method
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[.:]?([0-5][0-9])")
_TAKEN = re.compile(r"[lp][0-9]{1,18}-taken")
_MUST_BE_DESCRIBED = {Condition.DAMAGED: "Skriv vad som är skadat.", Condition.INCOMPLETE: "Skriv vilka delar som saknas."}
NO_ORDER = "ingen"
# A browser sends a file for each field for files, also for the empty ones, and Django takes at most a hundred.
MOST_WITH_PHOTOS = 60


class TimeField(TextField):
    """A time of day as Swedes write it, 14.30; the value is a `datetime.time`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"help_text": "tt.mm", "widget": forms.TextInput(attrs={"size": 6, "inputmode": "decimal", "autocomplete": "off"})} | kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        match = _TIME.fullmatch(text)
        if match is None:
            raise forms.ValidationError("Skriv tiden som tt.mm, till exempel 14.30.")
        return datetime.time(int(match[1]), int(match[2]))

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H.%M}" if isinstance(value, datetime.time) else value


class _PhotosInput(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Photos to choose. They are checked and kept by the view, one by one, so that those that are right are kept when something else is wrong."""

    def __init__(self, **kwargs: Any) -> None:
        widget = _PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp", "data-photos": ""})
        super().__init__(**{"label": "Foton", "required": False, "widget": widget} | kwargs)

    def clean(self, data: Any, initial: Any = None) -> None:
        return None


class _Part(Form):
    """A form of the page."""

    def keep_errors_of(self, *names: str) -> None:
        """Only what stands at these fields is told: the rest was not meant to be checked yet."""
        self._errors = forms.utils.ErrorDict({name: errors for name, errors in self.errors.items() if name in names}, renderer=self.renderer)


class ItemForm(_Part):
    """One of the aids that the patient has. Nothing is asked of one that is not handed over."""

    all_optional = True  # what is left out stands at no field: the whole is about what is ticked
    taken = forms.BooleanField(required=False)
    quantity = QuantityField(label="Antal som lämnas", required=False)
    condition = forms.ChoiceField(label="Skick", required=False, choices=Condition.choices, widget=forms.RadioSelect)
    note = TextField(label="Anteckning", required=False, max_length=500, help_text="Vad som är slitet, skadat eller saknas. Skriv inga uppgifter om patienten.")
    photos = PhotosField(label="Foton av hjälpmedlet")
    sure = forms.BooleanField(label="Ja, det lämnas in nu", required=False)

    def __init__(self, *args: Any, choice: Choice, takes_photos: bool, **kwargs: Any) -> None:
        self.choice = choice
        super().__init__(*args, prefix=choice.token, **kwargs)
        self.fields["taken"].label = f"{choice.article.display_name} {choice.individual_number}".strip()
        if choice.quantity == 1:
            del self.fields["quantity"]
        if not takes_photos:
            del self.fields["photos"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("taken"):
            # What was filled in before the tick was taken away is nobody's error.
            self._errors.clear()
            return data
        if "quantity" in self.fields and "quantity" not in self.errors and data.get("quantity") is None:
            self.add_error("quantity", "Skriv hur många som lämnas.")
        if not data.get("condition") and "condition" not in self.errors:
            self.add_error("condition", f"Välj skick för {self['taken'].label}.")
        text = _MUST_BE_DESCRIBED.get(data.get("condition", ""))
        if text and not data.get("note") and "note" not in self.errors:
            self.add_error("note", text)
        return data

    @property
    def is_taken(self) -> bool:
        return bool(self["taken"].value())

    @property
    def handed_over(self) -> HandedOver:
        data = self.cleaned_data
        return HandedOver(
            token=self.choice.token, quantity=data.get("quantity") or 1, condition=data["condition"], note=data["note"], is_sure=bool(data.get("sure"))
        )


class ReceiptForm(_Part):
    """The receipt, with a form for each aid in `items`. `receipt` is the one that is corrected."""

    order = forms.ChoiceField(label="Hör till", widget=forms.RadioSelect, error_messages={"required": "Välj om kvittot hör till en hämtorder."})
    number = TextField(label="Individnummer", required=False, max_length=100, help_text="Skriv eller skanna etiketten för att kryssa i rätt hjälpmedel.")
    handed_over_by = TextField(label="Vem lämnar hjälpmedlen?", max_length=200, help_text="Namn, och vem det är om det inte är patienten själv.")
    received_on = DateField(label="Datum", coming=False)
    received_time = TimeField(label="Tid")
    method = forms.ChoiceField(label="Var lämnas de?", widget=forms.RadioSelect)
    delivery_point = forms.ModelChoiceField(
        DeliveryPoint.objects.none(),
        label="Vilken leveranspunkt",
        required=False,
        empty_label="Välj leveranspunkt",
        help_text="Bara om du har valt leveranspunkt.",
    )
    photos = PhotosField(label="Foton av allt som lämnas")
    signing = forms.ChoiceField(
        label="Hur skriver den som lämnar under?",
        choices=[(Signing.DRAWN, "På skärmen"), (Signing.TYPED, "Med namnet på tangentbordet"), (Signing.NONE, "Kan inte skriva under")],
        widget=forms.RadioSelect,
        error_messages={"required": "Välj hur den som lämnar skriver under."},
    )
    strokes = forms.CharField(label="Underskrift", required=False, strip=False)
    signed_name = TextField(label="Namnteckning", required=False, max_length=200, help_text="Den som lämnar skriver sitt namn själv.")
    is_confirmed = forms.BooleanField(label="Jag som lämnar hjälpmedlen har skrivit mitt namn här som underskrift", required=False)
    unsigned_reason = TextField(
        label="Varför?",
        required=False,
        max_length=500,
        multiline=True,
        rows=2,
        help_text="Till exempel ”kan inte hålla i pennan”. Skriv inga uppgifter om hälsa i övrigt.",
    )
    correction = TextField(label="Varför rättas kvittot?", max_length=500, multiline=True, rows=2, help_text="Skriv inga uppgifter om patienten.")

    def __init__(
        self,
        request: HttpRequest | None,
        *,
        choices: Sequence[Choice],
        orders: Sequence[PickupOrder],
        patient: Patient,
        by: Assignment,
        receipt: ReturnReceipt | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.patient, self.receipt = patient, receipt
        self.orders = {str(order.number): order for order in orders}
        posted = request.POST.copy() if request is not None else None
        self.found: Choice | None = None
        if posted is not None and (text := posted.get("number", "").strip()) and (choice := by_label(choices, text)) is not None:
            # What was typed is found: it is ticked, and the field is free for the next.
            self.found = choice
            posted[f"{choice.token}-taken"], posted["number"] = "on", ""
        self.posted = posted
        initial = initial or {}
        if patient.is_protected:
            self.base_fields = type(self).base_fields | {"handed_over_by": _role_field()}
        super().__init__(posted, initial=initial)
        takes_photos = len(choices) <= MOST_WITH_PHOTOS
        self.items = [
            ItemForm(posted, choice=choice, takes_photos=takes_photos, initial={"quantity": choice.left or choice.quantity} | initial.get(choice.token, {}))
            for choice in choices
        ]
        self._dress(by)

    def _dress(self, by: Assignment) -> None:
        fields: dict[str, Any] = self.fields
        for name in ("delivery_point", "signed_name", "unsigned_reason"):
            fields[name].is_needed_later = True  # asked for by what is chosen above it
        if self.orders:
            fields["order"].choices = [
                *((number, f"Hämtorder {number}, {order.shown_status.label.lower()}") for number, order in self.orders.items()),
                (NO_ORDER, "Ingen hämtorder. Jag tar med hjälpmedlen själv."),
            ]
        else:
            del fields["order"]
        if self.receipt is None:
            del fields["correction"]
        if self.patient.is_protected:
            # The place and the name would tell where and who the person is.
            fields["method"].choices = [(Method.MANUAL_CONTACT, Method.MANUAL_CONTACT.label)]
            fields["method"].widget = forms.HiddenInput()
            self.initial["method"] = Method.MANUAL_CONTACT
            del fields["delivery_point"]
            return
        points = DeliveryPoint.objects.filter(provider=by.unit.provider_id, is_active=True).order_by("name")
        fields["delivery_point"].queryset = points
        fields["method"].choices = [(Method.HOME, "Hemma hos patienten"), (Method.UNIT, "På min enhet"), (Method.DELIVERY_POINT, "På en leveranspunkt")]

    # --- Checking ---

    def is_valid(self) -> bool:
        """Also of each aid."""
        return all([super().is_valid(), *(item.is_valid() for item in self.items)])

    @property
    def all_forms(self) -> list[Form]:
        """For the error summary: first what stands first on the page."""
        return [*self.items, self]

    def clean_number(self) -> str:
        text: str = self.cleaned_data["number"]
        if text:
            raise forms.ValidationError(
                f"{text} finns inte bland patientens hjälpmedel från din vårdgivare. Kontrollera numret. Är det någon annans hjälpmedel ska det inte vara med."
            )
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        tokens = {item.choice.token for item in self.items}
        gone = {name for name in self.posted or {} if _TAKEN.fullmatch(name) and name.removesuffix("-taken") not in tokens}
        if gone:
            self.add_error(None, "Ett hjälpmedel som du kryssade i är inte längre registrerat på patienten. Kontrollera listan nedan.")
        elif not any(item.is_taken for item in self.items):
            self.add_error(None, "Kryssa i minst ett hjälpmedel.")
        self._check_signature(data)
        return data

    def _check_signature(self, data: dict[str, Any]) -> None:
        signing = data.get("signing")
        if signing == Signing.DRAWN:
            try:
                data["picture"] = signature.draw(signature.read(data.get("strokes") or ""))
            except signature.TooLittle:
                self.add_error("strokes", "Be den som lämnar att skriva sitt namn i rutan. En punkt eller ett kort streck räcker inte.")
            except signature.Unreadable:
                self.add_error("strokes", "Underskriften kunde inte läsas. Tryck på ”Börja om” och skriv under igen.")
        elif signing == Signing.TYPED:
            if not data.get("signed_name") and "signed_name" not in self.errors:
                self.add_error("signed_name", "Skriv namnet på den som skriver under.")
            if not data.get("is_confirmed"):
                self.add_error("is_confirmed", "Den som lämnar bekräftar här att namnet är underskriften.")
        elif signing == Signing.NONE and not data.get("unsigned_reason") and "unsigned_reason" not in self.errors:
            self.add_error("unsigned_reason", "Skriv varför det inte går att skriva under.")

    def keep_errors_of(self, *names: str) -> None:
        super().keep_errors_of(*names)
        for item in self.items:
            item.keep_errors_of()

    def add_problems(self, problems: Sequence[Problem]) -> None:
        """What the action found, each at its field."""
        by_token: dict[str, Form] = {item.choice.token: item for item in self.items}
        for field, text in problems:
            token, _, name = field.partition("-")
            form = by_token.get(token, self)
            name = name if form is not self else field
            form.add_error(name if name in form.fields else None, text)

    # --- What was filled in ---

    @property
    def content(self) -> Content:
        data = self.cleaned_data
        return Content(
            order=self.orders.get(data.get("order", "")),
            items=tuple(item.handed_over for item in self.items if item.is_taken),
            handed_over_by=data["handed_over_by"],
            received_at=timezone.make_aware(datetime.datetime.combine(data["received_on"], data["received_time"])),
            method=data["method"],
            delivery_point=data.get("delivery_point") if data["method"] == Method.DELIVERY_POINT else None,
            signature=self._signature(data),
            dropped=self.dropped,
        )

    @staticmethod
    def _signature(data: dict[str, Any]) -> Signature:
        signing = data["signing"]
        return Signature(
            signing=signing,
            picture=data.get("picture") if signing == Signing.DRAWN else None,
            name=data["signed_name"] if signing == Signing.TYPED else "",
            reason=data["unsigned_reason"] if signing == Signing.NONE else "",
        )

    @property
    def dropped(self) -> frozenset[uuid.UUID]:
        """The photos that are not to come along."""
        return frozenset(found for text in (self.posted.getlist("drop") if self.posted else []) if (found := as_uuid(text)) is not None)


def _role_field() -> forms.ChoiceField:
    """Who hands over, of a protected person: no name."""
    return forms.ChoiceField(
        label="Vem lämnar hjälpmedlen?",
        choices=[(role, role) for role in ROLES],
        widget=forms.RadioSelect,
        error_messages={"required": "Välj vem som lämnar hjälpmedlen."},
    )


def as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def page_of(request: HttpRequest) -> Page:
    """The page that was sent: its key (a new one for what is none), and a hash of all that was filled in, by which the same is known again."""
    said = sorted((name, request.POST.getlist(name)) for name in request.POST if name != "csrfmiddlewaretoken")
    files = sorted((name, file.name, file.size) for name in request.FILES for file in request.FILES.getlist(name))
    told = json.dumps([said, files], ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Page(as_uuid(request.POST.get("key", "")) or uuid.uuid4(), hashlib.sha256(told).hexdigest())


def initial_of(receipt: ReturnReceipt) -> dict[str, Any]:
    """What the form that corrects begins with: what the receipt says now. It is not signed anew unless somebody does so."""
    version = receipt.latest
    at = timezone.localtime(version.received_at)
    last_signed = ReceiptVersion.objects.filter(receipt=receipt).exclude(signing=Signing.NONE).order_by("-version").values_list("version", flat=True).first()
    signed = f" Version {last_signed} är underskriven." if last_signed else ""
    initial: dict[str, Any] = {
        "order": version.order.number if version.order is not None else NO_ORDER,
        "handed_over_by": version.handed_over_by,
        "received_on": at.date(),
        "received_time": at.time(),
        "method": version.method,
        "delivery_point": version.delivery_point_id,
        "signing": Signing.NONE,
        "unsigned_reason": f"Rättat i efterhand.{signed}",
    }
    for item in version.items.all():
        token = f"l{item.loan_id}" if item.loan_id is not None else f"p{item.pickup_item_id}"
        initial[token] = {"taken": True, "quantity": item.quantity, "condition": item.condition, "note": item.note}
    return initial


@dataclasses.dataclass(frozen=True)
class Kept:
    """A photo that is here already. `id` takes it off again; `url` shows it, when it stands on the receipt that is corrected."""

    id: uuid.UUID
    name: str
    url: str
    is_dropped: bool
