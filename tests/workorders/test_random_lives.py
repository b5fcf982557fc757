"""A thousand lives of an arbetsorder by chance: people and SESAM2 do what they may, in any order, and what must always be true stays so.

SESAM2 speaks through the contract, as the inbox reads it. Each life is undone when it is over.
A thousand: `LIVES=1000 pytest tests/workorders/test_random_lives.py -n2`.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.lifecycle import IllegalMove
from integration import contract
from integration.models import OutgoingMessage
from integration.registry import Unacceptable, dispatch
from ordering.sending import AlreadyOrderedAgain, AlreadySent
from tests import factories
from tests.workorders.told import sent_special
from workorders.actions import orders, proposals
from workorders.models import CostProposal, Status, WorkOrder, WorkOrderHistory
from workorders.models.orders import OPEN

pytestmark = pytest.mark.django_db
LIVES = int(os.environ.get("LIVES", "80"))
PARTS = 4  # so that two processes share them
STEPS = 6
SEQUENCE = st.integers(1, 20)
DATES = st.sampled_from(["2031-12-01", "2031-12-08", "2031-12-15"])
STATES = st.sampled_from(["PLANNED", "STARTED", "WAITING", "NEEDS_COMPLETION", "COMPLETED"])
BY_PEOPLE = ("PLACED", "COMPLETED_BY_ORDERER", "CANCELLATION_REQUESTED", "COST_APPROVED", "COST_REFUSED")


class Life(RuleBasedStateMachine):
    """`order` was sent before the first life began; a test gives it."""

    order: WorkOrder
    owner: Any

    @initialize()
    def begin(self) -> None:
        self.number = str(self.order.number)
        self.used: set[int] = set()
        self.states: dict[int, tuple[str, str | None]] = {}  # status and planned day by sequence
        self.received = self.cancelled = self.completed_after = 0
        self.proposed: set[int] = set()
        self.answers = 0
        self.told_of = 0  # history rows that SESAM2's messages must have given
        self.before = transaction.savepoint()

    def teardown(self) -> None:
        if hasattr(self, "before"):
            transaction.savepoint_rollback(self.before)
            transaction.savepoint_commit(self.before)
            transaction.get_connection().run_on_commit.clear()

    # --- SESAM2 ---

    def told(self, message_type: str, sequence: int, **body: Any) -> int:
        """The sequence under which it was taken; 0 when it was not, and then it has left nothing behind, as in the inbox."""
        while sequence in self.used:
            sequence += 1
        model = contract.INCOMING[message_type].model_validate_json(contract.dump({"orderNumber": self.number, **body}))
        try:
            with transaction.atomic():
                dispatch(message_type, model, subject=self.number, sequence=sequence)
        except Unacceptable:
            return 0
        self.used.add(sequence)
        self.told_of += 1
        return sequence

    @rule(sequence=SEQUENCE, code=st.sampled_from(["AB", "AP", "AB", "AP", "RE"]), on=DATES, erp=st.sampled_from(["1", "1", "1", "2"]))
    def answers_the_order(self, sequence: int, code: str, on: str, erp: str) -> None:
        sequence = self.told("OrderResponse", sequence, erpOrderNumber=erp, code=code, promisedDate=on)
        if code == "RE":
            self.cancelled = max(self.cancelled, sequence)
        else:
            self.received = max(self.received, sequence)

    @rule(sequence=SEQUENCE, on=st.one_of(st.none(), DATES))
    def delays(self, sequence: int, on: str | None) -> None:
        self.told("DeliveryDelayed", sequence, promisedDate=on, reason="Del saknas")

    @rule(sequence=SEQUENCE, code=st.sampled_from(["PATIENT_NOT_REACHED", "REQUESTED"]))
    def cancels(self, sequence: int, code: str) -> None:
        self.cancelled = max(self.cancelled, self.told("OrderCancelled", sequence, reasonCode=code, reason="Nås inte", newOrderRequired=True))

    @rule(sequence=SEQUENCE)
    def refuses_to_cancel(self, sequence: int) -> None:
        self.told("CancellationRefused", sequence, reason="Redan påbörjad")

    @rule(sequence=SEQUENCE, state=STATES, on=st.one_of(st.none(), DATES), late=st.sampled_from([None, "Del saknas"]), proposes=st.booleans())
    def reports(self, sequence: int, state: str, on: str | None, late: str | None, proposes: bool) -> None:
        proposal = {"amount": "4500.00", "text": "Ny sits."} if proposes else None
        sequence = self.told("WorkOrderStatus", sequence, status=state, plannedDate=on, lateReason=late, costProposal=proposal)
        self.states[sequence] = (state, on)
        if proposes:
            self.proposed.add(sequence)

    # --- People ---

    def tried(self, action: Callable[[], Any]) -> bool:
        """Whether it went; what did not has sent and told nothing."""
        before = _counts()
        try:
            with transaction.atomic():
                action()
        except (IllegalMove, AlreadySent, AlreadyOrderedAgain, proposals.AlreadyAnswered):
            assert _counts() == before
            return False
        return True

    @rule()
    def completes(self) -> None:
        was = self._order().status
        if self.tried(lambda: orders.place(self._order(), by=self.order.orderer)):
            assert was == Status.NEEDS_COMPLETION
            self.completed_after = max(self.states)

    @rule()
    def asks_to_cancel(self) -> None:
        if self.tried(lambda: orders.request_cancellation(self._order(), by=self.order.orderer, reason="OTHER", note="Behövs inte")):
            assert self._order().cancellation_requested_at is not None

    @rule(is_approved=st.booleans(), newest=st.booleans())
    def answers_a_proposal(self, is_approved: bool, newest: bool) -> None:
        proposal = CostProposal.objects.filter(order=self.order).order_by("-sequence" if newest else "sequence").first()
        if proposal is None:
            return
        could = proposals.open_proposal(self._order()) == proposal
        went = self.tried(lambda: proposals.answer(proposal, by=self.owner, is_approved=is_approved))
        assert went == could
        self.answers += went

    @rule()
    def orders_again(self) -> None:
        was = self._order().status
        if self.tried(lambda: orders.order_again(self._order(), by=self.order.orderer)):
            assert was == Status.CANCELLED

    # --- What is always so ---

    @invariant()
    def what_must_always_be_so_is_so(self) -> None:
        if not hasattr(self, "before"):
            return
        order = self._order()
        assert order.status == self._expected()
        known = [self.states[sequence][1] for sequence in sorted(self.states) if self.states[sequence][1]]
        assert (order.planned_on.isoformat() if order.planned_on else None) == (known[-1] if known else None)
        rows = list(order.history.order_by("id").values_list("old", "new", "event"))
        for old, new, _ in rows:
            assert old == new or new in WorkOrder.MOVES[old]
        ended = next((place for place, (_, new, _) in enumerate(rows) if new in {Status.COMPLETED, Status.CANCELLED}), len(rows))
        assert all(new in {Status.COMPLETED, Status.CANCELLED} for _, new, _ in rows[ended:])
        asked = sum(event in BY_PEOPLE for *_, event in rows)
        announced = sum(event == "COST_PROPOSAL" for *_, event in rows)
        assert len(rows) == self.told_of + asked + announced
        sequences = list(OutgoingMessage.objects.filter(subject=self.number).order_by("sequence").values_list("sequence", flat=True))
        assert sequences == list(range(1, asked + 1))
        assert set(order.reports.values_list("sequence", flat=True)) == set(self.states)
        assert set(order.proposals.values_list("sequence", flat=True)) == self.proposed
        answered = order.proposals.filter(is_approved__isnull=False).count()
        assert answered == self.answers == OutgoingMessage.objects.filter(subject=self.number, message_type="CostProposalAnswer").count()
        if order.status not in OPEN:
            assert not order.is_delayed

    def _expected(self) -> str:
        """Reckoned from what was told alone, without the order in which it came."""
        completed = max((sequence for sequence, (state, _) in self.states.items() if state == "COMPLETED"), default=0)
        if completed or self.cancelled:
            return "COMPLETED" if completed > self.cancelled else "CANCELLED"
        after = [sequence for sequence in self.states if sequence > self.completed_after]
        if after:
            return self.states[max(after)][0]
        return "RECEIVED" if self.received > self.completed_after else "PLACED"

    def _order(self) -> WorkOrder:
        return WorkOrder.objects.get(pk=self.order.pk)


def _counts() -> tuple[int, ...]:
    with connection.cursor() as cursor:
        tables = (WorkOrderHistory, OutgoingMessage, CostProposal, WorkOrder)
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table._meta.db_table})" for table in tables))
        return tuple(cursor.fetchone())


@pytest.mark.parametrize("part", range(PARTS))
def test_lives_by_chance_keep_what_must_always_be_so(part: int) -> None:
    order = WorkOrder.objects.select_related("orderer__unit__provider", "orderer__user").get(pk=sent_special().pk)
    machine: Any = type(f"Life{part}", (Life,), {"order": order, "owner": factories.approver(), "_hypothesis_internal_use_seed": part})
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
