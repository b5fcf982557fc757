import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import catalog.models.rights
from core.first_migrations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        django.contrib.postgres.operations.TrigramExtension(),
        django.contrib.postgres.operations.UnaccentExtension(),
        CreateModels(
            migrations.CreateModel(
                name="SubstitutionGroup",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("number", models.CharField(max_length=35, unique=True, verbose_name="nummer")),
                    ("name", models.CharField(blank=True, max_length=255, verbose_name="namn")),
                    ("is_fixed", models.BooleanField(default=False, help_text="SESAM2 byter alltid till närmaste likvärdiga artikel.", verbose_name="fast")),
                    ("sequence", models.PositiveIntegerField(default=0, editable=False)),
                ],
                options={
                    "verbose_name": "ersättningsgrupp",
                    "verbose_name_plural": "ersättningsgrupper",
                },
            ),
            migrations.CreateModel(
                name="Category",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("edition", models.CharField(max_length=4, verbose_name="utgåva")),
                    ("code", models.CharField(db_collation="C", max_length=8, verbose_name="ISO-kod")),
                    ("name", models.CharField(max_length=255, verbose_name="namn")),
                    ("description", models.TextField(blank=True, verbose_name="beskrivning")),
                    (
                        "parent",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="children",
                            to="catalog.category",
                            verbose_name="överordnad",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "ISO-klass",
                    "verbose_name_plural": "ISO-klasser",
                    "constraints": [
                        models.UniqueConstraint(fields=("edition", "code"), name="catalog_category_code"),
                        models.CheckConstraint(condition=models.Q(("code__regex", "^[0-9]{2}([0-9]{2}){0,3}$")), name="catalog_category_code_shape"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="EarlyValues",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("supplier_gln", models.CharField(max_length=13, verbose_name="leverantörens GLN")),
                    ("number", models.CharField(db_collation="C", max_length=100, verbose_name="leverantörens artikelnummer")),
                    ("values", models.JSONField(default=dict, verbose_name="uppgifter")),
                    ("told_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="senast")),
                ],
                options={
                    "verbose_name": "uppgifter om okänd artikel",
                    "verbose_name_plural": "uppgifter om okända artiklar",
                    "constraints": [models.UniqueConstraint(fields=("supplier_gln", "number"), name="catalog_early_values_once")],
                },
            ),
            migrations.CreateModel(
                name="FeedImport",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("file_name", models.CharField(max_length=255, verbose_name="fil")),
                    (
                        "stored_as",
                        models.CharField(
                            blank=True, editable=False, help_text="Path of the file, while it may be read again.", max_length=500, verbose_name="ligger i"
                        ),
                    ),
                    ("sha256", models.CharField(max_length=64, verbose_name="sha256")),
                    ("export_id", models.CharField(blank=True, max_length=64, verbose_name="export-id")),
                    ("sequence", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="löpnummer")),
                    ("created_at", models.DateTimeField(blank=True, null=True, verbose_name="skapad hos Hjälpmedelstjänsten")),
                    (
                        "mode",
                        models.CharField(
                            blank=True,
                            choices=[("FULL", "Hela katalogen"), ("DELTA", "Ändringar"), ("RETRY", "Karantän")],
                            max_length=5,
                            verbose_name="omfattning",
                        ),
                    ),
                    ("receiver_gln", models.CharField(blank=True, max_length=13, verbose_name="mottagare")),
                    ("iso_edition", models.CharField(blank=True, max_length=4, verbose_name="ISO-utgåva")),
                    (
                        "status",
                        models.CharField(
                            choices=[
                                ("WAITING", "Väntar"),
                                ("RUNNING", "Pågår"),
                                ("APPLIED", "Inläst"),
                                ("REPEATED", "Redan inläst"),
                                ("REFUSED", "Avvisad"),
                                ("INTERRUPTED", "Avbruten"),
                            ],
                            default="RUNNING",
                            max_length=11,
                            verbose_name="status",
                        ),
                    ),
                    ("reason", models.TextField(blank=True, verbose_name="orsak")),
                    (
                        "may_be_confirmed",
                        models.BooleanField(default=False, help_text="Avvisad bara för att många artiklar skulle försvinna.", verbose_name="kan bekräftas"),
                    ),
                    ("is_confirmed", models.BooleanField(default=False, help_text="Många artiklar får försvinna.", verbose_name="bekräftad")),
                    ("progress", models.PositiveSmallIntegerField(default=0, verbose_name="gjort, procent")),
                    ("counts", models.JSONField(blank=True, default=dict, verbose_name="antal")),
                    ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="startad")),
                    ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="klar")),
                    (
                        "by",
                        models.ForeignKey(
                            blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="av"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "inläsning",
                    "verbose_name_plural": "inläsningar",
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("status", "APPLIED"), models.Q(("export_id", ""), _negated=True)),
                            fields=("export_id",),
                            name="catalog_import_once",
                        ),
                        models.UniqueConstraint(condition=models.Q(("status", "APPLIED")), fields=("receiver_gln", "sequence"), name="catalog_import_sequence"),
                        models.CheckConstraint(
                            condition=models.Q(("status__in", ["WAITING", "RUNNING", "APPLIED", "REPEATED", "REFUSED", "INTERRUPTED"])),
                            name="catalog_import_status",
                        ),
                        models.CheckConstraint(condition=models.Q(("progress__lte", 100)), name="catalog_import_progress"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PrescribingRule",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "profession",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("AT", "arbetsterapeut"),
                                ("AU", "audionom"),
                                ("BM", "barnmorska"),
                                ("DT", "dietist"),
                                ("FT", "fysioterapeut"),
                                ("HK", "hälso- och sjukvårdskurator"),
                                ("KP", "kiropraktor"),
                                ("LG", "logoped"),
                                ("LK", "läkare"),
                                ("NA", "naprapat"),
                                ("OP", "optiker"),
                                ("OT", "ortopedingenjör"),
                                ("PS", "psykolog"),
                                ("SJ", "sjuksköterska"),
                                ("TL", "tandläkare"),
                                ("OTHER", "annat yrke"),
                            ],
                            help_text="Förskrivarens. Tomt: alla yrken.",
                            max_length=5,
                            verbose_name="yrkesgrupp",
                        ),
                    ),
                    (
                        "iso_prefix",
                        catalog.models.rights.IsoPrefixField(
                            blank=True,
                            db_collation="C",
                            help_text="2, 4, 6 eller 8 siffror. Tomt: alla hjälpmedel.",
                            max_length=8,
                            validators=[
                                django.core.validators.RegexValidator(
                                    "^([0-9]{2}){1,4}\\Z", "Skriv ISO-koden med två, fyra, sex eller åtta siffror, utan mellanslag."
                                )
                            ],
                            verbose_name="ISO-kod",
                        ),
                    ),
                    (
                        "mode",
                        models.CharField(
                            choices=[("ALLOW", "Tillåtet"), ("WARN", "Påminnelse"), ("APPROVAL", "Kräver godkännande"), ("BLOCK", "Spärrat")],
                            max_length=8,
                            verbose_name="vad som gäller",
                        ),
                    ),
                    (
                        "text",
                        models.CharField(
                            blank=True,
                            help_text="En mening som visas vid artikeln. Behövs för allt utom Tillåtet.",
                            max_length=300,
                            verbose_name="text till beställaren",
                        ),
                    ),
                    ("is_active", models.BooleanField(default=True, verbose_name="används")),
                    (
                        "provider",
                        models.ForeignKey(
                            blank=True,
                            help_text="Tomt: alla.",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.careprovider",
                            verbose_name="vårdgivare",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "regel för förskrivningsrätt",
                    "verbose_name_plural": "förskrivningsrätt",
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("provider", "profession", "iso_prefix"),
                            name="catalog_one_rule_per_key",
                            nulls_distinct=False,
                            violation_error_message="Det finns redan en regel för samma vårdgivare, yrkesgrupp och ISO-kod. Ändra den.",
                        ),
                        models.CheckConstraint(condition=models.Q(("mode__in", ["ALLOW", "WARN", "APPROVAL", "BLOCK"])), name="catalog_rule_mode"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("profession__in", ["", "AT", "AU", "BM", "DT", "FT", "HK", "KP", "LG", "LK", "NA", "OP", "OT", "PS", "SJ", "TL", "OTHER"])
                            ),
                            name="catalog_rule_profession",
                        ),
                        models.CheckConstraint(condition=models.Q(("iso_prefix__regex", "^([0-9]{2}){0,4}$")), name="catalog_rule_prefix"),
                        models.CheckConstraint(
                            condition=models.Q(("mode", "ALLOW"), models.Q(("text", ""), _negated=True), _connector="OR"),
                            name="catalog_rule_has_text",
                            violation_error_message="Skriv texten som beställaren ska se.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SearchWord",
                fields=[
                    ("word", models.CharField(db_collation="C", max_length=100, primary_key=True, serialize=False)),
                    ("plain", models.CharField(db_collation="C", help_text="Without accents.", max_length=100)),
                    ("stem", models.CharField(db_collation="C", help_text="Without its ending and accents; the same for all forms of a word.", max_length=100)),
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
                        django.contrib.postgres.indexes.GinIndex(
                            django.contrib.postgres.indexes.OpClass("plain", name="gin_trgm_ops"), name="catalog_word_part"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="StoredFile",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("sha256", models.CharField(max_length=64, unique=True)),
                    ("content_type", models.CharField(max_length=100, verbose_name="innehållstyp")),
                    ("size", models.PositiveIntegerField(verbose_name="storlek, byte")),
                    ("width", models.PositiveIntegerField(blank=True, null=True, verbose_name="bredd")),
                    ("height", models.PositiveIntegerField(blank=True, null=True, verbose_name="höjd")),
                ],
                options={
                    "verbose_name": "fil",
                    "verbose_name_plural": "filer",
                    "constraints": [models.CheckConstraint(condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="catalog_file_sha256")],
                },
            ),
            migrations.CreateModel(
                name="Supplier",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("gln", models.CharField(max_length=13, unique=True, verbose_name="GLN")),
                    ("name", models.CharField(max_length=255, verbose_name="namn")),
                    (
                        "name_sort",
                        models.GeneratedField(
                            db_persist=True,
                            expression=django.db.models.functions.text.Lower(
                                models.Func(models.F("name"), models.Value("ÅÄÖåäö"), models.Value("{|}{|}"), function="translate")
                            ),
                            output_field=models.CharField(db_collation="C", max_length=255),
                        ),
                    ),
                    ("organisation_number", models.CharField(blank=True, max_length=35, verbose_name="organisationsnummer")),
                    ("phone", models.CharField(blank=True, max_length=255, verbose_name="telefon")),
                    ("email", models.CharField(blank=True, max_length=255, verbose_name="e-post")),
                    ("web", models.CharField(blank=True, max_length=2000, verbose_name="webbplats")),
                ],
                options={
                    "verbose_name": "leverantör",
                    "verbose_name_plural": "leverantörer",
                    "constraints": [models.CheckConstraint(condition=models.Q(("gln__regex", "^[0-9]{13}$")), name="catalog_supplier_gln")],
                },
            ),
            migrations.CreateModel(
                name="Synonym",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "word",
                        models.CharField(
                            help_text="Det som skrivs i sökrutan.",
                            max_length=100,
                            validators=[django.core.validators.RegexValidator("^[^\\W_]{2,100}\\Z", "Skriv ett enda ord, utan mellanslag och tecken.")],
                            verbose_name="ord",
                        ),
                    ),
                    (
                        "means",
                        models.CharField(
                            help_text="Ordet i katalogen.",
                            max_length=100,
                            validators=[django.core.validators.RegexValidator("^[^\\W_]{2,100}\\Z", "Skriv ett enda ord, utan mellanslag och tecken.")],
                            verbose_name="betyder",
                        ),
                    ),
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
                            condition=models.Q(
                                ("means", django.db.models.functions.text.Lower("means")), ("word", django.db.models.functions.text.Lower("word"))
                            ),
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
            migrations.CreateModel(
                name="AssortmentPolicy",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "mode",
                        models.CharField(
                            choices=[("ALLOW", "Tillåtet"), ("WARN", "Påminnelse"), ("APPROVAL", "Kräver godkännande"), ("BLOCK", "Spärrat")],
                            max_length=8,
                            verbose_name="utanför sortimentet",
                        ),
                    ),
                    (
                        "text",
                        models.CharField(
                            blank=True,
                            help_text="En mening som visas vid artikeln. Behövs för allt utom Tillåtet.",
                            max_length=300,
                            verbose_name="text till beställaren",
                        ),
                    ),
                    (
                        "shows_outside",
                        models.BooleanField(default=True, help_text="Det som är utanför sortimentet kan sökas och läsas om.", verbose_name="visas i sökningen"),
                    ),
                    (
                        "provider",
                        models.ForeignKey(
                            blank=True,
                            help_text="Tomt: alla andra.",
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.careprovider",
                            verbose_name="vårdgivare",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "regel utanför sortimentet",
                    "verbose_name_plural": "utanför sortimentet",
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("provider",),
                            name="catalog_one_policy_per_provider",
                            nulls_distinct=False,
                            violation_error_message="Det finns redan en regel för samma vårdgivare. Ändra den.",
                        ),
                        models.CheckConstraint(condition=models.Q(("mode__in", ["ALLOW", "WARN", "APPROVAL", "BLOCK"])), name="catalog_policy_mode"),
                        models.CheckConstraint(
                            condition=models.Q(("mode", "ALLOW"), models.Q(("text", ""), _negated=True), _connector="OR"),
                            name="catalog_policy_has_text",
                            violation_error_message="Skriv texten som beställaren ska se.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PriceList",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("kind", models.CharField(choices=[("AGREEMENT", "Avtal"), ("GENERAL", "Generell prislista")], max_length=9, verbose_name="slag")),
                    ("number", models.CharField(blank=True, max_length=35, verbose_name="avtalsnummer")),
                    ("name", models.CharField(blank=True, max_length=255, verbose_name="namn")),
                    ("valid_from", models.DateField(verbose_name="giltigt från")),
                    ("valid_to", models.DateField(blank=True, help_text="Med förlängning inräknad.", null=True, verbose_name="giltigt till")),
                    ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="borta ur flödet sedan")),
                    (
                        "feed_hash",
                        models.CharField(
                            db_default="",
                            editable=False,
                            help_text="Hash of the whole list last applied; empty when what is stored may say something else.",
                            max_length=32,
                        ),
                    ),
                    (
                        "supplier",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="price_lists", to="catalog.supplier", verbose_name="leverantör"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "prislista",
                    "verbose_name_plural": "prislistor",
                    "constraints": [
                        models.UniqueConstraint(condition=models.Q(("kind", "AGREEMENT")), fields=("supplier", "number"), name="catalog_agreement_number"),
                        models.UniqueConstraint(condition=models.Q(("kind", "GENERAL")), fields=("supplier", "valid_from"), name="catalog_general_list"),
                        models.CheckConstraint(condition=models.Q(("kind__in", ["AGREEMENT", "GENERAL"])), name="catalog_pricelist_kind"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Product",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("number", models.CharField(db_collation="C", max_length=35, verbose_name="produktnummer")),
                    ("feed_id", models.CharField(max_length=64, unique=True, verbose_name="Hjälpmedelstjänstens id")),
                    ("feed_hash", models.CharField(editable=False, help_text="Hash of the element last applied.", max_length=32)),
                    (
                        "read_again",
                        models.BooleanField(
                            db_default=False,
                            default=False,
                            editable=False,
                            help_text="What the element refers to has changed since: the same bytes may say something else.",
                        ),
                    ),
                    ("name", models.CharField(max_length=255, verbose_name="namn")),
                    ("description", models.TextField(blank=True, verbose_name="beskrivning")),
                    (
                        "other_iso_codes",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=8), blank=True, default=list, size=None, verbose_name="fler ISO-koder"
                        ),
                    ),
                    ("manufacturer", models.CharField(blank=True, max_length=255, verbose_name="tillverkare")),
                    ("trademark", models.CharField(blank=True, max_length=255, verbose_name="varumärke")),
                    ("is_ce_marked", models.BooleanField(null=True, verbose_name="CE-märkt")),
                    ("properties", models.JSONField(blank=True, default=list, verbose_name="egenskaper")),
                    ("status", models.CharField(choices=[("PUBLISHED", "Publicerad"), ("DISCONTINUED", "Utgången")], max_length=12, verbose_name="status")),
                    ("discontinued_from", models.DateField(blank=True, null=True, verbose_name="utgår från")),
                    ("feed_updated_at", models.DateTimeField(verbose_name="ändrad hos leverantören")),
                    ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="borta ur flödet sedan")),
                    (
                        "category",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="products", to="catalog.category", verbose_name="ISO-klass"
                        ),
                    ),
                    (
                        "supplier",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="products", to="catalog.supplier", verbose_name="leverantör"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "produkt",
                    "verbose_name_plural": "produkter",
                    "constraints": [
                        models.UniqueConstraint(condition=models.Q(("ended_at", None)), fields=("supplier", "number"), name="catalog_product_number"),
                        models.CheckConstraint(condition=models.Q(("status__in", ["PUBLISHED", "DISCONTINUED"])), name="catalog_product_status"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Quarantine",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("line", models.PositiveIntegerField(verbose_name="rad")),
                    ("element", models.CharField(max_length=20, verbose_name="slag")),
                    ("feed_id", models.CharField(blank=True, max_length=64, verbose_name="id")),
                    ("gln", models.CharField(blank=True, max_length=64, verbose_name="GLN")),
                    ("number", models.CharField(blank=True, max_length=64, verbose_name="nummer")),
                    ("list_kind", models.CharField(blank=True, max_length=9)),
                    ("list_gln", models.CharField(blank=True, max_length=13, verbose_name="prislistans ägare")),
                    ("list_number", models.CharField(blank=True, max_length=35, verbose_name="avtalsnummer")),
                    ("list_valid_from", models.DateField(blank=True, null=True, verbose_name="prislistan gäller från")),
                    ("reason", models.TextField(verbose_name="orsak")),
                    ("raw", models.TextField(help_text="Avkortat om det är längre än 20 000 tecken; då kan det inte prövas igen.", verbose_name="elementet")),
                    ("is_whole", models.BooleanField(default=True, verbose_name="hela elementet")),
                    (
                        "status",
                        models.CharField(
                            choices=[("OPEN", "I karantän"), ("TAKEN", "Inläst senare"), ("REPLACED", "Ersatt av en senare fil")],
                            default="OPEN",
                            max_length=8,
                            verbose_name="status",
                        ),
                    ),
                    ("tries", models.PositiveIntegerField(default=1, verbose_name="försök")),
                    (
                        "feed_import",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="quarantine", to="catalog.feedimport", verbose_name="inläsning"
                        ),
                    ),
                    (
                        "settled_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="catalog.feedimport",
                            verbose_name="avgjord av",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "post i karantän",
                    "verbose_name_plural": "karantän",
                    "indexes": [models.Index(fields=["status", "id"], name="catalog_quarantine_open")],
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("status__in", ["OPEN", "TAKEN", "REPLACED"])), name="catalog_quarantine_status")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Picture",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("sha256", models.CharField(max_length=64, unique=True, verbose_name="sha256 hos leverantören")),
                    ("plain_large", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.storedfile")),
                    ("plain_medium", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.storedfile")),
                    ("plain_small", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.storedfile")),
                    ("webp_large", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.storedfile")),
                    ("webp_medium", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.storedfile")),
                    ("webp_small", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.storedfile")),
                ],
                options={
                    "verbose_name": "bild i tre storlekar",
                    "verbose_name_plural": "bilder i tre storlekar",
                },
            ),
            migrations.CreateModel(
                name="Article",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("number", models.CharField(db_collation="C", max_length=35, verbose_name="leverantörens artikelnummer")),
                    ("feed_id", models.CharField(max_length=64, unique=True, verbose_name="Hjälpmedelstjänstens id")),
                    ("feed_hash", models.CharField(editable=False, help_text="Hash of the element last applied.", max_length=32)),
                    (
                        "read_again",
                        models.BooleanField(
                            db_default=False,
                            default=False,
                            editable=False,
                            help_text="What the element refers to has changed since: the same bytes may say something else.",
                        ),
                    ),
                    ("name", models.CharField(max_length=255, verbose_name="benämning")),
                    (
                        "name_sort",
                        models.GeneratedField(
                            db_persist=True,
                            expression=django.db.models.functions.text.Lower(
                                models.Func(models.F("name"), models.Value("ÅÄÖåäö"), models.Value("{|}{|}"), function="translate")
                            ),
                            output_field=models.CharField(db_collation="C", max_length=255),
                        ),
                    ),
                    ("description", models.TextField(blank=True, verbose_name="beskrivning")),
                    (
                        "article_type",
                        models.CharField(
                            choices=[("H", "Huvudhjälpmedel"), ("T", "Tillbehör"), ("R", "Reservdel"), ("I", "Inställning"), ("Tj", "Tjänst")],
                            max_length=2,
                            verbose_name="artikeltyp",
                        ),
                    ),
                    (
                        "iso_codes",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=8), blank=True, default=list, size=None, verbose_name="egna ISO-koder"
                        ),
                    ),
                    ("gtin", models.CharField(blank=True, max_length=14, verbose_name="GTIN")),
                    ("order_unit", models.CharField(max_length=35, verbose_name="beställningsenhet")),
                    (
                        "quantity_in_outer_package",
                        models.DecimalField(blank=True, decimal_places=3, max_digits=15, null=True, verbose_name="antal i ytterförpackning"),
                    ),
                    ("package_content", models.DecimalField(blank=True, decimal_places=3, max_digits=15, null=True, verbose_name="förpackningens innehåll")),
                    ("package_content_unit", models.CharField(blank=True, max_length=35, verbose_name="innehållets enhet")),
                    ("preventive_maintenance_days", models.PositiveIntegerField(blank=True, null=True, verbose_name="förebyggande underhåll, dagar")),
                    ("properties", models.JSONField(blank=True, default=list, verbose_name="egenskaper")),
                    ("status", models.CharField(choices=[("PUBLISHED", "Publicerad"), ("DISCONTINUED", "Utgången")], max_length=12, verbose_name="status")),
                    ("discontinued_from", models.DateField(blank=True, null=True, verbose_name="utgår från")),
                    ("feed_updated_at", models.DateTimeField(verbose_name="ändrad hos leverantören")),
                    ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="borta ur flödet sedan")),
                    (
                        "category",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="articles",
                            to="catalog.category",
                            verbose_name="ISO-klass",
                        ),
                    ),
                    (
                        "product",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="articles",
                            to="catalog.product",
                            verbose_name="produkt",
                        ),
                    ),
                    (
                        "supplier",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="articles", to="catalog.supplier", verbose_name="leverantör"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "artikel",
                    "verbose_name_plural": "artiklar",
                    "indexes": [models.Index(fields=["name_sort", "id"], name="catalog_article_sort")],
                    "constraints": [
                        models.UniqueConstraint(condition=models.Q(("ended_at", None)), fields=("supplier", "number"), name="catalog_article_number"),
                        models.CheckConstraint(condition=models.Q(("article_type__in", ["H", "T", "R", "I", "Tj"])), name="catalog_article_type"),
                        models.CheckConstraint(condition=models.Q(("status__in", ["PUBLISHED", "DISCONTINUED"])), name="catalog_article_status"),
                        models.CheckConstraint(condition=models.Q(("gtin__regex", "^([0-9]{8}|[0-9]{12,14})?$")), name="catalog_article_gtin"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ProductPrice",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("kind", models.CharField(choices=[("AGREEMENT", "Avtal"), ("GENERAL", "Generell prislista")], max_length=9, verbose_name="slag")),
                    (
                        "amount",
                        models.DecimalField(
                            blank=True,
                            decimal_places=2,
                            help_text="Tomt: inte känt förrän hjälpmedlet är gjort.",
                            max_digits=12,
                            null=True,
                            verbose_name="pris, kr",
                        ),
                    ),
                    ("valid_from", models.DateField(verbose_name="giltigt från")),
                    ("valid_to", models.DateField(blank=True, null=True, verbose_name="giltigt till")),
                    ("min_order_quantity", models.PositiveIntegerField(blank=True, null=True, verbose_name="minsta antal")),
                    ("delivery_time_days", models.PositiveIntegerField(blank=True, null=True, verbose_name="leveranstid, dagar")),
                    ("warranty_quantity", models.PositiveIntegerField(blank=True, null=True, verbose_name="garanti, antal")),
                    ("warranty_unit", models.CharField(blank=True, max_length=5, verbose_name="garanti, enhet")),
                    ("warranty_from", models.CharField(blank=True, max_length=11, verbose_name="garanti, gäller från")),
                    ("status", models.CharField(max_length=64, verbose_name="status")),
                    (
                        "price_list",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="%(class)s_rows", to="catalog.pricelist", verbose_name="prislista"
                        ),
                    ),
                    (
                        "product",
                        models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="prices", to="catalog.product", verbose_name="produkt"),
                    ),
                ],
                options={
                    "verbose_name": "pris på produkt",
                    "verbose_name_plural": "priser på produkter",
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("status", "AKTIV")), fields=("price_list", "product", "valid_from"), name="catalog_product_price_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Favourite",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("added_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="tillagd")),
                    (
                        "added_by",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="tillagd av"),
                    ),
                    (
                        "article",
                        models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="favourites", to="catalog.article", verbose_name="artikel"),
                    ),
                    (
                        "unit",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.careunit", verbose_name="vårdenhet"
                        ),
                    ),
                    (
                        "user",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="person"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "favorit",
                    "verbose_name_plural": "favoriter",
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("user", None), ("unit", None), _connector="XOR"), name="catalog_favourite_one_owner"),
                        models.UniqueConstraint(condition=models.Q(("unit", None)), fields=("user", "article"), name="catalog_favourite_of_user"),
                        models.UniqueConstraint(condition=models.Q(("user", None)), fields=("unit", "article"), name="catalog_favourite_of_unit"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Individual",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("number", models.CharField(db_collation="C", max_length=100, unique=True, verbose_name="individnummer")),
                    (
                        "earlier_numbers",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=100), blank=True, default=list, size=None, verbose_name="tidigare individnummer"
                        ),
                    ),
                    ("serial_number", models.CharField(blank=True, max_length=100, verbose_name="serienummer")),
                    ("lot", models.CharField(blank=True, max_length=500, verbose_name="batch")),
                    ("udi", models.CharField(blank=True, max_length=500, verbose_name="UDI")),
                    ("next_inspection_on", models.DateField(blank=True, null=True, verbose_name="nästa besiktning")),
                    ("is_under_investigation", models.BooleanField(default=False, verbose_name="under utredning")),
                    ("is_lost", models.BooleanField(default=False, verbose_name="saknas")),
                    ("is_on_pickup", models.BooleanField(default=False, verbose_name="på hämtorder")),
                    ("is_loaner", models.BooleanField(default=False, verbose_name="låneexemplar")),
                    ("is_on_loan", models.BooleanField(db_default=False, default=False, editable=False, verbose_name="hos patient")),
                    ("replaced_sequence", models.PositiveIntegerField(default=0)),
                    ("inspection_sequence", models.PositiveIntegerField(default=0)),
                    (
                        "article",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="individuals", to="catalog.article", verbose_name="artikel"
                        ),
                    ),
                    (
                        "parent",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="components",
                            to="catalog.individual",
                            verbose_name="sitter på",
                        ),
                    ),
                    (
                        "replaced_by",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="replaced",
                            to="catalog.individual",
                            verbose_name="ersatt av",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "individ",
                    "verbose_name_plural": "individer",
                    "indexes": [
                        django.contrib.postgres.indexes.GinIndex(fields=["earlier_numbers"], name="catalog_individual_earlier"),
                        models.Index(condition=models.Q(("serial_number", ""), _negated=True), fields=["serial_number"], name="catalog_individual_serial"),
                    ],
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("number", ""), _negated=True), name="catalog_individual_number"),
                        models.CheckConstraint(
                            condition=models.Q(("parent", None), models.Q(("parent", models.F("id")), _negated=True), _connector="OR"),
                            name="catalog_individual_not_its_own_parent",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("replaced_by", None), models.Q(("replaced_by", models.F("id")), _negated=True), _connector="OR"),
                            name="catalog_individual_does_not_replace_itself",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="LocalChange",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("field", models.CharField(max_length=40, verbose_name="uppgift")),
                    ("old", models.JSONField(null=True, verbose_name="förut")),
                    ("new", models.JSONField(null=True, verbose_name="nu")),
                    ("sequence", models.PositiveIntegerField(null=True, verbose_name="meddelande")),
                    ("is_applied", models.BooleanField(default=True, verbose_name="gäller")),
                    ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="när")),
                    (
                        "article",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="local_changes", to="catalog.article", verbose_name="artikel"
                        ),
                    ),
                    (
                        "by",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="av"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "ändring av centralens uppgifter",
                    "verbose_name_plural": "ändringar av centralens uppgifter",
                    "indexes": [models.Index(fields=["article", "-id"], name="catalog_local_history")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="392f6e549e7db452e353e03b468d0245118d2bc1",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_9d0e2",
                                table="catalog_localchange",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="2b0c155071cb8fcaa83aca89a97681db05e8d251",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_3f63b",
                                table="catalog_localchange",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Price",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("kind", models.CharField(choices=[("AGREEMENT", "Avtal"), ("GENERAL", "Generell prislista")], max_length=9, verbose_name="slag")),
                    (
                        "amount",
                        models.DecimalField(
                            blank=True,
                            decimal_places=2,
                            help_text="Tomt: inte känt förrän hjälpmedlet är gjort.",
                            max_digits=12,
                            null=True,
                            verbose_name="pris, kr",
                        ),
                    ),
                    ("valid_from", models.DateField(verbose_name="giltigt från")),
                    ("valid_to", models.DateField(blank=True, null=True, verbose_name="giltigt till")),
                    ("min_order_quantity", models.PositiveIntegerField(blank=True, null=True, verbose_name="minsta antal")),
                    ("delivery_time_days", models.PositiveIntegerField(blank=True, null=True, verbose_name="leveranstid, dagar")),
                    ("warranty_quantity", models.PositiveIntegerField(blank=True, null=True, verbose_name="garanti, antal")),
                    ("warranty_unit", models.CharField(blank=True, max_length=5, verbose_name="garanti, enhet")),
                    ("warranty_from", models.CharField(blank=True, max_length=11, verbose_name="garanti, gäller från")),
                    ("status", models.CharField(max_length=64, verbose_name="status")),
                    ("is_inherited", models.BooleanField(default=False, verbose_name="produktens pris")),
                    (
                        "article",
                        models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="prices", to="catalog.article", verbose_name="artikel"),
                    ),
                    (
                        "price_list",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="%(class)s_rows", to="catalog.pricelist", verbose_name="prislista"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "pris",
                    "verbose_name_plural": "priser",
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("status", "AKTIV")), fields=("price_list", "article", "valid_from"), name="catalog_price_once"
                        ),
                        models.CheckConstraint(condition=models.Q(("amount", None), ("amount__gte", 0), _connector="OR"), name="catalog_price_amount"),
                        models.CheckConstraint(condition=models.Q(("kind__in", ["AGREEMENT", "GENERAL"])), name="catalog_price_kind"),
                        models.CheckConstraint(
                            condition=models.Q(("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"), name="catalog_price_dates"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="FeedChange",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "kind",
                        models.CharField(
                            choices=[("NEW", "Ny"), ("CHANGED", "Ändrad"), ("RENUMBERED", "Nytt nummer"), ("ENDED", "Borta"), ("BACK", "Tillbaka")],
                            max_length=10,
                            verbose_name="slag",
                        ),
                    ),
                    ("field", models.CharField(blank=True, max_length=40, verbose_name="uppgift")),
                    ("old", models.JSONField(null=True, verbose_name="förut")),
                    ("new", models.JSONField(null=True, verbose_name="nu")),
                    (
                        "article",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="feed_changes", to="catalog.article", verbose_name="artikel"
                        ),
                    ),
                    (
                        "feed_import",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="catalog.feedimport", verbose_name="inläsning"
                        ),
                    ),
                    (
                        "product",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="feed_changes", to="catalog.product", verbose_name="produkt"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "ändring",
                    "verbose_name_plural": "ändringar",
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("article", None), ("product", None), _connector="XOR"), name="catalog_change_one_of")
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="76f6764fca9d5c0abffd8856846891e01100457f",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_c64f3",
                                table="catalog_feedchange",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="f929b560d5c556b412cca4f15cfbbbcd0a987a4a",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_aef16",
                                table="catalog_feedchange",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Relation",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("kind", models.CharField(choices=[("FITS_TO", "Passar till"), ("REPLACED_BY", "Ersätts av")], max_length=11, verbose_name="slag")),
                    (
                        "from_article",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.CASCADE, related_name="relations", to="catalog.article", verbose_name="från artikel"
                        ),
                    ),
                    (
                        "from_product",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.CASCADE, related_name="relations", to="catalog.product", verbose_name="från produkt"
                        ),
                    ),
                    (
                        "to_article",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="relations_to",
                            to="catalog.article",
                            verbose_name="till artikel",
                        ),
                    ),
                    (
                        "to_product",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="relations_to",
                            to="catalog.product",
                            verbose_name="till produkt",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "samband",
                    "verbose_name_plural": "samband",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("from_article", None), ("from_product", None), _connector="XOR"), name="catalog_relation_one_from"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("to_article", None), ("to_product", None), _connector="XOR"), name="catalog_relation_one_to"
                        ),
                        models.UniqueConstraint(
                            fields=("kind", "from_article", "from_product", "to_article", "to_product"), name="catalog_relation_once", nulls_distinct=False
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Media",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "kind",
                        models.CharField(
                            choices=[("IMAGE", "Bild"), ("DOCUMENT", "Dokument"), ("MANUAL", "Bruksanvisning"), ("VIDEO", "Film")],
                            max_length=8,
                            verbose_name="slag",
                        ),
                    ),
                    ("url", models.CharField(max_length=2000, verbose_name="adress hos leverantören")),
                    ("file_name", models.CharField(blank=True, max_length=255, verbose_name="filnamn")),
                    ("mime_type", models.CharField(blank=True, max_length=255, verbose_name="typ enligt flödet")),
                    ("description", models.CharField(blank=True, max_length=255, verbose_name="beskrivning")),
                    ("language", models.CharField(blank=True, max_length=35, verbose_name="språk")),
                    ("is_main", models.BooleanField(default=False, verbose_name="huvudbild")),
                    ("place", models.PositiveSmallIntegerField(default=0, verbose_name="ordning")),
                    ("declared_sha256", models.CharField(blank=True, max_length=64, verbose_name="sha256 enligt flödet")),
                    (
                        "status",
                        models.CharField(
                            choices=[("WAITING", "Väntar"), ("FETCHED", "Hämtad"), ("FAILED", "Misslyckad")],
                            db_default="WAITING",
                            max_length=7,
                            verbose_name="läge",
                        ),
                    ),
                    (
                        "failure",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("MALFORMED", "Adressen är inte giltig"),
                                ("SCHEME", "Adressen börjar inte med https://"),
                                ("USERINFO", "Adressen innehåller användarnamn eller lösenord"),
                                ("NUMERIC", "Adressen har en IP-adress i stället för ett namn"),
                                ("PORT", "Adressen har en annan port än 443"),
                                ("NOT_LISTED", "Servern är inte tillåten (MEDIA_HOSTS)"),
                                ("UNKNOWN_HOST", "Serverns namn finns inte"),
                                ("NOT_PUBLIC", "Serverns namn pekar på en adress som inte är publik"),
                                ("NO_CONNECTION", "Servern svarar inte"),
                                ("TLS", "Serverns certifikat godtas inte"),
                                ("TOO_SLOW", "Svaret tog för lång tid"),
                                ("BROKEN_ANSWER", "Svaret bröts eller var inte HTTP"),
                                ("REDIRECT", "Servern hänvisar till en annan server"),
                                ("TOO_MANY_REDIRECTS", "Servern hänvisar vidare för många gånger"),
                                ("MISSING", "Filen finns inte hos leverantören"),
                                ("STATUS", "Servern lämnar inte ut filen"),
                                ("ENCODED", "Svaret är packat fast vi inte bad om det"),
                                ("EMPTY", "Filen är tom"),
                                ("TOO_LARGE", "Filen är större än 10 MB"),
                                ("CHECKSUM", "Innehållet stämmer inte med flödets kontrollsumma"),
                                ("NOT_A_PICTURE", "Filen är ingen bild (JPEG, PNG, WebP eller GIF)"),
                                ("NOT_A_DOCUMENT", "Filen är ingen PDF"),
                                ("TOO_MANY_PIXELS", "Bilden är större än 40 megapixel"),
                                ("BROKEN_PICTURE", "Bilden är skadad"),
                                ("NOT_STORED", "Filen kunde inte sparas hos oss"),
                                ("INTERRUPTED", "Hämtningen avbröts varje gång"),
                            ],
                            db_default="",
                            max_length=18,
                            verbose_name="orsak",
                        ),
                    ),
                    ("tries", models.PositiveSmallIntegerField(db_default=0, verbose_name="försök")),
                    ("next_try_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="nästa försök")),
                    ("fetched_at", models.DateTimeField(blank=True, null=True, verbose_name="hämtad")),
                    (
                        "article",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="media",
                            to="catalog.article",
                            verbose_name="artikel",
                        ),
                    ),
                    (
                        "picture",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="catalog.picture",
                            verbose_name="bildens filer",
                        ),
                    ),
                    (
                        "product",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="media",
                            to="catalog.product",
                            verbose_name="produkt",
                        ),
                    ),
                    (
                        "stored",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="catalog.storedfile",
                            verbose_name="dokumentets fil",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "bild eller dokument",
                    "verbose_name_plural": "bilder och dokument",
                    "indexes": [
                        models.Index(
                            condition=models.Q(("status", "WAITING"), models.Q(("kind", "VIDEO"), _negated=True)),
                            fields=["next_try_at", "id"],
                            name="catalog_media_due",
                        ),
                        models.Index(condition=models.Q(("status", "FAILED")), fields=["failure", "id"], name="catalog_media_failed"),
                    ],
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("article", None), ("product", None), _connector="XOR"), name="catalog_media_one_owner"),
                        models.CheckConstraint(condition=models.Q(("kind__in", ["IMAGE", "DOCUMENT", "MANUAL", "VIDEO"])), name="catalog_media_kind"),
                        models.CheckConstraint(condition=models.Q(("status__in", ["WAITING", "FETCHED", "FAILED"])), name="catalog_media_status"),
                        models.CheckConstraint(condition=models.Q(("failure", ""), ("status", "FAILED"), _negated=True), name="catalog_media_failed_says_why"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="LocalArticle",
                fields=[
                    (
                        "article",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            primary_key=True,
                            related_name="local",
                            serialize=False,
                            to="catalog.article",
                            verbose_name="artikel",
                        ),
                    ),
                    (
                        "sesam_number",
                        models.CharField(blank=True, db_collation="C", max_length=35, null=True, unique=True, verbose_name="SESAM2:s artikelnummer"),
                    ),
                    ("name", models.CharField(blank=True, max_length=255, null=True, verbose_name="benämning")),
                    (
                        "article_type",
                        models.CharField(
                            blank=True,
                            choices=[("H", "Huvudhjälpmedel"), ("T", "Tillbehör"), ("R", "Reservdel"), ("I", "Inställning"), ("Tj", "Tjänst")],
                            max_length=2,
                            null=True,
                            verbose_name="artikeltyp",
                        ),
                    ),
                    ("description", models.TextField(blank=True, null=True, verbose_name="beskrivning")),
                    (
                        "charging_form",
                        models.CharField(
                            blank=True,
                            choices=[("PURCHASE", "Köp"), ("RENT", "Hyra"), ("PURCHASE_WITH_RETURN", "Köp med retur")],
                            max_length=20,
                            null=True,
                            verbose_name="debiteringsform",
                        ),
                    ),
                    (
                        "shown_price",
                        models.DecimalField(
                            blank=True,
                            decimal_places=2,
                            help_text="Exklusive moms; per månad vid hyra. Visas i stället för flödets pris.",
                            max_digits=12,
                            null=True,
                            verbose_name="visat pris, kr",
                        ),
                    ),
                    ("is_individual_marked", models.BooleanField(blank=True, null=True, verbose_name="individmärkt")),
                    ("is_published", models.BooleanField(blank=True, help_text="Synlig och sökbar.", null=True, verbose_name="publicerad")),
                    ("is_orderable", models.BooleanField(blank=True, null=True, verbose_name="beställningsbar")),
                    ("is_in_assortment", models.BooleanField(blank=True, null=True, verbose_name="ingår i sortimentet")),
                    ("may_be_component", models.BooleanField(blank=True, null=True, verbose_name="kan vara komponent")),
                    ("extra_text", models.TextField(blank=True, null=True, verbose_name="extra artikelinformation")),
                    (
                        "default_safety_level",
                        models.PositiveIntegerField(
                            blank=True, help_text="Förslag när artikeln läggs upp i ett buffertförråd.", null=True, verbose_name="säkerhetsnivå"
                        ),
                    ),
                    (
                        "delivery_class",
                        models.CharField(
                            blank=True,
                            choices=[("STOCKED", "I lager, 7 dagar"), ("ORDERED", "Beställningsvara, 17 dagar"), ("LONG", "Längre leveranstid")],
                            max_length=8,
                            null=True,
                            verbose_name="leveransklass",
                        ),
                    ),
                    (
                        "availability",
                        models.CharField(
                            blank=True,
                            choices=[("IN_STOCK", "Finns i lager"), ("LOW", "Få kvar i lager"), ("OUT", "Slut i lager")],
                            max_length=8,
                            null=True,
                            verbose_name="tillgång",
                        ),
                    ),
                    ("sequences", models.JSONField(default=dict, editable=False)),
                    (
                        "substitution_group",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="articles",
                            to="catalog.substitutiongroup",
                            verbose_name="ersättningsgrupp",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "centralens uppgifter",
                    "verbose_name_plural": "centralens uppgifter",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("sesam_number", None), models.Q(("sesam_number", ""), _negated=True), _connector="OR"),
                            name="catalog_local_sesam_number",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("charging_form", None), ("charging_form__in", ["PURCHASE", "RENT", "PURCHASE_WITH_RETURN"]), _connector="OR"),
                            name="catalog_local_charging_form",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("delivery_class", None), ("delivery_class__in", ["STOCKED", "ORDERED", "LONG"]), _connector="OR"),
                            name="catalog_local_delivery_class",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("availability", None), ("availability__in", ["IN_STOCK", "LOW", "OUT"]), _connector="OR"),
                            name="catalog_local_availability",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("article_type", None), ("article_type__in", ["H", "T", "R", "I", "Tj"]), _connector="OR"),
                            name="catalog_local_type",
                        ),
                        models.CheckConstraint(condition=models.Q(("shown_price", None), ("shown_price__gte", 0), _connector="OR"), name="catalog_local_price"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SearchEntry",
                fields=[
                    (
                        "article",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="search_entry", serialize=False, to="catalog.article"
                        ),
                    ),
                    ("title", models.CharField(max_length=255)),
                    (
                        "title_sort",
                        models.GeneratedField(
                            db_persist=True,
                            expression=django.db.models.functions.text.Lower(
                                models.Func(models.F("title"), models.Value("ÅÄÖåäö"), models.Value("{|}{|}"), function="translate")
                            ),
                            output_field=models.CharField(db_collation="C", max_length=255),
                        ),
                    ),
                    ("number_key", models.CharField(db_collation="C", max_length=35)),
                    ("sesam_key", models.CharField(blank=True, db_collation="C", max_length=35)),
                    ("gtin_key", models.CharField(blank=True, db_collation="C", max_length=14)),
                    ("words", django.contrib.postgres.search.SearchVectorField()),
                    ("article_type", models.CharField(blank=True, help_text="The type in force.", max_length=2)),
                    ("iso", models.CharField(blank=True, db_collation="C", help_text="Code of the main ISO class.", max_length=8)),
                    ("delivery_class", models.CharField(blank=True, max_length=8)),
                    ("is_in_assortment", models.BooleanField(default=True)),
                    (
                        "orderable_before",
                        models.DateField(help_text="Can be ordered until the day before; the year 9999 = no end, null = not at all.", null=True),
                    ),
                    (
                        "supplier",
                        models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.supplier"),
                    ),
                ],
                options={
                    "verbose_name": "sökrad",
                    "verbose_name_plural": "sökrader",
                    "indexes": [
                        models.Index(fields=["title_sort", "article"], name="catalog_search_sort"),
                        models.Index(condition=models.Q(("article_type", "H")), fields=["title_sort", "article"], name="catalog_search_main"),
                        models.Index(fields=["number_key"], name="catalog_search_number"),
                        models.Index(fields=["sesam_key"], name="catalog_search_sesam"),
                        models.Index(fields=["gtin_key"], name="catalog_search_gtin"),
                        django.contrib.postgres.indexes.GinIndex(fields=["words"], name="catalog_search_words"),
                        models.Index(fields=["supplier", "title_sort", "article"], name="catalog_search_supplier"),
                        models.Index(fields=["iso", "supplier", "article_type", "delivery_class", "is_in_assortment", "article"], name="catalog_search_facets"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="AssortmentEntry",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "iso_prefix",
                        catalog.models.rights.IsoPrefixField(
                            blank=True,
                            db_collation="C",
                            help_text="2, 4, 6 eller 8 siffror, i stället för en artikel.",
                            max_length=8,
                            validators=[
                                django.core.validators.RegexValidator(
                                    "^([0-9]{2}){1,4}\\Z", "Skriv ISO-koden med två, fyra, sex eller åtta siffror, utan mellanslag."
                                )
                            ],
                            verbose_name="ISO-kod",
                        ),
                    ),
                    ("is_included", models.BooleanField(default=True, verbose_name="ingår")),
                    ("is_active", models.BooleanField(default=True, verbose_name="används")),
                    (
                        "article",
                        models.ForeignKey(
                            blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.article", verbose_name="artikel"
                        ),
                    ),
                    (
                        "provider",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careprovider", verbose_name="vårdgivare"),
                    ),
                ],
                options={
                    "verbose_name": "vårdgivarens sortiment",
                    "verbose_name_plural": "vårdgivarnas sortiment",
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("provider", "article", "iso_prefix"),
                            name="catalog_one_entry_per_key",
                            nulls_distinct=False,
                            violation_error_message="Vårdgivaren har redan bestämt om den. Ändra den raden.",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("article", None), ("iso_prefix", ""), _connector="XOR"),
                            name="catalog_entry_one_of",
                            violation_error_message="Välj en artikel eller skriv en ISO-kod.",
                        ),
                        models.CheckConstraint(condition=models.Q(("iso_prefix__regex", "^([0-9]{2}){0,4}$")), name="catalog_entry_prefix"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="IndividualHistory",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "event",
                        models.CharField(
                            choices=[
                                ("REGISTERED", "Levererad för första gången"),
                                ("REPLACED", "Bytt individnummer"),
                                ("INSPECTION", "Ny besiktningsdag"),
                                ("MARKED", "Märkning ändrad"),
                                ("MOUNTED", "Monterad"),
                            ],
                            max_length=12,
                        ),
                    ),
                    ("note", models.TextField(blank=True)),
                    ("details", models.JSONField(default=dict)),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("individual", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="catalog.individual")),
                ],
                options={
                    "indexes": [models.Index(fields=["individual", "-id"], name="catalog_individual_history")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="111cfb98ecbf42d57269118b27753ab50a1a1151",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_c235a",
                                table="catalog_individualhistory",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="0b685a791ec9c14802f8a9693d52d3fa1b2fb2e5",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_c49f5",
                                table="catalog_individualhistory",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
        ),
    ]
