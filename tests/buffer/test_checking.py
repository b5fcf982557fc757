"""The nightly check: silent when all is right, and each thing that may be wrong is found, named by its lines alone."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from buffer.checking import breaches
from buffer.models import StockIndividual, StockLine
from buffer.tasks import check_stock, remind_of_counts
from catalog.models import Individual
from tests import factories
from tests.buffer.stores import stocked, take

pytestmark = pytest.mark.django_db


def unnoticed(statement: str, *values: Any) -> None:
    """Past the triggers, as only a mistake by hand in the database could."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_a_store_where_all_is_right_says_nothing(capsys: Any) -> None:
    line = stocked(5, ("I1",))
    take(line, 2)
    assert breaches() == []
    call_command("check_stock")
    assert capsys.readouterr().out.strip() == "1 förrådsrader stämmer."


@pytest.mark.parametrize(
    ("rule", "statement"),
    [
        ("on_hand_is_the_sum_of_its_movements", "UPDATE buffer_stockline SET on_hand = on_hand + 1 WHERE id = %s"),
        ("each_movement_begins_where_the_last_one_ended", "UPDATE buffer_movement SET before = before + 1, after = after + 1 WHERE line_id = %s"),
        ("no_more_individuals_than_pieces", "UPDATE buffer_stockline SET on_hand = 0 WHERE id = %s"),
        ("what_lies_here_is_of_this_article", "UPDATE catalog_individual SET article_id = NULL FROM buffer_stockline line WHERE line.id = %s"),
        ("what_lies_here_is_with_no_patient", "UPDATE catalog_individual SET is_on_loan = TRUE FROM buffer_stockline line WHERE line.id = %s"),
    ],
)
def test_each_thing_that_is_wrong_is_found_and_logged_without_anybodys_name(rule: str, statement: str, log_lines: Any) -> None:
    line = stocked(1, ("I1",))
    unnoticed(statement, line.pk)
    found = {breach.rule: breach.lines for breach in breaches()}
    assert found[rule] == (line.pk,)
    logged = [json.loads(text) for text in log_lines() if "stock.differs" in text]
    assert {entry["rule"] for entry in logged} == set(found)
    assert all(set(entry) <= {"event", "level", "logger", "timestamp", "request_id", "rule", "lines", "number"} for entry in logged)
    with pytest.raises(CommandError, match="Saldot skiljer"):
        call_command("check_stock")


def test_the_tasks_do_their_one_call(log_lines: Any) -> None:
    line = stocked(1)
    unnoticed("UPDATE buffer_stockline SET on_hand = 4 WHERE id = %s", line.pk)
    check_stock()
    remind_of_counts()
    assert any("stock.differs" in text for text in log_lines())


def test_what_lies_in_a_store_is_told_by_its_state() -> None:
    line = stocked(2, ("I1", "I2"))
    Individual.objects.filter(number="I1").update(is_under_investigation=True)
    assert [lies.individual.number for lies in StockIndividual.objects.not_usable()] == ["I1"]
    assert StockLine.objects.visible_to(factories.dan()).count() == 0
    assert StockLine.objects.visible_to(factories.alice()).get() == line
