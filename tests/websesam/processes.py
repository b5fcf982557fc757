"""What the tests of running processes need: who is alive, and a way to wait."""

import os
import time
from collections.abc import Callable
from pathlib import Path

WITHOUT_SERVERS = {"DATABASE_URL", "REDIS_URL", "BROKER_URL", "ENVIRONMENT", "PORT", "MOCK_PORT", "SESAM2_URL"}


def environment(**variables: str) -> dict[str, str]:
    """The environment of somebody who has set nothing but `variables`: without the addresses that this test run was given."""
    return {name: value for name, value in os.environ.items() if name not in WITHOUT_SERVERS and not name.startswith(("PYTEST_", "COV_"))} | variables


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be counted does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def alive_with(text: str) -> list[str]:
    """The command lines of the processes that have `text` in their command line or environment, but for our own."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal() or int(process.name) == os.getpid() or not is_alive(int(process.name)):
            continue
        try:
            command = (process / "cmdline").read_bytes()
            surroundings = (process / "environ").read_bytes()
        except OSError:
            continue
        if text.encode() in command + surroundings:
            found.append(command.replace(b"\0", b" ").decode())
    return found


def wait_until(true: Callable[[], object], seconds: float = 20) -> bool:
    """Whether it became true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return bool(true())
