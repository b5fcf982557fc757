"""The stand-in for SESAM2 and a portal of a few lines, for their own tests; they need no database."""

import pytest

from integration.mock_sesam2.testing import MockSesam2
from tests.integration.mock_portal import Portal


@pytest.fixture
def tiny_portal():
    portal = Portal()
    yield portal
    portal.stop()
    assert portal.broken == []


@pytest.fixture
def stand_in(tiny_portal):
    with MockSesam2(tiny_portal.url, speed=200) as mock:
        yield mock


@pytest.fixture
def silent():
    """The stand-in without a portal and without lives of its own."""
    with MockSesam2() as mock:
        mock.control(auto=False)
        yield mock
