"""The one door to workbooks: what is written is what is read back, by another library; nothing in it is active."""

import csv
import datetime
import io
import random
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from xlsxwriter.worksheet import Worksheet

from core import excel
from core.excel import Book, Column, Kind
from tests.hostile_texts import HOSTILE, MARKUP

DAY = datetime.date(2026, 10, 31)
AT = datetime.datetime(2026, 10, 31, 10, 42, tzinfo=ZoneInfo("Europe/Stockholm"))
MIDNIGHT = AT.replace(hour=0, minute=0, tzinfo=None)


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(book: Any) -> list[Any]:
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def text(cell: Any) -> Any:
    """The cell's text as Excel shows it: the file's own escape for _x0041_ is undone there, not by this library."""
    return unescape(cell.value) if isinstance(cell.value, str) else cell.value


def written(columns: list[Column], rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with Book(out) as book:
        book.table("Blad", columns, rows)
    return out.getvalue()


# --- Nothing is active -------------------------------------------------------------------------------


def test_there_are_more_than_forty_hostile_texts_of_each_kind_that_is_asked_for() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) > 40
    assert {"=", "+", "-", "@", "\t"} <= {text[0] for text in HOSTILE}


@pytest.mark.parametrize(
    "make", [lambda rows: excel.workbook("Lista", [("A", "B"), *rows]), lambda rows: written([Column("A"), Column("B", Kind.MONEY)], rows)]
)
def test_hostile_texts_are_read_back_as_the_texts_that_they_are(make: Any) -> None:
    content = make([[value, value] for value in HOSTILE])
    book = read(content)
    [sheet] = book
    assert [tuple(map(text, row)) for row in sheet.iter_rows(min_row=2)] == [(value, value) for value in HOSTILE]
    assert {cell.data_type for cell in cells(book)} == {"s"}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheets = b"".join(package.read(name) for name in package.namelist() if "worksheets" in name)
        assert not [name for name in package.namelist() if "external" in name.lower() or name.endswith((".bin", "sheet1.xml.rels"))]
    assert b"<f>" not in sheets
    assert b"<hyperlink" not in sheets


def test_what_looks_like_a_formula_keeps_its_quote_so_that_it_is_none_when_the_cell_is_edited_either() -> None:
    [sheet] = read(excel.workbook("Lista", [["A"], ["=1+1"], ["Rullstol"], ["+46"], ["<r></r>"]]))
    assert [sheet.cell(row, 1).quotePrefix for row in (2, 3, 4, 5)] == [True, False, True, True]


def test_control_without_the_guard_the_library_writes_markup_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `_write_marked` is there for: a formula out of a text, in the very mode that is used."""
    monkeypatch.setattr(excel.Sheet, "_write_marked", lambda self, at, column, value, style: self._sheet.write_string(at, column, value, style))
    assert [cell.data_type for cell in cells(read(excel.workbook("Lista", [["A"], [MARKUP[2]]])))].count("f") == 1


def test_headings_and_names_may_be_hostile_too() -> None:
    out = io.BytesIO()
    with Book(out, title="=1+1") as book:
        sheet = book.sheet("Om filen", [20, 40])
        sheet.line("=1+1", "http://evil.example/", is_bold=True)
        sheet.table([Column("@A"), Column("<r></r>")], [["+1", "-1"]])
    assert {cell.data_type for cell in cells(read(out.getvalue()))} == {"s"}


# --- Every value is what it was ----------------------------------------------------------------------


def test_each_kind_is_a_real_value_of_its_kind() -> None:
    columns = [Column(kind.name, kind) for kind in Kind]
    [sheet] = read(written(columns, [["0042", 31, Decimal("1.250"), Decimal("-212.50"), Decimal(25), DAY, AT]]))
    assert [cell.value for cell in sheet[1]] == [kind.name for kind in Kind]
    assert [cell.value for cell in sheet[2]] == ["0042", 31, 1.25, -212.5, 25, MIDNIGHT, AT.replace(tzinfo=None)]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "n", "n", "d", "d"]
    assert [cell.number_format for cell in sheet[2]][1:] == [kind.value for kind in Kind][1:]


def test_a_simple_list_types_its_cells_by_their_values() -> None:
    [sheet] = read(excel.workbook("Lista", [["A", "B", "C", "D", "E", "F"], ["", None, True, 7, Decimal("0.10"), DAY]]))
    assert [cell.value for cell in sheet[2]] == [None, None, "Ja", 7, 0.1, MIDNIGHT]


def test_a_list_without_rows_has_its_headings_and_one_without_headings_is_empty() -> None:
    assert [[cell.value for cell in row] for row in read(excel.workbook("Lista", [["A", "B"]])).active.iter_rows()] == [["A", "B"]]
    assert read(excel.workbook("Lista", [])).active.max_row == 1


def test_amounts_are_read_back_to_the_ore() -> None:
    chance = random.Random(9)
    amounts = [Decimal(chance.randrange(-(10**13), 10**13)).scaleb(-2) for _ in range(3000)] + [Decimal("999999999999.99"), Decimal("-0.01"), Decimal("0.00")]
    [sheet] = read(written([Column("Belopp", Kind.MONEY)], [[amount] for amount in amounts]))
    back = [Decimal(str(cell.value)).quantize(Decimal("0.01")) for [cell] in sheet.iter_rows(min_row=2)]
    assert back == amounts
    assert sum(back) == sum(amounts)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("1234567890123456.78"), 10**15, datetime.date(1850, 1, 1), Decimal("1E+200")])
def test_what_excel_cannot_hold_as_it_is_becomes_text(value: Any) -> None:
    [sheet] = read(written([Column("A", Kind.MONEY)], [[value]]))
    assert (sheet["A2"].value, sheet["A2"].data_type) == (str(value), "s")


def test_a_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    longest, one_more, wide = "x" * excel.LONGEST_TEXT, "x" * (excel.LONGEST_TEXT + 1), "😀" * 40_000
    [sheet] = read(excel.workbook("Lista", [["A"], [longest], [one_more], [wide], ["y" * 1_000_000], ["efter"]]))
    values = [cell.value for [cell] in sheet.iter_rows(min_row=2)]
    assert values[0] == longest
    assert values[1] == "x" * (excel.LONGEST_TEXT - 1) + "…"
    assert values[2] == "😀" * (excel.LONGEST_TEXT // 2) + "…"
    assert len(values[3]) == excel.LONGEST_TEXT
    assert values[4] == "efter"


def test_control_characters_are_left_out_and_no_row_is_lost() -> None:
    [sheet] = read(excel.workbook("Lista", [["A"], ["a\x00b\x0bc\x1f\x7f"], ["d\ud800e\ufffe"], ["f\r\ng\rh"], ["\x00"], ["sist"]]))
    assert [cell.value for [cell] in sheet.iter_rows(min_row=2)] == ["abc", "de", "f\ng\nh", None, "sist"]


def test_a_cell_that_the_library_does_not_take_stops_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for method, value in (("write_string", "text"), ("write_number", 7), ("write_rich_string", "<r></r>")):
        with monkeypatch.context() as patch:
            patch.setattr(Worksheet, method, lambda self, row, column, *_: 0 if row == 0 else -1)
            with pytest.raises(excel.NotWritten), Book(tmp_path / "a.xlsx", scratch=tmp_path) as book:
                book.table("Blad", [Column("A", Kind.QUANTITY)], [[value]])
        assert list(tmp_path.iterdir()) == []


# --- How it looks ------------------------------------------------------------------------------------


def test_headings_stay_in_sight_with_a_filter_and_widths() -> None:
    [sheet] = read(written([Column("Nr", Kind.INTEGER), Column("Benämning", width=40), Column("B" * 99)], [[1, "Rullstol", "x"], [2, "Rollator", "y"]]))
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:C3"
    assert [round(sheet.column_dimensions[letter].width) for letter in "ABC"] == [11, 41, 61]
    assert sheet["A1"].font.bold


def test_what_a_sheet_does_not_hold_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 4)
    for number, sheets in ((3, [3]), (4, [3, 1]), (7, [3, 3, 1])):
        out = io.BytesIO()
        with Book(out) as book:
            assert book.table("Underlag", [Column("Rad", Kind.INTEGER)], iter([[n] for n in range(number)])) == number
        back = read(out.getvalue())
        assert back.sheetnames == ["Underlag", "Underlag 2", "Underlag 3"][: len(sheets)]
        assert [[cell.value for [cell] in sheet.iter_rows(min_row=2)] for sheet in back] == [list(range(3 * n, 3 * n + size)) for n, size in enumerate(sheets)]
        assert all(sheet["A1"].value == "Rad" for sheet in back)


def test_several_sheets_go_to_a_file_and_leave_nothing_else_behind(tmp_path: Path) -> None:
    path, scratch = tmp_path / "bok.xlsx", tmp_path / "scratch"
    scratch.mkdir()
    with Book(path, title="Underlag", scratch=scratch) as book:
        book.table("Underlag", [Column("Rad", Kind.INTEGER)], [[1]])
        sheet = book.sheet("Om filen", [20, 40])
        sheet.line("Period", "oktober 2026")
        sheet.line()
        assert sheet.table([Column("Enhet"), Column("Belopp", Kind.MONEY)], [["Rehab", Decimal("1.50")], ["Hem", Decimal("2.50")]]) == 2
        sheet.line("Summa", Decimal("4.00"), is_bold=True)
    assert list(scratch.iterdir()) == []
    back = openpyxl.load_workbook(path)
    assert [[cell.value for cell in row] for row in back["Om filen"].iter_rows()] == [
        ["Period", "oktober 2026"],
        [None, None],
        ["Enhet", "Belopp"],
        ["Rehab", 1.5],
        ["Hem", 2.5],
        ["Summa", 4],
    ]
    assert back.properties.title == "Underlag"


# --- CSV ---------------------------------------------------------------------------------------------


def test_csv_is_what_a_swedish_excel_opens() -> None:
    columns = [Column("Rad", Kind.INTEGER), Column("Benämning"), Column("Belopp", Kind.MONEY), Column("Dag", Kind.DATE), Column("Tid", Kind.TIME)]
    content = b"".join(excel.csv_lines(columns, [[1, 'Rullstol; "bred"', Decimal("-1234.50"), DAY, AT], [2, None, None, None, None], [3, True, 7, DAY, None]]))
    assert content.startswith(b"\xef\xbb\xbfRad;Ben")
    assert content.decode("utf-8-sig").split("\r\n") == [
        "Rad;Benämning;Belopp;Dag;Tid",
        '1;"Rullstol; ""bred""";-1234,50;2026-10-31;2026-10-31 10:42',
        "2;;;;",
        "3;Ja;7;2026-10-31;",
        "",
    ]


def test_no_cell_of_a_csv_is_active() -> None:
    content = b"".join(excel.csv_lines([Column("=A")], [[value] for value in HOSTILE]))
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == len(HOSTILE) + 1
    assert rows[0] == ["'=A"]
    for [cell], value in zip(rows[1:], HOSTILE, strict=True):
        assert cell.removeprefix("'") == value.removeprefix("'")
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))


def test_a_long_csv_comes_in_pieces() -> None:
    pieces = list(excel.csv_lines([Column("A")], ([f"rad {n} {'x' * 100}"] for n in range(5000))))
    assert len(pieces) > 5
    assert len(b"".join(pieces).splitlines()) == 5001
