"""Finding articles by number, name, product, supplier, ISO class and synonyms, in Swedish word forms, with spelling corrected.

What is typed is understood against the vocabulary, a small table (`terms`); then the articles are asked once for the whole words that it stands for
(`finding`). `refresh` writes what the rest reads; whoever changes an article, its local values, product, supplier or category calls it in the same
transaction (`writing`).
"""

from catalog.search.finding import Found, count_by, find, number_key, search, search_ids
from catalog.search.writing import refresh, refresh_synonyms

__all__ = ["Found", "count_by", "find", "number_key", "refresh", "refresh_synonyms", "search", "search_ids"]
