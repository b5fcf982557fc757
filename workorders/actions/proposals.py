"""The cost owner at the unit answers what the centre proposes."""

import datetime

from django.db import transaction
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Assignment, Notice
from accounts.permissions import Permission, roles_with
from accounts.workdays import calendar
from core.lifecycle import IllegalMove
from core.templatetags.ui import kr
from core.workdays import add_workdays
from integration import outbox
from patients import access
from workorders import sesam2
from workorders.actions.drafts import RESOURCE
from workorders.models import CostProposal, WorkOrder
from workorders.models.orders import OPEN

# The work stands still until somebody answers.
REMINDED_AFTER_WORKDAYS = 3


class AlreadyAnswered(Exception):
    """A colleague was first; `proposal` holds the answer that stands."""

    def __init__(self, proposal: CostProposal) -> None:
        super().__init__(proposal.pk)
        self.proposal = proposal


def open_proposal(order: WorkOrder) -> CostProposal | None:
    """What is to be answered: the latest proposal, if nobody has, and the order lives."""
    latest = order.proposals.select_related("answered_by__user").order_by("-sequence").first()
    return latest if latest is not None and latest.is_approved is None and order.status in OPEN else None


def cost_owners(order: WorkOrder) -> list[Assignment]:
    """Those at the unit who can answer."""
    return list(Assignment.objects.current().filter(unit=order.unit_id, role__in=roles_with(Permission.APPROVE_COST)))


@transaction.atomic
def answer(proposal: CostProposal, *, by: Assignment, is_approved: bool, note: str = "") -> None:
    """Approve or refuse; the answer is written once, with its history, and goes to SESAM2.

    Raises `AlreadyAnswered`, and `IllegalMove` when the order has ended or a later proposal has come.
    """
    order = WorkOrder.objects.select_for_update(of=("self",)).select_related("patient", "unit").get(pk=proposal.order_id)
    if order.status not in OPEN or order.proposals.filter(sequence__gt=proposal.sequence).exists():
        raise IllegalMove("ended, or proposed anew")
    # Compare-and-set: of two at once, one finds no row.
    unanswered = CostProposal.objects.filter(pk=proposal.pk, is_approved__isnull=True)
    if not unanswered.update(is_approved=is_approved, answered_by=by, answered_at=timezone.now(), note=note):
        raise AlreadyAnswered(CostProposal.objects.select_related("answered_by__user").get(pk=proposal.pk))
    proposal.refresh_from_db()
    proposal.order = order
    order.tell("COST_APPROVED" if is_approved else "COST_REFUSED", by=by, note=note, details={"amount": f"{proposal.amount:.2f}"})
    outbox.queue("CostProposalAnswer", subject=str(order.number), body=sesam2.cost_proposal_answer(proposal, by=by))
    access.write(by, [order.patient], action=access.Action.WRITE, activity="Svara på kostnadsförslag", resource=access.Resource(RESOURCE, str(order.number)))


@transaction.atomic
def remind_of_unanswered(now: datetime.datetime) -> int:
    """Tell those who can answer, once for each proposal, when nobody has for `REMINDED_AFTER_WORKDAYS`. Returns how many proposals."""
    waiting = CostProposal.objects.select_for_update(of=("self",), skip_locked=True).filter(is_approved=None, reminded_at=None, order__status__in=OPEN)
    reminded, region = 0, calendar()
    for proposal in waiting.select_related("order__unit", "order__orderer", "order__prescriber").order_by("pk")[:500]:
        if add_workdays(timezone.localtime(proposal.received_at).date(), REMINDED_AFTER_WORKDAYS, region) > timezone.localtime(now).date():
            continue
        order = proposal.order
        accounts.notify(
            [order.orderer, order.prescriber, *cost_owners(order)],
            unit=order.unit,
            tone=Notice.Tone.WARNING,
            word="Väntar på svar",
            title=f"Kostnadsförslaget för arbetsorder {order.number} är inte besvarat",
            text=f"{kr(proposal.amount)} exklusive moms. Arbetet görs inte förrän någon har svarat.",
            url=order.get_absolute_url(),
        )
        CostProposal.objects.filter(pk=proposal.pk).update(reminded_at=now)
        reminded += 1
    return reminded
