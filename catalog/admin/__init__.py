"""For the centre's administrators: articles with both values, imports with what they changed and what is in quarantine, media that could not be fetched."""

from catalog.admin import articles, imports, media

__all__ = ["articles", "imports", "media"]
