"""Two records of one person become one, with all that there is, and two again."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import UniqueConstraint

from integration.models import OutgoingMessage
from orders.actions import drafts, orders
from orders.models import Order
from patients import access, actions
from patients.actions import merging
from patients.identifiers import Identifier, IdentityType
from patients.models import AccessLogEntry, Address, CareRelation, Contact, Loan, Patient, PatientHistory, PatientIdentity, PayerResponsibility
from tests import factories
from tests.patients.test_identities import RESERVE, pays, registered

pytestmark = pytest.mark.django_db
TABLES = (Patient, PatientIdentity, Address, CareRelation, Contact, Loan, PayerResponsibility, Order)
ALL = (*TABLES, PatientHistory, OutgoingMessage, AccessLogEntry)


def rows(tables: Any = ALL) -> dict[str, list[dict[str, Any]]]:
    return {table.__name__: list(table._base_manager.order_by("pk").values()) for table in tables}


def merge(kept: Patient, absorbed: Patient) -> PatientHistory:
    return actions.merge(kept, absorbed, by=factories.alice(), reason="Samma person")


@pytest.fixture
def kept() -> Patient:
    return factories.patient(factories.alice(), number=factories.test_numbers()[0])


@pytest.fixture
def absorbed() -> Patient:
    """With something in every table, from two care providers."""
    alice, dan = factories.alice(), factories.dan()
    patient = registered(RESERVE)
    actions.change_details(patient, by=alice, phone="+46701740611", address=actions.NewAddress("Nygatan 2", "44131", "Alingsås"))
    actions.confirm_care_relation(patient, by=dan)
    actions.add_contact(patient, actions.NewContact("God Man", "+46701740608"), by=dan)
    factories.loan(factories.order(alice, to=patient), "40-1")
    factories.order(dan, to=patient)
    factories.draft(alice, to=patient)
    pays(patient, "600001", 0, by=dan)
    return patient


def test_all_that_there_is_follows_and_nothing_is_left_for_the_other(kept: Patient, absorbed: Patient) -> None:
    counts = {table.__name__: table._base_manager.count() for table in TABLES}
    merge(kept, absorbed)
    assert {table.__name__: table._base_manager.count() for table in TABLES} == counts
    for key in merging.followers():
        assert not key.model._base_manager.filter(**{key.name: absorbed.pk}).exists(), key
    found = Patient.objects.prefetch_related("identities", "addresses").get(pk=kept.pk)
    assert found.identity.value == factories.test_numbers()[0]
    assert [identity.value for identity in found.former_identities] == [RESERVE.value]
    assert (found.address.street, [address.street for address in found.former_addresses]) == ("Storgatan 1", ["Nygatan 2", "Storgatan 1"])
    assert Order.objects.filter(patient=kept).count() == 3
    assert PayerResponsibility.objects.get().patient == kept
    assert [contact.name for contact in Contact.objects.visible_to(factories.dan()).filter(patient=kept)] == ["God Man"]
    assert CareRelation.objects.filter(patient=absorbed).get().unit == factories.alice().unit
    assert Patient.objects.visible_to(factories.alice()).get() == Patient.objects.visible_to(factories.dan()).get() == kept
    # What tells what was stays where it was written.
    assert AccessLogEntry.objects.filter(patient=absorbed, activity="Registrera patient").exists()


def test_the_old_number_and_the_old_address_lead_to_the_one_record(kept: Patient, absorbed: Patient) -> None:
    merge(kept, absorbed)
    assert access.find_by_number(factories.alice(), RESERVE) == kept
    opened = access.open_patient(factories.dan(), absorbed.public_id, activity="Visa patient", resource=access.Resource("Patient"))
    assert opened == kept


def test_both_are_in_the_access_log_and_sesam2_is_told(kept: Patient, absorbed: Patient) -> None:
    row = merge(kept, absorbed)
    logged = AccessLogEntry.objects.filter(activity="Slå ihop patienter")
    assert {(entry.patient_id, entry.identity_value, entry.reason) for entry in logged} == {
        (kept.pk, factories.test_numbers()[0], "Samma person"),
        (absorbed.pk, RESERVE.value, "Samma person"),
    }
    message = OutgoingMessage.objects.get(message_type="PatientIdentityChanged")
    assert (message.subject, message.sequence) == (row.number, 1)
    body = (message.payload or {})["body"]
    assert (body["from"]["id"], body["to"]["id"], body["to"]["name"]) == (RESERVE.value, factories.test_numbers()[0], "Tolvan Tolvansson")


def test_a_merge_is_taken_back_and_everything_is_as_it_was(kept: Patient, absorbed: Patient) -> None:
    before = rows(TABLES)
    row = merge(kept, absorbed)
    assert rows(TABLES) != before
    assert actions.undo_merge(row, by=factories.alice(), reason="Två personer") == absorbed
    assert rows(TABLES) == before
    first, second = OutgoingMessage.objects.filter(subject=row.number).order_by("sequence")
    bodies = [(message.payload or {})["body"] for message in (first, second)]
    assert (bodies[1]["from"], bodies[1]["to"]) == (bodies[0]["to"], bodies[0]["from"])
    assert AccessLogEntry.objects.filter(activity="Ångra sammanslagning").count() == 2
    with pytest.raises(actions.NotUndoable):
        actions.undo_merge(row, by=factories.alice(), reason="Igen")
    merge(kept, absorbed)


def test_what_came_after_the_merge_stays_when_it_is_taken_back(kept: Patient, absorbed: Patient) -> None:
    row = merge(kept, absorbed)
    new = factories.order(factories.alice(), to=kept)
    actions.undo_merge(row, by=factories.alice(), reason="Två personer")
    assert list(Order.objects.filter(patient=kept)) == [new]
    assert Order.objects.filter(patient=absorbed).count() == 3


def test_a_merge_that_was_followed_by_another_change_is_taken_back_after_it(kept: Patient, absorbed: Patient) -> None:
    row = merge(kept, absorbed)
    to = Identifier(IdentityType.PERSONNUMMER, factories.test_numbers()[1])
    later = actions.change_identity(kept, by=factories.alice(), to=to, reason="Nytt")
    with pytest.raises(actions.NotUndoable):
        actions.undo_merge(row, by=factories.alice(), reason="Fel")
    actions.undo_identity_change(later, by=factories.alice(), reason="Fel")
    actions.undo_merge(row, by=factories.alice(), reason="Fel")
    assert access.find_by_number(factories.alice(), RESERVE) == absorbed


def test_three_records_become_one_and_come_apart_in_turn(kept: Patient, absorbed: Patient) -> None:
    third = registered(Identifier(IdentityType.NRID, "22790814AA01"))
    before = rows(TABLES)
    first = merge(absorbed, third)
    second = merge(kept, absorbed)
    for old in (absorbed, third):
        assert access.open_patient(factories.alice(), old.public_id, activity="Visa patient", resource=access.Resource("Patient")) == kept
    with pytest.raises(actions.MergedMeanwhile):
        actions.undo_merge(first, by=factories.alice(), reason="I fel ordning")
    actions.undo_merge(second, by=factories.alice(), reason="Fel")
    actions.undo_merge(first, by=factories.alice(), reason="Fel")
    assert rows(TABLES) == before


def test_the_stronger_protection_holds_and_no_name_goes_out(kept: Patient, absorbed: Patient) -> None:
    Patient.objects.filter(pk=absorbed.pk).update(phone="", protection="REGISTRATION")
    before = rows(TABLES)
    row = merge(kept, absorbed)
    found = Patient.objects.get(pk=kept.pk)
    assert (found.protection, found.phone, found.address) == ("REGISTRATION", "", None)
    body = (OutgoingMessage.objects.get(subject=row.number).payload or {})["body"]
    assert (body["from"]["name"], body["to"]["name"], body["to"]["protected"]) == (None, None, True)
    actions.undo_merge(row, by=factories.alice(), reason="Fel")
    assert rows(TABLES) == before


def test_a_phone_that_only_the_other_had_is_taken_over(kept: Patient, absorbed: Patient) -> None:
    Patient.objects.filter(pk=kept.pk).update(phone="")
    merge(kept, absorbed)
    assert Patient.objects.get(pk=kept.pk).phone == "+46701740611"


def test_a_payer_that_both_have_stays_that_of_the_one_who_is_kept(kept: Patient, absorbed: Patient) -> None:
    pays(kept, "600002", 0, by=factories.dan())
    merge(kept, absorbed)
    assert [(row.patient_id, row.customer_number) for row in PayerResponsibility.objects.order_by("customer_number")] == [
        (absorbed.pk, "600001"),
        (kept.pk, "600002"),
    ]


@pytest.mark.parametrize("how", ["itself", "merged already", "into one that is merged"])
def test_what_cannot_be_merged_changes_nothing(how: str, kept: Patient, absorbed: Patient) -> None:
    third = registered(Identifier(IdentityType.NRID, "22790814AA01"))
    if how != "itself":
        merge(kept, absorbed)
    pair = {"itself": (kept, kept), "merged already": (third, absorbed), "into one that is merged": (absorbed, third)}[how]
    before = rows()
    with pytest.raises(actions.SameRecord if how == "itself" else actions.MergedMeanwhile):
        merge(*pair)
    assert rows() == before


def test_nothing_is_done_to_a_record_that_has_been_merged(kept: Patient, absorbed: Patient) -> None:
    merge(kept, absorbed)
    alice, before = factories.alice(), rows()
    to = Identifier(IdentityType.PERSONNUMMER, factories.test_numbers()[1])
    for action in (
        lambda: actions.change_identity(absorbed, by=alice, to=to, reason="Nytt"),
        lambda: actions.change_details(absorbed, by=alice, phone="", address=actions.NewAddress("Nygatan 2", "44131", "Alingsås")),
        lambda: actions.add_contact(absorbed, actions.NewContact("God Man", "+46701740608"), by=alice),
        lambda: pays(absorbed, "600001", 0),
        lambda: actions.prolong_lma(absorbed, by=alice, valid_until=factories.days_from_now(1)),
    ):
        with pytest.raises(actions.MergedMeanwhile), transaction.atomic():
            action()
    assert rows() == before


# --- Nothing is written to a merged record ----------------------------------------------------------


def test_a_row_for_the_merged_record_is_written_for_the_one_that_is_kept(kept: Patient, absorbed: Patient) -> None:
    draft = factories.draft(factories.alice(), to=absorbed)
    merge(kept, absorbed)
    late = drafts.start(absorbed, by=factories.alice())
    assert Order.objects.get(pk=late.pk).patient == kept
    Order.objects.filter(pk=draft.pk).update(patient=absorbed)
    number = orders.place(Order.objects.get(pk=draft.pk), by=factories.alice())
    assert Order.objects.get(number=number).patient == kept
    body = (OutgoingMessage.objects.get(subject=number).payload or {})["body"]
    assert body["patient"]["id"] == factories.test_numbers()[0]


def test_control_without_the_trigger_the_row_is_lost_to_the_patient(kept: Patient, absorbed: Patient) -> None:
    merge(kept, absorbed)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        late = drafts.start(absorbed, by=factories.alice())
        cursor.execute("SET session_replication_role = DEFAULT")
    assert Order.objects.get(pk=late.pk).patient == absorbed


def test_every_table_about_a_patient_follows_a_merge_or_tells_what_was() -> None:
    """A new table with a patient gets `follows_merge()`; one that allows a patient a row only once must be thought of in `merging`."""
    for key in merging.followers():
        names = {trigger.name for trigger in getattr(key.model._meta, "triggers", ())}
        assert "follows_merge" in names, f"{key.model.__name__} needs follows_merge()"
        assert not key.unique, key
        once = [rule for rule in key.model._meta.constraints if isinstance(rule, UniqueConstraint) and key.name in rule.fields]
        assert not once, f"two rows of {key.model.__name__} may clash when their patients are merged: {once}"
    assert {key.model for key in merging.followers()} >= {Order, Loan, Contact}


def test_a_patient_is_never_merged_into_itself(kept: Patient) -> None:
    with pytest.raises(IntegrityError, match="patient_is_not_merged_into_itself"), transaction.atomic():
        Patient.objects.filter(pk=kept.pk).update(merged_into=kept.pk)
