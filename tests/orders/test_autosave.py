"""The page saves by itself as one types; nobody's words are overwritten, and nothing of the patient is read."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Assignment
from orders.actions import drafts, orders
from orders.models import Order
from patients.models import AccessLogEntry, Patient
from tests import factories
from tests.orders import pages
from tests.orders.pages import typed

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]


def url(order: Order, page: str = "") -> str:
    return f"/bestallningar/utkast/{order.public_id}/{page}"


def opened(client: Client, order: Order) -> dict[str, str]:
    """What the open page holds."""
    return typed(pages.get(client, url(order)))


def save(client: Client, order: Order, page: dict[str, str], **changed: str) -> Any:
    return client.post(url(order, "spara/"), page | changed)


def test_what_is_typed_is_saved_again_and_again_and_then_by_the_button(client_of: ClientOf) -> None:
    order, client = factories.draft(lines=1), client_of(factories.alice())
    page = opened(client, order)
    for text in ("R", "Ri", "Ring"):
        assert save(client, order, page, instructions=text, quantity_1="4").json()["text"].startswith("Sparat ")
        assert factories.again(order).instructions == text
    assert order.lines.get().quantity == 4
    assert client.post(url(order), page | {"instructions": "Ring först", "do": "save"}).status_code == 302
    assert factories.again(order).instructions == "Ring först"


def test_what_is_wrong_is_told_and_the_rest_is_saved(client_of: ClientOf) -> None:
    order, client = factories.draft(lines=1), client_of(factories.alice())
    answer = save(client, order, opened(client, order), instructions="Ring", quantity_1="många")
    assert answer.json()["text"].endswith("En uppgift är inte sparad, den måste rättas")
    assert (factories.again(order).instructions, order.lines.get().quantity) == ("Ring", 1)


def test_the_second_of_two_people_sees_it_and_nothing_is_overwritten(client_of: ClientOf) -> None:
    order = factories.draft(lines=1)
    alice, bob = client_of(factories.alice()), client_of(factories.bob())
    hers, his = opened(alice, order), opened(bob, order)
    save(alice, order, hers, instructions="Alice skrev")
    answer = save(bob, order, his, instructions="Bob skrev")
    assert (answer.status_code, answer.json()["text"][:36]) == (409, "Någon annan har ändrat utkastet. Det")
    assert factories.again(order).instructions == "Alice skrev"
    assert "Utkastet har ändrats sedan du öppnade sidan." in bob.post(url(order), his | {"instructions": "Bob skrev", "do": "save"}).content.decode()
    assert factories.again(order).instructions == "Alice skrev"
    save(alice, order, hers, instructions="Alice skrev mer")
    assert factories.again(order).instructions == "Alice skrev mer"


def test_control_without_the_pages_own_mark_the_button_would_be_stopped_by_the_page_itself() -> None:
    order = factories.draft()
    content = drafts.Content(customer=order.customer, prescriber=order.prescriber, method="HOME")
    drafts.save(order, content=content, quantities={}, seen=order.version)
    with pytest.raises(drafts.ChangedMeanwhile):
        drafts.save(order, content=content, quantities={}, seen=1)


def test_a_page_that_was_left_open_after_the_sending_is_told_409(client_of: ClientOf) -> None:
    order, client = factories.draft(), client_of(factories.alice())
    page = opened(client, order)
    orders.place(factories.again(order), by=order.orderer)
    answer = save(client, order, page, instructions="För sent")
    assert (answer.status_code, answer.json()["text"][:21]) == (409, "Utkastet är skickat e")
    assert factories.again(order).instructions == ""


def test_saving_by_itself_reads_no_patient_and_is_closed_for_a_protected_one(client_of: ClientOf) -> None:
    order, client = factories.draft(), client_of(factories.alice())
    page, logged = opened(client, order), AccessLogEntry.objects.count()
    answer = save(client, order, page)
    assert "Tolvan" not in answer.content.decode()
    assert AccessLogEntry.objects.count() == logged
    Patient.objects.filter(pk=order.patient_id).update(protection="MARKED", phone="")
    assert save(client, order, page).status_code == 404
