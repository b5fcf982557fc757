"""Individkort: who may see it, what it tells, and byte av individnummer as SESAM2 tells of it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import individuals
from catalog.models import Individual, IndividualHistory
from integration import contract, inbox
from integration.models import IncomingMessage
from integration.tasks import process_waiting
from patients import actions
from patients.models import AccessLogEntry, Loan, Patient, PatientHistory
from tests import factories
from tests.sesam2 import incoming

pytestmark = pytest.mark.django_db
CARD = "/individer/40-1/"


def tell(number: str, sequence: int = 1, **body: Any) -> str:
    """SESAM2 sends IndividualUpdated; the state in which the message ends."""
    message_id, raw = incoming("IndividualUpdated", number, {"individualNumber": number, **body}, sequence=sequence)
    inbox.receive(raw, message_id=message_id)
    process_waiting()
    return IncomingMessage.objects.get(pk=message_id).state


@pytest.fixture
def loan() -> Loan:
    return factories.loan(factories.order(), "40-1")


# --- Who may see what --------------------------------------------------------------------------------


def test_the_care_provider_that_has_or_had_the_aid_sees_its_card_and_others_do_not(loan: Loan, client_of: Any) -> None:
    for who, status in ((factories.alice(), 200), (factories.carol(), 200), (factories.dan(), 404)):
        assert client_of(who).get(CARD).status_code == status
    actions.end_loan(loan, ended_at=timezone.now())
    assert client_of(factories.carol()).get(CARD).status_code == 200
    assert client_of(factories.alice()).get("/individer/40-2/").status_code == 404


def test_the_patient_is_named_only_to_a_unit_that_has_opened_the_patient_and_that_is_logged(loan: Loan, client_of: Any) -> None:
    logged = AccessLogEntry.objects.count()
    text = client_of(factories.carol()).get(CARD).content.decode()
    assert "En patient som din enhet inte har öppnat" in text
    for secret in ["Tolvan", str(loan.patient.public_id), loan.patient.identity.value]:
        assert secret not in text
    assert AccessLogEntry.objects.count() == logged
    assert "Tolvan Tolvansson" in client_of(factories.alice()).get(CARD).content.decode()
    row = AccessLogEntry.objects.latest("at")
    assert (row.activity, row.resource_type, row.resource_id, row.patient) == ("Visa individkort", "Individkort", "40-1", loan.patient)


def test_a_former_patient_and_a_protected_one_are_not_named(loan: Loan, client_of: Any) -> None:
    browser = client_of(factories.alice())
    Patient.objects.update(phone="", protection="MARKED")
    assert "Tolvan" not in browser.get(CARD).content.decode()
    Patient.objects.update(protection="NONE")
    actions.end_loan(loan, ended_at=timezone.now())
    text = browser.get(CARD).content.decode()
    assert "Tidigare patient" in text
    assert "Tolvan" not in text


def test_a_number_is_searched_for(loan: Loan, client_of: Any) -> None:
    browser = client_of(factories.alice())
    assert browser.get("/individer/").status_code == 200
    assert browser.get("/individer/", {"nummer": " 40-1 "}).url == CARD
    for wrong in ["", "40-2", "x" * 101, "40\x001", "<b>"]:
        response = browser.get("/individer/", {"nummer": wrong})
        assert list(response.context["form"].errors) == ["nummer"]
        assert "<b>" not in response.content.decode()
    assert list(client_of(factories.dan()).get("/individer/", {"nummer": "40-1"}).context["form"].errors) == ["nummer"]


def test_a_number_with_odd_characters_has_a_card_too(client_of: Any) -> None:
    factories.loan(factories.order(), "A/1 å?#%")
    browser = client_of(factories.alice())
    found = browser.get("/individer/", {"nummer": "A/1 å?#%"})
    assert browser.get(found.url).status_code == 200


def test_the_card_shows_the_components_in_their_tree_at_a_constant_number_of_queries(loan: Loan, client_of: Any) -> None:
    order = factories.order(to=loan.patient)
    for place in range(12):
        factories.loan(order, f"K-{place:02}")
    browser = client_of(factories.alice())
    individuals.mount("K-00", on="40-1")
    individuals.mount("K-01", on="K-00")
    browser.get(CARD)
    with CaptureQueriesContext(connection) as few:
        page = browser.get(CARD)
    assert [(part.individual.number, part.depth) for part in page.context["components"]] == [("K-00", 1), ("K-01", 2)]
    for place in range(2, 12):
        individuals.mount(f"K-{place:02}", on="40-1")
    with CaptureQueriesContext(connection) as many:
        page = browser.get(CARD)
    assert len(page.context["components"]) == 12
    assert len(few) == len(many)
    assert "Sitter på" in browser.get("/individer/K-00/").content.decode()


# --- Byte av individnummer ---------------------------------------------------------------------------


def test_the_loan_goes_on_under_the_new_number_and_the_old_one_knows_it(loan: Loan, client_of: Any) -> None:
    day = factories.days_from_now(400)
    assert tell("40-1", replacedBy="41-1", nextInspection=day.isoformat(), note="Utbytt.") == "DONE"
    loan.refresh_from_db()
    assert (loan.individual_number, loan.earlier_numbers, loan.ended_at) == ("41-1", ["40-1"], None)
    old, new = Individual.objects.get(number="40-1"), Individual.objects.get(number="41-1")
    assert (old.replaced_by, new.earlier_numbers, new.article, new.next_inspection_on, old.next_inspection_on) == (new, ["40-1"], loan.article, day, None)
    row = PatientHistory.objects.get()
    assert (row.event, row.provider, row.details) == ("INDIVIDUAL_CHANGED", loan.provider, {"loan": loan.pk, "old": "40-1", "new": "41-1"})
    browser = client_of(factories.alice())
    was, now = browser.get(CARD).content.decode(), browser.get("/individer/41-1/").content.decode()
    assert "Individnumret är bytt" in was
    assert "/individer/41-1/" in was
    assert "Tidigare nummer" in now
    assert "Tolvan Tolvansson" in now


def test_the_same_message_and_an_older_one_change_nothing(loan: Loan) -> None:
    tell("40-1", sequence=3, replacedBy="41-1", nextInspection="2027-05-01")
    tell("40-1", sequence=2, replacedBy="42-1", nextInspection="2027-01-01")
    tell("40-1", sequence=3, replacedBy="43-1")
    loan.refresh_from_db()
    assert (loan.individual_number, loan.earlier_numbers) == ("41-1", ["40-1"])
    assert Individual.objects.get(number="41-1").next_inspection_on.isoformat() == "2027-05-01"
    assert IndividualHistory.objects.filter(event="REPLACED").count() == 1


def test_a_later_message_corrects_what_replaced_the_aid(loan: Loan) -> None:
    tell("40-1", sequence=1, replacedBy="41-1")
    tell("40-1", sequence=2, replacedBy="42-1")
    loan.refresh_from_db()
    assert (loan.individual_number, loan.earlier_numbers) == ("42-1", ["40-1"])
    assert Individual.objects.get(number="41-1").earlier_numbers == []
    assert individuals.current_numbers(["40-1", "41-1"]) == {"40-1": "42-1"}


def test_numbers_follow_each_other_in_any_order_of_arrival(loan: Loan) -> None:
    tell("41-1", replacedBy="42-1")
    tell("40-1", replacedBy="41-1")
    loan.refresh_from_db()
    assert loan.individual_number == "42-1"
    assert Individual.objects.get(number="42-1").earlier_numbers == ["40-1", "41-1"]


def test_an_aid_that_is_not_known_yet_is_never_unknown_and_its_loan_begins_under_the_new_number() -> None:
    assert tell("40-7", replacedBy="41-7", nextInspection="2027-05-01") == "DONE"
    order = factories.order()
    made = factories.loan(order, "40-7")
    assert (made.individual_number, made.earlier_numbers) == ("41-7", ["40-7"])
    assert Individual.objects.get(number="40-7").article == made.article


def test_a_delivery_that_is_told_again_does_not_bring_the_old_number_back(loan: Loan) -> None:
    tell("40-1", replacedBy="41-1")
    aid = actions.DeliveredAid(loan.article, "40-1")
    told = {"patient": loan.patient, "ordered_by": factories.alice(), "order_number": loan.order_number, "source": loan.source, "started_at": loan.started_at}
    actions.set_loans(**told, aids=[aid])
    assert [(row.individual_number, row.ended_at) for row in Loan.objects.all()] == [("41-1", None)]


def test_a_loan_that_has_ended_keeps_its_number(loan: Loan) -> None:
    actions.end_loan(loan, ended_at=timezone.now())
    tell("40-1", replacedBy="41-1")
    loan.refresh_from_db()
    assert (loan.individual_number, loan.earlier_numbers) == ("40-1", [])


@pytest.mark.parametrize(("first", "second"), [(("40-1", "40-1"), None), (("40-1", "41-1"), ("41-1", "40-1"))])
def test_an_aid_that_would_replace_what_replaced_it_is_parked_and_changes_nothing(first: tuple[str, str], second: Any, loan: Loan) -> None:
    if second is not None:
        assert tell(first[0], replacedBy=first[1]) == "DONE"
    before = list(Loan.objects.values())
    number, by = second or first
    assert tell(number, sequence=2, replacedBy=by) == "PARKED"
    assert list(Loan.objects.values()) == before


def test_components_stay_on_the_aid_that_replaced_theirs(loan: Loan) -> None:
    factories.loan(factories.order(to=loan.patient), "K-1")
    individuals.mount("K-1", on="40-1")
    tell("40-1", replacedBy="41-1")
    assert Individual.objects.get(number="K-1").parent.number == "41-1"
    with pytest.raises(individuals.GoesInCircles):
        individuals.mount("41-1", on="K-1")
    individuals.mark("40-1", is_lost=True)  # by a number that it had
    assert Individual.objects.get(number="41-1").marks == [("Saknas", "danger")]
    with pytest.raises(individuals.NoSuchIndividual):
        individuals.mark("99-9", is_lost=True)
    with pytest.raises(TypeError):
        individuals.mark("40-1", is_red=True)


def test_the_contracts_example_is_taken() -> None:
    body = contract.IndividualUpdated(individual_number="I1045017", replaced_by="I2045017", note="Ny märkning.")
    assert tell("I1045017", **body.model_dump(mode="json", by_alias=True, exclude={"individual_number"})) == "DONE"
    assert Individual.objects.get(number="I1045017").replaced_by.number == "I2045017"
