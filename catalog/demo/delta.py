"""Writes what follows upon a feed: the next export, in which a share of the articles and price lists has changed."""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import TextIO

from catalog.hjmtj import NAMESPACE, Element, read_header, split

_SECTIONS = {
    "Organisation": "Organisations",
    "Category": "Categories",
    "Product": "Products",
    "Article": "Articles",
    "Agreement": "Agreements",
    "GeneralPricelist": "GeneralPricelists",
}
_XMLNS = f' xmlns="{NAMESPACE}"'
_NAME = re.compile(r"(<name>[^<]{1,240})")
_PRICE = re.compile(r"<price>([0-9]+)")


def write_next(before: Path, out: TextIO, *, share: float, seed: int, mode: str) -> None:
    """The next export after `before`: as DELTA only what has changed, as FULL all of it. The same arguments give the same bytes.

    Raises FeedRefused when `before` is no feed.
    """
    header = read_header(before)
    created = header.created_at + datetime.timedelta(days=1)
    out.write(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Export{_XMLNS} schemaVersion="1" exportId="{header.export_id[:50]}-{mode[0]}{seed}"'
        f' sequence="{header.sequence + 1}" created="{created.isoformat()}" mode="{mode}" receiverGln="{header.receiver_gln}"'
        f' isoEdition="{header.iso_edition}">\n'
    )
    section = ""
    for element, text, is_changed in _changed(before, share, seed):
        if _SECTIONS[element] != section:
            out.write(f"</{section}>\n<{_SECTIONS[element]}>\n" if section else f"<{_SECTIONS[element]}>\n")
            section = _SECTIONS[element]
        if mode == "FULL" or is_changed:
            out.write(f"{text}\n")
    out.write(f"</{section}>\n</Export>\n" if section else "</Export>\n")


def _changed(before: Path, share: float, seed: int) -> Iterator[tuple[str, str, bool]]:
    """Each element with its text as it is now, and whether it is another than before."""
    random = Random(seed)  # noqa: S311 - nothing secret
    rows: list[str] = []
    for element in split(before):
        text = _plain(element)
        if element.name == "row":
            rows.append(f"{text}\n")
            continue
        is_changed = element.name in {"Article", "Agreement", "GeneralPricelist"} and random.random() < share
        if element.name == "Article" and is_changed:
            text = _NAME.sub(r"\1, ny", text, count=1)
        elif rows or element.name in {"Agreement", "GeneralPricelist"}:
            listed = "".join(rows)
            if is_changed:
                listed = _PRICE.sub(lambda found: f"<price>{int(found[1]) + 10}", listed)
            head, mark, end = text.rpartition("</")
            text, rows = f"{head}{listed}{mark}{end}", []
        yield element.name, text, is_changed


def _plain(element: Element) -> str:
    return element.raw.decode().replace(_XMLNS, "", 1)
