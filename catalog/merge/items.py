"""Writes suppliers, classes, products, articles, their media and what refers to what, from the staging tables, set by set."""

import datetime

from django.db import connection

from catalog.merge.checks import TABLES

Counts = dict[str, dict[str, int]]

_COMMON = (
    "supplier_id",
    "number",
    "feed_id",
    "feed_hash",
    "name",
    "description",
    "properties",
    "status",
    "discontinued_from",
    "feed_updated_at",
    "category_id",
)
_OWN = {
    "P": ("other_iso_codes", "manufacturer", "trademark", "is_ce_marked"),
    "A": (
        *("product_id", "article_type", "iso_codes", "gtin", "order_unit", "quantity_in_outer_package", "package_content", "package_content_unit"),
        "preventive_maintenance_days",
    ),
}
# Where the value of a column comes from: the element (i), or what was made out about it (g).
_SOURCES = {
    **{name: f"g.{name}" for name in ("supplier_id", "product_id", "category_id")},
    "feed_hash": "i.hash",
    "feed_updated_at": "i.updated_at",
    "iso_codes": "string_to_array(i.iso_codes, ',')",
    "other_iso_codes": "(string_to_array(i.iso_codes, ','))[2:]",
}
OWNER = {"P": "product_id", "A": "article_id"}


def write_suppliers() -> tuple[int, int, int]:
    """New, changed, unchanged. What the feed does not name stays: others still refer to it."""
    fields = ("name", "organisation_number", "phone", "email", "web")
    return _upsert(
        "feed_org WHERE type = 'SUPPLIER'",
        "catalog_supplier",
        "t.gln = x.gln",
        ("gln", *fields),
        ("gln", *fields),
        fields,
    )


def write_categories(edition: str) -> tuple[int, int, int]:
    """As suppliers; a class belongs to its edition, and older editions stay."""
    fields = ("name", "description")
    edition = str(int(edition))
    done = _upsert(
        "feed_category",
        "catalog_category",
        f"t.edition = '{edition}' AND t.code = x.code",
        ("edition", "code", *fields),
        (f"'{edition}'", "code", *fields),
        fields,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalog_category c SET parent_id = p.id FROM catalog_category p"
            " WHERE c.edition = %s AND p.edition = c.edition AND p.code = left(c.code, length(c.code) - 2) AND c.parent_id IS DISTINCT FROM p.id",
            [edition],
        )
    return done


def _upsert(source: str, table: str, key: str, columns: tuple[str, ...], values: tuple[str, ...], fields: tuple[str, ...]) -> tuple[int, int, int]:
    differs = f"({', '.join(f't.{name}' for name in fields)}) IS DISTINCT FROM ({', '.join(f'x.{name}' for name in fields)})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {source}")
        [read] = cursor.fetchone()
        cursor.execute(f"UPDATE {table} t SET {', '.join(f'{name} = x.{name}' for name in fields)} FROM (SELECT * FROM {source}) x WHERE {key} AND {differs}")
        changed = cursor.rowcount
        chosen = ", ".join(value if value.startswith("'") else f"x.{value}" for value in values)
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM (SELECT * FROM {source}) x WHERE NOT EXISTS (SELECT FROM {table} t WHERE {key})"
        )
        new = cursor.rowcount
    return new, changed, read - new - changed


_CHOOSE = """
CREATE TEMP TABLE feed_good AS
SELECT r.n, r.kind, r.supplier_id, r.number, r.old_number,
       coalesce(r.category_id, product.category_id, (SELECT p.category_id FROM catalog_product p WHERE p.id = kept.pk)) AS category_id,
       coalesce(r.pk, CASE r.kind WHEN 'P' THEN nextval(pg_get_serial_sequence('catalog_product', 'id'))
                                  ELSE nextval(pg_get_serial_sequence('catalog_article', 'id')) END) AS pk,
       r.pk IS NULL AS is_new,
       r.pk IS NOT NULL AND (r.old_hash <> r.hash OR r.ended_at IS NOT NULL) AS is_changed,
       r.ended_at IS NOT NULL AS is_back,
       r.pk IS NOT NULL AND r.ended_at IS NULL AND (r.old_number, r.old_supplier_id) IS DISTINCT FROM (r.number, r.supplier_id) AS is_renumbered,
       r.pk IS NOT NULL AND (r.old_number, r.old_supplier_id, r.old_feed_id) IS DISTINCT FROM (r.number, r.supplier_id, r.feed_id) AS is_moved,
       product.n AS product_n, coalesce(product.pk, kept.pk) AS product_id
  FROM feed_resolved r
  LEFT JOIN feed_resolved product ON product.kind = 'P' AND product.feed_id = r.product_feed_id
  LEFT JOIN feed_kept kept ON kept.kind = 'P' AND kept.feed_id = r.product_feed_id AND product.n IS NULL;
UPDATE feed_good a SET product_id = p.pk FROM feed_good p WHERE a.product_n = p.n AND a.product_id IS NULL;
CREATE UNIQUE INDEX ON feed_good (n);
CREATE UNIQUE INDEX ON feed_good (kind, pk);
CREATE INDEX ON feed_good (kind, supplier_id, number);
ANALYZE feed_good;
"""
_ENDING = """
CREATE TEMP TABLE feed_gone AS
SELECT 'P' AS kind, t.id AS pk FROM catalog_product t WHERE t.ended_at IS NULL AND {gone}
UNION ALL SELECT 'A', t.id FROM catalog_article t WHERE t.ended_at IS NULL AND {gone_article};
CREATE UNIQUE INDEX ON feed_gone (kind, pk);
ANALYZE feed_gone;
"""


def choose(mode: str) -> None:
    """`feed_good`: each good element with the row it will be, new ones with an id of their own. `feed_gone`: what a FULL no longer has."""
    gone = (
        "NOT EXISTS (SELECT FROM feed_resolved r WHERE r.kind = '{0}' AND r.pk = t.id)"
        " AND NOT EXISTS (SELECT FROM feed_kept k WHERE k.kind = '{0}' AND k.pk = t.id)"
        if mode == "FULL"
        else "FALSE"
    )
    with connection.cursor() as cursor:
        cursor.execute(_ENDING.format(gone=gone.format("P"), gone_article=gone.format("A")))
        cursor.execute(_CHOOSE)


_LINKS = """
CREATE TEMP TABLE feed_link AS
SELECT DISTINCT r.kind, g.kind AS from_kind, g.pk AS from_pk, CASE WHEN r.article_number IS NULL THEN 'P' ELSE 'A' END AS to_kind,
       coalesce(t.pk, k.pk) AS to_pk
  FROM feed_ref r
  JOIN feed_good g ON g.n = r.n
  JOIN catalog_supplier s ON s.gln = r.gln
  LEFT JOIN feed_good t ON t.kind = CASE WHEN r.article_number IS NULL THEN 'P' ELSE 'A' END AND t.supplier_id = s.id
       AND t.number = coalesce(r.article_number, r.product_number)
  LEFT JOIN feed_kept k ON t.n IS NULL AND k.kind = CASE WHEN r.article_number IS NULL THEN 'P' ELSE 'A' END AND k.supplier_id = s.id
       AND k.number = coalesce(r.article_number, r.product_number);
ANALYZE feed_link;
"""
STORED_LINKS = (
    "SELECT r.id, r.kind, CASE WHEN r.from_article_id IS NULL THEN 'P' ELSE 'A' END AS from_kind, coalesce(r.from_article_id, r.from_product_id) AS from_pk,"
    " CASE WHEN r.to_article_id IS NULL THEN 'P' ELSE 'A' END AS to_kind, coalesce(r.to_article_id, r.to_product_id) AS to_pk FROM catalog_relation r"
)
_SAME = "(o.kind, o.from_kind, o.from_pk, o.to_kind, o.to_pk) = (d.kind, d.from_kind, d.from_pk, d.to_kind, d.to_pk)"


def choose_links() -> None:
    """`feed_link`: what the good elements refer to, as rows."""
    with connection.cursor() as cursor:
        cursor.execute(_LINKS)


def touch_by_links() -> str:
    """SQL for the stored rows (kind, pk) whose references change."""
    return (
        f"SELECT d.from_kind, d.from_pk FROM feed_link d LEFT JOIN ({STORED_LINKS}) o ON {_SAME} WHERE o.id IS NULL"
        f" UNION SELECT o.from_kind, o.from_pk FROM ({STORED_LINKS}) o JOIN feed_good g ON g.kind = o.from_kind AND g.pk = o.from_pk"
        f" LEFT JOIN feed_link d ON {_SAME} WHERE d.kind IS NULL"
    )


def write_links() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM catalog_relation x USING ({STORED_LINKS}) o, feed_good g WHERE x.id = o.id AND g.kind = o.from_kind AND g.pk = o.from_pk"
            f" AND NOT EXISTS (SELECT FROM feed_link d WHERE {_SAME})"
        )
        cursor.execute(
            "INSERT INTO catalog_relation (kind, from_article_id, from_product_id, to_article_id, to_product_id)"
            " SELECT d.kind, CASE d.from_kind WHEN 'A' THEN d.from_pk END, CASE d.from_kind WHEN 'P' THEN d.from_pk END,"
            " CASE d.to_kind WHEN 'A' THEN d.to_pk END, CASE d.to_kind WHEN 'P' THEN d.to_pk END"
            f" FROM feed_link d WHERE NOT EXISTS (SELECT FROM ({STORED_LINKS}) o WHERE {_SAME})"
        )


def end_missing(now: datetime.datetime) -> None:
    with connection.cursor() as cursor:
        for kind, table in TABLES.items():
            cursor.execute(f"UPDATE {table} t SET ended_at = %s FROM feed_gone x WHERE x.kind = '{kind}' AND x.pk = t.id", [now])


def write_items() -> None:
    """Products, then articles. Numbers that move between rows are put aside first, so that two may swap theirs."""
    with connection.cursor() as cursor:
        for kind, table in TABLES.items():
            columns = (*_COMMON, *_OWN[kind])
            values = [_SOURCES.get(name, f"i.{name}") for name in columns]
            cursor.execute(f"UPDATE {table} t SET number = E'\\x01' || t.id FROM feed_good g WHERE g.kind = '{kind}' AND g.pk = t.id AND g.is_renumbered")
            cursor.execute(
                f"UPDATE {table} t SET {', '.join(f'{name} = {value}' for name, value in zip(columns, values, strict=True))}, ended_at = NULL"
                f" FROM feed_good g JOIN feed_item i ON i.n = g.n WHERE g.kind = '{kind}' AND g.pk = t.id AND g.is_changed"
            )
            cursor.execute(
                f"INSERT INTO {table} (id, {', '.join(columns)}) SELECT g.pk, {', '.join(values)} FROM feed_good g JOIN feed_item i ON i.n = g.n"
                f" WHERE g.kind = '{kind}' AND g.is_new ORDER BY g.n"
            )
        # Articles without a class of their own follow their product.
        cursor.execute(
            "UPDATE catalog_article a SET category_id = p.category_id FROM catalog_product p JOIN feed_good g ON g.kind = 'P' AND g.pk = p.id AND g.is_changed"
            " WHERE p.id = a.product_id AND a.iso_codes = '{}' AND a.category_id IS DISTINCT FROM p.category_id"
        )


_MEDIA = """
CREATE TEMP TABLE feed_media_row AS
SELECT DISTINCT ON (g.kind, g.pk, m.kind, m.url) g.kind AS owner, g.pk, m.kind, m.url, m.file_name, m.mime_type, m.description, m.language, m.is_main,
       m.sha256 AS declared_sha256, row_number() OVER (PARTITION BY g.n ORDER BY m.at, m.ctid) AS place
  FROM feed_media m JOIN feed_good g ON g.n = m.n WHERE g.is_new OR g.is_changed ORDER BY g.kind, g.pk, m.kind, m.url, m.ctid;
ANALYZE feed_media_row;
"""
_MEDIA_FIELDS = ("file_name", "mime_type", "description", "language", "is_main", "declared_sha256", "place")
_FETCH_ANEW = "status = 'WAITING', failure = '', tries = 0, next_try_at = now()"
# Each address that is gone gives its row to the one that came instead: of the same kind and language, the main picture to the main one.
_MOVED = """
UPDATE catalog_media o SET url = came.url, {anew}
  FROM (SELECT o.id, o.{owner} AS pk, o.kind, o.language,
               row_number() OVER (PARTITION BY o.{owner}, o.kind, o.language ORDER BY NOT o.is_main, o.place, o.id) AS nth
          FROM catalog_media o JOIN feed_good g ON g.kind = '{kind}' AND g.is_changed AND g.pk = o.{owner}
         WHERE NOT EXISTS (SELECT FROM {mine} WHERE {own})) gone
  JOIN (SELECT m.pk, m.kind, m.language, m.url, row_number() OVER (PARTITION BY m.pk, m.kind, m.language ORDER BY NOT m.is_main, m.place) AS nth
          FROM {mine} WHERE NOT EXISTS (SELECT FROM catalog_media o WHERE {own})) came USING (pk, kind, language, nth)
 WHERE o.id = gone.id
"""


def write_media() -> None:
    """A picture that keeps its owner and address keeps its row, and with it the file that was fetched; one that moves keeps it until the new one is here."""
    with connection.cursor() as cursor:
        cursor.execute(_MEDIA)
        for kind, owner in OWNER.items():
            own = f"o.{owner} = m.pk AND o.url = m.url AND o.kind = m.kind"
            mine = f"(SELECT * FROM feed_media_row every WHERE every.owner = '{kind}') m"
            cursor.execute(_MOVED.format(owner=owner, kind=kind, mine=mine, own=own, anew=_FETCH_ANEW))
            cursor.execute(
                f"DELETE FROM catalog_media o USING feed_good g WHERE g.kind = '{kind}' AND g.is_changed AND o.{owner} = g.pk"
                f" AND NOT EXISTS (SELECT FROM {mine} WHERE {own})"
            )
            cursor.execute(f"UPDATE catalog_media o SET {_FETCH_ANEW} FROM {mine} WHERE {own} AND o.declared_sha256 <> m.declared_sha256")
            cursor.execute(f"UPDATE catalog_media o SET {', '.join(f'{name} = m.{name}' for name in _MEDIA_FIELDS)} FROM {mine} WHERE {own}")
            cursor.execute(
                f"INSERT INTO catalog_media ({owner}, kind, url, {', '.join(_MEDIA_FIELDS)}) SELECT m.pk, m.kind, m.url,"
                f" {', '.join(f'm.{name}' for name in _MEDIA_FIELDS)} FROM {mine}"
                f" WHERE NOT EXISTS (SELECT FROM catalog_media o WHERE {own}) ORDER BY m.pk, m.place"
            )
        cursor.execute("DROP TABLE feed_media_row")


_READ_AGAIN = """
WITH moved AS (SELECT kind, pk FROM feed_good WHERE is_moved), doubtful AS (
    SELECT k.kind, k.pk FROM feed_kept k JOIN feed_protected p ON p.kind = k.kind AND (p.feed_id = k.feed_id OR p.number = k.number)
    UNION SELECT 'A', a.id FROM catalog_article a JOIN moved m ON m.kind = 'P' AND m.pk = a.product_id
    UNION SELECT o.from_kind, o.from_pk FROM ({stored_links}) o JOIN moved m ON m.kind = o.to_kind AND m.pk = o.to_pk
)
UPDATE {table} t SET read_again = TRUE FROM doubtful d
 WHERE d.kind = '{kind}' AND d.pk = t.id AND NOT t.read_again AND NOT EXISTS (SELECT FROM feed_good g WHERE g.kind = '{kind}' AND g.pk = t.id)
"""


def mark_to_read_again() -> None:
    """Stored rows whose element may no longer say what they say: it is in quarantine, or what it refers to got another number and the file did not name it.

    The next FULL reads such an element also when its bytes are the same (staging).
    """
    with connection.cursor() as cursor:
        for kind, table in TABLES.items():
            cursor.execute(f"UPDATE {table} t SET read_again = FALSE FROM feed_good g WHERE g.kind = '{kind}' AND g.pk = t.id AND t.read_again")
            cursor.execute(_READ_AGAIN.format(kind=kind, table=table, stored_links=STORED_LINKS))
