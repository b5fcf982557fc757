"""Files of a basis: asked for, made in the background, kept in parts, and forgotten."""

import contextlib
import datetime
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Assignment, CareUnit, Customer
from billing import access, excel
from billing.models import ChargingKind, Check, CustomerSum, InvoiceBasis, InvoiceFile, InvoiceFilePart, InvoiceLine, InvoiceSum, Scope
from core.after_commit import start_after_commit
from core.templatetags.ui import iso_code
from integration.outbox import wait_before
from patients import access as patients
from patients.models import Patient

log = structlog.get_logger(__name__)

TASK = "billing.make_file"
KEPT, KEPT_WITH_PATIENTS = datetime.timedelta(days=7), datetime.timedelta(days=1)
MOST_ATTEMPTS = 5
_BATCH = 5_000
_PART = 1024 * 1024
_LOCK = 0x46494C45  # "FILE"


@transaction.atomic
def order(
    basis: InvoiceBasis, *, by: Assignment | None, file_format: str, filters: Mapping[str, str] | None = None, shows_patients: bool = False
) -> InvoiceFile:
    """Ask for a file of the basis's lines, or of those that match; made after the commit. `by` None: the payer's whole, for all who may read it.

    It holds what `by` may read, and patients' numbers only if that is asked for and may be seen.
    """
    scope = Scope.of(by) if by else Scope(payers=frozenset({basis.payer_number}))
    customers = [] if scope.reads_all(basis.payer_number) else sorted(scope.customers)
    shows_patients = shows_patients and scope.sees_patients_of_some(basis.payer_number)
    file = InvoiceFile.objects.create(
        basis=basis, by=by, format=file_format, filters=dict(filters or {}), customer_numbers=customers, shows_patients=shows_patients
    )
    if by is not None:
        file.job = accounts.begin_job(f"Gör filen för {basis.month}", by=by, back_url=basis.get_absolute_url())
        file.save(update_fields=["job"])
        patients.write_without_patient(by, action=access.Action.EXPORT, activity="Beställa fil", resource=access.resource(basis, file=file))
    start_after_commit(TASK, file.pk)
    return file


def make_due() -> None:
    """What waits to be made."""
    for pk in InvoiceFile.objects.due().order_by("next_try_at").values_list("pk", flat=True):
        make(pk)


def make(pk: int) -> bool:
    """Make a file that waits; whether it was made now. A try that is cut off is made up by the next one."""
    with _alone(pk) as is_alone:
        file = InvoiceFile.objects.due().select_related("basis", "job", "by__user", "by__unit__provider").filter(pk=pk).first() if is_alone else None
        if file is None:
            return False
        file.attempts += 1
        file.next_try_at = timezone.now() + wait_before(file.attempts)
        file.save(update_fields=["attempts", "next_try_at"])
        try:
            if file.attempts > MOST_ATTEMPTS:
                _give_up(file)
                return False
            _make(file)
        except Exception:
            log.exception("invoice_file.failed", file=file.pk, attempts=file.attempts)
            if file.attempts >= MOST_ATTEMPTS:
                _give_up(file)
            return False
    log.info("invoice_file.ready", file=file.pk, lines=file.lines, size=file.size)
    return True


def _make(file: InvoiceFile) -> None:
    basis = file.basis
    room = Path(settings.VAR_DIR) / "invoice-files"
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=room) as folder:
        path = Path(folder) / "file"
        source = _Source(file)
        if file.format == InvoiceFile.Format.CSV:
            tally = excel.write_csv(path, basis, source.lines(), _names(basis))
        else:
            about = excel.About(
                describe(file.filters, file.customer_numbers), file.shows_patients, timezone.now(), said_total=None if file.customer_numbers else basis.total
            )
            tally = excel.write_workbook(path, basis, source.lines(), _names(basis), about)
        file.lines, file.total, file.size = tally.lines, tally.total, path.stat().st_size
        _keep(file, path, source.shown)


@transaction.atomic
def _keep(file: InvoiceFile, path: Path, shown: set[int]) -> None:
    """The bytes, the log of whom they show, and that it is ready: together."""
    InvoiceFilePart.objects.filter(file=file).delete()
    with path.open("rb") as content:
        for number, data in enumerate(iter(lambda: content.read(_PART), b"")):
            InvoiceFilePart.objects.create(file=file, number=number, data=data)
    now = timezone.now()
    if file.by is not None:
        file.expires_at = now + (KEPT_WITH_PATIENTS if file.shows_patients else KEPT)
        _log_patients(file, shown)
    file.state, file.ready_at = InvoiceFile.State.READY, now
    file.save(update_fields=["state", "ready_at", "expires_at", "lines", "total", "size"])
    if file.job is not None:
        url = reverse("billing:file", args=[file.basis.public_id, file.public_id])
        accounts.finish_job(file.job, result_url=url, result_text=f"Hämta {file.get_format_display()}-filen")


def _log_patients(file: InvoiceFile, shown: set[int]) -> None:
    """One row for each person whose number stands in the file."""
    if file.by is None:
        return
    ordered = sorted(shown)
    for at in range(0, len(ordered), 1000):
        found = Patient.objects.filter(pk__in=ordered[at : at + 1000]).prefetch_related("identities")
        patients.write(file.by, found, action=access.Action.EXPORT, activity="Underlag till fil", resource=access.resource(file.basis, file=file))


@transaction.atomic
def _give_up(file: InvoiceFile) -> None:
    InvoiceFile.objects.filter(pk=file.pk).update(state=InvoiceFile.State.FAILED)
    if file.job is not None:
        accounts.fail_job(file.job, reason="Filen kunde inte göras. Försök igen, och kontakta supporten om det händer igen.")


class _Source:
    """The lines of a file, batch by batch by their numbers, so that no cursor and no transaction is held while the file is written."""

    def __init__(self, file: InvoiceFile) -> None:
        self.file, self.basis = file, file.basis
        self.shown: set[int] = set()  # the patients whose numbers have been given out
        self._told = 0.0

    def lines(self) -> Iterator[InvoiceLine]:
        found = InvoiceLine.objects.filter(basis=self.basis).matching(self.file.filters)
        if self.file.customer_numbers:
            found = found.filter(customer_number__in=self.file.customer_numbers)
        last = done = 0
        while True:
            batch = list(found.filter(line__gt=last).order_by("line")[:_BATCH])
            if not batch:
                return
            self._mask(batch)
            yield from batch
            last, done = batch[-1].line, done + len(batch)
            self._tell(done)

    def _mask(self, batch: list[InvoiceLine]) -> None:
        by = self.file.by
        seen = access.patients_shown(by, self.basis, batch) if by is not None and self.file.shows_patients else {}
        may_see = Scope.of(by).sees_patients if by is not None and seen else lambda *_: False
        for line in batch:
            is_shown = line.patient_number in seen and may_see(self.basis.payer_number, line.customer_number)
            if is_shown:
                self.shown.add(seen[line.patient_number].pk)
            line.patient_number, line.text = access.masked(line.patient_number, line.text, is_shown=is_shown)

    def _tell(self, done: int) -> None:
        if self.file.job is None or time.monotonic() - self._told < 1:
            return
        self._told = time.monotonic()
        total = self.basis.line_count if not self.file.filters and not self.file.customer_numbers else 0
        accounts.tell_job(self.file.job, step="Skriver rader", done=done, total=total)


def _names(basis: InvoiceBasis) -> excel.Names:
    customers = CustomerSum.objects.filter(basis=basis).values("customer_number")
    units = InvoiceSum.objects.filter(basis=basis).values("unit_hsa_id")
    return excel.Names(
        dict(Customer.objects.filter(number__in=customers).values_list("number", "name")),
        dict(CareUnit.objects.filter(hsa_id__in=units).values_list("hsa_id", "name")),
    )


_DESCRIBED: dict[str, tuple[str, Callable[[str], str]]] = {
    "customer": ("kundnummer", str),
    "unit": ("enhet", str),
    "kind": ("debiteringsform", lambda value: str(ChargingKind(value).label)),
    "group": ("artikelgrupp", iso_code),
    "article": ("artikelnummer", str),
    "number": ("nummer", str),
    "check": ("kontroll", lambda value: str(Check(value).label)),
}


def describe(filters: Mapping[str, str], customers: list[str]) -> list[tuple[str, str]]:
    """What was chosen, in words, as (what, which)."""
    told = [(_DESCRIBED[name][0], _DESCRIBED[name][1](value)) for name, value in filters.items()]
    return [*told, *([("kundnummer som läsaren får se", ", ".join(customers))] if customers else [])]


def parts_of(file: InvoiceFile) -> Iterator[bytes]:
    """The file's bytes, a part at a time."""
    number = 0
    while (data := InvoiceFilePart.objects.filter(file=file, number=number).values_list("data", flat=True).first()) is not None:
        yield bytes(data)
        number += 1


def forget_old() -> int:
    """Drop files whose time is out, and what a killed worker left on disk. Returns how many files."""
    expired = InvoiceFile.objects.filter(expires_at__lt=timezone.now())
    number = expired.count()
    expired.delete()
    room = Path(settings.VAR_DIR) / "invoice-files"
    for left in room.iterdir() if room.is_dir() else ():
        if left.stat().st_mtime < time.time() - 24 * 3600:
            shutil.rmtree(left, ignore_errors=True)
    return number


@contextlib.contextmanager
def _alone(pk: int) -> Iterator[bool]:
    """Whether nobody else makes this file, until the end of the block."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, pk])
        [is_alone] = cursor.fetchone()
    if not is_alone:
        yield False
        return
    try:
        yield True
    finally:
        if not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, pk])
