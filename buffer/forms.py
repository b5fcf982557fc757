"""What is read on a store's pages: what a list shows, levels, pieces that are moved, what was counted and why it differs."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms

from accounts.models import Assignment
from buffer.actions import corrections
from buffer.actions.counting import Difference
from buffer.actions.levels import Levels
from buffer.models import CountEntry, StockLine, Store
from core.forms import Form, QuantityField, TextField

MOST = 99_999
MOST_NUMBERS = 200
SCAN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}


class SearchForm(Form):
    """Narrows a list of lines, bound to the address."""

    q = TextField(
        label="Sök i förrådet",
        required=False,
        max_length=100,
        help_text="Benämning, artikelnummer, individnummer eller plats.",
        widget=forms.TextInput(attrs={"type": "search", **SCAN}),
    )


class ArticleSearchForm(Form):
    q = TextField(label="Sök artikel", max_length=100, help_text="Benämning eller artikelnummer.", widget=forms.TextInput(attrs={"type": "search", **SCAN}))


class LevelsForm(Form):
    """How much of an article a store is to have. `seen` is the version that was shown."""

    safety_level = QuantityField(
        label="Säkerhetsnivå", min_value=0, max_value=MOST, help_text="När det som finns och är beställt blir färre än så, fylls det på. 0: fylls aldrig på."
    )
    target_level = QuantityField(label="Fylls på till", min_value=0, max_value=MOST)
    place = TextField(label="Plats", required=False, max_length=40, help_text="Där den ligger, till exempel hylla B3.")
    is_paused = forms.BooleanField(label="Pausa påfyllningen av artikeln", required=False)
    pause_reason = TextField(label="Varför den är pausad", required=False, max_length=200)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        safety, target = data.get("safety_level"), data.get("target_level")
        if safety is not None and target is not None and target < safety:
            self.add_error("target_level", f"Skriv {safety} eller mer: förrådet fylls på minst till säkerhetsnivån.")
        if data.get("is_paused") and not data.get("pause_reason") and "pause_reason" not in self.errors:
            self.add_error("pause_reason", "Skriv varför påfyllningen är pausad.")
        return data

    @property
    def levels(self) -> Levels:
        data = self.cleaned_data
        return Levels(data["safety_level"], data["target_level"], data["place"], data["pause_reason"] if data["is_paused"] else "")


class PauseForm(Form):
    reason = TextField(label="Varför pausas påfyllningen?", max_length=200, help_text="Visas på förrådets sida. Skriv inga uppgifter om patienter.")


# --- Pieces ----------------------------------------------------------------------------------------


class NumbersField(TextField):
    """Individual numbers, one a line or with commas between, as a scanner leaves them; the value is a list without repetitions."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(multiline=True, rows=3, required=False, max_length=MOST_NUMBERS * 40, **kwargs)
        self.widget.attrs.update(SCAN)

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value) or ""
        numbers = list(dict.fromkeys(part.strip() for part in text.replace(",", "\n").split("\n") if part.strip()))
        if any(len(number) > 100 for number in numbers):
            raise forms.ValidationError("Ett individnummer har högst 100 tecken. Skriv ett på varje rad.")
        if len(numbers) > MOST_NUMBERS:
            raise forms.ValidationError(f"Skriv högst {MOST_NUMBERS} individnummer åt gången.")
        return numbers


class PiecesForm(Form):
    """Which of a line, and how many. Those with a number are chosen by it; `quantity` in the answer is of all."""

    individuals = forms.MultipleChoiceField(label="Individer", required=False, widget=forms.CheckboxSelectMultiple)
    numbers = NumbersField(label="Individnummer", help_text="Ett på varje rad.")
    number_of = QuantityField(label="Antal", required=False, min_value=0, max_value=MOST)

    def __init__(self, *args: Any, line: StockLine, comes_in: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lying = [lies.individual.number for lies in line.individuals.all()]
        self.fields["individuals"].choices = [(number, number) for number in lying]  # type: ignore[attr-defined]
        if comes_in or not lying:
            del self.fields["individuals"]
        if not comes_in or not (lying or line.article.is_individual_marked):
            del self.fields["numbers"]
        if "individuals" in self.fields or "numbers" in self.fields:
            self.fields["number_of"].label = "Antal utan individnummer"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not {"individuals", "numbers", "number_of"} & set(self.errors) and not self.pieces["quantity"]:
            self.add_error("number_of", "Välj en individ, eller skriv ett antal." if {"individuals", "numbers"} & set(self.fields) else "Skriv hur många.")
        return data

    @property
    def pieces(self) -> dict[str, Any]:
        """As the actions take them."""
        numbers = [*self.cleaned_data.get("individuals", []), *self.cleaned_data.get("numbers", [])]
        return {"individual_numbers": numbers, "quantity": len(numbers) + (self.cleaned_data.get("number_of") or 0)}


class CorrectionForm(PiecesForm):
    note = TextField(
        label="Varför?", multiline=True, rows=2, max_length=500, help_text="Till exempel sliten, trasig eller utgången. Skriv inga uppgifter om patienter."
    )


class StoreField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.unit.name}"


class TransferForm(PiecesForm):
    to = StoreField(Store.objects.none(), label="Till förråd", empty_label="Välj förråd")
    note = TextField(label="Anteckning", required=False, max_length=500)
    field_order = ("to", "individuals", "number_of", "note")

    def __init__(self, *args: Any, by: Assignment, line: StockLine, **kwargs: Any) -> None:
        super().__init__(*args, line=line, **kwargs)
        stores = Store.objects.of_provider(by).exclude(pk=line.store_id).select_related("unit").order_by("unit__name", "name", "pk")
        self.fields["to"].queryset = stores  # type: ignore[attr-defined]


# --- Counting --------------------------------------------------------------------------------------


class EntryForm(Form):
    """What was found of one line. Of aids with numbers each is ticked (unless the count is blind) or its number read."""

    individuals = forms.MultipleChoiceField(label="Vilka ligger där?", required=False, widget=forms.CheckboxSelectMultiple)
    numbers = NumbersField(label="Individnummer som ligger där", help_text="Skanna eller skriv, ett på varje rad.")
    counted = QuantityField(label="Antal", min_value=0, max_value=MOST)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, line: StockLine, is_blind: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lying = [lies.individual.number for lies in line.individuals.all()]
        self.by_number = bool(lying) or line.article.is_individual_marked
        self.fields["individuals"].choices = [(number, number) for number in lying]  # type: ignore[attr-defined]
        if is_blind or not lying:
            del self.fields["individuals"]
        elif self.by_number:
            self.fields["numbers"].label = "Andra individnummer som ligger där"
        if not self.by_number:
            del self.fields["numbers"]
        else:
            self.fields["counted"].label = "Antal utan läsbart individnummer"
            self.fields["counted"].required = False

    @property
    def entered(self) -> dict[str, Any]:
        """As `counting.enter` takes it."""
        data = self.cleaned_data
        numbers = list(dict.fromkeys([*data.get("individuals", []), *data.get("numbers", [])]))
        return {"individual_numbers": numbers, "counted": len(numbers) + (data["counted"] or 0), "seen": data["seen"] or 0}


class BookForm(Form):
    """Why each of the lines differs. What was shown is posted along, so that nothing else is booked."""

    def __init__(self, *args: Any, differences: Sequence[Difference], **kwargs: Any) -> None:
        self.differing = [one for one in differences if one.differs]
        # Before the base reads them, so that they speak and look as all fields do.
        self.base_fields = {f"seen_{one.entry.line_id}": _seen_field(one) for one in differences}
        for one in self.differing:
            self.base_fields |= {f"reason_{one.entry.line_id}": _reason_field(one), f"note_{one.entry.line_id}": _note_field(one)}
        super().__init__(*args, **kwargs)

    @property
    def reasons(self) -> dict[int, tuple[str, str]]:
        return {one.entry.line_id: (self.cleaned_data[f"reason_{one.entry.line_id}"], self.cleaned_data[f"note_{one.entry.line_id}"]) for one in self.differing}

    @property
    def seen(self) -> dict[int, int]:
        prefix = "seen_"
        return {int(name.removeprefix(prefix)): value for name, value in self.cleaned_data.items() if name.startswith(prefix) and value is not None}

    def rows(self) -> Iterable[tuple[Difference, Any, Any]]:
        """Each difference with its two fields."""
        for one in self.differing:
            yield one, self[f"reason_{one.entry.line_id}"], self[f"note_{one.entry.line_id}"]


def _seen_field(one: Difference) -> forms.Field:
    return forms.IntegerField(widget=forms.HiddenInput, initial=one.change, required=False)


def _reason_field(one: Difference) -> forms.Field:
    """What is missing may have been taken; what is too many has not."""
    name, reasons = one.entry.line.article.display_name, CountEntry.Reason
    wrong = {reasons.UNREGISTERED, reasons.BROKEN} if one.change >= 0 else set()
    choices = [("", "Välj orsak"), *((reason.value, reason.label) for reason in reasons if reason not in wrong)]
    field = forms.ChoiceField(label="Orsak", choices=choices, error_messages={"required": f"Välj varför antalet av {name} skiljer."})
    field.widget.attrs["aria-label"] = f"Orsak, {name}"
    return field


def _note_field(one: Difference) -> forms.Field:
    field = TextField(label="Anteckning", required=False, max_length=400)
    field.widget.attrs["aria-label"] = f"Anteckning, {one.entry.line.article.display_name}"
    return field


@dataclasses.dataclass(frozen=True)
class Way:
    """One way to correct what is there, with its words."""

    title: str
    text: str
    button: str
    done: str
    act: Callable[..., str]
    comes_in: bool = False


WAYS = {
    "kassera": Way("Kassera", "Det som är utslitet, trasigt eller utgånget. Centralen får veta det.", "Kassera", "Kasserat.", corrections.scrap),
    "forkommet": Way(
        "Förkommet", "Det som är borta och som ingen vet var det är. Centralen får veta det.", "Anmäl som förkommet", "Anmält som förkommet.", corrections.lose
    ),
    "aterfunnet": Way(
        "Återfunnet",
        "Det som låg där utan att räknas. Det läggs in i förrådet igen.",
        "Lägg in i förrådet",
        "Inlagt i förrådet.",
        corrections.find,
        comes_in=True,
    ),
}
