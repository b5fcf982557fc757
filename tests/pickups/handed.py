"""Aids that are handed over, and receipts of them, made by the product's own actions."""

import datetime
import io
import json
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from PIL import Image

from accounts.models import Assignment
from integration.attachments import check
from integration.numbers import next_number
from patients.models import Loan, Patient
from pickups import signature
from pickups.actions import receipts
from pickups.actions.handing_over import Content, HandedOver, Page, Signature
from pickups.models import Condition, PickupItem, PickupOrder, ReturnReceipt, Signing, Status
from pickups.returnable import choices_of
from tests import factories

# A name as a finger draws it, and what is none.
STROKES = json.dumps([[100, 200, 150, 100, 200, 220, 260, 90], [300, 200, 420, 180, 500, 210]])
DOT = json.dumps([[500, 170]])


def loan(patient: Patient, number: str = "40-1", *, by: Assignment | None = None, **fields: Any) -> Loan:
    """An aid that the patient has had for a month."""
    by = by or factories.alice()
    given = {
        "article": fields.pop("article", None) or factories.article("Rullstol Allround 45 cm"),
        "individual_number": number,
        "order_number": "K-2026-00000001-1",
        "source": f"test/{uuid.uuid4()}",
        "started_at": timezone.now() - datetime.timedelta(days=30),
    }
    return Loan.objects.create(patient=patient, provider=by.unit.provider, unit=by.unit, **(given | fields))


def pickup(patient: Patient, *loans: Loan, by: Assignment | None = None, status: str = Status.PLANNED, quantity: int = 0, **fields: Any) -> PickupOrder:
    """A sent hämtorder with the loans on it."""
    by = by or factories.alice()
    today = timezone.localdate()
    given = {
        "number": fields.pop("number", None) or next_number("H"),
        "placed_at": timezone.now(),
        "customer": by.unit.customers.get(),
        "reason": "NOT_NEEDED",
        "is_cleaned": True,
        "fetch_by": today,
        "rent_ends_on": today,
        "deregister_by": today,
        "street": "Storgatan 1",
        "postal_code": "44130",
        "city": "Alingsås",
    }
    order = PickupOrder.objects.create(unit=by.unit, patient=patient, orderer=by, prescriber=by, status=status, **(given | fields))
    for line, one in enumerate(loans, start=1):
        PickupItem.objects.create(
            order=order, line=line, loan=one, article=one.article, quantity=quantity or one.quantity, individual_number=one.individual_number
        )
    return order


def handed(one: Loan, condition: str = Condition.OK, **fields: Any) -> HandedOver:
    return HandedOver(**({"token": f"l{one.pk}", "quantity": one.quantity, "condition": condition} | fields))


def drawn() -> Signature:
    return Signature(Signing.DRAWN, picture=signature.draw(signature.read(STROKES)))


def content(*items: HandedOver, **fields: Any) -> Content:
    given = {
        "order": None,
        "items": items,
        "handed_over_by": "Elsa Tolvansson, dotter",
        "received_at": timezone.now(),
        "method": "HOME",
        "signature": drawn(),
    }
    return Content(**(given | fields))


def page(fingerprint: str = "a" * 64) -> Page:
    return Page(uuid.uuid4(), fingerprint)


def written(patient: Patient, *items: HandedOver, by: Assignment | None = None, **fields: Any) -> ReturnReceipt:
    number = receipts.write(patient, page=fields.pop("page", None) or page(), content=content(*items, **fields), by=by or factories.alice())
    return ReturnReceipt.objects.for_list().get(number=number)


def corrected(receipt: ReturnReceipt, *items: HandedOver, why: str = "Fel skick", by: Assignment | None = None, **fields: Any) -> ReturnReceipt:
    seen = fields.pop("seen", receipt.version)
    about = fields.pop("page", None) or page()
    receipts.correct(receipt, page=about, content=content(*items, **fields), why=why, seen=seen, by=by or factories.alice())
    return ReturnReceipt.objects.for_list().get(pk=receipt.pk)


def found(item: PickupItem, *, is_found: bool) -> None:
    """As when SESAM2 has told."""
    PickupItem.objects.filter(pk=item.pk).update(found=is_found)
    if is_found and item.loan is not None:
        with transaction.atomic():
            Loan.objects.filter(pk=item.loan_id).update(ended_at=timezone.now())


def left(one: Loan) -> int:
    """How many of it can still be handed over."""
    return next(choice.left for choice in choices_of(one.patient, by=factories.alice()) if choice.loan == one)


def photo(key: uuid.UUID, choice: str = "", colour: str = "teal") -> None:
    """As when it is chosen on the page with this key."""
    output = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(output, "JPEG")
    output.seek(0)
    receipts.keep_photo(check(output, "IMG_20261128.jpg"), key=key, choice=choice, by=factories.alice())
