"""Återlämning: what a patient gives back to a store. The loan ends, the ledger and SESAM2 know; and each way it is refused with nothing left behind."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from django.utils import timezone

from buffer.checking import breaches
from buffer.models import Movement, StockIndividual, StockLine, Store
from catalog.models import Individual
from integration import contract
from integration.models import OutgoingMessage
from ordering.sending import NotReady
from orders.actions import returns
from orders.actions.returns import GivenBack
from orders.actions.withdrawals import AlreadyTaken
from orders.models import Order, Status
from patients import access
from patients.actions import mark_loan
from patients.models import AccessLogEntry, Loan, Patient
from tests import factories
from tests.orders import stock
from tests.orders.pages import error_at, soup_of, words

pytestmark = pytest.mark.django_db


def lent(line: StockLine, quantity: int = 1, *, number: str = "", to: Patient | None = None) -> Loan:
    """What an uttag lent an hour ago."""
    an_hour_ago = timezone.now() - datetime.timedelta(hours=1)
    taken = (line, 1, number) if number else (line, quantity)
    [order] = stock.withdraw(taken, to=[to] if to else [], withdrawn_at=an_hour_ago)
    return Loan.objects.select_related("patient", "article").get(order_number=order.number)


def given_back(*given: tuple[Loan, int], at: Store, of: Patient | None = None, press: uuid.UUID | None = None, when: datetime.datetime | None = None) -> Order:
    items = [GivenBack(loan.pk, quantity) for loan, quantity in given]
    patient = of or given[0][0].patient
    number = returns.give_back(
        at, by=factories.alice(), patient=patient.public_id, given=items, returned_at=when or timezone.now(), press=press or uuid.uuid4()
    )
    return Order.objects.get(number=number)


def counts() -> tuple[int, ...]:
    return Order.objects.count(), Movement.objects.count(), OutgoingMessage.objects.count(), AccessLogEntry.objects.filter(action="SIGN").count()


def refused(*given: tuple[Loan, int], **how: Any) -> dict[str, str]:
    """Field → text; and nothing is left behind."""
    before, held = counts(), list(Loan.objects.order_by("pk").values_list("pk", "returned", "ended_at"))
    with pytest.raises(NotReady) as error:
        given_back(*given, **how)
    assert counts() == before
    assert list(Loan.objects.order_by("pk").values_list("pk", "returned", "ended_at")) == held
    return dict(error.value.problems)


# --- What is done ------------------------------------------------------------------------------------


def test_what_comes_back_ends_the_loan_lies_in_the_store_and_is_told_and_logged() -> None:
    line = stock.stocked(stock.store(), 5)
    loan = lent(line, 2)
    order = given_back((loan, 2), at=line.store)
    assert (order.kind, order.status, order.store, order.patient) == (Order.Kind.RETURN, Status.RETURNED, line.store, loan.patient)
    loan.refresh_from_db()
    assert loan.ended_at == order.happened_at
    assert stock.numbers(line) == (5, 0)
    back = Movement.objects.get(kind="RETURN")
    assert (back.change, back.before, back.after, back.order_number, back.by) == (2, 3, 5, order.number, factories.alice())
    message = OutgoingMessage.objects.get(message_type="StockReturn")
    body = contract.StockReturn.model_validate_json(contract.dump(message.payload["body"]))
    assert (message.subject, body.store.store_number, body.patient.id) == (order.number, line.store.number, loan.patient.identity.value)
    assert [row.quantity for row in body.lines] == [2]
    row = AccessLogEntry.objects.get(action="SIGN", resource_type="Återlämning")
    assert (row.patient, row.resource_id) == (loan.patient, order.number)
    assert breaches() == []


def test_of_several_some_come_back_and_the_patient_keeps_the_rest() -> None:
    line = stock.stocked(stock.store(), 5)
    loan = lent(line, 3)
    given_back((loan, 1), at=line.store)
    loan.refresh_from_db()
    assert (loan.held, loan.ended_at) == (2, None)
    given_back((loan, 2), at=line.store)
    loan.refresh_from_db()
    assert loan.ended_at is not None
    assert stock.numbers(line) == (5, 0)


def test_an_aid_with_a_number_lies_in_the_store_again_and_may_be_lent_anew() -> None:
    line = stock.stocked(stock.store(), 0, "I1", marked=True)
    loan = lent(line, number="I1")
    given_back((loan, 1), at=line.store)
    assert not Individual.objects.get(number="I1").is_on_loan
    assert StockIndividual.objects.get().line == line
    assert OutgoingMessage.objects.get(message_type="StockReturn").payload["body"]["lines"][0]["individualNumber"] == "I1"
    assert lent(line, number="I1").individual_number == "I1"


def test_what_a_kundorder_brought_comes_to_a_store_that_never_had_it() -> None:
    order = factories.order()
    loan = factories.loan(order, started_at=stock.days_ago(30))
    at = stock.store()
    given_back((loan, 1), at=at)
    assert StockLine.objects.get(store=at, article=loan.article).on_hand == 1


def test_the_same_press_counts_once() -> None:
    line = stock.stocked(stock.store(), 5)
    loan, press = lent(line, 3), uuid.uuid4()
    order = given_back((loan, 1), at=line.store, press=press)
    before = counts()
    with pytest.raises(AlreadyTaken) as again:
        given_back((loan, 1), at=line.store, press=press)
    assert again.value.numbers == [order.number]
    assert counts() == before
    assert stock.numbers(line) == (3, 0)


# --- What is refused ---------------------------------------------------------------------------------


def test_more_than_the_patient_has_and_what_is_not_the_patients_are_refused() -> None:
    line = stock.stocked(stock.store(), 5)
    loan, anothers = lent(line, 2), lent(line)
    assert refused((loan, 3), at=line.store) == {f"quantity_{loan.pk}": "Patienten har 2. Skriv 2 eller mindre."}
    assert refused(at=line.store, of=loan.patient) == {"loans": "Välj vad som har kommit tillbaka."}
    told = "Något av hjälpmedlen har patienten inte längre. Kontrollera listan."
    assert refused((loan, 1), (anothers, 1), at=line.store)["loans"] == told
    given_back((loan, 2), at=line.store)
    assert refused((loan, 1), at=line.store) == {"loans": told}


def test_a_return_before_the_loan_or_to_come_or_to_a_closed_store_is_refused() -> None:
    line = stock.stocked(stock.store(), 5)
    loan = lent(line)
    assert "inte fått hjälpmedlet än" in refused((loan, 1), at=line.store, when=stock.days_ago(2))["happened_on"]
    assert "framåt i tiden" in refused((loan, 1), at=line.store, when=stock.days_ago(-1))["happened_on"]
    Store.objects.filter(pk=line.store_id).update(is_active=False)
    line.store.refresh_from_db()
    assert refused((loan, 1), at=line.store) == {"": "Förrådet används inte längre."}


def test_an_aid_under_investigation_lost_or_on_a_hamtorder_comes_into_no_store() -> None:
    line = stock.stocked(stock.store(), 5)
    loan = lent(line, 2)
    field = f"quantity_{loan.pk}"
    for mark, why in (("is_under_investigation", "under utredning"), ("is_lost", "förkommet")):
        Loan.objects.filter(pk=loan.pk).update(**{mark: True})
        assert why in refused((loan, 1), at=line.store)[field]
        Loan.objects.filter(pk=loan.pk).update(**{mark: False})
    mark_loan(loan, on_pickup=1)
    assert refused((loan, 2), at=line.store)[field] == "Patienten har 2, och 1 av dem står på en hämtorder. Skriv 1 eller mindre."
    mark_loan(loan, on_pickup=2)
    assert "hämtorder" in refused((loan, 1), at=line.store)[field]


def test_a_patient_that_the_unit_has_not_opened_gives_nothing_back() -> None:
    line = stock.stocked(stock.store(), 5)
    dan = factories.dan()
    hidden = factories.patient(dan)
    before = counts()
    with pytest.raises(access.NoSuchPatient):
        given_back(at=line.store, of=hidden)
    assert counts() == before


# --- The page ----------------------------------------------------------------------------------------


def page_of(loan: Loan) -> str:
    return f"/buffertforrad/aterlamning/{loan.patient.public_id}/"


def sent(loans: Sequence[Loan], at: Store, **fields: str) -> dict[str, Any]:
    return {"press": str(uuid.uuid4()), "store": at.pk, "loans": [loan.pk for loan in loans], "happened_on": "", "happened_time": ""} | fields


def test_the_aid_that_one_came_from_is_ticked_and_given_back_by_one_press(client_of: Any) -> None:
    line = stock.stocked(stock.store(), 5)
    loan = lent(line)
    browser = client_of(factories.alice())
    page = soup_of(browser.post(page_of(loan), {"loan": loan.pk}))
    assert [box["value"] for box in page.select("[name=loans][checked]")] == [str(loan.pk)]
    data = sent([loan], line.store)
    answer = browser.post(page_of(loan), data)
    order = Order.objects.get(kind="RETURN")
    assert answer["Location"] == order.get_absolute_url()
    # Pressed twice, or Back and pressed: the same order is shown.
    assert browser.post(page_of(loan), data)["Location"] == order.get_absolute_url()
    assert Order.objects.filter(kind="RETURN").count() == 1
    shown = words(soup_of(browser.get(order.get_absolute_url())).find("main"))
    assert f"1 Rollator Lyft. Till {line.store.name}. Mottaget av Alice Ask." in shown
    assert "fel leverans" not in shown


def test_how_many_came_back_is_asked_where_there_are_several_and_told_at_its_field(client_of: Any) -> None:
    line = stock.stocked(stock.store(), 5)
    loan = lent(line, 2)
    browser = client_of(factories.alice())
    name = f"quantity_{loan.pk}"
    page = soup_of(browser.post(page_of(loan), sent([loan], line.store, **{name: ""})))
    assert error_at(page, name) == "Skriv hur många som kom tillbaka."
    page = soup_of(browser.post(page_of(loan), sent([loan], line.store, **{name: "3"})))
    assert error_at(page, name) == "Patienten har 2. Skriv 2 eller mindre."
    assert not Order.objects.filter(kind="RETURN").exists()
    browser.post(page_of(loan), sent([loan], line.store, **{name: "1"}))
    loan.refresh_from_db()
    assert loan.held == 1


def test_what_cannot_come_back_is_listed_with_the_reason_and_cannot_be_chosen(client_of: Any) -> None:
    line = stock.stocked(stock.store(), 5)
    loan = lent(line)
    Loan.objects.filter(pk=loan.pk).update(is_under_investigation=True)
    browser = client_of(factories.alice())
    page = soup_of(browser.get(page_of(loan)))
    assert not page.select("[name=loans]")
    assert "under utredning" in words(page.find("main"))
    browser.post(page_of(loan), sent([loan], line.store))
    assert not Order.objects.filter(kind="RETURN").exists()


def test_a_store_of_another_unit_takes_nothing_back(client_of: Any) -> None:
    line, foreign = stock.stocked(stock.store(), 5), stock.store(factories.carol())
    loan = lent(line)
    page = soup_of(client_of(factories.alice()).post(page_of(loan), sent([loan], foreign)))
    assert error_at(page, "store") or page.select_one(".error-summary")
    assert not Order.objects.filter(kind="RETURN").exists()
