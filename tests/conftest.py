"""What all tests have: real PostgreSQL, clients that are logged in, and the stand-in over HTTP."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, TransactionTestCase

from accounts.middleware import ASSIGNMENT_KEY
from accounts.models import Assignment


@pytest.fixture
def client_of(db: None) -> Callable[[Assignment], Client]:
    """`client_of(assignment)` is a browser in which that person is logged in."""

    def make(assignment: Assignment) -> Client:
        client = Client()
        client.force_login(assignment.user)
        session = client.session
        session[ASSIGNMENT_KEY] = assignment.pk
        session.save()
        return client

    return make


@pytest.fixture(autouse=True)
def _append_only_tables_can_be_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that commit are followed by a TRUNCATE of all tables; the product's triggers refuse that, so it is done as a replica."""
    tear_down = TransactionTestCase._fixture_teardown

    def without_triggers(self: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
        try:
            tear_down(self)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = DEFAULT")

    monkeypatch.setattr(TransactionTestCase, "_fixture_teardown", without_triggers)


@pytest.fixture
def sesam2() -> Iterator["object"]:
    """The stand-in for SESAM2 on a free port; the portal's address for it is set. It answers only when a test starts the portal's server."""
    from integration.mock_sesam2.testing import MockSesam2

    stand_in = MockSesam2(portal_url="http://127.0.0.1:9")
    stand_in.start()
    before = settings.SESAM2_URL
    settings.SESAM2_URL = stand_in.url
    yield stand_in
    settings.SESAM2_URL = before
    stand_in.stop()
