"""Stores for tests. Maja and Nils see to the store of Alice's unit; Carol's unit has one too, and so has Dan's."""

from typing import Any

from accounts.models import Assignment
from accounts.roles import Role
from buffer import actions
from buffer.actions.levels import Levels, set_levels
from buffer.models import StockLine, Store
from catalog.models import Article, LocalArticle
from tests import factories

RECEIVED = "L-2026-00000001-5"
TAKEN = "U-2026-00000001-4"


def maja() -> Assignment:
    return factories.assignment("Maja Mo", Role.STORE_MANAGER, at=factories.unit())


def nils() -> Assignment:
    return factories.assignment("Nils Norr", Role.STORE_MANAGER, at=factories.unit())


def store(number: str = "4101", *, of: Assignment | None = None, name: str = "Buffertförrådet", **fields: Any) -> Store:
    """A store of the person's unit; Maja's if nobody is named."""
    found = Store.objects.filter(number=number).first()
    return found or Store.objects.create(number=number, unit=(of or maja()).unit, name=name, **fields)


def marked_article(name: str = "Rullstol Allround 45 cm") -> Article:
    """An article whose aids carry numbers."""
    made = factories.article(name)
    LocalArticle.objects.filter(article=made).update(is_individual_marked=True)
    return Article.objects.select_related("supplier", "local").get(pk=made.pk)


def stocked(
    quantity: int = 0,
    numbers: tuple[str, ...] = (),
    *,
    at: Store | None = None,
    article: Article | None = None,
    by: Assignment | None = None,
    levels: tuple[int, int] | None = None,
    place: str = "",
) -> StockLine:
    """A line with so many pieces, among them those with numbers."""
    at, by = at or store(), by or maja()
    article = article or (marked_article() if numbers else factories.article())
    if levels or place:
        set_levels(at, article, Levels(*(levels or (0, 0)), place), by=by)
    if quantity or numbers:
        actions.receive(at, article, by=by, order_number=RECEIVED, quantity=quantity, individual_numbers=numbers)
    return line_of(at, article)


def line_of(at: Store, article: Article) -> StockLine:
    return StockLine.objects.select_related("article", "store").get(store=at, article=article)


def fresh(line: StockLine) -> StockLine:
    return line_of(line.store, line.article)


def take(line: StockLine, quantity: int = 0, numbers: tuple[str, ...] = (), **facts: Any) -> Any:
    return actions.take_out(
        line.store, line.article, by=facts.pop("by", None) or factories.alice(), order_number=TAKEN, quantity=quantity, individual_numbers=numbers, **facts
    )


def numbers_in(line: StockLine) -> list[str]:
    return sorted(line.individuals.values_list("individual__number", flat=True))
