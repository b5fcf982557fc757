"""Arbetsorder through everything that is real: from the guide to klar, and to makulerad and beställ igen; a cost proposal and its answer; no barrier."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Notice
from patients.models import Patient
from tests import factories
from tests.browser.hands import Hands, Keyboard, Mouse, WithoutScript
from tests.browser.portal import Portal
from tests.browser.walk import walk
from tests.workorders import told
from workorders.models import ConsultationPurpose, Status

HANDS = {"with_the_mouse": Mouse, "by_keyboard_alone": Keyboard, "without_javascript": WithoutScript}
Filling = Callable[[Hands], None]


@dataclasses.dataclass(frozen=True)
class Path:
    """A kind of arbetsorder: the answers that lead to it, what it is called, what it asks for, and what tells it apart in the message."""

    kind: str
    heading: str
    answers: tuple[str, ...]
    fill: Filling
    sent: dict[str, Any]
    aid: str = "Rullstol"


def describe(text: str, *, place: str = "På centralen") -> Filling:
    def fill(me: Hands) -> None:
        me.write("Beskrivning", text)
        me.choose(place)
        me.write("Direktnummer", "070-174 06 05")

    return fill


def choose_file(me: Hands, name: str) -> None:
    """In the window of the system, which no test reaches."""
    me.page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": factories.picture(kind="PNG")})


def fill_special(me: Hands) -> None:
    describe("Sitsen ska formas efter kroppen.")(me)
    me.write("Anvisning", "Djup 42 cm, bredd 40 cm.")
    me.write("Funktionell riskanalys", "Ingen ökad tipprisk.")
    me.tick("Jag vill ha ett kostnadsförslag innan arbetet görs")
    choose_file(me, "anvisning.png")


def fill_consultation(me: Hands) -> None:
    me.select("Konsultationen gäller", "Utprovning av elrullstol (underlag krävs)")
    me.write("Patientens behov", "Kan inte längre förflytta sig mellan rummen.")
    me.write("Beskrivning", "Hjälp att välja rullstol.")
    me.choose("2, snart")
    me.write("Direktnummer", "070-174 06 05")
    choose_file(me, "underlag.png")


BROKEN = "Ett hjälpmedel är trasigt eller slitet"
CHANGED = "Patientens behov har ändrats, hjälpmedlet ska ändras"
NEW = "Ett nytt hjälpmedel ska monteras eller installeras"
PATHS = [
    Path("REPAIR", "Avhjälpande underhåll", (BROKEN,), describe("Vänster broms tar inte."), {"description": "Vänster broms tar inte."}),
    Path(
        "ADAPTATION",
        "Anpassning",
        (CHANGED, "Inställning, eller delar och tillbehör som finns till hjälpmedlet"),
        describe("Höj sitsen.", place="På plats"),
        {"description": "Höj sitsen.", "place": "ON_SITE"},
    ),
    Path(
        "SPECIAL_ADAPTATION",
        "Specialanpassning",
        (CHANGED, "Något måste tillverkas eller göras om, utöver vad tillverkaren har tänkt"),
        fill_special,
        {"costProposalWanted": True, "riskAnalysisDone": True},
    ),
    Path(
        "ASSEMBLY",
        "Montering",
        (NEW, "Nej, det ska sättas ihop eller monteras på ett annat hjälpmedel"),
        describe("Montera bordet på rullstolen."),
        {"description": "Montera bordet på rullstolen."},
    ),
    Path(
        "INSTALLATION",
        "Installation",
        (NEW, "Ja, till exempel en taklyft eller en dörröppnare"),
        describe("Taklyft i sovrummet.", place="På plats"),
        {"description": "Taklyft i sovrummet.", "place": "ON_SITE"},
    ),
    Path("CONSULTATION", "Konsultation", ("Jag behöver råd eller hjälp med att prova ut",), fill_consultation, {"priority": 2, "place": "REMOTE"}, aid=""),
]


def say(portal: Portal, number: str, status: str, **more: Any) -> None:
    portal.sesam2.send("WorkOrderStatus", number, {"orderNumber": number, "status": status, **more})


def received(portal: Portal, number: str, sequence: int = 1) -> dict[str, Any]:
    """What the stand-in has got about the order."""
    [message] = portal.sesam2.wait_for(lambda stand_in: [said for said in stand_in.received if (said["subject"], said["sequence"]) == (number, sequence)], 20)
    return dict(message)


def through_the_guide(me: Hands, path: Path, patient: Patient) -> None:
    """From the patient's page to the draft of the right kind."""
    me.goes_to(f"/patienter/{patient.public_id}/")
    me.press(me.link("Ny arbetsorder"))
    for answer in path.answers:
        me.is_on("Välj rätt arbetsorder")
        me.choose(answer)
        me.press(me.button("Nästa"))
    me.is_on(path.heading)
    if path.aid:
        me.choose(f"{path.aid}, 100200")
    me.press(me.button("Fyll i arbetsordern"))
    me.is_on(path.heading)


def send(me: Hands) -> str:
    """From the draft over the page to check it; the number of the order."""
    me.press(me.button("Granska"))
    me.is_on("Granska och skicka")
    me.press(me.button("Skicka arbetsordern"))
    me.is_on("Arbetsordern är skickad")
    return me.page.locator(".order-number").inner_text()


def finish(portal: Portal, me: Hands, path: Path, number: str) -> None:
    """The work is planned and done, which the start page tells; the report is read."""
    say(portal, number, "PLANNED", plannedDate=factories.days_from_now(3).isoformat())
    say(portal, number, "COMPLETED", report={"summary": "Arbetet är gjort och provat.", "hours": "1.5", "byName": "Tekniker 7"})
    portal.wait(Notice.objects.filter(word="Klar").exists, "the notice")
    me.goes_to("/")
    me.press(me.link(f"Arbetsorder {number} är klar", exact=True))
    me.is_on(f"{path.heading} {number}")
    me.sees("Arbetet är gjort och provat.", "1,5 timmar", "Planerad", "Klar")


# All kinds by keyboard and without JavaScript; the mouse, which meets nothing that these two do not, once.
JOURNEYS = [pytest.param(path, hands, id=f"{path.kind}-{name}") for path in PATHS for name, hands in HANDS.items() if hands is not Mouse or path is PATHS[0]]


@pytest.mark.parametrize(("path", "hands"), JOURNEYS)
def test_each_kind_from_the_guide_to_makulerad_ordered_again_and_klar(path: Path, hands: type[Hands], portal: Portal) -> None:
    portal.sesam2.control(auto=False)
    alice = factories.alice()
    patient = factories.patient(alice)
    told.loan(patient, article="Rullstol")
    ConsultationPurpose.objects.create(name="Utprovning av elrullstol", document="Underlag för elrullstol")
    me = hands(portal.open(by=alice, scripts=hands.has_scripts))
    through_the_guide(me, path, patient)
    path.fill(me)
    first = send(me)
    body = received(portal, first)["body"]
    assert {"kind": path.kind} | path.sent == {name: body[name] for name in ("kind", *path.sent)}
    assert body.get("aid", {}).get("individualNumber", "") == ("100200" if path.aid else "")
    cancelled = {"orderNumber": first, "reasonCode": "PATIENT_NOT_REACHED", "reason": "Patienten kunde inte nås", "newOrderRequired": True}
    portal.sesam2.send("OrderCancelled", first, cancelled)
    me.press(me.link("Följ ordern"))
    me.is_on(f"{path.heading} {first}")
    me.waits_for("Arbetsordern är makulerad")
    me.sees("Patienten kunde inte nås")
    me.press(me.button("Beställ igen"))
    me.is_on(path.heading)
    again = send(me)
    assert received(portal, again)["body"] | {"orderNumber": first, "attachments": []} == body | {"attachments": []}
    finish(portal, me, path, again)


@pytest.mark.parametrize("hands", HANDS.values(), ids=HANDS)
def test_what_is_missing_is_said_and_completed_under_the_same_number(hands: type[Hands], portal: Portal) -> None:
    """At the draft's own fields, and when the centre asks."""
    portal.sesam2.control(auto=False)
    alice, path = factories.alice(), PATHS[0]
    me = hands(portal.open(by=alice, scripts=hands.has_scripts))
    through_the_guide(me, dataclasses.replace(path, aid=""), factories.patient(alice))
    me.write("Hjälpmedel", "Rollator")
    me.press(me.button("Granska"))
    me.sees("Beskriv felet kort och sakligt.", "Välj var arbetet ska göras.", within="body")
    path.fill(me)
    number = send(me)
    portal.sesam2.send("OrderResponse", number, {"orderNumber": number, "erpOrderNumber": "900001", "code": "AB"})
    me.press(me.link("Följ ordern"))
    me.is_on(f"{path.heading} {number}")
    me.waits_for("Mottagen av SESAM2")
    say(portal, number, "NEEDS_COMPLETION", report={"summary": "Var är rollatorn nu?"})
    me.waits_for("Arbetsordern behöver kompletteras")
    me.press(me.link("Komplettera"))
    me.sees("Var är rollatorn nu?")
    me.write("Var hjälpmedlet är nu", "I trapphuset.")
    me.press(me.button("Granska"))
    me.press(me.button("Skicka igen"))
    assert received(portal, number, 2)["body"]["aidLocation"] == "I trapphuset."
    finish(portal, me, path, number)


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
