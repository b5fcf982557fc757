"""What is said about a report that is sent."""

import datetime

from django import forms
from django.utils import timezone

from core.forms import DateField, Form, TextField


class FoundForm(Form):
    """A lost aid has been found."""

    found_on = DateField(label="När återfanns det?", coming=False)
    note = TextField(label="Var fanns det?", required=False, max_length=500, help_text="Skriv inga uppgifter om patienten.")

    def __init__(self, *args: object, lost_on: datetime.date | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.lost_on = lost_on

    def clean_found_on(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["found_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("Dagen har inte varit än. Rätta datumet.")
        if self.lost_on is not None and day < self.lost_on:
            raise forms.ValidationError("Dagen ligger före den dag då hjälpmedlet försvann. Rätta datumet.")
        return day
