"""What becomes of a trial or a short loan."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from core.forms import DateField, Form
from orders.actions.wishes import LONGEST
from orders.models import OrderLine

PRESCRIBE, PROLONG = "prescribe", "prolong"


class LoanForm(Form):
    lines = forms.MultipleChoiceField(label="Vilka hjälpmedel gäller det?", widget=forms.CheckboxSelectMultiple)
    what = forms.ChoiceField(label="Vad ska hända?", widget=forms.RadioSelect)
    ends_on = DateField(label="Nytt slutdatum", required=False, help_text="åååå-mm-dd. Bara om du förlänger.")

    def __init__(self, *args: Any, lines: Sequence[OrderLine], is_trial: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first_end = min((line.loan_ends_on for line in lines if line.loan_ends_on), default=timezone.localdate())
        self.fields["lines"].choices = [(str(line.line), f"{line.delivered} {line.article_name}") for line in lines]  # type: ignore[attr-defined]
        self.fields["lines"].initial = [str(line.line) for line in lines]
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            (PRESCRIBE, "Förskriv – blir ett lån utan slutdatum"),
            (PROLONG, "Förläng provtiden" if is_trial else "Förläng korttidslånet"),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("what") == PRESCRIBE:
            data["ends_on"] = None
        elif data.get("what") == PROLONG and "ends_on" in data:
            self._check(data["ends_on"])
        return data

    def _check(self, ends_on: datetime.date | None) -> None:
        today = timezone.localdate()
        if ends_on is None:
            self.add_error("ends_on", "Skriv till vilket datum tiden förlängs.")
        elif ends_on <= max(today, self.first_end):
            self.add_error("ends_on", "Det nya slutdatumet måste ligga efter det gamla och efter i dag.")
        elif ends_on > today + LONGEST:
            self.add_error("ends_on", "Slutdatumet ligger mer än ett år fram. Välj ett tidigare datum, eller förskriv.")
