"""What a person does with a kundorder: each action, and each way it refuses with nothing left behind."""

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Assignment, CareUnit, Customer, DeliveryPoint, User
from accounts.roles import Role
from catalog.models import Article, LocalArticle, Supplier
from core.lifecycle import IllegalMove
from core.numbers import number_is_valid
from integration import contract
from integration.models import OutgoingMessage
from orders.actions import changes, drafts, orders, reports
from orders.actions.drafts import Content
from orders.models import MOST_OF_AN_ARTICLE, Order, OrderHistory, OrderLine, Status
from orders.sesam2 import Answer, Response
from patients import access
from patients.actions import NewAddress, change_details
from patients.models import AccessLogEntry, Address, Patient
from tests import factories

pytestmark = pytest.mark.django_db


def content(order: Order, **changed: Any) -> Content:
    """What stands on the draft, with these changes."""
    names = [
        "customer",
        "prescriber",
        "method",
        "delivery_point",
        "requested_on",
        "accepts_equivalent",
        "deliver_together",
        "contact_name",
        "contact_phone",
        "instructions",
    ]
    return Content(**{name: getattr(order, name) for name in names} | changed)


def written(order: Order, **changed: Any) -> Order:
    """The draft with these changes saved."""
    drafts.save(order, content=content(order, **changed), quantities={})
    return Order.objects.get(pk=order.pk)


def everything(order: Order) -> dict[str, Any]:
    """All that sending writes."""
    return {
        "order": Order.objects.filter(pk=order.pk).values().get(),
        "lines": list(OrderLine.objects.filter(order=order).order_by("line").values()),
        "history": list(OrderHistory.objects.values_list("pk", flat=True)),
        "messages": list(OutgoingMessage.objects.values_list("pk", flat=True)),
        "log": set(AccessLogEntry.objects.values_list("pk", flat=True)),
    }


def problems(order: Order, *, by: Assignment | None = None) -> list[tuple[str, str]]:
    """Why it cannot be sent, after seeing to it that the attempt left nothing behind."""
    before = everything(order)
    with pytest.raises(orders.NotReady) as caught:
        orders.place(order, by=by or order.orderer)
    assert everything(order) == before
    assert before["order"]["number"] is None
    return caught.value.problems


def fields(order: Order) -> list[str]:
    return [field for field, _ in problems(order)]


def body_of(number: str) -> contract.CustomerOrder:
    """The one message about the order, as SESAM2 reads it."""
    message = OutgoingMessage.objects.get(subject=number)
    envelope, body = contract.parse_outgoing(contract.dump(message.payload or {}))
    assert (envelope.message_type, envelope.subject, envelope.sequence) == ("CustomerOrder", number, 1)
    assert isinstance(body, contract.CustomerOrder)
    return body


@pytest.fixture
def protected_may_be_opened(db: None) -> None:
    """The right is the unit's."""
    CareUnit.objects.filter(pk=factories.unit().pk).update(may_see_protected=True)


# --- Drafts -------------------------------------------------------------------------------------------


def test_a_new_draft_has_the_units_standard_customer_the_prescriber_and_the_patients_contact() -> None:
    alice = factories.alice()
    order = drafts.start(factories.patient(alice), by=alice)
    assert (order.status, order.number, order.unit_id, order.orderer_id, order.prescriber_id) == (Status.DRAFT, None, alice.unit_id, alice.pk, alice.pk)
    assert order.customer is not None
    assert (order.customer.unit_id, order.customer.is_standard) == (alice.unit_id, True)
    assert (order.method, order.contact_name, order.contact_phone) == ("HOME", "Elsa Tolvansson", "+46701740607")


def test_starting_again_gives_the_draft_that_was_left_empty() -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    first = drafts.start(patient, by=alice)
    assert drafts.start(patient, by=alice).pk == first.pk
    drafts.add_article(first, factories.article())
    assert drafts.start(patient, by=alice).pk != first.pk


def test_an_empty_draft_of_somebody_else_or_for_somebody_else_is_not_taken() -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    first = drafts.start(patient, by=alice)
    assert drafts.start(patient, by=factories.bob()).pk != first.pk
    assert drafts.start(factories.patient(alice), by=alice).pk != first.pk


def test_a_thrown_away_draft_is_not_taken_up_again() -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    first = drafts.start(patient, by=alice)
    drafts.discard(first, by=alice)
    assert drafts.start(patient, by=alice).pk != first.pk


def test_adding_the_same_article_adds_up_on_its_line() -> None:
    order = factories.draft(lines=0)
    article = factories.article()
    drafts.add_article(order, article, quantity=2)
    drafts.add_article(order, factories.article())
    drafts.add_article(order, article, quantity=3)
    assert list(order.lines.order_by("line").values_list("line", "quantity")) == [(1, 5), (2, 1)]


def test_more_than_999_of_an_article_is_too_many_and_changes_nothing() -> None:
    order = factories.draft(lines=0)
    article = factories.article()
    drafts.add_article(order, article, quantity=MOST_OF_AN_ARTICLE)
    with pytest.raises(drafts.TooMany):
        drafts.add_article(order, article)
    with pytest.raises(drafts.TooMany):
        drafts.add_article(order, factories.article(), quantity=MOST_OF_AN_ARTICLE + 1)
    assert [line.quantity for line in order.lines.all()] == [MOST_OF_AN_ARTICLE]


def test_removing_a_line_leaves_the_numbers_of_the_others() -> None:
    order = factories.draft(lines=3)
    drafts.remove_line(order, 2)
    drafts.remove_line(order, 77)
    assert list(order.lines.order_by("line").values_list("line", flat=True)) == [1, 3]


def test_saving_writes_content_and_quantities() -> None:
    order = factories.draft(lines=2)
    point = factories.delivery_point()
    on = factories.days_from_now(10)
    new = content(order, method="DELIVERY_POINT", delivery_point=point, requested_on=on, accepts_equivalent=False, deliver_together=True, instructions="Ring")
    drafts.save(order, content=new, quantities={2: 7})
    saved = Order.objects.get(pk=order.pk)
    assert (saved.method, saved.delivery_point, saved.requested_on, saved.accepts_equivalent, saved.deliver_together, saved.instructions) == (
        "DELIVERY_POINT",
        point,
        on,
        False,
        True,
        "Ring",
    )
    assert list(saved.lines.order_by("line").values_list("quantity", flat=True)) == [1, 7]


def test_a_prescriber_that_is_not_chosen_leaves_the_one_there_was() -> None:
    order = factories.draft()
    assert written(order, prescriber=None).prescriber_id == order.prescriber_id


@pytest.mark.parametrize("ended", ["sent", "thrown away"])
def test_a_draft_that_is_no_more_is_not_written_on(ended: str) -> None:
    order = factories.draft()
    if ended == "sent":
        orders.place(order, by=order.orderer)
    else:
        drafts.discard(order, by=order.orderer)
    before = everything(order)
    stale = Order.objects.get(pk=order.pk)
    with pytest.raises(IllegalMove):
        drafts.save(stale, content=content(stale, instructions="För sent"), quantities={1: 5})
    with pytest.raises(IllegalMove):
        drafts.add_article(stale, factories.article())
    with pytest.raises(IllegalMove):
        drafts.remove_line(stale, 1)
    with pytest.raises(IllegalMove):
        drafts.discard(stale, by=order.orderer)
    assert everything(order) == before


def test_a_thrown_away_draft_gets_no_number_and_sends_nothing() -> None:
    order = factories.draft()
    drafts.discard(order, by=order.orderer)
    order = Order.objects.get(pk=order.pk)
    assert (order.status, order.number) == (Status.CANCELLED, None)
    assert OutgoingMessage.objects.count() == 0
    assert order.history.get().event == "DISCARDED"
    with pytest.raises(IllegalMove):
        orders.place(order, by=order.orderer)


def test_a_bestallare_must_choose_who_prescribes() -> None:
    bob, alice = factories.bob(), factories.alice()
    factories.assignment("Eva Ek", Role.PRESCRIBER, at=factories.unit())
    order = factories.draft(bob)
    assert problems(order) == [("prescriber", "Välj vem som förskriver.")]
    number = orders.place(written(order, prescriber=alice), by=bob)
    body = body_of(number)
    assert (body.orderer.name, body.prescriber.name) == ("Bob Björk", "Alice Ask")


def test_where_only_one_prescribes_that_one_is_chosen_for_the_bestallare() -> None:
    alice = factories.alice()
    assert factories.draft(factories.bob()).prescriber_id == alice.pk


def test_those_who_may_stand_as_prescriber_work_at_the_unit_now() -> None:
    alice, carol = factories.alice(), factories.carol()
    gone = factories.assignment("Gun Gran", Role.PRESCRIBER, at=factories.unit())
    Assignment.objects.filter(pk=gone.pk).update(starts_on=factories.days_from_now(-9), ends_on=factories.days_from_now(-1))
    assert list(drafts.prescribers_of(factories.bob())) == [alice]
    assert list(drafts.prescribers_of(carol)) == [carol]


# --- Sending ------------------------------------------------------------------------------------------


def test_sending_gives_the_order_its_number_and_status() -> None:
    order = factories.draft()
    number = orders.place(order, by=order.orderer)
    order = Order.objects.get(pk=order.pk)
    assert number == order.number
    assert number_is_valid(number)
    assert number.startswith(f"K-{timezone.localdate().year}-")
    assert order.status == Status.PLACED
    assert order.placed_at is not None
    assert timezone.now() - order.placed_at < datetime.timedelta(minutes=1)


def test_sending_writes_one_history_row_and_one_row_in_the_access_log() -> None:
    order = factories.draft()
    number = orders.place(order, by=order.orderer)
    row = order.history.get()
    assert (row.event, row.old, row.new, row.by_id) == ("PLACED", Status.DRAFT, Status.PLACED, order.orderer_id)
    log = AccessLogEntry.objects.get(action=access.Action.SIGN)
    assert (log.activity, log.resource_type, log.resource_id, log.patient_id) == ("Skicka kundorder", "Kundorder", number, order.patient_id)
    assert (log.user_hsa_id, log.unit_hsa_id, log.outcome) == (order.orderer.user.hsa_id, order.unit.hsa_id, "ALLOWED")


def test_sending_queues_one_message_with_what_was_ordered() -> None:
    order = factories.draft(lines=2, quantity=3)
    number = orders.place(order, by=order.orderer)
    body = body_of(number)
    assert body.order_number == number
    assert (body.patient.id, body.patient.name) == (order.patient.identity.value, "Tolvan Tolvansson")
    assert [(line.line, line.quantity, line.unit_price) for line in body.lines] == [(1, 3, Decimal("212.50")), (2, 3, Decimal("212.50"))]
    assert (body.purpose, body.urgent, body.attachments) == (contract.Purpose.LOAN, False, [])


def test_the_address_is_copied_as_it_is_at_sending_and_stays() -> None:
    alice = factories.alice()
    order = factories.draft(alice)
    change_details(order.patient, by=alice, phone="", address=NewAddress("Nygatan 2", "44131", "Alingsås", care_of="Elsa Ek"))
    number = orders.place(order, by=alice)
    change_details(order.patient, by=alice, phone="", address=NewAddress("Senaregatan 3", "44132", "Alingsås", door_code="99"))
    order = Order.objects.get(pk=order.pk)
    assert (order.recipient_name, order.care_of, order.street, order.postal_code, order.city, order.door_code, order.has_no_door_code) == (
        "Tolvan Tolvansson",
        "Elsa Ek",
        "Nygatan 2",
        "44131",
        "Alingsås",
        "",
        True,
    )
    delivery = body_of(number).delivery
    assert (delivery.method, delivery.street, delivery.care_of, delivery.no_door_code, delivery.door_code) == ("HOME", "Nygatan 2", "Elsa Ek", True, None)


def test_a_delivery_point_gives_its_address_and_number() -> None:
    order = factories.draft()
    point = factories.delivery_point()
    number = orders.place(written(order, method="DELIVERY_POINT", delivery_point=point), by=order.orderer)
    order = Order.objects.get(pk=order.pk)
    assert (order.recipient_name, order.street, order.postal_code, order.is_hospital) == (point.name, point.street, point.postal_code, False)
    delivery = body_of(number).delivery
    assert (delivery.delivery_point_number, delivery.street, delivery.hospital) == (point.number, point.street, False)


def test_the_unit_gives_its_address_and_whether_it_is_a_hospital() -> None:
    by = factories.assignment("Ada Al", Role.PRESCRIBER, at=factories.unit("SÄS avdelning 4", is_hospital=True))
    order = factories.draft(by)
    number = orders.place(written(order, method="UNIT"), by=by)
    delivery = body_of(number).delivery
    assert (delivery.recipient_name, delivery.street, delivery.hospital) == ("SÄS avdelning 4", "Torggatan 1", True)


def test_a_delivery_point_that_was_chosen_before_another_way_is_not_sent() -> None:
    order = factories.draft()
    number = orders.place(written(order, method="HOME", delivery_point=factories.delivery_point()), by=order.orderer)
    delivery = body_of(number).delivery
    assert (delivery.method, delivery.delivery_point_number, delivery.street) == ("HOME", None, "Storgatan 1")


def test_prices_are_those_at_sending() -> None:
    order = factories.draft(lines=2)
    first, second = order.lines.order_by("line")
    LocalArticle.objects.filter(article=first.article_id).update(shown_price=Decimal("99.90"))
    LocalArticle.objects.filter(article=second.article_id).update(shown_price=None)
    number = orders.place(order, by=order.orderer)
    LocalArticle.objects.filter(article=first.article_id).update(shown_price=Decimal(1))
    assert list(order.lines.order_by("line").values_list("unit_price", flat=True)) == [Decimal("99.90"), None]
    assert [line.unit_price for line in body_of(number).lines] == [Decimal("99.90"), None]


def test_whoever_sends_is_the_orderer() -> None:
    order = factories.draft(factories.alice())
    bob = factories.bob()
    number = orders.place(order, by=bob)
    order = Order.objects.get(pk=order.pk)
    assert (order.orderer_id, order.prescriber.user.name, order.history.get().by_id) == (bob.pk, "Alice Ask", bob.pk)
    assert (body_of(number).orderer.name, body_of(number).prescriber.name) == ("Bob Björk", "Alice Ask")


def test_sending_again_tells_the_number_of_the_order_that_exists() -> None:
    order = factories.draft()
    number = orders.place(order, by=order.orderer)
    before = everything(order)
    with pytest.raises(orders.AlreadySent) as caught:
        orders.place(order, by=order.orderer)
    assert caught.value.number == number
    assert everything(order) == before


def test_two_orders_have_two_numbers() -> None:
    assert factories.order().number != factories.order().number


# --- What is not sent ---------------------------------------------------------------------------------


def test_an_order_without_lines_is_not_sent() -> None:
    assert problems(factories.draft(lines=0)) == [("q", "Lägg till minst en artikel.")]


@pytest.mark.parametrize(
    "withdrawn",
    [
        {"local": {"is_orderable": False}},
        {"local": {"is_published": False}},
        {"article": {"ended_at": timezone.now()}},
        {"article": {"status": "DISCONTINUED"}},
        {"article": {"discontinued_from": timezone.localdate()}},
    ],
    ids=["not orderable", "not published", "gone from the feed", "discontinued", "discontinued today"],
)
def test_an_article_that_was_withdrawn_between_page_and_send_is_not_sent(withdrawn: dict[str, Any]) -> None:
    order = factories.draft(lines=2)
    article = order.lines.get(line=2).article_id
    LocalArticle.objects.filter(article=article).update(**withdrawn.get("local", {"name": None}))
    Article.objects.filter(pk=article).update(**withdrawn.get("article", {"description": ""}))
    assert problems(order) == [("quantity_2", "Rullstol Allround 45 cm går inte längre att beställa. Ta bort raden och välj en annan artikel.")]


def test_an_article_that_ends_later_is_sent() -> None:
    order = factories.draft(lines=1)
    Article.objects.filter(pk=order.lines.get().article_id).update(discontinued_from=factories.days_from_now(1))
    assert orders.place(order, by=order.orderer)


def test_an_order_without_customer_is_not_sent() -> None:
    assert problems(written(factories.draft(), customer=None)) == [("customer", "Välj vilken kund som beställer.")]


def test_a_customer_of_another_unit_is_not_sent() -> None:
    order = factories.draft()
    other = Customer.objects.get(unit=factories.carol().unit)
    assert problems(written(order, customer=other)) == [("customer", "Kunden hör inte till din enhet. Välj en annan.")]


def test_a_prescriber_without_the_right_is_not_sent() -> None:
    assert fields(written(factories.draft(), prescriber=factories.bob())) == ["prescriber"]


def test_a_prescriber_of_another_unit_is_not_sent() -> None:
    assert fields(written(factories.draft(), prescriber=factories.carol())) == ["prescriber"]


@pytest.mark.parametrize("why", ["ended", "switched off"])
def test_a_prescriber_who_works_there_no_more_is_not_sent(why: str) -> None:
    gone = factories.assignment("Gun Gran", Role.PRESCRIBER, at=factories.unit())
    order = written(factories.draft(), prescriber=gone)
    if why == "ended":
        Assignment.objects.filter(pk=gone.pk).update(starts_on=factories.days_from_now(-9), ends_on=factories.days_from_now(-1))
    else:
        type(gone.user).objects.filter(pk=gone.user_id).update(is_active=False)
    assert fields(order) == ["prescriber"]


def test_a_wanted_date_in_the_past_is_not_sent() -> None:
    order = factories.draft()
    assert fields(written(order, requested_on=factories.days_from_now(-1))) == ["requested_on"]
    assert orders.place(written(order, requested_on=factories.workday_from_now(1)), by=order.orderer)


def test_an_order_home_to_a_patient_without_address_is_not_sent() -> None:
    order = factories.draft()
    Address.objects.filter(patient=order.patient).update(valid_to=timezone.now())
    assert problems(order) == [("method", "Patienten har ingen adress. Fyll i den på patientens sida.")]


def test_an_order_to_a_unit_without_address_is_not_sent() -> None:
    order = written(factories.draft(), method="UNIT")
    CareUnit.objects.filter(pk=order.unit_id).update(street="")
    assert fields(order) == ["method"]


@pytest.mark.parametrize("which", ["none", "another provider's", "switched off"])
def test_an_order_to_no_delivery_point_of_the_provider_is_not_sent(which: str) -> None:
    order = factories.draft()
    point = None
    if which != "none":
        point = factories.delivery_point(factories.dan().unit.provider if which == "another provider's" else None)
        DeliveryPoint.objects.filter(pk=point.pk).update(is_active=which != "switched off")
    assert problems(written(order, method="DELIVERY_POINT", delivery_point=point)) == [("delivery_point", "Välj leveranspunkt.")]


def test_all_that_is_wrong_is_told_at_once() -> None:
    order = written(factories.draft(lines=0), customer=None, requested_on=factories.days_from_now(-1), method="DELIVERY_POINT")
    assert fields(order) == ["q", "customer", "requested_on", "delivery_point"]


def test_when_the_contract_refuses_the_message_all_is_rolled_back() -> None:
    order = factories.draft()
    Supplier.objects.update(gln="7359999900025")
    LocalArticle.objects.update(shown_price=Decimal(7))
    before = everything(order)
    with pytest.raises(ValueError, match="supplier_gln"):
        orders.place(order, by=order.orderer)
    assert everything(order) == before


def test_an_order_for_a_patient_that_the_unit_has_not_opened_is_not_sent() -> None:
    order = factories.draft()
    order.patient.care_relations.all().delete()
    before = everything(order)
    with pytest.raises(access.NoSuchPatient):
        orders.place(order, by=order.orderer)
    assert everything(order) == before


# --- Protected persons --------------------------------------------------------------------------------


def protect(patient: Patient) -> None:
    Patient.objects.filter(pk=patient.pk).update(protection=Patient.Protection.MARKED, phone="")


@pytest.mark.usefixtures("protected_may_be_opened")
def test_a_draft_for_a_protected_patient_is_delivered_by_contact_and_holds_no_contact_person() -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    protect(patient)
    order = drafts.start(Patient.objects.get(pk=patient.pk), by=alice)
    assert (order.method, order.contact_name, order.contact_phone) == ("MANUAL_CONTACT", "", "")


@pytest.mark.usefixtures("protected_may_be_opened")
@pytest.mark.parametrize("method", ["HOME", "DELIVERY_POINT", "UNIT"])
def test_a_protected_patients_order_is_delivered_by_contact_only(method: str) -> None:
    order = factories.draft()
    protect(order.patient)
    assert fields(written(order, method=method, delivery_point=factories.delivery_point())) == ["method"]


def test_any_patients_order_may_be_delivered_by_contact_and_then_carries_the_units_contact_alone() -> None:
    order = written(factories.draft(), method="MANUAL_CONTACT", notify_sms="+46701740605")
    number = orders.place(order, by=order.orderer)
    told = body_of(number).delivery.model_dump(exclude_none=True)
    assert told == {"method": "MANUAL_CONTACT", "hospital": False, "contact_name": order.unit.name, "contact_phone": order.unit.phone}


def test_a_unit_that_cannot_be_rung_is_not_contacted() -> None:
    order = written(factories.draft(), method="MANUAL_CONTACT")
    CareUnit.objects.filter(pk=order.unit_id).update(phone="")
    User.objects.filter(pk=order.orderer.user_id).update(phone="")
    assert [field for field, _ in problems(Order.objects.get(pk=order.pk), by=Assignment.objects.select_related("user", "unit").get(pk=order.orderer_id))] == [
        "method"
    ]


@pytest.mark.usefixtures("protected_may_be_opened")
def test_of_a_protected_patient_nothing_but_the_number_goes_out() -> None:
    alice = factories.alice()
    patient = factories.patient(alice, given_name="Hemliga", family_name="Hemligsson", street="Gömda gatan 7", care_of="Elsa Gömd")
    order = factories.draft(alice, to=patient)
    # All of it was written before the patient was protected, and the register still holds the address.
    order = written(order, instructions="Ring Hemliga", contact_name="Elsa Tolvansson", contact_phone="+46701740607", delivery_point=factories.delivery_point())
    protect(patient)
    number = orders.place(written(order, method="MANUAL_CONTACT"), by=alice)
    payload = OutgoingMessage.objects.get(subject=number).payload
    assert payload is not None
    assert payload["body"]["patient"] == {"idType": "PERSONNUMMER", "id": patient.identity.value, "name": None, "protected": True}
    assert payload["body"]["delivery"] == {"method": "MANUAL_CONTACT", "hospital": False, "contactName": "Rehab Alingsås torg", "contactPhone": "+46313900600"}
    text = json.dumps(payload, ensure_ascii=False)
    for secret in ("Hemliga", "Hemligsson", "Gömd", "1357", "44130", "Elsa", "Tolvan", "0701740606", "46701740606", "46701740607", "LP", "Ängabo"):
        assert secret not in text
    order = Order.objects.get(pk=order.pk)
    assert (order.recipient_name, order.care_of, order.street, order.postal_code, order.city, order.door_code) == ("", "", "", "", "", "")


def test_without_the_right_a_protected_patients_order_is_not_sent() -> None:
    order = factories.draft()
    protect(order.patient)
    before = everything(order)
    with pytest.raises(access.NoSuchPatient):
        orders.place(written(order, method="MANUAL_CONTACT"), by=order.orderer)
    assert everything(order)["messages"] == before["messages"]
    assert Order.objects.get(pk=order.pk).number is None


# --- Asking for a cancellation ------------------------------------------------------------------------


def test_a_cancellation_is_asked_for_once_with_message_history_and_log() -> None:
    order = factories.order()
    changes.request_cancellation(order, by=order.orderer, reason="WRONG_ARTICLE", note="Fel storlek")
    order = Order.objects.get(pk=order.pk)
    assert (order.status, order.can_be_cancelled) == (Status.PLACED, False)
    message = OutgoingMessage.objects.get(subject=order.number, sequence=2)
    assert message.message_type == "CancellationRequest"
    assert (message.payload or {})["body"] == {"orderNumber": order.number, "reason": "WRONG_ARTICLE", "note": "Fel storlek"}
    row = order.history.get(event="CANCELLATION_REQUESTED")
    assert (row.note, row.details, row.by_id) == ("Fel storlek", {"reason": "WRONG_ARTICLE"}, order.orderer_id)
    assert AccessLogEntry.objects.get(action=access.Action.CANCEL).resource_id == order.number


def test_a_cancellation_that_is_asked_for_already_is_refused() -> None:
    order = factories.order()
    changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="En gång")
    before = everything(order)
    with pytest.raises(IllegalMove):
        changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="Två gånger")
    assert everything(order) == before


@pytest.mark.parametrize("end", ["draft", "delivered", "cancelled"])
def test_what_is_not_under_way_cannot_be_cancelled(end: str) -> None:
    order = factories.draft() if end == "draft" else factories.order()
    if end == "delivered":
        reports.record_delivery(str(order.number), sequence=1, despatch_number="", delivered_at=timezone.now(), is_receipted=True, signed_by="", lines=None)
    elif end == "cancelled":
        refuse(order)
    before = everything(order)
    with pytest.raises(IllegalMove):
        changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="För sent")
    assert everything(order) == before


def test_a_cancellation_that_the_contract_refuses_leaves_nothing_behind() -> None:
    order = factories.order()
    before = everything(order)
    with pytest.raises(ValueError, match="note"):
        changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="x" * 501)
    assert everything(order) == before


# --- Ordering again -----------------------------------------------------------------------------------


def refuse(order: Order) -> None:
    reports.record_response(str(order.number), sequence=1, response=Response(Answer.REFUSED, "S2-1", None, "Spärrad", ()))


def test_ordering_again_carries_everything_over() -> None:
    alice = factories.alice()
    order = factories.draft(alice, lines=3, quantity=2)
    drafts.remove_line(order, 2)
    order = written(
        order,
        method="DELIVERY_POINT",
        delivery_point=factories.delivery_point(),
        requested_on=factories.workday_from_now(5),
        accepts_equivalent=False,
        deliver_together=True,
        contact_name="Elsa Ek",
        contact_phone="+46701740608",
        instructions="Ring en timme innan",
    )
    orders.place(order, by=alice)
    refuse(Order.objects.get(pk=order.pk))
    bob = factories.bob()
    old = Order.objects.get(pk=order.pk)
    new = Order.objects.get(pk=orders.order_again(old, by=bob).pk)
    assert (new.status, new.number, new.again_of_id, new.orderer_id) == (Status.DRAFT, None, old.pk, bob.pk)
    assert content(new) == content(old)
    assert (new.patient_id, new.unit_id, new.purpose) == (old.patient_id, old.unit_id, old.purpose)
    articles = list(old.lines.order_by("line").values_list("article_id", "quantity"))
    assert list(new.lines.order_by("line").values_list("line", "article_id", "quantity")) == [(1, *articles[0]), (2, *articles[1])]
    assert orders.place(new, by=bob) != old.number


def test_ordering_again_twice_gives_the_same_draft() -> None:
    order = factories.order()
    refuse(order)
    first = orders.order_again(order, by=order.orderer)
    assert orders.order_again(order, by=order.orderer).pk == first.pk
    assert Order.objects.drafts().count() == 1
    drafts.discard(first, by=order.orderer)
    assert orders.order_again(order, by=order.orderer).pk != first.pk


def test_a_wanted_date_that_has_passed_is_not_carried_over() -> None:
    order = factories.order()
    Order.objects.filter(pk=order.pk).update(requested_on=factories.days_from_now(-1))
    refuse(order)
    assert orders.order_again(order, by=order.orderer).requested_on is None


def test_only_a_cancelled_order_is_ordered_again() -> None:
    order = factories.order()
    draft = factories.draft()
    thrown = factories.draft()
    drafts.discard(thrown, by=thrown.orderer)
    for wrong in (order, draft, thrown):
        before = Order.objects.count()
        with pytest.raises(IllegalMove):
            orders.order_again(wrong, by=wrong.orderer)
        assert Order.objects.count() == before
