"""`make demo`: it starts, tells, stops, finds its data again, and refuses with one clear line."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.websesam.processes import alive_with, environment, wait_until
from websesam.embedded import BASE_DIR
from websesam.management.commands.demo import refuse_data_of_another_version

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Demo:
    """One directory and two ports, and the demo that runs there."""

    var: Path
    port: int
    mock_port: int

    def command(self, *words: str, **variables: str) -> dict[str, object]:
        """The arguments that run a command of manage.py there."""
        # Without the rest of the catalogue, which comes while the demo runs (tests/catalog/test_demo.py).
        ports = {"PORT": str(self.port), "MOCK_PORT": str(self.mock_port), "DEMO_ARTICLES": "0"}
        return {
            "args": [sys.executable, "manage.py", *words],
            "cwd": BASE_DIR,
            "env": environment(VAR_DIR=str(self.var), **(ports | variables)),
            "stdin": subprocess.DEVNULL,
            "text": True,
        }

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(**self.command(*words, **variables), capture_output=True, timeout=120, check=False)

    @contextlib.contextmanager
    def running(self) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
        """The demo, ready, and what it has said."""
        with subprocess.Popen(**self.command("demo"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            said = []
            try:
                assert process.stdout
                for line in process.stdout:
                    said.append(line.rstrip())
                    if line.startswith("Ctrl-C"):
                        break
                else:
                    pytest.fail("\n".join(said))
                yield process, said
            finally:
                process.kill()

    def stop(self, process: subprocess.Popen[str]) -> list[str]:
        """End it by SIGTERM; what it says then."""
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
        return output.splitlines()

    def get(self, path: str) -> dict[str, object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return json.load(answer)

    def left(self) -> list[str]:
        """What still runs and belongs to this demo, after the time that a worker's tasks need."""
        wait_until(lambda: not alive_with(str(self.var)), 30)
        return alive_with(str(self.var))


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Demo:
    return Demo(tmp_path_factory.mktemp("demo") / "var", free_port(), free_port())


@pytest.fixture
def elsewhere(tmp_path) -> Demo:
    return Demo(tmp_path / "var", free_port(), free_port())


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line on stderr of a command that refused."""
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    return line


def test_the_demo_starts_tells_and_stops_and_the_next_start_finds_its_data(demo):
    with demo.running() as (process, said):
        assert "Uppdaterar databasen …" in said
        assert f"webSesam är igång:  http://127.0.0.1:{demo.port}/" in said
        assert [line for line in said if "Karin Sjögren" in line]
        assert demo.get("/readyz")["database"] == demo.get("/readyz")["broker"] == "ok"
        assert demo.get("/healthz") == {"status": "ok"}

        assert "demon körs redan här" in refusal(demo.run("demo", PORT=str(free_port())))
        assert "demon körs redan här" in refusal(demo.run("demo_reset"))
        assert demo.stop(process) == ["Stannar …", "Stannad. Nästa start hittar samma data."]
        assert process.returncode == 0
    assert demo.left() == []

    with demo.running() as (process, said):
        assert "Demodata finns redan." in said
        os.kill(process.pid, signal.SIGKILL)
    assert demo.left() == [], "the processes and the servers die with a demo that is killed"

    assert demo.run("demo_reset").stdout == f"Demons data under {demo.var} är borttagna.\n"
    assert {path.name for path in demo.var.iterdir()} == {"run"}


@pytest.mark.parametrize("variable", ["PORT", "MOCK_PORT"])
def test_a_port_in_use_is_told_in_one_line_and_leaves_nothing_running(elsewhere, variable):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refusal(elsewhere.run("demo", **{variable: str(port)}))
    assert f"port {port} är upptagen" in line
    assert f"make demo {variable}=" in line
    assert elsewhere.left() == []


@pytest.mark.parametrize("port", ["80", "99999", "web"])
def test_a_port_that_is_none_is_told_in_one_line(elsewhere, port):
    assert f"{port} är ingen port" in refusal(elsewhere.run("demo", PORT=port))


def test_a_write_that_fails_while_it_prepares_is_told_in_one_line_and_leaves_nothing_running(elsewhere):
    elsewhere.run("migrate", "--plan")
    (elsewhere.var / "static").write_text("a file where the directory should be")
    line = refusal(elsewhere.run("demo"))
    assert "demo kunde inte starta" in line
    assert elsewhere.left() == []


@pytest.mark.django_db
def test_data_of_another_version_is_refused():
    refuse_data_of_another_version()
    MigrationRecorder(connection).record_applied("catalog", "0099_of_tomorrow")
    with pytest.raises(CommandError, match="make demo-reset"):
        refuse_data_of_another_version()


def test_the_demo_runs_in_no_other_environment(elsewhere):
    addresses = {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": os.environ["REDIS_URL"]}
    assert "demo kräver ENVIRONMENT=demo" in refusal(elsewhere.run("demo", ENVIRONMENT="test", **addresses))


def test_reset_refuses_while_a_command_uses_the_data(elsewhere):
    script = "import sys; print('attached', flush=True); sys.stdin.read()"
    command = elsewhere.command("unused")
    command |= {"args": [sys.executable, "-m", "websesam.embedded", "run", "--", sys.executable, "-c", script], "stdin": subprocess.PIPE}
    with subprocess.Popen(**command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "attached\n"
        assert "används av ett annat kommando" in refusal(elsewhere.run("demo_reset"))
        assert (elsewhere.var / "postgres" / "PG_VERSION").exists()
        holder.communicate()
    assert elsewhere.run("demo_reset").returncode == 0
    assert not (elsewhere.var / "postgres").exists()


def test_reset_with_nothing_there_says_so(elsewhere):
    assert elsewhere.run("demo_reset").stdout == "Det finns inget att ta bort.\n"
