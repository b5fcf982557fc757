"""What a person changes after sending, each way it is refused with nothing left behind, and what SESAM2 answers."""

import datetime
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Assignment, DeliveryPoint, Notice
from core.lifecycle import IllegalMove
from integration.models import OutgoingMessage
from orders.actions import changes
from orders.actions.changes import NewDelivery
from orders.actions.orders import NotReady
from orders.models import DELIVERY_FIELDS, DeliveryChange, Order, OrderHistory
from orders.sesam2 import Answer
from patients.models import AccessLogEntry, Loan, Patient
from tests import factories
from tests.orders import pages
from tests.orders.pages import error_at, errors, soup_of, words
from tests.orders.told import (
    LATER,
    REPLACEMENT,
    accepted,
    answered,
    came,
    cancelled,
    delayed,
    delivered,
    despatched,
    line,
    order_of,
    quantities,
    received,
    sent,
    tell,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
ADDRESS = {"street": "Nygatan 7", "postal_code": "44131", "city": "Alingsås", "door_code": "2468"}
HOME = NewDelivery(method="HOME", contact_name="Elsa Tolvansson", contact_phone="+46701740607", instructions="Ring först.", **ADDRESS)


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def where(order: Order) -> dict[str, Any]:
    return {name: getattr(fresh(order), name) for name in DELIVERY_FIELDS}


def sent_messages(order: Order, message_type: str) -> list[dict[str, Any]]:
    found = OutgoingMessage.objects.filter(subject=order.number, message_type=message_type).order_by("sequence")
    return [message.payload["body"] for message in found if message.payload]


def left_behind(order: Order) -> tuple[Any, ...]:
    """All that a change writes."""
    return (
        where(order),
        DeliveryChange.objects.count(),
        OrderHistory.objects.count(),
        OutgoingMessage.objects.count(),
        list(order.lines.order_by("line").values_list("is_cancellation_requested", flat=True)),
        fresh(order).cancellation_requested_at,
    )


# --- Another delivery ------------------------------------------------------------------------------


def test_another_address_is_in_force_at_once_and_sent_with_history_and_log() -> None:
    order = order_of(1)
    before = where(order)
    changes.change_delivery(order, by=factories.bob(), new=HOME)
    assert where(order) == before | ADDRESS | {"contact_name": "Elsa Tolvansson", "instructions": "Ring först."}
    [body] = sent_messages(order, "DeliveryChange")
    assert body["orderNumber"] == order.number
    assert {name: body["delivery"][name] for name in ("method", "street", "postalCode", "doorCode", "recipientName", "instructions")} == {
        "method": "HOME",
        "street": "Nygatan 7",
        "postalCode": "44131",
        "doorCode": "2468",
        "recipientName": "Tolvan Tolvansson",
        "instructions": "Ring först.",
    }
    row = order.history.latest("id")
    assert (row.event, row.by, row.details) == ("DELIVERY_CHANGED", factories.bob(), {"changed": ["adress", "portkod", "meddelande till centralen"]})
    assert "Nygatan" not in f"{row.note}{row.details}"
    change = DeliveryChange.objects.get()
    assert (change.before, change.after["street"]) == (before, "Nygatan 7")
    logged = AccessLogEntry.objects.latest("at")
    assert (logged.action, logged.activity, logged.resource_id) == ("WRITE", "Ändra leverans", order.number)


@pytest.mark.parametrize("told", [(received(1),), (accepted(2),), (accepted(2), delayed(3))])
def test_the_delivery_may_be_changed_until_something_is_despatched(told: Any) -> None:
    order = tell(order_of(2), *told)
    changes.change_delivery(order, by=order.orderer, new=HOME)
    assert fresh(order).street == "Nygatan 7"


@pytest.mark.parametrize(
    "told",
    [(despatched("F1", sent(1)),), (delivered(3, lines=[came(1)]),), (delivered(3),), (cancelled(2),)],
    ids=["despatched", "partly", "delivered", "cancelled"],
)
def test_after_that_it_may_not_and_nothing_is_left_behind(told: Any) -> None:
    order = tell(order_of(2), accepted(1), *told)
    before = left_behind(order)
    with pytest.raises(IllegalMove):
        changes.change_delivery(order, by=order.orderer, new=HOME)
    assert left_behind(order) == before


def test_a_second_change_waits_while_the_first_may_still_be_refused() -> None:
    order = order_of(1)
    changes.change_delivery(order, by=order.orderer, new=HOME)
    before = left_behind(order)
    with pytest.raises(changes.ChangeIsOpen):
        changes.change_delivery(order, by=order.orderer, new=NewDelivery(method="UNIT"))
    assert left_behind(order) == before
    DeliveryChange.objects.update(at=timezone.now() - changes.ANSWERED_WITHIN)
    changes.change_delivery(order, by=order.orderer, new=NewDelivery(method="UNIT"))
    assert [body["delivery"]["method"] for body in sent_messages(order, "DeliveryChange")] == ["HOME", "UNIT"]


def test_what_is_refused_is_as_it_was_and_may_be_asked_for_again_at_once() -> None:
    order = order_of(1)
    before = where(order)
    changes.change_delivery(order, by=order.orderer, new=HOME)
    from orders.actions import reports

    reports.record_delivery_change_refused(str(order.number), reason="Utanför vårt område")
    assert where(order) == before
    assert Notice.objects.get().text == "Utanför vårt område."
    # Told once more, it answers nothing.
    reports.record_delivery_change_refused(str(order.number), reason="Utanför vårt område")
    assert (where(order), Notice.objects.count()) == (before, 1)
    assert order.history.latest("id").details == {"is_old": True}
    changes.change_delivery(order, by=order.orderer, new=NewDelivery(method="UNIT"))
    assert fresh(order).street == "Torggatan 1"


def test_a_change_of_nothing_sends_nothing() -> None:
    order = order_of(1)
    now = where(order)
    same = NewDelivery(**{name: now[name] for name in ("method", "care_of", *ADDRESS, "contact_name", "contact_phone", "instructions")})
    before = left_behind(order)
    with pytest.raises(changes.NothingChanged):
        changes.change_delivery(order, by=order.orderer, new=same)
    assert left_behind(order) == before


def test_a_delivery_point_must_be_the_care_providers_own_and_in_use() -> None:
    order = order_of(1)
    foreign = factories.delivery_point(factories.dan().unit.provider)
    closed = factories.delivery_point()
    DeliveryPoint.objects.filter(pk=closed.pk).update(is_active=False)
    before = left_behind(order)
    for point in (None, foreign, DeliveryPoint.objects.get(pk=closed.pk)):
        with pytest.raises(NotReady):
            changes.change_delivery(order, by=order.orderer, new=NewDelivery(method="DELIVERY_POINT", delivery_point=point))
    assert left_behind(order) == before
    changes.change_delivery(order, by=order.orderer, new=NewDelivery(method="DELIVERY_POINT", delivery_point=factories.delivery_point()))
    [body] = sent_messages(order, "DeliveryChange")
    assert (body["delivery"]["method"], body["delivery"]["street"], body["delivery"].get("contactName")) == ("DELIVERY_POINT", "Ängabogatan 2", None)


def test_for_a_protected_person_nothing_but_the_units_contact_goes_out() -> None:
    order = order_of(1)
    unit = order.unit
    unit.may_see_protected = True
    unit.save()
    Patient.objects.filter(pk=order.patient_id).update(phone="", protection="MARKED")
    by = factories.alice()
    with pytest.raises(NotReady):
        changes.change_delivery(fresh(order), by=by, new=HOME)
    changes.change_delivery(fresh(order), by=by, new=NewDelivery(method="MANUAL_CONTACT", contact_name="Jouren", contact_phone="+46313900601"))
    [body] = sent_messages(order, "DeliveryChange")
    said = {name: value for name, value in body["delivery"].items() if value is not None}
    assert said == {"method": "MANUAL_CONTACT", "hospital": False, "contactName": "Jouren", "contactPhone": "+46313900601"}
    assert fresh(order).street == ""


# --- Its page ---


def form_of(client: Client, order: Order) -> dict[str, str]:
    soup = pages.get(client, f"{order.get_absolute_url()}leverans/")
    form = soup.select_one("main form.form")
    assert form is not None
    form["id"] = "andring"
    return pages.typed(soup, "andring")


def test_the_form_shows_what_is_in_force_and_sends_what_is_written(client_of: ClientOf) -> None:
    order = order_of(1)
    client = client_of(factories.alice())
    data = form_of(client, order)
    assert (data["method"], data["street"], data["postal_code"], data["door_code"]) == ("HOME", "Storgatan 1", "441 30", "1357")
    answer = client.post(f"{order.get_absolute_url()}leverans/", data | {"street": "Nygatan 7"}, follow=True)
    assert "Ändringen är skickad." in words(soup_of(answer).main)
    assert "tidigare Storgatan 1" in words(soup_of(answer).main)
    assert fresh(order).street == "Nygatan 7"
    # The same form once more: what was wanted is done.
    again = client.post(f"{order.get_absolute_url()}leverans/", data | {"street": "Nygatan 7"}, follow=True)
    assert "En ändring av leveransen skickades" in words(soup_of(again).main)
    assert len(sent_messages(order, "DeliveryChange")) == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"street": ""}, "street"),
        ({"postal_code": "4413"}, "postal_code"),
        ({"city": " "}, "city"),
        ({"door_code": ""}, "door_code"),
        ({"has_no_door_code": "on"}, "door_code"),
        ({"method": "DELIVERY_POINT"}, "delivery_point"),
        ({"method": "STORE"}, "method"),
        ({"method": "MARS"}, "method"),
        ({"contact_phone": "abc"}, "contact_phone"),
        ({"instructions": "x" * 501}, "instructions"),
        ({"street": "a\u202eb"}, "street"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_sent(client_of: ClientOf, typed: dict[str, str], field: str) -> None:
    order = order_of(1)
    client = client_of(factories.alice())
    data = form_of(client, order) | {"contact_name": "Elsa Ek"} | typed
    before = left_behind(order)
    soup = soup_of(client.post(f"{order.get_absolute_url()}leverans/", data))
    assert errors(soup) == [field]
    assert error_at(soup, field)
    assert soup.find(attrs={"name": "contact_name"})["value"] == "Elsa Ek"  # type: ignore[index]
    assert left_behind(order) == before


def test_the_registers_newer_address_is_offered_and_filled_in(client_of: ClientOf) -> None:
    from patients.actions import NewAddress, change_details

    order = order_of(1)
    alice = factories.alice()
    change_details(order.patient, by=alice, phone="", address=NewAddress(street="Flyttgatan 3", postal_code="44132", city="Alingsås"))
    client = client_of(alice)
    url = f"{order.get_absolute_url()}leverans/"
    assert "Flyttgatan 3" in words(pages.get(client, url).select_one(".notice"))
    soup = pages.get(client, url, adress="patientens")
    assert soup.find(attrs={"name": "street"})["value"] == "Flyttgatan 3"  # type: ignore[index]


def test_who_comes_after_the_despatch_is_told_so(client_of: ClientOf) -> None:
    order = order_of(1)
    client = client_of(factories.alice())
    data = form_of(client, order)
    tell(order, despatched("F1", sent(1)))
    answer = client.post(f"{order.get_absolute_url()}leverans/", data | {"street": "Nygatan 7"})
    assert (answer.status_code, pages.heading(answer)) == (409, "Någon hann före")
    assert "leverans/" not in str(pages.get(client, order.get_absolute_url()).select_one("main"))


# --- Cancelling lines --------------------------------------------------------------------------------


def test_some_lines_are_asked_for_and_named() -> None:
    order = order_of(2, 1, 3)
    changes.request_cancellation(order, by=order.orderer, reason="WRONG_ARTICLE", note="Fel storlek", lines=[3, 1])
    [body] = sent_messages(order, "CancellationRequest")
    assert body["lines"] == [1, 3]
    assert list(order.lines.order_by("line").values_list("is_cancellation_requested", flat=True)) == [True, False, True]
    assert order.history.latest("id").details["lines"] == [
        {"name": "Rullstol Allround 45 cm", "quantity": 2},
        {"name": "Rullstol Allround 45 cm", "quantity": 3},
    ]


def test_all_lines_that_are_left_are_the_whole_order() -> None:
    order = tell(order_of(2, 1, 3), cancelled(2, [2]))
    changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="Allt", lines=[1, 3])
    assert sent_messages(order, "CancellationRequest")[0].get("lines") is None


@pytest.mark.parametrize("lines", [[], [2], [1, 2], [9]])
def test_a_line_with_nothing_left_cannot_be_asked_for(lines: list[int]) -> None:
    order = tell(order_of(2, 1), cancelled(2, [2]))
    before = left_behind(order)
    with pytest.raises(IllegalMove):
        changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="x", lines=lines)
    assert left_behind(order) == before


def test_the_answer_may_stop_a_part_of_what_was_asked_for() -> None:
    order = order_of(2, 1)
    changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="Allt")
    tell(order, cancelled(2, [2], was_requested=True))
    assert quantities(order) == [(0, 2, 0, 0), (0, 0, 1, 0)]
    assert "2 Rullstol Allround 45 cm kommer som planerat." in Notice.objects.latest("id").text
    assert fresh(order).can_be_cancelled
    assert not order.lines.filter(is_cancellation_requested=True).exists()


def test_the_form_asks_which_lines_and_ticks_them_all(client_of: ClientOf) -> None:
    order = tell(order_of(2, 1, 1), cancelled(2, [3]))
    client = client_of(factories.alice())
    url = f"{order.get_absolute_url()}makulera/"
    boxes = pages.get(client, url).find_all("input", attrs={"name": "lines"})
    assert [(box["value"], box.has_attr("checked")) for box in boxes] == [("1", True), ("2", True)]
    wrong = soup_of(client.post(url, {"reason": "OTHER", "note": "Fel"}))
    assert errors(wrong) == ["lines"]
    assert errors(soup_of(client.post(url, {"reason": "OTHER", "note": "Fel", "lines": ["3"]}))) == ["lines"]
    answer = client.post(url, {"reason": "OTHER", "note": "Fel", "lines": ["2"]}, follow=True)
    assert "Makulering begärd" in words(soup_of(answer).main)
    assert sent_messages(order, "CancellationRequest")[0]["lines"] == [2]


# --- Replaced by the centre ----------------------------------------------------------------------------


def test_what_the_centre_sends_instead_is_shown_beside_what_was_ordered_and_lent(client_of: ClientOf) -> None:
    newer = factories.article("Rullstol Ny 45 cm", number="N1", sesam_number="118999")
    order = tell(order_of(2), delivered(1, lines=[came(1)]), answered(2, Answer.CHANGED, line(1, replacement=REPLACEMENT)), delivered(3, lines=[came(1)]))
    row = pages.get(client_of(factories.alice()), order.get_absolute_url()).select_one("main table tbody th")
    assert "Rullstol Allround 45 cm" in words(row)
    assert "Ersätts med Rullstol Ny 45 cm , 118999" in words(row)
    assert row.find("a", href=newer.get_absolute_url())  # type: ignore[union-attr]
    # What had come before the answer is what was ordered.
    assert list(Loan.objects.current().order_by("source").values_list("article__name", flat=True)) == ["Rullstol Allround 45 cm", "Rullstol Ny 45 cm"]


def test_a_replacement_that_the_catalogue_lacks_is_told_by_name(client_of: ClientOf) -> None:
    order = tell(order_of(1), answered(2, Answer.CHANGED, line(1, replacement=REPLACEMENT)), delivered(3))
    assert "Ersätts med Rullstol Ny 45 cm" in words(pages.get(client_of(factories.alice()), order.get_absolute_url()).main)
    assert Loan.objects.get().article == order.lines.get().article


# --- On paper ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["utskrift/", "laneforbindelse/"])
def test_what_is_printed_is_logged_as_printed_and_costs_the_same_for_many_lines(client_of: ClientOf, page: str) -> None:
    counts = []
    for lines in ((1,), (1,) * 12):
        order = tell(order_of(*lines), despatched("F1", *(sent(number, 1, f"40-{number}") for number in range(1, len(lines) + 1))), delivered(3))
        client = client_of(factories.alice())
        client.get(order.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(order.get_absolute_url() + page).status_code == 200
        counts.append(len(queries))
        assert AccessLogEntry.objects.filter(action="PRINT", resource_id=order.number).count() == 1
    assert counts[0] == counts[1]


def test_a_loan_agreement_names_the_patient_once_and_what_is_lent_but_not_what_is_bought(client_of: ClientOf) -> None:
    from catalog.models import LocalArticle

    order = order_of(1, 1, 2)
    for number, form in ((1, "RENT"), (2, "PURCHASE"), (3, "PURCHASE_WITH_RETURN")):
        article = order.lines.get(line=number).article
        LocalArticle.objects.filter(article=article).update(charging_form=form, name=f"Artikel {form}")
    order.lines.filter(line=3).update(article_name="Ska komma")
    tell(order, despatched("F1", sent(1, 1, "40-17"), sent(2)), delivered(3, "F1"))
    soup = pages.get(client_of(factories.alice()), f"{order.get_absolute_url()}laneforbindelse/")
    text = words(soup.body)
    identity = order.patient.identity.shown
    assert (text.count("Tolvan Tolvansson"), text.count(identity)) == (1, 1)
    rows = [words(row) for row in soup.select("main table tbody tr")]
    assert len(rows) == 2
    assert "Artikel RENT" in rows[0]
    assert "40-17" in rows[0]
    assert "Ska komma" in rows[1]
    assert "Inte levererat än" in rows[1]


# --- Excel, lists -------------------------------------------------------------------------


def cells(content: bytes) -> list[list[str]]:
    """The rows of the sheet as texts; an empty cell is ""."""
    return [["" if cell is None else str(cell) for cell in row] for row in load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]


def test_the_list_as_it_is_narrowed_comes_as_excel_without_active_cells_and_is_logged(client_of: ClientOf) -> None:
    alice = factories.alice()
    order, other = order_of(2), order_of(1)
    order.lines.update(article_name='=HYPERLINK("http://x")')
    tell(order, accepted(2), delayed(3, LATER))
    before = AccessLogEntry.objects.count()
    answer = client_of(alice).get("/bestallningar/excel/", {"status": "forsenade"})
    assert answer["Content-Disposition"] == 'attachment; filename="kundorder.xlsx"'
    head, row = cells(answer.content)
    told = dict(zip(head, row, strict=True))
    assert told["Ordernummer"] == order.number
    assert (told["Artiklar"], told["Beställt"], told["Levererat"], told["Leveransdatum"]) == ('2 =HYPERLINK("http://x")', "2", "0", LATER.isoformat())
    assert told["Patient"] == "Tolvan T."
    sheet = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    [logged] = AccessLogEntry.objects.order_by("-at")[: AccessLogEntry.objects.count() - before]
    assert (logged.action, logged.resource_id) == ("EXPORT", order.number)
    assert other.number not in str(told)


def test_a_list_that_is_too_long_is_not_cut_but_asked_to_be_narrowed(client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    from ordering import listing

    monkeypatch.setattr(listing, "MOST_EXPORTED", 1)
    order_of(1)
    order_of(1)
    answer = client_of(factories.alice()).get("/bestallningar/excel/", {"vems": "mina"}, follow=True)
    assert answer.redirect_chain == [("/bestallningar/?vems=mina", 302)]
    assert "Avgränsa den" in words(soup_of(answer).main)
    assert not AccessLogEntry.objects.filter(action="EXPORT").exists()


def test_rekvirerat_per_forskrivare_counts_and_leads_to_the_lists(client_of: ClientOf) -> None:
    alice, bob = factories.alice(), factories.bob()
    eva = factories.assignment("Eva Ek", "PRESCRIBER", at=alice.unit)
    factories.assignment("Utan Order", "PRESCRIBER", at=alice.unit)
    factories.order(factories.carol())
    late, closed, hers = order_of(1), order_of(1), factories.order(eva)
    tell(late, delayed(2))
    tell(closed, cancelled(2))
    client = client_of(bob)
    soup = pages.get(client, "/bestallningar/per-forskrivare/")
    rows = [words(row) for row in soup.select("main tbody tr")]
    assert [row.split()[0] for row in rows] == ["Alice", "Eva"]
    links = soup.select("main tbody tr")[0].find_all("a")
    assert [words(link).split()[0] for link in links] == ["2", "1", "1"]
    assert set(pages.numbers(client.get(links[0]["href"]))) == {late.number, closed.number}
    assert pages.numbers(client.get(links[2]["href"])) == [late.number]
    assert pages.numbers(client.get("/bestallningar/", {"forskrivare": str(eva.pk)})) == [hers.number]
    assert errors(soup_of(client.get("/bestallningar/", {"forskrivare": str(factories.carol().pk)}))) == ["forskrivare"]


def test_late_is_delayed_or_past_its_date_and_still_open(client_of: ClientOf) -> None:
    past, flagged, gone = order_of(1), order_of(1), order_of(1)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    tell(past, accepted(2, yesterday))
    tell(flagged, accepted(2, factories.days_from_now(9)), delayed(3, factories.days_from_now(20)))
    tell(gone, accepted(2, yesterday), delivered(3))
    tell(order_of(1), accepted(2, timezone.localdate()))
    assert set(pages.numbers(client_of(factories.alice()).get("/bestallningar/", {"status": "forsenade"}))) == {past.number, flagged.number}


@pytest.mark.parametrize("url", ["/bestallningar/utkast/", "/bestallningar/per-forskrivare/", "/bestallningar/excel/", "/besked/"])
def test_lists_cost_as_many_queries_with_thirty_rows_as_with_one(client_of: ClientOf, url: str) -> None:
    alice = factories.alice()
    client = client_of(alice)
    counts = []
    for more in (1, 29):
        for number in range(more):
            by = factories.assignment(f"Förskrivare {more} {number}", "PRESCRIBER", at=alice.unit) if "per-" in url else alice
            patient = factories.patient(alice)
            factories.draft(by, to=patient, lines=1)
            if url != "/bestallningar/utkast/":
                factories.order(by, to=patient)
        Notice.objects.bulk_create(Notice(user=alice.user, unit=alice.unit, tone="info", word="x", title="x", url="/") for _ in range(more))
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_ones_own_drafts_and_the_units(client_of: ClientOf) -> None:
    alice, bob = factories.alice(), factories.bob()
    mine, his = factories.draft(alice), factories.draft(bob)
    factories.draft(factories.carol())
    client = client_of(alice)
    assert [row.pk for row in client.get("/bestallningar/utkast/").context["page"].rows] == [his.pk, mine.pk]
    assert [row.pk for row in client.get("/bestallningar/utkast/", {"vems": "mina"}).context["page"].rows] == [mine.pk]


def test_a_list_counts_no_further_than_a_thousand(client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    from ordering import listing

    for _ in range(3):
        order_of(1)
    client = client_of(factories.alice())
    assert "3 beställningar" in words(pages.get(client, "/bestallningar/").main)
    monkeypatch.setattr(listing, "MOST_COUNTED", 2)
    assert "Fler än 2 beställningar" in words(pages.get(client, "/bestallningar/").main)
