"""The numbers that patients are known by: reading what was typed, and telling what is wrong with it.

Rules and vectors: reference, identifiers.md section 1. A number is stored as 12 characters without separator together with
its type; the pair is the identity. Everything is ASCII: a digit of another script or a full-width one is refused, never translated.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from core.numbers import luhn_digit


class IdentityType(StrEnum):
    """The contract's `idType`, section 4."""

    PERSONNUMMER = "PERSONNUMMER"
    SAMORDNINGSNUMMER = "SAMORDNINGSNUMMER"
    NRID = "NRID"
    VGR_RESERV = "VGR_RESERV"
    LMA = "LMA"


# RIV-TA's identifiers. An LMA number has none.
OID = {
    IdentityType.PERSONNUMMER: "1.2.752.129.2.1.3.1",
    IdentityType.SAMORDNINGSNUMMER: "1.2.752.129.2.1.3.3",
    IdentityType.NRID: "1.2.752.74.9.1",
    IdentityType.VGR_RESERV: "1.2.752.113.11.0.2.1.1.1",
}

EMPTY = "Skriv personnummer, samordningsnummer eller reservnummer."
BAD_CHARACTERS = "Numret får bara ha siffrorna 0–9, bokstäverna A–Z och bindestreck."
NO_CENTURY = "Skriv med sekel, tolv siffror: ÅÅÅÅMMDD-NNNN."
WRONG_LENGTH = "Numret ska ha tolv tecken: ÅÅÅÅMMDD-NNNN. Du skrev {count}."
WRONG_SEPARATOR = "Bindestrecket ska stå före de fyra sista tecknen: ÅÅÅÅMMDD-NNNN."
WRONG_CENTURY = "Årtalet ska börja med 18, 19 eller 20."
NORWEGIAN = "Numret ser ut som ett norskt testnummer och går inte att använda här."
NO_SUCH_DATE = "Datumet i numret finns inte. Kontrollera år, månad och dag."
IN_THE_FUTURE = "Datumet i numret ligger i framtiden. Kontrollera år, månad och dag."
NO_SERIAL = "Födelsenumret, siffrorna efter datumet, kan inte vara 000."
WRONG_CHECK_DIGIT = "Kontrollsiffran, den sista siffran, stämmer inte. Kontrollera hela numret."
NOT_VGR_FORMAT = "Reservnumret har inte VGR:s format och går inte att använda. Skapa ett nytt reservnummer i Befreg och använd det."
WRONG_SEX_DIGITS = "Siffrorna efter bokstaven stämmer inte med VGR:s format: 06–79, udda för M och jämnt för K, eller 80–89 för X."
WRONG_NRID_START = "De första siffrorna stämmer inte med formatet för nationellt reservnummer."
BAD_LMA = "LMA-numret får ha högst 35 tecken: siffror, bokstäverna A–Z och bindestreck."

_ALLOWED = re.compile(r"[0-9A-Z+\- ]+")
_TWELVE = re.compile(r"([0-9A-Z]{8})[-+ ]?([0-9A-Z]{4})")
_TEN = re.compile(r"[0-9]{6}[-+ ]?[0-9A-Z]{4}")
_VGR = re.compile(r"(?:18|19|20)[0-9]{6}[KMX][0-9]{3}")
_NRID = re.compile(r"[0-9]{8}[A-Z]{2}[0-9A-Z][0-9]")
_NRID_LETTERS = frozenset("ABCDEFGHJKLMNPRSTUXYZ")
_LMA_TYPED = re.compile(r"LMA[ :\-]*(.*)", re.IGNORECASE)
_LMA = re.compile(r"(?=.*[0-9A-Z])[0-9A-Z\-]{1,35}")
_VGR_LETTER_AS_DIGIT = {"K": "5", "M": "7", "X": "8"}


class InvalidIdentifier(ValueError):
    """What was typed is no number that we accept. The message is Swedish, for the person who typed, and never repeats the number."""


@dataclass(frozen=True)
class Identifier:
    """A checked number with its type. The value stays out of `repr`, and so out of logs and tracebacks."""

    type: IdentityType
    value: str = field(repr=False)

    @property
    def oid(self) -> str | None:
        return OID.get(self.type)

    @property
    def typed(self) -> str:
        """What `parse` reads as this number again."""
        return f"LMA {self.value}" if self.type == IdentityType.LMA else self.value

    @property
    def shown(self) -> str:
        return formatted(self.value, self.type)

    @property
    def rank(self) -> int:
        """How sure it is who is meant: 2 personnummer, 1 samordningsnummer, 0 the reserve numbers and LMA."""
        return {IdentityType.PERSONNUMMER: 2, IdentityType.SAMORDNINGSNUMMER: 1}.get(self.type, 0)


def parse(text: str, *, today: date) -> Identifier:
    """The identity that `text` names: personnummer, samordningsnummer, NRID, VGR's reservnummer (12 characters in capitals) or LMA number.

    Blanks around it are ignored, one `-`, `+` or blank before the last four as well (the sign says nothing when the century stands there),
    and the case of letters. LMA numbers have no rule to know them by, and so are written with LMA before them. Raises InvalidIdentifier.
    """
    if lma := _LMA_TYPED.fullmatch(text.strip(" ")):
        return parse_lma(lma[1])
    value = _twelve_characters(text)
    if value.isdigit():
        return _civic(value, today)
    if _VGR.fullmatch(value):
        return _vgr_reserve(value, today)
    if _NRID.fullmatch(value) and not value.startswith(("18", "19", "20", "21")):
        return _national_reserve(value, today)
    raise InvalidIdentifier(NOT_VGR_FORMAT)


def parse_lma(text: str) -> Identifier:
    """An asylum seeker's LMA number: 1–35 of A–Z, 0–9 and `-`, in capitals; nothing else of it can be checked. Raises InvalidIdentifier."""
    stripped = text.strip(" ")
    if not stripped.isascii() or not _LMA.fullmatch(stripped.upper()):
        raise InvalidIdentifier(BAD_LMA)
    return Identifier(IdentityType.LMA, stripped.upper())


def birth_date(identifier: Identifier) -> date | None:
    """The date that stands in a checked number, None where there is none or only a part. It may differ from the true date of birth."""
    value = identifier.value
    match identifier.type:
        case IdentityType.LMA:
            return None
        case IdentityType.NRID:
            return _national_reserve_date(value)
        case IdentityType.SAMORDNINGSNUMMER:
            return _date(value[:6], int(value[6:8]) - 60)
        case _:
            return _date(value[:6], int(value[6:8]))


def formatted(value: str, identity_type: IdentityType) -> str:
    """As Swedes write it: 19121212-1212; reserve and LMA numbers as they are stored."""
    if identity_type in {IdentityType.PERSONNUMMER, IdentityType.SAMORDNINGSNUMMER}:
        return f"{value[:8]}-{value[8:]}"
    return value


def _twelve_characters(text: str) -> str:
    stripped = text.strip(" ")
    if not stripped:
        raise InvalidIdentifier(EMPTY)
    # Before upper(): "ı" and "ſ" turn into ASCII letters there.
    if not stripped.isascii() or not _ALLOWED.fullmatch(typed := stripped.upper()):
        raise InvalidIdentifier(BAD_CHARACTERS)
    if match := _TWELVE.fullmatch(typed):
        return match[1] + match[2]
    if _TEN.fullmatch(typed):
        raise InvalidIdentifier(NO_CENTURY)
    count = sum(character not in "+- " for character in typed)
    raise InvalidIdentifier(WRONG_SEPARATOR if count == 12 else WRONG_LENGTH.format(count=count))


def _civic(value: str, today: date) -> Identifier:
    """Personnummer or samordningsnummer, from 12 digits."""
    if value.startswith("99"):
        # Region Stockholm's reserve numbers.
        raise InvalidIdentifier(NOT_VGR_FORMAT)
    if not value.startswith(("18", "19", "20")):
        raise InvalidIdentifier(WRONG_CENTURY)
    if 81 <= int(value[4:6]) <= 92:
        raise InvalidIdentifier(NORWEGIAN)
    day = int(value[6:8])
    coordination = 60 <= day <= 91
    _require_past(_earliest_date(value) if coordination else _date(value[:6], day), today)
    if value[8:11] == "000":
        raise InvalidIdentifier(NO_SERIAL)
    if luhn_digit(value[2:11]) != int(value[11]):
        raise InvalidIdentifier(WRONG_CHECK_DIGIT)
    return Identifier(IdentityType.SAMORDNINGSNUMMER if coordination else IdentityType.PERSONNUMMER, value)


def _earliest_date(value: str) -> date | None:
    """The first day that a samordningsnummer can mean.

    Skatteverket gives month 00 and day 60 to people whose month or day of birth is not known; its published test numbers have them too.
    """
    month = "01" if value[4:6] == "00" else value[4:6]
    return _date(value[:4] + month, max(int(value[6:8]) - 60, 1))


def _vgr_reserve(value: str, today: date) -> Identifier:
    """yyyymmddGggC: G the sex, gg 06–79 with its parity, or 80–89 when the sex is unknown."""
    _require_past(_date(value[:6], int(value[6:8])), today)
    letter, number = value[8], int(value[9:11])
    fits = 80 <= number <= 89 if letter == "X" else 6 <= number <= 79 and number % 2 == (letter == "M")
    if not fits:
        raise InvalidIdentifier(WRONG_SEX_DIGITS)
    if luhn_digit(value[2:8] + _VGR_LETTER_AS_DIGIT[letter] + value[9:11]) != int(value[11]):
        raise InvalidIdentifier(WRONG_CHECK_DIGIT)
    return Identifier(IdentityType.VGR_RESERV, value)


def _national_reserve(value: str, today: date) -> Identifier:
    """XXYYMMDDNNGC: XX 00 with figures outside the calendar for an unknown date of birth, 22–99 for a known one."""
    if value[:2] == "00":
        if not 20 <= int(value[4:6]) <= 99 or not 40 <= int(value[6:8]) <= 59:
            raise InvalidIdentifier(WRONG_NRID_START)
    elif int(value[:2]) < 22:
        raise InvalidIdentifier(WRONG_NRID_START)
    else:
        _require_past(_national_reserve_date(value), today)
    letters = value[8:10] if value[10].isdigit() else value[8:11]
    if not _NRID_LETTERS.issuperset(letters):
        raise InvalidIdentifier(NOT_VGR_FORMAT)
    if _national_reserve_digit(value[:11]) != int(value[11]):
        raise InvalidIdentifier(WRONG_CHECK_DIGIT)
    return Identifier(IdentityType.NRID, value)


def _national_reserve_date(value: str) -> date | None:
    if value[:2] == "00":
        return None
    century = (int(value[:2]) - 19) % 3 + 19
    return _date(f"{century}{value[2:6]}", int(value[6:8]))


def _national_reserve_digit(characters: str) -> int:
    """Weights 2, 1, 2 … for each character; a letter counts as its ASCII code, and the digit sum of each product is added."""
    total = 0
    for place, character in enumerate(characters):
        product = (int(character) if character.isdigit() else ord(character)) * (2 - place % 2)
        total += sum(int(digit) for digit in str(product))
    return -total % 10


def _date(year_and_month: str, day: int) -> date | None:
    try:
        return date(int(year_and_month[:4]), int(year_and_month[4:6]), day)
    except ValueError:
        return None


def _require_past(born: date | None, today: date) -> None:
    if born is None:
        raise InvalidIdentifier(NO_SUCH_DATE)
    if born > today:
        raise InvalidIdentifier(IN_THE_FUTURE)
