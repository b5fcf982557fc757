"""The contract's messages: what is right, how it is written, and that the documentation says the same."""

import copy
import json
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

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
from integration.sesam2_docs.examples import PATIENT, PORTAL_GLN, SESAM2_GLN, invoice_line
from tests.integration.contract_samples import ABSENT, DOCS, EXAMPLES, ROOT, A, K, changed, fields, read, refused

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
