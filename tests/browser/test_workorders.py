"""Arbetsorder through everything that is real: from the guide to klar, and to makulerad and beställ igen; a cost proposal and its answer; no barrier."""

from typing import Any

import pytest

from accounts.models import Notice
from patients.models import Patient
from tests import factories
from tests.browser.hands import Hands, Keyboard, Mouse, WithoutScript
from tests.browser.portal import Portal
from tests.browser.walk import walk
from tests.workorders import told
from workorders.models import Status, WorkOrder

KINDS = [Mouse, Keyboard, WithoutScript]
NAMES = ["with_the_mouse", "by_keyboard_alone", "without_javascript"]


def say(portal: Portal, number: str, status: str, **more: Any) -> None:
    portal.sesam2.send("WorkOrderStatus", number, {"orderNumber": number, "status": status, **more})


def ordered(me: Hands, patient: Patient) -> str:
    """From the patient's page through the guide to the confirmation; the number of the order."""
    me.goes_to(f"/patienter/{patient.public_id}/")
    me.press(me.link("Ny arbetsorder"))
    me.is_on("Välj rätt arbetsorder")
    me.choose("Ett hjälpmedel är trasigt eller slitet")
    me.press(me.button("Nästa"))
    me.is_on("Avhjälpande underhåll")
    me.press(me.button("Fyll i arbetsordern"))
    me.write("Hjälpmedel", "Rollator")
    me.press(me.button("Granska"))
    me.sees("Beskriv felet kort och sakligt.", "Välj var arbetet ska göras.", within="body")
    me.write("Beskrivning", "Vänster broms tar inte.")
    me.choose("På centralen")
    me.write("Direktnummer", "070-174 06 05")
    me.press(me.button("Granska"))
    me.is_on("Granska och skicka")
    me.sees("Vänster broms tar inte.", "Rollator")
    me.press(me.button("Skicka arbetsordern"))
    me.is_on("Arbetsordern är skickad")
    return me.page.locator(".order-number").inner_text()


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_from_the_guide_over_completion_to_klar(kind: type[Hands], portal: Portal) -> None:
    portal.sesam2.control(auto=False)
    alice = factories.alice()
    patient = factories.patient(alice)
    me = kind(portal.open(by=alice, scripts=kind.has_scripts))
    number = ordered(me, patient)
    [message] = portal.sesam2.wait_for(lambda stand_in: [said for said in stand_in.received if said["subject"] == number], 20)
    assert (message["messageType"], message["body"]["kind"], message["body"]["description"]) == ("WorkOrder", "REPAIR", "Vänster broms tar inte.")
    portal.sesam2.send("OrderResponse", number, {"orderNumber": number, "erpOrderNumber": "900001", "code": "AB"})
    me.press(me.link("Följ ordern"))
    me.is_on(f"Avhjälpande underhåll {number}")
    me.waits_for("Mottagen av SESAM2")
    say(portal, number, "NEEDS_COMPLETION", report={"summary": "Var är rollatorn nu?"})
    me.waits_for("Arbetsordern behöver kompletteras")
    me.press(me.link("Komplettera"))
    me.sees("Var är rollatorn nu?")
    me.write("Var hjälpmedlet är nu", "I trapphuset.")
    me.press(me.button("Granska"))
    me.press(me.button("Skicka igen"))
    portal.sesam2.wait_for(lambda stand_in: [said for said in stand_in.received if said["subject"] == number and said["sequence"] == 2], 20)
    say(portal, number, "PLANNED", plannedDate=factories.days_from_now(3).isoformat())
    say(portal, number, "COMPLETED", report={"summary": "Bytt bromsvajer.", "hours": "1.5", "byName": "Tekniker 7"})
    portal.wait(Notice.objects.filter(word="Klar").exists, "the notice")
    me.goes_to("/")
    me.press(me.link(f"Arbetsorder {number} är klar", exact=True))
    me.is_on(f"Avhjälpande underhåll {number}")
    me.sees("Bytt bromsvajer.", "1,5 timmar", "Planerad", "Klar")


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_makulerad_and_ordered_again(kind: type[Hands], portal: Portal) -> None:
    portal.sesam2.control(auto=False)
    alice = factories.alice()
    me = kind(portal.open(by=alice, scripts=kind.has_scripts))
    number = ordered(me, factories.patient(alice))
    cancelled = {"orderNumber": number, "reasonCode": "PATIENT_NOT_REACHED", "reason": "Patienten kunde inte nås", "newOrderRequired": True}
    portal.sesam2.send("OrderCancelled", number, cancelled)
    me.press(me.link("Följ ordern"))
    me.is_on(f"Avhjälpande underhåll {number}")
    me.waits_for("Arbetsordern är makulerad")
    me.sees("Patienten kunde inte nås")
    me.press(me.button("Beställ igen"))
    me.sees("Beställd igen", within="body")
    me.press(me.button("Granska"))
    me.press(me.button("Skicka arbetsordern"))
    me.is_on("Arbetsordern är skickad")
    again = WorkOrder.objects.get(again_of__number=number)
    assert (again.status, again.description) == (Status.PLACED, "Vänster broms tar inte.")


def test_a_cost_proposal_is_answered_and_the_answer_arrives(portal: Portal) -> None:
    portal.sesam2.control(auto=False)
    eva = factories.approver()
    order = told.sent_special()
    number = str(order.number)
    portal.sesam2.wait_for(lambda stand_in: any(said["subject"] == number for said in stand_in.received), 20)
    say(portal, number, "WAITING", costProposal={"amount": "4500.00", "text": "Ny sits efter avgjutning."})
    me = Mouse(portal.open(by=eva))
    portal.wait(order.proposals.exists, "the proposal")
    me.goes_to(order.get_absolute_url())
    me.press(me.link("Svara på förslaget"))
    me.choose("Godkänn")
    me.press(me.button("Skicka svaret"))
    me.sees("Kostnadsförslaget godkänt")
    [answer] = portal.sesam2.wait_for(lambda stand_in: [said for said in stand_in.received if said["messageType"] == "CostProposalAnswer"], 20)
    assert (answer["body"]["approved"], answer["body"]["by"]["name"], answer["sequence"]) == (True, "Eva Ek", 2)


def test_the_stand_in_walks_an_order_to_klar_by_itself(portal: Portal) -> None:
    portal.sesam2.control(speed=40)
    order = told.sent()

    def is_done() -> bool:
        order.refresh_from_db()
        return order.status == Status.COMPLETED

    portal.wait(is_done, "klar", seconds=40)
    events = list(order.history.order_by("id").values_list("event", flat=True))
    assert set(events) >= {"PLACED", "RECEIVED", "ACCEPTED", "PLANNED", "STARTED", "COMPLETED"}
    assert order.planned_on == order.promised_on is not None


def test_the_pages_of_arbetsorder_have_no_barrier(portal: Portal) -> None:
    portal.sesam2.control(auto=False)
    alice = factories.alice()
    patient = factories.patient(alice)
    aid = told.loan(patient, "100299")
    at = walk(portal, alice)
    at.visit("/arbetsorder/", "work list, empty")
    guide = f"/arbetsorder/ny/{patient.public_id}/"
    at.visit(guide, "guide")
    at.visit(f"{guide}?behov=behov&hjalpmedel={aid.pk}", "guide, second question")
    at.visit(f"{guide}?behov=trasigt", "guide, which aid")
    at.visit("/arbetsorder/individ/", "individual")
    draft = told.draft("SPECIAL_ADAPTATION", patient=patient, of=aid)
    at.visit(draft.get_absolute_url(), "special adaptation")
    at.press("Granska")
    at.look("special adaptation with errors", view="workorders:draft", error=True)
    at.visit(told.draft("CONSULTATION", patient=patient, of=aid).get_absolute_url(), "consultation")
    repair = told.draft(patient=patient, of=aid, haste="URGENT", side="LEFT")
    at.visit(repair.get_absolute_url(), "repair")
    at.press("Granska")
    at.look("review")
    at.press("Skicka arbetsordern")
    at.look("sent")
    order = told.sent_special(patient, of=told.loan(patient, "100298"))
    told.tell(order, told.received(1), told.status(2, told.State.WAITING, proposal="4500.00", late="Reservdelen är försenad från leverantören."))
    at.visit(order.get_absolute_url(), "order with a proposal")
    at.visit(f"{order.get_absolute_url()}makulera/", "cancel")
    at.visit(f"{order.get_absolute_url()}utskrift/", "print")
    told.tell(order, told.status(3, told.State.PLANNED, on=factories.days_from_now(3)))
    at.visit("/arbetsorder/", "work list")
    at.visit("/arbetsorder/planerade/", "planned")
    at.visit("/arbetsorder/utkast/", "work drafts")
    told.tell(order, told.status(4, told.State.COMPLETED, summary="Bytt vajer och provkört."))
    at.visit(order.get_absolute_url(), "order, done")
    at.end(at_least=18)
    other = told.sent_special(patient, of=told.loan(patient, "100297"))
    told.tell(other, told.status(1, told.State.WAITING, proposal="4500.00"))
    at = walk(portal, factories.approver())
    at.visit(f"{other.get_absolute_url()}kostnadsforslag/", "proposal")
    at.press("Skicka svaret")
    at.look("proposal without an answer", error=True)
    at.end(at_least=2)
