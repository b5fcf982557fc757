"""Automatic top-up of a buffer store (the region's agreement: topped up by itself when an article falls below its säkerhetsnivå).

What is ordered is on order until it has been received or will not come, and a line has one top-up at a time: so neither two withdrawals at
once, a task that runs twice, a late delivery nor a changed level orders anything twice. What keeps it so is the lock on the store's lines,
and under it the constraint of `TopUp`.
"""

import dataclasses
import datetime
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Assignment, Customer
from accounts.workdays import calendar
from buffer import actions as stock
from buffer.models import StockLine, Store
from catalog.models import Article
from core.lifecycle import IllegalMove
from core.templatetags.ui import long_day
from core.workdays import add_workdays, is_workday
from integration import outbox
from integration.numbers import next_number
from ordering.sending import payer_of
from orders import rules, sesam2
from orders.actions.drafts import article_fields
from orders.models import Order, OrderLine, Status, TopUp

# A gathered order is sent so many working days before the delivery day, which the centre needs to pick it.
WORKDAYS_BEFORE_DELIVERY = 2
DAYS_LOOKED_AHEAD = 21
HOLDS = [TopUp.State.OPEN, TopUp.State.STOPPED]


class StillComing(Exception):
    """Some of what the stopped top-up ordered has come, and waits to be received."""


@dataclasses.dataclass(frozen=True)
class Need:
    """A line that is below its säkerhetsnivå, how many would fill it, and why they are not ordered now, in Swedish; "" when they are to be."""

    line: StockLine
    quantity: int
    hindrance: str
    top_up: TopUp | None = None


def lines_below(store: Store) -> list[StockLine]:
    """Those that top-up may concern, with all that is said and sent of their articles."""
    lines = StockLine.objects.below().filter(store=store).select_related("article__supplier", "article__local").order_by("place_sort", "pk")
    return list(lines)


def needs(store: Store, lines: Iterable[StockLine], *, today: datetime.date) -> list[Need]:
    """What of the lines is to be ordered, and what is not, and why. `lines` are below their levels."""
    lines = list(lines)
    held = {top_up.stock_line_id: top_up for top_up in TopUp.objects.filter(stock_line__in=lines, state__in=HOLDS).select_related("order_line__order")}
    return [Need(line, quantity_of(line, today), _hindrance(store, line, held.get(line.pk), today), held.get(line.pk)) for line in lines]


def quantity_of(line: StockLine, today: datetime.date) -> int:
    """Up to the target level, in whole packs, and no less than the supplier sells."""
    wanted = max(1, line.target_level - line.on_hand - line.on_order)
    price = line.article.current_price(today) if line.article.local_value("shown_price") is None else None
    wanted = max(wanted, price.min_order_quantity if price is not None and price.min_order_quantity else 1)
    pack = rules.pack_of(line.article)
    return -(-wanted // pack) * pack


def _hindrance(store: Store, line: StockLine, held: TopUp | None, today: datetime.date) -> str:
    if held is not None and held.state == TopUp.State.STOPPED:
        return f"Stoppad: {held.reason}"
    if held is not None:
        return f"{held.order_line.on_order} är redan på väg i {held.order_line.order.number}."
    if line.is_paused:
        return f"Pausad: {line.pause_reason}"
    if store.is_paused:
        return f"Förrådets påfyllning är pausad: {store.pause_reason}"
    if not line.article.is_orderable:
        return "Artikeln går inte längre att beställa."
    return ""


def gathered_for(store: Store, today: datetime.date) -> datetime.date | None:
    """The delivery day that an order is to be sent for now; None while the next one is too far off, or has been ordered for."""
    day = next_delivery_day(store, today)
    if day is None or add_workdays(today, WORKDAYS_BEFORE_DELIVERY, calendar()) < day:
        return None
    return None if Order.objects.filter(store=store, gathered_for=day).exists() else day


def next_delivery_day(store: Store, today: datetime.date) -> datetime.date | None:
    """The store's first delivery day after today that is a working day."""
    region = calendar()
    days = (today + datetime.timedelta(days=ahead) for ahead in range(1, DAYS_LOOKED_AHEAD))
    return next((day for day in days if day.isoweekday() in store.delivery_days and is_workday(day, region)), None)


def customer_of(store: Store) -> Customer | None:
    """Who pays for what comes by itself: the unit's standardkund."""
    return store.unit.customers.order_by("-is_standard", "number").first()


# --- Ordering ----------------------------------------------------------------------------------------


@transaction.atomic
def top_up(store: Store, *, only: Collection[Article] | None = None, today: datetime.date | None = None) -> str | None:
    """Order what is below its level, up to its target, in one order; None when there is nothing to order now. Returns the order's number.

    `only` are the articles that the caller holds locked already. A store that gathers orders waits for its delivery day.
    """
    today = today or timezone.localdate()
    # FOR NO KEY UPDATE: two workers gather one order, and nobody who only points at the store waits.
    rows = Store.objects.select_related("unit__provider")
    gathers = store.top_up == Store.TopUp.BY_DELIVERY_DAY
    if gathers:
        if only is not None:
            return None
        rows = rows.select_for_update(of=("self",), no_key=True)
    store = rows.get(pk=store.pk)
    customer = customer_of(store)
    day = gathered_for(store, today) if gathers else None
    if store.is_paused or not store.is_active or customer is None or (gathers and day is None):
        return None
    below = StockLine.objects.below().filter(store=store, is_paused=False)
    if only is not None:
        below = below.filter(article__in=[article.pk for article in only])
    # One that waited for the lock is asked again whether it is below.
    locked = list(below.select_for_update(of=("self",)).select_related("article__supplier", "article__local").order_by("pk"))
    wanted = [need for need in needs(store, locked, today=today) if not need.hindrance]
    if not wanted:
        return None
    number = next_number("L")
    order = Order.objects.create(
        kind=Order.Kind.STOCK,
        store=store,
        unit=store.unit,
        is_automatic=True,
        gathered_for=day,
        requested_on=day,
        customer=customer,
        method=Order.Method.UNIT,
    )
    lines = []
    for place, need in enumerate(wanted, start=1):
        line = OrderLine.objects.create(order=order, line=place, quantity=need.quantity, on_order=need.quantity, **article_fields(need.line.article))
        TopUp.objects.create(stock_line=need.line, order_line=line)
        stock.add_on_order(store, need.line.article, need.quantity)
        lines.append(line)
    now = timezone.now()
    order.move_to(Status.PLACED, event="TOPPED_UP", number=number, placed_at=now, changed_at=now, **payer_of(customer))
    outbox.queue("StockOrder", subject=number, body=sesam2.stock_order(order, lines))
    return number


def stores_in_need() -> list[int]:
    """The stores that have something to order, whether or not it is their day: what the sweep looks at."""
    held = TopUp.objects.filter(stock_line=OuterRef("pk"), state__in=HOLDS)
    lines = StockLine.objects.below().filter(~Exists(held), is_paused=False, store__is_paused=False, store__is_active=True)
    return list(lines.order_by("store").values_list("store", flat=True).distinct())


# --- Letting go --------------------------------------------------------------------------------------


@transaction.atomic
def release(top_up_id: int, *, by: Assignment) -> TopUp:
    """Let an article that was stopped be topped up again: it is ordered at once, or for the next delivery day.

    Raises `IllegalMove` when it is not stopped any more, and `StillComing`.
    """
    found = TopUp.objects.select_related("stock_line__store__unit__provider", "stock_line__article", "order_line__order")
    seen = found.get(pk=top_up_id)
    line = seen.stock_line
    stock.lock(line.store, [line.article])
    if seen.order_line.on_order:
        raise StillComing
    now = timezone.now()
    stopped = TopUp.objects.filter(pk=top_up_id, state=TopUp.State.STOPPED)
    if not stopped.update(state=TopUp.State.RELEASED, reason="", released_by=by, released_at=now):
        raise IllegalMove("not stopped")
    seen.order_line.order.tell("RELEASED", by=by, details={"lines": [{"name": line.article.display_name, "quantity": seen.order_line.quantity}]})
    top_up(line.store, only=[line.article])
    return seen


def waits_until(store: Store, today: datetime.date) -> str:
    """When what is below its level is ordered, in Swedish."""
    if store.top_up == Store.TopUp.AT_ONCE:
        return "Beställs genast."
    day = next_delivery_day(store, today)
    return f"Beställs samlat till {long_day(day)}." if day else "Förrådet har ingen leveransdag."
