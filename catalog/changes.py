"""The words for what an import changed."""

from typing import Any

from catalog.models import Article, Product

_LABELS = {
    "media": "bilder och dokument",
    "prices": "priser",
    "fits_to": "passar till",
    "replaced_by": "ersätts av",
    "supplier": "leverantör",
    "category": "ISO-klass",
}


def field_label(name: str) -> str:
    """What a field of the history is called on the screen."""
    if name in _LABELS:
        return _LABELS[name]
    model = Article if name in {field.name for field in Article._meta.concrete_fields} else Product
    return str(model._meta.get_field(name).verbose_name) if name else ""


def in_words(value: Any) -> str:
    """A stored value of any shape."""
    if isinstance(value, list):
        return ", ".join(" ".join(str(part) for part in item.values() if part) if isinstance(item, dict) else str(item) for item in value)
    return {None: "–", True: "Ja", False: "Nej"}.get(value, str(value)) if not isinstance(value, dict) else str(value)
