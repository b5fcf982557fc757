"""What SESAM2 tells about articles: over HTTP from the stand-in, in every order, known articles and unknown."""

import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import handlers
from catalog.local_values import set_local_values
from catalog.models import Article, EarlyValues, LocalArticle, LocalChange, SubstitutionGroup
from catalog.search import search
from integration import contract, tasks
from integration.models import IncomingMessage
from integration.registry import Unacceptable
from tests import factories
from tests.catalog.feeds import DELTA, EXAMPLE, NEXT, applied, changed

GLN = "7359999900024"
ALL = {
    "articleNumber": "104501",
    "published": True,
    "orderable": False,
    "inAssortment": False,
    "mayBeComponent": True,
    "chargingForm": "RENT",
    "individualMarked": True,
    "deliveryClass": "LONG",
    "availability": "LOW",
    "substitutionGroup": {"number": "UG-12", "fixed": True},
    "price": "212.50",
    "extraText": "Välj sittdjup.",
}
OURS = {
    "sesam_number": "104501",
    "is_published": True,
    "is_orderable": False,
    "is_in_assortment": False,
    "may_be_component": True,
    "charging_form": "RENT",
    "is_individual_marked": True,
    "delivery_class": "LONG",
    "availability": "LOW",
    "shown_price": Decimal("212.50"),
    "extra_text": "Välj sittdjup.",
}


def values_of(article: Article) -> dict[str, Any]:
    return LocalArticle.objects.filter(article=article).values(*OURS, "substitution_group__number", "substitution_group__is_fixed").get()


def body(*articles: dict[str, Any]) -> dict[str, Any]:
    return {"articles": [{"supplierGln": GLN} | article for article in articles]}


def tell(*articles: dict[str, Any], sequence: int = 1) -> None:
    message = contract.ArticleUpdate.model_validate_json(contract.dump(body(*articles)))
    handlers.article_update(message, subject="ARTICLES", sequence=sequence)


def bare(number: str, **local: Any) -> Article:
    """An article of which the centre has said nothing, or only this."""
    article = factories.article(number=number)
    LocalArticle.objects.filter(article=article).delete()
    if local:
        LocalArticle.objects.create(article=article, **local)
    return article


# --- Over HTTP --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_stand_in_tells_all_there_is_and_it_is_searchable_at_once(sesam2: Any, live_server: Any) -> None:
    article = bare("AR-45")
    sesam2.portal_url = live_server.url
    sesam2.send("ArticleUpdate", "ARTICLES", body({"supplierArticleNumber": "AR-45"} | ALL))
    sesam2.wait_for(lambda _: IncomingMessage.objects.exists(), 20)
    tasks.process_waiting()
    assert IncomingMessage.objects.get().state == IncomingMessage.State.DONE
    assert values_of(article) == OURS | {"substitution_group__number": "UG-12", "substitution_group__is_fixed": True}
    assert search("104501") == [article]
    assert set(LocalChange.objects.values_list("field", "by", "sequence", "is_applied")) == {(field, None, 1, True) for field in [*OURS, "substitution_group"]}


@pytest.mark.django_db(transaction=True)
def test_a_number_that_another_article_has_parks_the_message_and_changes_nothing(sesam2: Any, live_server: Any) -> None:
    first, second = bare("AR-1", sesam_number="104501"), bare("AR-2")
    sesam2.portal_url = live_server.url
    sesam2.send(
        "ArticleUpdate", "ARTICLES", body({"supplierArticleNumber": "AR-1", "orderable": False}, {"supplierArticleNumber": "AR-2", "articleNumber": "104501"})
    )
    sesam2.wait_for(lambda _: IncomingMessage.objects.exists(), 20)
    tasks.process_waiting()
    message = IncomingMessage.objects.get()
    assert (message.state, message.attempts, message.last_error) == ("PARKED", 1, "articleNumber belongs to another article")
    assert (LocalArticle.objects.get(article=first).is_orderable, LocalArticle.objects.filter(article=second).exists()) == (None, False)
    assert not LocalChange.objects.exists()


# --- What is absent stays ---------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("name", ALL)
def test_a_field_that_is_told_alone_leaves_all_others(name: str) -> None:
    article = bare("AR-45", name="Vår egen", charging_form="PURCHASE", extra_text="Vår text")
    before = LocalArticle.objects.values().get()
    tell({"supplierArticleNumber": "AR-45", name: ALL[name]})
    after = LocalArticle.objects.values().get()
    changed_fields = {field for field in after if after[field] != before[field]} - {"sequences"}
    [change] = LocalChange.objects.filter(article=article)
    assert changed_fields == {"substitution_group_id" if name == "substitutionGroup" else change.field}


@pytest.mark.django_db
def test_null_takes_an_article_out_of_its_group_and_says_nothing_elsewhere() -> None:
    group = SubstitutionGroup.objects.create(number="UG-1")
    article = bare("AR-45", substitution_group=group, extra_text="Vår text", shown_price=Decimal(10))
    tell({"supplierArticleNumber": "AR-45", "extraText": None, "price": None})
    assert values_of(article)["substitution_group__number"] == "UG-1"
    tell({"supplierArticleNumber": "AR-45", "substitutionGroup": None}, sequence=2)
    found = values_of(article)
    assert (found["substitution_group__number"], found["extra_text"], found["shown_price"]) == (None, "Vår text", Decimal(10))


@pytest.mark.django_db
def test_an_empty_text_takes_ours_away() -> None:
    article = bare("AR-45", extra_text="Vår text")
    tell({"supplierArticleNumber": "AR-45", "extraText": ""})
    assert values_of(article)["extra_text"] is None


# --- Any order --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_order_of_arrival_ends_alike() -> None:
    reports = [
        (1, {"price": "100.00", "orderable": True, "substitutionGroup": {"number": "UG-1", "fixed": False}}),
        (2, {"orderable": False, "extraText": "Två"}),
        (3, {"price": "300.00", "substitutionGroup": {"number": "UG-1", "fixed": True}}),
        (4, {"substitutionGroup": None, "extraText": "Fyra"}),
    ]
    for place, order in enumerate(itertools.permutations(reports)):
        article = bare(f"AR-{place}")
        SubstitutionGroup.objects.all().update(is_fixed=False, sequence=0)
        for sequence, told in order:
            tell({"supplierArticleNumber": f"AR-{place}"} | told, sequence=sequence)
        found = values_of(article)
        assert (found["shown_price"], found["is_orderable"], found["extra_text"], found["substitution_group__number"]) == (Decimal(300), False, "Fyra", None)
        assert SubstitutionGroup.objects.get().is_fixed


@pytest.mark.django_db
def test_an_older_value_is_kept_in_the_history_and_changes_nothing() -> None:
    article = bare("AR-45")
    tell({"supplierArticleNumber": "AR-45", "price": "300.00"}, sequence=3)
    tell({"supplierArticleNumber": "AR-45", "price": "100.00"}, sequence=1)
    assert values_of(article)["shown_price"] == Decimal(300)
    rows = LocalChange.objects.order_by("pk").values_list("old", "new", "sequence", "is_applied")
    assert list(rows) == [(None, "300.00", 3, True), ("300.00", "100.00", 1, False)]


@pytest.mark.django_db
def test_an_administrator_sets_a_value_between_two_messages() -> None:
    article = bare("AR-45")
    tell({"supplierArticleNumber": "AR-45", "price": "100.00"}, sequence=5)
    set_local_values(article=article, values={"shown_price": Decimal("150.00")})
    tell({"supplierArticleNumber": "AR-45", "price": "90.00"}, sequence=4)
    assert values_of(article)["shown_price"] == Decimal(150)
    tell({"supplierArticleNumber": "AR-45", "price": "200.00"}, sequence=6)
    assert values_of(article)["shown_price"] == Decimal(200)


@pytest.mark.django_db
def test_two_articles_may_swap_their_numbers_in_one_message() -> None:
    first, second = bare("AR-1", sesam_number="1001"), bare("AR-2", sesam_number="1002")
    tell({"supplierArticleNumber": "AR-1", "articleNumber": "1002"}, {"supplierArticleNumber": "AR-2", "articleNumber": "1001"})
    assert (values_of(first)["sesam_number"], values_of(second)["sesam_number"]) == ("1002", "1001")
    assert search("1002") == [first]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "articles",
    [
        [{"supplierArticleNumber": "AR-1", "articleNumber": "1"}, {"supplierArticleNumber": "AR-2", "articleNumber": "1"}],
        [{"supplierArticleNumber": "AR-1", "articleNumber": "1" * 36}],
    ],
)
def test_numbers_that_cannot_be_are_unacceptable(articles: list[dict[str, Any]]) -> None:
    bare("AR-1")
    bare("AR-2")
    with pytest.raises(Unacceptable):
        tell(*articles)
    assert not LocalArticle.objects.exists()


# --- Articles that no feed has brought --------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_told_of_an_unknown_article_waits_for_its_feed() -> None:
    known = bare("T-KÄND")
    tell({"supplierArticleNumber": "AR-45", "articleNumber": "104501", "price": "10.00"}, {"supplierArticleNumber": "T-KÄND", "orderable": False}, sequence=2)
    tell({"supplierArticleNumber": "AR-45", "price": "9.00", "extraText": "Först sagt"}, sequence=1)
    assert values_of(known)["is_orderable"] is False
    [waiting] = EarlyValues.objects.all()
    assert waiting.values == {"sesam_number": [2, "104501"], "shown_price": [2, "10.00"], "extra_text": [1, "Först sagt"]}
    applied(EXAMPLE, confirm_ended=True)
    article = Article.objects.get(number="AR-45")
    found = values_of(article)
    assert (found["sesam_number"], found["shown_price"], found["extra_text"]) == ("104501", Decimal(10), "Först sagt")
    assert not EarlyValues.objects.exists()
    assert search("104501") == [article]
    tell({"supplierArticleNumber": "AR-45", "extraText": "Äldre"}, sequence=0)
    assert values_of(article)["extra_text"] == "Först sagt"


@pytest.mark.django_db
def test_one_whose_number_is_taken_goes_on_waiting_and_holds_back_no_other() -> None:
    bare("T-ANNAN", sesam_number="104501")
    tell({"supplierArticleNumber": "AR-45", "articleNumber": "104501"}, {"supplierArticleNumber": "AR-BORD", "extraText": "Bordet"})
    applied(EXAMPLE, confirm_ended=True)
    assert [row.number for row in EarlyValues.objects.all()] == ["AR-45"]
    assert values_of(Article.objects.get(number="AR-BORD"))["extra_text"] == "Bordet"


@pytest.mark.django_db
def test_the_next_feed_erases_nothing_of_it(tmp_path: Path) -> None:
    applied(EXAMPLE)
    tell({"supplierArticleNumber": "AR-45"} | ALL)
    article = Article.objects.get(number="AR-45")
    before = LocalArticle.objects.filter(article=article).values().get()
    applied(changed(tmp_path, *NEXT, ("Allround sittbredd 45 cm", "Allround ny benämning")))
    applied(
        changed(
            tmp_path, ('sequence="1"', 'sequence="3"'), ('exportId="7359999900017-20261101-0001"', 'exportId="tre"'), ("2026-11-01T02", "2026-11-03T02"), DELTA
        )
    )
    assert LocalArticle.objects.filter(article=article).values().get() == before
    assert LocalChange.objects.filter(article=article).count() == len(ALL)


@pytest.mark.django_db
def test_a_thousand_articles_cost_no_more_questions_than_ten() -> None:
    """The most that a message may hold, all at once."""
    supplier = factories.article().supplier
    made = Article.objects.bulk_create(
        Article(
            supplier=supplier,
            number=f"M-{i}",
            feed_id=f"M-{i}",
            name="Rullstol",
            article_type="H",
            order_unit="ST",
            status="PUBLISHED",
            feed_updated_at="2026-11-01T00:00Z",
        )
        for i in range(1010)
    )
    counts = []
    for numbers in (made[:10], made[10:]):
        told = [{"supplierArticleNumber": article.number, "articleNumber": f"S{article.number}", "price": "10.00", "orderable": True} for article in numbers]
        with CaptureQueriesContext(connection) as queries:
            tell(*told, sequence=1)
        counts.append(len(queries))
    assert counts[1] - counts[0] <= 5  # bulk_create splits by the number of its parameters
    assert LocalArticle.objects.filter(shown_price=10, is_orderable=True, sesam_number__startswith="SM-").count() == 1010
    assert len(search("SM-1009")) == 1
