"""What a version of a receipt says as facts in words, and in what two versions differ."""

import dataclasses
from collections.abc import Mapping

from django.utils import timezone

from pickups.models import ReceiptItem, ReceiptVersion, Signing


@dataclasses.dataclass(frozen=True)
class Difference:
    """`before` or `after` is "" where the one version says nothing of it."""

    what: str
    before: str
    after: str


def differences(before: ReceiptVersion, after: ReceiptVersion) -> list[Difference]:
    """In the order of the receipt; what both say alike is left out."""
    was, now = _facts(before), _facts(after)
    return [Difference(what, was.get(what, ""), now.get(what, "")) for what in dict.fromkeys([*was, *now]) if was.get(what, "") != now.get(what, "")]


def _facts(version: ReceiptVersion) -> Mapping[str, str]:
    at = timezone.localtime(version.received_at)
    facts = {_aid(item): _said(item) for item in version.items.all()}
    photos = sum(file.content == file.Content.PHOTO for file in version.files.all())
    return facts | {
        "Hämtorder": str(version.order.number) if version.order is not None else "",
        "Lämnat av": version.handed_over_by,
        "Tid": f"{at:%Y-%m-%d %H.%M}",
        "Plats": where(version),
        "Underskrift": signed(version),
        "Foton": f"{photos} st" if photos else "",
    }


def _aid(item: ReceiptItem) -> str:
    return f"{item.name} {item.individual_number}".strip()


def _said(item: ReceiptItem) -> str:
    pieces = f"{item.quantity} st, " if item.quantity > 1 else ""
    note = f". {item.note}" if item.note else ""
    return f"{pieces}{item.shown_condition.label.lower()}{note}"


def where(version: ReceiptVersion) -> str:
    """The place in one line. Of a protected person no address is told, nor one that was written down before the protection came."""
    method = version.Method
    if version.receipt.patient.is_protected or version.method == method.MANUAL_CONTACT:
        return "Skyddade personuppgifter"
    place = {method.HOME: "", method.UNIT: version.recipient_name, method.DELIVERY_POINT: version.recipient_name}[method(version.method)]
    care_of = f"c/o {version.care_of}" if version.care_of else ""
    code = f"{version.postal_code[:3]}\N{NO-BREAK SPACE}{version.postal_code[3:]} {version.city}"
    return ", ".join(part for part in (place, care_of, version.street, code) if part)


def signed(version: ReceiptVersion) -> str:
    """How it is signed, or why not."""
    if version.signing == Signing.DRAWN:
        return "Underskrivet på skärmen"
    return f"Underskrivet med namnet {version.signed_name}" if version.signing == Signing.TYPED else f"Inte underskrivet: {version.unsigned_reason}"
