"""Fills an empty catalogue for the demo: a first part before the portal starts, the rest while it runs."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction

from catalog import search
from catalog.actions import import_feed
from catalog.demo.feed import Order, write_feed
from catalog.demo.local import fill_local_values
from catalog.demo.media import make_demo_media
from catalog.models import Article, FeedImport

# What a person waits for at the first start, and what is there some minutes later.
FIRST_ARTICLES = 2_000
ALL_ARTICLES = 20_000
_AT_A_TIME = 2_000


class NotLoaded(Exception):
    """A feed of the demo was refused; the text says why."""


def load_demo_catalog(example: Path, *, articles: int = FIRST_ARTICLES, of: int | None = None, seed: int = 1) -> None:
    """`example` (the service's sample file), then a generated feed on top of it, pictures, manuals and the centre's own values.

    With `of` these are the first articles of a catalogue of so many, and `load_rest` brings the others.
    What is there already stays, so that it may be called again. Raises NotLoaded.
    """
    _import(example)
    _import_generated(Order(of or articles, seed, settings.SESAM2_GLN, mode="DELTA", sequence=2, part=articles if of else None))
    with transaction.atomic():
        make_demo_media()
        fill_local_values()
        search.refresh()


def load_rest(*, articles: int, seed: int = 1) -> None:
    """The rest of the catalogue that `load_demo_catalog(of=articles)` began, by an import that its page in the administration shows.

    Called again after it was stopped in the middle it goes on. Raises NotLoaded.
    """
    if Article.objects.filter(ended_at=None).count() < articles:
        _import_generated(Order(articles, seed, settings.SESAM2_GLN, mode="DELTA", sequence=3))
    while True:
        with transaction.atomic():
            filled = fill_local_values(_AT_A_TIME)
            make_demo_media()
            search.refresh(filled)
        if not filled:
            return


def is_whole(articles: int) -> bool:
    """Whether nothing of a demo catalogue of so many articles is left to load."""
    return Article.objects.filter(ended_at=None).count() >= articles and not Article.objects.filter(local=None).exists()


def _import_generated(order: Order) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"demo-{order.part or order.articles}.xml"
        with path.open("w", encoding="utf-8") as file:
            write_feed(order, file)
        _import(path)


def _import(path: Path) -> None:
    row = import_feed(path)
    if row.status == FeedImport.Status.REFUSED:
        raise NotLoaded(row.reason)
