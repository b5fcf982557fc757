"""Two at once about one patient. Each race has its control: the same without the guard."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from orders.actions import drafts, orders
from orders.models import Order
from patients import actions
from patients.identifiers import Identifier, IdentityType
from patients.models import Patient, PatientHistory, PatientIdentity
from tests import factories
from tests.patients.test_identities import FULL, PERSONNUMMER, RESERVE, pays, registered
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = 5


def outcomes(results: list[Any]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


def merge(kept: Patient, absorbed: Patient) -> PatientHistory:
    return actions.merge(kept, absorbed, by=factories.alice(), reason="Samma person")


def test_two_merges_of_the_same_two_into_each_other_leave_one_winner() -> None:
    for run in range(RUNS):
        one, two = (factories.patient(number=factories.test_numbers()[2 * run + place]) for place in range(2))
        results = at_once(lambda one=one, two=two: merge(one, two), lambda one=one, two=two: merge(two, one))
        assert outcomes(results) == ["MergedMeanwhile", "PatientHistory"]
        assert Patient.objects.filter(pk__in=[one.pk, two.pk], merged_into__isnull=True).count() == 1


def test_control_two_merges_that_only_look_first_leave_nobody() -> None:
    one, two = factories.patient(number=factories.test_numbers()[0]), factories.patient(number=factories.test_numbers()[1])
    both_have_looked = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def merge_unguarded(kept: Patient, absorbed: Patient) -> None:
        assert not Patient.objects.filter(pk__in=[kept.pk, absorbed.pk], merged_into__isnull=False).exists()
        both_have_looked.wait()
        Patient.objects.filter(pk=absorbed.pk).update(merged_into=kept)

    assert at_once(lambda: merge_unguarded(one, two), lambda: merge_unguarded(two, one)) == [None, None]
    assert not Patient.objects.filter(merged_into__isnull=True).exists()


def test_an_order_that_is_sent_during_a_merge_belongs_to_the_one_that_is_kept() -> None:
    alice = factories.alice()
    for run in range(RUNS):
        kept = factories.patient(alice, number=factories.test_numbers()[2 * run])
        absorbed = factories.patient(alice, number=factories.test_numbers()[2 * run + 1])
        draft = factories.draft(alice, to=absorbed, lines=1)
        results = at_once(lambda kept=kept, absorbed=absorbed: merge(kept, absorbed), lambda draft=draft: orders.place(draft, by=alice))
        assert outcomes(results) == ["PatientHistory", "str"], results
        assert Order.objects.get(pk=draft.pk).patient == kept


def test_a_draft_that_is_begun_during_a_merge_belongs_to_the_one_that_is_kept() -> None:
    """The trigger waits for the merge that holds the record, and reads it as it is then."""
    alice = factories.alice()
    kept, absorbed = registered(FULL), registered(RESERVE)
    merged = threading.Event()

    def merge_slowly() -> None:
        with transaction.atomic():
            merge(kept, absorbed)
            merged.set()
            assert not begun.wait(0.5)  # it waits

    begun = threading.Event()

    def begin() -> Order:
        merged.wait(10)
        draft = drafts.start(absorbed, by=alice)
        begun.set()
        return draft

    _, draft = at_once(merge_slowly, begin)
    assert Order.objects.get(pk=draft.pk).patient == kept


def test_control_without_the_trigger_the_draft_is_lost_to_the_patient() -> None:
    alice = factories.alice()
    kept, absorbed = registered(FULL), registered(RESERVE)
    merged = threading.Event()

    def merge_slowly() -> None:
        with transaction.atomic():
            merge(kept, absorbed)
            merged.set()

    def begin() -> Order:
        merged.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
        return drafts.start(absorbed, by=alice)

    _, draft = at_once(merge_slowly, begin)
    assert Order.objects.get(pk=draft.pk).patient == absorbed


def test_one_number_given_to_two_patients_at_once_is_one_patients() -> None:
    for run in range(RUNS):
        patients = [factories.patient(number=factories.test_numbers()[3 * run + place]) for place in range(2)]
        to = Identifier(IdentityType.PERSONNUMMER, factories.test_numbers()[3 * run + 2])

        def change(patient: Patient, to: Identifier = to) -> PatientHistory:
            return actions.change_identity(patient, by=factories.alice(), to=to, reason="Rättat")

        results = at_once(*(lambda patient=patient, change=change: change(patient) for patient in patients))
        assert outcomes(results) == ["NumberIsAnothers", "PatientHistory"]
        assert PatientIdentity.objects.of(to).count() == 1


def test_control_looking_before_giving_lets_both_go_on() -> None:
    patients = [registered(RESERVE), registered(Identifier(IdentityType.NRID, "22790814AA01"))]
    both_have_looked = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def change_unguarded(patient: Patient) -> None:
        is_free = not PatientIdentity.objects.of(FULL).exists()
        both_have_looked.wait()
        assert is_free
        PatientIdentity.objects.filter(patient=patient).update(is_current=False)
        PatientIdentity.objects.create(patient=patient, type="PERSONNUMMER", value=PERSONNUMMER)

    assert outcomes(at_once(*(lambda patient=patient: change_unguarded(patient) for patient in patients))) == ["IntegrityError", "NoneType"]


def test_a_change_is_taken_back_once_by_two() -> None:
    patient, alice = registered(), factories.alice()
    row = actions.change_identity(patient, by=alice, to=FULL, reason="Rättat")
    undo = lambda: actions.undo_identity_change(row, by=alice, reason="Fel")  # noqa: E731 - twice the same
    assert outcomes(at_once(undo, undo)) == ["NoneType", "NotUndoable"]
    assert PatientHistory.objects.filter(event="UNDONE").count() == 1


def test_two_payers_at_once_follow_each_other() -> None:
    patient = registered()
    results = at_once(lambda: pays(patient, "600001", 0), lambda: pays(patient, "600002", 5))
    assert outcomes(results) == ["PatientHistory", "PatientHistory"]
    assert patient.payers.in_force().filter(ends_on__isnull=True).count() == 1
