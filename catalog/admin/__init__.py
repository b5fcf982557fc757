"""For the centre's administrators: articles with both values, who may prescribe what, imports with what they changed and what is in quarantine,
media that could not be fetched, and synonyms.
"""

from catalog.admin import articles, imports, media, rights, synonyms

__all__ = ["articles", "imports", "media", "rights", "synonyms"]
