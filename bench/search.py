"""How fast and how well the catalogue is searched: `python -m bench.search [--articles 200000] [--queries 1000]`, on a database of its own.

A generated catalogue is imported and given the centre's own values. From its own texts, with a fixed seed, queries are made as people type them (SHARES):

- word: a word of a name, as it stands or with another ending, alone or with one or two more of the same name
- prefix: a name as far as it is typed, from the second letter on
- misspelt: a word with one of the five errors of ERRORS
- number: SESAM2's, the supplier's, GTIN or ISO code, whole or its beginning

Measured for each query, each once before that so that nothing is read from disk:

- ids: `catalog.search.search_ids`, the 12 best articles; search: `catalog.search.search`, the same with all that a card shows
- find: `catalog.search.find` with the first 24 of its articles and their count; entries: the first 24 of its entries with all that a card shows, and
  five facets with counts
- as you type: GET of the order form's list of articles; list: GET of /hjalpmedel/ as htmx asks for it, with facets, count and cards. Whole answers, by
  Django's test client

The time in the database is that of the SQL statements, with Django's driver. The processor's own time is what remains on a machine that nobody else uses.
Then, of misspelt words (WORDS_PER_ERROR for each error): how many are understood, that is, the first article shown is one that the right word finds.
`--words N` adds N compounds to the vocabulary that occur in no article, as a real catalogue has many more words than a generated one.
"""

import argparse
import functools
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

SHARES = {"word": 0.40, "prefix": 0.25, "misspelt": 0.20, "number": 0.15}
WORDS_PER_ERROR = 60
ENDINGS = ("", "", "", "en", "ar", "er", "or", "et", "s")
KEYS = {letter: "".join(row[max(0, at - 1) : at] + row[at + 1 : at + 2]) for row in ("qwertyuiopå", "asdfghjklöä", "zxcvbnm") for at, letter in enumerate(row)}
PLAIN = str.maketrans("åäöé", "aaoe")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--words", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ |= {"ENVIRONMENT": "test", "TEST_DATABASE_NAME": "bench_websesam", "LOG_LEVEL": "ERROR"}
    from websesam import embedded

    with embedded.servers(["bench", "run"]):
        os.environ["DJANGO_SETTINGS_MODULE"] = "websesam.settings"
        import django

        django.setup()
        from django.test.utils import setup_databases, teardown_databases

        databases = setup_databases(verbosity=0, interactive=False, aliases=["default"])
        try:
            load(options.articles)
            measure(options.queries, options.seed, options.words)
        finally:
            from django.db import connections

            connections.close_all()
            teardown_databases(databases, verbosity=0)


def load(articles: int) -> None:
    from django.conf import settings
    from django.db import connection, transaction

    from catalog import search
    from catalog.actions import import_feed
    from catalog.demo.feed import Order, write_feed
    from catalog.demo.local import fill_local_values

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feed.xml"
        with path.open("w", encoding="utf-8") as file:
            write_feed(Order(articles, 1, settings.SESAM2_GLN), file)
        row = import_feed(path)
        assert row.status == "APPLIED", row.reason
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        fill_local_values()
        search.refresh()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE")  # as autovacuum does after an import


# --- What is typed ----------------------------------------------------------------------------------


class Typist:
    """Makes queries from the catalogue's own texts."""

    def __init__(self, seed: int) -> None:
        from catalog.models import Article

        self.random = random.Random(seed)
        rows = Article.objects.visible().order_by("pk").values_list("name", "number", "local__sesam_number", "gtin", "category__code")
        self.articles = self.random.sample(list(rows), min(20_000, rows.count()))
        self.vocabulary = sorted({word for name, *_ in self.articles for word in _words(name) if word.isalpha() and len(word) >= 4})

    def word(self) -> str:
        words = _words(self._pick()[0])
        first = words[0] + (self.random.choice(ENDINGS) if words[0].isalpha() else "")
        others = self.random.sample(words[1:], min(len(words) - 1, self.random.choice((0, 0, 1, 2))))
        return " ".join([first, *others])

    def prefix(self) -> str:
        name = self._pick()[0].lower()
        return name[: self.random.randint(2, min(len(name), 18))].strip()

    def misspelt(self) -> str:
        while True:
            word = self.random.choice(self.vocabulary)
            wrong = ERRORS[self.random.choice(sorted(ERRORS))](self.random, word)
            if wrong:
                return wrong

    def number(self) -> str:
        _, number, sesam_number, gtin, iso = self._pick()
        choice = self.random.choice([sesam_number or number, number, gtin or number, iso or number, _spaced(iso) if iso else number])
        return choice if self.random.random() < 0.7 else choice[: max(3, len(choice) - self.random.randint(1, 3))].strip()

    def _pick(self) -> Any:
        return self.random.choice(self.articles)

    def queries(self, count: int) -> list[tuple[str, str]]:
        kinds = self.random.choices(list(SHARES), list(SHARES.values()), k=count)
        return [(kind, getattr(self, kind)()) for kind in kinds]

    def errors(self) -> Iterator[tuple[str, str, str]]:
        """(kind, right, wrong), WORDS_PER_ERROR of each kind; a wrong word that is another right one is left out."""
        known = set(self.vocabulary)
        for kind, err in ERRORS.items():
            made: set[str] = set()
            words = self.vocabulary * 3
            self.random.shuffle(words)
            for word in words:
                wrong = err(self.random, word)
                if wrong and wrong not in known and wrong not in made and len(made) < WORDS_PER_ERROR:
                    made.add(wrong)
                    yield kind, word, wrong


def _words(name: str) -> list[str]:
    return [word for word in "".join(letter if letter.isalnum() else " " for letter in name.lower()).split() if len(word) > 1]


def _spaced(code: str) -> str:
    return " ".join(code[start : start + 2] for start in range(0, len(code), 2))


def _left_out(random: random.Random, word: str) -> str:
    at = random.randrange(len(word))
    return word[:at] + word[at + 1 :]


def _swapped(random: random.Random, word: str) -> str:
    at = random.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :] if word[at] != word[at + 1] else ""


def _doubled(random: random.Random, word: str) -> str:
    at = random.randrange(len(word))
    return word[:at] + word[at] + word[at:]


def _neighbour(random: random.Random, word: str) -> str:
    at = random.randrange(len(word))
    return word[:at] + random.choice(KEYS[word[at]]) + word[at + 1 :] if word[at] in KEYS else ""


def _without_dots(_random: random.Random, word: str) -> str:
    plain = word.translate(PLAIN)
    return plain if plain != word else ""


ERRORS: dict[str, Callable[[random.Random, str], str]] = {
    "letter left out": _left_out,
    "letters swapped": _swapped,
    "letter doubled": _doubled,
    "neighbouring key": _neighbour,
    "without dots": _without_dots,
}

# --- Measuring --------------------------------------------------------------------------------------


class Clock:
    """Milliseconds of one piece of work: by the clock in SQL statements and in all, and the processor's own time for both, which others cannot make longer."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [backend] = cursor.fetchone()
        self.connection = connection
        self.schedule = Path(f"/proc/{backend}/schedstat")  # Linux, on the machine of the database; its first number is nanoseconds

    def measure(self, work: Callable[[], Any]) -> "Times":
        statements = []

        def timed(execute: Any, *args: Any) -> Any:
            began = time.perf_counter()
            try:
                return execute(*args)
            finally:
                statements.append(time.perf_counter() - began)

        before, began, own = self._backend(), time.perf_counter(), time.process_time()
        with self.connection.execute_wrapper(timed):
            work()
        whole, own = time.perf_counter() - began, time.process_time() - own
        processor = (self._backend() - before) / 1e9
        return Times(len(statements), sum(statements) * 1000, processor * 1000, whole * 1000, (own + processor) * 1000)

    def _backend(self) -> int:
        return int(self.schedule.read_text().split()[0]) if self.schedule.exists() else 0


class Times(NamedTuple):
    statements: int
    database: float
    database_processor: float
    whole: float
    whole_processor: float


def measure(queries: int, seed: int, words: int = 0) -> None:
    from catalog.models import Article, SearchEntry
    from catalog.search import find, search, search_ids

    typist = Typist(seed)
    asked = typist.queries(queries)
    if words:
        add_words(words, seed)
    client, address = visitor()
    clock = Clock()
    ways: dict[str, Callable[[str], Any]] = {
        "ids": lambda query: search_ids(query, orderable_only=True, limit=12),
        "search": lambda query: search(query, orderable_only=True, limit=12),
        "find": lambda query: _first_page(find(query, Article.objects.visible())),
        "entries": lambda query: _listed(find(query, Article.objects.visible()).entries),
        "as you type": lambda query: _answered(client.get(f"{address}?{urlencode({'q': query})}")),
        "list": lambda query: _answered(client.get(f"/hjalpmedel/?{urlencode({'q': query})}", headers={"HX-Request": "true"})),
    }
    print(f"{SearchEntry.objects.count()} articles, {queries} queries: {dict(Counter(kind for kind, _ in asked))}, load {os.getloadavg()[0]:.1f}")
    print("ms, p50 p95 p99: the database by the clock | its processor || the whole by the clock | processor || most statements || slowest in the database")
    for name, way in ways.items():
        for _, query in asked[::10]:
            way(query)
        rows = [(kind, query, clock.measure(functools.partial(way, query))) for kind, query in asked]
        for kind in ("", *SHARES):
            part = [row for row in rows if not kind or row[0] == kind]
            columns = list(zip(*(times for _, _, times in part), strict=True))
            slowest = ", ".join(f"{query} {times[2]:.0f}" for _, query, times in sorted(part, key=lambda row: -row[2][2])[:4])
            database, processor, whole, all_processor = map(_percentiles, columns[1:])
            print(f"{'' if kind else name:12}{kind or 'all':9}{database} |{processor} ||{whole} |{all_processor} || {max(columns[0]):2} || {slowest}")
    measure_spelling(typist)


def _percentiles(values: Sequence[float]) -> str:
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return "".join(f"{cuts[at]:8.2f}" for at in (49, 94, 98))


def _first_page(found: Any) -> None:
    list(found.articles.order_by("relevance", "search_entry__title_sort", "pk").for_cards()[:24])
    found.articles.count()


def _listed(entries: Any) -> None:
    from django.db.models.functions import Substr

    from catalog.models import Article
    from catalog.search import count_by

    first = list(entries.order_by("relevance", "title_sort", "pk").values_list("pk", flat=True)[:25])
    list(Article.objects.visible().filter(pk__in=first).for_cards())
    count_by(entries.annotate(area=Substr("iso", 1, 4)), "area", "supplier", "article_type", "is_in_assortment", "delivery_class")


def _answered(response: Any) -> None:
    assert response.status_code == 200


def visitor() -> tuple[Any, str]:
    """A prescriber who is logged in, with the address that an open draft asks for articles."""
    from django.conf import settings
    from django.test import Client

    from accounts.middleware import ASSIGNMENT_KEY
    from orders.actions import drafts
    from tests import factories

    settings.ALLOWED_HOSTS = ["testserver"]
    alice = factories.alice()
    client = Client()
    client.force_login(alice.user)
    session = client.session
    session[ASSIGNMENT_KEY] = alice.pk
    session.save()
    return client, f"{drafts.start(factories.patient(alice), by=alice).get_absolute_url()}artiklar/"


def measure_spelling(typist: Typist) -> None:
    from catalog.models import Article
    from catalog.search import find, search

    tried, understood, missed = Counter[str](), Counter[str](), []
    for kind, right, wrong in typist.errors():
        tried[kind] += 1
        first = search(wrong, limit=1)
        if first and find(right, Article.objects.filter(pk=first[0].pk)).articles.exists():
            understood[kind] += 1
        else:
            missed.append(f"{wrong} ({right})")
    for kind in tried:
        print(f"{kind:18}{understood[kind]:5} of {tried[kind]}")
    total, right_ones = sum(tried.values()), sum(understood.values())
    print(f"{'understood':18}{right_ones:5} of {total} ({right_ones / total:.1%}); not: {', '.join(missed) or 'none'}")


def add_words(count: int, seed: int) -> None:
    """Compounds of two words of the catalogue, which no article has."""
    from django.db import connection

    from catalog.models import SearchWord
    from catalog.search import writing

    parts = [word for word in SearchWord.objects.order_by("word").values_list("word", flat=True) if word.isalpha() and 4 <= len(word) <= 9]
    chance = random.Random(seed)
    made = {chance.choice(parts) + chance.choice(("", "s")) + chance.choice(parts) for _ in range(count)}
    with connection.cursor() as cursor:
        cursor.execute(writing.ADD_WORDS.format(counted="SELECT unnest(%s::text[]) AS word, 1 AS ndoc"), [sorted(made)])
        cursor.execute("VACUUM ANALYZE catalog_searchword")


if __name__ == "__main__":
    main()
