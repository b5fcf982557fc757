"""Uttag: an order, a loan, the ledger, the message and the log in one transaction; and each way it is refused with nothing left behind."""

import datetime
import uuid
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Notice
from buffer.models import Movement, StockIndividual
from catalog import individuals
from catalog.models import Individual, LocalArticle
from integration import contract
from integration.models import OutgoingMessage
from integration.registry import dispatch
from ordering.sending import NotReady
from orders.actions import withdrawals
from orders.actions.withdrawals import AlreadyTaken
from orders.models import Order, OrderHistory, Status
from patients import access
from patients.models import AccessLogEntry, Loan, Patient
from tests import factories
from tests.orders import stock

pytestmark = pytest.mark.django_db


def counts() -> tuple[int, ...]:
    tables = (Order, OrderHistory, OutgoingMessage, Loan, Movement.objects.filter(kind="WITHDRAWAL"), AccessLogEntry.objects.filter(action="SIGN"))
    return tuple((table if hasattr(table, "count") else table.objects).count() for table in tables)


def refused(*taken: Any, **changes: Any) -> dict[str, str]:
    """Field → text; and nothing is left behind."""
    before = counts()
    with pytest.raises(NotReady) as error:
        stock.withdraw(*taken, **changes)
    assert counts() == before
    return dict(error.value.problems)


# --- What is done ----------------------------------------------------------------------------------


def test_an_uttag_is_a_delivered_kundorder_with_loan_ledger_message_and_log() -> None:
    alice, line = factories.alice(), stock.stocked(stock.store(), 5)
    patient = factories.patient(alice)
    taken_at = timezone.now() - datetime.timedelta(hours=3)
    [order] = stock.withdraw((line, 2), by=alice, to=[patient], withdrawn_at=taken_at)
    assert (order.kind, order.status, order.number[:2], order.happened_at) == (Order.Kind.WITHDRAWAL, Status.DELIVERED, "U-", taken_at)
    assert (order.patient, order.orderer, order.prescriber, order.store) == (patient, alice, alice, line.store)
    assert order.customer_number == alice.unit.customers.get().number
    [row] = order.lines.all()
    assert (row.quantity, row.delivered, row.outstanding, row.shown_status) == (2, 2, 0, ("Levererad", "success"))
    loan = Loan.objects.get()
    assert (loan.patient, loan.article, loan.quantity, loan.order_number, loan.started_at) == (patient, line.article, 2, order.number, taken_at)
    movement = Movement.objects.get(kind="WITHDRAWAL")
    assert (movement.change, movement.order_number, movement.by, movement.happened_at) == (-2, order.number, alice, taken_at)
    assert stock.numbers(line) == (3, 0)
    message = OutgoingMessage.objects.get()
    body = contract.StockWithdrawal.model_validate_json(contract.dump(message.payload["body"]))
    assert (message.message_type, message.subject) == ("StockWithdrawal", order.number)
    assert (body.store.store_number, body.store.unit_hsa_id) == (line.store.number, alice.unit.hsa_id)
    assert (body.patient.id, body.lines[0].quantity, body.withdrawn_at) == (patient.identity.value, 2, taken_at)
    assert list(order.history.values_list("event", "old", "new", "by")) == [("TAKEN_OUT", "DRAFT", "DELIVERED", alice.pk)]
    row = AccessLogEntry.objects.get(action="SIGN")
    assert (row.patient, row.resource_type, row.resource_id) == (patient, "Uttag", order.number)


def test_several_articles_go_to_one_patient_in_one_order_and_one_article_to_several_in_one_each() -> None:
    alice, at = factories.alice(), stock.store()
    rollator, stick = stock.stocked(at, 5), stock.stocked(at, 9, name="Käpp")
    [order] = stock.withdraw((rollator, 1), (stick, 2))
    assert list(order.lines.order_by("line").values_list("article_name", "quantity")) == [("Rollator Lyft", 1), ("Käpp", 2)]
    elsa, tolvan = factories.patient(alice), factories.patient(alice)
    orders = stock.withdraw((stick, 2), to=[elsa, tolvan])
    assert [order.patient for order in orders] == [elsa, tolvan]
    assert stock.numbers(stick) == (9 - 2 - 4, 0)
    assert Loan.objects.filter(patient=tolvan).get().quantity == 2
    stock.assert_adds_up()


def test_an_aid_with_a_number_is_that_patients_loan_and_lies_in_no_store() -> None:
    line = stock.stocked(stock.store(), 0, "I1", "I2", marked=True)
    Individual.objects.filter(number="I2").update(lot="B7", udi="(01)1")
    [_order] = stock.withdraw((line, 1, "I2"))
    loan = Loan.objects.get()
    assert (loan.individual_number, loan.quantity, loan.lot, loan.udi) == ("I2", 1, "B7", "(01)1")
    assert list(StockIndividual.objects.values_list("individual__number", flat=True)) == ["I1"]
    assert Individual.objects.get(number="I2").is_on_loan
    assert OutgoingMessage.objects.get().payload["body"]["lines"][0]["individualNumber"] == "I2"
    assert stock.numbers(line) == (1, 0)


def test_an_orderer_takes_for_a_prescriber_of_the_unit() -> None:
    alice, bob = factories.alice(), factories.bob()
    line = stock.stocked(stock.store(), 5)
    [order] = stock.withdraw((line, 1), by=bob, prescriber=alice)
    assert (order.orderer, order.prescriber) == (bob, alice)
    assert "prescriber" in refused((line, 1), by=bob, prescriber=None)
    assert "prescriber" in refused((line, 1), by=bob, prescriber=bob)
    assert "prescriber" in refused((line, 1), by=bob, prescriber=factories.carol())


def test_of_a_protected_person_only_the_number_goes_out() -> None:
    alice, line = factories.alice(), stock.stocked(stock.store(), 5)
    patient = factories.patient(alice)
    Patient.objects.filter(pk=patient.pk).update(protection="MARKED", phone="")
    before = counts()
    with pytest.raises(access.NoSuchPatient):
        stock.withdraw((line, 1), to=[patient])
    assert counts() == before
    type(alice.unit).objects.filter(pk=alice.unit_id).update(may_see_protected=True)
    stock.withdraw((line, 1), by=factories.alice(), to=[patient])
    assert OutgoingMessage.objects.get().payload["body"]["patient"] == {
        "idType": "PERSONNUMMER",
        "id": patient.identity.value,
        "name": None,
        "protected": True,
    }


def test_the_same_press_counts_once() -> None:
    alice, line, press = factories.alice(), stock.stocked(stock.store(), 5), uuid.uuid4()
    patients = [factories.patient(alice), factories.patient(alice)]
    made = stock.withdraw((line, 1), to=patients, press=press)
    with pytest.raises(AlreadyTaken) as again:
        stock.withdraw((line, 1), to=patients, press=press)
    assert again.value.numbers == [order.number for order in made]
    assert stock.numbers(line) == (3, 0)


# --- What is refused -------------------------------------------------------------------------------


def test_more_than_there_is_is_refused_at_its_field_with_what_to_do() -> None:
    alice, at = factories.alice(), stock.store()
    line, other = stock.stocked(at, 3), stock.stocked(at, 3)
    found = refused((other, 1), (line, 4))
    assert found == {"quantity_2": "Det finns 3 i förrådet. Skriv 3 eller mindre. Ligger det fler på hyllan: inventera först."}
    # Twice the same article on two rows, or to two patients: what all of them take counts.
    assert set(refused((line, 2), (line, 2))) == {"quantity_2"}
    text = refused((line, 2), to=[factories.patient(alice), factories.patient(alice)])["quantity_1"]
    assert "till 2 patienter" in text
    assert "Skriv 1 eller mindre" in text
    assert stock.numbers(line) == (3, 0)


def test_what_is_not_in_the_store_is_refused() -> None:
    at = stock.store()
    line, empty = stock.stocked(at, 3), stock.stocked(at)
    assert "gör en kundorder" in refused((line, 1), (empty, 1))["quantity_2"]


def test_an_article_that_may_not_be_ordered_or_prescribed_is_refused() -> None:
    line = stock.stocked(stock.store(), 3)
    LocalArticle.objects.filter(article=line.article).update(is_orderable=False)
    assert "får inte längre lämnas ut" in refused((stock.again(line), 1))["quantity_1"]
    LocalArticle.objects.filter(article=line.article).update(is_orderable=True)
    type(line.article).objects.filter(pk=line.article_id).update(category=factories.category("120606"))
    factories.rule("BLOCK", iso_prefix="1206", text="Rollatorer förskrivs av fysioterapeut.")
    assert "Rollatorer förskrivs av fysioterapeut." in refused((stock.again(line), 1))["quantity_1"]
    factories.rule("APPROVAL", iso_prefix="1206", text="Rollatorer ska godkännas.")
    assert "måste godkännas" in refused((stock.again(line), 1))["quantity_1"]


def test_an_individual_that_is_elsewhere_is_refused_with_where_it_is() -> None:
    alice, here, there = factories.alice(), stock.store(), stock.store()
    line = stock.stocked(here, 0, "I1", "I2", "I3", "I4", marked=True)
    stock.withdraw((line, 1, "I2"))
    assert "registrerad hos en patient" in refused((line, 1, "I2"))["quantity_1"]
    stock.stocked(there, 0, "I9", marked=True)
    assert f"finns i {there.name}" in withdrawals.where_is(here, "I9")
    assert f"finns i {there.name}" in refused((line, 1, "I9"))["quantity_1"]
    assert withdrawals.where_is(here, "I10") == ""
    individuals.mark("I3", is_under_investigation=True)
    assert "under utredning" in refused((line, 1, "I3"))["quantity_1"]
    assert "står två gånger" in refused((line, 1, "I1"), (line, 1, "I1"))["quantity_2"]
    two = [factories.patient(alice), factories.patient(alice)]
    assert "bara gå till en patient" in refused((line, 1, "I1"), to=two)["quantity_1"]
    assert "individnummer" in refused((line, 1))["quantity_1"]


def test_what_is_registered_late_says_why() -> None:
    line = stock.stocked(stock.store(), 5)
    assert set(refused((line, 1), withdrawn_at=stock.days_ago(1.1))) == {"late_reason"}
    [order] = stock.withdraw((line, 1), withdrawn_at=stock.days_ago(1.1), late_reason="Systemet låg nere.")
    assert (order.late_reason, order.history.get().note) == ("Systemet låg nere.", "Systemet låg nere.")
    assert set(refused((line, 1), withdrawn_at=timezone.now() + datetime.timedelta(hours=1))) == {"happened_on"}
    assert set(refused((line, 1), withdrawn_at=stock.days_ago(100), late_reason="Glömt")) == {"happened_on"}
    stock.withdraw((line, 1), withdrawn_at=stock.days_ago(0.9))


def test_nothing_taken_nobody_or_a_store_that_is_closed_is_refused() -> None:
    alice, line = factories.alice(), stock.stocked(stock.store(), 5)
    with pytest.raises(NotReady) as error:
        withdrawals.withdraw(line.store, by=alice, patients=[], taken=[], told=stock.told(alice), press=uuid.uuid4())
    assert {field for field, _ in error.value.problems} == {"q", "patients"}
    line.store.is_active = False
    assert "används inte" in refused((line, 1))["q"]


def test_a_customer_of_another_unit_is_refused() -> None:
    line = stock.stocked(stock.store(), 5)
    assert set(refused((line, 1), customer=factories.carol().unit.customers.get())) == {"customer"}
    assert set(refused((line, 1), customer=None)) == {"customer"}


def test_a_patient_that_the_unit_has_not_opened_is_nobodys_and_nothing_is_left_behind() -> None:
    alice, line = factories.alice(), stock.stocked(stock.store(), 5)
    before = counts()
    with pytest.raises(access.NoSuchPatient):
        stock.withdraw((line, 1), to=[factories.patient(alice), factories.patient(factories.dan())])
    assert counts() == before
    assert stock.numbers(line) == (5, 0)


# --- What SESAM2 says ------------------------------------------------------------------------------


def said(order: Order, code: str, *, sequence: int, **more: Any) -> Order:
    body = {"orderNumber": order.number, "erpOrderNumber": "900001", "code": code, **more}
    dispatch("OrderResponse", contract.OrderResponse.model_validate_json(contract.dump(body)), subject=str(order.number), sequence=sequence)
    return Order.objects.get(pk=order.pk)


def test_sesam2_takes_it_and_nothing_changes() -> None:
    line = stock.stocked(stock.store(), 5)
    [order] = stock.withdraw((line, 2))
    order = said(order, "AB", sequence=1)
    order = said(order, "AP", sequence=2, lines=[{"line": 1, "status": 42, "quantity": 2}])
    assert (order.status, order.acknowledged, order.erp_number) == (Status.DELIVERED, 2, "900001")
    assert list(order.history.order_by("id").values_list("event", flat=True)) == ["TAKEN_OUT", "RECEIVED", "NOTED"]
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    "answer", [{"code": "RE", "reason": "Kundnumret är spärrat"}, {"code": "CA", "lines": [{"line": 1, "status": 7, "reason": "Okänd artikel"}]}]
)
def test_sesam2_refuses_and_loan_and_stock_stand(answer: dict[str, Any]) -> None:
    line = stock.stocked(stock.store(), 5)
    [order] = stock.withdraw((line, 2))
    for sequence in (1, 2):
        order = said(order, answer["code"], sequence=sequence, **{name: value for name, value in answer.items() if name != "code"})
    assert (order.status, order.is_cancelled) == (Status.DELIVERED, False)
    assert Loan.objects.current().get().quantity == 2
    assert stock.numbers(line) == (3, 0)
    notice = Notice.objects.order_by("pk").first()
    assert (notice.tone, notice.title) == ("danger", f"Centralen godtar inte uttag {order.number}")
    assert "Lån och saldo står kvar" in notice.text
    stock.assert_adds_up()
