"""The tables that a feed is read into by COPY before it is merged: temporary, unlogged, this session's own.

Each element has its running number in the file (`n`), its line, and where its text lies in the spool file (`at`, `size`), so that what turns out to be
bad can be kept as it was without holding the file.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import IO, Any, Self

from django.db import connection

from catalog.hjmtj import BadRow, Element, Rows, key_of, read
from catalog.models import Quarantine

BATCH = 500
MAX_RAW = 100_000
_ELEMENT = "n bigint, line int, at bigint, size int"
_COLUMNS = {
    "feed_org": "gln text, type text, name text, organisation_number text, phone text, email text, web text",
    "feed_category": 'code text COLLATE "C", name text, description text',
    "feed_item": (
        'kind text, feed_id text, gln text, number text COLLATE "C", name text, description text, iso_codes text, properties jsonb, status text,'
        " discontinued_from date, updated_at timestamptz, hash text, product_feed_id text, article_type text, gtin text, order_unit text,"
        " quantity_in_outer_package numeric, package_content numeric, package_content_unit text, preventive_maintenance_days int,"
        " manufacturer text, trademark text, is_ce_marked boolean"
    ),
    "feed_ref": 'kind text, gln text, article_number text COLLATE "C", product_number text COLLATE "C"',
    "feed_media": "kind text, url text, file_name text, mime_type text, description text, language text, is_main boolean, sha256 text",
    "feed_list": "list_n int, kind text, gln text, customer_gln text, number text, name text, valid_from date, valid_to date",
    "feed_row": (
        'list_n int, gln text, article_number text COLLATE "C", product_number text COLLATE "C", amount numeric, valid_from date,'
        " min_order_quantity int, delivery_time_days int, warranty_quantity int, warranty_unit text, warranty_from text, status text"
    ),
    "feed_bad": 'element text, feed_id text, gln text, number text COLLATE "C", list_n int, reason text',
    "feed_retry": "quarantine_id bigint",
}
# What the merge makes of them; dropped with them.
DERIVED = ("feed_resolved", "feed_good", "feed_listed", "feed_price", "feed_link", "feed_touched", "feed_before", "feed_gone")
ELEMENT_OF = {"P": "Product", "A": "Article"}


def columns_of(name: str) -> str:
    """The columns of a staging table, as in CREATE TABLE."""
    return f"{_ELEMENT}, {_COLUMNS[name]}"


def drop() -> None:
    """Take the tables away, also those of an import that failed: the connection goes back to a pool."""
    with connection.cursor() as cursor:
        cursor.execute("DROP VIEW IF EXISTS pg_temp.feed_there, pg_temp.feed_kept, pg_temp.feed_protected")
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in (*_COLUMNS, *DERIVED))}")


class Stage:
    """Takes elements, checks and reads them in batches, and copies their rows. Use it as a context manager: the tables and the spool go with it."""

    def __init__(self, edition: str) -> None:
        self.edition = edition
        self.numbers = 0
        self._spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the stage
        self._end = 0
        self._waiting: list[tuple[int, Element]] = []
        self._rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._retried: dict[int, int] = {}

    def __enter__(self) -> Self:
        drop()
        with connection.cursor() as cursor:
            for name in _COLUMNS:
                cursor.execute(f"CREATE TEMP TABLE {name} ({columns_of(name)})")
        return self

    def __exit__(self, *error: object) -> None:
        self._spool.close()
        if not connection.needs_rollback and connection.is_usable():
            drop()

    def add(self, element: Element, *, quarantine: int | None = None) -> None:
        self.numbers += 1
        if quarantine is not None:
            self._rows["feed_retry"].append((self.numbers, element.line, 0, 0, quarantine))
        self._waiting.append((self.numbers, element))
        if len(self._waiting) >= BATCH:
            self._read()

    def finish(self) -> None:
        """Everything that was added is in the tables, and the planner knows how much it is."""
        self._read()
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(_COLUMNS)}")

    def text(self, at: int, size: int) -> tuple[str, bool]:
        """An element as it stood in the file, and whether that is all of it."""
        self._spool.seek(at)
        return self._spool.read(min(size, MAX_RAW)).decode(errors="ignore"), size <= MAX_RAW

    def _read(self) -> None:
        waiting, self._waiting = self._waiting, []
        for (number, _), (element, rows) in zip(waiting, read([element for _, element in waiting], self.edition), strict=True):
            head = (number, element.line, self._end, len(element.raw))
            self._spool.write(element.raw)
            self._end += len(element.raw)
            if isinstance(rows, BadRow):
                self._add_bad(head, element, str(rows))
            else:
                self._add_rows(head, rows)
        for name, rows in self._rows.items():
            _copy(name, rows)
        self._rows.clear()

    def _add_rows(self, head: tuple[int, int, int, int], rows: Rows) -> None:
        for name, group in rows.items():
            self._rows[name] += [head + row for row in group]

    def _add_bad(self, head: tuple[int, int, int, int], element: Element, reason: str) -> None:
        key = key_of(element)
        self._rows["feed_bad"].append((*head, element.name, key.feed_id, key.gln, key.number, element.list_number or None, reason))


def _copy(name: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row(row)


def stage_quarantine(stage: Stage, rows: Iterable[Quarantine], *, first_list: int) -> None:
    """Try again what could not be taken in before. A price row brings its list's key, so that it finds the stored list."""
    number = first_list
    heads = []
    for row in rows:
        number += 1
        element = Element(row.element, row.line, row.raw.encode(), number)
        if row.element in {"Agreement", "GeneralPricelist"}:
            for part in split_list(element):
                stage.add(part, quarantine=row.pk if part.name != "row" else None)
            continue
        stage.add(element, quarantine=row.pk)
        if row.element == "row":
            heads.append((0, row.line, 0, 0, number, row.list_kind, row.list_gln, None, row.list_number, None, row.list_valid_from, None))
    _copy("feed_list", heads)


def split_list(element: Element) -> list[Element]:
    """A list that was kept whole, as its rows and its head."""
    from lxml import etree

    tree = etree.fromstring(element.raw, etree.XMLParser(resolve_entities=False, no_network=True))
    rows = [child for child in tree if isinstance(child.tag, str) and child.tag.endswith("}row")]
    parts = [Element("row", element.line, etree.tostring(row, with_tail=False, encoding="utf-8"), element.list_number) for row in rows]
    for row in rows:
        tree.remove(row)
    return [*parts, Element(element.name, element.line, etree.tostring(tree, with_tail=False, encoding="utf-8"), element.list_number)]
