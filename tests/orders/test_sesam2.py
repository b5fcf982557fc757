"""The dictionary between a kundorder and the contract."""

import datetime
import json
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Customer
from core.numbers import order_number
from core.workdays import next_workday
from integration import contract
from integration.models import OutgoingMessage
from ordering import sesam2 as ordering
from orders import sesam2
from orders.actions import drafts, orders
from orders.sesam2 import Answer, AnsweredLine, DeliveredLine, DespatchedLine, Response
from tests import factories

NUMBER = order_number("K", 2026, 123)
AT = datetime.datetime(2026, 11, 26, 9, tzinfo=datetime.UTC)


@pytest.mark.django_db
def test_a_whole_order_is_said_in_exactly_these_words() -> None:
    alice, bob = factories.alice(), factories.bob()
    unit = alice.unit
    Customer.objects.filter(unit=unit).update(number="600001", payer_number="900001")
    patient = factories.patient(alice, number="189003059814", care_of="Elsa Ek")
    order = drafts.start(patient, by=bob)
    chair = factories.article("Rullstol Allround 45 cm", number="RA-45", sesam_number="118001", price=Decimal("4250.00"))
    cushion = factories.article("Dyna Mjuk", number="DM-1", sesam_number="118002", price=None)
    drafts.add_article(order, chair, quantity=2)
    drafts.add_article(order, cushion)
    on = next_workday(factories.days_from_now(14))
    content = drafts.Content(
        customer=order.customer,
        prescriber=alice,
        method="HOME",
        requested_on=on,
        accepts_equivalent=False,
        deliver_together=True,
        contact_name="Elsa Ek",
        contact_phone="+46701740608",
        instructions="Ring en timme innan.\nHunden är snäll.",
    )
    drafts.save(order, content=content, quantities={})
    number = orders.place(order, by=bob)
    message = OutgoingMessage.objects.get()
    assert message.payload == {
        "messageId": str(message.pk),
        "messageType": "CustomerOrder",
        "schemaVersion": "1",
        "created": timezone.localtime(message.created_at).isoformat(),
        "sender": "7359999900031",
        "receiver": "7359999900017",
        "subject": number,
        "sequence": 1,
        "body": {
            "orderNumber": number,
            "patient": {"idType": "PERSONNUMMER", "id": "189003059814", "name": "Tolvan Tolvansson", "protected": False},
            "orderer": {
                "hsaId": bob.user.hsa_id,
                "name": "Bob Björk",
                "phone": "+46701740605",
                "email": "namn@example.se",
                "profession": "Arbetsterapeut",
            },
            "prescriber": {
                "hsaId": alice.user.hsa_id,
                "name": "Alice Ask",
                "phone": "+46701740605",
                "email": "namn@example.se",
                "profession": "Arbetsterapeut",
            },
            "party": {"unitHsaId": unit.hsa_id, "unitName": "Rehab Alingsås torg", "customerNumber": "600001", "payerNumber": "900001"},
            "purpose": "LOAN",
            "urgent": False,
            "requestedDate": on.isoformat(),
            "acceptEquivalent": False,
            "deliverTogether": True,
            "delivery": {
                "method": "HOME",
                "recipientName": "Tolvan Tolvansson",
                "careOf": "Elsa Ek",
                "street": "Storgatan 1",
                "postalCode": "44130",
                "city": "Alingsås",
                "doorCode": "1357",
                "noDoorCode": False,
                "hospital": False,
                "contactName": "Elsa Ek",
                "contactPhone": "+46701740608",
                "instructions": "Ring en timme innan.\nHunden är snäll.",
            },
            "lines": [
                {
                    "line": 1,
                    "supplierGln": "7359999900024",
                    "supplierArticleNumber": "RA-45",
                    "articleNumber": "118001",
                    "name": "Rullstol Allround 45 cm",
                    "quantity": 2,
                    "unitPrice": "4250.00",
                },
                {
                    "line": 2,
                    "supplierGln": "7359999900024",
                    "supplierArticleNumber": "DM-1",
                    "articleNumber": "118002",
                    "name": "Dyna Mjuk",
                    "quantity": 1,
                },
            ],
            "attachments": [],
        },
    }
    assert contract.parse_outgoing(json.dumps(message.payload).encode())[0].subject == number


@pytest.mark.django_db
def test_a_person_without_own_phone_title_or_email_is_reached_at_the_unit() -> None:
    alice = factories.alice()
    alice.user.phone = alice.user.email = alice.user.title = ""
    said = sesam2.person(alice)
    assert (said.phone, said.email, said.profession) == ("+46313900600", None, "förskrivare")


def test_a_request_for_cancellation_names_the_whole_order() -> None:
    said = ordering.cancellation_request(NUMBER, reason="DECEASED", note="Patienten avled i går")
    assert said.model_dump(mode="json", by_alias=True) == {"orderNumber": NUMBER, "reason": "DECEASED", "note": "Patienten avled i går"}


def test_every_reason_that_the_page_offers_is_one_of_the_contract() -> None:
    assert {contract.CancelReason(code) for code, _ in ordering.REASONS} == set(contract.CancelReason)


def test_an_answer_is_read_line_by_line() -> None:
    new = contract.Replacement(supplier_gln=factories.SUPPLIER_GLN, supplier_article_number="N1", article_number="118999", name="Rullstol Ny")
    lines = [
        contract.ResponseLine(line=1, status=contract.LineStatus.ACCEPTED),
        contract.ResponseLine(line=2, status=contract.LineStatus.CHANGED, quantity=3, promised_date=datetime.date(2026, 12, 8), replacement=new),
        contract.ResponseLine(line=3, status=contract.LineStatus.NOT_ACCEPTED, reason="Utgått"),
    ]
    body = contract.OrderResponse(order_number=NUMBER, erp_order_number="900001", code=contract.ResponseCode.CA, lines=lines)
    replacement = {"supplier_gln": factories.SUPPLIER_GLN, "supplier_article_number": "N1", "article_number": "118999", "name": "Rullstol Ny"}
    assert sesam2.response(body) == Response(
        Answer.CHANGED,
        "900001",
        None,
        "",
        (
            AnsweredLine(1, False, None, None, None, ""),
            AnsweredLine(2, False, 3, datetime.date(2026, 12, 8), replacement, ""),
            AnsweredLine(3, True, None, None, None, "Utgått"),
        ),
    )


@pytest.mark.parametrize("code", contract.ResponseCode)
def test_every_code_of_an_answer_has_a_word(code: contract.ResponseCode) -> None:
    assert Answer(code.value)


def test_a_despatch_is_read_with_individuals_lot_and_udi() -> None:
    individuals = [contract.DespatchedIndividual(individual_number="40-1", serial_number="S1"), contract.DespatchedIndividual(serial_number="S2")]
    lines = [
        contract.DespatchLine(line=1, quantity=2, outstanding=0, individuals=individuals, lot="L7", udi="(01)1"),
        contract.DespatchLine(line=2, quantity=1, outstanding=1),
        contract.DespatchLine(line=1, quantity=1, outstanding=0, lot="L8", individuals=[contract.DespatchedIndividual(individual_number="40-2")]),
    ]
    body = contract.DespatchAdvice(order_number=NUMBER, despatch_number="F1", despatched_at=AT, lines=lines)
    assert sesam2.despatched_lines(body) == [DespatchedLine(1, 3, ("40-1", "40-2"), "L7", "(01)1", (("40-1", "S1"),)), DespatchedLine(2, 1, (), "", "")]


def test_a_delivery_is_read_with_and_without_lines() -> None:
    def read(lines: list[contract.DeliveredLine] | None) -> list[DeliveredLine] | None:
        body = contract.DeliveryConfirmation(order_number=NUMBER, delivered_at=AT, place_type=contract.PlaceType.UNIT, signed=False, lines=lines)
        return sesam2.delivered_lines(body)

    assert read(None) is None
    lines = [contract.DeliveredLine(line=2, quantity=1, individual_numbers=["40-1"]), contract.DeliveredLine(line=2, quantity=2)]
    assert read(lines) == [DeliveredLine(2, 3, ("40-1",))]
