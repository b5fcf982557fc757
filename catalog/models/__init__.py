"""The catalogue: what the feed says (Supplier … Media), what the centre says on top (LocalArticle), and what search reads."""

from catalog.models.articles import Article, ArticleQuerySet, Relation
from catalog.models.favourites import Favourite
from catalog.models.imports import FeedChange, FeedImport, Quarantine
from catalog.models.individuals import NUMBER_LENGTH, Individual, IndividualHistory
from catalog.models.local import EarlyValues, LocalArticle, LocalChange, SubstitutionGroup
from catalog.models.media import Failure, Media, Picture, StoredFile
from catalog.models.prices import Price, PriceList, ProductPrice
from catalog.models.products import Category, Product, Supplier
from catalog.models.rights import AssortmentEntry, AssortmentPolicy, Mode, PrescribingRule
from catalog.models.search import SearchEntry, SearchWord, Synonym

__all__ = [
    "NUMBER_LENGTH",
    "Article",
    "ArticleQuerySet",
    "AssortmentEntry",
    "AssortmentPolicy",
    "Category",
    "EarlyValues",
    "Failure",
    "Favourite",
    "FeedChange",
    "FeedImport",
    "Individual",
    "IndividualHistory",
    "LocalArticle",
    "LocalChange",
    "Media",
    "Mode",
    "Picture",
    "PrescribingRule",
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
    "Synonym",
]
