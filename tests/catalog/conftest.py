from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.catalog.media_world import HOSTS, WATCH, World, make_certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture
def world(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The stand-in for the internet. That nothing went past it is checked after each test."""
    # Where a client that believed its environment would send everything.
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    world = World(certificates)
    with WATCH.watching() as seen:
        yield world
    world.stop()
    assert seen <= {("connect", ("127.0.0.1", world.port)), ("look up", "127.0.0.1")}


@pytest.fixture
def media_root(tmp_path: Path, settings: Settings) -> Path:
    """Files of its own for the test, and the hosts of the stand-in on the list."""
    settings.MEDIA_HOSTS = HOSTS
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT
