"""Workbooks for Excel, and lists as CSV: the one door to XlsxWriter. No cell is active, whatever its text begins with, and the rows never lie in memory.

XlsxWriter (3.3) was chosen since with the options below it writes no formula and no link, holds one row at a time, and says with a return code what it
did not take; each code is looked at. One hole is closed here: held row by row, a text that begins with <r> and ends with </r> would be written as it is,
markup and all (`Sheet._write_marked`).
"""

import csv
import datetime
import enum
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import xlsxwriter
from django.utils import timezone
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_CONTENT_TYPE = "text/csv; charset=utf-8"
Value = str | int | Decimal | datetime.date | None
# Excel's own limits: rows of a sheet, UTF-16 units of a cell, digits of a number.
MOST_ROWS = 1_048_576
LONGEST_TEXT = 32_767
_MOST_DIGITS = 15
# Excel's calendar begins with a leap year that never was: before its third month dates are a day wrong.
_FIRST_DATE = datetime.date(1900, 3, 1)
_DAY_ZERO = datetime.date(1899, 12, 30).toordinal()
_NUMBERS = frozenset({int, Decimal})
# XML has no place for these, and Excel calls the file broken.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_NARROWEST, _WIDEST = 10, 60
# What a spreadsheet may take for the beginning of a formula; the wide ones count in some of them.
_ACTIVE = tuple("=+-@\t\r\n＝＋－＠|%")


class Kind(enum.Enum):
    """What a column holds, and how Excel shows it."""

    TEXT = ""
    INTEGER = "0"
    QUANTITY = "#,##0.###"
    MONEY = "#,##0.00"
    PERCENT = "0.##"
    DATE = "yyyy-mm-dd"
    TIME = "yyyy-mm-dd hh:mm"


class NotWritten(Exception):
    """The library did not take a cell: the file would not hold what it should."""


class Column:
    """A column of a table: its heading, what it holds, and how wide it is shown (0: as wide as the heading)."""

    def __init__(self, heading: str, kind: Kind = Kind.TEXT, width: int = 0) -> None:
        self.heading, self.kind = heading, kind
        self.width = min(max(width or len(heading) + 4, _NARROWEST), _WIDEST)


def workbook(name: str, rows: Iterable[Sequence[Value]]) -> bytes:
    """A simple list: one sheet named `name`, its first row the headings, each cell typed by its value. See `Book.table`."""
    out = io.BytesIO()
    remaining = iter(rows)
    headings = next(remaining, ())
    with Book(out) as book:
        book.table(name, [Column(str(heading)) for heading in headings], remaining)
    return out.getvalue()


class Book:
    """A workbook that is written sheet by sheet and row by row, into a file or a stream; it is whole when the block ends.

    `scratch` is a folder for the sheets until they are packed together (about ten times the file); the system's own without it.
    Raises `NotWritten`.
    """

    def __init__(self, out: Path | IO[bytes], *, title: str = "", scratch: Path | None = None) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "tmpdir": str(scratch) if scratch else None,
        }
        self._book = xlsxwriter.Workbook(str(out) if isinstance(out, Path) else out, options)
        self._book.use_zip64()
        self._book.set_properties({"title": title, "created": timezone.now().replace(tzinfo=None)})
        self.bold = self._book.add_format({"bold": True})
        self.heading = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.inert = self._book.add_format({"quote_prefix": True})
        self.formats: dict[Kind, Format] = {kind: self._book.add_format({"num_format": kind.value}) for kind in Kind if kind.value}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self._book.close()
            return
        # What failed in the middle is no file; its scratch goes with it.
        for sheet in self._book.worksheets():
            sheet._opt_close()  # noqa: SLF001 - the library has no other way to let go of its temporary files
            Path(sheet.row_data_filename).unlink(missing_ok=True)
        self._book.fileclosed = 1

    def table(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> int:
        """A sheet that is one table: headings that stay in sight, a filter, widths. Returns how many rows.

        What does not fit goes on in another sheet of the same headings, `name` 2 and so on.
        """
        remaining = iter(rows)
        first: list[Sequence[Value]] = []
        written, number = 0, 1
        while True:
            sheet = self.sheet(name if number == 1 else f"{name} {number}", [column.width for column in columns])
            here = sheet.table(columns, itertools.islice(itertools.chain(first, remaining), MOST_ROWS - 1))
            sheet.is_list(here, len(columns))
            written, number, first = written + here, number + 1, list(itertools.islice(remaining, 1))
            if not first:
                return written

    def sheet(self, name: str, widths: Sequence[int] = ()) -> "Sheet":
        """An empty sheet, written from the top down."""
        sheet = self._book.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        # Article numbers and the like are texts on purpose: no green corner on each of them.
        sheet.ignore_errors({"number_stored_as_text": f"A1:{xlsxwriter.utility.xl_rowcol_to_cell(MOST_ROWS - 1, max(len(widths), 2) - 1)}"})
        return Sheet(self, sheet)


class Sheet:
    """One sheet of a `Book`. `at` is the next row, from 0."""

    def __init__(self, book: Book, sheet: Worksheet) -> None:
        self._book, self._sheet = book, sheet
        self.at = 0

    def line(self, *values: Value, is_bold: bool = False) -> None:
        """One row of cells, typed by their values; without any, an empty one."""
        for column, value in enumerate(values):
            self._write(self.at, column, value, Kind.TEXT, self._book.bold if is_bold else None)
        self.at += 1

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> int:
        """Headings and rows. A value that is not of its column's kind is written as what it is. Returns how many rows."""
        for place, column in enumerate(columns):
            self._write(self.at, place, column.heading, Kind.TEXT, self._book.heading)
        first = self.at = self.at + 1
        write, text, number = self._write, self._sheet.write_string, self._sheet.write_number
        kinds = [column.kind for column in columns]
        formats = [self._book.formats.get(column.kind) for column in columns]
        for at, row in enumerate(rows, start=first):
            for place, value in enumerate(row):
                # By far the most cells, spared a call: short texts that nobody can take for anything else, and numbers in a column of numbers.
                if value.__class__ is str:
                    if value[:1].isalnum() and len(value) < LONGEST_TEXT // 2 and value.isprintable():
                        if text(at, place, value):
                            raise NotWritten(f"row {at}, column {place}")
                    elif value:
                        write(at, place, value, kinds[place])
                elif formats[place] is not None and value.__class__ in _NUMBERS and _fits(value):
                    if number(at, place, value, formats[place]):
                        raise NotWritten(f"row {at}, column {place}")
                elif value is not None:
                    write(at, place, value, kinds[place])
            self.at = at + 1
        return self.at - first

    def is_list(self, rows: int, columns: int) -> None:
        """The sheet is one table of so many rows below its headings: they stay in sight, and can be filtered by."""
        self._sheet.freeze_panes(1, 0)
        if rows:
            self._sheet.autofilter(0, 0, rows, columns - 1)

    def _write(self, at: int, column: int, value: Value, kind: Kind, style: Format | None = None) -> None:
        if value is None or value == "":
            return
        formats = self._book.formats
        code = 0
        if isinstance(value, bool):
            code = self._sheet.write_string(at, column, "Ja" if value else "Nej", style)
        elif isinstance(value, datetime.datetime):
            code = self._sheet.write_datetime(at, column, timezone.make_naive(value) if timezone.is_aware(value) else value, formats[Kind.TIME])
        elif isinstance(value, datetime.date) and value >= _FIRST_DATE:
            code = self._sheet.write_number(at, column, value.toordinal() - _DAY_ZERO, formats[Kind.DATE])
        elif isinstance(value, int | Decimal) and _fits(value):
            code = self._sheet.write_number(at, column, value, formats[kind] if kind.value else self._number_format(value))
        else:
            code = self._write_text(at, column, str(value), style)
        if code:
            raise NotWritten(f"row {at}, column {column}: {code}")

    def _number_format(self, value: int | Decimal) -> Format | None:
        return self._book.formats[Kind.MONEY] if isinstance(value, Decimal) else None

    def _write_text(self, at: int, column: int, value: str, style: Format | None) -> int:
        text = cell_text(value)
        if not text:
            return 0
        style = style or (None if text[0].isalnum() else self._book.inert)
        if text.startswith("<r>") and text.endswith("</r>"):
            return self._write_marked(at, column, text, style)
        code: int = self._sheet.write_string(at, column, text, style)
        return code

    def _write_marked(self, at: int, column: int, text: str, style: Format | None) -> int:
        """As two runs, each of which the library escapes; as one it would take the text for markup of its own, and write it unescaped."""
        code: int = self._sheet.write_rich_string(at, column, text[:1], self._book.inert, text[1:], style or self._book.inert)
        return code


def _fits(value: Any) -> bool:
    """Whether Excel holds the number to its last digit."""
    if isinstance(value, int):
        return abs(value) < 10**_MOST_DIGITS
    return value.is_finite() and len(value.as_tuple().digits) <= _MOST_DIGITS and abs(value.adjusted()) < 100


def cell_text(value: str) -> str:
    """The text as a cell holds it: line ends as line feeds, without what XML has no place for, and no longer than a cell (cut with … at its end)."""
    text = _FORBIDDEN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) <= LONGEST_TEXT // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) // 2 <= LONGEST_TEXT:
        return text
    return units[: 2 * (LONGEST_TEXT - 1)].decode("utf-16-le", "ignore") + "…"


# --- CSV ---------------------------------------------------------------------------------------------


def csv_lines(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """A list as a file that Excel opens in Swedish: UTF-8 with its mark, semicolons, decimal comma. Text that might act gets a ' before it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    out.write("\ufeff")
    writer.writerow([_csv_cell(column.heading) for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(value) for value in row])
        if out.tell() > 64 * 1024:
            yield _emptied(out)
    yield _emptied(out)


def _emptied(out: io.StringIO) -> bytes:
    content = out.getvalue().encode()
    out.seek(0)
    out.truncate()
    return content


def _csv_cell(value: Value) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    if isinstance(value, datetime.datetime):
        return f"{timezone.make_naive(value) if timezone.is_aware(value) else value:%Y-%m-%d %H:%M}"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else value
    text = _FORBIDDEN.sub("", value)
    # Also behind blanks, which some spreadsheets skip.
    return f"'{text}" if text.lstrip(" ").startswith(_ACTIVE) or text.startswith(_ACTIVE) else text
