"""The table that a basis is read into by COPY before it is judged: temporary, unlogged, this session's own; and what is wrong with it."""

import contextlib
import gc
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from django.db import connection, transaction

from billing import sesam2
from billing.models import InvoiceBasis

TABLE = "billing_staged"
# Of one kind of fault so many places are told; a basis that is wrong throughout is read no further than this many bad lines.
MOST_TOLD = 20
MOST_BAD = 100
# What else is made on the way; dropped with it.
DERIVED = ("billing_credited", "billing_alias", "billing_person", "billing_rent", "billing_fetched", "billing_loan", "billing_found")
_PIECE = 1024 * 1024
_ABSENT = ["" if kind == "text" else "\\N" for kind in sesam2.TYPES]

Problem = dict[str, Any]


class Staging:
    """Use it as a context manager: the table goes with it, and with a connection that dies."""

    def __enter__(self) -> Self:
        drop()
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE {TABLE} ({', '.join(f'{name} {kind}' for name, kind in zip(sesam2.COLUMNS, sesam2.TYPES, strict=True))})")
        return self

    def __exit__(self, *error: object) -> None:
        if not connection.needs_rollback and connection.is_usable():
            drop()

    def take(self, basis: InvoiceBasis, lines: Iterable[bytes], tell: Callable[[int], None]) -> list[Problem]:
        """Read and copy the lines; those that break the contract are told of instead. Stops when there are too many, of either kind.

        Copied piece by piece, so that nothing of it is under way in the database while SESAM2 is waited for. `tell` is told how many have been read.
        """
        bad: list[tuple[int, list[str]]] = []
        read = size = 0
        piece: list[str] = []
        with _few_collections():
            for raw in lines:
                read += 1
                if read > basis.line_count:
                    break
                try:
                    piece.append(_copied(sesam2.read(raw), is_plain=b"\\" not in raw))
                except sesam2.BadLine as error:
                    bad.append((read, [item["field"] for item in error.errors]))
                    if len(bad) == MOST_BAD:
                        break
                    continue
                size += len(raw)
                if size > _PIECE:
                    _copy(piece)
                    tell(read)
                    size = 0
            _copy(piece)
        problems = []
        if bad:
            fields = sorted({field for _, names in bad for field in names})[:MOST_TOLD]
            problems.append({"code": "BAD_LINES", "count": len(bad), "lines": [line for line, _ in bad[:MOST_TOLD]], "fields": fields})
        if read != basis.line_count and len(bad) < MOST_BAD:
            problems.append({"code": "LINE_COUNT", "said": basis.line_count, "read": read})
        return problems

    def check(self, basis: InvoiceBasis) -> list[Problem]:
        """What the lines say together, and what each says against itself. Empty when the basis may be published."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(f"ANALYZE {TABLE}")
            problems = list(_sums(cursor, basis))
            for code, condition in _PER_LINE.items():
                cursor.execute(f"SELECT count(*), (array_agg(line ORDER BY line))[1:{MOST_TOLD}] FROM {TABLE} s WHERE {condition}")
                count, lines = cursor.fetchone()
                if count:
                    problems.append({"code": code, "count": count, "lines": lines})
            cursor.execute(_TWICE)
            count, lines = cursor.fetchone()
            if count:
                problems.append({"code": "TWICE", "count": count, "lines": lines})
            cursor.execute(_UNKNOWN_CUSTOMERS)
            unknown = cursor.fetchall()
            if unknown:
                numbers = [number for number, *_ in unknown]
                lines = sorted(line for *_, first in unknown for line in first)
                problems.append({"code": "UNKNOWN_CUSTOMER", "count": sum(count for _, count, _ in unknown), "lines": lines[:MOST_TOLD], "numbers": numbers})
        return problems


def drop() -> None:
    """Take the tables away, also those of an intake that failed: the connection goes back to a pool."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in (TABLE, *DERIVED))}")


def _copy(piece: list[str]) -> None:
    """Write the lines, and forget them."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {TABLE} FROM STDIN") as copy:
        copy.write("".join(piece).encode())
    piece.clear()


def _copied(values: list[str | None], *, is_plain: bool) -> str:
    """The line of COPY's text format. Where JSON had nothing to escape, there is nothing to escape for COPY either."""
    if not is_plain:
        values = [value and value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t") for value in values]
    return "\t".join([value if value is not None else absent for value, absent in zip(values, _ABSENT, strict=True)]) + "\n"


@contextlib.contextmanager
def _few_collections() -> Iterator[None]:
    """Lines are made and dropped without cycles; the collector would look through them again and again."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _sums(cursor: Any, basis: InvoiceBasis) -> Iterator[Problem]:
    """To the öre."""
    cursor.execute(f"SELECT coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE amount < 0), 0) FROM {TABLE}")
    total, credited = cursor.fetchone()
    if total != basis.total:
        yield {"code": "TOTAL", "said": f"{basis.total:.2f}", "read": f"{total:.2f}"}
    if basis.credits is not None and credited != basis.credits:
        yield {"code": "CREDITS", "said": f"{basis.credits:.2f}", "read": f"{credited:.2f}"}


# PostgreSQL rounds numerics half away from zero, as the contract's half up is meant: what is credited is what was charged.
_PER_LINE = {
    "AMOUNT": "round(quantity * unit_price, 2) <> amount",
    "CREDIT_SIGN": f"CASE WHEN kind = '{sesam2.CREDIT}' THEN quantity >= 0 OR amount > 0 ELSE quantity < 0 OR amount < 0 END",
    "VAT_RATE": "vat_rate <> round(vat_rate, 4)",
}
_TWICE = f"""
SELECT count(*), (array_agg(line ORDER BY line))[1:{MOST_TOLD}]
  FROM (SELECT line FROM {TABLE} GROUP BY line HAVING count(*) > 1) twice
"""
_UNKNOWN_CUSTOMERS = f"""
SELECT s.customer_number, count(*), (array_agg(s.line ORDER BY s.line))[1:{MOST_TOLD}]
  FROM {TABLE} s LEFT JOIN accounts_customer c ON c.number = s.customer_number
 WHERE c.number IS NULL GROUP BY s.customer_number ORDER BY s.customer_number LIMIT {MOST_TOLD}
"""
