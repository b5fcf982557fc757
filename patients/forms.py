"""Finding and registering a patient, and changing who the patient is, where, through whom reached, who pays."""

import datetime
import re
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Customer
from catalog.models import NUMBER_LENGTH
from core.forms import DateField, Form, PhoneField, PostcodeField, TextField
from patients.actions import NewAddress, NewContact
from patients.identifiers import Identifier, IdentityType, InvalidIdentifier, parse
from patients.models import Contact, Patient

_LIKE_LMA = re.compile(r"\s*[0-9]{2}-?[0-9]{6}\s*")
LONGEST_LMA = datetime.timedelta(days=3 * 366)
BASE_CODE = re.compile(r"[0-9A-ZÅÄÖ-]{1,10}")
EARLIEST_PAYER = datetime.timedelta(days=366)
LATEST_PAYER = datetime.timedelta(days=366)


class NumberForm(Form):
    """The whole number, as typed; `cleaned_data["number"]` is an `Identifier`."""

    number = TextField(
        label="Personnummer, samordningsnummer eller reservnummer",
        help_text="Tolv tecken, till exempel ÅÅÅÅMMDD-NNNN. Ett LMA-nummer skrivs med LMA före.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters", "size": 16}),
        max_length=40,
        error_messages={"required": "Skriv patientens nummer."},
    )

    def clean_number(self) -> Identifier:
        typed = self.cleaned_data["number"]
        try:
            return parse(typed, today=timezone.localdate())
        except InvalidIdentifier as error:
            lma = f" Är det ett LMA-nummer? Skriv LMA {typed.strip()}." if _LIKE_LMA.fullmatch(typed) else ""
            raise forms.ValidationError(f"{error}{lma}", code="invalid") from None


class ReasonField(TextField):
    """Why something is changed; kept in the history."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "Orsak", "max_length": 500, "multiline": True, "rows": 3} | kwargs)


class LmaDateField(DateField):
    """The last day of an LMA card; today or later, since a card that has expired identifies nobody."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "LMA-kortet gäller till och med", "error_messages": {"required": "Skriv sista giltighetsdagen på LMA-kortet."}} | kwargs)

    def clean(self, value: Any) -> datetime.date | None:
        day: datetime.date | None = super().clean(value)
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError("LMA-kortet har gått ut. Be patienten om ett kort som gäller, eller använd ett reservnummer.", code="expired")
        if day is not None and day > timezone.localdate() + LONGEST_LMA:
            raise forms.ValidationError("Datumet ligger för långt fram. Kontrollera sista giltighetsdagen på LMA-kortet.", code="invalid")
        return day


class CareRelationForm(Form):
    confirmed = forms.BooleanField(
        label="Jag deltar i vården av patienten eller behöver uppgifterna för mitt arbete i vården",
        error_messages={"required": "Bekräfta vårdrelationen för att öppna patienten."},
    )


class DetailsForm(Form):
    """Phone and address. `address` is there after `is_valid()`."""

    phone = PhoneField(label="Telefon", required=False)
    care_of = TextField(label="c/o", required=False, max_length=100)
    street = TextField(label="Gatuadress", max_length=200)
    postal_code = PostcodeField(label="Postnummer")
    city = TextField(label="Ort", max_length=100)
    door_code = TextField(label="Portkod", required=False, max_length=20)
    has_no_door_code = forms.BooleanField(label="Saknar portkod", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        code, has_none = data.get("door_code"), data.get("has_no_door_code")
        if "door_code" not in self.errors:
            if not code and not has_none:
                self.add_error("door_code", "Skriv portkoden, eller kryssa i att porten saknar kod.")
            elif code and has_none:
                self.add_error("door_code", "Ta bort portkoden eller krysset i ”Saknar portkod”.")
        return data

    @property
    def address(self) -> NewAddress:
        data = self.cleaned_data
        return NewAddress(street=data["street"], postal_code=data["postal_code"], city=data["city"], care_of=data["care_of"], door_code=data["door_code"])

    @staticmethod
    def initial_of(patient: Patient) -> dict[str, Any]:
        address = patient.address
        initial: dict[str, Any] = {"phone": patient.phone}
        if address is not None:
            initial |= {name: getattr(address, name) for name in ("care_of", "street", "postal_code", "city", "door_code", "has_no_door_code")}
        return initial


class RegisterForm(DetailsForm):
    """`contact` is there after `is_valid()`. Who stands in no population register must be reachable, and an LMA number has a last day."""

    given_name = TextField(label="Förnamn", max_length=100)
    family_name = TextField(label="Efternamn", max_length=100)
    valid_until = LmaDateField()
    contact_name = TextField(label="Namn", required=False, max_length=200)
    contact_relation = TextField(label="Relation till patienten", required=False, max_length=100, help_text="Till exempel dotter eller god man.")
    contact_phone = PhoneField(label="Direkttelefon", required=False)
    field_order = ("given_name", "family_name", "valid_until")

    def __init__(self, *args: Any, identifier: Identifier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.identifier = identifier
        if identifier.type != IdentityType.LMA:
            del self.fields["valid_until"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        name, phone = data.get("contact_name"), data.get("contact_phone")
        if name and not phone and "contact_phone" not in self.errors:
            self.add_error("contact_phone", "Skriv kontaktpersonens telefonnummer.")
        if not name and (phone or data.get("contact_relation")) and "contact_name" not in self.errors:
            self.add_error("contact_name", "Skriv kontaktpersonens namn.")
        if self.identifier.rank == 0 and not data.get("phone") and not name and not {"phone", "contact_name", "contact_phone"} & set(self.errors):
            self.add_error("phone", "Skriv telefon till patienten eller en kontaktperson. Personen finns inte i folkbokföringen och kan inte sökas där.")
        return data

    @property
    def contact(self) -> NewContact | None:
        data = self.cleaned_data
        if not data["contact_name"]:
            return None
        return NewContact(name=data["contact_name"], phone=data["contact_phone"], relation=data["contact_relation"])


class ContactForm(Form):
    """`contact` is there after `is_valid()`."""

    name = TextField(label="Namn", max_length=200)
    relation = TextField(label="Relation till patienten", required=False, max_length=100, help_text="Till exempel dotter eller god man.")
    phone = PhoneField(label="Direkttelefon", help_text="Inte till en växel.")

    @property
    def contact(self) -> NewContact:
        return NewContact(**self.cleaned_data)

    @staticmethod
    def initial_of(contact: Contact) -> dict[str, Any]:
        return {"name": contact.name, "relation": contact.relation, "phone": contact.phone}


class ChangeIdentityForm(NumberForm):
    """The patient's new number. `valid_until` for an LMA number alone."""

    valid_until = LmaDateField(required=False, help_text="Fyll i bara om det nya numret är ett LMA-nummer. Skriv åååå-mm-dd.")
    reason = ReasonField(help_text="Till exempel: patienten har fått personnummer.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        number: Identifier | None = data.get("number")
        is_lma = number is not None and number.type == IdentityType.LMA
        if is_lma and not data.get("valid_until") and "valid_until" not in self.errors:
            self.add_error("valid_until", "Skriv sista giltighetsdagen på LMA-kortet.")
        if number is not None and not is_lma and data.get("valid_until"):
            self.add_error("valid_until", "Bara ett LMA-nummer har en sista giltighetsdag. Lämna fältet tomt.")
        return data


class LmaForm(Form):
    valid_until = LmaDateField()


class UndoForm(Form):
    reason = ReasonField()


class MergeForm(Form):
    """Which record's number holds, and why. `keep` is "this" or "other"."""

    keep = forms.ChoiceField(label="Vilket nummer ska gälla?", widget=forms.RadioSelect)
    reason = ReasonField(help_text="Till exempel: registrerades med reservnummer på akuten.")
    confirmed = forms.BooleanField(
        label="Jag har kontrollerat att det är samma person",
        error_messages={"required": "Kontrollera att det är samma person och kryssa i rutan."},
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keep"].choices = choices  # type: ignore[attr-defined]


class PayerForm(Form):
    """`cleaned_data["customer"]` is the `Customer` with the number that was typed."""

    customer = TextField(label="Kundnummer för den som ska betala", max_length=35, widget=forms.TextInput(attrs={"size": 12, "autocomplete": "off"}))
    base_code = TextField(label="Baskod", required=False, max_length=10, widget=forms.TextInput(attrs={"size": 12, "autocomplete": "off"}))
    starts_on = DateField(label="Från och med")
    reason = ReasonField(help_text="Till exempel: patienten har flyttat till en annan kommun.")

    def clean_customer(self) -> Customer:
        customer = Customer.objects.filter(number=self.cleaned_data["customer"]).first()
        if customer is None:
            raise forms.ValidationError("Kundnumret finns inte. Kontrollera det.", code="unknown")
        return customer

    def clean_base_code(self) -> str:
        code: str = self.cleaned_data["base_code"].upper()
        if code and not BASE_CODE.fullmatch(code):
            raise forms.ValidationError("Baskoden får bara ha bokstäver, siffror och bindestreck.", code="invalid")
        return code

    def clean_starts_on(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["starts_on"]
        today = timezone.localdate()
        if not today - EARLIEST_PAYER <= day <= today + LATEST_PAYER:
            raise forms.ValidationError("Välj en dag högst ett år bakåt eller framåt. Längre ändringar görs med Hjälpmedelscentralen.", code="invalid")
        return day


class IndividualForm(Form):
    nummer = TextField(
        label="Individnummer",
        max_length=NUMBER_LENGTH,
        help_text="Står på hjälpmedlets märkning.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "size": 16}),
    )
