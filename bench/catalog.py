"""How fast a feed goes in: `python -m bench.catalog [--articles 200000] [--rounds 5]`, on a database of its own.

- copy: the mark, bare COPY of the same rows (organisations, products, articles, references, media, price rows) into plain tables, already read
- full: a FULL into an empty catalogue; full 1 %: a FULL after it in which 1 % has changed; delta 1 %: the same change as DELTA
- row by row: the articles of a sample through update_or_create, reckoned up to all of them
- memory: the most that the importing process held, Django with it (Linux)
"""

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

SAMPLE = 500
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
    times: dict[str, list[float]] = {"copy": [], "full": [], "full 1 %": [], "delta 1 %": []}
    memory = 0
    for _ in range(rounds):
        times["copy"].append(bare_copy(first))
        for name, path, after in (("full", first, ()), ("full 1 %", full, ()), ("delta 1 %", delta, (first,))):
            if name != "full 1 %":
                empty()
            for before in after:
                imported(before)
            seconds, held = imported(path)
            times[name].append(seconds)
            memory = max(memory, held if name == "full" else 0)
    mark = statistics.median(times["copy"])
    print(f"{articles} articles, {first.stat().st_size / 1e6:.1f} MB, median of {rounds} rounds")
    for name, measured in times.items():
        median = statistics.median(measured)
        print(f"{name:12} {median:8.2f} s {median / mark:8.1f} × copy   ({min(measured):.2f}–{max(measured):.2f})")
    slow = row_by_row() * articles / SAMPLE
    print(f"{'row by row':12} {slow:8.2f} s {slow / mark:8.1f} × copy   full is 1/{slow / statistics.median(times['full']):.0f} of it")
    print(f"memory: {memory / 1024:.0f} MB at most")


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


def imported(path: Path) -> tuple[float, int]:
    """Seconds, and the process's most memory in KB, of one import in a process of its own; its start is not counted."""
    script = (
        "import re, sys, time, django; django.setup(); from pathlib import Path; from catalog.actions import import_feed;"
        "from django.db import connection; connection.ensure_connection(); began = time.monotonic(); row = import_feed(Path(sys.argv[1]));"
        "print(row.status, time.monotonic() - began, re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1], row.reason)"
    )
    from django.db import connection

    base, _, query = os.environ["DATABASE_URL"].partition("?")
    address = f"{base.rpartition('/')[0]}/{connection.settings_dict['NAME']}{'?' + query if query else ''}"
    done = subprocess.run([sys.executable, "-c", script, str(path)], env={**os.environ, "DATABASE_URL": address}, capture_output=True, text=True, check=True)
    status, seconds, held, *reason = done.stdout.split()
    assert status == "APPLIED", reason
    return float(seconds), int(held)


def empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE catalog_supplier, catalog_category, catalog_feedimport, catalog_searchword CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")


def bare_copy(path: Path) -> float:
    """The feed's rows are read beforehand and copied into plain tables without index, in one transaction."""
    from django.db import connection, transaction

    from catalog.hjmtj import BadRow, read, split
    from catalog.merge.staging import columns_of

    copied: dict[str, io.StringIO] = {name: io.StringIO() for name in TABLES}
    elements = split(path)
    while batch := list(islice(elements, 500)):
        for element, rows in read(batch, "2011"):
            assert not isinstance(rows, BadRow)
            for name, group in rows.items():
                copied[name].writelines("\t".join(_field(value) for value in (0, element.line, 0, 0, *row)) + "\n" for row in group)
    with transaction.atomic(), connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"CREATE TABLE bench_{name} ({columns_of(name)})")
        began = time.monotonic()
        for name, text in copied.items():
            with cursor.copy(f"COPY bench_{name} FROM STDIN") as copy:
                copy.write(text.getvalue())
        seconds = time.monotonic() - began
        for name in TABLES:
            cursor.execute(f"DROP TABLE bench_{name}")
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
