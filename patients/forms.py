"""Finding and registering a patient."""

from typing import Any

from django import forms
from django.utils import timezone

from core.forms import Form, PhoneField, PostcodeField, TextField
from patients.actions import NewAddress, NewContact
from patients.identifiers import Identifier, InvalidIdentifier, parse
from patients.models import Contact, Patient


class NumberForm(Form):
    """The whole number, as typed; `cleaned_data["number"]` is an `Identifier`."""

    number = TextField(
        label="Personnummer, samordningsnummer eller reservnummer",
        help_text="Tolv tecken, till exempel ÅÅÅÅMMDD-NNNN.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters", "size": 16}),
        max_length=40,
        error_messages={"required": "Skriv patientens nummer."},
    )

    def clean_number(self) -> Identifier:
        try:
            return parse(self.cleaned_data["number"], today=timezone.localdate())
        except InvalidIdentifier as error:
            raise forms.ValidationError(str(error), code="invalid") from None


class CareRelationForm(Form):
    confirmed = forms.BooleanField(
        label="Jag deltar i vården av patienten eller behöver uppgifterna för mitt arbete i vården",
        error_messages={"required": "Bekräfta vårdrelationen för att öppna patienten."},
    )


class DetailsForm(Form):
    """Phone, address and contact person. `address` and `contact` are there after `is_valid()`."""

    phone = PhoneField(label="Telefon", required=False)
    care_of = TextField(label="c/o", required=False, max_length=100)
    street = TextField(label="Gatuadress", max_length=200)
    postal_code = PostcodeField(label="Postnummer")
    city = TextField(label="Ort", max_length=100)
    door_code = TextField(label="Portkod", required=False, max_length=20)
    has_no_door_code = forms.BooleanField(label="Saknar portkod", required=False)
    contact_name = TextField(label="Namn", required=False, max_length=200)
    contact_relation = TextField(label="Relation till patienten", required=False, max_length=100, help_text="Till exempel dotter eller god man.")
    contact_phone = PhoneField(label="Direkttelefon", required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        code, has_none = data.get("door_code"), data.get("has_no_door_code")
        if "door_code" not in self.errors:
            if not code and not has_none:
                self.add_error("door_code", "Skriv portkoden, eller kryssa i att porten saknar kod.")
            elif code and has_none:
                self.add_error("door_code", "Ta bort portkoden eller krysset i ”Saknar portkod”.")
        name, phone = data.get("contact_name"), data.get("contact_phone")
        if name and not phone and "contact_phone" not in self.errors:
            self.add_error("contact_phone", "Skriv kontaktpersonens telefonnummer.")
        if not name and (phone or data.get("contact_relation")) and "contact_name" not in self.errors:
            self.add_error("contact_name", "Skriv kontaktpersonens namn.")
        return data

    @property
    def address(self) -> NewAddress:
        data = self.cleaned_data
        return NewAddress(street=data["street"], postal_code=data["postal_code"], city=data["city"], care_of=data["care_of"], door_code=data["door_code"])

    @property
    def contact(self) -> NewContact | None:
        data = self.cleaned_data
        if not data["contact_name"]:
            return None
        return NewContact(name=data["contact_name"], phone=data["contact_phone"], relation=data["contact_relation"])

    @staticmethod
    def initial_of(patient: Patient, contact: Contact | None) -> dict[str, Any]:
        address = patient.address
        initial: dict[str, Any] = {"phone": patient.phone}
        if address is not None:
            initial |= {name: getattr(address, name) for name in ("care_of", "street", "postal_code", "city", "door_code", "has_no_door_code")}
        if contact is not None:
            initial |= {"contact_name": contact.name, "contact_relation": contact.relation, "contact_phone": contact.phone}
        return initial


class RegisterForm(DetailsForm):
    given_name = TextField(label="Förnamn", max_length=100)
    family_name = TextField(label="Efternamn", max_length=100)
    field_order = ("given_name", "family_name")
