"""What a fakturaläsare sees of a basis, and the log of it: no row, no basis (decision 0045).

A patient is known here by the number that stands on a line. It is shown to whom the grant says so, if the register knows the number and the person is
not protected; otherwise the number is hidden, and with it the text of the line, which may tell of the person too.
"""

import uuid
from collections.abc import Iterable

from django.db import transaction

from accounts.models import Assignment
from accounts.permissions import Permission, may
from billing.models import InvoiceBasis, InvoiceFile, InvoiceLine, Scope
from core.numbers import without_personal_numbers
from patients import access
from patients.models import AccessLogEntry, Patient, PatientIdentity

Action = access.Action
RESOURCE = "Fakturaunderlag"
HIDDEN = "Dolt"


class NoSuchBasis(Exception):
    """No such basis for this assignment: unknown, or of a payer that it may not read. The two look the same."""


def resource(basis: InvoiceBasis, *, file: InvoiceFile | None = None) -> access.Resource:
    """What is read, for the log. A file has an id of its own, under which the patients in it are found."""
    return access.Resource(RESOURCE, str((file or basis).public_id), purpose="Administration")


def open_basis(assignment: Assignment, public_id: uuid.UUID, *, activity: str, action: str = Action.READ) -> InvoiceBasis:
    """The basis; the log row is committed in the same transaction as the reading. Raises `NoSuchBasis`."""
    with transaction.atomic(savepoint=False):
        basis = InvoiceBasis.objects.visible_to(assignment).select_related("job", "replaces").filter(public_id=public_id).first()
        if basis is not None:
            access.write_without_patient(assignment, action=action, activity=activity, resource=resource(basis))
            return basis
    raise NoSuchBasis


def show_patients(assignment: Assignment, basis: InvoiceBasis, lines: Iterable[InvoiceLine], *, activity: str) -> None:
    """Hide on each line what the assignment may not see of its patient, and log each patient who is left. Call before rendering."""
    rows = list(lines)
    shown = patients_shown(assignment, basis, rows)
    access.log_listing(assignment, [(patient, resource(basis)) for patient in set(shown.values())], activity=activity)
    scope = Scope.of(assignment)
    for line in rows:
        is_shown = line.patient_number in shown and scope.sees_patients(basis.payer_number, line.customer_number)
        line.patient_number, line.text = masked(line.patient_number, line.text, is_shown=is_shown)


def patients_shown(assignment: Assignment, basis: InvoiceBasis, lines: Iterable[InvoiceLine]) -> dict[str, Patient]:
    """The patients of the lines whose numbers the assignment may see, by number; those who are protected now are left out."""
    scope = Scope.of(assignment)
    numbers = {line.patient_number for line in lines if line.patient_number and scope.sees_patients(basis.payer_number, line.customer_number)}
    return patients_by_number(numbers, with_protected=may(assignment, Permission.SEE_PROTECTED))


def patients_by_number(numbers: set[str], *, with_protected: bool) -> dict[str, Patient]:
    """Whom the register knows by these numbers. A number that is also a protected person's, as another type of number, is nobody's."""
    if not numbers:
        return {}
    identities = PatientIdentity.objects.filter(value__in=numbers, withdrawn_at__isnull=True).select_related("patient").order_by("id")
    found = {identity.value: identity.patient for identity in identities.prefetch_related("patient__identities")}
    if not with_protected:
        for number in {identity.value for identity in identities if identity.patient.is_protected}:
            del found[number]
    return found


def masked(number: str, text: str, *, is_shown: bool) -> tuple[str, str]:
    """The patient's number and the text of a line as they may be seen."""
    if is_shown:
        return number, text
    if number:
        return HIDDEN, HIDDEN if text else ""
    return "", without_personal_numbers(text)


def may_fetch(assignment: Assignment, file: InvoiceFile) -> bool:
    """Whether the reader's right still reaches all that the file holds, and nobody in it has been protected since it was made."""
    scope, basis = Scope.of(assignment), file.basis
    if not scope.reads_all(basis.payer_number) and not (file.customer_numbers and scope.customers.issuperset(file.customer_numbers)):
        return False
    if not file.shows_patients:
        return True
    of_all = scope.sees_patients(basis.payer_number, "")
    if not of_all and not (file.customer_numbers and scope.patients_of_customers.issuperset(file.customer_numbers)):
        return False
    if may(assignment, Permission.SEE_PROTECTED):
        return True
    in_it = AccessLogEntry.objects.filter(resource_type=RESOURCE, resource_id=str(file.public_id), patient__isnull=False, action=Action.EXPORT)
    return not in_it.exclude(patient__protection=Patient.Protection.NONE).exists()
