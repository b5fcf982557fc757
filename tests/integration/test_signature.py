"""Who signed, and what: the contract's section 1."""

import hashlib
import hmac
import re
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.mock_sesam2 import signing
from integration.signature import KEY, NONCE, SIGNATURE, TIMESTAMP, BadSignature, Verified, sign, verify

NOW = 1_795_000_000
NONCE_VALUE = "0192f3c4-5a00-7000-8000-00000000000a"
KEYS = {"sesam2-2026": "winter", "sesam2-2027": "spring"}
PATH = "/api/sesam2/v1/messages/0192f3c4-5a00-7000-8000-00000000000a?a=1&b=%C3%A5"
BODY = '{"namn":"Åsa"}'.encode()
README = Path(__file__).resolve().parents[2] / "docs" / "sesam2" / "README.md"


def signed(**changes):
    values = {"method": "PUT", "path_and_query": PATH, "nonce": NONCE_VALUE, "body": BODY, "key_id": "sesam2-2026", "secret": "winter", "timestamp": NOW}
    return sign(**(values | changes))


def check(headers, **changes):
    values = {"method": "PUT", "path_and_query": PATH, "headers": headers, "body": BODY, "keys": KEYS, "now": float(NOW)}
    return verify(**(values | changes))


def refusal(headers, **changes):
    with pytest.raises(BadSignature) as caught:
        check(headers, **changes)
    return caught.value.reason


def test_a_signed_request_tells_who_signed_and_its_nonce():
    assert check(signed()) == Verified(key_id="sesam2-2026", nonce=NONCE_VALUE)


def test_the_signature_is_the_contracts_formula():
    text = b"PUT\n" + PATH.encode() + b"\n" + NONCE_VALUE.encode() + b"\n1795000000\n" + hashlib.sha256(BODY).hexdigest().encode()
    assert signed()[SIGNATURE] == "v1=" + hmac.new(b"winter", text, hashlib.sha256).hexdigest()


def test_without_a_body_the_hash_is_that_of_the_empty_string():
    text = f"GET\n/health\n{NONCE_VALUE}\n{NOW}\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    headers = signed(method="GET", path_and_query="/health", body=b"")
    assert headers[SIGNATURE] == "v1=" + hmac.new(b"winter", text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("name", [KEY, TIMESTAMP, NONCE, SIGNATURE])
def test_each_header_must_be_there(name):
    headers = signed()
    del headers[name]
    assert refusal(headers) == f"{name} is missing"


@pytest.mark.parametrize("name", [KEY, TIMESTAMP, NONCE, SIGNATURE])
def test_a_header_must_not_stand_twice(name):
    headers = signed()
    assert refusal(headers | {name.lower(): headers[name]}) == f"{name} stands twice"


@pytest.mark.parametrize("name", [TIMESTAMP, NONCE])
def test_a_header_that_a_server_joined_is_refused(name):
    headers = signed()
    assert refusal(headers | {name: f"{headers[name]}, {headers[name]}"})


def test_the_headers_names_may_be_in_any_case():
    assert check({name.upper(): value for name, value in signed().items()}).key_id == "sesam2-2026"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"secret": "summer"}, "signature does not match"),
        ({"key_id": "sesam2-2027"}, "signature does not match"),
        ({"key_id": "somebody"}, "unknown key"),
        ({"key_id": ""}, "unknown key"),
    ],
)
def test_the_wrong_key_is_refused(changes, reason):
    assert refusal(signed(**changes)) == reason


def test_a_key_without_a_secret_lets_nobody_in():
    headers = signed(key_id="empty", secret="no such key")
    assert refusal(headers, keys={"empty": ""}) == "unknown key"
    with pytest.raises(ValueError, match="secret"):
        signed(secret="")


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_a_clock_within_300_seconds_is_accepted(seconds):
    assert check(signed(timestamp=NOW + seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 10**9, -NOW])
def test_a_clock_beyond_300_seconds_is_refused(seconds):
    assert refusal(signed(timestamp=NOW + seconds)) == "timestamp is too far from now"


@pytest.mark.parametrize("value", ["", " ", "-1", "1795000000.0", "1e9", "0x6afd", "９", "1795000000\n1", "9" * 400, "NaN"])
def test_a_timestamp_that_is_no_number_is_refused(value):
    assert refusal(signed() | {TIMESTAMP: value})


@pytest.mark.parametrize("value", ["", "1", "0192f3c45a00700080000000000000aa", "{0192f3c4-5a00-7000-8000-00000000000a}", "urn:uuid:" + NONCE_VALUE, "å" * 36])
def test_a_nonce_that_is_no_uuid_is_refused(value):
    headers = signed(nonce=value)
    assert refusal(headers)


def test_the_nonce_comes_back_in_lower_case():
    assert check(signed(nonce=NONCE_VALUE.upper())).nonce == NONCE_VALUE


@pytest.mark.parametrize(
    "changes",
    [
        {"body": BODY[:-1] + b" "},
        {"body": BODY + b"\n"},
        {"body": b""},
        {"path_and_query": PATH.replace("b=", "c=")},
        {"path_and_query": PATH.replace("0a?", "0b?")},
        {"path_and_query": PATH.replace("%C3%A5", "å")},
        {"path_and_query": PATH.partition("?")[0]},
        {"path_and_query": PATH + "&"},
        {"method": "POST"},
        {"method": "GET"},
    ],
)
def test_one_byte_changed_is_refused(changes):
    assert refusal(signed(), **changes) == "signature does not match"


@pytest.mark.parametrize("name", [NONCE, TIMESTAMP])
def test_a_changed_nonce_or_timestamp_is_refused(name):
    changed = {NONCE: str(uuid.uuid4()), TIMESTAMP: str(NOW + 1)}
    assert refusal(signed() | {name: changed[name]}) == "signature does not match"


def test_every_bit_of_the_signature_counts():
    good = signed()[SIGNATURE]
    for place in range(3, len(good)):
        other = "0" if good[place] != "0" else "1"
        assert refusal(signed() | {SIGNATURE: good[:place] + other + good[place + 1 :]})


class TestRotation:
    old, new = signed()[SIGNATURE], signed(key_id="sesam2-2027", secret="spring")[SIGNATURE]
    wrong = "v1=" + "0" * 64

    @pytest.mark.parametrize("key_id", ["sesam2-2026", "sesam2-2027"])
    def test_both_keys_let_in_while_they_are_rotated(self, key_id):
        assert check(signed(key_id=key_id, secret=KEYS[key_id])).key_id == key_id

    @pytest.mark.parametrize(
        ("ids", "values", "key_id"),
        [
            ("sesam2-2026,sesam2-2027", [old, new], "sesam2-2026"),
            ("sesam2-2026, sesam2-2027", [wrong, new], "sesam2-2027"),
            ("unknown,sesam2-2026", [wrong, old], "sesam2-2026"),
            ("sesam2-2026,unknown", [old, "v2=abc"], "sesam2-2026"),
            ("sesam2-2026", [wrong, old], "sesam2-2026"),
        ],
    )
    def test_one_of_several_signatures_is_enough(self, ids, values, key_id):
        assert check(signed() | {KEY: ids, SIGNATURE: ", ".join(values)}).key_id == key_id

    @pytest.mark.parametrize(
        ("ids", "values"),
        [
            ("sesam2-2026,sesam2-2027", [new, old]),
            ("sesam2-2026,sesam2-2027", [old]),
            ("sesam2-2026,sesam2-2027,sesam2-2026", [wrong, new]),
            ("sesam2-2026,sesam2-2027", [wrong, wrong]),
            ("sesam2-2026", [wrong] * 8 + [old]),
        ],
    )
    def test_values_and_key_ids_must_stand_in_the_same_order(self, ids, values):
        assert refusal(signed() | {KEY: ids, SIGNATURE: ",".join(values)})

    def test_a_withdrawn_key_is_refused(self):
        assert refusal(signed(), keys={"sesam2-2027": "spring"}) == "unknown key"


@pytest.mark.parametrize("value", ["", "v1=", "v1", "v2=" + "0" * 64, "v1=" + "g" * 64, "V1=" + "0" * 64, "v1=" + "0" * 63, "v1=" + "0" * 65, "v1=åäö", ","])
def test_a_signature_of_another_shape_is_refused(value):
    assert refusal(signed() | {SIGNATURE: value})


def test_the_hex_digits_may_be_capitals():
    headers = signed()
    assert check(headers | {SIGNATURE: "v1=" + headers[SIGNATURE][3:].upper()})


anything = st.text(max_size=80)


@given(headers=st.dictionaries(st.sampled_from([KEY, TIMESTAMP, NONCE, SIGNATURE, "x-sesam2-key"]), anything), path=anything, body=st.binary(max_size=50))
def test_junk_is_refused_and_never_an_error(headers, path, body):
    assert refusal(headers, path_and_query=path, body=body)


@given(name=st.sampled_from([KEY, TIMESTAMP, NONCE, SIGNATURE]), value=anything)
def test_a_good_request_with_junk_in_one_header_never_gives_an_error(name, value):
    try:
        check(signed() | {name: value})
    except BadSignature:
        return
    assert value.strip(" \t").lower() == signed()[name].lower()


def test_undecodable_bytes_in_the_path_are_refused():
    assert refusal(signed(), path_and_query="/\udcff\ud800")


class TestTheOtherImplementation:
    """The stand-in's own code, written from docs/sesam2 alone."""

    def test_it_believes_the_portal(self):
        headers = sign(method="GET", path_and_query="/messages?after=&limit=500", nonce=NONCE_VALUE, body=b"", key_id="a", secret="hemlig å")
        as_received = {name.lower(): [value] for name, value in headers.items()}
        assert signing.check({"a": "hemlig å"}, "GET", "/messages?after=&limit=500", as_received, b"") == NONCE_VALUE

    def test_the_portal_believes_it(self):
        headers = signing.signed_headers("sesam2-2026", "winter", "PUT", PATH, NONCE_VALUE, BODY)
        assert check(headers, now=None).key_id == "sesam2-2026"


@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_the_worked_example_in_the_documentation_is_right(method):
    text = README.read_text(encoding="utf-8")
    secret = re.search(r"secret `([^`]+)`", text)[1]
    block = next(block for block in re.findall(r"^```\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL) if block.startswith(method))
    head, _, body = block.partition("\n\n")
    request, *lines = head.split("\n")
    headers = dict(line.split(": ", 1) for line in lines)
    verified = verify(
        method=method,
        path_and_query=request.split()[1],
        headers=headers,
        body=body.encode(),
        keys={headers[KEY]: secret},
        now=float(headers[TIMESTAMP]),
    )
    assert verified.nonce == headers[NONCE]
