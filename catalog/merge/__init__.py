"""Merges a feed that lies in the staging tables into the catalogue, set by set, in one transaction: readers see the old catalogue until it is committed.

What did not change is not written. The centre's own values are never touched.
"""

from collections.abc import Callable

from django.db import connection
from django.utils import timezone

from catalog import search
from catalog.merge import checks, history, items, prices
from catalog.merge.staging import MAX_RAW, Stage, stage_quarantine
from catalog.models import FeedImport, Quarantine

SECTIONS = {"suppliers": "feed_org", "categories": "feed_category", "products": "feed_item", "articles": "feed_item", "price_lists": "feed_list"}
# From this share on it costs less to write all search rows anew than one by one.
_MANY = 0.3
_ELEMENTS = {"Organisation": "suppliers", "Category": "categories", "Product": "products", "Article": "articles"}


class TooManyEnded(Exception):
    """A FULL would end more of the articles than is believable; `ended` of `before`."""

    def __init__(self, ended: int, before: int) -> None:
        super().__init__(f"{ended} of {before}")
        self.ended, self.before = ended, before


def retry_quarantine(stage: Stage, mode: str) -> None:
    """Add to a staged file what earlier files could not bring. A FULL says all anew; in a DELTA the file's own word about a key comes first."""
    earlier = Quarantine.objects.open()
    if mode == FeedImport.Mode.FULL:
        return
    with connection.cursor() as cursor:
        cursor.execute(_NAMED)
        named = [pk for (pk,) in cursor.fetchall()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(list_n), 0) FROM (SELECT list_n FROM feed_list UNION ALL SELECT list_n FROM feed_row UNION ALL SELECT list_n FROM feed_bad) x"
        )
        [last] = cursor.fetchone()
    stage_quarantine(stage, earlier.filter(is_whole=True).exclude(pk__in=named).order_by("pk").iterator(chunk_size=500), first_list=last)
    stage.finish()


# Open rows whose key the file names itself, and rows of lists that it brings.
_NAMED = """
WITH told AS (
    SELECT 'Organisation' AS element, '' AS feed_id, gln, '' AS number FROM feed_org
    UNION ALL SELECT 'Category', '', '', code FROM feed_category
    UNION ALL SELECT CASE kind WHEN 'P' THEN 'Product' ELSE 'Article' END, feed_id, gln, number FROM feed_item
    UNION ALL SELECT CASE kind WHEN 'GENERAL' THEN 'GeneralPricelist' ELSE 'Agreement' END, '', gln, number FROM feed_list WHERE n > 0
    UNION ALL SELECT element, feed_id, gln, number FROM feed_bad WHERE element <> 'row' AND n NOT IN (SELECT n FROM feed_retry)
)
SELECT q.id FROM catalog_quarantine q
 WHERE q.status = 'OPEN' AND (
       EXISTS (SELECT FROM told t WHERE t.element = q.element AND t.feed_id = q.feed_id AND q.feed_id <> '')
    OR EXISTS (SELECT FROM told t WHERE t.element = q.element AND t.gln = q.gln AND t.number = q.number AND q.gln || q.number <> '')
    OR (q.element = 'row' AND EXISTS (SELECT FROM feed_list l WHERE l.n > 0 AND l.kind = q.list_kind AND l.gln = q.list_gln
                                      AND CASE l.kind WHEN 'AGREEMENT' THEN l.number = q.list_number ELSE l.valid_from = q.list_valid_from END)))
"""


def merge(stage: Stage, row: FeedImport, *, may_end_many: bool, limit: float, step: Callable[[str], None]) -> items.Counts:
    """Apply what is staged as `row` tells (mode, receiver, edition), inside the caller's transaction. Raises TooManyEnded."""
    edition, mode = row.iso_edition, FeedImport.Mode.FULL if row.mode == FeedImport.Mode.FULL else FeedImport.Mode.DELTA
    counts: items.Counts = {name: {"read": 0, "new": 0, "changed": 0, "unchanged": 0, "ended": 0, "quarantined": 0} for name in SECTIONS}
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        # Compiling these statements takes longer than running them.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SELECT count(*) FROM catalog_article WHERE ended_at IS NULL")
        [before] = cursor.fetchone()
        if mode == FeedImport.Mode.FULL:
            cursor.execute("UPDATE catalog_quarantine SET status = 'REPLACED', settled_by_id = %s WHERE status = 'OPEN'", [row.pk])
        else:
            cursor.execute(
                f"UPDATE catalog_quarantine SET status = 'REPLACED', settled_by_id = %s WHERE id IN ({_NAMED})"
                " AND id NOT IN (SELECT quarantine_id FROM feed_retry)",
                [row.pk],
            )
    _count_read(counts)
    step("staged")
    checks.check_organisations()
    _tell(counts["suppliers"], items.write_suppliers())
    checks.check_categories(edition)
    _tell(counts["categories"], items.write_categories(edition))
    checks.check_items(edition, mode)
    prices.read_doubtful(stage)
    of_others = checks.check_prices(row.receiver_gln)
    step("checked")
    items.choose(mode)
    _guard(before, may_end_many, limit)
    items.choose_links()
    prices.choose_prices()
    history.remember_before(items.touch_by_links(), prices.touch_by_prices(mode), "SELECT kind, pk FROM feed_gone")
    step("chosen")
    items.end_missing(now)
    items.write_items()
    step("items")
    items.write_media()
    items.write_links()
    items.mark_to_read_again()
    _analyze(before)
    counts["price_lists"] |= prices.write_prices(mode, now)
    prices.keep_digests()
    if of_others:
        counts["price_lists"]["of_others"] = of_others
    step("prices")
    history.write_changes(row)
    step("changes")
    _count_items(counts)
    _keep_bad(stage, row, counts)
    _refresh_search(before, has_new_names=bool(counts["suppliers"]["changed"] or counts["categories"]["changed"]))
    step("searchable")
    return counts


def _tell(section: dict[str, int], done: tuple[int, int, int]) -> None:
    section["new"], section["changed"], section["unchanged"] = done


def _count_read(counts: items.Counts) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM feed_org WHERE type = 'SUPPLIER'), (SELECT count(*) FROM feed_category)")
        counts["suppliers"]["read"], counts["categories"]["read"] = cursor.fetchone()
        cursor.execute("SELECT kind, count(*) FROM feed_item GROUP BY kind")
        for kind, number in cursor.fetchall():
            counts["products" if kind == "P" else "articles"]["read"] = number
        cursor.execute("SELECT element, count(*) FROM feed_bad GROUP BY element")
        for element, number in cursor.fetchall():
            if element in _ELEMENTS:
                counts[_ELEMENTS[element]]["read"] += number


def _count_items(counts: items.Counts) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_changed OR is_renumbered),"
            " count(*) FILTER (WHERE NOT is_new AND NOT is_changed AND NOT is_renumbered), count(*) FILTER (WHERE is_renumbered) FROM feed_good GROUP BY kind"
        )
        for kind, new, changed, unchanged, renumbered in cursor.fetchall():
            section = counts["products" if kind == "P" else "articles"]
            section |= {"new": new, "changed": changed, "unchanged": unchanged, "renumbered": renumbered}
        cursor.execute("SELECT kind, count(*) FROM feed_gone GROUP BY kind")
        for kind, number in cursor.fetchall():
            counts["products" if kind == "P" else "articles"]["ended"] = number


def _guard(before: int, may_end_many: bool, limit: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM feed_gone WHERE kind = 'A'")
        [ended] = cursor.fetchone()
    if before and ended / before > limit and not may_end_many:
        raise TooManyEnded(ended, before)


def _analyze(before: int) -> None:
    """Right after a large import the planner would otherwise believe the tables to be as small as before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM feed_good WHERE kind = 'A' AND is_new")
        if cursor.fetchone()[0] > before * _MANY:
            cursor.execute("ANALYZE catalog_product, catalog_article, catalog_media, catalog_relation")


def _keep_bad(stage: Stage, row: FeedImport, counts: items.Counts) -> None:
    history.settle_quarantine(row)
    names = ("line", "element", "feed_id", "gln", "number", "reason", "raw", "is_whole", "list_kind", "list_gln", "list_number", "list_valid_from")
    kept = []
    for values in history.quarantined(stage):
        facts = dict(zip(names, values, strict=True))
        counts[_ELEMENTS.get(facts["element"], "price_lists")]["quarantined"] += 1
        if len(facts["raw"]) > MAX_RAW:
            facts["raw"], facts["is_whole"] = facts["raw"][:MAX_RAW], False
        facts |= {name: facts[name] or "" for name in ("list_kind", "list_gln", "list_number", "feed_id", "gln", "number")}
        kept.append(Quarantine(feed_import=row, **facts))
    Quarantine.objects.bulk_create(kept, batch_size=500)


def _refresh_search(before: int, *, has_new_names: bool) -> None:
    """`has_new_names`: of suppliers or classes, which stand in the search rows of many articles."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pk FROM feed_good WHERE kind = 'A' AND (is_new OR is_changed OR is_renumbered)"
            " UNION SELECT pk FROM feed_gone WHERE kind = 'A'"
            " UNION SELECT a.id FROM catalog_article a JOIN feed_good g ON g.kind = 'P' AND g.pk = a.product_id AND g.is_changed"
        )
        affected = [pk for (pk,) in cursor.fetchall()]
    if has_new_names or len(affected) > max(1000, before * _MANY):
        search.refresh()
    else:
        search.refresh(affected)
