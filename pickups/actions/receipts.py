"""An återlämningskvitto is written at the patient's home, and corrected afterwards. It ends no loan: that SESAM2 does (decision 0037)."""

import datetime
import hashlib
import uuid
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Assignment
from integration import attachments, outbox
from integration.models import Attachment
from integration.numbers import next_number
from ordering.sending import ChangedMeanwhile, NotReady, address_at
from patients import access
from patients.models import Patient
from pickups import sesam2
from pickups.actions.handing_over import Content, HandedOver, Page, problems_of
from pickups.models import PickupOrder, ReceiptFile, ReceiptItem, ReceiptUpload, ReceiptVersion, ReturnReceipt, Signing
from pickups.returnable import Choice, choices_of

RESOURCE = "Återlämningskvitto"
MOST_PHOTOS = 10
UPLOADS_ARE_KEPT = datetime.timedelta(days=1)


class AlreadyWritten(Exception):
    """The page was sent before, and its receipt is there. `is_same`: with the same words; else something was changed on it afterwards."""

    def __init__(self, number: str, *, is_same: bool) -> None:
        super().__init__(number)
        self.number, self.is_same = number, is_same


class NotOurKey(Exception):
    """The page's key is that of another unit's or patient's receipt: not made by any page of ours."""


class TooManyPhotos(Exception):
    """The receipt has `MOST_PHOTOS` already."""


@transaction.atomic
def write(patient: Patient, *, page: Page, content: Content, by: Assignment) -> str:
    """Write the receipt, and tell SESAM2; all or nothing. Returns its number.

    Raises `NotReady`, `AlreadyWritten` when the page was sent before, `NotOurKey`, `access.NoSuchPatient`, and `ChangedMeanwhile`
    when the patient's record is merged into another at this moment.
    """
    patient = _lock(patient)
    refuse_second(page, patient, by=by)
    choices = _checked(patient, content, by=by)
    number = next_number("R")
    _sign(patient, by=by, number=number, action=access.Action.SIGN, activity="Skriva återlämningskvitto")
    receipt = ReturnReceipt.objects.create(number=number, unit=by.unit, patient=patient)
    _say(receipt, choices, page=page, content=content, by=by, received_by=by)
    return number


@transaction.atomic
def correct(receipt: ReturnReceipt, *, page: Page, content: Content, why: str, seen: int | None, by: Assignment) -> None:
    """Say it anew as the next version, with who and why, and tell SESAM2. What was said before stays. `seen` is the version that the page showed.

    Raises as `write`, and `ChangedMeanwhile` when a colleague has corrected it since.
    """
    patient = _lock(receipt.patient)
    refuse_second(page, patient, by=by)
    receipt = ReturnReceipt.objects.for_list().select_for_update(of=("self",)).get(pk=receipt.pk)
    if seen != receipt.version:
        raise ChangedMeanwhile
    choices = _checked(patient, content, by=by, receipt=receipt)
    _sign(patient, by=by, number=receipt.number, action=access.Action.WRITE, activity="Rätta återlämningskvitto")
    before = receipt.latest
    ReturnReceipt.objects.filter(pk=receipt.pk).update(version=receipt.version + 1)
    receipt.version += 1
    _say(receipt, choices, page=page, content=content, by=by, received_by=before.received_by, before=before, why=why)


def refuse_second(page: Page, patient: Patient, *, by: Assignment) -> None:
    """Raises `AlreadyWritten` when the page has given a receipt, and `NotOurKey`."""
    found = ReceiptVersion.objects.filter(key=page.key).select_related("receipt").first()
    if found is None:
        return
    if (found.receipt.unit_id, found.receipt.patient_id) != (by.unit_id, patient.pk):
        raise NotOurKey
    raise AlreadyWritten(found.receipt.number, is_same=found.fingerprint == page.fingerprint)


def _lock(patient: Patient) -> Patient:
    """One receipt at a time for a patient: of two devices, the second sees what the first has written."""
    locked = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if locked.merged_into_id is not None:
        raise ChangedMeanwhile
    return locked


def _sign(patient: Patient, *, by: Assignment, number: str, action: str, activity: str) -> None:
    access.open_patient(by, patient.public_id, action=action, activity=activity, resource=access.Resource(RESOURCE, number))


def _checked(patient: Patient, content: Content, *, by: Assignment, receipt: ReturnReceipt | None = None) -> Mapping[str, Choice]:
    choices = {choice.token: choice for choice in choices_of(patient, by=by, receipt=receipt)}
    if problems := problems_of(content, choices, patient=patient, by=by, at=timezone.now()):
        raise NotReady(problems)
    return choices


def _say(
    receipt: ReturnReceipt,
    choices: Mapping[str, Choice],
    *,
    page: Page,
    content: Content,
    by: Assignment,
    received_by: Assignment,
    before: ReceiptVersion | None = None,
    why: str = "",
) -> None:
    """Store the version with its items and files, and queue its message."""
    signature = content.signature
    fields = {
        "key": page.key,
        "fingerprint": page.fingerprint,
        "written_by": by,
        "correction": why,
        "order": content.order,
        "handed_over_by": content.handed_over_by,
        "received_by": received_by,
        "received_at": content.received_at,
        "signing": signature.signing,
        "signed_name": signature.name,
        "unsigned_reason": signature.reason,
        "method": content.method,
        "delivery_point": content.delivery_point,
        **_place(receipt, content, by=by),
    }
    try:
        with transaction.atomic():
            version = ReceiptVersion.objects.create(receipt=receipt, version=receipt.version, **fields)
    except IntegrityError:
        # Our own pages wait for each other at the patient's row; only a key that was made up can meet another patient's here.
        if ReceiptVersion.objects.filter(key=page.key).exists():
            raise NotOurKey from None
        raise
    items = {one.token: _item(version, line, choices[one.token], one, content.order) for line, one in enumerate(content.items, start=1)}
    files = _files(version, items, content, page=page, by=by, before=before)
    if content.order is not None:
        content.order.tell("RECEIPT", by=by, details={"number": receipt.number, "version": version.version})
    outbox.queue("ReturnReceipt", subject=receipt.number, body=sesam2.return_receipt(version, list(items.values()), files))


def _place(receipt: ReturnReceipt, content: Content, *, by: Assignment) -> dict[str, object]:
    """Where it was handed over, to be copied. A hämtorder knows better than the register where its aids are: in a dödsbo, or in the home before this."""
    order = content.order
    if order is not None and order.street and content.method == order.method == ReceiptVersion.Method.HOME:
        names = ("recipient_name", "care_of", "street", "postal_code", "city", "door_code", "has_no_door_code")
        return {name: getattr(order, name) for name in names}
    return address_at(content.method, patient=receipt.patient, unit=receipt.unit, point=content.delivery_point, by=by)


def _item(version: ReceiptVersion, line: int, choice: Choice, told: HandedOver, order: PickupOrder | None) -> ReceiptItem:
    return ReceiptItem.objects.create(
        version=version,
        line=line,
        loan=choice.loan,
        pickup_item=choice.items.get(order.pk) if order is not None else None,
        article=choice.article,
        name=choice.article.display_name,
        article_number=choice.article.display_number,
        individual_number=choice.individual_number,
        quantity=told.quantity,
        condition=told.condition,
        note=told.note,
        is_again=told.is_sure and told.quantity > choice.left,
    )


# --- Photos and the signature ------------------------------------------------------------------------


@transaction.atomic
def keep_photo(checked: attachments.Checked, *, key: uuid.UUID, choice: str, by: Assignment, beside: ReceiptVersion | None = None) -> None:
    """Keep a photo of an aid (`choice` is its token, "" for all of it) for the page with this key, until its receipt is written.

    One that is there already, also on the version that is corrected (`beside`), is not kept twice. Raises `TooManyPhotos`.
    """
    uploads = ReceiptUpload.objects.filter(key=key, by=by)
    there = list(uploads.values_list("attachment__sha256", flat=True))
    if beside is not None:
        there += beside.files.filter(content=ReceiptFile.Content.PHOTO).values_list("attachment__sha256", flat=True)
    if hashlib.sha256(checked.data).hexdigest() in there:
        return
    if len(there) >= MOST_PHOTOS:
        raise TooManyPhotos
    ReceiptUpload.objects.create(key=key, by=by, choice=choice, attachment=attachments.store(checked))


@transaction.atomic
def move_photos(*, to: uuid.UUID, key: uuid.UUID, by: Assignment) -> None:
    """The page goes on under another key."""
    ReceiptUpload.objects.filter(key=key, by=by).update(key=to)


@transaction.atomic
def forget_uploads(now: datetime.datetime) -> int:
    """Remove the photos of receipts that were never written. Returns how many."""
    old = ReceiptUpload.objects.filter(created_at__lt=now - UPLOADS_ARE_KEPT).select_for_update(skip_locked=True)
    found = list(old.values_list("attachment", flat=True)[:1000])
    Attachment.objects.filter(pk__in=found).delete()
    return len(found)


def _files(
    version: ReceiptVersion, items: Mapping[str, ReceiptItem], content: Content, *, page: Page, by: Assignment, before: ReceiptVersion | None
) -> list[ReceiptFile]:
    """The signature, the photos that the version before had of what is still there, and the new ones."""
    is_sent = not version.receipt.patient.is_protected
    files = []
    if content.signature.signing == Signing.DRAWN and content.signature.picture is not None:
        picture = attachments.store(content.signature.picture)
        files.append(ReceiptFile(version=version, attachment=picture, content=ReceiptFile.Content.SIGNATURE, is_sent=is_sent))
    photos: list[tuple[str, Attachment]] = []
    if before is not None:
        had = before.files.filter(content=ReceiptFile.Content.PHOTO).exclude(attachment__in=content.dropped)
        photos += [(token_of(file.item), file.attachment) for file in had.select_related("item", "attachment").order_by("pk")]
    uploads = ReceiptUpload.objects.filter(Q(choice="") | Q(choice__in=items), key=page.key, by=by)
    photos += [(upload.choice, upload.attachment) for upload in uploads.exclude(public_id__in=content.dropped).select_related("attachment").order_by("pk")]
    uploads.exclude(public_id__in=content.dropped).delete()
    files += [
        ReceiptFile(version=version, item=items.get(token), attachment=attachment, content=ReceiptFile.Content.PHOTO, is_sent=is_sent)
        for token, attachment in photos
        if not token or token in items
    ]
    return ReceiptFile.objects.bulk_create(files)


def token_of(item: ReceiptItem | None) -> str:
    if item is None:
        return ""
    return f"l{item.loan_id}" if item.loan_id is not None else f"p{item.pickup_item_id}"
