"""Price lists and their rows. A list in the file replaces the stored one; a row that is tried again after quarantine is added to its stored list."""

import datetime

from django.db import connection

from catalog.merge.staging import Stage

_TERMS = ("kind", "amount", "valid_to", "min_order_quantity", "delivery_time_days", "warranty_quantity", "warranty_unit", "warranty_from")
_HEAD = ("name", "valid_from", "valid_to")

_LISTED = """
CREATE TEMP TABLE feed_listed AS
SELECT l.list_n, l.kind, l.number, l.name, l.digest, l.same_pk IS NOT NULL AS is_same, s.id AS supplier_id, l.n = 0 AS is_patch,
       CASE WHEN l.n = 0 THEN t.valid_from ELSE l.valid_from END AS valid_from, CASE WHEN l.n = 0 THEN t.valid_to ELSE l.valid_to END AS valid_to,
       coalesce(t.id, CASE WHEN l.n > 0 THEN nextval(pg_get_serial_sequence('catalog_pricelist', 'id')) END) AS pk,
       t.id IS NULL AS is_new,
       t.id IS NOT NULL AND l.n > 0 AND ((t.name, t.valid_from, t.valid_to) IS DISTINCT FROM (l.name, l.valid_from, l.valid_to) OR t.ended_at IS NOT NULL)
         AS is_changed
  FROM feed_list l
  JOIN catalog_supplier s ON s.gln = l.gln
  LEFT JOIN catalog_pricelist t ON t.supplier_id = s.id AND t.kind = l.kind
       AND CASE l.kind WHEN 'AGREEMENT' THEN t.number = l.number ELSE t.valid_from = l.valid_from END AND (l.n > 0 OR t.ended_at IS NULL)
 WHERE l.n > 0 OR t.id IS NOT NULL;
CREATE INDEX ON feed_listed (list_n);
CREATE INDEX ON feed_listed (pk);
ANALYZE feed_listed;
CREATE TEMP TABLE feed_price AS
SELECT DISTINCT ON (l.pk, w.target_kind, target.pk, from_on, w.status)
       w.n, l.pk AS list_pk, w.target_kind, target.pk AS target_pk, from_on AS valid_from, w.status, l.kind, w.amount, l.valid_to,
       w.min_order_quantity, w.delivery_time_days, w.warranty_quantity, w.warranty_unit, w.warranty_from
  FROM (SELECT r.*, CASE WHEN r.article_number IS NULL THEN 'P' ELSE 'A' END AS target_kind, coalesce(r.article_number, r.product_number) AS target_number
          FROM feed_row r) w
  JOIN feed_listed l ON l.list_n = w.list_n
  JOIN catalog_supplier s ON s.gln = w.gln
  LEFT JOIN feed_good g ON g.kind = w.target_kind AND g.supplier_id = s.id AND g.number = w.target_number
  LEFT JOIN feed_kept k ON g.n IS NULL AND k.kind = w.target_kind AND k.supplier_id = s.id AND k.number = w.target_number
 CROSS JOIN LATERAL (SELECT coalesce(g.pk, k.pk) AS pk, greatest(l.valid_from, w.valid_from) AS from_on) target
 WHERE l.valid_to IS NULL OR from_on <= l.valid_to
 ORDER BY l.pk, w.target_kind, target.pk, from_on, w.status, w.n DESC;
CREATE INDEX ON feed_price (list_pk, target_pk);
ANALYZE feed_price;
"""
# In a FULL a list that is not named ends, unless it is in quarantine.
_ENDED_LISTS = """
SELECT t.id FROM catalog_pricelist t
 WHERE t.ended_at IS NULL AND NOT EXISTS (SELECT FROM feed_listed l WHERE l.pk = t.id)
   AND NOT EXISTS (SELECT FROM feed_bad b LEFT JOIN catalog_supplier s ON s.gln = b.gln
                    WHERE (b.element = 'Agreement' AND t.kind = 'AGREEMENT' AND b.number = t.number AND coalesce(s.id, t.supplier_id) = t.supplier_id)
                       OR (b.element = 'GeneralPricelist' AND t.kind = 'GENERAL' AND s.id = t.supplier_id))
"""
# What is stored of an article in a list stays while its row is in quarantine.
_PROTECTED = (
    "EXISTS (SELECT FROM feed_bad b JOIN feed_listed l ON l.list_n = b.list_n JOIN catalog_supplier s ON s.gln = b.gln"
    " JOIN {target_table} x ON x.supplier_id = s.id AND x.number = b.number WHERE b.element = 'row' AND l.pk = o.price_list_id AND x.id = o.{target})"
)
_TABLES = {"A": ("catalog_price", "article_id", "catalog_article"), "P": ("catalog_productprice", "product_id", "catalog_product")}


def choose_prices() -> None:
    """`feed_listed`: each good list with the row it will be. `feed_price`: each good row with its list and what it is about."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTED)


# Lists that were not read, with a row on what is gone or is called something else now.
_DOUBTFUL = """
WITH still AS (SELECT t.kind, t.pk, t.supplier_id, t.number FROM feed_there t WHERE t.pk IS NOT NULL), doubtful AS (
    SELECT 'A' AS kind, a.id FROM catalog_article a LEFT JOIN still t ON (t.kind, t.pk, t.supplier_id, t.number) = ('A', a.id, a.supplier_id, a.number)
     WHERE t.pk IS NULL
    UNION ALL
    SELECT 'P', a.id FROM catalog_product a LEFT JOIN still t ON (t.kind, t.pk, t.supplier_id, t.number) = ('P', a.id, a.supplier_id, a.number)
     WHERE t.pk IS NULL
), rows AS (
    SELECT o.price_list_id FROM doubtful d JOIN catalog_price o ON d.kind = 'A' AND o.article_id = d.id AND NOT o.is_inherited
    UNION SELECT o.price_list_id FROM doubtful d JOIN catalog_productprice o ON d.kind = 'P' AND o.product_id = d.id
)
SELECT l.list_n FROM feed_list l JOIN rows ON rows.price_list_id = l.same_pk
"""


def read_doubtful(stage: Stage) -> None:
    """Of the lists that were skipped since their bytes are the same, read those that no longer mean the same. Comes after the articles are checked."""
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTFUL)
        numbers = [number for (number,) in cursor.fetchall()]
    if numbers:
        stage.read_same_lists(numbers)


_DIGESTS = """
UPDATE catalog_pricelist t SET feed_hash = l.digest
  FROM (SELECT l.pk, min(CASE WHEN l.is_patch OR EXISTS (SELECT FROM feed_bad b WHERE b.element = 'row' AND b.list_n = l.list_n) THEN '' ELSE l.digest END)
               AS digest
          FROM feed_listed l WHERE l.pk IS NOT NULL GROUP BY l.pk) l
 WHERE l.pk = t.id AND t.feed_hash <> l.digest
"""
_MOVED = """
UPDATE catalog_pricelist t SET feed_hash = ''
 WHERE t.feed_hash <> '' AND NOT EXISTS (SELECT FROM feed_listed l WHERE l.pk = t.id)
   AND t.id IN (SELECT o.price_list_id FROM catalog_price o JOIN feed_good g ON g.kind = 'A' AND g.pk = o.article_id AND g.is_moved
                UNION SELECT o.price_list_id FROM catalog_productprice o JOIN feed_good g ON g.kind = 'P' AND g.pk = o.product_id AND g.is_moved)
"""


def keep_digests() -> None:
    """Lists that went in whole are known by their bytes until something in them gets another number."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGESTS)
        cursor.execute(_MOVED)


def _own(kind: str) -> str:
    return "AND NOT o.is_inherited" if kind == "A" else ""


def _key(kind: str) -> str:
    target = _TABLES[kind][1]
    return f"d.target_kind = '{kind}' AND d.list_pk = o.price_list_id AND d.target_pk = o.{target} AND d.valid_from = o.valid_from AND d.status = o.status"


def _differs() -> str:
    return f"({', '.join(f'o.{name}' for name in _TERMS)}) IS DISTINCT FROM ({', '.join(f'd.{name}' for name in _TERMS)})"


def _superfluous(kind: str) -> str:
    """The condition on stored rows `o` that the lists in the file no longer have."""
    _, target, target_table = _TABLES[kind]
    named = f"d.target_kind = '{kind}' AND d.list_pk = o.price_list_id AND d.target_pk = o.{target}"
    return (
        "EXISTS (SELECT FROM feed_listed l WHERE l.pk = o.price_list_id AND NOT l.is_new AND NOT l.is_same"
        f" AND (NOT l.is_patch OR EXISTS (SELECT FROM feed_price d WHERE {named})))"
        f" {_own(kind)} AND NOT EXISTS (SELECT FROM feed_price d WHERE {_key(kind)})"
        f" AND NOT {_PROTECTED.format(target_table=target_table, target=target)}"
    )


def touch_by_prices(mode: str) -> str:
    """SQL for the stored articles (kind, pk) whose prices change, or may."""
    of_ended = f"SELECT 'A', o.article_id FROM catalog_price o WHERE o.price_list_id IN ({_ENDED_LISTS})" if mode == "FULL" else ""
    # Prices on products are few; what they mean for each article is found out afterwards.
    of_products = "SELECT product_id FROM catalog_productprice UNION SELECT target_pk FROM feed_price WHERE target_kind = 'P'"
    parts = [
        f"SELECT 'A', o.article_id FROM catalog_price o WHERE {_superfluous('A')}",
        f"SELECT 'A', o.article_id FROM catalog_price o JOIN feed_price d ON {_key('A')} WHERE {_differs()} OR o.is_inherited",
        f"SELECT 'A', d.target_pk FROM feed_price d LEFT JOIN catalog_price o ON {_key('A')} WHERE d.target_kind = 'A' AND o.id IS NULL",
        f"SELECT 'A', a.id FROM catalog_article a WHERE a.product_id IN ({of_products})",
    ]
    return " UNION ".join([*parts, of_ended] if of_ended else parts)


def write_prices(mode: str, now: datetime.datetime) -> dict[str, int]:
    """How many lists are new, changed (their own facts or any row), unchanged and ended."""
    changed_lists: set[int] = set()
    with connection.cursor() as cursor:
        ended = 0
        if mode == "FULL":
            cursor.execute(f"UPDATE catalog_pricelist SET ended_at = %s WHERE id IN ({_ENDED_LISTS}) RETURNING id", [now])
            gone = [pk for (pk,) in cursor.fetchall()]
            ended = len(gone)
            for table, _, _ in _TABLES.values():
                cursor.execute(f"DELETE FROM {table} WHERE price_list_id = ANY(%s)", [gone])
        # General lists are known by their first day, which may not meet another's; agreements by their number.
        cursor.execute(
            f"UPDATE catalog_pricelist t SET {', '.join(f'{name} = l.{name}' for name in _HEAD)}, ended_at = NULL"
            " FROM feed_listed l WHERE l.pk = t.id AND l.is_changed RETURNING t.id"
        )
        changed_lists |= {pk for (pk,) in cursor.fetchall()}
        cursor.execute(
            f"INSERT INTO catalog_pricelist (id, kind, supplier_id, number, {', '.join(_HEAD)})"
            f" SELECT pk, kind, supplier_id, number, {', '.join(_HEAD)} FROM feed_listed WHERE is_new"
        )
        new = cursor.rowcount
        for kind in _TABLES:
            changed_lists |= _write_rows(kind)
        cursor.execute("SELECT pk FROM feed_listed WHERE is_new")
        changed_lists -= {pk for (pk,) in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM feed_listed WHERE NOT is_patch")
        [read] = cursor.fetchone()
    _inherit_prices()
    return {"read": read, "new": new, "changed": len(changed_lists), "unchanged": max(0, read - new - len(changed_lists)), "ended": ended}


def _write_rows(kind: str) -> set[int]:
    table, target, _ = _TABLES[kind]
    changed: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} o WHERE {_superfluous(kind)} RETURNING o.price_list_id")
        changed |= {pk for (pk,) in cursor.fetchall()}
        if kind == "A":
            # An article that now has a row of its own in the list no longer has its product's.
            cursor.execute(
                "DELETE FROM catalog_price o WHERE o.is_inherited"
                " AND EXISTS (SELECT FROM feed_price d WHERE d.target_kind = 'A' AND d.list_pk = o.price_list_id AND d.target_pk = o.article_id)"
            )
        cursor.execute(
            f"UPDATE {table} o SET {', '.join(f'{name} = d.{name}' for name in _TERMS)} FROM feed_price d WHERE {_key(kind)} AND {_differs()}"
            " RETURNING o.price_list_id"
        )
        changed |= {pk for (pk,) in cursor.fetchall()}
        inherited = ", is_inherited" if kind == "A" else ""
        cursor.execute(
            f"WITH made AS (INSERT INTO {table} (price_list_id, {target}, valid_from, status, {', '.join(_TERMS)}{inherited})"
            f" SELECT d.list_pk, d.target_pk, d.valid_from, d.status, {', '.join(f'd.{name}' for name in _TERMS)}{', FALSE' if inherited else ''}"
            f" FROM feed_price d WHERE d.target_kind = '{kind}' AND NOT EXISTS (SELECT FROM {table} o WHERE {_key(kind)}) ORDER BY d.n"
            " RETURNING price_list_id) SELECT DISTINCT price_list_id FROM made"
        )
        changed |= {pk for (pk,) in cursor.fetchall()}
    return changed


_INHERITED = (
    "SELECT pp.price_list_id, a.id AS article_id, pp.valid_from, pp.status, {terms} FROM catalog_productprice pp"
    " JOIN catalog_article a ON a.product_id = pp.product_id AND a.ended_at IS NULL"
    " WHERE NOT EXISTS (SELECT FROM catalog_price own WHERE own.price_list_id = pp.price_list_id AND own.article_id = a.id AND NOT own.is_inherited)"
)


def _inherit_prices() -> None:
    """Make the rows anew that articles have from their products; where no list has such, nothing is read or written."""
    names = ("price_list_id", "article_id", "valid_from", "status", *_TERMS)
    wanted = _INHERITED.format(terms=", ".join(f"pp.{name}" for name in _TERMS))
    same = f"({', '.join(f'o.{name}' for name in names)}) IS NOT DISTINCT FROM ({', '.join(f'd.{name}' for name in names)})"
    key = "d.price_list_id = o.price_list_id AND d.article_id = o.article_id"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM catalog_productprice) OR EXISTS (SELECT FROM catalog_price WHERE is_inherited)",
        )
        [any_at_all] = cursor.fetchone()
        if not any_at_all:
            return
        cursor.execute(f"DELETE FROM catalog_price o WHERE o.is_inherited AND NOT EXISTS (SELECT FROM ({wanted}) d WHERE {key} AND {same})")
        cursor.execute(
            f"INSERT INTO catalog_price ({', '.join(names)}, is_inherited) SELECT {', '.join(f'd.{name}' for name in names)}, TRUE FROM ({wanted}) d"
            f" WHERE NOT EXISTS (SELECT FROM catalog_price o WHERE o.is_inherited AND {key} AND {same})"
        )
