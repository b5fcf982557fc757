"""The tables that a feed is read into by COPY before it is merged: temporary, unlogged, this session's own.

Each element has its running number in the file (`n`), its line, and where its text lies in the spool file (`at`, `size`), so that what turns out to be
bad can be kept as it was without holding the file.

A product, article or price list that a FULL says in the same bytes as when it was last applied is not read: what the checks ask of it is taken from its
stored row. That row still says what the element says, or it is marked to be read again (`items.mark_to_read_again`, `prices.keep_digests`).
"""

import contextlib
import gc
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Self

from django.db import connection, transaction

from catalog.hjmtj import BadRow, Element, NotPlain, feed_id, fingerprint, key_of, read, split, split_list, split_plain, unfold
from catalog.models import Quarantine

# Whichever comes first: so many elements, or bytes of them, are held at once.
BATCH = 1000
_BATCH_BYTES = 2 * 1024 * 1024
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
    "feed_list": "list_n int, kind text, gln text, customer_gln text, number text, name text, valid_from date, valid_to date, digest text, same_pk bigint",
    "feed_row": (
        'list_n int, gln text, article_number text COLLATE "C", product_number text COLLATE "C", amount numeric, valid_from date,'
        " min_order_quantity int, delivery_time_days int, warranty_quantity int, warranty_unit text, warranty_from text, status text"
    ),
    "feed_bad": 'element text, feed_id text, gln text, number text COLLATE "C", list_n int, reason text',
    "feed_retry": "quarantine_id bigint",
    "feed_same": "kind text, pk bigint",
}
# What the planner must know the spread of; nobody joins by a description.
_ANALYZED = (
    "feed_org, feed_category, feed_item (n, kind, feed_id, gln, number, product_feed_id, iso_codes), feed_ref, feed_media (n),"
    " feed_list, feed_row (n, list_n, gln, article_number, product_number, valid_from, status), feed_bad, feed_retry"
)
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
    """Takes elements, checks and reads them in batches, and copies their rows. Use it as a context manager: the tables and the spool go with it.

    `skips_same`: an element that stands in the catalogue byte for byte is not read.
    """

    def __init__(self, edition: str, *, skips_same: bool = False) -> None:
        self.edition = edition
        self.numbers = 0
        self._skips_same = skips_same
        self._spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the stage
        self._end = 0
        self._waiting: list[tuple[int, Element]] = []
        self._held = 0
        self._rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)

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

    def take(self, feed: Path, progress: Callable[[int], None]) -> None:
        """All elements of a file. Raises FeedRefused, also after many of them."""
        with _few_collections():
            try:
                self._take(split_plain(feed, progress))
            except NotPlain:
                self._forget()
                self._take(split(feed, progress))

    def _take(self, elements: Iterable[Element]) -> None:
        for element in elements:
            self.add(element)
        self._read()

    def _forget(self) -> None:
        self.numbers = self._end = self._held = 0
        self._waiting, self._rows = [], defaultdict(list)
        self._spool.seek(0)
        self._spool.truncate()
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(_COLUMNS)}")

    def add(self, element: Element, *, quarantine: int | None = None) -> None:
        self.numbers += 1
        if quarantine is not None:
            self._rows["feed_retry"].append((self.numbers, element.line, 0, 0, quarantine))
        self._waiting.append((self.numbers, element))
        self._held += len(element.raw)
        if len(self._waiting) >= BATCH or self._held >= _BATCH_BYTES:
            self._read()

    def finish(self) -> None:
        """Everything that was added is in the tables, and the planner knows how much it is."""
        self._read()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("ANALYZE feed_same")
            for statement in _FROM_STORED:
                cursor.execute(statement)
            cursor.execute("TRUNCATE feed_same")
            cursor.execute(f"ANALYZE {_ANALYZED}")

    def text(self, at: int, size: int) -> tuple[str, bool]:
        """An element as it stood in the file, and whether that is all of it."""
        self._spool.seek(at)
        return self._spool.read(min(size, MAX_RAW)).decode(errors="ignore"), size <= MAX_RAW

    def _read(self) -> None:
        waiting, self._waiting, self._held = self._waiting, [], 0
        heads = {}
        for number, element in waiting:
            heads[id(element)] = (number, element.line, self._end, len(element.raw))
            self._end += len(element.raw)
        self._spool.write(b"".join([element.raw for _, element in waiting]))
        elements = [element for _, element in waiting]
        if self._skips_same:
            elements = self._skip_same(elements, heads)
        self._read_all(elements, heads)

    def _read_all(self, elements: Iterable[Element], heads: dict[int, tuple[int, int, int, int]]) -> None:
        parts = list(self._unfolded(elements, heads))
        for element, rows in read(parts, self.edition):
            head = heads[id(element)]
            if isinstance(rows, BadRow):
                self._add_bad(head, element, str(rows))
            else:
                for name, group in rows.items():
                    self._rows[name] += [head + row for row in group]
        for name, group in self._rows.items():
            _copy(name, group)
        self._rows.clear()

    def _unfolded(self, elements: Iterable[Element], heads: dict[int, tuple[int, int, int, int]]) -> Iterator[Element]:
        for element in elements:
            if not element.is_folded:
                yield element
                continue
            element.digest = element.digest or fingerprint(element, self.edition)
            for part in unfold(element):
                if part.name == "row":
                    self.numbers += 1
                    number = self.numbers
                else:
                    number = heads[id(element)][0]
                heads[id(part)] = (number, part.line, self._end, len(part.raw))
                self._spool.write(part.raw)
                self._end += len(part.raw)
                yield part

    def read_same_lists(self, numbers: Sequence[int]) -> None:
        """Read these lists of those that were skipped after all."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM feed_list WHERE same_pk IS NOT NULL AND list_n = ANY(%s) RETURNING n, line, at, size, list_n, kind, digest", [numbers])
            for number, line, at, size, list_number, kind, digest in cursor.fetchall():
                self._spool.seek(at)
                name = "GeneralPricelist" if kind == "GENERAL" else "Agreement"
                element = Element(name, line, self._spool.read(size), list_number, is_folded=True, digest=digest)
                self._spool.seek(self._end)
                self._read_all([element], {id(element): (number, line, at, size)})

    def _skip_same(self, elements: list[Element], heads: dict[int, tuple[int, int, int, int]]) -> list[Element]:
        """Those that must be read; the others are noted with their stored rows."""
        left = [element for element in elements if element.name not in _STORED and not element.is_folded]
        left += self._skip_same_lists([element for element in elements if element.is_folded], heads)
        for name, (kind, table) in _STORED.items():
            found = {id(element): (element, feed_id(element)) for element in elements if element.name == name}
            if not found:
                continue
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT feed_id, feed_hash, id FROM {table} WHERE feed_id = ANY(%s) AND ended_at IS NULL AND NOT read_again",
                    [[key for _, key in found.values() if key]],
                )
                stored = {key: (known, pk) for key, known, pk in cursor.fetchall()}
            for place, (element, key) in found.items():
                known, pk = stored.get(key, ("", 0))
                if known and known == fingerprint(element, self.edition):
                    self._rows["feed_same"].append((*heads[place], kind, pk))
                else:
                    left.append(element)
        return left

    def _add_bad(self, head: tuple[int, int, int, int], element: Element, reason: str) -> None:
        key = key_of(element)
        self._rows["feed_bad"].append((*head, element.name, key.feed_id, key.gln, key.number, element.list_number or None, reason))

    def _skip_same_lists(self, lists: list[Element], heads: dict[int, tuple[int, int, int, int]]) -> list[Element]:
        for element in lists:
            element.digest = fingerprint(element, self.edition)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.feed_hash, t.id, t.kind, s.gln, t.number, t.name, t.valid_from, t.valid_to"
                " FROM catalog_pricelist t JOIN catalog_supplier s ON s.id = t.supplier_id WHERE t.ended_at IS NULL AND t.feed_hash = ANY(%s)",
                [[element.digest for element in lists]],
            )
            stored = {digest: facts for digest, *facts in cursor.fetchall()}
        for element in lists:
            if element.digest in stored:
                pk, kind, gln, *facts = stored[element.digest]
                self._rows["feed_list"].append((*heads[id(element)], element.list_number, kind, gln, None, *facts, element.digest, pk))
        return [element for element in lists if element.digest not in stored]


@contextlib.contextmanager
def _few_collections() -> Iterator[None]:
    """Reading makes and drops many objects and no cycles; the collector would look through all of them again and again, for half of the time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


_STORED = {"Product": ("P", "catalog_product"), "Article": ("A", "catalog_article")}
_FROM_STORED = (
    """
INSERT INTO feed_item (n, line, at, size, kind, feed_id, gln, number, iso_codes, hash)
SELECT f.n, f.line, f.at, f.size, 'P', t.feed_id, s.gln, t.number, array_to_string(c.code || t.other_iso_codes, ','), t.feed_hash
  FROM feed_same f JOIN catalog_product t ON t.id = f.pk JOIN catalog_supplier s ON s.id = t.supplier_id JOIN catalog_category c ON c.id = t.category_id
 WHERE f.kind = 'P'
""",
    """
INSERT INTO feed_item (n, line, at, size, kind, feed_id, gln, number, iso_codes, hash, product_feed_id)
SELECT f.n, f.line, f.at, f.size, 'A', t.feed_id, s.gln, t.number, array_to_string(t.iso_codes, ','), t.feed_hash, p.feed_id
  FROM feed_same f JOIN catalog_article t ON t.id = f.pk JOIN catalog_supplier s ON s.id = t.supplier_id LEFT JOIN catalog_product p ON p.id = t.product_id
 WHERE f.kind = 'A'
""",
    """
INSERT INTO feed_ref (n, line, at, size, kind, gln, article_number, product_number)
SELECT f.n, f.line, f.at, f.size, r.kind, s.gln, a.number, p.number
  FROM feed_same f
  JOIN catalog_relation r ON f.kind = CASE WHEN r.from_article_id IS NULL THEN 'P' ELSE 'A' END AND f.pk = coalesce(r.from_article_id, r.from_product_id)
  LEFT JOIN catalog_article a ON a.id = r.to_article_id
  LEFT JOIN catalog_product p ON p.id = r.to_product_id
  JOIN catalog_supplier s ON s.id = coalesce(a.supplier_id, p.supplier_id)
""",
)


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
            heads.append((0, row.line, 0, 0, number, row.list_kind, row.list_gln, None, row.list_number, None, row.list_valid_from, None, "", None))
    _copy("feed_list", heads)
