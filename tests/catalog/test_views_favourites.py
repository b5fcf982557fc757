"""Favourites, the varukatalog, what is shown when nothing is found, and what the feed has changed."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from catalog import favourites
from catalog.actions import set_local_values
from catalog.models import Article, Category, Favourite, FeedChange, FeedImport
from catalog.search import refresh
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client_of: Callable[..., Client]) -> Client:
    return client_of(factories.alice())


def page(client: Client, address: str) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def text(soup: Any) -> str:
    return " ".join(soup.get_text(" ").replace("\u00a0", " ").split())


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as context:
        assert client.get(address).status_code == 200
    return len(context)


def classes() -> dict[str, Category]:
    made: dict[str, Category] = {}
    for code, name in (("12", "Förflyttning"), ("1222", "Manuella rullstolar"), ("122203", "Tvåhjulsdrivna"), ("12220301", "Aktiva"), ("18", "Möbler")):
        made[code] = Category.objects.create(edition="2011", code=code, name=name, parent=made.get(code[:-2]))
    return made


# --- Favourites ---


def test_a_favourite_is_marked_once_however_often_one_presses_and_taken_away_again(alice: Client) -> None:
    article = factories.article()
    address = f"/hjalpmedel/{article.pk}/favorit/"
    for _ in range(2):
        assert alice.post(address, {"on": "on", "next": "/hjalpmedel/?q=rullstol"}).url == "/hjalpmedel/?q=rullstol"
    assert Favourite.objects.get().user.name == "Alice Ask"
    assert page(alice, "/hjalpmedel/").select_one(".star")["aria-pressed"] == "true"
    for _ in range(2):
        alice.post(address)
    assert not Favourite.objects.exists()


@pytest.mark.parametrize("target", ["https://ond.example/", "//ond.example/", "javascript:alert(1)", "\\\\ond.example", "", "hjalpmedel/"])
def test_the_way_back_never_leads_elsewhere(alice: Client, target: str) -> None:
    article = factories.article()
    assert alice.post(f"/hjalpmedel/{article.pk}/favorit/", {"on": "on", "next": target}).url == f"/hjalpmedel/{article.pk}/"


def test_htmx_gets_the_button_alone_with_the_focus_kept_by_its_id(alice: Client) -> None:
    article = factories.article()
    response = alice.post(f"/hjalpmedel/{article.pk}/favorit/", {"on": "on"}, headers={"HX-Request": "true"})
    button = BeautifulSoup(response.text, "html.parser").select_one("button")
    assert (button["aria-pressed"], button["id"]) == ("true", f"favorit-{article.pk}")
    assert "<html" not in response.text


def test_the_units_favourites_are_chosen_by_those_who_may_and_seen_by_the_whole_unit(client_of: Callable[..., Client]) -> None:
    article = factories.article("Rullstol")
    address = f"/hjalpmedel/{article.pk}/favorit/"
    bob = client_of(factories.bob())
    assert bob.post(address, {"on": "on", "for_unit": "on"}).status_code == 404
    assert not Favourite.objects.exists()
    client_of(factories.alice()).post(address, {"on": "on", "for_unit": "on"})
    assert "Enhetens favorit" in text(page(bob, "/hjalpmedel/").select_one(".article-card"))
    assert bob.post(address, {"for_unit": "on"}).status_code == 404
    assert "Enhetens favorit" not in text(page(client_of(factories.carol()), "/hjalpmedel/").select_one(".article-card"))
    boss = client_of(factories.assignment("Chefen", Role.UNIT_ADMIN, at=factories.unit()))
    boss.post(address, {"for_unit": "on"})
    assert not Favourite.objects.exists()


def test_both_kinds_stand_on_one_page_with_what_has_ended_said(alice: Client) -> None:
    by = factories.alice()
    assert "Du har inga favoriter än" in text(page(alice, "/hjalpmedel/favoriter/"))
    for name, for_unit in (("Min", False), ("Enhetens", True), ("Borta", False)):
        favourites.mark(factories.article(name), by=by, for_unit=for_unit)
    Article.objects.filter(name="Borta").update(status="DISCONTINUED")
    hidden = factories.article("Dold")
    favourites.mark(hidden, by=by)
    set_local_values(article=hidden, values={"is_published": False})
    groups = page(alice, "/hjalpmedel/favoriter/").select("main section.stack")
    assert [[heading.string for heading in group.select("h3")] for group in groups] == [["Borta", "Min"], ["Enhetens"]]
    assert "Utgått" in text(groups[0])


def test_another_persons_favourite_is_not_taken_away(client_of: Callable[..., Client]) -> None:
    article = factories.article()
    favourites.mark(article, by=factories.bob())
    client_of(factories.alice()).post(f"/hjalpmedel/{article.pk}/favorit/")
    assert Favourite.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["/hjalpmedel/favoriter/", "/hjalpmedel/?favorit=mina", "/hjalpmedel/katalog/", "/hjalpmedel/katalog/12/", "/hjalpmedel/katalog/122203/"]
)
def test_a_page_asks_as_many_queries_for_thirty_as_for_one(alice: Client, address: str) -> None:
    by, tree = factories.alice(), classes()

    def add(place: int) -> None:
        article = factories.article(f"Rullstol {place}", category=tree["122203"])
        favourites.mark(article, by=by)
        favourites.mark(article, by=by, for_unit=True)

    add(0)
    queries(alice, address)
    one = queries(alice, address)
    for place in range(1, 30):
        add(place)
    assert queries(alice, address) == one


# --- The varukatalog ---


def test_the_tree_leads_from_area_to_article_with_counts_and_the_way_back(alice: Client) -> None:
    tree = classes()
    factories.article("Rullstol A", category=tree["122203"])
    factories.article("Rullstol B", category=tree["12220301"])
    factories.article("Säng", category=tree["18"])
    set_local_values(article=factories.article("Dold", category=tree["18"]), values={"is_published": False})
    refresh()

    def branches(address: str) -> list[str]:
        return [text(card) for card in page(alice, address).select(".branches .article-body")]

    assert branches("/hjalpmedel/katalog/") == ["12 Förflyttning 2 artiklar", "18 Möbler 1 artikel"]
    assert branches("/hjalpmedel/katalog/12/") == ["12 22 Manuella rullstolar 2 artiklar"]
    assert branches("/hjalpmedel/katalog/1222/") == ["12 22 03 Tvåhjulsdrivna 2 artiklar"]
    third = page(alice, "/hjalpmedel/katalog/122203/")
    assert branches("/hjalpmedel/katalog/122203/") == ["12 22 03 01 Aktiva 1 artikel"]
    assert [heading.string for heading in third.select(".cards:not(.branches) h3")] == ["Rullstol A", "Rullstol B"]
    assert [link["href"] for link in third.select(".breadcrumbs a")] == ["/hjalpmedel/katalog/", "/hjalpmedel/katalog/12/", "/hjalpmedel/katalog/1222/"]
    assert alice.get("/hjalpmedel/katalog/99/").status_code == 404
    assert alice.get("/hjalpmedel/katalog/123/").status_code == 404


# --- Nothing found ---


def test_nothing_found_tells_what_was_tried_and_what_each_filter_hides(alice: Client) -> None:
    factories.article("Rullstol Allround")
    factories.article("Säng", article_type="T")
    soup = page(alice, "/hjalpmedel/?q=rullstol&typ=T")
    assert "Vi sökte efter ”rullstol”" in text(soup)
    [chip] = soup.select(".nothing .chip")
    assert text(chip) == "Ta bort Tillbehör 1 träff utan"
    assert chip["href"] == "?q=rullstol"
    assert soup.select_one(".nothing .chip-clear")["href"] == "?q=rullstol"


def test_nothing_found_offers_the_nearest_words_with_the_filters_kept(alice: Client) -> None:
    factories.article("Rullstol Allround")
    refresh()
    soup = page(alice, "/hjalpmedel/?q=rullskoxxyz&typ=H")
    links = {link.string: link["href"] for link in soup.select("ul[aria-label^=Närmaste] a")}
    assert links["rullstol"] == "?q=rullstol&typ=H"


def test_a_wrong_price_is_told_at_its_field_and_what_was_written_stays(alice: Client) -> None:
    factories.article("Rullstol", price=Decimal(100))
    soup = page(alice, "/hjalpmedel/?pris_fran=hundra&q=rullstol")
    assert soup.title.string.startswith("Fel: ")
    assert soup.select_one("[name=pris_fran]")["value"] == "hundra"
    assert "högre pris" in text(page(alice, "/hjalpmedel/?pris_fran=10&pris_till=5").select_one(".error-summary"))


# --- History ---


def test_those_who_may_see_what_imports_have_changed(client_of: Callable[..., Client]) -> None:
    article = factories.article()
    feed_import = FeedImport.objects.create(file_name="a.xml", export_id="E-1", sha256="0" * 64, status="APPLIED")
    FeedChange.objects.create(feed_import=feed_import, article=article, kind="CHANGED", field="name", old="Förr", new="Nu")
    FeedChange.objects.create(feed_import=feed_import, article=article, kind="CHANGED", field="prices", old=None, new=["A1 2026-01-01 100"])
    support = client_of(factories.assignment("Stödet", Role.SUPPORT, at=factories.unit()))
    assert support.get(f"/hjalpmedel/{article.pk}/").text.count("/historik/") == 1
    soup = page(support, f"/hjalpmedel/{article.pk}/historik/")
    assert "Artikeln: ändrad – benämning Förr Nu E-1" in text(soup)
    assert "priser – A1 2026-01-01 100" in text(soup)
    prescriber = client_of(factories.alice())
    assert "/historik/" not in prescriber.get(f"/hjalpmedel/{article.pk}/").text
    assert prescriber.get(f"/hjalpmedel/{article.pk}/historik/").status_code == 404
