"""What can stand on a receipt: the aids that the patient has, and what a hämtorder names; and on which receipt an aid stands already."""

import dataclasses
from collections.abc import Iterable, Sequence

from django.db.models import Q

from accounts.models import Assignment
from catalog.models import Article
from patients.models import Loan, Patient
from pickups.models import Outcome, PickupItem, PickupOrder, ReceiptItem, ReceiptItemQuerySet, ReturnReceipt

MOST_AIDS = 300


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of the patient's loans, or a component on a hämtorder that has none. `items` are its rows on open hämtorder, by the order's key.

    `is_known`: it stands on the receipt that is corrected, whatever has become of it since.
    """

    loan: Loan | None
    items: dict[int, PickupItem]
    claims: tuple[ReceiptItem, ...] = ()
    is_known: bool = False

    @property
    def token(self) -> str:
        """What the form calls it."""
        return f"l{self.loan.pk}" if self.loan is not None else f"p{self._item.pk}"

    @property
    def _item(self) -> PickupItem:
        return next(iter(self.items.values()))

    @property
    def article(self) -> Article:
        return self.loan.article if self.loan is not None else self._item.article

    @property
    def individual_number(self) -> str:
        return self.loan.individual_number if self.loan is not None else self._item.individual_number

    @property
    def part_of(self) -> str:
        return "" if self.loan is not None else self._item.part_of_individual

    @property
    def quantity(self) -> int:
        """How many pieces the patient has."""
        if self.loan is None:
            return self._item.quantity
        return self.loan.quantity if self.is_known else self.loan.held

    @property
    def left(self) -> int:
        """How many of them stand on no receipt yet."""
        return max(self.quantity - sum(claim.quantity for claim in self.claims), 0)

    @property
    def elsewhere(self) -> int:
        """How many stand on another unit's hämtorder."""
        own = sum(item.quantity for item in self.items.values())
        return max(self.loan.on_pickup - own, 0) if self.loan is not None else 0

    @property
    def is_asked_about(self) -> bool:
        """Whether the person must be sure: what is here in the hand is said to be somewhere else."""
        return self.is_lost or bool(self.claims or self.elsewhere)

    @property
    def is_lost(self) -> bool:
        return self.loan is not None and self.loan.is_lost

    @property
    def numbers(self) -> set[str]:
        """All that its label may say: also the numbers that it has had."""
        earlier = self.loan.earlier_numbers if self.loan is not None else []
        return {number for number in (self.individual_number, *earlier) if number}

    @property
    def orders(self) -> list[PickupOrder]:
        return [item.order for item in self.items.values()]


def open_pickups(patient: Patient, by: Assignment) -> list[PickupOrder]:
    """The unit's hämtorder for the patient that a receipt can be tied to, the latest first."""
    return list(PickupOrder.objects.visible_to(by).open().filter(patient=patient).order_by("-placed_at", "-id"))


def choices_of(patient: Patient, *, by: Assignment, receipt: ReturnReceipt | None = None) -> list[Choice]:
    """All that may be handed over, the latest first; with `receipt` also what stands on it, though it may be deregistered since.

    What is claimed by other receipts than `receipt` is told in each choice. A constant number of queries.
    """
    own = list(receipt.latest.items.all()) if receipt is not None else []
    own_loans = {item.loan_id for item in own if item.loan_id}
    wanted = Q(ended_at__isnull=True, patient=patient) | Q(pk__in=own_loans)
    loans = Loan.objects.visible_to(by).filter(wanted).select_related("article__supplier", "article__local").order_by("-started_at", "-id")[:MOST_AIDS]
    open_items = Q(order__in=[order.pk for order in open_pickups(patient, by)], cancelled_sequence__isnull=True)
    own_items = Q(pk__in=[item.pickup_item_id for item in own if item.pickup_item_id])
    items = list(PickupItem.objects.filter(open_items | own_items).select_related("order", "article__supplier", "article__local").order_by("-order", "line"))
    by_loan: dict[int, dict[int, PickupItem]] = {}
    for item in items:
        if item.loan_id is not None:
            by_loan.setdefault(item.loan_id, {})[item.order_id] = item
    claims = claims_of(loans, [item for item in items if item.loan_id is None], but=receipt)
    choices = [Choice(loan, by_loan.get(loan.pk, {}), claims.get(f"l{loan.pk}", ()), loan.pk in own_loans) for loan in loans]
    known = {item.pickup_item_id for item in own}
    components = [item for item in items if item.loan_id is None]
    return choices + [Choice(None, {item.order_id: item}, claims.get(item.individual_number, ()), item.pk in known) for item in components]


def claims_of(loans: Iterable[Loan], components: Iterable[PickupItem] = (), *, but: ReturnReceipt | None = None) -> dict[str, tuple[ReceiptItem, ...]]:
    """The rows of receipts by which an aid has been handed over and waits to be deregistered, the latest first.

    By "l" and the loan's key; a component without a loan by its individual number. One query. A row that says *again* puts earlier ones out of force.
    """
    numbers = [item.individual_number for item in components if item.individual_number]
    rows = _rows(Q(loan__in=[loan.pk for loan in loans]) | Q(loan__isnull=True, individual_number__in=numbers))
    claims: dict[str, list[ReceiptItem]] = {}
    for item in rows.exclude(version__receipt=but) if but is not None else rows:
        before = claims.setdefault(f"l{item.loan_id}" if item.loan_id else item.individual_number, [])
        if item.outcome == Outcome.WAITING and not (before and before[-1].is_again):
            before.append(item)
    return {key: tuple(items) for key, items in claims.items() if items}


def handed_over(loans: Iterable[Loan]) -> dict[int, ReceiptItem]:
    """By the loan's key: the latest receipt that says that it was handed over, of a loan that goes on all the same. One query."""
    found: dict[int, ReceiptItem] = {}
    for item in _rows(Q(loan__in=[loan.pk for loan in loans if loan.ended_at is None])):
        if item.outcome != Outcome.DEREGISTERED and item.loan_id is not None:
            found.setdefault(item.loan_id, item)
    return found


def _rows(which: Q) -> ReceiptItemQuerySet:
    rows = ReceiptItem.objects.in_force().with_returns().filter(which)
    return rows.select_related("loan", "pickup_item", "version__receipt", "version__order", "version__written_by__user").order_by(
        "-version__receipt_id", "line"
    )


def by_label(choices: Sequence[Choice], text: str) -> Choice | None:
    """Which of the choices a label's number names; also a number that the aid had before."""
    return next((choice for choice in choices if text in choice.numbers), None)
