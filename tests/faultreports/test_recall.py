"""Återkallelse: everybody who has a recalled aid is found, for those with the right to it, and nobody is looked at without a log row."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Assignment
from buffer.models import StockIndividual, StockLine, Store
from catalog.models import Article, Individual
from faultreports import recall
from patients.actions import record_individual_update
from patients.models import AccessLogEntry, Loan, Patient
from tests import factories
from tests.faultreports import told

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
URL = "/felrapporter/aterkallelse/"
WHY = "Tillverkarens meddelande 2026-14"
UDI = "(01)07350012345678(10)L7"


def page(response: Any) -> str:
    return str(response.content.decode())


def lend(by: Assignment, number: str = "", *, article: Article, **fields: Any) -> Loan:
    """To a new patient of the person's unit."""
    given = {"quantity": 1, "order_number": "K-2026-00000001-1", "source": f"test/{Loan.objects.count()}", "started_at": timezone.now()} | fields
    patient = factories.patient(by)
    return Loan.objects.create(patient=patient, provider=by.unit.provider, unit=by.unit, article=article, individual_number=number, **given)


@pytest.fixture
def article() -> Article:
    return factories.article("Duschstol Hög", sesam_number="118200", number="DS-77")


def search(client: Client, text: str) -> str:
    return page(client.post(URL, {"sok": text, "skal": WHY}, follow=True))


@pytest.mark.parametrize("text", ["40-1", "40-0", "SN-9", "sn-9", "L7", "l7", UDI, UDI[:12], "118200", "DS-77"])
def test_an_aid_is_found_by_each_of_its_numbers(text: str, article: Article, client_of: ClientOf) -> None:
    loan = lend(factories.alice(), "40-0", article=article, lot="L7", udi=UDI)
    Individual.objects.update_or_create(number="40-0", defaults={"article": article})
    record_individual_update("40-0", sequence=1, replaced_by="40-1", next_inspection=None, note="")
    Individual.objects.filter(number="40-1").update(serial_number="SN-9")
    other = lend(factories.alice(), article=factories.article("Rollator"), lot="L8", udi="(01)07350099999999")
    shown = search(client_of(told.handler()), text)
    assert loan.patient.identity.shown in shown
    assert other.patient.identity.shown not in shown


@pytest.mark.parametrize("text", ["L", "L77", UDI[:7], "40", "11820", "%", "_7"])
def test_a_part_of_a_number_finds_nobody(text: str, article: Article, client_of: ClientOf) -> None:
    loan = lend(factories.alice(), "40-0", article=article, lot="L7", udi=UDI)
    shown = search(client_of(told.handler()), text)
    assert loan.patient.identity.shown not in shown
    assert "Ingen patient har hjälpmedlet" in shown


def test_all_units_of_the_care_provider_are_found_and_of_others_only_how_many(article: Article, client_of: ClientOf) -> None:
    mine, neighbours = lend(factories.alice(), article=article), lend(factories.carol(), article=article)
    theirs = [lend(factories.dan(), article=article) for _ in range(2)]
    returned = lend(factories.alice(), article=article, ended_at=timezone.now())
    shown = search(client_of(told.handler()), "118200")
    for loan in (mine, neighbours):
        assert loan.patient.identity.shown in shown
        assert loan.unit.name in shown
    for loan in (*theirs, returned):
        assert loan.patient.identity.shown not in shown
    assert factories.dan().unit.name not in shown
    assert "Andra vårdgivare har 2 av hjälpmedlen" in shown
    # The way to a patient is open to the units that have opened the patient.
    assert mine.patient.get_absolute_url() in shown
    assert neighbours.patient.get_absolute_url() not in shown


def test_protected_persons_are_told_of_and_not_shown(article: Article, client_of: ClientOf) -> None:
    loan = lend(factories.alice(), article=article, lot="L7")
    Patient.objects.filter(pk=loan.patient_id).update(protection="MARKED", phone="", given_name="Hemliga", family_name="Hemligsson")
    client = client_of(told.handler())
    shown = search(client, "L7")
    assert "Personer med skyddade uppgifter har hjälpmedlet" in shown
    for secret in ("Hemlig", loan.patient.identity.shown):
        assert secret not in shown
        assert secret not in exported(client, "L7")
    hanna = told.handler()
    hanna.unit.may_see_protected = True
    hanna.unit.save()
    assert "Hemliga" in search(client_of(told.handler()), "L7")


def exported(client: Client, text: str) -> str:
    response = client.get(f"{URL}excel/", {"sok": text})
    return str([[cell.value for cell in row] for row in load_workbook(io.BytesIO(response.content)).active.iter_rows()])


def test_every_patient_that_is_shown_or_exported_is_logged_with_the_reason_and_the_unit(article: Article, client_of: ClientOf) -> None:
    mine, neighbours, theirs = (lend(by, article=article) for by in (factories.alice(), factories.carol(), factories.dan()))
    client = client_of(told.handler())
    before = set(AccessLogEntry.objects.values_list("pk", flat=True))
    search(client, "118200")
    assert mine.patient.identity.shown in exported(client, "118200")
    rows = AccessLogEntry.objects.exclude(pk__in=before)
    expected = {(action, loan.patient_id, loan.unit.hsa_id, WHY) for action in ("READ", "EXPORT") for loan in (mine, neighbours)}
    assert {(row.action, row.patient_id, row.owner_unit_hsa_id, row.reason) for row in rows} == expected
    assert len(rows) == 4
    assert theirs.patient_id not in {row.patient_id for row in rows}


def test_nothing_is_shown_without_a_reason_nor_with_that_of_another_search(article: Article, client_of: ClientOf) -> None:
    loan = lend(factories.alice(), article=article, lot="L7")
    client = client_of(told.handler())
    before = AccessLogEntry.objects.count()
    assert "Skriv varför du söker." in page(client.post(URL, {"sok": "L7", "skal": ""}))
    assert loan.patient.identity.shown not in page(client.get(URL, {"sok": "L7"}))
    assert client.get(f"{URL}excel/", {"sok": "L7"}).status_code == 302
    search(client, "L8")
    assert loan.patient.identity.shown not in page(client.get(URL, {"sok": "L7"}))
    assert client.get(f"{URL}excel/", {"sok": "L7"}).status_code == 302
    assert AccessLogEntry.objects.count() == before


def test_what_lies_in_the_stores_is_found_too(article: Article, client_of: ClientOf) -> None:
    for by, number in ((factories.alice(), "B-1"), (factories.carol(), "B-2"), (factories.dan(), "B-3")):
        store = Store.objects.create(number=number, unit=by.unit, name=f"Förråd {number}")
        line = StockLine.objects.create(store=store, article=article, on_hand=3)
        individual = Individual.objects.create(number=f"{number}-1", article=article, lot="L7", serial_number=f"SN-{number}")
        StockIndividual.objects.create(line=line, individual=individual, since=timezone.now())
    wanted = recall.understand("118200")
    found = [(place.line.store.number, place.number, place.quantity) for place in recall.stores(wanted, by=told.handler())]
    assert found == [("B-1", "B-1-1", 1), ("B-2", "B-2-1", 1), ("B-1", "", 2), ("B-2", "", 2)]
    assert [place.number for place in recall.stores(recall.understand("L7"), by=told.handler())] == ["B-1-1", "B-2-1"]
    assert [place.number for place in recall.stores(recall.understand("SN-B-2"), by=told.handler())] == ["B-2-1"]
    client = client_of(told.handler())
    assert "Förråd B-2" in search(client, "L7")
    assert "Förråd B-2" in exported(client, "L7")


def test_units_are_counted_with_their_aids_and_patients(article: Article) -> None:
    alice = factories.alice()
    first = lend(alice, article=article)
    Loan.objects.create(patient=first.patient, provider=first.provider, unit=first.unit, article=article, source="test/x", started_at=timezone.now())
    lend(factories.carol(), article=article)
    counted = recall.units(recall.understand("118200"), by=told.handler())
    assert {(unit["unit__name"], unit["aids"], unit["patients"]) for unit in counted} == {(alice.unit.name, 2, 1), (factories.carol().unit.name, 1, 1)}
