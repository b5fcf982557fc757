"""The pages about who a patient is: what they refuse, what they keep of what was typed, and what they lead to."""

from typing import Any

import pytest

from accounts.models import Customer
from accounts.roles import Role
from integration.models import OutgoingMessage
from patients import actions
from patients.identifiers import Identifier, IdentityType
from patients.models import Contact, Patient, PatientHistory, PatientIdentity, PayerResponsibility
from tests import factories
from tests.patients.test_identities import FULL, PERSONNUMMER, RESERVE, SAMORDNING, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client_of: Any) -> Any:
    """The unit's administrator."""
    return client_of(factories.assignment("Berit Borg", Role.UNIT_ADMIN, at=factories.unit()))


@pytest.fixture
def browser(client_of: Any) -> Any:
    return client_of(factories.alice())


def url(patient: Patient, rest: str) -> str:
    return f"/patienter/{patient.public_id}/{rest}"


def refused(response: Any, *fields: str) -> str:
    """A form that came back with errors at these fields, and nothing sent."""
    assert response.status_code == 200
    assert set(response.context["form"].errors) == set(fields)
    page = response.content.decode()
    assert "<title>Fel: " in page
    assert not PatientHistory.objects.exists()
    assert not OutgoingMessage.objects.exists()
    return str(page)


# --- Another number ----------------------------------------------------------------------------------


def test_a_reserve_number_is_changed_for_a_personnummer_and_back(browser: Any) -> None:
    patient = registered()
    done = browser.post(url(patient, "nummer/"), {"number": PERSONNUMMER, "reason": "Har fått personnummer"}, follow=True)
    page = done.content.decode()
    assert done.redirect_chain[-1][0] == url(patient, "")
    for shown in [
        "Numret är bytt",
        f"{PERSONNUMMER[:8]}-{PERSONNUMMER[8:]}",
        "Tidigare VGR-reservnummer",
        RESERVE.value,
        "Nytt nummer",
        "Har fått personnummer",
    ]:
        assert shown in page
    row = PatientHistory.objects.get()
    assert url(patient, f"andringar/{row.pk}/angra/") in page
    question = browser.get(url(patient, f"andringar/{row.pk}/angra/"))
    assert RESERVE.value in question.content.decode()
    assert list(browser.post(url(patient, f"andringar/{row.pk}/angra/"), {"reason": ""}).context["form"].errors) == ["reason"]
    undone = browser.post(url(patient, f"andringar/{row.pk}/angra/"), {"reason": "Fel person"}, follow=True)
    assert "Ändringen är ångrad" in undone.content.decode()
    assert PatientIdentity.objects.get(is_current=True).value == RESERVE.value
    again = browser.post(url(patient, f"andringar/{row.pk}/angra/"), {"reason": "Fel person"})
    assert (again.status_code, "Någon hann före" in again.content.decode()) == (409, True)


def test_the_form_sent_twice_says_that_it_is_done(browser: Any) -> None:
    patient = registered()
    for _ in range(2):
        assert browser.post(url(patient, "nummer/"), {"number": PERSONNUMMER, "reason": "Ja"}).url == url(patient, "")
    assert PatientHistory.objects.count() == OutgoingMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({}, {"number", "reason"}),
        ({"number": PERSONNUMMER}, {"reason"}),
        ({"number": PERSONNUMMER, "reason": "   "}, {"reason"}),
        ({"number": PERSONNUMMER, "reason": "x" * 501}, {"reason"}),
        ({"number": PERSONNUMMER, "reason": "a\x00b"}, {"reason"}),
        ({"number": PERSONNUMMER[:-1] + str((int(PERSONNUMMER[-1]) + 1) % 10), "reason": "Ja"}, {"number"}),
        ({"number": "LMA 52-123456", "reason": "Ja"}, {"valid_until"}),
        ({"number": PERSONNUMMER, "reason": "Ja", "valid_until": "2031-01-01"}, {"valid_until"}),
        ({"number": PERSONNUMMER, "reason": "Ja", "valid_until": "snart"}, {"valid_until"}),
    ],
)
def test_a_change_that_is_filled_in_wrong_changes_nothing(data: dict[str, str], fields: set[str], browser: Any) -> None:
    patient = registered()
    page = refused(browser.post(url(patient, "nummer/"), {"number": "", "reason": ""} | data), *fields)
    if data.get("reason") == "Ja":
        assert "Ja" in page
    assert PatientIdentity.objects.get().value == RESERVE.value


def test_a_weaker_number_and_another_persons_are_refused_at_the_field(browser: Any, admin: Any) -> None:
    patient, other = registered(FULL), registered(SAMORDNING)
    page = refused(browser.post(url(patient, "nummer/"), {"number": RESERVE.value, "reason": "Ja"}), "number")
    assert "Patienten har redan personnummer" in page
    page = refused(browser.post(url(other, "nummer/"), {"number": PERSONNUMMER, "reason": "Ja"}), "number")
    assert "be enhetsadministratören" in page
    page = refused(admin.post(url(other, "nummer/"), {"number": PERSONNUMMER, "reason": "Ja"}), "number")
    assert "slå ihop registreringarna i stället" in page


def test_an_expired_lma_card_is_told_of_and_prolonged(browser: Any) -> None:
    patient = factories.lma_patient(days=-1)
    assert "LMA-kortet har gått ut" in browser.get(url(patient, "")).content.decode()
    assert list(browser.post(url(patient, "lma-kort/"), {"valid_until": "2020-01-01"}).context["form"].errors) == ["valid_until"]
    page = browser.post(url(patient, "lma-kort/"), {"valid_until": factories.days_from_now(30).isoformat()}, follow=True).content.decode()
    assert "Det nya datumet är sparat" in page
    assert "LMA-kortet har gått ut" not in page
    assert browser.get(url(registered(), "lma-kort/")).status_code == 404


# --- Two records of one person -----------------------------------------------------------------------


def test_two_records_are_compared_merged_and_parted(admin: Any, browser: Any) -> None:
    reserve, full = registered(), factories.patient(number=PERSONNUMMER)
    step = admin.post(url(reserve, "sla-ihop/"), {"number": PERSONNUMMER})
    assert step.url == url(reserve, f"sla-ihop/{full.public_id}/")
    assert PERSONNUMMER not in step.url
    page = admin.get(step.url)
    text = page.content.decode()
    for shown in ["Okänd Testsson", "Tolvan Tolvansson", RESERVE.value, f"{PERSONNUMMER[:8]}-{PERSONNUMMER[8:]}", "Elsa Tolvansson"]:
        assert shown in text
    assert page.context["form"].initial["keep"] == "other"  # the personnummer
    wrong = admin.post(step.url, {"keep": "this", "reason": "Samma", "confirmed": "on"})
    assert "personnummer går före VGR-reservnummer" in refused(wrong, "keep")
    refused(admin.post(step.url, {"keep": "nobody"}), "keep", "reason", "confirmed")
    done = admin.post(step.url, {"keep": "other", "reason": "Samma person", "confirmed": "on"}, follow=True)
    assert done.redirect_chain[-1][0] == url(full, "")
    assert "De två registreringarna är nu en" in done.content.decode()
    # The old address and the old number lead to the one that is left; sending again says that it is done.
    assert browser.get(url(reserve, "")).url == url(full, "")
    assert browser.post("/patienter/", {"number": RESERVE.value}).url == url(full, "")
    assert admin.post(step.url, {"keep": "other", "reason": "Samma person", "confirmed": "on"}).url == url(full, "")
    row = PatientHistory.objects.get()
    undo = url(full, f"andringar/{row.pk}/angra/")
    assert undo not in browser.get(url(full, "")).content.decode()
    assert browser.get(undo).status_code == 404  # who may not merge may not part either
    assert undo in admin.get(url(full, "")).content.decode()
    assert admin.post(undo, {"reason": "Två personer"}).url == url(full, "")
    assert admin.get(url(reserve, "")).status_code == 200


def test_only_records_that_the_unit_has_opened_are_merged(admin: Any) -> None:
    mine, elsewhere = registered(), factories.patient(factories.dan(), number=PERSONNUMMER)
    for number in (PERSONNUMMER, factories.test_numbers()[1]):
        page = refused(admin.post(url(mine, "sla-ihop/"), {"number": number}), "number")
        assert "har inte öppnat någon patient med det numret" in page
        assert "Tolvan" not in page
    assert admin.get(url(mine, f"sla-ihop/{elsewhere.public_id}/")).status_code == 404
    refused(admin.post(url(mine, "sla-ihop/"), {"number": RESERVE.value}), "number")


def test_a_protected_record_is_merged_by_nobody_who_may_not_see_it(admin: Any) -> None:
    mine, hidden = registered(), factories.patient(number=PERSONNUMMER, given_name="Hemliga")
    Patient.objects.filter(pk=hidden.pk).update(phone="", protection="MARKED")
    assert "Hemliga" not in refused(admin.post(url(mine, "sla-ihop/"), {"number": PERSONNUMMER}), "number")
    response = admin.post(url(mine, f"sla-ihop/{hidden.public_id}/"), {"keep": "other", "reason": "Samma", "confirmed": "on"})
    assert response.status_code == 404
    assert not PatientHistory.objects.exists()


# --- Who pays ----------------------------------------------------------------------------------------


def test_the_payer_is_changed_with_a_reason_and_shown_with_its_history(admin: Any, browser: Any) -> None:
    patient = registered()
    customer = Customer.objects.create(unit=factories.dan().unit, number="600201", name="Kommunen", payer_number="701489", payer_name="Alingsås kommun")
    data = {"customer": "600201", "base_code": "k1489", "starts_on": factories.days_from_now(0).isoformat(), "reason": "Flyttat till boende"}
    page = admin.post(url(patient, "betalare/"), data, follow=True).content.decode()
    for shown in ["Alingsås kommun betalar från och med", "600201", "K1489", "Flyttat till boende", "Ny betalare"]:
        assert shown in page
    assert PayerResponsibility.objects.get().customer == customer
    assert "Inget är ändrat" in admin.post(url(patient, "betalare/"), data, follow=True).content.decode()
    assert "Alingsås kommun" in browser.get(url(patient, "")).content.decode()
    assert browser.get(url(patient, "betalare/")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"customer": ""}, {"customer"}),
        ({"customer": "999999"}, {"customer"}),
        ({"customer": "' OR 1=1 --"}, {"customer"}),
        ({"starts_on": ""}, {"starts_on"}),
        ({"starts_on": "1999-01-01"}, {"starts_on"}),
        ({"starts_on": "2099-01-01"}, {"starts_on"}),
        ({"starts_on": "31/2"}, {"starts_on"}),
        ({"reason": ""}, {"reason"}),
        ({"base_code": "<b>"}, {"base_code"}),
        ({"base_code": "x" * 11}, {"base_code"}),
    ],
)
def test_a_payer_that_is_filled_in_wrong_changes_nothing(changes: dict[str, str], fields: set[str], admin: Any) -> None:
    patient = registered()
    data = {"customer": factories.unit().customers.get().number, "starts_on": factories.days_from_now(0).isoformat(), "reason": "Flyttat"} | changes
    page = refused(admin.post(url(patient, "betalare/"), data), *fields)
    assert "<b>" not in page
    assert not PayerResponsibility.objects.exists()


# --- Contact persons ---------------------------------------------------------------------------------


def test_contact_persons_are_added_changed_and_ended(browser: Any) -> None:
    patient = factories.patient(number=PERSONNUMMER)
    form = {"name": "God Man", "relation": "god man", "phone": "070-174 06 08"}
    browser.post(url(patient, "kontaktpersoner/ny/"), form)
    god_man = Contact.objects.get(name="God Man")
    page = browser.get(url(patient, "")).content.decode()
    assert "Elsa Tolvansson" in page
    assert "God Man" in page
    change = url(patient, f"kontaktpersoner/{god_man.pk}/")
    assert browser.get(change).context["form"]["phone"].value() == "070-174 06 08"
    assert browser.post(change, form | {"phone": "070-174 06 09"}).url == url(patient, "")
    stale = browser.post(change, form)
    assert (stale.status_code, "Någon hann före" in stale.content.decode()) == (409, True)
    now = Contact.objects.get(name="God Man", ended_at__isnull=True)
    page = browser.post(url(patient, f"kontaktpersoner/{now.pk}/avsluta/"), follow=True).content.decode()
    assert "God Man är inte längre kontaktperson" in page
    assert "Tidigare kontaktpersoner (2)" in page
    assert browser.post(url(patient, f"kontaktpersoner/{now.pk}/avsluta/")).status_code == 409


@pytest.mark.parametrize("data", [{}, {"name": "God Man"}, {"phone": "070-174 06 08"}, {"name": "God Man", "phone": "12"}])
def test_a_contact_person_needs_a_name_and_a_phone(data: dict[str, str], browser: Any) -> None:
    patient = factories.patient(number=PERSONNUMMER)
    response = browser.post(url(patient, "kontaktpersoner/ny/"), {"relation": "vän"} | data)
    assert response.context["form"].errors
    assert "vän" in response.content.decode()
    assert Contact.objects.count() == 1


def test_another_care_providers_contact_person_does_not_exist(browser: Any) -> None:
    patient, dan = factories.patient(number=PERSONNUMMER), factories.dan()
    actions.add_contact(patient, actions.NewContact("Dans", "+46701740608"), by=dan)
    theirs = Contact.objects.get(name="Dans")
    for rest in (f"kontaktpersoner/{theirs.pk}/", "kontaktpersoner/999999/"):
        assert browser.post(url(patient, rest), {"name": "X", "phone": "070-174 06 08"}).status_code == 404
    assert browser.post(url(patient, f"kontaktpersoner/{theirs.pk}/avsluta/")).status_code == 404
    other = factories.patient(number=factories.test_numbers()[1])
    assert browser.get(url(other, f"kontaktpersoner/{Contact.objects.filter(patient=patient).first().pk}/")).status_code == 404


def test_the_way_to_another_number_tells_nothing_in_addresses_and_titles(browser: Any, admin: Any) -> None:
    patient = registered(Identifier(IdentityType.NRID, "22790814AA01"))
    for rest in ("nummer/", "kontaktpersoner/ny/", "sla-ihop/", "betalare/"):
        page = admin.get(url(patient, rest)) if rest in {"sla-ihop/", "betalare/"} else browser.get(url(patient, rest))
        title = page.content.decode().split("<title>")[1].split("</title>")[0]
        assert "Testsson" not in title
        assert "22790814" not in title
        assert page["Cache-Control"] == "no-store"
