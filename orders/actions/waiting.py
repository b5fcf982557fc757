"""What a store waits for of an order: counted from all that SESAM2 and the store have told, and kept as `on_order`, line by line and in the store.

What has come is waited for until somebody has received it; what was received, or found missing or damaged, is waited for no more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from buffer import actions as stock
from buffer.models import Store
from catalog.models import Article
from orders.models import DespatchLine, Order, OrderLine, ReceiptLine, TopUp

_State = TopUp.State


def settle(order: Order, lines: Mapping[int, OrderLine], advised: Mapping[tuple[str, int], DespatchLine]) -> None:
    """Set `on_order` of the order's lines, in memory, and what the store has on order, by what they were before; then close or stop top-ups.

    `advised` are the lines of despatches, by the despatch's number and the line's key. The order is locked by the caller.
    """
    counted: defaultdict[int, int] = defaultdict(int)
    for found in ReceiptLine.objects.filter(receipt__order=order).select_related("receipt"):
        advice = advised.get((found.receipt.despatch_number, found.line_id))
        # What the följesedel said, and nobody has accounted for, is missing without a word.
        counted[found.line_id] += max(found.counted, advice.quantity if advice else 0)
    assert order.store is not None  # an order to a store has one: constraint
    # All at once, in one order, also those that do not move: what is topped up is read under this lock.
    stock.lock(order.store, [line.article for line in lines.values()])
    before = {line.pk: line.on_order for line in lines.values()}
    for line in lines.values():
        line.on_order = max(0, line.delivered + line.outstanding - counted[line.pk])
    _book(order.store, [(line.article, line.on_order - before[line.pk]) for line in lines.values()])
    _close(lines.values())


def _book(store: Store, changes: Iterable[tuple[Article, int]]) -> None:
    """The differences, in what the store has on order. Its lines are locked by the caller."""
    differences: Counter[Article] = Counter()
    for article, difference in changes:
        differences[article] += difference
    moved = {article: difference for article, difference in differences.items() if difference}
    for article, difference in moved.items():
        if difference > 0:
            stock.add_on_order(store, article, difference)
        else:
            stock.take_off_order(store, article, -difference)


def _close(lines: Iterable[OrderLine]) -> None:
    """What became of the top-ups of the lines. One that a person has let go stays so; a line has one under way, so an old one never comes back."""
    by_line = {line.pk: line for line in lines}
    for top_up in TopUp.objects.filter(order_line__in=by_line).exclude(state=_State.RELEASED).select_for_update().order_by("pk"):
        line = by_line[top_up.order_line_id]
        state, reason = _state_of(line)
        if (state, reason) == (top_up.state, top_up.reason):
            continue
        if top_up.state == _State.CLOSED and TopUp.objects.filter(stock_line=top_up.stock_line_id, state__in=[_State.OPEN, _State.STOPPED]).exists():
            continue
        TopUp.objects.filter(pk=top_up.pk).update(state=state, reason=reason)


def _state_of(line: OrderLine) -> tuple[str, str]:
    """Stopped when the centre will not send all of it, or sends something else: asked again, it would answer the same."""
    if line.cancelled and (line.order.is_cancelled or line.cancelled_sequence is not None):
        return _State.STOPPED, f"{line.cancelled} makulerades i {line.order.number}."
    if line.replacement is not None:
        return _State.STOPPED, f"Ersattes med {line.replacement['name']} i {line.order.number}."
    return (_State.OPEN if line.on_order else _State.CLOSED), ""
