"""FULL and DELTA in any sequence, killed imports, and two at once."""

import datetime
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from catalog.actions import import_feed
from catalog.models import Article, FeedChange, FeedImport, Price, Product, Quarantine, Relation
from core.numbers import gs1_digit
from tests.catalog.feeds import EXAMPLE, NEXT, applied, changed, refused

ROOT = Path(__file__).parent.parent.parent
SUPPLIERS = [f"73599999{n:04d}{gs1_digit(f'73599999{n:04d}')}" for n in (701, 702)]
RECEIVER = "7359999900017"


class World:
    """What Hjälpmedelstjänsten has; it changes at random, and writes itself as FULL or as DELTA of what changed.

    `is_careless`: who refers to what got another number, or vanished, goes on saying the old until it changes itself.
    """

    def __init__(self, seed: int, *, is_careless: bool = False) -> None:
        self.random = random.Random(seed)
        self.is_careless = is_careless
        self.known: dict[str, dict[str, Any]] = {}
        self.said: dict[str, tuple[Any, str]] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self.lists: dict[str, dict[str, Any]] = {}
        self.running = 0
        self.sequence = 0
        self.vanished = False
        for _ in range(3):
            self.add("P")
        for _ in range(8):
            self.add("A")
        for gln in SUPPLIERS:
            self.lists[f"AVT-{gln[-4:]}"] = {"gln": gln, "rows": {}, "day": 1}
        self.written = {}
        self.reprice()

    def add(self, kind: str) -> None:
        self.running += 1
        key = f"{kind}-{self.running}"
        products = [key for key in self.items if key.startswith("P")]
        self.items[key] = {
            "kind": kind,
            "gln": self.random.choice(SUPPLIERS),
            "number": f"{kind}å{self.running}",
            "name": f"Namn {self.running}",
            "product": self.random.choice([None, *products]) if kind == "A" else None,
            "fits": self.random.sample(products, min(1, len(products))) if kind == "A" and self.random.random() < 0.5 else [],
            "media": self.random.sample(["a", "b", "c"], self.random.randrange(3)),
        }
        self.known[key] = self.items[key]

    def reprice(self) -> None:
        for price_list in self.lists.values():
            keys = self.random.sample(sorted(self.items), min(6, len(self.items)))
            price_list["rows"] = {key: self.random.randrange(100, 9999) for key in keys}

    def change(self, *, may_vanish: bool) -> None:
        articles = [key for key in self.items if key.startswith("A")]
        for _ in range(self.random.randrange(1, 6)):
            what = self.random.choice(["add", "product", "name", "number", "swap", "media", "prices", "vanish", "move"])
            key = self.random.choice(sorted(self.items))
            if what in {"add", "product"}:
                self.add("A" if what == "add" else "P")
            elif what == "name":
                self.items[key]["name"] += "x"
            elif what == "number":
                self.running += 1
                self.items[key]["number"] = f"N{self.running}"
            elif what == "swap":
                one, other = self.random.sample(sorted(articles), 2)
                if one in self.items and other in self.items:
                    first, second = self.items[one], self.items[other]
                    first["number"], second["number"] = second["number"], first["number"]
                    first["gln"], second["gln"] = second["gln"], first["gln"]
            elif what == "media":
                self.items[key]["media"] = self.random.sample(["a", "b", "c"], self.random.randrange(3))
            elif what == "move" and key.startswith("A"):
                self.items[key]["product"] = self.random.choice([None, *[key for key in self.items if key.startswith("P")]])
            elif what == "prices":
                self.reprice()
            elif what == "vanish" and may_vanish and len(self.items) > 8:
                self.drop(key)

    def drop(self, key: str) -> None:
        del self.items[key]
        if self.is_careless:
            return
        for item in self.items.values():
            item["fits"] = [other for other in item["fits"] if other != key]
            item["product"] = None if item["product"] == key else item["product"]
        for price_list in self.lists.values():
            price_list["rows"].pop(key, None)

    def parts(self) -> dict[str, str]:
        return {key: self.text(key, self.items[key], self.item) for key in self.items} | {
            number: self.text(number, self.lists[number], self.list) for number in self.lists
        }

    def text(self, key: str, facts: dict[str, Any], write: Callable[[str], str]) -> str:
        if not self.is_careless or self.said.get(key, ("",))[0] != str(facts):
            self.said[key] = (str(facts), write(key))
        return self.said[key][1]

    def item(self, key: str) -> str:
        item = self.items[key]
        tag, number = ("Product", "productNumber") if item["kind"] == "P" else ("Article", "articleNumber")
        own = "<isoCode>12</isoCode>" if item["kind"] == "P" else "<articleType>T</articleType><orderUnit>ST</orderUnit>"
        product = f"<productId>{item['product']}</productId>" if item["product"] else ""
        fits = "".join(f'<fitsTo supplierGln="{self.known[to]["gln"]}" productNumber="{self.known[to]["number"]}"/>' for to in item["fits"])
        media = "".join(f"<media><type>IMAGE</type><url>https://x.example/{name}</url></media>" for name in item["media"])
        return (
            f"<{tag}><id>{key}</id>{product}<supplierGln>{item['gln']}</supplierGln><{number}>{escape(item['number'])}</{number}><name>{item['name']}</name>{own}"
            f"{fits}{media}<status>PUBLISHED</status><lastUpdated>2026-10-20T10:00:00Z</lastUpdated></{tag}>"
        )

    def list(self, number: str) -> str:
        rows = ""
        for key, price in self.lists[number]["rows"].items():
            item = self.known[key]
            name = "productNumber" if item["kind"] == "P" else "articleNumber"
            rows += f'<row><article supplierGln="{item["gln"]}" {name}="{item["number"]}"/><price>{price}</price><status>AKTIV</status></row>'
        return (
            f"<Agreement><number>{number}</number><name>x</name><supplierGln>{self.lists[number]['gln']}</supplierGln><customerGln>{RECEIVER}</customerGln>"
            f"<validFrom>2026-01-01</validFrom><validTo>2030-12-31</validTo>{rows}</Agreement>"
        )

    def write(self, path: Path, mode: str, *, blanks: str = "") -> Path:
        """`blanks` go between all tags."""
        self.sequence += 1
        parts = self.parts()
        told = {key: text for key, text in parts.items() if mode == "FULL" or self.written.get(key) != text}
        self.written = parts
        day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=self.sequence)
        sections = {"Products": "P-", "Articles": "A-", "Agreements": "AVT"}
        body = "".join(f"<{name}>{''.join(text for key, text in told.items() if key.startswith(start))}</{name}>" for name, start in sections.items())
        organisations = "".join(f"<Organisation><gln>{gln}</gln><type>SUPPLIER</type><name>{gln}</name></Organisation>" for gln in SUPPLIERS)
        path.write_text(
            f'<Export xmlns="urn:websesam:hjmtj-export:1" schemaVersion="1" exportId="e{self.sequence}" sequence="{self.sequence}" created="{day.isoformat()}"'
            f' mode="{mode}" receiverGln="{RECEIVER}" isoEdition="2011"><Organisations>{organisations}</Organisations>'
            f"<Categories><Category><isoCode>12</isoCode><name>x</name></Category></Categories>{body.replace('><', f'>{blanks}<')}</Export>",
            encoding="utf-8",
        )
        return path


def in_force() -> dict[str, Any]:
    """What is in force, by the feed's own keys."""
    numbers = {article.pk: article.feed_id for article in Article.objects.all()} | {-product.pk: product.feed_id for product in Product.objects.all()}
    return {
        "products": sorted(
            (p.feed_id, p.number, p.supplier.gln, p.name, p.category.code, tuple(p.media.order_by("place").values_list("url", flat=True)))
            for p in Product.objects.filter(ended_at=None).select_related("supplier", "category")
        ),
        "articles": sorted(
            (
                *(a.feed_id, a.number, a.supplier.gln, a.name, a.product.feed_id if a.product else "", a.category.code if a.category else ""),
                tuple(a.media.order_by("place").values_list("url", flat=True)),
            )
            for a in Article.objects.filter(ended_at=None).select_related("supplier", "category", "product")
        ),
        "relations": sorted(
            (r.kind, numbers[r.from_article_id or -r.from_product_id], numbers[r.to_article_id or -r.to_product_id])
            for r in Relation.objects.exclude(from_article__ended_at__isnull=False).exclude(from_product__ended_at__isnull=False)
        ),
        "prices": sorted(
            (p.price_list.number, p.article.feed_id, p.valid_from, p.amount, p.is_inherited)
            for p in Price.objects.filter(article__ended_at=None).select_related("price_list", "article")
        ),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(50))
def test_after_any_sequence_what_is_in_force_equals_a_fresh_import_of_the_last(seed: int, tmp_path: Path) -> None:
    world = World(seed)
    modes = ["FULL", "DELTA", "FULL"] if seed % 2 else ["FULL", *world.random.choices(["FULL", "DELTA", "DELTA"], k=2)]
    for mode in modes:
        world.change(may_vanish=mode == "FULL")
        row = applied(world.write(tmp_path / "feed.xml", mode), confirm_ended=True)
        assert not Quarantine.objects.exists(), [quarantine.reason for quarantine in Quarantine.objects.all()]
        assert row.mode == mode
    stored = in_force()
    assert len(stored["prices"]) > 3
    empty_tables()
    applied(world.write(tmp_path / "fresh.xml", "FULL"))
    assert in_force() == stored


def told() -> dict[str, Any]:
    """What is in force, in quarantine and in the history."""
    waiting = Quarantine.objects.open().order_by("pk")
    changes = FeedChange.objects.select_related("feed_import", "article", "product").order_by("pk")
    return {
        **in_force(),
        "quarantine": sorted((q.line, q.element, q.feed_id, q.gln, q.number, q.reason, "".join(q.raw.split())) for q in waiting),
        "changes": sorted((c.feed_import.sequence, (c.article or c.product).feed_id, c.kind, c.field, str(c.old), str(c.new)) for c in changes),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_what_is_not_read_since_its_bytes_are_known_comes_out_as_if_it_were_read(seed: int, tmp_path: Path) -> None:
    """The same careless sequence twice: as it is, and with other blanks each time, so that no bytes are known."""
    outcomes = []
    for is_respelt in (False, True):
        world = World(seed, is_careless=True)
        outcome = []
        for place, mode in enumerate(["FULL", "DELTA", "FULL", "FULL"]):
            if place < 3:
                world.change(may_vanish=mode == "FULL")
            applied(world.write(tmp_path / "feed.xml", mode, blanks=" " * place if is_respelt else ""), confirm_ended=True)
            outcome.append(told())
        outcomes.append(outcome)
        empty_tables()
    for same, respelt in zip(*outcomes, strict=True):
        assert same == respelt


def empty_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in ("feedchange", "quarantine", "feedimport", "price", "productprice", "pricelist", "relation", "media", "searchentry", "article", "product"):
            cursor.execute(f"DELETE FROM catalog_{table}")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


# --- Killed, and two at once ------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from catalog.actions import import_feed
def step(name):
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
import_feed(Path(sys.argv[1]), step=step)
"""
WAITS = """
import sys
from pathlib import Path
import django
django.setup()
from catalog.actions import import_feed
def step(name):
    if name == "items":
        print("here", flush=True)
        sys.stdin.readline()
print(import_feed(Path(sys.argv[1]), step=step).status)
"""


def own_process(script: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    settings = connection.settings_dict
    address = os.environ["DATABASE_URL"]
    base, _, query = address.partition("?")
    url = f"{base.rpartition('/')[0]}/{settings['NAME']}{'?' + query if query else ''}"
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "websesam.settings", "ENVIRONMENT": "test"}
    return subprocess.Popen([sys.executable, "-c", script, *arguments], cwd=ROOT, env=environment, text=True, **options)


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_leaves_the_old_catalogue_and_the_next_succeeds(tmp_path: Path) -> None:
    applied(EXAMPLE)
    path = changed(tmp_path, *NEXT, ("sittbredd 45 cm", "sittbredd 46 cm"), ("<price>4250.00", "<price>4300.00"))
    before = in_force()
    for step in ("read", "checked", "items", "prices", "searchable"):
        process = own_process(KILLED, str(path), step, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        assert process.wait(30) == -signal.SIGKILL
        assert in_force() == before, step
    assert FeedImport.objects.filter(status="RUNNING").count() == 1
    applied(path)
    assert Article.objects.get(number="AR-45").name == "Allround sittbredd 46 cm"
    assert FeedImport.objects.filter(status="INTERRUPTED").count() == 5
    assert FeedChange.objects.filter(kind="CHANGED").count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_at_once_one_runs_the_other_says_so_and_readers_see_the_old_until_it_is_done(tmp_path: Path) -> None:
    applied(EXAMPLE)
    path = changed(tmp_path, *NEXT, ("sittbredd 45 cm", "sittbredd 46 cm"))
    with own_process(WAITS, str(path), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        while other.stdout.readline().strip() != "here":
            pass
        assert "pågår" in refused(path)
        assert FeedImport.objects.filter(status="RUNNING").count() == 1
        assert Article.objects.get(number="AR-45").name == "Allround sittbredd 45 cm"
        output, _ = other.communicate("go on\n", timeout=30)
    assert "APPLIED" in output
    assert Article.objects.get(number="AR-45").name == "Allround sittbredd 46 cm"


@pytest.mark.django_db(transaction=True)
def test_others_see_the_progress_rise_also_while_the_merge_is_in_its_transaction() -> None:
    seen = []
    other = connections.create_connection(DEFAULT_DB_ALIAS)

    def step(_name: str) -> None:
        with other.cursor() as cursor:
            cursor.execute("SELECT progress FROM catalog_feedimport WHERE status = 'RUNNING'")
            seen.append(cursor.fetchone()[0])

    try:
        row = import_feed(EXAMPLE, step=step)
    finally:
        other.close()
    assert len(seen) >= 7
    assert seen == sorted(set(seen))
    assert seen[1] >= FeedImport.READ
    assert seen[-1] < row.progress == 100


@pytest.mark.django_db(transaction=True)
def test_the_progress_waits_for_nobody() -> None:
    """Here the import's row is locked by the very transaction that the import runs in."""
    row = FeedImport.objects.create(file_name="x", status="WAITING")
    with transaction.atomic():
        FeedImport.objects.filter(pk=row.pk).update(progress=1)
        assert import_feed(EXAMPLE, row=row).status == "APPLIED"
