"""History and the access log stay as they were written; the database itself refuses anything else."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Model
from django.utils import timezone

from billing.actions.findings import decide
from catalog.actions import import_feed
from catalog.local_values import set_local_values
from orders.models import OrderHistory
from patients.actions import DeliveredAid, record_individual_update, set_loans
from patients.models import AccessLogEntry
from tests import factories
from tests.billing import told as bills
from tests.buffer import stores
from tests.faultreports import told as told_faults
from tests.orders import stock
from tests.orders import told as told_orders
from tests.pickups import handed
from tests.pickups import told as told_pickups
from tests.workorders import told

# By the triggers, and for a TRUNCATE of what others point at by PostgreSQL itself.
REFUSALS = r"append-only table|Cannot (update|delete)|cannot truncate a table referenced"
APPEND_ONLY = [model for model in apps.get_models() if "append_only" in [trigger.name for trigger in getattr(model._meta, "triggers", [])]]


def test_these_tables_are_append_only() -> None:
    assert {OrderHistory, AccessLogEntry} <= set(APPEND_ONLY)
    assert all("History" not in model.__name__ or model in APPEND_ONLY for model in apps.get_models())


@pytest.fixture
def db(module_transaction: None) -> Iterator[None]:
    """In place of pytest-django's: what a test does is undone, the rows stay."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def _rows(module_transaction: None) -> None:
    """At least one in each of the tables."""
    import_feed(factories.DATA / "example.xml")
    set_local_values(article=factories.article(), values={"name": "Rullstol"})
    order = factories.order()
    set_loans(
        patient=order.patient,
        ordered_by=order.orderer,
        order_number=str(order.number),
        source="x/1/1",
        started_at=timezone.now(),
        aids=[DeliveredAid(order.lines.get().article, "40-1")],
    )
    told.sent()
    told_faults.tell(told_faults.sent(), told_faults.answer(1), told_faults.withheld(2))
    stores.stocked(1, levels=(1, 2))
    told_pickups.sent(of=[told.loan(order.patient, "40-8")])
    handed.written(order.patient, handed.handed(handed.loan(order.patient, "40-9")))
    line = stock.stocked(stock.store(), 2)
    delivery = stock.ordered(line.store, (line.article, 1))
    told_orders.despatched("FS-1", told_orders.sent(1))(delivery)
    stock.receive(delivery, "FS-1")
    basis = bills.published([bills.line(orderNumber="K-2026-99999999-9")])
    decide(basis.findings.get(), by=bills.reader(), status="DISPUTED", comment="Finns inte hos oss.")
    record_individual_update("40-1", sequence=1, replaced_by="40-2", next_inspection=None, note="")


@pytest.mark.usefixtures("_rows", "db")
@pytest.mark.parametrize("model", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "UPDATE {table} SET {column} = {column} WHERE ctid = (SELECT ctid FROM {table} LIMIT 1)",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "TRUNCATE {table} CASCADE",
        "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}",
        "MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
        "WITH gone AS (DELETE FROM {table} RETURNING *) SELECT * FROM gone",
    ],
)
def test_raw_sql_neither_changes_nor_removes_a_row(model: type[Model], statement: str) -> None:
    before = list(model._base_manager.order_by("pk").values())
    assert before
    column = next(field.column for field in model._meta.fields if not field.primary_key)
    sql = statement.format(table=model._meta.db_table, column=column, key=model._meta.pk.column)
    with (
        pytest.raises(DatabaseError, match=REFUSALS),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {sql}")  # so that nothing else stands in the way of a TRUNCATE
    assert list(model._base_manager.order_by("pk").values()) == before


@pytest.mark.usefixtures("_rows", "db")
@pytest.mark.parametrize("model", APPEND_ONLY)
def test_djangos_own_ways_are_refused_too(model: type[Model]) -> None:
    rows = model._base_manager.all()
    row = rows.first()
    field = next(field.name for field in model._meta.fields if not field.primary_key)
    for change in [row.save, row.delete, rows.delete, lambda: rows.update(**{field: F(field)}), lambda: model._base_manager.bulk_update([row], [field])]:
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            change()
    assert row in rows.all()
