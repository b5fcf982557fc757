"""Fields of the order form that no other form has."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.forms import TextField

MOST_CHOICES = 30
LONGEST_CHOICE = 200


class ConfigurationField(TextField):
    """Configuration values, one a line as ”Name: value”; the value is a list of {"name", "value"} as the contract has it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(multiline=True, rows=2, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{choice['name']}: {choice['value']}" for choice in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(self.prepare_value(value))
        return [self._choice(line) for line in text.split("\n") if line.strip()] if isinstance(text, str) else []

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        if len([line for line in str(value or "").split("\n") if line.strip()]) > MOST_CHOICES:
            raise ValidationError(f"Skriv högst {MOST_CHOICES} inställningar.")

    @staticmethod
    def _choice(line: str) -> dict[str, str]:
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not (name and colon and value):
            raise ValidationError("Skriv varje inställning som namn, kolon och värde, till exempel ”Sitthöjd: 45 cm”.")
        if max(len(name), len(value)) > LONGEST_CHOICE:
            raise ValidationError(f"Korta inställningen till högst {LONGEST_CHOICE} tecken.")
        return {"name": name, "value": value}


class FilesInput(forms.ClearableFileInput):
    template_name = "django/forms/widgets/file.html"
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once. What they are is judged by `integration.attachments`, not here: the value is the list as it was sent."""

    def __init__(self, *, accept: str, **kwargs: Any) -> None:
        super().__init__(widget=FilesInput(attrs={"accept": accept}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        return list(data) if isinstance(data, list | tuple) else [data] if data else []
