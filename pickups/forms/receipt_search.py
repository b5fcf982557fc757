"""Sök återlämningskvitto."""

import datetime
from typing import Any

from django import forms

from core.forms import DateField, Form, TextField
from ordering.forms import midnight
from pickups.models import ReceiptQuerySet


class ReceiptSearchForm(Form):
    """What narrows the list, bound to the address; a patient is never in it by number."""

    nummer = TextField(label="Kvittonummer", required=False, max_length=17)
    individ = TextField(label="Individnummer", required=False, max_length=100)
    fran = DateField(label="Skrivet från", required=False, coming=False)
    till = DateField(label="Skrivet till", required=False, coming=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("fran"), data.get("till")
        if first and last and first > last:
            raise forms.ValidationError({"till": "Slutdatumet ligger före startdatumet."})
        return data

    @property
    def is_narrow(self) -> bool:
        return self.is_valid() and any(self.cleaned_data.values())

    def narrow(self, found: ReceiptQuerySet) -> ReceiptQuerySet:
        """Those of `found` that are asked for; all of them when the form is wrong."""
        if not self.is_valid():
            return found
        wanted = self.cleaned_data
        if wanted["nummer"]:
            found = found.filter(number__startswith=wanted["nummer"].upper())
        if wanted["individ"]:
            found = found.of_aids({wanted["individ"]})
        if wanted["fran"]:
            found = found.filter(created_at__gte=midnight(wanted["fran"]))
        if wanted["till"]:
            found = found.filter(created_at__lt=midnight(wanted["till"] + datetime.timedelta(days=1)))
        return found
