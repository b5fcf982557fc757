"""Sök kundorder: what is found, by whom, in which order, on which page, at which cost; and the lists of the pages above."""

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Assignment, Notice
from catalog.models import LocalArticle
from core.numbers import order_number
from orders.actions import reports
from orders.models import Order, OrderLine, Status
from patients.models import AccessLogEntry, Patient
from tests import factories
from tests.orders import pages
from tests.orders.pages import LIST, error_at, errors, numbers, soup_of, words

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
NOON = datetime.datetime(2026, 11, 2, 12, tzinfo=datetime.UTC)


def many(count: int, *, by: Assignment | None = None, to: Patient | None = None, first: int = 1) -> list[Order]:
    """Sent orders with a line each, the last one sent last, two at each moment, every third without a date."""
    by = by or factories.alice()
    patient = to or factories.patient(by)
    article = factories.article()
    customer = by.unit.customers.get()
    made = Order.objects.bulk_create(
        Order(
            unit=by.unit,
            patient=patient,
            orderer=by,
            prescriber=by,
            customer=customer,
            status=Status.CONFIRMED,
            number=order_number("K", 2026, running),
            placed_at=NOON + datetime.timedelta(hours=running // 2),
            promised_on=None if running % 3 == 0 else datetime.date(2031, 1, 1) + datetime.timedelta(days=running % 7),
        )
        for running in range(first, first + count)
    )
    OrderLine.objects.bulk_create(OrderLine(order=order, line=1, article=article, quantity=1) for order in made)
    return made


def found(client: Client, **query: str) -> list[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    assert errors(soup_of(response)) == []
    return numbers(response)


# --- Searching ----------------------------------------------------------------------------------------


def test_the_list_shows_the_units_orders_with_leveransdatum_and_status(client_of: ClientOf) -> None:
    factories.draft()
    factories.order(factories.carol())
    factories.order(factories.dan())
    order = factories.order(lines=3)
    reports.record_delay(str(order.number), sequence=1, promised_on=datetime.date(2031, 12, 8), reason="Tyget", lines=None)
    response = client_of(factories.alice()).get(LIST)
    assert numbers(response) == [order.number]
    row = soup_of(response).select("main table tbody tr")[0]
    assert [words(cell) for cell in row.find_all("td")] == [
        "Tolvan T.",
        "Rullstol Allround 45 cm, Rullstol Allround 45 cm och mer",
        "mån 8 dec 2031",
        "Försenad",
    ]


def test_by_number_whole_or_its_beginning_in_small_letters_too(client_of: ClientOf) -> None:
    made = many(12)
    client = client_of(factories.alice())
    assert found(client, nummer=str(made[4].number)) == [made[4].number]
    assert found(client, nummer=f" {str(made[4].number).lower()} ") == [made[4].number]
    assert set(found(client, nummer="K-2026-0000001")) == {order.number for order in made[9:]}
    assert found(client, nummer="K-2025") == []
    assert found(client, nummer="%") == []


def test_by_article_number_of_either_kind_or_part_of_its_name(client_of: ClientOf) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    orders = [factories.order(alice, to=patient) for _ in range(2)]
    article = orders[0].lines.get().article
    LocalArticle.objects.filter(article=article).update(name="Gåbord Alfa")
    client = client_of(alice)
    for text in (article.number, article.number.lower(), article.local.sesam_number, "gåbord", "BORD al"):
        assert found(client, artikel=str(text)) == [orders[0].number], text
    assert found(client, artikel="rullstol") == [orders[1].number, orders[0].number]
    assert found(client, artikel="_") == []


def test_by_status(client_of: ClientOf) -> None:
    made = many(5)
    for order, status in zip(made, [Status.PLACED, Status.RECEIPTED, Status.CANCELLED, Status.PARTLY_DELIVERED, Status.DELIVERED], strict=True):
        Order.objects.filter(pk=order.pk).update(status=status)
    Order.objects.filter(pk=made[3].pk).update(is_delayed=True)
    client = client_of(factories.alice())
    assert found(client, status="CANCELLED") == [made[2].number]
    assert found(client, status="oppna") == [made[3].number, made[0].number]
    assert found(client, status="forsenade") == [made[3].number]


def test_by_the_days_of_sending_both_included_in_swedish_time(client_of: ClientOf) -> None:
    made = many(3)
    # 23:30 on the 1st, 00:30 on the 2nd and 23:30 on the 2nd in Sweden (UTC+1).
    for order, hours in zip(made, (-13.5, -12.5, 10.5), strict=True):
        Order.objects.filter(pk=order.pk).update(placed_at=NOON + datetime.timedelta(hours=hours))
    client = client_of(factories.alice())
    first, second, third = (str(order.number) for order in made)
    assert found(client, fran="2026-11-02") == [third, second]
    assert found(client, till="2026-11-01") == [first]
    assert found(client, fran="2026-11-02", till="2026-11-02") == [third, second]
    assert found(client, fran="1/11 2026", till="2026-11-02") == [third, second, first]


def test_ones_own_are_those_one_ordered_or_prescribed(client_of: ClientOf) -> None:
    alice = factories.alice()
    bob = factories.bob()
    patient = factories.patient(alice)
    mine = factories.order(alice, to=patient)
    prescribed = factories.order(bob, to=patient)
    eva = factories.assignment("Eva Ek", "PRESCRIBER", at=alice.unit)
    others = factories.order(eva, to=patient)
    client = client_of(alice)
    assert found(client, vems="mina") == [prescribed.number, mine.number]
    assert found(client) == [others.number, prescribed.number, mine.number]
    assert found(client_of(bob), vems="mina") == [prescribed.number]


def test_filters_narrow_together(client_of: ClientOf) -> None:
    made = many(6)
    Order.objects.filter(pk__in=[made[1].pk, made[4].pk]).update(status=Status.CANCELLED)
    client = client_of(factories.alice())
    assert found(client, status="CANCELLED", nummer=str(made[4].number), vems="mina", artikel="rullstol") == [made[4].number]


def test_sorted_by_sending_or_by_leveransdatum_with_those_without_last(client_of: ClientOf) -> None:
    made = many(4)
    for order, on in zip(made, (None, datetime.date(2031, 1, 9), datetime.date(2031, 1, 2), None), strict=True):
        Order.objects.filter(pk=order.pk).update(promised_on=on)
    first, second, third, fourth = (order.number for order in made)
    client = client_of(factories.alice())
    assert found(client, sortering="senast") == [fourth, third, second, first]
    assert found(client, sortering="leverans") == [third, second, first, fourth]


@pytest.mark.parametrize(
    ("query", "field", "text"),
    [
        ({"fran": "i går"}, "fran", "Skriv datumet som åååå-mm-dd, till exempel 2026-11-26."),
        ({"fran": "2026-11-03", "till": "2026-11-02"}, "till", "Slutdatumet ligger före startdatumet."),
        ({"status": "DRAFT"}, "status", "Välj ett av alternativen som visas."),
        ({"nummer": "K" * 18}, "nummer", "Korta texten till högst 17 tecken. Nu är den 18."),
        (
            {"artikel": "a\x00"},
            "artikel",
            "Texten innehåller ett osynligt tecken som inte kan sparas. Skriv om texten i stället för att klistra in den.",
        ),
        ({"sortering": "pris"}, "sortering", "Välj ett av alternativen som visas."),
    ],
)
def test_a_search_that_cannot_be_read_is_told_at_its_field(client_of: ClientOf, query: dict[str, str], field: str, text: str) -> None:
    soup = soup_of(client_of(factories.alice()).get(LIST, query))
    assert (errors(soup), error_at(soup, field)) == ([field], text)


# --- One patient's orders -----------------------------------------------------------------------------


def test_a_patients_orders_are_found_by_the_posted_number_which_never_stands_in_the_address(client_of: ClientOf) -> None:
    alice = factories.alice()
    patient, other = factories.patient(alice), factories.patient(alice)
    order = factories.order(alice, to=patient)
    factories.order(alice, to=other)
    client = client_of(alice)
    response = client.post(LIST, {"number": patient.identity.shown})
    assert response.url == f"{LIST}?patient={patient.public_id}"
    shown = client.get(response.url)
    assert numbers(shown) == [order.number]
    assert "Tolvan Tolvansson" in words(soup_of(shown).body)
    assert "Visar beställningar för en patient." in words(soup_of(shown).main)
    assert patient.identity.value not in response.url


@pytest.mark.parametrize("who", ["nobody's", "another unit's", "protected"])
def test_a_number_whose_patient_is_not_there_for_the_unit_gives_one_and_the_same_answer(client_of: ClientOf, who: str) -> None:
    number = factories.test_numbers()[400]
    if who != "nobody's":
        patient = factories.patient(factories.carol() if who == "another unit's" else factories.alice(), number=number)
        if who == "protected":
            Patient.objects.filter(pk=patient.pk).update(protection="MARKED", phone="")
    soup = soup_of(client_of(factories.alice()).post(LIST, {"number": number}))
    assert words(soup.find(id="patient_number_error")) == "Enheten har inga beställningar för det numret."
    assert "Tolvan" not in words(soup.body)


def test_a_number_that_is_none_is_told_at_its_field(client_of: ClientOf) -> None:
    soup = soup_of(client_of(factories.alice()).post(LIST, {"number": "19121212-1213"}))
    assert errors(soup) == ["patient_number"]
    assert soup.find(id="patient_number")["value"] == "19121212-1213"


@pytest.mark.parametrize("public_id", ["another unit's", "junk", "11111111-1111-4111-8111-111111111111"])
def test_a_patient_in_the_address_that_is_not_there_for_the_unit_is_not_found(client_of: ClientOf, public_id: str) -> None:
    if public_id == "another unit's":
        public_id = str(factories.patient(factories.carol()).public_id)
    assert client_of(factories.alice()).get(LIST, {"patient": public_id}).status_code == 404


def test_a_protected_patients_orders_are_in_no_list_of_those_who_may_not_open_the_patient(client_of: ClientOf) -> None:
    order, hidden = factories.order(), factories.order()
    Patient.objects.filter(pk=hidden.patient_id).update(protection="MARKED", phone="")
    client = client_of(factories.alice())
    assert found(client) == [order.number]
    assert found(client, nummer=str(hidden.number)) == []


def test_a_list_is_in_the_access_log_with_each_patient_and_order_that_it_shows(client_of: ClientOf) -> None:
    made = many(3)
    before = set(AccessLogEntry.objects.values_list("pk", flat=True))
    client_of(factories.alice()).get(LIST, {"nummer": str(made[1].number)})
    row = AccessLogEntry.objects.exclude(pk__in=before).get()
    assert (row.activity, row.resource_id, row.patient_id) == ("Sök kundorder", made[1].number, made[1].patient_id)


# --- Pages --------------------------------------------------------------------------------------------


def walk(client: Client, query: str, rel: str) -> tuple[list[list[str]], str]:
    """The numbers of each page from `query` on, by the links with this rel; and the query of the last page."""
    shown = []
    while True:
        response = client.get(f"{LIST}{query}")
        shown.append(numbers(response))
        link = soup_of(response).find("a", rel=rel)
        assert len(shown) < 10
        if link is None:
            return shown, query
        query = link["href"]


@pytest.mark.parametrize("sorting", ["senast", "leverans"])
def test_sixty_orders_are_walked_all_exactly_once_both_ways(client_of: ClientOf, sorting: str) -> None:
    made = many(60)
    client = client_of(factories.alice())
    forward, last = walk(client, f"?sortering={sorting}&status=CONFIRMED", "next")
    assert [len(page) for page in forward] == [25, 25, 10]
    everything = [number for page in forward for number in page]
    assert sorted(everything) == sorted(str(order.number) for order in made)
    assert "status=CONFIRMED" in last
    backward, _ = walk(client, last, "prev")
    assert backward == forward[::-1]


@pytest.mark.parametrize("cursor", ["junk", "", "WyJuIl0:abc", "\x00", "a" * 3000])
def test_a_cursor_that_is_not_ours_gives_the_first_page(client_of: ClientOf, cursor: str) -> None:
    made = many(30)
    client = client_of(factories.alice())
    assert found(client, cursor=cursor) == found(client)
    assert found(client)[0] == made[-1].number


def test_a_cursor_of_another_sorting_gives_the_first_page(client_of: ClientOf) -> None:
    many(30)
    client = client_of(factories.alice())
    link = soup_of(client.get(LIST)).find("a", rel="next")
    cursor = dict(part.split("=", 1) for part in link["href"].removeprefix("?").split("&"))["cursor"]
    assert found(client, sortering="leverans", cursor=cursor) == found(client, sortering="leverans")


# --- Empty --------------------------------------------------------------------------------------------


def test_an_empty_list_says_how_to_begin(client_of: ClientOf) -> None:
    text = words(pages.get(client_of(factories.alice()), LIST).main)
    assert "Inga beställningar än Här visas enhetens kundorder när de har skickats. Börja med att öppna en patient." in text


def test_a_search_without_hits_says_what_to_do(client_of: ClientOf) -> None:
    many(1)
    client = client_of(factories.alice())
    text = words(pages.get(client, LIST, nummer="K-1999").main)
    assert "Ingen beställning stämmer Ändra sökningen eller rensa den. Andra enheters beställningar visas inte här." in text
    empty = pages.get(client, LIST, patient=str(factories.patient().public_id))
    assert "Ingen beställning stämmer" in words(empty.main)


def test_an_empty_start_page_says_that_nothing_waits(client_of: ClientOf) -> None:
    text = words(pages.get(client_of(factories.alice()), "/").main)
    assert "Inget väntar på dig" in text
    assert "Inget är på väg" in text


# --- Cost ---------------------------------------------------------------------------------------------


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def more(alice: Assignment, patient: Patient, first: int) -> None:
    """Orders, drafts and notices for 10 other patients, and 20 orders of this one."""
    for i in range(10):
        other = factories.patient(alice)
        many(1, to=other, first=first + i)
        factories.draft(alice, to=other, lines=2)
    many(20, to=patient, first=first + 10)
    Notice.objects.bulk_create(Notice(user=alice.user, unit=alice.unit, tone="info", word="Ändrad", title="Ändrad", url="/") for _ in range(10))


@pytest.mark.parametrize("page", [LIST, f"{LIST}?artikel=rullstol&status=oppna&vems=mina", f"{LIST}?sortering=leverans", "/", "patient"])
def test_thirty_orders_cost_no_more_questions_than_one(client_of: ClientOf, page: str) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    many(1, to=patient)
    factories.draft(alice, to=patient)
    address = f"/patienter/{patient.public_id}/" if page == "patient" else page
    client = client_of(alice)
    one = queries(client, address)
    more(alice, patient, first=2)
    assert queries(client, address) == one


def test_the_list_is_not_there_for_who_may_not_see_orders(client_of: ClientOf) -> None:
    response = client_of(factories.assignment("Ove Olm", "STORE_MANAGER", at=factories.unit())).get(LIST)
    assert (response.status_code, numbers(response)) == (404, [])
