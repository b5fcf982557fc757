"""How many kundorder a second: `make bench` or `python -m bench.orders ["bare view" send …]`, some minutes on a quiet machine.

Over HTTP against gunicorn as the demo starts it, on a database of its own. What is measured, each at 1 and 8 users,
median of `ROUNDS` rounds, with the bare view (bench/bare.py) in the same run:

- send: the POST that sends a draft of 3 lines: session, scope, access log, number, lines priced, history, outbox
- form: the POST of the order form before it, with the 3 lines: session, scope, access log, the draft saved
- order: form and then send
- start, order page: GET
"""

import http.client
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode, urlsplit

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS", "4"))
USERS = (1, 8)


def main() -> None:
    os.environ["ENVIRONMENT"] = "test"
    os.environ["TEST_DATABASE_NAME"] = "bench_websesam"
    from websesam import embedded

    with embedded.servers(["bench", "run"]):
        os.environ["DJANGO_SETTINGS_MODULE"] = "websesam.settings"
        import django

        django.setup()
        from django.test.utils import setup_databases, teardown_databases

        databases = setup_databases(verbosity=0, interactive=False, aliases=["default"])
        try:
            _run()
        finally:
            from django.db import connections

            connections.close_all()
            teardown_databases(databases, verbosity=0)


def _run() -> None:
    portal, bare = _serve("websesam.wsgi"), _serve("bench.bare")
    try:
        world = World()
        print(f"{'':22}{'users':>6}{'per second':>12}{'median ms':>11}{'p95 ms':>9}")
        rates: dict[tuple[str, int], float] = {}
        for users in USERS:
            for name, address, work in [
                ("bare view", bare, bare_place),
                ("send", portal, send),
                ("form", portal, form),
                ("order (form + send)", portal, form_and_send),
                ("start page", portal, start_page),
                ("order page", portal, order_page),
            ]:
                if sys.argv[1:] and name not in sys.argv[1:]:
                    continue
                rounds = []
                for _ in range(ROUNDS):
                    world.prepare(users)
                    rounds.append(_measure(address, work, world, users))
                rate = statistics.median(rate for rate, _ in rounds)
                times = sorted(seconds for _, all_seconds in rounds for seconds in all_seconds)
                rates[name, users] = rate
                print(f"{name:22}{users:6}{rate:12.1f}{statistics.median(times) * 1000:11.1f}{times[int(len(times) * 0.95)] * 1000:9.1f}")
        for users in USERS:
            for name in ("send", "order (form + send)"):
                if (name, users) in rates and ("bare view", users) in rates:
                    print(f"{name} / bare view at {users}: {rates[name, users] / rates['bare view', users]:.2f}")
    finally:
        for server in (portal, bare):
            server.process.terminate()
            server.process.wait(10)


class Server:
    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port


def _serve(application: str) -> Server:
    """gunicorn with the demo's own options, on a free port, on the bench's database."""
    import socket

    from django.db import connection

    from websesam import processes

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    name = connection.settings_dict["NAME"]
    # The last part of the address is the database; before it a socket's folder may stand.
    url = re.sub(r"[^/?]+(?=\?|$)", name, os.environ["DATABASE_URL"], count=1)
    command = [application if part == "websesam.wsgi" else part for part in processes.web(f"127.0.0.1:{port}")]
    process = subprocess.Popen(processes.python(command), env={**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "ERROR", "LOG_JSON": "1"})
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return Server(process, port)
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{application} did not start")


class World:
    """Users with a session, and drafts of three lines for each of them to send."""

    def __init__(self) -> None:
        from tests import factories

        self.factories = factories
        self.by = [factories.assignment(f"Bench {n}", "PRESCRIBER", at=factories.unit(f"Bänkenhet {n}")) for n in range(max(USERS))]
        self.articles = [factories.article() for _ in range(3)]
        self.patients = [factories.patient(by) for by in self.by]
        self.cookies = [self._session(by) for by in self.by]
        self.sent = [factories.order(by, to=patient) for by, patient in zip(self.by, self.patients, strict=True)]
        self.drafts: list[Iterator[object]] = []

    def _session(self, by: object) -> str:
        from django.conf import settings
        from django.test import Client

        from accounts.middleware import ASSIGNMENT_KEY

        client = Client()
        client.force_login(by.user)  # type: ignore[attr-defined]
        session = client.session
        session[ASSIGNMENT_KEY] = by.pk  # type: ignore[attr-defined]
        session.save()
        return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; csrftoken={'c' * 32}"

    def prepare(self, users: int) -> None:
        """Enough drafts for a round, made in bulk beforehand."""
        from orders.models import Order, OrderLine

        self.drafts = []
        for by, patient in list(zip(self.by, self.patients, strict=True))[:users]:
            customer = by.unit.customers.get()
            made = Order.objects.bulk_create(
                Order(unit=by.unit, patient=patient, orderer=by, prescriber=by, customer=customer) for _ in range(int(1200 / users) + 50)
            )
            OrderLine.objects.bulk_create(
                OrderLine(
                    order=order,
                    line=line,
                    article=article,
                    article_name=article.display_name,
                    article_number=article.display_number,
                    quantity=1,
                    unit_price=article.unit_price(),
                )
                for order in made
                for line, article in enumerate(self.articles, start=1)
            )
            self.drafts.append(iter(made))


class User:
    """One keep-alive connection with one session."""

    def __init__(self, server: Server, world: World, number: int) -> None:
        self.world, self.number = world, number
        self.cookie = world.cookies[number]
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port)

    def get(self, path: str) -> None:
        self._ask("GET", path, None, 200)

    def post(self, path: str, data: dict[str, str], expected: int = 302) -> None:
        self._ask("POST", path, urlencode({"csrfmiddlewaretoken": "c" * 32, **data}), expected)

    def _ask(self, method: str, path: str, body: str | None, expected: int) -> None:
        headers = {"Cookie": self.cookie}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        response.read()
        if response.status != expected:
            raise SystemExit(f"{method} {urlsplit(path).path.split('/')[1]}: {response.status}")


def bare_place(user: User) -> None:
    user.get("/place")


def _fields(user: User) -> dict[str, str]:
    by = user.world.by[user.number]
    return {
        "do": "review",
        "customer": str(by.unit.customers_pk),
        "prescriber": str(by.pk),
        "method": "HOME",
        "quantity_1": "2",
        "quantity_2": "1",
        "quantity_3": "1",
        "accepts_equivalent": "on",
    }  # type: ignore[attr-defined]


def _next_draft(user: User) -> str:
    return f"/bestallningar/utkast/{next(user.world.drafts[user.number]).public_id}/"  # type: ignore[attr-defined]


def send(user: User) -> None:
    user.post(_next_draft(user) + "skicka/", {})


def form(user: User) -> None:
    user.post(_next_draft(user), _fields(user))


def form_and_send(user: User) -> None:
    path = _next_draft(user)
    user.post(path, _fields(user))
    user.post(path + "skicka/", {})


def start_page(user: User) -> None:
    user.get("/")


def order_page(user: User) -> None:
    user.get(user.world.sent[user.number].get_absolute_url())


def _measure(server: Server, work: Callable[[User], None], world: World, users: int) -> tuple[float, list[float]]:
    """Rate of all users together over `SECONDS`, and the time of each call in seconds."""
    for by in world.by:
        by.unit.customers_pk = by.unit.customers.get().pk
    times: list[list[float]] = [[] for _ in range(users)]
    people = [User(server, world, number) for number in range(users)]
    for person in people:
        work(person)
    barrier = threading.Barrier(users + 1)
    until = [0.0]

    def run(person: User, mine: list[float]) -> None:
        barrier.wait()
        while (begun := time.perf_counter()) < until[0]:
            work(person)
            mine.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=run, args=(person, mine)) for person, mine in zip(people, times, strict=True)]
    for thread in threads:
        thread.start()
    until[0] = time.perf_counter() + SECONDS
    begun = time.perf_counter()
    barrier.wait()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - begun
    all_times = [seconds for mine in times for seconds in mine]
    return len(all_times) / elapsed, all_times


if __name__ == "__main__":
    sys.exit(main())
