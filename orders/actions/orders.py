"""A kundorder is sent, and ordered again."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from accounts.models import Assignment
from accounts.permissions import Permission, may
from catalog.models import Article, Mode, Price
from catalog.rights import Verdict, verdicts
from core.lifecycle import IllegalMove
from integration import outbox
from integration.numbers import next_number
from ordering import actions as common
from ordering.sending import AlreadySent, NotReady, NotSeen, address_of, customer_problems, delivery_problems, payer_of
from orders import rules, sesam2
from orders.actions import wishes
from orders.actions.drafts import CARRIED_OVER
from orders.models import MOST_OF_AN_ARTICLE, Order, OrderLine, Status, UrgentFee
from patients import access

RESOURCE = "Kundorder"


class NeedsApproval(Exception):
    """The draft holds what an approver at the unit must approve; it is sent by `approvals.ask`."""


def lines_of(order: Order) -> list[OrderLine]:
    """The order's lines with all that is shown and sent of their articles, in a fixed number of queries."""
    found = order.lines.select_related("substituted_for__local", "main", "replacement_article__local", "top_up", "loan")
    return list(found.prefetch_related(Prefetch("article", Article.objects.for_cards())).order_by("line"))


def lines_to_send(order: Order) -> list[OrderLine]:
    """The order's lines with what is checked and sent of their articles; no pictures."""
    lines = list(order.lines.select_related("article__supplier", "article__local__substitution_group", "main").order_by("line"))
    # The centre's own price wins; only the others' prices are looked up in the feed's lists.
    without_price = [line for line in lines if line.article.local_value("shown_price") is None]
    prefetch_related_objects(without_price, Prefetch("article__prices", Price.objects.usable().not_past(timezone.localdate()), to_attr="fetched_prices"))
    return lines


def verdicts_of(order: Order, lines: Sequence[OrderLine], *, by: Assignment) -> dict[int, Verdict]:
    """What prescribing right and assortment say of each line, by its number. The prescriber's profession counts."""
    found = verdicts([line.article for line in lines], by=by, prescriber=order.prescriber)
    return {line.line: found[line.article_id] for line in lines}


def problems_of(
    order: Order, lines: Sequence[OrderLine], *, by: Assignment, today: datetime.date, judged: dict[int, Verdict] | None = None
) -> list[tuple[str, str]]:
    """Why `by`, whose assignment is in force, cannot send the draft, as (field, Swedish text). Empty when it can be sent.

    `judged` are the lines' verdicts, for who has them already.
    """
    judged = verdicts_of(order, lines, by=by) if judged is None else judged
    sheet = rules.sheet(order, lines, by=by, today=today)
    found: list[tuple[str, str]] = []
    if not lines:
        found.append(("q", "Lägg till minst en artikel."))
    for row in sheet.rows:
        found.extend((remark.field, remark.text) for remark in row.remarks if remark.field)
        if row.line.article.is_orderable and (text := rules.quantity_problem(row.line.article, row.line.quantity, today=today)):
            found.append((f"quantity_{row.line.line}", text))
    found.extend(
        (f"quantity_{line.line}", f"{line.article.display_name}: {' '.join(judged[line.line].deciding)}")
        for line in lines
        if judged[line.line].mode is Mode.BLOCK
    )
    found.extend(customer_problems(order.customer, unit_id=order.unit_id))
    if not may_stand_as_prescriber(order.prescriber, by=by, unit_id=order.unit_id):
        found.append(("prescriber", "Välj vem som förskriver."))
    found.extend(wishes.problems(order, sheet, today=today))
    found.extend(delivery_problems(order))
    return found


def may_stand_as_prescriber(prescriber: Assignment | None, *, by: Assignment, unit_id: int) -> bool:
    """On an order of the unit that `by`, whose assignment is in force, sends."""
    if prescriber is None or not may(prescriber, Permission.PRESCRIBE) or prescriber.unit_id != unit_id:
        return False
    return prescriber == by or Assignment.objects.current().filter(pk=prescriber.pk).exists()


@transaction.atomic
def place(order: Order, *, by: Assignment, seen: int | None = None) -> str:
    """Send the draft: number, address as it is now, prices, history, message and log row; all or nothing. Returns the number.

    `seen` is the version that was checked. Raises `NotReady`, `NotSeen` when it was changed since, `AlreadySent` when
    somebody was first, `NeedsApproval`, and `access.NoSuchPatient`.
    """
    # Without the patient: a join to one that is merged while we wait for the lock would find no order at all.
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order.pk)
    if order.kind != Order.Kind.CUSTOMER:
        raise IllegalMove("no kundorder")
    if order.status != Status.DRAFT:
        if order.number is None:
            raise IllegalMove("thrown away, or waits for approval")
        raise AlreadySent(order.number)
    if seen is not None and seen != order.version:
        raise NotSeen
    return put_through(order, by=by, orderer=by)


def put_through(order: Order, *, by: Assignment, orderer: Assignment, is_approved: bool = False) -> str:
    """Send a locked order that may be sent: the part of `place` that an approval shares. `by` is who does it, `orderer` whose order it is."""
    # What the request has read of the one who sends is not read again.
    if order.unit_id == by.unit_id:
        order.unit = by.unit
    if order.prescriber_id == by.pk:
        order.prescriber = by
    number = next_number("K")
    order.patient = access.open_patient(
        by, order.patient.public_id, action=access.Action.SIGN, activity="Skicka kundorder", resource=access.Resource(RESOURCE, number)
    )
    today = timezone.localdate()
    lines = lines_to_send(order)
    judged = verdicts_of(order, lines, by=by)
    problems = problems_of(order, lines, by=by, today=today, judged=judged)
    if problems:
        raise NotReady(problems)
    if not is_approved and any(verdict.mode is Mode.APPROVAL for verdict in judged.values()):
        raise NeedsApproval
    for line in lines:
        freeze(line, today)
    if order.purpose != Order.Purpose.LOAN:
        order.lines.update(loan_purpose=order.purpose, loan_ends_on=order.ends_on)
    fields = delivery_of(order, orderer) | payer_of(order.customer) | _terms(order, today)
    now = timezone.now()
    order.move_to(Status.PLACED, event="PLACED", by=by, number=number, placed_at=now, changed_at=now, orderer=orderer, **fields)
    files = [link.attachment for link in order.attachments.select_related("attachment").order_by("id")]
    outbox.queue("CustomerOrder", subject=number, body=sesam2.customer_order(order, lines, files))
    return number


def freeze(line: OrderLine, today: datetime.date) -> None:
    """The line's own copy of what the catalogue says now; seldom another than when the article was added."""
    article = line.article
    now = {"article_name": article.display_name, "article_number": article.display_number, "unit_price": article.unit_price(today)}
    changed = [name for name, value in now.items() if getattr(line, name) != value]
    for name in changed:
        setattr(line, name, now[name])
    if changed:
        line.save(update_fields=changed)


def _terms(order: Order, today: datetime.date) -> dict[str, Any]:
    """What holds for the whole order from now on: an end for what has one, and the fee for haste."""
    fee = UrgentFee.objects.in_force(today) if order.is_urgent else None
    return {"ends_on": None if order.purpose == Order.Purpose.LOAN else order.ends_on, "urgent_fee": fee.amount if fee else None}


def delivery_of(order: Order, by: Assignment) -> dict[str, Any]:
    """Where it goes, copied, and who is told."""
    return address_of(order, by) | told_of(order)


def told_of(order: Order) -> dict[str, Any]:
    """Nobody is told of a delivery that is settled with the unit; else nothing is changed."""
    nobody = {"notify_sms": "", "notify_phone": "", "notify_email": "", "notify_by_letter": False}
    return nobody if order.method == Order.Method.MANUAL_CONTACT else {}


@transaction.atomic
def order_again(order: Order, *, by: Assignment) -> Order:
    """A new draft with what was cancelled carried over, files and all that was filled in; the one already made, if it is still a draft.

    Raises `IllegalMove` when nothing was cancelled, or of a top-up, which is let go instead; and `AlreadyOrderedAgain`.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("unit", "prescriber", "store").get(pk=order.pk)
    if not order.can_be_ordered_again or order.is_automatic:
        raise IllegalMove("nothing was cancelled, or nobody had ordered it")
    made: Order | None = common.ordered_again(order, by=by)
    if made is not None:
        return made
    today = timezone.localdate()
    draft = Order.objects.create(
        kind=order.kind,
        store=order.store,
        unit=order.unit,
        patient=order.patient,
        orderer=by,
        requested_on=order.requested_on if order.requested_on and order.requested_on >= today else None,
        is_urgent=order.is_urgent,
        again_of=order,
        **{name: getattr(order, name) for name in CARRIED_OVER},
    )
    _carry_over(order, draft)
    draft.attachments.bulk_create([type(link)(order=draft, attachment_id=link.attachment_id) for link in order.attachments.order_by("id")])
    if order.patient_id is not None:
        access.write(by, [order.patient], action=access.Action.WRITE, activity="Beställ igen", resource=access.Resource(RESOURCE, str(order.number)))
    return draft


def _carry_over(order: Order, draft: Order) -> None:
    """What was cancelled, with what was written about it. An accessory whose main aid came goes by itself: where it belongs must be chosen anew."""
    missing = [line for line in order.lines.select_related("article").order_by("line") if line.cancelled]
    names = ("individual_number", "misfit_reason", "exception_reason", "configuration", "substituted_for_id", "article_name", "article_number", "unit_price")
    made = {
        line.pk: OrderLine(
            order=draft,
            line=number,
            article=line.article,
            quantity=min(line.cancelled, MOST_OF_AN_ARTICLE),
            **{name: getattr(line, name) for name in names},
        )
        for number, line in enumerate(missing, start=1)
    }
    for under in (False, True):
        lines = [(line, made[line.pk]) for line in missing if (line.main_id in made) == under]
        for line, copy in lines:
            copy.main = made.get(line.main_id or 0)
        OrderLine.objects.bulk_create(copy for _, copy in lines)
