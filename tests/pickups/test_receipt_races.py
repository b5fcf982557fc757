"""Two receipts at once, and receipts among what SESAM2 tells. Each race has its control: the same without the guard."""

import itertools
import threading
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from core.lifecycle import IllegalMove
from integration import outbox
from integration.models import OutgoingMessage
from integration.numbers import next_number
from ordering.sending import ChangedMeanwhile, NotReady
from patients.actions import merge
from patients.models import Patient
from pickups import sesam2
from pickups.actions import receipts
from pickups.actions.handing_over import problems_of
from pickups.models import Condition, Outcome, ReceiptItem, ReceiptVersion, ReturnReceipt, Signing
from pickups.returnable import choices_of, claims_of
from tests import factories
from tests.pickups import told
from tests.pickups.handed import content, corrected, handed, loan, page, pickup, written
from tests.test_races import at_once

RUNS = 3
committed = pytest.mark.django_db(transaction=True)


@committed
@pytest.mark.parametrize("is_tied", [True, False])
def test_two_devices_at_once_give_one_receipt_of_an_aid(is_tied: bool) -> None:
    patient = factories.patient()
    devices = [factories.alice(), factories.bob()]
    for run in range(RUNS):
        one = loan(patient, f"40-{run}")
        order = pickup(patient, one) if is_tied else None
        told_by = [content(handed(one), order=order) for _ in devices]
        jobs = [lambda by=by, said=said: receipts.write(patient, page=page(), content=said, by=by) for by, said in zip(devices, told_by, strict=True)]
        answers = at_once(*jobs)
        [number] = [answer for answer in answers if isinstance(answer, str)]
        [refused] = [answer for answer in answers if isinstance(answer, NotReady)]
        assert number in refused.problems[0][1]
        assert ReceiptItem.objects.filter(loan=one).count() == 1
    assert ReturnReceipt.objects.count() == OutgoingMessage.objects.filter(message_type="ReturnReceipt").count() == RUNS


@committed
def test_control_without_the_lock_two_devices_give_two_receipts() -> None:
    """Both have looked at what stands on receipts before either has written."""
    patient = factories.patient()
    one, by = loan(patient), factories.alice()
    both_have_looked = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def write_unguarded() -> str:
        said = content(handed(one))
        choices = {choice.token: choice for choice in choices_of(patient, by=by)}
        assert problems_of(said, choices, patient=patient, by=by, at=timezone.now()) == []
        both_have_looked.wait()
        receipt = ReturnReceipt.objects.create(number=next_number("R"), unit=by.unit, patient=patient)
        common = {"written_by": by, "received_by": by, "received_at": said.received_at, "handed_over_by": "x", "method": "UNIT"}
        version = ReceiptVersion.objects.create(receipt=receipt, version=1, key=page().key, fingerprint="", signing=Signing.NONE, unsigned_reason="x", **common)
        item = ReceiptItem.objects.create(version=version, line=1, loan=one, article=one.article, name="Rullstol", condition=Condition.OK)
        outbox.queue("ReturnReceipt", subject=receipt.number, body=sesam2.return_receipt(version, [item], []))
        return receipt.number

    numbers = at_once(write_unguarded, write_unguarded)
    assert len(set(numbers)) == 2
    assert ReceiptItem.objects.filter(loan=one).count() == 2


@committed
def test_one_page_sent_from_two_devices_at_once_is_one_receipt(client_of: Any) -> None:
    patient = factories.patient()
    for run in range(RUNS):
        one, about = loan(patient, f"40-{run}"), page()
        data = {
            "key": str(about.key),
            f"l{one.pk}-taken": "on",
            f"l{one.pk}-condition": "OK",
            "handed_over_by": "Elsa",
            "received_on": f"{timezone.localtime():%Y-%m-%d}",
            "received_time": f"{timezone.localtime():%H.%M}",
            "method": "HOME",
            "signing": "NONE",
            "unsigned_reason": "Bruten arm",
            "do": "save",
        }
        url = f"/hamtorder/kvitton/nytt/{patient.public_id}/"
        browsers = [client_of(factories.alice()), client_of(factories.bob())]
        answers = at_once(*(lambda browser=browser, url=url, data=data: browser.post(url, data) for browser in browsers))
        receipt = ReturnReceipt.objects.get(versions__key=about.key)
        assert {(answer.status_code, answer.url) for answer in answers} == {(302, receipt.get_absolute_url())}
    assert OutgoingMessage.objects.count() == ReceiptVersion.objects.count() == RUNS


@committed
def test_of_two_corrections_at_once_one_is_told_that_somebody_was_first() -> None:
    patient = factories.patient()
    one = loan(patient)
    receipt = written(patient, handed(one))
    for version in range(1, RUNS + 1):
        receipt = ReturnReceipt.objects.for_list().get()
        jobs = [lambda by=by, receipt=receipt: corrected(receipt, handed(one, Condition.WORN), by=by) for by in (factories.alice(), factories.bob())]
        answers = at_once(*jobs)
        assert sorted(type(answer).__name__ for answer in answers) == [ChangedMeanwhile.__name__, ReturnReceipt.__name__]
        assert ReturnReceipt.objects.get().version == version + 1
    assert list(OutgoingMessage.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, RUNS + 2))


@committed
def test_a_key_that_was_made_up_for_two_patients_at_once_gives_one_receipt_and_no_fault() -> None:
    alice, about = factories.alice(), page()
    patients = [factories.patient(alice) for _ in range(2)]
    loans = [loan(patient, f"40-{place}") for place, patient in enumerate(patients)]
    said = [content(handed(one)) for one in loans]
    pairs = zip(patients, said, strict=True)
    answers = at_once(*(lambda patient=patient, told=told: receipts.write(patient, page=about, content=told, by=alice) for patient, told in pairs))
    assert sorted(type(answer).__name__ for answer in answers) == ["NotOurKey", "str"]
    assert ReturnReceipt.objects.count() == OutgoingMessage.objects.count() == 1


@pytest.mark.django_db
def test_receipts_follow_into_the_record_that_is_kept() -> None:
    alice = factories.assignment("Bo Blad", "UNIT_ADMIN", at=factories.unit())
    kept, absorbed = factories.patient(), factories.patient()
    one = loan(absorbed)
    receipt = written(absorbed, handed(one))
    merge(kept, absorbed, by=alice, reason="Samma person")
    assert ReturnReceipt.objects.get().patient == kept
    with pytest.raises(ChangedMeanwhile):
        receipts.write(absorbed, page=page(), content=content(handed(one)), by=factories.alice())
    again = corrected(ReturnReceipt.objects.for_list().get(pk=receipt.pk), handed(one, Condition.WORN))
    assert again.latest.items.get().condition == Condition.WORN


# --- Among what SESAM2 tells --------------------------------------------------------------------------------


EVENTS = ["written", "corrected", "planned", "picked up", "deregistered"]
ORDERS = [order for order in itertools.permutations(EVENTS) if order.index("written") < order.index("corrected")]


@pytest.mark.django_db
@pytest.mark.parametrize("order_of_events", ORDERS, ids=", ".join)
def test_in_every_order_a_loan_ends_by_what_is_found_alone(order_of_events: tuple[str, ...]) -> None:
    """Two of three are found. The receipt says that all three were handed over; it is written, and corrected, before, between or after the reports."""
    patient = factories.patient()
    order = told.sent(patient)
    loans = [item.loan for item in told.items(order)]
    reports = {"planned": told.planned(3), "picked up": told.picked_up(4), "deregistered": told.deregistered(5, found={1: True, 2: False, 3: True})}
    receipt: ReturnReceipt | None = None
    for event in order_of_events:
        if event in reports:
            told.tell(order, reports[event])
            continue
        said = [handed(one, Condition.WORN if event == "corrected" else Condition.OK) for one in loans if one is not None]
        try:
            with transaction.atomic():
                if event == "written":
                    receipt = written(patient, *said, order=told.fresh(order))
                elif receipt is not None:
                    receipt = corrected(receipt, *said, order=told.fresh(order))
        except (NotReady, IllegalMove):
            assert order_of_events.index("deregistered") < order_of_events.index("written")  # two of the aids are gone by then
    assert [(returned, has_ended) for returned, _, has_ended in told.loans(order)] == [(1, True), (0, False), (5, True)]
    if receipt is not None:
        items = ReturnReceipt.objects.for_list().get().latest.items.all()
        assert [item.outcome for item in items] == [Outcome.DEREGISTERED, Outcome.NOT_FOUND, Outcome.DEREGISTERED]
        assert claims_of([one for one in loans if one is not None]) == {}
    assert Patient.objects.get().loans.filter(ended_at__isnull=True).count() == 1
