"""What each app shows on the pages about a patient and about an aid. A new app adds its lines here, and nothing else."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from accounts.models import Assignment
from accounts.permissions import Permission, may
from orders.models import OPEN, Order
from patients.models import Loan, Patient


@dataclasses.dataclass(frozen=True)
class Panel:
    """A card of the page. `template` is the app's own fragment; it gets `rows` and `caption`."""

    title: str
    template: str
    rows: Iterable[Any]
    empty: dict[str, str] | None = None  # without it the card is not there when there are no rows


def drafts(assignment: Assignment, patient: Patient) -> Panel | None:
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    rows = Order.objects.visible_to(assignment).filter(patient=patient).for_list().drafts().order_by("-changed_at")[:20]
    return Panel("Utkast", "orders/_rows.html", rows)


def open_orders(assignment: Assignment, patient: Patient) -> Panel | None:
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    rows = Order.objects.visible_to(assignment).filter(patient=patient).for_list().open().order_by("-placed_at", "-id")[:50]
    text = "Här visas enhetens beställningar till patienten tills de är levererade."
    return Panel("På väg", "orders/_rows.html", rows, {"icon_name": "truck", "title": "Inget är på väg", "text": text})


def closed_orders(assignment: Assignment, patient: Patient) -> Panel | None:
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    rows = Order.objects.visible_to(assignment).filter(patient=patient).for_list().sent().exclude(status__in=OPEN).order_by("-placed_at", "-id")[:20]
    return Panel("Avslutade beställningar", "orders/_rows.html", rows)


# Above and below the hjälpmedelsbild. Arbetsorder, hämtorder and felrapporter get their line here.
UNDER_WAY: tuple[Callable[[Assignment, Patient], Panel | None], ...] = (drafts, open_orders)
FINISHED: tuple[Callable[[Assignment, Patient], Panel | None], ...] = (closed_orders,)


def orders_of_individual(assignment: Assignment, loans: list[Loan]) -> Panel | None:
    """The unit's orders by which the aid came."""
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    numbers = {loan.order_number for loan in loans}
    rows = Order.objects.listed_to(assignment).filter(number__in=numbers).for_list().order_by("-placed_at", "-id")
    return Panel("Beställningar", "orders/_rows.html", rows)


# Arbetsorder, hämtorder, besiktningar and felrapporter get their line here.
OF_INDIVIDUAL: tuple[Callable[[Assignment, list[Loan]], Panel | None], ...] = (orders_of_individual,)


@dataclasses.dataclass(frozen=True)
class AidAction:
    """What can be done about an aid: a button that posts the aid (`loan`) to the address, which takes the patient's public id."""

    label: str
    permission: Permission
    url_name: str


# Arbetsorder, hämtning and felrapport get their line here.
AID_ACTIONS = (AidAction("Beställ tillbehör", Permission.PLACE_ORDER, "orders:start"),)
