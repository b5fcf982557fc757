"""A patient gets another number, and another payer; SESAM2 is told; what was wrong is taken back."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Customer
from integration.models import OutgoingMessage
from patients import access, actions
from patients.identifiers import Identifier, IdentityType
from patients.models import AccessLogEntry, Patient, PatientHistory, PatientIdentity, PayerResponsibility
from tests import factories

pytestmark = pytest.mark.django_db
PERSONNUMMER = factories.test_numbers()[0]
RESERVE = Identifier(IdentityType.VGR_RESERV, "19810829M071")
SAMORDNING = Identifier(IdentityType.SAMORDNINGSNUMMER, "191903772380")
FULL = Identifier(IdentityType.PERSONNUMMER, PERSONNUMMER)
HOME = actions.NewAddress("Storgatan 1", "44130", "Alingsås")


def registered(identifier: Identifier = RESERVE, **more: Any) -> Patient:
    values = {"given_name": "Okänd", "family_name": "Testsson", "phone": "+46701740606", "address": HOME, "contact": None} | more
    return actions.register(by=factories.alice(), identifier=identifier, **values)


def change(patient: Patient, to: Identifier = FULL, **more: Any) -> PatientHistory:
    return actions.change_identity(patient, by=factories.alice(), to=to, reason="Har fått personnummer", **more)


def numbers(patient: Patient) -> tuple[str, list[str]]:
    fresh = Patient.objects.prefetch_related("identities").get(pk=patient.pk)
    return fresh.identity.value, [identity.value for identity in fresh.former_identities]


def messages() -> list[tuple[str, str, int, Any]]:
    return [(row.message_type, row.subject, row.sequence, (row.payload or {})["body"]) for row in OutgoingMessage.objects.order_by("created_at", "sequence")]


def nothing_changes(action: Any, error: type[Exception]) -> None:
    tables = (Patient, PatientIdentity, PatientHistory, PayerResponsibility, OutgoingMessage, AccessLogEntry)
    before = [list(table._base_manager.order_by("pk").values()) for table in tables]
    with pytest.raises(error):
        action()
    assert [list(table._base_manager.order_by("pk").values()) for table in tables] == before


# --- Another number ----------------------------------------------------------------------------------


def test_the_new_number_holds_and_the_old_one_is_kept_and_finds_the_patient() -> None:
    patient, alice = registered(), factories.alice()
    row = change(patient)
    assert numbers(patient) == (PERSONNUMMER, [RESERVE.value])
    for known in (RESERVE, FULL):
        assert access.find_by_number(alice, known) == patient
    ref = {"name": "Okänd Testsson", "protected": False}
    assert messages() == [
        (
            "PatientIdentityChanged",
            row.number,
            1,
            {"from": {"idType": "VGR_RESERV", "id": RESERVE.value, **ref}, "to": {"idType": "PERSONNUMMER", "id": PERSONNUMMER, **ref}},
        )
    ]
    assert row.number.startswith("P-")
    written = AccessLogEntry.objects.filter(activity="Byta nummer").get()
    assert (written.action, written.reason, written.identity_value, written.patient) == ("WRITE", "Har fått personnummer", RESERVE.value, patient)
    with pytest.raises(actions.AlreadyRegistered):
        registered(RESERVE)


def test_what_the_patient_has_follows_the_number() -> None:
    patient = registered()
    order = factories.order(to=patient)
    factories.loan(order, "40-1")
    change(patient)
    order.refresh_from_db()
    assert order.patient == patient
    assert patient.loans.get().individual_number == "40-1"
    again = factories.order(to=Patient.objects.get(pk=patient.pk))
    body = next(body for kind, subject, _, body in messages() if subject == again.number)
    assert body["patient"]["id"] == PERSONNUMMER


def test_of_a_protected_person_only_the_numbers_go_out() -> None:
    patient = registered(phone="")
    Patient.objects.update(protection="MARKED")
    change(patient)
    [(_, _, _, body)] = messages()
    assert body["from"] == {"idType": "VGR_RESERV", "id": RESERVE.value, "name": None, "protected": True}
    assert "Testsson" not in str(body)


@pytest.mark.parametrize(
    ("has", "gets", "error"),
    [
        (RESERVE, RESERVE, actions.NumberIsCurrent),
        (FULL, RESERVE, actions.NumberIsWeaker),
        (FULL, SAMORDNING, actions.NumberIsWeaker),
        (SAMORDNING, RESERVE, actions.NumberIsWeaker),
    ],
)
def test_a_number_that_must_not_be_taken_changes_nothing(has: Identifier, gets: Identifier, error: type[Exception]) -> None:
    patient = registered(has)
    nothing_changes(lambda: change(patient, gets), error)


def test_another_persons_number_is_refused_whether_it_is_their_current_one_or_a_former() -> None:
    patient, other = registered(), registered(SAMORDNING)
    nothing_changes(lambda: change(patient, SAMORDNING), actions.NumberIsAnothers)
    change(other)
    for theirs in (SAMORDNING, FULL):
        nothing_changes(lambda theirs=theirs: change(patient, theirs), actions.NumberIsAnothers)


def test_an_lma_number_without_its_last_day_is_refused_and_leaves_nothing() -> None:
    patient = registered()
    with pytest.raises(IntegrityError), transaction.atomic():
        change(patient, Identifier(IdentityType.LMA, "52-123456"))  # without its day
    assert numbers(patient) == (RESERVE.value, [])
    assert messages() == []


# --- Taking it back ----------------------------------------------------------------------------------


def test_a_change_is_taken_back_under_its_own_number_and_the_wrong_number_is_free_again() -> None:
    patient, alice = registered(), factories.alice()
    row = change(patient)
    actions.undo_identity_change(row, by=alice, reason="Fel person")
    assert numbers(patient) == (RESERVE.value, [])
    assert access.find_by_number(alice, FULL) is None
    first, second = messages()
    assert (second[0], second[1], second[2]) == ("PatientIdentityChanged", row.number, 2)
    assert (second[3]["from"], second[3]["to"]) == (first[3]["to"], first[3]["from"])
    somebody_else = registered(FULL)
    assert access.find_by_number(alice, FULL) == somebody_else
    assert [(event.event, event.undoes_id) for event in PatientHistory.objects.order_by("pk")] == [("IDENTITY_CHANGED", None), ("UNDONE", row.pk)]


def test_a_number_that_the_patient_had_before_is_a_former_again() -> None:
    patient = registered()
    change(patient, SAMORDNING)
    last = change(patient)
    actions.undo_identity_change(last, by=factories.alice(), reason="Fel")
    assert numbers(patient) == (SAMORDNING.value, [RESERVE.value])
    back = change(patient)
    assert numbers(patient)[0] == PERSONNUMMER
    nothing_changes(lambda: actions.undo_identity_change(last, by=factories.alice(), reason="Igen"), actions.NotUndoable)
    actions.undo_identity_change(back, by=factories.alice(), reason="Fel")
    assert numbers(patient) == (SAMORDNING.value, [RESERVE.value])


def test_only_the_last_change_is_taken_back_and_only_once() -> None:
    patient, alice = registered(), factories.alice()
    first, second = change(patient, SAMORDNING), change(patient)
    nothing_changes(lambda: actions.undo_identity_change(first, by=alice, reason="Fel"), actions.NotUndoable)
    actions.undo_identity_change(second, by=alice, reason="Fel")
    nothing_changes(lambda: actions.undo_identity_change(second, by=alice, reason="Fel"), actions.NotUndoable)
    actions.undo_identity_change(first, by=alice, reason="Fel")
    assert numbers(patient) == (RESERVE.value, [])


def test_a_change_cannot_be_taken_back_twice_in_the_database_either() -> None:
    row = change(registered())
    PatientHistory.objects.create(patient=row.patient, event="UNDONE", undoes=row)
    with pytest.raises(IntegrityError), transaction.atomic():
        PatientHistory.objects.create(patient=row.patient, event="UNDONE", undoes=row)


# --- LMA ---------------------------------------------------------------------------------------------


def test_an_lma_card_expires_and_is_prolonged() -> None:
    patient = factories.lma_patient(days=-1)
    assert patient.identity.has_expired
    day = factories.days_from_now(60)
    actions.prolong_lma(patient, by=factories.alice(), valid_until=day)
    identity = Patient.objects.get(pk=patient.pk).identity
    assert (identity.valid_until, identity.has_expired) == (day, False)
    actions.prolong_lma(patient, by=factories.alice(), valid_until=day)
    assert [row.event for row in PatientHistory.objects.all()] == ["LMA_PROLONGED"]
    with pytest.raises(actions.NumberIsWeaker):
        actions.prolong_lma(registered(), by=factories.alice(), valid_until=day)


def test_an_asylum_seeker_gets_a_personnummer_and_keeps_everything() -> None:
    patient = factories.lma_patient(number="52-123456")
    factories.loan(factories.order(to=patient), "40-1")
    change(patient)
    assert numbers(patient) == (PERSONNUMMER, ["52-123456"])
    assert access.find_by_number(factories.alice(), Identifier(IdentityType.LMA, "52-123456")) == patient
    kind, _, _, body = messages()[-1]
    assert (kind, body["from"]["idType"], body["from"]["id"]) == ("PatientIdentityChanged", "LMA", "52-123456")


# --- Who pays ----------------------------------------------------------------------------------------


def pays(patient: Patient, number: str, starts: int, *, base_code: str = "", by: Any = None) -> PatientHistory:
    by = by or factories.alice()
    customer, _ = Customer.objects.get_or_create(
        number=number, defaults={"unit": by.unit, "name": number, "payer_number": f"7{number}", "payer_name": f"Betalare {number}"}
    )
    day = factories.days_from_now(starts)
    return actions.change_payer(patient, by=by, customer=customer, base_code=base_code, starts_on=day, reason="Flyttat")


def periods(patient: Patient, by: Any = None) -> list[tuple[str, int, int | None]]:
    today = factories.days_from_now(0)
    rows = PayerResponsibility.objects.visible_to(by or factories.alice()).in_force().filter(patient=patient).order_by("starts_on")
    return [(row.customer_number, (row.starts_on - today).days, (row.ends_on - today).days if row.ends_on else None) for row in rows]


def test_a_new_payer_ends_the_one_before_and_sesam2_is_told() -> None:
    patient = registered()
    pays(patient, "600001", -30, base_code="B1")
    row = pays(patient, "600002", 10)
    assert periods(patient) == [("600001", -30, 10), ("600002", 10, None)]
    today = PayerResponsibility.objects.on(factories.days_from_now(9)).get()
    assert (today.customer_number, today.base_code, today.last_day) == ("600001", "B1", factories.days_from_now(9))
    assert PayerResponsibility.objects.on(factories.days_from_now(10)).get().payer_name == "Betalare 600002"
    kind, subject, sequence, body = messages()[-1]
    assert (kind, subject, sequence) == ("PayerChanged", row.number, 1)
    assert body == {
        "patient": {"idType": "VGR_RESERV", "id": RESERVE.value, "name": "Okänd Testsson", "protected": False},
        "customerNumber": "600002",
        "payerNumber": "7600002",
        "validFrom": factories.days_from_now(10).isoformat(),
    }


def test_what_was_decided_for_later_gives_way_and_is_kept() -> None:
    patient = registered()
    for number, day in (("600001", -30), ("600002", 20), ("600003", 10)):
        pays(patient, number, day)
    assert periods(patient) == [("600001", -30, 10), ("600003", 10, None)]
    pays(patient, "600004", -40)
    assert periods(patient) == [("600004", -40, None)]
    assert PayerResponsibility.objects.filter(withdrawn_at__isnull=False).count() == 3
    assert PatientHistory.objects.filter(event="PAYER_CHANGED").count() == 4


def test_the_same_payer_again_changes_nothing() -> None:
    patient = registered()
    pays(patient, "600001", -30)
    for day in (-30, 0, 5):
        nothing_changes(lambda day=day: pays(patient, "600001", day), actions.SamePayer)
    pays(patient, "600001", 0, base_code="B2")
    assert periods(patient) == [("600001", -30, 0), ("600001", 0, None)]


def test_a_payer_belongs_to_the_care_provider_that_decided() -> None:
    patient, dan = registered(), factories.dan()
    pays(patient, "600001", 0)
    pays(patient, "600009", 0, by=dan)
    assert (periods(patient), periods(patient, dan)) == ([("600001", 0, None)], [("600009", 0, None)])
    assert PatientHistory.objects.visible_to(dan).count() == 1


def test_two_payers_at_a_time_are_refused_by_the_database() -> None:
    patient = registered()
    pays(patient, "600001", 0)
    row = PayerResponsibility.objects.get()
    row.pk = None
    row.starts_on = row.starts_on + datetime.timedelta(days=5)
    with pytest.raises(IntegrityError, match="one_payer_at_a_time"), transaction.atomic():
        row.save()
    with pytest.raises(IntegrityError, match="payer_ends_after_start"), transaction.atomic():
        PayerResponsibility.objects.update(ends_on=factories.days_from_now(0))
