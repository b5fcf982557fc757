"""The vocabulary: compounds, synonyms, what is proposed when nothing is found, and what is never raised."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import Assignment, User
from catalog.actions import set_local_values
from catalog.models import Article, SearchEntry, SearchWord, Synonym
from catalog.search import count_by, find, finding, refresh, refresh_synonyms, search, terms
from tests import factories

pytestmark = pytest.mark.django_db


def names(query: str, **options: object) -> list[str]:
    return [article.name for article in search(query, **options)]


def found(query: str) -> finding.Found:
    return find(query, Article.objects.visible())


# --- Compounds --------------------------------------------------------------------------------------


def test_a_compound_finds_what_is_written_apart_and_the_other_way_round() -> None:
    factories.article("Bord till rullstol")
    factories.article("Bord till säng")
    factories.article("Rullstolsbord Alva")
    assert sorted(names("rullstolsbord")) == ["Bord till rullstol", "Rullstolsbord Alva"]
    assert sorted(names("rullstolsborden")) == ["Bord till rullstol", "Rullstolsbord Alva"]
    assert sorted(names("bord till rullstol")) == ["Bord till rullstol", "Rullstolsbord Alva"]
    assert names("sängbord") == ["Bord till säng"]
    assert found("sängbord").tried == ["sängbord (säng + bord)"]


def test_the_very_compound_stands_before_its_parts() -> None:
    factories.article("Armstöd till duschstol")
    factories.article("Duschstolsarmstöd")
    assert names("duschstolsarmstöd") == ["Duschstolsarmstöd", "Armstöd till duschstol"]


# --- Synonyms ---------------------------------------------------------------------------------------


def test_a_synonym_finds_what_the_catalogue_calls_it_in_any_form() -> None:
    factories.article("Elrullstol Comet")
    factories.article("Rollator Säter")
    for query in ("permobil", "Permobilen", "permobiler"):
        assert names(query) == ["Elrullstol Comet"]
    assert found("permobil").understood_as is None
    assert found("permobil").tried == ["permobil (elrullstol)"]


def test_a_misspelt_synonym_is_understood_too() -> None:
    factories.article("Elrullstol Comet")
    refresh()
    assert names("permobill") == ["Elrullstol Comet"]
    assert found("permobill").understood_as == "permobil"


def test_one_way_is_not_the_other() -> None:
    factories.article("Strumpdrake")
    factories.article("Strumppådragare")
    Synonym.objects.create(word="strumpdrake", means="strumppådragare")
    refresh_synonyms()
    assert sorted(names("strumpdrake")) == ["Strumpdrake", "Strumppådragare"]
    assert names("strumppådragare") == ["Strumppådragare"]
    Synonym.objects.update(is_two_way=True)
    assert sorted(names("strumppådragare")) == ["Strumpdrake", "Strumppådragare"]


@pytest.fixture
def administrator(client_of: Callable[[Assignment], Client]) -> Client:
    held = factories.assignment("Ada Administratör", "SUPPORT", at=factories.unit())
    User.objects.filter(pk=held.user_id).update(is_staff=True)
    return client_of(held)


def test_an_administrator_keeps_the_synonyms_and_they_hold_at_once(administrator: Client) -> None:
    factories.article("Griptång Pax")
    assert administrator.post("/admin/catalog/synonym/add/", {"word": "Krokarm", "means": "griptång"}).status_code == 302
    assert names("krokarm") == ["Griptång Pax"]
    assert names("krokamr") == ["Griptång Pax"]
    made = Synonym.objects.get(word="krokarm")
    assert "krokarm" in administrator.get("/admin/catalog/synonym/?q=krok").text
    assert administrator.post(f"/admin/catalog/synonym/{made.pk}/delete/", {"post": "yes"}).status_code == 302
    assert names("krokarm") == []


@pytest.mark.parametrize(("word", "means"), [("två ord", "griptång"), ("", "griptång"), ("griptång", "griptång"), ("permobil", "elrullstol"), ("a'b", "c")])
def test_a_synonym_is_two_different_words(word: str, means: str, administrator: Client) -> None:
    before = Synonym.objects.count()
    response = administrator.post("/admin/catalog/synonym/add/", {"word": word, "means": means})
    assert response.status_code == 200
    assert "errornote" in response.text
    assert Synonym.objects.count() == before


# --- Spelling ---------------------------------------------------------------------------------------


def test_a_word_that_nothing_is_called_any_more_corrects_nothing() -> None:
    gone = factories.article("Badbräda")
    set_local_values(article=gone, values={"is_published": False})
    refresh()
    assert not SearchWord.objects.filter(word="badbräda", occurrences__gt=0).exists()
    assert found("badbrda").understood_as is None


def test_two_wrong_letters_of_a_long_word_are_understood_but_not_of_a_short_one() -> None:
    factories.article("Toalettstolsförhöjning")
    factories.article("Käpp")
    assert names("tolettstolförhöjning") == ["Toalettstolsförhöjning"]
    assert names("kopt") == []


def test_one_wrong_word_among_right_ones_is_corrected_alone() -> None:
    factories.article("Rollator Säter")
    factories.article("Rollator Alva")
    assert names("rolator säter") == ["Rollator Säter"]
    assert found("rolator säter").understood_as == "rollator säter"


def test_a_number_is_never_corrected() -> None:
    factories.article("Rollator T9")
    assert names("t8") == []


def test_nothing_found_tells_what_was_tried_and_the_nearest_words() -> None:
    factories.article("Rollator Säter")
    factories.article("Säng Alva")
    nothing = found("rollatorkula")
    assert not nothing.articles.exists()
    assert nothing.tried == ["rollatorkula"]
    assert "rollator" in nothing.nearest
    together = found("rollator alva")
    assert not together.articles.exists()
    assert together.nearest == ["rollator", "alva"]


# --- Order ------------------------------------------------------------------------------------------


def test_main_aids_that_begin_so_come_first_then_those_so_named_then_the_rest() -> None:
    factories.article("Rem till säng", article_type="T")
    factories.article("Ställbar säng")
    factories.article("Sängbord", article_type="T")
    factories.article("Säng Alva")
    expected = ["Säng Alva", "Ställbar säng", "Rem till säng", "Sängbord"]
    assert names("säng") == expected
    assert [article.name for article in found("säng").articles.order_by("relevance", "search_entry__title_sort")] == expected
    assert [entry.title for entry in found("säng").entries.order_by("relevance", "title_sort")] == expected


def test_of_very_many_hits_the_best_kind_is_asked_for_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many is made few, so that the way of the many is taken."""
    for number in range(30):
        factories.article(f"Rem {number:02} till säng", article_type="T")
    for name in ("Ställbar säng", "Säng Öland", "Säng Alva"):
        factories.article(name)
    set_local_values(article=Article.objects.get(name="Säng Öland"), values={"is_orderable": False})
    refresh()
    few = names("säng", limit=4)
    monkeypatch.setattr(finding, "MANY", 1)
    assert few[:3] == ["Säng Alva", "Säng Öland", "Ställbar säng"]
    assert names("säng", limit=4)[:3] == few[:3]
    assert names("säng", limit=2, orderable_only=True) == ["Säng Alva", "Ställbar säng"]
    assert len(names("säng", limit=100)) == 33
    assert len(names("rem säng", limit=10)) == 10
    assert [entry.title for entry in found("säng").entries.order_by("relevance", "title_sort")[:3]] == few[:3]


def test_the_entries_are_counted_by_all_that_lists_are_narrowed_by_in_one_query() -> None:
    factories.article("Säng Alva", article_type="H")
    second = factories.article("Säng Birka", article_type="T")
    factories.article("Rollator")
    set_local_values(article=second, values={"delivery_class": "STOCKED", "is_in_assortment": False})
    with CaptureQueriesContext(connection) as context:
        entries = found("säng").entries
        asked = len(context)
        counts = count_by(entries, "article_type", "delivery_class", "is_in_assortment", "iso", "supplier")
    assert len(context) == asked + 1
    assert counts["article_type"] == {"H": 1, "T": 1}
    assert counts["delivery_class"] == {"": 1, "STOCKED": 1}
    assert counts["is_in_assortment"] == {True: 1, False: 1}
    assert counts["iso"] == {"": 2}
    assert counts["supplier"] == {second.supplier_id: 2}
    assert count_by(found("xyzzy").entries, "iso", "supplier") == {"iso": {}, "supplier": {}}


# --- Writing ----------------------------------------------------------------------------------------


def test_nothing_is_written_when_nothing_has_changed() -> None:
    factories.article("Säng Alva")
    refresh()
    places = "SELECT ctid::text, xmin::text FROM catalog_searchentry UNION ALL SELECT ctid::text, xmin::text FROM catalog_searchword ORDER BY 1, 2"
    with connection.cursor() as cursor:
        cursor.execute(places)
        before = cursor.fetchall()
        refresh()
        refresh([article.pk for article in Article.objects.all()])
        refresh_synonyms()
        cursor.execute(places)
        assert cursor.fetchall() == before


def test_only_what_is_visible_has_a_row() -> None:
    article = factories.article("Säng Alva")
    set_local_values(article=article, values={"is_published": False})
    assert not SearchEntry.objects.exists()
    set_local_values(article=article, values={"is_published": True})
    assert names("säng") == ["Säng Alva"]


def test_rows_say_the_same_of_ordering_as_articles_do() -> None:
    today = factories.days_from_now(0)
    factories.article("Säng A")
    factories.article("Säng B", status="DISCONTINUED")
    factories.article("Säng C", discontinued_from=today)
    factories.article("Säng D", discontinued_from=factories.days_from_now(1))
    factories.article("Säng E", status="DISCONTINUED", discontinued_from=factories.days_from_now(1))
    set_local_values(article=factories.article("Säng F"), values={"is_orderable": False})
    orderable = set(Article.objects.orderable().values_list("name", flat=True))
    assert set(names("säng", orderable_only=True)) == orderable == {"Säng A", "Säng D", "Säng E"}
    assert len(names("säng")) == 6


@pytest.mark.parametrize("query", ["säng", "118", "sngä", "xyzzy", "sängbord alva"])
def test_as_many_queries_whatever_the_catalogue_holds(query: str) -> None:
    factories.article("Säng Alva")

    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            search(query)
        return len(context)

    few = queries()
    for number in range(30):
        factories.article(f"Säng Birka {number}")
    assert queries() == few


# --- Hostile text -----------------------------------------------------------------------------------

_NASTY = st.lists(
    st.sampled_from([*"'\"\\%_&|!:*()<>-/.,+@#;=?{}[]~^ \t\n", "'!säng'", "':*", "säng", "\\'", "&&", "||", "<->", "--", "1e5", "12 22 03", "ﬁ", "İ", "ß", "²"])
)


@given(query=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60) | _NASTY.map("".join))
@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_raises(query: str, hostile_catalogue: None) -> None:
    search(query)
    list(found(query).articles.order_by("relevance")[:3])


@pytest.fixture
def hostile_catalogue() -> None:
    factories.article('Säng \\Alva\' & "Café" | 1e5 !x =y ½ a/b.c')
    refresh()


@pytest.mark.parametrize("query", ["x" * 10_000, "säng " * 2_000, "å" * 10_000, "1" * 10_000, "'" * 10_000])
def test_a_long_query_is_cut(query: str) -> None:
    factories.article("Säng Alva")
    search(query)
    assert len(terms.split(query)) <= terms.MAX_TERMS
    assert sum(map(len, terms.split(query))) <= terms.MAX_LENGTH
