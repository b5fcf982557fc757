"""The dictionary of what all kinds of order say to SESAM2 (contract, section 4). Foreign words stand only here and in the apps' own dictionaries."""

from collections.abc import Sequence

from accounts.models import Assignment, CareUnit, Customer
from integration import contract

REASONS = [
    (contract.CancelReason.WRONG_ARTICLE, "Fel artikel"),
    (contract.CancelReason.WRONG_PATIENT, "Fel patient"),
    (contract.CancelReason.NOT_NEEDED, "Behövs inte längre"),
    (contract.CancelReason.CHANGED_NEED, "Ändrat behov"),
    (contract.CancelReason.DECEASED, "Patienten har avlidit"),
    (contract.CancelReason.OTHER, "Annat"),
]


def party(unit: CareUnit, customer: Customer) -> contract.Party:
    return contract.Party(unit_hsa_id=unit.hsa_id, unit_name=unit.name, customer_number=customer.number, payer_number=customer.payer_number)


def person(assignment: Assignment) -> contract.Person:
    user = assignment.user
    return contract.Person(
        hsa_id=user.hsa_id,
        name=user.name,
        phone=user.phone or assignment.unit.phone,
        email=user.email or None,
        profession=user.title or assignment.get_role_display(),
    )


def cancellation_request(number: str, *, reason: str, note: str, lines: Sequence[int] | None = None) -> contract.CancellationRequest:
    """Of the whole order, or of some of its lines."""
    return contract.CancellationRequest(order_number=number, reason=contract.CancelReason(reason), note=note, lines=None if lines is None else list(lines))
