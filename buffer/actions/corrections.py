"""What is in a store without an order: scrapped, lost, found, moved to another store. Each is a stock correction (C), which SESAM2 is told."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Assignment, Notice
from accounts.permissions import Permission, roles_with
from buffer import sesam2
from buffer.actions import ledger
from buffer.models import Movement, StockLine, Store
from catalog import individuals
from catalog.models import Article
from integration import outbox
from integration.numbers import next_number

Kind = Movement.Kind


class NotYourProviders(Exception):
    """Things are moved between stores of one care provider alone (decision 0041)."""


@transaction.atomic
def scrap(store: Store, article: Article, *, by: Assignment, quantity: int = 0, individual_numbers: Sequence[str] = (), note: str) -> str:
    """Throw away what is worn out or broken. `note` says why. Returns the correction's number.

    Raises as `ledger.go_out` does: `NotUsable` for an aid under investigation, which is to be kept.
    """
    return _leave(store, article, Kind.SCRAPPED, by=by, quantity=quantity, numbers=individual_numbers, note=note)


@transaction.atomic
def lose(store: Store, article: Article, *, by: Assignment, quantity: int = 0, individual_numbers: Sequence[str] = (), note: str) -> str:
    """Say that something is gone and nobody knows where. An individual is marked as lost. Returns the correction's number; raises as `scrap`."""
    number = _leave(store, article, Kind.LOST, by=by, quantity=quantity, numbers=individual_numbers, note=note, may_be_marked=True)
    for aid in individual_numbers:
        individuals.mark(aid, is_lost=True)
    return number


@transaction.atomic
def find(store: Store, article: Article, *, by: Assignment, quantity: int = 0, individual_numbers: Sequence[str] = (), note: str) -> str:
    """Something that the store did not count is there after all. Returns the correction's number. Raises as `ledger.come_in` does."""
    number = next_number("C")
    line = ledger.lock(store, [article])[article.pk]
    made = ledger.come_in(line, quantity, individual_numbers, kind=Kind.FOUND, correction_number=number, by=by, note=note)
    for aid in individual_numbers:
        individuals.mark(aid, is_lost=False)
    tell(number, store=line.store, by=by, movements=made)
    return number


@transaction.atomic
def transfer(
    store: Store, to: Store, article: Article, *, by: Assignment, quantity: int = 0, individual_numbers: Sequence[str] = (), note: str = ""
) -> tuple[str, str]:
    """Move something to another store, both legs at once. Returns the numbers of the two corrections, out of one and into the other.

    Who sees to the other store is told, when it is another unit's. Raises as `ledger.go_out` does, and `NotYourProviders`.
    """
    if store.pk == to.pk:
        raise ValueError("a store moves nothing to itself")
    # Asked of the tables: what the caller holds may be old.
    if set(Store.objects.of_provider(by).filter(pk__in=[store.pk, to.pk]).values_list("pk", flat=True)) != {store.pk, to.pk}:
        raise NotYourProviders
    lines = {line.store_id: line for line in ledger.lock_lines([store, to], [article])}
    out, into = next_number("C"), next_number("C")
    facts: dict[str, Any] = {"by": by, "note": note}
    gone = ledger.go_out(lines[store.pk], quantity, individual_numbers, kind=Kind.TRANSFER_OUT, correction_number=out, **facts)
    numbers = [movement.individual.number for movement in gone if movement.individual]
    come = ledger.come_in(lines[to.pk], quantity, numbers, kind=Kind.TRANSFER_IN, correction_number=into, **facts)
    tell(out, store=lines[store.pk].store, by=by, movements=gone)
    tell(into, store=lines[to.pk].store, by=by, movements=come)
    if to.unit_id != by.unit_id:
        _tell_receiver(lines[to.pk], by=by, pieces=sum(movement.change for movement in come))
    return out, into


def tell(number: str, *, store: Store, by: Assignment, movements: Sequence[Movement]) -> None:
    """Queue the StockCorrection beside its movements. `store` has its unit, the movements their articles and suppliers."""
    outbox.queue("StockCorrection", subject=number, body=sesam2.stock_correction(number, store=store, by=by, at=timezone.now(), movements=movements))


def managers_of(store: Store) -> list[Assignment]:
    """Who sees to the store."""
    return list(Assignment.objects.current().filter(unit=store.unit_id, role__in=roles_with(Permission.MANAGE_STORE)))


def _leave(
    store: Store, article: Article, kind: Movement.Kind, *, by: Assignment, quantity: int, numbers: Sequence[str], note: str, may_be_marked: bool = False
) -> str:
    number = next_number("C")
    line = ledger.lock(store, [article])[article.pk]
    made = ledger.go_out(line, quantity, numbers, may_be_marked=may_be_marked, kind=kind, correction_number=number, by=by, note=note)
    tell(number, store=line.store, by=by, movements=made)
    return number


def _tell_receiver(line: StockLine, *, by: Assignment, pieces: int) -> None:
    accounts.notify(
        managers_of(line.store),
        unit=line.store.unit,
        tone=Notice.Tone.INFO,
        word="Flyttat hit",
        title=f"{pieces} {line.article.display_name} flyttades till {line.store.name}",
        text=f"Från {by.unit.name}, av {by.user.name}.",
        url=line.get_absolute_url(),
    )
