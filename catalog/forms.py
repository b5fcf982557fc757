"""What is asked of the catalogue, from the address."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict

from catalog.listing import IN, MINE, OF_UNIT, OUT, Asked
from catalog.models.articles import ArticleType
from catalog.models.local import DeliveryClass
from core.forms import Form, QuantityField, TextField

HIGHEST_PRICE = 9_999_999
MOST_SUPPLIERS = 50
_TYPED = ("pris_fran", "pris_till")


class SeveralField(forms.MultipleChoiceField):
    """Several codes, in the order of the choices, each once."""

    def __init__(self, *, choices: Iterable[tuple[str, str]]) -> None:
        super().__init__(choices=list(choices), required=False, widget=forms.MultipleHiddenInput)

    def clean(self, value: Any) -> Any:
        chosen = set(super().clean(value))
        return tuple(code for code, _ in self.choices if code in chosen)  # type: ignore[union-attr]


class NumbersField(forms.MultipleChoiceField):
    """Several ids; one that there is nothing for finds nothing."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.MultipleHiddenInput)

    def valid_value(self, value: Any) -> bool:
        return str(value).isascii() and str(value).isdigit() and len(str(value)) < 10

    def clean(self, value: Any) -> Any:
        return tuple(dict.fromkeys(map(int, super().clean(value))))[:MOST_SUPPLIERS]


class CatalogForm(Form):
    """The search box and the price span are typed; the rest is chosen by links, so what is wrong there is left out: a link is no form to correct."""

    q = TextField(
        label="Sök hjälpmedel",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "placeholder": "Artikelnummer, namn, leverantör eller ISO-kod"}),
    )
    iso = forms.RegexField(r"^[0-9]{2}([0-9]{2}){0,3}$", required=False, widget=forms.HiddenInput)
    typ = SeveralField(choices=ArticleType.choices)
    leverans = SeveralField(choices=DeliveryClass.choices)
    sortiment = SeveralField(choices=[(IN, IN), (OUT, OUT)])
    lev = NumbersField()
    favorit = SeveralField(choices=[(MINE, MINE), (OF_UNIT, OF_UNIT)])
    pris_fran = QuantityField(label="Från, kr", required=False, min_value=0, max_value=HIGHEST_PRICE)
    pris_till = QuantityField(label="Till, kr", required=False, min_value=0, max_value=HIGHEST_PRICE)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        low, high = values.get("pris_fran"), values.get("pris_till")
        if low is not None and high is not None and high < low:
            self.add_error("pris_till", "Skriv ett högre pris här än i Från.")
        return values

    def asked(self) -> Asked:
        self.is_valid()
        values = self.cleaned_data
        for name in [name for name in self.errors if name not in _TYPED]:
            del self.errors[name]
        return Asked(
            query=values.get("q") or "",
            iso=values.get("iso") or "",
            suppliers=values.get("lev") or (),
            types=values.get("typ") or (),
            deliveries=values.get("leverans") or (),
            assortment=values.get("sortiment") or (),
            favourites=values.get("favorit") or (),
            price_from=values.get("pris_fran"),
            price_to=values.get("pris_till"),
        )


def address_of(asked: Asked) -> QueryDict:
    """The query of the address that asks the same; only what is asked for, nothing else that stood in an address."""
    address = QueryDict(mutable=True)
    values: dict[str, Iterable[Any]] = {
        "q": [asked.query] if asked.query else [],
        "iso": [asked.iso] if asked.iso else [],
        "typ": asked.types,
        "leverans": asked.deliveries,
        "sortiment": asked.assortment,
        "lev": asked.suppliers,
        "pris_fran": [] if asked.price_from is None else [asked.price_from],
        "pris_till": [] if asked.price_to is None else [asked.price_to],
        "favorit": asked.favourites,
    }
    for name, several in values.items():
        address.setlist(name, [str(value) for value in several])
    return address


class FavouriteForm(Form):
    """`for_unit`: the unit's favourite, not one's own. `on`: it shall be one."""

    for_unit = forms.BooleanField(required=False)
    on = forms.BooleanField(required=False)


class FeedUploadForm(Form):
    file = forms.FileField(label="Fil från Hjälpmedelstjänsten", help_text="En .xml eller .zip.")
