"""What all tests have: real PostgreSQL, clients that are logged in, and the stand-in over HTTP."""

import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.test import Client, TransactionTestCase

from accounts.middleware import ASSIGNMENT_KEY
from accounts.models import Assignment

MIGRATIONS = sorted(Path(__file__).parents[1].glob("*/migrations/*.py"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any) -> None:
    """Each process' database is a copy of one that is migrated once for these very migrations; the others of the run wait for it."""
    migrated = "test_migrated_" + hashlib.sha256(b"".join(path.read_bytes() for path in MIGRATIONS)).hexdigest()[:16]
    test = connection.settings_dict["TEST"]
    own = test["NAME"]
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('migrated'))")
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_migrated\\_%'")
        there = {name for (name,) in cursor.fetchall()}
        for old in there - {migrated}:
            cursor.execute(f'DROP DATABASE "{old}"')
        if migrated not in there:
            normal = connection.settings_dict["NAME"]
            test["NAME"] = f"{migrated}_half"
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connection.close()
            connection.close_pool()
            connection.settings_dict["NAME"] = normal
            cursor.execute(f'ALTER DATABASE "{migrated}_half" RENAME TO "{migrated}"')
    test.update(NAME=own, TEMPLATE=migrated)


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


@pytest.fixture(scope="module")
def module_transaction(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """For a file whose tests share costly rows: a fixture of the module makes them within this, `db` is overridden to undo what a test does."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True, scope="session")
def _committed_rows_are_deleted() -> Iterator[None]:
    """After a test that commits, the rows of the tables that have any are deleted: Django truncates all of them, many times as slow.

    As a replica, since the product's triggers refuse it for append-only tables; for the whole session, since a test's own fixtures are gone before.
    What an administrator may be allowed stays as it was migrated.
    """

    def delete_rows(self: TransactionTestCase) -> None:
        stay = {"django_migrations", "django_content_type", "auth_permission"}
        with transaction.atomic(), connection.cursor() as cursor:
            tables = sorted(set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - stay)
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
            cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables))
            filled = [table for (table,) in cursor.fetchall()]
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in filled:
                cursor.execute(f"DELETE FROM {table}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", delete_rows)
        yield


@pytest.fixture
def log_lines() -> Iterator[Callable[[], list[str]]]:
    """`log_lines()`: what the product has logged during the test, line by line as it stands on standard output."""
    [real] = [handler for handler in logging.getLogger().handlers if handler.get_name() == "stdout"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(real.formatter)
    logging.getLogger().addHandler(handler)
    yield lambda: stream.getvalue().split("\n")[:-1]
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def broker_away() -> Iterator[None]:
    """Nobody answers at the broker's address."""
    before = current_app.conf.broker_url
    current_app.conf.broker_url = "redis://127.0.0.1:1/0"
    current_app._after_fork()  # Celery's own way to forget its connections
    yield
    current_app.conf.broker_url = before
    current_app._after_fork()


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
