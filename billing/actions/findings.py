"""What is decided about what the checks have found."""

from django.db import transaction

from accounts.models import Assignment
from billing.models import Finding, InvoiceBasis, LineChange


@transaction.atomic
def decide(finding: Finding, *, by: Assignment, status: str, comment: str) -> None:
    """Godtagen, bestridd, or to be checked after all; with why. Raises `IllegalMove` when somebody has decided meanwhile, or it is so already."""
    finding.move_to(status, event="DECIDED", by=by, note=comment)


def carry_over(basis: InvoiceBasis, *, before: InvoiceBasis) -> None:
    """What was decided about a line that the later version repeats word by word holds for it too. Called in the transaction that publishes `basis`."""
    decided = Finding.objects.filter(basis=before).exclude(status=Finding.Status.TO_CHECK)
    known = {(found.found_by, found.line): found for found in decided}
    if not known:
        return
    changed = set(LineChange.objects.filter(basis=basis, line__in={line for _, line in known}).values_list("line", flat=True))
    for found in Finding.objects.filter(basis=basis, line__in={line for _, line in known} - changed):
        old = known.get((found.found_by, found.line))
        if old is not None:
            last = old.history.order_by("-id").first()
            found.move_to(old.status, event="CARRIED_OVER", note=last.note if last else "", details={"version": before.version})
