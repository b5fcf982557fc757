"""Workbooks for Excel, by XlsxWriter: no cell is active, whatever its text begins with, and the rows never lie in memory all at once."""

import datetime
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

import xlsxwriter
from django.utils import timezone

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | int | Decimal | datetime.date | None
# XML has no place for these, and Excel calls the file broken.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MAX_CELL = 32_767
_MAX_WIDTH = 60


def workbook(name: str, rows: Iterable[Sequence[Value]]) -> bytes:
    """One sheet named `name`, its first row the headings: frozen, and with a filter. Dates, times (in Swedish time) and numbers are real ones."""
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    bold, text = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
    of_type = {datetime.datetime: "yyyy-mm-dd hh:mm", datetime.date: "yyyy-mm-dd", Decimal: "#,##0.00"}
    formats = {kind: book.add_format({"num_format": shown}) for kind, shown in of_type.items()}
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    last = 0
    for number, row in enumerate(rows):
        if number == 0:
            for column, heading in enumerate(row):
                sheet.set_column(column, column, min(max(len(str(heading)) + 4, 12), _MAX_WIDTH))
        for column, value in enumerate(row):
            if isinstance(value, datetime.datetime):
                sheet.write_datetime(number, column, timezone.make_naive(value), formats[datetime.datetime])
            elif isinstance(value, datetime.date):
                sheet.write_datetime(number, column, value, formats[datetime.date])
            elif isinstance(value, int | Decimal):
                sheet.write_number(number, column, value, formats.get(type(value)))
            elif value not in (None, ""):
                sheet.write_string(number, column, _FORBIDDEN.sub("", str(value))[:_MAX_CELL], bold if number == 0 else text)
        last = number
        width = len(row)
    if last:
        sheet.autofilter(0, 0, last, width - 1)
    book.close()
    return out.getvalue()
