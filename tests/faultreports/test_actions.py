"""What a person does with a felrapport, and each way in which it is refused with nothing left behind."""

import dataclasses
import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Customer, Notice
from catalog.models import Individual
from core.lifecycle import IllegalMove, NotInTransaction
from faultreports import known, rules
from faultreports.actions import aids, drafts, reminders, sending
from faultreports.known import Elsewhere, Known, Named, NotKnown
from faultreports.models import AidPlan, DeliveryFault, FaultReport, Kind, Status
from integration.models import Attachment, OutgoingMessage
from ordering.sending import AlreadySent, ChangedMeanwhile, NotReady, NotSeen
from patients.actions import record_individual_update
from patients.models import AccessLogEntry, CareRelation, Loan, Patient
from tests import factories
from tests.faultreports import told

pytestmark = pytest.mark.django_db


def marks(loan: Loan) -> tuple[bool, bool]:
    """(under investigation, lost) of the loan, which are those of the individual too."""
    loan = Loan.objects.get(pk=loan.pk)
    found = (loan.is_under_investigation, loan.is_lost)
    individual = Individual.objects.filter(number=loan.individual_number).values_list("is_under_investigation", "is_lost").first()
    assert individual in {found, None}
    return found


def messages(report: FaultReport) -> list[OutgoingMessage]:
    return list(OutgoingMessage.objects.filter(subject=report.number).order_by("sequence"))


def nothing_left(report: FaultReport) -> bool:
    """Neither a number, a history, a message, nor a notice."""
    report = FaultReport.objects.get(pk=report.pk)
    return report.status == Status.DRAFT and not report.history.exists() and not OutgoingMessage.objects.exists() and not Notice.objects.exists()


# --- Sending ------------------------------------------------------------------------------------------


def test_a_report_is_sent_with_its_number_history_message_and_log() -> None:
    patient = factories.patient()
    report = told.sent(Kind.COMPLAINT, of=told.loan(patient))
    assert report.status == Status.REGISTERED
    assert str(report.number).startswith("F-")
    assert told.events(report) == ["REGISTERED"]
    [message] = messages(report)
    assert message.message_type == "FaultReport"
    body = message.payload["body"]
    assert body["type"] == "COMPLAINT"
    assert body["about"] == "PRODUCT"
    assert body["aid"] == {"individualNumber": "100200", "articleNumber": report.article_number, "name": report.aid_name}
    assert body["patient"]["name"] == patient.name
    assert "present" not in body or body["present"] is None
    signed = AccessLogEntry.objects.get(patient=patient, action="SIGN")
    assert (signed.activity, signed.resource_id) == ("Skicka felrapport", report.number)


@pytest.mark.parametrize("kind", Kind)
def test_a_report_of_each_kind_can_be_sent_and_the_contract_takes_it(kind: Kind) -> None:
    report = told.sent(kind, of=told.loan(factories.patient()))
    [message] = messages(report)
    expected = {Kind.SERVICE: ("SERVICE", "COMPLAINT"), Kind.DELIVERY: ("SERVICE", "DELIVERY")}.get(kind, ("PRODUCT", kind.value))
    assert (message.payload["body"]["about"], message.payload["body"]["type"]) == expected


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind in Kind for field in rules.NEEDED[kind]])
def test_what_a_kind_needs_is_asked_for_at_its_field(kind: Kind, field: str) -> None:
    empty = None if field in {"happened_on", "wants_replacement", "is_reported_to_authority"} else ""
    report = told.draft(kind, **{field: empty})
    with pytest.raises(NotReady) as refused:
        sending.send(report, by=factories.alice())
    assert [name for name, _ in refused.value.problems] == [field]
    assert nothing_left(report)


@pytest.mark.parametrize(
    ("fault", "field"), [(DeliveryFault.WRONG, "despatch_number"), (DeliveryFault.DAMAGED, "despatch_number"), (DeliveryFault.LATE, "order_number")]
)
def test_a_wrong_delivery_names_its_delivery_note_and_a_late_one_its_order(fault: DeliveryFault, field: str) -> None:
    report = told.draft(Kind.DELIVERY, delivery_fault=fault, despatch_number="", order_number="")
    with pytest.raises(NotReady) as refused:
        sending.send(report, by=factories.alice())
    assert [name for name, _ in refused.value.problems] == [field]


def test_the_database_itself_refuses_a_sent_report_that_tells_too_little() -> None:
    """Whoever writes it, by whatever way."""
    report = told.event()
    for change in ({"present": ""}, {"description": ""}, {"happened_on": None}, {"is_reported_to_authority": None}, {"customer": None}, {"number": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FaultReport.objects.filter(pk=report.pk).update(**change)
    delivery = told.sent(Kind.DELIVERY)
    with pytest.raises(IntegrityError), transaction.atomic():
        FaultReport.objects.filter(pk=delivery.pk).update(despatch_number="")
    lost = told.sent(Kind.LOST)
    with pytest.raises(IntegrityError), transaction.atomic():
        FaultReport.objects.filter(pk=lost.pk).update(measures="")


def test_what_happened_tomorrow_has_not_happened() -> None:
    report = told.draft(happened_on=timezone.localdate() + datetime.timedelta(days=1))
    with pytest.raises(NotReady) as refused:
        sending.send(report, by=factories.alice())
    assert [name for name, _ in refused.value.problems] == ["happened_on"]
    assert nothing_left(report)


def test_an_aid_that_is_investigated_is_not_repaired_on_the_spot() -> None:
    report = told.draft(Kind.NEGATIVE_EVENT, aid_plan=AidPlan.ON_SITE)
    with pytest.raises(NotReady) as refused:
        sending.send(report, by=factories.alice())
    assert [name for name, _ in refused.value.problems] == ["aid_plan"]


def test_another_units_customer_is_refused() -> None:
    other = Customer.objects.filter(unit=factories.carol().unit).get()
    report = told.draft(customer=other)
    with pytest.raises(NotReady) as refused:
        sending.send(report, by=factories.alice())
    assert [name for name, _ in refused.value.problems] == ["customer"]


def test_a_second_click_finds_what_the_first_one_sent() -> None:
    report = told.sent()
    with pytest.raises(AlreadySent) as again:
        sending.send(report, by=factories.alice())
    assert again.value.number == report.number
    assert len(messages(report)) == 1


def test_what_was_changed_after_it_was_checked_is_not_sent() -> None:
    report = told.draft()
    with pytest.raises(NotSeen):
        sending.send(report, by=factories.alice(), seen=report.version - 1)
    assert nothing_left(report)


def test_a_draft_that_is_thrown_away_is_not_sent() -> None:
    report = told.draft()
    drafts.discard(report, by=factories.alice())
    with pytest.raises(IllegalMove):
        sending.send(report, by=factories.alice())
    assert not OutgoingMessage.objects.exists()


def test_sending_outside_a_transaction_is_impossible_for_the_status_itself() -> None:
    report = told.draft()
    with pytest.raises(IllegalMove):
        report.move_to(Status.CLOSED, event="CLOSED")
    assert issubclass(NotInTransaction, Exception)


def test_of_a_protected_person_only_the_number_goes_out() -> None:
    alice = factories.alice()
    alice.unit.may_see_protected = True
    alice.unit.save()
    patient = factories.patient(alice)
    report = told.draft(Kind.NEGATIVE_EVENT, of=told.loan(patient), by=alice, place="")
    Patient.objects.filter(pk=patient.pk).update(protection="MARKED", phone="")
    report.refresh_from_db()
    sending.send(report, by=factories.alice())
    body = OutgoingMessage.objects.get().payload["body"]
    assert body["patient"] == {"idType": "PERSONNUMMER", "id": patient.identity.value, "name": None, "protected": True}
    assert body.get("place") is None


# --- What it is about ---------------------------------------------------------------------------------


def test_what_the_report_began_with_is_not_written_over() -> None:
    patient = factories.patient()
    loan = told.loan(patient)
    report = told.draft(of=loan, aid_name="Något annat", individual_number="999")
    assert (report.aid_name, report.individual_number, report.loan, report.patient) == (loan.article.display_name, "100200", loan, patient)


def test_a_typed_number_leads_to_the_aid_and_a_changed_one_away_from_it() -> None:
    loan = told.loan(factories.patient())
    report = told.draft(Kind.COMPLAINT)
    found = known.look_up(Named(individual="100200"), by=factories.alice())
    drafts.save(report, content=told.content(report, individual_number="100200"), found=found)
    report.refresh_from_db()
    assert (report.loan, report.patient, report.aid_name) == (loan, loan.patient, loan.article.display_name)
    drafts.save(report, content=told.content(report, individual_number="X1", aid_name="Rollator"), found=Known())
    report.refresh_from_db()
    assert (report.loan, report.patient, report.aid_name, report.individual_number, report.article) == (None, None, "Rollator", "X1", None)


def test_the_draft_that_was_begun_about_the_same_is_gone_on_with() -> None:
    loan = told.loan(factories.patient())
    first = told.draft(of=loan)
    again = drafts.start(Kind.COMPLAINT, by=factories.alice(), known=told.about(loan))
    other = drafts.start(Kind.NEAR_MISS, by=factories.alice(), known=told.about(loan))
    bobs = drafts.start(Kind.COMPLAINT, by=factories.bob(), known=told.about(loan, by=factories.bob()))
    assert again == first
    assert len({first, other, bobs}) == 3


def test_nobody_saves_over_what_they_have_not_seen() -> None:
    report = told.draft()
    seen = report.version
    drafts.save(report, content=told.content(report, description="Först"), found=Known(), seen=seen)
    with pytest.raises(ChangedMeanwhile):
        drafts.save(report, content=told.content(report, description="Sedan"), found=Known(), seen=seen)
    assert FaultReport.objects.get(pk=report.pk).description == "Först"


def test_a_sent_report_is_neither_written_on_nor_given_files() -> None:
    report = told.attach(told.draft())
    sending.send(report, by=factories.alice())
    file = report.attachments.get().attachment
    for change in (
        lambda: drafts.save(report, content=told.content(report, description="Annat"), found=Known()),
        lambda: told.attach(report),
        lambda: drafts.detach(report, file.pk),
        lambda: drafts.discard(report, by=factories.alice()),
    ):
        with pytest.raises(IllegalMove):
            change()
    report.refresh_from_db()
    assert report.description == "Höger framhjul lossnade."
    assert report.attachments.count() == 1
    assert messages(report)[0].payload["body"]["attachments"][0]["fileName"] == "foto.jpg"


def test_a_file_that_is_taken_off_is_gone_and_there_are_not_too_many() -> None:
    report = told.draft()
    for number in range(drafts.MOST_FILES):
        told.attach(report, f"foto{number}.jpg")
    with pytest.raises(drafts.TooManyFiles):
        told.attach(report, "en till.jpg")
    drafts.detach(report, report.attachments.order_by("pk").first().attachment_id)
    assert report.attachments.count() == Attachment.objects.count() == drafts.MOST_FILES - 1


@dataclasses.dataclass(frozen=True)
class World:
    """Alice's patient with an aid, and one whom her unit has not opened."""

    mine: Loan
    theirs: Loan


@pytest.fixture
def world() -> World:
    return World(told.loan(factories.patient(), "100200"), told.loan(factories.patient(factories.carol()), "100300"))


def test_an_aid_of_another_units_patient_is_not_there(world: World) -> None:
    alice = factories.alice()
    for named in (
        Named(individual="100300"),
        Named(patient=world.theirs.patient.public_id, loan=world.theirs.pk),
        Named(patient=world.mine.patient.public_id, loan=world.theirs.pk),
        Named(loan=world.theirs.pk),
        Named(loan=world.mine.pk),
        Named(individual="finns inte"),
        Named(order="K-2026-99999999-1"),
        Named(order="F-2026-00000001-1"),
        Named(despatch="FS-404"),
        Named(store="B-404"),
        Named(article=987654321),
    ):
        with pytest.raises(NotKnown):
            known.look_up(named, by=alice)
    assert not AccessLogEntry.objects.filter(patient=world.theirs.patient, user_hsa_id=alice.user.hsa_id).exists()


def test_another_care_providers_aid_does_not_even_exist(world: World) -> None:
    """The same answer as for a number that nobody has."""
    with pytest.raises(NotKnown) as theirs:
        known.look_up(Named(individual="100200"), by=factories.dan())
    with pytest.raises(NotKnown) as nobodys:
        known.look_up(Named(individual="100999"), by=factories.dan())
    assert not isinstance(theirs.value, Elsewhere)
    assert theirs.value.text == nobodys.value.text


def test_an_order_leads_to_its_patient_and_its_line_to_the_aid() -> None:
    order = factories.order(lines=2)
    loan = factories.loan(order, "100200", line=2)
    alice = factories.alice()
    found = known.look_up(Named(order=str(order.number)), by=alice)
    assert (found.patient, found.order_number, found.has_aid) == (order.patient, order.number, False)
    found = known.look_up(Named(order=str(order.number), line=2), by=alice)
    assert (found.loan, found.individual_number, found.order_line) == (loan, "100200", 2)
    line = order.lines.get(line=1)
    found = known.look_up(Named(order=str(order.number), line=1), by=alice)
    assert (found.loan, found.article, found.aid_name) == (None, line.article, line.article.display_name)
    for by, named in (
        (alice, Named(order=str(order.number), line=3)),
        (factories.carol(), Named(order=str(order.number))),
        (factories.dan(), Named(order=str(order.number))),
    ):
        with pytest.raises(NotKnown):
            known.look_up(named, by=by)


def test_numbers_of_different_patients_are_refused_together(world: World) -> None:
    order = factories.order()
    with pytest.raises(Elsewhere):
        known.look_up(Named(patient=world.mine.patient.public_id, loan=world.mine.pk, order=str(order.number)), by=factories.alice())


def test_a_protected_person_is_not_reached_by_a_number(world: World) -> None:
    Patient.objects.filter(pk=world.mine.patient_id).update(protection="MARKED", phone="")
    for named in (Named(individual="100200"), Named(patient=world.mine.patient.public_id, loan=world.mine.pk)):
        with pytest.raises(NotKnown):
            known.look_up(named, by=factories.alice())


def test_who_may_open_no_patients_reports_on_none(world: World) -> None:
    keeper = factories.assignment("Stina Storm", "STORE_MANAGER", at=factories.unit())
    for named in (Named(individual="100200"), Named(patient=world.mine.patient.public_id), Named(patient=world.mine.patient.public_id, loan=world.mine.pk)):
        with pytest.raises(NotKnown):
            known.look_up(named, by=keeper)


# --- The aid ------------------------------------------------------------------------------------------


def test_a_negative_event_marks_the_aid_and_nothing_else_does() -> None:
    patient = factories.patient()
    for number, kind in enumerate(Kind):
        loan = told.loan(patient, f"10020{number}", article=f"11820{number}")
        told.sent(kind, of=loan)
        assert marks(loan) == (kind == Kind.NEGATIVE_EVENT, kind == Kind.LOST)


def test_the_handler_releases_the_aid_once() -> None:
    report = told.event()
    hanna = told.handler()
    aids.release(report, by=hanna)
    assert marks(report.loan) == (False, False)
    assert told.events(report)[-1] == "RELEASED"
    assert Notice.objects.filter(user=report.reporter.user, word="Utredningen hävd").count() == 1
    with pytest.raises(IllegalMove):
        aids.release(FaultReport.objects.get(pk=report.pk), by=hanna)
    assert told.events(report).count("RELEASED") == 1


def test_what_is_not_held_is_not_released() -> None:
    patient = factories.patient()
    for report in (
        told.sent(Kind.NEAR_MISS, of=told.loan(patient, "1", article="a")),
        told.sent(Kind.NEGATIVE_EVENT),
        told.draft(Kind.NEGATIVE_EVENT, of=told.loan(patient, "2", article="b")),
        told.tell(told.event(patient, "3"), told.status(1, Status.CLOSED)),
    ):
        with pytest.raises(IllegalMove):
            aids.release(report, by=told.handler())


def test_a_case_that_sesam2_closes_frees_the_aid() -> None:
    report = told.tell(told.event(), told.status(1, Status.ANSWERED))
    assert marks(report.loan) == (True, False)
    told.tell(report, told.status(2, Status.CLOSED))
    assert marks(report.loan) == (False, False)


@pytest.mark.parametrize("how", ["released", "closed"])
def test_another_open_event_with_the_same_aid_keeps_it(how: str) -> None:
    loan = told.loan(factories.patient())
    first, second = told.sent(Kind.NEGATIVE_EVENT, of=loan), told.sent(Kind.NEGATIVE_EVENT, of=loan, is_second=True)

    def let_go(report: FaultReport) -> None:
        report.refresh_from_db()
        if how == "released":
            aids.release(report, by=told.handler())
        else:
            told.tell(report, told.status(1, Status.CLOSED))

    let_go(first)
    assert marks(loan) == (True, False)
    let_go(second)
    assert marks(loan) == (False, False)


def test_an_aid_that_has_got_another_number_is_the_same_aid() -> None:
    loan = told.loan(factories.patient(), "40-1")
    first = told.sent(Kind.NEGATIVE_EVENT, of=loan)
    record_individual_update("40-1", sequence=1, replaced_by="40-2", next_inspection=None, note="")
    loan.refresh_from_db()
    second = told.sent(Kind.NEGATIVE_EVENT, of=loan, is_second=True)
    assert second.individual_number == "40-2"
    aids.release(first, by=told.handler())
    assert marks(loan) == (True, False)
    aids.release(second, by=told.handler())
    assert marks(loan) == (False, False)


def test_a_number_that_is_only_typed_holds_nobodys_aid() -> None:
    """Another care provider writes the number of our aid, which it cannot see."""
    loan = told.loan(factories.patient())
    told.sent(Kind.NEGATIVE_EVENT, by=factories.dan(), individual_number="100200")
    assert marks(loan) == (False, False)
    report = told.sent(Kind.NEGATIVE_EVENT, of=loan)
    aids.release(report, by=told.handler())
    assert marks(loan) == (False, False)


def test_lost_is_said_by_those_with_the_right_to_it() -> None:
    loan = told.loan(factories.patient())
    report = told.draft(Kind.LOST, of=loan)
    with pytest.raises(sending.NotAllowed):
        sending.send(report, by=factories.bob())
    assert nothing_left(report)
    assert marks(loan) == (False, False)


def test_found_again_restores_the_aid_and_tells_sesam2() -> None:
    loan = told.loan(factories.patient())
    report = told.sent(Kind.LOST, of=loan)
    assert marks(loan) == (False, True)
    hanna = told.handler()
    aids.record_found(report, by=hanna, found_on=timezone.localdate(), note="I källaren")
    assert marks(loan) == (False, False)
    assert [message.message_type for message in messages(report)] == ["FaultReport", "LostAidFound"]
    assert messages(report)[1].payload["body"] == {"reportNumber": report.number, "foundOn": f"{timezone.localdate()}", "note": "I källaren"}
    assert {notice.user for notice in Notice.objects.filter(word="Återfunnet")} == {report.reporter.user, hanna.user}
    with pytest.raises(IllegalMove):
        aids.record_found(FaultReport.objects.get(pk=report.pk), by=hanna, found_on=timezone.localdate())
    assert len(messages(report)) == 2


def test_only_what_was_lost_is_found() -> None:
    for report in (told.event(), told.draft(Kind.LOST)):
        with pytest.raises(IllegalMove):
            aids.record_found(report, by=factories.alice(), found_on=timezone.localdate())
    assert not OutgoingMessage.objects.filter(message_type="LostAidFound").exists()


def test_what_is_lost_is_not_lost_again_and_what_is_returned_is_not_lost() -> None:
    loan = told.loan(factories.patient())
    told.sent(Kind.LOST, of=loan)
    again = told.draft(Kind.LOST, of=loan, is_second=True)
    with pytest.raises(NotReady) as refused:
        sending.send(again, by=factories.alice())
    assert "redan anmält" in refused.value.problems[0][1]
    other = told.loan(factories.patient(), "100201", article="118202")
    report = told.draft(Kind.LOST, of=other)
    Loan.objects.filter(pk=other.pk).update(ended_at=timezone.now())
    with pytest.raises(NotReady) as refused:
        sending.send(report, by=factories.alice())
    assert "återlämnat" in refused.value.problems[0][1]


def test_a_second_report_on_the_same_aid_the_same_day_asks_first() -> None:
    loan = told.loan(factories.patient())
    told.sent(Kind.COMPLAINT, of=loan)
    second = told.draft(Kind.NEAR_MISS, of=loan)
    with pytest.raises(NotReady) as refused:
        sending.send(second, by=factories.alice())
    assert [field for field, _ in refused.value.problems] == ["is_second"]
    drafts.save(second, content=told.content(second, is_second=True), found=Known())
    assert sending.send(FaultReport.objects.get(pk=second.pk), by=factories.alice())


def test_another_day_or_another_aid_asks_nothing() -> None:
    patient = factories.patient()
    loan = told.loan(patient)
    first = told.sent(Kind.COMPLAINT, of=loan)
    FaultReport.objects.filter(pk=first.pk).update(reported_at=timezone.now() - datetime.timedelta(days=1))
    assert told.sent(Kind.COMPLAINT, of=loan).number
    assert told.sent(Kind.COMPLAINT, of=told.loan(patient, "100201", article="118202")).number
    assert told.sent(Kind.COMPLAINT).number
    assert told.sent(Kind.COMPLAINT).number


# --- Who is told --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
def test_the_handlers_are_told_of_what_they_have_more_to_do_about(kind: Kind) -> None:
    hanna, elsewhere = told.handler(), told.handler("Disa Dal", at=factories.carol().unit)
    report = told.sent(kind, of=told.loan(factories.patient()))
    told_of = Notice.objects.filter(user=hanna.user, url=report.get_absolute_url())
    assert told_of.count() == (1 if kind in {Kind.NEGATIVE_EVENT, Kind.NEAR_MISS, Kind.LOST} else 0)
    assert not Notice.objects.filter(user=elsewhere.user).exists()


def test_that_the_authority_is_told_is_said_once() -> None:
    report = told.event()
    sending.note_authority(report, by=factories.bob())
    with pytest.raises(IllegalMove):
        sending.note_authority(FaultReport.objects.get(pk=report.pk), by=factories.bob())
    assert told.events(report).count("AUTHORITY") == 1
    with pytest.raises(IllegalMove):
        sending.note_authority(told.sent(), by=factories.bob())


def test_the_reporter_and_the_handlers_are_reminded_of_the_authority_once_after_three_working_days(time_machine: Any = None) -> None:
    hanna = told.handler()
    report = told.event()
    told.sent(Kind.COMPLAINT)
    reported = told.sent(Kind.NEAR_MISS, is_reported_to_authority=True)
    sent_at = timezone.make_aware(datetime.datetime(2026, 11, 26, 10))  # a Thursday
    FaultReport.objects.filter(number__isnull=False).update(reported_at=sent_at)
    assert reminders.remind_of_authority(timezone.make_aware(datetime.datetime(2026, 11, 30, 23))) == 0
    assert reminders.remind_of_authority(timezone.make_aware(datetime.datetime(2026, 12, 1, 1))) == 1
    assert reminders.remind_of_authority(timezone.make_aware(datetime.datetime(2026, 12, 2, 1))) == 0
    notices = Notice.objects.filter(word="Att anmäla")
    assert {notice.user for notice in notices} == {report.reporter.user, hanna.user}
    assert {notice.url for notice in notices} == {report.get_absolute_url()}
    assert "AUTHORITY_REMINDER" not in told.events(reported)


def test_merging_patients_takes_the_report_along() -> None:
    from patients.actions import merge

    alice = factories.alice()
    kept, absorbed = factories.patient(alice), factories.patient(alice)
    report = told.sent(of=told.loan(absorbed))
    unrelated = told.sent()
    merge(kept, absorbed, by=alice, reason="Samma person")
    report.refresh_from_db()
    unrelated.refresh_from_db()
    assert (report.patient, unrelated.patient) == (kept, None)
    assert CareRelation.objects.filter(patient=kept, unit=alice.unit).exists()
