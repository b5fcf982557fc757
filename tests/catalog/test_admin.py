from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Assignment, User
from catalog.models import Article, LocalArticle
from catalog.search import search
from tests import factories
from tests.catalog.feeds import EXAMPLE, applied

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


@pytest.mark.parametrize("model", ["article", "localarticle", "substitutiongroup", "feedimport"])
def test_the_lists_open_and_search(model: str, administrator: Client) -> None:
    applied(EXAMPLE)
    factories.article()
    assert administrator.get(f"/admin/catalog/{model}/?q=a").status_code == 200
