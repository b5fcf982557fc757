"""Runs the whole portal on this machine: `make demo` (docs/operations.md)."""

import contextlib
import fcntl
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, ClassVar, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from accounts.models import Assignment
from catalog.demo.load import ALL_ARTICLES, FIRST_ARTICLES
from websesam import processes

READY_SECONDS = 60


class Stopped(Exception):
    """Somebody asked the demo to stop."""


class Command(BaseCommand):
    help = "Startar portalen med databas, kö, bakgrundsarbete och en låtsad SESAM2. Avsluta med Ctrl-C."
    requires_system_checks: ClassVar = []
    personas: Sequence[Assignment] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="portalens port på 127.0.0.1 (PORT)")
        parser.add_argument("--articles", type=int, default=os.environ.get("DEMO_ARTICLES") or ALL_ARTICLES, help="artiklar i katalogen (DEMO_ARTICLES)")
        parser.add_argument("--mock-port", default=os.environ.get("MOCK_PORT") or "8001", help="den låtsade SESAM2:s port (MOCK_PORT)")

    def handle(self, **options: Any) -> None:
        port, mock_port = _port(options["port"]), _port(options["mock_port"])
        if settings.ENVIRONMENT != "demo":
            raise CommandError("demo kräver ENVIRONMENT=demo")
        var = Path(settings.VAR_DIR)
        supervisor = processes.Supervisor(logs=var / "log", environment=_environment(port, mock_port), say=self.say)
        try:
            with _stop_on_signals(), only_one(var):
                try:
                    for wanted, variable in ((port, "PORT"), (mock_port, "MOCK_PORT")):
                        refuse_taken(wanted, variable)
                    self.prepare(options["articles"])
                    self.start(supervisor, port, mock_port, var)
                    self.welcome(port, mock_port)
                    while True:
                        time.sleep(0.5)
                        supervisor.check()
                finally:
                    with _ignoring_signals():
                        if supervisor.running:
                            self.say("Stannar …")
                        supervisor.stop()
        except Stopped:
            self.say("Stannad. Nästa start hittar samma data.")
        except processes.GaveUp as error:
            raise CommandError(str(error)) from None
        except (OSError, DatabaseError) as error:
            raise CommandError(f"demo kunde inte starta: {one_line(error)}") from None

    def prepare(self, articles: int) -> None:
        """Bring tables, static files and demo data up to date; what is more than the first of the articles comes when the worker runs."""
        refuse_data_of_another_version()
        steps: tuple[tuple[str, Callable[[], None]], ...] = (
            ("Uppdaterar databasen", lambda: call_command("migrate", verbosity=0, interactive=False)),
            ("Samlar statiska filer", lambda: call_command("collectstatic", verbosity=0, interactive=False)),
            (
                "Läser in demodata (bara första gången)",
                lambda: call_command("load_demo", of=articles if articles > FIRST_ARTICLES else None, stdout=self.stdout),
            ),
        )
        for line, step in steps:
            self.say(f"{line} …")
            step()
        self.personas = list(Assignment.objects.current().select_related("user", "unit").order_by("user__hsa_id", "pk"))
        for connection in connections.all(initialized_only=True):
            connection.close()
            getattr(connection, "close_pool", lambda: None)()

    def start(self, supervisor: processes.Supervisor, port: int, mock_port: int, var: Path) -> None:
        """Start every process and wait until the portal says that it is ready."""
        self.say("Startar portalen …")
        supervisor.start("sesam2", processes.python(processes.stand_in("127.0.0.1", mock_port, str(var / "mock.sqlite3"))))
        supervisor.start("worker", processes.python(processes.worker()))
        supervisor.start("beat", processes.python(processes.beat()))
        supervisor.start("web", processes.python(processes.web(f"127.0.0.1:{port}")))
        deadline = time.monotonic() + READY_SECONDS
        while not _is_ready(port):
            if time.monotonic() > deadline:
                raise processes.GaveUp(f"portalen blev inte klar på {READY_SECONDS} sekunder; se {var / 'log'}")
            time.sleep(0.1)
            supervisor.require_all()

    def welcome(self, port: int, mock_port: int) -> None:
        """Tell where the portal is and who one can log in as."""
        self.say("")
        self.say(f"webSesam är igång:  http://127.0.0.1:{port}/")
        self.say(f"Låtsad SESAM2:      http://127.0.0.1:{mock_port}/")
        self.say("")
        self.say("Logga in som:")
        for assignment in self.personas:
            self.say(f"  {assignment.user.name}, {assignment.user.title} – {assignment.get_role_display()}, {assignment.unit.name}")
        self.say("")
        self.say("Ctrl-C stannar allt. Börja om från början: make demo-reset")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _port(value: str) -> int:
    if not value.isdecimal() or not 1024 <= int(value) <= 65535:
        raise CommandError(f"{value} är ingen port; välj en mellan 1024 och 65535")
    return int(value)


def _environment(port: int, mock_port: int) -> dict[str, str]:
    """What the processes see: the portal and its stand-in know each other's address."""
    return {**os.environ, "SESAM2_URL": f"http://127.0.0.1:{mock_port}", "PORTAL_URL": f"http://127.0.0.1:{port}"}


def refuse_data_of_another_version() -> None:
    """Raise CommandError if the database has had migrations that this version does not have (decision 0047)."""
    known = MigrationLoader(connections["default"])
    if set(known.applied_migrations) - set(known.disk_migrations):
        raise CommandError("databasen är gjord av en annan version av webSesam; börja om med make demo-reset")


def refuse_taken(port: int, variable: str) -> None:
    """Raise CommandError if somebody listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(f"port {port} är upptagen ({error.strerror}); välj en annan: make demo {variable}={port + 10}") from None


@contextlib.contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold the demo of this var/ for ourselves. Raises CommandError if one is running; one that was killed is no hindrance."""
    path = var / "run" / "demo.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock: IO[str]
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError("demon körs redan här; stanna den först med Ctrl-C") from None
        yield


@contextlib.contextmanager
def _stop_on_signals() -> Iterator[None]:
    def stop(*_: object) -> NoReturn:
        raise Stopped

    before = {signum: signal.signal(signum, stop) for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


@contextlib.contextmanager
def _ignoring_signals() -> Iterator[None]:
    """A second Ctrl-C must not leave half of the processes running."""
    before = {signum: signal.signal(signum, signal.SIG_IGN) for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def one_line(error: BaseException) -> str:
    """The first line of an error, without the repetition that psycopg adds."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
