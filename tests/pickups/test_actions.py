"""What a person does with a hämtorder, and each way it is refused with nothing left behind."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Customer, Holiday
from accounts.roles import Role
from catalog import individuals
from catalog.models import Individual
from core.lifecycle import IllegalMove
from core.workdays import Eve, add_workdays
from integration.models import OutgoingMessage
from ordering.changes import ChangeIsOpen, NewDelivery, NothingChanged
from ordering.sending import AlreadyOrderedAgain, AlreadySent, ChangedMeanwhile, NotReady, NotSeen
from patients import access
from patients.actions import end_loan, mark_loan
from patients.models import AccessLogEntry, Loan, Patient
from pickups import rules
from pickups.actions import changes, drafts, orders
from pickups.actions.drafts import Wanted
from pickups.models import LoadCarrier, PickupHistory, PickupItem, PickupOrder, PickupTerms, PlaceChange, Reason, Status
from tests import factories
from tests.pickups.told import (
    aids,
    cancelled,
    content,
    deregistered,
    draft,
    events,
    fresh,
    items,
    loan,
    loans,
    outcomes,
    picked_up,
    planned,
    received,
    sent,
    tell,
)

pytestmark = pytest.mark.django_db


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (PickupOrder, PickupHistory, PickupItem, PlaceChange, OutgoingMessage, AccessLogEntry))


def messages(order: PickupOrder, message_type: str) -> list[dict[str, Any]]:
    return [message.payload["body"] for message in OutgoingMessage.objects.filter(subject=order.number, message_type=message_type).order_by("sequence")]


def why_not(order: PickupOrder) -> list[str]:
    """The fields that stop it, and that nothing is left of the attempt."""
    before = counts()
    with pytest.raises(NotReady) as error, transaction.atomic():
        orders.place(order, by=order.orderer)
    assert counts() == before
    assert not Loan.objects.filter(on_pickup__gt=0).exclude(pickup_items__order__number__isnull=False).exists()
    return [field for field, _ in error.value.problems]


# --- Drafts ------------------------------------------------------------------------------------------


def test_a_draft_holds_the_aids_it_was_started_with_and_the_patients_contact() -> None:
    patient = factories.patient()
    order = drafts.start(patient, by=factories.alice(), loans=aids(patient))
    assert [(item.article_name, item.individual_number, item.quantity) for item in items(order)] == [
        ("118201", "40-1", 1),
        ("Rollator", "40-2", 1),
        ("Kil", "", 5),
    ]
    assert (order.contact_name, order.contact_phone, order.number, order.method) == ("Elsa Tolvansson", "+46701740607", None, "HOME")


def test_who_begins_again_goes_on_with_the_draft_and_more_aids() -> None:
    patient = factories.patient()
    first, second, third = aids(patient)
    order = drafts.start(patient, by=factories.alice(), loans=[first])
    assert drafts.start(patient, by=factories.alice(), loans=[first, second]) == order
    assert [item.loan for item in items(order)] == [first, second]
    assert drafts.start(patient, by=factories.bob(), loans=[third]) != order


def test_a_draft_for_an_investigation_is_apart() -> None:
    patient = factories.patient()
    first, second, _ = aids(patient)
    common = drafts.start(patient, by=factories.alice(), loans=[first])
    investigated = drafts.start(patient, by=factories.alice(), loans=[second], reason=Reason.INVESTIGATION)
    assert investigated != common
    assert drafts.start(patient, by=factories.alice(), loans=[first]) == common
    assert drafts.start(patient, by=factories.alice(), reason=Reason.INVESTIGATION) == investigated


def test_a_colleague_or_another_tab_does_not_write_over_what_it_has_not_seen() -> None:
    order = draft()
    seen = order.version
    drafts.save(order, content=content(order), wanted=drafts.wanted_of(order), seen=seen)
    before = list(PickupItem.objects.values_list("pk", "quantity"))
    with pytest.raises(ChangedMeanwhile):
        drafts.save(order, content=content(order, infection_note="Påse"), wanted=[], seen=seen)
    assert list(PickupItem.objects.values_list("pk", "quantity")) == before


def test_a_thrown_draft_is_gone_and_is_neither_saved_nor_sent() -> None:
    order = draft()
    drafts.discard(order, by=order.orderer)
    assert (fresh(order).status, fresh(order).number) == (Status.CANCELLED, None)
    for late in (
        lambda: drafts.save(order, content=content(order), wanted=[]),
        lambda: drafts.discard(order, by=order.orderer),
        lambda: orders.place(order, by=order.orderer),
    ):
        with pytest.raises(IllegalMove):
            late()


# --- Sending ------------------------------------------------------------------------------------------


def test_it_is_sent_with_number_history_message_log_and_marks() -> None:
    order = draft(load_carrier=LoadCarrier.objects.get(name="Rullbur"), has_infection_risk=True, infection_note="Packat i plastsäck")
    number = orders.place(order, by=order.orderer, seen=order.version)
    order = fresh(order)
    assert (order.status, order.number, events(order)) == (Status.PLACED, number, ["PLACED"])
    assert (order.street, order.postal_code, order.door_code) == ("Storgatan 1", "44130", "1357")
    [body] = messages(order, "PickupOrder")
    assert body["reason"] == "NOT_NEEDED"
    assert (body["cleaned"], body["infectionRisk"], body["infectionNote"], body["loadCarrier"]) == (True, True, "Packat i plastsäck", "Rullbur")
    assert [(item["line"], item["quantity"], item.get("individualNumber")) for item in body["items"]] == [(1, 1, "40-1"), (2, 1, "40-2"), (3, 5, None)]
    assert (body["place"]["method"], body["place"]["street"], body["place"]["contactPhone"]) == ("HOME", "Storgatan 1", "+46701740607")
    assert loans(order) == [(0, 1, False), (0, 1, False), (0, 5, False)]
    assert list(Individual.objects.filter(is_on_pickup=True).order_by("number").values_list("number", flat=True)) == ["40-1", "40-2"]
    assert AccessLogEntry.objects.filter(action="SIGN", resource_id=number).count() == 1


def test_what_follows_is_computed_when_it_is_sent_and_stays() -> None:
    order = sent()
    today = timezone.localdate()
    wanted = (add_workdays(today, 7), add_workdays(today, 3), add_workdays(today, 7))
    assert (order.fetch_by, order.rent_ends_on, order.deregister_by) == wanted
    PickupTerms.objects.update(fetched_within=2, rent_ends_after=1, deregistered_within=4)
    assert (fresh(order).fetch_by, fresh(order).rent_ends_on) == wanted[:2]
    other = sent(factories.patient())
    assert (other.fetch_by, other.rent_ends_on, other.deregister_by) == (add_workdays(today, 2), add_workdays(today, 1), add_workdays(today, 4))


def test_what_follows_is_counted_as_the_region_counts() -> None:
    registered = datetime.date(2027, 3, 24)  # the day before skärtorsdagen
    assert rules.consequences(registered).rent_ends_on == datetime.date(2027, 3, 31)
    Holiday.objects.create(eve=Eve.MAUNDY_THURSDAY)
    assert rules.consequences(registered).rent_ends_on == datetime.date(2027, 4, 1)


@pytest.mark.parametrize(
    ("registered", "rent", "fetch"),
    [
        ("2026-06-15", "2026-06-18", "2026-06-25"),  # over Midsummer
        ("2026-06-18", "2026-06-24", "2026-06-30"),
        ("2026-12-22", "2026-12-29", "2027-01-07"),  # over Christmas and New Year
        ("2026-12-31", "2027-01-07", "2027-01-13"),  # a day that is not worked
        ("2027-04-30", "2027-05-05", "2027-05-12"),  # first of May on a Saturday, Ascension
        ("2026-10-30", "2026-11-04", "2026-11-10"),  # All Saints
    ],
)
def test_three_and_seven_working_days_over_the_years_holidays(registered: str, rent: str, fetch: str) -> None:
    follows = rules.consequences(datetime.date.fromisoformat(registered))
    assert (follows.rent_ends_on.isoformat(), follows.fetch_by.isoformat()) == (rent, fetch)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"customer": None}, "customer"),
        ({"reason": ""}, "reason"),
        ({"is_cleaned": None}, "is_cleaned"),
        ({"is_cleaned": False}, "is_cleaned"),
        ({"has_infection_risk": True}, "infection_note"),
        ({"contact_phone": ""}, "contact_phone"),
        ({"reason": Reason.DECEASED, "contact_name": ""}, "contact_name"),
        ({"method": "DELIVERY_POINT"}, "delivery_point"),
        ({"has_other_address": True, "postal_code": "44130", "city": "Alingsås", "has_no_door_code": True}, "street"),
        ({"has_other_address": True, "street": "Gamla gatan 1", "postal_code": "44130", "city": "Alingsås"}, "door_code"),
        (
            {"has_other_address": True, "street": "Gamla gatan 1", "city": "Alingsås", "door_code": "12", "has_no_door_code": True, "postal_code": "44130"},
            "door_code",
        ),
    ],
)
def test_what_is_missing_stops_it_at_its_field(fields: dict[str, Any], field: str) -> None:
    assert why_not(draft(**fields)) == [field]


def test_without_aids_it_is_not_sent() -> None:
    assert why_not(draft(wanted=[])) == [""]


def test_a_customer_of_another_unit_stops_it() -> None:
    assert why_not(draft(customer=Customer.objects.get(unit=factories.carol().unit))) == ["customer"]


@pytest.mark.parametrize("marks", [{"is_lost": True}, {"is_under_investigation": True}])
def test_a_lost_aid_and_one_under_investigation_stop_it(marks: dict[str, bool]) -> None:
    patient = factories.patient()
    first, *_ = aids(patient)
    order = draft(of=[first])
    mark_loan(first, **marks)
    assert why_not(order) == [f"aid_{first.pk}"]


def test_what_is_under_investigation_is_sent_in_from_a_fault_report_as_it_is() -> None:
    patient = factories.patient()
    first, *_ = aids(patient)
    mark_loan(first, is_under_investigation=True)
    order = drafts.start(patient, by=factories.alice(), loans=[first], reason=Reason.INVESTIGATION)
    drafts.save(order, content=content(order, reason=Reason.INVESTIGATION, is_cleaned=False), wanted=drafts.wanted_of(order))
    orders.place(order, by=order.orderer)
    [body] = messages(fresh(order), "PickupOrder")
    assert (body["reason"], body["cleaned"]) == ("INVESTIGATION", False)


def test_an_aid_that_is_used_as_a_loaner_stops_it() -> None:
    order = draft()
    individuals.register(items(order)[0].article, [("40-1", "", "")])
    individuals.mark("40-1", is_loaner=True)
    assert why_not(order) == [f"aid_{items(order)[0].loan_id}"]


@pytest.mark.parametrize("whose", ["another patient's", "another provider's", "given back"])
def test_an_aid_that_is_not_the_patients_stops_it(whose: str) -> None:
    patient = factories.patient()
    theirs = loan(factories.patient() if whose == "another patient's" else patient, "40-9")
    order = draft(patient, wanted=[Wanted(loan=theirs)])
    if whose == "another provider's":
        Loan.objects.filter(pk=theirs.pk).update(provider=factories.dan().unit.provider)
    if whose == "given back":
        end_loan(theirs, ended_at=timezone.now())
    assert why_not(order) == [f"aid_{theirs.pk}"]


def test_an_aid_on_another_pickup_stops_it_and_says_which() -> None:
    patient = factories.patient()
    first, second, _ = aids(patient)
    other = sent(of=[first])
    order = draft(patient, wanted=[Wanted(loan=first), Wanted(loan=second)])
    with pytest.raises(NotReady) as error:
        orders.place(order, by=order.orderer)
    assert error.value.problems == [(f"aid_{first.pk}", f"Hjälpmedlet står redan på hämtorder {other.number}.")]
    tell(other, cancelled(1))
    orders.place(order, by=order.orderer)
    assert fresh(order).status == Status.PLACED


def test_no_more_than_the_patient_has_left_is_fetched() -> None:
    patient = factories.patient()
    *_, wedges = aids(patient)
    assert why_not(draft(patient, wanted=[Wanted(loan=wedges, quantity=6)])) == [f"aid_{wedges.pk}"]
    sent(patient, wanted=[Wanted(loan=wedges, quantity=3)])
    order = draft(patient, wanted=[Wanted(loan=wedges, quantity=3)])
    with pytest.raises(NotReady) as error:
        orders.place(order, by=order.orderer)
    assert error.value.problems[0][1].startswith("Du kan bara hämta 2 till. Resten står redan på hämtorder H-")
    drafts.save(order, content=content(order), wanted=[Wanted(loan=wedges, quantity=2)])
    orders.place(order, by=order.orderer)
    assert loans(order) == [(0, 5, False)]


def test_a_component_is_tied_to_the_aid_it_sits_on() -> None:
    patient = factories.patient()
    chair, *_ = aids(patient)
    pad = loan(patient, "", article="Ryggdyna")
    order = sent(patient, wanted=[Wanted(loan=pad, part_of=chair.individual_number)])
    [body] = messages(order, "PickupOrder")
    assert [(item["name"], item["partOfIndividual"]) for item in body["items"]] == [("Ryggdyna", "40-1")]
    assert why_not(draft(patient, wanted=[Wanted(loan=chair, part_of="somebody-elses")])) == [f"aid_{chair.pk}"]


def test_a_component_that_came_with_its_aid_is_fetched_without_ending_the_loan() -> None:
    patient = factories.patient()
    chair, *_ = aids(patient)
    individuals.register(chair.article, [("40-1", "", ""), ("40-1-B", "", "")])
    individuals.mount("40-1-B", on="40-1")
    component = individuals.find("40-1-B")
    order = sent(patient, wanted=[Wanted(component=component, part_of="40-1")])
    assert individuals.find("40-1-B").is_on_pickup
    assert why_not(draft(patient, wanted=[Wanted(component=individuals.find("40-1-B"), part_of="40-1")])) == [f"component_{component.pk}"]
    tell(order, picked_up(found={1: True}))
    assert (individuals.find("40-1-B").is_on_pickup, individuals.find("40-1-B").parent, Loan.objects.current().count()) == (False, None, 3)


def test_what_sits_on_it_and_is_not_with_is_told_before_it_is_sent() -> None:
    patient = factories.patient()
    chair, *_ = aids(patient)
    table = loan(patient, "40-7", article="Bord")
    individuals.register(table.article, [("40-7", "", ""), ("40-1", "", "")])
    individuals.mount("40-7", on="40-1")
    order = draft(of=[chair])
    assert orders.loose_parts(order, items(order)) == [table]
    order = draft(of=[table])
    assert orders.loose_parts(order, items(order)) == []


def test_a_dodsbo_goes_to_the_relatives_address_and_phone() -> None:
    order = sent(
        reason=Reason.DECEASED,
        has_other_address=True,
        street="Gamla gatan 1",
        postal_code="44131",
        city="Alingsås",
        has_no_door_code=True,
        contact_name="Karin Test",
        contact_phone="+46701740610",
    )
    [body] = messages(order, "PickupOrder")
    wanted = {"method": "HOME", "street": "Gamla gatan 1", "postalCode": "44131", "contactName": "Karin Test", "contactPhone": "+46701740610"}
    assert {name: body["place"][name] for name in wanted} == wanted
    assert (body["place"]["noDoorCode"], "doorCode" in body["place"], body["reason"]) == (True, False, "DECEASED")


def test_of_a_protected_person_nothing_but_the_number_and_the_units_contact_goes_out() -> None:
    by = factories.alice()
    by.unit.may_see_protected = True
    by.unit.save()
    patient = factories.patient(by)
    order = draft(patient, instructions="Ring Elsa", street="Hemliga vägen 1", has_other_address=True)
    Patient.objects.filter(pk=patient.pk).update(protection=Patient.Protection.MARKED, phone="")
    order.patient.refresh_from_db()
    drafts.save(order, content=content(order, method="MANUAL_CONTACT"), wanted=drafts.wanted_of(order))
    orders.place(fresh(order), by=factories.alice())
    [body] = messages(fresh(order), "PickupOrder")
    assert body["place"] == {"method": "MANUAL_CONTACT", "hospital": False, "contactName": "Rehab Alingsås torg", "contactPhone": "+46313900600"}
    assert body["patient"]["name"] is None
    assert "Hemliga" not in str(body)


def test_it_is_sent_once() -> None:
    order = draft()
    number = orders.place(order, by=order.orderer)
    before = counts()
    with pytest.raises(AlreadySent) as error, transaction.atomic():
        orders.place(order, by=order.orderer)
    assert (error.value.number, counts()) == (number, before)


def test_what_was_changed_after_it_was_checked_is_not_sent() -> None:
    order = draft()
    seen = order.version
    drafts.save(order, content=content(order, infection_note="x"), wanted=drafts.wanted_of(order))
    before = counts()
    with pytest.raises(NotSeen), transaction.atomic():
        orders.place(order, by=order.orderer, seen=seen)
    assert counts() == before


def test_a_unit_that_has_not_opened_the_patient_sends_nothing() -> None:
    order = draft()
    before = counts()
    with pytest.raises(access.NoSuchPatient), transaction.atomic():
        orders.place(order, by=factories.carol())
    assert counts() == before


@pytest.mark.parametrize(
    "fields", [{"is_cleaned": None}, {"is_cleaned": False}, {"reason": ""}, {"customer": None}, {"has_infection_risk": True}, {"rent_ends_on": None}]
)
def test_the_database_refuses_a_sent_order_that_is_not_whole(fields: dict[str, Any]) -> None:
    order = sent()
    with pytest.raises(IntegrityError), transaction.atomic():
        PickupOrder.objects.filter(pk=order.pk).update(**fields)


# --- After sending ------------------------------------------------------------------------------------


def test_some_items_are_asked_to_be_cancelled_with_message_history_and_log() -> None:
    order = sent()
    changes.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Behålls", lines=[2])
    [body] = messages(order, "CancellationRequest")
    assert body == {"orderNumber": order.number, "reason": "NOT_NEEDED", "note": "Behålls", "lines": [2]}
    assert [item.is_cancellation_requested for item in items(order)] == [False, True, False]
    assert (fresh(order).status, events(order)) == (Status.PLACED, ["PLACED", "CANCELLATION_REQUESTED"])
    assert AccessLogEntry.objects.filter(action="CANCEL", resource_id=order.number).count() == 1
    order = tell(order, cancelled(1, [2], was_requested=True))
    assert (outcomes(order), loans(order)) == ("OCO", [(0, 1, False), (0, 0, False), (0, 5, False)])


def test_all_items_is_the_whole_order() -> None:
    order = sent()
    changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="Fel patient", lines=[1, 2, 3])
    assert "lines" not in messages(order, "CancellationRequest")[0]


@pytest.mark.parametrize("why", ["planned", "picked up", "asked for already", "unknown item", "no items"])
def test_what_cannot_be_cancelled_any_more_is_refused(why: str) -> None:
    order = sent()
    lines: list[int] | None = None
    if why == "planned":
        order = tell(order, planned())
    if why == "picked up":
        order = tell(order, picked_up())
    if why == "asked for already":
        changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="x")
    if why in {"unknown item", "no items"}:
        lines = [7] if why == "unknown item" else []
    before = counts()
    with pytest.raises(IllegalMove), transaction.atomic():
        changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="x", lines=lines)
    assert counts() == before


def test_another_place_and_contact_is_in_force_at_once_and_goes_back_when_sesam2_refuses() -> None:
    from pickups.actions import reports

    order = sent()
    new = NewDelivery("HOME", street="Nygatan 2", postal_code="44132", city="Alingsås", contact_name="Karin Test", contact_phone="+46701740610")
    changes.change_place(order, by=order.orderer, new=new)
    order = fresh(order)
    assert (order.street, order.has_no_door_code, order.contact_name) == ("Nygatan 2", True, "Karin Test")
    assert messages(order, "DeliveryChange")[0]["delivery"]["street"] == "Nygatan 2"
    assert order.history.last().details["changed"] == ["adress", "portkod", "kontaktperson", "kontaktpersonens telefon"]
    with pytest.raises(ChangeIsOpen):
        changes.change_place(order, by=order.orderer, new=new)
    reports.record_delivery_change_refused(str(order.number), reason="Bilen är packad")
    assert (fresh(order).street, fresh(order).door_code) == ("Storgatan 1", "1357")
    reports.record_delivery_change_refused(str(order.number), reason="Bilen är packad")
    assert order.history.last().details == {"is_old": True}


def test_a_place_that_is_the_same_is_not_sent() -> None:
    order = sent()
    same = NewDelivery(
        "HOME", street="Storgatan 1", postal_code="44130", city="Alingsås", door_code="1357", contact_name="Elsa Tolvansson", contact_phone="+46701740607"
    )
    with pytest.raises(NothingChanged):
        changes.change_place(order, by=order.orderer, new=same)


@pytest.mark.parametrize("telling", [planned(), picked_up(), deregistered(), cancelled(1)])
def test_a_planned_pickup_goes_nowhere_else(telling: Any) -> None:
    order = tell(sent(), telling)
    before = counts()
    with pytest.raises(IllegalMove), transaction.atomic():
        changes.change_place(order, by=order.orderer, new=NewDelivery("UNIT"))
    assert counts() == before


def test_a_cancelled_order_is_ordered_again_with_what_was_not_fetched() -> None:
    order = tell(sent(reason=Reason.EXCHANGE, instructions="Står i hallen"), received(), cancelled(2))
    again = orders.order_again(order, by=factories.bob())
    assert (again.status, again.again_of, again.reason, again.instructions, again.is_cleaned) == (Status.DRAFT, order, Reason.EXCHANGE, "Står i hallen", None)
    assert [item.quantity for item in items(again)] == [1, 1, 5]
    assert orders.order_again(order, by=factories.bob()) == again
    drafts.save(again, content=content(again), wanted=drafts.wanted_of(again))
    number = orders.place(again, by=factories.bob())
    with pytest.raises(AlreadyOrderedAgain) as error:
        orders.order_again(order, by=order.orderer)
    assert error.value.number == number


def test_an_order_that_lives_is_not_ordered_again() -> None:
    with pytest.raises(IllegalMove):
        orders.order_again(sent(), by=factories.alice())


def test_an_orderer_stands_with_the_units_only_prescriber() -> None:
    alice = factories.alice()
    patient = factories.patient()
    assert drafts.start(patient, by=factories.bob()).prescriber == alice
    factories.assignment("Frida Fors", Role.PRESCRIBER, at=alice.unit)
    assert drafts.start(factories.patient(), by=factories.bob()).prescriber == factories.bob()
