"""The lines of a draft: accessories under their aids, what fits, packs, equal articles, time and price, splitting."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Assignment
from catalog.models import Article, Category, LocalArticle, Product, Relation
from core.templatetags.ui import day
from core.workdays import SWEDEN, add_workdays
from integration import contract
from integration.models import OutgoingMessage
from orders import rules
from orders.actions import drafts, orders, substitution
from orders.actions.drafts import Whole
from orders.models import Order, OrderLine, Status
from patients.actions import DeliveredAid, set_loans
from patients.models import Loan
from tests import factories
from tests.orders import pages
from tests.orders.pages import error_at, errors, soup_of, typed, words

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]


def url(order: Order, page: str = "") -> str:
    return f"/bestallningar/utkast/{order.public_id}/{page}"


def post(client: Client, order: Order, do: str = "save", **changed: str) -> Any:
    data = typed(pages.get(client, url(order))) | changed | {"do": do}
    return client.post(url(order), data)


def lines(order: Order) -> dict[int, OrderLine]:
    return {line.line: line for line in OrderLine.objects.filter(order=order).select_related("main", "article").order_by("line")}


def sent_lines(order: Order) -> list[contract.CustomerOrderLine]:
    """The lines as SESAM2 reads them, after the order is sent."""
    number = orders.place(order, by=order.orderer)
    _, body = contract.parse_outgoing(contract.dump(OutgoingMessage.objects.get(subject=number).payload or {}))
    assert isinstance(body, contract.CustomerOrder)
    return list(body.lines)


def why_not(order: Order) -> list[str]:
    with pytest.raises(orders.NotReady) as caught:
        orders.place(order, by=order.orderer)
    assert Order.objects.get(pk=order.pk).status == Status.DRAFT
    assert not OutgoingMessage.objects.exists()
    return [field for field, _ in caught.value.problems]


def fresh(article: Article) -> Article:
    """As the catalogue says now."""
    return Article.objects.select_related("supplier", "product", "local__substitution_group").get(pk=article.pk)


def accessory(name: str = "Rullstolsbord", **fields: Any) -> Article:
    return factories.article(name, article_type="T", **fields)


def with_aid(order: Order, article: Article | None = None, number: str = "40-22817") -> Loan:
    """An aid that the patient has."""
    aids = [DeliveredAid(article or factories.article("Rullstol som finns"), number)]
    set_loans(patient=order.patient, ordered_by=order.orderer, order_number="K-1", source=f"test {number}", started_at=timezone.now(), aids=aids)
    return Loan.objects.get(individual_number=number)


@pytest.fixture
def order() -> Order:
    """A draft with a wheelchair."""
    made = factories.draft(lines=0)
    drafts.add_article(made, factories.article("Rullstol"))
    return factories.again(made)


# --- Accessories ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["article to article", "article to product", "product to article", "product to product"])
def test_what_fits_is_offered_goes_under_its_aid_and_is_sent_with_its_main_line(client_of: ClientOf, order: Order, how: str) -> None:
    chair, table, other = lines(order)[1].article, accessory(), accessory("Käpphållare")
    part, _, whole = how.split(" ")
    ends = {}
    for end, article, kind in (("from", table, part), ("to", chair, whole)):
        if kind == "product":
            made = _product(article)
            ends[f"{end}_product"] = made
        else:
            ends[f"{end}_article"] = article
    Relation.objects.create(kind="FITS_TO", **ends)
    client = client_of(factories.alice())
    assert post(client, order, "accessories:rad-1").url == f"{url(order)}?tillbehor=rad-1#tillbehor"
    shown = pages.get(client, url(order), tillbehor="rad-1").find(id="tillbehor")
    assert table.name in words(shown)
    assert other.name not in words(shown)
    assert post(client, order, shown.find("button")["value"]).url.endswith("?tillbehor=rad-1#tillbehor")
    assert lines(order)[2].main_id == lines(order)[1].pk
    assert [(line.line, line.main_line) for line in sent_lines(order)] == [(1, None), (2, 1)]


def _product(article: Article) -> Product:
    category, _ = Category.objects.get_or_create(code="122203", defaults={"name": "Manuella rullstolar"})
    number = f"P{article.pk}"
    made = Product.objects.create(
        supplier=article.supplier, number=number, feed_id=number, name="Produkt", category=category, status="PUBLISHED", feed_updated_at=timezone.now()
    )
    Article.objects.filter(pk=article.pk).update(product=made)
    return made


def test_an_accessory_that_fits_one_aid_of_the_order_goes_under_it_by_itself(order: Order) -> None:
    table = accessory()
    factories.fits(table, lines(order)[1].article)
    drafts.add_article(order, factories.article("Rollator"))
    assert drafts.add_article(order, table).main_id == lines(order)[1].pk


def test_an_accessory_that_fits_two_aids_of_the_order_waits_for_a_choice(order: Order) -> None:
    table, second = accessory(), factories.article("Rullstol två")
    drafts.add_article(order, second)
    for line in lines(order).values():
        factories.fits(table, line.article)
    assert drafts.add_article(order, table).main_id is None


def test_an_accessory_that_does_not_fit_needs_a_reason_which_is_sent(client_of: ClientOf, order: Order) -> None:
    drafts.add_article(order, accessory(), to=Whole(line=1))
    assert why_not(order) == ["misfit_2"]
    client = client_of(factories.alice())
    soup = pages.get(client, url(order, "granska/"))
    assert errors(soup) == ["misfit_2"]
    assert error_at(soup, "misfit_2").startswith("Rullstolsbord passar inte till Rullstol enligt katalogen.")
    post(client, order, misfit_2="Fästet är ombyggt")
    assert [line.note for line in sent_lines(order)] == [None, "Passar ändå: Fästet är ombyggt"]


def test_where_an_accessory_belongs_is_chosen_on_the_page(client_of: ClientOf, order: Order) -> None:
    drafts.add_article(order, accessory())
    client = client_of(factories.alice())
    post(client, order, belongs_2="rad-1")
    assert lines(order)[2].main_id == lines(order)[1].pk
    post(client, order, belongs_2="")
    assert lines(order)[2].main_id is None


@pytest.mark.parametrize("value", ["rad-2", "rad-9", "individ-1", "rad-x", "1"])
def test_an_accessory_belongs_to_nothing_else(client_of: ClientOf, order: Order, value: str) -> None:
    drafts.add_article(order, accessory())
    soup = soup_of(post(client_of(factories.alice()), order, belongs_2=value))
    assert errors(soup) == ["belongs_2"]
    assert lines(order)[2].main_id is None


def test_two_accessories_never_go_under_each_other(order: Order) -> None:
    for name in ("Ett", "Två"):
        drafts.add_article(order, accessory(name))
    content = drafts.Content(customer=order.customer, prescriber=order.prescriber, method="HOME")
    under = drafts.LineContent(main=2, individual_number="")
    drafts.save(order, content=content, quantities={}, details={3: under})
    drafts.save(order, content=content, quantities={}, details={2: drafts.LineContent(main=3, individual_number="")})
    assert [line.main.line if line.main else None for line in lines(order).values()] == [None, None, 2]


def test_an_aid_that_is_removed_takes_its_accessories_along(client_of: ClientOf, order: Order) -> None:
    drafts.add_article(order, accessory(), to=Whole(line=1))
    drafts.add_article(order, factories.article("Rollator"))
    post(client_of(factories.alice()), order, "remove:1")
    assert list(lines(order)) == [3]


def test_the_database_refuses_a_line_that_goes_to_two_aids(order: Order) -> None:
    line = drafts.add_article(order, accessory(), to=Whole(line=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.filter(pk=line.pk).update(individual_number="40-1")


# --- Components to an aid that the patient has ----------------------------------------------------------------


def test_a_component_goes_to_an_aid_that_the_patient_has(client_of: ClientOf) -> None:
    order = factories.draft(lines=0)
    loan, table = with_aid(order), accessory()
    factories.fits(table, loan.article)
    client = client_of(factories.alice())
    start = client.post(f"/bestallningar/ny/{order.patient.public_id}/", {"loan": str(Loan.objects.get(individual_number="40-22817").pk)})
    assert start.url == f"{url(order)}?tillbehor=hjalpmedel-{loan.pk}#tillbehor"
    shown = pages.get(client, url(order), tillbehor=f"hjalpmedel-{loan.pk}").find(id="tillbehor")
    assert "Tillbehör till Rullstol som finns, 40-22817" in words(shown)
    post(client, order, shown.find("button")["value"])
    [line] = sent_lines(order)
    assert (line.individual_number, line.main_line, line.note) == ("40-22817", None, None)


def test_a_component_to_an_aid_that_has_gone_back_is_not_sent(order: Order) -> None:
    loan = with_aid(order)
    drafts.add_article(order, accessory(), to=Whole(individual_number="40-22817"))
    Loan.objects.filter(pk=loan.pk).update(ended_at=timezone.now())
    assert why_not(order) == ["belongs_2"]


@pytest.mark.parametrize("whose", ["another patient's", "another provider's"])
def test_no_component_goes_to_somebody_elses_aid(client_of: ClientOf, order: Order, whose: str) -> None:
    other = factories.draft(factories.dan() if whose == "another provider's" else factories.alice(), lines=0)
    loan = with_aid(other)
    drafts.add_article(order, accessory())
    client = client_of(factories.alice())
    assert pages.get(client, url(order), tillbehor=f"hjalpmedel-{loan.pk}").find(id="tillbehor") is None
    assert errors(soup_of(post(client, order, belongs_2="individ-40-22817"))) == ["belongs_2"]
    assert lines(order)[2].individual_number == ""


# --- Configuration and packs -------------------------------------------------------------------------------------


def test_configuration_is_written_a_line_each_and_sent(client_of: ClientOf, order: Order) -> None:
    client = client_of(factories.alice())
    post(client, order, configuration_1="Sitthöjd: 45 cm\r\n\r\n Ryggklädsel :  svart ")
    assert lines(order)[1].configuration == [{"name": "Sitthöjd", "value": "45 cm"}, {"name": "Ryggklädsel", "value": "svart"}]
    assert typed(pages.get(client, url(order)))["configuration_1"] == "Sitthöjd: 45 cm\nRyggklädsel: svart"
    [line] = sent_lines(order)
    assert [(choice.name, choice.value) for choice in line.configuration or []] == [("Sitthöjd", "45 cm"), ("Ryggklädsel", "svart")]


@pytest.mark.parametrize("text", ["45 cm", "Sitthöjd:", ": 45", "Sitthöjd: 45\nsvart", "x" * 201 + ": 1", "a: 1\n" * 31, "Sitthöjd: 4\x07"])
def test_configuration_that_cannot_be_read_is_told_at_its_field(client_of: ClientOf, order: Order, text: str) -> None:
    soup = soup_of(post(client_of(factories.alice()), order, configuration_1=text))
    assert errors(soup) == ["configuration_1"]
    assert lines(order)[1].configuration == []


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (4, "Artikeln säljs i förpackningar om 6. Skriv 6."),
        (13, "Artikeln säljs i förpackningar om 6. Skriv 12 eller 18."),
        (12, ""),
    ],
)
def test_a_pack_is_not_broken(client_of: ClientOf, quantity: int, text: str) -> None:
    order = factories.draft(lines=0)
    drafts.add_article(order, factories.article("Mugg", quantity_in_outer_package=6))
    assert lines(order)[1].quantity == 6
    soup = soup_of(post(client_of(factories.alice()), order, "review", quantity_1=str(quantity)))
    if text:
        soup = pages.get(client_of(factories.alice()), url(order, "granska/"))
        assert (errors(soup), error_at(soup, "quantity_1")) == (["quantity_1"], text)
        assert why_not(order) == ["quantity_1"]
    else:
        assert orders.place(order, by=order.orderer)


def test_an_order_unit_that_is_a_pack_is_ordered_one_by_one_and_says_what_it_holds() -> None:
    article = factories.article("Dosett", order_unit="FP", package_content=5, package_content_unit="ST", quantity_in_outer_package=10)
    assert (rules.pack_of(article), rules.unit_text(Article.objects.get(pk=article.pk))) == (1, "FP om 5 ST")


# --- Equal articles ---------------------------------------------------------------------------------------------


def test_what_is_equal_and_in_stock_is_offered_and_switched_with_one_press(client_of: ClientOf) -> None:
    order, old, new = factories.draft(lines=0), factories.article("Rullstol A"), factories.article("Rullstol B")
    factories.group(old, new)
    drafts.add_article(order, old)
    client = client_of(factories.alice())
    soup = pages.get(client, url(order))
    assert "Rullstol B är likvärdig och finns i lager." in words(soup.find(id="rad-1"))
    post(client, order, f"switch:1:{new.pk}", instructions="Ring")
    line = lines(order)[1]
    assert (line.article, line.article_name, line.substituted_for_id) == (new, "Rullstol B", old.pk)
    assert "I stället för Rullstol A" in words(pages.get(client, url(order)).find(id="rad-1"))
    assert [line.name for line in sent_lines(order)] == ["Rullstol B"]


def test_in_a_fixed_group_the_line_switches_by_itself_and_says_so(client_of: ClientOf) -> None:
    order, old, new = factories.draft(lines=0), factories.article("Rullstol A", sesam_number="118777"), factories.article("Rullstol B")
    factories.group(old, new, fixed=True)
    client = client_of(factories.alice())
    post(client, order, "search", q="118777")
    page = words(pages.get(client, url(order)).main)
    assert "Rullstol A är bytt mot Rullstol B, som är likvärdig och finns i lager (fast ersättningsgrupp)." in page
    assert lines(order)[1].article == new


def test_a_reason_keeps_the_article_that_a_fixed_group_switched_and_is_sent(client_of: ClientOf) -> None:
    order, old, new = factories.draft(lines=0), factories.article("Rullstol A"), factories.article("Rullstol B")
    factories.group(old, new, fixed=True)
    drafts.add_article(order, fresh(old))
    client = client_of(factories.alice())
    soup = soup_of(post(client, order, "keep:1"))
    assert error_at(soup, "exception_1") == "Skriv varför patienten behöver just den artikeln."
    assert lines(order)[1].article == new
    post(client, order, "keep:1", exception_1="Har ramen sedan tidigare")
    assert (lines(order)[1].article, lines(order)[1].substituted_for) == (old, None)
    assert post(client, order, "review").url == url(order, "granska/")
    [line] = sent_lines(order)
    assert (line.name, line.note) == ("Rullstol A", "Byts inte: Har ramen sedan tidigare")


def test_what_ran_out_after_it_was_added_is_switched_at_the_check_or_stops_the_sending(client_of: ClientOf) -> None:
    order, old, new = factories.draft(lines=0), factories.article("Rullstol A"), factories.article("Rullstol B")
    drafts.add_article(order, old)
    factories.group(old, new, fixed=True)
    assert why_not(order) == ["exception_1"]
    client = client_of(factories.alice())
    assert errors(pages.get(client, url(order, "granska/"))) == ["exception_1"]
    assert post(client, order, "review").url == url(order, "granska/")
    assert lines(order)[1].article == new


def test_accessories_are_checked_anew_at_a_switch_and_those_that_no_longer_fit_are_flagged(client_of: ClientOf) -> None:
    order, old, new = factories.draft(lines=0), factories.article("Rullstol A"), factories.article("Rullstol B")
    fits_both, fits_old = accessory("Bord"), accessory("Korg")
    factories.group(old, new)
    for part, whole in ((fits_both, old), (fits_both, new), (fits_old, old)):
        factories.fits(part, whole)
    drafts.add_article(order, old)
    for part in (fits_both, fits_old):
        drafts.add_article(order, part, to=Whole(line=1))
    client = client_of(factories.alice())
    post(client, order, f"switch:1:{new.pk}")
    page = pages.get(client, url(order))
    assert "Korg passar inte till Rullstol B enligt katalogen." in words(page.find(id="rad-3"))
    assert "passar inte" not in words(page.find(id="rad-2"))
    assert why_not(order) == ["misfit_3"]


def test_a_reason_why_it_fits_anyway_does_not_outlive_a_switch() -> None:
    order, old, new = factories.draft(lines=0), factories.article("Rullstol A"), factories.article("Rullstol B")
    factories.group(old, new)
    drafts.add_article(order, old)
    line = drafts.add_article(order, accessory(), to=Whole(line=1))
    OrderLine.objects.filter(pk=line.pk).update(misfit_reason="Ombyggt")
    substitution.switch(order, line=1, to=new.pk)
    assert lines(order)[2].misfit_reason == ""


@pytest.mark.parametrize("what", ["in stock", "nothing equal in stock", "not orderable", "no group"])
def test_nothing_is_offered_where_there_is_nothing_better(what: str) -> None:
    order, old, new = factories.draft(lines=0), factories.article("Rullstol A"), factories.article("Rullstol B")
    factories.group(old, new, fixed=True)
    changes: dict[str, tuple[Article, dict[str, Any]]] = {
        "in stock": (old, {"availability": "IN_STOCK"}),
        "nothing equal in stock": (new, {"availability": "LOW"}),
        "not orderable": (new, {"is_orderable": False}),
        "no group": (new, {"substitution_group": None}),
    }
    article, change = changes[what]
    LocalArticle.objects.filter(article=article).update(**change)
    drafts.add_article(order, fresh(old))
    assert lines(order)[1].article == old
    assert [line.name for line in sent_lines(order)] == ["Rullstol A"]


@pytest.mark.parametrize("argument", ["switch:1:{other}", "switch:9:{new}", "switch:1:x", "switch::", "keep:x", "keep:9"])
def test_a_switch_made_up_by_hand_changes_nothing(client_of: ClientOf, argument: str) -> None:
    order, old, new, other = factories.draft(lines=0), factories.article("A"), factories.article("B"), factories.article("C")
    factories.group(old, new)
    drafts.add_article(order, old)
    assert post(client_of(factories.alice()), order, argument.format(new=new.pk, other=other.pk)).status_code == 302
    assert lines(order)[1].article == old


# --- Time, price, splitting -------------------------------------------------------------------------------------


def delivered(article: Article, delivery_class: str | None, availability: str | None = None, **more: Any) -> Article:
    LocalArticle.objects.filter(article=article).update(delivery_class=delivery_class, availability=availability, **more)
    return article


@pytest.mark.parametrize(
    ("delivery_class", "availability", "days"),
    [
        ("STOCKED", None, 7),
        ("STOCKED", "LOW", 7),
        ("STOCKED", "OUT", None),
        ("ORDERED", None, 17),
        ("ORDERED", "IN_STOCK", 7),
        ("LONG", None, None),
        (None, None, None),
    ],
)
def test_a_line_can_be_there_within_the_working_days_of_its_class(delivery_class: str | None, availability: str | None, days: int | None) -> None:
    article = Article.objects.select_related("local").get(pk=delivered(factories.article(), delivery_class, availability).pk)
    today = timezone.localdate()
    assert rules.expected_on(article, today=today, region=SWEDEN) == (None if days is None else add_workdays(today, days))


def test_the_page_shows_price_charging_form_and_the_slowest_lines_date(client_of: ClientOf) -> None:
    order = factories.draft(lines=0)
    drafts.add_article(order, delivered(factories.article("Snabb", price=Decimal(100)), "STOCKED"), quantity=3)
    drafts.add_article(order, delivered(factories.article("Hyrd", price=Decimal("212.50")), "ORDERED", charging_form="RENT"))
    text = words(pages.get(client_of(factories.alice()), url(order)).find(id="artiklar"))
    slowest = day(add_workdays(timezone.localdate(), 17))
    for shown in ("Köp 300 kr", "Hyra 212,50 kr/mån", f"Allt levererat senast {slowest}", "Hyrd tar längst tid"):
        assert shown in text


def test_one_press_makes_two_orders_of_fast_and_slow(client_of: ClientOf) -> None:
    order = factories.draft(lines=0)
    slow_main, part = delivered(factories.article("Långsam"), "ORDERED"), delivered(accessory("Bord"), "STOCKED")
    factories.fits(part, slow_main)
    for article in (delivered(factories.article("Snabb"), "STOCKED"), slow_main, part, factories.article("Okänd")):
        drafts.add_article(order, article)
    file = factories.attachment(order)
    client = client_of(factories.alice())
    response = post(client, order, "split", instructions="Ring", notify_sms="070-174 06 08", deliver_together="on")
    other = Order.objects.exclude(pk=order.pk).get()
    assert url(other) in client.get(response.url.partition("#")[0]).content.decode()
    assert [line.article_name for line in lines(order).values()] == ["Snabb", "Okänd"]
    assert [(line.article_name, line.main.article_name if line.main else None) for line in lines(other).values()] == [("Långsam", None), ("Bord", "Långsam")]
    for made in (factories.again(order), other):
        assert (made.instructions, made.notify_sms, made.deliver_together) == ("Ring", "+46701740608", False)
        assert [link.attachment for link in made.attachments.all()] == [file]
    assert orders.place(order, by=order.orderer) != orders.place(other, by=order.orderer)


def test_what_comes_alike_is_not_split(client_of: ClientOf, order: Order) -> None:
    drafts.add_article(order, factories.article())
    assert post(client_of(factories.alice()), order, "split").status_code == 302
    assert Order.objects.count() == 1


# --- Queries -----------------------------------------------------------------------------------------------------


def filled(count: int) -> Order:
    """A draft with so many aids, each with an accessory that fits, an equal article in stock, and settings."""
    order = factories.draft(lines=0)
    for number in range(count):
        main, equal, part = (factories.article(f"{name} {number}") for name in ("Rullstol", "Likvärdig", "Bord"))
        Article.objects.filter(pk=part.pk).update(article_type="T")
        factories.group(main, equal)
        factories.fits(part, main)
        line = drafts.add_article(order, main)
        drafts.add_article(order, part, to=Whole(line=line.line))
    with_aid(order)
    return order


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_form_and_the_check_ask_the_database_as_often_with_1_as_with_30_lines(client_of: ClientOf) -> None:
    small, large, alice = filled(1), filled(15), factories.alice()
    client = client_of(factories.alice())
    client.get(url(small))
    for page in ("", "granska/"):
        assert queries(client, url(small, page)) == queries(client, url(large, page))
    counts = []
    for order in (small, large):
        with CaptureQueriesContext(connection) as captured:
            orders.place(factories.again(order), by=alice)
        counts.append(len(captured))
    assert counts[0] == counts[1]
