"""What SESAM2 may tell about an arbetsorder, each as one call; and an order to tell about."""

import datetime
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from PIL import Image

from accounts.models import Assignment
from integration import attachments
from ordering.sesam2 import Answer
from patients.models import Loan, Patient
from tests import factories
from workorders.actions import drafts, orders, reports
from workorders.models import Kind, Place, StatusReport, WorkOrder, WorkOrderAttachment
from workorders.sesam2 import Report

State = StatusReport.State
SOON = datetime.date(2026, 12, 1)
LATER = datetime.date(2026, 12, 8)
Telling = Callable[[WorkOrder], None]


def loan(patient: Patient, number: str = "100200", *, by: Assignment | None = None, **fields: Any) -> Loan:
    by = by or factories.alice()
    article = factories.article(fields.pop("article", "118201"))
    return Loan.objects.create(
        patient=patient,
        provider=by.unit.provider,
        unit=by.unit,
        article=article,
        individual_number=number,
        order_number="K-2026-00000001-1",
        source=f"test/{number}/{patient.pk}",
        started_at=datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC),
        **fields,
    )


def content(order: WorkOrder, **fields: Any) -> drafts.Content:
    """All that a repair needs."""
    given = {
        "customer": order.customer,
        "description": "Vänster broms tar inte.",
        "place": Place.ON_SITE,
        "contact_name": "Karin Test",
        "contact_phone": "+46701740606",
        "aid_name": order.aid_name,
        "individual_number": order.individual_number,
    }
    return drafts.Content(**(given | fields))


def draft(kind: str = Kind.REPAIR, *, by: Assignment | None = None, patient: Patient | None = None, of: Loan | None = None, **fields: Any) -> WorkOrder:
    by = by or factories.alice()
    patient = patient or (of.patient if of else factories.patient(by))
    order = drafts.start(patient, by=by, kind=kind, loan=of or loan(patient, by=by))
    drafts.save(order, content=content(order, **fields))
    order.refresh_from_db()
    return order


def sent(kind: str = Kind.REPAIR, *, by: Assignment | None = None, **fields: Any) -> WorkOrder:
    order = draft(kind, by=by, **fields)
    orders.place(order, by=by or factories.alice())
    order.refresh_from_db()
    return order


def answered(sequence: int, answer: Answer, *, on: datetime.date | None = None, erp: str = "S2-1", reason: str = "") -> Telling:
    return lambda order: reports.record_response(str(order.number), sequence=sequence, answer=answer, erp_number=erp, promised_on=on, reason=reason)


def received(sequence: int = 1) -> Telling:
    return answered(sequence, Answer.RECEIVED)


def accepted(sequence: int = 2, on: datetime.date = SOON) -> Telling:
    return answered(sequence, Answer.ACCEPTED, on=on)


def refused(sequence: int = 1) -> Telling:
    return answered(sequence, Answer.REFUSED, reason="Kundnumret är spärrat")


def status(sequence: int, state: State, *, on: datetime.date | None = None, late: str = "", summary: str = "", proposal: str = "") -> Telling:
    report = Report(
        state=state,
        planned_on=on,
        late_reason=late,
        summary=summary,
        hours=Decimal("1.5") if summary else None,
        parts=[{"number": "700100", "name": "Bromsvajer", "quantity": 1}] if summary else [],
        by_name="Tekniker Test" if summary else "",
        proposal=(Decimal(proposal), "Ny sits efter avgjutning.") if proposal else None,
    )
    return lambda order: reports.record_status(str(order.number), sequence=sequence, report=report)


def delayed(sequence: int, on: datetime.date | None = LATER) -> Telling:
    return lambda order: reports.record_delay(str(order.number), sequence=sequence, promised_on=on, reason="Reservdel saknas")


def cancelled(sequence: int, *, was_requested: bool = False) -> Telling:
    return lambda order: reports.record_cancellation(
        str(order.number), sequence=sequence, reason="Patienten kunde inte nås", was_requested=was_requested, new_order_required=True
    )


def tell(order: WorkOrder, *tellings: Telling) -> WorkOrder:
    for telling in tellings:
        telling(order)
    order.refresh_from_db()
    return order


def events(order: WorkOrder) -> list[str]:
    return list(order.history.order_by("id").values_list("event", flat=True))


def end(order: WorkOrder) -> dict[str, Any]:
    """What must be the same whatever the order in which the same was told."""
    order.refresh_from_db()
    names = ("status", "promised_on", "planned_on", "is_delayed", "erp_number", "cancellation_requested_at")
    facts = {name: getattr(order, name) for name in names}
    return facts | {"proposals": list(order.proposals.order_by("sequence").values_list("sequence", "amount", "is_approved"))}


def with_documents(order: WorkOrder) -> WorkOrder:
    """An anvisning on the order, cleaned and stored as a user's file is."""
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(picture, "PNG")
    picture.seek(0)
    drafts.attach(order, attachments.check(picture, "anvisning.png"), content=WorkOrderAttachment.Content.INSTRUCTION, by=factories.alice())
    order.refresh_from_db()
    return order


def sent_special(patient: Patient | None = None, *, of: Loan | None = None, **fields: Any) -> WorkOrder:
    """A specialanpassning that wants a cost proposal."""
    text = {"instruction": "Sänk fotplattan 3 cm.", "risk_analysis": "Ingen ökad tipprisk.", "wants_cost_proposal": True}
    order = with_documents(draft(Kind.SPECIAL_ADAPTATION, patient=patient, of=of, **(text | fields)))
    orders.place(order, by=factories.alice())
    order.refresh_from_db()
    return order
