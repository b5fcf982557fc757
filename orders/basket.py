"""The question that comes before an article from the catalogue lies in an order."""

from collections.abc import Sequence
from typing import Any

from django import forms

from core.forms import Form, QuantityField
from orders.models import MOST_OF_AN_ARTICLE, Order


class AddArticleForm(Form):
    """Which draft an article goes to; `NEW` is an order for a patient that is still to be found."""

    NEW = "ny"

    draft = forms.ChoiceField(label="Vilken beställning?", widget=forms.RadioSelect, error_messages={"required": "Välj en beställning."})
    quantity = QuantityField(label="Antal", max_value=MOST_OF_AN_ARTICLE, initial=1)

    def __init__(self, *args: Any, drafts: Sequence[Order], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(order.public_id), f"Utkast för {order.patient.short_name}") for order in drafts]
        self.fields["draft"].choices = [*named, (self.NEW, "Ny beställning – hitta patient först")]  # type: ignore[attr-defined]
        if not drafts:
            self.fields["draft"].initial = self.NEW
