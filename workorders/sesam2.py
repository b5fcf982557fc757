"""The dictionary between an arbetsorder and the contract (sections 4 and 5). Foreign words stand only here."""

import dataclasses
import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, cast

from accounts.models import Assignment
from integration import contract
from ordering import sesam2 as common
from patients.sesam2 import patient_ref
from workorders.models import CostProposal, StatusReport, WorkOrder, WorkOrderAttachment

# --- Ours → SESAM2 --------------------------------------------------------------------------------


def work_order(order: WorkOrder, files: Sequence[WorkOrderAttachment]) -> contract.WorkOrder:
    """The order as it is at this moment. Of a protected person only the number goes out, and the unit as contact."""
    customer = order.customer
    assert customer is not None  # a sent order has one: constraint sent_work_order_is_complete
    is_special = order.kind == contract.WorkKind.SPECIAL_ADAPTATION
    return contract.WorkOrder(
        order_number=str(order.number),
        kind=contract.WorkKind(order.kind),
        patient=patient_ref(order.patient),
        orderer=common.person(order.orderer),
        party=common.party(order.unit, customer),
        requested_date=order.requested_on,
        on_call=order.haste == WorkOrder.Haste.ON_CALL,
        aid=_aid(order),
        aid_location=order.aid_location or None,
        purpose=order.purpose.name if order.purpose else None,
        need=order.need or None,
        description=description(order),
        side=contract.Side(order.side) if order.side else None,
        place=contract.WorkPlace(order.place),
        delivery=_delivery(order),
        patient_can_come=order.patient_can_come,
        loaner_needed=order.needs_loaner,
        infection_risk=order.has_infection_risk,
        infection_note=order.infection_note or None,
        urgent=order.haste == WorkOrder.Haste.URGENT,
        cost_proposal_wanted=order.wants_cost_proposal,
        risk_analysis_done=True if is_special else None,
        priority=cast("Literal[1, 2, 3] | None", order.priority),  # constraint work_order_priority_is_known
        attachments=[common.attachment(file.attachment) for file in files],
    )


def description(order: WorkOrder) -> str:
    """The contract has one text: what is filled in under headings of its own stands in it under them."""
    parts = [order.description]
    if order.kind == contract.WorkKind.SPECIAL_ADAPTATION:
        parts += [f"Anvisning: {order.instruction}", f"Funktionell riskanalys: {order.risk_analysis}"]
    return "\n\n".join(part for part in parts if part)


def _delivery(order: WorkOrder) -> contract.Delivery:
    """Where there is no address to go to or fetch from, the patient comes to the centre, or is reached by the contact."""
    if order.street or order.method == WorkOrder.Method.MANUAL_CONTACT:
        return common.delivery(order)
    return contract.Delivery(
        method=contract.DeliveryMethod.CENTRE, hospital=False, contact_name=order.contact_name or None, contact_phone=order.contact_phone or None
    )


def _aid(order: WorkOrder) -> contract.Aid | None:
    if not order.aid_name:
        return None
    return contract.Aid(individual_number=order.individual_number or None, article_number=order.article_number or None, name=order.aid_name)


def cost_proposal_answer(proposal: CostProposal, *, by: Assignment) -> contract.CostProposalAnswer:
    assert proposal.is_approved is not None  # constraint cost_proposal_answer_is_whole
    return contract.CostProposalAnswer(order_number=str(proposal.order.number), approved=proposal.is_approved, by=common.person(by), note=proposal.note or None)


# --- SESAM2 → ours --------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Report:
    """A WorkOrderStatus in our words."""

    state: StatusReport.State
    planned_on: datetime.date | None
    late_reason: str
    summary: str
    hours: Decimal | None
    parts: list[dict[str, Any]]
    by_name: str
    proposal: tuple[Decimal, str] | None


def report(body: contract.WorkOrderStatus) -> Report:
    done = body.report
    return Report(
        state=StatusReport.State(body.status.value),
        planned_on=body.planned_date,
        late_reason=body.late_reason or "",
        summary=done.summary if done else "",
        hours=done.hours if done else None,
        parts=[{"number": part.article_number, "name": part.name, "quantity": part.quantity} for part in (done.parts or [] if done else [])],
        by_name=(done.by_name or "") if done else "",
        proposal=(body.cost_proposal.amount, body.cost_proposal.text) if body.cost_proposal else None,
    )
