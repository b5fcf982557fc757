"""How fast an invoice basis comes in and goes out: `python -m bench.billing [100000 250000 1000000]`, on a database of its own that is dropped at the end.

For each size a basis of so many lines is made as a gzip file of NDJSON, six tenths rents of aids that are lent, the rest sold on orders that are known,
one in a hundred wrong in one of the ways that the checks look for. Then, each in a process of its own so that its memory can be told:

- copy: the mark, a COPY of the same lines, as text that is formed beforehand, into a plain table; indexed: into one with the indexes of ours
- taken in: read, judged, stored, checked and published by `intake.take_in`, step by step
- workbook: made of the whole basis by `files.make`, from the database and into it again

The workbook's mark is a bare loop over XlsxWriter in constant memory, of ROWS rows × 20 columns; `Book.table` writes the same rows.
At the end the pages are asked for at each size, as `bench.lists` does: time, blocks, and the plan of the query that touched most.
"""

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

SIZES = [int(text) for text in sys.argv[1:] if text.isdigit()] or [100_000, 250_000, 1_000_000]
sys.argv[1:] = [str(size) for size in SIZES]  # what bench.lists calls its columns by
ROWS = int(os.environ.get("ROWS", "100000"))
# A workbook takes long: of bases up to so many lines.
MOST_IN_WORKBOOK = int(os.environ.get("MOST_IN_WORKBOOK", "1000000"))
ORDERS = 100_000
BATCH = 10_000
PAYER, CUSTOMERS = "900001", 8
GOODS = (("Duschstol", "093303", "105020", "SALE", "1195.00"), ("Inkontinensskydd", "093021", "106102", "CONSUMABLE", "129.90"))


def main() -> None:
    os.environ["ENVIRONMENT"] = "test"
    os.environ["TEST_DATABASE_NAME"] = "bench_billing"
    from websesam import embedded

    with embedded.servers(["bench", "run"]):
        os.environ["DJANGO_SETTINGS_MODULE"] = "websesam.settings"
        import django

        django.setup()
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        setup_test_environment()
        databases = setup_databases(verbosity=0, interactive=False, aliases=["default"])
        try:
            with tempfile.TemporaryDirectory() as folder:
                measure(Path(folder))
        finally:
            from django.db import connections

            connections.close_all()
            teardown_databases(databases, verbosity=0)


def measure(folder: Path) -> None:
    from bench.lists import _compare, _measure, run

    world = make_world(max(SIZES))
    results = []
    bare = in_own_process("write_bare", str(folder))
    rows = int(bare["rows"])
    ours = in_own_process("write_ours", str(folder))
    print(f"{rows:,} × 20: bare XlsxWriter {bare['seconds']:.1f} s, core.excel {ours['seconds']:.1f} s, {ours['seconds'] / bare['seconds']:.2f} ×", flush=True)
    for place, size in enumerate(SIZES):
        path = folder / f"{size}.ndjson.gz"
        write_lines(path, size)
        copied, taken = in_own_process("bare_copy", str(path)), in_own_process("take", str(path), str(place))
        steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in taken["steps"].items())
        print(f"\n{size:,} lines, {path.stat().st_size / 1e6:.1f} MB gzip; {taken['findings']} findings")
        print(f"copy {copied['seconds']:.1f} s, indexed {copied['indexed']:.1f} s, memory {copied['held']:.0f} MB")
        ratios = f"{taken['seconds'] / copied['seconds']:.1f} × copy, {taken['seconds'] / copied['indexed']:.1f} × indexed"
        print(f"taken in {taken['seconds']:.1f} s = {ratios} ({steps})")
        print(f"  memory: {taken['before']:.0f} MB before, at most {taken['held']:.0f} MB", flush=True)
        if size <= MOST_IN_WORKBOOK:
            made = in_own_process("make_file", str(taken["basis"]))
            a_row = bare["seconds"] / rows
            print(f"workbook {made['seconds']:.1f} s, {made['size'] / 1e6:.1f} MB = {made['seconds'] / size / a_row:.1f} × a bare row of 20")
            print(f"  memory: {made['before']:.0f} MB before, at most {made['held']:.0f} MB", flush=True)
        run("VACUUM ANALYZE")
        world.grow(taken["basis"], size)
        results.append(_measure(world))
        _compare(results)


# --- The world ---------------------------------------------------------------------------------------


def make_world(size: int) -> Any:
    """Orders, and aids that are lent, as many as the greatest basis charges for; and a fakturaläsare."""
    from accounts.models import CareUnit, Customer
    from bench import lists
    from billing.models import InvoiceGrant
    from tests import factories

    class World(lists.World):
        def grow(self, basis: int, size: int) -> None:
            self.basis, self.size = basis, size

        def pages(self) -> dict[str, str]:
            return pages(self.basis, self.size)

    world = World()
    world.grow_to(ORDERS)
    provider = CareUnit.objects.get(pk=world.by[0][0].unit_id).provider_id
    lists.run("SET statement_timeout = 0; SET session_replication_role = replica")
    lists.run(
        """
        INSERT INTO patients_loan (patient_id, provider_id, unit_id, article_id, individual_number, quantity, lot, udi, order_number, source,
          earlier_numbers, is_under_investigation, is_lost, on_pickup, returned, started_at)
        SELECT 1000000 + i %% %(patients)s, %(provider)s, %(unit)s, %(article)s, '40-' || i, 1, '', '', '', 'bench/' || i,
          '{}', false, false, 0, 0, timestamptz '2025-01-01'
        FROM generate_series(1, %(size)s) i
        """,
        size=size,
        patients=ORDERS // 25,
        provider=provider,
        unit=world.by[0][0].unit_id,
        article=world.articles[0].pk,
    )
    lists.run("SET session_replication_role = DEFAULT")
    unit = world.by[0][0].unit
    for number in range(CUSTOMERS):
        Customer.objects.create(number=customer_of(number), unit=unit, name=f"Kund {number}", payer_number=PAYER, payer_name="Betalaren")
    reader = factories.assignment("Rut Bänk", "INVOICE_READER", at=unit)
    InvoiceGrant.objects.create(assignment=reader, payer_number=PAYER, sees_patients=True)
    world.client.force_login(reader.user)
    lists.run("VACUUM ANALYZE")
    return world


def customer_of(number: int) -> str:
    return f"61{number % CUSTOMERS:04}"


def write_lines(path: Path, size: int) -> None:
    """Beside it a file of what is announced."""
    total, period = Decimal(0), "2026-10"
    with gzip.open(path, "wb", compresslevel=1) as out:
        for number in range(1, size + 1):
            line = {
                "line": number,
                "customerNumber": customer_of(number),
                "costReference": f"K{number % 40:03}",
                "unitHsaId": f"SE2321000131-E{number % 60:04}",
                "patientId": f"B{number % (ORDERS // 25):011}",
                "text": "",
                "vatRate": "25",
            }
            if number % 10 < 6:
                # Every hundredth aid once more: a double rent.
                aid = number - 1 if number % 100 == 1 and number > 1 else number
                line |= {"kind": "RENT", "individualNumber": f"40-{aid}", "patientId": f"B{aid % (ORDERS // 25):011}", "name": "Manuell rullstol"}
                line |= {"isoCode": f"1222{number % 30:02}", "articleNumber": f"104{number % 500:03}", "from": f"{period}-01", "to": f"{period}-31", "days": 31}
                line |= {"quantity": "1", "unit": "mån", "unitPrice": "212.50", "amount": "212.50"}
                total += Decimal("212.50")
            else:
                name, iso, article, kind, price = GOODS[number % 2]
                order = number % ORDERS
                line |= {"kind": kind, "orderNumber": f"K-2026-{order:08}-{order % 10}", "name": name, "isoCode": iso, "articleNumber": article}
                line |= {"quantity": "2", "unit": "st", "unitPrice": price, "amount": f"{2 * Decimal(price):.2f}", "patientId": f"B{order // 25:011}"}
                total += 2 * Decimal(price)
            out.write(json.dumps({key: value for key, value in line.items() if value != ""}, ensure_ascii=False).encode() + b"\n")
    path.with_suffix(".json").write_text(json.dumps({"lines": size, "total": f"{total:.2f}"}))


def lines_of(path: Path) -> Generator[bytes]:
    with gzip.open(path, "rb") as lines:
        for line in lines:
            yield line.rstrip(b"\n")


# --- What is measured, each in a process of its own ----------------------------------------------------


def in_own_process(what: str, *arguments: str) -> dict[str, Any]:
    from django.db import connection

    base, _, query = os.environ["DATABASE_URL"].partition("?")
    address = f"{base.rpartition('/')[0]}/{connection.settings_dict['NAME']}{'?' + query if query else ''}"
    script = f"import sys, django; django.setup(); from bench import billing; billing.child({what!r}, *sys.argv[1:])"
    environment = {**os.environ, "DATABASE_URL": address}
    done = subprocess.run([sys.executable, "-c", script, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def child(what: str, *arguments: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    before = held()
    began = time.monotonic()
    told = {"write_bare": write_bare, "write_ours": write_ours, "bare_copy": bare_copy, "take": take, "make_file": make_file}[what](*arguments)
    print(json.dumps({"seconds": time.monotonic() - began, "before": before} | told | {"held": held()}))


def held() -> float:
    """The most memory that this process has held so far, MB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def twenty_columns() -> Iterator[list[Any]]:
    """Ten texts and ten numbers a row, as a line has them."""
    texts = ["2026-10", "701489", "Hyra", "600201", "Rehab Alingsås torg", "SE2321000131-E0001", "K-2026-00004711-8", "104501", "Manuell rullstol", "40-4711"]
    for number in range(ROWS):
        yield [*texts, number, 1, 31, number % 7, 25, *[Decimal(number) / 100] * 5]


def write_bare(folder: str) -> dict[str, Any]:
    import xlsxwriter

    book = xlsxwriter.Workbook(f"{folder}/bare.xlsx", {"constant_memory": True, "tmpdir": folder})
    sheet = book.add_worksheet()
    for at, row in enumerate(twenty_columns()):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(at, place, value)
            else:
                sheet.write_number(at, place, value)
    book.close()
    return {"rows": ROWS}


def write_ours(folder: str) -> dict[str, Any]:
    from core.excel import Book, Column, Kind

    columns = [
        *(Column(f"Text {n}") for n in range(10)),
        *(Column(f"Antal {n}", Kind.INTEGER) for n in range(5)),
        *(Column(f"Kr {n}", Kind.MONEY) for n in range(5)),
    ]
    with Book(Path(folder) / "ours.xlsx", scratch=Path(folder)) as book:
        book.table("Underlag", columns, twenty_columns())
    return {}


def bare_copy(path: str) -> dict[str, Any]:
    from itertools import islice

    from django.db import connection, transaction

    from billing import sesam2
    from billing.actions.staging import _copied

    columns = ", ".join(f"{name} {kind}" for name, kind in zip(sesam2.COLUMNS, sesam2.TYPES, strict=True))
    seconds = {"bench_plain": 0.0, "bench_indexed": 0.0}
    names = ", ".join(sesam2.COLUMNS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_plain ({columns})")
        cursor.execute("CREATE TABLE bench_indexed (LIKE billing_invoiceline INCLUDING INDEXES)")
        cursor.execute("ALTER TABLE bench_indexed ALTER basis_id SET DEFAULT 1, ALTER id DROP NOT NULL, DROP CONSTRAINT bench_indexed_pkey")
        lines = lines_of(Path(path))
        while batch := list(islice(lines, BATCH)):
            text = "".join([_copied(sesam2.read(raw), is_plain=b"\\" not in raw) for raw in batch]).encode()
            for table in seconds:
                began = time.monotonic()
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    copy.write(text)
                seconds[table] += time.monotonic() - began
        transaction.set_rollback(True)
    return {"seconds": seconds["bench_plain"], "indexed": seconds["bench_indexed"]}


def take(path: str, place: str) -> dict[str, Any]:
    import datetime

    from billing.actions import intake
    from billing.models import Finding
    from billing.sesam2 import Announced

    said = json.loads(Path(path).with_suffix(".json").read_text())
    period = datetime.date(2026, 10 - int(place), 1)
    basis = intake.record_available(Announced(f"FU-{place}", 1, period, PAYER, said["lines"], Decimal(said["total"]), None, ""))
    steps: dict[str, float] = {}
    last = began = time.monotonic()

    def step(name: str) -> None:
        nonlocal last
        now = time.monotonic()
        if name != "fetching":
            steps[name], last = now - last, now

    result = intake.take_in(basis.pk, fetch=lambda _: lines_of(Path(path)), step=step)
    seconds = time.monotonic() - began
    basis.refresh_from_db()
    assert result is intake.Taken.PUBLISHED, basis.problems
    return {"seconds": seconds, "steps": steps, "basis": basis.pk, "findings": Finding.objects.filter(basis=basis).count()}


def make_file(basis: str) -> dict[str, Any]:
    from billing.actions import files
    from billing.models import InvoiceFile

    file = InvoiceFile.objects.get(basis=int(basis))
    assert files.make(file.pk)
    file.refresh_from_db()
    return {"size": file.size}


# --- The pages ---------------------------------------------------------------------------------------


def pages(basis: int, size: int) -> dict[str, str]:
    from billing.models import Check, Finding, InvoiceBasis

    shown = InvoiceBasis.objects.get(pk=basis)
    here = shown.get_absolute_url()
    from core.paging import keyset_page

    middle = keyset_page(shown.lines.filter(line__gt=size // 2), order=("line",), cursor=None, size=25).next_cursor
    lines = {
        "lines": {},
        "lines, middle": {"cursor": middle},
        "one customer": {"kund": customer_of(3)},
        "one unit": {"enhet": "SE2321000131-E0007"},
        "one kind": {"slag": "CONSUMABLE"},
        "one group": {"grupp": "1222"},
        "one article": {"artikel": "104007"},
        "an order": {"nummer": f"K-2026-{17:08}-7"},
        "an aid": {"nummer": f"40-{size // 2 + 1}"},
        "no such article": {"artikel": "finns-inte"},
        "unit and group": {"enhet": "SE2321000131-E0007", "grupp": "0930"},
        "stopped by a check": {"kontroll": "DOUBLE_RENT"},
    }
    found = {"months × payers": "/fakturaunderlag/", "month": here}
    found |= {name: f"{here}rader/?{urlencode(query)}" for name, query in lines.items()}
    found |= {f"check {check.value.lower()[:12]}": f"{here}kontroller/?kontroll={check.value}" for check in Check}
    first = Finding.objects.filter(basis=shown).order_by("pk").first()
    return found | {"a line": f"{here}rader/{size // 2}/"} | ({"a finding": f"{here}kontroller/{first.pk}/"} if first else {})


if __name__ == "__main__":
    sys.exit(main())
