"""What can be done with a patient's record, and each way it is refused with nothing left behind."""

import datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from patients import actions
from patients.actions import AddressIsProtected, AlreadyRegistered, DeliveredAid, NewAddress, NewContact
from patients.identifiers import Identifier, IdentityType
from patients.models import AccessLogEntry, Address, CareRelation, Contact, Loan, Patient, PatientIdentity
from tests import factories

pytestmark = pytest.mark.django_db
HOME = NewAddress(street="Storgatan 1", postal_code="44130", city="Alingsås", door_code="1357")
ELSA = NewContact("Elsa Tolvansson", "+46701740607", "dotter")
NUMBER = factories.test_numbers()[0]
MODELS = [Patient, PatientIdentity, CareRelation, Address, Contact, AccessLogEntry]


def register(by: Any = None, *, number: str = NUMBER, kind: IdentityType = IdentityType.PERSONNUMMER, **changes: Any) -> Patient:
    values = {"given_name": "Tolvan", "family_name": "Tolvansson", "phone": "+46701740606", "address": HOME, "contact": ELSA} | changes
    return actions.register(by=by or factories.alice(), identifier=Identifier(kind, number), **values)


def counts() -> list[int]:
    return [model._base_manager.count() for model in MODELS]


# --- Registering -----------------------------------------------------------------------------------


def test_a_patient_is_registered_with_all_that_belongs_to_it() -> None:
    alice = factories.alice()
    patient = register(alice)
    assert (patient.name, patient.phone, patient.is_protected) == ("Tolvan Tolvansson", "+46701740606", False)
    assert (patient.identity.type, patient.identity.value) == ("PERSONNUMMER", NUMBER)
    assert (patient.address.street, patient.address.door_code, patient.address.has_no_door_code, patient.address.changed_by) == (
        "Storgatan 1",
        "1357",
        False,
        alice,
    )
    assert Contact.objects.visible_to(alice).get(patient=patient).name == "Elsa Tolvansson"
    assert Patient.objects.visible_to(alice).get() == patient
    assert [(row.action, row.activity) for row in AccessLogEntry.objects.all()] == [("WRITE", "Registrera patient")]


def test_a_number_that_is_known_leaves_nothing_new() -> None:
    register()
    before = counts()
    with pytest.raises(AlreadyRegistered):
        register(factories.dan(), given_name="Annan")
    assert counts() == before
    assert Patient.objects.get().given_name == "Tolvan"


def test_a_number_that_the_patient_used_to_have_is_known_too() -> None:
    patient = register()
    PatientIdentity.objects.update(is_current=False)
    PatientIdentity.objects.create(patient=patient, type="NRID", value="261122AB1234")
    with pytest.raises(AlreadyRegistered):
        register()


def test_the_same_characters_of_another_type_are_another_person() -> None:
    register()
    assert register(kind=IdentityType.NRID).identity.type == "NRID"
    assert Patient.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "19121212121"},
        {"number": "19121212-1212"},
        {"number": "１９１２１２１２１２１２"},
        {"address": NewAddress(street="Storgatan 1", postal_code="01234", city="Alingsås")},
        {"address": NewAddress(street="Storgatan 1", postal_code="441 30", city="Alingsås")},
        {"kind": "PASSPORT"},
        {"kind": IdentityType.LMA, "number": "52-123456"},
        {"valid_until": datetime.date(2027, 1, 1)},
    ],
)
def test_what_must_never_be_is_refused_by_the_database_and_leaves_nothing(changes: dict[str, Any]) -> None:
    before = counts()
    with pytest.raises((DatabaseError, AlreadyRegistered)), transaction.atomic():
        register(**changes)
    assert counts() == before


def test_an_lma_number_is_registered_with_its_last_day() -> None:
    patient = register(kind=IdentityType.LMA, number="52-123456", valid_until=datetime.date(2027, 1, 31))
    assert (patient.identity.shown, patient.identity.valid_until) == ("52-123456", datetime.date(2027, 1, 31))
    assert (patient.identity.get_type_display(), patient.identity.label) == ("LMA-nummer", "LMA-nummer")


# --- The care relation -----------------------------------------------------------------------------


def test_a_confirmed_care_relation_opens_the_patient_for_the_whole_unit_and_no_other() -> None:
    patient = register(factories.carol())
    alice, bob = factories.alice(), factories.bob()
    assert not Patient.objects.visible_to(alice).exists()
    actions.confirm_care_relation(patient, by=alice)
    assert Patient.objects.visible_to(alice).get() == Patient.objects.visible_to(bob).get() == patient
    assert not Patient.objects.visible_to(factories.dan()).exists()
    assert AccessLogEntry.objects.filter(action="CONFIRM", user_hsa_id=alice.user.hsa_id).count() == 1


def test_confirming_again_is_logged_and_changes_nothing() -> None:
    patient = register()
    first = CareRelation.objects.get()
    actions.confirm_care_relation(patient, by=factories.bob())
    assert CareRelation.objects.get() == first
    assert CareRelation.objects.get().confirmed_by == factories.alice()
    assert AccessLogEntry.objects.filter(action="CONFIRM").count() == 1


# --- Address, phone, contact -----------------------------------------------------------------------


def change(patient: Patient, by: Any = None, *, phone: str = "+46701740605", address: NewAddress = HOME) -> None:
    actions.change_details(patient, by=by or factories.alice(), phone=phone, address=address)


def test_a_new_address_ends_the_old_one_which_is_kept() -> None:
    patient = register()
    change(patient, address=NewAddress(street="Nygatan 2", postal_code="44131", city="Alingsås"))
    old, new = Address.objects.order_by("valid_from")
    assert (old.street, new.street, new.valid_to) == ("Storgatan 1", "Nygatan 2", None)
    assert old.valid_to == new.valid_from
    assert (new.door_code, new.has_no_door_code) == ("", True)


def test_the_same_address_again_is_no_new_one() -> None:
    patient = register()
    change(patient)
    assert Address.objects.count() == 1
    assert Patient.objects.get().phone == "+46701740605"


def names(by: Any, *, ended: bool = False) -> list[str]:
    return list(Contact.objects.visible_to(by, ended=ended).order_by("pk").values_list("name", flat=True))


def test_a_contact_belongs_to_the_care_provider_that_wrote_it() -> None:
    patient = register()
    dan = factories.dan()
    actions.add_contact(patient, NewContact("God Man", "+46701740608"), by=dan)
    assert (names(dan), names(factories.carol())) == (["God Man"], ["Elsa Tolvansson"])
    actions.end_contact(Contact.objects.visible_to(dan).get(), by=dan)
    assert (names(dan), names(dan, ended=True), names(factories.alice())) == ([], ["God Man"], ["Elsa Tolvansson"])


def test_a_patient_may_have_several_contacts_and_what_one_was_is_kept() -> None:
    patient, alice = register(), factories.alice()
    god_man = NewContact("God Man", "+46701740608")
    actions.add_contact(patient, god_man, by=alice)
    actions.add_contact(patient, god_man, by=alice)
    assert names(alice) == ["Elsa Tolvansson", "God Man"]
    elsa = Contact.objects.get(name="Elsa Tolvansson")
    actions.change_contact(elsa, NewContact("Elsa Ny", "+46701740609"), by=alice)
    assert (names(alice), names(alice, ended=True)) == (["God Man", "Elsa Ny"], ["Elsa Tolvansson"])
    for again in (lambda: actions.end_contact(elsa, by=alice), lambda: actions.change_contact(elsa, god_man, by=alice)):
        with pytest.raises(actions.ContactIsEnded):
            again()
    assert names(alice) == ["God Man", "Elsa Ny"]
    assert set(AccessLogEntry.objects.values_list("activity", flat=True)) == {"Registrera patient", "Lägg till kontaktperson", "Ändra kontaktperson"}


def test_nothing_is_stored_about_where_a_protected_person_is() -> None:
    patient = register(phone="", contact=None)
    Patient.objects.update(protection="MARKED")
    before = counts()
    for changing in (lambda: change(patient), lambda: actions.add_contact(patient, ELSA, by=factories.alice())):
        with pytest.raises(AddressIsProtected):
            changing()
    assert counts() == before
    with pytest.raises(IntegrityError, match="protected_patient_has_no_phone"), transaction.atomic():
        Patient.objects.update(phone="+46701740605")


# --- Loans -----------------------------------------------------------------------------------------


def test_a_delivered_lines_loans_are_made_equal_to_what_was_delivered() -> None:
    order = factories.order()
    article = order.lines.get().article
    when = timezone.now()

    def deliver(*aids: DeliveredAid, at: datetime.datetime = when) -> list[tuple[str, int, bool]]:
        actions.set_loans(patient=order.patient, ordered_by=order.orderer, order_number=order.number, source="x/1/1", started_at=at, aids=list(aids))
        return sorted((loan.individual_number, loan.quantity, loan.ended_at is None) for loan in Loan.objects.all())

    one, other, loose = DeliveredAid(article, "40-1"), DeliveredAid(article, "40-2", lot="L1"), DeliveredAid(article, quantity=3)
    assert deliver(one, loose) == [("", 3, True), ("40-1", 1, True)]
    first = set(Loan.objects.values_list("pk", flat=True))
    assert deliver(one, loose) == [("", 3, True), ("40-1", 1, True)]
    assert set(Loan.objects.values_list("pk", flat=True)) == first
    assert deliver(other) == [("", 3, False), ("40-1", 1, False), ("40-2", 1, True)]
    assert deliver(one) == [("", 3, False), ("40-1", 1, True), ("40-2", 1, False)]
    assert Loan.objects.visible_to(order.orderer).current().get().individual_number == "40-1"
    assert not Loan.objects.visible_to(factories.dan()).exists()


def test_what_was_given_back_stays_so_when_the_delivery_is_told_again() -> None:
    order = factories.order()
    aid = DeliveredAid(order.lines.get().article, "40-1")
    told = {"patient": order.patient, "ordered_by": order.orderer, "order_number": order.number, "source": "x/1/1", "started_at": timezone.now(), "aids": [aid]}
    actions.set_loans(**told)
    loan = Loan.objects.get()
    actions.end_loan(loan, ended_at=loan.started_at)  # at the very moment
    ended_at = Loan.objects.get().ended_at
    assert ended_at > loan.started_at
    actions.set_loans(**told)
    actions.end_loan(loan, ended_at=timezone.now() + datetime.timedelta(days=1))
    assert Loan.objects.get().ended_at == ended_at


def test_a_loan_is_given_back_in_parts_and_ends_with_the_last() -> None:
    order = factories.order()
    when, hour = timezone.now(), datetime.timedelta(hours=1)
    told = {"patient": order.patient, "ordered_by": order.orderer, "order_number": order.number, "source": "x/1/1", "started_at": when}

    def deliver(quantity: int) -> None:
        actions.set_loans(**told, aids=[DeliveredAid(order.lines.get().article, quantity=quantity)])

    def give_back(source: str, quantity: int, hours: int) -> tuple[int, int, bool]:
        loan = actions.set_return(Loan.objects.get(), source=source, quantity=quantity, at=when + hours * hour)
        return loan.returned, loan.held, loan.ended_at is not None

    deliver(5)
    assert give_back("H-1/1", 2, 1) == (2, 3, False)
    assert give_back("H-1/1", 2, 9) == (2, 3, False)  # told again
    deliver(5)
    assert (Loan.objects.get().returned, Loan.objects.get().held) == (2, 3)
    assert give_back("H-2/1", 3, 3) == (5, 5, True)
    assert Loan.objects.get().ended_at == when + 3 * hour
    assert give_back("H-1/1", 0, 9) == (3, 2, False)  # it was not found after all
    assert give_back("H-1/1", 2, 4) == (5, 5, True)
    deliver(7)  # it turns out that there were more
    assert (Loan.objects.get().returned, Loan.objects.get().held, Loan.objects.get().ended_at) == (5, 2, None)
    deliver(4)
    assert Loan.objects.get().ended_at == when + 4 * hour


def test_what_something_else_has_ended_stays_so_when_a_return_is_taken_back() -> None:
    order = factories.order()
    loan = factories.loan(order)
    at = loan.started_at + datetime.timedelta(hours=1)
    actions.end_loan(loan, ended_at=at)
    actions.set_return(loan, source="H-1/1", quantity=1, at=at + datetime.timedelta(hours=1))
    actions.set_return(loan, source="H-1/1", quantity=0, at=at)
    assert Loan.objects.get().ended_at == at


def test_an_individual_is_one_and_a_quantity_at_least_one() -> None:
    order = factories.order()
    article = order.lines.get().article
    for aid in [DeliveredAid(article, "40-1", quantity=2), DeliveredAid(article, quantity=0)]:
        with pytest.raises(IntegrityError), transaction.atomic():
            actions.set_loans(patient=order.patient, ordered_by=order.orderer, order_number=order.number, source="x/1/1", started_at=timezone.now(), aids=[aid])
    assert not Loan.objects.exists()
