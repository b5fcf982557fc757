"""What is filled in on a receipt, and why it cannot be written as it stands: what the patient's aids, hämtorder and other receipts say. Shape is the form's."""

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Iterator, Mapping

from django.utils import timezone

from accounts.models import Assignment, DeliveryPoint
from core.templatetags.ui import long_day, when
from integration import attachments
from ordering.models import AbstractDelivery
from ordering.sending import Problem
from patients.models import Patient
from pickups.models import PickupOrder, ReceiptItem
from pickups.returnable import Choice

CLOCKS_DIFFER = datetime.timedelta(minutes=5)
Method = AbstractDelivery.Method


@dataclasses.dataclass(frozen=True)
class Page:
    """The page that a receipt was written on: a key of its own, and a hash of all that was filled in."""

    key: uuid.UUID
    fingerprint: str


@dataclasses.dataclass(frozen=True)
class HandedOver:
    """An aid on the receipt: `token` is the choice's. `is_sure` answers what is asked of one that is lost, or stands on another receipt."""

    token: str
    quantity: int
    condition: str
    note: str = ""
    is_sure: bool = False


@dataclasses.dataclass(frozen=True)
class Signature:
    """Drawn (`picture`), typed (`name`), or not there (`reason`)."""

    signing: str
    picture: attachments.Checked | None = None
    name: str = ""
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Content:
    """All that a receipt says. `dropped`: the photos, by the ids that the page gave them, that are not to come along."""

    order: PickupOrder | None
    items: tuple[HandedOver, ...]
    handed_over_by: str
    received_at: datetime.datetime
    method: str
    signature: Signature
    delivery_point: DeliveryPoint | None = None
    dropped: Collection[uuid.UUID] = ()


def problems_of(content: Content, choices: Mapping[str, Choice], *, patient: Patient, by: Assignment, at: datetime.datetime) -> list[Problem]:
    """Why the receipt cannot be written, as (field, Swedish text). Empty when it can be.

    Of an aid the field is its token and what is wrong: l12-taken, l12-quantity, l12-sure.
    """
    found: list[Problem] = []
    order = content.order
    if content.received_at > at + CLOCKS_DIFFER:
        found.append(("received_on", "Tiden har inte varit än. Skriv när hjälpmedlen lämnades."))
    for told in content.items:
        choice = choices.get(told.token)
        if choice is None:
            found.append(("items", "Ett av hjälpmedlen är inte längre patientens. Ladda om sidan för att se vad patienten har nu."))
            continue
        found += _item_problems(told, choice, order)
        if choice.loan is not None and content.received_at.date() < timezone.localtime(choice.loan.started_at).date():
            on = long_day(choice.loan.started_at)
            found.append(("received_on", f"{_name(choice)} kom till patienten {on}. Skriv när det lämnades tillbaka."))
    return [*found, *_place_problems(content, patient=patient, by=by)]


def _item_problems(told: HandedOver, choice: Choice, order: PickupOrder | None) -> Iterator[Problem]:
    taken, quantity = f"{told.token}-taken", f"{told.token}-quantity"
    if told.quantity > choice.quantity:
        yield quantity, f"Patienten har {choice.quantity} st."
        return
    if order is not None:
        item = choice.items.get(order.pk)
        if item is None:
            yield taken, f"{_name(choice)} står inte på hämtorder {order.number}. Ta bort krysset och skriv ett eget kvitto för det."
        elif told.quantity > item.quantity:
            yield quantity, f"{item.quantity} st står på hämtorder {order.number}. Skriv ett eget kvitto för resten."
    elif told.quantity > choice.quantity - sum(item.quantity for item in choice.items.values()):
        numbers = " och ".join(str(other.number) for other in choice.orders)
        yield taken, f"{_name(choice)} står på hämtorder {numbers}. Välj den under ”Hör till”, eller ta bort krysset."
    yield from _asked(told, choice, order)


def _asked(told: HandedOver, choice: Choice, order: PickupOrder | None) -> Iterator[Problem]:
    """What is written only when the person is sure. One receipt for each hämtorder and aid: a second is refused."""
    if told.quantity > choice.left:
        claim = choice.claims[0]
        text = f"{_name(choice)} står redan på kvitto {_of(claim)}."
        if order is not None and claim.version.order_id == order.pk:
            yield f"{told.token}-taken", f"{text} Ta bort krysset. Rätta det kvittot om något i det är fel."
        elif not told.is_sure:
            yield f"{told.token}-sure", f"{text} Kryssa i om det lämnas in igen. Annars tar du bort krysset för hjälpmedlet."
    elif choice.is_known or told.is_sure:
        return
    elif choice.is_lost:
        yield f"{told.token}-sure", f"{_name(choice)} är anmält som förkommet. Kryssa i om du har det framför dig."
    elif told.quantity > choice.quantity - choice.elsewhere:
        yield f"{told.token}-sure", f"{_name(choice)} står på en hämtorder från en annan enhet. Kryssa i om du tar med det ändå, och säg till enheten."


def _of(claim: ReceiptItem) -> str:
    version = claim.version
    return f"{version.receipt.number}, skrivet av {version.written_by.user.name} {when(version.written_at)}"


def _name(choice: Choice) -> str:
    number = f" {choice.individual_number}" if choice.individual_number else ""
    return f"{choice.article.display_name}{number}"


def _place_problems(content: Content, *, patient: Patient, by: Assignment) -> Iterator[Problem]:
    if patient.is_protected:
        if content.method != Method.MANUAL_CONTACT:
            yield "method", "Patienten har skyddade personuppgifter. Ingen adress lämnas ut."
        elif not (by.unit.phone or by.user.phone):
            yield "method", "Din enhet har inget telefonnummer som centralen kan ringa. Kontakta din administratör."
        return
    at_order = content.order is not None and content.order.method == Method.HOME and bool(content.order.street)
    if content.method == Method.HOME and patient.address is None and not at_order:
        yield "method", "Patienten har ingen adress. Fyll i den på patientens sida, eller välj en annan plats."
    if content.method == Method.UNIT and not by.unit.street:
        yield "method", "Din enhet har ingen adress. Kontakta din administratör."
    point = content.delivery_point
    if content.method == Method.DELIVERY_POINT and (point is None or not point.is_active or point.provider_id != by.unit.provider_id):
        yield "delivery_point", "Välj leveranspunkt."
