"""What people and networks do: click twice, go back, be two at once, wait for SESAM2, order on a phone."""

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from integration.mock_sesam2.testing import MockSesam2
from integration.models import OutgoingMessage
from orders.models import Order
from tests import factories
from tests.browser.hands import Mouse
from tests.browser.portal import Portal
from tests.browser.steps import NUMBER_LABEL, STANDS_STILL, add_by_number, add_by_search, order_of, send
from tests.browser.watch import Watch


def review_of(draft: Order) -> str:
    return f"/bestallningar/utkast/{draft.public_id}/granska/"


def send_button(page: Page) -> Any:
    return page.get_by_role("button", name="Skicka beställningen")


def sent_orders(sesam2: MockSesam2) -> list[tuple[str, str]]:
    return [(message["messageType"], message["subject"]) for message in sesam2.received]


# --- Once and only once ----------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["with_javascript", "without_javascript"])
def test_a_double_click_on_send_gives_one_order(portal: Portal, sesam2: MockSesam2, scripts: bool) -> None:
    alice = factories.alice()
    draft = factories.draft(alice)
    page = portal.open(by=alice, scripts=scripts)
    page.goto(review_of(draft))
    send_button(page).dblclick()
    expect(page.locator("h1")).to_have_text("Beställningen är skickad")
    number = str(Order.objects.get(pk=draft.pk).number)
    expect(page.locator(".order-number")).to_have_text(number)
    order_of(sesam2, number)
    assert list(Order.objects.sent().values_list("number", flat=True)) == [number]
    assert sent_orders(sesam2) == [("CustomerOrder", number)]


def test_back_after_sending_tells_that_it_is_sent(portal: Portal, sesam2: MockSesam2) -> None:
    alice = factories.alice()
    draft = factories.draft(alice)
    page = portal.open(by=alice)
    page.goto(review_of(draft))
    other_tab = page.context.new_page()
    other_tab.goto(review_of(draft))
    send_button(page).click()
    expect(page.locator("h1")).to_have_text("Beställningen är skickad")
    number = page.locator(".order-number").inner_text()

    portal.expects(409)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Beställningen är redan skickad")
    page.get_by_role("link", name=f"Visa kundorder {number}").click()
    expect(page.locator("h1")).to_have_text(f"Kundorder {number}")

    # A tab that still shows the page to check: sending again shows the order that there is.
    send_button(other_tab).click()
    expect(other_tab.locator(".order-number")).to_have_text(number)
    order_of(sesam2, number)
    assert sent_orders(sesam2) == [("CustomerOrder", number)]


def test_one_sends_while_another_writes(portal: Portal) -> None:
    alice, bob = factories.alice(), factories.bob()
    draft = factories.draft(alice, lines=1)
    hers, his = portal.open(by=alice), portal.open(by=bob)
    his.goto(f"/bestallningar/utkast/{draft.public_id}/")
    hers.goto(review_of(draft))
    send_button(hers).click()
    expect(hers.locator("h1")).to_have_text("Beställningen är skickad")

    portal.expects(409)
    his.get_by_label("Meddelande till centralen").fill("Lägg nyckeln under mattan")
    his.get_by_role("button", name="Spara utkast").click()
    expect(his.locator("h1")).to_have_text("Beställningen är redan skickad")
    expect(his.locator("main")).to_contain_text("Det du skrev nu sparades inte och skickades inte.")
    order = Order.objects.get(pk=draft.pk)
    # The stand-in may have answered already.
    assert (order.number is not None, order.instructions) == (True, "")


# --- When something is away ------------------------------------------------------------------------


def test_an_order_waits_for_sesam2_and_goes_by_itself(portal: Portal, sesam2: MockSesam2) -> None:
    sesam2.control(down=True, speed=20)
    alice = factories.alice()
    draft = factories.draft(alice)
    me = Mouse(portal.open(by=alice))
    me.goes_to(review_of(draft))
    me.press(me.button("Skicka beställningen"))
    me.is_on("Beställningen är skickad")
    number = me.page.locator(".order-number").inner_text()
    me.press(me.link("Följ ordern"))
    me.waits_for("Väntar på SESAM2")
    me.sees("Beställningen är sparad och skickas av sig själv när SESAM2 svarar.")
    assert sent_orders(sesam2) == []

    sesam2.control(down=False)
    # The time until the next try goes by.
    OutgoingMessage.objects.update(next_try_at=timezone.now())
    me.waits_for("Mottagen av SESAM2")
    me.sees_no("Väntar på SESAM2")
    me.waits_for("Bekräftad, leverans")
    assert sent_orders(sesam2) == [("CustomerOrder", number)]
    sesam2.control(speed=STANDS_STILL)


def test_a_page_left_open_after_logout_shows_the_login(portal: Portal) -> None:
    alice = factories.alice()
    number = factories.order(alice).number
    page = portal.open(by=alice)
    page.goto(f"/bestallningar/{number}/")
    other_tab = page.context.new_page()
    other_tab.goto("/")
    other_tab.locator(".menu-wide summary").click()
    other_tab.get_by_role("button", name="Logga ut").click()
    expect(other_tab.locator("h1")).to_have_text("Logga in")
    # It asks for news, is sent to the login, and goes there.
    expect(page.locator("h1")).to_have_text("Logga in")
    expect(page.locator("body")).not_to_contain_text("Tolvansson")


def test_an_order_that_changes_keeps_the_focus_and_tells(portal: Portal, sesam2: MockSesam2) -> None:
    sesam2.control(auto=False)
    alice = factories.alice()
    number = str(factories.order(alice).number)
    order_of(sesam2, number)
    me = Mouse(portal.open(by=alice))
    me.goes_to(f"/bestallningar/{number}/")
    me.link("Makulera").focus()
    sesam2.send("OrderResponse", number, {"orderNumber": number, "erpOrderNumber": "900001", "code": "AB"})
    me.waits_for("Mottagen av SESAM2")
    expect(me.link("Makulera")).to_be_focused()
    expect(me.page.locator("#live")).to_have_text("Mottagen av SESAM2")
    expect(me.link("Skriv ut")).to_be_visible()


# --- A phone ---------------------------------------------------------------------------------------


def test_a_kundorder_on_a_phone(portal: Portal, sesam2: MockSesam2) -> None:
    alice = factories.alice()
    patient = factories.patient(alice, street="Gamla Vänersborgsvägen 112 B, lägenhet 1204", family_name="von Hohenfels-Björkegren af Ångströmsnäs")
    article = factories.article("Rullstol Allround 45 cm, sitsdjup 40–48 cm, ställbart ryggstöd", sesam_number="118842")
    other = factories.article("Duschpall Svalka")
    me = Mouse(portal.open(by=alice, width=390, is_mobile=True, has_touch=True))

    def fits() -> None:
        wide, width = me.page.evaluate("[document.scrollingElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= width, me.page.url

    me.goes_to("/hjalp/")
    me.press(me.page.locator(".menu-small summary"))
    me.press(me.menu("Patient"))
    me.is_on("Sök patient")
    fits()
    me.write(NUMBER_LABEL, patient.identity.value)
    me.press(me.button("Öppna patient"))
    me.is_on("Patient")
    fits()
    me.press(me.button("Nytt hjälpmedel"))
    me.is_on("Ny kundorder")
    add_by_number(me, "118842", article.name)
    add_by_search(me, "svalka", other.name)
    me.press(me.button(f"Ta bort {other.name}"))
    expect(me.box(f"Antal {other.name}")).to_have_count(0)
    fits()
    number = send(me)
    fits()
    assert [line["name"] for line in order_of(sesam2, number)["lines"]] == [article.name]
    me.press(me.link("Följ ordern"))
    me.is_on(f"Kundorder {number}")
    fits()
    me.press(me.page.locator(".menu-small summary"))
    me.press(me.menu("Beställningar"))
    me.sees(number)
    fits()


# --- The watch itself ------------------------------------------------------------------------------

FAULTS = {
    r"console: .*Content Security Policy": "document.querySelector('main').insertAdjacentHTML('beforeend', '<p style=\"color: red\">')",
    r"console: oj": "console.error('oj')",
    r"exception: oj": "setTimeout(() => { throw new Error('oj') })",
    r"404: GET .*/finns-inte/": "fetch('/finns-inte/').then(() => true)",
    r"left this machine: https://example.se/": "document.head.insertAdjacentHTML('beforeend', '<link rel=\"prefetch\" href=\"https://example.se/\">')",
}


@pytest.mark.parametrize("complaint", FAULTS)
def test_control_the_watch_finds_what_goes_wrong(portal: Portal, complaint: str) -> None:
    page = portal.open()
    page.goto("/hjalp/")
    page.evaluate(FAULTS[complaint])
    page.wait_for_timeout(200)
    watch: Watch = portal.watches.pop()
    found = watch.close()
    assert any(re.match(complaint, problem) for problem in found), found
