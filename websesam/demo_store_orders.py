"""What the demo's stores have ordered, got and handed out: uttag, a delivery that waits to be received, a top-up that the centre has stopped, a draft."""

import datetime
import uuid

from django.utils import timezone

from accounts.models import Assignment
from accounts.roles import Role
from buffer.models import StockLine, Store
from integration.models import OutgoingMessage
from orders.actions import reports, stock_orders, top_up, withdrawals
from orders.actions.withdrawals import Facts, Taken
from orders.models import Order
from orders.sesam2 import Answer, DespatchedLine, Response
from patients.models import Patient


def load() -> None:
    for store in Store.objects.select_related("unit__provider").order_by("number"):
        here = Assignment.objects.filter(unit=store.unit).select_related("unit__provider", "user").order_by("pk")
        prescriber, manager = here.filter(role=Role.PRESCRIBER).first(), here.filter(role=Role.STORE_MANAGER).first()
        lines = list(StockLine.objects.filter(store=store, on_hand__gt=2, article__local__is_individual_marked=False).select_related("article").order_by("pk"))
        if prescriber is None or manager is None or len(lines) < 4:
            continue
        _withdraw(store, lines, prescriber)
        _await_delivery(store, lines[:2], manager)
        _stop_a_top_up(store)
        # What else is below its level is ordered now, and the stand-in takes it from here.
        top_up.top_up(store)
        stock_orders.add_article(stock_orders.start(store, by=manager), lines[3].article)


def _withdraw(store: Store, lines: list[StockLine], by: Assignment) -> None:
    customer = by.unit.customers.order_by("-is_standard", "number").first()
    for days, patient in enumerate(Patient.objects.visible_to(by).filter(protection="NONE").order_by("pk")[:3]):
        told = Facts(by, customer, timezone.now() - datetime.timedelta(hours=5 * days))
        orderable = [line for line in lines if line.article.is_orderable]
        taken = [Taken(orderable[days % len(orderable)].article)]
        withdrawals.withdraw(store, by=by, patients=[patient.public_id], taken=taken, told=told, press=uuid.uuid4())


def _order(store: Store, lines: list[StockLine], by: Assignment) -> Order:
    draft = stock_orders.start(store, by=by)
    rows = [stock_orders.add_article(draft, line.article) for line in lines]
    stock_orders.save(draft, customer=draft.customer, requested_on=None, quantities={row.line: row.quantity for row in rows})
    return Order.objects.get(number=stock_orders.place(draft, by=by))


def _await_delivery(store: Store, lines: list[StockLine], by: Assignment) -> None:
    """Sent and delivered by the centre's word; nobody has gone through it yet."""
    order = _order(store, lines, by)
    number, now = str(order.number), timezone.now()
    OutgoingMessage.objects.filter(subject=number).update(state=OutgoingMessage.State.DONE, done_at=now)
    promised = timezone.localdate() + datetime.timedelta(days=1)
    reports.record_response(number, sequence=1, response=Response(Answer.ACCEPTED, f"S2-{number[7:15]}", promised, "", ()))
    reports.record_despatch(
        number,
        despatch_number=f"FS-{number[7:15]}-1",
        despatched_at=now,
        expected_on=promised,
        carrier="Hjälpmedelscentralens bil",
        tracking_url="",
        lines=[DespatchedLine(line.line, line.quantity, (), "LOT4711", "") for line in order.lines.order_by("line")],
    )
    reports.record_delivery(
        number, sequence=3, despatch_number=f"FS-{number[7:15]}-1", delivered_at=now, is_receipted=False, signed_by="godsmottagningen", lines=None
    )


def _stop_a_top_up(store: Store) -> None:
    """One article that the centre will not send: it is not ordered again before somebody lets it go."""
    line = StockLine.objects.below().filter(store=store, is_paused=False).select_related("article").order_by("pk").first()
    if line is None or (number := top_up.top_up(store, only=[line.article])) is None:
        return
    OutgoingMessage.objects.filter(subject=number).update(state=OutgoingMessage.State.DONE, done_at=timezone.now())
    reports.record_cancellation(number, sequence=1, reason="Artikeln har utgått hos leverantören", lines=None, was_requested=False)
