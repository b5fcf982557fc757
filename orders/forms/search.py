"""The question before a cancellation, and the search."""

from typing import Any

from django import forms

from core.forms import DateField, Form, TextField
from orders.models import Status
from orders.sesam2 import REASONS


class CancelForm(Form):
    reason = forms.ChoiceField(
        label="Varför ska beställningen makuleras?", choices=REASONS, widget=forms.RadioSelect, error_messages={"required": "Välj en orsak."}
    )
    note = TextField(label="Beskriv kort", multiline=True, rows=3, max_length=500, help_text="Högst 500 tecken. Skriv inga uppgifter om patienten.")


class SearchForm(Form):
    """Sök kundorder. Bound to the address; a patient is never in it by number."""

    ORDERS = {"senast": ("-sent_at", "-id"), "leverans": ("promised_on", "id")}

    nummer = TextField(label="Ordernummer", required=False, max_length=17)
    artikel = TextField(label="Artikel", required=False, max_length=100, help_text="Nummer eller namn.")
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[("", "Alla"), ("oppna", "Alla öppna"), ("forsenade", "Försenade"), *((s.value, s.label) for s in Status if s not in {Status.DRAFT, Status.WAITING_FOR_APPROVAL})],
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
