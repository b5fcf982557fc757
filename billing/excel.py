"""A basis as a workbook or a CSV: the lines, what they come to, and what the file is."""

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from billing.models import ChargingKind, InvoiceBasis, InvoiceLine
from catalog import classes
from core import excel
from core.excel import Column, Kind, Value
from core.templatetags.ui import iso_code

COLUMNS = (
    Column("Månad", width=10),
    Column("Betalare", width=12),
    Column("Rad", Kind.INTEGER, 9),
    Column("Debiteringsform", width=22),
    Column("Kundnummer", width=13),
    Column("Kund", width=30),
    Column("Kostnadsställe", width=18),
    Column("Enhet, HSA-id", width=22),
    Column("Enhet", width=30),
    Column("Patient", width=15),
    Column("Ordernummer", width=19),
    Column("Artikelnummer", width=15),
    Column("Benämning", width=36),
    Column("ISO-kod", width=10),
    Column("Individnummer", width=15),
    Column("Från", Kind.DATE, 11),
    Column("Till", Kind.DATE, 11),
    Column("Dagar", Kind.INTEGER, 8),
    Column("Antal", Kind.QUANTITY, 10),
    Column("Sort", width=8),
    Column("À-pris", Kind.MONEY, 12),
    Column("Belopp", Kind.MONEY, 14),
    Column("Moms, %", Kind.PERCENT, 9),
    Column("Text", width=40),
)
_SUMS = (Column("Rader", Kind.INTEGER), Column("Belopp", Kind.MONEY))


@dataclasses.dataclass(frozen=True)
class Names:
    """What customers and units are called, by number and HSA-id."""

    customers: dict[str, str]
    units: dict[str, str]


@dataclasses.dataclass
class Tally:
    """What was written, added up as it was written."""

    lines: int = 0
    total: Decimal = Decimal("0.00")
    credited: Decimal = Decimal("0.00")
    by_unit: dict[str, list] = dataclasses.field(default_factory=lambda: defaultdict(lambda: [0, Decimal("0.00")]))
    by_group: dict[str, list] = dataclasses.field(default_factory=lambda: defaultdict(lambda: [0, Decimal("0.00")]))
    by_kind: dict[str, list] = dataclasses.field(default_factory=lambda: defaultdict(lambda: [0, Decimal("0.00")]))

    def add(self, line: InvoiceLine) -> None:
        self.lines += 1
        self.total += line.amount
        if line.amount < 0:
            self.credited += line.amount
        for sums, key in ((self.by_unit, line.unit_hsa_id), (self.by_group, line.iso_code[:4]), (self.by_kind, line.kind)):
            sums[key][0] += 1
            sums[key][1] += line.amount


@dataclasses.dataclass(frozen=True)
class About:
    """What the sheet Om filen tells besides the sums: what was chosen, as (what, which), whether patients are shown, and when it was made.

    `said_total` is what SESAM2 says that the whole basis comes to: None for who may read a part of it alone.
    """

    filters: Sequence[tuple[str, str]]
    shows_patients: bool
    made_at: datetime.datetime
    said_total: Decimal | None


def rows(basis: InvoiceBasis, lines: Iterable[InvoiceLine], names: Names, tally: Tally) -> Iterator[list[Value]]:
    """The lines as rows of `COLUMNS`, added up on the way."""
    month = f"{basis.period:%Y-%m}"
    kinds = dict(ChargingKind.choices)
    customers, units = names.customers, names.units
    for line in lines:
        tally.add(line)
        yield [
            month,
            basis.payer_number,
            line.line,
            str(kinds[line.kind]),
            line.customer_number,
            customers.get(line.customer_number, ""),
            line.cost_reference,
            line.unit_hsa_id,
            units.get(line.unit_hsa_id, ""),
            line.patient_number,
            line.order_number,
            line.article_number,
            line.name,
            line.iso_code,
            line.individual_number,
            line.from_on,
            line.to_on,
            line.days,
            line.quantity,
            line.unit,
            line.unit_price,
            line.amount,
            line.vat_rate,
            line.text,
        ]


def write_workbook(path: Path, basis: InvoiceBasis, lines: Iterable[InvoiceLine], names: Names, about: About) -> Tally:
    """The sheets Underlag, Sammanställning and Om filen. Scratch lies beside the file. Returns what was written."""
    tally = Tally()
    with excel.Book(path, title=f"Fakturaunderlag {basis.period:%Y-%m}", scratch=path.parent) as book:
        book.table("Underlag", COLUMNS, rows(basis, lines, names, tally))
        _write_sums(book, names, tally)
        _write_about(book, basis, about, tally)
    return tally


def write_csv(path: Path, basis: InvoiceBasis, lines: Iterable[InvoiceLine], names: Names) -> Tally:
    tally = Tally()
    with path.open("wb") as out:
        out.writelines(excel.csv_lines(COLUMNS, rows(basis, lines, names, tally)))
    return tally


def _write_sums(book: excel.Book, names: Names, tally: Tally) -> None:
    groups = classes.names_of(set(tally.by_group))
    kinds = dict(ChargingKind.choices)
    sheet = book.sheet("Sammanställning", [26, 40, 12, 16])
    tables = (
        ("Per enhet", "Enhet, HSA-id", "Enhet", tally.by_unit, lambda key: (key or "Utan enhet", names.units.get(key, ""))),
        ("Per artikelgrupp", "ISO-kod", "Artikelgrupp", tally.by_group, lambda key: (iso_code(key) or "Utan ISO-kod", groups.get(key, ""))),
        ("Per debiteringsform", "Debiteringsform", "", tally.by_kind, lambda key: (str(kinds[key]), "")),
    )
    for title, first, second, sums, told in tables:
        sheet.line(title, is_bold=True)
        sheet.table((Column(first), Column(second), *_SUMS), [(*told(key), *sums[key]) for key in sorted(sums)])
        sheet.line("Summa", None, tally.lines, tally.total, is_bold=True)
        sheet.line()


def _write_about(book: excel.Book, basis: InvoiceBasis, about: About, tally: Tally) -> None:
    sheet = book.sheet("Om filen", [30, 50])
    facts: list[tuple[str, Value]] = [
        ("Månad", basis.month),
        ("Betalare", basis.payer_number),
        ("Version", basis.version),
        ("Underlagets nummer i SESAM2", basis.basis_id),
        *[(f"Urval: {what}", which) for what, which in about.filters],
        *([] if about.filters else [("Urval", "Hela underlaget")]),
        ("Antal rader", tally.lines),
        ("Summa, kr exklusive moms", tally.total),
        ("Varav krediter, kr", tally.credited),
        *([] if about.said_total is None else [("Underlagets summa enligt SESAM2, kr", about.said_total)]),
        ("Patienternas nummer", "Visas, utom för personer med skyddade personuppgifter" if about.shows_patients else "Dolda"),
        ("Skapad", about.made_at),
    ]
    for what, value in facts:
        sheet.line(what, value)
