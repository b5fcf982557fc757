"""The ledger's primitives: the only writers of `StockLine.on_hand`, and of what individuals lie in a store.

Each works on lines that the caller has locked, and writes the movement and the new balance together. What is locked, is locked
in one order everywhere: lines by their key, then individuals by theirs; so nobody waits in a ring.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from buffer.models import Movement, StockIndividual, StockLine, Store
from catalog import individuals
from catalog.models import Article, Individual


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
    """The aid must not be handed out, nor thrown away: `why` is the word of its mark, such as Under utredning."""

    def __init__(self, number: str, why: str) -> None:
        super().__init__(number, why)
        self.number, self.why = number, why


class SameNumberTwice(ValueError):
    """One individual stands twice among the numbers, or under an earlier number of its own."""


def lock(store: Store, articles: Iterable[Article]) -> dict[int, StockLine]:
    """The store's lines of the articles, by the article's key, made where there are none, and locked. Called once in a transaction, with all."""
    return {line.article_id: line for line in lock_lines([store], articles)}


def lock_lines(stores: Sequence[Store], articles: Iterable[Article]) -> list[StockLine]:
    """As `lock`, for each of the stores and each of the articles."""
    keys = sorted({article.pk for article in articles})
    wanted = [StockLine(store=store, article_id=pk) for store in sorted(stores, key=lambda store: store.pk) for pk in keys]
    StockLine.objects.bulk_create(wanted, ignore_conflicts=True)
    rows = StockLine.objects.select_for_update(of=("self",)).select_related("article__local", "article__supplier", "store__unit")
    return list(rows.filter(store__in=stores, article__in=keys).order_by("pk"))


def write(line: StockLine, change: int, **facts: Any) -> Movement:
    """Write the movement, and the line's balance with it. The constraint refuses what would go below nothing."""
    before, after = line.on_hand, line.on_hand + change
    if after < 0:
        raise NotEnough(before)
    if before == 0:
        line.stocked_at = timezone.now()
    line.on_hand = after
    line.save(update_fields=["on_hand", "stocked_at"])
    return Movement.objects.create(line=line, change=change, before=before, after=after, **facts)


# --- Out -------------------------------------------------------------------------------------------


def go_out(line: StockLine, quantity: int, numbers: Sequence[str], *, may_be_marked: bool = False, **facts: Any) -> list[Movement]:
    """Write what leaves the line: each individual by itself, then what is left of `quantity`, of those that have no number.

    An aid whose number the store has not read may leave as one of those without. Raises `NotEnough`, `NumbersNeeded`,
    `IndividualElsewhere`, `WrongArticle`, `SameNumberTwice`, and `NotUsable` unless it may be marked.
    """
    rest = max(quantity - len(numbers), 0)
    if not numbers and not rest:
        raise ValueError("nothing leaves")
    made = _out_by_number(line, numbers, may_be_marked=may_be_marked, **facts) if numbers else []
    if rest > line.on_hand:
        raise NotEnough(line.on_hand)
    without_number = line.on_hand - line.individuals.count()
    if rest > without_number:
        raise NumbersNeeded(without_number)
    return made + ([write(line, -rest, **facts)] if rest else [])


def _out_by_number(line: StockLine, numbers: Sequence[str], *, may_be_marked: bool, **facts: Any) -> list[Movement]:
    aids = aids_of(line.article, numbers)
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


# --- In --------------------------------------------------------------------------------------------


def come_in(line: StockLine, quantity: int, numbers: Sequence[str], **facts: Any) -> list[Movement]:
    """Write what has come to the line: each individual by itself, then what is left of `quantity`.

    Raises `IndividualElsewhere`, `WrongArticle` and `SameNumberTwice`.
    """
    rest = max(quantity - len(numbers), 0)
    if not numbers and not rest:
        raise ValueError("nothing has come")
    aids = lay(line, numbers) if numbers else []
    made = [write(line, 1, individual=aid, **facts) for aid in aids]
    return made + ([write(line, rest, **facts)] if rest else [])


def lay(line: StockLine, numbers: Sequence[str]) -> list[Individual]:
    """Say that the individuals lie in the line, which counts them already or is about to. Raises as `come_in` does."""
    aids = aids_of(line.article, numbers)
    lying = {lies.individual_id: lies.line.store for lies in StockIndividual.objects.select_related("line__store").filter(individual__in=aids)}
    for aid in aids:
        if aid.is_on_loan or aid.pk in lying:
            raise IndividualElsewhere(aid.number, store=lying.get(aid.pk), is_on_loan=aid.is_on_loan)
    StockIndividual.objects.bulk_create(StockIndividual(line=line, individual=aid, since=timezone.now()) for aid in aids)
    return aids


def aids_of(article: Article, numbers: Sequence[str]) -> list[Individual]:
    """The aids with these numbers (or those that they had before), locked in the order of their keys; unknown ones are registered.

    Raises `WrongArticle` and `SameNumberTwice`.
    """
    current = individuals.current_numbers(numbers)
    now = [current.get(number, number) for number in numbers]
    if len(set(now)) < len(now):
        raise SameNumberTwice
    individuals.register(article, [(number, "", "") for number in now])
    aids = list(Individual.objects.select_for_update(of=("self",)).select_related("article__local").filter(number__in=now).order_by("pk"))
    for aid in aids:
        if aid.article_id != article.pk:
            assert aid.article is not None  # registered above
            raise WrongArticle(aid.number, aid.article)
    return aids
