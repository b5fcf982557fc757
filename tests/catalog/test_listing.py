"""Filters, their counts, and pages that cost the same however deep."""

import itertools
import random
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.models import Assignment
from catalog import favourites
from catalog.actions import set_local_values
from catalog.facets import Counts, Facets
from catalog.listing import MINE, OF_UNIT, Asked, Listing
from catalog.models import Article, Category, LocalArticle, Price, PriceList, SearchEntry, Supplier
from catalog.models.prices import choose_price, next_change
from catalog.search import refresh
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Assignment:
    return factories.alice()


def varied(number: int) -> list[Article]:
    """Articles of several classes, suppliers, types, delivery classes and prices."""
    classes = [Category.objects.create(edition="2011", code=code, name=f"Klass {code}") for code in ("12", "1222", "122203", "122206", "180903")]
    suppliers = [Supplier.objects.create(gln=f"73599999{place:05}", name=f"Leverantör {place:02}") for place in range(12)]
    source = random.Random(1)
    made = []
    for place in range(number):
        article = factories.article(
            f"Rullstol {place:03}",
            price=Decimal(100 * place),
            category=source.choice(classes[2:]),
            supplier=source.choice(suppliers),
            article_type=source.choice("HTR"),
        )
        values = {"delivery_class": source.choice(["STOCKED", "ORDERED", None]), "is_in_assortment": source.choice([True, False, None])}
        set_local_values(article=article, values=values)
        made.append(article)
    return made


def narrowings(suppliers: list[int]) -> list[dict[str, Any]]:
    singles: list[dict[str, Any]] = [
        {"iso": "1222"}, {"types": ("H",)}, {"types": ("H", "T")}, {"deliveries": ("STOCKED",)}, {"assortment": ("in",)}, {"assortment": ("ut",)},
        {"suppliers": tuple(suppliers[:3])}, {"price_to": Decimal(1500)}, {"query": "rullstol"},
    ]  # fmt: skip
    return [
        {},
        *singles,
        *({**a, **b} for a, b in itertools.combinations(singles, 2) if not set(a) & set(b)),
        {**singles[0], **singles[2], **singles[3], **singles[6]},
    ]


def test_each_count_is_what_one_finds_by_choosing_it(alice: Assignment) -> None:
    """For every facet the other filters hold and its own do not: counted here one by one."""
    varied(40)
    suppliers = list(Supplier.objects.values_list("pk", flat=True))
    for chosen in narrowings(suppliers):
        listing = Listing(Asked(**chosen), by=alice)
        counts = Counts(listing)
        assert counts.total == listing.narrowed().count(), chosen

        def found(**other: Any) -> int:
            return Listing(Asked(**{**chosen, **other}), by=alice).narrowed().count()  # noqa: B023 - used at once

        for field, name, values in (("types", "typ", "HTR"), ("deliveries", "leverans", ["STOCKED", "ORDERED"]), ("assortment", "sortiment", ["in", "ut"])):
            for value in values:
                assert counts.of[name][value] == found(**{field: (value,)}), (chosen, value)
        for pk in suppliers:
            assert counts.of["lev"][str(pk)] == found(suppliers=(pk,)), chosen
        for code in ("12", "1222", "122203", "18"):
            assert counts.of_class(code) == found(iso=code), (chosen, code)
        for field, name, nothing in (("iso", "iso", ""), ("types", "typ", ()), ("suppliers", "lev", ())):
            if chosen.get(field):
                assert counts.total + counts.without[name] == found(**{field: nothing})


def test_the_facets_ask_as_many_queries_for_many_articles_and_filters_as_for_one(alice: Assignment, django_assert_num_queries: Any) -> None:
    factories.article("Rullstol", category=Category.objects.create(edition="2011", code="09", name="Vård"))
    queries = 6
    with django_assert_num_queries(queries):
        Facets(Listing(Asked(), by=alice)).all()
    varied(30)
    with django_assert_num_queries(queries):
        facets = Facets(Listing(Asked(iso="12", types=("H", "T"), assortment=("in",)), by=alice))
        facets.all()
        facets.chosen()


def test_many_suppliers_are_cut_to_the_largest_and_the_chosen_until_all_are_asked_for(alice: Assignment) -> None:
    varied(60)
    least = Counts(Listing(Asked(), by=alice)).of["lev"].most_common()[-1][0]

    def suppliers(show_all: str = "", **asked: Any) -> Any:
        return next(facet for facet in Facets(Listing(Asked(**asked), by=alice), show_all=show_all).all() if facet.name == "lev")

    assert (len(suppliers().choices), suppliers().more) == (8, 4)
    assert least not in {choice.key for choice in suppliers().choices}
    assert [choice.key for choice in suppliers(suppliers=(int(least),)).choices if choice.is_chosen] == [least]
    assert [choice.label for choice in suppliers("lev").choices] == [f"Leverantör {place:02}" for place in range(12)]


def test_the_price_span_goes_by_what_the_card_shows(alice: Assignment) -> None:
    """Random rows of both kinds, past and to come, with and without an amount, a price of the centre's own, a rent."""
    source = random.Random(2)
    supplier = factories.article("Utan rader", price=None).supplier
    lists = [PriceList.objects.create(kind="AGREEMENT", supplier=supplier, number=f"A{place}", valid_from=factories.days_from_now(-9)) for place in range(3)]
    lists += [PriceList.objects.create(kind="GENERAL", supplier=supplier, valid_from=factories.days_from_now(day)) for day in (-9, -3, 4)]
    for place in range(40):
        article = factories.article(f"Rullstol {place}", price=source.choice([None, None, Decimal(300)]))
        LocalArticle.objects.filter(article=article).update(charging_form=source.choice([None, "PURCHASE", "RENT"]))
        for row in source.sample(lists, source.randrange(4)):
            start = source.randrange(-8, 4)
            Price.objects.create(
                price_list=row, article=article, kind=row.kind, amount=source.choice([None, Decimal(100), Decimal(300), Decimal(500)]), status="AKTIV",
                valid_from=factories.days_from_now(start), valid_to=source.choice([None, factories.days_from_now(start + 3)]),
            )  # fmt: skip
    shown = {article.pk: article.unit_price() for article in Article.objects.with_price().select_related("local")}
    assert {None, Decimal(100), Decimal(300), Decimal(500)} == set(shown.values())
    for low, high in ((None, 300), (300, None), (200, 400), (0, 99), (500, 500)):
        found = Listing(Asked(price_from=low, price_to=high), by=alice).narrowed().values_list("pk", flat=True)
        expected = {pk for pk, price in shown.items() if price is not None and (low is None or price >= low) and (high is None or price <= high)}
        assert set(found) == expected, (low, high)
    for article in Article.objects.all():
        rows = list(article.prices.in_force(factories.days_from_now(0)).by_precedence())
        assert next(iter(rows), None) == choose_price(article.prices.all(), factories.days_from_now(0))


def test_the_next_change_of_price_is_the_day_on_which_another_row_holds() -> None:
    supplier = factories.article().supplier
    general = PriceList.objects.create(kind="GENERAL", supplier=supplier, valid_from=factories.days_from_now(-9))
    agreement = PriceList.objects.create(kind="AGREEMENT", supplier=supplier, number="A", valid_from=factories.days_from_now(-9))
    old = Price(pk=1, price_list=general, kind="GENERAL", amount=1, valid_from=factories.days_from_now(-9), status="AKTIV")
    new = Price(
        pk=2, price_list=agreement, kind="AGREEMENT", amount=2, valid_from=factories.days_from_now(3), valid_to=factories.days_from_now(5), status="AKTIV"
    )
    today = factories.days_from_now(0)
    assert next_change([old], today) is None
    assert next_change([old, new], today) == (factories.days_from_now(3), new)
    assert next_change([old, new], factories.days_from_now(4)) == (factories.days_from_now(6), old)
    assert next_change([new], factories.days_from_now(5)) == (factories.days_from_now(6), None)


def test_favourites_narrow_to_ones_own_the_units_or_both(alice: Assignment) -> None:
    mine, units, theirs, _ = (factories.article(name) for name in ("Min", "Enhetens", "Andras", "Ingens"))
    favourites.mark(mine, by=alice)
    favourites.mark(units, by=factories.bob(), for_unit=True)
    favourites.mark(theirs, by=factories.bob())
    favourites.mark(theirs, by=factories.carol(), for_unit=True)

    def found(*kinds: str) -> set[str]:
        return set(Listing(Asked(favourites=kinds), by=alice).narrowed().values_list("article__name", flat=True))

    assert found(MINE) == {"Min"}
    assert found(OF_UNIT) == {"Enhetens"}
    assert found(MINE, OF_UNIT) == {"Min", "Enhetens"}


# --- Deep pages ---

MANY = 12_000


def many() -> None:
    """As many rows as 500 pages need, without what the factories make beside them."""
    first = factories.article("Rullstol")
    same = {
        "supplier": first.supplier,
        "feed_hash": "1",
        "article_type": "H",
        "order_unit": "ST",
        "status": "PUBLISHED",
        "feed_updated_at": first.feed_updated_at,
    }
    rows = [Article(number=f"M{place}", feed_id=f"M{place}", name=f"Rullstol {place:05}", **same) for place in range(MANY)]
    Article.objects.bulk_create(rows)
    refresh()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_article, catalog_searchentry, catalog_localarticle")


def rows_touched(sql: str, params: Any) -> int:
    """The rows that the plan's scans have read, of all loops."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) {sql}", params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    read = 0
    for line, following in itertools.pairwise([*plan.splitlines(), ""]):
        if match := re.search(r"Scan .*\(actual rows=([0-9.]+) loops=([0-9]+)\)", line):
            read += int(float(match[1]) * int(match[2]))
        if match := re.search(r"Rows Removed by Filter: ([0-9]+)", following):
            read += int(match[1])
    return read


def page_queries(listing: Listing, cursor: str | None) -> int:
    """The rows read by all that one page asks."""
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as context:
        page = listing.page(cursor)
    assert len(page.rows) == 24
    return sum(rows_touched(query["sql"], None) for query in context.captured_queries if query["sql"].startswith("SELECT"))


def cursor_at(place: int, *, rank: str = "") -> str:
    pk = SearchEntry.objects.order_by("title_sort", "pk").values_list("pk", flat=True)[place - 1]
    return f"n{rank}{pk}"


def test_page_500_reads_as_few_rows_as_page_1(alice: Assignment) -> None:
    many()
    listing = Listing(Asked(), by=alice)
    first, last = page_queries(listing, None), page_queries(listing, cursor_at(24 * 498))
    assert first < 1000
    assert last <= first * 1.2 + 50
    # The control: what an offset costs.
    sql, params = listing.narrowed().order_by("title_sort", "pk")[24 * 498 : 24 * 499].query.sql_with_params()
    assert rows_touched(sql, params) > 10_000


def test_no_page_of_a_search_reads_more_than_what_is_found(alice: Assignment) -> None:
    """All that is found is weighed on every page, at most three times over by plan; none reads more for being deep."""
    many()
    listing = Listing(Asked(query="rullstol"), by=alice)
    first = listing.page(None)
    [rank] = {article.relevance for article in first.rows}
    assert first.next_cursor == f"n{rank}.{first.rows[-1].pk}"
    second, last = page_queries(listing, first.next_cursor), page_queries(listing, cursor_at(24 * 498, rank=f"{rank}."))
    assert max(second, last) <= 3 * MANY + 100
