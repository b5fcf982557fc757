"""Check digits and the numbers of this field: order numbers, GS1 keys, organisation numbers, HSA-ids.

All of it is ASCII: digits of other scripts, full-width digits, line feeds and blanks are refused, never normalised.
`*_is_valid` answer False for anything that is wrong; functions that compute raise ValueError.
"""

import re

# Contract, section 3: what a number is about shows in its first letter.
NUMBER_PREFIXES = frozenset("KLUAHRFCP")
MAX_RUNNING = 99_999_999

_DIGITS = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"([A-Z])-([2-9][0-9]{3})-([0-9]{8})-([0-9])")
_PERSONAL_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{2})?[0-9]{6}[-+ ]?[0-9TFtf][0-9]{3}(?![0-9])")
_HSA_ID = re.compile(r"SE([0-9]{10})-[A-Z0-9]{1,18}")


def luhn_digit(digits: str) -> int:
    """The modulus 10 check digit over `digits`: weights 2, 1, 2 … from the right, products above 9 as their digit sum.

    Over the 9 digits of a personnummer the weights are the same from the left. Raises ValueError for anything but 0–9.
    """
    _require_digits(digits)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        product = int(digit) * (2 - place % 2)
        total += product - 9 if product > 9 else product
    return -total % 10


def luhn_is_valid(digits: str) -> bool:
    """True if the last digit is the check digit of those before it (at least one)."""
    return len(digits) >= 2 and _DIGITS.fullmatch(digits) is not None and luhn_digit(digits[:-1]) == int(digits[-1])


def order_number(prefix: str, year: int, running: int) -> str:
    """`("K", 2026, 123)` → `K-2026-00000123-3`. Raises ValueError for a prefix, year or running number that the contract does not know."""
    if prefix not in NUMBER_PREFIXES or not 2000 <= year <= 9999 or not 1 <= running <= MAX_RUNNING:
        raise ValueError("No such number series")
    return f"{prefix}-{year}-{running:08d}-{luhn_digit(f'{year}{running:08d}')}"


def number_is_valid(number: str) -> bool:
    """True for a number that `order_number` can have made."""
    match = _NUMBER.fullmatch(number)
    if match is None:
        return False
    prefix, year, running, check = match.groups()
    return prefix in NUMBER_PREFIXES and int(running) > 0 and luhn_digit(year + running) == int(check)


def prefix_of(number: str) -> str:
    """The letter of a valid number; an empty string for every other subject (`ARTICLES`, a store, a basis)."""
    return number[0] if number_is_valid(number) else ""


def gs1_digit(digits: str) -> int:
    """GS1's check digit for GLN and GTIN: weights 3, 1, 3 … from the right. Raises ValueError for anything but 0–9."""
    _require_digits(digits)
    return -sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits))) % 10


def gln_is_valid(gln: str) -> bool:
    """13 digits with a correct check digit."""
    return len(gln) == 13 and _gs1_key_is_valid(gln)


def gtin_is_valid(gtin: str) -> bool:
    """8, 12, 13 or 14 digits with a correct check digit."""
    return len(gtin) in {8, 12, 13, 14} and _gs1_key_is_valid(gtin)


def organisation_number_is_valid(number: str) -> bool:
    """10 digits without separator, the third at least 2 (so that it is no date), with a correct check digit."""
    return len(number) == 10 and luhn_is_valid(number) and number[2] >= "2"


def normalise_hsa_id(hsa_id: str) -> str:
    """The HSA-id in capitals, as it is stored and compared; ValueError if it is not one. Blanks around it are not removed."""
    # Capitals first only for ASCII: "ſ".upper() is "S" and would slip through.
    if not hsa_id.isascii():
        raise ValueError("Not an HSA-id")
    match = _HSA_ID.fullmatch(hsa_id.upper())
    if match is None or not organisation_number_is_valid(match[1]):
        raise ValueError("Not an HSA-id")
    return match[0]


def hsa_id_is_valid(hsa_id: str) -> bool:
    """`SE`, the catalogue owner's organisation number, `-` and 1–18 of A–Z, 0–9 in either case (at most 31 characters)."""
    try:
        normalise_hsa_id(hsa_id)
    except ValueError:
        return False
    return True


def _gs1_key_is_valid(key: str) -> bool:
    return _DIGITS.fullmatch(key) is not None and gs1_digit(key[:-1]) == int(key[-1])


def _require_digits(digits: str) -> None:
    if _DIGITS.fullmatch(digits) is None:
        raise ValueError("Only the digits 0-9 can have a check digit")


def without_personal_numbers(text: str) -> str:
    """The text with "nummer" for all that looks like a personnummer, or another number of a person, right or wrong."""
    return _PERSONAL_NUMBER.sub("nummer", text)
