"""Gives each request an id, and what the logs and the access log must know about it."""

import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from core import context


def request_context(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The id is ours, never the caller's: it stands in error pages, logs and the access log."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        token = context.current.set(context.RequestContext(request_id=request_id, client_ip=request.META.get("REMOTE_ADDR", "")))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = get_response(request)
        finally:
            context.current.reset(token)
        response["X-Request-Id"] = request_id
        return response

    return middleware
