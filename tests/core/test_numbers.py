"""Check digits and number formats, against published examples, hostile input and python-stdnum."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import ean, luhn
from stdnum.se import orgnr

from core.numbers import (
    gln_is_valid,
    gs1_digit,
    gtin_is_valid,
    hsa_id_is_valid,
    luhn_digit,
    luhn_is_valid,
    normalise_hsa_id,
    number_is_valid,
    order_number,
    organisation_number_is_valid,
    prefix_of,
)

ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
FULL_WIDTH = str.maketrans("0123456789", "".join(chr(0xFF10 + digit) for digit in range(10)))
DIGITS = st.text("0123456789", min_size=1, max_size=20)

VALID = [
    (luhn_is_valid, "2321000131"),
    (luhn_is_valid, "79927398713"),
    (number_is_valid, "K-2026-00000123-3"),
    (gln_is_valid, "7332767000003"),
    (gln_is_valid, "7359999900017"),
    (gln_is_valid, "7359999900024"),
    (gln_is_valid, "7359999900031"),
    (gtin_is_valid, "96385074"),
    (gtin_is_valid, "036000291452"),
    (gtin_is_valid, "4006381333931"),
    (gtin_is_valid, "00012345600012"),
    (organisation_number_is_valid, "2321000131"),
    (hsa_id_is_valid, "SE2321000131-E000000000001"),
]


def test_the_contracts_example_comes_out():
    assert order_number("K", 2026, 123) == "K-2026-00000123-3"


@pytest.mark.parametrize("prefix", "KLUAHRFCP")
def test_every_series_of_the_contract_makes_valid_numbers(prefix):
    for running in (1, 9, 10, 123, 12_345_678, 99_999_999):
        number = order_number(prefix, 2026, running)
        assert number_is_valid(number)
        assert prefix_of(number) == prefix


@pytest.mark.parametrize(
    ("prefix", "year", "running"),
    [
        ("X", 2026, 1),
        ("k", 2026, 1),
        ("", 2026, 1),
        ("KL", 2026, 1),
        ("K", 1999, 1),
        ("K", 10000, 1),
        ("K", 2026, 0),
        ("K", 2026, -1),
        ("K", 2026, 100_000_000),
    ],
)
def test_a_number_outside_the_series_is_not_made(prefix, year, running):
    with pytest.raises(ValueError, match="No such number series"):
        order_number(prefix, year, running)


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "ARTICLES",
        "K-2026-00000123-4",
        "K-2026-00000132-3",
        "K-2027-00000123-3",
        "k-2026-00000123-3",
        "X-2026-00000123-3",
        "K-2026-0000123-3",
        "K-2026-000000123-3",
        "K-2026-00000123",
        "K-2026-00000123-33",
        "K-2026-00000000-8",
        "K2026000001233",
        "K–2026–00000123–3",
        " K-2026-00000123-3",
        "K-2026-00000123-3 ",
        "K-2026-00000123-3\n",
        "K-2026-00000123-3".translate(ARABIC_INDIC),
        "K-2026-00000123-3".translate(FULL_WIDTH),
        "\u212a-2026-00000123-3",
    ],
)
def test_other_subjects_are_no_numbers_and_have_no_prefix(subject):
    assert not number_is_valid(subject)
    assert prefix_of(subject) == ""


@given(st.sampled_from("KLUAHRFCP"), st.integers(2000, 9999), st.integers(1, 99_999_999), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(prefix, year, running, place, change):
    number = order_number(prefix, year, running)
    places = [index for index, character in enumerate(number) if character.isdigit()]
    index = places[place]
    assert not number_is_valid(f"{number[:index]}{(int(number[index]) + change) % 10}{number[index + 1 :]}")


@pytest.mark.parametrize(("is_valid", "value"), VALID)
def test_published_examples_are_valid(is_valid, value):
    assert is_valid(value)


@pytest.mark.parametrize(("is_valid", "value"), VALID)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda value: value + "\n",
        lambda value: "\n" + value,
        lambda value: value + " ",
        lambda value: value + "\0",
        lambda value: value.translate(ARABIC_INDIC),
        lambda value: value.translate(FULL_WIDTH),
        lambda value: value[:-1] + value[-1].translate(FULL_WIDTH),
        lambda value: "",
    ],
    ids=["line feed after", "line feed before", "blank", "NUL", "Arabic-Indic", "full width", "last digit full width", "empty"],
)
def test_nothing_but_the_exact_ascii_text_is_valid(is_valid, value, spoil):
    assert not is_valid(spoil(value))


@pytest.mark.parametrize("compute", [luhn_digit, gs1_digit])
@pytest.mark.parametrize("text", ["", "12a", "1 2", "-12", "1.5", "12\n", "١٢", "\uff11\uff12", "²"])
def test_a_check_digit_of_anything_but_digits_is_refused(compute, text):
    with pytest.raises(ValueError, match="0-9"):
        compute(text)


@pytest.mark.parametrize("gtin", ["1", "123456784", "40063813339", "4006381333932", "400638133393100", "4006381333931 "])
def test_a_gtin_has_a_known_length_and_a_right_digit(gtin):
    assert not gtin_is_valid(gtin)


def test_a_gtin_of_14_digits_is_no_gln():
    assert not gln_is_valid("00012345600012")


@pytest.mark.parametrize("number", ["232100-0131", "2321000132", "12321000131", "1610293847", "9901010000"])
def test_an_organisation_number_is_ten_digits_that_are_no_date(number):
    assert not organisation_number_is_valid(number)


def test_a_third_digit_below_two_is_refused_though_the_check_digit_is_right():
    assert luhn_is_valid(f"991234567{luhn_digit('991234567')}")
    assert not organisation_number_is_valid(f"991234567{luhn_digit('991234567')}")


@pytest.mark.parametrize("hsa_id", ["SE2321000131-E000000000001", "se2321000131-e000000000001", "Se2321000131-1", "SE2321000131-" + "a" * 18])
def test_an_hsa_id_is_stored_in_capitals(hsa_id):
    assert normalise_hsa_id(hsa_id) == hsa_id.upper()


@pytest.mark.parametrize(
    "hsa_id",
    [
        "SE2321000131",
        "SE2321000131-",
        "SE2321000131-" + "A" * 19,
        "SE2321000132-E000000000001",
        "SE232100131-E000000000001",
        "NO2321000131-E000000000001",
        "SE2321000131_E000000000001",
        "SE2321000131-E0000Å",
        "SE2321000131-e@vgr",
        "SE2321000131-E 1",
        "SE2321000131-E1\n",
        " SE2321000131-E1",
        "\u017fe2321000131-E1",
        "SE2321000131-\u0131",
        "SE2321000131-\ufb01",
    ],
)
def test_what_is_no_hsa_id_is_refused(hsa_id):
    assert not hsa_id_is_valid(hsa_id)
    with pytest.raises(ValueError, match="Not an HSA-id"):
        normalise_hsa_id(hsa_id)


@given(DIGITS)
def test_luhn_agrees_with_stdnum(digits):
    assert str(luhn_digit(digits)) == luhn.calc_check_digit(digits)
    assert luhn_is_valid(digits) == (len(digits) > 1 and luhn.is_valid(digits))


@given(DIGITS)
def test_gs1_agrees_with_stdnum(digits):
    assert str(gs1_digit(digits)) == ean.calc_check_digit(digits)
    assert gtin_is_valid(digits) == ean.is_valid(digits)
    assert gln_is_valid(digits) == (len(digits) == 13 and ean.is_valid(digits))


@given(st.text("0123456789", min_size=10, max_size=10))
def test_organisation_numbers_agree_with_stdnum(digits):
    assert organisation_number_is_valid(digits) == (orgnr.is_valid(digits) and digits[2] >= "2")


@settings(max_examples=200)
@given(st.text(max_size=20))
def test_no_text_at_all_makes_a_check_crash(text):
    for is_valid in (luhn_is_valid, number_is_valid, gln_is_valid, gtin_is_valid, organisation_number_is_valid, hsa_id_is_valid):
        assert is_valid(text) in {True, False}
