"""Other units' orders of each kind: seen after an active choice with a reason, and never written on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Assignment
from ordering.models import AbstractOrder
from patients.actions import confirm_care_relation
from patients.models import AccessLogEntry
from tests import factories
from tests.orders.pages import errors, numbers, soup_of, words
from tests.workorders import told

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
KUNDORDER: tuple[str, Callable[[Assignment], AbstractOrder], set[str]] = (
    "/bestallningar/",
    factories.order,
    {"makulera/", "leverans/", "utskrift/", "laneforbindelse/"},
)
ARBETSORDER: tuple[str, Callable[[Assignment], AbstractOrder], set[str]] = (
    "/arbetsorder/",
    lambda by: told.sent(by=by, is_second=True),
    {"makulera/", "utskrift/"},
)
KINDS = pytest.mark.parametrize(("address", "sent_by", "own_pages"), [KUNDORDER, ARBETSORDER], ids=["kundorder", "arbetsorder"])
CHOICE = {"reason": "Patienten har flyttat hit.", "confirmed": "on"}


def opened(order: AbstractOrder, by: Assignment) -> AbstractOrder:
    confirm_care_relation(order.patient, by=by)
    return order


@KINDS
def test_they_are_seen_after_a_choice_with_a_reason_and_only_read(address: str, sent_by: Any, own_pages: set[str], client_of: ClientOf) -> None:
    alice, carol = factories.alice(), factories.carol()
    hers, foreign = opened(sent_by(carol), alice), opened(sent_by(factories.dan()), alice)
    unopened = sent_by(carol)
    client = client_of(alice)
    assert client.get(hers.get_absolute_url()).status_code == 404
    assert numbers(client.get(address, {"enhet": "andra"})) == []
    choice = f"{address}andra-enheter/"
    assert set(errors(soup_of(client.post(choice, {"reason": " "})))) == {"reason", "confirmed"}
    shown = client.post(choice, CHOICE, follow=True)
    assert numbers(shown) == [hers.number]
    assert carol.unit.name in words(soup_of(shown).find("table"))
    logged = AccessLogEntry.objects.filter(resource_id=hers.number, user_hsa_id=alice.user.hsa_id).latest("at")
    assert (logged.reason, logged.owner_unit_hsa_id, logged.unit_hsa_id) == (CHOICE["reason"], carol.unit.hsa_id, alice.unit.hsa_id)
    page = client.get(hers.get_absolute_url())
    assert page.status_code == 200
    assert not soup_of(page).select("main form, main a.ds-button")
    assert AccessLogEntry.objects.filter(resource_id=hers.number, reason=CHOICE["reason"]).count() == 2
    for path in own_pages:
        assert client.get(hers.get_absolute_url() + path).status_code == 404
    assert client.post(f"{hers.get_absolute_url()}bestall-igen/").status_code == 404
    for other in (unopened, foreign):
        assert client.get(other.get_absolute_url()).status_code == 404
    client.get(f"{address}excel/", {"enhet": "andra"})
    assert AccessLogEntry.objects.get(resource_id=hers.number, action="EXPORT").reason == CHOICE["reason"]
    client.post(f"{address}andra-enheter/sluta/")
    assert client.get(hers.get_absolute_url()).status_code == 404


@KINDS
def test_the_choice_holds_for_an_hour(address: str, sent_by: Any, own_pages: set[str], client_of: ClientOf) -> None:
    alice = factories.alice()
    hers = opened(sent_by(factories.carol()), alice)
    client = client_of(alice)
    client.post(f"{address}andra-enheter/", CHOICE)
    assert client.get(hers.get_absolute_url()).status_code == 200
    session = client.session
    session["other_units"] = session["other_units"] | {"until": timezone.now().timestamp() - 1}
    session.save()
    assert client.get(hers.get_absolute_url()).status_code == 404


def test_a_choice_made_in_one_list_holds_in_the_others_and_an_empty_one_says_what_is_in_it(client_of: ClientOf) -> None:
    alice = factories.alice()
    hers = opened(told.sent(by=factories.carol()), alice)
    client = client_of(alice)
    empty = client.post("/bestallningar/andra-enheter/", CHOICE, follow=True)
    assert "Bara patienter som din enhet har öppnat är med." in words(soup_of(empty).find("main"))
    assert numbers(client.get("/arbetsorder/", {"enhet": "andra"})) == [hers.number]
