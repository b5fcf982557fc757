import uuid

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0004_holiday"),
        ("buffer", "0001_initial"),
        ("catalog", "0010_individual_is_on_loan"),
        ("patients", "0005_loan_tells_individual"),
    ]

    operations = [
        migrations.CreateModel(
            name="LoadCarrier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="namn")),
                ("is_active", models.BooleanField(default=True, verbose_name="används")),
            ],
            options={
                "verbose_name": "lastbärare",
                "verbose_name_plural": "lastbärare",
            },
        ),
        migrations.CreateModel(
            name="PickupOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.CharField(max_length=17, null=True, unique=True, verbose_name="ordernummer")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="skapad")),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="ändrad")),
                ("placed_at", models.DateTimeField(null=True, verbose_name="skickad")),
                ("erp_number", models.CharField(blank=True, max_length=100, verbose_name="ordernummer i SESAM2")),
                ("customer_number", models.CharField(blank=True, max_length=35, verbose_name="kundnummer")),
                ("payer_number", models.CharField(blank=True, max_length=35, verbose_name="betalare, nummer")),
                ("payer_name", models.CharField(blank=True, max_length=200, verbose_name="betalare, namn")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("promised_on", models.DateField(null=True, verbose_name="leveransdatum")),
                ("is_delayed", models.BooleanField(default=False, verbose_name="försenad")),
                ("is_cancelled", models.BooleanField(default=False, verbose_name="makulerad som helhet")),
                ("cancellation_requested_at", models.DateTimeField(null=True, verbose_name="makulering begärd")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("HOME", "Hem till patienten"),
                            ("DELIVERY_POINT", "Leveranspunkt"),
                            ("UNIT", "Min enhet"),
                            ("MANUAL_CONTACT", "Centralen kontaktar enheten"),
                        ],
                        default="HOME",
                        max_length=16,
                        verbose_name="leveranssätt",
                    ),
                ),
                ("recipient_name", models.CharField(blank=True, max_length=200)),
                ("care_of", models.CharField(blank=True, max_length=100)),
                ("street", models.CharField(blank=True, max_length=200)),
                ("postal_code", models.CharField(blank=True, max_length=5)),
                ("city", models.CharField(blank=True, max_length=100)),
                ("door_code", models.CharField(blank=True, max_length=20)),
                ("has_no_door_code", models.BooleanField(default=False)),
                ("is_hospital", models.BooleanField(default=False)),
                ("contact_name", models.CharField(blank=True, max_length=200, verbose_name="kontaktperson")),
                ("contact_phone", models.CharField(blank=True, max_length=20, verbose_name="kontaktpersonens telefon")),
                ("instructions", models.CharField(blank=True, max_length=500, verbose_name="meddelande")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Utkast"),
                            ("PLACED", "Skickad"),
                            ("RECEIVED", "Mottagen"),
                            ("PLANNED", "Planerad"),
                            ("PICKED_UP", "Hämtad"),
                            ("DEREGISTERED", "Avregistrerad"),
                            ("CANCELLED", "Makulerad"),
                        ],
                        default="DRAFT",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NOT_NEEDED", "Behövs inte längre"),
                            ("EXCHANGE", "Byte"),
                            ("END_OF_TRIAL", "Provtiden är slut"),
                            ("DECEASED", "Patienten har avlidit (dödsbo)"),
                            ("MOVED", "Patienten har flyttat"),
                            ("WRONG_DELIVERY", "Felleverans"),
                            ("INVESTIGATION", "Utredning efter felrapport"),
                            ("OTHER", "Annat"),
                        ],
                        max_length=16,
                        verbose_name="orsak",
                    ),
                ),
                ("has_other_address", models.BooleanField(default=False, verbose_name="hämtas på en annan adress")),
                ("is_cleaned", models.BooleanField(null=True, verbose_name="rengjort")),
                ("has_infection_risk", models.BooleanField(default=False, verbose_name="smittrisk")),
                ("infection_note", models.CharField(blank=True, max_length=500, verbose_name="vad som är gjort mot smittan")),
                ("fetch_by", models.DateField(null=True, verbose_name="hämtas senast")),
                ("rent_ends_on", models.DateField(null=True, verbose_name="hyran slutar")),
                ("deregister_by", models.DateField(null=True, verbose_name="borta från patientens lista senast")),
                ("received_sequence", models.PositiveIntegerField(default=0)),
                ("cancelled_sequence", models.PositiveIntegerField(default=0)),
                ("date_sequence", models.PositiveIntegerField(default=0)),
                ("delayed_sequence", models.PositiveIntegerField(default=0)),
                ("told_late_at", models.DateTimeField(null=True)),
                (
                    "again_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ordered_again",
                        to="pickups.pickuporder",
                        verbose_name="beställd igen från",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer", verbose_name="kund"),
                ),
                (
                    "delivery_point",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.deliverypoint", verbose_name="leveranspunkt"
                    ),
                ),
                (
                    "load_carrier",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pickups.loadcarrier", verbose_name="lastbärare"
                    ),
                ),
                (
                    "orderer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="beställare"),
                ),
                (
                    "patient",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient", verbose_name="patient"),
                ),
                (
                    "prescriber",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="förskrivare"),
                ),
                (
                    "store",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="pickups", to="buffer.store", verbose_name="buffertförråd"
                    ),
                ),
                ("unit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careunit", verbose_name="vårdenhet")),
            ],
            options={
                "verbose_name": "hämtorder",
                "verbose_name_plural": "hämtorder",
            },
        ),
        migrations.CreateModel(
            name="PickupItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField(verbose_name="rad")),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="antal")),
                ("individual_number", models.CharField(blank=True, max_length=100, verbose_name="individnummer")),
                ("part_of_individual", models.CharField(blank=True, max_length=100, verbose_name="sitter på individ")),
                ("article_name", models.CharField(max_length=255, verbose_name="artikelnamn")),
                ("article_number", models.CharField(max_length=100, verbose_name="artikelnummer")),
                ("confirmed_quantity", models.PositiveIntegerField(null=True, verbose_name="bekräftat antal")),
                ("response_sequence", models.PositiveIntegerField(default=0)),
                ("cancelled_sequence", models.PositiveIntegerField(null=True, verbose_name="makulerad av meddelande")),
                ("cancelled_reason", models.CharField(blank=True, max_length=500)),
                ("is_cancellation_requested", models.BooleanField(default=False, verbose_name="makulering begärd")),
                ("found", models.BooleanField(null=True, verbose_name="hittad")),
                ("found_sequence", models.PositiveIntegerField(default=0)),
                ("article", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.article")),
                (
                    "loan",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="pickup_items", to="patients.loan", verbose_name="lån"
                    ),
                ),
                ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="items", to="pickups.pickuporder")),
            ],
            options={
                "verbose_name": "hjälpmedel att hämta",
                "verbose_name_plural": "hjälpmedel att hämta",
            },
        ),
        migrations.CreateModel(
            name="PickupHistory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.CharField(max_length=30)),
                ("old", models.CharField(max_length=20)),
                ("new", models.CharField(max_length=20)),
                ("note", models.TextField(blank=True)),
                ("details", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="pickups.pickuporder")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PickupTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fetched_within", models.PositiveSmallIntegerField(default=7, verbose_name="hämtas inom, arbetsdagar")),
                ("rent_ends_after", models.PositiveSmallIntegerField(default=3, verbose_name="hyran slutar efter, arbetsdagar")),
                ("deregistered_within", models.PositiveSmallIntegerField(default=7, verbose_name="borta från patientens lista inom, arbetsdagar")),
            ],
            options={
                "verbose_name": "villkor för hämtning",
                "verbose_name_plural": "villkor för hämtning",
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="pickup_terms_are_one_row")],
            },
        ),
        migrations.CreateModel(
            name="PlaceChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                ("refused_at", models.DateTimeField(null=True)),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="delivery_changes", to="pickups.pickuporder")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="StatusReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveIntegerField()),
                ("state", models.CharField(choices=[("PLANNED", "Planerad"), ("PICKED_UP", "Hämtad"), ("DEREGISTERED", "Avregistrerad")], max_length=12)),
                ("pickup_on", models.DateField(null=True)),
                ("is_itemised", models.BooleanField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="pickups.pickuporder")),
            ],
        ),
        migrations.AddIndex(
            model_name="pickuporder",
            index=models.Index(condition=models.Q(("number__isnull", False)), fields=["unit", "-placed_at", "-id"], name="unit_pickups"),
        ),
        migrations.AddIndex(
            model_name="pickuporder",
            index=models.Index(
                condition=models.Q(("status__in", ["PLACED", "RECEIVED", "PLANNED", "PICKED_UP"])),
                fields=["unit", "-placed_at", "-id"],
                name="unit_open_pickups",
            ),
        ),
        migrations.AddIndex(
            model_name="pickuporder",
            index=models.Index(
                condition=models.Q(("status", "PLANNED")), fields=["unit", "promised_on", "postal_code", "street", "id"], name="unit_planned_pickups"
            ),
        ),
        migrations.AddIndex(
            model_name="pickuporder",
            index=models.Index(condition=models.Q(("number__isnull", False)), fields=["patient", "-placed_at", "-id"], name="patient_pickups"),
        ),
        migrations.AddIndex(
            model_name="pickuporder",
            index=models.Index(
                condition=models.Q(("number__isnull", False), ("store__isnull", False)), fields=["store", "-placed_at", "-id"], name="store_pickups"
            ),
        ),
        migrations.AddIndex(
            model_name="pickuporder",
            index=models.Index(condition=models.Q(("status", "DRAFT")), fields=["unit", "-changed_at", "-id"], name="unit_pickup_drafts"),
        ),
        migrations.AddIndex(
            model_name="pickuporder",
            index=models.Index(
                models.OrderBy(models.F("deregister_by")),
                condition=models.Q(("status__in", ["PLACED", "RECEIVED", "PLANNED", "PICKED_UP"]), ("told_late_at__isnull", True)),
                name="pickups_to_watch",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickuporder",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["DRAFT", "PLACED", "RECEIVED", "PLANNED", "PICKED_UP", "DEREGISTERED", "CANCELLED"])),
                name="pickup_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickuporder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason", ""),
                    ("reason__in", ["NOT_NEEDED", "EXCHANGE", "END_OF_TRIAL", "DECEASED", "MOVED", "WRONG_DELIVERY", "INVESTIGATION", "OTHER"]),
                    _connector="OR",
                ),
                name="pickup_reason_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickuporder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["DRAFT", "CANCELLED"]),
                    models.Q(
                        ("customer__isnull", False),
                        ("is_cleaned__isnull", False),
                        ("number__isnull", False),
                        ("placed_at__isnull", False),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="sent_pickup_is_complete",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickuporder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("number__isnull", True), ("placed_at__isnull", True)),
                    models.Q(("number__isnull", False), ("placed_at__isnull", False)),
                    _connector="OR",
                ),
                name="pickup_number_comes_with_sending",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickuporder",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__isnull", True), ("is_cleaned", True), ("reason", "INVESTIGATION"), _connector="OR"),
                name="what_is_returned_is_cleaned",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickuporder",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__isnull", True), ("has_infection_risk", False), models.Q(("infection_note", ""), _negated=True), _connector="OR"),
                name="pickup_infection_risk_is_explained",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickuporder",
            constraint=models.CheckConstraint(
                condition=models.Q(("patient", None), ("store", None), _connector="XOR"), name="pickup_is_from_a_patient_or_a_store"
            ),
        ),
        migrations.AddConstraint(
            model_name="pickuporder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number__isnull", True),
                    models.Q(
                        ("deregister_by__isnull", False), ("fetch_by__isnull", False), models.Q(("store", None), ("rent_ends_on", None), _connector="XOR")
                    ),
                    _connector="OR",
                ),
                name="sent_pickup_tells_what_follows",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="pickuporder",
            trigger=pgtrigger.compiler.Trigger(
                name="follows_merge",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE kept BIGINT;",
                    func="\n            SELECT merged_into_id INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;\n            NEW.patient_id := coalesce(kept, NEW.patient_id);\n            RETURN NEW;\n        ",
                    hash="83e5bacac6fd2eb8fe551bf040e0e8ac4b3e616c",
                    operation='INSERT OR UPDATE OF "patient_id"',
                    pgid="pgtrigger_follows_merge_337d5",
                    table="pickups_pickuporder",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="pickupitem",
            index=models.Index(condition=models.Q(("individual_number", ""), _negated=True), fields=["individual_number"], name="pickups_of_aid"),
        ),
        migrations.AddConstraint(
            model_name="pickupitem",
            constraint=models.UniqueConstraint(fields=("order", "line"), name="pickup_line_once_per_order"),
        ),
        migrations.AddConstraint(
            model_name="pickupitem",
            constraint=models.UniqueConstraint(condition=models.Q(("loan__isnull", False)), fields=("order", "loan"), name="loan_once_per_pickup"),
        ),
        migrations.AddConstraint(
            model_name="pickupitem",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="pickup_quantity_is_positive"),
        ),
        migrations.AddConstraint(
            model_name="pickupitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("individual_number", ""), ("quantity", 1), _connector="OR"), name="fetched_individual_is_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="pickupitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("individual_number", ""),
                    ("part_of_individual", ""),
                    models.Q(("individual_number", models.F("part_of_individual")), _negated=True),
                    _connector="OR",
                ),
                name="item_is_no_part_of_itself",
            ),
        ),
        migrations.AddIndex(
            model_name="pickuphistory",
            index=models.Index(fields=["order", "id"], name="pickup_history"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="pickuphistory",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="209e7a27bc3435275bd83f152fb6682d501e9549",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_87a19",
                    table="pickups_pickuphistory",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="pickuphistory",
            trigger=pgtrigger.compiler.Trigger(
                name="no_truncate",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'append-only table';",
                    hash="b75d7de01008eaffaf0ee2bce0bc3bbf481979f2",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_no_truncate_93e1d",
                    table="pickups_pickuphistory",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="placechange",
            index=models.Index(fields=["order", "-id"], name="pickup_place_changes"),
        ),
        migrations.AddConstraint(
            model_name="statusreport",
            constraint=models.UniqueConstraint(fields=("order", "sequence"), name="pickup_report_once_per_message"),
        ),
        migrations.AddConstraint(
            model_name="statusreport",
            constraint=models.CheckConstraint(condition=models.Q(("state__in", ["PLANNED", "PICKED_UP", "DEREGISTERED"])), name="pickup_report_state_is_known"),
        ),
    ]
