"""Choice of assignment, at login and later."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import Assignment
from core.forms import Form


class AssignmentForm(Form):
    assignment = forms.ModelChoiceField(Assignment.objects.none(), label="Uppdrag")

    def __init__(self, *args: Any, assignments: QuerySet[Assignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignment"].queryset = assignments  # type: ignore[attr-defined]
