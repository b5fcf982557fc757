"""The demo's data names nobody who exists, and is whole: every reference leads somewhere, every number keeps its rule."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import phonenumbers
import pytest

from core.numbers import hsa_id_is_valid
from patients.identifiers import Identifier, IdentityType, birth_date, parse
from websesam.demo_data import (
    CUSTOMERS,
    DELIVERY_POINTS,
    NEWS,
    PATIENTS,
    PERSONAS,
    PRIVATE_PROVIDERS,
    PROVIDERS,
    TEST_NUMBERS,
    UNITS,
    VGR,
    VGR_PROVIDER,
    NotLoadable,
    require_loadable,
)

TODAY = date(2026, 11, 22)
DATA = Path(__file__).parent.parent / "data"
ROLES = {"PRESCRIBER", "ORDERER", "STORE_MANAGER", "INVOICE_READER", "DEVIATION_HANDLER", "UNIT_ADMIN", "LOG_REVIEWER", "APPROVER", "SUPPORT"}
# What PTS keeps for fiction, as E.164.
FICTIONAL = [range(46313900600, 46313900700), range(46701740605, 46701740700), range(46846500400, 46846500500)]
UNIT_IDS = {unit.hsa_id for unit in UNITS}
PROVIDER_IDS = {provider.hsa_id for provider in PROVIDERS}
# Reference, identifiers.md section 5.
CODES = """
1401 1402 1407 1415 1419 1421 1427 1430 1435 1438 1439 1440 1441 1442 1443 1444 1445 1446 1447 1452 1460 1461 1462 1463 1465 1466 1470 1471 1472 1473
1480 1481 1482 1484 1485 1486 1487 1488 1489 1490 1491 1492 1493 1494 1495 1496 1497 1498 1499
"""


def listed(name: str) -> set[str]:
    return {line for line in (DATA / name).read_text(encoding="ascii").splitlines() if not line.startswith("#")}


# --- Patients -------------------------------------------------------------------------------------


def test_every_test_number_stands_in_the_published_lists():
    assert TEST_NUMBERS[IdentityType.PERSONNUMMER] <= listed("test-personnummer.txt")
    assert TEST_NUMBERS[IdentityType.SAMORDNINGSNUMMER] <= listed("test-samordningsnummer.txt")
    assert TEST_NUMBERS[IdentityType.VGR_RESERV] <= {"19810829M071", "19450829K088", "19930829X802", "20210325K069"}
    assert TEST_NUMBERS[IdentityType.NRID] <= {"22790814AA01", "22950606FH20", "25780404KHD5", "00342145BZ31", "00749852BZK0", "98240301AA06"}
    assert set(TEST_NUMBERS) == set(IdentityType) - {IdentityType.LMA}


def test_there_are_sixty_patients_of_four_kinds_of_identity():
    assert len(PATIENTS) == 60
    assert Counter(patient.identifier.type for patient in PATIENTS) == {"PERSONNUMMER": 57, "SAMORDNINGSNUMMER": 1, "VGR_RESERV": 1, "NRID": 1}
    assert len({patient.identifier for patient in PATIENTS}) == 60


def test_every_patients_number_is_one_that_the_portal_accepts_and_the_guard_lets_through():
    for patient in PATIENTS:
        assert parse(patient.identifier.value, today=TODAY) == patient.identifier
        require_loadable(patient.identifier, environment="demo")
        require_loadable(patient.identifier, environment="test")


def test_patients_are_of_all_ages():
    born = [day.year for patient in PATIENTS if (day := birth_date(patient.identifier))]
    assert min(born) < 1930
    assert max(born) > 2020
    assert {year // 10 for year in born} == set(range(192, 203))


def test_an_address_has_a_door_code_or_none_and_a_postal_code_of_five_digits():
    reachable = [patient for patient in PATIENTS if patient.protection == "NONE"]
    for patient in reachable:
        assert patient.street
        assert patient.city
        assert re.fullmatch(r"[4-6][0-9]{4}", patient.postal_code)
        assert patient.contact_name
        assert patient.contact_phone
        assert patient.phone
    assert {bool(patient.door_code) for patient in reachable} == {True, False}
    assert sum(bool(patient.care_of) for patient in reachable) >= 3


def test_texts_fit_the_registers_columns():
    for patient in PATIENTS:
        assert max(map(len, (patient.given_name, patient.family_name, patient.care_of, patient.city))) <= 100
        assert len(patient.street) <= 200
        assert len(patient.door_code) <= 20


def test_a_protected_person_has_nothing_to_reach_the_person_by():
    protected = [patient for patient in PATIENTS if patient.protection != "NONE"]
    assert len(protected) == 1
    person = protected[0]
    assert person.protection == "MARKED"
    for value in (person.phone, person.street, person.postal_code, person.city, person.care_of, person.door_code, person.contact_name, person.contact_phone):
        assert value == ""


def test_some_patients_are_opened_by_units_of_several_providers_and_some_by_nobody():
    for patient in PATIENTS:
        assert set(patient.opened_by) <= UNIT_IDS
    provider_of = {unit.hsa_id: unit.provider_hsa_id for unit in UNITS}
    assert any(len({provider_of[unit] for unit in patient.opened_by}) > 1 for patient in PATIENTS)
    assert sum(not patient.opened_by for patient in PATIENTS) >= 5


# --- The guard ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "identifier",
    [
        # Listed by Skatteverket, but not among the demo's own: it has not been looked at here.
        Identifier(IdentityType.PERSONNUMMER, "189002089804"),
        # The right number under another type is another identity.
        Identifier(IdentityType.SAMORDNINGSNUMMER, "192004269235"),
        Identifier(IdentityType.LMA, "192004269235"),
        Identifier(IdentityType.LMA, "52-123456"),
        Identifier(IdentityType.PERSONNUMMER, "192004269236"),
        Identifier(IdentityType.VGR_RESERV, "19810829M072"),
        Identifier(IdentityType.PERSONNUMMER, ""),
    ],
)
def test_an_identity_that_is_no_known_test_number_is_not_loaded(identifier):
    with pytest.raises(NotLoadable) as caught:
        require_loadable(identifier, environment="demo")
    assert not identifier.value or identifier.value not in str(caught.value)


def test_no_test_person_is_loaded_in_production():
    for patient in PATIENTS:
        with pytest.raises(NotLoadable, match="production"):
            require_loadable(patient.identifier, environment="production")


# --- Providers, units, customers ------------------------------------------------------------------


def test_the_providers_are_the_region_its_49_municipalities_and_invented_companies():
    assert Counter(provider.kind for provider in PROVIDERS) == {"REGION": 1, "MUNICIPALITY": 49, "PRIVATE": 3}
    assert [provider.municipality_code for provider in PROVIDERS if provider.kind == "MUNICIPALITY"] == CODES.split()
    assert all(provider.municipality_code == "" for provider in PROVIDERS if provider.kind != "MUNICIPALITY")
    names = {provider.municipality_code: provider.name for provider in PROVIDERS}
    assert (names["1489"], names["1480"], names["1490"], names["1438"]) == ("Alingsås kommun", "Göteborgs Stad", "Borås Stad", "Dals-Eds kommun")


def test_every_hsa_id_is_valid_in_capitals_and_unique():
    hsa_ids = [owner.hsa_id for group in (PROVIDERS, UNITS, PERSONAS) for owner in group]
    assert all(hsa_id_is_valid(hsa_id) and hsa_id == hsa_id.upper() for hsa_id in hsa_ids)
    assert len(set(hsa_ids)) == len(hsa_ids)


def test_only_vgr_has_a_real_organisation_number():
    for group in (PROVIDERS, UNITS, PERSONAS):
        for owner in group:
            assert owner.hsa_id.startswith((f"{VGR}-", "SE9999"))
    assert VGR_PROVIDER.startswith("SE2321000131-")
    assert all(hsa_id.startswith("SE99991000") for hsa_id in PRIVATE_PROVIDERS)


def test_every_provider_has_a_unit_and_every_unit_a_provider_with_its_prefix():
    assert {unit.provider_hsa_id for unit in UNITS} == PROVIDER_IDS
    for unit in UNITS:
        assert unit.hsa_id.partition("-")[0] == unit.provider_hsa_id.partition("-")[0]
        assert re.fullmatch(r"[4-6][0-9]{4}", unit.postal_code)
        assert unit.street
        assert unit.city
    assert any(unit.is_hospital for unit in UNITS)
    assert len({unit.name for unit in UNITS}) == len(UNITS)


def test_every_unit_has_one_standard_customer():
    assert Counter(customer.unit_hsa_id for customer in CUSTOMERS if customer.is_standard) == Counter(UNIT_IDS)
    assert {customer.unit_hsa_id for customer in CUSTOMERS} == UNIT_IDS
    assert any(not customer.is_standard for customer in CUSTOMERS)


def test_customer_numbers_are_six_digits_from_60_and_payers_have_one_name_each():
    assert all(re.fullmatch(r"60[0-9]{4}", customer.number) for customer in CUSTOMERS)
    assert len({customer.number for customer in CUSTOMERS}) == len(CUSTOMERS)
    payers = {(customer.payer_number, customer.payer_name) for customer in CUSTOMERS}
    assert len(payers) == len({number for number, _ in payers}) == len({name for _, name in payers})


def test_delivery_points_belong_to_providers_of_every_kind():
    kind_of = {provider.hsa_id: provider.kind for provider in PROVIDERS}
    assert {kind_of[point.provider_hsa_id] for point in DELIVERY_POINTS} == {"REGION", "MUNICIPALITY", "PRIVATE"}
    assert len({point.number for point in DELIVERY_POINTS}) == len(DELIVERY_POINTS)
    assert all(re.fullmatch(r"[4-6][0-9]{4}", point.postal_code) for point in DELIVERY_POINTS)


# --- Personas -------------------------------------------------------------------------------------


def test_the_personas_cover_every_role():
    assert {role for persona in PERSONAS for _, role in persona.assignments} == ROLES


def test_personas_work_at_units_that_exist_and_one_at_two():
    for persona in PERSONAS:
        assert {unit for unit, _ in persona.assignments} <= UNIT_IDS
        assert persona.title
    assert [len({unit for unit, _ in persona.assignments}) for persona in PERSONAS].count(2) == 1


def test_prescribers_are_at_the_region_at_a_municipality_and_at_a_company():
    kind_of = {provider.hsa_id: provider.kind for provider in PROVIDERS}
    provider_of = {unit.hsa_id: unit.provider_hsa_id for unit in UNITS}
    kinds = {kind_of[provider_of[unit]] for persona in PERSONAS for unit, role in persona.assignments if role == "PRESCRIBER"}
    assert kinds == {"REGION", "MUNICIPALITY", "PRIVATE"}


def test_mail_goes_nowhere():
    assert all(re.fullmatch(r"[a-z.-]+@example\.se", persona.email) for persona in PERSONAS)
    assert len({persona.email for persona in PERSONAS}) == len(PERSONAS)


def test_every_telephone_number_is_kept_for_fiction_and_stands_once():
    numbers = [owner.phone for group in (UNITS, PERSONAS, PATIENTS) for owner in group if owner.phone]
    numbers += [patient.contact_phone for patient in PATIENTS if patient.contact_phone]
    digits = [int(phonenumbers.format_number(phonenumbers.parse(number, "SE"), phonenumbers.PhoneNumberFormat.E164)[1:]) for number in numbers]
    assert all(any(digit in series for series in FICTIONAL) for digit in digits)
    assert len(set(digits)) == len(digits)


def test_there_are_three_news_items_that_fit():
    assert len(NEWS) == 3
    assert all(0 < len(title) <= 200 and text for title, text in NEWS)
