"""Förrådsbeställning: what a person orders to a buffer store, beside what tops it up by itself. As a kundorder: a draft that is checked and sent."""

import datetime
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment, Customer
from accounts.workdays import calendar
from buffer import actions as stock
from buffer.models import Store
from catalog.models import Article
from core.lifecycle import IllegalMove
from integration import outbox
from integration.numbers import next_number
from ordering.sending import AlreadySent, NotReady, NotSeen, Problem, customer_problems, payer_of
from orders import rules, sesam2
from orders.actions import top_up, wishes
from orders.actions.drafts import TooMany, article_fields, lock_draft, next_line
from orders.actions.orders import freeze, lines_to_send
from orders.models import MOST_OF_AN_ARTICLE, Order, OrderLine, Status

RESOURCE = Order.Kind.STOCK.label


@transaction.atomic
def start(store: Store, *, by: Assignment) -> Order:
    """A draft to the store; the one that `by` began and left empty, if there is one."""
    mine = Order.objects.to_stores().drafts().filter(store=store, orderer=by, lines__isnull=True, again_of__isnull=True)
    return mine.first() or Order.objects.create(
        kind=Order.Kind.STOCK,
        store=store,
        unit=store.unit,
        orderer=by,
        customer=top_up.customer_of(store),
        method=Order.Method.UNIT,
    )


@transaction.atomic
def save(order: Order, *, customer: Customer | None, requested_on: datetime.date | None, quantities: Mapping[int, int], seen: int | None = None) -> None:
    """Write what was typed; `quantities` by line number. Raises as `drafts.save` does."""
    lock_draft(order, seen=seen)
    Order.objects.filter(pk=order.pk).update(customer=customer, requested_on=requested_on)
    for line in OrderLine.objects.filter(order=order, line__in=quantities):
        if line.quantity != quantities[line.line]:
            OrderLine.objects.filter(pk=line.pk).update(quantity=quantities[line.line])


@transaction.atomic
def add_article(order: Order, article: Article) -> OrderLine:
    """A new line, or more on the line that has the article: one, or one pack. Raises `drafts.TooMany`, and `IllegalMove` as `drafts.save` does."""
    lock_draft(order)
    line = OrderLine.objects.filter(order=order, article=article).first()
    total = rules.pack_of(article) + (line.quantity if line else 0)
    if total > MOST_OF_AN_ARTICLE:
        raise TooMany
    if line is None:
        return OrderLine.objects.create(order=order, line=next_line(order), quantity=total, **article_fields(article))
    OrderLine.objects.filter(pk=line.pk).update(quantity=total)
    return line


def problems_of(order: Order, lines: Sequence[OrderLine], *, today: datetime.date) -> list[Problem]:
    """Why the draft cannot be sent, as (field, Swedish text)."""
    found: list[Problem] = []
    if not lines:
        found.append(("q", "Lägg till minst en artikel."))
    for line in lines:
        field = f"quantity_{line.line}"
        if not line.article.is_orderable:
            found.append((field, f"{line.article.display_name} går inte längre att beställa. Ta bort raden och välj en annan artikel."))
        elif text := rules.quantity_problem(line.article, line.quantity, today=today):
            found.append((field, text))
    found.extend(customer_problems(order.customer, unit_id=order.unit_id))
    if order.requested_on is not None and (text := wishes.day_problem(order.requested_on, today=today, region=calendar())):
        found.append(("requested_on", text))
    if order.store is None or not order.store.is_active:
        found.append(("", "Förrådet används inte längre."))
    return found


@transaction.atomic
def place(order: Order, *, by: Assignment, seen: int | None = None) -> str:
    """Send the draft: number, prices, what the store has on order, history and message; all or nothing. Returns the number.

    `seen` is the version that was checked. Raises as `orders.place` does.
    """
    locked = Order.objects.select_for_update(of=("self",)).select_related("customer", "store__unit", "unit__provider")
    order = locked.get(pk=order.pk, kind=Order.Kind.STOCK)
    if order.status != Status.DRAFT:
        if order.number is None:
            raise IllegalMove("thrown away")
        raise AlreadySent(order.number)
    if seen is not None and seen != order.version:
        raise NotSeen
    today = timezone.localdate()
    lines = lines_to_send(order)
    if problems := problems_of(order, lines, today=today):
        raise NotReady(problems)
    assert order.store is not None  # problems_of has asked
    stock.lock(order.store, [line.article for line in lines])
    for line in lines:
        freeze(line, today)
        stock.add_on_order(order.store, line.article, line.quantity)
        OrderLine.objects.filter(pk=line.pk).update(on_order=line.quantity)
    number, now = next_number("L"), timezone.now()
    order.orderer = by
    order.move_to(Status.PLACED, event="PLACED", by=by, number=number, placed_at=now, changed_at=now, orderer=by, **payer_of(order.customer))
    outbox.queue("StockOrder", subject=number, body=sesam2.stock_order(order, lines))
    return number
