"""For the centre's administrators: articles with both values, imports with what they changed and what is in quarantine, and synonyms."""

from catalog.admin import articles, imports, synonyms

__all__ = ["articles", "imports", "synonyms"]
