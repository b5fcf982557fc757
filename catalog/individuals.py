"""Actions on aids with a number of their own: they are delivered, renumbered, inspected, marked, mounted on each other."""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping

from django.db import transaction

from catalog.models import Article, Individual, IndividualHistory

Event = IndividualHistory.Event
MARKS = ("is_under_investigation", "is_lost", "is_on_pickup", "is_loaner")


class GoesInCircles(Exception):
    """An aid would replace one that replaced it, or sit on one of its own components."""


class NoSuchIndividual(Exception):
    """No aid has, or has had, this number."""


@dataclasses.dataclass(frozen=True)
class Replacement:
    """`old`, which `before` had replaced until now (if any), goes on as `new`."""

    old: str
    new: str
    before: str | None


def current_numbers(numbers: Iterable[str]) -> dict[str, str]:
    """For each of the numbers that has been replaced, the one that the aid has now. One query."""
    wanted = {number for number in numbers if number}
    if not wanted:
        return {}
    found = Individual.objects.filter(earlier_numbers__overlap=sorted(wanted), replaced_by__isnull=True).values_list("number", "earlier_numbers")
    return {earlier: number for number, all_earlier in found for earlier in all_earlier if earlier in wanted}


def find(number: str) -> Individual | None:
    """The aid with this number; the number may be one that has been replaced."""
    return Individual.objects.select_related("article__local", "parent", "replaced_by").filter(number=number).first()


@transaction.atomic
def register(article: Article, aids: Iterable[tuple[str, str, str]]) -> None:
    """Aids of an article that were delivered, as (number, lot, UDI). What is known of them already stays."""
    told = {number: (lot, udi) for number, lot, udi in aids if number}
    known = dict(Individual.objects.filter(number__in=told).values_list("number", "article_id"))
    Individual.objects.filter(number__in=told, article__isnull=True).update(article=article)
    Individual.objects.bulk_create(
        [Individual(number=number, article=article, lot=lot, udi=udi) for number, (lot, udi) in told.items() if number not in known], ignore_conflicts=True
    )
    # Read again: with ignore_conflicts the rows that another transaction made first have no ids here.
    made = Individual.objects.filter(number__in=[number for number in told if number not in known], history__isnull=True)
    IndividualHistory.objects.bulk_create(IndividualHistory(individual=individual, event=Event.REGISTERED) for individual in made)


def record_serial_numbers(told: Mapping[str, str]) -> None:
    """Serial numbers by individual number, as they were despatched; what is told last holds. An aid that is not known yet is remembered."""
    Individual.objects.bulk_create(
        [Individual(number=number, serial_number=serial) for number, serial in sorted(told.items())],
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["serial_number"],
    )


@transaction.atomic
def record_update(number: str, *, sequence: int, replaced_by: str | None, next_inspection: datetime.date | None, note: str = "") -> Replacement | None:
    """What SESAM2 tells of an aid (contract, IndividualUpdated). An aid that is not known yet is remembered.

    A lower `sequence` than the last one about the same thing changes nothing. The new day of inspection is the aid's as it is numbered now.
    Returns the replacement if there is a new one. Raises `GoesInCircles`.
    """
    Individual.objects.bulk_create([Individual(number=told) for told in (number, replaced_by) if told], ignore_conflicts=True)
    rows = {row.number: row for row in Individual.objects.select_for_update().filter(number__in=[number, replaced_by or number]).order_by("pk")}
    individual = rows[number]
    replacement = None
    if replaced_by and sequence > individual.replaced_sequence:
        individual.replaced_sequence = sequence
        if individual.replaced_by_id != rows[replaced_by].pk:
            replacement = _replace(individual, rows[replaced_by], note=note)
    if next_inspection and sequence > individual.inspection_sequence:
        individual.inspection_sequence = sequence
        # Its own row, since `individual` is written below.
        now = _last(individual) or individual
        if now is individual:
            individual.next_inspection_on = next_inspection
        else:
            Individual.objects.filter(pk=now.pk).update(next_inspection_on=next_inspection)
        IndividualHistory.objects.create(individual=now, event=Event.INSPECTION, note=note, details={"on": next_inspection.isoformat()})
    individual.save(update_fields=["replaced_by", "replaced_sequence", "inspection_sequence", "next_inspection_on"])
    return replacement


def _replace(old: Individual, new: Individual, *, note: str) -> Replacement:
    """`old` is written by the caller."""
    chain = [old.number, *old.earlier_numbers]
    if new.number in chain:
        raise GoesInCircles
    before = old.replaced_by
    while before is not None:
        # It was told otherwise before: what was said to have come after is a number of its own again.
        before.earlier_numbers = [number for number in before.earlier_numbers if number not in chain]
        before.save(update_fields=["earlier_numbers"])
        before = before.replaced_by
    earlier = _last(old)
    old.replaced_by = new
    IndividualHistory.objects.create(individual=old, event=Event.REPLACED, note=note, details={"by": new.number})
    Individual.objects.filter(parent=old).update(parent=new)
    # All that came after the new number came after the old ones too.
    successor: Individual | None = new
    while successor is not None:
        successor.earlier_numbers = [*old.earlier_numbers, old.number, *(number for number in successor.earlier_numbers if number not in chain)]
        successor.article_id = successor.article_id or old.article_id
        if successor.parent_id is None and old.parent_id != successor.pk:
            successor.parent_id = old.parent_id
        successor.save(update_fields=["earlier_numbers", "article", "parent"])
        last, successor = successor, successor.replaced_by
    return Replacement(old.number, last.number, earlier.number if earlier else None)


def _last(individual: Individual) -> Individual | None:
    """What the aid has become; None if nothing has replaced it."""
    last = None
    while individual.replaced_by is not None:
        last = individual = individual.replaced_by
    return last


@transaction.atomic
def mark(number: str, **marks: bool) -> None:
    """Set or take away marks (`MARKS`) of an aid, by the number that it has or had. The same again is no change. Raises `NoSuchIndividual`."""
    if unknown := marks.keys() - set(MARKS):
        raise TypeError(f"no such marks: {unknown}")
    individual = _locked(number)
    changed = {name: value for name, value in marks.items() if getattr(individual, name) != value}
    if changed:
        Individual.objects.filter(pk=individual.pk).update(**changed)
        IndividualHistory.objects.create(individual=individual, event=Event.MARKED, details=changed)


@transaction.atomic
def mount(number: str, *, on: str | None) -> None:
    """Say that an aid is a component of another, or (None) that it sits on none. Raises `NoSuchIndividual` and `GoesInCircles`."""
    individual = _locked(number)
    parent = _locked(on) if on else None
    above = parent
    while above is not None:
        if above.pk == individual.pk:
            raise GoesInCircles
        above = above.parent
    if individual.parent_id != (parent.pk if parent else None):
        Individual.objects.filter(pk=individual.pk).update(parent=parent)
        IndividualHistory.objects.create(individual=individual, event=Event.MOUNTED, details={"on": parent.number if parent else None})


def _locked(number: str) -> Individual:
    number = current_numbers([number]).get(number, number)
    individual = Individual.objects.select_for_update().filter(number=number).first()
    if individual is None:
        raise NoSuchIndividual
    return individual
