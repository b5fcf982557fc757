"""For the centre's administrators: articles with both values, and imports with what they changed and what is in quarantine."""

from catalog.admin import articles, imports

__all__ = ["articles", "imports"]
