import datetime
import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import pgtrigger.compiler
from django.db import migrations, models

from core.first_migrations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("buffer", "0001_initial"),
        ("catalog", "0001_initial"),
        ("integration", "0001_initial"),
        ("patients", "0001_initial"),
    ]

    operations = [
        CreateModels(
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
                name="ReceiptUpload",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("key", models.UUIDField(db_index=True)),
                    ("choice", models.CharField(blank=True, max_length=30)),
                    ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                    ("created_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ("attachment", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="integration.attachment")),
                    ("by", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.assignment")),
                ],
            ),
            migrations.CreateModel(
                name="ReturnReceipt",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("number", models.CharField(max_length=17, unique=True, verbose_name="kvittonummer")),
                    ("version", models.PositiveIntegerField(default=1, verbose_name="gällande version")),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="skrivet")),
                    (
                        "patient",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="return_receipts", to="patients.patient", verbose_name="patient"
                        ),
                    ),
                    (
                        "unit",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careunit", verbose_name="vårdenhet"),
                    ),
                ],
                options={
                    "verbose_name": "återlämningskvitto",
                    "verbose_name_plural": "återlämningskvitton",
                    "indexes": [
                        models.Index(fields=["unit", "-created_at", "-id"], name="unit_receipts"),
                        models.Index(fields=["patient", "-created_at", "-id"], name="patient_receipts"),
                    ],
                    "constraints": [models.CheckConstraint(condition=models.Q(("version__gte", 1)), name="receipt_version_is_positive")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="follows_merge",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                declare="DECLARE kept BIGINT;",
                                func="\n            SELECT merged_into_id INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;\n            NEW.patient_id := coalesce(kept, NEW.patient_id);\n            RETURN NEW;\n        ",
                                hash="87a0adc31e108b415e5b27085c724c0642276a0c",
                                operation='INSERT OR UPDATE OF "patient_id"',
                                pgid="pgtrigger_follows_merge_1c974",
                                table="pickups_returnreceipt",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="receipt_stays",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func='RAISE EXCEPTION \'pgtrigger: Cannot update of "number", "unit_id", "created_at" or delete rows from % table\', TG_TABLE_NAME;',
                                hash="9a3b0d67f0b2e8ab7d402d15c1392287487c7620",
                                operation='UPDATE OF "number", "unit_id", "created_at" OR DELETE',
                                pgid="pgtrigger_receipt_stays_d38a0",
                                table="pickups_returnreceipt",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="receipt_goes_on",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                condition="WHEN (NEW.version < OLD.version)",
                                func="RAISE EXCEPTION 'a receipt has no earlier version again';",
                                hash="e3b1e5617e096ef58faaa2e0988f0156e7bdbb4a",
                                operation='UPDATE OF "version"',
                                pgid="pgtrigger_receipt_goes_on_ee3f9",
                                table="pickups_returnreceipt",
                                when="BEFORE",
                            ),
                        ),
                    ],
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
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer", verbose_name="kund"
                        ),
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
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient", verbose_name="patient"
                        ),
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
                    (
                        "unit",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careunit", verbose_name="vårdenhet"),
                    ),
                ],
                options={
                    "verbose_name": "hämtorder",
                    "verbose_name_plural": "hämtorder",
                    "indexes": [
                        models.Index(condition=models.Q(("number__isnull", False)), fields=["unit", "-placed_at", "-id"], name="unit_pickups"),
                        models.Index(
                            condition=models.Q(("status__in", ["PLACED", "RECEIVED", "PLANNED", "PICKED_UP"])),
                            fields=["unit", "-placed_at", "-id"],
                            name="unit_open_pickups",
                        ),
                        models.Index(
                            condition=models.Q(("status", "PLANNED")),
                            fields=["unit", "promised_on", "postal_code", "street", "id"],
                            name="unit_planned_pickups",
                        ),
                        models.Index(condition=models.Q(("number__isnull", False)), fields=["unit", "status", "-placed_at", "-id"], name="unit_status_pickups"),
                        models.Index(
                            models.F("unit"),
                            django.db.models.functions.comparison.Coalesce("promised_on", models.Value(datetime.date(9999, 12, 31))),
                            models.F("id"),
                            condition=models.Q(("number__isnull", False)),
                            name="unit_pickups_by_day",
                        ),
                        models.Index(condition=models.Q(("number__isnull", False)), fields=["patient", "-placed_at", "-id"], name="patient_pickups"),
                        models.Index(
                            condition=models.Q(("number__isnull", False), ("store__isnull", False)), fields=["store", "-placed_at", "-id"], name="store_pickups"
                        ),
                        models.Index(condition=models.Q(("status", "DRAFT")), fields=["unit", "-changed_at", "-id"], name="unit_pickup_drafts"),
                        models.Index(
                            models.OrderBy(models.F("deregister_by")),
                            condition=models.Q(("status__in", ["PLACED", "RECEIVED", "PLANNED", "PICKED_UP"]), ("told_late_at__isnull", True)),
                            name="pickups_to_watch",
                        ),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("status__in", ["DRAFT", "PLACED", "RECEIVED", "PLANNED", "PICKED_UP", "DEREGISTERED", "CANCELLED"])),
                            name="pickup_status_is_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("reason", ""),
                                ("reason__in", ["NOT_NEEDED", "EXCHANGE", "END_OF_TRIAL", "DECEASED", "MOVED", "WRONG_DELIVERY", "INVESTIGATION", "OTHER"]),
                                _connector="OR",
                            ),
                            name="pickup_reason_is_known",
                        ),
                        models.CheckConstraint(
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
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("number__isnull", True), ("placed_at__isnull", True)),
                                models.Q(("number__isnull", False), ("placed_at__isnull", False)),
                                _connector="OR",
                            ),
                            name="pickup_number_comes_with_sending",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("number__isnull", True), ("is_cleaned", True), ("reason", "INVESTIGATION"), _connector="OR"),
                            name="what_is_returned_is_cleaned",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("number__isnull", True), ("has_infection_risk", False), models.Q(("infection_note", ""), _negated=True), _connector="OR"
                            ),
                            name="pickup_infection_risk_is_explained",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("patient", None), ("store", None), _connector="XOR"), name="pickup_is_from_a_patient_or_a_store"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("number__isnull", True),
                                models.Q(
                                    ("deregister_by__isnull", False),
                                    ("fetch_by__isnull", False),
                                    models.Q(("store", None), ("rent_ends_on", None), _connector="XOR"),
                                ),
                                _connector="OR",
                            ),
                            name="sent_pickup_tells_what_follows",
                        ),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
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
                        )
                    ],
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
                    "indexes": [
                        models.Index(condition=models.Q(("individual_number", ""), _negated=True), fields=["individual_number"], name="pickups_of_aid")
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("order", "line"), name="pickup_line_once_per_order"),
                        models.UniqueConstraint(condition=models.Q(("loan__isnull", False)), fields=("order", "loan"), name="loan_once_per_pickup"),
                        models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="pickup_quantity_is_positive"),
                        models.CheckConstraint(
                            condition=models.Q(("individual_number", ""), ("quantity", 1), _connector="OR"), name="fetched_individual_is_one"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("individual_number", ""),
                                ("part_of_individual", ""),
                                models.Q(("individual_number", models.F("part_of_individual")), _negated=True),
                                _connector="OR",
                            ),
                            name="item_is_no_part_of_itself",
                        ),
                    ],
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
                    "indexes": [models.Index(fields=["order", "id"], name="pickup_history")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
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
                        pgtrigger.compiler.Trigger(
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
                    ],
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
                    "indexes": [models.Index(fields=["order", "-id"], name="pickup_place_changes")],
                },
            ),
            migrations.CreateModel(
                name="ReceiptVersion",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    ("version", models.PositiveIntegerField(verbose_name="version")),
                    ("key", models.UUIDField(unique=True)),
                    ("fingerprint", models.CharField(max_length=64)),
                    ("written_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="skrivet")),
                    ("correction", models.CharField(blank=True, max_length=500, verbose_name="varför det rättades")),
                    ("handed_over_by", models.CharField(max_length=200, verbose_name="lämnat av")),
                    ("received_at", models.DateTimeField(verbose_name="mottaget")),
                    (
                        "signing",
                        models.CharField(
                            choices=[("DRAWN", "Underskrift på skärmen"), ("TYPED", "Namnet skrivet på tangentbordet"), ("NONE", "Inte underskrivet")],
                            max_length=5,
                            verbose_name="underskrift",
                        ),
                    ),
                    ("signed_name", models.CharField(blank=True, max_length=200, verbose_name="namnteckning")),
                    ("unsigned_reason", models.CharField(blank=True, max_length=500, verbose_name="varför det inte är underskrivet")),
                    (
                        "delivery_point",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.deliverypoint", verbose_name="leveranspunkt"
                        ),
                    ),
                    (
                        "order",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pickups.pickuporder", verbose_name="hämtorder"
                        ),
                    ),
                    (
                        "received_by",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="mottaget av"),
                    ),
                    (
                        "written_by",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="skrivet av"),
                    ),
                    ("receipt", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="pickups.returnreceipt")),
                ],
                options={
                    "verbose_name": "version av återlämningskvitto",
                    "verbose_name_plural": "versioner av återlämningskvitton",
                    "constraints": [
                        models.UniqueConstraint(fields=("receipt", "version"), name="receipt_version_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("correction", ""), ("version", 1)),
                                models.Q(("version__gt", 1), models.Q(("correction", ""), _negated=True)),
                                _connector="OR",
                            ),
                            name="receipt_correction_says_why",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("signed_name", ""), ("signing", "DRAWN"), ("unsigned_reason", "")),
                                models.Q(("signing", "TYPED"), ("unsigned_reason", ""), models.Q(("signed_name", ""), _negated=True)),
                                models.Q(("signed_name", ""), ("signing", "NONE"), models.Q(("unsigned_reason", ""), _negated=True)),
                                _connector="OR",
                            ),
                            name="receipt_is_signed_or_says_why_not",
                        ),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="fea97ab8a39a24dd5c7e47c0b8d4d7dc03a3be2f",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_b1d4b",
                                table="pickups_receiptversion",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="ec9d1fede5c7a357ab036669ea6207d57dc5d5c2",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_f29fc",
                                table="pickups_receiptversion",
                                when="BEFORE",
                            ),
                        ),
                    ],
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
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("order", "sequence"), name="pickup_report_once_per_message"),
                        models.CheckConstraint(
                            condition=models.Q(("state__in", ["PLANNED", "PICKED_UP", "DEREGISTERED"])), name="pickup_report_state_is_known"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReceiptItem",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("line", models.PositiveIntegerField(verbose_name="rad")),
                    ("name", models.CharField(max_length=255, verbose_name="hjälpmedel")),
                    ("article_number", models.CharField(blank=True, max_length=100, verbose_name="artikelnummer")),
                    ("individual_number", models.CharField(blank=True, max_length=100, verbose_name="individnummer")),
                    ("quantity", models.PositiveIntegerField(default=1, verbose_name="antal")),
                    (
                        "condition",
                        models.CharField(
                            choices=[("OK", "Hel"), ("WORN", "Sliten"), ("DAMAGED", "Skadad"), ("INCOMPLETE", "Delar saknas")],
                            max_length=10,
                            verbose_name="skick",
                        ),
                    ),
                    ("note", models.CharField(blank=True, max_length=500, verbose_name="anteckning")),
                    ("is_again", models.BooleanField(default=False, verbose_name="lämnat igen")),
                    ("article", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.article")),
                    ("loan", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="receipt_items", to="patients.loan")),
                    (
                        "pickup_item",
                        models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="receipt_items", to="pickups.pickupitem"),
                    ),
                    ("version", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="items", to="pickups.receiptversion")),
                ],
                options={
                    "verbose_name": "hjälpmedel på kvitto",
                    "verbose_name_plural": "hjälpmedel på kvitto",
                    "indexes": [
                        models.Index(condition=models.Q(("individual_number", ""), _negated=True), fields=["individual_number"], name="receipts_of_aid")
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("version", "line"), name="receipt_line_once"),
                        models.UniqueConstraint(condition=models.Q(("loan__isnull", False)), fields=("version", "loan"), name="loan_once_per_receipt"),
                        models.UniqueConstraint(
                            condition=models.Q(("pickup_item__isnull", False)), fields=("version", "pickup_item"), name="pickup_item_once_per_receipt"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("loan__isnull", False), ("pickup_item__isnull", False), _connector="OR"), name="receipt_item_is_something"
                        ),
                        models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="receipt_quantity_is_positive"),
                        models.CheckConstraint(
                            condition=models.Q(("individual_number", ""), ("quantity", 1), _connector="OR"), name="returned_individual_is_one"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("condition__in", ["OK", "WORN", "DAMAGED", "INCOMPLETE"])), name="receipt_condition_is_known"
                        ),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="426247f2dcf0482d24857de6a30adf85e2eff6d1",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_038d8",
                                table="pickups_receiptitem",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="9885f9830164fb180f66da3a604482c58f716d07",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_30edc",
                                table="pickups_receiptitem",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ReceiptFile",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("content", models.CharField(choices=[("SIGNATURE", "Underskrift"), ("PHOTO", "Foto")], max_length=10, verbose_name="vad det är")),
                    ("is_sent", models.BooleanField(verbose_name="skickad till SESAM2")),
                    ("attachment", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="integration.attachment")),
                    ("item", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="photos", to="pickups.receiptitem")),
                    ("version", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="files", to="pickups.receiptversion")),
                ],
                options={
                    "verbose_name": "fil till kvitto",
                    "verbose_name_plural": "filer till kvitton",
                    "constraints": [
                        models.UniqueConstraint(fields=("version", "attachment"), name="attachment_once_per_receipt_version"),
                        models.UniqueConstraint(condition=models.Q(("content", "SIGNATURE")), fields=("version",), name="one_signature_per_receipt_version"),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="40329d267e0d440f2c4a07909dc75918c0d1162d",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_24444",
                                table="pickups_receiptfile",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="89af9013ef7eca5a9ff73ffa54ead5b6da01f179",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_c149e",
                                table="pickups_receiptfile",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
        ),
    ]
