"""Återlämning: a patient gives an aid back, and it goes into the buffer store. The loan ends, or a part of it; the stock and SESAM2 (StockReturn) know."""

import dataclasses
import datetime
import uuid
from collections.abc import Iterator, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment
from buffer import actions as stock
from buffer.models import Store
from integration import outbox
from integration.numbers import next_number
from ordering.sending import NotReady, Problem
from orders import sesam2
from orders.actions.drafts import article_fields
from orders.actions.withdrawals import AlreadyTaken
from orders.models import Order, OrderLine, Status
from patients import access
from patients.actions import set_return
from patients.models import Loan, Patient

ACTIVITY = "Ta tillbaka till buffertförråd"


@dataclasses.dataclass(frozen=True)
class GivenBack:
    """So many of an aid that the patient has."""

    loan: int
    quantity: int = 1


@transaction.atomic
def give_back(store: Store, *, by: Assignment, patient: uuid.UUID, given: Sequence[GivenBack], returned_at: datetime.datetime, press: uuid.UUID) -> str:
    """Register what the patient (public id) gave back; all or nothing. Returns the number.

    Raises `AlreadyTaken` when the same press came before, `NotReady` with fields loans, happened_on and quantity_<loan>, and `access.NoSuchPatient`.
    """
    number = next_number("U")
    about = access.Resource("Återlämning", number)
    opened = access.open_patient(by, patient, action=access.Action.SIGN, activity=ACTIVITY, resource=about)
    wanted = {item.loan: item.quantity for item in given}
    rows = Loan.objects.visible_to(by).current().filter(pk__in=wanted, patient=opened).select_related("article__supplier", "article__local")
    # The stock before the loans, as everywhere.
    articles = {loan.article for loan in rows}
    stock.lock(store, articles)
    made = Order.objects.filter(press=press, unit=by.unit_id).values_list("number", flat=True).first()
    if made is not None:
        raise AlreadyTaken([str(made)])
    loans = list(rows.select_for_update(of=("self",)).order_by("pk"))
    if problems := list(_problems(store, loans, wanted, returned_at)):
        raise NotReady(problems)
    order = _order(store, by, opened, number, returned_at, press)
    lines = [_line(order, place, loan, wanted[loan.pk]) for place, loan in enumerate(loans, start=1)]
    for line, loan in zip(lines, loans, strict=True):
        # The loan first: a store never holds what a patient has.
        set_return(loan, source=f"{number}/{line.line}", quantity=line.quantity, at=returned_at)
        _put_back(store, by, loan, line, returned_at)
    what = [{"name": line.article_name, "quantity": line.quantity} for line in lines]
    order.move_to(Status.RETURNED, event="GIVEN_BACK", by=by, details={"lines": what, "store": store.name, "at": returned_at.isoformat()})
    body = sesam2.stock_return(order, [(line, loan.individual_number) for line, loan in zip(lines, loans, strict=True)])
    outbox.queue("StockReturn", subject=number, body=body)
    return number


def can_be_given_back(loan: Loan) -> str:
    """Why the aid cannot go into a store, in Swedish; "" when it can."""
    if loan.is_under_investigation:
        return "Hjälpmedlet är under utredning och får inte lämnas ut till någon annan. Lämna det till centralen."
    if loan.is_lost:
        return "Hjälpmedlet är anmält som förkommet. Anmäl det som återfunnet först."
    if loan.on_pickup >= loan.held:
        return "Hjälpmedlet står på en hämtorder. Makulera den först, eller låt centralen hämta."
    return ""


def _problems(store: Store, loans: Sequence[Loan], wanted: dict[int, int], returned_at: datetime.datetime) -> Iterator[Problem]:
    if not store.is_active:
        yield "", "Förrådet används inte längre."
    if not wanted:
        yield "loans", "Välj vad som har kommit tillbaka."
    elif len(loans) < len(wanted):
        yield "loans", "Något av hjälpmedlen har patienten inte längre. Kontrollera listan."
    if returned_at > timezone.now() + datetime.timedelta(minutes=1):
        yield "happened_on", "Återlämningen kan inte ligga framåt i tiden."
    for loan in loans:
        left, quantity = loan.held - loan.on_pickup, wanted[loan.pk]
        if text := can_be_given_back(loan):
            yield f"quantity_{loan.pk}", text
        elif quantity > left:
            rest = f", och {loan.on_pickup} av dem står på en hämtorder" if loan.on_pickup else ""
            yield f"quantity_{loan.pk}", f"Patienten har {loan.held}{rest}. Skriv {left} eller mindre."
        elif returned_at < loan.started_at:
            yield "happened_on", "Patienten hade inte fått hjälpmedlet än. Välj en senare tid."


def _order(store: Store, by: Assignment, patient: Patient, number: str, returned_at: datetime.datetime, press: uuid.UUID) -> Order:
    now = timezone.now()
    return Order.objects.create(
        kind=Order.Kind.RETURN,
        number=number,
        store=store,
        unit=by.unit,
        patient=patient,
        orderer=by,
        prescriber=by,
        happened_at=returned_at,
        press=press,
        press_place=1,
        method=Order.Method.UNIT,
        created_at=now,
        changed_at=now,
        placed_at=now,
    )


def _line(order: Order, place: int, loan: Loan, quantity: int) -> OrderLine:
    """Nothing of it is to come: what is given back is told by the order's status."""
    return OrderLine.objects.create(order=order, line=place, quantity=quantity, delivered=quantity, loan=loan, **article_fields(loan.article))


def _put_back(store: Store, by: Assignment, loan: Loan, line: OrderLine, returned_at: datetime.datetime) -> None:
    numbers = [loan.individual_number] if loan.individual_number else []
    quantity = 0 if numbers else line.quantity
    try:
        stock.put_back(store, loan.article, by=by, order_number=str(line.order.number), quantity=quantity, individual_numbers=numbers, happened_at=returned_at)
    except stock.WrongArticle as error:
        text = f"Individ {error.number} är registrerad som {error.article.display_name}. Ring centralen."
    except stock.IndividualElsewhere as error:
        text = f"Individ {error.number} finns redan i ett förråd, eller hos en annan patient. Ring centralen."
    else:
        return
    raise NotReady([(f"quantity_{loan.pk}", text)])
