"""The contract's messages: what is let through, what is refused, and that the documentation says the same."""

import copy
import json
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from core.numbers import gs1_digit, order_number
from integration import contract
from integration.contract import ContractError, parse_incoming
from integration.mock_sesam2 import schema_check
from integration.sesam2_docs import make_files
from integration.sesam2_docs.examples import PATIENT, PORTAL_GLN, SESAM2_GLN, invoice_line, make_examples

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "sesam2"
EXAMPLES = make_examples()
ABSENT = object()
K, U, A, F = (order_number(prefix, 2026, 77) for prefix in "KUAF")


def changed(message_type, path, value):
    """The example with one value set (or taken away, with ABSENT) at a path such as `body.lines.0.quantity`."""
    message = copy.deepcopy(EXAMPLES[message_type])
    *steps, last = path.split(".")
    place = message
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    last = int(last) if last.isdigit() else last
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return message


def read(message):
    """As the portal reads what comes in; for the portal's own messages, as SESAM2 would with these models."""
    raw = contract.dump(message)
    if message["messageType"] in contract.OUTGOING:
        return contract.parse_outgoing(raw)[0]
    return parse_incoming(raw)[0]


def refused(raw):
    with pytest.raises(ContractError) as caught:
        parse_incoming(raw if isinstance(raw, bytes) else contract.dump(raw))
    return caught.value


def fields(error):
    return [item["field"] for item in error.errors]


# --- what is right ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_read_by_both_sides(name):
    message = EXAMPLES[name]
    assert read(message).model_dump(mode="json", by_alias=True) == message
    assert schema_check.check(message, frozenset(EXAMPLES)) == name


def test_there_is_an_example_and_a_schema_of_every_message():
    assert set(EXAMPLES) == set(contract.MESSAGES) == set(contract.OUTGOING) | set(contract.INCOMING)
    assert set(contract.OUTGOING) == schema_check.TO_SESAM2
    assert set(contract.INCOMING) == schema_check.FROM_SESAM2
    for name in contract.MESSAGES:
        jsonschema.Draft202012Validator.check_schema(json.loads((DOCS / "schemas" / f"{name}.json").read_text(encoding="utf-8")))


def test_persons_in_the_examples_are_test_persons():
    listed = (ROOT / "tests" / "data" / "test-personnummer.txt").read_text().split() + (
        ROOT / "tests" / "data" / "test-samordningsnummer.txt"
    ).read_text().split()
    numbers = {message["body"][role]["id"] for message in EXAMPLES.values() for role in ("patient", "from", "to") if message["body"].get(role)}
    assert len(numbers) == 3
    assert numbers <= set(listed)


def test_a_message_is_read_into_the_words_of_python():
    envelope, body = parse_incoming(contract.dump(EXAMPLES["OrderResponse"]))
    assert (envelope.message_type, envelope.sequence, envelope.subject) == ("OrderResponse", 1, body.order_number)
    assert isinstance(envelope.message_id, uuid.UUID)
    assert envelope.created.utcoffset() == timedelta(hours=1)
    assert (body.code, body.promised_date, body.lines[1].status) == (contract.ResponseCode.CA, date(2026, 12, 2), contract.LineStatus.CHANGED)


@pytest.mark.parametrize("name", EXAMPLES)
def test_optional_fields_may_be_null(name):
    message = copy.deepcopy(EXAMPLES[name])
    model = contract.MESSAGES[name].BODY
    optional = [field.alias for field in model.model_fields.values() if not field.is_required()]
    for field in optional:
        message["body"].setdefault(field, None)
    assert read(message).body == read(EXAMPLES[name]).body


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_other_field_must_be_there(name):
    for field in [field.alias for field in contract.MESSAGES[name].BODY.model_fields.values() if field.is_required()]:
        for value in (ABSENT, None):
            with pytest.raises(ContractError):
                read(changed(name, f"body.{field}", value))


@pytest.mark.parametrize("field", ["messageId", "messageType", "schemaVersion", "created", "sender", "receiver", "subject", "sequence", "body"])
def test_every_field_of_the_envelope_must_be_there(field):
    for value in (ABSENT, None):
        error = refused(changed("OrderResponse", field, value))
        assert error.status == 422
        assert field in fields(error)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("where", ["", "body."])
def test_unknown_fields_are_refused(name, where):
    message = changed(name, f"{where}somethingNew", None)
    with pytest.raises(ContractError):
        read(message)
    with pytest.raises(schema_check.Invalid):
        schema_check.check(message, frozenset(EXAMPLES))


def test_pythons_names_are_no_names_of_the_contract():
    message = changed("OrderResponse", "body.erpOrderNumber", ABSENT)
    message["body"]["erp_order_number"] = "1"
    assert set(fields(refused(message))) == {"body.erpOrderNumber", "body.erp_order_number"}


# --- what is wrong: both sides refuse it ----------------------------------------------------------------

WRONG = [
    # types
    ("OrderResponse", "sequence", "1"),
    ("OrderResponse", "sequence", True),
    ("OrderResponse", "sequence", 0),
    ("OrderResponse", "sequence", -1),
    ("OrderResponse", "sequence", 1.5),
    ("OrderResponse", "sequence", 2**31),
    ("OrderResponse", "schemaVersion", 1),
    ("OrderResponse", "schemaVersion", "2"),
    ("OrderResponse", "body", []),
    ("OrderResponse", "body", "x"),
    ("OrderResponse", "body.lines", {}),
    ("OrderResponse", "body.lines.0", None),
    ("OrderResponse", "body.erpOrderNumber", 900123),
    ("OrderCancelled", "body.newOrderRequired", "true"),
    ("OrderCancelled", "body.newOrderRequired", 1),
    ("CustomerOrder", "body.urgent", 0),
    ("CustomerOrder", "body.lines.0.quantity", "1"),
    ("CustomerOrder", "body.lines.0.quantity", True),
    # the envelope
    ("OrderResponse", "messageId", "9c7d7407"),
    ("OrderResponse", "messageId", "{9c7d7407-13b9-58f1-9f60-4755d93511c1}"),
    ("OrderResponse", "messageId", "9c7d740713b958f19f604755d93511c1"),
    ("OrderResponse", "sender", "7359999900018"),
    ("OrderResponse", "sender", "735999990001"),
    ("OrderResponse", "receiver", "７359999900031"),
    ("OrderResponse", "receiver", 7359999900031),
    ("OrderResponse", "subject", K),
    ("InvoiceBasisAvailable", "subject", "another"),
    ("ArticleUpdate", "subject", "articles"),
    ("FaultReportStatus", "subject", F),
    ("ReturnReceipt", "subject", order_number("R", 2026, 77)),
    ("StockCorrection", "subject", order_number("C", 2026, 77)),
    ("PayerChanged", "subject", K),
    ("PatientIdentityChanged", "subject", "anything"),
    # times and dates
    ("OrderResponse", "created", "2026-11-22T09:15:02"),
    ("OrderResponse", "created", "2026-11-22 09:15:02+01:00"),
    ("OrderResponse", "created", "2026-11-22"),
    ("OrderResponse", "created", "2026-02-30T09:15:02+01:00"),
    ("OrderResponse", "created", "2026-11-22T25:15:02+01:00"),
    ("OrderResponse", "created", 1795422482),
    ("OrderResponse", "created", "1795422482"),
    ("OrderResponse", "body.promisedDate", "2026-02-29"),
    ("OrderResponse", "body.promisedDate", "2026-2-9"),
    ("OrderResponse", "body.promisedDate", "20260209"),
    ("OrderResponse", "body.promisedDate", "2026-02-09T00:00:00Z"),
    ("OrderResponse", "body.promisedDate", "2026-02-09\n"),
    ("OrderResponse", "body.promisedDate", 20260209),
    # numbers with check digits and prefixes
    ("OrderResponse", "body.orderNumber", "K-2026-00000123-4"),
    ("OrderResponse", "body.orderNumber", "K-2026-00000123"),
    ("OrderResponse", "body.orderNumber", "k-2026-00000123-3"),
    ("OrderResponse", "body.orderNumber", "K-2026-00000123-3\n"),
    ("OrderResponse", "body.orderNumber", "K-2026-0000012３-3"),
    ("OrderResponse", "body.orderNumber", F),
    ("CustomerOrder", "body.orderNumber", A),
    ("StockOrder", "body.orderNumber", K),
    ("StockWithdrawal", "body.orderNumber", K),
    ("WorkOrder", "body.orderNumber", K),
    ("PickupOrder", "body.orderNumber", K),
    ("ReturnReceipt", "body.orderNumber", K),
    ("FaultReport", "body.reportNumber", K),
    ("WorkOrderStatus", "body.orderNumber", K),
    ("PickupStatus", "body.orderNumber", K),
    ("LoanChange", "body.orderNumber", A),
    ("CustomerOrder", "body.lines.0.supplierGln", "7359999900025"),
    # texts
    ("OrderResponse", "body.erpOrderNumber", ""),
    ("OrderResponse", "body.erpOrderNumber", " 1"),
    ("OrderResponse", "body.erpOrderNumber", "1 "),
    ("OrderResponse", "body.erpOrderNumber", "1\n2"),
    ("OrderResponse", "body.erpOrderNumber", "9" * 101),
    ("OrderResponse", "body.reason", "a\x00b"),
    ("OrderResponse", "body.reason", "a\tb"),
    ("OrderResponse", "body.reason", "a\r\nb"),
    ("OrderResponse", "body.reason", "a\x85b"),
    ("OrderResponse", "body.reason", "e\u0301"),
    ("OrderResponse", "body.reason", "x" * 10_001),
    ("CancellationRequest", "body.note", ""),
    ("CancellationRequest", "body.note", "x" * 501),
    ("WorkOrder", "body.description", "x" * 4001),
    ("CustomerOrder", "body.delivery.instructions", "x" * 501),
    # codes
    ("OrderResponse", "body.code", "ap"),
    ("OrderResponse", "body.lines.0.status", 2),
    ("OrderResponse", "body.lines.0.status", "5"),
    ("OrderResponse", "body.lines.0.status", True),
    ("OrderCancelled", "body.reasonCode", "BECAUSE"),
    ("DeliveryConfirmation", "body.placeType", "HOME"),
    ("WorkOrderStatus", "body.status", "DONE"),
    ("WorkOrder", "body.priority", 4),
    ("WorkOrder", "body.priority", "1"),
    ("CustomerOrder", "body.delivery.notify", {"FAX": "1"}),
    ("CustomerOrder", "body.delivery.notify", {"SMS": None}),
    # quantities and money
    ("DespatchAdvice", "body.lines.0.quantity", 0),
    ("DespatchAdvice", "body.lines.0.quantity", -1),
    ("DespatchAdvice", "body.lines.0.quantity", 10**9),
    ("DespatchAdvice", "body.lines.0.outstanding", -1),
    ("DespatchAdvice", "body.lines.0.line", 0),
    ("GoodsReceipt", "body.lines.0.damaged", -1),
    ("StockCorrection", "body.lines.0.difference", 0),
    ("CustomerOrder", "body.lines.0.unitPrice", "4250"),
    ("CustomerOrder", "body.lines.0.unitPrice", "4250.0"),
    ("CustomerOrder", "body.lines.0.unitPrice", "4250,00"),
    ("CustomerOrder", "body.lines.0.unitPrice", "-1.00"),
    ("CustomerOrder", "body.lines.0.unitPrice", "+1.00"),
    ("CustomerOrder", "body.lines.0.unitPrice", "1e2"),
    ("CustomerOrder", "body.lines.0.unitPrice", 4250.00),
    ("CustomerOrder", "body.lines.0.unitPrice", "NaN"),
    ("WorkOrderStatus", "body.costProposal.amount", "-1.00"),
    ("WorkOrderStatus", "body.report.hours", 1.5),
    ("WorkOrderStatus", "body.report.hours", "1,5"),
    ("InvoiceBasisAvailable", "body.total", 1962.5),
    ("InvoiceBasisAvailable", "body.period", "2026-13"),
    ("InvoiceBasisAvailable", "body.version", 0),
    ("InvoiceBasisAvailable", "body.lineCount", -1),
    ("ArticleUpdate", "body.articles.0.price", "-1.00"),
    # addresses
    ("DespatchAdvice", "body.trackingUrl", "http://bud.example/1"),
    ("DespatchAdvice", "body.trackingUrl", "javascript:alert(1)"),
    ("DespatchAdvice", "body.trackingUrl", "https://bud.example/a b"),
    ("DespatchAdvice", "body.trackingUrl", 'https://bud.example/"'),
    ("CustomerOrder", "body.delivery.postalCode", "411 01"),
    ("CustomerOrder", "body.delivery.postalCode", "4110"),
    ("CustomerOrder", "body.attachments.0.sha256", "00"),
    ("CustomerOrder", "body.attachments.0.size", -1),
    ("CustomerOrder", "body.attachments.0.mediaType", "pdf"),
    ("CustomerOrder", "body.attachments.0.url", "ftp://portal.example/1"),
    # empty lists, repeated lines
    ("CustomerOrder", "body.lines", []),
    ("DespatchAdvice", "body.lines", []),
    ("OrderCancelled", "body.lines", []),
    ("OrderCancelled", "body.lines", [1, 1]),
    ("CancellationRequest", "body.lines", [0]),
    ("ArticleUpdate", "body.articles", []),
    # rules that hold between fields
    ("OrderResponse", "body.lines", ABSENT),
    ("OrderResponse", "body.lines", []),
    ("CustomerOrder", "body.purpose", "LOAN"),
    ("LoanChange", "body.endsOn", "2027-01-01"),
    ("CustomerOrder", "body.patient.id", "1890030598"),
    ("CustomerOrder", "body.patient.id", "18900305-981"),
    ("CustomerOrder", "body.patient.idType", "PASSPORT"),
    ("CustomerOrder", "body.patient.protected", True),
    ("PickupOrder", "body.patient.name", "Elsa Exempel"),
    ("PickupOrder", "body.place.method", "HOME"),
    ("PickupOrder", "body.place.street", "Exempelgatan 12"),
    ("PickupOrder", "body.place.notify", {"SMS": "070-1740605"}),
    ("PickupOrder", "body.place.instructions", "Ring"),
    ("PickupOrder", "body.store", {"storeNumber": "F-017", "unitHsaId": "SE2321000131-E000000000101"}),
    ("PickupOrder", "body.patient", ABSENT),
    ("CustomerOrder", "body.delivery.storeNumber", "F-017"),
    ("CustomerOrder", "body.delivery.deliveryPointNumber", "LP-1"),
    ("CustomerOrder", "body.delivery.noDoorCode", True),
    ("StockOrder", "body.reason", "MANUAL"),
    ("StockOrder", "body.orderer", EXAMPLES["CustomerOrder"]["body"]["orderer"]),
    ("StockOrder", "body.patient", EXAMPLES["CustomerOrder"]["body"]["patient"]),
    ("StockOrder", "body.lines.0.mainLine", 1),
    ("StockOrder", "body.lines.0.individualNumber", "I1"),
    ("ReturnReceipt", "body.signed", True),
]


@pytest.mark.parametrize(
    ("name", "path", "value"), WRONG, ids=lambda value: None if isinstance(value, dict) else str(value)[:40].encode("unicode_escape").decode()
)
def test_both_sides_refuse(name, path, value):
    message = changed(name, path, value)
    if path == "body.orderNumber":
        # Then it is the number that is wrong, not that it differs from the subject.
        message["subject"] = value
    with pytest.raises(ContractError) as caught:
        read(message)
    assert caught.value.status == 422
    with pytest.raises(schema_check.Invalid):
        schema_check.check(message, frozenset(EXAMPLES))


def test_two_lines_of_an_order_with_the_same_number_are_refused():
    with pytest.raises(ContractError):
        read(changed("CustomerOrder", "body.lines.1.line", 1))


@pytest.mark.parametrize("main_line", [2, 3])
def test_an_accessory_belongs_to_another_line_of_the_order(main_line):
    with pytest.raises(ContractError):
        read(changed("CustomerOrder", "body.lines.1.mainLine", main_line))


@pytest.mark.parametrize(("prefix", "allowed"), [("K", False), ("L", False), ("A", False), ("H", False), ("U", True)])
def test_an_accepted_order_has_a_promised_date_unless_it_is_a_withdrawal(prefix, allowed):
    message = copy.deepcopy(EXAMPLES["OrderResponse"])
    message["subject"] = number = order_number(prefix, 2026, 9)
    message["body"] = {"orderNumber": number, "erpOrderNumber": "1", "code": "AP"}
    if allowed:
        assert read(message)
        assert schema_check.check(message, schema_check.FROM_SESAM2)
    else:
        assert refused(message).status == 422
        with pytest.raises(schema_check.Invalid):
            schema_check.check(message, schema_check.FROM_SESAM2)
    message["body"]["promisedDate"] = "2026-12-01"
    assert read(message)


@pytest.mark.parametrize("url", ["https://", "https://user@bud.example/", "https://user:pw@bud.example/", "https://[::1/", "https:///a"])
def test_a_tracking_address_has_a_host_and_no_user(url):
    assert fields(refused(changed("DespatchAdvice", "body.trackingUrl", url))) == ["body.trackingUrl"]


@pytest.mark.parametrize("year", ["0000", "0001", "1849", "2201", "9999"])
def test_a_year_that_cannot_be_meant_is_refused(year):
    assert fields(refused(changed("OrderResponse", "created", f"{year}-01-01T00:00:00+14:00"))) == ["created"]
    assert fields(refused(changed("OrderResponse", "body.promisedDate", f"{year}-01-01"))) == ["body.promisedDate"]


@pytest.mark.parametrize("time", ["2026-11-22T08:15:02Z", "2026-11-22t08:15:02z", "2026-11-22T09:15:02.123456789+01:00", "2026-11-22T00:15:02-08:00"])
def test_every_way_to_write_a_time_with_offset_is_read(time):
    assert read(changed("OrderResponse", "created", time)).created.astimezone(UTC).replace(microsecond=0) == datetime(2026, 11, 22, 8, 15, 2, tzinfo=UTC)


def test_an_lma_number_is_free_up_to_35_characters():
    message = changed("CustomerOrder", "body.patient.idType", "LMA")
    for number, good in [("50-123456", True), ("x" * 35, True), ("x" * 36, False), ("", False)]:
        message["body"]["patient"]["id"] = number
        if good:
            assert read(message).body.patient.id == number
        else:
            with pytest.raises(ContractError):
                read(message)


def test_a_group_that_is_null_is_told_from_one_that_is_absent():
    message = EXAMPLES["ArticleUpdate"]
    _, body = parse_incoming(contract.dump(message))
    assert body.articles[1].substitution_group is None
    assert "substitution_group" in body.articles[1].model_fields_set
    _, body = parse_incoming(contract.dump(changed("ArticleUpdate", "body.articles.1.substitutionGroup", ABSENT)))
    assert "substitution_group" not in body.articles[1].model_fields_set


def test_articles_are_at_most_a_thousand():
    article = EXAMPLES["ArticleUpdate"]["body"]["articles"][1]
    assert read(changed("ArticleUpdate", "body.articles", [article] * 1000))
    assert refused(changed("ArticleUpdate", "body.articles", [article] * 1001)).status == 422


# --- bytes that are no message ----------------------------------------------------------------------------

GOOD = contract.dump(EXAMPLES["OrderResponse"])

NOT_JSON = [
    b"",
    b" ",
    b"{",
    b"{}{}",
    b"nul",
    b"'a'",
    b"{a:1}",
    b'{"a":1,}',
    b"\xff\xfe",
    b"\xef\xbb\xbf" + GOOD,
    GOOD.decode().encode("utf-16"),
    GOOD.decode().encode("utf-32"),
    GOOD.replace(b"nyare modell", "nyåre modell".encode("latin-1")),
    GOOD.replace(b"nyare modell", rb"\ud800"),
    GOOD.replace(b"nyare modell", rb"\udc00\ud800"),
    GOOD.replace(b'"sequence":1', b'"sequence":1,"sequence":1'),
    GOOD.replace(b'"line":1', b'"line":1,"line":2'),
    GOOD.replace(b'"sequence":1', b'"sequence":NaN'),
    GOOD.replace(b'"sequence":1', b'"sequence":Infinity'),
    GOOD.replace(b'"sequence":1', b'"sequence":-Infinity'),
    GOOD.replace(b'"sequence":1', b'"sequence":01'),
    GOOD.replace(b'"sequence":1', b'"sequence":' + b"9" * 5000),
    GOOD.replace(b"nyare modell", b"a\nb"),
    GOOD.replace(b"nyare modell", b"a\x00b"),
    GOOD.replace(b"nyare modell", b"\xed\xa0\x80"),
    b"[" * 10_000 + b"]" * 10_000,
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    b"[" * 10_000,
    GOOD.replace(b'"sequence":1', b'"sequence":' + b"[" * 10_000 + b"]" * 10_000),
]


@pytest.mark.parametrize("raw", NOT_JSON, ids=range(len(NOT_JSON)))
def test_bytes_that_cannot_be_relied_on_are_refused_as_not_json(raw):
    assert refused(raw).status == 400
    with pytest.raises(schema_check.Invalid):
        schema_check.check(schema_check.load(raw), schema_check.FROM_SESAM2)


@pytest.mark.parametrize("raw", [b"null", b"1", b'"x"', b"[]", b"{}", b'{"messageType":1}', b'{"messageType":["OrderResponse"]}', b'{"messageType":"Order"}'])
def test_json_that_is_no_message_is_refused(raw):
    assert refused(raw).status == 422


@pytest.mark.parametrize("name", contract.OUTGOING)
def test_the_portals_own_messages_are_unknown_when_they_come_in(name):
    assert fields(refused(EXAMPLES[name])) == ["messageType"]


def test_nesting_that_json_can_hold_but_the_contract_cannot_is_refused():
    for depth in (10, 150, 250, 900):
        raw = GOOD.replace(b'"sequence":1', b'"sequence":' + b"[" * depth + b"]" * depth)
        assert refused(raw).status in {400, 422}


def test_a_refusal_never_quotes_a_value():
    secret = "189003059814 Elsa"
    message = changed("OrderResponse", "body.promisedDate", secret)
    message["body"] |= {secret: secret, "code": secret, "lines": [{"line": secret, "status": secret}], "erpOrderNumber": secret * 10}
    message |= {"subject": secret, "sender": secret, "created": secret, "messageId": secret}
    error = refused(message)
    assert len(error.errors) >= 8
    assert "Elsa" not in json.dumps(error.problem(), ensure_ascii=False) + str(error)


def test_a_refusal_names_at_most_fifty_fields():
    error = refused(changed("ArticleUpdate", "body.articles", [{}] * 500))
    assert len(error.errors) == 50
    assert error.errors[0] == {"field": "body.articles[0].supplierGln", "text": "Field required"}


def test_a_refusal_is_a_problem_of_rfc_9457():
    problem = refused(changed("OrderResponse", "sequence", 0)).problem()
    assert (problem["status"], problem["title"]) == (422, "Invalid OrderResponse")
    assert problem["detail"]
    assert problem["errors"] == [{"field": "sequence", "text": "Input should be greater than or equal to 1"}]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(name=st.sampled_from(sorted(contract.INCOMING)), data=st.data())
def test_any_value_in_any_place_is_read_or_refused(name, data):
    message = copy.deepcopy(EXAMPLES[name])
    place = message if data.draw(st.booleans()) else message["body"]
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(json_values)
    raw = json.dumps(message).encode()
    status = 0
    try:
        parse_incoming(raw)
    except ContractError as error:
        status = error.status
    assert status in {0, 400, 422}


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_refused(raw):
    assert refused(raw).status in {400, 422}


# --- writing ------------------------------------------------------------------------------------------------


def response(**changes):
    values = {"order_number": K, "erp_order_number": "1", "code": contract.ResponseCode.AB}
    return contract.OrderResponse(**(values | changes))


def written(body, message_type="OrderResponse", subject=K, sequence=1, **changes):
    values = {"message_id": uuid.uuid4(), "created": datetime.now(UTC), "sender": SESAM2_GLN, "receiver": PORTAL_GLN}
    return contract.envelope(message_type, subject, sequence, body, **(values | changes))


def test_absent_fields_are_left_out_but_a_null_that_must_stand_stays():
    assert written(response())["body"] == {"orderNumber": K, "erpOrderNumber": "1", "code": "AB"}
    hidden = PATIENT.model_copy(update={"name": None, "protected": True})
    body = contract.PayerChanged(patient=hidden, customer_number="1", payer_number="2", valid_from=date(2026, 1, 1))
    number = order_number("P", 2026, 1)
    assert written(body, "PayerChanged", number)["body"]["patient"]["name"] is None


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (response(), {"subject": A}),
        (response(), {"message_type": "OrderCancelled"}),
        (response(), {"message_type": "Nothing"}),
        (response(), {"sequence": 0}),
        (response(), {"sender": "1"}),
        (response(), {"created": datetime(2026, 1, 1)}),  # noqa: DTZ001 - that is what is refused
        (response(), {"message_id": "not a uuid"}),
    ],
)
def test_parts_that_make_no_message_are_refused(body, changes):
    with pytest.raises(ContractError) as caught:
        written(body, **changes)
    assert caught.value.status == 422


def test_texts_that_people_typed_are_put_right():
    body = response(reason="A\u030angrat\r\nandra raden\tmed tabb\x00", erp_order_number=" 12\n3 ")
    assert (body.reason, body.erp_order_number) == ("Ångrat\nandra raden med tabb ", "12 3")
    assert parse_incoming(contract.dump(written(body)))[1] == body


@pytest.mark.parametrize(("amount", "text"), [("212.5", "212.50"), ("0", "0.00"), ("1E+2", "100.00"), ("4250.00", "4250.00")])
def test_amounts_are_written_with_two_decimals(amount, text):
    assert json.loads(contract.CostProposal(amount=Decimal(amount), text="").model_dump_json())["amount"] == text


@pytest.mark.parametrize("amount", [Decimal("0.005"), Decimal(-1), Decimal("NaN"), Decimal("Infinity"), Decimal(10**13), 212.5, 212, "212.50", True])
def test_amounts_that_are_none_are_refused(amount):
    with pytest.raises(ValueError, match="amount"):
        contract.CostProposal(amount=amount, text="")


def test_an_error_about_what_was_built_hides_the_value():
    with pytest.raises(ValueError, match="idType") as caught:
        contract.PatientRef(id_type=contract.IdType.NRID, id="189003059814x", name="Elsa", protected=False)
    assert "Elsa" not in str(caught.value)
    assert "189003059814" not in str(caught.value)


def test_messages_cannot_be_changed_afterwards():
    with pytest.raises(ValueError, match="frozen"):
        response().order_number = A


@pytest.mark.parametrize("value", [{"a": float("nan")}, {"a": "\ud800"}])
def test_what_is_not_json_is_not_dumped(value):
    with pytest.raises(ContractError):
        contract.dump(value)


def test_the_fingerprint_is_of_the_value_not_of_the_bytes():
    one = b'{"a": [1, 1.0, "\\u00e5"], "b": {"c": null, "d": true}}'
    same = '{"b":{"d":true,"c":null},"a":[1.0,1e0,"å"]}'.encode()
    assert contract.fingerprint(one) == contract.fingerprint(same)
    for other in [b'{"a": [1, 1, "a"], "b": {"c": null, "d": true}}', b'{"a": [1, 1.5, "\\u00e5"], "b": {"c": null, "d": 1}}', b"[]"]:
        assert contract.fingerprint(other) != contract.fingerprint(one)
    with pytest.raises(ContractError):
        contract.fingerprint(b"{")


# --- round trips ----------------------------------------------------------------------------------------------

line_texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
texts = st.text(st.characters(codec="utf-8"), max_size=40)
days = st.dates(date(1850, 1, 1), date(2200, 12, 31))
quantities = st.integers(1, 1_000_000)
orders = st.builds(order_number, st.sampled_from("KLUAH"), st.integers(2020, 2099), st.integers(1, 99_999_999))
glns = st.integers(0, 10**12 - 1).map(lambda value: f"{value:012d}{gs1_digit(f'{value:012d}')}")
amounts = st.decimals(0, 10**9, places=2)
times = st.datetimes(datetime(1900, 1, 1), datetime(2190, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=1))]))  # noqa: DTZ001 - the strategy adds the zone


def made(model, **strategies):
    """Instances of a model by Python's names; `builds` alone would look at its signature, which has JSON's."""
    return st.fixed_dictionaries(strategies).map(lambda values: model(**values))


replacements = made(contract.Replacement, supplier_gln=glns, supplier_article_number=line_texts, article_number=line_texts, name=texts)
response_lines = made(
    contract.ResponseLine,
    line=quantities,
    status=st.sampled_from(contract.LineStatus),
    quantity=st.none() | quantities,
    promised_date=st.none() | days,
    replacement=st.none() | replacements,
    reason=st.none() | texts,
)
responses = made(
    contract.OrderResponse,
    order_number=orders,
    erp_order_number=line_texts,
    code=st.sampled_from(contract.ResponseCode),
    promised_date=days,
    reason=st.none() | texts,
    lines=st.lists(response_lines, min_size=1, max_size=3),
)
despatches = made(
    contract.DespatchAdvice,
    order_number=orders,
    despatch_number=line_texts,
    despatched_at=times,
    expected_date=st.none() | days,
    carrier=st.none() | texts,
    tracking_url=st.none() | st.just("https://bud.example/a?b=%C3%A5#c"),
    lines=st.lists(
        made(contract.DespatchLine, line=quantities, quantity=quantities, outstanding=st.integers(0, 1_000_000), lot=st.none() | line_texts), min_size=1
    ),
)
bases = made(
    contract.InvoiceBasisAvailable,
    basis_id=line_texts,
    period=st.just("2026-10"),
    payer_number=line_texts,
    version=quantities,
    line_count=quantities,
    total=amounts | amounts.map(lambda value: -value),
)


@given(body=responses | despatches | bases, sequence=quantities, created=times, message_id=st.uuids())
def test_what_is_written_is_read_back_the_same(body, sequence, created, message_id):
    name = type(body).__name__
    subject = getattr(body, type(body).SUBJECT[0])
    message = written(body, name, subject, sequence, created=created, message_id=message_id)
    envelope, again = parse_incoming(contract.dump(message))
    assert again == body
    assert (envelope.created, envelope.message_id, envelope.sequence, envelope.subject) == (created, message_id, sequence, subject)
    assert contract.dump(written(again, name, subject, sequence, created=created, message_id=message_id)) == contract.dump(message)
    assert schema_check.check(schema_check.load(contract.dump(message)), schema_check.FROM_SESAM2) == name


# --- invoice lines ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("written_as", "percent"), [("25", 25), ("25.00", 25), (25, 25), (6.0, 6), ("0", 0)])
def test_an_invoice_line_is_read(written_as, percent):
    line = contract.parse_invoice_line(json.dumps(invoice_line() | {"vatRate": written_as}).encode())
    assert (line.amount, line.from_, line.vat_rate) == (Decimal("212.50"), date(2026, 10, 1), percent)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", "1.0001"),
        ("quantity", 1),
        ("quantity", "1e3"),
        ("amount", 212.5),
        ("vatRate", "-1"),
        ("vatRate", True),
        ("vatRate", "NaN"),
        ("kind", "GIFT"),
        ("new", 1),
    ],
)
def test_a_wrong_invoice_line_is_refused(field, value):
    with pytest.raises(ContractError):
        contract.parse_invoice_line(json.dumps(invoice_line() | {field: value}).encode())


def test_credits_are_negative():
    line = contract.parse_invoice_line(json.dumps(invoice_line() | {"kind": "CREDIT", "quantity": "-1.125", "amount": "-239.06"}).encode())
    assert (line.quantity, line.amount) == (Decimal("-1.125"), Decimal("-239.06"))


# --- the documentation --------------------------------------------------------------------------------------------


def test_the_documentation_is_current():
    files = make_files()
    assert {str(path.relative_to(DOCS)) for path in DOCS.rglob("*") if path.is_file()} == set(files)
    for name, text in files.items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"{name} is stale: run make_sesam2_docs"


def test_the_check_fails_for_a_stale_a_missing_and_a_left_over_file(tmp_path):
    call_command("make_sesam2_docs", folder=tmp_path, verbosity=0)
    call_command("make_sesam2_docs", folder=tmp_path, check=True)
    (tmp_path / "openapi.json").write_text("{}")
    (tmp_path / "schemas" / "OrderResponse.json").unlink()
    (tmp_path / "schemas" / "Old.json").write_text("{}")
    with pytest.raises(CommandError) as caught:
        call_command("make_sesam2_docs", folder=tmp_path, check=True)
    assert caught.value.returncode == 1
    for name in ("openapi.json", "schemas/OrderResponse.json", "schemas/Old.json"):
        assert name in str(caught.value)
    call_command("make_sesam2_docs", folder=tmp_path)
    call_command("make_sesam2_docs", folder=tmp_path, check=True)
    assert not (tmp_path / "schemas" / "Old.json").exists()


def test_every_reference_in_the_openapi_description_leads_somewhere():
    description = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
    references = []

    def collect(value):
        if isinstance(value, dict):
            references.extend([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
            references.extend(value.get("mapping", {}).values() if "propertyName" in value else [])
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    collect(description)
    assert len(references) > 200
    for reference in set(references):
        place = description
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    for path, item in description["paths"].items():
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            operation = item.get("put") or item.get("get") or item["post"]
            assert name in [parameter["name"] for parameter in operation["parameters"]]
