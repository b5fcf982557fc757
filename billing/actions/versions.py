"""Which version of a month's basis is in force, and what differs between two of them."""

import functools

from django.db import connection

from billing import sesam2
from billing.actions.staging import TABLE, Problem
from billing.models import InvoiceBasis, LineChange


class Contradicts(Exception):
    """The basis cannot stand beside what is there already. `problem` says how."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem["code"])
        self.problem = problem


def neighbours(basis: InvoiceBasis) -> tuple[InvoiceBasis | None, InvoiceBasis | None]:
    """The published versions next below and next above the basis, of the same payer and month. None above: it is the one in force.

    A version that `corrects` another stands above it; else the higher version number. Raises `Contradicts` for two of the same number that
    say nothing of each other: both in force would charge the month twice.
    """
    corrected = InvoiceBasis.objects.filter(basis_id=basis.corrects).exclude(payer_number=basis.payer_number, period=basis.period).first()
    if basis.corrects and corrected is not None:
        raise Contradicts({"code": "CORRECTS_OTHER", "basis": basis.corrects})
    others = list(InvoiceBasis.objects.filter(payer_number=basis.payer_number, period=basis.period, published_at__isnull=False).exclude(pk=basis.pk))
    corrects = {other.basis_id: other.corrects for other in [*others, basis] if other.corrects}

    def reaches(start: InvoiceBasis, goal: InvoiceBasis) -> bool:
        """Whether `start` corrects `goal`, by however many steps."""
        seen, at = {start.basis_id}, corrects.get(start.basis_id, "")
        while at and at not in seen:
            if at == goal.basis_id:
                return True
            seen.add(at)
            at = corrects.get(at, "")
        return False

    def compare(one: InvoiceBasis, other: InvoiceBasis) -> int:
        if reaches(one, other) != reaches(other, one):
            return 1 if reaches(one, other) else -1
        return (one.version > other.version) - (one.version < other.version)

    if any(compare(basis, other) == 0 for other in others):
        raise Contradicts({"code": "SAME_MONTH", "basis": next(other.basis_id for other in others if compare(basis, other) == 0)})
    key = functools.cmp_to_key(compare)
    below = [other for other in others if compare(basis, other) > 0]
    above = [other for other in others if compare(basis, other) < 0]
    return max(below, key=key, default=None), min(above, key=key, default=None)


def compare_lines(new: InvoiceBasis, old: InvoiceBasis, *, staged: InvoiceBasis) -> None:
    """Note each line that differs between two versions, by its number, in place of what was noted for `new` before. One of them is still staged."""
    LineChange.objects.filter(basis=new).delete()
    compared = [column for column in sesam2.COLUMNS if column != "line"]
    fields = ", ".join(f"CASE WHEN n.{column} IS DISTINCT FROM o.{column} THEN '{column}' END" for column in compared)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {LineChange._meta.db_table}
              (basis_id, line, what, fields, old_amount, new_amount, old_customer_number, new_customer_number)
            SELECT %s, coalesce(n.line, o.line), CASE WHEN o.line IS NULL THEN 'ADDED' WHEN n.line IS NULL THEN 'REMOVED' ELSE 'CHANGED' END,
                   CASE WHEN o.line IS NULL OR n.line IS NULL THEN '{{}}' ELSE array_remove(ARRAY[{fields}], NULL) END,
                   o.amount, n.amount, coalesce(o.customer_number, ''), coalesce(n.customer_number, '')
              FROM {_source(new, staged)} n FULL JOIN {_source(old, staged)} o ON o.line = n.line
             WHERE n.line IS NULL OR o.line IS NULL OR ({", ".join(f"n.{column}" for column in compared)})
                   IS DISTINCT FROM ({", ".join(f"o.{column}" for column in compared)})
            """,
            [new.pk],
        )


def _source(basis: InvoiceBasis, staged: InvoiceBasis) -> str:
    """Where the lines of the basis are. Its key is our own number."""
    return TABLE if basis.pk == staged.pk else f"(SELECT {', '.join(sesam2.COLUMNS)} FROM billing_invoiceline WHERE basis_id = {int(basis.pk)})"
