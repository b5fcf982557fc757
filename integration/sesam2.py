"""The dictionary of what all apps say to SESAM2: who, and who pays (contract, section 4)."""

from accounts.models import Assignment, CareUnit, Customer
from integration import contract


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
