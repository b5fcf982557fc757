"""The catalogue: what the feed says (Supplier … Media), what the centre says on top (LocalArticle), and what search reads."""

from catalog.models.articles import Article, ArticleQuerySet, Relation
from catalog.models.imports import FeedChange, FeedImport, Quarantine
from catalog.models.individuals import NUMBER_LENGTH, Individual, IndividualHistory
from catalog.models.local import LocalArticle, SubstitutionGroup
from catalog.models.media import Media, StoredFile
from catalog.models.prices import Price, PriceList, ProductPrice
from catalog.models.products import Category, Product, Supplier
from catalog.models.search import SearchEntry, SearchWord

__all__ = [
    "NUMBER_LENGTH",
    "Article",
    "ArticleQuerySet",
    "Category",
    "FeedChange",
    "FeedImport",
    "Individual",
    "IndividualHistory",
    "LocalArticle",
    "Media",
    "Price",
    "PriceList",
    "Product",
    "ProductPrice",
    "Quarantine",
    "Relation",
    "SearchEntry",
    "SearchWord",
    "StoredFile",
    "SubstitutionGroup",
    "Supplier",
]
