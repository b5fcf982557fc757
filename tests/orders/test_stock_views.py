"""The pages of uttag and of what is ordered to a store, as a browser meets them; and that none of them asks more of the database for more rows."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from buffer.models import Movement, StockLine
from orders.actions import stock_orders, top_up
from orders.models import Order
from patients.models import Loan
from tests import factories
from tests.orders import stock, told
from tests.orders.pages import error_at, get, soup_of, typed, words

pytestmark = pytest.mark.django_db
MANY = 12


def submit(browser: Client, url: str, do: str, **fields: Any) -> Any:
    """Everything on the page as it stands, with these fields filled in, by this button; and what is shown then."""
    data: dict[str, Any] = typed(get(browser, url), "uttag") | {"do": do} | fields
    return browser.post(url, data, follow=True)


# --- Uttag -------------------------------------------------------------------------------------------


def test_the_first_thing_one_scans_is_in_hand_at_once_and_so_is_the_next(client_of: Any) -> None:
    alice, at = factories.alice(), stock.store()
    stock.stocked(at, 6, sesam_number="700123")
    stock.stocked(at, 2, sesam_number="700124", name="Käpp Bok")
    browser, url = client_of(alice), f"/buffertforrad/{at.number}/uttag/"
    shown = words(soup_of(submit(browser, url, "search", q="700123")).find("main"))
    assert "Rollator Lyft" in shown
    assert "Sidan var gammal" not in shown
    shown = words(soup_of(submit(browser, url, "search", q="700124")).find("main"))
    assert "Rollator Lyft" in shown
    assert "Käpp Bok" in shown


def test_what_is_in_hand_is_registered_by_one_press_and_a_second_shows_what_the_first_made(client_of: Any) -> None:
    alice, at = factories.alice(), stock.store()
    stock.stocked(at, 6, sesam_number="700123")
    patient = factories.patient(alice)
    browser, url = client_of(alice), f"/buffertforrad/{at.number}/uttag/"
    browser.get(f"/patienter/{patient.public_id}/")
    submit(browser, url, "search", q="700123")
    data = typed(get(browser, url), "uttag") | {"do": "register", "patients": str(patient.public_id)}
    done = browser.post(url, data)
    order = Order.objects.get(kind="WITHDRAWAL")
    assert done["Location"] == f"{url}{order.press}/"
    assert browser.post(url, data)["Location"] == done["Location"]
    assert Loan.objects.get().patient == patient
    assert "700123" not in words(get(browser, url).find("main"))


def test_a_page_that_was_left_open_registers_nothing_and_says_so(client_of: Any) -> None:
    alice, at = factories.alice(), stock.store()
    stock.stocked(at, 6, sesam_number="700123")
    browser, url = client_of(alice), f"/buffertforrad/{at.number}/uttag/"
    answer = submit(browser, url, "register", press=str(uuid.uuid4()))
    assert "Sidan var gammal. Inget är registrerat." in words(soup_of(answer))
    assert not Order.objects.filter(kind="WITHDRAWAL").exists()


def test_what_is_not_there_is_told_at_the_field(client_of: Any) -> None:
    at = stock.store()
    stock.stocked(at, 6, sesam_number="700123")
    page = soup_of(submit(client_of(factories.alice()), f"/buffertforrad/{at.number}/uttag/", "search", q="999999"))
    assert error_at(page, "q") == "Finns inte i förrådet. Kontrollera numret, eller gör en kundorder."
    assert not Movement.objects.filter(kind="WITHDRAWAL").exists()


# --- After a delivery --------------------------------------------------------------------------------


def test_a_delivery_that_differed_leads_to_a_felrapport_with_its_number_and_one_that_did_not_leads_nowhere(client_of: Any) -> None:
    line = stock.stocked(stock.store())
    order = stock.ordered(line.store, (line.article, 5))
    told.despatched("FS-1", told.sent(1, 2))(order)
    told.despatched("FS-2", told.sent(1, 3))(order)
    stock.receive(order, "FS-1")
    stock.receive(order, "FS-2", missing=1)
    page = get(client_of(stock.manager()), order.get_absolute_url())
    assert [link["href"] for link in page.select("[id^=felrapport-]")] == [
        f"/felrapporter/ny/?slag=DELIVERY&order={order.number}&foljesedel=FS-2&forrad={line.store.number}"
    ]


# --- What the pages cost -----------------------------------------------------------------------------


def queries_of(browser: Client, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url).status_code == 200
    return len(asked)


def below(at: Any) -> None:
    stock.stocked(at, 1, safety=2, target=4)


def stopped(at: Any) -> None:
    line = stock.stocked(at, 1, safety=2, target=4)
    told.cancelled(1)(Order.objects.get(number=top_up.top_up(at, only=[line.article])))


def on_its_way(at: Any) -> None:
    order = stock.ordered(at, (stock.stocked(at).article, 2), (stock.stocked(at).article, 1))
    told.despatched(f"FS-{order.number}", told.sent(1, 2), told.sent(2, 1))(order)


def drafted(at: Any) -> None:
    stock_orders.add_article(stock_orders.start(at, by=stock.manager()), stock.stocked(at).article)


@pytest.mark.parametrize(
    ("page", "row"),
    [
        ("{store}/pafyllning/", below),
        ("{store}/pafyllning/", stopped),
        ("bestallningar/", on_its_way),
        ("bestallningar/ta-emot/", on_its_way),
        ("bestallningar/utkast/", drafted),
    ],
    ids=["below", "stopped", "orders", "to_receive", "drafts"],
)
def test_a_list_costs_the_same_with_1_and_12_rows(page: str, row: Callable[[Any], None], client_of: Any) -> None:
    at = stock.store()
    browser, url = client_of(stock.manager()), "/buffertforrad/" + page.format(store=at.number)
    row(at)
    one = queries_of(browser, url)
    for _ in range(MANY - 1):
        row(at)
    assert queries_of(browser, url) == one


@pytest.mark.parametrize("page", ["", "foljesedel/{pk}/", "ta-emot/{pk}/", "ta-emot/{pk}/?visa=rader", "ta-emot/", "makulera/"])
def test_an_orders_pages_cost_the_same_with_1_and_12_lines(page: str, client_of: Any) -> None:
    at, browser = stock.store(), client_of(stock.manager())

    def cost(lines: int) -> int:
        order = stock.ordered(at, *[(stock.stocked(at).article, 2) for _ in range(lines)])
        # Of each line one is on its way, so that the order can be looked at as one that is waited for and not yet.
        if page != "makulera/":
            told.despatched(f"FS-{lines}", *[told.sent(line, 1) for line in range(1, lines + 1)])(order)
        despatch = order.despatches.first()
        return queries_of(browser, order.get_absolute_url() + page.format(pk=despatch.pk if despatch else ""))

    assert cost(MANY) == cost(1)


def test_the_page_of_an_uttag_costs_the_same_with_1_and_12_articles_in_hand(client_of: Any) -> None:
    alice, at = factories.alice(), stock.store()
    browser, url = client_of(alice), f"/buffertforrad/{at.number}/uttag/"
    for number in range(MANY):
        stock.stocked(at, 5, sesam_number=f"7001{number:02}")
    submit(browser, url, "search", q="700100")
    one = queries_of(browser, url)
    for line in StockLine.objects.filter(store=at):
        browser.get(url, {"artikel": line.article_id})
    assert len(get(browser, url).select("#vad tbody tr")) == MANY
    assert queries_of(browser, url) == one


def test_the_page_of_a_return_costs_the_same_with_1_and_12_loans(client_of: Any) -> None:
    alice, at = factories.alice(), stock.store()
    patient = factories.patient(alice)
    browser, url = client_of(alice), f"/buffertforrad/aterlamning/{patient.public_id}/"
    stock.withdraw((stock.stocked(at, 5), 1), to=[patient])
    one = queries_of(browser, url)
    stock.withdraw(*[(stock.stocked(at, 5), 2) for _ in range(MANY - 1)], to=[patient])
    assert len(get(browser, url).select("[name=loans]")) == MANY
    assert queries_of(browser, url) == one
