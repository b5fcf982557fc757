"""What is asked of the catalogue, from the address."""

from typing import Any

from django import forms

from catalog.models.articles import ArticleType
from catalog.models.local import DeliveryClass
from core.forms import Form, TextField


class CatalogForm(Form):
    q = TextField(
        label="Sök hjälpmedel",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "placeholder": "Artikelnummer, namn, leverantör eller ISO-kod"}),
    )
    iso = forms.RegexField(r"^[0-9]{2}([0-9]{2}){0,3}$", required=False, widget=forms.HiddenInput)
    typ = forms.ChoiceField(choices=ArticleType.choices, required=False, widget=forms.HiddenInput)
    leverans = forms.ChoiceField(choices=DeliveryClass.choices, required=False, widget=forms.HiddenInput)

    def asked(self) -> dict[str, Any]:
        """The arguments of `Listing`. What the address has wrong is left out: a link is no form to correct."""
        self.is_valid()
        values = self.cleaned_data
        return {
            "query": values.get("q") or "",
            "iso": values.get("iso") or "",
            "article_type": values.get("typ") or "",
            "delivery": values.get("leverans") or "",
        }


class FeedUploadForm(Form):
    file = forms.FileField(label="Fil från Hjälpmedelstjänsten", help_text="En .xml eller .zip.")
