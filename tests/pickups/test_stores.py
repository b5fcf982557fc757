"""A hämtorder from a buffertförråd: what may be fetched, what goes out, and that the ledger loses what was found, once."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Assignment, Notice
from buffer import actions as buffer
from buffer.models import Movement, StockIndividual, StockLine
from catalog import individuals
from integration.models import OutgoingMessage
from ordering.sending import NotReady
from patients.models import AccessLogEntry
from pickups.actions import changes, stores
from pickups.models import PickupItem, PickupOrder, Reason, Status
from tests import factories
from tests.buffer.stores import line_of, maja, stocked, store
from tests.orders.pages import error_at, errors, get, numbers, soup_of, typed, words
from tests.pickups.told import (
    cancelled,
    changed,
    content,
    deregistered,
    draft_from,
    fresh,
    outcomes,
    picked_up,
    planned,
    received,
    sent_from,
    tell,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
URL = "/hamtorder/forrad/"


def on_hand(line: StockLine) -> int:
    return line_of(line.store, line.article).on_hand


def moved(order: PickupOrder) -> list[tuple[str, int]]:
    return list(Movement.objects.filter(order_number=order.number).order_by("pk").values_list("kind", "change"))


def why_not(order: PickupOrder) -> list[str]:
    before = OutgoingMessage.objects.count()
    with pytest.raises(NotReady) as error, transaction.atomic():
        stores.place(order, by=maja())
    assert OutgoingMessage.objects.count() == before
    return [field for field, _ in error.value.problems]


def test_it_goes_out_with_the_stores_number_and_no_patient() -> None:
    line = stocked(5, ("40-1", "40-2"))
    log = AccessLogEntry.objects.count()
    order = sent_from(line, quantity=2, numbers=["40-1"])
    [message] = OutgoingMessage.objects.filter(subject=order.number)
    body = message.payload["body"]
    assert body["store"] == {"storeNumber": "4101", "unitHsaId": maja().unit.hsa_id}
    assert "patient" not in body
    assert (body["place"]["method"], body["place"]["storeNumber"], body["place"]["street"]) == ("STORE", "4101", "Torggatan 1")
    assert [(item["quantity"], item.get("individualNumber")) for item in body["items"]] == [(2, None), (1, "40-1")]
    assert (order.rent_ends_on, order.fetch_by is not None, order.deregister_by is not None) == (None, True, True)
    assert individuals.find("40-1").is_on_pickup
    assert (on_hand(line), AccessLogEntry.objects.count()) == (5, log)


def test_what_was_found_leaves_the_store_once() -> None:
    line = stocked(5, ("40-1",))
    order = tell(sent_from(line, quantity=2, numbers=["40-1"]), received(), planned(2), picked_up(3, {1: True, 2: True}))
    assert (order.status, outcomes(order), on_hand(line)) == (Status.PICKED_UP, "RR", 2)
    assert moved(order) == [("PICKED_UP", -2), ("PICKED_UP", -1)]
    tell(order, deregistered(4, {1: True, 2: True}))
    assert (on_hand(line), len(moved(order))) == (2, 2)
    assert not StockIndividual.objects.filter(individual__number="40-1").exists()
    assert not individuals.find("40-1").is_on_pickup
    assert Movement.objects.filter(order_number=order.number, by=None).count() == 2  # SESAM2's word


def test_what_was_not_found_stays_and_what_was_not_after_all_is_put_back() -> None:
    line = stocked(5, ("40-1",))
    order = tell(sent_from(line, quantity=2, numbers=["40-1"]), picked_up(1, {1: True, 2: False}))
    assert (on_hand(line), individuals.find("40-1").is_on_pickup, StockIndividual.objects.count()) == (3, False, 1)
    tell(order, cancelled(2, [1], is_missing=True))
    assert on_hand(line) == 5
    assert sum(change for _, change in moved(order)) == 0
    tell(order, deregistered(3, {1: True, 2: True}))
    assert on_hand(line) == 2


def test_the_end_is_the_same_whatever_the_order_of_arrival() -> None:
    line = stocked(5, ("40-1",))
    order = sent_from(line, quantity=3, numbers=["40-1"])
    told = [received(1), changed(2, fewer={1: 2}, lines=[1, 2]), picked_up(3, {1: True, 2: False}), deregistered(4, {1: True, 2: True})]
    ends = set()
    for arrival in itertools.permutations(told):
        point = transaction.savepoint()
        tell(order, *arrival)
        ends.add((fresh(order).status, outcomes(order), on_hand(line), sum(change for _, change in moved(order)), individuals.find("40-1").is_on_pickup))
        transaction.savepoint_rollback(point)
    assert ends == {(Status.DEREGISTERED, "RR", 2, -3, False)}


def test_where_the_ledger_has_less_than_was_fetched_somebody_counts() -> None:
    line = stocked(2)
    order = sent_from(line, quantity=2)
    buffer.take_out(line.store, line.article, by=factories.alice(), order_number="U-2026-00000001-4", quantity=1)
    order = tell(order, picked_up(1, {1: True}))
    assert (order.status, outcomes(order), on_hand(line)) == (Status.PICKED_UP, "R", 1)
    notice = Notice.objects.get(user=maja().user, word="Att inventera")
    assert order.number in notice.title


def test_no_more_than_lies_there_and_is_free_is_fetched() -> None:
    line = stocked(3, ("40-1",))
    assert why_not(draft_from(line, quantity=3)) == [f"quantity_{line.article_id}"]
    sent_from(line, quantity=1, numbers=["40-1"])
    again = draft_from(line, quantity=2, numbers=["40-1"])
    assert why_not(again) == [f"quantity_{line.article_id}", f"individual_{individuals.find('40-1').pk}"]
    stores.save(again, content=content(again, method="UNIT"), stocked=[stores.Stocked(line.article, quantity=1)])
    assert fresh(again).status == Status.DRAFT
    stores.place(fresh(again), by=maja())


@pytest.mark.parametrize("mark", ["is_lost", "is_under_investigation", "is_loaner"])
def test_an_individual_that_must_stay_stops_it(mark: str) -> None:
    line = stocked(0, ("40-1",))
    order = draft_from(line, quantity=0, numbers=["40-1"])
    individuals.mark("40-1", **{mark: True})
    assert why_not(order) == [f"individual_{individuals.find('40-1').pk}"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"customer": None}, "customer"),
        ({"reason": Reason.DECEASED}, "reason"),
        ({"is_cleaned": None}, "is_cleaned"),
        ({"is_cleaned": False}, "is_cleaned"),
        ({"has_infection_risk": True}, "infection_note"),
        ({"contact_phone": ""}, "contact_phone"),
    ],
)
def test_what_is_missing_stops_it_at_its_field(fields: dict[str, Any], field: str) -> None:
    assert why_not(draft_from(stocked(3), **fields)) == [field]


def test_it_is_cancelled_and_ordered_again_with_what_still_lies_there() -> None:
    line = stocked(3, ("40-1", "40-2"))
    order = sent_from(line, quantity=1, numbers=["40-1", "40-2"])
    changes.request_cancellation(order, by=maja(), reason="NOT_NEEDED", note="Behålls", lines=[2])
    order = tell(order, cancelled(1, [2], was_requested=True))
    assert outcomes(order) == "OCO"
    order = tell(order, cancelled(2))
    assert not individuals.find("40-2").is_on_pickup
    StockIndividual.objects.filter(individual__number="40-2").delete()
    again = stores.order_again(order, by=maja())
    held = [(item.individual_number, item.quantity, item.outcome) for item in stores.items_of(again)]
    assert held == [("", 1, PickupItem.Outcome.OPEN), ("40-1", 1, PickupItem.Outcome.OPEN)]
    assert stores.order_again(order, by=maja()) == again


def test_an_order_is_about_a_patient_or_a_store_never_both() -> None:
    order = draft_from(stocked(3))
    with pytest.raises(IntegrityError), transaction.atomic():
        PickupOrder.objects.filter(pk=order.pk).update(patient=factories.patient())
    with pytest.raises(IntegrityError), transaction.atomic():
        PickupOrder.objects.filter(pk=order.pk).update(store=None)


# --- Pages ----------------------------------------------------------------------------------------------


def test_it_is_filled_in_sent_and_read_by_who_sees_to_the_store(client_of: ClientOf) -> None:
    line = stocked(5, ("40-1",))
    client = client_of(maja())
    assert "Från Buffertförrådet" in words(get(client, URL))
    url = client.post(f"{URL}ny/4101/").url
    individual = individuals.find("40-1")
    wrong = {f"quantity_{line.article_id}": "9", f"individual_{individual.pk}": "on", "instructions": "Ring på porten", "do": "send"}
    page = soup_of(client.post(url, typed(get(client, url)) | wrong))
    assert errors(page) == [f"quantity_{line.article_id}"]
    assert (typed(page)["instructions"], typed(page)[f"individual_{individual.pk}"]) == ("Ring på porten", "on")
    page = soup_of(client.post(url, typed(page) | {f"quantity_{line.article_id}": "2", "do": "send"}))
    assert set(errors(page)) == {"reason", "is_cleaned"}
    data = typed(page) | {"reason": "NOT_NEEDED", "is_cleaned": "True", "do": "send"}
    sent = client.post(url, data)
    order = PickupOrder.objects.get(number__isnull=False)
    assert sent.url == f"{URL}{order.number}/"
    assert client.post(url, data).status_code == 409
    text = words(get(client, order.get_absolute_url()))
    for part in ("40-1", "Ring på porten", "Borta ur förrådet", "Buffertförrådet"):
        assert part in text
    assert "Hyran" not in text
    slip = words(get(client, f"{URL}{order.number}/retursedel/"))
    assert order.number in slip
    assert numbers(client.get(URL)) == [order.number]


def test_the_store_and_each_of_its_articles_lead_to_it(client_of: ClientOf) -> None:
    line = stocked(3)
    client = client_of(maja())
    for page, place in ((line.store.get_absolute_url(), ""), (line.get_absolute_url(), f"#artikel-{line.article_id}")):
        form = get(client, page).find("form", action=f"{URL}ny/4101/")
        begun = client.post(form["action"], {field["name"]: field["value"] for field in form.select("input[type=hidden]")}).url
        assert begun == f"{PickupOrder.objects.get().get_absolute_url()}{place}"
    assert get(client, begun).select_one(place).find("input", attrs={"name": f"quantity_{line.article_id}"})
    assert get(client, line.store.get_absolute_url()).find("a", href=URL)
    of_alice = get(client_of(factories.alice()), line.store.get_absolute_url())
    assert (of_alice.find("form", action=f"{URL}ny/4101/"), words(of_alice.find("a", href=URL))) == (None, "Hämtningar")


def test_who_sees_no_stores_sees_none_of_their_pickups(client_of: ClientOf) -> None:
    order = sent_from(stocked(3))
    assert numbers(client_of(factories.alice()).get("/hamtorder/")) == [order.number]
    eva = client_of(factories.approver())
    assert numbers(eva.get("/hamtorder/")) == []
    for client in (eva, client_of(factories.carol())):
        assert client.get(order.get_absolute_url()).status_code == 404
    alice = client_of(factories.alice())
    assert alice.get(order.get_absolute_url()).status_code == 200
    assert alice.get(f"/hamtorder/{order.number}/").status_code == 404
    assert alice.post(f"{URL}{order.number}/makulera/", {"reason": "OTHER", "note": "x"}).status_code == 404


def test_a_store_of_another_unit_gives_no_draft(client_of: ClientOf) -> None:
    store("4202", of=factories.carol())
    assert client_of(maja()).post(f"{URL}ny/4202/").status_code == 404
    assert not PickupOrder.objects.exists()


def test_cancelling_asks_which_and_why(client_of: ClientOf) -> None:
    order = sent_from(stocked(5, ("40-1",)), quantity=2, numbers=["40-1"])
    client, url = client_of(maja()), f"{URL}{order.number}/makulera/"
    assert error_at(soup_of(client.post(url, {"note": ""})), "note") != ""
    assert client.post(url, {"lines": "2", "reason": "OTHER", "note": "Behålls"}).url == order.get_absolute_url()
    [message] = OutgoingMessage.objects.filter(message_type="CancellationRequest")
    assert message.payload["body"]["lines"] == [2]
