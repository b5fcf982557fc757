"""What the stand-in is told through POST /_control (contract, section 7)."""

import math
import threading
from dataclasses import dataclass, field
from typing import Any


class BadControl(ValueError):
    """The text says what is wrong with the request."""


@dataclass
class Control:
    """The switches. Counters count down; the others stay until they are changed or reset."""

    fail_status: int = 0
    fail_times: int = 0
    fail_retry_after: str = ""
    delay_ms: int = 0
    drop_reply: int = 0
    garbage_200: int = 0
    down: bool = False
    duplicate: int = 1
    reorder: int | bool = False
    reject_article: list[str] = field(default_factory=list)
    cancel_next: dict[str, Any] | None = None
    delay_next: dict[str, Any] | None = None
    split_next: int = 1
    missing_next: list[int] = field(default_factory=list)
    auto: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def reset(self) -> None:
        """Behave."""
        fresh = Control()
        with self.lock:
            for name in vars(fresh):
                if name != "lock":
                    setattr(self, name, getattr(fresh, name))

    def count_down(self, name: str) -> bool:
        """True, and one less, while the counter is above 0."""
        with self.lock:
            left: int = getattr(self, name)
            if left > 0:
                setattr(self, name, left - 1)
            return left > 0

    def take(self, name: str) -> Any:
        """The value that is meant for the next order, which is then gone."""
        with self.lock:
            value = getattr(self, name)
            setattr(self, name, getattr(Control(), name))
            return value

    def set(self, switches: dict[str, Any]) -> None:
        """Set checked switches (see `checked`)."""
        with self.lock:
            for name, value in switches.items():
                setattr(self, name, value)

    def shown(self) -> dict[str, Any]:
        """For /_control/state."""
        return {name: value for name, value in vars(self).items() if name != "lock"}


def checked(data: dict[str, Any]) -> dict[str, Any]:
    """The switches that a request names, ready for `Control.set`. Raises BadControl and changes nothing."""
    switches: dict[str, Any] = {}
    for name, value in data.items():
        if name not in _CHECKS:
            raise BadControl(f"{name}: there is no such switch; there are {', '.join(sorted(_CHECKS))}")
        switches.update(_CHECKS[name](name, value))
    return switches


def integer(name: str, value: Any, least: int = 0, most: int = 1_000_000) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadControl(f"{name} must be an integer from {least} to {most}")
    return value


def positive(name: str, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or value <= 0:
        raise BadControl(f"{name} must be a number above 0")
    return float(value)


def fields(name: str, value: Any, allowed: dict[str, type]) -> dict[str, Any]:
    """An object with no other names than these, of these types."""
    if not isinstance(value, dict):
        raise BadControl(f"{name} must be an object with {', '.join(allowed)}")
    for key, inner in value.items():
        if key not in allowed or not isinstance(inner, allowed[key]) or (isinstance(inner, bool) and allowed[key] is int):
            raise BadControl(f"{name}.{key} is unknown or of the wrong type; known are {', '.join(allowed)}")
    return value


def _counter(name: str, value: Any) -> dict[str, Any]:
    return {name: integer(name, value)}


def _at_least_one(name: str, value: Any) -> dict[str, Any]:
    return {name: integer(name, value, 1, 100)}


def _bool(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, bool):
        raise BadControl(f"{name} must be true or false")
    return {name: value}


def _fail(name: str, value: Any) -> dict[str, Any]:
    given = fields(name, value, {"status": int, "times": int, "retryAfter": object})
    retry_after = given.get("retryAfter", "")
    if not isinstance(retry_after, int | str) or isinstance(retry_after, bool) or "\n" in str(retry_after) or "\r" in str(retry_after):
        raise BadControl("fail.retryAfter must be seconds or an HTTP date")
    return {
        "fail_status": integer("fail.status", given.get("status"), 200, 599),
        "fail_times": integer("fail.times", given.get("times", 1)),
        "fail_retry_after": str(retry_after),
    }


def _reorder(name: str, value: Any) -> dict[str, Any]:
    return {name: value if isinstance(value, bool) else integer(name, value, 0, 1000)}


def _articles(name: str, value: Any) -> dict[str, Any]:
    values = [] if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in values):
        raise BadControl(f"{name} must be an article number, a list of them, or null")
    return {name: values}


def _lines(name: str, value: Any) -> dict[str, Any]:
    values = value if isinstance(value, list) else [value]
    return {name: [integer(f"{name}[]", line, 1) for line in values]}


def _cancel(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {name: {} if value else None}
    return {name: fields(name, value, {"orderNumber": str, "reasonCode": str, "reason": str, "newOrderRequired": bool})}


def _delay(name: str, value: Any) -> dict[str, Any]:
    given = fields(name, value, {"orderNumber": str, "days": int, "reason": str, "unknown": bool})
    integer("delay_next.days", given.get("days", 7), 1, 1000)
    return {name: given}


_CHECKS = {
    "fail": _fail,
    "delay_ms": _counter,
    "drop_reply": _counter,
    "garbage_200": _counter,
    "down": _bool,
    "duplicate": _at_least_one,
    "reorder": _reorder,
    "reject_article": _articles,
    "cancel_next": _cancel,
    "delay_next": _delay,
    "split_next": _at_least_one,
    "missing_next": _lines,
    "auto": _bool,
}
