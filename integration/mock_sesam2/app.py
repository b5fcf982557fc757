"""The stand-in as a whole: store, clock, sender and door; and what /_control does to them."""

import json
import logging
import threading
import time
from typing import Any

from integration.mock_sesam2 import bases, schema_check
from integration.mock_sesam2.config import Config
from integration.mock_sesam2.control import BadControl, Control, checked, fields, integer, positive
from integration.mock_sesam2.life import Life
from integration.mock_sesam2.schema_check import Invalid
from integration.mock_sesam2.sender import Sender
from integration.mock_sesam2.server import Server
from integration.mock_sesam2.steps import ANSWERS, STEPS
from integration.mock_sesam2.store import Store

log = logging.getLogger("mock_sesam2")

_COMMANDS = frozenset({"send", "invoice_basis", "retry", "speed", "reset"})


class App:
    """Everything that runs; `start()` returns when the door is open."""

    def __init__(self, config: Config) -> None:
        if config.key_id not in config.keys:
            raise ValueError(f"the signing key {config.key_id} is not among the keys")
        self.config = config
        self.control = Control()
        self.store = Store(config.db)
        self.life = Life(self.store, config, self.control, STEPS, ANSWERS)
        self.sender = Sender(self.store, config, self.control, self.life)
        try:
            self.server = Server((config.host, config.port), self)
        except OSError:
            self.store.close()
            raise
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), name="mock-sesam2-door", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{self.config.host}:{self.server.server_address[1]}"

    def start(self) -> None:
        self.sender.start()
        self._thread.start()

    def stop(self) -> None:
        """Close the door, let what is being sent end, and close the store."""
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()
        self.sender.stop()
        self.store.close()

    def state(self) -> dict[str, Any]:
        """What was received and sent so far, for tests. `sent` is in the order of the portal's acknowledgements."""
        sent = self.store.rows("SELECT raw FROM outbox WHERE state = 'done' ORDER BY acknowledged, position")
        others = self.store.rows("SELECT message_id, state, attempts, status FROM outbox WHERE state <> 'done' ORDER BY position")
        return {
            "received": self.store.received(),
            "sent": [json.loads(row["raw"]) for row in sent],
            "waiting": [dict(row) for row in others if row["state"] == "waiting"],
            "parked": [dict(row) for row in others if row["state"] == "parked"],
            "answers": list(self.sender.answers),
            "control": self.control.shown() | {"speed": self.config.speed},
        }

    def open_orders(self, after: str, limit: int) -> tuple[list[dict[str, Any]], str]:
        """A page of the orders that are open here, and the cursor of the next."""
        page: list[dict[str, Any]] = []
        while len(page) < limit:
            orders = self.store.orders_after(after, limit)
            if not orders:
                break
            for order in orders:
                after = order["number"]
                if not order["closed"]:
                    page.append(_open_order(order))
                    if len(page) == limit:
                        break
        return page, after

    def steer(self, data: dict[str, Any]) -> dict[str, Any]:
        """Do what /_control is told. Raises BadControl, having done nothing, for what it does not understand."""
        switches = checked({name: value for name, value in data.items() if name not in _COMMANDS})
        speed = positive("speed", data["speed"]) if "speed" in data else None
        said = self._checked_send(data["send"]) if "send" in data else None
        basis = _basis_request(data["invoice_basis"]) if "invoice_basis" in data else None
        if data.get("reset", True) is not True or data.get("retry", True) is not True:
            raise BadControl("reset and retry must be true")
        answer: dict[str, Any] = {}
        if "reset" in data:
            self.control.reset()
            self.store.clear()
            self.sender.answers.clear()
        self._now(switches)
        if speed is not None:
            self._set_speed(speed)
        self.control.set(switches)
        if said:
            answer["messageId"] = self._queue(said)["messageId"]
        if basis is not None:
            answer["basis"] = bases.make(self.store, self.config, basis)["body"]
        if "retry" in data:
            answer["retried"] = self.store.run("UPDATE outbox SET state = 'waiting', due = ? WHERE state IN ('waiting', 'parked')", time.time())
        self.sender.wake()
        return answer | {"control": self.control.shown()}

    def _set_speed(self, speed: float) -> None:
        """What is planned comes sooner or later in the same proportion."""
        now = time.time()
        self.store.run("UPDATE steps SET due = ? + (due - ?) * ?", now, now, self.config.speed / speed)
        self.config.speed = speed

    def _now(self, switches: dict[str, Any]) -> None:
        """A cancellation or a delay of an order that is here happens at once, and is no switch."""
        for name, act in (("cancel_next", self.life.cancel), ("delay_next", self.life.delay)):
            given = switches.get(name)
            if not given or "orderNumber" not in given:
                continue
            with self.store.change():
                order = self.store.order(given["orderNumber"])
                if order is None or order["closed"]:
                    raise BadControl(f"{name}.orderNumber: no such open order")
                act(order, given)
                self.store.save_order(order)
            del switches[name]

    def _checked_send(self, value: Any) -> dict[str, Any]:
        given = fields("send", value, {"messageType": str, "subject": str, "body": dict, "sequence": int, "unchecked": bool})
        if {"messageType", "subject", "body"} - set(given):
            raise BadControl("send needs messageType, subject and body")
        if not given.get("unchecked"):
            probe = self.store.message(given["messageType"], given["subject"], given.get("sequence", 1), given["body"], *self._parties)
            try:
                schema_check.check(probe, schema_check.FROM_SESAM2)
            except Invalid as error:
                raise BadControl(f"send: the contract does not allow it: {error}") from None
        return given

    def _queue(self, given: dict[str, Any]) -> dict[str, Any]:
        return self.store.queue(given["messageType"], given["subject"], given["body"], *self._parties, sequence=given.get("sequence"))

    @property
    def _parties(self) -> tuple[str, str]:
        return self.config.own_gln, self.config.portal_gln


def _basis_request(value: Any) -> dict[str, Any]:
    allowed = {"payerNumber": str, "customerNumber": str, "period": str, "lines": int, "lineCount": int, "total": str, "breakAfter": int, "wrong": str}
    given = fields("invoice_basis", {} if value is True else value, allowed)
    integer("invoice_basis.lines", given.get("lines", 1), 0, bases.MOST_LINES)
    integer("invoice_basis.breakAfter", given.get("breakAfter", 0), 0, bases.MOST_LINES)
    if given.get("wrong", bases.WRONGS[0]) not in bases.WRONGS:
        raise BadControl(f"invoice_basis.wrong must be one of {', '.join(bases.WRONGS)}")
    period = given.get("period", "2026-10")
    if len(period) != 7 or period[4] != "-" or not (period[:4] + period[5:]).isdigit() or not 1 <= int(period[5:]) <= 12 or int(period[:4]) < 1850:
        raise BadControl("invoice_basis.period must be YYYY-MM")
    return given


def _open_order(order: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "orderNumber": order["number"],
        "erpOrderNumber": order["erp"],
        "status": order["status"],
        "lines": [
            {
                "line": line["line"],
                "delivered": line["delivered"],
                "outstanding": line["quantity"] - line["delivered"] - line["cancelled"],
                "cancelled": line["cancelled"],
            }
            for line in order["lines"]
        ],
    }
    return shown | ({"promisedDate": order["promised"]} if order.get("promised") else {})
