"""What lines are narrowed by, which file is wanted, and what is decided about a finding."""

from typing import Any

from django import forms

from accounts.models import Assignment, CareUnit, Customer
from billing.models import ChargingKind, Check, CustomerSum, Finding, InvoiceBasis, InvoiceFile, InvoiceSum
from catalog import classes
from core.forms import Form, TextField
from core.templatetags.ui import iso_code


class LineForm(Form):
    """Sök bland raderna, bound to the address. No patient is searched for."""

    # The field of the form → the filter of `InvoiceLineQuerySet.matching`.
    FILTERS = {
        "slag": "kind",
        "kund": "customer",
        "enhet": "unit",
        "grupp": "group",
        "artikel": "article",
        "nummer": "number",
        "kontroll": "check",
    }

    slag = forms.ChoiceField(label="Debiteringsform", required=False, choices=[("", "Alla"), *ChargingKind.choices])
    kund = forms.ChoiceField(label="Kundnummer", required=False)
    enhet = forms.ChoiceField(label="Enhet", required=False)
    grupp = forms.ChoiceField(label="Artikelgrupp", required=False)
    artikel = TextField(label="Artikelnummer", required=False, max_length=100)
    nummer = TextField(label="Order- eller individnummer", required=False, max_length=100)
    kontroll = forms.ChoiceField(label="Stoppad av kontroll", required=False, choices=[("", "Alla rader"), *Check.choices])

    def __init__(self, *args: Any, by: Assignment, basis: InvoiceBasis, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        numbers = list(CustomerSum.objects.visible_to(by, basis).order_by("customer_number").values_list("customer_number", flat=True))
        sums = list(InvoiceSum.objects.visible_to(by, basis).values_list("unit_hsa_id", "article_group").distinct())
        customers = dict(Customer.objects.filter(number__in=numbers).values_list("number", "name"))
        units = dict(CareUnit.objects.filter(hsa_id__in={unit for unit, _ in sums}).values_list("hsa_id", "name"))
        groups = classes.names_of({group for _, group in sums})
        fields["kund"].choices = [("", "Alla"), *((number, f"{number} {customers.get(number, '')}".strip()) for number in numbers)]
        fields["enhet"].choices = [
            ("", "Alla"),
            *sorted(((unit, units.get(unit, unit)) for unit in {unit for unit, _ in sums if unit}), key=lambda one: one[1]),
        ]
        named = sorted((group, f"{iso_code(group)} {groups.get(group, '')}".strip()) for group in {group for _, group in sums if group})
        fields["grupp"].choices = [("", "Alla"), *named]

    @property
    def filters(self) -> dict[str, str]:
        """For `InvoiceLineQuerySet.matching`; what is wrong narrows nothing."""
        return {self.FILTERS[name]: value for name, value in self.cleaned_data.items() if value}


class FileForm(Form):
    """Which kind of file is wanted, and whether the patients' numbers shall stand in it."""

    format = forms.ChoiceField(choices=InvoiceFile.Format)
    patienter = forms.BooleanField(label="Med patienternas nummer", required=False)


class DecisionForm(Form):
    status = forms.ChoiceField(label="Ditt beslut", widget=forms.RadioSelect, error_messages={"required": "Välj vad som gäller raden."})
    comment = TextField(label="Kommentar", multiline=True, rows=3, max_length=1000, help_text="Varför. Skriv inga uppgifter om patienten.")

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            Finding.Status.TO_CHECK: "Att kontrollera – raden behöver granskas igen",
            Finding.Status.ACCEPTED: "Godtagen – raden är rätt",
            Finding.Status.DISPUTED: "Bestridd – raden är fel och ska krediteras",
        }
        self.fields["status"].choices = [(status, words[status]) for status in Finding.Status if finding.can_move_to(status)]  # type: ignore[attr-defined]
