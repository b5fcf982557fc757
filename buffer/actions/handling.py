"""What orders do to a store: take out, put back, receive, have on order. `orders` and `pickups` call these, never the ledger itself."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Assignment
from buffer.actions import corrections
from buffer.actions.ledger import come_in, go_out, lock
from buffer.models import CountEntry, Movement, StockIndividual, StockLine, Store
from catalog import individuals
from catalog.models import Article, Individual
from integration.numbers import next_number

Kind = Movement.Kind


class NotOnOrder(Exception):
    """Less than that is on order: `on_order`."""

    def __init__(self, on_order: int) -> None:
        super().__init__(on_order)
        self.on_order = on_order


# --- Out -------------------------------------------------------------------------------------------


@transaction.atomic
def take_out(
    store: Store,
    article: Article,
    *,
    by: Assignment | None,
    order_number: str,
    quantity: int = 0,
    individual_numbers: Sequence[str] = (),
    happened_at: datetime.datetime | None = None,
    kind: Movement.Kind = Kind.WITHDRAWAL,
    note: str = "",
) -> list[Movement]:
    """Take individuals, or a quantity of those without a number, out of the store to a patient (or, as PICKED_UP, to the centre).

    `by` None is SESAM2, which tells what it has fetched. `happened_at` is when it was taken, if it is registered afterwards: what a count
    since then has found missing, and booked as not registered, is given back first, since it was this. Raises `NotEnough`,
    `NumbersNeeded`, `IndividualElsewhere`, `WrongArticle`, `SameNumberTwice` and `NotUsable`, with nothing changed.
    """
    line = lock(store, [article])[article.pk]
    now = timezone.now()
    happened_at = happened_at or now
    facts = {"kind": kind, "order_number": order_number, "by": by, "happened_at": happened_at, "at": now, "note": note}
    if kind == Kind.WITHDRAWAL and by is not None:
        _give_back(line, quantity, individual_numbers, taken_at=happened_at, by=by)
    made = go_out(line, quantity, individual_numbers, may_be_marked=kind == Kind.PICKED_UP, **facts)
    if kind == Kind.WITHDRAWAL and (line.last_withdrawn_at is None or line.last_withdrawn_at < happened_at):
        line.last_withdrawn_at = happened_at
        line.save(update_fields=["last_withdrawn_at"])
    return made


@transaction.atomic
def leave_for_patient(numbers: Iterable[str], *, order_number: str) -> list[Movement]:
    """SESAM2 has told that aids came to a patient by an order: those that lie in a store, by the ledger, do so no longer. The same again is no change.

    Called before the loan is made. SESAM2 knows already, so nothing goes there.
    """
    told = list(numbers)
    current = individuals.current_numbers(told)
    found = StockIndividual.objects.filter(individual__number__in=[current.get(number, number) for number in told])
    lines = StockLine.objects.select_for_update(of=("self",)).select_related("article").filter(pk__in=found.values("line")).order_by("pk")
    made = []
    for line in list(lines):
        here = list(found.filter(line=line).values_list("individual__number", flat=True).order_by("individual"))
        if here:
            made += go_out(line, 0, here, may_be_marked=True, kind=Kind.WITHDRAWAL, order_number=order_number)
    return made


@transaction.atomic
def follow_number(number: str) -> None:
    """Byte av individnummer: an aid in a store lies there under its new number. The same again is no change.

    Where the new number is in a store already, or with a patient, the piece is one without a number until it is counted.
    """
    lies = StockIndividual.objects.select_related("individual").filter(individual__number=number, individual__replaced_by__isnull=False).first()
    if lies is None:
        return
    StockLine.objects.select_for_update().get(pk=lies.line_id)
    now = individuals.current_numbers([number]).get(number, number)
    new = Individual.objects.select_for_update(of=("self",)).get(number=now)
    if new.is_on_loan or StockIndividual.objects.filter(individual=new).exists():
        StockIndividual.objects.filter(pk=lies.pk).delete()
    else:
        StockIndividual.objects.filter(pk=lies.pk).update(individual=new)


# --- Counted as missing, and registered afterwards -------------------------------------------------


def available(line: StockLine, *, taken_at: datetime.datetime) -> int:
    """How many `take_out` can register as taken then: what is on hand, and what has been found missing since."""
    return line.on_hand + sum(entry.unexplained for entry in _missing_since(line, taken_at))


def _missing_since(line: StockLine, taken_at: datetime.datetime) -> list[CountEntry]:
    entries = CountEntry.objects.unregistered().filter(line=line, counted_at__gt=taken_at)
    return list(entries.order_by("counted_at"))


def _give_back(line: StockLine, quantity: int, numbers: Sequence[str], *, taken_at: datetime.datetime, by: Assignment) -> None:
    """Take back so much of the counts' differences as is registered now. The line is locked, and so its entries are."""
    current = individuals.current_numbers(numbers)
    here = set(line.individuals.filter(individual__number__in=[current.get(number, number) for number in numbers]).values_list("individual__number", flat=True))
    missing = [number for number in numbers if current.get(number, number) not in here]
    left = len(missing) if numbers else quantity
    made: list[Movement] = []
    note = "Uttaget är registrerat i efterhand"
    facts: dict[str, Any] = {"kind": Kind.COUNT, "by": by, "note": note, "happened_at": taken_at, "correction_number": ""}
    for entry in _missing_since(line, taken_at) if left else []:
        part = min(left, entry.unexplained)
        facts["correction_number"] = facts["correction_number"] or next_number("C")
        made += come_in(line, part, missing[:part], **facts)
        CountEntry.objects.filter(pk=entry.pk).update(registered=F("registered") + part)
        missing, left = missing[part:], left - part
        if not left:
            break
    if made:
        corrections.tell(facts["correction_number"], store=line.store, by=by, movements=made)


# --- In --------------------------------------------------------------------------------------------


@transaction.atomic
def put_back(
    store: Store,
    article: Article,
    *,
    by: Assignment | None,
    order_number: str,
    quantity: int = 0,
    individual_numbers: Sequence[str] = (),
    happened_at: datetime.datetime | None = None,
    note: str = "",
) -> list[Movement]:
    """An aid comes back from a patient into the store (`by` None: it was not fetched after all). Its loan must have ended.

    Raises `IndividualElsewhere`, `WrongArticle` and `SameNumberTwice`.
    """
    facts = {"kind": Kind.RETURN, "order_number": order_number, "by": by, "note": note, "happened_at": happened_at or timezone.now()}
    return come_in(lock(store, [article])[article.pk], quantity, individual_numbers, **facts)


@transaction.atomic
def receive(
    store: Store,
    article: Article,
    *,
    by: Assignment,
    order_number: str,
    quantity: int = 0,
    individual_numbers: Sequence[str] = (),
    note: str = "",
) -> list[Movement]:
    """A delivery is put into the store: `quantity` in all, of which those in `individual_numbers` have had their numbers read.

    What was on order is taken off by `take_off_order`, since a delivery may bring another number than was ordered. That a
    delivery is received once is the order's to see to. Raises `IndividualElsewhere`, `WrongArticle` and `SameNumberTwice`.
    """
    facts = {"kind": Kind.RECEIPT, "order_number": order_number, "by": by, "note": note}
    return come_in(lock(store, [article])[article.pk], quantity, individual_numbers, **facts)


# --- On order --------------------------------------------------------------------------------------


@transaction.atomic
def add_on_order(store: Store, article: Article, quantity: int) -> StockLine:
    """So many more are on their way. Returns the line, locked."""
    line = lock(store, [article])[article.pk]
    line.on_order += quantity
    line.save(update_fields=["on_order"])
    return line


@transaction.atomic
def take_off_order(store: Store, article: Article, quantity: int) -> StockLine:
    """So many are on their way no longer: received, missing, cancelled. Returns the line, locked. Raises `NotOnOrder`."""
    line = lock(store, [article])[article.pk]
    if quantity > line.on_order:
        raise NotOnOrder(line.on_order)
    line.on_order -= quantity
    line.save(update_fields=["on_order"])
    return line
