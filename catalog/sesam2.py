"""The dictionary between the centre's own values and the contract's ArticleUpdate. Foreign words stand only here."""

import dataclasses
from typing import Any

from integration import contract

# Ours → the contract's. The substitution group stands apart: there null says something.
_WORDS = {
    "sesam_number": "article_number",
    "is_published": "published",
    "is_orderable": "orderable",
    "is_in_assortment": "in_assortment",
    "may_be_component": "may_be_component",
    "charging_form": "charging_form",
    "is_individual_marked": "individual_marked",
    "delivery_class": "delivery_class",
    "availability": "availability",
    "shown_price": "price",
    "extra_text": "extra_text",
}
GROUP = "substitution_group"


@dataclasses.dataclass(frozen=True)
class ToldValues:
    """What SESAM2 says of one article: only the fields that it names, as JSON values. A group is {number, is_fixed}, or None: in none."""

    supplier_gln: str
    number: str
    values: dict[str, Any]


def told_values(body: contract.ArticleUpdate) -> list[ToldValues]:
    """Absent and null are the same, and say nothing, but for the group. An empty text takes ours away."""
    return [ToldValues(item.supplier_gln, item.supplier_article_number, _values(item)) for item in body.articles]


def _values(item: contract.ArticleValues) -> dict[str, Any]:
    told = {ours: getattr(item, theirs) for ours, theirs in _WORDS.items()}
    values = {name: str(value) if name == "shown_price" else value for name, value in told.items() if value is not None}
    if values.get("extra_text") == "":
        values["extra_text"] = None
    if GROUP in item.model_fields_set:
        group = item.substitution_group
        values[GROUP] = None if group is None else {"number": group.number, "is_fixed": group.fixed}
    return values
