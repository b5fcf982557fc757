"""For the centre's administrators: articles with both values, who may prescribe what, and imports with what they changed and what is in quarantine."""

from catalog.admin import articles, imports, rights

__all__ = ["articles", "imports", "rights"]
