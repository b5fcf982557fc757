"""Imports: a feed is read, what is in quarantine is tried again. The centre's own values are set in `local_values`."""

import contextlib
import hashlib
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import structlog
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from catalog import local_values, packages
from catalog.hjmtj import FeedRefused, Header, read_header
from catalog.local_values import set_local_values as set_local_values  # noqa: PLC0414 - it is one of the catalogue's actions
from catalog.merge import TooManyEnded, merge, retry_quarantine
from catalog.merge.staging import Stage
from catalog.models import FeedImport
from core.after_commit import start_after_commit

log = structlog.get_logger(__name__)

# More than this share of the articles vanishing at once is rather a broken file than a supplier's decision.
MAX_SHARE_ENDED = 0.2
_LOCK = 0x484A4D544A  # "HJMTJ"
_BUSY = "En annan inläsning pågår. Försök igen när den är klar."
Step = Callable[[str], None]


class NothingToRetry(Exception):
    """Nothing is in quarantine, or nothing has been imported yet."""


class NotConfirmable(Exception):
    """The import was not refused for ending many articles, or its file is gone."""


def import_feed(path: Path, *, confirm_ended: bool = False, by: User | None = None, step: Step = lambda _: None, row: FeedImport | None = None) -> FeedImport:
    """Apply one file of Hjälpmedelstjänsten (`.xml` or `.zip`); the returned row tells whether, and why not.

    A bad element goes into quarantine and the rest goes in. A file that is refused changes nothing. The same export again is REPEATED and changes nothing.
    `confirm_ended` allows a FULL that ends more than a fifth of the articles. `step` is told the name of each step as it is done.
    `row` is an import that waits for its turn; while another runs it goes on waiting. Raises OSError when the file cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    row = row or FeedImport(file_name=path.name[:255], by=by, is_confirmed=confirm_ended)
    row.sha256, row.started_at, row.status = digest, timezone.now(), FeedImport.Status.RUNNING
    with _alone(row) as is_alone:
        if not is_alone:
            return row
        try:
            with packages.opened(path) as feed:
                header = read_header(feed)
                row.export_id, row.sequence, row.created_at = header.export_id, header.sequence, header.created_at
                row.mode, row.receiver_gln, row.iso_edition = header.mode, header.receiver_gln, header.iso_edition
                row.save()
                if not _is_repeated(row, header):
                    _apply(row, feed, step)
        except FeedRefused as refusal:
            _refuse(row, str(refusal))
    log.info("catalog.import", id=row.pk, export_id=row.export_id, status=row.status, counts=row.counts)
    return row


def retry(*, by: User | None = None) -> FeedImport:
    """Try what is in quarantine again, without a file. Raises NothingToRetry."""
    last = FeedImport.objects.filter(status=FeedImport.Status.APPLIED).exclude(iso_edition="").order_by("-pk").first()
    if last is None:
        raise NothingToRetry
    row = FeedImport(
        file_name="Karantän",
        mode=FeedImport.Mode.RETRY,
        receiver_gln=settings.SESAM2_GLN,
        iso_edition=last.iso_edition,
        by=by,
        status=FeedImport.Status.RUNNING,
    )
    with _alone(row) as is_alone:
        if is_alone:
            row.save()
            _apply(row, None, lambda _: None)
    return row


@contextlib.contextmanager
def _alone(row: FeedImport) -> Iterator[bool]:
    """Whether no other import runs, until the end of the block. What was killed in the middle of one is told so; its changes are gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        [is_alone] = cursor.fetchone()
    if not is_alone:
        if row.pk is None:
            _refuse(row, _BUSY)
        else:
            row.status = FeedImport.Status.WAITING
            row.save()
        yield False
        return
    try:
        interrupted = FeedImport.objects.filter(status=FeedImport.Status.RUNNING).exclude(pk=row.pk)
        interrupted.update(status=FeedImport.Status.INTERRUPTED, reason="Avbröts. Inget ändrades; filen kan läsas in igen.", finished_at=timezone.now())
        yield True
    finally:
        if not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _refuse(row: FeedImport, reason: str, *, may_be_confirmed: bool = False) -> None:
    row.counts, row.may_be_confirmed = {}, may_be_confirmed
    row.status, row.reason, row.finished_at = FeedImport.Status.REFUSED, reason, timezone.now()
    row.save()


def _is_repeated(row: FeedImport, header: Header) -> bool:
    """Refuses what is not for us or out of order."""
    if header.receiver_gln != settings.SESAM2_GLN:
        raise FeedRefused(f"Filen är till mottagaren {header.receiver_gln}, inte till {settings.SESAM2_GLN}.")
    applied = FeedImport.objects.filter(status=FeedImport.Status.APPLIED)
    if applied.filter(export_id=header.export_id).exists():
        row.status, row.reason = FeedImport.Status.REPEATED, "Samma export är redan inläst. Inget ändrades."
        row.finished_at = timezone.now()
        row.save()
        return True
    last = applied.aggregate(sequence=Max("sequence"), created_at=Max("created_at"))
    if last["sequence"] is not None and header.sequence <= last["sequence"]:
        raise FeedRefused(f"Filen är äldre än den som senast lästes in (löpnummer {header.sequence} mot {last['sequence']}).")
    if last["created_at"] is not None and header.created_at <= last["created_at"]:
        raise FeedRefused(f"Filen är äldre än den som senast lästes in (skapad {header.created_at:%Y-%m-%d %H.%M} mot {last['created_at']:%Y-%m-%d %H.%M}).")
    return False


def _apply(row: FeedImport, feed: Path | None, step: Step) -> None:
    with Stage(row.iso_edition, skips_same=row.mode == FeedImport.Mode.FULL) as stage:
        if feed is not None:
            stage.take(feed, _teller(row, feed.stat().st_size))
        stage.finish()
        step("read")
        retry_quarantine(stage, row.mode)
        try:
            with _merging(row, step) as told, transaction.atomic():
                local_values.lock_values()
                row.counts = merge(stage, row, may_end_many=row.is_confirmed, limit=MAX_SHARE_ENDED, step=told)
                row.status, row.finished_at, row.progress = FeedImport.Status.APPLIED, timezone.now(), 100
                row.save()
                start_after_commit("catalog.fetch_media")
            local_values.apply_early_values()
        except TooManyEnded as refusal:
            reason = f"Filen skulle ta bort {refusal.ended} av {refusal.before} artiklar, mer än var femte. Kontrollera den, och bekräfta om det stämmer."
            _refuse(row, reason, may_be_confirmed=True)


def _teller(row: FeedImport, size: int) -> Callable[[int], None]:
    """Writes how much is read once a second, for the progress bar."""
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= 1:
            last = time.monotonic()
            FeedImport.objects.filter(pk=row.pk).update(progress=done * FeedImport.READ // max(size, 1))

    return tell


# How far a first FULL has come after each step of the merge, in percent.
_STEPS = {"staged": 32, "checked": 36, "chosen": 42, "items": 50, "prices": 60, "changes": 65, "searchable": 90}


@contextlib.contextmanager
def _merging(row: FeedImport, step: Step) -> Iterator[Step]:
    """Tells the progress bar of each step through a connection of its own, since the merge's is in a transaction. It waits for nobody."""
    own = connections.create_connection(connection.alias)

    def told(name: str) -> None:
        with own.cursor() as cursor:
            cursor.execute(
                "UPDATE catalog_feedimport SET progress = %s WHERE id IN (SELECT id FROM catalog_feedimport WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)",
                [_STEPS[name], row.pk],
            )
        step(name)

    try:
        yield told
    finally:
        own.close()


# --- By upload and from the inbox -------------------------------------------------------------------


def upload_feed(*, file: IO[bytes], name: str, by: User) -> FeedImport:
    """Keep an uploaded file and let a worker import it."""
    folder = Path(settings.HJMTJ_STORE)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4()}{'.zip' if name.lower().endswith('.zip') else '.xml'}"
    with path.open("wb") as target:
        shutil.copyfileobj(file, target)
    with transaction.atomic():
        row = FeedImport.objects.create(file_name=Path(name).name[:255], stored_as=str(path), by=by, status=FeedImport.Status.WAITING)
        start_after_commit("catalog.import_waiting")
    return row


def confirm_import(*, row: FeedImport, by: User) -> FeedImport:
    """Import the file of `row` anew although many articles end; a new row. Raises NotConfirmable."""
    if not row.may_be_confirmed or not Path(row.stored_as).is_file():
        raise NotConfirmable
    with transaction.atomic():
        hit = FeedImport.objects.filter(pk=row.pk, may_be_confirmed=True).update(may_be_confirmed=False)
        if not hit:
            raise NotConfirmable
        made = FeedImport.objects.create(file_name=row.file_name, stored_as=row.stored_as, by=by, is_confirmed=True, status=FeedImport.Status.WAITING)
        start_after_commit("catalog.import_waiting")
    return made


def import_waiting() -> int:
    """Import what was uploaded, in the order it came; how many. What has to wait for another import goes on waiting."""
    done = 0
    for row in FeedImport.objects.filter(status=FeedImport.Status.WAITING).order_by("pk"):
        path = Path(row.stored_as)
        try:
            row = import_feed(path, row=row)  # noqa: PLW2901 - the same row, as it is afterwards
        except OSError:
            _refuse(row, "Filen finns inte längre. Ladda upp den igen.")
        if row.status == FeedImport.Status.WAITING:
            break
        done += 1
        if path.parent == Path(settings.HJMTJ_STORE) and not row.may_be_confirmed:
            path.unlink(missing_ok=True)
    return done


def import_inbox() -> int:
    """Import what lies in HJMTJ_INBOX, by sequence; how many. Files go on to `done` or `refused` below it; one that still grows is left."""
    inbox = Path(settings.HJMTJ_INBOX) if settings.HJMTJ_INBOX else None
    if inbox is None or not inbox.is_dir():
        return 0
    still = [path for path in packages.in_order([inbox]) if time.time() - path.stat().st_mtime >= settings.HJMTJ_INBOX_SECONDS]
    done = 0
    for path in still:
        try:
            row = import_feed(path)
        except OSError as error:
            log.warning("catalog.inbox", file=path.name, error=type(error).__name__)
            continue
        if row.reason == _BUSY:
            row.delete()
            break
        folder = inbox / ("refused" if row.status == FeedImport.Status.REFUSED else "done")
        folder.mkdir(exist_ok=True)
        target = folder / f"{row.pk}-{path.name}"
        shutil.move(path, target)
        FeedImport.objects.filter(pk=row.pk).update(stored_as=str(target))
        done += 1
    return done
