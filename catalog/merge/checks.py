"""Finds what the schema cannot see: doubles, and references to what is not there. Bad elements leave their table for `feed_bad`, with a reason.

What is left after `check` can be merged. `feed_there` is then what will be in force after this file: its own good elements, and what is stored and stays.
"""

from typing import Any

from django.db import connection

from catalog.merge.staging import ELEMENT_OF

_BAD = """
WITH gone AS (DELETE FROM {table} AS x WHERE {condition} RETURNING x.*)
INSERT INTO feed_bad (n, line, at, size, element, feed_id, gln, number, list_n, reason)
SELECT n, line, at, size, {columns}, {reason} FROM gone
"""
_ORGANISATION = {"table": "feed_org", "columns": "'Organisation', '', gln, '', NULL"}
_CATEGORY = {"table": "feed_category", "columns": "'Category', '', '', code, NULL"}
_ITEM = {"table": "feed_item", "columns": "CASE kind WHEN 'P' THEN 'Product' ELSE 'Article' END, feed_id, gln, number, NULL"}
_LIST = {"table": "feed_list", "columns": "CASE kind WHEN 'GENERAL' THEN 'GeneralPricelist' ELSE 'Agreement' END, '', gln, number, list_n"}
_ROW = {"table": "feed_row", "columns": "'row', '', gln, coalesce(article_number, product_number), list_n"}


def _bad(what: dict[str, str], condition: str, reason: str, parameters: dict[str, Any] | None = None) -> int:
    """Moves the elements `x` that meet the condition; how many there were. `reason` is an SQL expression over their columns."""
    with connection.cursor() as cursor:
        cursor.execute(_BAD.format(condition=condition, reason=reason, **what), parameters or {})
        return cursor.rowcount


def _doubles(what: dict[str, str], key: str, reason: str, *, where: str = "TRUE") -> None:
    """The first of several with one key is taken."""
    numbered = f"SELECT n, row_number() OVER (PARTITION BY {key} ORDER BY n) AS place FROM {what['table']} WHERE {where}"
    _bad(what, f"x.n IN (SELECT n FROM ({numbered}) AS numbered WHERE place > 1)", reason)


def check_organisations() -> None:
    _doubles(_ORGANISATION, "gln", "'Organisationen finns redan tidigare i filen.'")


def check_categories(edition: str) -> None:
    _doubles(_CATEGORY, "code", "'ISO-koden finns redan tidigare i filen.'")
    for length in (4, 6, 8):
        _bad(
            _CATEGORY,
            f"length(code) = {length} AND NOT EXISTS (SELECT FROM feed_category p WHERE p.code = left(x.code, {length - 2}))"
            f" AND NOT EXISTS (SELECT FROM catalog_category p WHERE p.edition = %(edition)s AND p.code = left(x.code, {length - 2}))",
            "'ISO-koden saknar sin överordnade ' || left(code, length(code) - 2) || '.'",
            {"edition": edition},
        )


# The row that has the feed's id; where none has, the row with the number, unless the file has that row under its own id.
_BY_ID = """
SELECT i.n, i.kind, i.feed_id, i.number, i.hash, i.product_feed_id, s.id AS supplier_id, c.id AS category_id, t.id AS pk, t.feed_hash AS old_hash,
       t.ended_at, t.number AS old_number, t.supplier_id AS old_supplier_id, t.feed_id AS old_feed_id
  FROM feed_item i
  JOIN catalog_supplier s ON s.gln = i.gln
  LEFT JOIN catalog_category c ON c.edition = %(edition)s AND c.code = split_part(i.iso_codes, ',', 1)
  LEFT JOIN {table} t ON t.feed_id = i.feed_id
 WHERE i.kind = '{kind}'
"""
_BY_NUMBER = """
UPDATE feed_resolved r
   SET pk = b.id, old_hash = b.feed_hash, ended_at = b.ended_at, old_number = b.number, old_supplier_id = b.supplier_id, old_feed_id = b.feed_id
  FROM (SELECT DISTINCT ON (r.n) r.n, t.id, t.feed_hash, t.ended_at, t.number, t.supplier_id, t.feed_id
          FROM feed_resolved r
          JOIN {table} t ON t.supplier_id = r.supplier_id AND t.number = r.number
         WHERE r.kind = '{kind}' AND r.pk IS NULL
           AND NOT EXISTS (SELECT FROM feed_resolved o WHERE o.kind = '{kind}' AND o.feed_id = t.feed_id)
           AND NOT EXISTS (SELECT FROM feed_bad o WHERE o.element = '{element}' AND o.feed_id = t.feed_id)
         ORDER BY r.n, t.ended_at DESC NULLS FIRST, t.id DESC) b
 WHERE b.n = r.n;
"""
_INDEX = """
CREATE UNIQUE INDEX ON feed_resolved (n);
CREATE INDEX ON feed_resolved (kind, supplier_id, number);
CREATE INDEX ON feed_resolved (kind, feed_id);
CREATE INDEX ON feed_resolved (kind, pk);
ANALYZE feed_resolved (n, kind, feed_id, supplier_id, number, pk);
CREATE TEMP VIEW feed_protected AS
SELECT CASE b.element WHEN 'Product' THEN 'P' ELSE 'A' END AS kind, b.feed_id, b.number, b.gln, s.id AS supplier_id
  FROM feed_bad b LEFT JOIN catalog_supplier s ON s.gln = b.gln
 WHERE b.element IN ('Product', 'Article');
"""
_STORED = (
    "SELECT '{kind}' AS kind, t.id AS pk, t.supplier_id, t.number, t.feed_id FROM {table} t {join}"
    " WHERE t.ended_at IS NULL AND NOT EXISTS (SELECT FROM feed_resolved r WHERE r.kind = '{kind}' AND r.pk = t.id)"
)
# In a FULL only what is in quarantine stays without being named. Its supplier may be what is broken; then any with the number stays.
_JOINS = {
    "DELTA": [""],
    "FULL": [
        "JOIN feed_protected p ON p.kind = '{kind}' AND p.feed_id = t.feed_id",
        "JOIN feed_protected p ON p.kind = '{kind}' AND p.number = t.number AND (p.supplier_id = t.supplier_id OR p.supplier_id IS NULL)",
    ],
}
TABLES = {"P": "catalog_product", "A": "catalog_article"}


def _resolve(cursor: Any, edition: str) -> None:
    by_id = " UNION ALL ".join(_BY_ID.format(kind=kind, table=table) for kind, table in TABLES.items())
    cursor.execute(f"CREATE TEMP TABLE feed_resolved AS {by_id}", {"edition": edition})
    cursor.execute("ANALYZE feed_resolved (n, kind, feed_id, supplier_id, number, pk)")
    for kind, table in TABLES.items():
        cursor.execute(_BY_NUMBER.format(kind=kind, table=table, element=ELEMENT_OF[kind]))
    cursor.execute(_INDEX)


def _make_views(cursor: Any, mode: str) -> None:
    parts = [_STORED.format(kind=kind, table=table, join=join.format(kind=kind)) for kind, table in TABLES.items() for join in _JOINS[mode]]
    cursor.execute(f"CREATE TEMP VIEW feed_kept AS {' UNION '.join(parts) if mode == 'FULL' else ' UNION ALL '.join(parts)}")
    cursor.execute(
        "CREATE TEMP VIEW feed_there AS SELECT kind, n, pk, supplier_id, number, feed_id FROM feed_resolved"
        " UNION ALL SELECT kind, NULL, pk, supplier_id, number, feed_id FROM feed_kept"
    )


def check_items(edition: str, mode: str) -> None:
    """Products and articles; afterwards `feed_resolved` holds the good ones with the stored row (`pk`) that each is, if any.

    A stored row is found by the feed's id (so that a new number is a renumbering), else by supplier and number, unless the file has that row under its own id.
    """
    _doubles(_ITEM, "kind, feed_id", "'Samma id finns redan tidigare i filen.'")
    _doubles(_ITEM, "kind, gln, number", "'Samma nummer hos samma leverantör finns redan tidigare i filen.'")
    _bad(_ITEM, "NOT EXISTS (SELECT FROM catalog_supplier s WHERE s.gln = x.gln)", "'Leverantören ' || gln || ' finns inte.'")
    _bad(
        _ITEM,
        # Few different ones are told many times.
        "x.iso_codes IN (SELECT told.iso_codes FROM (SELECT DISTINCT iso_codes FROM feed_item) told, unnest(string_to_array(told.iso_codes, ',')) AS one"
        " WHERE NOT EXISTS (SELECT FROM catalog_category c WHERE c.edition = %(edition)s AND c.code = one))",
        f"'En ISO-kod finns inte i utgåva {int(edition)}: ' || replace(iso_codes, ',', ', ') || '.'",
        {"edition": edition},
    )
    with connection.cursor() as cursor:
        _resolve(cursor, edition)
        _make_views(cursor, mode)
    # What goes may be what others refer to, so until nothing more goes.
    while sum(_bad_by(condition, reason) for condition, reason in _REFERENCES):
        pass
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM feed_ref r WHERE NOT EXISTS (SELECT FROM feed_item i WHERE i.n = r.n)")
        cursor.execute("DELETE FROM feed_media m WHERE NOT EXISTS (SELECT FROM feed_item i WHERE i.n = m.n)")


_MISSING = """
FROM feed_ref r LEFT JOIN catalog_supplier s ON s.gln = r.gln
WHERE NOT EXISTS (SELECT FROM feed_resolved t WHERE t.kind = CASE WHEN r.article_number IS NULL THEN 'P' ELSE 'A' END
      AND t.supplier_id = s.id AND t.number = coalesce(r.article_number, r.product_number))
  AND NOT EXISTS (SELECT FROM feed_kept t WHERE t.kind = CASE WHEN r.article_number IS NULL THEN 'P' ELSE 'A' END
      AND t.supplier_id = s.id AND t.number = coalesce(r.article_number, r.product_number))
"""
_NO_PRODUCT = (
    "x.kind = 'A' AND x.product_feed_id IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM feed_resolved t WHERE t.kind = 'P' AND t.feed_id = x.product_feed_id)"
    " AND NOT EXISTS (SELECT FROM feed_kept t WHERE t.kind = 'P' AND t.feed_id = x.product_feed_id)"
)
_NO_TARGET = (
    "'En hänvisning går till ' || (SELECT string_agg(coalesce(r.article_number, r.product_number, '?') || ' hos ' || r.gln, ', ')"
    f" {_MISSING} AND r.n = gone.n) || ', som inte finns.'"
)
_TAKEN = "x.n IN (SELECT r.n FROM feed_resolved r JOIN feed_kept t ON t.kind = r.kind AND t.supplier_id = r.supplier_id AND t.number = r.number)"
_REFERENCES = [
    (_NO_PRODUCT, "'Produkten ' || product_feed_id || ' finns inte.'"),
    (f"x.n IN (SELECT r.n {_MISSING})", _NO_TARGET),
    (_TAKEN, "'Numret har redan en annan hos samma leverantör.'"),
]


def _bad_by(condition: str, reason: str) -> int:
    moved = _bad(_ITEM, condition, reason)
    if moved:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM feed_resolved r WHERE NOT EXISTS (SELECT FROM feed_item i WHERE i.n = r.n)")
            cursor.execute("DELETE FROM feed_ref r WHERE NOT EXISTS (SELECT FROM feed_item i WHERE i.n = r.n)")
    return moved


def check_prices(receiver_gln: str) -> int:
    """Lists and their rows, once the articles are known. Agreements of other customers are left out, and how many they were is returned."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM feed_list WHERE customer_gln <> %s RETURNING list_n", [receiver_gln])
        of_others = [number for (number,) in cursor.fetchall()]
        cursor.execute("DELETE FROM feed_row WHERE list_n = ANY(%s)", [of_others])
        cursor.execute("DELETE FROM feed_bad WHERE element = 'row' AND list_n = ANY(%s)", [of_others])
    _doubles(_LIST, "kind, gln, number, CASE kind WHEN 'GENERAL' THEN valid_from END", "'Prislistan finns redan tidigare i filen.'", where="n > 0")
    _bad(_LIST, "n > 0 AND NOT EXISTS (SELECT FROM catalog_supplier s WHERE s.gln = x.gln)", "'Leverantören ' || gln || ' finns inte.'")
    target = (
        "EXISTS (SELECT FROM feed_there t JOIN catalog_supplier s ON s.id = t.supplier_id WHERE s.gln = x.gln"
        " AND t.kind = '{kind}' AND t.number = x.{number}_number)"
    )
    in_good_list = "EXISTS (SELECT FROM feed_list l WHERE l.list_n = x.list_n)"
    for kind, number in (("A", "article"), ("P", "product")):
        _bad(
            _ROW,
            f"{in_good_list} AND x.{number}_number IS NOT NULL AND NOT {target.format(kind=kind, number=number)}",
            f"{number}_number || ' hos ' || gln || ' finns inte.'",
        )
    _bad(
        _ROW,
        "EXISTS (SELECT FROM feed_list l WHERE l.list_n = x.list_n AND x.valid_from > l.valid_to)",
        "'Priset börjar gälla efter att prislistan har slutat.'",
    )
    # As joins: asked row by row, the time would grow with rows times lists.
    effective = (
        "SELECT r.n, count(*) OVER (PARTITION BY r.list_n, r.gln, r.article_number, r.product_number,"
        " greatest(r.valid_from, CASE WHEN l.n > 0 THEN l.valid_from END)) AS times"
        " FROM feed_row r JOIN feed_list l ON l.list_n = r.list_n WHERE r.status = 'AKTIV'"
    )
    reason = "'Två aktiva rader i prislistan har pris på samma artikel.'"
    _bad(_ROW, f"x.n IN (SELECT n FROM ({effective}) AS counted WHERE times > 1)", reason)
    return len(of_others)
