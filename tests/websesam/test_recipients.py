"""SESAM2 asks where a patient lives (contract, section 6)."""

import datetime
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from integration import contract
from orders.models import Order
from patients.actions import DeliveredAid, NewAddress, change_details, change_identity, merge, set_loans, undo_identity_change
from patients.identifiers import Identifier, IdentityType
from patients.models import AccessLogEntry, Address, Loan, Patient
from tests import factories
from tests.sesam2 import headers
from tests.workorders import told

pytestmark = pytest.mark.django_db
URL = "/api/sesam2/v1/recipients"


def ask(body: bytes | dict[str, Any], client: Client | None = None) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers("POST", URL, raw).items()}
    return (client or Client()).post(URL, raw, content_type="application/json", **signed)


def ask_about(patient: Patient) -> Any:
    return ask({"idType": patient.identity.type, "id": patient.identity.value})


def disclosed() -> list[AccessLogEntry]:
    return list(AccessLogEntry.objects.filter(action="DISCLOSE"))


def test_a_patient_with_an_open_order_is_told_of_as_the_contract_says() -> None:
    order = factories.order()
    response = ask_about(order.patient)
    assert response.status_code == 200
    assert response.json() == {
        "protected": False,
        "name": "Tolvan Tolvansson",
        "street": "Storgatan 1",
        "postalCode": "44130",
        "city": "Alingsås",
        "doorCode": "1357",
        "phone": "+46701740606",
    }
    contract.Recipient.model_validate_json(response.content, by_alias=True, by_name=False)
    [row] = disclosed()
    assert (row.patient, row.activity, row.resource_type, row.resource_id) == (order.patient, "SESAM2 frågar efter adress", "Adress", order.number)
    assert (row.outcome, row.request_id) == ("ALLOWED", response["X-Request-Id"])


def test_an_open_arbetsorder_alone_is_reason_enough_and_one_that_has_ended_is_not() -> None:
    patient = factories.patient()
    order = told.sent(patient=patient)
    Loan.objects.filter(patient=patient).update(ended_at=timezone.now())
    assert ask_about(patient).json()["street"] == "Storgatan 1"
    [row] = disclosed()
    assert (row.patient, row.resource_id, row.user_name) == (patient, order.number, "Alice Ask")
    told.tell(order, told.cancelled(1))
    assert ask_about(patient).status_code == 404


def test_the_answer_is_the_address_as_it_is_now() -> None:
    order = factories.order()
    address = NewAddress(street="Nygatan 2", postal_code="44131", city="Alingsås", care_of="Elva")
    change_details(order.patient, by=order.orderer, phone="", address=address)
    answer = ask_about(order.patient).json()
    assert (answer["street"], answer["careOf"]) == ("Nygatan 2", "Elva")
    assert {"doorCode", "phone"}.isdisjoint(answer)


def test_a_patient_with_a_loan_and_no_open_order_is_told_of() -> None:
    order = factories.order()
    Order.objects.update(status="RECEIPTED")
    assert ask_about(order.patient).status_code == 404
    aid = DeliveredAid(order.lines.get().article, "40-1")
    loan = {"patient": order.patient, "ordered_by": order.orderer, "order_number": order.number, "source": "x/1/1", "started_at": timezone.now()}
    set_loans(**loan, aids=[aid])
    assert ask_about(order.patient).json()["name"] == "Tolvan Tolvansson"
    set_loans(**loan, aids=[])
    assert ask_about(order.patient).status_code == 404
    assert len(disclosed()) == 1


@pytest.mark.parametrize("why", ["unknown", "registered only", "a draft only", "cancelled", "receipted", "another type"])
def test_anybody_else_is_the_same_404_as_a_person_nobody_knows(why: str) -> None:
    nobody = ask({"idType": "PERSONNUMMER", "id": factories.test_numbers()[-1]})
    patient = factories.patient(number=factories.test_numbers()[0])
    question = {"idType": "PERSONNUMMER", "id": patient.identity.value}
    if why == "unknown":
        question["id"] = factories.test_numbers()[1]
    elif why == "a draft only":
        factories.draft(to=patient)
    elif why in {"cancelled", "receipted"}:
        factories.order(to=patient)
        Order.objects.update(status=why.upper())
    elif why == "another type":
        factories.order(to=patient)
        question["idType"] = "NRID"
    answer = ask(question)
    assert answer.status_code == nobody.status_code == 404
    assert answer.content == nobody.content
    assert {name: value for name, value in answer.headers.items() if name != "X-Request-Id"} == {
        name: value for name, value in nobody.headers.items() if name != "X-Request-Id"
    }
    assert disclosed() == []


def test_of_a_protected_person_the_unit_is_told_and_nothing_else() -> None:
    order = factories.order()
    Patient.objects.update(phone="", protection="REGISTRATION")
    response = ask_about(order.patient)
    assert response.json() == {"protected": True, "contact": {"unitName": "Rehab Alingsås torg", "phone": "+46313900600"}}
    contract.ProtectedRecipient.model_validate_json(response.content, by_alias=True, by_name=False)
    assert len(disclosed()) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"idType": "PERSONNUMMER"}',
        b'{"idType": "PASSPORT", "id": "191212121212"}',
        b'{"idType": "PERSONNUMMER", "id": 191212121212}',
        b'{"idType": "PERSONNUMMER", "id": ""}',
        b'{"idType": "PERSONNUMMER", "id": "1912\\u000012121212"}',
        b'{"idType": "PERSONNUMMER", "id": "' + b"1" * 101 + b'"}',
        b'{"id_type": "PERSONNUMMER", "id": "191212121212"}',
        b'{"idType": "PERSONNUMMER", "id": "191212121212", "name": "Tolvan"}',
        b"[" * 50_000,
    ],
)
def test_what_is_no_question_is_refused_without_quoting_it(body: bytes) -> None:
    response = ask(body)
    assert response.status_code in {400, 422}
    assert response["Content-Type"] == "application/problem+json"
    assert b"1912" not in response.content
    assert b"Tolvan" not in response.content
    assert disclosed() == []


def test_a_question_without_a_signature_is_401_and_tells_nothing() -> None:
    order = factories.order()
    raw = json.dumps({"idType": "PERSONNUMMER", "id": order.patient.identity.value}).encode()
    response = Client().post(URL, raw, content_type="application/json")
    assert response.status_code == 401
    assert b"Tolvan" not in response.content
    assert Client().get(URL).status_code == 405


def test_without_the_log_there_is_no_answer() -> None:
    order = factories.order()
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION refuse_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE TRIGGER refuse_log BEFORE INSERT ON patients_accesslogentry FOR EACH STATEMENT EXECUTE FUNCTION refuse_log()")
    question = {"idType": order.patient.identity.type, "id": order.patient.identity.value}
    response = ask(question, Client(raise_request_exception=False))
    assert response.status_code == 500
    assert b"Tolvan" not in response.content


def test_the_newest_open_order_answers_for_the_disclosure() -> None:
    patient = factories.patient()
    old, new = factories.order(to=patient), factories.order(factories.bob(), to=patient)
    Order.objects.filter(pk=old.pk).update(placed_at=timezone.now() - datetime.timedelta(days=3))
    ask_about(patient)
    [row] = disclosed()
    assert (row.resource_id, row.user_name) == (new.number, "Bob Björk")


def test_a_number_that_the_person_had_before_is_answered_as_the_one_now() -> None:
    order = factories.order()
    before = order.patient.identity.value
    after = Identifier(IdentityType.PERSONNUMMER, next(number for number in factories.test_numbers() if number != before))
    change = change_identity(order.patient, by=order.orderer, to=after, reason="Rättat")
    for number in (before, after.value):
        assert ask({"idType": "PERSONNUMMER", "id": number}).json()["name"] == "Tolvan Tolvansson"
    undo_identity_change(change, by=order.orderer, reason="Fel person")
    assert ask({"idType": "PERSONNUMMER", "id": after.value}).status_code == 404
    assert len(disclosed()) == 2


def test_of_a_merged_record_the_one_that_is_left_is_told() -> None:
    order, kept = factories.order(), factories.patient(street="Nygatan 9")
    old = order.patient.identity.value
    merge(kept, order.patient, by=order.orderer, reason="Samma person")
    assert ask({"idType": "PERSONNUMMER", "id": old}).json()["street"] == "Nygatan 9"
    assert [row.patient for row in disclosed()] == [kept]


def test_an_lma_number_is_asked_for_as_it_is() -> None:
    patient = factories.lma_patient(number="52-123456")
    question = {"idType": "LMA", "id": "52-123456"}
    assert ask(question).status_code == 404
    factories.order(to=patient)
    assert ask(question).json()["name"] == "Elva Elvansson"


def test_a_former_address_is_never_given_out_and_a_missing_one_not_logged() -> None:
    order = factories.order()
    Address.objects.update(valid_to=timezone.now())
    assert ask_about(order.patient).status_code == 404
    assert disclosed() == []
