"""A basis that is right is published: lines, sums, what differs, what the checks find, and the files, all in one transaction or not at all."""

from collections.abc import Callable

from django.db import connection, transaction
from django.utils import timezone

from accounts import actions as accounts
from billing import sesam2
from billing.actions import checks, files, findings, notices
from billing.actions.staging import TABLE
from billing.actions.versions import compare_lines, neighbours
from billing.models import InvoiceBasis, InvoiceFile, InvoiceLine

Status = InvoiceBasis.Status


@transaction.atomic
def publish(basis: InvoiceBasis, *, step: Callable[[str], None] = lambda _: None) -> InvoiceBasis:
    """Publish what is staged. A later version than the one in force replaces it; an earlier one is kept, and shown as what it was.

    Raises `versions.Contradicts`. `step` is told the name of each step as it is done.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        # Two versions of one month wait for each other, whichever they are.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"invoice basis {basis.payer_number} {basis.period}"])
    basis = InvoiceBasis.objects.select_for_update(of=("self",)).select_related("job").get(pk=basis.pk)
    below, above = neighbours(basis)
    _store(basis)
    step("stored")
    now = timezone.now()
    if above is not None:
        basis.move_to(Status.REPLACED, event="PUBLISHED_LATE", published_at=now, replaces=below)
        InvoiceBasis.objects.filter(pk=above.pk).update(replaces=basis)
        compare_lines(above, basis, staged=basis)
    else:
        if below is not None:
            below.move_to(Status.REPLACED, event="REPLACED", details={"by": basis.basis_id, "version": basis.version})
        basis.move_to(Status.PUBLISHED, event="PUBLISHED", published_at=now, replaces=below)
    if below is not None:
        compare_lines(basis, below, staged=basis)
    step("compared")
    if above is None:
        checks.find(basis)
        if below is not None:
            findings.carry_over(basis, before=below)
        files.order(basis, by=None, file_format=InvoiceFile.Format.XLSX)
        notices.tell_published(basis)
    _wake_those_that_correct(basis)
    if basis.job is not None:
        accounts.finish_job(basis.job, result_url=basis.get_absolute_url(), result_text="Visa underlaget")
    step("found")
    return basis


def _store(basis: InvoiceBasis) -> None:
    columns = ", ".join(sesam2.COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {InvoiceLine._meta.db_table} (basis_id, {columns}) SELECT %s, {columns} FROM {TABLE} ORDER BY line", [basis.pk])
        cursor.execute(
            f"""
            INSERT INTO billing_invoicesum (basis_id, customer_number, unit_hsa_id, kind, article_group, lines, amount)
            SELECT %s, customer_number, unit_hsa_id, kind, left(iso_code, 4), count(*), sum(amount) FROM {TABLE} GROUP BY 2, 3, 4, 5
            """,
            [basis.pk],
        )
        cursor.execute(
            f"""
            INSERT INTO billing_customersum (basis_id, customer_number, lines, amount, credited)
            SELECT %s, customer_number, count(*), sum(amount), coalesce(sum(amount) FILTER (WHERE amount < 0), 0) FROM {TABLE} GROUP BY 2
            """,
            [basis.pk],
        )


def _wake_those_that_correct(basis: InvoiceBasis) -> None:
    """What could not stand beside the others before the one that it corrects had come."""
    parked = InvoiceBasis.objects.filter(status=Status.PARKED, payer_number=basis.payer_number, period=basis.period, corrects=basis.basis_id)
    for other in parked.exclude(pk=basis.pk):
        other.move_to(Status.WAITING, event="RETRIED", note="Underlaget som det rättar har kommit.", next_try_at=timezone.now(), failures=0, problems=[])
