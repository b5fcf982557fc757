"""Who a patient is, as people meet it: a reserve number becomes a personnummer, two records become one, somebody else pays."""

import pytest

from accounts.models import Customer
from accounts.roles import Role
from catalog import individuals
from integration.mock_sesam2.testing import MockSesam2
from patients import actions
from patients.identifiers import Identifier, IdentityType
from patients.models import Patient
from tests import factories
from tests.browser.hands import Hands
from tests.browser.portal import Portal
from tests.browser.steps import NUMBER_LABEL, search_patient
from tests.browser.walk import walk

RESERVE = "19810829M071"
PERSONNUMMER = factories.test_numbers()[0]
SHOWN = f"{PERSONNUMMER[:8]}-{PERSONNUMMER[8:]}"
ADMIN = "Berit Borg"


def reserve_patient() -> Patient:
    """With an order under way and an aid."""
    alice = factories.alice()
    patient = actions.register(
        by=alice,
        identifier=Identifier(IdentityType.VGR_RESERV, RESERVE),
        given_name="Okänd",
        family_name="Testsson",
        phone="+46701740606",
        address=actions.NewAddress("Storgatan 1", "44130", "Alingsås", door_code="1357"),
        contact=None,
    )
    order = factories.order(alice, to=patient)
    factories.loan(order, "40-1")
    return patient


def told(sesam2: MockSesam2, message_type: str, count: int = 1) -> list[dict[str, object]]:
    """What the stand-in has got of this type, in its order."""
    found = sesam2.wait_for(lambda stand_in: _of_type(stand_in, message_type) if len(_of_type(stand_in, message_type)) >= count else None, 20)
    return [message["body"] for message in found]


def _of_type(stand_in: MockSesam2, message_type: str) -> list[dict[str, object]]:
    return [message for message in stand_in.received if message["messageType"] == message_type]


def starts_as(me: Hands, name: str) -> None:
    me.goes_to("/")
    me.press(me.button(f"som {name}"))
    me.sees("Sök patient")


def test_a_reserve_number_becomes_a_personnummer_and_back(hands: Hands, sesam2: MockSesam2) -> None:
    me = hands
    reserve_patient()
    starts_as(me, "Alice Ask")
    search_patient(me, RESERVE)
    me.is_on("Patient")
    me.sees("Okänd Testsson", "VGR-reservnummer", RESERVE, within=".patient-band")
    me.sees("40-1", "Beställ tillbehör")

    me.press(me.link("Byt nummer"))
    me.is_on("Byt nummer")
    me.write(NUMBER_LABEL, PERSONNUMMER[:-1] + str((int(PERSONNUMMER[-1]) + 1) % 10))
    me.write("Orsak", "Har fått personnummer")
    me.press(me.button("Byt nummer"))
    me.sees("Kontrollsiffran, den sista siffran, stämmer inte")
    me.write(NUMBER_LABEL, PERSONNUMMER)
    me.press(me.button("Byt nummer"))
    me.sees("Numret är bytt", "Tidigare VGR-reservnummer", RESERVE, "40-1", "Har fått personnummer")
    me.sees(SHOWN, within=".patient-band")
    [change] = told(sesam2, "PatientIdentityChanged")
    assert (change["from"]["id"], change["to"]["id"]) == (RESERVE, PERSONNUMMER)

    # The old number leads to the person with the one that holds.
    me.goes_to("/")
    search_patient(me, RESERVE)
    me.sees(SHOWN, within=".patient-band")

    me.press(me.link("Ångra"))
    me.is_on("Ångra ändringen")
    me.write("Orsak", "Fel person")
    me.press(me.button("Ångra ändringen"))
    me.sees("Ändringen är ångrad", "Fel person")
    me.sees(RESERVE, within=".patient-band")
    change, back = told(sesam2, "PatientIdentityChanged", 2)
    assert (back["from"], back["to"]) == (change["to"], change["from"])


def test_two_records_are_merged_and_the_payer_is_changed(hands: Hands, sesam2: MockSesam2) -> None:
    me = hands
    factories.assignment(ADMIN, Role.UNIT_ADMIN, at=factories.unit())
    reserve_patient()
    factories.patient(number=PERSONNUMMER)
    Customer.objects.create(unit=factories.dan().unit, number="600201", name="Kommunen", payer_number="701489", payer_name="Alingsås kommun")
    starts_as(me, ADMIN)
    search_patient(me, RESERVE)
    me.press(me.link("Slå ihop med en annan registrering"))
    me.is_on("Slå ihop registreringar")
    me.write(NUMBER_LABEL, PERSONNUMMER)
    me.press(me.button("Jämför"))
    me.is_on("Kontrollera och slå ihop")
    me.sees("Okänd Testsson", "Tolvan Tolvansson", RESERVE, SHOWN)
    me.press(me.button("Slå ihop"))
    me.sees("Kontrollera att det är samma person och kryssa i rutan.")
    me.write("Orsak", "Registrerades på akuten")
    me.tick("Jag har kontrollerat att det är samma person")
    me.press(me.button("Slå ihop"))
    me.sees("De två registreringarna är nu en", "40-1", RESERVE)
    me.sees("Tolvan Tolvansson", SHOWN, within=".patient-band")
    [change] = told(sesam2, "PatientIdentityChanged")
    assert (change["from"]["id"], change["to"]["id"]) == (RESERVE, PERSONNUMMER)

    me.press(me.link("Byt betalare"))
    me.is_on("Byt betalare")
    me.write("Kundnummer för den som ska betala", "600201")
    me.write("Orsak", "Flyttat till boende")
    me.press(me.button("Byt betalare"))
    me.sees("Alingsås kommun betalar från och med", "600201", "Flyttat till boende")
    [payer] = told(sesam2, "PayerChanged")
    assert (payer["payerNumber"], payer["patient"]["id"]) == ("701489", PERSONNUMMER)


def test_the_pages_have_no_barrier_that_a_machine_can_find(portal: Portal, sesam2: MockSesam2) -> None:
    sesam2.control(auto=False)
    admin = factories.assignment(ADMIN, Role.UNIT_ADMIN, at=factories.unit())
    alice = factories.alice()
    patient, other = reserve_patient(), factories.patient(number=PERSONNUMMER)
    order = factories.order(alice, to=patient)
    for number in ("40-2", "40-3"):
        factories.loan(order, number)
    individuals.mount("40-2", on="40-1")
    individuals.mark("40-2", is_under_investigation=True)
    actions.record_individual_update("40-1", sequence=1, replaced_by="41-1", next_inspection=factories.days_from_now(-3), note="Utbytt.")
    loan = patient.loans.get(individual_number="40-3")
    actions.end_loan(loan, ended_at=loan.started_at)
    actions.change_details(patient, by=alice, phone="", address=actions.NewAddress("Gamla Vänersborgsvägen 112 B, lägenhet 1204", "44131", "Alingsås"))
    actions.add_contact(patient, actions.NewContact("Margareta af Ekenstam", "+46701740608", "hustru"), by=alice)
    customer = alice.unit.customers.get()
    actions.change_payer(patient, by=alice, customer=customer, base_code="K1489", starts_on=factories.days_from_now(0), reason="Flyttat till boende")
    expired = factories.lma_patient(days=-1)
    page = f"/patienter/{patient.public_id}/"

    at = walk(portal, alice)
    at.visit(page, "patient, hjälpmedelsbild")
    at.page.locator("summary", has_text="Tidigare adresser").click()
    at.look("patient, former addresses open")
    at.visit(f"{page}aterlamnade/", "returned")
    at.visit(f"/patienter/{other.public_id}/aterlamnade/", "returned, empty")
    at.visit("/individer/41-1/", "individual")
    at.visit("/individer/40-1/", "individual, replaced")
    at.visit("/individer/", "find individual")
    at.visit("/individer/?nummer=99", "find individual, none", error=True)
    at.visit(f"{page}nummer/", "change identity")
    at.press("Byt nummer")
    at.look("change identity, errors", error=True)
    at.visit(f"/patienter/{expired.public_id}/", "patient, expired LMA")
    at.visit(f"/patienter/{expired.public_id}/lma-kort/", "prolong LMA")
    at.visit(f"{page}kontaktpersoner/ny/", "add contact")
    at.press("Spara")
    at.look("add contact, errors", error=True)
    at.visit(f"{page}kontaktpersoner/{patient.contacts.get().pk}/", "change contact")
    at.page.goto("/patienter/")
    at.write(NUMBER_LABEL, "LMA 52-999999")
    at.press("Öppna patient")
    at.look("register LMA")

    at = walk(portal, admin)
    at.visit(f"{page}sla-ihop/", "find other")
    at.press("Jämför")
    at.look("find other, errors", error=True)
    at.visit(f"{page}sla-ihop/{other.public_id}/", "merge")
    at.press("Slå ihop")
    at.look("merge, errors", error=True)
    at.visit(f"{page}betalare/", "change payer")
    at.write("Kundnummer för den som ska betala", "0")
    at.press("Byt betalare")
    at.look("change payer, errors", error=True)
    change = actions.merge(other, patient, by=admin, reason="Samma person")
    at.visit(f"/patienter/{other.public_id}/andringar/{change.pk}/angra/", "undo merge")
    actions.undo_merge(change, by=admin, reason="Fel")
    at.visit(f"/patienter/{other.public_id}/andringar/{change.pk}/angra/", "409, undone already", status=409)
    at.end(at_least=8)


@pytest.mark.parametrize("scripts", [True, False], ids=["with_javascript", "without_javascript"])
def test_a_double_click_changes_the_number_once(portal: Portal, sesam2: MockSesam2, scripts: bool) -> None:
    patient = reserve_patient()
    page = portal.open(by=factories.alice(), scripts=scripts)
    page.goto(f"/patienter/{patient.public_id}/nummer/")
    page.get_by_label(NUMBER_LABEL).fill(PERSONNUMMER)
    page.get_by_label("Orsak").fill("Har fått personnummer")
    page.get_by_role("button", name="Byt nummer").dblclick()
    page.wait_for_url(f"**/patienter/{patient.public_id}/")
    assert len(told(sesam2, "PatientIdentityChanged")) == 1
    assert patient.history.count() == 1
