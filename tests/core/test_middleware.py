"""What a request is known by: an id of ours, and the address of who asks."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from core import context
from core.middleware import request_context


def seen(**meta: str) -> tuple[context.RequestContext, HttpResponse]:
    """What the layers below a view know of a request, and the answer."""
    found = []

    def view(request: HttpRequest) -> HttpResponse:
        found.append(context.current.get())
        return HttpResponse()

    response = request_context(view)(RequestFactory().get("/", **meta))
    return found[0], response


def test_the_id_is_ours_and_never_the_callers() -> None:
    first, answer = seen(HTTP_X_REQUEST_ID="forged")
    second, _ = seen(HTTP_X_REQUEST_ID="forged")
    assert answer["X-Request-Id"] == first.request_id
    assert len({first.request_id, second.request_id, "forged"}) == 3


def test_after_the_request_nothing_is_known_of_it() -> None:
    seen()
    assert context.current.get() == context.RequestContext()

    def view(request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        request_context(view)(RequestFactory().get("/"))
    assert context.current.get() == context.RequestContext()


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "203.0.113.9", "192.0.2.7"),  # nobody is believed about himself
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"),  # what the proxy itself saw stands last
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", " ", "10.0.0.1"),
        ("10.0.0.1", "x" * 500, "x" * 45),
    ],
)
def test_only_a_trusted_proxy_is_believed_about_who_asks(remote: str, forwarded: str, expected: str, settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    known, _ = seen(REMOTE_ADDR=remote, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}))
    assert known.client_ip == expected
