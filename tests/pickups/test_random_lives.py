"""A thousand lives of a hämtorder by chance: people and SESAM2 do what they may, in any order, and what must always be true stays so.

SESAM2 speaks through the contract, as the inbox reads it. Each life is undone when it is over.
A thousand: `LIVES=1000 pytest tests/pickups/test_random_lives.py -n2`.
"""

import datetime
import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.lifecycle import IllegalMove
from integration import contract
from integration.models import OutgoingMessage
from integration.registry import Unacceptable, dispatch
from ordering.changes import ChangeIsOpen, NewDelivery, NothingChanged
from ordering.sending import AlreadyOrderedAgain, NotReady
from patients.actions import DeliveredAid, set_loans
from patients.models import Loan, LoanReturn
from pickups.actions import changes, drafts, orders
from pickups.models import OPEN, PickupHistory, PickupItem, PickupOrder, PlaceChange, Status
from tests import factories
from tests.pickups import told as told_of

pytestmark = pytest.mark.django_db
LIVES = int(os.environ.get("LIVES", "100"))
PARTS = 4  # so that two processes share them
STEPS = 8
SEQUENCE = st.integers(1, 20)
LINES = (1, 2, 3)
DAYS = st.sampled_from([-1, 1, 3, 6, 40])
BY_PEOPLE = ("PLACED", "CANCELLATION_REQUESTED", "DELIVERY_CHANGED")


class Life(RuleBasedStateMachine):
    """`order` was sent before the first life began; a test gives it. Line 3 is two of five pieces without numbers."""

    order: PickupOrder

    @initialize()
    def begin(self) -> None:
        self.number = str(self.order.number)
        self.used: set[int] = set()
        self.states: dict[int, tuple[str, bool]] = {}  # state, and whether it names items, by sequence
        self.found: dict[int, dict[int, bool]] = {line: {} for line in LINES}  # by line and sequence
        self.cancelled: dict[int, list[int]] = {line: [] for line in LINES}
        self.cancelled_all: list[int] = []
        self.received = 0
        self.dates: dict[int, str | None] = {}
        self.told_of = 0  # history rows that SESAM2's messages must have given
        self.ends: dict[int, datetime.datetime] = {}  # when each loan ended, while it has
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
        before = _counts()
        try:
            with transaction.atomic():
                dispatch(message_type, model, subject=self.number, sequence=sequence)
        except Unacceptable:
            assert _counts() == before
            return 0
        self.used.add(sequence)
        self.told_of += 1
        return sequence

    @rule(sequence=SEQUENCE, code=st.sampled_from(["AB", "AP", "RE"]), days=DAYS, erp=st.sampled_from(["1", "1", "1", "2"]))
    def answers_the_order(self, sequence: int, code: str, days: int, erp: str) -> None:
        on = _day(days) if code == "AP" else None
        sequence = self.told("OrderResponse", sequence, erpOrderNumber=erp, code=code, promisedDate=on)
        if not sequence:
            assert days < 0 or erp == "2" or self._order().erp_number != erp
        elif code == "RE":
            self.cancelled_all.append(sequence)
        else:
            self.received = max(self.received, sequence)
            if on:
                self.dates[sequence] = on

    @rule(sequence=SEQUENCE, refused=st.sets(st.sampled_from(LINES)))
    def changes_the_order(self, sequence: int, refused: set[int]) -> None:
        erp = self._order().erp_number or "1"
        lines = [{"line": line, "status": 7 if line in refused else 5} for line in LINES]
        sequence = self.told("OrderResponse", sequence, erpOrderNumber=erp, code="CA", lines=lines)
        self.received = max(self.received, sequence)
        for line in refused:
            self.cancelled[line].append(sequence)

    @rule(sequence=SEQUENCE, days=st.one_of(st.none(), DAYS))
    def delays(self, sequence: int, days: int | None) -> None:
        on = None if days is None else _day(days)
        if taken := self.told("DeliveryDelayed", sequence, promisedDate=on, reason="Bilen är trasig"):
            self.dates[taken] = on
        else:
            assert days is not None
            assert days < 0

    @rule(sequence=SEQUENCE, code=st.sampled_from(["PATIENT_NOT_REACHED", "REQUESTED", "ITEM_MISSING"]), lines=st.sets(st.sampled_from(LINES)))
    def cancels(self, sequence: int, code: str, lines: set[int]) -> None:
        some = sorted(lines) or None
        sequence = self.told("OrderCancelled", sequence, reasonCode=code, reason="Nås inte", newOrderRequired=True, lines=some)
        for line in some or LINES:
            if code == "ITEM_MISSING":
                self.found[line][sequence] = False
            elif some:
                self.cancelled[line].append(sequence)
        if code != "ITEM_MISSING" and not some:
            self.cancelled_all.append(sequence)

    @rule(sequence=SEQUENCE)
    def refuses_to_cancel(self, sequence: int) -> None:
        self.told("CancellationRefused", sequence, reason="Redan på väg")

    @rule(sequence=SEQUENCE)
    def refuses_to_move(self, sequence: int) -> None:
        self.told("DeliveryChangeRefused", sequence, reason="Redan på väg")

    @rule(
        sequence=SEQUENCE,
        state=st.sampled_from(["SCHEDULED", "PICKED_UP", "DEREGISTERED"]),
        days=st.one_of(st.none(), DAYS),
        found=st.one_of(st.none(), st.dictionaries(st.sampled_from((*LINES, 9)), st.booleans(), min_size=1)),
    )
    def reports(self, sequence: int, state: str, days: int | None, found: dict[int, bool] | None) -> None:
        on = None if days is None else _day(days)
        items = None if found is None else [{"line": line, "found": is_found} for line, is_found in found.items()]
        sequence = self.told("PickupStatus", sequence, status=state, pickupDate=on, items=items)
        if not sequence:
            # A day before the order, or an item that was never on it.
            assert (days is not None and days < 0) or 9 in (found or {})
            return
        self.states[sequence] = (state, found is not None)
        if on:
            self.dates[sequence] = on
        for line, is_found in (found or {}).items():
            self.found[line][sequence] = is_found

    @rule()
    def tells_of_the_delivery_again(self) -> None:
        """SESAM2 confirms the delivery that the loan came by once more: what was given back of it stays so."""
        wedges = Loan.objects.get(article__name="Kil")
        aid = DeliveredAid(wedges.article, quantity=5)
        set_loans(
            patient=wedges.patient,
            ordered_by=self.order.orderer,
            order_number=wedges.order_number,
            source=wedges.source,
            started_at=wedges.started_at,
            aids=[aid],
        )

    # --- People ---

    def tried(self, action: Callable[[], Any]) -> bool:
        """Whether it went; what did not has sent and told nothing."""
        before = _counts()
        try:
            with transaction.atomic():
                action()
        except (IllegalMove, AlreadyOrderedAgain, NotReady, ChangeIsOpen, NothingChanged):
            assert _counts() == before
            return False
        return True

    @rule(lines=st.sets(st.sampled_from(LINES)))
    def asks_to_cancel(self, lines: set[int]) -> None:
        was = self._order()
        some = sorted(lines) or None
        if self.tried(lambda: changes.request_cancellation(was, by=self.order.orderer, reason="OTHER", note="Behålls", lines=some)):
            assert was.status in {Status.PLACED, Status.RECEIVED}

    @rule(street=st.sampled_from(["Nygatan 1", "Nygatan 2"]))
    def moves(self, street: str) -> None:
        was = self._order()
        new = NewDelivery("HOME", street=street, postal_code="44130", city="Alingsås", contact_phone="+46701740607")
        if self.tried(lambda: changes.change_place(was, by=self.order.orderer, new=new)):
            assert was.status in {Status.PLACED, Status.RECEIVED}
            PlaceChange.objects.update(at=timezone.now() - changes.common.ANSWERED_WITHIN)

    @rule()
    def orders_what_is_left_on_another(self) -> None:
        """All aids that are free stand on another hämtorder from then on; what stands on this one is refused there."""
        with transaction.atomic():
            point = transaction.savepoint()
            loans = list(Loan.objects.filter(pickup_items__order=self.order).order_by("pk"))
            wanted = [drafts.Wanted(loan=loan, quantity=loan.held) for loan in loans if loan.ended_at is None]
            other = drafts.start(self.order.patient, by=self.order.orderer)
            drafts.save(other, content=told_of.content(other), wanted=wanted)
            try:
                orders.place(other, by=self.order.orderer)
                assert wanted
                assert not any(loan.on_pickup for loan in loans if loan.ended_at is None)
            except NotReady:
                assert not wanted or any(loan.on_pickup for loan in loans)
            transaction.savepoint_rollback(point)

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
        items = {item.line: item for item in orders.items_of(order)}
        assert order.status == self._expected()
        told = max(self.dates, default=None)
        assert (order.promised_on.isoformat() if order.promised_on else None) == (self.dates[told] if told else None)
        self._loans_end_once_and_only_for_what_was_found(order, items)
        rows = list(order.history.order_by("id").values_list("old", "new", "event"))
        for old, new, _ in rows:
            assert old == new or new in PickupOrder.MOVES[old]
        asked = sum(event in BY_PEOPLE for *_, event in rows)
        assert len(rows) == self.told_of + asked
        sequences = list(OutgoingMessage.objects.filter(subject=self.number).order_by("sequence").values_list("sequence", flat=True))
        assert sequences == list(range(1, asked + 1))
        assert set(order.reports.values_list("sequence", flat=True)) == set(self.states)
        if order.status not in OPEN:
            assert not order.is_delayed

    def _loans_end_once_and_only_for_what_was_found(self, order: PickupOrder, items: dict[int, PickupItem]) -> None:
        for line, item in items.items():
            loan = item.loan
            assert loan is not None
            is_found = self._is_found(line)
            returns = list(LoanReturn.objects.filter(loan=loan))
            assert [one.source for one in returns] in ([], [f"{self.number}/{line}"])
            assert loan.returned == sum(one.quantity for one in returns) == (item.quantity if is_found else 0)
            assert (loan.ended_at is not None) == (is_found and item.quantity == loan.quantity)
            # It ends at one moment, however often it is told.
            if loan.ended_at is None:
                self.ends.pop(loan.pk, None)
            assert self.ends.setdefault(loan.pk, loan.ended_at) == loan.ended_at if loan.ended_at else True
            is_waiting = order.status in OPEN and item.is_open
            assert loan.on_pickup == (item.quantity if is_waiting else 0)
            assert item.is_open == (is_waiting and not is_found)

    def _is_found(self, line: int) -> bool:
        """Reckoned from what was told alone, without the order in which it came."""
        told = self.found[line]
        if told:
            return told[max(told)]
        of_all = [sequence for sequence, (state, is_itemised) in self.states.items() if state == "DEREGISTERED" and not is_itemised]
        cancelled = [*self.cancelled[line], *self.cancelled_all]
        return bool(of_all) and not (cancelled and min(cancelled) < max(of_all))

    def _expected(self) -> str:
        found = [self._is_found(line) for line in LINES]
        is_left = not self.cancelled_all and any(not self.found[line] and not self.cancelled[line] and not self._is_found(line) for line in LINES)
        if not any(found) and not is_left:
            return "CANCELLED"
        if any(state == "DEREGISTERED" for state, _ in self.states.values()):
            return "DEREGISTERED"
        if self.states:
            return {"SCHEDULED": "PLANNED"}.get(self.states[max(self.states)][0], "PICKED_UP")
        return "RECEIVED" if self.received else "PLACED"

    def _order(self) -> PickupOrder:
        return told_of.fresh(self.order)


def _day(days: int) -> str:
    return told_of.day(days).isoformat()


def _counts() -> tuple[int, ...]:
    with connection.cursor() as cursor:
        tables = (PickupHistory, OutgoingMessage, PickupOrder, PickupItem, PlaceChange, LoanReturn)
        cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table._meta.db_table})" for table in tables))
        return tuple(cursor.fetchone())


@pytest.mark.parametrize("part", range(PARTS))
def test_lives_by_chance_keep_what_must_always_be_so(part: int) -> None:
    patient = factories.patient()
    chair, walker, wedges = told_of.aids(patient)
    order = told_of.sent(patient, wanted=[drafts.Wanted(loan=chair), drafts.Wanted(loan=walker), drafts.Wanted(loan=wedges, quantity=2)])
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
