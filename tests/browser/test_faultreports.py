"""Felrapport through everything that is real: each kind from the patient's aid to its answer, by keyboard and without JavaScript; no barrier."""

import datetime
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Notice
from accounts.roles import Role
from faultreports import rules
from faultreports.forms import DraftForm, HarmForm, WhatForm
from faultreports.models import AidPlan, DeliveryFault, FaultReport, Kind, Status
from faultreports.models.reports import HARMFUL
from tests import factories
from tests.browser.hands import Hands, Keyboard, Mouse, WithoutScript
from tests.browser.portal import Portal
from tests.browser.walk import walk
from tests.faultreports import told

HANDS = {"by_keyboard_alone": Keyboard, "without_javascript": WithoutScript}
YESTERDAY = timezone.localdate() - datetime.timedelta(days=1)
WRITTEN = {
    "aid_name": "Rollator",
    "despatch_number": "FS-77",
    "happened_on": YESTERDAY.isoformat(),
    "place": "I hallen",
    "present": "patienten, en undersköterska",
    "description": "Höger framhjul lossnade.",
    "measures": "Ställt åt sidan.",
}
CHOSEN = {"delivery_fault": DeliveryFault.WRONG.label, "aid_plan": AidPlan.KEPT.label, "wants_replacement": "Nej", "is_reported_to_authority": "Nej"}


def label_of(kind: Kind, name: str) -> str:
    return str(rules.LABELS[kind].get(name, DraftForm.base_fields[name].label))


def answers_to(kind: Kind) -> list[str]:
    """The answers of the guide that lead to the kind, as they are read."""
    what = dict(WhatForm.base_fields["galler"].choices)
    harm = dict(HarmForm.base_fields["hande"].choices)
    if kind in HARMFUL:
        return [what[WhatForm.HARM], harm[kind]]
    return [what[answer] for answer, led_to in WhatForm.KINDS.items() if led_to == kind]


def fill(me: Hands, kind: Kind) -> None:
    """What the page asks for, from its top; what is known already is not asked for."""
    for name in rules.ASKED[kind]:
        if me.page.locator(f"[name={name}]").count() == 0:
            continue
        if name in WRITTEN:
            me.write(label_of(kind, name), WRITTEN[name])
        elif name in CHOSEN:
            me.choose(CHOSEN[name], of=label_of(kind, name))
    expect(me.checkbox("Jag vill ha svar")).to_be_checked()  # as it is from the start


def received(portal: Portal, number: str) -> dict[str, Any]:
    """What the stand-in has got first about the report."""
    [message] = portal.sesam2.wait_for(lambda stand_in: [said for said in stand_in.received if (said["subject"], said["sequence"]) == (number, 1)], 20)
    return dict(message["body"])


@pytest.mark.parametrize("hands", HANDS.values(), ids=HANDS)
@pytest.mark.parametrize("kind", Kind)
def test_each_kind_from_the_aid_to_the_answer(kind: Kind, hands: type[Hands], portal: Portal) -> None:
    portal.sesam2.control(auto=False)
    alice = factories.alice()
    patient = factories.patient(alice)
    told.loan(patient, article="Rullstol")
    me = hands(portal.open(by=alice, scripts=hands.has_scripts))
    me.goes_to(f"/patienter/{patient.public_id}/")
    me.press(me.button("Felrapport"))
    for answer in answers_to(kind):
        me.is_on("Ny felrapport")
        me.choose(answer)
        me.press(me.button("Nästa"))
    me.is_on(kind.label)
    me.sees("Rullstol", "100200")
    me.press(me.button("Fyll i felrapporten"))
    me.press(me.button("Granska"))
    me.sees("Skriv vilken dag.", within="body")
    fill(me, kind)
    me.press(me.button("Granska"))
    me.is_on("Granska och skicka")
    me.press(me.button("Skicka felrapporten"))
    me.is_on("Felrapporten är skickad")
    number = me.page.locator(".order-number").inner_text()
    body = received(portal, number)
    assert body["description"].endswith(WRITTEN["description"])
    assert (body["happenedOn"], body["answerWanted"]) == (YESTERDAY.isoformat(), True)
    assert body["aid"]["individualNumber"] == "100200"
    me.press(me.link("Följ felrapporten"))
    me.is_on(f"{kind.label} {number}")
    portal.sesam2.send("FaultReportStatus", number, {"reportNumber": number, "status": "RECEIVED", "erpCaseNumber": "AV-1"})
    me.waits_for("AV-1")
    answered_at = timezone.localtime().isoformat(timespec="milliseconds")
    answer = {"answerToReporter": True, "answer": "Muttern var fel monterad.", "answeredBy": "Kvalitet", "answeredAt": answered_at}
    portal.sesam2.send("FaultReportAnswer", number, {"reportNumber": number, **answer})
    portal.wait(Notice.objects.filter(word="Svar").exists, "the notice")
    me.goes_to("/")
    me.press(me.link(number).first)
    me.is_on(f"{kind.label} {number}")
    me.sees("Muttern var fel monterad.")


@pytest.mark.parametrize("hands", HANDS.values(), ids=HANDS)
def test_what_is_worn_leads_to_an_arbetsorder_instead(hands: type[Hands], portal: Portal) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    told.loan(patient, article="Rullstol")
    me = hands(portal.open(by=alice, scripts=hands.has_scripts))
    me.goes_to(f"/patienter/{patient.public_id}/")
    me.press(me.button("Felrapport"))
    me.choose("Ett hjälpmedel är slitet eller behöver lagas")
    me.press(me.button("Nästa"))
    me.is_on("Gör en arbetsorder i stället")
    me.press(me.link("Gör en arbetsorder"))
    me.is_on("Avhjälpande underhåll")
    me.sees("Rullstol", "100200")
    assert not FaultReport.objects.exists()


def test_an_investigated_aid_is_held_until_the_handler_frees_it_and_a_lost_one_is_found(portal: Portal) -> None:
    portal.sesam2.control(auto=False)
    alice, hanna = factories.alice(), told.handler()
    patient = factories.patient(alice)
    report = told.event(patient)
    page = f"/patienter/{patient.public_id}/"
    me = Mouse(portal.open(by=alice))
    me.goes_to(page)
    me.sees("Under utredning")
    other = Mouse(portal.open(by=hanna))
    other.goes_to(report.get_absolute_url())
    other.press(other.link("Häv utredningen"))
    other.press(other.button("Häv utredningen"))
    other.is_on(str(report.number))
    me.goes_to(page)
    me.sees_no("Under utredning")
    lost = told.sent(Kind.LOST, of=told.loan(patient, "100300"))
    me.goes_to(page)
    me.sees("Saknas")
    me.goes_to(lost.get_absolute_url())
    me.press(me.link("Anmäl återfunnet").first)
    me.press(me.button("Anmäl återfunnet"))
    me.goes_to(page)
    me.sees_no("Saknas")


def test_the_pages_of_felrapport_have_no_barrier(portal: Portal) -> None:
    portal.sesam2.control(auto=False)
    alice, hanna = factories.alice(), told.handler()
    patient = factories.patient(alice)
    aid = told.loan(patient, "100299")
    at = walk(portal, alice)
    at.visit("/felrapporter/", "reports, empty")
    at.visit("/felrapporter/ny/", "guide")
    at.visit("/felrapporter/ny/?galler=skada", "guide, second question")
    at.visit("/felrapporter/ny/?galler=slitet", "worn")
    at.visit("/felrapporter/ny/?galler=produkt", "guide, about what")
    at.visit(f"/felrapporter/ny/?patient={patient.public_id}&galler=produkt", "guide, which aid")
    for kind in Kind:
        at.visit(told.draft(kind, of=aid, description="").get_absolute_url(), f"draft {kind}")
        at.press("Granska")
        at.look(f"draft {kind} with errors", view="faultreports:draft", error=True)
    draft = told.attach(told.draft(Kind.SERVICE, of=told.loan(patient, "100298")))
    at.visit(draft.get_absolute_url(), "draft with a file")
    at.press("Granska")
    at.look("review")
    at.press("Skicka felrapporten")
    at.look("sent")
    report = told.event(patient, "100297")
    told.tell(report, told.status(1, Status.RECEIVED), told.answer(2), told.status(3, Status.ANSWERED))
    at.visit(report.get_absolute_url(), "report with an answer")
    at.visit(f"{report.get_absolute_url()}utskrift/", "print")
    lost = told.sent(Kind.LOST, of=told.loan(patient, "100296"))
    at.visit(f"{lost.get_absolute_url()}aterfunnet/", "found")
    at.visit("/felrapporter/", "reports")
    at.visit("/felrapporter/utkast/", "report drafts")
    at.end(at_least=28)
    held = told.event(patient, "100295")
    told.tell(held, told.withheld(1))
    at = walk(portal, hanna)
    at.visit(held.get_absolute_url(), "report, a withheld answer")
    at.visit(f"{held.get_absolute_url()}hav-utredning/", "release")
    at.visit("/felrapporter/uppfoljning/", "follow-up")
    at.visit("/felrapporter/aterkallelse/", "recall")
    at.end(at_least=4)
    orderer = factories.assignment("Olle Orderer", Role.ORDERER, at=factories.unit())
    at = walk(portal, orderer)
    at.visit("/felrapporter/ny/?galler=forkommet", "not yours")
    at.end(at_least=1)
