"""Gives each request an id, and what the logs and the access log must know about it."""

import ipaddress
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from core import context


def request_context(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The id is ours, never the caller's: it stands in error pages, logs and the access log."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        token = context.current.set(context.RequestContext(request_id=request_id, client_ip=_client_ip(request)))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = get_response(request)
        finally:
            context.current.reset(token)
        response["X-Request-Id"] = request_id
        return response

    return middleware


def _client_ip(request: HttpRequest) -> str:
    """Who asks: the caller's address, or what a trusted proxy says that it is."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if address in settings.TRUSTED_PROXIES:
        return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()[:45] or address
    return address


def loopback_only(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Where personas exist, nobody else's machine is answered, nor anything that came through a proxy (design, decision 12)."""
    if settings.IS_PRODUCTION:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        is_forwarded = any(name in request.META for name in ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP"))
        if is_forwarded or not _is_loopback(str(request.META.get("REMOTE_ADDR", ""))):
            return HttpResponse("This is a demo: it answers on its own machine alone.\n", status=403, content_type="text/plain")
        return get_response(request)

    return middleware


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
