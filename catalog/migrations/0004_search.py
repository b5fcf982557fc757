from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

_ONE_WORD = django.core.validators.RegexValidator("^[^\\W_]{2,100}\\Z", "Skriv ett enda ord, utan mellanslag och tecken.")


# What staff say, and what suppliers and ISO 9999 call it. Administrators go on from here.
TWO_WAY = [
    ("badpall", "duschpall"),
    ("duschpall", "duschstol"),
    ("hoj", "cykel"),
    ("kudde", "dyna"),
    ("käpp", "stödkäpp"),
    ("lyftsele", "lyftskynke"),
    ("madrasskydd", "madrassöverdrag"),
    ("ståstöd", "tippbräda"),
    ("toalettförhöjning", "toalettstolsförhöjning"),
    ("vändlakan", "glidlakan"),
    ("vårdsäng", "säng"),
    ("väckarklocka", "vibrationsväckare"),
]
ONE_WAY = [
    ("bettbord", "bord"),
    ("bricka", "rullstolsbord"),
    ("dropphållare", "droppställning"),
    ("elmoppe", "elmoped"),
    ("elstol", "elrullstol"),
    ("fotpall", "fotstöd"),
    ("gåvagn", "rollator"),
    ("klosettförhöjning", "toalettstolsförhöjning"),
    ("kryckkäpp", "krycka"),
    ("kryckkäpp", "käpp"),
    ("nackkudde", "huvudstöd"),
    ("nackstöd", "huvudstöd"),
    ("patientlyft", "personlyft"),
    ("permobil", "elrullstol"),
    ("plocktång", "griptång"),
    ("potta", "toalettstol"),
    ("promenadscooter", "elmoped"),
    ("rulle", "rullstol"),
    ("ryggkudde", "ryggdyna"),
    ("sittkudde", "sittdyna"),
    ("sänggrind", "sidogrind"),
    ("sängstöd", "stödhandtag"),
    ("tippstöd", "tippskydd"),
    ("trampcykel", "cykel"),
    ("örngott", "kudde"),
]


def add_synonyms(apps: Any, schema_editor: Any) -> None:
    synonym = apps.get_model("catalog", "Synonym")
    rows = [(word, means, True) for word, means in TWO_WAY] + [(word, means, False) for word, means in ONE_WAY]
    synonym.objects.bulk_create(synonym(word=word, means=means, is_two_way=is_two_way) for word, means, is_two_way in rows)


class Migration(migrations.Migration):
    """The rows are as they were before until `manage.py refresh_search` has written them anew (docs/operations.md)."""

    dependencies = [("catalog", "0003_import_speed")]

    operations = [
        migrations.DeleteModel("SearchWord"),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.CharField(db_collation="C", max_length=100, primary_key=True, serialize=False)),
                ("plain", models.CharField(db_collation="C", help_text="Without accents.", max_length=100)),
                (
                    "stem",
                    models.CharField(db_collation="C", help_text="Without its ending and accents; the same for all forms of a word.", max_length=100),
                ),
                (
                    "near",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(db_collation="C", max_length=7),
                        help_text="Its beginning with a letter left out, for spelling.",
                        size=None,
                    ),
                ),
                ("occurrences", models.PositiveIntegerField(help_text="Articles that have it, when all were last counted.")),
            ],
            options={
                "verbose_name": "sökord",
                "verbose_name_plural": "sökord",
                "indexes": [
                    models.Index(fields=["plain"], name="catalog_word_beginning"),
                    models.Index(fields=["stem"], name="catalog_word_stem"),
                    django.contrib.postgres.indexes.GinIndex(fields=["near"], name="catalog_word_near"),
                    django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass("plain", name="gin_trgm_ops"), name="catalog_word_part"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Synonym",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(help_text="Det som skrivs i sökrutan.", max_length=100, validators=[_ONE_WORD], verbose_name="ord")),
                ("means", models.CharField(help_text="Ordet i katalogen.", max_length=100, validators=[_ONE_WORD], verbose_name="betyder")),
                (
                    "is_two_way",
                    models.BooleanField(default=False, help_text="Sökning på det andra ordet hittar då också det första.", verbose_name="åt båda hållen"),
                ),
            ],
            options={
                "verbose_name": "synonym",
                "verbose_name_plural": "synonymer",
                "constraints": [
                    models.UniqueConstraint(fields=("word", "means"), name="catalog_synonym_pair", violation_error_message="Den synonymen finns redan."),
                    models.CheckConstraint(
                        condition=models.Q(("means", django.db.models.functions.text.Lower("means")), ("word", django.db.models.functions.text.Lower("word"))),
                        name="catalog_synonym_in_small_letters",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("word", models.F("means")), _negated=True),
                        name="catalog_synonym_of_another",
                        violation_error_message="Ange två olika ord.",
                    ),
                ],
            },
        ),
        migrations.RemoveIndex(model_name="searchentry", name="catalog_search_plain"),
        migrations.RemoveField(model_name="searchentry", name="plain"),
        migrations.AddField("searchentry", "article_type", models.CharField(blank=True, default="", help_text="The type in force.", max_length=2), False),
        migrations.AddField(
            "searchentry", "iso", models.CharField(blank=True, db_collation="C", default="", help_text="Code of the main ISO class.", max_length=8), False
        ),
        migrations.AddField(
            "searchentry",
            "supplier",
            models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.supplier"),
        ),
        migrations.AddField("searchentry", "delivery_class", models.CharField(blank=True, default="", max_length=8), False),
        migrations.AddField("searchentry", "is_in_assortment", models.BooleanField(default=True)),
        migrations.AddField(
            "searchentry",
            "orderable_before",
            models.DateField(help_text="Can be ordered until the day before; the year 9999 = no end, null = not at all.", null=True),
        ),
        migrations.AddIndex(
            "searchentry", models.Index(condition=models.Q(("article_type", "H")), fields=["title_sort", "article"], name="catalog_search_main")
        ),
        migrations.RunPython(add_synonyms, migrations.RunPython.noop),
    ]
