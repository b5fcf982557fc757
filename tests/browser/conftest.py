"""The portal as people meet it: Chromium, the portal's server, a Celery worker with its clock, and the stand-in for SESAM2, all running.

`portal` is what a test asks for. Whatever goes wrong in a browser (an error in the console, a script's exception, a request that fails or leaves
this machine, a breach of the content security policy) fails the test.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect, sync_playwright

from integration.mock_sesam2.testing import MockSesam2
from integration.models import IncomingMessage, OutgoingMessage
from tests.browser.hands import Hands, Keyboard, Mouse, WithoutScript
from tests.browser.portal import Portal, wait
from websesam import processes
from websesam.celery import app as celery

HERE = Path(__file__).parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update", "--disable-sync"]
ARGUMENTS += ["--use-fake-device-for-media-stream"]  # a camera that films a test picture
WORKER_SECONDS = 300  # two, when nothing else runs
QUIET_SECONDS = 20

# Each process of the test run has its own database, so its tasks must reach its own worker. Said before the first task is sent.
QUEUE = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
celery.conf.task_default_queue = QUEUE
expect.set_options(timeout=20_000)


def _find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker("browser")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium one test stands for all of ours, so that the run says it once, in one line."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    if ours and _find_chromium() is None:
        config.hook.pytest_deselected(items=ours[1:])
        items[:] = [item for item in items if item not in ours[1:]]


@pytest.fixture(scope="package", autouse=True)
def chromium() -> str:
    """Where Chromium is. Without one the tests are skipped, or fail with REQUIRE_BROWSER=1."""
    found = _find_chromium()
    if found is None:
        reason = f"CHROMIUM SAKNAS: webbläsartesterna har INTE körts. Installera någon av {', '.join(CHROMIUM)}."
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all tests of a process.

    Playwright's synchronous interface keeps an event loop in this thread, in which Django refuses its tables lest two coroutines share a connection.
    Here none of our code is a coroutine, so as long as Playwright lives it is told to let us.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chrome = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield chrome
        chrome.close()


@pytest.fixture(scope="package")
def stand_in(chromium: str) -> Iterator[MockSesam2]:
    """SESAM2's stand-in, on one address for all tests, as the worker must know it from its start."""
    with MockSesam2() as running:
        yield running


@pytest.fixture(scope="package")
def worker(stand_in: MockSesam2, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The worker of the demo, with its clock going fast, on this process's test database: a real one, since it is ready in two seconds."""
    directory = tmp_path_factory.mktemp("celery")
    address = urlsplit(os.environ["DATABASE_URL"])
    database = address._replace(path=f"{address.path.rpartition('/')[0]}/{settings.DATABASES['default']['NAME']}").geturl()
    clock = ["--beat", "--schedule", str(directory / "schedule"), "--loglevel", "info", "--hostname", f"{QUEUE}@%h", "--", f"task_default_queue={QUEUE}"]
    log = directory / "worker.log"
    with log.open("wb") as output:
        running = subprocess.Popen(
            [*processes.python(processes.worker()), *clock],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | {"DATABASE_URL": database, "SESAM2_URL": stand_in.url, "SWEEP_SECONDS": "1"},
        )
    try:
        wait(lambda: " ready." in log.read_text() or running.poll() is not None, WORKER_SECONDS, "the worker was not ready")
        assert running.poll() is None, log.read_text()
        yield
    finally:
        running.terminate()
        running.wait(WORKER_SECONDS)


@pytest.fixture
def sesam2(stand_in: MockSesam2, settings: Any, live_server: Any) -> MockSesam2:
    """The stand-in, with nothing received and nothing said, pointing at the portal."""
    settings.SESAM2_URL = stand_in.url
    stand_in.portal_url = live_server.url
    stand_in.reset()
    return stand_in


@pytest.fixture
def portal(live_server: Any, browser: Browser, worker: None, sesam2: MockSesam2) -> Iterator[Portal]:
    running = Portal(live_server.url, browser, sesam2)
    yield running
    try:
        running.close()
    finally:
        _fall_silent(sesam2)


@pytest.fixture(params=[Mouse, Keyboard, WithoutScript], ids=["with_the_mouse", "by_keyboard_alone", "without_javascript"])
def hands(request: pytest.FixtureRequest, portal: Portal) -> Hands:
    """Somebody in front of the portal, three times: with a mouse, with a keyboard alone, and without JavaScript."""
    kind: type[Hands] = request.param
    return kind(portal.open(scripts=kind.has_scripts))


def _fall_silent(sesam2: MockSesam2) -> None:
    """Nothing is under way when the tables are emptied: they would be locked in two orders."""
    sesam2.reset()
    due = (OutgoingMessage.objects, IncomingMessage.objects)
    wait(lambda: not any(messages.due().exists() for messages in due), QUIET_SECONDS, "messages are still under way")
