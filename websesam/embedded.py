"""A private PostgreSQL and Redis under var/, for whoever has set no DATABASE_URL or REDIS_URL (docs/operations.md).

Several processes share them. Each user of the servers holds a shared lock on one file; the kernel lets go of it however the process ends, so nobody is
counted who is gone. A keeper process waits for the exclusive lock on the same file: it gets it when the last user is out, and stops the servers then.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import IO, Final

from websesam import private_servers
from websesam.private_servers import CannotStart, Postgres, Redis, make_directory

BASE_DIR: Final = Path(__file__).resolve().parent.parent

# These neither read nor write a table, so they wait for no server. Their settings get addresses that nobody answers.
SERVERLESS: Final = frozenset(
    {"check", "collectstatic", "compilemessages", "demo_reset", "diffsettings", "findstatic", "help", "make_hjmtj_feed", "make_sesam2_docs"}
    | {"makemessages", "mock_sesam2", "startapp", "testserver", "version"}
)
PLACEHOLDERS: Final = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "REDIS_URL": "redis://127.0.0.1:1/0"}


@contextlib.contextmanager
def servers(argv: list[str], environ: MutableMapping[str, str] = os.environ) -> Iterator[None]:
    """Give `environ` a DATABASE_URL and a REDIS_URL for the command in `argv` (`["manage.py", "migrate"]`), and take them back after.

    Addresses that are set are left alone. With ENVIRONMENT=test the servers are others, under var/test, quick and forgetful.
    Ends the process with code 2 and one line on stderr when a server is wanted and cannot be had.
    """
    missing = {name for name in PLACEHOLDERS if not environ.get(name)}
    before = dict(environ)
    try:
        if not missing or needs_no_server(argv):
            environ.update({name: PLACEHOLDERS[name] for name in missing})
            yield
            return
        try:
            _end_on_sigterm()
            if environ.get("ENVIRONMENT") == "production":
                raise CannotStart(f"{' och '.join(sorted(missing))} måste vara satt med ENVIRONMENT=production")
            embedded = Embedded.from_environment(environ)
            urls = embedded.attach(postgres="DATABASE_URL" in missing, redis="REDIS_URL" in missing)
        except (CannotStart, OSError) as error:
            sys.stderr.write(f"websesam: {error}\n")
            raise SystemExit(2) from None
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        try:
            if environ.get("BROKER_URL"):
                urls.pop("BROKER_URL", None)
            environ.update(urls)
            yield
        finally:
            embedded.detach()
    finally:
        for name in ("DATABASE_URL", "REDIS_URL", "BROKER_URL"):
            if name in before:
                environ[name] = before[name]
            else:
                environ.pop(name, None)


def needs_no_server(argv: list[str]) -> bool:
    """Whether the command line asks for something that works without a database."""
    if len(argv) < 2 or {"-h", "--help", "--version"} & set(argv[1:]):
        return True
    return argv[1] in SERVERLESS and "--database" not in argv


def _end_on_sigterm() -> None:
    """Make SIGTERM unwind the stack as Ctrl-C does, unless somebody has decided otherwise."""
    with contextlib.suppress(ValueError):  # not the main thread, which alone may set it
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, lambda signum, _frame: sys.exit(128 + signum))


class Embedded:
    """The servers of one var/ directory, as seen by one process."""

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        """`durable=False` trades safety against power loss for speed; for tests."""
        self.var = var.absolute()
        self.durable = durable
        self.run = self.var / "run"
        self.postgres = Postgres(self.var, durable=durable)
        self.redis = Redis(self.var)
        self._use: IO[str] | None = None

    @classmethod
    def from_environment(cls, environ: MutableMapping[str, str] = os.environ) -> "Embedded":
        """The servers under VAR_DIR (default: var/ of the repository), or those of the tests with ENVIRONMENT=test."""
        var = Path(environ.get("VAR_DIR") or BASE_DIR / "var")
        testing = environ.get("ENVIRONMENT") == "test"
        return cls(var / "test" if testing else var, durable=not testing)

    def attach(self, *, postgres: bool = True, redis: bool = True) -> dict[str, str]:
        """Start what does not run, keep it running until detach(), and return the environment that points at it."""
        for directory in (self.run, self.var / "log"):
            make_directory(directory)
        with _locked(self.run / "gate.lock"):
            self._use = _open_lock(self.run / "users.lock")
            fcntl.flock(self._use, fcntl.LOCK_SH)  # waits while the keeper is stopping the servers
            try:
                self._ensure_keeper()
                environment = {}
                if postgres:
                    self.postgres.ensure()
                    environment["DATABASE_URL"] = self.postgres.url
                if redis:
                    self.redis.ensure()
                    environment |= {"REDIS_URL": f"unix://{self.redis.path}?db=0", "BROKER_URL": f"redis+socket://{self.redis.path}?virtual_host=0"}
            except BaseException:
                self.detach()
                raise
            return environment

    def detach(self) -> None:
        """Let go of the servers. The last one out stops them, and returns when they are gone."""
        if self._use is None:
            return
        self._use.close()
        self._use = None
        with contextlib.suppress(OSError), _open_lock(self.run / "users.lock") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.stop()
            except BlockingIOError:
                try:
                    fcntl.flock(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    return  # others use them
                except BlockingIOError:
                    pass  # the keeper was quicker; it goes when it has stopped them
        with contextlib.suppress(OSError), _open_lock(self.run / "keeper.lock") as keeper:
            _flock_within(keeper, seconds=10)

    def stop(self) -> None:
        """Stop both servers. The caller holds the exclusive lock."""
        private_servers.stop(self.redis, self.postgres)

    def in_use(self) -> bool:
        """Whether any process is attached now."""
        if not (self.run / "users.lock").exists():
            return False
        with _open_lock(self.run / "users.lock") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def _ensure_keeper(self) -> None:
        with _open_lock(self.run / "keeper.lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # one is waiting already
            kind = "durable" if self.durable else "forgetful"
            command = [sys.executable, "-P", private_servers.__file__, str(self.var), kind, str(self.run / "users.lock"), str(lock.fileno())]
            with (self.var / "log" / "keeper.log").open("a") as log:  # the lock goes with the file that the keeper inherits
                keeper = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[lock.fileno()], start_new_session=True)
            keeper.returncode = 0  # it outlives us, and nobody waits for it


def _open_lock(path: Path) -> IO[str]:
    return path.open("a")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with _open_lock(path) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _flock_within(lock: IO[str], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.01)
    return False


def main(argv: list[str]) -> int:
    """`run -- command …`: run the command with the servers' addresses in its environment."""
    match argv[1:]:
        case ["run", "--", *command] if command:
            with servers(["embedded", "run"]):
                try:
                    return subprocess.call(command)
                except FileNotFoundError as error:
                    raise SystemExit(f"websesam: {error}") from None
        case _:
            raise SystemExit("usage: python -m websesam.embedded run -- COMMAND …")


if __name__ == "__main__":
    sys.exit(main(sys.argv))
