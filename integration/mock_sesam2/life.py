"""The lives of orders at SESAM2: what it says, and how long after it got the order."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from integration.mock_sesam2.config import Config
from integration.mock_sesam2.control import Control
from integration.mock_sesam2.dates import today, weekday
from integration.mock_sesam2.store import Store

log = logging.getLogger("mock_sesam2")

Step = Callable[["Life", dict[str, Any], dict[str, Any]], None]

# messageType → what happens, seconds after it came at speed 1.
LIVES: dict[str, list[tuple[str, float]]] = {
    "CustomerOrder": [("receive", 1), ("accept", 3), ("despatch", 60), ("deliver", 90)],
    "StockOrder": [("receive", 1), ("accept", 3), ("despatch", 60), ("deliver", 90)],
    "StockWithdrawal": [("withdrawn", 2)],
    "WorkOrder": [("receive", 1), ("accept", 3), ("plan_work", 10), ("start_work", 40), ("complete_work", 80)],
    "PickupOrder": [("receive", 1), ("accept", 3), ("schedule", 10), ("pick_up", 60), ("deregister", 90)],
    "FaultReport": [("fault_received", 1), ("fault_investigating", 20), ("fault_answer", 40), ("fault_answered", 41), ("fault_closed", 90)],
}
ANSWER_SECONDS = 1.0
CANCEL_SECONDS = 3.0
DELAY_SECONDS = 10.0
NEXT_PART_SECONDS = 60.0
AFTER_COST_ANSWER = [("start_work", 5.0), ("complete_work", 45.0)]
# Weekdays until what is promised.
PROMISE_DAYS = {"CustomerOrder": 5, "StockOrder": 7, "WorkOrder": 8, "PickupOrder": 5}
_OPEN_TYPES = frozenset(PROMISE_DAYS)


class Life:
    """Takes messages, plans steps, and turns due steps into messages. Always called inside `store.change()`."""

    def __init__(self, store: Store, config: Config, control: Control, steps: Mapping[str, Step], answers: Mapping[str, Step]) -> None:
        self.store, self.config, self.control = store, config, control
        self._steps, self._answers = steps, answers

    def take(self, message: dict[str, Any]) -> None:
        """What a message that was stored just now leads to."""
        message_type, body = message["messageType"], message["body"]
        if message_type in LIVES:
            self._begin(message)
        elif message_type in self._answers:
            order = self.store.order(body["orderNumber"])
            if order is None:
                order = {"number": body["orderNumber"], "erp": "", "type": "", "status": "UNKNOWN", "closed": True, "lines": []}
                self.store.save_order(order)
            self._answers[message_type](self, order, body)

    def run_due(self) -> int:
        """Turn the steps that are due into messages. Returns how many."""
        done = 0
        for step in self.store.due_steps():
            with self.store.change():
                if not self.store.run("DELETE FROM steps WHERE id = ?", step["id"]):
                    continue
                done += 1
                order = self.store.order(step["number"])
                if order is None:
                    continue
                try:
                    data: dict[str, Any] = json.loads(step["data"])
                    self._steps[step["kind"]](self, order, data)
                except Exception:
                    log.exception("step %s of %s", step["kind"], step["number"])
                self.store.save_order(order)
        return done

    def later(self, order: dict[str, Any], kind: str, seconds: float, **data: Any) -> None:
        """Plan a step so many seconds ahead, at speed 1."""
        self.store.plan(order["number"], time.time() + seconds / self.config.speed, kind, data)

    def say(self, message_type: str, subject: str, body: dict[str, Any]) -> None:
        """Queue a message; what is None is left out."""
        body = {name: value for name, value in body.items() if value is not None}
        self.store.queue(message_type, subject, body, self.config.own_gln, self.config.portal_gln)

    def cancel(self, order: dict[str, Any], given: dict[str, Any], lines: list[int] | None = None) -> None:
        """Say that the order, or some lines, will not come."""
        self.say(
            "OrderCancelled",
            order["number"],
            {
                "orderNumber": order["number"],
                "reasonCode": given.get("reasonCode", "OUT_OF_STOCK"),
                "reason": given.get("reason", "Artikeln kan inte levereras."),
                "lines": lines,
                "newOrderRequired": given.get("newOrderRequired", True),
            },
        )
        for line in order.get("lines", []):
            if lines is None or line["line"] in lines:
                line["cancelled"] = line["quantity"] - line["delivered"]
        if lines is None or all(line["delivered"] + line["cancelled"] >= line["quantity"] for line in order["lines"]):
            self.close(order)

    def close(self, order: dict[str, Any]) -> None:
        """The order's life ends here."""
        order["closed"] = True
        self.store.drop_steps(order["number"])

    def delay(self, order: dict[str, Any], given: dict[str, Any]) -> None:
        """Say that the order is late."""
        before = order.get("promised")
        start = date.fromisoformat(before) if before else today()
        after = None if given.get("unknown") else weekday(start + timedelta(days=given.get("days", 7))).isoformat()
        reason = given.get("reason", "Försenad från leverantören.")
        self.say("DeliveryDelayed", order["number"], {"orderNumber": order["number"], "promisedDate": after, "previousDate": before, "reason": reason})
        order["promised"] = after or before

    def _begin(self, message: dict[str, Any]) -> None:
        message_type, body, number = message["messageType"], message["body"], message["subject"]
        order = self.store.order(number)
        if order:
            # Sent again after completion: the newer one holds, under the number that it has here.
            self.store.drop_steps(number)
        lines = [
            {
                "line": line["line"],
                "quantity": line["quantity"],
                "articles": [line["supplierArticleNumber"], line.get("articleNumber")],
                "delivered": 0,
                "despatched": 0,
                "cancelled": 0,
            }
            for line in body.get("lines") or body.get("items") or []
        ]
        order = {
            "number": number,
            "erp": (order and order["erp"]) or self.store.next_erp_number(),
            "type": message_type,
            "status": "RECEIVED",
            "closed": message_type not in _OPEN_TYPES,
            "body": body,
            "lines": lines,
            "delivery": body.get("delivery"),
            "despatches": 0,
            "parts": 1,
        }
        if self.control.auto:
            self._plan(order)
        self.store.save_order(order)

    def _plan(self, order: dict[str, Any]) -> None:
        steps = LIVES[order["type"]]
        if order["type"] in _OPEN_TYPES:
            cancel, delay = self.control.take("cancel_next"), self.control.take("delay_next")
            if order["type"] in ("CustomerOrder", "StockOrder"):
                order["parts"] = self.control.take("split_next")
            if order["type"] == "PickupOrder":
                order["missing"] = self.control.take("missing_next")
            if cancel is not None:
                steps = steps[:1]
                self.later(order, "cancel", CANCEL_SECONDS, given=cancel)
            elif delay is not None:
                self.later(order, "delay", DELAY_SECONDS, given=delay)
        for kind, seconds in steps:
            if order["type"] != "FaultReport" or kind not in ("fault_answer", "fault_answered") or order["body"]["answerWanted"]:
                self.later(order, kind, seconds)
