"""The order's page, its cancelling and ordering again, and what it keeps itself up to date with."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Assignment
from accounts.roles import Role
from catalog.models import LocalArticle
from core.numbers import order_number
from core.templatetags.ui import day, long_day, when
from integration.models import OutgoingMessage
from orders.actions import changes, drafts, orders, reports
from orders.models import Order, OrderHistory, OrderLine
from orders.sesam2 import Answer, AnsweredLine, DeliveredLine, DespatchedLine, Response
from patients.actions import NewAddress, NewContact, change_details, register
from patients.identifiers import Identifier, IdentityType
from patients.models import AccessLogEntry, Patient
from tests import factories
from tests.orders import pages
from tests.orders.pages import error_at, errors, heading, soup_of, words
from tests.orders.told import REPLACEMENT

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
SOON, LATER = datetime.date(2031, 12, 1), datetime.date(2031, 12, 8)


def url(order: Order, page: str = "") -> str:
    return f"/bestallningar/{order.number}/{page}"


def answer(order: Order, code: Answer, *lines: AnsweredLine, sequence: int = 1, on: datetime.date | None = None, reason: str = "") -> None:
    reports.record_response(str(order.number), sequence=sequence, response=Response(code, "S2-1", on, reason, lines))


def delay(order: Order, *, sequence: int = 3, on: datetime.date | None = LATER, lines: list[int] | None = None) -> None:
    reports.record_delay(str(order.number), sequence=sequence, promised_on=on, reason="Ryggklädsel saknas.", lines=lines)


def despatch(order: Order, *lines: DespatchedLine, number: str = "F1", **more: Any) -> None:
    told = {"expected_on": None, "carrier": "", "tracking_url": "", "despatched_at": timezone.now()} | more
    reports.record_despatch(str(order.number), despatch_number=number, lines=lines, **told)


def deliver(order: Order, *lines: DeliveredLine, sequence: int = 5, receipted: bool = True, signed_by: str = "") -> None:
    reports.record_delivery(
        str(order.number),
        sequence=sequence,
        despatch_number="",
        delivered_at=timezone.now(),
        is_receipted=receipted,
        signed_by=signed_by,
        lines=list(lines) or None,
    )


def cancel(order: Order, lines: list[int] | None = None, *, reason: str = "Slut i lager", was_requested: bool = False) -> None:
    reports.record_cancellation(str(order.number), sequence=4, reason=reason, lines=lines, was_requested=was_requested)


def line(number: int, *, refused: bool = False, quantity: int | None = None, name: str = "") -> AnsweredLine:
    return AnsweredLine(number, refused, quantity, None, {**REPLACEMENT, "name": name} if name else None, "")


def timeline(soup: BeautifulSoup) -> list[tuple[str, str, str]]:
    """(title, text, tone) from above."""
    return [(words(item.h3), words(item.find("p")), item.get("data-tone", "")) for item in soup.select("ol.timeline > li")]


def newest(client_of: ClientOf, order: Order) -> tuple[str, str, str]:
    return timeline(pages.get(client_of(factories.alice()), url(order)))[0]


# --- The page -----------------------------------------------------------------------------------------


def test_the_page_shows_the_order_as_it_was_sent(client_of: ClientOf) -> None:
    factories.alice()  # the only one who prescribes, so that Bob need not choose
    order = factories.order(factories.bob(), lines=2, quantity=3)
    soup = pages.get(client_of(factories.alice()), url(order))
    assert words(soup.title) == f"Kundorder {order.number} · webSesam"
    text = words(soup.main)
    assert f"Kundorder {order.number}" in words(soup.h1)
    assert f"Skickad {when(order.placed_at)} av Bob Björk · förskrivare Alice Ask" in text
    for shown in ("Tolvan Tolvansson", "Storgatan 1, 441 30 Alingsås", "1357", "Så snart som möjligt", "212,50 kr", "Elsa Tolvansson 070-174 06 07"):
        assert shown.replace("\xa0", " ") in text
    assert [words(cell) for cell in soup.select("td[data-label=Antal]")] == ["3", "3"]
    assert timeline(soup) == [("Skickad", "Av Bob Björk.", "")]


def test_the_page_keeps_address_and_price_of_the_sending(client_of: ClientOf) -> None:
    alice = factories.alice()
    order = factories.order(alice)
    change_details(order.patient, by=alice, phone="", address=NewAddress("Nygatan 9", "44131", "Alingsås"))
    LocalArticle.objects.update(shown_price=1)
    text = words(pages.get(client_of(alice), url(order)).find(id="order"))
    assert "Storgatan 1" in text
    assert "Nygatan 9" not in text
    assert "212,50" in text


def test_opening_the_page_is_in_the_access_log(client_of: ClientOf) -> None:
    order = factories.order()
    before = AccessLogEntry.objects.count()
    pages.get(client_of(factories.alice()), url(order))
    assert AccessLogEntry.objects.count() == before + 1
    row = AccessLogEntry.objects.filter(activity="Visa kundorder").get()
    assert (row.resource_type, row.resource_id, row.patient_id) == ("Kundorder", order.number, order.patient_id)


@pytest.mark.parametrize(
    ("state", "attempts", "shown"),
    [
        ("WAITING", 0, "Skickas …"),
        ("WAITING", 2, "Väntar på SESAM2"),
        ("PARKED", 8, "Kunde inte skickas till SESAM2"),
        ("DONE", 1, ""),
    ],
)
def test_the_page_tells_how_far_the_order_has_come_on_its_way(client_of: ClientOf, state: str, attempts: int, shown: str) -> None:
    order = factories.order()
    done_at = timezone.now() if state == "DONE" else None
    OutgoingMessage.objects.update(state=state, attempts=attempts, done_at=done_at)
    text = words(pages.get(client_of(factories.alice()), url(order)).main)
    assert shown in text
    for other in {"Skickas …", "Väntar på SESAM2", "Kunde inte skickas till SESAM2"} - {shown}:
        assert other not in text


# --- What has happened, in the words of the profession ------------------------------------------------


def test_received(client_of: ClientOf) -> None:
    order = factories.order()
    answer(order, Answer.RECEIVED)
    assert newest(client_of, order) == ("Mottagen av SESAM2", "", "")


def test_confirmed(client_of: ClientOf) -> None:
    order = factories.order()
    answer(order, Answer.ACCEPTED, on=SOON)
    assert newest(client_of, order) == ("Bekräftad, leverans måndag 1 december 2031", "", "success")


def test_confirmed_by_an_older_message(client_of: ClientOf) -> None:
    order = factories.order()
    delay(order)
    answer(order, Answer.ACCEPTED, on=SOON)
    assert newest(client_of, order)[0] == "Bekräftad, leverans måndag 1 december 2031 (äldre besked)"


def test_changed_tells_what_was_changed(client_of: ClientOf) -> None:
    order = factories.order(lines=3, quantity=5)
    answer(order, Answer.CHANGED, line(1, quantity=3), line(2, name="Rullstol Ny"), line(3, refused=True), on=SOON, reason="Se raderna.")
    assert newest(client_of, order) == (
        "Bekräftad med ändringar, leverans måndag 1 december 2031",
        "Rullstol Allround 45 cm: 3 i stället för 5. Rullstol Allround 45 cm ersätts med Rullstol Ny. Makulerat: 5 Rullstol Allround 45 cm. Se raderna.",
        "warning",
    )
    soup = pages.get(client_of(factories.alice()), url(order))
    assert [words(cell) for cell in soup.select("td[data-label=Antal]")] == ["5 3 kvar, 2 makulerat", "5", "5"]
    assert [words(cell) for cell in soup.select("td[data-label=Status]")] == ["Bekräftad", "Bekräftad", "Makulerad"]
    assert "Ersätts med Rullstol Ny, 118999" in words(soup.main)


def test_no_line_accepted_is_cancelled(client_of: ClientOf) -> None:
    order = factories.order()
    answer(order, Answer.CHANGED, line(1, refused=True), reason="Utgått ur sortimentet.")
    assert newest(client_of, order) == ("Makulerad", "Makulerat: 1 Rullstol Allround 45 cm. Utgått ur sortimentet.", "danger")
    text = words(pages.get(client_of(factories.alice()), url(order)).main)
    assert "Beställningen är makulerad Utgått ur sortimentet." in text


def test_refused(client_of: ClientOf) -> None:
    order = factories.order()
    answer(order, Answer.REFUSED, reason="Kundnumret är spärrat.")
    assert newest(client_of, order) == ("Makulerad: centralen tog inte emot beställningen", "Kundnumret är spärrat.", "danger")


def test_delayed(client_of: ClientOf) -> None:
    order = factories.order(lines=2)
    answer(order, Answer.ACCEPTED, on=SOON)
    delay(order)
    assert newest(client_of, order) == ("Försenad till måndag 8 december 2031", "Ryggklädsel saknas.", "warning")
    soup = pages.get(client_of(factories.alice()), url(order))
    assert words(soup.select_one(".page-heading .status")) == "Försenad"
    assert "Leveransen är försenad till måndag 8 december 2031 Tidigare måndag 1 december 2031. Ryggklädsel saknas." in words(soup.main)
    assert [words(cell) for cell in soup.select("td[data-label=Leverans]")] == [day(LATER)] * 2


def test_delayed_without_a_date_for_one_line(client_of: ClientOf) -> None:
    order = factories.order(lines=2)
    delay(order, on=None, lines=[2])
    assert newest(client_of, order) == ("Försenad, nytt datum är inte känt", "Gäller 1 Rullstol Allround 45 cm. Ryggklädsel saknas.", "warning")
    soup = pages.get(client_of(factories.alice()), url(order))
    assert [words(cell) for cell in soup.select("td[data-label=Status]")] == ["Skickad", "Försenad"]
    assert "Leveransen är försenad Nytt leveransdatum är inte känt. Ryggklädsel saknas." in words(soup.main)


def test_an_older_delay_is_marked_and_is_not_the_news(client_of: ClientOf) -> None:
    order = factories.order()
    delay(order, sequence=5)
    delay(order, sequence=2, on=SOON)
    assert newest(client_of, order) == ("Försenad till måndag 1 december 2031 (äldre besked)", "Ryggklädsel saknas.", "")
    assert "Leveransen är försenad till måndag 8 december 2031" in words(pages.get(client_of(factories.alice()), url(order)).main)


def test_despatched(client_of: ClientOf) -> None:
    order = factories.order(quantity=2)
    despatch(order, DespatchedLine(1, 2, (), "", ""), expected_on=SOON, carrier="Bring", tracking_url="https://spar.example/1?a=b&c=d")
    assert newest(client_of, order) == (
        "På väg, väntas måndag 1 december 2031",
        "2 Rullstol Allround 45 cm. Följesedel F1. Transportör Bring.",
        "",
    )
    soup = pages.get(client_of(factories.alice()), url(order))
    link = soup.select_one('a[href^="https://spar"]')
    assert words(link) == "Spåra paketet (öppnas i en ny flik)"
    assert (link["href"], link["rel"]) == ("https://spar.example/1?a=b&c=d", ["noreferrer", "noopener"])
    assert words(soup.select_one("td[data-label=Status]")) == "På väg"


def test_despatched_again_is_marked(client_of: ClientOf) -> None:
    order = factories.order()
    despatch(order, DespatchedLine(1, 1, (), "", ""))
    despatch(order, DespatchedLine(1, 1, (), "", ""))
    assert newest(client_of, order) == ("På väg (äldre besked)", "Följesedel F1.", "")


def test_delivered_in_parts_and_receipted(client_of: ClientOf) -> None:
    order = factories.order(quantity=3)
    deliver(order, DeliveredLine(1, 1, ()), receipted=False)
    assert newest(client_of, order) == ("Delleverans", "1 Rullstol Allround 45 cm.", "success")
    deliver(order, DeliveredLine(1, 1, ()), sequence=6, signed_by="dottern")
    assert newest(client_of, order) == ("Delleverans kvitterad", "1 Rullstol Allround 45 cm. Kvitterad av dottern.", "success")
    soup = pages.get(client_of(factories.alice()), url(order))
    assert words(soup.select_one("td[data-label=Antal]")) == "3 2 levererat, 1 kvar"
    deliver(order, sequence=7, signed_by="patienten")
    assert newest(client_of, order) == ("Levererad och kvitterad", "1 Rullstol Allround 45 cm. Kvitterad av patienten.", "success")
    assert words(pages.get(client_of(factories.alice()), url(order)).select_one(".page-heading .status")) == "Kvitterad"


def test_delivered_without_receipt_names_nobody_as_signer(client_of: ClientOf) -> None:
    order = factories.order()
    deliver(order, receipted=False, signed_by="avdelningen")
    assert newest(client_of, order) == ("Levererad", "1 Rullstol Allround 45 cm.", "success")


def test_cancelled_whole_and_in_part(client_of: ClientOf) -> None:
    order = factories.order(lines=2)
    cancel(order, [2])
    assert newest(client_of, order) == ("En del makulerad", "1 Rullstol Allround 45 cm. Slut i lager", "danger")
    cancel(order, [1])
    assert newest(client_of, order)[0] == "Makulerad"
    whole = factories.order()
    cancel(whole)
    assert newest(client_of, whole) == ("Makulerad", "Slut i lager", "danger")
    assert "Beställningen är makulerad Slut i lager" in words(pages.get(client_of(factories.alice()), url(whole)).main)


def test_what_was_partly_delivered_and_then_cancelled_tells_both_numbers(client_of: ClientOf) -> None:
    order = factories.order(quantity=3)
    deliver(order, DeliveredLine(1, 1, ()), sequence=2)
    cancel(order)
    soup = pages.get(client_of(factories.alice()), url(order))
    assert words(soup.select_one("td[data-label=Antal]")) == "3 1 levererat, 2 makulerat"


def test_asked_for_and_refused(client_of: ClientOf) -> None:
    order = factories.order()
    changes.request_cancellation(order, by=factories.alice(), reason="OTHER", note="Fel storlek.")
    assert newest(client_of, order) == ("Makulering begärd", "Av Alice Ask. Fel storlek.", "")
    assert "Du får ett meddelande när centralen har svarat." in words(pages.get(client_of(factories.alice()), url(order)).main)
    reports.record_cancellation_refused(str(order.number), reason="Redan packad.")
    assert newest(client_of, order) == ("Kan inte makuleras", "Redan packad.", "warning")
    changes.change_delivery(order, by=factories.alice(), new=changes.NewDelivery(method="UNIT"))
    assert newest(client_of, order)[:2] == (
        "Ändrad leverans skickad",
        "Av Alice Ask. Ändrat: leveranssätt, adress, portkod, kontaktperson, kontaktpersonens telefon.",
    )
    reports.record_delivery_change_refused(str(order.number), reason="Redan packad.")
    assert newest(client_of, order) == ("Leveransen kan inte ändras", "Redan packad.", "warning")


def test_days_are_written_in_swedish() -> None:
    assert long_day(SOON) == "måndag 1 december 2031"


# --- Keeping itself up to date ------------------------------------------------------------------------


def live_url(soup: BeautifulSoup) -> str:
    part = soup.find(id="order")
    assert part is not None
    return str(part["hx-get"])


def test_nothing_new_is_204_and_reads_no_patient(client_of: ClientOf) -> None:
    order = factories.order()
    client = client_of(factories.alice())
    address = live_url(pages.get(client, url(order)))
    before = AccessLogEntry.objects.count()
    for _ in range(3):
        response = client.get(address)
        assert (response.status_code, response.content) == (204, b"")
    assert AccessLogEntry.objects.count() == before


def test_after_a_report_the_part_comes_anew_and_then_rests_again(client_of: ClientOf) -> None:
    order = factories.order()
    client = client_of(factories.alice())
    address = live_url(pages.get(client, url(order)))
    answer(order, Answer.ACCEPTED, on=SOON)
    response = client.get(address)
    assert response.status_code == 200
    soup = soup_of(response)
    assert soup.find("html") is None
    assert timeline(soup)[0][0] == "Bekräftad, leverans måndag 1 december 2031"
    assert client.get(live_url(soup)).status_code == 204


def test_a_change_on_the_way_to_sesam2_is_something_new(client_of: ClientOf) -> None:
    order = factories.order()
    client = client_of(factories.alice())
    address = live_url(pages.get(client, url(order)))
    OutgoingMessage.objects.update(state="DONE", done_at=timezone.now())
    assert "Skickas" not in client.get(address).content.decode()


def test_an_order_that_has_ended_asks_no_more(client_of: ClientOf) -> None:
    order = factories.order()
    deliver(order)
    assert not pages.get(client_of(factories.alice()), url(order)).find(id="order").has_attr("hx-get")


# --- Cancelling and ordering again --------------------------------------------------------------------


def test_a_cancellation_is_asked_for_with_reason_and_note(client_of: ClientOf) -> None:
    order = factories.order()
    client = client_of(factories.alice())
    assert words(pages.get(client, url(order, "makulera/")).h1) == "Makulera kundorder"
    response = client.post(url(order, "makulera/"), {"reason": "WRONG_ARTICLE", "note": "Fel storlek"})
    assert response.url == url(order)
    assert OutgoingMessage.objects.get(sequence=2).message_type == "CancellationRequest"
    soup = pages.get(client, url(order))
    assert "Din begäran om makulering är skickad." in words(soup.main)
    assert soup.find("a", href=url(order, "makulera/")) is None


@pytest.mark.parametrize(
    ("data", "field", "text"),
    [
        ({"note": "Fel"}, "reason", "Välj en orsak."),
        ({"reason": "BORED", "note": "Fel"}, "reason", "Välj ett av alternativen som visas."),
        ({"reason": "OTHER", "note": "  "}, "note", "Fyll i ”Beskriv kort”."),
        ({"reason": "OTHER", "note": "å" * 501}, "note", "Korta texten till högst 500 tecken. Nu är den 501."),
        (
            {"reason": "OTHER", "note": "a\x07"},
            "note",
            "Texten innehåller ett osynligt tecken som inte kan sparas. Skriv om texten i stället för att klistra in den.",
        ),
    ],
)
def test_a_cancellation_that_is_not_filled_in_is_told_at_the_field(client_of: ClientOf, data: dict[str, str], field: str, text: str) -> None:
    order = factories.order()
    soup = soup_of(client_of(factories.alice()).post(url(order, "makulera/"), data))
    assert (errors(soup), error_at(soup, field)) == ([field], text)
    assert Order.objects.get(pk=order.pk).cancellation_requested_at is None
    assert OutgoingMessage.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_asking_twice_for_a_cancellation_asks_once_and_says_that_it_is_asked_for(client_of: ClientOf, method: str) -> None:
    order = factories.order()
    changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="Först")
    before = OutgoingMessage.objects.count()
    client = client_of(factories.alice())
    response = getattr(client, method)(url(order, "makulera/"), {"reason": "OTHER", "note": "Sen"}, follow=True)
    assert response.redirect_chain == [(url(order), 302)]
    assert "Makuleringen är redan begärd." in words(soup_of(response).main)
    assert OutgoingMessage.objects.count() == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_whoever_is_late_with_a_cancellation_is_told_that_somebody_was_first(client_of: ClientOf, method: str) -> None:
    order = factories.order()
    deliver(order)
    before = OutgoingMessage.objects.count()
    response = getattr(client_of(factories.alice()), method)(url(order, "makulera/"), {"reason": "OTHER", "note": "Sen"})
    assert (response.status_code, heading(response)) == (409, "Någon hann före")
    assert soup_of(response).main.find("a")["href"] == url(order)
    assert OutgoingMessage.objects.count() == before


def test_a_cancelled_order_is_ordered_again_from_its_page(client_of: ClientOf) -> None:
    order = factories.order(lines=2, quantity=4)
    client = client_of(factories.alice())
    assert pages.get(client, url(order)).find("form", action=url(order, "bestall-igen/")) is None
    cancel(order)
    assert pages.get(client, url(order)).find("form", action=url(order, "bestall-igen/")) is not None
    first, second = (client.post(url(order, "bestall-igen/")) for _ in range(2))
    new = Order.objects.drafts().get()
    assert first.url == second.url == f"/bestallningar/utkast/{new.public_id}/"
    soup = pages.get(client, first.url)
    assert f"Det som makulerades i {order.number} är med." in words(soup.main)
    assert [pages.typed(soup)[f"quantity_{number}"] for number in (1, 2)] == ["4", "4"]


def test_an_order_that_lives_is_not_ordered_again(client_of: ClientOf) -> None:
    order = factories.order()
    response = client_of(factories.alice()).post(url(order, "bestall-igen/"))
    assert (response.status_code, heading(response)) == (409, "Någon hann före")
    assert not Order.objects.drafts().exists()


def test_who_may_only_see_finds_no_buttons_and_no_pages_behind_them(client_of: ClientOf) -> None:
    order, gone = factories.order(), factories.order()
    cancel(gone)
    client = client_of(factories.assignment("Ove Olm", Role.APPROVER, at=factories.unit()))
    assert pages.get(client, url(order)).find("a", href=url(order, "makulera/")) is None
    assert pages.get(client, url(gone)).find("form", action=url(gone, "bestall-igen/")) is None
    assert client.get(url(order, "makulera/")).status_code == 404
    assert client.post(url(order, "makulera/"), {"reason": "OTHER", "note": "x"}).status_code == 404
    assert client.post(url(gone, "bestall-igen/")).status_code == 404
    assert OutgoingMessage.objects.count() == 2


# --- Whose it is --------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [factories.carol, factories.dan], ids=["another unit", "another care provider"])
@pytest.mark.parametrize("page", ["", "skickad/", "nytt/", "makulera/", "bestall-igen/"])
def test_another_units_order_does_not_exist(client_of: ClientOf, page: str, who: Callable[[], Assignment]) -> None:
    order = factories.order(factories.alice())
    before = (Order.objects.filter(pk=order.pk).values().get(), OrderHistory.objects.count(), OutgoingMessage.objects.count())
    client = client_of(who())
    log = AccessLogEntry.objects.count()
    unknown = f"/bestallningar/{order_number('K', 2026, 99_999_999)}/{page}"
    data = {"reason": "OTHER", "note": "x"}
    for method in ("get", "post", "put", "patch", "delete"):
        answer_, of_unknown = getattr(client, method)(url(order, page), data), getattr(client, method)(unknown, data)
        assert answer_.status_code == of_unknown.status_code
        assert answer_.status_code in {404, 405}
    assert getattr(client, "post" if page == "bestall-igen/" else "get")(url(order, page)).status_code == 404
    assert (Order.objects.filter(pk=order.pk).values().get(), OrderHistory.objects.count(), OutgoingMessage.objects.count()) == before
    assert AccessLogEntry.objects.count() == log


@pytest.mark.parametrize("number", ["K-2026-00000001-0", "K-2026-1-0", "L-2026-00000001-0", "K-2026-00000001-0'--", "K-２０２６-00000001-0"])
def test_a_number_that_is_none_is_not_found(client_of: ClientOf, number: str) -> None:
    assert client_of(factories.alice()).get(f"/bestallningar/{number}/").status_code == 404


def test_a_protected_patients_order_is_not_found_and_the_attempt_is_logged(client_of: ClientOf) -> None:
    order = factories.order()
    Patient.objects.filter(pk=order.patient_id).update(protection="MARKED", phone="")
    client = client_of(factories.alice())
    for page in ("", "skickad/", "nytt/", "makulera/"):
        assert client.get(url(order, page)).status_code == 404
    assert AccessLogEntry.objects.filter(outcome="DENIED_PROTECTED", resource_id=order.number).count() == 4


# --- Cost ---------------------------------------------------------------------------------------------


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_a_page_of_ten_lines_asks_the_database_as_often_as_one_of_one(client_of: ClientOf) -> None:
    client = client_of(factories.alice())
    assert queries(client, url(factories.order(lines=1))) == queries(client, url(factories.order(lines=10)))


def test_twenty_things_that_happened_cost_no_more_than_one(client_of: ClientOf) -> None:
    alice = factories.alice()
    order = factories.order(alice)
    client = client_of(alice)
    before = queries(client, url(order))
    OrderHistory.objects.bulk_create(OrderHistory(order=order, event="CANCELLATION_REQUESTED", old="PLACED", new="PLACED", by=alice) for _ in range(20))
    assert queries(client, url(order)) == before


@pytest.mark.parametrize("page", ["", "granska/"])
def test_a_draft_of_ten_lines_asks_the_database_as_often_as_one_of_one(client_of: ClientOf, page: str) -> None:
    client = client_of(factories.alice())
    short, long = factories.draft(lines=1), factories.draft(lines=10)
    assert queries(client, f"{short.get_absolute_url()}{page}") == queries(client, f"{long.get_absolute_url()}{page}")


# --- What must never stand anywhere, and what must stand as it was written ---------------------------


def every_page(client: Client, order: Order, draft: Order) -> list[Any]:
    draft_pages = [f"/bestallningar/utkast/{draft.public_id}/{page}" for page in ("", "granska/", "kasta/", "artiklar/?q=rullstol")]
    order_pages = [url(order, page) for page in ("", "skickad/", "nytt/", "makulera/")]
    lists = ["/", "/bestallningar/", f"/bestallningar/?patient={order.patient.public_id}", f"/patienter/{order.patient.public_id}/"]
    return [client.get(page) for page in [*draft_pages, *order_pages, *lists]]


def test_no_address_and_no_title_tells_who_the_patient_is(client_of: ClientOf) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    order, draft = factories.order(alice, to=patient, lines=2), factories.draft(alice, to=patient)
    delay(order)
    value = patient.identity.value
    secrets = ["tolvan", value, patient.identity.shown, value[2:], "46701740606", "0701740606", "storgatan", "44130"]
    for response in every_page(client_of(alice), order, draft):
        assert response.status_code == 200
        soup = soup_of(response)
        addresses = [tag[name] for name in ("href", "action", "src", "hx-get", "hx-post") for tag in soup.find_all(attrs={name: True})]
        for text in [words(soup.title), response.request["PATH_INFO"], response.request["QUERY_STRING"], *addresses]:
            for secret in secrets:
                assert secret not in text.lower()


HOSTILE = '"><img src=x onerror=alert(1)>'


def test_what_people_have_written_is_shown_as_text(client_of: ClientOf) -> None:
    alice = factories.alice()
    patient = register(
        by=alice,
        identifier=Identifier(IdentityType.PERSONNUMMER, factories.test_numbers()[7]),
        given_name=HOSTILE,
        family_name=HOSTILE,
        phone="",
        address=NewAddress(street=HOSTILE, postal_code="44130", city=HOSTILE, care_of=HOSTILE, door_code=HOSTILE[:20]),
        contact=NewContact(HOSTILE, "+46701740607", HOSTILE),
    )
    made = []
    for _ in range(2):
        order = drafts.start(patient, by=alice)
        drafts.add_article(order, factories.article(f"Rullstol {HOSTILE}"))
        content = drafts.Content(
            customer=order.customer, prescriber=alice, method="HOME", contact_name=HOSTILE, contact_phone="+46701740607", instructions=HOSTILE
        )
        drafts.save(order, content=content, quantities={})
        made.append(Order.objects.get(pk=order.pk))
    draft, order = made
    orders.place(order, by=alice)
    order = Order.objects.get(pk=order.pk)
    answer(order, Answer.CHANGED, line(1, name=HOSTILE), reason=HOSTILE)
    despatch(order, DespatchedLine(1, 1, (), "", ""), number=HOSTILE, carrier=HOSTILE)
    delay(order, sequence=6)
    changes.request_cancellation(order, by=alice, reason="OTHER", note=HOSTILE)
    reports.record_cancellation_refused(str(order.number), reason=HOSTILE)
    escaped = 0
    for response in every_page(client_of(alice), order, draft):
        html = response.content.decode()
        assert "<img src=x" not in html
        escaped += html.count("&lt;img src=x onerror=alert(1)&gt;")
    assert escaped > 30


def test_a_line_break_in_the_message_is_no_way_into_the_page(client_of: ClientOf) -> None:
    order = factories.draft()
    client = client_of(factories.alice())
    client.post(order.get_absolute_url(), {"do": "save", "instructions": "</textarea><script>x</script>", "quantity_1": "1"})
    html = client.get(order.get_absolute_url()).content.decode()
    assert "</textarea><script>" not in html
    assert "&lt;/textarea&gt;&lt;script&gt;" in html


def test_an_article_whose_price_is_told_later_says_so(client_of: ClientOf) -> None:
    order = factories.order()
    OrderLine.objects.filter(order=order).update(unit_price=None)
    soup = pages.get(client_of(factories.alice()), url(order))
    assert words(soup.select_one("td[data-label=Pris]")) == "Vid beställning"
