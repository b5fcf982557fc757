"""The catalogue as prescribers use it: search as one types, facets, the article's page, favourites, into an order. No barrier that a machine can find."""

import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from accounts.models import Assignment
from catalog import favourites
from catalog.actions import set_local_values
from catalog.media.files import store
from catalog.media.pictures import keep_picture
from catalog.models import Article, Category, Favourite, Media, Relation, Supplier
from catalog.search import refresh
from orders.models import Order
from patients.models import Patient
from tests import factories
from tests.browser.hands import Hands
from tests.browser.portal import Portal
from tests.browser.states import LONG_WORD
from tests.browser.steps import log_in, search_patient
from tests.browser.walk import walk


def picture(place: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (40 * place, 120, 140)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def media_root(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def shelves() -> dict[str, Article]:
    """Chairs and a bed in their classes, with what belongs to them."""
    tree: dict[str, Category] = {}
    for code, name in (
        ("12", "Hjälpmedel vid förflyttning"),
        ("1222", "Manuella rullstolar"),
        ("122203", "Tvåhjulsdrivna"),
        ("18", f"Möbler och {LONG_WORD.lower()}"),
    ):
        tree[code] = Category.objects.create(edition="2011", code=code, name=name, parent=tree.get(code[:-2]))
    made = {
        "chair": factories.article("Rullstol Allround 45 cm", category=tree["122203"], description="Stadig rullstol.\n\nGår att fälla ihop."),
        "other": factories.article("Rullstol Sprint", category=tree["122203"], price=Decimal(4500)),
        "table": factories.article("Bord till rullstol", category=tree["122203"], article_type="T", price=None),
        "bed": factories.article(f"Säng {LONG_WORD.lower()}, ställbar", category=tree["18"], number="A" * 35),
    }
    set_local_values(article=made["chair"], values={"delivery_class": "STOCKED", "extra_text": "Prova ut först."})
    set_local_values(article=made["other"], values={"delivery_class": "LONG", "is_in_assortment": False})
    for place in range(3):
        Media.objects.create(article=made["chair"], kind="IMAGE", url=f"https://a.example/{place}", picture=keep_picture(picture(place)), place=place)
    manual = store(b"%PDF-1.4", "application/pdf")
    Media.objects.create(article=made["chair"], kind="MANUAL", url="https://a.example/m", stored=manual, language="sv", description="Bruksanvisning Allround")
    for place in range(10):
        part = factories.article(f"Hjul {place}", article_type="R", category=tree["122203"])
        Relation.objects.create(kind="FITS_TO", from_article=part, to_article=made["chair"])
    Relation.objects.create(kind="FITS_TO", from_article=made["table"], to_article=made["chair"])
    refresh()
    return made


def cards(me: Hands) -> Any:
    return me.page.locator("#resultat .article-card h3")


# --- Search and facets ---


def test_what_is_searched_is_found_narrowed_and_come_back_to(hands: Hands) -> None:
    me, alice = hands, factories.alice()
    shelves()
    log_in(me, alice)
    me.press(me.menu("Hjälpmedel"))
    me.write("Sök hjälpmedel", "rulstolar")
    if me.has_scripts:
        me.waits_for("Här är träffar för rullstol")
        expect(me.page.locator("#live")).to_contain_text("träff")
        expect(me.page).to_have_url(re.compile("q=rulstolar"))
        expect(me.box("Sök hjälpmedel")).to_be_focused()
    else:
        me.enter()
        me.sees("Här är träffar för rullstol")
    me.press(me.page.locator("#f-typ-H"))
    expect(cards(me)).to_have_text(["Rullstol Allround 45 cm", "Rullstol Sprint"])
    me.press(me.page.locator("#f-leverans-LONG"))
    expect(cards(me)).to_have_text(["Rullstol Sprint"])
    me.press(me.page.locator("#f-leverans-STOCKED"))
    expect(cards(me)).to_have_count(2)
    me.press(me.link("Ta bort Längre leveranstid"))
    expect(cards(me)).to_have_text(["Rullstol Allround 45 cm"])
    me.press(me.link("Rullstol Allround 45 cm", exact=True))
    me.is_on("Rullstol Allround 45 cm")
    me.page.go_back()
    expect(cards(me)).to_have_text(["Rullstol Allround 45 cm"])
    expect(me.box("Sök hjälpmedel")).to_have_value("rulstolar")
    expect(me.page.locator("html")).to_have_count(1)
    me.press(me.link("Rensa alla"))
    me.write("Till, kr", "1000")
    me.press(me.button("Visa i prisspannet"))
    me.sees("Högst 1 000 kr")
    me.sees_no("Rullstol Sprint")


def test_back_after_typing_shows_the_page_and_not_a_part_of_it(portal: Portal) -> None:
    shelves()
    page = portal.open(by=factories.alice())
    page.goto("/hjalpmedel/")
    page.get_by_role("searchbox").press_sequentially("säng", delay=20)
    expect(page.locator("#resultat .article-card")).to_have_count(1)
    page.locator("#resultat .article-card h3 a").click()
    expect(page.locator("h1")).to_contain_text("Säng")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Hjälpmedel")
    expect(page.get_by_role("searchbox")).to_have_value("säng")
    expect(page.locator("#resultat .article-card")).to_have_count(1)


def test_on_a_phone_what_was_found_comes_before_the_filters(portal: Portal) -> None:
    shelves()
    page = portal.open(by=factories.alice(), width=390)
    page.goto("/hjalpmedel/?typ=H&leverans=LONG")
    summary, first = page.locator("#avgransa summary"), page.locator("#resultat .article-card").first
    expect(summary).to_contain_text("Avgränsa 2")
    expect(page.locator("#f-typ-H")).not_to_be_visible()
    box, card = summary.bounding_box(), first.bounding_box()
    assert box
    assert card
    assert card["y"] - box["y"] < 300
    summary.click()
    expect(page.locator("#f-typ-H")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/hjalpmedel/")
    expect(page.locator("#f-typ-H")).to_be_visible()
    expect(page.locator("#avgransa summary")).not_to_be_visible()


def test_the_varukatalog_leads_to_the_article(hands: Hands) -> None:
    me, alice = hands, factories.alice()
    shelves()
    log_in(me, alice)
    me.press(me.menu("Hjälpmedel"))
    me.press(me.link("Varukatalog", exact=True))
    for name in ("Hjälpmedel vid förflyttning", "Manuella rullstolar", "Tvåhjulsdrivna"):
        me.press(me.link(name, exact=True))
        me.is_on(name)
    me.press(me.link("Rullstol Sprint", exact=True))
    me.is_on("Rullstol Sprint")


# --- The article ---


def test_the_article_page_shows_pictures_manual_and_what_fits(hands: Hands) -> None:
    me, alice = hands, factories.alice()
    made = shelves()
    log_in(me, alice)
    me.goes_to(made["chair"].get_absolute_url())
    me.sees("Lagervara: levereras inom 7 vardagar", "Prova ut först.", "Bruksanvisning · PDF, 8 byte · svenska")
    me.press(me.link("Bild 2 av 3"))
    expect(me.page.locator(".thumbnails [aria-current] img")).to_have_attribute("alt", "Bild 2 av 3")
    me.press(me.link("Visa alla under Tillbehör och delar som passar"))
    me.is_on("Tillbehör och delar som passar")
    expect(me.page.locator("tbody tr")).to_have_count(11)
    me.press(me.link("Bord till rullstol"))
    me.is_on("Bord till rullstol")
    me.sees("Pris lämnas vid beställning", "Passar till", "Rullstol Allround 45 cm")


def test_a_number_is_copied_and_that_is_said(portal: Portal) -> None:
    made = shelves()
    page = portal.open(by=factories.alice(), permissions=["clipboard-read", "clipboard-write"])
    page.goto(made["chair"].get_absolute_url())
    page.get_by_role("button", name="Kopiera Artikelnummer").click()
    expect(page.locator("#live")).to_contain_text("är kopierat")
    assert page.evaluate("navigator.clipboard.readText()") == made["chair"].display_number


# --- Favourites ---


def test_a_favourite_is_marked_where_it_is_seen(hands: Hands) -> None:
    me, alice = hands, factories.alice()
    made = shelves()
    log_in(me, alice)
    me.goes_to("/hjalpmedel/?q=sprint")
    me.press(me.button("Min favorit: Rullstol Sprint"))
    star = me.page.locator(f"#favorit-{made['other'].pk}")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(me.page).to_have_url(re.compile("q=sprint"))
    if me.has_scripts:
        expect(star).to_be_focused()
    me.goes_to(made["chair"].get_absolute_url())
    me.press(me.button("Enhetens favorit"))
    expect(me.page.locator(f"#favorit-{made['chair'].pk}-enhet")).to_have_attribute("aria-pressed", "true")
    me.goes_to("/hjalpmedel/favoriter/")
    expect(me.page.locator("main section.stack").first).to_contain_text("Rullstol Sprint")
    expect(me.page.locator("main section.stack").last).to_contain_text("Rullstol Allround")
    assert Favourite.objects.count() == 2


# --- Into an order ---


def test_an_article_goes_into_a_draft_and_into_a_new_order(hands: Hands) -> None:
    me, alice = hands, factories.alice()
    made = shelves()
    patient = factories.patient(alice, number=factories.test_numbers()[0])
    other = factories.patient(alice, number=factories.test_numbers()[1], given_name="Märta", family_name="Åkerblom")
    draft = factories.draft(alice, to=other, lines=1)
    log_in(me, alice)
    me.goes_to("/hjalpmedel/?q=sprint")
    me.press(me.link("Lägg till Rullstol Sprint"))
    me.is_on("Lägg i beställning")
    me.choose("Utkast för Märta Å.")
    me.write("Antal", "2")
    me.press(me.button("Lägg i beställning"))
    me.is_on("Ny kundorder")
    expect(me.box("Antal Rullstol Sprint")).to_have_value("2")
    assert draft.lines.count() == 2

    me.goes_to(made["bed"].get_absolute_url())
    me.press(me.link("Lägg i beställning"))
    me.choose("Ny beställning – hitta patient först")
    me.press(me.button("Lägg i beställning"))
    me.sees("Öppna patienten och välj Nytt hjälpmedel")
    search_patient(me, patient.identity.value)
    me.press(me.button("Nytt hjälpmedel"))
    me.is_on("Ny kundorder")
    me.sees(made["bed"].name)
    assert Order.objects.get(patient=patient).lines.get().article == made["bed"]


# --- No barriers ---


def everything_that_may_be_shown(alice: Assignment) -> dict[str, Article]:
    made = shelves()
    for place in range(12):
        factories.article(f"Rollator {place}", supplier=Supplier.objects.create(gln=f"73599999{place:05}", name=f"{LONG_WORD} {place} AB"), price=None)
    made["gone"] = factories.article("Duschpall Svalka", status="DISCONTINUED", discontinued_from=factories.days_from_now(-3))
    made["going"] = factories.article("Duschpall Bris", discontinued_from=factories.days_from_now(30))
    for old in ("gone", "going"):
        Relation.objects.create(kind="REPLACED_BY", from_article=made[old], to_article=made["bed"])
    for article in (made["chair"], made["gone"], made["bed"]):
        favourites.mark(article, by=alice)
    favourites.mark(made["bed"], by=alice, for_unit=True)
    return made


def test_no_page_of_the_catalogue_has_a_barrier(portal: Portal) -> None:
    alice = factories.alice()
    at = walk(portal, alice)
    at.visit("/hjalpmedel/katalog/", "classes, empty")
    at.visit("/hjalpmedel/favoriter/", "favourites, empty")
    made = everything_that_may_be_shown(alice)
    many = "&".join(f"lev={pk}" for pk in Supplier.objects.values_list("pk", flat=True)[:8])
    at.visit("/hjalpmedel/", "list")
    at.visit(f"/hjalpmedel/?q=rullstol&iso=1222&typ=H&typ=T&leverans=LONG&sortiment=ut&pris_fran=1&pris_till=9000&{many}", "list, many filters")
    at.visit("/hjalpmedel/?visa=lev", "list, all suppliers")
    at.visit("/hjalpmedel/?q=rullstxxlar&typ=Tj", "list, nothing found")
    at.visit("/hjalpmedel/?q=rollator&typ=Tj", "list, nothing with the filters")
    at.visit("/hjalpmedel/?pris_fran=abc&pris_till=x", "list, wrong price", error=True)
    at.visit("/hjalpmedel/katalog/", "classes")
    at.visit("/hjalpmedel/katalog/12/", "class of classes")
    at.visit("/hjalpmedel/katalog/122203/", "class with articles")
    for name in ("chair", "bed", "table", "gone", "going"):
        at.visit(made[name].get_absolute_url(), f"article, {name}")
    at.visit(f"{made['chair'].get_absolute_url()}tillbehor/", "related")
    at.visit("/hjalpmedel/favoriter/", "favourites")
    at.visit(f"/bestallningar/lagg-till/{made['chair'].pk}/", "add, no draft")
    patient = factories.patient(alice, given_name="Maximilian Alexander", family_name="von Hohenfels")
    factories.draft(alice, to=patient, lines=3)
    at.visit(f"/bestallningar/lagg-till/{made['chair'].pk}/", "add, a draft")
    at.write("Antal", "0")
    at.press("Lägg i beställning")
    at.look("add, errors", error=True)
    support = walk(portal, factories.assignment("Stödet", "SUPPORT", at=alice.unit))
    support.visit(f"{made['chair'].get_absolute_url()}historik/", "history")
    at.wrong += support.wrong
    at.page.emulate_media(forced_colors="active")
    at.widths = [1280]
    at.visit("/hjalpmedel/?typ=H", "list, forced colours")
    assert Patient.objects.exists()
    at.end(at_least=21)
