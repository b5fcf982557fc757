"""A year of some stores, by chance but always the same: uttag, late and partial deliveries, cancellations, counts, a changed level, SESAM2 away for days,
workers that are killed in the middle and asked twice. The ledger equals the stock all the way, and nothing is lost.

The suite lives a little of it; `STOCK_YEAR=20x150x365 pytest tests/orders/test_stock_year.py -n0 -s` is 20 stores, 150 articles, 365 days.
"""

import collections
import datetime
import os
import random
import time
import uuid
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from buffer.actions import counting
from buffer.actions.corrections import find, lose
from buffer.checking import breaches
from buffer.models import StockLine, Store
from catalog.models import Article
from integration.models import OutgoingMessage
from ordering.sending import NotReady
from orders.actions import receiving, top_up, withdrawals
from orders.actions.receiving import AlreadyReceived, Found
from orders.actions.withdrawals import AlreadyTaken, Taken
from orders.models import Order, OrderLine, Receipt, TopUp
from orders.sesam2 import Answer, AnsweredLine, DespatchedLine, Response
from tests import factories
from tests.orders import stock, told

pytestmark = pytest.mark.django_db(transaction=True)
STORES, ARTICLES, DAYS = (int(part) for part in os.environ.get("STOCK_YEAR", "2x5x8").split("x"))
FIRST_DAY = datetime.date(2027, 1, 4)
AWAY = 3  # days that SESAM2 is away, now and then


class Centre:
    """SESAM2 and the warehouse: takes what the outbox holds when it is not away, and answers, sends and delivers days later, not always in order."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.says: list[tuple[int, str, Any]] = []  # (day, order, report)
        self.arrives: list[tuple[int, str, str, dict[int, int]]] = []  # (day, order, följesedel, what is really in it)
        self.sequence: collections.Counter[str] = collections.Counter()

    def live(self, day: int, *, is_away: bool) -> None:
        if is_away:
            return
        for message in OutgoingMessage.objects.filter(message_type="StockOrder", state="WAITING").order_by("created_at"):
            OutgoingMessage.objects.filter(pk=message.pk).update(state="DONE", done_at=timezone.now())
            self._plan(day, message.subject, {line["line"]: line["quantity"] for line in message.payload["body"]["lines"]})
        due = [said for said in self.says if said[0] <= day]
        self.says = [said for said in self.says if said[0] > day]
        self.chance.shuffle(due)
        for _, number, report in due:
            for _ in range(1 + (self.chance.random() < 0.1)):
                report(Order.objects.get(number=number))

    def _plan(self, day: int, number: str, lines: dict[int, int]) -> None:
        self._say(day, number, told.answered(self._next(number), Answer.RECEIVED, erp=number))
        refused = {line for line in lines if self.chance.random() < 0.01}
        answers = tuple(AnsweredLine(line, line in refused, None, None, None, "Utgått" if line in refused else "") for line in lines)
        response = Response(Answer.CHANGED if refused else Answer.ACCEPTED, number, None, "", answers if refused else ())
        sequence = self._next(number)
        self._say(day, number, lambda order: told.reports.record_response(number, sequence=sequence, response=response))
        left = {line: quantity for line, quantity in lines.items() if line not in refused}
        at = day + self.chance.choice([1, 2, 2, 3, 3, 4, 9, 20])
        for part in range(1, 4):
            if not left:
                return
            share = {line: quantity if part == 3 or self.chance.random() < 0.8 else max(1, quantity // 2) for line, quantity in left.items()}
            self._send(at, number, f"FS-{number}-{part}", share)
            left = {line: quantity - share[line] for line, quantity in left.items() if quantity > share[line]}
            at += self.chance.choice([1, 3, 10])
            if left and self.chance.random() < 0.05:
                self._say(at, number, told.cancelled(self._next(number)))
                return

    def _send(self, day: int, number: str, despatch: str, share: dict[int, int]) -> None:
        self._say(day, number, told.despatched(despatch, *(DespatchedLine(line, quantity, (), "", "") for line, quantity in share.items())))
        if self.chance.random() < 0.9:
            self._say(day + 1, number, self._once(told.delivered(self._next(number), despatch, receipted=False)))
        self.arrives.append((day + 1, number, despatch, share))

    @staticmethod
    def _once(report: Any) -> Any:
        """The inbox handles a messageId once; a delivery is the one report that is not the same a second time."""
        done: list[str] = []

        def tell(order: Order) -> None:
            if not done:
                report(order)
                done.append("")

        return tell

    def _say(self, day: int, number: str, report: Any) -> None:
        self.says.append((day + self.chance.choice([0, 0, 0, 1, 2]), number, report))

    def _next(self, number: str) -> int:
        self.sequence[number] += 1
        return self.sequence[number]


class Year:
    def __init__(self) -> None:
        self.chance = random.Random(int(os.environ.get("STOCK_SEED", "11")))
        self.alice, self.maria = factories.alice(), stock.manager()
        self.patients = [factories.patient(self.alice) for _ in range(8)]
        self.told = stock.told(self.alice)
        articles = [factories.article(f"Artikel {number}") for number in range(ARTICLES)]
        self.articles = {article.pk: article for article in articles}
        self.stores = []
        for number in range(STORES):
            gathers = number % 2 == 1
            days = {"top_up": Store.TopUp.BY_DELIVERY_DAY, "delivery_days": [2, 5]} if gathers else {}
            self.stores.append(stock.store(self.alice, **days))
            self._fill(self.stores[-1], articles)
        self.centre = Centre(self.chance)
        self.counts: collections.Counter[str] = collections.Counter()

    def _fill(self, at: Store, articles: list[Article]) -> None:
        for article in articles:
            safety = self.chance.randint(2, 6)
            stock.ledger.receive(at, article, by=self.alice, order_number=stock.FIRST, quantity=safety + self.chance.randint(0, 6))
            StockLine.objects.filter(store=at, article=article).update(safety_level=safety, target_level=safety + self.chance.randint(1, 12))

    def live(self) -> None:
        away_until = -1
        for day in range(DAYS + 60):
            today = FIRST_DAY + datetime.timedelta(days=day)
            if day < DAYS and self.chance.random() < 0.02:
                away_until = day + AWAY
            for at in self.stores if day < DAYS else []:
                self._take_some(at)
                if self.chance.random() < 0.02:
                    self._count_some(at)
                if self.chance.random() < 0.02:
                    line = self.chance.choice(list(StockLine.objects.filter(store=at)))
                    raised = self.chance.randint(1, 10)
                    StockLine.objects.filter(pk=line.pk).update(safety_level=raised, target_level=raised + 5)
            for at in self.stores:
                for _ in range(self.chance.choice([0, 1, 1, 2])):
                    self.killed_or_done("top_up", lambda at=at, today=today: top_up.top_up(at, today=today))
            if day % 7 == 6:
                self._let_go()
            self.centre.live(day, is_away=day <= away_until)
            self._receive(day)
            if day % 30 == 29:
                self.look()
        self.look()

    def killed_or_done(self, what: str, job: Any) -> Any:
        """Now and then the process is killed before its commit, which the database sees as a connection that is gone; whoever asked asks again."""
        while True:
            is_killed = self.chance.random() < 0.05
            try:
                with transaction.atomic():
                    done = job()
                    if is_killed:
                        with connection.cursor() as cursor:
                            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            except OperationalError:
                assert is_killed
                connection.close()
                self.counts[f"{what}, killed"] += 1
                continue
            self.counts[what] += 1
            return done

    def _take_some(self, at: Store) -> None:
        for _ in range(self.chance.choice([0, 1, 1, 2, 3]) * max(1, ARTICLES // 50)):
            press = uuid.UUID(int=self.chance.getrandbits(128), version=4)
            taken = [
                Taken(self.articles[pk], self.chance.choice([1, 1, 1, 2])) for pk in self.chance.sample(list(self.articles), self.chance.choice([1, 1, 2]))
            ]
            to = [patient.public_id for patient in self.chance.sample(self.patients, self.chance.choice([1, 1, 1, 2]))]

            def take(at: Store = at, press: uuid.UUID = press, taken: Any = taken, to: Any = to) -> None:
                withdrawals.withdraw(at, by=self.alice, patients=to, taken=taken, told=self.told, press=press)

            try:
                self.killed_or_done("withdrawals", take)
            except NotReady:
                self.counts["withdrawals, refused"] += 1
                continue
            if self.chance.random() < 0.05:
                # The answer never reached the browser: pressed again.
                with pytest.raises(AlreadyTaken), transaction.atomic():
                    take()

    def _count_some(self, at: Store) -> None:
        count = counting.start(at, by=self.maria)
        for line in self.chance.sample(list(StockLine.objects.filter(store=at)), min(5, ARTICLES)):
            found = max(0, line.on_hand + self.chance.choice([-1, 0, 0, 0, 1]))
            counting.enter(count, line, by=self.maria, counted=found)
        shown = {one.entry.line_id: one.change for one in counting.differences(count)}
        reasons = {pk: ("MISCOUNTED", "") for pk, difference in shown.items() if difference}
        self.killed_or_done("counts", lambda: counting.book(count, by=self.maria, reasons=reasons, seen=shown))
        line = self.chance.choice(list(StockLine.objects.filter(store=at, on_hand__gt=0)) or [None])
        if line is not None:
            article = self.articles[line.article_id]
            lose(at, article, by=self.maria, quantity=1, note="Borta")
            find(at, article, by=self.maria, quantity=1, note="Under bänken")

    def _let_go(self) -> None:
        for stopped in TopUp.objects.filter(state="STOPPED").select_related("order_line"):
            try:
                self.killed_or_done("let go", lambda pk=stopped.pk: top_up.release(pk, by=self.maria))
            except top_up.StillComing:
                self.counts["let go, still coming"] += 1

    def _receive(self, day: int) -> None:
        """The lorry comes whether or not SESAM2 has told of it; some deliveries lie for days, some are gone through twice."""
        due = [came for came in self.centre.arrives if came[0] <= day]
        for came in due:
            if day < DAYS and self.chance.random() < 0.3:
                continue
            _, number, despatch, share = came
            self.centre.arrives.remove(came)
            order = Order.objects.get(number=number)
            lacking = self.chance.choice([0, 0, 0, 0, 1])
            rows = {line: Found(max(0, quantity - lacking), min(quantity, lacking) if self.chance.random() < 0.5 else 0) for line, quantity in share.items()}
            if not any(row.received or row.damaged for row in rows.values()):
                rows = {line: Found(quantity) for line, quantity in share.items()}
            self.killed_or_done("deliveries", lambda: receiving.receive(order, despatch, by=self.maria, found=rows))  # noqa: B023 - called at once
            if self.chance.random() < 0.1:
                with pytest.raises(AlreadyReceived), transaction.atomic():
                    receiving.receive(order, despatch, by=self.maria, found=rows)

    def look(self) -> None:
        """What must always be so, over whole tables."""
        assert breaches() == []
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM buffer_stockline s WHERE s.on_order <> coalesce((SELECT sum(l.on_order) FROM orders_orderline l "
                "JOIN orders_order o ON o.id = l.order_id WHERE o.kind = 'STOCK' AND o.store_id = s.store_id AND l.article_id = s.article_id), 0)"
            )
            assert cursor.fetchone() == (0,)
            cursor.execute(
                "SELECT stock_line_id FROM orders_topup t JOIN orders_orderline l ON l.id = t.order_line_id "
                "WHERE t.state IN ('OPEN', 'STOPPED') GROUP BY 1 HAVING count(*) > 1"
            )
            assert cursor.fetchall() == []
            # Each uttag in the ledger is an order about a patient, and that patient has, or had, as many on loan by it.
            cursor.execute(
                "SELECT count(*) FROM (SELECT order_number, -sum(change) AS pieces FROM buffer_movement WHERE kind = 'WITHDRAWAL' GROUP BY 1) m "
                "LEFT JOIN orders_order o ON o.number = m.order_number AND o.kind = 'WITHDRAWAL' AND o.patient_id IS NOT NULL "
                "LEFT JOIN (SELECT order_number, patient_id, sum(quantity) AS lent FROM patients_loan GROUP BY 1, 2) p "
                "ON p.order_number = m.order_number AND p.patient_id = o.patient_id WHERE p.lent IS DISTINCT FROM m.pieces"
            )
            assert cursor.fetchone() == (0,)


def test_a_year_adds_up_and_nothing_is_lost() -> None:
    begun = time.perf_counter()
    year = Year()
    year.live()
    # Nothing is under way any more: all that was ordered has come, was cancelled, or was never sent by the centre.
    assert not year.centre.says
    assert not year.centre.arrives
    assert not OrderLine.objects.filter(order__kind="STOCK", on_order__gt=0, top_up__isnull=True).exists()
    # Each message went into the outbox once, with its order; each delivery was told of once.
    for kind, message in (("WITHDRAWAL", "StockWithdrawal"), ("STOCK", "StockOrder")):
        numbers = set(Order.objects.filter(kind=kind).values_list("number", flat=True))
        queued = list(OutgoingMessage.objects.filter(message_type=message).values_list("subject", flat=True))
        assert (len(queued), set(queued)) == (len(numbers), numbers)
    assert OutgoingMessage.objects.filter(message_type="GoodsReceipt").count() == Receipt.objects.count() == year.counts["deliveries"]
    # What is below its level is on its way, waits for its day, or says why not.
    for at in year.stores:
        below = top_up.lines_below(at)
        assert all(need.hindrance or need.quantity for need in top_up.needs(at, below, today=FIRST_DAY))
    orders = Order.objects.to_stores().filter(is_automatic=True).count()
    assert orders > 1
    assert year.counts["withdrawals"] > DAYS
    print(f"\n{STORES} stores, {ARTICLES} articles, {DAYS} days in {time.perf_counter() - begun:.0f} s: {orders} top-ups; {dict(sorted(year.counts.items()))}")  # noqa: T201
