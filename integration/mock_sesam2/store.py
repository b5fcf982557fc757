"""What the stand-in remembers, in SQLite: messages received, orders with their planned steps, messages to send."""

import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from integration.mock_sesam2.dates import now

_TABLES = """
CREATE TABLE IF NOT EXISTS received (
    position INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT UNIQUE NOT NULL, fingerprint TEXT NOT NULL, raw TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY, erp_number TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS steps (
    id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL, due REAL NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS steps_due ON steps (due);
CREATE TABLE IF NOT EXISTS outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL, subject TEXT NOT NULL, sequence INTEGER NOT NULL, raw TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, status INTEGER, acknowledged REAL);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (state, due);
CREATE INDEX IF NOT EXISTS outbox_subject ON outbox (subject, sequence);
CREATE TABLE IF NOT EXISTS bases (id TEXT PRIMARY KEY, plan TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS nonces (nonce TEXT PRIMARY KEY, seen REAL NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
NONCE_SECONDS = 1200


class Store:
    """One connection that threads take turns at. What a `change()` block did is committed when it ends, or not at all."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """One transaction; inside another it belongs to that one."""
        with self._lock:
            outermost = self._depth == 0
            self._depth += 1
            try:
                if outermost:
                    self._db.execute("BEGIN IMMEDIATE")
                yield
                if outermost:
                    self._db.execute("COMMIT")
            except BaseException:
                if outermost:
                    self._db.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> int:
        """Rows changed."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def clear(self) -> None:
        """Forget everything."""
        with self.change():
            for table in ("received", "orders", "steps", "outbox", "bases", "nonces", "facts"):
                self.run(f"DELETE FROM {table}")  # noqa: S608 - the names stand above

    # --- received ---------------------------------------------------------------------------------

    def take(self, message: dict[str, Any], fingerprint: str) -> int:
        """202 when stored now, 200 when it was there, 409 when another body was."""
        message_id = message["messageId"].lower()
        if self.run(
            "INSERT INTO received (message_id, fingerprint, raw) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", message_id, fingerprint, json.dumps(message)
        ):
            return 202
        return 200 if self.rows("SELECT fingerprint FROM received WHERE message_id = ?", message_id)[0][0] == fingerprint else 409

    def received(self) -> list[dict[str, Any]]:
        return [json.loads(row["raw"]) for row in self.rows("SELECT raw FROM received ORDER BY position")]

    def nonce_is_new(self, nonce: str) -> bool:
        """False when it was seen before; remembered long enough for any accepted timestamp."""
        self.run("DELETE FROM nonces WHERE seen < ?", time.time() - NONCE_SECONDS)
        return self.run("INSERT INTO nonces VALUES (?, ?) ON CONFLICT DO NOTHING", nonce, time.time()) == 1

    # --- orders and their steps -------------------------------------------------------------------

    def order(self, number: str) -> dict[str, Any] | None:
        rows = self.rows("SELECT state FROM orders WHERE number = ?", number)
        return json.loads(rows[0]["state"]) if rows else None

    def save_order(self, state: dict[str, Any]) -> None:
        self.run(
            "INSERT INTO orders VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE SET state = excluded.state",
            state["number"],
            state["erp"],
            json.dumps(state),
        )

    def orders_after(self, number: str, limit: int) -> list[dict[str, Any]]:
        rows = self.rows("SELECT state FROM orders WHERE number > ? ORDER BY number LIMIT ?", number, limit)
        return [json.loads(row["state"]) for row in rows]

    def orders(self) -> list[dict[str, Any]]:
        return [json.loads(row["state"]) for row in self.rows("SELECT state FROM orders ORDER BY number")]

    def next_erp_number(self) -> str:
        value = int(self.fact("erp") or "900000") + 1
        self.set_fact("erp", str(value))
        return str(value)

    def plan(self, number: str, due: float, kind: str, data: dict[str, Any]) -> None:
        self.run("INSERT INTO steps (number, due, kind, data) VALUES (?, ?, ?, ?)", number, due, kind, json.dumps(data))

    def due_steps(self) -> list[sqlite3.Row]:
        return self.rows("SELECT * FROM steps WHERE due <= ? ORDER BY due, id LIMIT 200", time.time())

    def drop_steps(self, number: str) -> None:
        self.run("DELETE FROM steps WHERE number = ?", number)

    # --- to send ----------------------------------------------------------------------------------

    def queue(self, message_type: str, subject: str, body: dict[str, Any], sender: str, receiver: str, sequence: int | None = None) -> dict[str, Any]:
        """Put a message in the outbox under the next sequence of its subject."""
        with self.change():
            if sequence is None:
                sequence = self.rows("SELECT COALESCE(MAX(sequence), 0) + 1 FROM outbox WHERE subject = ?", subject)[0][0]
            message = self.message(message_type, subject, sequence, body, sender, receiver)
            self.run(
                "INSERT INTO outbox (message_id, subject, sequence, raw, due) VALUES (?, ?, ?, ?, ?)",
                message["messageId"],
                subject,
                sequence,
                json.dumps(message, ensure_ascii=False),
                time.time(),
            )
            return message

    @staticmethod
    def message(message_type: str, subject: str, sequence: int, body: dict[str, Any], sender: str, receiver: str) -> dict[str, Any]:
        """A new message, in its envelope."""
        return {
            "messageId": str(uuid.uuid4()),
            "messageType": message_type,
            "schemaVersion": "1",
            "created": now(),
            "sender": sender,
            "receiver": receiver,
            "subject": subject,
            "sequence": sequence,
            "body": body,
        }

    def sendable(self, *, ordered: bool) -> list[sqlite3.Row]:
        """What may be sent now, oldest first; with `ordered`, only the first unacknowledged of each subject."""
        earlier = "AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.subject = o.subject AND e.state = 'waiting' AND e.sequence < o.sequence)"
        sql = f"SELECT * FROM outbox o WHERE state = 'waiting' AND due <= ? {earlier if ordered else ''} ORDER BY position LIMIT 100"  # noqa: S608
        return self.rows(sql, time.time())

    def sent_after(self, position: int, limit: int) -> list[sqlite3.Row]:
        return self.rows("SELECT position, raw FROM outbox WHERE position > ? ORDER BY position LIMIT ?", position, limit)

    def fact(self, name: str) -> str:
        rows = self.rows("SELECT value FROM facts WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def set_fact(self, name: str, value: str) -> None:
        self.run("INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
