"""What search reads, written only by `catalog.search.refresh`; and the synonyms that administrators keep."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from catalog.models.articles import Article
from catalog.models.products import Supplier, swedish_sort


class SearchEntry(models.Model):
    """One row per visible article. `title` is the name in force. Keys are numbers in capitals without anything but letters and digits.

    `words` holds every word as it is written, in small letters, and those of the name once more with a sign before them (`catalog.search.writing`).
    Forms, parts, spelling and synonyms are SearchWord's matter. What lists are narrowed by is repeated here: thousands of hits are counted without a join.
    """

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="search_entry")
    title = models.CharField(max_length=255)
    title_sort = swedish_sort("title")
    number_key = models.CharField(max_length=35, db_collation="C")
    sesam_key = models.CharField(max_length=35, db_collation="C", blank=True)
    gtin_key = models.CharField(max_length=14, db_collation="C", blank=True)
    words = SearchVectorField()
    article_type = models.CharField(max_length=2, blank=True, help_text="The type in force.")
    iso = models.CharField(max_length=8, db_collation="C", blank=True, help_text="Code of the main ISO class.")
    supplier = models.ForeignKey(Supplier, models.CASCADE, null=True, related_name="+", db_index=False)
    delivery_class = models.CharField(max_length=8, blank=True)
    is_in_assortment = models.BooleanField(default=True)
    orderable_before = models.DateField(null=True, help_text="Can be ordered until the day before; the year 9999 = no end, null = not at all.")

    class Meta:
        verbose_name = "sökrad"
        verbose_name_plural = "sökrader"
        indexes = [
            models.Index(fields=["title_sort", "article"], name="catalog_search_sort"),
            models.Index(fields=["title_sort", "article"], condition=Q(article_type="H"), name="catalog_search_main"),
            models.Index(fields=["number_key"], name="catalog_search_number"),
            models.Index(fields=["sesam_key"], name="catalog_search_sesam"),
            models.Index(fields=["gtin_key"], name="catalog_search_gtin"),
            GinIndex(fields=["words"], name="catalog_search_words"),
            models.Index(fields=["supplier", "title_sort", "article"], name="catalog_search_supplier"),
            # All that the facets count, so that they never read the wide rows; and what begins with a class.
            models.Index(fields=["iso", "supplier", "article_type", "delivery_class", "is_in_assortment", "article"], name="catalog_search_facets"),
        ]

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """A word that occurs in the catalogue. What is typed is looked up here first, so that the many articles are asked for whole words only."""

    word = models.CharField(max_length=100, primary_key=True, db_collation="C")
    plain = models.CharField(max_length=100, db_collation="C", help_text="Without accents.")
    stem = models.CharField(max_length=100, db_collation="C", help_text="Without its ending and accents; the same for all forms of a word.")
    near = ArrayField(models.CharField(max_length=7, db_collation="C"), help_text="Its beginning with a letter left out, for spelling.")
    occurrences = models.PositiveIntegerField(help_text="Articles that have it, when all were last counted.")

    class Meta:
        verbose_name = "sökord"
        verbose_name_plural = "sökord"
        indexes = [
            models.Index(fields=["plain"], name="catalog_word_beginning"),
            models.Index(fields=["stem"], name="catalog_word_stem"),
            GinIndex(fields=["near"], name="catalog_word_near"),
            GinIndex(OpClass("plain", name="gin_trgm_ops"), name="catalog_word_part"),
        ]

    def __str__(self) -> str:
        return self.word


_ONE_WORD = RegexValidator(r"^[^\W_]{2,100}\Z", "Skriv ett enda ord, utan mellanslag och tecken.")


class Synonym(models.Model):
    """Who searches for `word` also finds what has `means`, and the other way round when it holds both ways. Any form of either."""

    word = models.CharField("ord", max_length=100, validators=[_ONE_WORD], help_text="Det som skrivs i sökrutan.")
    means = models.CharField("betyder", max_length=100, validators=[_ONE_WORD], help_text="Ordet i katalogen.")
    is_two_way = models.BooleanField("åt båda hållen", default=False, help_text="Sökning på det andra ordet hittar då också det första.")

    class Meta:
        verbose_name = "synonym"
        verbose_name_plural = "synonymer"
        constraints = [
            models.UniqueConstraint(fields=["word", "means"], name="catalog_synonym_pair", violation_error_message="Den synonymen finns redan."),
            models.CheckConstraint(condition=Q(word=Lower("word"), means=Lower("means")), name="catalog_synonym_in_small_letters"),
            models.CheckConstraint(condition=~Q(word=F("means")), name="catalog_synonym_of_another", violation_error_message="Ange två olika ord."),
        ]

    def __str__(self) -> str:
        return f"{self.word} {'↔' if self.is_two_way else '→'} {self.means}"
