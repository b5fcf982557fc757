"""Every published vector is accepted with its type; everything else is refused, with the text that tells the person why."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.se import personnummer

from core.numbers import luhn_digit
from patients.identifiers import (
    BAD_CHARACTERS,
    BAD_LMA,
    EMPTY,
    IN_THE_FUTURE,
    NO_CENTURY,
    NO_SERIAL,
    NO_SUCH_DATE,
    NORWEGIAN,
    NOT_VGR_FORMAT,
    OID,
    WRONG_CENTURY,
    WRONG_CHECK_DIGIT,
    WRONG_LENGTH,
    WRONG_NRID_START,
    WRONG_SEPARATOR,
    WRONG_SEX_DIGITS,
    Identifier,
    IdentityType,
    InvalidIdentifier,
    birth_date,
    formatted,
    parse,
    parse_lma,
)

TODAY = date(2026, 11, 22)
DATA = Path(__file__).parent.parent / "data"
ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
FULL_WIDTH = str.maketrans("0123456789", "".join(chr(0xFF10 + digit) for digit in range(10)))
VGR_EXAMPLES = ["19810829M071", "19450829K088", "19930829X802", "20210325K069"]
NRID_EXAMPLES = ["22790814AA01", "22950606FH20", "25780404KHD5", "00342145BZ31", "00749852BZK0", "98240301AA06"]


def listed(name: str) -> list[str]:
    return [line for line in (DATA / name).read_text(encoding="ascii").splitlines() if not line.startswith("#")]


PERSONNUMMER = listed("test-personnummer.txt")
SAMORDNINGSNUMMER = listed("test-samordningsnummer.txt")
GOOD = PERSONNUMMER[-1]
assert GOOD == "202311112383"


def error_of(text: str, today: date = TODAY) -> str:
    with pytest.raises(InvalidIdentifier) as caught:
        parse(text, today=today)
    return str(caught.value)


# --- What is accepted -----------------------------------------------------------------------------


def test_the_lists_are_whole():
    assert (len(PERSONNUMMER), len(SAMORDNINGSNUMMER)) == (508, 60)


@pytest.mark.parametrize("number", PERSONNUMMER)
def test_every_listed_personnummer_is_accepted(number):
    identifier = parse(number, today=TODAY)
    assert identifier == Identifier(IdentityType.PERSONNUMMER, number)
    assert birth_date(identifier) == date.fromisoformat(number[:8])


@pytest.mark.parametrize("number", SAMORDNINGSNUMMER)
def test_every_listed_samordningsnummer_is_accepted_as_its_own_type(number):
    assert parse(number, today=TODAY) == Identifier(IdentityType.SAMORDNINGSNUMMER, number)


@pytest.mark.parametrize(("number", "born"), [("191903772380", date(1919, 3, 17)), ("202304832393", date(2023, 4, 23))])
def test_a_samordningsnummer_is_born_sixty_days_less(number, born):
    assert number in SAMORDNINGSNUMMER
    assert birth_date(parse(number, today=TODAY)) == born


@pytest.mark.parametrize("number", ["196902602397", "197700712388", "200800832388"])
def test_a_samordningsnummer_without_a_known_month_or_day_is_accepted_and_has_no_birth_date(number):
    assert number in SAMORDNINGSNUMMER
    assert birth_date(parse(number, today=TODAY)) is None


@pytest.mark.parametrize("number", VGR_EXAMPLES)
def test_the_published_vgr_reserve_numbers_are_accepted(number):
    identifier = parse(number, today=TODAY)
    assert identifier == Identifier(IdentityType.VGR_RESERV, number)
    assert birth_date(identifier) == date.fromisoformat(number[:8])


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("22790814AA01", date(1979, 8, 14)),
        ("22950606FH20", date(1995, 6, 6)),
        ("25780404KHD5", date(1978, 4, 4)),
        ("00342145BZ31", None),
        ("00749852BZK0", None),
        ("98240301AA06", date(2024, 3, 1)),
    ],
)
def test_the_published_national_reserve_numbers_are_accepted(number, born):
    identifier = parse(number, today=TODAY)
    assert identifier == Identifier(IdentityType.NRID, number)
    assert birth_date(identifier) == born


@pytest.mark.parametrize("number", [GOOD, *SAMORDNINGSNUMMER[:1], *VGR_EXAMPLES, *NRID_EXAMPLES])
@pytest.mark.parametrize("template", ["{0}{1}", "{0}-{1}", "{0} {1}", "{0}+{1}", "  {0}-{1} "])
def test_separators_and_surrounding_blanks_are_ignored(number, template):
    assert parse(template.format(number[:8], number[8:]), today=TODAY).value == number


@pytest.mark.parametrize("number", [*VGR_EXAMPLES, *NRID_EXAMPLES])
def test_small_letters_are_stored_as_capitals(number):
    assert parse(number.lower(), today=TODAY).value == number


def test_a_child_born_today_is_accepted_and_one_born_tomorrow_is_not():
    born = date.fromisoformat(GOOD[:8])
    assert parse(GOOD, today=born).value == GOOD
    assert error_of(GOOD, today=date.fromordinal(born.toordinal() - 1)) == IN_THE_FUTURE


# --- What is refused, and why ---------------------------------------------------------------------

HOSTILE = [
    # Nothing, or not the alphabet.
    ("nothing", "", EMPTY),
    ("only blanks", "     ", EMPTY),
    ("a line feed alone", "\n", BAD_CHARACTERS),
    ("a line feed after", GOOD + "\n", BAD_CHARACTERS),
    ("a line feed before", "\n" + GOOD, BAD_CHARACTERS),
    ("a carriage return after", GOOD + "\r\n", BAD_CHARACTERS),
    ("a tab after", GOOD + "\t", BAD_CHARACTERS),
    ("a NUL after", GOOD + "\0", BAD_CHARACTERS),
    ("a no-break space as separator", GOOD[:8] + "\u00a0" + GOOD[8:], BAD_CHARACTERS),
    ("a zero-width space inside", GOOD[:8] + "\u200b" + GOOD[8:], BAD_CHARACTERS),
    ("a byte order mark before", "\ufeff" + GOOD, BAD_CHARACTERS),
    ("a right-to-left mark before", "\u202e" + GOOD, BAD_CHARACTERS),
    ("an en dash", GOOD[:8] + "\u2013" + GOOD[8:], BAD_CHARACTERS),
    ("a minus sign", GOOD[:8] + "\u2212" + GOOD[8:], BAD_CHARACTERS),
    ("a soft hyphen", GOOD[:8] + "\u00ad" + GOOD[8:], BAD_CHARACTERS),
    ("Arabic-Indic digits", GOOD.translate(ARABIC_INDIC), BAD_CHARACTERS),
    ("one Arabic-Indic digit", GOOD[:-1] + GOOD[-1].translate(ARABIC_INDIC), BAD_CHARACTERS),
    ("full-width digits", GOOD.translate(FULL_WIDTH), BAD_CHARACTERS),
    ("one full-width digit", GOOD[:-1] + GOOD[-1].translate(FULL_WIDTH), BAD_CHARACTERS),
    ("a superscript digit", GOOD[:-1] + "\u00b3", BAD_CHARACTERS),
    ("a mathematical digit", GOOD[:-1] + "\U0001d7d1", BAD_CHARACTERS),
    ("a full-width letter in a reserve number", "19810829\uff2d071", BAD_CHARACTERS),
    ("a Kelvin sign for K", "19450829\u212a088", BAD_CHARACTERS),
    ("a Greek capital kappa for K", "19450829\u039a088", BAD_CHARACTERS),
    ("a Cyrillic M", "19810829\u041c071", BAD_CHARACTERS),
    ("a combining accent", "19810829M\u0301071", BAD_CHARACTERS),
    ("a dotless i in a national number", "22790814\u0131A01", BAD_CHARACTERS),
    ("Swedish letters", "19810829Å071", BAD_CHARACTERS),
    ("dots as separators", "2023.11.11-2383", BAD_CHARACTERS),
    ("slashes as separators", "2023/11/11-2383", BAD_CHARACTERS),
    ("an underscore, which int() would take", "20231111_2383", BAD_CHARACTERS),
    ("SQL", "' OR '1'='1", BAD_CHARACTERS),
    ("markup", "<b>202311112383</b>", BAD_CHARACTERS),
    # Length and separators.
    ("ten digits", GOOD[2:], NO_CENTURY),
    ("ten digits with a hyphen", f"{GOOD[2:8]}-{GOOD[8:]}", NO_CENTURY),
    ("ten digits with a plus sign", f"{PERSONNUMMER[0][2:8]}+{PERSONNUMMER[0][8:]}", NO_CENTURY),
    ("a reserve number without its century", "810829M071", NO_CENTURY),
    ("one digit", "1", WRONG_LENGTH.format(count=1)),
    ("only the date", GOOD[:8], WRONG_LENGTH.format(count=8)),
    ("eleven digits, as in Norway", GOOD[:-1], WRONG_LENGTH.format(count=11)),
    ("thirteen digits", GOOD + "1", WRONG_LENGTH.format(count=13)),
    ("only hyphens", "---", WRONG_LENGTH.format(count=0)),
    ("a sign before", "-" + GOOD, WRONG_SEPARATOR),
    ("a plus sign before", "+" + GOOD, WRONG_SEPARATOR),
    ("a hyphen after", GOOD + "-", WRONG_SEPARATOR),
    ("two hyphens", f"{GOOD[:8]}--{GOOD[8:]}", WRONG_SEPARATOR),
    ("hyphens in the date", f"{GOOD[:4]}-{GOOD[4:6]}-{GOOD[6:8]}-{GOOD[8:]}", WRONG_SEPARATOR),
    ("a hyphen after the century", f"{GOOD[:2]}-{GOOD[2:]}", WRONG_SEPARATOR),
    ("ten thousand digits", "1" * 10_000, WRONG_LENGTH.format(count=10_000)),
    # The date.
    ("a century before 1800", "172311112383", WRONG_CENTURY),
    ("a century after 2099", "212311112383", WRONG_CENTURY),
    ("the year 0", "000011112383", WRONG_CENTURY),
    ("a month 00 without day + 60", "202300112383", NO_SUCH_DATE),
    ("a month 13", "202313112383", NO_SUCH_DATE),
    ("a day 00", "202311002383", NO_SUCH_DATE),
    ("30 February", "202302302383", NO_SUCH_DATE),
    ("29 February in a year without one", "202302292383", NO_SUCH_DATE),
    ("29 February 1900", "190002299801", NO_SUCH_DATE),
    ("31 November", "202311312383", NO_SUCH_DATE),
    ("a day 32", "202312322383", NO_SUCH_DATE),
    ("a day 59, one before the samordningsnummer", "202312592383", NO_SUCH_DATE),
    ("a day 92, one after the samordningsnummer", "202312922383", NO_SUCH_DATE),
    ("30 + 60 February", "202302902383", NO_SUCH_DATE),
    ("a month 00 with a day that no month has", "202300922383", NO_SUCH_DATE),
    ("a month of + 80, synthetic in Norway", "202391112383", NORWEGIAN),
    ("the first month of + 80", "202381112383", NORWEGIAN),
    ("a month of + 40, another register in Norway", "202351112383", NO_SUCH_DATE),
    ("tomorrow", "202611232383", IN_THE_FUTURE),
    ("the end of the century", "209912312383", IN_THE_FUTURE),
    ("a samordningsnummer born tomorrow", "202611832383", IN_THE_FUTURE),
    ("a samordningsnummer of next year without month and day", "202700602383", IN_THE_FUTURE),
    # Serial and check digit.
    ("the serial 000 with its check digit", f"20231111000{luhn_digit('231111000')}", NO_SERIAL),
    ("a wrong check digit", "202311112384", WRONG_CHECK_DIGIT),
    ("two digits in each other's place", "202311112338", WRONG_CHECK_DIGIT),
    ("the other century, a typing error that Luhn cannot see but the date can", "20" + "980811" + "2380", IN_THE_FUTURE),
    ("a samordningsnummer with a wrong check digit", "191903772381", WRONG_CHECK_DIGIT),
    ("a check digit over all twelve digits", f"{GOOD[:-1]}{luhn_digit(GOOD[:-1])}", WRONG_CHECK_DIGIT),
    # VGR's reserve numbers.
    ("a wrong check digit", "19810829M072", WRONG_CHECK_DIGIT),
    ("another sex with the digit of M", "19450829K080", WRONG_CHECK_DIGIT),
    ("an even number for a man", "19810829M081", WRONG_SEX_DIGITS),
    ("an odd number for a woman", "19450829K078", WRONG_SEX_DIGITS),
    ("a number below 06", "19450829K048", WRONG_SEX_DIGITS),
    ("a man in the series of X", "19810829M811", WRONG_SEX_DIGITS),
    ("X in the series of men and women", "19930829X702", WRONG_SEX_DIGITS),
    ("X above its series", "19930829X902", WRONG_SEX_DIGITS),
    ("30 February", "19930230X802", NO_SUCH_DATE),
    ("a samordningsnummer's day", "19930889X802", NO_SUCH_DATE),
    ("the future", "20930829X802", IN_THE_FUTURE),
    ("an unknown letter, GRID", "19810829T071", NOT_VGR_FORMAT),
    ("the letter O for a zero", "2O2311112383", NOT_VGR_FORMAT),
    ("a letter in the last place", "19810829071M", NOT_VGR_FORMAT),
    ("the letter one place late", "198108290M71", NOT_VGR_FORMAT),
    ("another century", "21810829M071", NOT_VGR_FORMAT),
    ("Stockholm's numbers", "991981000123", NOT_VGR_FORMAT),
    ("Värmland's numbers", "19810829AB12", NOT_VGR_FORMAT),
    ("Skåne's numbers", "19810829F1A2", NOT_VGR_FORMAT),
    ("only letters", "ABCDEFGHIJKL", NOT_VGR_FORMAT),
    # National reserve numbers.
    ("a wrong check digit", "22790814AA02", WRONG_CHECK_DIGIT),
    ("another letter", "22790814AB01", WRONG_CHECK_DIGIT),
    ("a reserved beginning", "17790814AA01", WRONG_NRID_START),
    ("a reserved beginning", "01790814AA01", WRONG_NRID_START),
    ("a beginning never used", "21790814AA01", NOT_VGR_FORMAT),
    ("the 22nd century", "24790814AA01", IN_THE_FUTURE),
    ("a date that does not exist", "22791314AA01", NO_SUCH_DATE),
    ("the future", "23790814AA01", IN_THE_FUTURE),
    ("an unknown date with a month of the calendar", "00341245BZ31", WRONG_NRID_START),
    ("an unknown date with a day of the calendar", "00342115BZ31", WRONG_NRID_START),
    ("an unknown date with a day above 59", "00342160BZ31", WRONG_NRID_START),
    ("the letter I, which is not used", "22790814IA01", NOT_VGR_FORMAT),
    ("the letter O, which is not used", "22790814AO01", NOT_VGR_FORMAT),
    ("the letter Q in place of the sex", "22790814AAQ1", NOT_VGR_FORMAT),
    ("the letter V, which is not used", "22790814VA01", NOT_VGR_FORMAT),
    ("the letter W, which is not used", "22790814WA01", NOT_VGR_FORMAT),
    ("one letter where two belong", "22790814A001", NOT_VGR_FORMAT),
]


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in HOSTILE], ids=[f"{place} {row[0]}" for place, row in enumerate(HOSTILE)])
def test_what_is_wrong_is_refused_with_its_reason(text, message):
    assert error_of(text) == message


def test_the_message_never_repeats_the_number():
    for _, text, _ in HOSTILE:
        if len(text) > 4:
            assert text not in error_of(text)


def test_the_century_is_asked_for_in_plain_words():
    assert error_of(GOOD[2:]) == "Skriv med sekel, tolv siffror: ÅÅÅÅMMDD-NNNN."


def test_a_grid_number_is_told_to_be_made_anew_in_befreg():
    assert error_of("19810829T071").startswith("Reservnumret har inte VGR:s format")
    assert "Befreg" in error_of("19810829T071")


# --- LMA ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "value"), [("52-123456", "52-123456"), (" 12345678 ", "12345678"), ("ab-1", "AB-1"), ("1" * 35, "1" * 35)])
def test_an_lma_number_is_taken_as_it_is(text, value):
    identifier = parse_lma(text)
    assert identifier == Identifier(IdentityType.LMA, value)
    assert birth_date(identifier) is None
    assert identifier.oid is None


@pytest.mark.parametrize("text", ["", " ", "-", "1" * 36, "52 123456", "52_1", "52\u20131", "52-1\n", "\uff11\uff12", "٥٢", "\u017f1", "52/1", "Å1", "1\0"])
def test_what_is_no_lma_number_is_refused(text):
    with pytest.raises(InvalidIdentifier) as caught:
        parse_lma(text)
    assert str(caught.value) == BAD_LMA


# --- What follows from a number -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [("202311112383", "20231111-2383"), ("191903772380", "19190377-2380"), ("19810829M071", "19810829M071"), ("22790814AA01", "22790814AA01")],
)
def test_civic_numbers_are_shown_with_a_hyphen_and_reserve_numbers_without(value, shown):
    identifier = parse(value, today=TODAY)
    assert formatted(identifier.value, identifier.type) == shown
    assert parse(shown, today=TODAY) == identifier


def test_the_types_are_the_contracts_and_have_their_oids():
    assert [str(kind) for kind in IdentityType] == ["PERSONNUMMER", "SAMORDNINGSNUMMER", "NRID", "VGR_RESERV", "LMA"]
    assert {str(kind): oid for kind, oid in OID.items()} == {
        "PERSONNUMMER": "1.2.752.129.2.1.3.1",
        "SAMORDNINGSNUMMER": "1.2.752.129.2.1.3.3",
        "NRID": "1.2.752.74.9.1",
        "VGR_RESERV": "1.2.752.113.11.0.2.1.1.1",
    }
    assert parse(GOOD, today=TODAY).oid == "1.2.752.129.2.1.3.1"


def test_a_number_does_not_show_in_a_repr_and_so_not_in_a_traceback():
    assert GOOD not in repr(parse(GOOD, today=TODAY))


# --- Properties (nothing generated is written down: such a number could be somebody's) -------------

WITHOUT_DATABASE = settings(database=None, max_examples=300)


def is_accepted(text: str) -> bool:
    try:
        parse(text, today=TODAY)
    except InvalidIdentifier:
        return False
    return True


@WITHOUT_DATABASE
@given(st.dates(date(1800, 1, 1), TODAY), st.text("0123456789", min_size=4, max_size=4))
def test_a_personnummer_is_what_stdnum_says_but_for_the_serial_000(born, ending):
    number = f"{born:%Y%m%d}{ending}"
    assert is_accepted(number) == (personnummer.is_valid(number) and not ending.startswith("000"))


@WITHOUT_DATABASE
@given(st.text("0123456789", min_size=12, max_size=12))
def test_twelve_digits_that_stdnum_refuses_are_a_samordningsnummer_or_refused(number):
    if is_accepted(number) and not personnummer.is_valid(number):
        assert parse(number, today=TODAY).type == IdentityType.SAMORDNINGSNUMMER
        assert 60 <= int(number[6:8]) <= 91


@WITHOUT_DATABASE
@given(st.sampled_from(PERSONNUMMER + SAMORDNINGSNUMMER), st.integers(2, 11), st.integers(1, 9))
def test_one_wrong_digit_after_the_century_is_always_found(number, place, change):
    assert not is_accepted(f"{number[:place]}{(int(number[place]) + change) % 10}{number[place + 1 :]}")


@WITHOUT_DATABASE
@given(st.sampled_from(VGR_EXAMPLES + NRID_EXAMPLES), st.integers(0, 9))
def test_only_one_check_digit_fits_a_reserve_number(number, digit):
    assert is_accepted(f"{number[:-1]}{digit}") == (int(number[-1]) == digit)


@WITHOUT_DATABASE
@given(st.one_of(st.text(max_size=40), st.text("0123456789KMXAB-+ ", min_size=10, max_size=14)))
def test_any_text_is_refused_or_becomes_twelve_characters_that_mean_the_same(text):
    if not is_accepted(text):
        return
    identifier = parse(text, today=TODAY)
    assert len(identifier.value) == 12
    assert identifier.value.isascii()
    assert parse(identifier.value, today=TODAY) == identifier
    born = birth_date(identifier)
    assert born is None or born <= TODAY
