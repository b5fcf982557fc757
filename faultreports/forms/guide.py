"""The first questions, and the numbers that an address may name."""

from typing import Any

from django import forms

from core.forms import Form, TextField
from faultreports.known import Named
from faultreports.models import Kind


class WhatForm(Form):
    """The first question. What somebody was, or could have been, harmed by comes first."""

    HARM, WORN = "skada", "slitet"
    KINDS = {
        "produkt": Kind.COMPLAINT,
        "leverans": Kind.DELIVERY,
        "tjanst": Kind.SERVICE,
        "aterlamnat": Kind.NOT_DEREGISTERED,
        "forkommet": Kind.LOST,
    }
    galler = forms.ChoiceField(
        label="Vad vill du rapportera?",
        choices=[
            (HARM, "Någon har skadats, eller kunde ha skadats"),
            ("produkt", "Ett hjälpmedel är felaktigt"),
            ("leverans", "En leverans är fel eller sen"),
            ("tjanst", "En tjänst som centralen har utfört är inte bra"),
            ("aterlamnat", "Ett hjälpmedel är återlämnat men inte avregistrerat"),
            (WORN, "Ett hjälpmedel är slitet eller behöver lagas"),
            ("forkommet", "Ett hjälpmedel är borta"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Välj vad det gäller."},
    )


class HarmForm(Form):
    """The second question, where somebody was or could have been harmed. The answer is the kind."""

    hande = forms.ChoiceField(
        label="Blev någon skadad?",
        choices=[
            (Kind.NEGATIVE_EVENT, "Ja, en patient, brukare eller någon annan skadades (negativ händelse)"),
            (Kind.NEAR_MISS, "Nej, men det kunde ha hänt (tillbud)"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Välj om någon skadades."},
    )


class AboutForm(Form):
    """What it is about, where the report was begun from nothing. Both may be left empty."""

    individ = TextField(label="Individnummer", required=False, max_length=100, help_text="Står på hjälpmedlets etikett. Lämna tomt om det saknas.")
    order = TextField(label="Ordernummer", required=False, max_length=17, help_text="Kundorder eller arbetsorder. Lämna tomt om du inte har något.")

    def clean_order(self) -> str:
        return str(self.cleaned_data["order"]).upper()


class NamedForm(Form):
    """The numbers in an address, as shapes. Whether there is such a thing for the reporter is looked up by `known`."""

    patient = forms.UUIDField(required=False)
    hjalpmedel = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    individ = TextField(required=False, max_length=100)
    artikel = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    forrad = TextField(required=False, max_length=35)
    order = TextField(required=False, max_length=17)
    rad = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    foljesedel = TextField(required=False, max_length=100)
    underlag = TextField(required=False, max_length=100)
    underlagsrad = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)

    @property
    def named(self) -> Named:
        data: dict[str, Any] = self.cleaned_data
        return Named(
            patient=data["patient"],
            loan=data["hjalpmedel"],
            individual=data["individ"],
            article=data["artikel"],
            store=data["forrad"],
            order=data["order"].upper(),
            line=data["rad"],
            despatch=data["foljesedel"],
            basis=data["underlag"],
            basis_line=data["underlagsrad"],
        )

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a page hands on, as hidden fields."""
        return [(name, self.data[name]) for name in self.fields if self.data.get(name)]
