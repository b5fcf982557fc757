"""Writing an återlämningskvitto, correcting it, and what it does and does not do to the patient's aids."""

import datetime
import io
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from PIL import Image

from integration import contract
from integration.attachments import content_of
from integration.models import Attachment, OutgoingMessage
from ordering.sending import ChangedMeanwhile, NotReady
from patients.actions import set_return
from patients.models import AccessLogEntry, Loan, Patient
from pickups.actions import receipts
from pickups.actions.handing_over import HandedOver, Page, Signature
from pickups.models import Condition, Outcome, ReceiptFile, ReceiptItem, ReceiptUpload, ReceiptVersion, ReturnReceipt, Signing
from pickups.returnable import choices_of, claims_of
from tests import factories
from tests.pickups.handed import corrected, found, handed, left, loan, page, photo, pickup, written

pytestmark = pytest.mark.django_db
TYPED = Signature(Signing.TYPED, name="Tolvan Tolvansson")
UNSIGNED = Signature(Signing.NONE, reason="Kan inte hålla i pennan")


def messages(receipt: ReturnReceipt) -> list[Any]:
    """What has been queued about the receipt, as SESAM2 reads it."""
    rows = OutgoingMessage.objects.filter(subject=receipt.number).order_by("sequence")
    return [contract.OUTGOING[row.message_type].model_validate_json(contract.dump(row.payload["body"])) for row in rows]


def problems(*items: HandedOver, patient: Patient, **fields: Any) -> list[tuple[str, str]]:
    """What stops the receipt; and nothing is left behind."""
    before = OutgoingMessage.objects.count()
    with pytest.raises(NotReady) as error:
        written(patient, *items, **fields)
    assert OutgoingMessage.objects.count() == before
    return error.value.problems


# --- Written --------------------------------------------------------------------------------------------


def test_it_is_written_whole_with_message_signature_and_log() -> None:
    patient = factories.patient()
    chair, ramp = loan(patient), loan(patient, "", quantity=3)
    receipt = written(patient, handed(chair), handed(ramp, Condition.DAMAGED, quantity=2, note="Kanten är sprucken"))
    [message] = messages(receipt)
    assert (message.receipt_number, message.order_number, message.version, message.signed, message.unsigned_reason) == (receipt.number, None, 1, True, None)
    assert [(item.quantity, item.individual_number, item.condition, item.note) for item in message.items] == [
        (1, "40-1", "OK", None),
        (2, None, "DAMAGED", "Kanten är sprucken"),
    ]
    assert (message.handed_over_by, message.received_by.name) == ("Elsa Tolvansson, dotter", "Alice Ask")
    assert (message.place.method, message.place.street, message.place.door_code) == ("HOME", "Storgatan 1", "1357")
    [picture] = message.attachments
    assert (picture.file_name, picture.media_type) == ("underskrift.png", "image/png")
    assert Image.open(io.BytesIO(content_of(Attachment.objects.get(sha256=picture.sha256)))).size == (1000, 450)
    assert receipt.number.startswith("R-")
    row = AccessLogEntry.objects.get(action="SIGN")
    assert (row.resource_type, row.resource_id) == ("Återlämningskvitto", receipt.number)


def test_a_typed_name_is_a_signature_and_who_cannot_sign_says_why() -> None:
    patient = factories.patient()
    first = written(patient, handed(loan(patient, "40-1")), signature=TYPED)
    second = written(patient, handed(loan(patient, "40-2")), signature=UNSIGNED)
    [typed], [unsigned] = messages(first), messages(second)
    assert (typed.signed, typed.unsigned_reason, typed.attachments) == (True, None, [])
    assert (unsigned.signed, unsigned.unsigned_reason, unsigned.attachments) == (False, "Kan inte hålla i pennan", [])
    assert first.latest.signed_name == "Tolvan Tolvansson"


@pytest.mark.parametrize(
    "said",
    [
        {"signing": "DRAWN", "signed_name": "Tolvan"},
        {"signing": "TYPED", "signed_name": ""},
        {"signing": "NONE", "unsigned_reason": ""},
        {"signing": "NONE", "unsigned_reason": "x", "signed_name": "Tolvan"},
        {"signing": "", "unsigned_reason": ""},
        {"signing": "DRAWN", "correction": "utan att ha rättat något"},
    ],
)
def test_the_database_takes_no_version_that_is_neither_signed_nor_says_why(said: dict[str, str]) -> None:
    patient = factories.patient()
    receipt = written(patient, handed(loan(patient)))
    Other = ReturnReceipt.objects.create(number="R-2026-00000009-9", unit=receipt.unit, patient=patient)  # noqa: N806
    values = {"receipt": Other, "version": 1, "key": uuid.uuid4(), "fingerprint": "", "handed_over_by": "x", "received_at": timezone.now()}
    with pytest.raises(DatabaseError), transaction.atomic():
        ReceiptVersion.objects.create(**values, written_by=factories.alice(), received_by=factories.alice(), **said)


def test_what_is_written_can_be_written_over_by_nobody() -> None:
    patient = factories.patient()
    receipt = corrected(written(patient, handed(loan(patient))), handed(Loan.objects.get()))
    for fields in ({"number": "R-2026-00000009-9"}, {"unit": factories.carol().unit}, {"version": 1}, {"created_at": timezone.now()}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ReturnReceipt.objects.filter(pk=receipt.pk).update(**fields)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReturnReceipt.objects.filter(pk=receipt.pk).delete()


def test_of_a_protected_patient_nothing_but_the_number_goes_out() -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    one = loan(patient)
    Patient.objects.update(phone="", protection="MARKED")
    alice.unit.may_see_protected = True
    alice.unit.save()
    key = page()
    photo(key.key, f"l{one.pk}")
    receipt = written(Patient.objects.get(), handed(one), by=alice, method="MANUAL_CONTACT", page=key)
    [message] = messages(receipt)
    assert (message.patient.name, message.patient.protected, message.handed_over_by, message.attachments) == (None, True, "Annan person", [])
    assert (message.place.method, message.place.street, message.place.contact_name) == ("MANUAL_CONTACT", None, alice.unit.name)
    assert "Tolvan" not in str(OutgoingMessage.objects.get(subject=receipt.number).payload)
    assert receipt.latest.files.count() == 2  # kept in the portal
    with pytest.raises(NotReady) as refused:
        written(Patient.objects.get(), handed(loan(patient, "40-2")), by=alice)
    assert [field for field, _ in refused.value.problems] == ["method"]


# --- What it does to loans: nothing -----------------------------------------------------------------------


@pytest.mark.parametrize("is_tied", [True, False])
def test_a_receipt_ends_no_loan_and_tells_that_it_waits(is_tied: bool) -> None:
    patient = factories.patient()
    one = loan(patient)
    order = pickup(patient, one) if is_tied else None
    receipt = written(patient, handed(one), order=order)
    one.refresh_from_db()
    assert one.ended_at is None
    assert receipt.latest.outcome == Outcome.WAITING
    [claim] = claims_of([one])[f"l{one.pk}"]
    assert claim.version.receipt == receipt
    Loan.objects.update(ended_at=timezone.now())
    again = ReturnReceipt.objects.for_list().get()
    assert again.latest.outcome == Outcome.DEREGISTERED
    assert claims_of([one]) == {}


def test_a_receipt_of_a_pickup_stands_in_its_history_and_says_when_the_aid_was_not_found() -> None:
    patient = factories.patient()
    chair, bed = loan(patient, "40-1"), loan(patient, "40-2")
    order = pickup(patient, chair, bed)
    receipt = written(patient, handed(chair), handed(bed), order=order)
    [message] = messages(receipt)
    assert message.order_number == order.number
    assert order.history.get().details == {"number": receipt.number, "version": 1}
    found(order.items.get(line=1), is_found=True)
    found(order.items.get(line=2), is_found=False)
    items = ReturnReceipt.objects.for_list().get().latest.items.all()
    assert [item.outcome for item in items] == [Outcome.DEREGISTERED, Outcome.NOT_FOUND]
    # It was not there: it may be handed over again.
    assert left(bed) == 1


def test_pieces_that_are_given_back_in_part_settle_the_receipt_of_those_whatever_hour_sesam2_gives_that_day() -> None:
    patient = factories.patient()
    one = loan(patient, "", quantity=4)
    yesterday = timezone.make_aware(datetime.datetime.combine(timezone.localdate() - datetime.timedelta(days=1), datetime.time(14, 30)))
    receipt = written(patient, handed(one, quantity=2), received_at=yesterday)

    def given_back(source: str, *, at: datetime.datetime) -> tuple[int, str]:
        """How many are left to hand over, and what has become of those on the receipt."""
        with transaction.atomic():
            set_return(one, source=source, quantity=2 if source == "H-x/1" else 1, at=at)
        return left(Loan.objects.get()), ReturnReceipt.objects.for_list().get(pk=receipt.pk).latest.outcome

    assert left(one) == 2
    assert given_back("H-y/1", at=yesterday - datetime.timedelta(days=1)) == (1, Outcome.WAITING)  # another piece, the day before
    # A day that SESAM2 gives afterwards stands at noon (`facts.settle`), before the receipt was written.
    assert given_back("H-x/1", at=yesterday.replace(hour=12, minute=0)) == (1, Outcome.DEREGISTERED)


# --- What is refused, and what is asked about ---------------------------------------------------------------


def test_an_aid_that_is_not_the_patients_is_refused() -> None:
    patient, other = factories.patient(), factories.patient()
    loan(patient)
    assert [field for field, _ in problems(handed(loan(other, "40-2")), patient=patient)] == ["items"]
    assert [field for field, _ in problems(handed(loan(patient, "40-3", ended_at=timezone.now())), patient=patient)] == ["items"]
    foreign = loan(patient, "40-4", by=factories.dan())
    assert [field for field, _ in problems(handed(foreign), patient=patient)] == ["items"]


def test_more_than_the_patient_has_is_refused() -> None:
    patient = factories.patient()
    one = loan(patient, "", quantity=3)
    [(field, text)] = problems(handed(one, quantity=4), patient=patient)
    assert (field, text) == (f"l{one.pk}-quantity", "Patienten har 3 st.")


def test_a_lost_aid_is_asked_about() -> None:
    patient = factories.patient()
    one = loan(patient, is_lost=True)
    [(field, text)] = problems(handed(one), patient=patient)
    assert field == f"l{one.pk}-sure"
    assert "anmält som förkommet" in text
    receipt = written(patient, handed(one, is_sure=True))
    assert receipt.latest.items.get().is_again is False
    assert Loan.objects.get().is_lost  # the report of the lost aid says when it is found


def test_an_aid_on_another_units_pickup_is_asked_about() -> None:
    patient = factories.patient()
    one = loan(patient, "", quantity=3, on_pickup=2)
    written(patient, handed(one, quantity=1))
    [(field, text)] = problems(handed(one, quantity=2), patient=patient)
    assert (field, "en annan enhet" in text) == (f"l{one.pk}-sure", True)
    written(patient, handed(one, quantity=2, is_sure=True))


def test_an_aid_on_a_pickup_is_tied_to_it() -> None:
    patient = factories.patient()
    chair, bed = loan(patient, "40-1"), loan(patient, "40-2")
    order = pickup(patient, chair)
    [(field, text)] = problems(handed(chair), patient=patient)
    assert (field, str(order.number) in text) == (f"l{chair.pk}-taken", True)
    [(field, text)] = problems(handed(chair), handed(bed), patient=patient, order=order)
    assert (field, "står inte på hämtorder" in text) == (f"l{bed.pk}-taken", True)
    written(patient, handed(chair), order=order)


def test_of_several_pieces_those_that_are_on_no_pickup_may_be_taken_along() -> None:
    patient = factories.patient()
    one = loan(patient, "", quantity=5)
    order = pickup(patient, one, quantity=3)
    assert [field for field, _ in problems(handed(one, quantity=3), patient=patient)] == [f"l{one.pk}-taken"]
    assert [field for field, _ in problems(handed(one, quantity=4), patient=patient, order=order)] == [f"l{one.pk}-quantity"]
    written(patient, handed(one, quantity=2))
    written(patient, handed(one, quantity=3), order=order)
    assert left(one) == 0


def test_a_second_receipt_of_the_same_on_the_same_pickup_is_refused_whoever_is_sure() -> None:
    patient = factories.patient()
    one = loan(patient)
    order = pickup(patient, one)
    first = written(patient, handed(one), order=order, by=factories.bob())
    for is_sure in (False, True):
        [(field, text)] = problems(handed(one, is_sure=is_sure), patient=patient, order=order)
        assert field == f"l{one.pk}-taken"
        assert first.number in text
        assert "Bob Björk" in text
    assert ReturnReceipt.objects.count() == 1


def test_an_aid_on_another_receipt_is_asked_about_and_then_the_new_one_counts() -> None:
    patient = factories.patient()
    one = loan(patient)
    first = written(patient, handed(one))
    [(field, text)] = problems(handed(one), patient=patient)
    assert (field, first.number in text) == (f"l{one.pk}-sure", True)
    second = written(patient, handed(one, is_sure=True))
    assert second.latest.items.get().is_again
    assert [claim.version.receipt for claim in claims_of([one])[f"l{one.pk}"]] == [second]


def test_it_cannot_have_been_handed_over_tomorrow_or_before_it_came() -> None:
    patient = factories.patient()
    one = loan(patient)
    for at in (timezone.now() + datetime.timedelta(hours=1), timezone.now() - datetime.timedelta(days=60)):
        assert [field for field, _ in problems(handed(one), patient=patient, received_at=at)] == ["received_on"]


def test_the_place_is_where_the_pickup_says_that_the_aid_is() -> None:
    """A dödsbo, or a home that the patient has moved from."""
    patient = factories.patient()
    one = loan(patient)
    order = pickup(patient, one, street="Gamla vägen 3", postal_code="44133", recipient_name="Dödsboet")
    [message] = messages(written(patient, handed(one), order=order))
    assert (message.place.street, message.place.postal_code) == ("Gamla vägen 3", "44133")


@pytest.mark.parametrize(("method", "field"), [("DELIVERY_POINT", "delivery_point"), ("UNIT", "method"), ("HOME", "method")])
def test_a_place_without_an_address_is_told(method: str, field: str) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    patient.addresses.update(valid_to=timezone.now())
    alice.unit.street = ""
    alice.unit.save()
    assert [name for name, _ in problems(handed(loan(patient)), patient=Patient.objects.get(), method=method)] == [field]


def test_a_component_on_a_pickup_needs_no_loan_of_its_own() -> None:
    patient = factories.patient()
    chair = loan(patient)
    order = pickup(patient)
    tray = order.items.create(line=1, article=factories.article("Bord"), individual_number="40-9", part_of_individual="40-1")
    [choice] = [choice for choice in choices_of(patient, by=factories.alice()) if choice.loan is None]
    assert (choice.token, choice.part_of, choice.quantity) == (f"p{tray.pk}", "40-1", 1)
    told = HandedOver(f"p{tray.pk}", 1, Condition.OK)
    assert [field for field, _ in problems(told, patient=patient)] == [f"p{tray.pk}-taken"]
    receipt = written(patient, told, order=order)
    assert messages(receipt)[0].items[0].individual_number == "40-9"
    assert receipt.latest.outcome == Outcome.WAITING
    [(field, _)] = problems(told, patient=patient, order=order)
    assert field == f"p{tray.pk}-taken"
    assert left(chair) == 1


# --- The same page again --------------------------------------------------------------------------------------


def test_the_same_page_sent_again_is_the_receipt_that_there_is() -> None:
    patient = factories.patient()
    one, about = loan(patient), page()
    receipt = written(patient, handed(one), page=about)
    for fingerprint, is_same in ((about.fingerprint, True), ("b" * 64, False)):
        with pytest.raises(receipts.AlreadyWritten) as again:
            written(patient, handed(one), page=Page(about.key, fingerprint))
        assert (again.value.number, again.value.is_same) == (receipt.number, is_same)
    assert ReceiptVersion.objects.count() == OutgoingMessage.objects.count() == 1


def test_another_patients_or_units_key_tells_nothing() -> None:
    about, alice = page(), factories.alice()
    first = factories.patient(alice)
    written(first, handed(loan(first)), page=about)
    second = factories.patient(alice)
    with pytest.raises(receipts.NotOurKey):
        written(second, handed(loan(second, "40-2")), page=about)
    carol = factories.carol()
    from patients.actions import confirm_care_relation

    confirm_care_relation(first, by=carol)
    with pytest.raises(receipts.NotOurKey):
        written(first, handed(loan(first, "40-3")), page=about, by=carol)
    assert ReturnReceipt.objects.count() == 1


# --- Corrected ------------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_version_with_who_and_why_and_goes_to_sesam2_in_its_turn() -> None:
    patient = factories.patient()
    chair, bed = loan(patient, "40-1"), loan(patient, "40-2")
    receipt = written(patient, handed(chair))
    again = corrected(receipt, handed(chair, Condition.WORN), handed(bed), why="Sängen glömdes", by=factories.bob(), signature=UNSIGNED)
    first, second = messages(receipt)
    assert [(message.version, len(message.items), message.signed) for message in (first, second)] == [(1, 1, True), (2, 2, False)]
    assert second.received_by.name == "Alice Ask"  # who received it has not changed
    assert [row.sequence for row in OutgoingMessage.objects.filter(subject=receipt.number).order_by("sequence")] == [1, 2]
    assert (again.version, again.latest.correction, again.latest.written_by.user.name) == (2, "Sängen glömdes", "Bob Björk")
    assert ReceiptItem.objects.filter(version__version=1).get().condition == Condition.OK
    assert claims_of([chair])[f"l{chair.pk}"][0].version.version == 2


def test_an_aid_that_is_taken_off_may_stand_on_another_receipt() -> None:
    patient = factories.patient()
    chair, bed = loan(patient, "40-1"), loan(patient, "40-2")
    receipt = written(patient, handed(chair), handed(bed))
    corrected(receipt, handed(chair))
    assert left(bed) == 1
    written(patient, handed(bed))


def test_what_a_colleague_has_corrected_since_is_not_written_over() -> None:
    patient = factories.patient()
    one = loan(patient)
    receipt = written(patient, handed(one))
    corrected(receipt, handed(one, Condition.WORN))
    for seen in (1, None):
        with pytest.raises(ChangedMeanwhile):
            corrected(receipt, handed(one, Condition.DAMAGED), seen=seen)
    assert ReceiptVersion.objects.count() == OutgoingMessage.objects.count() == 2


def test_a_receipt_can_be_corrected_when_its_aid_is_deregistered_and_lost_reports_are_not_asked_about_anew() -> None:
    patient = factories.patient()
    one = loan(patient)
    receipt = written(patient, handed(one))
    Loan.objects.update(ended_at=timezone.now(), is_lost=True)
    assert corrected(receipt, handed(one, Condition.INCOMPLETE, note="Fotstödet saknas")).latest.items.get().note == "Fotstödet saknas"


def test_the_same_correction_sent_again_is_one_version() -> None:
    patient = factories.patient()
    one, about = loan(patient), page()
    receipt = written(patient, handed(one))
    corrected(receipt, handed(one), page=about)
    with pytest.raises(receipts.AlreadyWritten):
        corrected(receipt, handed(one), page=about, seen=1)
    assert ReceiptVersion.objects.count() == 2


# --- Photos ---------------------------------------------------------------------------------------------------


def test_photos_go_with_the_aid_that_they_show_and_follow_into_the_next_version() -> None:
    patient = factories.patient()
    chair, bed = loan(patient, "40-1"), loan(patient, "40-2")
    about = page()
    photo(about.key, f"l{chair.pk}")
    photo(about.key, f"l{chair.pk}")  # the same again is kept once
    photo(about.key, colour="navy")
    photo(about.key, f"l{bed.pk}", colour="olive")  # of an aid that is not handed over after all
    receipt = written(patient, handed(chair), page=about)
    files = list(receipt.latest.files.order_by("pk"))
    assert [(file.content, file.item and file.item.loan) for file in files] == [("SIGNATURE", None), ("PHOTO", chair), ("PHOTO", None)]
    assert [file.file_name for file in messages(receipt)[0].attachments] == ["underskrift.png", "IMG_20261128.jpg", "IMG_20261128.jpg"]
    assert ReceiptUpload.objects.count() == 1
    again = corrected(receipt, handed(chair), dropped=[files[2].attachment_id], signature=UNSIGNED)
    assert [(file.content, file.item.loan) for file in again.latest.files.all()] == [("PHOTO", chair)]
    assert ReceiptFile.objects.filter(version__version=1).count() == 3


def test_a_receipt_takes_ten_photos_and_no_more() -> None:
    key = uuid.uuid4()
    for place in range(receipts.MOST_PHOTOS):
        photo(key, colour=f"rgb({place * 20}, 0, 0)")
    with pytest.raises(receipts.TooManyPhotos):
        photo(key, colour="white")


def test_photos_of_a_receipt_that_was_never_written_are_gone_after_a_day() -> None:
    patient = factories.patient()
    about = page()
    photo(about.key)
    written(patient, handed(loan(patient)), page=about)
    photo(uuid.uuid4())
    assert receipts.forget_uploads(timezone.now()) == 0
    assert receipts.forget_uploads(timezone.now() + receipts.UPLOADS_ARE_KEPT + datetime.timedelta(minutes=1)) == 1
    assert (ReceiptUpload.objects.count(), Attachment.objects.count()) == (0, 2)
