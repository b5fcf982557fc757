"""An arbetsorder is sent, sent again when it is completed, cancelled, ordered again."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Assignment
from catalog import individuals
from core.lifecycle import IllegalMove
from integration import outbox
from integration.numbers import next_number
from ordering import actions as common
from ordering.sending import AlreadySent, NotReady, NotSeen, Problem, address_of, customer_problems, delivery_problems, payer_of
from patients import access
from patients.models import Loan
from workorders import rules, sesam2
from workorders.actions.drafts import EDITABLE, RESOURCE, Content
from workorders.models import CallOut, Kind, Place, Status, WorkOrder, WorkOrderAttachment
from workorders.models.orders import LONGEST_DESCRIPTION, MAINTENANCE, OPEN, WorkOrderQuerySet

_COPIED = [field for field in Content.__dataclass_fields__ if field not in {"requested_on", "is_second"}]


def files_of(order: WorkOrder) -> list[WorkOrderAttachment]:
    return list(order.attachments.select_related("attachment").order_by("pk"))


def problems_of(order: WorkOrder, files: Sequence[WorkOrderAttachment], *, at: datetime.datetime) -> list[Problem]:
    """Why the order cannot be sent, as (field, Swedish text). Empty when it can be."""
    found = [*customer_problems(order.customer, unit_id=order.unit_id), *_aid_problems(order), *_content_problems(order, files)]
    field, text = rules.DESCRIBE[Kind(order.kind)]
    if not getattr(order, field):
        found.append((field, text))
    if len(sesam2.description(order)) > LONGEST_DESCRIPTION:
        found.append(("description", f"Beskrivning, anvisning och riskanalys får ha högst {LONGEST_DESCRIPTION} tecken tillsammans. Korta någon av dem."))
    if not order.place:
        found.append(("place", "Välj var arbetet ska göras."))
    if order.has_infection_risk and not order.infection_note:
        found.append(("infection_note", "Skriv vad som är gjort mot smittan, till exempel hur hjälpmedlet är rengjort."))
    if not order.contact_phone and not order.patient.is_protected:
        found.append(("contact_phone", "Skriv ett direktnummer som teknikern kan ringa."))
    if order.requested_on is not None and order.requested_on < rules.local_day(at):
        found.append(("requested_on", "Den önskade dagen har passerat. Välj en senare dag eller lämna fältet tomt."))
    return [*found, *_haste_problems(order, at), *(_delivery_problems(order))]


def _content_problems(order: WorkOrder, files: Sequence[WorkOrderAttachment]) -> list[Problem]:
    """What the kind cannot be sent without."""
    found: list[Problem] = []
    if order.kind == Kind.SPECIAL_ADAPTATION:
        if not order.instruction:
            found.append(("instruction", "Skriv anvisningen. Utan den kan arbetet inte påbörjas."))
        if not order.risk_analysis:
            found.append(("risk_analysis", "Skriv den funktionella riskanalysen. Utan den kan beställningen inte skickas."))
        if not any(file.content == WorkOrderAttachment.Content.INSTRUCTION for file in files):
            found.append(("file", "Bifoga anvisningen, till exempel en ritning eller ett ifyllt formulär."))
    if order.kind == Kind.CONSULTATION:
        if order.purpose is None or not order.purpose.is_active:
            found.append(("purpose", "Välj vad konsultationen gäller."))
        elif order.purpose.document and not any(file.content == WorkOrderAttachment.Content.DOCUMENT for file in files):
            found.append(("file", f"Bifoga underlaget ”{order.purpose.document}”. Det krävs för {order.purpose.name.lower()}."))
        if not order.need:
            found.append(("need", "Beskriv patientens behov."))
        if order.priority is None:
            found.append(("priority", "Välj prioritet."))
    return found


def _aid_problems(order: WorkOrder) -> list[Problem]:
    """The aid is still the patient's, and may be worked on; another open repair of it is meant."""
    if order.kind not in rules.ABOUT_AN_AID:
        return []
    if _is_returned(order):
        return [("aid_name", "Patienten har inte längre hjälpmedlet. Välj ett annat eller kasta utkastet.")]
    if not order.aid_name:
        return [("aid_name", "Välj vilket hjälpmedel det gäller, eller skriv vad det är för slags hjälpmedel.")]
    is_under_investigation, is_lost, is_on_pickup = _marks(order)
    if is_under_investigation and order.kind in MAINTENANCE:
        return [("aid_name", "Hjälpmedlet är under utredning efter en negativ händelse. Det får inte åtgärdas förrän utredningen är klar.")]
    if is_lost:
        return [("aid_name", "Hjälpmedlet är anmält som saknat. Anmäl att det är återfunnet innan du beställer arbete på det.")]
    if is_on_pickup:
        return [("aid_name", "Hjälpmedlet står på en hämtorder. Makulera den först om det ska lagas i stället.")]
    if order.kind == Kind.REPAIR and not order.is_second and _other_repairs(order).exists():
        return [("is_second", "Det finns redan en öppen arbetsorder för hjälpmedlet. Kryssa i rutan om du vill beställa en till.")]
    return []


def _loans(order: WorkOrder) -> QuerySet[Loan]:
    """The aid as it is lent: the one that was chosen, or that of whoever has the number that was typed. None of an aid in a store, or only described."""
    if order.loan_id is not None:
        return Loan.objects.filter(pk=order.loan_id)
    return Loan.objects.current().of_individual(order.individual_number) if order.individual_number else Loan.objects.none()


def _marks(order: WorkOrder) -> tuple[bool, bool, bool]:
    """Whether the aid is under investigation, lost, on a pickup. Asked of the loan; of the individual where it is not lent.

    Of several alike without numbers, the aid is on a pickup when all of them are.
    """
    loan = _loans(order).first()
    if loan is not None:
        return loan.is_under_investigation, loan.is_lost, loan.on_pickup >= loan.quantity
    aid = individuals.find(individuals.current_numbers([order.individual_number]).get(order.individual_number, order.individual_number))
    return (aid.is_under_investigation, aid.is_lost, aid.is_on_pickup) if aid is not None else (False, False, False)


def _other_repairs(order: WorkOrder) -> WorkOrderQuerySet:
    """Open repairs of the same aid, ordered by any unit of the care provider."""
    same = Q(loan=order.loan_id) if order.loan_id is not None else Q()
    same |= Q(individual_number=order.individual_number) if order.individual_number else Q()
    if not same:
        return WorkOrder.objects.none()
    return WorkOrder.objects.open().filter(same, kind=Kind.REPAIR, unit__provider=order.unit.provider_id).exclude(pk=order.pk)


def _is_returned(order: WorkOrder) -> bool:
    """The patient had the aid, and no longer has. One that is only described is not known to be anybody's."""
    if order.loan is not None:
        return order.loan.ended_at is not None
    had = Loan.objects.filter(patient=order.patient_id).of_individual(order.individual_number) if order.individual_number else Loan.objects.none()
    return had.exists() and not had.current().exists()


def _haste_problems(order: WorkOrder, at: datetime.datetime) -> list[Problem]:
    if order.haste == WorkOrder.Haste.URGENT and order.kind not in rules.MAY_BE_URGENT:
        return [("haste", "Akut går bara att välja för avhjälpande underhåll och konsultation.")]
    if order.haste == WorkOrder.Haste.ON_CALL:
        if order.kind not in rules.MAY_BE_ON_CALL:
            return [("haste", "Jour går bara att välja för avhjälpande underhåll.")]
        if not rules.is_open(CallOut.Form.ON_CALL, at=at):
            return [("haste", "Jouren är stängd nu. Välj akut i stället, eller beställ när jouren är öppen.")]
    return []


def _delivery_problems(order: WorkOrder) -> list[Problem]:
    """An address is needed where somebody goes to, or something is fetched from."""
    if order.place != Place.ON_SITE and not order.patient.is_protected and order.method != WorkOrder.Method.DELIVERY_POINT:
        return []
    return delivery_problems(order)


@transaction.atomic
def place(order: WorkOrder, *, by: Assignment, seen: int | None = None) -> str:
    """Send the draft, or the order that came back to be completed under its number; all or nothing. Returns the number.

    `seen` is the version that was checked. Raises `NotReady`, `NotSeen` when it was changed since, `AlreadySent` when
    somebody was first, `IllegalMove` when it was thrown away or has ended, and `access.NoSuchPatient`.
    """
    # Without the patient: a join to one that is merged while we wait for the lock would find no order at all.
    order = WorkOrder.objects.select_for_update(of=("self",)).select_related("customer", "unit", "loan", "purpose", "delivery_point").get(pk=order.pk)
    if order.status not in EDITABLE:
        if order.number is None or order.status not in OPEN:
            raise IllegalMove("thrown away, or at its end")
        raise AlreadySent(order.number)
    if seen is not None and seen != order.version:
        raise NotSeen
    is_first = order.number is None
    number = order.number or next_number("A")
    resource = access.Resource(RESOURCE, number)
    order.patient = access.open_patient(by, order.patient.public_id, action=access.Action.SIGN, activity="Skicka arbetsorder", resource=resource)
    now = timezone.now()
    files = files_of(order)
    if problems := problems_of(order, files, at=now):
        raise NotReady(problems)
    promised = rules.promise(order, at=now)
    fields = {**_address(order, by), **payer_of(order.customer), "orderer": by, "start_by": promised.start_by, "done_by": promised.done_by, "changed_at": now}
    if is_first:
        order.move_to(Status.PLACED, event="PLACED", by=by, number=number, placed_at=now, **fields)
    else:
        told = order.reports.order_by("-sequence").values_list("sequence", flat=True).first() or 0
        order.move_to(Status.PLACED, event="COMPLETED_BY_ORDERER", by=by, sent_again_after=told, told_late_at=None, **fields)
    outbox.queue("WorkOrder", subject=number, body=sesam2.work_order(order, files))
    return number


def _address(order: WorkOrder, by: Assignment) -> dict[str, object]:
    """Where the technician goes, or the aid is fetched. Without a way there it is the unit's contact that counts."""
    # An order that is completed may go elsewhere than the first time: nothing of that address is left.
    nowhere = dict.fromkeys(("recipient_name", "care_of", "street", "postal_code", "city", "door_code"), "")
    address: dict[str, object] = {**nowhere, "has_no_door_code": False, "is_hospital": False}
    try:
        address |= address_of(order, by)
    except NotReady:
        if order.place == Place.ON_SITE:
            raise
    if order.patient.is_protected:
        return address
    return {**address, **{name: getattr(order, name) for name in ("contact_name", "contact_phone") if getattr(order, name)}}


@transaction.atomic
def request_cancellation(order: WorkOrder, *, by: Assignment, reason: str, note: str) -> None:
    """Ask SESAM2 to cancel the order; see `ordering.actions.ask_to_cancel`."""
    common.ask_to_cancel(order, by=by, reason=reason, note=note, resource=RESOURCE)


@transaction.atomic
def order_again(order: WorkOrder, *, by: Assignment) -> WorkOrder:
    """A new draft with all that was filled in; the one already made, if it is still a draft.

    Raises `IllegalMove` when the order is not cancelled, and `AlreadyOrderedAgain`.
    """
    order = WorkOrder.objects.select_for_update(of=("self",)).select_related("unit", "prescriber", "patient").get(pk=order.pk)
    if not order.can_be_ordered_again:
        raise IllegalMove("not cancelled")
    made: WorkOrder | None = common.ordered_again(order, by=by)
    if made is not None:
        return made
    draft = WorkOrder.objects.create(
        unit=order.unit,
        patient=order.patient,
        orderer=by,
        prescriber=order.prescriber,
        kind=order.kind,
        loan=order.loan if order.loan and order.loan.ended_at is None else None,
        article_number=order.article_number,
        again_of=order,
        requested_on=order.requested_on if order.requested_on and order.requested_on >= timezone.localdate() else None,
        **{name: getattr(order, name) for name in _COPIED},
    )
    WorkOrderAttachment.objects.bulk_create(WorkOrderAttachment(order=draft, attachment=file.attachment, content=file.content) for file in files_of(order))
    access.write(by, [order.patient], action=access.Action.WRITE, activity="Beställ igen", resource=access.Resource(RESOURCE, str(order.number)))
    return draft
