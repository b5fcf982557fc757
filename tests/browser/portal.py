"""The running portal, as a test sees it."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page

from accounts.middleware import ASSIGNMENT_KEY
from accounts.models import Assignment
from integration.mock_sesam2.testing import MockSesam2
from tests.browser.watch import Watch


class Portal:
    """The running portal, and the browsers that have it open."""

    def __init__(self, url: str, chrome: Browser, sesam2: MockSesam2) -> None:
        self.url, self.chrome, self.sesam2 = url, chrome, sesam2
        self.watches: list[Watch] = []

    def open(self, *, by: Assignment | None = None, width: int = 1280, scripts: bool = True, **options: Any) -> Page:
        """A page of a browser of its own, in which `by` is logged in. Nothing moves in it, so that nothing has to be waited for."""
        context = self.chrome.new_context(
            base_url=self.url,
            viewport={"width": width, "height": 900},
            locale="sv-SE",
            timezone_id="Europe/Stockholm",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            **options,
        )
        self.watches.append(Watch(context, self.url))
        if by is not None:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": _session_of(by), "url": self.url}])
        return context.new_page()

    def expects(self, *statuses: int) -> None:
        """Pages with these statuses are what the test is about."""
        for watch in self.watches:
            watch.expected |= set(statuses)

    def cuts_the_network(self) -> None:
        """Requests that do not come through are what the test is about."""
        for watch in self.watches:
            watch.is_cut = True

    def wait(self, true: Callable[[], Any], what: str, seconds: float = 20) -> Any:
        """The first true answer."""
        return wait(true, seconds, what)

    def close(self) -> None:
        problems = [problem for watch in self.watches for problem in watch.close()]
        assert not problems, "\n".join(problems)


def _session_of(assignment: Assignment) -> str:
    client = Client()
    client.force_login(assignment.user)
    session = client.session
    session[ASSIGNMENT_KEY] = assignment.pk
    session.save()
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def wait(true: Callable[[], Any], seconds: float, what: str) -> Any:
    """The first true answer. Raises TimeoutError with `what` when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := true()):
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)
    return answer
