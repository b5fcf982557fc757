"""Trials and short loans: reminded of, prescribed, prolonged; each refusal leaves nothing behind."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Assignment, Notice
from core.lifecycle import IllegalMove
from integration import contract
from integration.models import OutgoingMessage
from orders.actions import loans
from orders.models import Order, OrderLine
from orders.tasks import remind_of_ends
from patients.models import AccessLogEntry, Loan
from tests import factories
from tests.orders import pages
from tests.orders.pages import error_at, soup_of, words

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]


def change_url(order: Order) -> str:
    return f"/bestallningar/{order.number}/lan/"


def changes(order: Order) -> list[dict[str, Any]]:
    return [message.payload["body"] for message in OutgoingMessage.objects.filter(subject=order.number, message_type="LoanChange").order_by("sequence")]


def loan_of(order: Order) -> list[tuple[str, Any]]:
    return list(OrderLine.objects.filter(order=order).order_by("line").values_list("loan_purpose", "loan_ends_on"))


def reminded() -> list[str]:
    return list(Notice.objects.filter(word="Tar slut").values_list("title", flat=True))


def test_a_trial_that_ends_within_a_week_is_reminded_of_once() -> None:
    order = factories.trial(days=6)
    factories.trial(days=8)
    remind_of_ends()
    remind_of_ends()
    [title] = reminded()
    assert title.startswith(f"Provtiden i kundorder {order.number} slutar ")
    assert Notice.objects.get(word="Tar slut").url == order.get_absolute_url()


def test_what_has_gone_back_or_has_not_come_is_not_reminded_of() -> None:
    back = factories.trial(days=3)
    Loan.objects.filter(order_number=back.number).update(ended_at=timezone.now())
    coming = factories.trial(days=3)
    Loan.objects.filter(order_number=coming.number).delete()
    OrderLine.objects.filter(order=coming).update(delivered=0, receipted=0)
    assert loans.remind_of_ends(timezone.localdate()) == 0


def test_a_trial_is_prescribed_and_sesam2_is_told(client_of: ClientOf) -> None:
    order, client = factories.trial(lines=2), client_of(factories.alice())
    page = pages.get(client, order.get_absolute_url())
    assert page.find(id="lan")["href"] == change_url(order)
    logged = AccessLogEntry.objects.filter(activity="Ändra lån", action="WRITE").count()
    assert client.post(change_url(order), {"lines": ["1", "2"], "what": "prescribe"}).url == order.get_absolute_url()
    assert loan_of(order) == [("LOAN", None)] * 2
    assert changes(order) == [{"orderNumber": order.number, "lines": [1, 2], "purpose": "LOAN"}]
    assert AccessLogEntry.objects.filter(activity="Ändra lån", action="WRITE").count() == logged + 1
    after = pages.get(client, order.get_absolute_url())
    assert "Förskrivet som lån" in words(after.main)
    assert after.find(id="lan") is None


def test_a_trial_is_prolonged_and_reminded_of_anew(client_of: ClientOf) -> None:
    order, later = factories.trial(days=3), factories.days_from_now(6)
    loans.remind_of_ends(timezone.localdate())
    client_of(factories.alice()).post(change_url(order), {"lines": "1", "what": "prolong", "ends_on": later.isoformat()})
    assert loan_of(order) == [("TRIAL", later)]
    assert changes(order) == [{"orderNumber": order.number, "lines": [1], "purpose": "TRIAL", "endsOn": later.isoformat()}]
    assert loans.remind_of_ends(timezone.localdate()) == 1
    assert len(reminded()) == 2


def test_of_two_aids_one_is_prescribed_and_the_other_goes_on_as_a_trial(client_of: ClientOf) -> None:
    order = factories.trial(purpose="SHORT_TERM", lines=2)
    client_of(factories.alice()).post(change_url(order), {"lines": "2", "what": "prescribe"})
    assert [purpose for purpose, _ in loan_of(order)] == ["SHORT_TERM", "LOAN"]
    assert changes(order)[0]["lines"] == [2]


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "nothing chosen": ({}, "what"),
    "no aid": ({"what": "prescribe", "lines": ""}, "lines"),
    "an aid that is not there": ({"what": "prescribe", "lines": "9"}, "lines"),
    "prolonged without an end": ({"what": "prolong"}, "ends_on"),
    "prolonged to no date": ({"what": "prolong", "ends_on": "sen"}, "ends_on"),
    "prolonged backwards": ({"what": "prolong", "ends_on": "2026-01-01"}, "ends_on"),
    "prolonged for ever": ({"what": "prolong", "ends_on": "2099-01-01"}, "ends_on"),
    "something else": ({"what": "sell"}, "what"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_at_its_field_and_changes_nothing(client_of: ClientOf, name: str) -> None:
    order, before = factories.trial(), None
    before = loan_of(order)
    changed, field = WRONG[name]
    data = {"lines": "1"} | changed
    response = client_of(factories.alice()).post(change_url(order), {key: value for key, value in data.items() if value})
    assert error_at(soup_of(response), field)
    assert (loan_of(order), changes(order)) == (before, [])


def test_the_second_of_two_who_prescribe_is_told_that_somebody_was_first(client_of: ClientOf) -> None:
    order, client = factories.trial(), client_of(factories.alice())
    for status in (302, 409):
        assert client.post(change_url(order), {"lines": "1", "what": "prescribe"}).status_code == status
    assert len(changes(order)) == 1
    with pytest.raises(IllegalMove):
        loans.change_loan(order, lines=[1], purpose="LOAN", ends_on=None, by=order.orderer)


@pytest.mark.parametrize("lines", [[], [1, 9]])
def test_the_action_refuses_lines_that_are_not_on_trial(lines: list[int]) -> None:
    order = factories.trial()
    with pytest.raises(IllegalMove):
        loans.change_loan(order, lines=lines, purpose="LOAN", ends_on=None, by=order.orderer)
    assert changes(order) == []


def test_the_contract_takes_what_is_sent() -> None:
    order = factories.trial()
    loans.change_loan(order, lines=[1], purpose="LOAN", ends_on=None, by=order.orderer)
    message = OutgoingMessage.objects.get(subject=order.number, message_type="LoanChange")
    _, body = contract.parse_outgoing(contract.dump(message.payload or {}))
    assert isinstance(body, contract.LoanChange)
