"""What an import changes of each article and product, field by field, and what it could not take in."""

from typing import Any

from django.db import connection

from catalog.hjmtj import SHAPES
from catalog.merge.items import OWNER
from catalog.merge.staging import Stage
from catalog.models import FeedImport

_FIELDS = {
    "P": (
        *("number", "feed_id", "name", "description", "properties", "status", "discontinued_from"),
        *("other_iso_codes", "manufacturer", "trademark", "is_ce_marked"),
    ),
    "A": (
        *("number", "feed_id", "name", "description", "properties", "status", "discontinued_from", "article_type", "iso_codes", "gtin", "order_unit"),
        *("quantity_in_outer_package", "package_content", "package_content_unit", "preventive_maintenance_days"),
    ),
}
_LINKED = (
    "(SELECT jsonb_agg(coalesce(a.number, p.number) ORDER BY coalesce(a.number, p.number)) FROM catalog_relation r"
    " LEFT JOIN catalog_article a ON a.id = r.to_article_id LEFT JOIN catalog_product p ON p.id = r.to_product_id"
    " WHERE r.from_{owner} = t.id AND r.kind = '{link}')"
)
_PRICES = (
    "(SELECT jsonb_agg(concat_ws(' ', l.number, p.valid_from, coalesce(p.amount::text, 'okänt'), NULLIF(p.status, 'AKTIV'))"
    " ORDER BY p.kind, l.number, p.valid_from)"
    " FROM catalog_price p JOIN catalog_pricelist l ON l.id = p.price_list_id WHERE p.article_id = t.id)"
)


def _snapshot(kind: str, table: str) -> str:
    owner = OWNER[kind]
    parts = [f"'{name}', to_jsonb(t.{name})" for name in _FIELDS[kind]]
    parts += [
        "'supplier', to_jsonb(s.gln)",
        "'category', to_jsonb(c.code)",
        f"'media', (SELECT jsonb_agg(m.url ORDER BY m.place, m.url) FROM catalog_media m WHERE m.{owner} = t.id)",
        f"'replaced_by', {_LINKED.format(owner=owner, link='REPLACED_BY')}",
    ]
    joins = ""
    if kind == "A":
        parts += [f"'fits_to', {_LINKED.format(owner=owner, link='FITS_TO')}", f"'prices', {_PRICES}", "'product', to_jsonb(own.number)"]
        joins = "LEFT JOIN catalog_product own ON own.id = t.product_id"
    return (
        f"SELECT x.kind, x.pk, jsonb_build_object({', '.join(parts)}) AS facts FROM feed_touched x JOIN {table} t ON t.id = x.pk"
        f" JOIN catalog_supplier s ON s.id = t.supplier_id LEFT JOIN catalog_category c ON c.id = t.category_id {joins} WHERE x.kind = '{kind}'"
    )


_NOW = f"{_snapshot('P', 'catalog_product')} UNION ALL {_snapshot('A', 'catalog_article')}"


def remember_before(*sources: str) -> None:
    """Keep how the rows (kind, pk) that the SQL in `sources` names are now, and those whose element changed; new ones are not among them."""
    always = (
        "SELECT kind, pk FROM feed_good WHERE is_changed OR is_renumbered"
        " UNION SELECT 'A', a.id FROM catalog_article a JOIN feed_good g ON g.kind = 'P' AND g.pk = a.product_id AND g.is_changed"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE feed_touched AS SELECT DISTINCT kind, pk FROM ({' UNION '.join([always, *sources])}) AS x(kind, pk)")
        cursor.execute("DELETE FROM feed_touched x USING feed_good g WHERE g.kind = x.kind AND g.pk = x.pk AND g.is_new")
        cursor.execute("ANALYZE feed_touched")
        cursor.execute(f"CREATE TEMP TABLE feed_before AS {_NOW}")


_WRITE = "INSERT INTO catalog_feedchange (feed_import_id, article_id, product_id, kind, field, old, new) "
_WHOM = "CASE {0}.kind WHEN 'A' THEN {0}.pk END, CASE {0}.kind WHEN 'P' THEN {0}.pk END"


def write_changes(feed_import: FeedImport) -> None:
    with connection.cursor() as cursor:
        for table, condition, kind in (("feed_good", "is_new", "NEW"), ("feed_good", "is_back", "BACK"), ("feed_gone", "TRUE", "ENDED")):
            cursor.execute(
                f"{_WRITE} SELECT %s, {_WHOM.format('g')}, '{kind}', '', NULL, NULL FROM {table} g WHERE {condition} ORDER BY kind, pk", [feed_import.pk]
            )
        cursor.execute(
            f"{_WRITE} SELECT %s, {_WHOM.format('b')}, CASE key.name WHEN 'number' THEN 'RENUMBERED' ELSE 'CHANGED' END, key.name,"
            " NULLIF(b.facts -> key.name, 'null'), NULLIF(a.facts -> key.name, 'null')"
            f" FROM feed_before b JOIN ({_NOW}) a USING (kind, pk) CROSS JOIN LATERAL jsonb_object_keys(b.facts) AS key(name)"
            " WHERE b.facts -> key.name IS DISTINCT FROM a.facts -> key.name ORDER BY b.kind, b.pk, key.name",
            [feed_import.pk],
        )


# --- Quarantine -------------------------------------------------------------------------------------


def settle_quarantine(feed_import: FeedImport) -> None:
    """What was tried again has gone in, or waits for the next time. What a later file names by its key is that file's matter."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalog_quarantine q SET status = 'TAKEN', settled_by_id = %s FROM feed_retry r WHERE r.quarantine_id = q.id"
            " AND NOT EXISTS (SELECT FROM feed_bad b WHERE b.n = r.n)",
            [feed_import.pk],
        )
        cursor.execute(
            "UPDATE catalog_quarantine q SET tries = q.tries + 1, reason = b.reason FROM feed_retry r JOIN feed_bad b ON b.n = r.n WHERE r.quarantine_id = q.id"
        )


_LIST_ROWS = """
SELECT at, size FROM (SELECT n, at, size, list_n FROM feed_row UNION ALL SELECT n, at, size, list_n FROM feed_bad WHERE element = 'row') x
 WHERE list_n = %s ORDER BY n LIMIT %s
"""
# More of a bad list is not kept, and it is then not tried again: a part of its prices would look like all of them.
_MOST_ROWS = 2000
_NEW_BAD = """
SELECT b.n, b.line, b.at, b.size, b.element, b.feed_id, b.gln, b.number, b.list_n, b.reason, l.kind, l.gln, l.number, l.valid_from
  FROM feed_bad b
  LEFT JOIN feed_list l ON b.element = 'row' AND l.list_n = b.list_n
 WHERE NOT EXISTS (SELECT FROM feed_retry r WHERE r.n = b.n)
   AND NOT (b.element = 'row' AND l.list_n IS NULL)
 ORDER BY b.n
"""


def quarantined(stage: Stage) -> list[tuple[Any, ...]]:
    """What is bad in this file, with its text, for `Quarantine` rows. The rows of a bad list are kept with the list.

    A list whose shape is wrong is not whole: its parts alone would look right.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEW_BAD)
        found = cursor.fetchall()
        kept = []
        for _, line, at, size, element, feed_id, gln, number, list_n, reason, *of_list in found:
            text, is_whole = stage.text(at, size)
            if element in {"Agreement", "GeneralPricelist"}:
                cursor.execute(_LIST_ROWS, [list_n, _MOST_ROWS + 1])
                rows = [stage.text(*row) for row in cursor.fetchall()]
                head, mark, end = text.rpartition("</")
                text = f"{head}{''.join(row for row, _ in rows[:_MOST_ROWS])}{mark}{end}" if mark else text
                is_whole = is_whole and len(rows) <= _MOST_ROWS and all(whole for _, whole in rows) and reason.rstrip(".") not in SHAPES
            kept.append((line, element, feed_id, gln, number, reason, text, is_whole, *of_list))
    return kept
