"""A kundorder that an approver at the unit must approve: asked for, approved, sent back, taken back.

The order waits between draft and sent. It cannot be changed meanwhile, so what is approved is what was seen.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Assignment, Notice
from accounts.permissions import Permission, may, roles_with
from catalog.models import Mode
from catalog.rights import Verdict
from core.lifecycle import IllegalMove
from ordering.sending import AlreadySent, NotReady, NotSeen
from orders.actions import orders
from orders.models import Approval, Order, Status
from patients import access

_Outcome = Approval.Outcome
NO_APPROVER = "Ingen annan vid din enhet kan godkänna beställningen. Kontakta din administratör."


class NotNeeded(Exception):
    """Nothing of the order has to be approved; it can be sent as it is."""


class NotYours(Exception):
    """Without the permission at the unit, or one's own order, which somebody else must approve."""


def url_of(order: Order) -> str:
    """The page of an order that waits; what notices about its approval point to."""
    return reverse("orders:approval", args=[order.public_id])


def reasons_of(judged: Iterable[Verdict]) -> list[str]:
    """Why an order must be approved, each reason once."""
    return list(dict.fromkeys(reason for verdict in judged if verdict.mode is Mode.APPROVAL for reason in verdict.deciding))


def approvers_of(order: Order) -> QuerySet[Assignment]:
    """Those at the unit who may decide about the order: never who ordered it, nor who prescribes."""
    current = Assignment.objects.current().filter(unit=order.unit_id, role__in=roles_with(Permission.APPROVE_ORDER))
    return current.exclude(user__in=[order.orderer.user_id, order.prescriber.user_id])


@transaction.atomic
def ask(order: Order, *, by: Assignment, justification: str, seen: int | None = None) -> None:
    """Let the draft wait for an approver of the unit, who is told. `seen` is the version that was checked.

    Raises as `orders.place` does, `NotNeeded`, and `IllegalMove` when it waits already.
    """
    order = _locked(order, Status.DRAFT)
    if seen is not None and seen != order.version:
        raise NotSeen
    order.orderer = by
    order.patient = access.open_patient(
        by, order.patient.public_id, action=access.Action.WRITE, activity="Be om godkännande", resource=access.Resource(orders.RESOURCE, "utkast")
    )
    lines = orders.lines_to_send(order)
    judged = orders.verdicts_of(order, lines, by=by)
    if problems := orders.problems_of(order, lines, by=by, today=timezone.localdate(), judged=judged):
        raise NotReady(problems)
    reasons = reasons_of(judged.values())
    if not reasons:
        raise NotNeeded
    approvers = list(approvers_of(order))
    if not approvers:
        raise NotReady([("", NO_APPROVER)])
    now = timezone.now()
    version = order.version + 1
    Approval.objects.create(order=order, asked_by=by, asked_at=now, justification=justification, version=version, reasons=reasons)
    order.move_to(
        Status.WAITING_FOR_APPROVAL, event="ASKED", by=by, note=justification, details={"reasons": reasons}, orderer=by, changed_at=now, version=version
    )
    _tell(approvers, order, Notice.Tone.WARNING, "Att godkänna", "En kundorder väntar på ditt godkännande", f"{by.user.name} ber om godkännande.")


@transaction.atomic
def approve(order: Order, *, by: Assignment, seen: int) -> str:
    """Send the order, exactly as `orders.place` does; all or nothing. Returns its number.

    Raises `NotYours`, `NotSeen` when it is another version than the one that was shown, `AlreadySent` when somebody was first,
    `IllegalMove` when it no longer waits, and `NotReady`.
    """
    order = _locked(order, Status.WAITING_FOR_APPROVAL)
    approval = _to_decide(order, by=by, seen=seen)
    order.tell("APPROVED", by=by)
    number = orders.put_through(order, by=by, orderer=approval.asked_by, is_approved=True)
    _decide(approval, _Outcome.APPROVED, by=by)
    _tell([approval.asked_by, order.prescriber], order, Notice.Tone.SUCCESS, "Godkänd", f"Kundorder {number} är godkänd och skickad", "")
    return number


@transaction.atomic
def send_back(order: Order, *, by: Assignment, seen: int, note: str) -> None:
    """Make the order a draft again and tell the orderer why. Raises as `approve` does."""
    order = _locked(order, Status.WAITING_FOR_APPROVAL)
    approval = _to_decide(order, by=by, seen=seen)
    _log(order, by, "Skicka tillbaka kundorder")
    order.move_to(Status.DRAFT, event="SENT_BACK", by=by, note=note, changed_at=timezone.now())
    _decide(approval, _Outcome.SENT_BACK, by=by, note=note)
    _tell([approval.asked_by], order, Notice.Tone.WARNING, "Tillbaka", "En kundorder är inte godkänd", "Öppna den och läs varför. Allt du fyllde i finns kvar.")


@transaction.atomic
def withdraw(order: Order, *, by: Assignment) -> None:
    """Make the order a draft again, for who may order at the unit. Raises `AlreadySent` and `IllegalMove` when it no longer waits."""
    order = _locked(order, Status.WAITING_FOR_APPROVAL)
    approval = order.approvals.get(outcome=_Outcome.WAITING)
    _log(order, by, "Ta tillbaka kundorder")
    order.move_to(Status.DRAFT, event="WITHDRAWN", by=by, changed_at=timezone.now())
    _decide(approval, _Outcome.WITHDRAWN, by=by)


def sent_back(order: Order) -> Approval | None:
    """Why a draft was not approved the last time, if that is how it became a draft again."""
    last = order.approvals.select_related("decided_by__user").order_by("-pk").first()
    return last if last is not None and last.outcome == _Outcome.SENT_BACK else None


def _locked(order: Order, wanted: Status) -> Order:
    """The order, locked, in the status that the action begins from."""
    found = Order.objects.select_for_update(of=("self",)).select_related("customer", "patient", "orderer__user", "prescriber__user", "unit__provider")
    order = found.get(pk=order.pk)
    if order.number is not None:
        raise AlreadySent(order.number)
    if order.status != wanted:
        raise IllegalMove(f"{order.status}, not {wanted}")
    return order


def _to_decide(order: Order, *, by: Assignment, seen: int) -> Approval:
    if not may(by, Permission.APPROVE_ORDER) or by.unit_id != order.unit_id or by.user_id in {order.orderer.user_id, order.prescriber.user_id}:
        raise NotYours
    if seen != order.version:
        raise NotSeen
    return order.approvals.select_related("asked_by__user", "asked_by__unit").get(outcome=_Outcome.WAITING)


def _decide(approval: Approval, outcome: str, *, by: Assignment, note: str = "") -> None:
    Approval.objects.filter(pk=approval.pk).update(outcome=outcome, decided_by=by, decided_at=timezone.now(), note=note)
    accounts.close_notices(unit=by.unit, url=url_of(approval.order))


def _log(order: Order, by: Assignment, activity: str) -> None:
    access.write(by, [order.patient], action=access.Action.WRITE, activity=activity, resource=access.Resource(orders.RESOURCE, "utkast"))


def _tell(to: Iterable[Assignment], order: Order, tone: str, word: str, title: str, text: str) -> None:
    url: Any = order.get_absolute_url() if order.number else url_of(order)
    accounts.notify(to, unit=order.unit, tone=tone, word=word, title=title, text=text, url=url)
