"""A buffertförråd on a phone: counted by two at once, by keyboard alone and without JavaScript; no barrier on any of its pages."""

import pytest
from playwright.sync_api import expect

from accounts.models import Assignment
from buffer.actions import counting
from buffer.models import Count, CountEntry, StockLine
from tests import factories
from tests.browser.hands import Hands, Keyboard, Mouse, WithoutScript
from tests.browser.portal import Portal
from tests.browser.walk import walk
from tests.buffer.stores import fresh, maja, marked_article, nils, stocked, store, take

KINDS = [Mouse, Keyboard, WithoutScript]
NAMES = ["with_the_mouse", "by_keyboard_alone", "without_javascript"]
PHONE = 390
HERE = "/buffertforrad/4101/"


def shelves() -> tuple[StockLine, StockLine, StockLine]:
    return (
        stocked(10, place="A1", article=factories.article("Rollator Stadig")),
        stocked(6, place="A2", article=factories.article("Badbräda Bred")),
        stocked(2, ("45-1", "45-2"), place="B1", article=marked_article("Rullstol Lätt")),
    )


def counts(me: Hands, name: str, number: str) -> None:
    """Writes the number in the row of the article, and saves it."""
    row = me.page.locator(".count-row").filter(has_text=name)
    field = row.get_by_role("textbox", name="Antal", exact=True)
    if isinstance(me, Keyboard):
        me.reach(field)
        me.page.keyboard.type(number)
        me.enter()
    else:
        field.fill(number)
        row.get_by_role("button", name="Spara").click()


def someone(kind: type[Hands], portal: Portal, by: Assignment) -> Hands:
    return kind(portal.open(by=by, width=PHONE, scripts=kind.has_scripts))


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_two_count_a_store_at_once_on_their_phones(kind: type[Hands], portal: Portal) -> None:
    portal.expects(409)
    first, second, third = shelves()
    me, other = someone(kind, portal, maja()), someone(kind, portal, nils())
    portal.expects(409)
    me.goes_to(HERE)
    me.press(me.button("Inventera"))
    me.is_on("Inventering")
    other.goes_to(HERE)
    other.sees("Inventering pågår")
    other.press(other.link("Räkna med"))
    other.is_on("Inventering")
    counts(me, "Rollator Stadig", "9")
    portal.wait(lambda: CountEntry.objects.filter(line=first).exists(), "the first one's number")
    counts(other, "Rollator Stadig", "8")  # still on the colleague's list
    other.sees("Maja Mo räknade 9", "Ditt antal är inte sparat", within="body")
    assert CountEntry.objects.get(line=first).counted == 9
    other.goes_to(Count.objects.get().get_absolute_url())
    counts(other, "Badbräda Bred", "6")
    portal.wait(lambda: CountEntry.objects.filter(line=second).exists(), "the second one's number")
    take(second, 1)  # somebody is served meanwhile
    me.goes_to(Count.objects.get().get_absolute_url())
    me.sees("2 av 3 räknade")
    me.tick("45-1")
    me.press(me.page.locator(".count-row").filter(has_text="Rullstol Lätt").get_by_role("button", name="Spara"))
    portal.wait(lambda: CountEntry.objects.filter(line=third).exists(), "the aids with numbers")
    me.press(me.link("Granska skillnader"))
    me.is_on("Skillnader")
    me.sees("2 skillnader", "Rollator Stadig", "Saknas: 45-2")
    me.sees_no("Badbräda Bred")
    me.press(me.button("Bokför inventeringen"))
    me.sees("Välj varför antalet av Rollator Stadig skiljer.", within="body")
    for name in ("Rollator Stadig", "Rullstol Lätt"):
        me.select(f"Orsak, {name}", "Trasiga, redan slängda")
    me.press(me.button("Bokför inventeringen"))
    me.sees("Bokförd", "Trasiga, redan slängda")
    assert [fresh(line).on_hand for line in (first, second, third)] == [9, 5, 1]
    [message] = portal.sesam2.wait_for(lambda stand_in: [said for said in stand_in.received if said["messageType"] == "StockCorrection"], 30)
    assert sorted(line["difference"] for line in message["body"]["lines"]) == [-1, -1]


def test_after_a_line_is_saved_the_next_one_has_the_focus(portal: Portal) -> None:
    shelves()
    me = someone(Keyboard, portal, maja())
    count = counting.start(store(), by=maja())
    me.goes_to(count.get_absolute_url())
    counts(me, "Rollator Stadig", "9")
    field = me.page.locator(".count-row").filter(has_text="Badbräda Bred").get_by_role("textbox", name="Antal", exact=True)
    expect(field).to_be_focused()
    expect(me.page.locator("#live")).to_have_text("Rollator Stadig: sparat.")
    me.sees("1 av 3 räknade")


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_an_article_is_scrapped_and_its_levels_changed_in_the_storeroom(kind: type[Hands], portal: Portal) -> None:
    line, _, _ = shelves()
    me = someone(kind, portal, maja())
    me.goes_to("/")
    me.press(me.link("Buffertförrådet", exact=True))
    me.write("Sök i förrådet", "stadig")
    me.press(me.button("Sök"))
    me.press(me.link("Rollator Stadig", exact=True))
    me.press(me.link("Kassera"))
    me.write("Antal", "2")
    me.press(me.button("Kassera"))
    me.sees("Fyll i ”Varför?”.", within="body")
    me.write("Varför?", "Trasiga handtag")
    me.press(me.button("Kassera"))
    me.sees("Kasserat.", "Trasiga handtag")
    me.press(me.link("Ändra nivåer och plats"))
    me.write("Säkerhetsnivå", "9")
    me.write("Fylls på till", "12")
    me.press(me.button("Spara"))
    me.sees("Under säkerhetsnivån")
    assert (fresh(line).on_hand, fresh(line).safety_level, fresh(line).target_level) == (8, 9, 12)


def test_the_pages_of_a_store_have_no_barrier(portal: Portal) -> None:
    by = maja()
    at = walk(portal, by)
    at.visit("/buffertforrad/", "no store")
    store()
    at.visit(HERE, "store, empty")
    line, second, third = shelves()
    take(line, 3)
    store("4102", of=factories.carol(), name="Sörhagas förråd")
    at.visit(HERE, "store")
    at.visit(f"{HERE}?visa=still", "store, stands still")
    at.visit(f"{HERE}siffror/", "figures")
    at.visit(f"{HERE}pausa/", "pause")
    at.press("Pausa påfyllningen")
    at.look("pause with errors", error=True)
    at.visit(f"{HERE}ny-artikel/?q=rollator", "add")
    page = f"{HERE}artikel/{third.article_id}/"
    at.visit(page, "line")
    at.visit(f"{page}nivaer/", "levels")
    at.visit(f"{page}kassera/", "scrap")
    at.press("Kassera")
    at.look("scrap with errors", error=True)
    at.visit(f"{page}aterfunnet/", "found")
    at.visit(f"{page}flytta/", "transfer")
    at.visit("/individer/45-1/", "individkort in a store")
    count = counting.start(store(), by=by)
    url = count.get_absolute_url()
    at.visit(url, "count")
    counting.enter(count, line, by=by, counted=6)
    counting.enter(count, third, by=by, counted=1, individual_numbers=["45-1"])
    at.visit(f"{url}?visa=raknade", "counted")
    at.visit(f"{url}skillnader/", "differences")
    at.press("Bokför inventeringen")
    at.look("differences with errors", error=True)
    at.visit(f"{url}avbryt/", "cancel the count")
    found = counting.differences(count)
    counting.book(
        count,
        by=by,
        reasons={one.entry.line_id: (CountEntry.Reason.UNREGISTERED, "") for one in found if one.differs},
        seen={one.entry.line_id: one.change for one in found},
    )
    at.visit(url, "count, booked")
    at.visit(f"{HERE}inventeringar/", "counts")
    at.visit(f"{HERE}inte-registrerade/", "not registered")
    at.visit("/", "start page with a store")
    assert second.pk
    at.end(at_least=22)
