"""Writes what search reads: a row per visible article, and the vocabulary of all the words in them."""

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

# The parser of PostgreSQL would take a/b for a file and 1.5-2 for numbers; a word here is letters and digits alone, as in `terms`.
_FLAT = "translate({}, '-/._@:+,~&=?#*', '              ')"
_WORDS = f"strip(to_tsvector('simple', {_FLAT}))"
# What stands before a word of a name: in the index, a main aid's name and another's are words of their own, since it knows no weights.
IN_MAIN_NAME, IN_OTHER_NAME = "!", "="
_KEY = "upper(translate(coalesce({}, ''), E'åäöéü -./_\\u00a0', 'ÅÄÖÉÜ'))"

# The texts of a product, class and supplier are split into words once, however many articles share them.
_WRITE_ENTRIES = f"""
WITH chosen AS MATERIALIZED (
    SELECT a.id, a.name, l.name AS local_name, a.number, l.sesam_number, a.gtin, a.iso_codes, a.product_id, a.category_id, a.supplier_id,
           coalesce(l.article_type, a.article_type) AS article_type, coalesce(l.delivery_class, '') AS delivery_class,
           l.is_in_assortment IS NOT FALSE AS is_in_assortment,
           CASE WHEN l.is_orderable IS FALSE THEN NULL
                WHEN a.discontinued_from IS NULL AND a.status = 'PUBLISHED' THEN date '9999-12-31'
                ELSE a.discontinued_from END AS orderable_before
      FROM catalog_article a LEFT JOIN catalog_localarticle l ON l.article_id = a.id
     WHERE a.ended_at IS NULL AND l.is_published IS NOT FALSE {{chosen}}
), product AS MATERIALIZED (
    SELECT p.id, {_WORDS.format("concat_ws(' ', p.name, p.trademark, p.manufacturer)")}
                 || array_to_tsvector(array_remove(p.other_iso_codes::text[], '')) AS words
      FROM catalog_product p WHERE p.id IN (SELECT product_id FROM chosen)
), category AS MATERIALIZED (
    SELECT c.id, c.code, {_WORDS.format("concat_ws(' ', c.name, c2.name, c3.name)")}
                 || array_to_tsvector(ARRAY(SELECT left(c.code, n) FROM unnest(ARRAY[4, 6, 8]) n WHERE n <= length(c.code))) AS words
      FROM catalog_category c LEFT JOIN catalog_category c2 ON c2.id = c.parent_id LEFT JOIN catalog_category c3 ON c3.id = c2.parent_id
     WHERE c.id IN (SELECT category_id FROM chosen)
), supplier AS MATERIALIZED (
    SELECT s.id, {_WORDS.format("s.name")} AS words FROM catalog_supplier s WHERE s.id IN (SELECT supplier_id FROM chosen)
)
INSERT INTO catalog_searchentry AS entry (article_id, title, number_key, sesam_key, gtin_key, words, article_type, iso, supplier_id,
                                          delivery_class, is_in_assortment, orderable_before)
SELECT a.id, coalesce(a.local_name, a.name), {_KEY.format("a.number")}, {_KEY.format("a.sesam_number")}, a.gtin,
       title.words
       || array_to_tsvector(ARRAY(SELECT CASE a.article_type WHEN 'H' THEN '{IN_MAIN_NAME}' ELSE '{IN_OTHER_NAME}' END || word
                                    FROM unnest(tsvector_to_array(title.words)) word))
       || CASE WHEN a.local_name IS NULL THEN '' ELSE {_WORDS.format("a.name")} END
       || coalesce(product.words, '') || coalesce(category.words, '') || supplier.words || array_to_tsvector(array_remove(a.iso_codes::text[], '')),
       a.article_type, coalesce(category.code, ''), a.supplier_id, a.delivery_class, a.is_in_assortment, a.orderable_before
  FROM chosen a
  CROSS JOIN LATERAL (SELECT {_WORDS.format("coalesce(a.local_name, a.name)")} AS words OFFSET 0) title
  JOIN supplier ON supplier.id = a.supplier_id
  LEFT JOIN product ON product.id = a.product_id
  LEFT JOIN category ON category.id = a.category_id
ON CONFLICT (article_id) DO UPDATE
   SET title = excluded.title, number_key = excluded.number_key, sesam_key = excluded.sesam_key, gtin_key = excluded.gtin_key, words = excluded.words,
       article_type = excluded.article_type, iso = excluded.iso, supplier_id = excluded.supplier_id, delivery_class = excluded.delivery_class,
       is_in_assortment = excluded.is_in_assortment, orderable_before = excluded.orderable_before
 WHERE ROW(entry.*) IS DISTINCT FROM ROW(excluded.*)
"""  # noqa: S608 - made of constants only
_DELETE_ENTRIES = """
DELETE FROM catalog_searchentry entry USING catalog_article a LEFT JOIN catalog_localarticle l ON l.article_id = a.id
 WHERE entry.article_id = a.id AND (a.ended_at IS NOT NULL OR l.is_published IS FALSE) {chosen}
"""
# Its first seven letters, and every way to leave out one of them. Two words that differ by a letter, or by two that are swapped, have one in common.
NEAR = """ARRAY(
    SELECT left({0}, 7) UNION SELECT left({0}, i - 1) || substr(left({0}, 7), i + 1) FROM generate_series(1, least(7, length({0}))) i)::varchar[]"""
_COUNT = "SELECT word, ndoc FROM ts_stat($words$ SELECT words FROM catalog_searchentry {chosen} $words$)"
ADD_WORDS = f"""
WITH new AS MATERIALIZED (
    SELECT word, left(unaccent(word), 100) AS plain, ndoc FROM ({{counted}}) counted
     WHERE length(word) <= 100 AND word !~ '^[{IN_MAIN_NAME}{IN_OTHER_NAME}]'
       AND NOT EXISTS (SELECT FROM catalog_searchword old WHERE old.word = counted.word AND old.occurrences > 0)
)
INSERT INTO catalog_searchword AS old (word, plain, stem, near, occurrences)
SELECT word, plain, left(unaccent(coalesce((ts_lexize('swedish_stem', word))[1], word)), 100),
       CASE WHEN length(plain) < 3 OR plain ~ '[0-9]' THEN '{{{{}}}}' ELSE {NEAR.format("plain")} END, ndoc
  FROM new
ON CONFLICT (word) DO UPDATE SET occurrences = excluded.occurrences WHERE old.occurrences = 0 AND excluded.occurrences > 0
"""  # noqa: S608 - made of constants only
_SYNONYMS = "SELECT DISTINCT unnest(ARRAY[word, means]) AS word, 0 AS ndoc FROM catalog_synonym"


def refresh(article_ids: Sequence[int] | None = None) -> None:
    """Write anew what is searched of these articles (all when None). Call it inside the transaction that changed them.

    What is the same already is not written. Words are counted when all is written; of a few articles only new words are added.
    """
    if article_ids is not None and not article_ids:
        return
    ids = None if article_ids is None else [int(pk) for pk in article_ids]
    with transaction.atomic(), connection.cursor() as cursor:
        # New rows wait in the index's list, and go in sorted, all at once.
        cursor.execute("SET LOCAL gin_pending_list_limit = '1GB'")
        if ids is None:
            cursor.execute(_DELETE_ENTRIES.format(chosen=""))
            cursor.execute(_WRITE_ENTRIES.format(chosen=""))
        else:
            cursor.execute(_DELETE_ENTRIES.format(chosen="AND a.id = ANY(%s)"), [ids])
            cursor.execute(_WRITE_ENTRIES.format(chosen="AND a.id = ANY(%s)"), [ids])
        cursor.execute("SELECT gin_clean_pending_list('catalog_search_words')")
        cursor.execute("SET LOCAL gin_pending_list_limit = DEFAULT")
        if ids is None:
            _count_words(cursor)
            # Right after a large import the planner would otherwise believe the tables to be empty.
            cursor.execute("ANALYZE catalog_searchentry, catalog_searchword")
        else:
            # ts_stat takes its query as text, so the ids stand in it; they are integers.
            cursor.execute(ADD_WORDS.format(counted=_COUNT.format(chosen=f"WHERE article_id IN ({','.join(map(str, ids))})")))
            refresh_synonyms()


def refresh_synonyms() -> None:
    """Take the synonyms' words up in the vocabulary. Call it inside the transaction that changed them."""
    with connection.cursor() as cursor:
        cursor.execute(ADD_WORDS.format(counted=_SYNONYMS))


def _count_words(cursor: CursorWrapper) -> None:
    cursor.execute(f"CREATE TEMPORARY TABLE counted ON COMMIT DROP AS {_COUNT.format(chosen='')}")
    cursor.execute(f"INSERT INTO counted SELECT * FROM ({_SYNONYMS}) each WHERE word NOT IN (SELECT word FROM counted)")  # noqa: S608 - constants
    cursor.execute("DELETE FROM catalog_searchword WHERE word NOT IN (SELECT word FROM counted)")
    cursor.execute("UPDATE catalog_searchword old SET occurrences = ndoc FROM counted WHERE old.word = counted.word AND old.occurrences <> ndoc")
    cursor.execute(ADD_WORDS.format(counted="SELECT word, ndoc FROM counted"))
    cursor.execute("DROP TABLE counted")
