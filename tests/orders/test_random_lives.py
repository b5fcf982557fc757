"""Lives of a kundorder by chance: people and SESAM2 do what they may, in any order, and what must always be true stays so.

SESAM2 speaks through the contract, as the inbox reads it. Each life is undone when it is over. `LIVES=1000 pytest tests/orders/test_random_lives.py -n2`
is a thousand, some minutes; the suite lives two hundred.
"""

import itertools
import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from core.lifecycle import IllegalMove
from integration import contract
from integration.models import OutgoingMessage
from integration.registry import Unacceptable, UnknownSubject, dispatch
from ordering.sending import AlreadyOrderedAgain
from orders.actions import changes, orders
from orders.models import DELIVERY_FIELDS, DeliveryChange, Order, OrderHistory, Status
from patients.models import Loan
from tests import factories
from tests.orders.told import REPLACEMENT, order_of

pytestmark = pytest.mark.django_db
LIVES = int(os.environ.get("LIVES", "200"))
PARTS = 4  # so that two processes share them
STEPS = 6
QUANTITIES = (2, 1, 3)
ANSWERED = [Status.PLACED, Status.RECEIVED, Status.CONFIRMED]
ARRIVED = {Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED}

LINES = st.lists(st.integers(1, len(QUANTITIES)), min_size=1, max_size=len(QUANTITIES), unique=True).map(sorted)
MAYBE_LINES = st.one_of(st.none(), LINES)
DATES = st.sampled_from(["2031-12-01", "2031-12-08", "2031-12-15"])
QUANTITY = st.integers(1, 4)
STREETS = st.sampled_from(["Nygatan 7", "Flyttgatan 3", "Storgatan 1"])
DESPATCH = st.sampled_from(["F1", "F2"])


class Life(RuleBasedStateMachine):
    """`order` was sent before the first life began; a test gives it."""

    order: Order

    @initialize()
    def begin(self) -> None:
        self.number = str(self.order.number)
        self.used: set[int] = set()
        self.reports = 0
        self.was_signed = False  # whether any receipt that counts was told
        self.is_asked = False  # whether a cancellation waits for its answer
        self.where = [_delivery(self._order())]  # the deliveries that were in force, the last one in force now
        self.before = transaction.savepoint()

    def teardown(self) -> None:
        if hasattr(self, "before"):
            transaction.savepoint_rollback(self.before)
            transaction.savepoint_commit(self.before)  # gives the savepoint free, which a rollback to it does not
            transaction.get_connection().run_on_commit.clear()

    # --- SESAM2 ---

    def told(self, message_type: str, sequence: int, **body: Any) -> bool:
        """Whether it was taken; what was not has left nothing behind, as in the inbox."""
        while sequence in self.used:
            sequence += 1
        model = contract.INCOMING[message_type].model_validate_json(contract.dump({"orderNumber": self.number, **body}))
        try:
            with transaction.atomic():
                dispatch(message_type, model, subject=self.number, sequence=sequence)
        except (Unacceptable, UnknownSubject):
            return False
        self.used.add(sequence)
        self.reports += 1
        return True

    @rule(sequence=st.integers(1, 20), code=st.sampled_from(["AB", "AP", "RE"]), on=DATES, erp=st.sampled_from(["1", "1", "1", "2"]))
    def answers(self, sequence: int, code: str, on: str, erp: str) -> None:
        self.told("OrderResponse", sequence, erpOrderNumber=erp, code=code, promisedDate=on)

    @rule(
        sequence=st.integers(1, 20),
        on=DATES,
        lines=st.lists(st.tuples(st.sampled_from(["3", "5", "5", "7", "42"]), st.one_of(st.none(), QUANTITY), st.booleans()), min_size=3, max_size=3),
    )
    def answers_with_changes(self, sequence: int, on: str, lines: list[tuple[str, int | None, bool]]) -> None:
        replacement = {
            "supplierGln": factories.SUPPLIER_GLN,
            "supplierArticleNumber": "N1",
            "articleNumber": REPLACEMENT["article_number"],
            "name": REPLACEMENT["name"],
        }
        rows = [
            {"line": number, "status": int(status), "quantity": quantity, "replacement": replacement if is_replaced and status == "3" else None}
            for number, (status, quantity, is_replaced) in enumerate(lines, start=1)
        ]
        self.told("OrderResponse", sequence, erpOrderNumber="1", code="CA", promisedDate=on, lines=rows)

    @rule(sequence=st.integers(1, 20), on=st.one_of(st.none(), DATES), lines=MAYBE_LINES)
    def delays(self, sequence: int, on: str | None, lines: list[int] | None) -> None:
        self.told("DeliveryDelayed", sequence, promisedDate=on, reason="Ryggklädsel saknas", lines=lines)

    @rule(sequence=st.integers(1, 20), lines=MAYBE_LINES, code=st.sampled_from(["OUT_OF_STOCK", "REQUESTED"]))
    def cancels(self, sequence: int, lines: list[int] | None, code: str) -> None:
        if self.told("OrderCancelled", sequence, reasonCode=code, reason="Slut", lines=lines, newOrderRequired=True) and code == "REQUESTED":
            self.is_asked = False

    @rule(sequence=st.integers(1, 20))
    def refuses_to_cancel(self, sequence: int) -> None:
        is_open = self._order().status in {*ANSWERED, Status.PARTLY_DELIVERED}
        if self.told("CancellationRefused", sequence, reason="Redan packad") and is_open:
            self.is_asked = False

    @rule(sequence=st.integers(1, 20))
    def refuses_another_delivery(self, sequence: int) -> None:
        self.told("DeliveryChangeRefused", sequence, reason="Redan packad")
        if len(self.where) > 1:
            self.where.pop()

    @rule(sequence=st.integers(1, 20), number=DESPATCH, lines=LINES, quantity=QUANTITY)
    def despatches(self, sequence: int, number: str, lines: list[int], quantity: int) -> None:
        rows = [
            {
                "line": line,
                "quantity": quantity,
                "outstanding": 0,
                "individuals": [{"individualNumber": f"{number}-{line}-{piece}"} for piece in range(quantity)],
            }
            for line in lines
        ]
        self.told("DespatchAdvice", sequence, despatchNumber=number, despatchedAt="2031-12-01T09:00:00+01:00", lines=rows)

    @rule(
        sequence=st.integers(1, 20),
        number=st.one_of(st.none(), DESPATCH),
        lines=MAYBE_LINES,
        quantity=QUANTITY,
        place=st.sampled_from(["RESIDENCE", "DELIVERY_POINT", "UNIT", "HOSPITAL"]),
        signed=st.booleans(),
    )
    def delivers(self, sequence: int, number: str | None, lines: list[int] | None, quantity: int, place: str, signed: bool) -> None:
        rows = None if lines is None else [{"line": line, "quantity": quantity} for line in lines]
        at = "2031-12-02T09:00:00+01:00"
        if self.told("DeliveryConfirmation", sequence, despatchNumber=number, deliveredAt=at, placeType=place, signed=signed, lines=rows):
            self.was_signed |= signed and place in {"RESIDENCE", "DELIVERY_POINT"}

    # --- A person ---

    def tried(self, action: Callable[[], Any]) -> bool:
        """Whether it went; what did not has sent and told nothing."""
        before = _counts()
        try:
            with transaction.atomic():
                action()
        except (IllegalMove, changes.ChangeIsOpen, changes.NothingChanged, AlreadyOrderedAgain):
            assert _counts() == before
            return False
        return True

    @rule(lines=MAYBE_LINES)
    def asks_to_cancel(self, lines: list[int] | None) -> None:
        by = self.order.orderer
        if self.tried(lambda: changes.request_cancellation(self._order(), by=by, reason="OTHER", note="Behövs inte", lines=lines)):
            assert not self.is_asked
            self.is_asked = True

    @rule(street=STREETS)
    def asks_for_another_delivery(self, street: str) -> None:
        new = changes.NewDelivery(method="HOME", street=street, postal_code="44130", city="Alingsås", door_code="1357")
        status, sent = self._order().status, list(self.order.lines.values_list("despatched", "delivered"))
        if self.tried(lambda: changes.change_delivery(self._order(), by=self.order.orderer, new=new)):
            assert status in ANSWERED
            assert not any(pieces for line in sent for pieces in line)
            self.where.append(_delivery(self._order()))
            assert self.where[-1]["street"] == street

    @precondition(lambda self: len(self.where) > 1)
    @rule()
    def waits_for_an_hour(self) -> None:
        """The change before counts as taken."""
        DeliveryChange.objects.filter(order=self.order).update(at="2026-01-01T00:00:00+01:00")

    @rule()
    def orders_again(self) -> None:
        if self.tried(lambda: orders.order_again(self._order(), by=self.order.orderer)):
            draft = Order.objects.get(again_of=self.order)
            assert draft.status == Status.DRAFT
            assert draft.lines.exists()

    # --- What is always so ---

    @invariant()
    def what_must_always_be_so_is_so(self) -> None:
        if not hasattr(self, "before"):
            return
        order = self._order()
        lines = list(order.lines.all())
        for line in lines:
            line.order = order
            assert line.delivered + line.outstanding + line.cancelled == max(line.quantity, line.delivered)
            assert 0 <= line.receipted <= line.delivered
            assert line.on_its_way <= line.outstanding
        lent = list(Loan.objects.current().filter(order_number=self.number).values_list("individual_number", "quantity"))
        assert sum(quantity for _, quantity in lent) == sum(line.delivered for line in lines)
        individuals = [number for number, _ in lent if number]
        assert len(individuals) == len(set(individuals))
        self._status_follows(order, lines)
        history = list(order.history.order_by("id").values_list("old", "new", "event"))
        self._no_status_goes_back(order, history)
        asked = sum(event in {"PLACED", "CANCELLATION_REQUESTED", "DELIVERY_CHANGED"} for *_, event in history)
        assert len(history) == self.reports + asked
        sequences = list(OutgoingMessage.objects.filter(subject=self.number).order_by("sequence").values_list("sequence", flat=True))
        assert sequences == list(range(1, asked + 1))
        assert (order.cancellation_requested_at is not None) == self.is_asked
        assert any(line.is_cancellation_requested for line in lines) == self.is_asked
        assert _delivery(order) == self.where[-1]

    def _status_follows(self, order: Order, lines: list[Any]) -> None:
        come, left = sum(line.delivered for line in lines), sum(line.outstanding for line in lines)
        if left:
            assert order.status == Status.PARTLY_DELIVERED if come else order.status == ANSWERED[order.acknowledged]
        elif come:
            is_receipted = all(line.receipted == line.delivered for line in lines)
            assert order.status == (Status.RECEIPTED if is_receipted else Status.DELIVERED)
        else:
            assert order.status == Status.CANCELLED
        if not self.was_signed:
            assert order.status != Status.RECEIPTED
            assert not any(line.receipted for line in lines)

    def _no_status_goes_back(self, order: Order, history: list[tuple[str, str, str]]) -> None:
        """Every move is in the table; of what was answered nothing becomes unanswered, and what is makulerad is so until something
        has come all the same.
        """
        for (_, earlier, _), (old, new, _) in itertools.pairwise(history):
            assert old == earlier
            if old == new:
                continue
            assert new in Order.MOVES[old]
            if old in ANSWERED and new in ANSWERED:
                assert ANSWERED.index(Status(new)) > ANSWERED.index(Status(old))
            if old in ARRIVED or old == Status.CANCELLED:
                assert new in ARRIVED
        assert history[-1][1] == order.status

    def _order(self) -> Order:
        order = Order.objects.get(pk=self.order.pk)
        order.orderer, order.unit = self.order.orderer, self.order.orderer.unit
        return order


def _delivery(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in DELIVERY_FIELDS}


def _counts() -> tuple[int, ...]:
    with connection.cursor() as cursor:
        tables = (OrderHistory, OutgoingMessage, DeliveryChange, Order)
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table._meta.db_table})" for table in tables))
        return tuple(cursor.fetchone())


@pytest.mark.parametrize("part", range(PARTS))
def test_lives_by_chance_keep_what_must_always_be_so(part: int) -> None:
    factories.article(REPLACEMENT["name"], number="N1", sesam_number=REPLACEMENT["article_number"])
    order = Order.objects.select_related("orderer__unit__provider", "orderer__user").get(pk=order_of(*QUANTITIES).pk)
    machine: Any = type(f"Life{part}", (Life,), {"order": order, "_hypothesis_internal_use_seed": part})
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
