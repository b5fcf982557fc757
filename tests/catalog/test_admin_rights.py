"""Prescribing right and assortments as administrators keep them; the centre's own values, set and taken away; what each list costs."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Assignment, User
from catalog.local_values import set_local_values
from catalog.models import Article, AssortmentEntry, AssortmentPolicy, EarlyValues, FeedImport, LocalArticle, LocalChange, PrescribingRule, SubstitutionGroup
from tests import factories
from tests.catalog.feeds import EXAMPLE, NEXT, applied, changed

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client_of: Callable[[Assignment], Client]) -> Client:
    held = factories.assignment("Ada Administratör", "SUPPORT", at=factories.unit())
    User.objects.filter(pk=held.user_id).update(is_staff=True)
    return client_of(held)


def errors(response: Any) -> str:
    return " ".join(found.get_text(" ", strip=True) for found in BeautifulSoup(response.content, "html.parser").select(".errorlist"))


# --- Rules ------------------------------------------------------------------------------------------


def test_a_rule_is_made_with_its_code_written_with_blanks_and_put_out_of_use(administrator: Client) -> None:
    form = {
        "provider": factories.provider().pk,
        "profession": "SJ",
        "iso_prefix": "12 22 03",
        "mode": "BLOCK",
        "text": "Beställs av arbetsterapeut.",
        "is_active": "on",
    }
    assert administrator.post("/admin/catalog/prescribingrule/add/", form).status_code == 302
    rule = PrescribingRule.objects.get(profession="SJ")
    assert (rule.iso_prefix, rule.mode, rule.is_active) == ("122203", "BLOCK", True)
    del form["is_active"]
    assert administrator.post(f"/admin/catalog/prescribingrule/{rule.pk}/change/", form).status_code == 302
    assert not PrescribingRule.objects.get(pk=rule.pk).is_active
    assert administrator.post(f"/admin/catalog/prescribingrule/{rule.pk}/delete/", {"post": "yes"}).status_code in {403, 404}
    assert PrescribingRule.objects.filter(pk=rule.pk).exists()


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"iso_prefix": ""}, "Det finns redan en regel"),
        ({"iso_prefix": "123"}, "två, fyra, sex eller åtta siffror"),
        ({"iso_prefix": "1222030101"}, "två, fyra, sex eller åtta siffror"),
        ({"iso_prefix": "rull"}, "två, fyra, sex eller åtta siffror"),
        ({"iso_prefix": "12", "text": ""}, "Skriv texten som beställaren ska se."),
        ({"iso_prefix": "12", "mode": ""}, "måste fyllas i"),
    ],
)
def test_a_wrong_rule_is_refused_in_words(typed: dict[str, str], error: str, administrator: Client) -> None:
    before = list(PrescribingRule.objects.values())
    response = administrator.post("/admin/catalog/prescribingrule/add/", {"mode": "WARN", "text": "Tänk på det.", "is_active": "on"} | typed)
    assert response.status_code == 200
    assert error in errors(response)
    assert list(PrescribingRule.objects.values()) == before


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({}, "Välj en artikel eller skriv en ISO-kod."),
        ({"iso_prefix": "12"}, "Vårdgivaren har redan bestämt om den."),
    ],
)
def test_a_wrong_entry_of_an_assortment_is_refused_in_words(typed: dict[str, str], error: str, administrator: Client) -> None:
    AssortmentEntry.objects.create(provider=factories.provider(), iso_prefix="12")
    response = administrator.post("/admin/catalog/assortmententry/add/", {"provider": factories.provider().pk, "is_included": "on", "is_active": "on"} | typed)
    assert error in errors(response)
    assert AssortmentEntry.objects.count() == 1


def test_a_care_provider_has_one_word_on_what_is_outside(administrator: Client) -> None:
    form = {"provider": factories.provider().pk, "mode": "BLOCK", "text": "Beställs inte.", "shows_outside": "on"}
    assert administrator.post("/admin/catalog/assortmentpolicy/add/", form).status_code == 302
    assert "Det finns redan en regel" in errors(administrator.post("/admin/catalog/assortmentpolicy/add/", form))
    assert AssortmentPolicy.objects.filter(provider=factories.provider()).count() == 1


# --- The centre's own values ------------------------------------------------------------------------

VALUES: dict[str, tuple[str, Any]] = {
    "sesam_number": ("118245", "118245"),
    "name": ("Vår rullstol", "Vår rullstol"),
    "article_type": ("T", "T"),
    "description": ("Vår beskrivning", "Vår beskrivning"),
    "charging_form": ("PURCHASE_WITH_RETURN", "PURCHASE_WITH_RETURN"),
    "shown_price": ("212.50", Decimal("212.50")),
    "is_individual_marked": ("true", True),
    "is_published": ("false", False),
    "is_orderable": ("false", False),
    "is_in_assortment": ("false", False),
    "may_be_component": ("true", True),
    "extra_text": ("Prova ut", "Prova ut"),
    "default_safety_level": ("4", 4),
    "delivery_class": ("LONG", "LONG"),
    "availability": ("OUT", "OUT"),
}


def test_every_value_of_the_issue_can_be_set_and_every_one_stands_in_the_table() -> None:
    assert set(VALUES) | {"substitution_group"} == {field.name for field in LocalArticle._meta.fields if field.editable and field.name != "article"}


@pytest.mark.parametrize("field", VALUES)
def test_a_value_is_set_alone_shown_beside_the_feeds_told_in_the_history_and_taken_away(field: str, administrator: Client) -> None:
    applied(EXAMPLE)
    article = Article.objects.get(number="AR-45")
    typed, stored = VALUES[field]
    empty = {"is_individual_marked", "is_published", "is_orderable", "is_in_assortment", "may_be_component"}
    blank = {name: "unknown" if name in empty else "" for name in VALUES}
    assert administrator.post("/admin/catalog/localarticle/add/", blank | {"article": article.pk, field: typed}).status_code == 302
    local = LocalArticle.objects.get()
    assert {name: getattr(local, name) for name in VALUES} == dict.fromkeys(VALUES) | {field: stored}
    page = f"/admin/catalog/localarticle/{article.pk}/change/"
    [change] = LocalChange.objects.all()
    assert (change.field, change.old, change.by.name) == (field, None, "Ada Administratör")
    for address in (page, f"/admin/catalog/article/{article.pk}/change/"):
        soup = BeautifulSoup(administrator.get(address).content, "html.parser")
        label = str(LocalArticle._meta.get_field(field).verbose_name)
        both = soup.select_one(".field-both").get_text(" ", strip=True)
        assert label.capitalize() in both
        assert "Ada Administratör" in soup.select_one(".field-changes").get_text(" ")
        assert label in soup.select_one(".field-changes").get_text(" ")
    assert administrator.post(page, blank | {field: ""}).status_code == 302
    assert getattr(LocalArticle.objects.get(), field) is None
    assert LocalChange.objects.count() == 2


def test_a_number_that_another_article_has_is_refused_at_its_field(administrator: Client) -> None:
    factories.article(sesam_number="118245")
    other = factories.article()
    response = administrator.post(f"/admin/catalog/localarticle/{other.pk}/change/", {"sesam_number": "118245"})
    assert response.status_code == 200
    assert "finns redan" in errors(response)


def test_the_history_tells_of_feeds_and_of_the_centre_and_a_new_feed_erases_nothing(administrator: Client, tmp_path: Path) -> None:
    applied(EXAMPLE)
    article = Article.objects.get(number="AR-45")
    values = {name: stored for name, (_, stored) in VALUES.items()} | {"substitution_group": SubstitutionGroup.objects.create(number="E1")}
    set_local_values(article=article, values=values)
    before = LocalArticle.objects.values().get()
    row = applied(changed(tmp_path, *NEXT, ("Allround sittbredd 45 cm", "Allround 45, ny")))
    assert LocalArticle.objects.values().get() == before
    text = BeautifulSoup(administrator.get(f"/admin/catalog/article/{article.pk}/change/").content, "html.parser").select_one(".field-changes").get_text(" ")
    for told in (f"Inläsning {row.pk}", "Allround sittbredd 45 cm", "Allround 45, ny", "SESAM2", "Vår rullstol"):
        assert told in text


# --- Costs ------------------------------------------------------------------------------------------


def fill(model: str, number: int) -> None:
    """So many more rows in the list, each with all that a row of it shows."""
    for place in range(LocalArticle.objects.count() + 10, LocalArticle.objects.count() + 10 + number):
        of = factories.provider(f"Kommun {place}", "MUNICIPALITY")
        article = factories.article_of(f"12{place:02}03")
        match model:
            case "prescribingrule":
                factories.rule("WARN", of=of, profession="AT", iso_prefix="12")
            case "assortmententry":
                AssortmentEntry.objects.create(provider=of, article=article)
            case "assortmentpolicy":
                AssortmentPolicy.objects.create(provider=of, mode="ALLOW")
            case "substitutiongroup":
                SubstitutionGroup.objects.create(number=f"E{place}")
            case "earlyvalues":
                EarlyValues.objects.create(supplier_gln="7359999900024", number=f"X{place}", values={"name": [1, "x"]})
            case "feedimport" | "quarantine":
                row = FeedImport.objects.create(
                    file_name=f"{place}.xml", status="APPLIED", mode="DELTA", started_at=timezone.now(), finished_at=timezone.now(), by=User.objects.first()
                )
                row.quarantine.create(line=place, element="Article", reason="Fel", raw="<Article/>")


@pytest.mark.parametrize(
    "model",
    ["article", "localarticle", "prescribingrule", "assortmententry", "assortmentpolicy", "substitutiongroup", "earlyvalues", "feedimport", "quarantine"],
)
def test_thirty_rows_of_a_list_cost_no_more_questions_than_one(model: str, administrator: Client) -> None:
    address = f"/admin/catalog/{model}/"

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert administrator.get(address).status_code == 200
        return len(queries)

    fill(model, 1)
    administrator.get(address)
    one = count()
    fill(model, 29)
    assert count() == one


def test_thirty_changes_of_an_import_and_of_an_article_cost_no_more_questions_than_one(administrator: Client) -> None:
    row = FeedImport.objects.create(file_name="a.xml", status="APPLIED", mode="DELTA", started_at=timezone.now(), finished_at=timezone.now())
    article = factories.article()

    def more(number: int) -> None:
        for place in range(number):
            row.changes.create(article=factories.article(), kind="CHANGED", field="name", old="Förut", new=str(place))
            row.changes.create(article=article, kind="CHANGED", field="name", old="Förut", new=str(place))
            LocalChange.objects.create(article=article, field="name", by=User.objects.first(), at=timezone.now() - datetime.timedelta(days=place))

    def count(address: str) -> int:
        administrator.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert administrator.get(address).status_code == 200
        return len(queries)

    pages = [f"/admin/catalog/feedimport/{row.pk}/change/", f"/admin/catalog/article/{article.pk}/change/", f"/admin/catalog/localarticle/{article.pk}/change/"]
    more(1)
    one = [count(page) for page in pages]
    more(29)
    assert [count(page) for page in pages] == one
