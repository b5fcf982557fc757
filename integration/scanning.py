"""The hook to a virus scanner: clamd's INSTREAM, when `CLAMD_URL` is set (tcp://host:3310 or unix:///run/clamd.sock)."""

import socket
import struct
from urllib.parse import urlsplit

import structlog
from django.conf import settings

log = structlog.get_logger(__name__)
TIMEOUT_SECONDS = 20
CHUNK = 64 * 1024


class Infected(Exception):
    """The scanner found something."""


class ScannerAway(Exception):
    """The scanner does not answer, or not as clamd does: nothing is let in unscanned."""


def scan(data: bytes) -> None:
    """Nothing without `CLAMD_URL`. Raises `Infected` and `ScannerAway`."""
    if not settings.CLAMD_URL:
        return
    try:
        answer = _ask(data)
    except (OSError, ValueError) as error:
        log.error("scanner.away", error=type(error).__name__)
        raise ScannerAway from error
    if answer == "stream: OK":
        return
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        log.warning("scanner.found", signature=answer.removeprefix("stream: ").removesuffix(" FOUND")[:100])
        raise Infected
    log.error("scanner.away", error="answer")
    raise ScannerAway


def _ask(data: bytes) -> str:
    with _connect() as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), CHUNK):
            chunk = data[start : start + CHUNK]
            connection.sendall(struct.pack("!I", len(chunk)) + chunk)
        connection.sendall(struct.pack("!I", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < CHUNK:
            part = connection.recv(4096)
            if not part:
                break
            answer += part
    return answer.rstrip(b"\0").decode("ascii", "replace")


def _connect() -> socket.socket:
    url = urlsplit(settings.CLAMD_URL)
    if url.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(TIMEOUT_SECONDS)
        try:
            connection.connect(url.path)
        except OSError:
            connection.close()
            raise
        return connection
    return socket.create_connection((url.hostname or "", url.port or 3310), timeout=TIMEOUT_SECONDS)
