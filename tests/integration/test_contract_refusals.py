"""What the contract refuses, on both sides, and how."""

import copy
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numbers import order_number
from integration import contract
from integration.contract import ContractError, parse_incoming
from integration.mock_sesam2 import schema_check
from tests.integration.contract_samples import ABSENT, EXAMPLES, A, F, K, changed, fields, read, refused

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
    ("name", "path", "value"), WRONG, ids=lambda value: None if isinstance(value, dict) else repr(value)[:40].encode("unicode_escape").decode()
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
