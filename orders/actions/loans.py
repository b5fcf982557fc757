"""Trials and short loans: prescribed, prolonged, and remembered before they end."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Assignment
from core.lifecycle import IllegalMove
from core.templatetags.ui import long_day
from integration import outbox
from orders import sesam2
from orders.models import Order, OrderLine
from patients import access
from patients.models import Loan

REMIND_BEFORE = datetime.timedelta(days=7)
RESOURCE = "Kundorder"


def lines_that_end(order: Order) -> list[OrderLine]:
    """The delivered lines that are a trial or a short loan."""
    lines = order.lines.exclude(loan_purpose=Order.Purpose.LOAN).filter(delivered__gt=0)
    return list(lines.select_related("article__local", "article__supplier").order_by("line"))


@transaction.atomic
def change_loan(order: Order, *, lines: Sequence[int], purpose: str, ends_on: datetime.date | None, by: Assignment) -> None:
    """Prescribe (`purpose` LOAN, no end) or prolong (the same purpose, a new end) what is on trial or on a short loan; tells SESAM2 (LoanChange).

    `lines` are numbers of lines of `lines_that_end`, at least one. Raises `IllegalMove` when somebody was first.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("patient", "unit").get(pk=order.pk)
    chosen = [line for line in lines_that_end(order) if line.line in set(lines)]
    if not lines or len(chosen) != len(set(lines)):
        raise IllegalMove("not on trial, or not any longer")
    if purpose != Order.Purpose.LOAN and any(line.loan_purpose != purpose for line in chosen):
        raise IllegalMove("another purpose")
    OrderLine.objects.filter(pk__in=[line.pk for line in chosen]).update(loan_purpose=purpose, loan_ends_on=ends_on)
    # The next end is reminded of anew.
    Order.objects.filter(pk=order.pk).update(reminded_of=None, changed_at=timezone.now())
    what = [{"line": line.line, "name": line.article_name, "quantity": line.delivered} for line in chosen]
    event = "PRESCRIBED" if purpose == Order.Purpose.LOAN else "PROLONGED"
    order.tell(event, by=by, details={"lines": what, "on": ends_on.isoformat() if ends_on else None})
    body = sesam2.loan_change(order, lines=[line.line for line in chosen], purpose=purpose, ends_on=ends_on)
    outbox.queue("LoanChange", subject=str(order.number), body=body)
    access.write(by, [order.patient], action=access.Action.WRITE, activity="Ändra lån", resource=access.Resource(RESOURCE, str(order.number)))


def remind_of_ends(today: datetime.date) -> int:
    """Tell orderer and prescriber, once for each end, of trials and short loans that end within a week. Returns how many orders."""
    return sum(_remind(pk, ends_on) for pk, ends_on in ending_orders(today))


def ending_orders(today: datetime.date) -> list[tuple[int, datetime.date]]:
    """(order, first end) of what ends within a week, is still with the patient, and has not been told."""
    still_there = Loan.objects.current().filter(order_number=OuterRef("order__number"), article=OuterRef("article"))
    lines = OrderLine.objects.filter(Exists(still_there), loan_ends_on__lte=today + REMIND_BEFORE, delivered__gt=0)
    ends = lines.values("order").annotate(first=Min("loan_ends_on")).filter(Q(order__reminded_of__isnull=True) | Q(order__reminded_of__lt=F("first")))
    return list(ends.order_by("order").values_list("order", "first"))


@transaction.atomic
def _remind(order_id: int, ends_on: datetime.date) -> bool:
    """Compare and set: two workers remind once."""
    not_told = Q(reminded_of__isnull=True) | Q(reminded_of__lt=ends_on)
    if not Order.objects.filter(not_told, pk=order_id).update(reminded_of=ends_on):
        return False
    order = Order.objects.select_related("orderer", "prescriber", "unit").get(pk=order_id)
    what = "Provtiden" if order.purpose == Order.Purpose.TRIAL else "Korttidslånet"
    accounts.notify(
        [order.orderer, order.prescriber],
        unit=order.unit,
        tone="warning",
        word="Tar slut",
        title=f"{what} i kundorder {order.number} slutar {long_day(ends_on)}",
        text="Förskriv hjälpmedlet, förläng tiden eller beställ hämtning.",
        url=order.get_absolute_url(),
        action=(reverse("pickups:delivered", args=[order.number]), "Beställ hämtning"),
    )
    return True
