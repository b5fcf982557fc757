"""A basis is announced, fetched, judged, and published or parked. What is to be fetched stands in the table; a lost task is made up by the sweep."""

import contextlib
import enum
from collections.abc import Callable, Generator, Iterator

import structlog
from django.db import connection, transaction
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Assignment
from billing import sesam2
from billing.actions import notices
from billing.actions.publishing import publish
from billing.actions.staging import Problem, Staging
from billing.actions.versions import Contradicts
from billing.models import InvoiceBasis
from billing.models.bases import last_day_kept
from core.after_commit import start_after_commit
from integration import client
from integration.outbox import wait_before
from integration.registry import Unacceptable

log = structlog.get_logger(__name__)

Status = InvoiceBasis.Status
Fetch = Callable[[InvoiceBasis], Generator[bytes]]
TASK = "billing.take_in"
# Of tries that were cut off in the middle, by an error of ours or a killed worker. SESAM2 is asked for ever.
MOST_FAILURES = 8
_LOCK = 0x42415345  # "BASE"


class Taken(enum.Enum):
    """What a try came to."""

    NOTHING = 0  # not its time, somebody else is at it, or it was done already
    PUBLISHED = 1
    PARKED = 2
    LATER = 3


@transaction.atomic
def record_available(said: sesam2.Announced) -> InvoiceBasis:
    """SESAM2 has told that a basis lies ready. The same again changes nothing. Raises `Unacceptable` when it says otherwise than before."""
    if not said.basis_id.strip("."):
        raise Unacceptable("a basisId that no address can hold")
    told = {name: getattr(said, name) for name in ("period", "payer_number", "line_count", "total", "credits", "corrects")}
    basis, is_new = InvoiceBasis.objects.get_or_create(
        basis_id=said.basis_id, version=said.version, defaults={**told, "kept_until": last_day_kept(said.period)}
    )
    if not is_new:
        if any(getattr(basis, name) != value for name, value in told.items()):
            raise Unacceptable("this version of the basis was announced with other facts")
        return basis
    job = accounts.begin_job(f"Hämtar underlaget för {basis.month}", by=None, back_url=basis.get_absolute_url())
    InvoiceBasis.objects.filter(pk=basis.pk).update(job=job)
    basis.tell("ANNOUNCED")
    start_after_commit(TASK, basis.pk)
    return basis


def take_in_due() -> None:
    """What is to be fetched and whose time has come."""
    for pk in InvoiceBasis.objects.due().order_by("next_try_at").values_list("pk", flat=True):
        take_in(pk)


def take_in(pk: int, *, fetch: Fetch = sesam2.lines_of, step: Callable[[str], None] = lambda _: None) -> Taken:
    """Fetch, judge and publish a basis that waits; never half of it, and never two at once.

    SESAM2 away, or an answer that breaks off: again later, from the beginning. What SESAM2 sent is wrong: parked with the reasons.
    `fetch` gives the basis's lines; `step` is told the name of each step as it is done.
    """
    with _alone(pk) as is_alone:
        basis = InvoiceBasis.objects.due().select_related("job").filter(pk=pk).first() if is_alone else None
        if basis is None:
            return Taken.NOTHING
        # Before anything is tried: what kills its worker runs out of tries too.
        basis.attempts, basis.failures = basis.attempts + 1, basis.failures + 1
        basis.next_try_at = timezone.now() + wait_before(basis.attempts)
        basis.save(update_fields=["attempts", "failures", "next_try_at"])
        try:
            result = _try(basis, fetch, step)
        except client.NoAnswer as error:
            result = _later(basis, str(error), failures=basis.failures - 1)
        except Exception as error:
            # Whatever is met, a basis must neither be lost nor be tried for ever.
            log.exception("invoice_basis.failed", basis=basis.pk)
            result = _later(basis, type(error).__name__, failures=basis.failures)
            if basis.failures >= MOST_FAILURES:
                result = _park(basis, [{"code": "FAILED", "count": basis.failures}])
    level = log.error if result is Taken.PARKED else log.info
    level("invoice_basis." + result.name.lower(), basis=basis.pk, attempts=basis.attempts)
    return result


def _try(basis: InvoiceBasis, fetch: Fetch, step: Callable[[str], None]) -> Taken:
    if basis.failures > MOST_FAILURES:
        return _park(basis, [{"code": "FAILED", "count": MOST_FAILURES}])
    with Staging() as stage:
        problems = _fetch(basis, stage, fetch, step)
        step("fetched")
        if not any(problem["code"] in {"BAD_LINES", "TOO_LONG"} for problem in problems):
            problems += stage.check(basis)
        step("checked")
        if not problems:
            _tell(basis, "Räknar samman och kontrollerar", basis.line_count)
            try:
                publish(basis, step=step)
            except Contradicts as contradiction:
                problems = [contradiction.problem]
    if problems:
        return _park(basis, problems)
    step("published")
    return Taken.PUBLISHED


def _fetch(basis: InvoiceBasis, stage: Staging, fetch: Fetch, step: Callable[[str], None]) -> list[Problem]:
    def tell(read: int) -> None:
        _tell(basis, "Hämtar rader från SESAM2", read)
        step("fetching")

    try:
        with contextlib.closing(fetch(basis)) as lines:
            return stage.take(basis, lines, tell)
    except client.LineTooLong:
        return [{"code": "TOO_LONG"}]


def _tell(basis: InvoiceBasis, words: str, read: int) -> None:
    if basis.job is not None:
        accounts.tell_job(basis.job, step=words, done=read, total=basis.line_count)


@transaction.atomic
def _later(basis: InvoiceBasis, error: str, *, failures: int) -> Taken:
    InvoiceBasis.objects.filter(pk=basis.pk, status=Status.WAITING).update(failures=failures, last_error=error[:200])
    if basis.job is not None:
        accounts.wait_job(basis.job, step="Väntar på SESAM2")
    return Taken.LATER


@transaction.atomic
def _park(basis: InvoiceBasis, problems: list[Problem]) -> Taken:
    basis.move_to(Status.PARKED, event="PARKED", details={"codes": [problem["code"] for problem in problems]}, problems=problems, last_error="")
    if basis.job is not None:
        accounts.fail_job(basis.job, reason="Underlaget kunde inte läsas in.")
    notices.tell_parked(basis)
    return Taken.PARKED


@transaction.atomic
def retry(basis: InvoiceBasis, *, by: Assignment | None) -> None:
    """A person asks for a parked basis to be fetched again. Raises `IllegalMove` when it is not parked any more."""
    basis.move_to(Status.WAITING, event="RETRIED", by=by, next_try_at=timezone.now(), attempts=0, failures=0, problems=[])
    if basis.job is not None:
        accounts.wait_job(basis.job, step="Väntar på sin tur")
    notices.close(basis)
    start_after_commit(TASK, basis.pk)


@contextlib.contextmanager
def _alone(pk: int) -> Iterator[bool]:
    """Whether nobody else is at this basis, until the end of the block. The lock goes with the connection of a worker that is killed."""
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
