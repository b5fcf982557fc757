import datetime
import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import pgtrigger.compiler
from django.conf import settings
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
                name="Order",
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
                        "kind",
                        models.CharField(
                            choices=[
                                ("CUSTOMER", "Kundorder"),
                                ("WITHDRAWAL", "Uttag"),
                                ("RETURN", "Återlämning till förråd"),
                                ("STOCK", "Förrådsbeställning"),
                            ],
                            default="CUSTOMER",
                            max_length=10,
                            verbose_name="slag",
                        ),
                    ),
                    ("is_automatic", models.BooleanField(default=False, verbose_name="automatisk påfyllnad")),
                    ("gathered_for", models.DateField(null=True, verbose_name="samlad till leveransdag")),
                    ("happened_at", models.DateTimeField(null=True, verbose_name="uttaget eller återlämnat")),
                    ("late_reason", models.CharField(blank=True, max_length=200, verbose_name="registrerat sent, för att")),
                    ("press", models.UUIDField(editable=False, null=True)),
                    ("press_place", models.PositiveIntegerField(default=0, editable=False)),
                    (
                        "status",
                        models.CharField(
                            choices=[
                                ("DRAFT", "Utkast"),
                                ("WAITING_FOR_APPROVAL", "Väntar på godkännande"),
                                ("PLACED", "Skickad"),
                                ("RECEIVED", "Mottagen"),
                                ("CONFIRMED", "Bekräftad"),
                                ("PARTLY_DELIVERED", "Delvis levererad"),
                                ("DELIVERED", "Levererad"),
                                ("RECEIPTED", "Kvitterad"),
                                ("CANCELLED", "Makulerad"),
                                ("RETURNED", "Återlämnad"),
                            ],
                            default="DRAFT",
                            max_length=20,
                            verbose_name="status",
                        ),
                    ),
                    (
                        "purpose",
                        models.CharField(
                            choices=[("LOAN", "lån"), ("TRIAL", "prov"), ("SHORT_TERM", "korttidslån")], default="LOAN", max_length=12, verbose_name="syfte"
                        ),
                    ),
                    ("ends_on", models.DateField(null=True, verbose_name="till och med")),
                    ("requested_on", models.DateField(null=True, verbose_name="önskat leveransdatum")),
                    ("is_urgent", models.BooleanField(default=False, verbose_name="akut")),
                    ("urgent_fee", models.DecimalField(decimal_places=2, max_digits=10, null=True, verbose_name="akutavgift när beställningen skickades")),
                    ("accepts_equivalent", models.BooleanField(default=True, verbose_name="likvärdig artikel går bra")),
                    ("deliver_together", models.BooleanField(default=False, verbose_name="leverera allt samtidigt")),
                    ("saved_by_page", models.CharField(blank=True, max_length=36)),
                    ("reminded_of", models.DateField(null=True, verbose_name="påmind om")),
                    ("is_cancelled", models.BooleanField(default=False, verbose_name="makulerad som helhet")),
                    ("acknowledged", models.PositiveSmallIntegerField(default=0, verbose_name="besked")),
                    ("notify_sms", models.CharField(blank=True, max_length=20, verbose_name="sms till")),
                    ("notify_phone", models.CharField(blank=True, max_length=20, verbose_name="samtal till")),
                    ("notify_email", models.EmailField(blank=True, max_length=254, verbose_name="e-post till")),
                    ("notify_by_letter", models.BooleanField(default=False, verbose_name="brev")),
                    (
                        "again_of",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="ordered_again",
                            to="orders.order",
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
                        "orderer",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="beställare"
                        ),
                    ),
                    (
                        "patient",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient", verbose_name="patient"
                        ),
                    ),
                    (
                        "prescriber",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="förskrivare"
                        ),
                    ),
                    (
                        "store",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="buffer.store", verbose_name="buffertförråd"
                        ),
                    ),
                    (
                        "unit",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careunit", verbose_name="vårdenhet"),
                    ),
                ],
                options={
                    "verbose_name": "kundorder",
                    "verbose_name_plural": "kundorder",
                    "indexes": [
                        models.Index(condition=models.Q(("number__isnull", False)), fields=["unit", "-placed_at", "-id"], name="unit_orders"),
                        models.Index(
                            condition=models.Q(("status__in", ["PLACED", "RECEIVED", "CONFIRMED", "PARTLY_DELIVERED"])),
                            fields=["unit", "-placed_at", "-id"],
                            name="unit_open_orders",
                        ),
                        models.Index(
                            condition=models.Q(("number__isnull", False)), fields=["unit", "prescriber", "-placed_at", "-id"], name="unit_prescriber_orders"
                        ),
                        models.Index(
                            condition=models.Q(("status__in", ["PLACED", "RECEIVED", "CONFIRMED", "PARTLY_DELIVERED"])),
                            fields=["prescriber", "-placed_at", "-id"],
                            name="prescriber_open_orders",
                        ),
                        models.Index(condition=models.Q(("number__isnull", False)), fields=["unit", "status", "-placed_at", "-id"], name="unit_status_orders"),
                        models.Index(
                            models.F("unit"),
                            django.db.models.functions.comparison.Coalesce("promised_on", models.Value(datetime.date(9999, 12, 31))),
                            models.F("id"),
                            condition=models.Q(("number__isnull", False)),
                            name="unit_orders_by_delivery",
                        ),
                        models.Index(
                            condition=models.Q(("kind", "STOCK"), ("number__isnull", False)), fields=["store", "-placed_at", "-id"], name="store_orders"
                        ),
                        models.Index(
                            condition=models.Q(("number__isnull", False), ("store__isnull", False)),
                            fields=["unit", "kind", "-placed_at", "-id"],
                            name="unit_store_orders",
                        ),
                        models.Index(condition=models.Q(("number__isnull", False)), fields=["patient", "-placed_at", "-id"], name="patient_orders"),
                        models.Index(condition=models.Q(("status", "DRAFT")), fields=["unit", "-changed_at", "-id"], name="unit_drafts"),
                        models.Index(condition=models.Q(("status", "DRAFT")), fields=["orderer", "-changed_at", "-id"], name="own_drafts"),
                        models.Index(condition=models.Q(("status", "WAITING_FOR_APPROVAL")), fields=["unit", "changed_at", "id"], name="unit_waiting"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                (
                                    "status__in",
                                    [
                                        "DRAFT",
                                        "WAITING_FOR_APPROVAL",
                                        "PLACED",
                                        "RECEIVED",
                                        "CONFIRMED",
                                        "PARTLY_DELIVERED",
                                        "DELIVERED",
                                        "RECEIPTED",
                                        "CANCELLED",
                                        "RETURNED",
                                    ],
                                )
                            ),
                            name="order_status_is_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("status__in", ["DRAFT", "WAITING_FOR_APPROVAL", "CANCELLED"]),
                                models.Q(
                                    ("number__isnull", False),
                                    ("placed_at__isnull", False),
                                    models.Q(("customer__isnull", False), ("kind", "RETURN"), _connector="OR"),
                                ),
                                _connector="OR",
                            ),
                            name="sent_order_is_complete",
                        ),
                        models.CheckConstraint(condition=models.Q(("kind__in", ["CUSTOMER", "WITHDRAWAL", "RETURN", "STOCK"])), name="order_kind_is_known"),
                        models.CheckConstraint(
                            condition=models.Q(("kind", "STOCK"), ("patient__isnull", False), _connector="XOR"), name="all_but_stock_has_a_patient"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("kind", "STOCK"), ("prescriber__isnull", False), _connector="XOR"), name="all_but_stock_has_a_prescriber"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("is_automatic", True), ("orderer__isnull", False), _connector="XOR"), name="all_but_automatic_has_an_orderer"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("is_automatic", False), ("kind", "STOCK"), _connector="OR"), name="stock_alone_is_automatic"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("gathered_for__isnull", True), ("is_automatic", True), _connector="OR"), name="automatic_alone_is_gathered"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("kind", "CUSTOMER"), ("store__isnull", False), _connector="XOR"), name="customer_order_alone_has_no_store"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("kind__in", ["WITHDRAWAL", "RETURN"]), ("happened_at__isnull", True), _connector="XOR"),
                            name="what_happened_has_a_time",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("number__isnull", True),
                                models.Q(("kind", "CUSTOMER"), ("number__startswith", "K-")),
                                models.Q(("kind__in", ["WITHDRAWAL", "RETURN"]), ("number__startswith", "U-")),
                                models.Q(("kind", "STOCK"), ("number__startswith", "L-")),
                                _connector="OR",
                            ),
                            name="number_is_of_the_orders_series",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("press__isnull", False)), fields=("press", "press_place"), name="a_press_makes_each_order_once"
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("gathered_for__isnull", False)), fields=("store", "gathered_for"), name="one_gathered_order_per_store_and_day"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("number__isnull", True), ("placed_at__isnull", True)),
                                models.Q(("number__isnull", False), ("placed_at__isnull", False)),
                                _connector="OR",
                            ),
                            name="number_comes_with_sending",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("method", "MANUAL_CONTACT"), _negated=True),
                                models.Q(("care_of", ""), ("city", ""), ("door_code", ""), ("postal_code", ""), ("recipient_name", ""), ("street", "")),
                                _connector="OR",
                            ),
                            name="manual_contact_has_no_address",
                        ),
                        models.CheckConstraint(condition=models.Q(("acknowledged__lte", 2)), name="acknowledged_is_known"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("number__isnull", True),
                                models.Q(("ends_on__isnull", True), ("purpose", "LOAN")),
                                models.Q(models.Q(("purpose", "LOAN"), _negated=True), ("ends_on__isnull", False)),
                                _connector="OR",
                            ),
                            name="sent_trial_has_an_end",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("number__isnull", True),
                                models.Q(("method", "MANUAL_CONTACT"), _negated=True),
                                models.Q(("notify_by_letter", False), ("notify_email", ""), ("notify_phone", ""), ("notify_sms", "")),
                                _connector="OR",
                            ),
                            name="manual_contact_notifies_nobody",
                        ),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="follows_merge",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                declare="DECLARE kept BIGINT;",
                                func="\n            SELECT merged_into_id INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;\n            NEW.patient_id := coalesce(kept, NEW.patient_id);\n            RETURN NEW;\n        ",
                                hash="21c6e904d9e315e2c8819f26ac21ce8914cc0fe1",
                                operation='INSERT OR UPDATE OF "patient_id"',
                                pgid="pgtrigger_follows_merge_7138b",
                                table="orders_order",
                                when="BEFORE",
                            ),
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="OrderTemplate",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("name", models.CharField(max_length=60, verbose_name="namn")),
                    (
                        "owner",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="ägare"
                        ),
                    ),
                    (
                        "unit",
                        models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.careunit", verbose_name="vårdenhet"),
                    ),
                ],
                options={
                    "verbose_name": "beställningsmall",
                    "verbose_name_plural": "beställningsmallar",
                    "constraints": [
                        models.UniqueConstraint(fields=("unit", "owner", "name"), name="template_name_once", nulls_distinct=False),
                        models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="template_has_a_name"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="UrgentFee",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("amount", models.DecimalField(decimal_places=2, help_text="Exklusive moms.", max_digits=10, verbose_name="avgift per order, kr")),
                    ("valid_from", models.DateField(unique=True, verbose_name="gäller från")),
                ],
                options={
                    "verbose_name": "akutavgift",
                    "verbose_name_plural": "akutavgifter",
                    "constraints": [models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="urgent_fee_is_not_negative")],
                },
            ),
            migrations.CreateModel(
                name="Despatch",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("number", models.CharField(max_length=100, verbose_name="följesedel")),
                    ("despatched_at", models.DateTimeField()),
                    ("expected_on", models.DateField(null=True)),
                    ("carrier", models.CharField(blank=True, max_length=500)),
                    ("tracking_url", models.CharField(blank=True, max_length=2000)),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="despatches", to="orders.order")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("order", "number"), name="despatch_number_once_per_order")],
                },
            ),
            migrations.CreateModel(
                name="DeliveryChange",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("before", models.JSONField()),
                    ("after", models.JSONField()),
                    ("refused_at", models.DateTimeField(null=True)),
                    ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="delivery_changes", to="orders.order")),
                ],
                options={
                    "abstract": False,
                    "indexes": [models.Index(fields=["order", "-id"], name="order_delivery_changes")],
                },
            ),
            migrations.CreateModel(
                name="Delivery",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("message_sequence", models.PositiveIntegerField()),
                    ("despatch_number", models.CharField(blank=True, max_length=100)),
                    ("delivered_at", models.DateTimeField()),
                    ("is_receipted", models.BooleanField()),
                    ("signed_by", models.CharField(blank=True, max_length=500)),
                    ("is_itemised", models.BooleanField()),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="orders.order")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("order", "message_sequence"), name="delivery_once_per_message")],
                },
            ),
            migrations.CreateModel(
                name="Approval",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("justification", models.TextField(verbose_name="motivering")),
                    ("version", models.PositiveIntegerField()),
                    ("reasons", models.JSONField(default=list)),
                    (
                        "outcome",
                        models.CharField(
                            choices=[("WAITING", "Väntar"), ("APPROVED", "Godkänd"), ("SENT_BACK", "Skickad tillbaka"), ("WITHDRAWN", "Tillbakatagen")],
                            default="WAITING",
                            max_length=10,
                        ),
                    ),
                    ("decided_at", models.DateTimeField(null=True)),
                    ("note", models.TextField(blank=True)),
                    ("asked_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("decided_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="orders.order")),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(condition=models.Q(("outcome", "WAITING")), fields=("order",), name="one_open_approval_per_order"),
                        models.CheckConstraint(condition=models.Q(("justification", ""), _negated=True), name="approval_has_a_justification"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("outcome", "WAITING"), models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)), _connector="XOR"
                            ),
                            name="approval_is_open_or_decided",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(models.Q(("outcome", "SENT_BACK"), _negated=True), models.Q(("note", ""), _negated=True), _connector="OR"),
                            name="what_is_sent_back_says_why",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="OrderAttachment",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("attachment", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="integration.attachment")),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="orders.order")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("order", "attachment"), name="attachment_once_per_order")],
                },
            ),
            migrations.CreateModel(
                name="OrderHistory",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("event", models.CharField(max_length=30)),
                    ("old", models.CharField(max_length=20)),
                    ("new", models.CharField(max_length=20)),
                    ("note", models.TextField(blank=True)),
                    ("details", models.JSONField(default=dict)),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="orders.order")),
                ],
                options={
                    "abstract": False,
                    "indexes": [models.Index(fields=["order", "id"], name="order_history")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="57f366fb48da3be6a7f9f4030cd5bbe81e72714a",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_a32c6",
                                table="orders_orderhistory",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="741fb97b7b30a689063d07df6fad3899243e6efe",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_c1a7d",
                                table="orders_orderhistory",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="OrderLine",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("line", models.PositiveIntegerField(verbose_name="rad")),
                    ("quantity", models.PositiveIntegerField(verbose_name="antal")),
                    ("article_name", models.CharField(max_length=255, verbose_name="artikelnamn")),
                    ("article_number", models.CharField(max_length=100, verbose_name="artikelnummer")),
                    ("unit_price", models.DecimalField(decimal_places=2, max_digits=12, null=True, verbose_name="pris när beställningen skickades")),
                    ("individual_number", models.CharField(blank=True, max_length=100, verbose_name="till individ")),
                    ("misfit_reason", models.CharField(blank=True, max_length=200, verbose_name="passar ändå")),
                    ("configuration", models.JSONField(default=list, verbose_name="inställningar")),
                    ("exception_reason", models.CharField(blank=True, max_length=200, verbose_name="motiverat avsteg")),
                    (
                        "loan_purpose",
                        models.CharField(
                            choices=[("LOAN", "lån"), ("TRIAL", "prov"), ("SHORT_TERM", "korttidslån")],
                            default="LOAN",
                            max_length=12,
                            verbose_name="lånets syfte",
                        ),
                    ),
                    ("loan_ends_on", models.DateField(null=True, verbose_name="lånet till och med")),
                    ("confirmed_quantity", models.PositiveIntegerField(null=True, verbose_name="bekräftat antal")),
                    ("response_sequence", models.PositiveIntegerField(default=0)),
                    ("replacement", models.JSONField(null=True, verbose_name="ersatt med")),
                    ("is_cancellation_requested", models.BooleanField(default=False, verbose_name="makulering begärd")),
                    ("promised_on", models.DateField(null=True, verbose_name="leveransdatum")),
                    ("promised_sequence", models.PositiveIntegerField(default=0)),
                    ("is_delayed", models.BooleanField(default=False, verbose_name="försenad")),
                    ("cancelled_sequence", models.PositiveIntegerField(null=True, verbose_name="makulerad av meddelande")),
                    ("on_order", models.PositiveIntegerField(default=0, verbose_name="på väg till förrådet")),
                    ("delivered", models.PositiveIntegerField(default=0, verbose_name="levererat")),
                    ("receipted", models.PositiveIntegerField(default=0, verbose_name="kvitterat")),
                    ("despatched", models.PositiveIntegerField(default=0, verbose_name="avsänt")),
                    ("article", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.article")),
                    (
                        "loan",
                        models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.loan", verbose_name="lån"),
                    ),
                    (
                        "main",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="accessories", to="orders.orderline", verbose_name="hör till"
                        ),
                    ),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="orders.order")),
                    ("replacement_article", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.article")),
                    (
                        "substituted_for",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.article", verbose_name="i stället för"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "orderrad",
                    "verbose_name_plural": "orderrader",
                    "indexes": [models.Index(condition=models.Q(("loan_ends_on__isnull", False)), fields=["loan_ends_on"], name="loans_that_end")],
                    "constraints": [
                        models.UniqueConstraint(fields=("order", "line"), name="line_number_once_per_order"),
                        models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="line_quantity_is_positive"),
                        models.CheckConstraint(condition=models.Q(("receipted__lte", models.F("delivered"))), name="receipted_was_delivered"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("main__isnull", True), models.Q(("individual_number", ""), models.Q(("main", models.F("id")), _negated=True)), _connector="OR"
                            ),
                            name="line_goes_to_one_aid",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(models.Q(("loan_purpose", "LOAN"), _negated=True), ("loan_ends_on__isnull", True), _connector="OR"),
                            name="loan_without_purpose_has_no_end",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Receipt",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("despatch_number", models.CharField(max_length=100, verbose_name="följesedel")),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="orders.order")),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("order", "despatch_number"), name="despatch_is_received_once"),
                        models.CheckConstraint(condition=models.Q(("despatch_number", ""), _negated=True), name="receipt_names_its_despatch"),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="16ba83cd2b0271454002e3855335f46370c3ff68",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_62580",
                                table="orders_receipt",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="004d031ad17f3ff83029f5b0021c52baa85cd00c",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_c116c",
                                table="orders_receipt",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="TemplateLine",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("line", models.PositiveIntegerField(verbose_name="rad")),
                    ("quantity", models.PositiveIntegerField(verbose_name="antal")),
                    ("main_line", models.PositiveIntegerField(null=True, verbose_name="hör till rad")),
                    ("article", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.article")),
                    ("template", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="orders.ordertemplate")),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("template", "line"), name="line_number_once_per_template"),
                        models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="template_quantity_is_positive"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="DespatchLine",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("quantity", models.PositiveIntegerField()),
                    ("individuals", models.JSONField(default=list)),
                    ("lot", models.CharField(blank=True, max_length=500)),
                    ("udi", models.CharField(blank=True, max_length=500)),
                    ("despatch", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="orders.despatch")),
                    ("line", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="despatch_lines", to="orders.orderline")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("despatch", "line"), name="line_once_per_despatch")],
                },
            ),
            migrations.CreateModel(
                name="DeliveryLine",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("quantity", models.PositiveIntegerField()),
                    ("individuals", models.JSONField(default=list)),
                    ("delivery", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="orders.delivery")),
                    ("line", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="delivery_lines", to="orders.orderline")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("delivery", "line"), name="line_once_per_delivery")],
                },
            ),
            migrations.CreateModel(
                name="ReceiptLine",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("received", models.PositiveIntegerField(verbose_name="mottaget")),
                    ("missing", models.PositiveIntegerField(default=0, verbose_name="saknas")),
                    ("damaged", models.PositiveIntegerField(default=0, verbose_name="skadat")),
                    ("individuals", models.JSONField(default=list)),
                    ("note", models.CharField(blank=True, max_length=200, verbose_name="anmärkning")),
                    ("line", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="receipt_lines", to="orders.orderline")),
                    ("receipt", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="orders.receipt")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("receipt", "line"), name="line_once_per_receipt")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="3e93a9279b8f3f47f4d22979c40b72e7ff1e495f",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_17846",
                                table="orders_receiptline",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="4e37d44c6590a24d272cb8acb1e831a6eec2cf50",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_42b8b",
                                table="orders_receiptline",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="TopUp",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "state",
                        models.CharField(
                            choices=[("OPEN", "På väg"), ("CLOSED", "Har kommit"), ("STOPPED", "Stoppad"), ("RELEASED", "Släppt")], default="OPEN", max_length=8
                        ),
                    ),
                    ("reason", models.TextField(blank=True, verbose_name="varför den är stoppad")),
                    ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("released_at", models.DateTimeField(null=True)),
                    ("order_line", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="top_up", to="orders.orderline")),
                    ("released_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("stock_line", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="top_ups", to="buffer.stockline")),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("state__in", ["OPEN", "STOPPED"])), fields=("stock_line",), name="one_open_top_up_per_stock_line"
                        ),
                        models.CheckConstraint(condition=models.Q(("state__in", ["OPEN", "CLOSED", "STOPPED", "RELEASED"])), name="top_up_state_is_known"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("released_at__isnull", False), ("released_by__isnull", False), ("state", "RELEASED")),
                                models.Q(models.Q(("state", "RELEASED"), _negated=True), ("released_at__isnull", True), ("released_by__isnull", True)),
                                _connector="OR",
                            ),
                            name="what_is_released_says_by_whom",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(models.Q(("state", "STOPPED"), _negated=True), models.Q(("reason", ""), _negated=True), _connector="OR"),
                            name="what_is_stopped_says_why",
                        ),
                    ],
                },
            ),
        ),
    ]
