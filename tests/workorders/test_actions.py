"""Sending an arbetsorder, completing it, cancelling, ordering again, and answering cost proposals."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Notice
from catalog import individuals
from core.lifecycle import IllegalMove
from core.workdays import add_workdays
from integration import contract
from integration.models import OutgoingMessage
from ordering.sending import AlreadyOrderedAgain, AlreadySent, NotReady, NotSeen
from patients.actions import mark_loan
from patients.models import AccessLogEntry, Loan, Patient
from tests import factories
from tests.workorders.told import State, cancelled, content, draft, events, loan, received, sent, sent_special, status, tell
from workorders.actions import drafts, orders, proposals
from workorders.models import ConsultationPurpose, CostProposal, Kind, Place, Status, WorkOrder

pytestmark = pytest.mark.django_db


def messages(order: WorkOrder) -> list[Any]:
    """What has been queued about the order, as SESAM2 reads it."""
    rows = OutgoingMessage.objects.filter(subject=order.number).order_by("sequence")
    return [contract.OUTGOING[row.message_type].model_validate_json(contract.dump(row.payload["body"])) for row in rows]


def fields_of(order: WorkOrder) -> list[str]:
    """The fields that stop the order."""
    return [field for field, _ in orders.problems_of(order, orders.files_of(order), at=timezone.now())]


def test_it_is_sent_whole_with_message_history_and_log() -> None:
    order = sent(side="LEFT")
    [message] = messages(order)
    assert (order.status, order.customer_number, order.street) == (Status.PLACED, order.customer.number, "Storgatan 1")
    assert (message.order_number, message.kind, message.side, message.place) == (order.number, "REPAIR", "LEFT", "ON_SITE")
    assert (message.aid.individual_number, message.delivery.street, message.delivery.door_code) == ("100200", "Storgatan 1", "1357")
    assert events(order) == ["PLACED"]
    assert AccessLogEntry.objects.get(action="SIGN").resource_id == order.number


def test_it_is_sent_once_and_only_as_it_was_seen() -> None:
    order = draft()
    with pytest.raises(NotSeen):
        orders.place(order, by=factories.alice(), seen=order.version - 1)
    number = orders.place(order, by=factories.alice(), seen=order.version)
    with pytest.raises(AlreadySent) as again:
        orders.place(order, by=factories.alice(), seen=order.version)
    assert again.value.number == number
    assert OutgoingMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (Kind.REPAIR, {"description", "place", "contact_phone"}),
        (Kind.ADAPTATION, {"description", "place", "contact_phone"}),
        (Kind.ASSEMBLY, {"description", "place", "contact_phone"}),
        (Kind.INSTALLATION, {"description", "place", "contact_phone"}),
        (Kind.SPECIAL_ADAPTATION, {"description", "place", "contact_phone", "instruction", "risk_analysis", "file"}),
        (Kind.CONSULTATION, {"description", "contact_phone", "purpose", "need", "priority"}),
    ],
)
def test_each_kind_names_all_that_it_lacks_and_sends_nothing(kind: Kind, missing: set[str]) -> None:
    patient = factories.patient()
    order = drafts.start(patient, by=factories.alice(), kind=kind, loan=loan(patient))
    WorkOrder.objects.filter(pk=order.pk).update(contact_phone="")
    with pytest.raises(NotReady) as error:
        orders.place(order, by=factories.alice())
    assert {field for field, _ in error.value.problems} == missing
    assert not OutgoingMessage.objects.exists()
    assert WorkOrder.objects.get().number is None


def test_some_consultations_need_their_underlag() -> None:
    needs = ConsultationPurpose.objects.exclude(document="").order_by("pk")[0]
    order = draft(Kind.CONSULTATION, purpose=needs, need="Kan inte styra själv.", priority=2)
    assert fields_of(order) == ["file"]
    ConsultationPurpose.objects.filter(pk=needs.pk).update(document="")
    assert fields_of(WorkOrder.objects.get(pk=order.pk)) == []


def test_an_aid_that_the_patient_no_longer_has_stops_the_order() -> None:
    order = draft()
    Loan.objects.update(ended_at=timezone.now())
    assert fields_of(WorkOrder.objects.get(pk=order.pk)) == ["aid_name"]
    described = drafts.start(order.patient, by=factories.alice(), kind=Kind.REPAIR)
    drafts.save(described, content=content(described, aid_name="Rullstol", individual_number="100200"))
    assert fields_of(WorkOrder.objects.get(pk=described.pk)) == ["aid_name"]


MARKS = pytest.mark.parametrize("mark", [{"is_under_investigation": True}, {"is_lost": True}, {"on_pickup": 1}], ids=lambda mark: next(iter(mark)))


@MARKS
@pytest.mark.parametrize("number", ["100200", ""], ids=["with a number", "without"])
def test_an_aid_that_may_not_be_worked_on_stops_the_order_until_the_mark_is_gone(mark: dict[str, Any], number: str) -> None:
    order = draft(of=loan(factories.patient(), number))
    mark_loan(order.loan, **mark)
    assert fields_of(WorkOrder.objects.get(pk=order.pk)) == ["aid_name"]
    with pytest.raises(NotReady):
        orders.place(order, by=factories.alice())
    mark_loan(order.loan, **dict.fromkeys(mark, 0))
    assert fields_of(WorkOrder.objects.get(pk=order.pk)) == []


@MARKS
def test_so_does_one_whose_number_was_typed_whoever_has_it(mark: dict[str, Any]) -> None:
    order = drafts.start(factories.patient(), by=factories.alice(), kind=Kind.REPAIR)
    drafts.save(order, content=content(order, aid_name="Rullstol", individual_number="100200"))
    mark_loan(loan(factories.patient(), "100200"), **mark)
    assert fields_of(WorkOrder.objects.get(pk=order.pk)) == ["aid_name"]


@pytest.mark.parametrize("mark", ["is_under_investigation", "is_on_pickup", "is_lost"])
def test_of_an_aid_in_a_store_the_individual_is_asked_also_under_an_earlier_number(mark: str) -> None:
    order = drafts.start(factories.patient(), by=factories.alice(), kind=Kind.REPAIR)
    individuals.record_update("100100", sequence=1, replaced_by="100200", next_inspection=None)
    individuals.mark("100200", **{mark: True})
    for number in ("100200", "100100"):
        drafts.save(order, content=content(order, aid_name="Rullstol", individual_number=number))
        assert fields_of(WorkOrder.objects.get(pk=order.pk)) == ["aid_name"]


def test_one_of_several_alike_may_be_worked_on_while_another_is_fetched() -> None:
    several = loan(factories.patient(), "", quantity=2)
    order = draft(of=several)
    mark_loan(several, on_pickup=1)
    assert fields_of(WorkOrder.objects.get(pk=order.pk)) == []
    mark_loan(several, on_pickup=2)
    assert fields_of(WorkOrder.objects.get(pk=order.pk)) == ["aid_name"]


def test_what_is_under_investigation_may_be_mounted_but_not_mended() -> None:
    order = draft(Kind.ASSEMBLY)
    mark_loan(order.loan, is_under_investigation=True)
    assert fields_of(WorkOrder.objects.get(pk=order.pk)) == []


@pytest.mark.parametrize("number", ["100200", ""], ids=["with a number", "without"])
def test_a_second_repair_of_an_aid_asks_first(number: str) -> None:
    first = sent(of=loan(factories.patient(), number))
    second = drafts.start(first.patient, by=factories.alice(), kind=Kind.REPAIR, loan=first.loan)
    drafts.save(second, content=content(second))
    assert fields_of(WorkOrder.objects.get(pk=second.pk)) == ["is_second"]
    drafts.save(second, content=content(second, is_second=True))
    assert fields_of(WorkOrder.objects.get(pk=second.pk)) == []


def test_infection_needs_what_was_done_and_a_past_day_cannot_be_wanted() -> None:
    order = draft(has_infection_risk=True, requested_on=timezone.localdate() - datetime.timedelta(days=1))
    assert set(fields_of(order)) == {"infection_note", "requested_on"}


def test_of_a_protected_patient_nothing_but_the_number_goes_out() -> None:
    order = draft(instructions="Ring på hos grannen", aid_location="Hos dottern på Nygatan 2")
    Patient.objects.update(phone="", protection="MARKED")
    unit = order.unit
    unit.may_see_protected = True
    unit.save()
    order = WorkOrder.objects.get(pk=order.pk)
    assert "method" in fields_of(order)
    drafts.save(order, content=content(order, method="MANUAL_CONTACT", contact_name="", contact_phone=""))
    orders.place(order, by=factories.alice())
    raw = OutgoingMessage.objects.get().payload
    for secret in ("Tolvan", "Storgatan", "Nygatan", "grannen", "1357"):
        assert secret not in str(raw)
    assert raw["body"]["delivery"]["contactName"] == unit.name


def test_completion_goes_again_under_the_number_without_the_first_address() -> None:
    order = tell(sent(), received(1), status(2, State.NEEDS_COMPLETION, summary="Vilken sida?"))
    drafts.save(order, content=content(order, side="RIGHT", method="UNIT"), seen=order.version)
    assert orders.place(order, by=factories.bob()) == order.number
    first, second = messages(order)
    assert (first.delivery.door_code, second.delivery.door_code, second.delivery.street) == ("1357", None, "Torggatan 1")
    assert (second.side, second.order_number) == ("RIGHT", order.number)
    assert events(order)[-1] == "COMPLETED_BY_ORDERER"
    with pytest.raises(AlreadySent):
        orders.place(order, by=factories.alice())


def test_what_is_under_way_or_has_ended_is_not_filled_in() -> None:
    order = sent()
    for telling in (received(1), status(2, State.STARTED), status(3, State.COMPLETED)):
        tell(order, telling)
        with pytest.raises(IllegalMove):
            drafts.save(order, content=content(order, description="Annat"))
    with pytest.raises(IllegalMove):
        orders.place(order, by=factories.alice())


def test_a_cancellation_is_asked_for_once_and_the_order_ends_when_sesam2_says_so() -> None:
    order = tell(sent(), received(1))
    orders.request_cancellation(order, by=factories.alice(), reason="NOT_NEEDED", note="Behövs inte")
    with pytest.raises(IllegalMove):
        orders.request_cancellation(order, by=factories.bob(), reason="NOT_NEEDED", note="Behövs inte")
    order.refresh_from_db()
    assert (order.status, len(messages(order))) == (Status.RECEIVED, 2)
    assert tell(order, cancelled(2, was_requested=True)).status == Status.CANCELLED
    assert order.cancellation_requested_at is None


def test_ordered_again_carries_everything_over_once() -> None:
    order = tell(sent_special(), cancelled(1))
    again = orders.order_again(order, by=factories.bob())
    assert orders.order_again(order, by=factories.alice()) == again
    assert (again.loan, again.instruction, again.risk_analysis, again.orderer) == (order.loan, order.instruction, order.risk_analysis, factories.bob())
    assert fields_of(again) == []
    number = orders.place(again, by=factories.bob())
    with pytest.raises(AlreadyOrderedAgain) as error:
        orders.order_again(order, by=factories.alice())
    assert error.value.number == number
    with pytest.raises(IllegalMove):
        orders.order_again(WorkOrder.objects.get(number=number), by=factories.alice())


# --- Cost proposals ------------------------------------------------------------------------------------


def proposed() -> tuple[WorkOrder, CostProposal]:
    eva = factories.approver()
    order = tell(sent_special(), status(1, State.WAITING, proposal="4500.00"))
    assert Notice.objects.filter(user=eva.user, word="Att besluta").count() == 1
    return order, order.proposals.get()


@pytest.mark.parametrize("is_approved", [True, False])
def test_the_answer_goes_to_sesam2_once(is_approved: bool) -> None:
    order, proposal = proposed()
    proposals.answer(proposal, by=factories.approver(), is_approved=is_approved, note="Enligt avtal")
    message = messages(order)[-1]
    assert (message.approved, message.by.name, message.note) == (is_approved, "Eva Ek", "Enligt avtal")
    assert events(order)[-1] == ("COST_APPROVED" if is_approved else "COST_REFUSED")
    assert proposals.open_proposal(order) is None
    with pytest.raises(proposals.AlreadyAnswered) as stands:
        proposals.answer(proposal, by=factories.approver(name="Ove Ek"), is_approved=not is_approved)
    assert (stands.value.proposal.is_approved, stands.value.proposal.answered_by.user.name) == (is_approved, "Eva Ek")
    assert len(messages(order)) == 2


def test_a_later_proposal_takes_the_place_of_one_that_is_not_answered() -> None:
    order, old = proposed()
    tell(order, status(2, State.WAITING, proposal="5200.00"))
    with pytest.raises(IllegalMove):
        proposals.answer(old, by=factories.approver(), is_approved=True)
    new = proposals.open_proposal(order)
    assert new is not None
    assert (new.sequence, f"{new.amount}") == (2, "5200.00")


def test_a_proposal_for_what_has_ended_cannot_be_answered() -> None:
    order, proposal = proposed()
    tell(order, cancelled(2))
    assert proposals.open_proposal(order) is None
    with pytest.raises(IllegalMove):
        proposals.answer(proposal, by=factories.approver(), is_approved=True)
    assert len(messages(order)) == 1


def test_who_has_not_answered_is_reminded_once_after_three_working_days() -> None:
    _, proposal = proposed()
    third = add_workdays(timezone.localtime(proposal.received_at).date(), proposals.REMINDED_AFTER_WORKDAYS)
    due = timezone.make_aware(datetime.datetime.combine(third, datetime.time(8)))
    assert proposals.remind_of_unanswered(due - datetime.timedelta(days=1)) == 0
    assert proposals.remind_of_unanswered(due) == 1
    assert proposals.remind_of_unanswered(due + datetime.timedelta(days=9)) == 0
    assert set(Notice.objects.filter(word="Väntar på svar").values_list("user__name", flat=True)) == {"Alice Ask", "Eva Ek"}


def test_who_has_answered_is_not_reminded() -> None:
    _, proposal = proposed()
    proposals.answer(proposal, by=factories.approver(), is_approved=False)
    assert proposals.remind_of_unanswered(timezone.now() + datetime.timedelta(days=30)) == 0


def test_work_done_on_the_spot_needs_an_address_and_at_the_centre_none() -> None:
    order = draft(place=Place.ON_SITE)
    order.patient.addresses.all().delete()
    assert fields_of(WorkOrder.objects.get(pk=order.pk)) == ["method"]
    drafts.save(order, content=content(order, place=Place.CENTRE))
    orders.place(order, by=factories.alice())
    assert messages(WorkOrder.objects.get(pk=order.pk))[0].delivery.method == "CENTRE"
