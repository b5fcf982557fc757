"""What an export holds: its head, the elements it is split into, and the rows that they are read as."""

import dataclasses
import datetime
from typing import Any


class FeedRefused(Exception):
    """The file is not applied; the text says why, in Swedish, with the line where there is one."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(f"Rad {line}: {reason}" if line else reason)


class NotPlain(Exception):
    """The file is not written the ordinary way, so the quick way of splitting it cannot tell what it says."""


class BadRow(Exception):
    """One element cannot be read; the text says why, in Swedish. The rest of the file can."""


@dataclasses.dataclass(frozen=True)
class Header:
    export_id: str
    sequence: int
    created_at: datetime.datetime
    mode: str
    receiver_gln: str
    iso_edition: str


@dataclasses.dataclass(slots=True)
class Element:
    """One Organisation, Category, Product, Article, Agreement, GeneralPricelist or row, as bytes of XML.

    Lists come without their rows, after them; `list_number` ties them together (0: no list). `complaint` is what was seen to be wrong with its shape.
    A list may also come folded, with its rows in it (`plain.unfold`). `digest`: the fingerprint of all of a list that was folded.
    """

    name: str
    line: int
    raw: bytes
    list_number: int = 0
    complaint: str = ""
    is_folded: bool = False
    digest: str = ""


# One tuple per staging table (catalog/merge/staging.py), by the table's name, in the order of its columns after `n, line, at, size`.
Rows = dict[str, list[tuple[Any, ...]]]


@dataclasses.dataclass(slots=True)
class Key:
    """What names a broken element, as far as it can be made out; empty where it cannot."""

    feed_id: str = ""
    gln: str = ""
    number: str = ""
