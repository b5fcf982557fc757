"""Fills an empty catalogue for the demo."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction

from catalog import search
from catalog.actions import import_feed
from catalog.demo.feed import Order, write_feed
from catalog.demo.local import fill_local_values
from catalog.demo.media import make_demo_media
from catalog.models import FeedImport


class NotLoaded(Exception):
    """A feed of the demo was refused; the text says why."""


def load_demo_catalog(example: Path, *, articles: int = 2000, seed: int = 1) -> None:
    """`example` (the service's sample file), then a generated feed on top of it, pictures, manuals and the centre's own values.

    What is there already stays, so that it may be called again. Raises NotLoaded.
    """
    _import(example)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"demo-{articles}.xml"
        with path.open("w", encoding="utf-8") as file:
            write_feed(Order(articles, seed, settings.SESAM2_GLN, mode="DELTA", sequence=2), file)
        _import(path)
    with transaction.atomic():
        make_demo_media()
        fill_local_values()
        search.refresh()


def _import(path: Path) -> None:
    row = import_feed(path)
    if row.status == FeedImport.Status.REFUSED:
        raise NotLoaded(row.reason)
