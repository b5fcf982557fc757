"""Every change of the catalogue: a feed is imported, the centre sets its own values."""

import contextlib
import hashlib
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from catalog import search
from catalog.hjmtj import FeedRefused, Header, read_header, read_records
from catalog.merge import Merge
from catalog.models import Article, FeedImport, LocalArticle

log = structlog.get_logger(__name__)

# More than this share of the articles vanishing at once is rather a broken file than a supplier's decision.
MAX_SHARE_ENDED = 0.2
_LOCK = 0x484A4D544A  # "HJMTJ"


def import_feed(path: Path, *, confirm_ended: bool = False) -> FeedImport:
    """Apply one file of Hjälpmedelstjänsten as a whole, or nothing of it; the returned row tells which, and why.

    The same export again is REPEATED and changes nothing. `confirm_ended` allows a FULL that ends more than a fifth of the articles.
    Raises OSError when the file cannot be read.
    """
    started_at = timezone.now()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    row = FeedImport(file_name=path.name[:255], sha256=digest, started_at=started_at)
    try:
        header = read_header(path)
        row.export_id, row.sequence, row.created_at = header.export_id, header.sequence, header.created_at
        row.mode, row.receiver_gln, row.iso_edition = header.mode, header.receiver_gln, header.iso_edition
        with transaction.atomic():
            _apply(path, header, row, confirm_ended)
    except FeedRefused as refusal:
        _refuse(row, str(refusal))
    except IntegrityError:
        _refuse(row, "Filen ger två artiklar eller produkter samma nummer hos samma leverantör.")
    log.info("catalog.import", export_id=row.export_id, status=row.status, counts=row.counts)
    return row


def _refuse(row: FeedImport, reason: str) -> None:
    row.pk, row.counts = None, {}
    row.status, row.reason, row.finished_at = FeedImport.Status.REFUSED, reason, timezone.now()
    row.save()


def _apply(path: Path, header: Header, row: FeedImport, confirm_ended: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise FeedRefused("En annan inläsning pågår. Försök igen när den är klar.")
    if header.receiver_gln != settings.SESAM2_GLN:
        raise FeedRefused(f"Filen är till mottagaren {header.receiver_gln}, inte till {settings.SESAM2_GLN}.")
    applied = FeedImport.objects.filter(status=FeedImport.Status.APPLIED)
    if applied.filter(export_id=header.export_id).exists():
        row.status, row.reason = FeedImport.Status.REPEATED, "Samma export är redan inläst. Inget ändrades."
        row.finished_at = timezone.now()
        row.save()
        return
    last = applied.aggregate(sequence=Max("sequence"), created_at=Max("created_at"))
    if last["sequence"] is not None and (header.sequence <= last["sequence"] or header.created_at <= last["created_at"]):
        raise FeedRefused(f"Filen är äldre än den som senast lästes in (löpnummer {header.sequence} mot {last['sequence']}).")
    merge = Merge(header)
    with contextlib.closing(read_records(path)) as records:
        for record in records:
            merge.add(record)
    row.counts = merge.finish()
    if merge.share_of_articles_ended() > MAX_SHARE_ENDED and not confirm_ended:
        ended = row.counts["articles"]["ended"]
        raise FeedRefused(f"Filen skulle ta bort {ended} artiklar, mer än var femte. Kontrollera den, och bekräfta om det stämmer.")
    if merge.has_changed:
        search.refresh()
    row.status, row.finished_at = FeedImport.Status.APPLIED, timezone.now()
    row.save()


def set_local_values(*, article: Article, values: dict[str, Any]) -> LocalArticle:
    """Set the centre's own values of one article; fields that are not named stay. None takes a value away."""
    with transaction.atomic():
        local, _ = LocalArticle.objects.update_or_create(article=article, defaults=values)
        search.refresh([article.pk])
    return local
