"""Lives of three felrapporter about one aid by chance: people and SESAM2 do what they may, in any order, and what must always be true stays so.

SESAM2 speaks through the contract, as the inbox reads it. Each life is undone when it is over.
A thousand: `LIVES=1000 pytest tests/faultreports/test_random_lives.py -n2`.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.models import Notice
from core.lifecycle import IllegalMove
from faultreports.actions import aids, sending
from faultreports.models import FaultReport, FaultReportHistory, Kind, Status, WithheldText
from faultreports.models.reports import WAY
from integration import contract
from integration.models import OutgoingMessage
from integration.registry import dispatch
from ordering.sending import AlreadySent
from patients.models import Loan
from tests import factories
from tests.faultreports import told

pytestmark = pytest.mark.django_db
LIVES = int(os.environ.get("LIVES", "100"))
PARTS = 2  # so that two processes share them
STEPS = 8
SEQUENCE = st.integers(1, 20)
WHICH = st.integers(0, 2)  # two negative events, and one that says that the aid is lost
BY_PEOPLE = ("REGISTERED", "RELEASED", "FOUND", "AUTHORITY")


class Life(RuleBasedStateMachine):
    """`reports` were sent before the first life began; a test gives them, their aid and a handler."""

    reports: list[FaultReport]
    loan: Loan
    hanna: Any

    @initialize()
    def begin(self) -> None:
        self.used: list[set[int]] = [set() for _ in self.reports]
        self.told: list[list[Status]] = [[] for _ in self.reports]
        self.answers: list[dict[int, str]] = [{} for _ in self.reports]
        self.withheld: list[dict[int, str]] = [{} for _ in self.reports]
        self.cases: list[dict[int, str]] = [{} for _ in self.reports]
        self.released: set[int] = set()
        self.is_found = False
        self.rows = [1 for _ in self.reports]  # history rows that there must be
        self.before = transaction.savepoint()

    def teardown(self) -> None:
        if hasattr(self, "before"):
            transaction.savepoint_rollback(self.before)
            transaction.savepoint_commit(self.before)
            transaction.get_connection().run_on_commit.clear()

    # --- SESAM2 ---

    def says(self, which: int, message_type: str, sequence: int, **body: Any) -> int:
        """The sequence under which it was taken."""
        while sequence in self.used[which]:
            sequence += 1
        number = str(self.reports[which].number)
        model = contract.INCOMING[message_type].model_validate_json(contract.dump({"reportNumber": number, **body}))
        with transaction.atomic():
            dispatch(message_type, model, subject=number, sequence=sequence)
        self.used[which].add(sequence)
        self.rows[which] += 1
        return sequence

    @rule(which=WHICH, sequence=SEQUENCE, state=st.sampled_from(WAY[1:]), case=st.sampled_from([None, "AV-1", "AV-2"]))
    def reports_a_status(self, which: int, sequence: int, state: Status, case: str | None) -> None:
        sequence = self.says(which, "FaultReportStatus", sequence, status=state.value, erpCaseNumber=case)
        self.told[which].append(state)
        if case:
            self.cases[which][sequence] = case

    @rule(which=WHICH, sequence=SEQUENCE, is_for_reporter=st.booleans())
    def answers_the_report(self, which: int, sequence: int, is_for_reporter: bool) -> None:
        text = f"{'Öppet' if is_for_reporter else 'Hemligt'} svar {len(self.used[which])}"
        body = {"answerToReporter": is_for_reporter, "answer": text, "answeredAt": "2026-11-20T10:30:00+01:00"}
        sequence = self.says(which, "FaultReportAnswer", sequence, **body)
        (self.answers if is_for_reporter else self.withheld)[which][sequence] = text

    # --- People ---

    def tried(self, which: int, action: Callable[[FaultReport], Any]) -> bool:
        """Whether it went; what did not has sent and told nothing."""
        before = _counts()
        try:
            with transaction.atomic():
                action(self._report(which))
        except (IllegalMove, AlreadySent):
            assert _counts() == before
            return False
        self.rows[which] += 1
        return True

    @rule(which=WHICH)
    def releases(self, which: int) -> None:
        could = self._holds(which)
        assert self.tried(which, lambda report: aids.release(report, by=self.hanna)) == could
        if could:
            self.released.add(which)

    @rule(which=WHICH)
    def finds(self, which: int) -> None:
        could = which == 2 and not self.is_found
        assert self.tried(which, lambda report: aids.record_found(report, by=self.hanna, found_on=timezone.localdate())) == could
        self.is_found = self.is_found or could

    @rule(which=WHICH)
    def tells_the_authority(self, which: int) -> None:
        could = self._report(which).is_reported_to_authority is False
        assert self.tried(which, lambda report: sending.note_authority(report, by=report.reporter)) == could

    @rule(which=WHICH)
    def sends_again(self, which: int) -> None:
        assert not self.tried(which, lambda report: sending.send(report, by=self.reports[which].reporter))

    # --- What is always so ---

    @invariant()
    def what_must_always_be_so_is_so(self) -> None:
        if not hasattr(self, "before"):
            return
        for which in range(len(self.reports)):
            self._check(which)
        loan = Loan.objects.get(pk=self.loan.pk)
        assert loan.is_under_investigation == any(self._holds(which) for which in range(2))
        assert loan.is_lost != self.is_found

    def _check(self, which: int) -> None:
        report = self._report(which)
        assert report.status == self._expected(which)
        assert dict(report.answers.values_list("sequence", "text")) == self.answers[which]
        assert dict(WithheldText.objects.filter(answer__report=report).values_list("answer__sequence", "text")) == self.withheld[which]
        assert report.case_number == (self.cases[which][max(self.cases[which])] if self.cases[which] else "")
        rows = list(report.history.order_by("id").values_list("old", "new", "event", "note"))
        assert len(rows) == self.rows[which]
        for old, new, event, note in rows:
            assert old == new or new in FaultReport.MOVES[old]
            assert "svar" not in note
            assert event != "ANSWER_WITHHELD" or old == new
        messages = list(OutgoingMessage.objects.filter(subject=report.number).order_by("sequence").values_list("message_type", flat=True))
        assert messages == ["FaultReport", *(["LostAidFound"] if which == 2 and self.is_found else [])]
        notices = Notice.objects.filter(url=report.get_absolute_url())
        assert not notices.filter(text__contains="svar ").filter(text__contains="Hemligt").exists()
        assert notices.filter(user=report.reporter.user, word="Svar").count() == len(self.answers[which])
        assert notices.filter(user=self.hanna.user, word="Svar finns").count() == len(self.withheld[which])
        assert not notices.filter(user=report.reporter.user, word="Svar finns").exists()

    def _expected(self, which: int) -> str:
        """Reckoned from what was told alone, without the order in which it came."""
        told_of = [WAY.index(state) for state in self.told[which]]
        return WAY[max([0, *told_of, *([WAY.index(Status.ANSWERED)] if self.answers[which] else [])])].value

    def _holds(self, which: int) -> bool:
        return which < 2 and which not in self.released and self._expected(which) != Status.CLOSED

    def _report(self, which: int) -> FaultReport:
        return FaultReport.objects.get(pk=self.reports[which].pk)


def _counts() -> tuple[int, ...]:
    with connection.cursor() as cursor:
        tables = (FaultReportHistory, OutgoingMessage, Notice, FaultReport)
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table._meta.db_table})" for table in tables))
        return tuple(cursor.fetchone())


@pytest.mark.parametrize("part", range(PARTS))
def test_lives_by_chance_keep_what_must_always_be_so(part: int) -> None:
    hanna = told.handler()
    loan = told.loan(factories.patient())
    kinds = [Kind.NEGATIVE_EVENT, Kind.NEGATIVE_EVENT, Kind.LOST]
    reports = [told.sent(kind, of=loan, is_second=True) for kind in kinds]
    machine: Any = type(f"Life{part}", (Life,), {"reports": reports, "loan": loan, "hanna": hanna, "_hypothesis_internal_use_seed": part})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=LIVES // PARTS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # the connection has survived all that was undone
