"""The administrators' pages of the catalogue in a browser: a file is uploaded and followed to its end, the quarantine is read, fetched and tried again."""

import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from accounts.models import Assignment, User
from catalog.demo.feed import Order, write_feed
from catalog.models import Article, FeedImport, Quarantine
from tests import factories
from tests.browser.portal import Portal
from tests.browser.walk import _RUN, AXE, TAGS

WIDTHS = (1280, 390)
# Without reading stylesheets that import others, as Django's do: for that axe would need inline styles, which our policy refuses.
RUN = _RUN.replace("resultTypes:", "preload: false, resultTypes:")
ARTICLES = 1_500


@pytest.fixture
def administrator(portal: Portal) -> Assignment:
    held = factories.assignment("Ada Administratör", "SUPPORT", at=factories.unit())
    User.objects.filter(pk=held.user_id).update(is_staff=True)
    return Assignment.objects.select_related("user", "unit__provider").get(pk=held.pk)


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A whole export with one bad row in it."""
    text = io.StringIO()
    write_feed(Order(ARTICLES, 1, settings.SESAM2_GLN), text)
    path = tmp_path / "export.xml"
    path.write_text(text.getvalue().replace("<orderUnit>ST</orderUnit>", "<orderUnit></orderUnit>", 1), encoding="utf-8")
    return path


class Eyes:
    """What axe finds, and a page that is wider than the window, at both widths; all told at the end."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []

    def look(self) -> None:
        self.page.evaluate(AXE)
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.wrong += [f"{self.page.url}, {width} px: {text}" for text in self.page.evaluate(RUN, TAGS)]
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def end(self) -> None:
        assert not self.wrong, "\n".join(self.wrong)


def test_a_file_is_followed_to_its_end_and_its_bad_row_is_read_fetched_and_tried_again(portal: Portal, administrator: Assignment, feed: Path) -> None:
    page = portal.open(by=administrator, accept_downloads=True)
    eyes = Eyes(page)
    page.goto("/admin/catalog/feedimport/")
    eyes.look()
    page.get_by_role("link", name="Läs in fil").click()
    eyes.look()
    page.locator("input[type=file]").set_input_files(feed)
    page.get_by_role("button", name="Läs in").click()

    # It tells by itself how far it has come, and at the end what changed.
    expect(page.get_by_role("progressbar")).to_be_visible()
    eyes.look()
    expect(page.get_by_role("status")).to_contain_text("Inläst", timeout=120_000)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    row = FeedImport.objects.get()
    assert (row.status, row.progress, Article.objects.count()) == ("APPLIED", 100, ARTICLES - 1)
    expect(page.locator("body")).to_contain_text("Ada Administratör")
    eyes.look()

    page.get_by_role("link", name="i karantän").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(Quarantine.objects.count())
    expect(page.locator("#result_list")).to_contain_text("orderUnit")
    eyes.look()
    with page.expect_download() as download:
        page.get_by_role("link", name="Hämta som Excel").click()
    with zipfile.ZipFile(download.value.path()) as book:
        assert b"orderUnit" in book.read("xl/worksheets/sheet1.xml")
    page.get_by_role("button", name="Pröva igen").click()
    expect(page.get_by_role("status")).to_contain_text("Inläst")
    assert FeedImport.objects.get(mode="RETRY").by == administrator.user
    # As wrong as before; the article's price has nothing to stand on either.
    assert sorted(Quarantine.objects.open().values_list("element", flat=True)) == ["Article", "row"]
    eyes.look()
    eyes.end()


def test_the_pages_of_articles_values_and_rules_have_no_barrier(portal: Portal, administrator: Assignment) -> None:
    article = factories.article_of("122203", name="Centralens rullstol")
    page = portal.open(by=administrator)
    eyes = Eyes(page)
    for address in (
        "article/",
        f"article/{article.pk}/change/",
        "localarticle/",
        f"localarticle/{article.pk}/change/",
        "prescribingrule/",
        "prescribingrule/add/",
        "assortmententry/add/",
        "assortmentpolicy/",
        "earlyvalues/",
    ):
        response = page.goto(f"/admin/catalog/{address}")
        assert response is not None
        assert response.status == 200, address
        eyes.look()
    eyes.end()
