"""What people type in the field for a patient's number: every published vector leads on, everything hostile is refused in Swedish, at the field.

Through the form and the page, as it is typed; the rules themselves are tested in test_identifiers.py.
"""

from typing import Any

import pytest

from core.numbers import luhn_digit
from patients.identifiers import IdentityType
from patients.models import AccessLogEntry, Patient, PatientIdentity
from tests import factories
from tests.patients.test_identifiers import GOOD, HOSTILE, NRID_EXAMPLES, PERSONNUMMER, SAMORDNINGSNUMMER, VGR_EXAMPLES

pytestmark = pytest.mark.django_db
REGISTER = "/patienter/registrera/"
LMA = ["LMA 52-123456", "lma52-123456", "LMA: 52-123456", " LMA-52-123456 "]
VECTORS = [
    *((number, IdentityType.PERSONNUMMER) for number in [*PERSONNUMMER[:20], *PERSONNUMMER[-20:]]),
    *((number, IdentityType.SAMORDNINGSNUMMER) for number in SAMORDNINGSNUMMER),
    *((number, IdentityType.VGR_RESERV) for number in VGR_EXAMPLES),
    *((number, IdentityType.NRID) for number in NRID_EXAMPLES),
    *((number, IdentityType.LMA) for number in LMA),
]
# What the rules never see, since the field or the page is in the way; what looks like another kind of number; what tries to be something else.
MORE = [
    "LMA",
    "LMA ",
    "LMA-",
    "LMA " + "1" * 36,
    "LMA 52 123456",
    "LMA 52_123456",
    "LMA <b>1</b>",
    "LMA ٥٢",
    "LМA 52-123456",  # a Cyrillic M
    "1; SELECT 1",
    "191212121212' --",
    "%00",
    "{{ 7 * 7 }}",
    "../../etc/passwd",
    "\ud800",
    "𝟐𝟎𝟐𝟑𝟏𝟏𝟏𝟏𝟐𝟑𝟖𝟑",
    "20231111-238З",  # a Cyrillic Ze
    "2023-11-11-2383",
    "20231111–2383",
    "SE2321000131-E0001",
    "070-174 06 05",
    "12345678901",  # Norway, Denmark and Finland write otherwise
    "010190-1234",
    "010190-123A",
    "NaN",
    "1e11",
    "0x1234567890",
    "+46701740605",
    "null",
    "True",
]
# Pasted with a line end or a tab around it, or in a form that Unicode says is the same (the Kelvin sign is K): the field tidies that.
TIDIED = [GOOD + "\n", "\n" + GOOD, GOOD + "\r\n", GOOD + "\t", "19450829\u212a088"]
# What the rules are told to take for tomorrow is some day of the past where the clock goes on.
_OF_A_DAY = {"202611232383", "202611832383"}
REFUSED = [text for _, text, _ in HOSTILE if text not in {*TIDIED, *_OF_A_DAY}] + MORE


@pytest.fixture
def browser(client_of: Any) -> Any:
    return client_of(factories.alice())


@pytest.mark.parametrize(("typed", "kind"), VECTORS)
def test_every_published_number_leads_on_and_is_shown_with_its_kind(typed: str, kind: IdentityType, browser: Any) -> None:
    assert browser.post("/patienter/", {"number": typed}).url == REGISTER
    page = browser.get(REGISTER)
    label = PatientIdentity._meta.get_field("type").choices
    assert (page.context["kind"].lower(), page.context["kind"][0].isupper()) == (dict(label)[kind].lower(), True)
    assert page.context["number"] in page.content.decode()
    assert ("valid_until" in page.context["form"].fields) == (kind == IdentityType.LMA)


def test_there_are_enough_hostile_inputs() -> None:
    assert len(set(REFUSED)) > 120


@pytest.mark.parametrize("typed", REFUSED, ids=range(len(REFUSED)))
def test_what_is_hostile_is_refused_at_the_field_and_stays_typed(typed: str, browser: Any) -> None:
    logged = AccessLogEntry.objects.count()
    response = browser.post("/patienter/", {"number": typed.encode("utf-8", "surrogatepass").decode("utf-8", "replace")})
    assert response.status_code == 200
    [text] = response.context["form"].errors["number"]
    assert text[0].isupper()
    assert text.rstrip().endswith(".")
    page = response.content.decode()
    assert 'aria-invalid="true"' in page
    assert 'href="#id_number"' in page
    assert "<b>1</b>" not in page
    assert "49" not in text
    assert not Patient.objects.exists()
    assert AccessLogEntry.objects.count() == logged
    assert browser.get(REGISTER).status_code == 404


@pytest.mark.parametrize("typed", TIDIED)
def test_what_a_paste_adds_around_a_number_does_not_matter(typed: str, browser: Any) -> None:
    assert browser.post("/patienter/", {"number": typed}).url == REGISTER


def test_tomorrow_is_refused(browser: Any) -> None:
    tomorrow = factories.days_from_now(1)
    start = f"{tomorrow:%Y%m}{tomorrow.day + 60}239"
    response = browser.post("/patienter/", {"number": start + str(luhn_digit(start[2:]))})
    assert response.context["form"].errors["number"] == ["Datumet i numret ligger i framtiden. Kontrollera år, månad och dag."]


@pytest.mark.parametrize("typed", ["52-123456", " 52123456 "])
def test_what_looks_like_an_lma_number_is_told_how_to_be_written(typed: str, browser: Any) -> None:
    [text] = browser.post("/patienter/", {"number": typed}).context["form"].errors["number"]
    assert text.endswith(f"Är det ett LMA-nummer? Skriv LMA {typed.strip()}.")


@pytest.mark.parametrize("url", ["/patienter/", "/bestallningar/"])
@pytest.mark.parametrize("typed", [GOOD, f"{GOOD[:8]}-{GOOD[8:]}", f"{GOOD[:8]}+{GOOD[8:]}", f" {GOOD[:8]} {GOOD[8:]} "])
def test_one_person_is_found_however_the_number_is_written(typed: str, url: str, browser: Any) -> None:
    patient = factories.patient(number=GOOD)
    assert str(patient.public_id) in browser.post(url, {"number": typed}).url


def test_an_lma_number_finds_its_patient(browser: Any) -> None:
    patient = factories.lma_patient(number="52-123456")
    for typed in LMA:
        assert browser.post("/patienter/", {"number": typed}).url == patient.get_absolute_url()
    page = browser.get(patient.get_absolute_url()).content.decode()
    assert "LMA-nummer" in page
    assert "52-123456" in page


ADDRESS = {"street": "Storgatan 1", "postal_code": "441 30", "city": "Alingsås", "has_no_door_code": "on"}
WHO = {"given_name": "Elva", "family_name": "Elvansson", "phone": "070-174 06 05"} | ADDRESS


@pytest.mark.parametrize("typed", ["LMA 52-123456", "19810829M071", "22790814AA01"])
def test_who_is_in_no_population_register_must_be_reachable(typed: str, browser: Any) -> None:
    browser.post("/patienter/", {"number": typed})
    more = {"valid_until": factories.days_from_now(30).isoformat()} if "LMA" in typed else {}
    refused = browser.post(REGISTER, WHO | more | {"phone": ""})
    assert list(refused.context["form"].errors) == ["phone"]
    assert not Patient.objects.exists()
    reachable = {"contact_name": "Boendejouren", "contact_phone": "070-174 06 07"}
    assert browser.post(REGISTER, WHO | more | {"phone": ""} | reachable).status_code == 302
    assert PatientIdentity.objects.get().value == typed.removeprefix("LMA ")


@pytest.mark.parametrize("day", ["", "2020-01-01", "i morgon", "2031-02-30", "2099-01-01"])
def test_an_lma_card_must_have_a_day_that_holds(day: str, browser: Any) -> None:
    browser.post("/patienter/", {"number": "LMA 52-123456"})
    response = browser.post(REGISTER, WHO | {"valid_until": day})
    assert list(response.context["form"].errors) == ["valid_until"]
    assert not Patient.objects.exists()


def test_an_lma_number_is_registered_and_asked_for_again_leads_to_the_patient(browser: Any) -> None:
    browser.post("/patienter/", {"number": "LMA 52-123456"})
    token = browser.get(REGISTER).context["token"]
    form = WHO | {"valid_until": factories.days_from_now(30).isoformat(), "token": token}
    first, second = browser.post(REGISTER, form), browser.post(REGISTER, form)
    assert first.url == second.url == Patient.objects.get().get_absolute_url()
    assert Patient.objects.get().identity.valid_until == factories.days_from_now(30)
