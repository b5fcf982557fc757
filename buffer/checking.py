"""What must always be true of every store; asked every night (`manage.py check_stock`, `buffer.check_stock`)."""

import dataclasses

import structlog
from django.db import connection, transaction

from buffer.models import StockIndividual

log = structlog.get_logger(__name__)
MOST_NAMED = 100

# Each gives the keys of the lines for which it is not true. Whole tables at once, in statements that only read.
_RULES = {
    "on_hand_is_the_sum_of_its_movements": """
        SELECT line.id FROM buffer_stockline line
        LEFT JOIN (SELECT line_id, sum(change) AS total FROM buffer_movement GROUP BY line_id) moved ON moved.line_id = line.id
        WHERE line.on_hand <> coalesce(moved.total, 0) ORDER BY line.id
    """,
    "each_movement_begins_where_the_last_one_ended": """
        SELECT DISTINCT line_id FROM (
            SELECT line_id, before, lag(after, 1, 0) OVER (PARTITION BY line_id ORDER BY id) AS ended FROM buffer_movement
        ) chain WHERE before <> ended ORDER BY line_id
    """,
    "no_more_individuals_than_pieces": """
        SELECT line.id FROM buffer_stockline line
        JOIN (SELECT line_id, count(*) AS number FROM buffer_stockindividual GROUP BY line_id) lying ON lying.line_id = line.id
        WHERE lying.number > line.on_hand ORDER BY line.id
    """,
    "what_lies_here_is_of_this_article": """
        SELECT DISTINCT lying.line_id FROM buffer_stockindividual lying
        JOIN buffer_stockline line ON line.id = lying.line_id
        JOIN catalog_individual individual ON individual.id = lying.individual_id
        WHERE individual.article_id IS DISTINCT FROM line.article_id ORDER BY lying.line_id
    """,
}


@dataclasses.dataclass(frozen=True)
class Breach:
    """A rule that does not hold, and the keys of the lines for which it does not."""

    rule: str
    lines: tuple[int, ...]


@transaction.atomic
def breaches() -> list[Breach]:
    """What is not as it must be; each is logged, by the keys of lines alone."""
    found = []
    with connection.cursor() as cursor:
        # Each night over all movements: longer than a page may take.
        cursor.execute("SET LOCAL statement_timeout = '15min'")
        for rule, query in _RULES.items():
            cursor.execute(query)
            found.append(Breach(rule, tuple(row[0] for row in cursor.fetchall())))
    on_loan = StockIndividual.objects.on_loan().order_by("line").values_list("line", flat=True).distinct()
    found.append(Breach("what_lies_here_is_with_no_patient", tuple(on_loan)))
    found = [breach for breach in found if breach.lines]
    for breach in found:
        log.error("stock.differs", rule=breach.rule, lines=list(breach.lines[:MOST_NAMED]), number=len(breach.lines))
    if not found:
        log.info("stock.checked")
    return found
