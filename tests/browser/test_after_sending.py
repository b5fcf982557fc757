"""After sending: another address, cancelling and ordering again, the lists; by mouse, by keyboard alone, without JavaScript; and no barriers."""

import io
import zipfile
from typing import Any

from django.db import transaction
from playwright.sync_api import expect

from accounts.models import Notice
from integration.mock_sesam2.testing import MockSesam2
from integration.models import IncomingMessage, OutgoingMessage
from orders.actions import drafts, orders
from orders.models import Order
from tests import factories
from tests.browser.hands import Hands, Keyboard
from tests.browser.portal import Portal
from tests.browser.states import orders_in_every_state
from tests.browser.steps import despatch, found, log_in
from tests.browser.walk import walk


def told(sesam2: MockSesam2, number: str, message_type: str) -> dict[str, Any]:
    """The body of the last such message that the stand-in has got, which is within seconds."""
    received = sesam2.wait_for(lambda it: [m for m in it.received if m["subject"] == number and m["messageType"] == message_type], 20)
    body: dict[str, Any] = received[-1]["body"]
    return body


def test_another_address_then_cancelled_in_part_and_ordered_again(hands: Hands, sesam2: MockSesam2) -> None:
    me, alice = hands, factories.alice()
    sesam2.control(auto=False)
    chair, table = factories.article("Rullstol Allround 45 cm"), factories.article("Gåbord Alfa")
    with transaction.atomic():
        draft = factories.draft(alice, to=factories.patient(alice, number=factories.test_numbers()[0]), lines=0)
        for article in (chair, table):
            drafts.add_article(draft, article)
        number = orders.place(draft, by=alice)
    log_in(me, alice)
    me.goes_to(f"/bestallningar/{number}/")
    told(sesam2, number, "CustomerOrder")

    # Another address, which the centre refuses.
    me.press(me.link("Ändra leverans"))
    me.is_on("Ändra leverans")
    me.write("Postnummer", "1")
    me.press(me.button("Skicka ändringen"))
    me.sees("Skriv postnumret med fem siffror", within="body")
    me.write("Postnummer", "441 30")
    me.write("Gatuadress", "Nygatan 7")
    me.press(me.button("Skicka ändringen"))
    me.is_on(f"Kundorder {number}")
    me.sees("Ändringen är skickad.", "Nygatan 7, 441 30 Alingsås", "tidigare Storgatan 1", "Ändrad leverans skickad")
    assert told(sesam2, number, "DeliveryChange")["delivery"]["street"] == "Nygatan 7"
    sesam2.send("DeliveryChangeRefused", number, {"orderNumber": number, "reason": "Adressen finns inte."})
    me.waits_for("Leveransen kan inte ändras")
    me.sees("Storgatan 1, 441 30 Alingsås")

    # One line is taken away; the centre agrees.
    me.press(me.link("Makulera"))
    me.is_on("Makulera kundorder")
    untick(me, f"1 Rullstol Allround 45 cm, {chair.display_number}")
    me.choose("Ändrat behov")
    me.write("Beskriv kort", "Gåbordet passade inte.")
    me.press(me.button("Begär makulering"))
    me.is_on(f"Kundorder {number}")
    me.sees("Din begäran om makulering är skickad.", "Makulering begärd")
    assert told(sesam2, number, "CancellationRequest") == {
        "orderNumber": number,
        "reason": "CHANGED_NEED",
        "note": "Gåbordet passade inte.",
        "lines": [2],
    }
    cancelled = {"orderNumber": number, "reasonCode": "REQUESTED", "reason": "Makulerad på begäran.", "lines": [2], "newOrderRequired": False}
    sesam2.send("OrderCancelled", number, cancelled)
    me.waits_for("En del makulerad")

    # On its way: nothing more to change. What was cancelled is ordered again, with all that was filled in.
    despatch(sesam2, number, "FS-1", (1, 1, 0))
    me.waits_for("På väg")
    expect(me.link("Ändra leverans")).to_have_count(0)
    me.press(me.button("Beställ igen"))
    me.is_on("Ny kundorder")
    me.sees("Gåbord Alfa", f"Det som makulerades i {number} är med.")
    expect(me.box("Antal Gåbord Alfa")).to_have_value("1")
    assert Order.objects.get(again_of__number=number).lines.get().article == table


def untick(me: Hands, label: str) -> None:
    """A box that is ticked from the start."""
    box = me.checkbox(label)
    expect(box).to_be_checked()
    if isinstance(me, Keyboard):
        me.reach(box)
        me.page.keyboard.press("Space")
    else:
        box.click()
    expect(box).not_to_be_checked()


def test_lists_are_narrowed_by_what_stands_in_their_address(hands: Hands, portal: Portal, sesam2: MockSesam2) -> None:
    me, alice = hands, factories.alice()
    patient = factories.patient(alice, number=factories.test_numbers()[0])
    numbers = orders_in_every_state(portal, sesam2, alice, patient)
    log_in(me, alice)
    me.sees("Makulerat 1", "Försenat eller ändrat 1")
    me.goes_to("/bestallningar/")
    me.press(me.link("Försenade", exact=True))
    found(me, numbers["försenad"])
    assert me.page.url.endswith("?status=forsenade")
    me.select("Status", "Makulerad")
    me.press(me.button("Sök"))
    found(me, numbers["makulerad"])
    me.sees("1 beställning", "Träffar")
    address = me.page.url
    assert "status=CANCELLED" in address
    me.goes_to("/")
    me.goes_to(address.partition(portal.url)[2])
    found(me, numbers["makulerad"])
    file = me.page.context.request.get(portal.url + str(me.link("Hämta som Excel").get_attribute("href")))
    sheet = zipfile.ZipFile(io.BytesIO(file.body())).read("xl/worksheets/sheet1.xml").decode()
    assert numbers["makulerad"] in sheet
    assert numbers["försenad"] not in sheet
    me.press(me.link("Per förskrivare"))
    me.is_on("Rekvirerat per förskrivare")
    me.press(me.link(f"{len(numbers)} beställningar"))
    me.is_on("Kundorder")
    assert "forskrivare=" in me.page.url
    expect(me.page.locator("tbody th a")).to_have_count(len(numbers))


def test_pages_after_sending_have_no_barriers(portal: Portal, sesam2: MockSesam2) -> None:
    alice = factories.alice()
    patient = factories.patient(alice, number=factories.test_numbers()[0])
    numbers = orders_in_every_state(portal, sesam2, alice, patient)
    with transaction.atomic():
        factories.draft(alice, to=patient)
    for tone in Notice.Tone.values:
        rows = (Notice(user=alice.user, unit=alice.unit, tone=tone, word="Besked", title=f"Kundorder {number}", url="/") for number in range(15))
        Notice.objects.bulk_create(rows)
    at = walk(portal, alice)
    at.visit("/", "start with all groups")
    at.visit("/besked/", "notices")
    at.visit("/besked/?slag=makulerat", "notices of one kind")
    at.press("Markera de här som lästa")
    at.look("notices, none left")
    for path, state in (
        ("", "list"),
        ("?status=forsenade", "late orders"),
        ("?fran=x", "list, wrong date"),
        ("utkast/", "drafts"),
        ("godkannanden/", "nothing to approve"),
        ("per-forskrivare/", "per prescriber"),
    ):
        at.visit(f"/bestallningar/{path}", state, error=path == "?fran=x")
    at.visit("/bestallningar/andra-enheter/", "other units")
    at.press("Visa dem")
    at.look("other units, no reason", error=True)
    at.write("Varför behöver du se andra enheters beställningar?", "Patienten har flyttat hit")
    at.page.get_by_label("Jag behöver uppgifterna").check()
    at.press("Visa dem")
    at.look("other units' orders, none")
    order = f"/bestallningar/{numbers['bekräftad']}/"
    at.visit(f"{order}makulera/", "cancel, two lines")
    for box in at.page.get_by_role("checkbox").all():
        box.uncheck()
    at.press("Begär makulering")
    at.look("cancel, nothing chosen", error=True)
    at.visit(f"{order}leverans/", "another delivery")
    at.write("Gatuadress", "")
    at.press("Skicka ändringen")
    at.look("another delivery, no street", error=True)
    at.write("Gatuadress", "Nygatan 7")
    at.press("Skicka ändringen")
    at.look("order with another delivery")
    at.visit(f"{order}utskrift/", "order on paper")
    at.visit(f"/bestallningar/{numbers['kvitterad']}/laneforbindelse/", "loan agreement")
    at.visit(f"/bestallningar/{numbers['makulerad']}/laneforbindelse/", "loan agreement of nothing")
    at.visit(f"/bestallningar/{numbers['på väg']}/leverans/", "too late to change", status=409)
    at.end(at_least=20)
    assert not IncomingMessage.objects.filter(state="PARKED").exists()
    assert not OutgoingMessage.objects.filter(state="PARKED").exists()
