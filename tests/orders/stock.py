"""A store, what lies in it, and what is done with it, each as one call; and what is looked at afterwards."""

import datetime
import itertools
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import Assignment
from accounts.roles import Role
from buffer import actions as ledger
from buffer.models import Movement, StockLine, Store
from catalog.models import LocalArticle
from orders.actions import receiving, stock_orders, withdrawals
from orders.actions.receiving import Found
from orders.actions.withdrawals import Facts, Taken
from orders.models import Order, OrderLine, Receipt, TopUp
from patients.models import Loan, Patient
from tests import factories

_counter = itertools.count(1)
# What lay in the store before the tests' own orders.
FIRST = "L-2020-00000001-1"


def manager() -> Assignment:
    """Buffertansvarig at Alice's unit."""
    return factories.assignment("Maria Malm", Role.STORE_MANAGER, at=factories.unit())


def store(by: Assignment | None = None, **fields: Any) -> Store:
    by = by or factories.alice()
    number = next(_counter)
    return Store.objects.create(**{"number": f"F{number:04}", "unit": by.unit, "name": f"Förrådet {number}"} | fields)


def stocked(
    at: Store, quantity: int = 0, *numbers: str, safety: int = 0, target: int = 0, name: str = "Rollator Lyft", marked: bool = False, **article: Any
) -> StockLine:
    """A line with so many, of which these have a number of their own."""
    made = factories.article(name, **article)
    if marked:
        LocalArticle.objects.filter(article=made).update(is_individual_marked=True)
    if quantity or numbers:
        ledger.receive(at, made, by=factories.alice(), order_number=FIRST, quantity=max(quantity, len(numbers)), individual_numbers=numbers)
    line, _ = StockLine.objects.get_or_create(store=at, article=made)
    StockLine.objects.filter(pk=line.pk).update(safety_level=safety, target_level=max(target, safety))
    return again(line)


def again(line: StockLine) -> StockLine:
    """The line as it is now."""
    return StockLine.objects.select_related("store__unit__provider", "article__supplier", "article__local").get(pk=line.pk)


def told(by: Assignment, **changes: Any) -> Facts:
    facts = {"prescriber": by, "customer": by.unit.customers.get(is_standard=True), "withdrawn_at": timezone.now(), "late_reason": ""}
    return Facts(**facts | changes)


def withdraw(
    *taken: tuple[StockLine, int] | tuple[StockLine, int, str],
    by: Assignment | None = None,
    to: Sequence[Patient] = (),
    press: uuid.UUID | None = None,
    **changes: Any,
) -> list[Order]:
    """Register an uttag; each of `taken` is (line, quantity) or (line, 1, individual number)."""
    by = by or factories.alice()
    patients = [patient.public_id for patient in (to or [factories.patient(by)])]
    items = [Taken(item[0].article, *item[1:]) for item in taken]
    made = withdrawals.withdraw(taken[0][0].store, by=by, patients=patients, taken=items, told=told(by, **changes), press=press or uuid.uuid4())
    return list(Order.objects.filter(number__in=made).order_by("press_place"))


def ordered(at: Store, *articles: tuple[Any, int], by: Assignment | None = None) -> Order:
    """A sent förrådsbeställning, by hand."""
    by = by or manager()
    draft = stock_orders.start(at, by=by)
    for article, _ in articles:
        stock_orders.add_article(draft, article)
    quantities = {line.line: {article.pk: count for article, count in articles}[line.article_id] for line in draft.lines.all()}
    stock_orders.save(draft, customer=draft.customer, requested_on=None, quantities=quantities)
    return Order.objects.get(number=stock_orders.place(draft, by=by))


def numbers(line: StockLine) -> tuple[int, int]:
    """(on hand, on order) now."""
    now = again(line)
    return now.on_hand, now.on_order


def top_ups(line: StockLine) -> list[str]:
    """The states of the line's top-ups, oldest first."""
    return list(TopUp.objects.filter(stock_line=line).order_by("pk").values_list("state", flat=True))


def automatic(at: Store) -> list[Order]:
    return list(Order.objects.to_stores().filter(store=at, is_automatic=True).order_by("pk"))


def days_ago(days: float) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(days=days)


def assert_adds_up() -> None:
    """What is true of all stores at any moment."""
    for line in StockLine.objects.annotate(moved=Sum("movements__change")):
        assert line.on_hand == (line.moved or 0)
        waited_for = (
            OrderLine.objects.filter(order__store=line.store_id, article=line.article_id, order__kind="STOCK").aggregate(all=Sum("on_order"))["all"] or 0
        )
        assert line.on_order == waited_for
    held = TopUp.objects.filter(state__in=["OPEN", "STOPPED"]).values_list("stock_line", flat=True)
    assert len(held) == len(set(held))
    # Every withdrawal in the ledger is one to a patient, and each of its pieces a loan of that patient.
    for number, change in Movement.objects.filter(kind="WITHDRAWAL", by__isnull=False).values_list("order_number").annotate(all=Sum("change")):
        order = Order.objects.get(number=number, kind="WITHDRAWAL", patient__isnull=False)
        lent = Loan.objects.filter(order_number=number, patient=order.patient_id).exclude(ended_at=F("started_at"))
        assert sum(loan.quantity for loan in lent) == -change == sum(order.lines.values_list("quantity", flat=True))


def receive(order: Order, despatch: str, *, missing: int = 0, damaged: int = 0, by: Assignment | None = None) -> Receipt:
    """All that the följesedel says, but for so many of its first line."""
    found = receiving.as_announced(receiving.announced(order, despatch))
    if missing or damaged:
        first = min(found)
        found[first] = Found(found[first].received - missing - damaged, damaged)
    return receiving.receive(order, despatch, by=by or manager(), found=found)
