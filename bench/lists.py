"""The lists of kundorder at 50,000 and at 5 million orders: `python -m bench.lists [50000 5000000]`, on a database of its own that is dropped at the end.

Every order lies at one of four units, so that a unit's list is as long as the numbers say: 12,500 and 1,250,000 orders. Rows are made set-based
(INSERT … SELECT generate_series), with the indexes built afterwards. Each page is asked for through the whole stack (session, scope, access
log, template). Told are the best time of `ROUNDS`; how many blocks (8 kB) the database touched for all that the page reads, which does not
depend on what else the machine does; and the plan of the query that touched most.
"""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlencode

ROUNDS = int(os.environ.get("ROUNDS", "7"))
UNITS, PRESCRIBERS, ARTICLES = 4, 5, 300
SCAN = re.compile(r"((?:Bitmap |Parallel )?(?:Index Only|Index|Seq|Heap|Bitmap Index) Scan(?: Backward)?)(?: using (\S+))?(?: on (\S+))?.*rows=([0-9.]+)")
SIZES = [int(text) for text in sys.argv[1:]] or [50_000, 5_000_000]


def main(kind: Callable[[], "World"] | None = None) -> None:
    """`kind` makes the world whose lists are measured: that of kundorder."""
    os.environ["ENVIRONMENT"] = "test"
    os.environ["TEST_DATABASE_NAME"] = "bench_lists"
    from websesam import embedded

    with embedded.servers(["bench", "run"]):
        os.environ["DJANGO_SETTINGS_MODULE"] = "websesam.settings"
        import django

        django.setup()
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        setup_test_environment()
        databases = setup_databases(verbosity=0, interactive=False, aliases=["default"])
        try:
            results = []
            world = (kind or World)()
            for size in SIZES:
                begun = time.perf_counter()
                world.grow_to(size)
                print(f"\n{size:,} orders, made in {time.perf_counter() - begun:.0f} s", flush=True)
                results.append(_measure(world))
                _compare(results)
        finally:
            from django.db import connections

            connections.close_all()
            teardown_databases(databases, verbosity=0)


class World:
    """Units with prescribers, articles and patients; and as many orders as are asked for."""

    TABLES: ClassVar[tuple[str, ...]] = ("orders_order", "orders_orderline")

    def __init__(self) -> None:
        from django.test import Client

        from accounts.middleware import ASSIGNMENT_KEY
        from tests import factories

        self.size = 0
        units = [factories.unit(f"Bänkenhet {n}") for n in range(UNITS)]
        self.by = [[factories.assignment(f"Bänk {n} {m}", "PRESCRIBER", at=unit) for m in range(PRESCRIBERS)] for n, unit in enumerate(units)]
        self.articles = [factories.article(f"Artikel {n}") for n in range(ARTICLES)]
        self.rare = factories.article("Sällsynt sits")
        self.me = self.by[1][0]
        self.client = Client()
        self.client.force_login(self.me.user)
        session = self.client.session
        session[ASSIGNMENT_KEY] = self.me.pk
        session.save()

    def grow_to(self, size: int) -> None:
        run("SET statement_timeout = 0")
        with _indexes_built_afterwards(*self.TABLES, "patients_patient", "patients_patientidentity", "patients_carerelation"):
            self._insert_patients(self.size, size)
            self._insert_orders(self.size, size)
            if self.size == 0:
                self._insert_one_persons(2_000)
        run("VACUUM (ANALYZE)")
        run("RESET statement_timeout")
        self.size = size

    def _insert_patients(self, first: int, last: int) -> None:
        """One for each 25 orders."""
        run(
            """
            INSERT INTO patients_patient (id, public_id, given_name, family_name, phone, protection, created_at)
            SELECT 1000000 + i, lpad(to_hex(i), 32, '0')::uuid, 'Tolvan', 'Tolvansson', '', CASE WHEN i %% 500 = 499 THEN 'MARKED' ELSE 'NONE' END, now()
            FROM generate_series(%(first)s / 25, %(last)s / 25 - 1) i;
            INSERT INTO patients_patientidentity (patient_id, type, value, is_current, created_at)
            SELECT 1000000 + i, 'VGR_RESERV', 'B' || lpad(i::text, 11, '0'), true, now() FROM generate_series(%(first)s / 25, %(last)s / 25 - 1) i;
            INSERT INTO patients_carerelation (patient_id, unit_id, confirmed_by_id, confirmed_at)
            SELECT 1000000 + i, (%(units)s::bigint[])[i %% %(n)s + 1], (%(firsts)s::bigint[])[i %% %(n)s + 1], now()
            FROM generate_series(%(first)s / 25, %(last)s / 25 - 1) i;
            """,
            first=first,
            last=last,
            n=UNITS,
            units=[unit[0].unit_id for unit in self.by],
            firsts=[unit[0].pk for unit in self.by],
        )

    def _insert_orders(self, first: int, last: int) -> None:
        """Orders `first` to `last`; 5 % open, of which every tenth delayed."""
        articles = [article.pk for article in self.articles]
        run(
            """
            INSERT INTO orders_order (id, public_id, number, status, unit_id, patient_id, orderer_id, prescriber_id, customer_id,
              created_at, changed_at, placed_at, erp_number, promised_on, is_delayed, is_cancelled,
              purpose, accepts_equivalent, deliver_together, version, customer_number, payer_number, payer_name, acknowledged,
              method, recipient_name, care_of, street, postal_code, city, door_code, has_no_door_code, is_hospital, contact_name, contact_phone, instructions)
            SELECT 1000000 + i, lpad(to_hex(i), 32, '0')::uuid, 'K-2026-' || lpad(i::text, 8, '0') || '-' || i %% 10,
              CASE WHEN is_open THEN 'CONFIRMED' WHEN i %% 33 = 0 THEN 'CANCELLED' ELSE 'RECEIPTED' END,
              (%(units)s::bigint[])[u + 1], 1000000 + i / 25,
              (%(by)s::bigint[])[u * %(m)s + i %% %(m)s + 1], (%(by)s::bigint[])[u * %(m)s + i %% %(m)s + 1], (%(customers)s::bigint[])[u + 1],
              at, at, at, 'S2-' || i, at::date + 10, is_open AND i %% 10 = 0, i %% 33 = 0,
              'LOAN', true, false, 1, '600001', '900001', 'Betalaren', 2,
              'HOME', 'Tolvan Tolvansson', '', 'Storgatan 1', '44130', 'Alingsås', '1357', false, false, '', '', ''
            FROM (
              SELECT i, i / 25 %% %(n)s AS u, i %% 20 = i / 100 %% 20 AS is_open, timestamptz '2021-01-01' + i * interval '30 seconds' AS at
              FROM generate_series(%(first)s, %(last)s - 1) i
            ) numbered;
            INSERT INTO orders_orderline (order_id, line, article_id, quantity, article_name, article_number, response_sequence, promised_sequence,
              is_delayed, delivered, receipted, despatched, is_cancellation_requested)
            SELECT 1000000 + i, 1, CASE WHEN i %% 40000 = 25 THEN %(rare)s ELSE (%(articles)s::bigint[])[i %% %(a)s + 1] END, 1, 'Artikel', '118', 0, 0,
              false, 0, 0, 0, false
            FROM generate_series(%(first)s, %(last)s - 1) i;
            """,
            first=first,
            last=last,
            a=ARTICLES,
            articles=articles,
            rare=self.rare.pk,
            **self._everybody(),
        )

    def _everybody(self) -> dict[str, Any]:
        """Those at whose units the orders lie."""
        return {
            "n": UNITS,
            "m": PRESCRIBERS,
            "units": [unit[0].unit_id for unit in self.by],
            "customers": [unit[0].unit.customers.get().pk for unit in self.by],
            "by": [assignment.pk for unit in self.by for assignment in unit],
        }

    def _insert_one_persons(self, number: int) -> None:
        """Drafts and notices of the one who asks."""
        from accounts.models import Notice
        from orders.models import Order
        from tests import factories

        patient = factories.patient(self.me)
        Order.objects.bulk_create(Order(unit=self.me.unit, patient=patient, orderer=self.me, prescriber=self.me) for _ in range(number))
        Notice.objects.bulk_create(
            Notice(user=self.me.user, unit=self.me.unit, tone=tone, word="x", title="Kundorder", url="/")
            for _ in range(number // 4)
            for tone in Notice.Tone.values
        )

    def pages(self) -> dict[str, str]:
        """What is asked for, by its name."""
        from orders.models import Order

        number, day = f"K-2026-{self.size // 2:08}", "2021-01-05"
        lists = {
            "first page": {},
            "page 500": {"cursor": cursor_in_the_middle(self, Order.objects.listed_to(self.me).sent())},
            "by delivery": {"sortering": "leverans"},
            "open": {"status": "oppna"},
            "late": {"status": "forsenade"},
            "cancelled": {"status": "CANCELLED"},
            "one prescriber": {"forskrivare": str(self.me.pk)},
            "one's own": {"vems": "mina"},
            "number": {"nummer": number},
            "days": {"fran": day, "till": day},
            "common article": {"artikel": self.articles[7].number},
            "rare article": {"artikel": self.rare.number},
            "no such article": {"artikel": "finns-inte"},
        }
        pages = {name: f"/bestallningar/?{urlencode(query)}" for name, query in lists.items()}
        return pages | {
            "per prescriber": "/bestallningar/per-forskrivare/",
            "drafts": "/bestallningar/utkast/",
            "start page": "/",
            "notices": "/besked/?slag=makulerat",
        }

    def tasks(self) -> dict[str, Callable[[], object]]:
        """What is done in the background, by its name; what it writes is taken back."""
        return {}


def run(sql: str, **values: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in filter(str.strip, sql.split(";")):
            cursor.execute(statement, values or None)


@contextmanager
def _indexes_built_afterwards(*tables: str) -> Iterator[None]:
    """Without indexes that guard nothing, and without checking foreign keys row by row."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexname, i.indexdef FROM pg_indexes i JOIN pg_class c ON c.relname = i.indexname JOIN pg_index x ON x.indexrelid = c.oid"
            " WHERE i.tablename = ANY(%s) AND NOT x.indisunique",
            [list(tables)],
        )
        indexes = cursor.fetchall()
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("SET session_replication_role = DEFAULT")


# --- Measuring ---------------------------------------------------------------------------------------


def cursor_in_the_middle(world: World, found: Any, offset: int = 500 * 25) -> str:
    """That of the page that begins after `offset` orders of the unit, or in the middle where there are fewer."""
    from core.paging import keyset_page

    offset = min(offset, max(25, world.size // UNITS // 2))
    return str(keyset_page(found, order=("-sent_at", "-id"), cursor=None, size=offset).next_cursor)


def _measure(world: World) -> dict[str, tuple[float, int]]:
    """Seconds and blocks by page and task."""
    jobs: dict[str, Callable[[], object]] = {name: partial(_ask, world, url) for name, url in world.pages().items()}
    found = {}
    for name, job in (jobs | world.tasks()).items():
        took, reads = _time(job)
        plans = [_plan(sql) for sql in reads]
        blocks = sum(number for number, _ in plans)
        found[name] = (took, blocks)
        print(f"{name:18}{took * 1000:8.1f} ms{blocks:8} blocks   {max(plans)[0]} in {max(plans)[1]}", flush=True)
    return found


def _ask(world: World, url: str) -> None:
    answer = world.client.get(url)
    if answer.status_code != 200:
        raise SystemExit(f"{url}: {answer.status_code}")


def _time(job: Callable[[], object]) -> tuple[float, list[str]]:
    """Seconds at its best, and what it reads. Nothing that it writes stays."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    times = []
    for _ in range(ROUNDS + 1):
        with transaction.atomic():
            begun = time.perf_counter()
            job()
            times.append(time.perf_counter() - begun)
            transaction.set_rollback(True)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        job()
        transaction.set_rollback(True)
    return min(times), [query["sql"] for query in queries.captured_queries if query["sql"].startswith("SELECT")]


def _plan(sql: str) -> tuple[int, str]:
    """Blocks, and the plan in short: how each table is reached, with the rows found there."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {sql}")
        lines = [row[0] for row in cursor.fetchall()]
    steps = []
    for line in lines:
        match = SCAN.search(line)
        if match:
            steps.append(f"{match[1]} {match[2] or match[3]} ({float(match[4]):.0f})")
        elif line.strip(" ->").startswith("Sort "):
            steps.append("Sort")
    touched = next((line for line in lines if "Buffers: shared" in line), "")
    blocks = sum(int(number) for number in re.findall(r"(?:hit|read)=([0-9]+)", touched))
    took = next(line for line in lines if line.startswith("Execution Time")).split()[2]
    return blocks, f"{took} ms: {', '.join(dict.fromkeys(steps))}"


def _compare(results: list[dict[str, tuple[float, int]]]) -> None:
    if len(results) < 2:
        return
    print(f"\n{'':18}{SIZES[0]:>15,}{SIZES[len(results) - 1]:>15,}   ratio of time, of blocks")
    for name, (few, few_blocks) in results[0].items():
        many, many_blocks = results[-1][name]
        print(f"{name:18}{few * 1000:12.1f} ms{many * 1000:12.1f} ms{many / few:8.2f}{few_blocks:8}{many_blocks:8}{many_blocks / max(1, few_blocks):8.2f}")


if __name__ == "__main__":
    sys.exit(main())
