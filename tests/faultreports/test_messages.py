"""What SESAM2 tells about felrapporter: what each message does, and that the end is the same whatever the order of arrival."""

import itertools
from collections.abc import Sequence

import pytest
from django.db import transaction

from accounts.models import Notice
from faultreports.actions import aids
from faultreports.models import FaultReport, Kind, Status, WithheldAnswer, WithheldText
from faultreports.models.reports import WAY
from integration import contract
from integration.registry import UnknownSubject, dispatch
from tests import factories
from tests.faultreports import told
from tests.faultreports.told import Telling, answer, end, events, status, tell, withheld

pytestmark = pytest.mark.django_db


def dispatched(report: FaultReport, message_type: str, sequence: int, **body: object) -> FaultReport:
    """Through the contract, as the inbox reads it."""
    model = contract.INCOMING[message_type].model_validate_json(contract.dump({"reportNumber": str(report.number), **body}))
    dispatch(message_type, model, subject=str(report.number), sequence=sequence)
    report.refresh_from_db()
    return report


def test_each_status_is_shown_in_its_turn_with_the_case() -> None:
    report = told.sent()
    for sequence, state in enumerate(WAY[1:], start=1):
        assert dispatched(report, "FaultReportStatus", sequence, status=state.value, erpCaseNumber="AV-7").status == state
    assert report.case_number == "AV-7"
    assert events(report) == ["REGISTERED", *(state.value for state in WAY[1:])]


def test_no_status_is_ever_stepped_back_from() -> None:
    """By no sequence: what has come further is further."""
    report = tell(told.sent(), status(4, Status.ANSWERED), status(2, Status.RECEIVED), status(5, Status.INVESTIGATING))
    assert report.status == Status.ANSWERED
    assert [row.details["is_old"] for row in report.history.order_by("id")[1:]] == [False, True, True]


def test_the_case_number_of_the_later_message_holds() -> None:
    assert (
        tell(
            told.sent(), status(3, Status.RECEIVED, case="AV-3"), status(2, Status.RECEIVED, case="AV-2"), status(4, Status.INVESTIGATING, case="")
        ).case_number
        == "AV-3"
    )


def test_a_report_that_the_portal_does_not_know_is_an_unknown_subject() -> None:
    report = told.sent()
    report.number = "F-2026-99999999-9"
    for telling in (status(1, Status.RECEIVED), answer(1), withheld(1)):
        with pytest.raises(UnknownSubject), transaction.atomic():
            telling(report)


def test_an_answer_for_the_reporter_is_kept_with_notices() -> None:
    hanna = told.handler()
    report = told.sent()
    dispatched(report, "FaultReportAnswer", 1, answerToReporter=True, answer="Vi byter hjulet.", answeredBy="Kvalitet", answeredAt="2026-11-20T10:30:00+01:00")
    given = report.answers.get()
    assert (given.text, given.answered_by, given.answered_at) == ("Vi byter hjulet.", "Kvalitet", told.ANSWERED_AT)
    assert report.status == Status.ANSWERED
    assert {notice.user for notice in Notice.objects.filter(word="Svar")} == {report.reporter.user, hanna.user}


def test_an_answer_that_is_withheld_moves_nothing_and_tells_the_handlers_alone() -> None:
    hanna = told.handler()
    report = told.sent()
    dispatched(report, "FaultReportAnswer", 1, answerToReporter=False, answer=told.SECRET, answeredBy="Kvalitet", answeredAt="2026-11-20T10:30:00+01:00")
    assert report.status == Status.REGISTERED
    assert not report.answers.exists()
    assert WithheldText.objects.get(answer__report=report).text == told.SECRET
    [notice] = Notice.objects.all()
    assert (notice.user, notice.word) == (hanna.user, "Svar finns")
    assert told.SECRET not in notice.title + notice.text
    assert list(report.history.told_to(report.reporter).values_list("event", flat=True)) == ["REGISTERED"]
    assert "ANSWER_WITHHELD" in report.history.told_to(hanna).values_list("event", flat=True)


def test_an_answer_before_the_report_is_acknowledged_is_shown_at_once_and_stays() -> None:
    report = tell(told.sent(), answer(3))
    assert report.status == Status.ANSWERED
    tell(report, status(1, Status.RECEIVED), status(2, Status.INVESTIGATING))
    assert report.status == Status.ANSWERED
    assert report.answers.count() == 1


def test_two_answers_are_both_kept_and_one_to_a_closed_report_too() -> None:
    report = tell(told.sent(), answer(1, text="Först."), status(2, Status.CLOSED), answer(3, text="Sedan."), withheld(4))
    assert report.status == Status.CLOSED
    assert list(report.answers.order_by("sequence").values_list("text", flat=True)) == ["Först.", "Sedan."]
    assert WithheldAnswer.objects.filter(report=report).count() == 1
    assert Notice.objects.filter(user=report.reporter.user, word="Svar").count() == 2


def test_the_same_again_under_another_message_id_is_kept_once() -> None:
    report = tell(told.sent(), answer(1), answer(1), withheld(2), withheld(2), status(3, Status.CLOSED), status(3, Status.CLOSED))
    assert report.answers.count() == 1
    assert WithheldText.objects.count() == 1
    assert Notice.objects.filter(user=report.reporter.user).count() == 2  # one answer, one closing


def test_closing_is_told_to_the_reporter_and_the_handlers_once() -> None:
    hanna = told.handler()
    report = tell(told.sent(), status(1, Status.CLOSED), status(2, Status.CLOSED))
    assert {notice.user for notice in Notice.objects.filter(word="Avslutad")} == {report.reporter.user, hanna.user}
    assert Notice.objects.filter(word="Avslutad").count() == 2


LIVES: list[list[Telling]] = [
    [status(1, Status.RECEIVED), status(2, Status.INVESTIGATING), answer(3), status(4, Status.ANSWERED), status(5, Status.CLOSED, case="AV-2")],
    [status(1, Status.RECEIVED), withheld(2), status(3, Status.ANSWERED), answer(4)],
    [answer(1, text="Först."), withheld(2), answer(3, text="Sedan."), status(4, Status.RECEIVED)],
    [status(1, Status.CLOSED), answer(2), withheld(3), withheld(4, "Annat")],
    [status(1, Status.RECEIVED, case="AV-1"), status(2, Status.INVESTIGATING, case="AV-2"), status(3, Status.INVESTIGATING, case="")],
]


@pytest.mark.parametrize("life", LIVES)
def test_every_order_of_arrival_ends_alike(life: Sequence[Telling]) -> None:
    """Of a negative event, whose aid is held until the case is closed, or the handler releases it after the second message."""
    report, hanna = told.event(), told.handler()
    ends = set()
    for place, order in enumerate(itertools.permutations(life)):
        is_released = place % 2 == 1
        with transaction.atomic():
            for number, telling in enumerate(order):
                telling(report)
                report.refresh_from_db()
                if number == 1 and is_released and report.is_holding:
                    aids.release(report, by=hanna)
            found = end(report)
            assert found.pop("marks") == (not is_released and report.status != Status.CLOSED, False)
            assert report.history.filter(event__in=[*WAY, "ANSWER", "ANSWER_WITHHELD"]).count() == len(order) + 1
            ends.add(repr(found))
            transaction.set_rollback(True)
        report.refresh_from_db()
    assert len(ends) == 1


def test_every_order_of_arrival_about_two_events_with_one_aid_ends_alike() -> None:
    """The aid is free when, and only when, nothing holds it any more."""
    loan = told.loan(factories.patient())
    first, second = told.sent(Kind.NEGATIVE_EVENT, of=loan), told.sent(Kind.NEGATIVE_EVENT, of=loan, is_second=True)
    life = [
        (first, status(1, Status.RECEIVED)),
        (first, status(2, Status.CLOSED)),
        (second, status(1, Status.INVESTIGATING)),
        (second, status(2, Status.CLOSED)),
    ]
    for order in itertools.permutations(life):
        with transaction.atomic():
            for report, telling in order:
                telling(report)
                open_ones = FaultReport.objects.filter(loan=loan).open().exists()
                loan.refresh_from_db()
                assert loan.is_under_investigation is open_ones
            assert not loan.is_under_investigation
            transaction.set_rollback(True)
