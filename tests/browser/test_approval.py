"""An order that a second person approves: with the mouse, by keyboard alone and without JavaScript; and no barrier on the way."""

import pytest

from orders.models import Order, Status
from tests import factories
from tests.browser.hands import Hands, Keyboard, Mouse, WithoutScript
from tests.browser.portal import Portal
from tests.browser.steps import order_of
from tests.browser.walk import walk

WHY = "Lyftar ska godkännas av enhetschefen."


@pytest.mark.parametrize("kind", [Mouse, Keyboard, WithoutScript], ids=["with_the_mouse", "by_keyboard_alone", "without_javascript"])
def test_an_order_is_sent_back_mended_and_approved_by_a_second_person(kind: type[Hands], portal: Portal) -> None:
    alice, eva = factories.alice(), factories.approver()
    draft = factories.draft_to_approve(alice)
    orderer = kind(portal.open(by=alice, scripts=kind.has_scripts))
    approver = kind(portal.open(by=eva, scripts=kind.has_scripts))

    orderer.goes_to(draft.get_absolute_url())
    orderer.sees("Kräver godkännande", WHY)
    orderer.press(orderer.button("Granska"))
    orderer.is_on("Granska och skicka")
    orderer.write("Motivering", "Patienten kan inte stå.")
    orderer.press(orderer.button("Skicka för godkännande"))
    orderer.sees("Väntar på godkännande", "Patienten kan inte stå.")

    approver.goes_to("/")
    approver.sees("En kundorder väntar på ditt godkännande")
    approver.press(approver.menu("Att godkänna"))
    approver.is_on("Att godkänna")
    approver.press(approver.link("Personlyft Atlas"))
    approver.sees(WHY, "Patienten kan inte stå.")
    approver.write("Varför skickar du tillbaka beställningen?", "Pröva den mindre först.")
    approver.press(approver.button("Skicka tillbaka"))
    approver.sees("Inget att godkänna")

    orderer.goes_to("/")
    orderer.press(orderer.link("En kundorder är inte godkänd", exact=True))
    orderer.is_on("Ny kundorder")
    orderer.sees("Inte godkänd", "Pröva den mindre först.")
    orderer.press(orderer.button("Granska"))
    orderer.write("Motivering", "Den är prövad och räcker inte.")
    orderer.press(orderer.button("Skicka för godkännande"))

    approver.press(approver.menu("Att godkänna"))
    approver.press(approver.link("Personlyft Atlas"))
    approver.press(approver.button("Godkänn och skicka"))
    approver.sees("Du har godkänt beställningen.")
    sent = Order.objects.get(pk=draft.pk)
    assert sent.status != Status.WAITING_FOR_APPROVAL
    body = order_of(portal.sesam2, str(sent.number))
    assert body["orderer"]["name"] == alice.user.name
    orderer.goes_to("/")
    orderer.press(orderer.link(f"Kundorder {sent.number} är godkänd och skickad", exact=True))
    orderer.is_on(f"Kundorder {sent.number}")
    orderer.sees("Skickad för godkännande", "Inte godkänd", "Godkänd")


def test_the_pages_of_approval_have_no_barrier(portal: Portal) -> None:
    alice, eva = factories.alice(), factories.approver()
    draft = factories.draft_to_approve(alice)
    at = walk(portal, eva)
    at.visit("/bestallningar/godkannanden/", "approvals, none")
    at = walk(portal, alice)
    at.visit(draft.get_absolute_url(), "draft with a verdict")
    at.press("Granska")
    at.look("review with a verdict")
    at.press("Skicka för godkännande")
    at.look("review without a justification", view="orders:review", error=True)
    at.write("Motivering", "Patienten kan inte stå. " * 15)
    at.press("Skicka för godkännande")
    at.look("waiting, the orderer's page")
    at.visit("/bestallningar/godkannanden/", "waiting, the unit's list")
    at.end(at_least=5)
    at = walk(portal, eva)
    at.visit("/bestallningar/godkannanden/", "approvals")
    order = Order.objects.get(pk=draft.pk)
    at.visit(order.get_absolute_url(), "waiting, the approver's page")
    at.press("Skicka tillbaka")
    at.look("sent back without a reason", view="orders:approval", error=True)
    at.write("Varför skickar du tillbaka beställningen?", "Pröva den mindre först.")
    at.press("Skicka tillbaka")
    at.look("approvals, after the decision")
    at.visit(f"/bestallningar/godkannanden/{draft.public_id}/", "no longer waits", status=409)
    at.end(at_least=5)
    at = walk(portal, alice)
    at.visit(draft.get_absolute_url(), "draft, sent back")
    at.end(at_least=1)
