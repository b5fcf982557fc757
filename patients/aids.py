"""The aids of a patient, and the parts of an aid, each under what it sits on."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch

from catalog.models import Individual
from patients.models import Loan

MOST_COMPONENTS = 100


@dataclasses.dataclass
class Aid:
    """An aid that the patient has; `individual` is there if it carries a number. Components that are on loan too stand under their aid."""

    loan: Loan
    individual: Individual | None
    components: list["Aid"] = dataclasses.field(default_factory=list)
    depth: int = 0
    # Set on top, where the apps above are known: the receipt's row by which it has been handed over, though the loan goes on.
    receipt: Any = None

    @property
    def marks(self) -> list[tuple[str, str]]:
        """Those of the loan and of the individual, each once."""
        return list(dict.fromkeys([*self.loan.marks, *(self.individual.marks if self.individual else [])]))

    @property
    def other_components(self) -> list[Individual]:
        """What sits on it and came with it, not as a loan of its own."""
        if self.individual is None:
            return []
        own = {aid.individual.pk for aid in self.components if aid.individual}
        return [component for component in self.individual.components.all() if component.pk not in own]


def aids_of(loans: Iterable[Loan]) -> list[Aid]:
    """The aids in their order, each followed by its components. A constant number of queries."""
    aids = [Aid(loan, None) for loan in loans]
    components = Prefetch("components", Individual.objects.select_related("article__local").order_by("number"))
    numbers = [aid.loan.individual_number for aid in aids if aid.loan.individual_number]
    individuals = {row.number: row for row in Individual.objects.filter(number__in=numbers).prefetch_related(components)}
    by_individual: dict[int, Aid] = {}
    for aid in aids:
        aid.individual = individuals.get(aid.loan.individual_number)
        if aid.individual is not None:
            by_individual[aid.individual.pk] = aid
    mains: list[Aid] = []
    for aid in aids:
        parent = by_individual.get(aid.individual.parent_id) if aid.individual and aid.individual.parent_id else None
        (parent.components if parent else mains).append(aid)
    return list(_with_components(mains, 0))


def _with_components(aids: list[Aid], depth: int) -> Iterable[Aid]:
    for aid in aids:
        aid.depth = depth
        yield aid
        yield from _with_components(aid.components, depth + 1)


@dataclasses.dataclass(frozen=True)
class Component:
    """An aid that sits on another; `depth` 1 is directly on it."""

    individual: Individual
    depth: int


def components_of(individual: Individual) -> list[Component]:
    """All that sits on the aid, each followed by what sits on it. One query for each depth."""
    below: dict[int, list[Individual]] = {}
    level = [individual.pk]
    found = 0
    while level and found < MOST_COMPONENTS:
        rows = list(Individual.objects.filter(parent__in=level).select_related("article__local").order_by("number")[:MOST_COMPONENTS])
        for row in rows:
            below.setdefault(int(row.parent_id or 0), []).append(row)
        level, found = [row.pk for row in rows], found + len(rows)
    return _flat(below, individual.pk, 1)


def _flat(below: dict[int, list[Individual]], parent: int, depth: int) -> list[Component]:
    return [item for row in below.get(parent, []) for item in (Component(row, depth), *_flat(below, row.pk, depth + 1))]
