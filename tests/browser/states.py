"""Orders in every state, brought there by what the stand-in for SESAM2 says."""

from typing import Any

from django.db import transaction

from accounts.models import Assignment
from integration.mock_sesam2.testing import MockSesam2
from integration.models import IncomingMessage, OutgoingMessage
from patients.models import Patient
from tests import factories
from tests.browser.portal import Portal
from tests.browser.steps import now

LONG_WORD = "Hjälpmedelsförsörjningsavtalsuppföljning"


def orders_in_every_state(portal: Portal, sesam2: MockSesam2, by: Assignment, patient: Patient) -> dict[str, str]:
    """Number by state, each brought there by the stand-in."""
    sesam2.control(auto=False)
    later, sooner = factories.days_from_now(30).isoformat(), factories.days_from_now(20).isoformat()
    accepted: dict[str, Any] = {"erpOrderNumber": "900001", "code": "AP", "promisedDate": sooner}
    sent: dict[str, Any] = {
        "despatchNumber": "FS-900001-1",
        "despatchedAt": now(),
        "expectedDate": sooner,
        "carrier": f"{LONG_WORD} AB",
        "trackingUrl": "https://transport.example/?paket=1",
    }
    part = {"lines": [{"line": 1, "quantity": 1, "outstanding": 2}]}
    arrived: dict[str, Any] = {"deliveredAt": now(), "signed": True, "signedBy": "grannen i 1204"}
    delivered_part = arrived | {"placeType": "RESIDENCE", "lines": [{"line": 1, "quantity": 1}]}
    delay = {"promisedDate": later, "previousDate": sooner, "reason": f"Leverantören väntar på {LONG_WORD.lower()}."}
    cancelled = {"reasonCode": "OUT_OF_STOCK", "reason": "Artikeln har utgått och ersätts inte.", "newOrderRequired": True}
    story: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "skickad": [],
        "mottagen": [("OrderResponse", {"erpOrderNumber": "900001", "code": "AB"})],
        "bekräftad": [("OrderResponse", accepted)],
        "försenad": [("OrderResponse", accepted), ("DeliveryDelayed", delay)],
        "på väg": [("OrderResponse", accepted), ("DespatchAdvice", sent | part)],
        "delvis levererad": [("OrderResponse", accepted), ("DespatchAdvice", sent | part), ("DeliveryConfirmation", delivered_part)],
        "levererad": [("OrderResponse", accepted), ("DeliveryConfirmation", arrived | {"placeType": "HOSPITAL"})],
        "kvitterad": [("OrderResponse", accepted), ("DeliveryConfirmation", arrived | {"placeType": "RESIDENCE"})],
        "makulerad": [("OrderResponse", accepted), ("OrderCancelled", cancelled)],
    }
    numbers = {}
    with transaction.atomic():
        for state in story:
            numbers[state] = str(factories.order(by, to=patient, quantity=3, lines=2).number)
    for state, messages in story.items():
        for message_type, body in messages:
            sesam2.send(message_type, numbers[state], {"orderNumber": numbers[state], **body})
    told = sum(len(messages) for messages in story.values())
    portal.wait(lambda: IncomingMessage.objects.filter(state="DONE").count() == told, "the stand-in's messages")
    portal.wait(lambda: OutgoingMessage.objects.filter(state="DONE").count() == len(story), "the orders")
    return numbers
