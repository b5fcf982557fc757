"""What is due, and what came of it. The rows of Media are the queue; a task only wakes us."""

import datetime
import hashlib
import random

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.media.addresses import Refused
from catalog.media.fetching import INTERNET, Limits, Network, fetch
from catalog.media.files import store
from catalog.media.pictures import is_pdf, keep_picture
from catalog.models import Failure, Media, Picture, StoredFile
from catalog.models.media import MediaQuerySet
from core.after_commit import start_after_commit

log = structlog.get_logger(__name__)

FETCH_TASK = "catalog.fetch_media"
# Before the second, third … try; after the last there is none.
WAITS = [datetime.timedelta(minutes=minutes) for minutes in (1, 10, 60, 6 * 60, 24 * 60)]
MOST_TRIES = len(WAITS) + 1
# Longer than any fetch: who has not told by then was killed, and the row is due again.
LEASE = datetime.timedelta(minutes=5)


def claim() -> Media | None:
    """Take the row that has waited longest, and count the try, so that a file that kills its worker is not tried for ever.

    No lock is held while the file is fetched: an import may change the row meanwhile, and never waits for a supplier's server.
    """
    with transaction.atomic():
        media = Media.objects.due().select_for_update(skip_locked=True, no_key=True).order_by("next_try_at", "pk").first()
        if media is not None:
            media.tries += 1
            media.next_try_at = timezone.now() + LEASE
            media.save(update_fields=["tries", "next_try_at"])
    return media


def fetch_next(*, network: Network = INTERNET, limits: Limits | None = None) -> Media | None:
    """Fetch one file that is due and record what came of it; None when nothing is, or MEDIA_HOSTS is empty.

    What was there stays until the new file is kept. Never raises for what a supplier's server does.
    """
    media = claim() if settings.MEDIA_HOSTS else None
    if media is None:
        return None
    if media.tries > MOST_TRIES:
        return _record_failure(media, Failure.INTERRUPTED)
    try:
        content = fetch(media.url, settings.MEDIA_HOSTS, network=network, limits=limits)
        if media.declared_sha256 and hashlib.sha256(content).hexdigest() != media.declared_sha256.lower():
            raise Refused(Failure.CHECKSUM)
        return _record_success(media, _kept(media, content))
    except Refused as refused:
        return _record_failure(media, refused.failure)
    except OSError as error:
        log.error("catalog.media.disk", id=media.pk, error=type(error).__name__)
        return _record_failure(media, Failure.NOT_STORED)


def fetch_again(rows: MediaQuerySet) -> int:
    """Fetch these anew, whatever came of them before; how many. What is here is shown meanwhile."""
    with transaction.atomic():
        number = rows.fetchable().update(status=Media.Status.WAITING, failure="", tries=0, next_try_at=timezone.now())
        start_after_commit(FETCH_TASK)
    return number


def _kept(media: Media, content: bytes) -> dict[str, Picture | StoredFile]:
    if media.kind == Media.Kind.IMAGE:
        return {"picture": keep_picture(content)}
    if not is_pdf(content):
        raise Refused(Failure.NOT_A_DOCUMENT)
    return {"stored": store(content, "application/pdf")}


def _record_success(media: Media, kept: dict[str, Picture | StoredFile]) -> Media:
    _record(media, status=Media.Status.FETCHED, failure="", fetched_at=timezone.now(), **kept)
    log.info("catalog.media.fetched", id=media.pk)
    return media


def _record_failure(media: Media, failure: Failure) -> Media:
    if failure.is_passing and media.tries < MOST_TRIES:
        wait = WAITS[media.tries - 1] * random.uniform(1, 1.2)  # noqa: S311 - spreads load, guards nothing
        _record(media, failure=failure, next_try_at=timezone.now() + wait)
        log.info("catalog.media.later", id=media.pk, failure=failure.value, tries=media.tries)
    else:
        _record(media, status=Media.Status.FAILED, failure=failure)
        log.warning("catalog.media.failed", id=media.pk, failure=failure.value, tries=media.tries)
    return media


def _record(media: Media, **values: object) -> None:
    """What an import has given another address meanwhile is not told of the old one."""
    Media.objects.filter(pk=media.pk, url=media.url, declared_sha256=media.declared_sha256, tries=media.tries).update(**values)
    for name, value in values.items():
        setattr(media, name, value)
