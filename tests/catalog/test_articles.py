import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.actions import set_local_values
from catalog.models import Article, Individual, LocalArticle, Price, PriceList, Relation
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)

ORDERABLE: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "nothing special": ({}, {}, True),
    "nothing said by the centre": ({}, {"is_published": None, "is_orderable": None}, True),
    "not published": ({}, {"is_published": False}, False),
    "not orderable": ({}, {"is_orderable": False}, False),
    "gone from the feed": ({"ended_at": timezone.now()}, {}, False),
    "discontinued": ({"status": "DISCONTINUED"}, {}, False),
    "discontinued since yesterday": ({"discontinued_from": TODAY - DAY}, {}, False),
    "discontinued from today": ({"discontinued_from": TODAY}, {}, False),
    "discontinued from tomorrow": ({"discontinued_from": TODAY + DAY}, {}, True),
    "marked discontinued, from tomorrow": ({"status": "DISCONTINUED", "discontinued_from": TODAY + DAY}, {}, True),
}


@pytest.mark.parametrize("name", ORDERABLE)
def test_what_may_be_ordered_is_the_same_in_the_query_and_on_the_article(name: str) -> None:
    fields, local, expected = ORDERABLE[name]
    article = factories.article(**fields)
    LocalArticle.objects.filter(article=article).update(**local)
    article = Article.objects.for_cards().get(pk=article.pk)
    assert article.is_orderable is expected
    assert Article.objects.orderable().filter(pk=article.pk).exists() is expected
    assert article.is_visible is Article.objects.visible().filter(pk=article.pk).exists()


def test_an_article_that_the_centre_knows_nothing_of_has_the_feeds_values() -> None:
    article = factories.article(name="Rullstol", number="AR-1")
    article.local.delete()
    article = Article.objects.for_cards().get(pk=article.pk)
    assert (article.display_number, article.display_name, article.display_type, article.charging_form) == ("AR-1", "Rullstol", "H", "PURCHASE")
    assert (article.delivery_class, article.sesam_number, article.picture, article.is_orderable) == (None, None, None, True)
    assert article.price_text == "Pris lämnas vid beställning"


def price_list(article: Article, kind: str, **values: Any) -> PriceList:
    values = {"valid_from": TODAY - 30 * DAY, "valid_to": None, "number": "A1" if kind == "AGREEMENT" else ""} | values
    return PriceList.objects.create(kind=kind, supplier=article.supplier, **values)


def price(article: Article, kind: str, amount: str | None, since: int = -10, until: int | None = None, status: str = "AKTIV") -> Price:
    owner = PriceList.objects.filter(kind=kind).first() or price_list(article, kind)
    return Price.objects.create(
        price_list=owner,
        article=article,
        kind=kind,
        amount=None if amount is None else Decimal(amount),
        valid_from=TODAY + since * DAY,
        valid_to=None if until is None else TODAY + until * DAY,
        status=status,
    )


CHOICES = {
    "agreement before general list": ([("GENERAL", "90"), ("AGREEMENT", "100")], "100"),
    "general list when the agreement has ended": ([("GENERAL", "90"), ("AGREEMENT", "100", -10, -1)], "90"),
    "the last day counts": ([("AGREEMENT", "100", -10, 0)], "100"),
    "the first day counts": ([("AGREEMENT", "100", 0)], "100"),
    "not before it begins": ([("AGREEMENT", "100", 1)], None),
    "the later one takes over": ([("AGREEMENT", "100"), ("AGREEMENT", "110", -2)], "110"),
    "a coming one waits": ([("AGREEMENT", "100"), ("AGREEMENT", "110", 2)], "100"),
    "a declined row is no price": ([("AGREEMENT", "100", -10, None, "AVBÖJD")], None),
    "a declined row leaves the general list": ([("GENERAL", "90"), ("AGREEMENT", "100", -10, None, "AVBÖJD")], "90"),
}


@pytest.mark.parametrize("name", CHOICES)
def test_the_price_in_force_is_chosen_by_kind_and_day(name: str) -> None:
    rows, expected = CHOICES[name]
    article = factories.article(price=None)
    for row in rows:
        price(article, *row)
    fetched = Article.objects.for_cards().get(pk=article.pk)
    for one in (article, fetched):
        row = one.current_price(TODAY)
        assert (None if row is None else str(row.amount.normalize())) == (None if expected is None else str(Decimal(expected).normalize()))


def test_an_agreed_row_without_amount_means_told_at_the_order() -> None:
    article = factories.article(price=None)
    price(article, "GENERAL", "90")
    price(article, "AGREEMENT", None)
    assert article.current_price().amount is None
    assert article.price_text == "Pris lämnas vid beställning"


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ({"shown_price": None, "charging_form": None}, "4\u00a0250\u00a0kr"),
        ({"shown_price": Decimal("45.5"), "charging_form": None}, "45,50\u00a0kr"),
        ({"shown_price": Decimal(212), "charging_form": "RENT"}, "212\u00a0kr/mån"),
        ({"shown_price": None, "charging_form": "RENT"}, "Pris lämnas vid beställning"),
    ],
)
def test_the_centres_price_wins_and_a_purchase_price_is_never_shown_as_a_rent(local: dict[str, Any], expected: str) -> None:
    article = factories.article()
    price(article, "AGREEMENT", "4250")
    set_local_values(article=article, values=local)
    assert Article.objects.for_cards().get(pk=article.pk).price_text == expected


def test_relations_go_both_ways_through_article_and_product() -> None:
    old, new, other = factories.article("Gammal"), factories.article("Ny"), factories.article("Annan")
    Relation.objects.create(kind="REPLACED_BY", from_article=old, to_article=new)
    assert list(old.related("REPLACED_BY")) == [new]
    assert list(new.related("REPLACED_BY", backwards=True)) == [old]
    # None of them has a product: that must not tie them together.
    assert list(other.related("REPLACED_BY")) == list(other.related("FITS_TO", backwards=True)) == []


def test_the_database_refuses_what_must_never_be() -> None:
    first, second = factories.article(sesam_number="118245"), factories.article()
    wrong: list[Any] = [
        lambda: LocalArticle.objects.filter(article=second).update(sesam_number="118245"),
        lambda: LocalArticle.objects.filter(article=second).update(sesam_number=""),
        lambda: LocalArticle.objects.filter(article=second).update(charging_form="FREE"),
        lambda: Article.objects.filter(pk=second.pk).update(feed_id=first.feed_id),
        lambda: Article.objects.filter(pk=second.pk).update(article_type="X"),
        lambda: Article.objects.filter(pk=second.pk).update(gtin="12"),
        lambda: Relation.objects.create(kind="FITS_TO", from_article=first),
        lambda: Relation.objects.create(kind="FITS_TO", to_article=first),
        lambda: Individual.objects.create(number="", article=first),
        lambda: price(first, "AGREEMENT", "-1"),
        lambda: price(first, "AGREEMENT", "1", since=0, until=-1),
    ]
    for attempt in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def test_names_sort_as_swedes_sort_them() -> None:
    for name in ("Öga", "Zebra", "Äpple", "Ål", "ask", "Ask 2"):
        factories.article(name)
    assert [article.name for article in Article.objects.order_by("name_sort")] == ["ask", "Ask 2", "Zebra", "Ål", "Äpple", "Öga"]
