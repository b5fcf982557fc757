"""The dictionary between a hämtorder, a receipt and the contract (sections 4 and 5). Foreign words stand only here."""

from collections.abc import Sequence

from integration import contract
from ordering import sesam2 as common
from patients.sesam2 import patient_ref
from pickups.models import ReceiptFile, ReceiptItem, ReceiptVersion

# Who hands over, of a protected person: what the person is, never a name.
ROLES = ("Patienten", "Närstående", "Personal", "Annan person")


def return_receipt(version: ReceiptVersion, items: Sequence[ReceiptItem], files: Sequence[ReceiptFile]) -> contract.ReturnReceipt:
    """The receipt as this version says it. A name that is typed is a signature as a drawn one is. Of a protected person only the number goes out."""
    patient = version.receipt.patient
    handed_over_by = version.handed_over_by if not patient.is_protected or version.handed_over_by in ROLES else ROLES[-1]
    return contract.ReturnReceipt(
        receipt_number=version.receipt.number,
        order_number=version.order.number if version.order is not None else None,
        version=version.version,
        patient=patient_ref(patient),
        received_by=common.person(version.received_by),
        handed_over_by=handed_over_by,
        received_at=version.received_at,
        place=common.delivery(version),
        signed=version.is_signed,
        unsigned_reason=version.unsigned_reason or None,
        attachments=[common.attachment(file.attachment) for file in files if file.is_sent],
        items=[_returned(item) for item in items],
    )


def _returned(item: ReceiptItem) -> contract.ReturnItem:
    article = item.article
    return contract.ReturnItem(
        supplier_gln=article.supplier.gln,
        supplier_article_number=article.number,
        article_number=article.sesam_number,
        name=article.display_name,
        quantity=item.quantity,
        individual_number=item.individual_number or None,
        condition=contract.Condition(item.condition),
        note=item.note or None,
    )
