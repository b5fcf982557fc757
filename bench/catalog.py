"""How fast a feed goes in: `python -m bench.catalog [--articles 200000] [--rounds 5]`, on a database of its own.

- copy: the mark, COPY of the same rows (organisations, products, articles, references, media, price rows), already read, from Python into plain tables
- text: the same rows as one text per table, formed beforehand, so that only PostgreSQL's part of a COPY is left
- full: a FULL into an empty catalogue; full 1 %: a FULL after it in which 1 % has changed; delta 1 %: the same change as DELTA
- row by row: the articles of a sample through update_or_create, reckoned up to all of them
- memory: the most that the importing process held, and how much of it was held before the import began (Linux)
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

SAMPLE = 500
# Elements read at once, for the mark; large, so that the mark is not slowed by many small COPYs.
BATCH = 20_000
TABLES = ("feed_org", "feed_category", "feed_item", "feed_ref", "feed_media", "feed_list", "feed_row")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ["ENVIRONMENT"] = "test"
    os.environ["TEST_DATABASE_NAME"] = "bench_websesam"
    os.environ["LOG_LEVEL"] = "ERROR"
    from websesam import embedded

    with embedded.servers(["bench", "run"]):
        os.environ["DJANGO_SETTINGS_MODULE"] = "websesam.settings"
        import django

        django.setup()
        from django.test.utils import setup_databases, teardown_databases

        databases = setup_databases(verbosity=0, interactive=False, aliases=["default"])
        try:
            with tempfile.TemporaryDirectory() as folder:
                run(Path(folder), options.articles, options.rounds)
        finally:
            from django.db import connections

            connections.close_all()
            teardown_databases(databases, verbosity=0)


def run(folder: Path, articles: int, rounds: int) -> None:
    first, full, delta = make_feeds(folder, articles)
    times: dict[str, list[float]] = {"copy": [], "text": [], "full": [], "full 1 %": [], "delta 1 %": []}
    held: dict[str, list[int]] = {}
    before = 0
    for _ in range(rounds):
        for name, seconds in bare_copy(first).items():
            times[name].append(seconds)
        for name, path, after in (("full", first, ()), ("full 1 %", full, ()), ("delta 1 %", delta, (first,))):
            if name != "full 1 %":
                empty()
            for earlier in after:
                imported(earlier)
            seconds, before, most = imported(path)
            times[name].append(seconds)
            held.setdefault(name, []).append(most)
    marks = {name: statistics.median(times[name]) for name in ("copy", "text")}
    print(f"{articles} articles, {first.stat().st_size / 1e6:.1f} MB, median of {rounds} rounds")
    for name, measured in times.items():
        tell(name, statistics.median(measured), marks, f"   ({min(measured):.2f}–{max(measured):.2f})")
    slow = row_by_row() * articles / SAMPLE
    tell("row by row", slow, marks, f"   full is 1/{slow / statistics.median(times['full']):.0f} of it")
    most_held = ", ".join(f"{name} {max(most) / 1024:.0f}" for name, most in held.items())
    print(f"memory: {before / 1024:.0f} MB before, at most {most_held} MB")


def tell(name: str, seconds: float, marks: dict[str, float], note: str) -> None:
    print(f"{name:12} {seconds:8.2f} s {seconds / marks['copy']:8.1f} × copy {seconds / marks['text']:8.1f} × text{note}")


def make_feeds(folder: Path, articles: int) -> tuple[Path, Path, Path]:
    from django.conf import settings

    from catalog.demo.delta import write_next
    from catalog.demo.feed import Order, write_feed

    first, full, delta = (folder / name for name in ("first.xml", "full.xml", "delta.xml"))
    with first.open("w", encoding="utf-8") as file:
        write_feed(Order(articles, 1, settings.SESAM2_GLN), file)
    for path, mode in ((full, "FULL"), (delta, "DELTA")):
        with path.open("w", encoding="utf-8") as file:
            write_next(first, file, share=0.01, seed=1, mode=mode)
    return first, full, delta


def imported(path: Path) -> tuple[float, int, int]:
    """Seconds, and the memory in KB that the process held before and at most, of one import in a process of its own; its start is not counted."""
    script = (
        "import re, sys, time, django; django.setup(); from pathlib import Path; from catalog.actions import import_feed\n"
        "held = lambda: re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "from django.db import connection; connection.ensure_connection(); before = held(); began = time.monotonic()\n"
        "row = import_feed(Path(sys.argv[1])); print(row.status, time.monotonic() - began, before, held(), row.reason)"
    )
    from django.db import connection

    base, _, query = os.environ["DATABASE_URL"].partition("?")
    address = f"{base.rpartition('/')[0]}/{connection.settings_dict['NAME']}{'?' + query if query else ''}"
    done = subprocess.run([sys.executable, "-c", script, str(path)], env={**os.environ, "DATABASE_URL": address}, capture_output=True, text=True, check=True)
    status, seconds, before, most, *reason = done.stdout.split()
    assert status == "APPLIED", reason
    return float(seconds), int(before), int(most)


def empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE catalog_supplier, catalog_category, catalog_feedimport, catalog_searchword CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")


def bare_copy(path: Path) -> dict[str, float]:
    """Seconds to copy what a feed holds into plain tables without index, in one transaction: as rows of Python's, and as text.

    The rows are read beforehand, a batch at a time, and that is not counted.
    """
    from django.db import connection, transaction

    from catalog.hjmtj import BadRow, read, split
    from catalog.merge.staging import columns_of

    seconds = {"copy": 0.0, "text": 0.0}
    with transaction.atomic(), connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"CREATE TABLE bench_copy_{name} ({columns_of(name)})")
            cursor.execute(f"CREATE TABLE bench_text_{name} ({columns_of(name)})")
        elements = split(path)
        while batch := list(islice(elements, BATCH)):
            copied: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
            for element, rows in read(batch, "2011"):
                assert not isinstance(rows, BadRow)
                for name, group in rows.items():
                    copied[name] += [(0, element.line, 0, 0, *row) for row in group]
            for name, group in copied.items():
                if not group:
                    continue
                text = "".join(["\t".join(map(_field, row)) + "\n" for row in group])
                began = time.monotonic()
                with cursor.copy(f"COPY bench_copy_{name} FROM STDIN") as copy:
                    for row in group:
                        copy.write_row(row)
                seconds["copy"] += time.monotonic() - began
                began = time.monotonic()
                with cursor.copy(f"COPY bench_text_{name} FROM STDIN") as copy:
                    copy.write(text)
                seconds["text"] += time.monotonic() - began
        for name in TABLES:
            cursor.execute(f"DROP TABLE bench_copy_{name}, bench_text_{name}")
    return seconds


def _field(value: object) -> str:
    if value is None:
        return r"\N"
    return str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def row_by_row() -> float:
    """Seconds for SAMPLE articles with their media, references and prices, each row through update_or_create, without search."""
    from django.db import transaction

    from catalog.models import Article, Media, Price, Relation

    sample = list(Article.objects.order_by("?")[:SAMPLE])
    began = time.monotonic()
    with transaction.atomic():
        for article in sample:
            fields = {
                field.attname: getattr(article, field.attname) for field in Article._meta.concrete_fields if not field.generated and not field.primary_key
            }
            Article.objects.update_or_create(supplier_id=fields.pop("supplier_id"), number=fields.pop("number"), defaults=fields)
            for model, owner in ((Media, "article"), (Relation, "from_article"), (Price, "article")):
                for row in model.objects.filter(**{owner: article}):
                    values = {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields if not field.primary_key}
                    model.objects.update_or_create(pk=row.pk, defaults=values)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
