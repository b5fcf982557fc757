import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions import set_local_values
from catalog.models import Article, Category, Supplier
from catalog.search import refresh, search
from catalog.search.terms import distance
from tests import factories


@pytest.fixture
def catalogue(db: None) -> dict[str, Article]:
    area = Category.objects.create(edition="2011", code="12", name="Hjälpmedel vid förflyttning")
    group = Category.objects.create(edition="2011", code="1222", name="Manuella rullstolar", parent=area)
    chairs = Category.objects.create(edition="2011", code="122203", name="Manuella tvåhjulsdrivna rullstolar", parent=group)
    other = Supplier.objects.create(gln="7359999901014", name="Åkerby Rehab AB")
    made = {
        "chair": factories.article("Rullstol Allround 45 cm", number="AR-45", sesam_number="998245", category=chairs, gtin="7350053850019"),
        "table": factories.article("Rullstolsbord till Allround", number="AR-BORD", sesam_number="998246", category=chairs, article_type="T"),
        "walker": factories.article("Rollator Säter utomhus", number="41300-01", sesam_number="998300"),
        "bed": factories.article("Säng ställbar Café", number="SÄ 9/1", sesam_number="998301", supplier=other),
    }
    refresh()
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("998245", ["chair"]),
        ("998 245", ["chair"]),
        ("9982", ["chair", "table"]),
        ("ar-45", ["chair"]),
        ("ar45", ["chair"]),
        ("41300", ["walker"]),
        ("41300-01", ["walker"]),
        ("sä 9/1", ["bed"]),
        ("7350053850019", ["chair"]),
        ("rullstol", ["chair", "table"]),
        ("rullstolar", ["chair", "table"]),
        ("RULLSTOLEN", ["chair", "table"]),
        ("rullst", ["chair", "table"]),
        ("rulstol", ["chair", "table"]),
        ("rullsotl", ["chair", "table"]),
        ("rullstol allrund", ["chair", "table"]),
        ("rolator", ["walker"]),
        ("säng", ["bed"]),
        ("sängar", ["bed"]),
        ("sang", ["bed"]),
        ("cafe", ["bed"]),
        ("café", ["bed"]),
        ("bord", ["table"]),
        ("bord till rullstol", ["table"]),
        ("åkerby", ["bed"]),
        ("12 22 03", ["chair", "table"]),
        ("122203", ["chair", "table"]),
        ("12 22", ["chair", "table"]),
        ("tvåhjulsdriven", ["chair", "table"]),
        ("allround 45", ["chair"]),
        ("stolar", ["chair", "table"]),
        ("rullstolsborden", ["table"]),
        ("rullstolbord", ["table"]),
        ("rullstl", ["chair", "table"]),
        ("rulstolsbo", ["table"]),
        ("ruullstol", ["chair", "table"]),
        ("rullstpl", ["chair", "table"]),
        ("ställabr", ["bed"]),
        ("rullstol b", ["chair", "table"]),
        ("höj- och sängen", []),
        ("permobil", []),
        ("RULLSTOL\N{NO-BREAK SPACE}ALLROUND", ["chair", "table"]),
        ("sa\N{COMBINING DIAERESIS}ng", ["bed"]),
        ("helikopter", []),
        ("till", []),
        ("", []),
        ("  ", []),
        ("'; drop table", []),
        ("& | ! :* ()", []),
        ("%", []),
    ],
)
def test_what_is_typed_finds_what_is_meant(query: str, expected: list[str], catalogue: dict[str, Article]) -> None:
    assert {article.pk for article in search(query)} == {catalogue[name].pk for name in expected}


def test_the_exact_number_and_then_the_main_aid_stand_first(catalogue: dict[str, Article]) -> None:
    assert search("rullstol")[0] == catalogue["chair"]
    longer = factories.article("Annat", number="998245-R", sesam_number="99")
    assert search("998245")[:2] == [catalogue["chair"], longer]


def test_only_what_may_be_ordered_when_that_is_asked_for(catalogue: dict[str, Article]) -> None:
    set_local_values(article=catalogue["table"], values={"is_orderable": False})
    assert catalogue["table"] in search("rullstol")
    assert catalogue["table"] not in search("rullstol", orderable_only=True)
    set_local_values(article=catalogue["table"], values={"is_published": False})
    assert catalogue["table"] not in search("rullstol")


def test_the_centres_name_is_found_at_once_and_the_suppliers_still(catalogue: dict[str, Article]) -> None:
    set_local_values(article=catalogue["walker"], values={"name": "Gåvagn ute"})
    assert search("gåvagn") == [catalogue["walker"]]
    assert search("gåvang") == [catalogue["walker"]]
    assert search("säter") == [catalogue["walker"]]


def test_no_more_than_asked_for(catalogue: dict[str, Article]) -> None:
    assert len(search("rullstol", limit=1)) == 1


def test_as_many_queries_for_many_articles_as_for_one(catalogue: dict[str, Article]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as context:
            for article in search("rullstol", limit=50):
                assert article.price_text
                assert article.picture is None
        return len(context)

    few = queries()
    for _ in range(30):
        factories.article("Rullstol till")
    assert len(search("rullstol", limit=50)) == 32
    assert queries() == few


@pytest.mark.parametrize(
    ("a", "b", "expected"), [("rullstol", "rullstol", 0), ("rulstol", "rullstol", 1), ("rullsotl", "rullstol", 1), ("bord", "bok", 2), ("a", "abcdef", 3)]
)
def test_distance_counts_misspelt_letters_up_to_its_limit(a: str, b: str, expected: int) -> None:
    assert distance(a, b, 2) == expected
