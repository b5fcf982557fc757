"""What the layers below a view may know about the request they serve."""

import dataclasses
from contextvars import ContextVar


@dataclasses.dataclass
class RequestContext:
    """`session_hash` is a hash of the session's key, so that the access log can tie openings together without holding the key."""

    request_id: str = ""
    client_ip: str = ""
    session_hash: str = ""


current: ContextVar[RequestContext] = ContextVar("request_context", default=RequestContext())
