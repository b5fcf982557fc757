"""Imports feeds that were uploaded or put in the inbox, and fetches what they name.

What is to be done stands in a table or a folder; a task that is lost is made up by the next sweep.
"""

import threading
import time

import structlog
from celery import shared_task
from django.conf import settings

from catalog import actions
from catalog.media import queue

# Then the thread is free for others; the sweep goes on.
_LONGEST_RUN = 25.0
# A worker fetches so many files at once: pictures are slow and large, and orders go before them.
_fetchers = threading.BoundedSemaphore(2)

log = structlog.get_logger(__name__)


@shared_task(name="catalog.import_waiting")
def import_waiting() -> None:
    actions.import_waiting()


@shared_task(name="catalog.watch_inbox")
def watch_inbox() -> None:
    actions.import_waiting()
    actions.import_inbox()


@shared_task(name="catalog.load_demo_rest")
def load_demo_rest(articles: int) -> None:
    """The demo's catalogue up to so many articles, while the demo already runs. Does nothing in production."""
    from catalog.demo import load  # draws pictures: nothing for a worker that never loads a demo

    if settings.IS_PRODUCTION or load.is_whole(articles):
        return
    try:
        load.load_rest(articles=articles)
    except load.NotLoaded as refusal:
        log.error("catalog.demo", error=str(refusal))


@shared_task(name=queue.FETCH_TASK)
def fetch_media() -> None:
    if not _fetchers.acquire(blocking=False):
        return
    try:
        until = time.monotonic() + _LONGEST_RUN
        while time.monotonic() < until and queue.fetch_next() is not None:
            pass
    finally:
        _fetchers.release()
