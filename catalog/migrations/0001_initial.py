import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.CreateModel(
            name="PriceList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("AGREEMENT", "Avtal"), ("GENERAL", "Generell prislista")], max_length=9, verbose_name="slag")),
                ("number", models.CharField(blank=True, max_length=35, verbose_name="avtalsnummer")),
                ("name", models.CharField(blank=True, max_length=255, verbose_name="namn")),
                ("valid_from", models.DateField(verbose_name="giltigt från")),
                ("valid_to", models.DateField(blank=True, help_text="Med förlängning inräknad.", null=True, verbose_name="giltigt till")),
                ("feed_hash", models.CharField(editable=False, max_length=32)),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="borta ur flödet sedan")),
            ],
            options={
                "verbose_name": "prislista",
                "verbose_name_plural": "prislistor",
            },
        ),
        migrations.CreateModel(
            name="SubstitutionGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=35, unique=True, verbose_name="nummer")),
                ("name", models.CharField(blank=True, max_length=255, verbose_name="namn")),
                ("is_fixed", models.BooleanField(default=False, help_text="SESAM2 byter alltid till närmaste likvärdiga artikel.", verbose_name="fast")),
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
            },
        ),
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(db_collation="C", max_length=35, verbose_name="leverantörens artikelnummer")),
                ("feed_id", models.CharField(max_length=64, unique=True, verbose_name="Hjälpmedelstjänstens id")),
                ("feed_hash", models.CharField(editable=False, help_text="Hash of the element last applied.", max_length=32)),
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
            ],
            options={
                "verbose_name": "artikel",
                "verbose_name_plural": "artiklar",
            },
        ),
        migrations.CreateModel(
            name="FeedImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file_name", models.CharField(max_length=255, verbose_name="fil")),
                ("sha256", models.CharField(max_length=64, verbose_name="sha256")),
                ("export_id", models.CharField(blank=True, max_length=64, verbose_name="export-id")),
                ("sequence", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="löpnummer")),
                ("created_at", models.DateTimeField(blank=True, null=True, verbose_name="skapad hos Hjälpmedelstjänsten")),
                ("mode", models.CharField(blank=True, choices=[("FULL", "Hela katalogen"), ("DELTA", "Ändringar")], max_length=5, verbose_name="omfattning")),
                ("receiver_gln", models.CharField(blank=True, max_length=13, verbose_name="mottagare")),
                ("iso_edition", models.CharField(blank=True, max_length=4, verbose_name="ISO-utgåva")),
                (
                    "status",
                    models.CharField(
                        choices=[("RUNNING", "Pågår"), ("APPLIED", "Inläst"), ("REPEATED", "Redan inläst"), ("REFUSED", "Avvisad")],
                        default="RUNNING",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="orsak")),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="antal")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="startad")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="klar")),
            ],
            options={
                "verbose_name": "inläsning",
                "verbose_name_plural": "inläsningar",
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("status", "APPLIED")), fields=("export_id",), name="catalog_import_once"),
                    models.UniqueConstraint(condition=models.Q(("status", "APPLIED")), fields=("receiver_gln", "sequence"), name="catalog_import_sequence"),
                    models.CheckConstraint(condition=models.Q(("status__in", ["RUNNING", "APPLIED", "REPEATED", "REFUSED"])), name="catalog_import_status"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Individual",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(db_collation="C", max_length=35, unique=True, verbose_name="individnummer")),
                (
                    "earlier_numbers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=35), blank=True, default=list, size=None, verbose_name="tidigare individnummer"
                    ),
                ),
                ("serial_number", models.CharField(blank=True, max_length=100, verbose_name="serienummer")),
                ("lot", models.CharField(blank=True, max_length=100, verbose_name="batch")),
                ("udi", models.CharField(blank=True, max_length=200, verbose_name="UDI")),
                ("next_inspection_on", models.DateField(blank=True, null=True, verbose_name="nästa besiktning")),
                ("is_under_investigation", models.BooleanField(default=False, verbose_name="under utredning")),
                ("is_lost", models.BooleanField(default=False, verbose_name="saknas")),
                ("is_on_pickup", models.BooleanField(default=False, verbose_name="på hämtorder")),
                ("is_loaner", models.BooleanField(default=False, verbose_name="låneexemplar")),
                (
                    "article",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="individuals", to="catalog.article", verbose_name="artikel"),
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
            ],
            options={
                "verbose_name": "individ",
                "verbose_name_plural": "individer",
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
                (
                    "article",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="prices", to="catalog.article", verbose_name="artikel"),
                ),
                (
                    "price_list",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="catalog.pricelist", verbose_name="prislista"),
                ),
            ],
            options={
                "verbose_name": "pris",
                "verbose_name_plural": "priser",
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(db_collation="C", max_length=35, verbose_name="produktnummer")),
                ("feed_id", models.CharField(max_length=64, unique=True, verbose_name="Hjälpmedelstjänstens id")),
                ("feed_hash", models.CharField(editable=False, help_text="Hash of the element last applied.", max_length=32)),
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
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="products", to="catalog.category", verbose_name="ISO-klass"),
                ),
            ],
            options={
                "verbose_name": "produkt",
                "verbose_name_plural": "produkter",
            },
        ),
        migrations.AddField(
            model_name="article",
            name="product",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="articles", to="catalog.product", verbose_name="produkt"
            ),
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
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="relations_to", to="catalog.article", verbose_name="till artikel"
                    ),
                ),
                (
                    "to_product",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="relations_to", to="catalog.product", verbose_name="till produkt"
                    ),
                ),
            ],
            options={
                "verbose_name": "samband",
                "verbose_name_plural": "samband",
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("plain", models.CharField(help_text="Without accents.", max_length=100)),
                ("occurrences", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "sökord",
                "verbose_name_plural": "sökord",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("plain", name="gin_trgm_ops"), name="catalog_searchword_plain"
                    )
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
                ("declared_sha256", models.CharField(blank=True, max_length=64, verbose_name="sha256 enligt flödet")),
                (
                    "article",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="media", to="catalog.article", verbose_name="artikel"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="media", to="catalog.product", verbose_name="produkt"
                    ),
                ),
                (
                    "stored",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.storedfile", verbose_name="fil"
                    ),
                ),
                (
                    "stored_small",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.storedfile", verbose_name="liten bild"
                    ),
                ),
            ],
            options={
                "verbose_name": "bild eller dokument",
                "verbose_name_plural": "bilder och dokument",
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
        migrations.AddField(
            model_name="product",
            name="supplier",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="products", to="catalog.supplier", verbose_name="leverantör"),
        ),
        migrations.AddField(
            model_name="pricelist",
            name="supplier",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="price_lists", to="catalog.supplier", verbose_name="leverantör"),
        ),
        migrations.AddField(
            model_name="article",
            name="supplier",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="articles", to="catalog.supplier", verbose_name="leverantör"),
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
                ("sesam_number", models.CharField(blank=True, db_collation="C", max_length=35, null=True, unique=True, verbose_name="SESAM2:s artikelnummer")),
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
                ("plain", models.TextField(help_text="All that is searched, in small letters without accents, for parts of words.")),
            ],
            options={
                "verbose_name": "sökrad",
                "verbose_name_plural": "sökrader",
                "indexes": [
                    models.Index(fields=["title_sort", "article"], name="catalog_search_sort"),
                    models.Index(fields=["number_key"], name="catalog_search_number"),
                    models.Index(fields=["sesam_key"], name="catalog_search_sesam"),
                    models.Index(fields=["gtin_key"], name="catalog_search_gtin"),
                    django.contrib.postgres.indexes.GinIndex(fields=["words"], name="catalog_search_words"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("plain", name="gin_trgm_ops"), name="catalog_search_plain"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(fields=("edition", "code"), name="catalog_category_code"),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(condition=models.Q(("code__regex", "^[0-9]{2}([0-9]{2}){0,3}$")), name="catalog_category_code_shape"),
        ),
        migrations.AddIndex(
            model_name="individual",
            index=django.contrib.postgres.indexes.GinIndex(fields=["earlier_numbers"], name="catalog_individual_earlier"),
        ),
        migrations.AddConstraint(
            model_name="individual",
            constraint=models.CheckConstraint(condition=models.Q(("number", ""), _negated=True), name="catalog_individual_number"),
        ),
        migrations.AddConstraint(
            model_name="individual",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", None), models.Q(("parent", models.F("id")), _negated=True), _connector="OR"),
                name="catalog_individual_not_its_own_parent",
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "AKTIV")), fields=("price_list", "article", "valid_from"), name="catalog_price_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(condition=models.Q(("amount", None), ("amount__gte", 0), _connector="OR"), name="catalog_price_amount"),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(condition=models.Q(("kind__in", ["AGREEMENT", "GENERAL"])), name="catalog_price_kind"),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"), name="catalog_price_dates"
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_article", None), ("from_product", None), _connector="XOR"), name="catalog_relation_one_from"
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(condition=models.Q(("to_article", None), ("to_product", None), _connector="XOR"), name="catalog_relation_one_to"),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.UniqueConstraint(
                fields=("kind", "from_article", "from_product", "to_article", "to_product"), name="catalog_relation_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="media",
            constraint=models.CheckConstraint(condition=models.Q(("article", None), ("product", None), _connector="XOR"), name="catalog_media_one_owner"),
        ),
        migrations.AddConstraint(
            model_name="media",
            constraint=models.CheckConstraint(condition=models.Q(("kind__in", ["IMAGE", "DOCUMENT", "MANUAL", "VIDEO"])), name="catalog_media_kind"),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"], fields=("supplier", "number"), name="catalog_product_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(condition=models.Q(("status__in", ["PUBLISHED", "DISCONTINUED"])), name="catalog_product_status"),
        ),
        migrations.AddConstraint(
            model_name="pricelist",
            constraint=models.UniqueConstraint(condition=models.Q(("kind", "AGREEMENT")), fields=("supplier", "number"), name="catalog_agreement_number"),
        ),
        migrations.AddConstraint(
            model_name="pricelist",
            constraint=models.UniqueConstraint(condition=models.Q(("kind", "GENERAL")), fields=("supplier", "valid_from"), name="catalog_general_list"),
        ),
        migrations.AddConstraint(
            model_name="pricelist",
            constraint=models.CheckConstraint(condition=models.Q(("kind__in", ["AGREEMENT", "GENERAL"])), name="catalog_pricelist_kind"),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["name_sort", "id"], name="catalog_article_sort"),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"], fields=("supplier", "number"), name="catalog_article_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(condition=models.Q(("article_type__in", ["H", "T", "R", "I", "Tj"])), name="catalog_article_type"),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(condition=models.Q(("status__in", ["PUBLISHED", "DISCONTINUED"])), name="catalog_article_status"),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(condition=models.Q(("gtin__regex", "^([0-9]{8}|[0-9]{12,14})?$")), name="catalog_article_gtin"),
        ),
        migrations.AddConstraint(
            model_name="localarticle",
            constraint=models.CheckConstraint(
                condition=models.Q(("sesam_number", None), models.Q(("sesam_number", ""), _negated=True), _connector="OR"), name="catalog_local_sesam_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="localarticle",
            constraint=models.CheckConstraint(
                condition=models.Q(("charging_form", None), ("charging_form__in", ["PURCHASE", "RENT", "PURCHASE_WITH_RETURN"]), _connector="OR"),
                name="catalog_local_charging_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="localarticle",
            constraint=models.CheckConstraint(
                condition=models.Q(("delivery_class", None), ("delivery_class__in", ["STOCKED", "ORDERED", "LONG"]), _connector="OR"),
                name="catalog_local_delivery_class",
            ),
        ),
        migrations.AddConstraint(
            model_name="localarticle",
            constraint=models.CheckConstraint(
                condition=models.Q(("availability", None), ("availability__in", ["IN_STOCK", "LOW", "OUT"]), _connector="OR"), name="catalog_local_availability"
            ),
        ),
        migrations.AddConstraint(
            model_name="localarticle",
            constraint=models.CheckConstraint(
                condition=models.Q(("article_type", None), ("article_type__in", ["H", "T", "R", "I", "Tj"]), _connector="OR"), name="catalog_local_type"
            ),
        ),
        migrations.AddConstraint(
            model_name="localarticle",
            constraint=models.CheckConstraint(condition=models.Q(("shown_price", None), ("shown_price__gte", 0), _connector="OR"), name="catalog_local_price"),
        ),
    ]
