"""The processes that the portal consists of, and a supervisor that keeps them running together (docs/operations.md).

`make demo` starts these commands; docker-compose.yml names the same ones, and a test compares them.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

RESTARTS_A_MINUTE: Final = 5
STOP_SECONDS: Final = 10
PR_SET_PDEATHSIG: Final = 1


def web(bind: str) -> list[str]:
    """The web server. It writes no access log: addresses may hold what should not be kept, and the application logs each request itself."""
    options = ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--graceful-timeout", "10", "--no-control-socket"]
    return ["gunicorn", "websesam.wsgi", "--bind", bind, *options]


def worker() -> list[str]:
    """Sends and receives messages, imports the feed, fetches media. Threads, since it mostly waits: three may send, two fetch, one imports."""
    return ["celery", "--app", "websesam", "worker", "--pool", "threads", "--concurrency", "8", "--loglevel", "warning", "--without-gossip", "--without-mingle"]


def beat() -> list[str]:
    """The clock: sweeps the queues. Exactly one may run."""
    return ["celery", "--app", "websesam", "beat", "--loglevel", "warning"]


def stand_in(host: str, port: int, db: str) -> list[str]:
    """The stand-in for SESAM2, for the demo and a trial; `db` is the file that it keeps its state in."""
    return ["integration.mock_sesam2", "--host", host, "--port", str(port), "--db", db]


class GaveUp(Exception):
    """A process keeps ending; the text names it and its log, in Swedish."""


class Supervisor:
    """Starts processes, starts again those that end, and stops them all.

    A process dies with the supervisor, also when that is killed: the kernel tells it so (Linux).
    """

    def __init__(self, *, logs: Path, environment: Mapping[str, str], say: Callable[[str], None], patience: float = STOP_SECONDS) -> None:
        """`logs`: a directory for one file per process; `say` gets one line for people each time something happens; `patience`: seconds to stop in."""
        self.logs = logs
        self.environment = dict(environment)
        self.say = say
        self.patience = patience
        self.commands: dict[str, Sequence[str]] = {}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ended_at: deque[float] = deque()

    def start(self, name: str, command: Sequence[str]) -> None:
        """Run `command` in a session of its own, so that Ctrl-C reaches the supervisor alone. Its output goes to `<name>.log`, last time's to `.log.old`."""
        log = self._log(name)
        if name not in self.commands and log.exists():
            log.replace(log.with_suffix(".log.old"))
        self.commands[name] = command
        with log.open("ab") as output:
            self.running[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - what it runs between fork and exec takes no lock
            )

    def require_all(self) -> None:
        """Raise GaveUp if anything has ended: for the time before the portal is ready, when another try would end in the same way."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise GaveUp(f"{name} kunde inte starta ({_how(process.returncode)}); se {self._log(name)}")

    def check(self) -> None:
        """Start again what has ended. Raises GaveUp at the sixth end within a minute."""
        for name, process in list(self.running.items()):
            if process.poll() is None:
                continue
            now = time.monotonic()
            self.ended_at.append(now)
            while self.ended_at[0] < now - 60:
                self.ended_at.popleft()
            _signal_group(process, signal.SIGKILL)  # what it may have left
            if len(self.ended_at) > RESTARTS_A_MINUTE:
                raise GaveUp(f"{name} avslutas gång på gång ({_how(process.returncode)}); se {self._log(name)}")
            self.say(f"{name} avslutades ({_how(process.returncode)}) och startas om; se {self._log(name)}")
            self.start(name, self.commands[name])

    def stop(self) -> None:
        """Stop everything that was started, the last first: politely, and after `patience` seconds not."""
        for process in reversed(self.running.values()):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + self.patience
        for process in self.running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()
            _signal_group(process, signal.SIGKILL)
        self.running.clear()

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


def python(command: Sequence[str]) -> list[str]:
    """The command, run as a module of this very Python, so that nothing depends on PATH."""
    return [sys.executable, "-m", *command]


def _die_with(parent: int) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)  # loaded before the fork: between fork and exec only the call itself is safe

    def ask() -> None:
        library.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _signal_group(process: subprocess.Popen[bytes], signum: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signum)


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"kod {code}"
