"""Uttag: an aid is taken from a buffer store to a patient. It is a kundorder that has been delivered, with its loan, its place in the ledger and
its message (StockWithdrawal), in one transaction.
"""

import dataclasses
import datetime
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment, Customer
from buffer import actions as stock
from buffer.models import StockIndividual, StockLine, Store
from catalog import individuals
from catalog.models import Article, Individual, Mode
from catalog.rights import Verdict, verdicts
from integration import outbox
from integration.numbers import next_number
from ordering.sending import NotReady, Problem, customer_problems, payer_of
from orders import sesam2
from orders.actions import facts, top_up
from orders.actions.drafts import article_fields
from orders.actions.orders import may_stand_as_prescriber
from orders.models import MOST_OF_AN_ARTICLE, Delivery, DeliveryLine, Order, OrderLine, Status
from patients import access
from patients.models import Patient

ACTIVITY = "Ta ut ur buffertförråd"
# Later than this a withdrawal says why it was not registered.
LATE = datetime.timedelta(hours=24)
LATEST = datetime.timedelta(days=92)
MOST_LINES, MOST_PATIENTS = 30, 20


class AlreadyTaken(Exception):
    """The same press of the button came twice: `numbers` are the withdrawals that it made."""

    def __init__(self, numbers: Sequence[str]) -> None:
        super().__init__(*numbers)
        self.numbers = list(numbers)


@dataclasses.dataclass(frozen=True)
class Taken:
    """What each of the patients gets: so many of an article, or the one aid with this individual number."""

    article: Article
    quantity: int = 1
    individual_number: str = ""


@dataclasses.dataclass(frozen=True)
class Facts:
    """Who prescribes, who pays, when it was taken, and why that is told so late."""

    prescriber: Assignment | None
    customer: Customer | None
    withdrawn_at: datetime.datetime
    late_reason: str = ""


@transaction.atomic
def withdraw(store: Store, *, by: Assignment, patients: Sequence[uuid.UUID], taken: Sequence[Taken], told: Facts, press: uuid.UUID) -> list[str]:
    """Register what was taken: an order for each of the patients (public ids), all or nothing. Returns their numbers.

    `press` names the press of the button, which counts once. Raises `AlreadyTaken`, `NotReady` with fields q, patients, prescriber, customer,
    happened_on, late_reason, and quantity_1 … by the place in `taken`; and `access.NoSuchPatient`.
    """
    lines = stock.lock(store, [item.article for item in taken])
    # Under the lock: of two that came at once the second sees what the first made.
    made = list(Order.objects.filter(press=press, unit=by.unit_id).order_by("press_place").values_list("number", flat=True))
    if made:
        raise AlreadyTaken([str(number) for number in made])
    problems = [*problems_of(store, by=by, patients=len(patients), taken=taken, told=told, lines=lines)]
    if problems:
        raise NotReady(problems)
    numbers = [_hand_over(store, by, patient, taken, told, press, place) for place, patient in enumerate(patients, start=1)]
    top_up.top_up(store, only=[item.article for item in taken])
    return numbers


# --- What stands in the way --------------------------------------------------------------------------


def problems_of(store: Store, *, by: Assignment, patients: int, taken: Sequence[Taken], told: Facts, lines: Mapping[int, StockLine]) -> Iterator[Problem]:
    """Why it cannot be registered, as (field, Swedish text). `lines` are the store's, by article."""
    if not taken:
        yield "q", "Skanna eller sök det du har tagit."
    if not patients:
        yield "patients", "Välj vem hjälpmedlet är till."
    if len(taken) > MOST_LINES:
        yield "q", f"Registrera högst {MOST_LINES} rader åt gången."
    if patients > MOST_PATIENTS:
        yield "patients", f"Välj högst {MOST_PATIENTS} patienter åt gången."
    if not store.is_active:
        yield "q", "Förrådet används inte längre."
    yield from _people(by, told)
    yield from _time(told)
    yield from _things(by, patients, taken, told, lines)


def _people(by: Assignment, told: Facts) -> Iterator[Problem]:
    yield from customer_problems(told.customer, unit_id=by.unit_id)
    if not may_stand_as_prescriber(told.prescriber, by=by, unit_id=by.unit_id):
        yield "prescriber", "Välj vem som förskriver."


def _time(told: Facts) -> Iterator[Problem]:
    now = timezone.now()
    if told.withdrawn_at > now + datetime.timedelta(minutes=1):
        yield "happened_on", "Uttaget kan inte ligga framåt i tiden."
    elif told.withdrawn_at < now - LATEST:
        yield "happened_on", "Uttaget ligger mer än tre månader bakåt. Ring centralen."
    elif told.withdrawn_at < now - LATE and not told.late_reason:
        yield "late_reason", "Uttaget gjordes för mer än ett dygn sedan. Skriv varför det registreras först nu."


def _things(by: Assignment, patients: int, taken: Sequence[Taken], told: Facts, lines: Mapping[int, StockLine]) -> Iterator[Problem]:
    judged = verdicts([item.article for item in taken], by=by, prescriber=told.prescriber or by)
    wanted: Counter[int] = Counter()
    numbers: set[str] = set()
    for place, item in enumerate(taken, start=1):
        field, article, line = f"quantity_{place}", item.article, lines.get(item.article.pk)
        wanted[article.pk] += item.quantity * patients
        if text := _refusal(article, judged[article.pk]):
            yield field, text
        elif line is None or not (there := stock.available(line, taken_at=told.withdrawn_at)):
            yield field, f"{article.display_name} finns inte i förrådet. Ligger den på hyllan: inventera den först. Annars: gör en kundorder."
        elif not 1 <= item.quantity <= MOST_OF_AN_ARTICLE:
            yield field, f"Skriv ett antal mellan 1 och {MOST_OF_AN_ARTICLE}."
        elif item.individual_number:
            yield from _individual(field, item, patients, numbers, line)
        elif article.is_individual_marked:
            yield field, _by_number(there - line.individuals.count())
        elif wanted[article.pk] > there:
            yield field, _too_many(there, patients)
        elif wanted[article.pk] > (without := there - line.individuals.count()):
            yield field, _by_number(without)


def _refusal(article: Article, verdict: Verdict) -> str:
    name = article.display_name
    if not article.is_orderable:
        return f"{name} får inte längre lämnas ut. Ta bort raden och lägg tillbaka hjälpmedlet."
    if verdict.mode is Mode.BLOCK:
        return f"{name}: {' '.join(verdict.deciding)}"
    if verdict.mode is Mode.APPROVAL:
        return f"{name} måste godkännas innan det lämnas ut. Gör en kundorder i stället. {' '.join(verdict.deciding)}"
    return ""


def _too_many(there: int, patients: int) -> str:
    ask = f"Skriv {there // patients} eller mindre" if there >= patients else f"Välj högst {there} patienter"
    return (
        f"Det finns {there} i förrådet{f', och ni tar till {patients} patienter' if patients > 1 else ''}. {ask}. Ligger det fler på hyllan: inventera först."
    )


def _by_number(without: int) -> str:
    rest = f" {without} ligger i förrådet utan att numret är avläst." if without else ""
    return f"Det här hjälpmedlet tas ut med individnummer. Skanna etiketten.{rest}"


def _individual(field: str, item: Taken, patients: int, seen: set[str], line: StockLine) -> Iterator[Problem]:
    number = item.individual_number
    if patients > 1:
        yield field, f"Individ {number} kan bara gå till en patient. Välj en patient, eller ta bort raden och registrera den för sig."
    elif number in seen:
        yield field, f"Individ {number} står två gånger. Ta bort den ena raden."
    seen.add(number)
    lies = StockIndividual.objects.select_related("line__store", "individual").filter(individual__number=number).first()
    if lies is not None and lies.line_id == line.pk and (marks := stock.unusable_marks(lies.individual)):
        yield field, _not_usable(number, marks[0])
    elif lies is not None and lies.line_id != line.pk:
        yield field, _elsewhere(number, line.store, lies.line.store, is_on_loan=False)


def _not_usable(number: str, why: str) -> str:
    return f"Individ {number} får inte lämnas ut: {why.lower()}. Lägg den åt sidan och ta en annan."


def _elsewhere(number: str, store: Store, other: Store | None, *, is_on_loan: bool) -> str:
    if is_on_loan:
        return f"Individ {number} är registrerad hos en patient. Kontrollera numret. Har den kommit tillbaka: registrera återlämningen först."
    if other is not None and other.unit_id == store.unit_id:
        return f"Individ {number} finns i {other.name}. Ta ut den där, eller flytta den hit först."
    if other is not None:
        return f"Individ {number} finns i ett annat förråd. Kontrollera numret."
    return f"Individ {number} finns inte i förrådet. Kontrollera numret. Ligger den på hyllan: inventera den först."


def where_is(store: Store, number: str) -> str:
    """Where an aid with this individual number is, when it is not in the store, and what to do; "" for what is no known number."""
    number = individuals.current_numbers([number]).get(number, number)
    known = Individual.objects.filter(number=number).select_related("article__local").first()
    if known is None or known.article is None:
        return ""
    lies = StockIndividual.objects.select_related("line__store").filter(individual=known).first()
    return _elsewhere(number, store, lies.line.store if lies else None, is_on_loan=known.is_on_loan)


# --- What is done ------------------------------------------------------------------------------------


def _hand_over(store: Store, by: Assignment, public_id: uuid.UUID, taken: Sequence[Taken], told: Facts, press: uuid.UUID, place: int) -> str:
    number = next_number("U")
    patient = access.open_patient(by, public_id, action=access.Action.SIGN, activity=ACTIVITY, resource=access.Resource("Uttag", number))
    order = _order(store, by, patient, told, number, press, place)
    delivery = Delivery.objects.create(order=order, message_sequence=0, delivered_at=told.withdrawn_at, is_receipted=False, is_itemised=True)
    lines: dict[int, OrderLine] = {}
    for row, item in enumerate(taken, start=1):
        line = OrderLine.objects.create(order=order, line=row, quantity=item.quantity, **article_fields(item.article))
        individuals = [item.individual_number] if item.individual_number else []
        DeliveryLine.objects.create(delivery=delivery, line=line, quantity=item.quantity, individuals=individuals)
        _take_out(store, by, number, item, row, told)
        lines[row] = line
    status = facts.derive(order, lines)
    what = [{"name": line.article_name, "quantity": line.quantity} for line in lines.values()]
    order.move_to(status, event="TAKEN_OUT", by=by, note=told.late_reason, details={"lines": what, "store": store.name, "at": told.withdrawn_at.isoformat()})
    body = sesam2.stock_withdrawal(order, [(line, taken[row - 1].individual_number) for row, line in lines.items()])
    outbox.queue("StockWithdrawal", subject=number, body=body)
    return number


def _order(store: Store, by: Assignment, patient: Patient, told: Facts, number: str, press: uuid.UUID, place: int) -> Order:
    now = timezone.now()
    return Order.objects.create(
        kind=Order.Kind.WITHDRAWAL,
        status=Status.DRAFT,
        number=number,
        store=store,
        unit=by.unit,
        patient=patient,
        orderer=by,
        prescriber=told.prescriber,
        customer=told.customer,
        happened_at=told.withdrawn_at,
        late_reason=told.late_reason,
        press=press,
        press_place=place,
        method=Order.Method.UNIT,
        created_at=now,
        changed_at=now,
        placed_at=now,
        **payer_of(told.customer),
    )


def _take_out(store: Store, by: Assignment, order_number: str, item: Taken, row: int, told: Facts) -> None:
    """The ledger's own word stands where it says no after all: what else is locked is asked there."""
    numbers = [item.individual_number] if item.individual_number else []
    quantity = 0 if numbers else item.quantity
    try:
        stock.take_out(store, item.article, by=by, order_number=order_number, quantity=quantity, individual_numbers=numbers, happened_at=told.withdrawn_at)
    except stock.NotEnough as error:
        text = f"Det finns {error.on_hand} i förrådet. Skriv {error.on_hand} eller mindre. Ligger det fler på hyllan: inventera först."
    except stock.NumbersNeeded as error:
        text = _by_number(error.without_number)
    except stock.IndividualElsewhere as error:
        text = _elsewhere(error.number, store, error.store, is_on_loan=error.is_on_loan)
    except stock.SameNumberTwice as error:
        text = f"{error} står två gånger. Ta bort den ena raden."
    except stock.WrongArticle as error:
        text = f"Individ {error.number} är {error.article.display_name}. Ta bort raden och skanna etiketten igen."
    except stock.NotUsable as error:
        text = _not_usable(error.number, error.why)
    else:
        return
    raise NotReady([(f"quantity_{row}", text)])
