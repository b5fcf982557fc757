import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Assignment, User
from catalog.actions import import_waiting
from catalog.models import Article, FeedImport, LocalArticle
from catalog.search import search
from tests import factories
from tests.catalog.feeds import EXAMPLE, NEXT, applied, changed

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client_of: Callable[[Assignment], Client]) -> Client:
    held = factories.assignment("Ada Administratör", "SUPPORT", at=factories.unit())
    User.objects.filter(pk=held.user_id).update(is_staff=True)
    return client_of(held)


def test_both_values_stand_side_by_side(administrator: Client) -> None:
    article = factories.article("Leverantörens namn")
    LocalArticle.objects.filter(article=article).update(name="Centralens namn")
    for model in ("article", "localarticle"):
        body = administrator.get(f"/admin/catalog/{model}/{article.pk}/change/").text
        assert "Leverantörens namn" in body
        assert "Centralens namn" in body


def test_saving_the_centres_values_is_searchable_at_once_and_an_empty_text_takes_one_away(administrator: Client) -> None:
    applied(EXAMPLE)
    article = Article.objects.get(number="AR-45")
    form = {"article": article.pk, "sesam_number": "118245", "name": "Gåvagn", "is_published": "true", "is_orderable": "unknown"}
    assert administrator.post("/admin/catalog/localarticle/add/", form).status_code == 302
    assert search("gåvagn") == [article]
    assert LocalArticle.objects.get().is_orderable is None
    form["name"] = ""
    assert administrator.post(f"/admin/catalog/localarticle/{article.pk}/change/", form).status_code == 302
    assert LocalArticle.objects.get().name is None
    assert search("gåvagn") == []


def test_nothing_is_deleted_and_the_feeds_own_is_not_edited(administrator: Client) -> None:
    article = factories.article("Leverantörens namn")
    for model in ("article", "localarticle"):
        assert administrator.post(f"/admin/catalog/{model}/{article.pk}/delete/", {"post": "yes"}).status_code >= 400
    assert administrator.post("/admin/catalog/article/add/", {"name": "Annat"}).status_code >= 400
    assert administrator.post(f"/admin/catalog/article/{article.pk}/change/", {"name": "Annat"}).status_code >= 400
    assert [(found.name, found.local.sesam_number) for found in Article.objects.all()] == [("Leverantörens namn", article.sesam_number)]


@pytest.mark.parametrize("model", ["article", "localarticle", "substitutiongroup", "feedimport", "quarantine"])
def test_the_lists_open_and_search(model: str, administrator: Client) -> None:
    applied(EXAMPLE)
    factories.article()
    assert administrator.get(f"/admin/catalog/{model}/?q=a").status_code == 200


def test_an_uploaded_file_is_imported_by_a_worker_and_its_page_tells_what_changed(administrator: Client, tmp_path: Path, settings: Settings) -> None:
    settings.HJMTJ_STORE = tmp_path / "store"
    with changed(tmp_path, ("<price>890.00", "<price>-890.00")).open("rb") as file:
        response = administrator.post("/admin/catalog/feedimport/ladda-upp/", {"file": file})
    row = FeedImport.objects.get()
    assert response.url == f"/admin/catalog/feedimport/{row.pk}/change/"
    assert "Väntar" in administrator.get(response.url).text
    assert 'hx-trigger="every 2s"' in administrator.get(f"/admin/catalog/feedimport/{row.pk}/lage/").text
    assert import_waiting() == 1
    assert administrator.get(f"/admin/catalog/feedimport/{row.pk}/lage/")["HX-Refresh"] == "true"
    body = administrator.get(response.url).text
    assert "Ada Administratör" in body
    assert "1 i karantän" in body
    assert "Allround sittbredd 45 cm" in body
    assert list((tmp_path / "store").iterdir()) == []
    assert "AR-BORD" in administrator.get("/admin/catalog/quarantine/").text
    book = administrator.get("/admin/catalog/quarantine/excel/")
    with zipfile.ZipFile(io.BytesIO(book.content)) as package:
        assert b"minInclusive" in package.read("xl/worksheets/sheet1.xml")
    response = administrator.post("/admin/catalog/feedimport/prova-karantanen/")
    assert FeedImport.objects.get(mode="RETRY").status == "APPLIED"


def test_a_file_that_ends_many_articles_waits_for_an_administrators_word(administrator: Client, tmp_path: Path, settings: Settings) -> None:
    settings.HJMTJ_STORE = tmp_path / "store"
    applied(EXAMPLE)
    text = changed(tmp_path, *NEXT).read_text()
    (tmp_path / "empty.xml").write_text(f"{text[: text.index('<Organisations>')]}</Export>")
    with (tmp_path / "empty.xml").open("rb") as file:
        administrator.post("/admin/catalog/feedimport/ladda-upp/", {"file": file})
    import_waiting()
    row = FeedImport.objects.latest("pk")
    assert "Bekräfta och läs in" in administrator.get(f"/admin/catalog/feedimport/{row.pk}/change/").text
    for _ in range(2):
        administrator.post(f"/admin/catalog/feedimport/{row.pk}/bekrafta/")
    assert import_waiting() == 1
    assert Article.objects.filter(ended_at=None).count() == 0
    assert list((tmp_path / "store").iterdir()) == []
