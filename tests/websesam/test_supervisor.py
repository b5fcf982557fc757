"""The supervisor of the portal's processes, with processes of our own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.websesam.processes import is_alive, wait_until
from websesam.embedded import BASE_DIR
from websesam.processes import GaveUp, Supervisor

WAIT = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
STUBBORN = [sys.executable, "-S", "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"]
WITH_CHILD = [sys.executable, "-S", "-c", "import os, time; child = os.fork(); child and print(child, flush=True); time.sleep(60)"]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path, said):
    supervisor = Supervisor(logs=tmp_path, environment=os.environ, say=said.append, patience=1)
    yield supervisor
    supervisor.stop()


def test_a_process_that_ends_is_started_again_with_a_clear_line(supervisor, said, tmp_path):
    supervisor.start("worker", WAIT)
    first = supervisor.running["worker"]
    supervisor.check()
    assert said == []
    first.kill()
    first.wait()
    supervisor.check()
    assert said == [f"worker avslutades (signal SIGKILL) och startas om; se {tmp_path}/worker.log"]
    assert supervisor.running["worker"].pid != first.pid
    assert is_alive(supervisor.running["worker"].pid)


def test_a_process_that_cannot_live_is_given_up_at_the_sixth_end_within_a_minute(supervisor, said, tmp_path):
    supervisor.start("web", [sys.executable, "-S", "-c", "print('no luck'); raise SystemExit(3)"])
    for _ in range(5):
        supervisor.running["web"].wait()
        supervisor.check()
    supervisor.running["web"].wait()
    with pytest.raises(GaveUp, match=r"web avslutas gång på gång \(kod 3\); se .*web\.log"):
        supervisor.check()
    assert len(said) == 5
    assert (tmp_path / "web.log").read_text() == "no luck\n" * 6


def test_a_process_that_ends_before_the_portal_is_ready_is_given_up_at_once(supervisor, said):
    supervisor.start("web", [sys.executable, "-S", "-c", "raise SystemExit(3)"])
    supervisor.running["web"].wait()
    with pytest.raises(GaveUp, match=r"web kunde inte starta \(kod 3\)"):
        supervisor.require_all()
    assert said == []


def test_stop_ends_everything_also_what_does_not_listen_and_what_was_left_by_a_child(supervisor, tmp_path):
    supervisor.start("stubborn", STUBBORN)
    supervisor.start("parent", WITH_CHILD)
    assert wait_until(lambda: (tmp_path / "stubborn.log").read_text() and (tmp_path / "parent.log").read_text())
    pids = [*(process.pid for process in supervisor.running.values()), int((tmp_path / "parent.log").read_text())]
    started = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - started < 3
    assert wait_until(lambda: not any(is_alive(pid) for pid in pids), 2)


def test_each_start_keeps_the_log_of_the_time_before(tmp_path, said):
    for text in ("first", "second"):
        supervisor = Supervisor(logs=tmp_path, environment=os.environ, say=said.append)
        supervisor.start("web", [sys.executable, "-S", "-c", f"print({text!r})"])
        supervisor.running["web"].wait()
        supervisor.stop()
    assert (tmp_path / "web.log").read_text() == "second\n"
    assert (tmp_path / "web.log.old").read_text() == "first\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_the_processes_die_with_a_supervisor_that_is_killed(tmp_path):
    script = f"""
import os, pathlib, time
from websesam.processes import Supervisor
supervisor = Supervisor(logs=pathlib.Path({str(tmp_path)!r}), environment=os.environ, say=print)
supervisor.start("child", {WAIT!r})
print(supervisor.running["child"].pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not is_alive(child), 3)


def test_a_log_directory_that_is_missing_is_an_error_at_once(said):
    with pytest.raises(OSError, match="No such file"):
        Supervisor(logs=Path("/nonexistent"), environment=os.environ, say=said.append).start("web", WAIT)
