"""What the layers below a view may know about the request they serve."""

import dataclasses
from contextvars import ContextVar


@dataclasses.dataclass(frozen=True)
class RequestContext:
    """`session_hash` is a hash of the session's key, so that the access log can tie openings together without holding the key."""

    request_id: str = ""
    client_ip: str = ""
    session_hash: str = ""


_NONE = RequestContext()
current: ContextVar[RequestContext] = ContextVar("request_context", default=_NONE)


def remember_session(session_hash: str) -> None:
    current.set(dataclasses.replace(current.get(), session_hash=session_hash))
