import uuid

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.models
from core.first_migrations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="CareProvider",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("hsa_id", accounts.models.HsaIdField(max_length=31, unique=True, verbose_name="HSA-id")),
                    ("name", models.CharField(max_length=200, verbose_name="namn")),
                    (
                        "kind",
                        models.CharField(choices=[("REGION", "region"), ("MUNICIPALITY", "kommun"), ("PRIVATE", "privat")], max_length=12, verbose_name="slag"),
                    ),
                    ("municipality_code", models.CharField(blank=True, max_length=4, verbose_name="kommunkod")),
                ],
                options={
                    "verbose_name": "vårdgivare",
                    "verbose_name_plural": "vårdgivare",
                },
            ),
            migrations.CreateModel(
                name="User",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("password", models.CharField(max_length=128, verbose_name="password")),
                    ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                    (
                        "is_superuser",
                        models.BooleanField(
                            default=False,
                            help_text="Designates that this user has all permissions without explicitly assigning them.",
                            verbose_name="superuser status",
                        ),
                    ),
                    ("hsa_id", accounts.models.HsaIdField(max_length=31, unique=True, verbose_name="HSA-id")),
                    ("name", models.CharField(max_length=200, verbose_name="namn")),
                    ("title", models.CharField(blank=True, max_length=100, verbose_name="yrke")),
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
                            help_text="Avgör vad personen får förskriva. Utan yrkesgrupp gäller det som gäller alla yrken.",
                            max_length=5,
                            verbose_name="yrkesgrupp",
                        ),
                    ),
                    ("phone", models.CharField(blank=True, max_length=20, verbose_name="direkttelefon")),
                    ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-post")),
                    ("is_active", models.BooleanField(default=True, verbose_name="aktiv")),
                    (
                        "is_staff",
                        models.BooleanField(
                            default=False, help_text="Får använda administrationen. Ger ingen rätt till patientuppgifter.", verbose_name="administratör"
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="upplagd")),
                    (
                        "groups",
                        models.ManyToManyField(
                            blank=True,
                            help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                            related_name="user_set",
                            related_query_name="user",
                            to="auth.group",
                            verbose_name="groups",
                        ),
                    ),
                    (
                        "user_permissions",
                        models.ManyToManyField(
                            blank=True,
                            help_text="Specific permissions for this user.",
                            related_name="user_set",
                            related_query_name="user",
                            to="auth.permission",
                            verbose_name="user permissions",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "användare",
                    "verbose_name_plural": "användare",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("profession__in", ["", "AT", "AU", "BM", "DT", "FT", "HK", "KP", "LG", "LK", "NA", "OP", "OT", "PS", "SJ", "TL", "OTHER"])
                            ),
                            name="profession_is_known",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Holiday",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "eve",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("TWELFTH_NIGHT", "trettondagsafton, 5 januari"),
                                ("MAUNDY_THURSDAY", "skärtorsdagen"),
                                ("WALPURGIS_NIGHT", "valborgsmässoafton, 30 april"),
                                ("AFTER_ASCENSION", "dagen efter Kristi himmelsfärdsdag"),
                                ("BEFORE_NATIONAL_DAY", "dagen före nationaldagen, 5 juni"),
                                ("MIDSUMMER_EVE", "midsommarafton"),
                                ("ALL_SAINTS_EVE", "allhelgonaafton"),
                                ("BEFORE_CHRISTMAS_EVE", "dagen före julafton, 23 december"),
                                ("CHRISTMAS_EVE", "julafton"),
                                ("NEW_YEARS_EVE", "nyårsafton"),
                            ],
                            help_text="Välj en dag som återkommer, eller skriv ett datum nedan.",
                            max_length=20,
                            verbose_name="varje år",
                        ),
                    ),
                    ("day", models.DateField(blank=True, null=True, verbose_name="bara datumet")),
                    ("is_workday", models.BooleanField(default=False, help_text="Annars räknas dagen som ledig.", verbose_name="räknas som arbetsdag")),
                    ("name", models.CharField(blank=True, max_length=100, verbose_name="anteckning")),
                ],
                options={
                    "verbose_name": "helgdag och ledig dag",
                    "verbose_name_plural": "helgdagar och lediga dagar",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("day__isnull", False), ("eve", "")),
                                models.Q(models.Q(("eve", ""), _negated=True), ("day__isnull", True)),
                                _connector="OR",
                            ),
                            name="holiday_is_an_eve_or_a_day",
                            violation_error_message="Välj antingen en dag som återkommer varje år eller ett datum.",
                        ),
                        models.UniqueConstraint(condition=models.Q(("eve", ""), _negated=True), fields=("eve",), name="eve_once"),
                        models.UniqueConstraint(condition=models.Q(("day__isnull", False)), fields=("day",), name="day_once"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="CareUnit",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("hsa_id", accounts.models.HsaIdField(max_length=31, unique=True, verbose_name="HSA-id")),
                    ("name", models.CharField(max_length=200, verbose_name="namn")),
                    ("phone", models.CharField(blank=True, max_length=20, verbose_name="telefon")),
                    ("street", models.CharField(blank=True, max_length=200, verbose_name="gatuadress")),
                    (
                        "postal_code",
                        models.CharField(
                            blank=True,
                            max_length=5,
                            validators=[django.core.validators.RegexValidator("^[1-9][0-9]{4}\\Z", "Skriv postnumret med fem siffror utan mellanslag.")],
                            verbose_name="postnummer",
                        ),
                    ),
                    ("city", models.CharField(blank=True, max_length=100, verbose_name="ort")),
                    (
                        "is_hospital",
                        models.BooleanField(default=False, help_text="Leveranser hit blir aldrig kvitterade, bara levererade.", verbose_name="sjukhus"),
                    ),
                    (
                        "may_see_protected",
                        models.BooleanField(
                            default=False, help_text="Gäller dem vid enheten som annars får öppna patienter.", verbose_name="får öppna skyddade personer"
                        ),
                    ),
                    (
                        "provider",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="units", to="accounts.careprovider", verbose_name="vårdgivare"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "vårdenhet",
                    "verbose_name_plural": "vårdenheter",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("postal_code", ""), ("postal_code__regex", "^[1-9][0-9]{4}$"), _connector="OR"),
                            name="unit_postal_code_is_five_digits",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="DeliveryPoint",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("number", models.CharField(max_length=35, unique=True, verbose_name="nummer")),
                    ("name", models.CharField(max_length=200, verbose_name="namn")),
                    ("street", models.CharField(max_length=200, verbose_name="gatuadress")),
                    (
                        "postal_code",
                        models.CharField(
                            max_length=5,
                            validators=[django.core.validators.RegexValidator("^[1-9][0-9]{4}\\Z", "Skriv postnumret med fem siffror utan mellanslag.")],
                            verbose_name="postnummer",
                        ),
                    ),
                    ("city", models.CharField(max_length=100, verbose_name="ort")),
                    ("door_code", models.CharField(blank=True, max_length=20, verbose_name="portkod")),
                    ("is_active", models.BooleanField(default=True, verbose_name="används")),
                    (
                        "provider",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="delivery_points", to="accounts.careprovider", verbose_name="vårdgivare"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "leveranspunkt",
                    "verbose_name_plural": "leveranspunkter",
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("postal_code__regex", "^[1-9][0-9]{4}$")), name="point_postal_code_is_five_digits")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Assignment",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "role",
                        models.CharField(
                            choices=[
                                ("PRESCRIBER", "förskrivare"),
                                ("ORDERER", "beställare"),
                                ("STORE_MANAGER", "buffertansvarig"),
                                ("INVOICE_READER", "fakturaläsare"),
                                ("DEVIATION_HANDLER", "avvikelsehandläggare"),
                                ("UNIT_ADMIN", "enhetsadministratör"),
                                ("LOG_REVIEWER", "loggranskare"),
                                ("APPROVER", "attestant"),
                                ("SUPPORT", "support"),
                            ],
                            max_length=20,
                            verbose_name="roll",
                        ),
                    ),
                    ("hsa_id", models.CharField(blank=True, max_length=31, verbose_name="uppdragets HSA-id")),
                    ("starts_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="från och med")),
                    ("ends_on", models.DateField(blank=True, null=True, verbose_name="till och med")),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to=settings.AUTH_USER_MODEL, verbose_name="användare"
                        ),
                    ),
                    (
                        "unit",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="accounts.careunit", verbose_name="vårdenhet"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "uppdrag",
                    "verbose_name_plural": "uppdrag",
                    "constraints": [
                        models.UniqueConstraint(fields=("user", "unit", "role"), name="one_assignment_per_user_unit_role"),
                        models.CheckConstraint(
                            condition=models.Q(
                                (
                                    "role__in",
                                    [
                                        "PRESCRIBER",
                                        "ORDERER",
                                        "STORE_MANAGER",
                                        "INVOICE_READER",
                                        "DEVIATION_HANDLER",
                                        "UNIT_ADMIN",
                                        "LOG_REVIEWER",
                                        "APPROVER",
                                        "SUPPORT",
                                    ],
                                )
                            ),
                            name="assignment_role_is_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                            name="assignment_ends_after_start",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Customer",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("number", models.CharField(max_length=35, unique=True, verbose_name="kundnummer")),
                    ("name", models.CharField(max_length=200, verbose_name="namn")),
                    ("payer_number", models.CharField(max_length=35, verbose_name="betalare, nummer")),
                    ("payer_name", models.CharField(max_length=200, verbose_name="betalare, namn")),
                    ("is_standard", models.BooleanField(default=False, verbose_name="standardkund")),
                    (
                        "unit",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="customers", to="accounts.careunit", verbose_name="vårdenhet"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "kund",
                    "verbose_name_plural": "kunder",
                    "constraints": [
                        models.UniqueConstraint(condition=models.Q(("is_standard", True)), fields=("unit",), name="one_standard_customer_per_unit")
                    ],
                },
            ),
            migrations.CreateModel(
                name="News",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("title", models.CharField(max_length=200, verbose_name="rubrik")),
                    ("text", models.TextField(verbose_name="text")),
                    ("shown_from", models.DateTimeField(default=django.utils.timezone.now, verbose_name="visas från")),
                    ("shown_until", models.DateTimeField(blank=True, null=True, verbose_name="visas till")),
                    (
                        "provider",
                        models.ForeignKey(
                            blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="accounts.careprovider", verbose_name="bara för vårdgivare"
                        ),
                    ),
                    (
                        "units",
                        models.ManyToManyField(
                            blank=True, help_text="Ingen vald: alla.", related_name="+", to="accounts.careunit", verbose_name="bara för vårdenheter"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "nyhet",
                    "verbose_name_plural": "nyheter",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("shown_until__isnull", True), ("shown_until__gt", models.F("shown_from")), _connector="OR"),
                            name="news_ends_after_start",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Notice",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "tone",
                        models.CharField(
                            choices=[("danger", "makulerad"), ("warning", "försenad"), ("info", "upplysning"), ("success", "klart")], max_length=8
                        ),
                    ),
                    ("word", models.CharField(max_length=40)),
                    ("title", models.CharField(max_length=200)),
                    ("text", models.TextField(blank=True)),
                    ("url", models.CharField(max_length=200)),
                    ("action_url", models.CharField(blank=True, max_length=200)),
                    ("action_text", models.CharField(blank=True, max_length=40)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("read_at", models.DateTimeField(null=True)),
                    ("unit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careunit")),
                    ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="notices", to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    "verbose_name": "meddelande",
                    "verbose_name_plural": "meddelanden",
                    "indexes": [
                        models.Index(condition=models.Q(("read_at__isnull", True)), fields=["user", "unit", "-created_at", "-id"], name="unread_notices"),
                        models.Index(
                            condition=models.Q(("read_at__isnull", True)), fields=["user", "unit", "tone", "-created_at", "-id"], name="unread_notices_by_tone"
                        ),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("url__startswith", "/"), models.Q(("action_url", ""), ("action_url__startswith", "/"), _connector="OR")),
                            name="notice_url_is_our_own",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Job",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ("title", models.CharField(max_length=200, verbose_name="vad")),
                    ("back_url", models.CharField(max_length=300)),
                    (
                        "state",
                        models.CharField(
                            choices=[("WAITING", "Väntar"), ("RUNNING", "Pågår"), ("DONE", "Klart"), ("FAILED", "Gick inte")],
                            default="WAITING",
                            max_length=8,
                            verbose_name="läge",
                        ),
                    ),
                    ("step", models.CharField(blank=True, max_length=200, verbose_name="just nu")),
                    ("done", models.PositiveBigIntegerField(default=0)),
                    ("total", models.PositiveBigIntegerField(default=0)),
                    ("result_url", models.CharField(blank=True, max_length=300)),
                    ("result_text", models.CharField(blank=True, max_length=60)),
                    ("reason", models.CharField(blank=True, max_length=300, verbose_name="varför det inte gick")),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("finished_at", models.DateTimeField(null=True)),
                    (
                        "by",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="av"
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("back_url__startswith", "/"), models.Q(("result_url", ""), ("result_url__startswith", "/"), _connector="OR")),
                            name="job_urls_are_our_own",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("state__in", ["WAITING", "RUNNING"]), ("finished_at__isnull", False), _connector="XOR"),
                            name="job_is_finished_when_it_ends",
                        ),
                    ],
                },
            ),
        ),
    ]
