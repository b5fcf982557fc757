"""What each app shows on the pages about a patient and about an aid. A new app adds its lines here, and nothing else."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from accounts.models import Assignment
from accounts.permissions import Permission, may
from orders.models import OPEN, Order
from patients.models import Loan, Patient
from pickups.models import OPEN as OPEN_PICKUPS
from pickups.models import PickupOrder, ReturnReceipt
from workorders.models import WorkOrder
from workorders.models.orders import OPEN as OPEN_WORK


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


def work_drafts(assignment: Assignment, patient: Patient) -> Panel | None:
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    rows = WorkOrder.objects.visible_to(assignment).filter(patient=patient).for_list().drafts().order_by("-changed_at")[:20]
    return Panel("Utkast till arbetsorder", "workorders/_rows.html", rows)


def open_work(assignment: Assignment, patient: Patient) -> Panel | None:
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    rows = WorkOrder.objects.visible_to(assignment).filter(patient=patient).for_list().open().order_by("-placed_at", "-id")[:50]
    return Panel("Arbetsorder", "workorders/_rows.html", rows)


def closed_work(assignment: Assignment, patient: Patient) -> Panel | None:
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    found = WorkOrder.objects.visible_to(assignment).filter(patient=patient).for_list().sent()
    return Panel("Avslutade arbetsorder", "workorders/_rows.html", found.exclude(status__in=OPEN_WORK).order_by("-placed_at", "-id")[:20])


def pickup_drafts(assignment: Assignment, patient: Patient) -> Panel | None:
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    rows = PickupOrder.objects.visible_to(assignment).filter(patient=patient).for_list().drafts().order_by("-changed_at")[:20]
    return Panel("Utkast till hämtorder", "pickups/_rows.html", rows)


def open_pickups(assignment: Assignment, patient: Patient) -> Panel | None:
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    rows = PickupOrder.objects.visible_to(assignment).filter(patient=patient).for_list().open().order_by("-placed_at", "-id")[:50]
    return Panel("Hämtorder", "pickups/_rows.html", rows)


def closed_pickups(assignment: Assignment, patient: Patient) -> Panel | None:
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    found = PickupOrder.objects.visible_to(assignment).filter(patient=patient).for_list().sent()
    return Panel("Avslutade hämtorder", "pickups/_rows.html", found.exclude(status__in=OPEN_PICKUPS).order_by("-placed_at", "-id")[:20])


def receipts(assignment: Assignment, patient: Patient) -> Panel | None:
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    rows = ReturnReceipt.objects.visible_to(assignment).filter(patient=patient).for_list().order_by("-created_at", "-id")[:20]
    return Panel("Återlämningskvitton", "pickups/_receipt_rows.html", rows)


# Above and below the hjälpmedelsbild. Felrapporter get their line here.
UNDER_WAY: tuple[Callable[[Assignment, Patient], Panel | None], ...] = (drafts, work_drafts, pickup_drafts, open_orders, open_work, open_pickups)
FINISHED: tuple[Callable[[Assignment, Patient], Panel | None], ...] = (receipts, closed_orders, closed_work, closed_pickups)


def orders_of_individual(assignment: Assignment, loans: list[Loan]) -> Panel | None:
    """The unit's orders by which the aid came."""
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    numbers = {loan.order_number for loan in loans}
    rows = Order.objects.listed_to(assignment).filter(number__in=numbers).for_list().order_by("-placed_at", "-id")
    return Panel("Beställningar", "orders/_rows.html", rows)


def work_on_individual(assignment: Assignment, loans: list[Loan]) -> Panel | None:
    """The unit's arbetsorder about the aid, also under the numbers that it has had."""
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    numbers = {number for loan in loans for number in (loan.individual_number, *loan.earlier_numbers)}
    rows = WorkOrder.objects.listed_to(assignment).sent().filter(individual_number__in=numbers).for_list().order_by("-placed_at", "-id")[:50]
    return Panel("Arbetsorder", "workorders/_rows.html", rows)


def pickups_of_individual(assignment: Assignment, loans: list[Loan]) -> Panel | None:
    """The unit's hämtorder that the aid stands, or has stood, on."""
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    rows = PickupOrder.objects.listed_to(assignment).sent().filter(items__loan__in=loans).for_list().distinct().order_by("-placed_at", "-id")[:50]
    return Panel("Hämtorder", "pickups/_rows.html", rows)


def receipts_of_individual(assignment: Assignment, loans: list[Loan]) -> Panel | None:
    """The unit's receipts on which the aid stands, also under the numbers that it has had."""
    if not may(assignment, Permission.SEE_ORDERS):
        return None
    numbers = {number for loan in loans for number in (loan.individual_number, *loan.earlier_numbers)}
    rows = ReturnReceipt.objects.listed_to(assignment).of_aids(numbers).for_list().order_by("-created_at", "-id")[:50]
    return Panel("Återlämningskvitton", "pickups/_receipt_rows.html", rows)


# Besiktningar and felrapporter get their line here.
OF_INDIVIDUAL: tuple[Callable[[Assignment, list[Loan]], Panel | None], ...] = (
    orders_of_individual,
    work_on_individual,
    pickups_of_individual,
    receipts_of_individual,
)


@dataclasses.dataclass(frozen=True)
class StartAction:
    """What one comes to do: a button on the start page."""

    label: str
    permission: Permission
    url_name: str


# Uttag ur buffertförråd och felrapport get their line here.
START_ACTIONS = (
    StartAction("Nytt hjälpmedel till en patient", Permission.PLACE_ORDER, "patients:find"),
    StartAction("Arbetsorder från individnummer", Permission.PLACE_ORDER, "workorders:individual"),
    StartAction("Hämtning från individnummer", Permission.PLACE_ORDER, "pickups:individual"),
)


@dataclasses.dataclass(frozen=True)
class AidAction:
    """What can be done about an aid: a button that posts the aid (`loan`) to the address, which takes the patient's public id."""

    label: str
    permission: Permission
    url_name: str


# Felrapport gets its line here.
AID_ACTIONS = (
    AidAction("Beställ tillbehör", Permission.PLACE_ORDER, "orders:start"),
    AidAction("Arbetsorder", Permission.PLACE_ORDER, "workorders:about"),
    AidAction("Hämta", Permission.PLACE_ORDER, "pickups:about"),
)
