"""The ledger's primitives: the only writers of `StockLine.on_hand`, `on_order` and of what individuals lie in a store.

Each locks the line, looks, and writes the movement and the new balance together. What is locked, is locked in one order
everywhere: lines by their key, then individuals by theirs; so nobody waits in a ring. Who changes several lines calls `lock`
once, first.
"""

import datetime
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment
from buffer.models import Movement, StockIndividual, StockLine, Store
from catalog import individuals
from catalog.models import Article, Individual

Kind = Movement.Kind


class NotEnough(Exception):
    """More than there is: `on_hand` is what there is, at this moment."""

    def __init__(self, on_hand: int) -> None:
        super().__init__(on_hand)
        self.on_hand = on_hand


class NumbersNeeded(Exception):
    """All that lie there, but for `without_number`, are taken by their individual numbers."""

    def __init__(self, without_number: int) -> None:
        super().__init__(without_number)
        self.without_number = without_number


class IndividualElsewhere(Exception):
    """The aid is not in this store, or (when something comes in) is somewhere already: in `store`, with a patient, or nobody knows where."""

    def __init__(self, number: str, *, store: Store | None = None, is_on_loan: bool = False) -> None:
        super().__init__(number)
        self.number, self.store, self.is_on_loan = number, store, is_on_loan


class WrongArticle(Exception):
    """The individual number belongs to `article`, which is another."""

    def __init__(self, number: str, article: Article) -> None:
        super().__init__(number)
        self.number, self.article = number, article


class NotUsable(Exception):
    """The aid must not be handed out: `why` is the word of its mark, such as Under utredning."""

    def __init__(self, number: str, why: str) -> None:
        super().__init__(number, why)
        self.number, self.why = number, why


class NotOnOrder(Exception):
    """Less than that is on order: `on_order`."""

    def __init__(self, on_order: int) -> None:
        super().__init__(on_order)
        self.on_order = on_order


def lock(store: Store, articles: Iterable[Article]) -> dict[int, StockLine]:
    """The store's lines of the articles, by the article's key, made where there are none, and locked. Called once in a transaction, with all."""
    wanted = sorted({article.pk for article in articles})
    StockLine.objects.bulk_create([StockLine(store=store, article_id=pk) for pk in wanted], ignore_conflicts=True)
    rows = StockLine.objects.select_for_update(of=("self",)).select_related("article__local", "store").filter(store=store, article__in=wanted)
    return {line.article_id: line for line in rows.order_by("pk")}


# --- What goes out ---------------------------------------------------------------------------------


@transaction.atomic
def take_out(
    store: Store,
    article: Article,
    *,
    by: Assignment,
    order_number: str,
    quantity: int = 0,
    individual_numbers: Sequence[str] = (),
    happened_at: datetime.datetime | None = None,
    kind: Movement.Kind = Kind.WITHDRAWAL,
    note: str = "",
) -> list[Movement]:
    """Take individuals, or a quantity of those without a number, out of the store to a patient (or, as PICKED_UP, to the centre).

    `happened_at` is when it was taken, if it is registered afterwards. An aid whose number the store has not read may be taken
    as one of those without. Raises `NotEnough`, `NumbersNeeded`, `IndividualElsewhere`, `WrongArticle` and `NotUsable`, with
    nothing changed.
    """
    line = lock(store, [article])[article.pk]
    now = timezone.now()
    happened_at = happened_at or now
    facts = {"kind": kind, "order_number": order_number, "by": by, "happened_at": happened_at, "at": now, "note": note}
    if individual_numbers:
        made = _out_by_number(line, individual_numbers, may_be_marked=kind == Kind.PICKED_UP, **facts)
    else:
        made = _out_by_quantity(line, quantity, **facts)
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
    lines = list(StockLine.objects.select_for_update().filter(individuals__in=found.values("pk")).order_by("pk"))
    made = []
    for line in lines:
        here = found.filter(line=line).values_list("individual__number", flat=True).order_by("individual")
        made += _out_by_number(line, list(here), may_be_marked=True, kind=Kind.WITHDRAWAL, order_number=order_number, by=None)
    return made


def _out_by_quantity(line: StockLine, quantity: int, **facts: object) -> list[Movement]:
    if quantity < 1:
        raise ValueError("quantity is at least 1")
    if quantity > line.on_hand:
        raise NotEnough(line.on_hand)
    without_number = line.on_hand - line.individuals.count()
    if quantity > without_number:
        raise NumbersNeeded(without_number)
    return [write(line, -quantity, **facts)]


def _out_by_number(line: StockLine, numbers: Sequence[str], *, may_be_marked: bool, **facts: object) -> list[Movement]:
    aids = _aids(line.article, numbers)
    lying = {lies.individual_id: lies for lies in StockIndividual.objects.select_related("line__store").filter(individual__in=aids)}
    without_number = line.on_hand - line.individuals.count()
    for aid in aids:
        lies = lying.get(aid.pk)
        if lies is None:
            without_number -= 1
        if (lies is None and (aid.is_on_loan or without_number < 0)) or (lies is not None and lies.line_id != line.pk):
            raise IndividualElsewhere(aid.number, store=lies.line.store if lies else None, is_on_loan=aid.is_on_loan)
        if not may_be_marked and (marks := unusable_marks(aid)):
            raise NotUsable(aid.number, marks[0])
    StockIndividual.objects.filter(individual__in=aids, line=line).delete()
    return [write(line, -1, individual=aid, **facts) for aid in aids]


def unusable_marks(aid: Individual) -> list[str]:
    """Why the aid must not be handed out; empty when it may."""
    return [word for word, tone in aid.marks if tone != "neutral"]


# --- What comes in ---------------------------------------------------------------------------------


@transaction.atomic
def put_back(
    store: Store,
    article: Article,
    *,
    by: Assignment,
    order_number: str,
    quantity: int = 0,
    individual_numbers: Sequence[str] = (),
    happened_at: datetime.datetime | None = None,
    note: str = "",
) -> list[Movement]:
    """An aid comes back from a patient into the store. Its loan must have ended. Raises `IndividualElsewhere` and `WrongArticle`."""
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
    delivery is received once is the order's to see to. Raises `IndividualElsewhere` and `WrongArticle`.
    """
    facts = {"kind": Kind.RECEIPT, "order_number": order_number, "by": by, "note": note}
    return come_in(lock(store, [article])[article.pk], quantity, individual_numbers, **facts)


def come_in(line: StockLine, quantity: int, numbers: Sequence[str], **facts: object) -> list[Movement]:
    """Write what has come to a locked line: each individual by itself, then what is left of `quantity`."""
    rest = max(quantity - len(numbers), 0)
    if not numbers and not rest:
        raise ValueError("nothing has come")
    made = []
    if numbers:
        individuals.register(line.article, [(number, "", "") for number in numbers])
        aids = _aids(line.article, numbers)
        lying = {lies.individual_id: lies.line.store for lies in StockIndividual.objects.select_related("line__store").filter(individual__in=aids)}
        for aid in aids:
            if aid.is_on_loan or aid.pk in lying:
                raise IndividualElsewhere(aid.number, store=lying.get(aid.pk), is_on_loan=aid.is_on_loan)
        StockIndividual.objects.bulk_create(StockIndividual(line=line, individual=aid, since=timezone.now()) for aid in aids)
        made = [write(line, 1, individual=aid, **facts) for aid in aids]
    return made + ([write(line, rest, **facts)] if rest else [])


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


# --- The one writer --------------------------------------------------------------------------------


def write(line: StockLine, change: int, **facts: object) -> Movement:
    """Write the movement, and the line's balance with it. The line is locked by the caller; the constraint refuses to go below nothing."""
    before, after = line.on_hand, line.on_hand + change
    if after < 0:
        raise NotEnough(before)
    line.on_hand = after
    if before == 0:
        line.stocked_at = timezone.now()
    line.save(update_fields=["on_hand", "stocked_at"])
    return Movement.objects.create(line=line, change=change, before=before, after=after, **facts)


def _aids(article: Article, numbers: Sequence[str]) -> list[Individual]:
    """The aids with these numbers (or those that they had before), locked in the order of their keys; unknown ones are registered.

    Raises `WrongArticle`, and ValueError when one stands there twice.
    """
    current = individuals.current_numbers(numbers)
    now = [current.get(number, number) for number in numbers]
    if len(set(now)) < len(now):
        raise ValueError("the same individual twice")
    individuals.register(article, [(number, "", "") for number in now])
    aids = list(Individual.objects.select_for_update(of=("self",)).select_related("article__local").filter(number__in=now).order_by("pk"))
    for aid in aids:
        if aid.article_id != article.pk:
            assert aid.article is not None  # registered above
            raise WrongArticle(aid.number, aid.article)
    return aids
