"""Who handles which incoming message. Apps register in their `handlers.py`, found as admin modules are."""

from collections.abc import Callable
from typing import Any

Handler = Callable[..., None]
_handlers: dict[tuple[str, str], Handler] = {}


class UnknownSubject(Exception):
    """The portal does not know what the message is about (yet): tried again for 24 h, then parked."""


class Unacceptable(Exception):
    """The message contradicts what is known of its subject: parked at once, a person looks. The text holds no personal data."""


def handles(message_type: str, *prefixes: str) -> Callable[[Handler], Handler]:
    """Register a handler `(body, *, subject: str, sequence: int) -> None` for a messageType.

    With prefixes it gets only the messages whose subject begins with one of them (K, L, U, A, H …).
    """

    def register(handler: Handler) -> Handler:
        for prefix in prefixes or ("",):
            key = (message_type, prefix)
            if key in _handlers:
                raise RuntimeError(f"two handlers for {key}")
            _handlers[key] = handler
        return handler

    return register


def handler_for(message_type: str, subject: str) -> Handler | None:
    return _handlers.get((message_type, subject[:1])) or _handlers.get((message_type, ""))


def dispatch(message_type: str, body: Any, *, subject: str, sequence: int) -> None:
    """Call the handler. Raises `UnknownSubject` where no app handles such a subject (yet)."""
    handler = handler_for(message_type, subject)
    if handler is None:
        raise UnknownSubject
    handler(body, subject=subject, sequence=sequence)
