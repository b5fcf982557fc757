"""The keyboard's focus: through every page, always seen, never trapped."""

from integration.mock_sesam2.testing import MockSesam2
from tests import factories
from tests.browser.hands import Keyboard
from tests.browser.portal import Portal


def test_focus_goes_through_every_page_and_is_never_trapped(portal: Portal, sesam2: MockSesam2) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    number, draft = factories.order(alice, to=patient).number, factories.draft(alice, to=patient)
    me = Keyboard(portal.open(by=alice, width=1280))
    for path in (
        "/",
        f"/patienter/{patient.public_id}/",
        f"/bestallningar/utkast/{draft.public_id}/",
        "/bestallningar/",
        f"/bestallningar/{number}/",
        "/hjalpmedel/",
    ):
        me.goes_to(path)
        forwards, backwards = _round(me, "Tab"), _round(me, "Shift+Tab")
        assert len(forwards) >= 8, path
        assert forwards == sorted(forwards), f"{path}: the focus jumps"
        assert backwards == forwards[::-1], path


def _round(me: Keyboard, key: str) -> list[int]:
    """From outside the page through it and out again, as places in the document; every stop is seen."""
    stops: list[int] = []
    for _ in range(300):
        me.page.keyboard.press(key)
        is_inside = me.check_focus()
        place = me.page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
        if not is_inside or (stops and place == stops[0]):
            me.page.evaluate("document.activeElement.blur()")
            return stops
        stops.append(place)
    raise AssertionError(f"{key} never leaves {me.page.url}")


def test_the_skip_link_leads_past_the_menu(portal: Portal) -> None:
    me = Keyboard(portal.open(by=factories.alice()))
    me.goes_to("/")
    me.press(me.link("Hoppa till innehållet"))
    assert me.page.evaluate("document.activeElement.id") == "innehall"
    me.page.keyboard.press("Tab")
    assert me.page.evaluate("document.activeElement.closest('main') !== null")


def test_the_menu_on_a_phone_opens_and_closes_by_keyboard(portal: Portal) -> None:
    me = Keyboard(portal.open(by=factories.alice(), width=320))
    me.goes_to("/")
    menu = me.page.locator(".menu-small")
    me.press(menu.locator("summary"))
    assert menu.get_attribute("open") is not None
    me.page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert me.page.evaluate("document.activeElement.tagName") == "SUMMARY"
    me.press(menu.locator("summary"))
    me.press(me.menu("Hjälpmedel"))
    me.is_on("Hjälpmedel")
