"""The one way forms look and speak: renderer, base form, and the fields that all apps use.

A page writes `{{ form }}` or `{{ form.field.as_field_group }}`; templates/forms/ draws label, hint, error and the links between them.
Every error text says what to do. No attribute makes the browser check first, so each error is ours, in Swedish, at the field and in the summary.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils import timezone

# Direction overrides make a text look like another one than it is.
DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
INVISIBLE = "Texten innehåller ett osynligt tecken som inte kan sparas. Skriv om texten i stället för att klistra in den."
REGION = "SE"
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100


class FormRenderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"


# --- Texts -----------------------------------------------------------------------------------------

# What Django says by itself, said as what to do. The first class that fits the field decides.
_ONE = {"required": "Välj ett alternativ för ”{label}”.", "invalid_choice": "Välj ett av alternativen som visas."}
_SEVERAL = {
    "required": "Välj minst ett alternativ för ”{label}”.",
    "invalid_choice": "Välj bland alternativen som visas.",
    "invalid_list": "Välj bland alternativen som visas.",
}
_WRITTEN = {"required": "Fyll i ”{label}”."}
DEFAULT_TEXTS: list[tuple[type[forms.Field], dict[str, str]]] = [
    (forms.BooleanField, {"required": "Kryssa i ”{label}” för att gå vidare."}),
    (forms.MultipleChoiceField, _SEVERAL),
    (forms.ModelMultipleChoiceField, _SEVERAL),
    (forms.ChoiceField, _ONE),
    (forms.ModelChoiceField, _ONE),
    (forms.FileField, {"required": "Välj en fil för ”{label}”.", "empty": "Filen är tom. Välj en annan fil."}),
    (forms.DecimalField, {**_WRITTEN, "invalid": "Skriv ett tal, till exempel 12,5."}),
    (forms.IntegerField, {**_WRITTEN, "invalid": "Skriv ett heltal, till exempel 2."}),
    (forms.EmailField, {**_WRITTEN, "invalid": "Skriv en e-postadress, till exempel namn@exempel.se."}),
    (forms.Field, _WRITTEN),
]
LIMIT_TEXTS = {
    "min_value": "Skriv %(limit_value)s eller mer.",
    "max_value": "Skriv %(limit_value)s eller mindre.",
    "min_length": "Skriv minst %(limit_value)d tecken. Nu är det %(show_value)d.",
    "max_length": "Korta texten till högst %(limit_value)d tecken. Nu är den %(show_value)d.",
}


def _set_swedish_texts(field: forms.Field, label: str) -> None:
    """Replaces only what the field's author did not write."""
    given: dict[str, Any] = {}
    ours: set[str] = set()
    for parent in reversed(type(field).__mro__):
        messages = vars(parent).get("default_error_messages", {})
        given.update(messages)
        if parent.__module__ == __name__:
            ours.update(messages)
    texts = next(texts for kind, texts in DEFAULT_TEXTS if isinstance(field, kind))
    for code, text in {**texts, **LIMIT_TEXTS}.items():
        if code not in ours and field.error_messages.get(code) == given.get(code):
            field.error_messages[code] = text.format(label=label) if code in texts else text


class Form(forms.Form):
    """The base of every form. `error_count` is the number of errors that the summary lists."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # Copied with the form, so that one form's texts and classes never leak into another's.
            field.error_messages = dict(field.error_messages)
            _set_swedish_texts(field, str(field.label or name))
            for widget in getattr(field.widget, "widgets", [field.widget]):
                if not widget.is_hidden and "ds-input" not in widget.attrs.get("class", ""):
                    widget.attrs["class"] = f"{widget.attrs.get('class', '')} ds-input".strip()

    @property
    def all_optional(self) -> bool:
        """No field must be filled in (a search): then none is marked as optional."""
        return not any(field.required for field in self.fields.values())

    @property
    def error_count(self) -> int:
        return sum(len(errors) for errors in self.errors.values())


# --- Text ------------------------------------------------------------------------------------------


def clean_text(value: str, *, multiline: bool = False) -> str:
    """`value` as it is stored and sent: NFC, stripped, tabs as spaces, line ends as one newline (the contract's section 2).

    Raises ValidationError for control characters, also for line ends unless `multiline`.
    """
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")).strip()
    for character in text:
        if character == "\n" and multiline:
            continue
        if unicodedata.category(character) in {"Cc", "Cs"} or character in DIRECTION_OVERRIDES:
            if character == "\n":
                raise ValidationError("Skriv texten på en rad.", code="line_end")
            raise ValidationError(INVISIBLE, code="control_character")
    return text


class TextField(forms.CharField):
    """One line of text, or several with `multiline=True`; the value is `clean_text()` of what was written.

    No maxlength attribute: the browser would cut a pasted text without a word.
    """

    def __init__(self, *, multiline: bool = False, rows: int = 4, **kwargs: Any) -> None:
        self.multiline = multiline
        if multiline:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows, "cols": False}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        if value in self.empty_values:
            return str(self.empty_value)
        return clean_text(str(value), multiline=self.multiline) or str(self.empty_value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs: dict[str, Any] = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        attrs.pop("minlength", None)
        return attrs


# --- Date ------------------------------------------------------------------------------------------

_ISO = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_DAY_MONTH = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})(?:[/. -]([0-9]{4}))?")


def parse_date(text: str, *, today: datetime.date, coming: bool = True) -> datetime.date:
    """Reads 2026-11-26, 20261126, 26/11 and 26/11 2026. Without a year: the next such day from `today` on, or the last one if not `coming`.

    Raises ValueError.
    """
    text = text.strip()
    if match := _ISO.fullmatch(text):
        return datetime.date(*(int(part) for part in match.groups()))
    if not (match := _DAY_MONTH.fullmatch(text)):
        raise ValueError(text)
    day, month = int(match[1]), int(match[2])
    if match[3]:
        return datetime.date(int(match[3]), month, day)
    # Nine years, since 29 February may be eight years away (1896 to 1904, 2096 to 2104).
    years = range(today.year, today.year + 9) if coming else range(today.year, today.year - 9, -1)
    for year in years:
        try:
            found = datetime.date(year, month, day)
        except ValueError:
            continue
        if (found >= today) if coming else (found <= today):
            return found
    raise ValueError(text)


class DateField(forms.DateField):
    """A date as a text box with the hint "åååå-mm-dd".

    Not type=date: the browser shows that in its own language's order, and hands over nothing at all for what it cannot read, so that
    neither the text nor a useful error is left. A page that gives it a type=date widget still works, as that sends 2026-11-26.
    `coming=False` reads 26/11 as the last such day (searches) instead of the next one (wishes).
    """

    default_error_messages = {"invalid": "Skriv datumet som åååå-mm-dd, till exempel 2026-11-26."}

    def __init__(self, *, coming: bool = True, **kwargs: Any) -> None:
        self.coming = coming
        kwargs.setdefault("help_text", "åååå-mm-dd")
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"size": 12, "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> datetime.date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime.date):
            return value
        if not str(value).strip():
            return None
        try:
            found = parse_date(str(value), today=timezone.localdate(), coming=self.coming)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


# --- Phone, postcode, quantity -----------------------------------------------------------------------


def parse_phone(text: str) -> str:
    """A number as Swedes write it, or with its country, as E.164. Raises ValueError when no such number can exist."""
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        raise ValueError(text) from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise ValueError(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_for_reading(e164: str) -> str:
    """+46701740605 as 070-174 06 05; a foreign number with its country; what is no number as it stands."""
    try:
        number = phonenumbers.parse(e164, REGION)
    except phonenumbers.NumberParseException:
        return e164
    swedish = number.country_code == phonenumbers.country_code_for_region(REGION)
    style = phonenumbers.PhoneNumberFormat.NATIONAL if swedish else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


class PhoneField(TextField):
    """A phone number; the value is E.164 (+46701740605), shown again as 070-174 06 05."""

    default_error_messages = {"invalid": "Skriv telefonnumret med riktnummer, till exempel 070-174 06 05. Börja med + och landskod om det är utländskt."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel", "size": 20, "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text in self.empty_values:
            return text
        try:
            return parse_phone(text)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        return phone_for_reading(value) if isinstance(value, str) and value.startswith("+") else value


class PostcodeField(TextField):
    """A Swedish postcode; the value is five digits, shown again as 441 30."""

    default_error_messages = {"invalid": "Skriv postnumret med fem siffror, till exempel 441 30."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 8, "inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text in self.empty_values:
            return text
        match = re.fullmatch(r"(?:SE?-?)?([1-9][0-9]{2})([0-9]{2})", re.sub(r"\s", "", text).upper())
        if not match:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return match[1] + match[2]

    def prepare_value(self, value: Any) -> Any:
        return f"{value[:3]} {value[3:]}" if isinstance(value, str) and re.fullmatch(r"[0-9]{5}", value) else value


class QuantityField(forms.IntegerField):
    """A number of pieces, 1 to 999 unless told otherwise. A text box, since type=number changes its value when one scrolls over it."""

    def __init__(self, *, min_value: int | Callable[[], int] = 1, max_value: int | Callable[[], int] = 999, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 5, "inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_python(self, value: Any) -> int | None:
        text = "" if value is None else str(value).strip()
        # int() also reads other scripts' digits, underscores and 2.0; a person who writes those means something else.
        if text and not re.fullmatch(r"[+-]?[0-9]{1,12}", text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(text) if text else None
