"""What narrows the lists of hämtorder."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from core.forms import Form, TextField
from ordering.forms import SearchForm as CommonSearchForm
from pickups.models import Reason, Status


class SearchForm(CommonSearchForm):
    """Sök hämtorder."""

    PLANNED = "hamtdag"
    ORDERS = {"senast": ("-sent_at", "-id"), "hamtdag": ("promised_on", "id")}
    STATUSES = [(status.value, status.label) for status in Status if status != Status.DRAFT]

    orsak = forms.ChoiceField(label="Orsak", required=False, choices=[("", "Alla"), *Reason.choices])
    individ = TextField(label="Individnummer", required=False, max_length=100)
    sortering = forms.ChoiceField(label="Sortera efter", required=False, choices=[("senast", "Senast skickad"), ("hamtdag", "Hämtdag")])
    field_order = ["nummer", "status", "orsak", "individ", "forskrivare", "fran", "till", "vems", "sortering"]

    def narrow(self, found: Any) -> Any:
        found = super().narrow(found)
        if not self.is_valid():
            return found
        if self.cleaned_data["orsak"]:
            found = found.filter(reason=self.cleaned_data["orsak"])
        if self.cleaned_data["individ"]:
            found = found.of_aid(self.cleaned_data["individ"])
        return found


class WeekForm(Form):
    """Which week of the route list: ?vecka=2026-W49."""

    vecka = forms.RegexField(r"\A[0-9]{4}-W[0-9]{2}\Z", required=False)

    @property
    def monday(self) -> datetime.date:
        """The first day of the week that is asked for; of this week, where it asks for none that there is."""
        if self.is_valid() and self.cleaned_data["vecka"]:
            try:
                return datetime.date.fromisocalendar(int(self.cleaned_data["vecka"][:4]), int(self.cleaned_data["vecka"][-2:]), 1)
            except ValueError:
                pass
        today = timezone.localdate()
        return today - datetime.timedelta(days=today.weekday())
