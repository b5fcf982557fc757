"""Hämtorder on a 390 px phone through everything that is real: from the patient's aids to fetched with one missing, cancelled and ordered again; no barrier."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import Notice
from catalog import individuals
from patients.actions import mark_loan
from patients.models import Loan
from pickups.models import PickupOrder, Status
from tests import factories
from tests.browser.hands import Hands, Keyboard, Mouse, WithoutScript
from tests.browser.portal import Portal
from tests.browser.walk import walk
from tests.pickups import told

HANDS = {"with_the_mouse": Mouse, "by_keyboard_alone": Keyboard, "without_javascript": WithoutScript}
PHONE = 390


def say(portal: Portal, number: str, message_type: str, **more: Any) -> None:
    portal.sesam2.send(message_type, number, {"orderNumber": number, **more})


def received(portal: Portal, number: str, message_type: str) -> dict[str, Any]:
    """What the stand-in has got about the order."""

    def of_type(stand_in: Any) -> list[dict[str, Any]]:
        return [said for said in stand_in.received if (said["subject"], said["messageType"]) == (number, message_type)]

    [message] = portal.sesam2.wait_for(of_type, 20)
    return dict(message["body"])


def send(me: Hands) -> str:
    """From the draft over the page to check it; the number of the order."""
    me.press(me.button("Granska"))
    me.is_on("Granska och skicka")
    me.press(me.button("Skicka hämtordern"))
    me.is_on("Hämtordern är skickad")
    return me.page.locator(".order-number").inner_text()


@pytest.mark.parametrize("hands", HANDS.values(), ids=HANDS)
def test_from_the_patients_aids_to_makulerad_ordered_again_and_fetched_with_one_missing(hands: type[Hands], portal: Portal) -> None:
    portal.sesam2.control(auto=False)
    alice = factories.alice()
    patient = factories.patient(alice)
    told.aids(patient)
    me = hands(portal.open(by=alice, width=PHONE, scripts=hands.has_scripts))
    me.goes_to(f"/patienter/{patient.public_id}/")
    me.press(me.button("Hämta hjälpmedel"))
    me.is_on("Hämtorder")
    me.tick("118201, 40-1")
    me.write("Lägg till från etikett", "40-2")
    me.press(me.button("Lägg till"))
    me.sees("Rollator, 40-2")
    assert me.checkbox("Rollator, 40-2").is_checked()
    me.press(me.button("Granska"))
    me.sees("Välj varför hjälpmedlen ska hämtas.", "Svara på om hjälpmedlen är rengjorda.", within="body")
    me.choose("Behövs inte längre")
    me.choose("Ja, synligt rent och desinficerat där det behövs")
    first = send(me)
    body = received(portal, first, "PickupOrder")
    lines = {item["individualNumber"]: item["line"] for item in body["items"]}
    assert (set(lines), [item["quantity"] for item in body["items"]]) == ({"40-1", "40-2"}, [1, 1])
    assert (body["reason"], body["cleaned"], body["place"]["street"]) == ("NOT_NEEDED", True, "Storgatan 1")
    me.press(me.link("Följ ordern"))
    me.is_on(f"Hämtorder {first}")
    me.sees("Hämtas", "Hyran slutar", "Borta från patientens lista")
    say(portal, first, "OrderCancelled", reasonCode="PATIENT_NOT_REACHED", reason="Ingen öppnade", newOrderRequired=True)
    me.waits_for("Hämtordern är makulerad")
    me.press(me.button("Beställ igen"))
    me.is_on("Hämtorder")
    me.choose("Ja, synligt rent och desinficerat där det behövs")
    again = send(me)
    assert received(portal, again, "PickupOrder") | {"orderNumber": first} == body
    soon = told.day(2).isoformat()
    say(portal, again, "PickupStatus", status="SCHEDULED", pickupDate=soon)
    say(
        portal,
        again,
        "PickupStatus",
        status="PICKED_UP",
        pickupDate=soon,
        items=[{"line": lines["40-1"], "found": True}, {"line": lines["40-2"], "found": False}],
    )
    portal.wait(Notice.objects.filter(word="Hittades inte").exists, "the notice")
    assert list(Loan.objects.current().exclude(individual_number="").values_list("individual_number", flat=True)) == ["40-2"]
    me.goes_to("/")
    me.sees("Rollator, individ 40-2 hittades inte vid hämtningen")
    me.press(me.button("Gör felrapport"))
    expect(me.page).to_have_url(re.compile(re.escape(f"/felrapporter/ny/?slag=NOT_DEREGISTERED&order={again}&rad={lines['40-2']}")))


@pytest.mark.parametrize("hands", HANDS.values(), ids=HANDS)
def test_some_items_are_cancelled_and_the_place_is_changed_until_it_is_planned(hands: type[Hands], portal: Portal) -> None:
    portal.sesam2.control(auto=False)
    alice = factories.alice()
    order = told.sent(factories.patient(alice))
    number = str(order.number)
    me = hands(portal.open(by=alice, width=PHONE, scripts=hands.has_scripts))
    me.goes_to(order.get_absolute_url())
    me.press(me.link("Ändra plats eller kontakt"))
    me.is_on("Ändra plats eller kontakt")
    me.write("Kontakt på plats", "Karin Test")
    me.press(me.button("Skicka ändringen"))
    me.is_on(f"Hämtorder {number}")
    assert received(portal, number, "DeliveryChange")["delivery"]["contactName"] == "Karin Test"
    me.press(me.link("Makulera"))
    me.is_on("Makulera hämtorder")
    for keep in ("Rollator, individ 40-2", "5 Kil"):
        untick(me, keep)
    me.choose("Behövs inte längre")
    me.write("Beskriv kort", "Patienten behåller den.")
    me.press(me.button("Begär makulering"))
    me.is_on(f"Hämtorder {number}")
    assert received(portal, number, "CancellationRequest")["lines"] == [1]
    say(portal, number, "OrderCancelled", reasonCode="REQUESTED", reason="Makulerad på begäran.", lines=[1], newOrderRequired=False)
    me.waits_for("Makulerad i del")
    say(portal, number, "PickupStatus", status="SCHEDULED", pickupDate=told.day(2).isoformat())
    me.waits_for("Ring Hjälpmedelscentralen")
    me.sees_no("Ändra plats eller kontakt")


def untick(me: Hands, label: str) -> None:
    box = me.checkbox(label)
    if isinstance(me, Keyboard):
        box.focus()
        me.page.keyboard.press("Space")
    else:
        box.click()
    assert not box.is_checked()


def test_the_stand_in_walks_a_pickup_to_its_end_and_misses_what_it_is_told_to(portal: Portal) -> None:
    portal.sesam2.control(speed=40, missing_next=[2])
    order = told.sent()

    def is_done() -> bool:
        order.refresh_from_db()
        return order.status == Status.DEREGISTERED

    portal.wait(is_done, "avregistrerad", seconds=40)
    assert told.outcomes(order) == "RNR"
    assert [(returned, is_ended) for returned, _, is_ended in told.loans(order)] == [(1, True), (0, False), (5, True)]


def test_the_pages_of_hamtorder_have_no_barrier(portal: Portal) -> None:
    portal.sesam2.control(auto=False)
    alice = factories.alice()
    patient = factories.patient(alice)
    chair, walker, _ = told.aids(patient)
    lost = told.loan(patient, "49-9", article="Duschpall")
    mark_loan(lost, is_lost=True)
    individuals.register(chair.article, [("40-1", "", ""), ("40-2", "", "")])
    individuals.mount("40-2", on="40-1")
    at = walk(portal, alice, widths=(1280, 390, 320))
    at.visit("/hamtorder/", "pickups, empty")
    at.visit("/hamtorder/individ/", "pickup by individual")
    order = told.draft(of=[chair], reason="", is_cleaned=None)
    at.visit(order.get_absolute_url(), "pickup draft")
    at.press("Granska")
    at.look("pickup draft with errors", error=True, view="pickups:draft")
    ready = told.draft(of=[chair], has_infection_risk=True, infection_note="Packat i plastsäck")
    at.visit(f"{ready.get_absolute_url()}granska/", "pickup review")
    at.press("Skicka hämtordern")
    at.look("pickup sent")
    shown = PickupOrder.objects.get(number__isnull=False)
    at.visit(shown.get_absolute_url(), "pickup")
    at.visit(f"{shown.get_absolute_url()}plats/", "pickup place")
    at.visit(f"{shown.get_absolute_url()}makulera/", "pickup cancel")
    at.visit(f"{shown.get_absolute_url()}retursedel/", "return slip")
    told.tell(shown, told.received(1), told.planned(2, told.day(0)))
    told.draft(of=[walker])
    at.visit("/hamtorder/", "pickups")
    at.visit("/hamtorder/vecka/", "pickups of the week")
    at.visit("/hamtorder/utkast/", "pickup drafts")
    told.tell(shown, told.picked_up(3, {1: False}))
    at.visit(shown.get_absolute_url(), "pickup, missing")
    at.end(at_least=12)
