"""An arbetsorder before it is sent, and one that came back to be completed."""

import dataclasses
import datetime
import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment, Customer, DeliveryPoint
from accounts.permissions import Permission, may
from accounts.roles import Role
from core.lifecycle import IllegalMove
from integration import attachments
from integration.models import Attachment
from ordering import actions as common
from ordering.sending import ChangedMeanwhile
from patients.models import Contact, Loan, Patient
from workorders.models import Kind, Place, Status, WorkOrder
from workorders.models.terms import ConsultationPurpose

RESOURCE = "Arbetsorder"
# Before it is sent, and when it has come back.
EDITABLE = [Status.DRAFT, Status.NEEDS_COMPLETION]


@dataclasses.dataclass(frozen=True)
class Content:
    """All that is filled in. None and "" mean: not filled in (yet), or not asked for by the kind."""

    customer: Customer | None
    description: str = ""
    aid_name: str = ""
    individual_number: str = ""
    aid_location: str = ""
    side: str = ""
    instruction: str = ""
    risk_analysis: str = ""
    wants_cost_proposal: bool = False
    purpose: ConsultationPurpose | None = None
    need: str = ""
    priority: int | None = None
    place: str = ""
    patient_can_come: bool | None = None
    needs_loaner: bool = False
    has_infection_risk: bool = False
    infection_note: str = ""
    haste: str = WorkOrder.Haste.NORMAL
    requested_on: datetime.date | None = None
    is_second: bool = False
    method: str = WorkOrder.Method.HOME
    delivery_point: DeliveryPoint | None = None
    contact_name: str = ""
    contact_phone: str = ""
    instructions: str = ""


@transaction.atomic
def start(patient: Patient, *, by: Assignment, kind: str, loan: Loan | None = None, description: str = "") -> WorkOrder:
    """A draft of the kind for the patient, about one of the patient's aids if `loan` is given. The one that `by` has begun about the same is gone on with."""
    same = WorkOrder.objects.drafts().filter(unit=by.unit, orderer=by, patient=patient, kind=kind, loan=loan, again_of__isnull=True)
    begun = same.order_by("-id").first()
    if begun is not None:
        return begun
    contact = None if patient.is_protected else Contact.objects.visible_to(by).filter(patient=patient).first()
    return WorkOrder.objects.create(
        kind=kind,
        unit=by.unit,
        patient=patient,
        orderer=by,
        prescriber=_prescriber(by),
        customer=by.unit.customers.order_by("-is_standard", "number").first(),
        loan=loan,
        individual_number=loan.individual_number if loan else "",
        article_number=loan.article.display_number if loan else "",
        aid_name=loan.article.display_name if loan else "",
        description=description,
        place=Place.REMOTE if kind == Kind.CONSULTATION else "",
        method=WorkOrder.Method.MANUAL_CONTACT if patient.is_protected else WorkOrder.Method.HOME,
        contact_name=contact.name if contact else "",
        contact_phone=contact.phone if contact else "",
    )


def _prescriber(by: Assignment) -> Assignment:
    """Who answers for the work: the one who orders, or the unit's only prescriber."""
    if may(by, Permission.PRESCRIBE):
        return by
    others = list(Assignment.objects.current().filter(unit=by.unit, role=Role.PRESCRIBER)[:2])
    return others[0] if len(others) == 1 else by


@transaction.atomic
def save(order: WorkOrder, *, content: Content, seen: int | None = None) -> None:
    """Write what was typed. `seen` is the version that the page showed.

    What is known of one of the patient's aids is not written over. Raises `IllegalMove` when the order is under way or thrown away,
    `ChangedMeanwhile` when it is no longer the version seen.
    """
    locked = lock(order, seen=seen)
    fields = {field.name: getattr(content, field.name) for field in dataclasses.fields(content)}
    if locked.loan_id is not None:
        del fields["aid_name"], fields["individual_number"]
    elif content.individual_number != locked.individual_number:
        fields["article_number"] = ""
    WorkOrder.objects.filter(pk=order.pk).update(**fields)


@transaction.atomic
def attach(order: WorkOrder, checked: attachments.Checked, *, content: str, by: Assignment) -> Attachment:
    """See `ordering.actions.attach`. Raises `TooManyFiles`, and `IllegalMove` as `save` does."""
    lock(order)
    return common.attach(order, checked, by=by, resource=RESOURCE, content=content)


@transaction.atomic
def detach(order: WorkOrder, attachment_id: uuid.UUID) -> None:
    """See `ordering.actions.detach`."""
    common.detach(lock(order), attachment_id)


@transaction.atomic
def discard(order: WorkOrder, *, by: Assignment) -> None:
    """Throw the draft away. It stays in the database as makulerad, without a number, and is shown nowhere. Raises `IllegalMove`."""
    locked = lock(order)
    if locked.number is not None:
        raise IllegalMove("has been sent")
    order.move_to(Status.CANCELLED, event="DISCARDED", by=by)


def lock(order: WorkOrder, *, seen: int | None = None) -> WorkOrder:
    """The row, locked so that it isn't sent in the middle; its version is counted up, also on `order`."""
    editable = WorkOrder.objects.select_for_update().filter(pk=order.pk, status__in=EDITABLE)
    locked = editable.only("pk", "version", "status", "number", "loan_id", "individual_number").first()
    if locked is None:
        raise IllegalMove("under way, or thrown away")
    if seen is not None and seen != locked.version:
        order.version = locked.version
        raise ChangedMeanwhile
    order.version = locked.version + 1
    WorkOrder.objects.filter(pk=order.pk).update(version=order.version, changed_at=timezone.now())
    return locked
