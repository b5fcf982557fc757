"""What search reads: one narrow row per article, written only by `catalog.search.refresh`."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from catalog.models.articles import Article
from catalog.models.products import swedish_sort


class SearchEntry(models.Model):
    """`title` is the name in force. Keys are numbers in capitals without anything but letters and digits."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="search_entry")
    title = models.CharField(max_length=255)
    title_sort = swedish_sort("title")
    number_key = models.CharField(max_length=35, db_collation="C")
    sesam_key = models.CharField(max_length=35, db_collation="C", blank=True)
    gtin_key = models.CharField(max_length=14, db_collation="C", blank=True)
    words = SearchVectorField()
    plain = models.TextField(help_text="All that is searched, in small letters without accents, for parts of words.")

    class Meta:
        verbose_name = "sökrad"
        verbose_name_plural = "sökrader"
        indexes = [
            models.Index(fields=["title_sort", "article"], name="catalog_search_sort"),
            models.Index(fields=["number_key"], name="catalog_search_number"),
            models.Index(fields=["sesam_key"], name="catalog_search_sesam"),
            models.Index(fields=["gtin_key"], name="catalog_search_gtin"),
            GinIndex(fields=["words"], name="catalog_search_words"),
            GinIndex(OpClass("plain", name="gin_trgm_ops"), name="catalog_search_plain"),
        ]

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """A word that occurs in the catalogue; what is misspelt is corrected to one of these."""

    word = models.CharField(max_length=100, primary_key=True)
    plain = models.CharField(max_length=100, help_text="Without accents.")
    occurrences = models.PositiveIntegerField()

    class Meta:
        verbose_name = "sökord"
        verbose_name_plural = "sökord"
        indexes = [GinIndex(OpClass("plain", name="gin_trgm_ops"), name="catalog_searchword_plain")]

    def __str__(self) -> str:
        return self.word
