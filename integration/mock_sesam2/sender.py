"""Sends the outbox to the portal: at least once, in order per subject, with back-off; and keeps the clock."""

import http.client
import logging
import secrets
import socket
import ssl
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from sqlite3 import Row
from urllib.parse import urlsplit

from integration.mock_sesam2 import bases
from integration.mock_sesam2.config import Config
from integration.mock_sesam2.control import Control
from integration.mock_sesam2.life import Life
from integration.mock_sesam2.signing import signed_headers
from integration.mock_sesam2.store import Store

log = logging.getLogger("mock_sesam2")

PARALLEL = 8
TICK_SECONDS = 0.05
CONNECT_SECONDS, TOTAL_SECONDS = 3.0, 10.0
FIRST_WAIT, LONGEST_WAIT, LONGEST_RETRY_AFTER = 1.0, 60.0, 3600.0
REORDER_HOLD_SECONDS = 0.5
FINAL = frozenset({400, 409, 413, 415, 422})


class Sender:
    """One thread plans, a pool sends. A message that is refused for good is parked, and its subject goes on with a gap."""

    def __init__(self, store: Store, config: Config, control: Control, life: Life) -> None:
        self.store, self.config, self.control, self.life = store, config, control, life
        self.answers: deque[tuple[str, int | None]] = deque(maxlen=20_000)
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._in_flight: dict[int, str] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(PARALLEL, thread_name_prefix="mock-sesam2-send")
        self._thread = threading.Thread(target=self._run, name="mock-sesam2-clock", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when nothing is being sent any more."""
        self._stopped.set()
        self.wake()
        self._thread.join()
        self._pool.shutdown()

    def wake(self) -> None:
        """Something may be due."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.life.run_due()
                bases.make_monthly(self.store, self.config)
                if not self.control.down:
                    self._send_due()
            except Exception:
                log.exception("clock")
            self._wake.wait(TICK_SECONDS)
            self._wake.clear()

    def _send_due(self) -> None:
        reorder = self.control.reorder
        if reorder:
            self._send_reversed(reorder)
            return
        # Under the lock no answer is being noted, so what is read as waiting is waiting.
        with self._lock:
            for row in self.store.sendable(ordered=True):
                if len(self._in_flight) >= PARALLEL * 2:
                    break
                if row["position"] not in self._in_flight and row["subject"] not in self._in_flight.values():
                    self._in_flight[row["position"]] = row["subject"]
                    self._pool.submit(self._send, row)

    def _send_reversed(self, reorder: int | bool) -> None:
        """The newest first, whatever the subject: all that wait, or once as many as were asked for."""
        with self._lock:
            if self._in_flight:
                return
            rows = self.store.sendable(ordered=False)
        if reorder is True:
            oldest = min((row["due"] for row in rows), default=time.time())
            if time.time() - oldest < REORDER_HOLD_SECONDS:
                return
        elif len(rows) < reorder:
            return
        for row in reversed(rows):
            with self._lock:
                self._in_flight[row["position"]] = row["subject"]
            self._send(row)
        if reorder is not True:
            self.control.set({"reorder": False})

    def _send(self, row: Row) -> None:
        status: int | None = None
        retry_after = ""
        try:
            for copy in range(max(1, self.control.duplicate)):
                answer, wait = self._put(row["message_id"], row["raw"].encode())
                if copy == 0:
                    status, retry_after = answer, wait
        except Exception:
            log.exception("send")
        with self._lock:
            self._note(row, status, retry_after)
            del self._in_flight[row["position"]]
        self.wake()

    def _note(self, row: Row, status: int | None, retry_after: str) -> None:
        attempts = row["attempts"] + 1
        state, due = "waiting", time.time()
        if status in (200, 202):
            state = "done"
        elif status in FINAL:
            state = "parked"
            log.error("parked %s %s: %s", row["message_id"], row["subject"], status)
        else:
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 10)) * (0.8 + secrets.randbelow(400) / 1000) / max(1.0, self.config.speed)
            due += max(wait, 0.05, seconds_of(retry_after))
            if status in (401, 403):
                log.error("not let in by the portal: %s", status)
        self.store.run(
            "UPDATE outbox SET state = ?, due = ?, attempts = ?, status = ?, acknowledged = ? WHERE position = ?",
            state,
            due,
            attempts,
            status,
            time.time() if state == "done" else None,
            row["position"],
        )

    def _put(self, message_id: str, body: bytes) -> tuple[int | None, str]:
        """The answer's status, None without one, and its Retry-After."""
        parts = urlsplit(self.config.portal_url)
        target = f"{parts.path.rstrip('/')}/api/sesam2/v1/messages/{message_id}"
        headers = signed_headers(self.config.key_id, self.config.keys[self.config.key_id], "PUT", target, message_id, body)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
        try:
            connection.connect()
            if connection.sock:
                connection.sock.settimeout(TOTAL_SECONDS)
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.request("PUT", target, body, headers | {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            status, retry_after = response.status, response.headers.get("Retry-After", "")
        except (OSError, http.client.HTTPException, ssl.SSLError):
            status, retry_after = None, ""
        finally:
            connection.close()
        self.answers.append((message_id, status))
        return status, retry_after


def seconds_of(retry_after: str) -> float:
    """Retry-After as seconds from now: a number or an HTTP date, at most an hour."""
    if retry_after.isascii() and retry_after.isdigit():
        seconds = float(retry_after[:9])
    else:
        try:
            moment = parsedate_to_datetime(retry_after)
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp()
        except ValueError:
            seconds = 0.0
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)
