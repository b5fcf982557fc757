"""The checks that find money: set-based, over the lines that are staged, when a basis is published.

Each asks what a line is charged for against what the portal itself knows: orders, loans, hämtorder, the ledgers of the stores, and the other bases in force.
A line that the basis itself credits again counts as not charged. Individual numbers are compared by the aid, whatever it was numbered then; patients
by the person, whichever of the numbers.
"""

from typing import Any

from django.conf import settings
from django.db import connection

from billing import sesam2
from billing.actions.staging import TABLE
from billing.models import Check, Finding, InvoiceBasis

# What is said of a line that is credited again: all that makes it that very line.
_SAME = ("customer_number", "order_number", "article_number", "individual_number", "unit_hsa_id", "patient_number", "from_on", "to_on")


def find(basis: InvoiceBasis) -> None:
    """Store what each check finds among the staged lines of the basis. Called in the transaction that publishes them."""
    values: dict[str, Any] = {
        "basis": basis.pk,
        "payer": basis.payer_number,
        "first": basis.period,
        "last": basis.last_day,
        "zone": settings.TIME_ZONE,
        "sold": list(sesam2.SOLD),
    }
    with connection.cursor() as cursor:
        for statement in _PREPARE:
            cursor.execute(statement, values)
        for check, statement in _FINDING.items():
            cursor.execute(
                f"INSERT INTO billing_found SELECT DISTINCT ON (line) '{check}', line, details FROM ({statement}) f ORDER BY line, details::text", values
            )
        cursor.execute(
            f"""
            INSERT INTO {Finding._meta.db_table} (basis_id, line, found_by, status, customer_number, amount, details, created_at)
            SELECT %s, f.line, f.found_by, '{Finding.Status.TO_CHECK}', s.customer_number, s.amount, f.details, now()
              FROM billing_found f JOIN {TABLE} s USING (line) ORDER BY f.found_by, f.line
            """,
            [basis.pk],
        )


def _day(column: str) -> str:
    return f"({column} AT TIME ZONE %(zone)s)::date"


_LIVE = f"s.kind <> '{sesam2.CREDIT}' AND s.amount > 0 AND NOT EXISTS (SELECT FROM billing_credited c WHERE c.line = s.line)"
_OF_SAME_AID = ("individual_number", "patient_number", "customer_number")
_CREDITS_OF_AID = f"c.kind = '{sesam2.CREDIT}' AND {' AND '.join(f'c.{column} = s.{column}' for column in _OF_SAME_AID)}"
_KEY, _KEY_OF_LINE = (", ".join(f"{table}{column}" for column in _SAME) for table in ("", "s."))
_PREPARE = (
    # As many of a number of equal lines are credited as there are credits of just that.
    f"""
    CREATE TEMP TABLE billing_credited AS
    SELECT line FROM (
      SELECT s.line, c.credits, row_number() OVER (PARTITION BY {_KEY_OF_LINE}, s.amount ORDER BY s.line) AS place
        FROM {TABLE} s
        JOIN (SELECT {_KEY}, -amount AS amount, count(*) AS credits FROM {TABLE} WHERE kind = '{sesam2.CREDIT}' GROUP BY {_KEY}, amount) c
          ON {" AND ".join(f"c.{column} IS NOT DISTINCT FROM s.{column}" for column in _SAME)} AND c.amount = s.amount
       WHERE s.kind <> '{sesam2.CREDIT}'
    ) numbered WHERE place <= credits
    """,
    # Every number that an aid in the basis has or has had, and the one by which it is known here.
    f"""
    CREATE TEMP TABLE billing_alias AS
    WITH told AS (SELECT DISTINCT individual_number AS number FROM {TABLE} WHERE individual_number <> ''),
    chain AS (SELECT i.number AS aid, unnest(i.number || i.earlier_numbers) AS number FROM catalog_individual i WHERE i.replaced_by_id IS NULL),
    known AS (SELECT t.number, coalesce(c.aid, t.number) AS aid FROM told t LEFT JOIN chain c USING (number))
    SELECT DISTINCT ON (number) number, aid
      FROM (SELECT number, aid FROM known UNION ALL SELECT c.number, c.aid FROM chain c WHERE c.aid IN (SELECT aid FROM known)) every_number
     ORDER BY number, aid
    """,
    f"""
    CREATE TEMP TABLE billing_person AS
    SELECT DISTINCT ON (i.value) i.value AS number, i.patient_id
      FROM patients_patientidentity i
     WHERE i.withdrawn_at IS NULL AND i.value IN (SELECT patient_number FROM {TABLE} WHERE patient_number <> '')
     ORDER BY i.value, i.id
    """,
    "ANALYZE billing_credited, billing_alias, billing_person",
    # Rent that is charged and not credited, by aid, person and days. A line without days is for the month; its last or first days may be credited alone.
    f"""
    CREATE TEMP TABLE billing_rent AS
    SELECT line, aid, patient_id, coalesce(head + 1, from_on) AS from_on, coalesce(tail - 1, to_on) AS to_on FROM (
      SELECT s.line, a.aid, p.patient_id, d.from_on, d.to_on,
             (SELECT min(c.from_on) FROM {TABLE} c WHERE {_CREDITS_OF_AID} AND c.to_on >= d.to_on AND c.from_on > d.from_on AND c.from_on <= d.to_on) AS tail,
             (SELECT max(c.to_on) FROM {TABLE} c WHERE {_CREDITS_OF_AID} AND c.from_on <= d.from_on AND c.to_on < d.to_on AND c.to_on >= d.from_on) AS head
        FROM {TABLE} s
        JOIN billing_alias a ON a.number = s.individual_number
        LEFT JOIN billing_person p ON p.number = s.patient_number
        CROSS JOIN LATERAL (
          SELECT least(coalesce(s.from_on, %(first)s), coalesce(s.to_on, %(last)s)) AS from_on,
                 greatest(coalesce(s.from_on, %(first)s), coalesce(s.to_on, %(last)s)) AS to_on
        ) d
       WHERE s.kind = '{sesam2.RENT}' AND {_LIVE}
    ) charged
    """,
    # What the centre has promised to fetch, and by when its rent ends: not what it did not find, nor what was taken off the order.
    """
    CREATE TEMP TABLE billing_fetched AS
    SELECT a.aid, l.patient_id, o.number, o.rent_ends_on, o.placed_at
      FROM billing_alias a
      JOIN pickups_pickupitem i ON i.individual_number = a.number
      JOIN pickups_pickuporder o ON o.id = i.order_id
      JOIN patients_loan l ON l.id = i.loan_id
     WHERE o.number IS NOT NULL AND o.rent_ends_on IS NOT NULL
       AND (i.found OR i.found IS NULL AND i.cancelled_sequence IS NULL AND o.cancelled_sequence = 0 AND o.status <> 'CANCELLED')
    """,
    f"""
    CREATE TEMP TABLE billing_loan AS
    SELECT a.aid, l.patient_id, l.started_at, {_day("l.started_at")} AS started_on, coalesce({_day("l.ended_at")}, 'infinity') AS until
      FROM billing_alias a JOIN patients_loan l ON l.individual_number = a.number
    """,
    "CREATE TEMP TABLE billing_found (found_by text, line int, details jsonb)",
    "ANALYZE billing_rent, billing_fetched, billing_loan",
)

_ORDERS = """
    SELECT number, patient_id, unit_id, payer_number, placed_at FROM orders_order WHERE number IS NOT NULL
    UNION ALL SELECT number, patient_id, unit_id, payer_number, placed_at FROM workorders_workorder WHERE number IS NOT NULL
    UNION ALL SELECT number, patient_id, unit_id, payer_number, placed_at FROM pickups_pickuporder WHERE number IS NOT NULL
"""
_FINDING: dict[Check, str] = {
    # The order is known by its number, or, where the line names none, by the aid that somebody has or had.
    Check.UNKNOWN_ORDER: f"""
        SELECT s.line, jsonb_build_object('order', s.order_number) AS details
          FROM {TABLE} s
         WHERE {_LIVE} AND NOT EXISTS (SELECT FROM ({_ORDERS}) o WHERE o.number = s.order_number)
           AND NOT (s.order_number = '' AND s.individual_number IN (SELECT a.number FROM billing_alias a JOIN billing_loan l USING (aid)))
    """,
    # Unless the same patient has got the aid anew since.
    Check.RENT_AFTER_STOP: """
        SELECT r.line, jsonb_build_object('order', f.number, 'day', f.rent_ends_on, 'days', r.to_on - greatest(f.rent_ends_on, r.from_on - 1)) AS details
          FROM billing_rent r JOIN billing_fetched f ON f.aid = r.aid AND (r.patient_id IS NULL OR f.patient_id = r.patient_id)
         WHERE f.rent_ends_on < r.to_on
           AND NOT EXISTS (
             SELECT FROM billing_loan again
              WHERE again.aid = r.aid AND again.patient_id = f.patient_id AND again.started_at > f.placed_at AND again.started_on <= r.to_on
           )
    """,
    # Of an aid that the portal knows: the patient gave it back before the last day that is charged, and no hämtorder lets the rent go on; or never had it.
    Check.RENT_NOT_HELD: f"""
        SELECT r.line, CASE WHEN max(held.until) IS NULL THEN '{{}}'
               ELSE jsonb_build_object('day', max(held.until), 'days', r.to_on - greatest(max(held.until), r.from_on - 1)) END AS details
          FROM billing_rent r
          LEFT JOIN (
            SELECT aid, patient_id, started_on, until FROM billing_loan
            UNION ALL SELECT aid, patient_id, {_day("placed_at")}, rent_ends_on FROM billing_fetched
          ) held ON held.aid = r.aid AND held.patient_id = r.patient_id AND held.started_on <= r.to_on
         WHERE r.patient_id IS NOT NULL AND r.aid IN (SELECT aid FROM billing_loan)
           AND r.line NOT IN (SELECT line FROM billing_found WHERE found_by = '{Check.RENT_AFTER_STOP}')
         GROUP BY r.line, r.from_on, r.to_on HAVING coalesce(max(held.until), '-infinity') < r.to_on
    """,
    # In the basis itself: every line that begins before an earlier one has ended. Elsewhere: in any other basis in force, whose line nobody has credited.
    Check.DOUBLE_RENT: f"""
        SELECT line, jsonb_build_object('line', before[2]) AS details FROM (
          SELECT line, from_on,
                 max(ARRAY[to_on - DATE '2000-01-01', line])
                   OVER (PARTITION BY aid ORDER BY from_on, line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM billing_rent
        ) placed WHERE from_on <= DATE '2000-01-01' + before[1]
        UNION ALL
        SELECT r.line, CASE WHEN b.payer_number = %(payer)s THEN jsonb_build_object('line', o.line, 'month', b.period) ELSE '{{"elsewhere": true}}' END
          FROM billing_rent r
          JOIN billing_alias a ON a.aid = r.aid
          JOIN billing_invoiceline o ON o.individual_number = a.number AND o.from_on <= r.to_on AND o.from_on > r.from_on - 366 AND o.to_on >= r.from_on
          JOIN billing_invoicebasis b ON b.id = o.basis_id AND b.status = 'PUBLISHED' AND b.id <> %(basis)s
         WHERE o.kind = '{sesam2.RENT}' AND o.amount > 0
           AND NOT EXISTS (
             SELECT FROM billing_invoiceline c JOIN billing_invoicebasis cb ON cb.id = c.basis_id
              WHERE c.individual_number = o.individual_number AND c.from_on = o.from_on AND c.to_on = o.to_on
                AND c.kind = '{sesam2.CREDIT}' AND c.amount = -o.amount AND (cb.status = 'PUBLISHED' OR cb.id = %(basis)s)
           )
    """,
    # Goods are paid for when they are delivered to the store; what is taken out of it later is the store's already. Or more is charged for than was taken out.
    Check.BILLED_TWICE: f"""
        SELECT s.line, jsonb_build_object('order', min(received.order_number)) AS details
          FROM {TABLE} s
          JOIN buffer_movement taken ON taken.order_number = s.order_number AND taken.kind = 'WITHDRAWAL'
          JOIN buffer_stockline stock ON stock.id = taken.line_id
          JOIN catalog_localarticle local ON local.article_id = stock.article_id AND local.sesam_number = s.article_number
          JOIN buffer_movement received ON received.line_id = stock.id AND received.kind = 'RECEIPT' AND received.happened_at <= taken.happened_at
          JOIN billing_invoiceline paid ON paid.order_number = received.order_number AND paid.article_number = s.article_number
          JOIN billing_invoicebasis b ON b.id = paid.basis_id AND (b.status = 'PUBLISHED' OR b.id = %(basis)s)
         WHERE s.kind = ANY(%(sold)s) AND s.order_number LIKE '{sesam2.FROM_STORE}%%' AND {_LIVE} AND paid.kind = ANY(%(sold)s) AND paid.amount > 0
         GROUP BY s.line
        UNION ALL
        SELECT line, jsonb_build_object('order', order_number, 'taken', taken, 'charged', charged) FROM (
          SELECT s.line, s.order_number, s.kind, s.amount, taken.quantity AS taken, coalesce(earlier.quantity, 0) + sum(s.quantity) OVER article AS charged,
                 coalesce(earlier.quantity, 0) + sum(CASE WHEN {_LIVE} THEN s.quantity END) OVER (article ORDER BY s.line) AS so_far, {_LIVE} AS is_live
            FROM {TABLE} s
            JOIN (
              SELECT o.number, l.article_number, sum(l.quantity) AS quantity FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
               WHERE o.number LIKE '{sesam2.FROM_STORE}%%' GROUP BY o.number, l.article_number
            ) taken ON taken.number = s.order_number AND taken.article_number = s.article_number
            LEFT JOIN LATERAL (
              SELECT sum(e.quantity) AS quantity FROM billing_invoiceline e JOIN billing_invoicebasis b ON b.id = e.basis_id
               WHERE e.order_number = s.order_number AND e.article_number = s.article_number AND (e.kind = ANY(%(sold)s) OR e.kind = '{sesam2.CREDIT}')
                 AND b.status = 'PUBLISHED' AND b.id <> %(basis)s
            ) earlier ON true
           WHERE (s.kind = ANY(%(sold)s) OR s.kind = '{sesam2.CREDIT}') AND s.order_number LIKE '{sesam2.FROM_STORE}%%'
          WINDOW article AS (PARTITION BY s.order_number, s.article_number)
        ) running WHERE is_live AND so_far > taken AND charged > taken
    """,
    # Who pays is who the order says, or whoever has taken over the patient's aids by the first day that is charged.
    Check.WRONG_PAYER: f"""
        SELECT s.line, jsonb_build_object('payer', coalesce(r.payer_number, o.payer_number), 'order', s.order_number) AS details
          FROM {TABLE} s
          JOIN accounts_customer c ON c.number = s.customer_number
          JOIN ({_ORDERS}) o ON o.number = s.order_number
          JOIN accounts_careunit u ON u.id = o.unit_id
          CROSS JOIN LATERAL (SELECT coalesce(s.from_on, {_day("o.placed_at")}) AS day) since
          LEFT JOIN patients_payerresponsibility r
            ON r.patient_id = o.patient_id AND r.provider_id = u.provider_id AND r.withdrawn_at IS NULL
           AND r.starts_on <= since.day AND (r.ends_on IS NULL OR r.ends_on > since.day)
         WHERE {_LIVE} AND coalesce(r.payer_number, o.payer_number) <> ''
           AND (coalesce(r.payer_number, o.payer_number) <> c.payer_number OR coalesce(r.payer_number, o.payer_number) <> %(payer)s)
    """,
}
