"""Two at once about one aid. Each race has its control: the same without the guard, which shows what the guard prevents."""

import threading
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from core.lifecycle import IllegalMove
from faultreports.actions import aids, sending
from faultreports.models import FaultReport, Kind
from integration.models import OutgoingMessage
from ordering.sending import AlreadySent, NotReady
from patients.models import Loan
from tests import factories
from tests.faultreports import told
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def two_events() -> tuple[Loan, FaultReport, FaultReport]:
    loan = told.loan(factories.patient())
    return loan, told.sent(Kind.NEGATIVE_EVENT, of=loan), told.sent(Kind.NEGATIVE_EVENT, of=loan, is_second=True)


def test_the_last_of_two_who_let_go_at_once_frees_the_aid() -> None:
    hanna = told.handler()
    loan, first, second = two_events()
    assert at_once(lambda: aids.release(first, by=hanna), lambda: aids.release(second, by=hanna)) == [None, None]
    loan.refresh_from_db()
    assert not loan.is_under_investigation


def test_without_the_lock_each_sees_the_other_still_holding() -> None:
    """The control: the two ask what holds the aid before either has committed."""
    hanna = told.handler()
    loan, first, second = two_events()
    both_have_written = threading.Barrier(2, timeout=10)

    def release_unguarded(report: FaultReport) -> None:
        with transaction.atomic():
            FaultReport.objects.filter(pk=report.pk).update(released_at=timezone.now(), released_by=hanna)
            both_have_written.wait()
            is_held = aids.about_same_aid(report).holding().exists()
            both_have_written.wait()
        Loan.objects.filter(pk=loan.pk).update(is_under_investigation=is_held)

    at_once(lambda: release_unguarded(first), lambda: release_unguarded(second))
    loan.refresh_from_db()
    assert loan.is_under_investigation  # for ever: nothing holds it any more


def test_of_two_clicks_one_report_is_sent() -> None:
    report = told.draft(Kind.NEGATIVE_EVENT, of=told.loan(factories.patient()))
    alice = factories.alice()
    results = at_once(*[lambda: sending.send(report, by=alice)] * 2)
    numbers = [result if isinstance(result, str) else result.number for result in results if isinstance(result, str | AlreadySent)]
    assert len(numbers) == 2
    assert len(set(numbers)) == 1
    assert OutgoingMessage.objects.count() == 1


def test_of_two_reports_on_one_aid_at_once_one_is_asked_first() -> None:
    loan = told.loan(factories.patient())
    drafts = [told.draft(kind, of=loan) for kind in (Kind.COMPLAINT, Kind.NEAR_MISS)]
    alice = factories.alice()
    results: list[Any] = at_once(*[lambda draft=draft: sending.send(draft, by=alice) for draft in drafts])
    [refused] = [result for result in results if not isinstance(result, str)]
    assert isinstance(refused, NotReady)
    assert [field for field, _ in refused.problems] == ["is_second"]
    assert OutgoingMessage.objects.count() == 1


def test_of_two_who_find_the_aid_one_tells_sesam2() -> None:
    report = told.sent(Kind.LOST, of=told.loan(factories.patient()))
    hanna = told.handler()
    results = at_once(*[lambda: aids.record_found(FaultReport.objects.get(pk=report.pk), by=hanna, found_on=timezone.localdate())] * 2)
    assert sorted(type(result) for result in results if result is not None) == [IllegalMove]
    assert OutgoingMessage.objects.filter(message_type="LostAidFound").count() == 1
