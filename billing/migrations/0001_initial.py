import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
from django.db import migrations, models

from core.first_migrations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="InvoiceBasis",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    (
                        "status",
                        models.CharField(
                            choices=[("WAITING", "Hämtas"), ("PUBLISHED", "Klart"), ("REPLACED", "Ersatt"), ("PARKED", "Kunde inte läsas in")],
                            default="WAITING",
                            max_length=20,
                            verbose_name="status",
                        ),
                    ),
                    ("basis_id", models.CharField(max_length=100, verbose_name="SESAM2:s nummer")),
                    ("version", models.PositiveIntegerField(verbose_name="version")),
                    ("period", models.DateField(verbose_name="månad")),
                    ("payer_number", models.CharField(max_length=100, verbose_name="betalare, nummer")),
                    ("line_count", models.PositiveIntegerField(verbose_name="antal rader")),
                    ("total", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="summa")),
                    ("credits", models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name="varav krediter")),
                    ("corrects", models.CharField(blank=True, max_length=100, verbose_name="rättar")),
                    ("received_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="aviserat")),
                    ("kept_until", models.DateField(verbose_name="sparas till och med")),
                    ("attempts", models.PositiveIntegerField(default=0, verbose_name="försök")),
                    ("failures", models.PositiveIntegerField(default=0, verbose_name="avbrutna försök")),
                    ("next_try_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="nästa försök")),
                    ("last_error", models.CharField(blank=True, max_length=200, verbose_name="senaste fel")),
                    ("problems", models.JSONField(default=list, verbose_name="varför det inte kunde läsas in")),
                    ("published_at", models.DateTimeField(null=True, verbose_name="publicerat")),
                    ("job", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.job")),
                    (
                        "replaces",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="replaced_by",
                            to="billing.invoicebasis",
                            verbose_name="ersätter",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "fakturaunderlag",
                    "verbose_name_plural": "fakturaunderlag",
                    "indexes": [
                        models.Index(fields=["payer_number", "-period", "-id"], name="invoice_bases_of_payer"),
                        models.Index(condition=models.Q(("status", "WAITING")), fields=["next_try_at"], name="invoice_bases_to_fetch"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("status__in", ["WAITING", "PUBLISHED", "REPLACED", "PARKED"])), name="invoice_basis_status_is_known"
                        ),
                        models.UniqueConstraint(fields=("basis_id", "version"), name="invoice_basis_version_once"),
                        models.UniqueConstraint(
                            condition=models.Q(("status", "PUBLISHED")), fields=("payer_number", "period"), name="one_basis_in_force_per_payer_and_month"
                        ),
                        models.CheckConstraint(condition=models.Q(("period__day", 1)), name="invoice_basis_is_of_a_month"),
                        models.CheckConstraint(
                            condition=models.Q(("status__in", ["PUBLISHED", "REPLACED"]), ("published_at__isnull", True), _connector="XOR"),
                            name="published_invoice_basis_has_its_time",
                        ),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="kept",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                hash="f94c7765d87a4a90c81043b494eeb08838354f3d",
                                operation="DELETE",
                                pgid="pgtrigger_kept_6719e",
                                table="billing_invoicebasis",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'kept table';",
                                hash="00995350761c3de734b542a76417d7bc958bf38d",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_52beb",
                                table="billing_invoicebasis",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="announced",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                condition='WHEN (OLD."basis_id" IS DISTINCT FROM (NEW."basis_id") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."period" IS DISTINCT FROM (NEW."period") OR OLD."payer_number" IS DISTINCT FROM (NEW."payer_number") OR OLD."line_count" IS DISTINCT FROM (NEW."line_count") OR OLD."total" IS DISTINCT FROM (NEW."total") OR OLD."credits" IS DISTINCT FROM (NEW."credits") OR OLD."corrects" IS DISTINCT FROM (NEW."corrects") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at") OR OLD."kept_until" IS DISTINCT FROM (NEW."kept_until"))',
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                hash="790a70dff61ab5592cae9291e447f8a3e8b74ef8",
                                operation="UPDATE",
                                pgid="pgtrigger_announced_cd6bb",
                                table="billing_invoicebasis",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="InvoiceGrant",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "payer_number",
                        models.CharField(
                            blank=True,
                            help_text="Hela betalarens underlag. Lämna tomt om det gäller ett kundnummer.",
                            max_length=100,
                            verbose_name="betalare, nummer",
                        ),
                    ),
                    (
                        "customer_number",
                        models.CharField(blank=True, help_text="Bara det som kundnumret debiteras.", max_length=100, verbose_name="kundnummer"),
                    ),
                    (
                        "sees_patients",
                        models.BooleanField(
                            default=False,
                            help_text="Annars är numret dolt, på sidorna och i filerna. Personer med skyddade personuppgifter är alltid dolda. Varje visning loggas.",
                            verbose_name="ser patientens nummer",
                        ),
                    ),
                    ("is_active", models.BooleanField(default=True, verbose_name="gäller")),
                    ("given_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="upplagd")),
                    (
                        "assignment",
                        models.ForeignKey(
                            limit_choices_to={"role": "INVOICE_READER"},
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="invoice_grants",
                            to="accounts.assignment",
                            verbose_name="fakturaläsare",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "rätt att läsa fakturaunderlag",
                    "verbose_name_plural": "rätter att läsa fakturaunderlag",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("payer_number", ""), ("customer_number", ""), _connector="XOR"),
                            name="invoice_grant_is_for_a_payer_or_a_customer",
                            violation_error_message="Fyll i antingen betalarens nummer eller ett kundnummer.",
                        ),
                        models.UniqueConstraint(
                            fields=("assignment", "payer_number", "customer_number"),
                            name="invoice_grant_once",
                            violation_error_message="Fakturaläsaren har redan fått den rätten. Ändra den i stället.",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Finding",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("line", models.PositiveIntegerField(verbose_name="rad")),
                    (
                        "found_by",
                        models.CharField(
                            choices=[
                                ("UNKNOWN_ORDER", "Utan känd order"),
                                ("RENT_AFTER_STOP", "Hyra efter hämtorderns hyresstopp"),
                                ("RENT_NOT_HELD", "Hyra för hjälpmedel som patienten inte har kvar"),
                                ("DOUBLE_RENT", "Dubbel hyra för en individ"),
                                ("BILLED_TWICE", "Uttag ur förråd som debiteras två gånger"),
                                ("WRONG_PAYER", "Kundnummer som inte stämmer med orderns betalare"),
                            ],
                            max_length=16,
                            verbose_name="kontroll",
                        ),
                    ),
                    (
                        "status",
                        models.CharField(
                            choices=[("TO_CHECK", "Att kontrollera"), ("ACCEPTED", "Godtagen"), ("DISPUTED", "Bestridd")],
                            default="TO_CHECK",
                            max_length=20,
                            verbose_name="status",
                        ),
                    ),
                    ("customer_number", models.CharField(max_length=100, verbose_name="kundnummer")),
                    ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="radens belopp")),
                    ("details", models.JSONField(default=dict)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "basis",
                        models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="billing.invoicebasis"),
                    ),
                ],
                options={
                    "verbose_name": "fynd",
                    "verbose_name_plural": "fynd",
                    "indexes": [models.Index(fields=["basis", "line"], name="findings_of_line")],
                    "constraints": [
                        models.UniqueConstraint(fields=("basis", "found_by", "line"), name="finding_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("found_by__in", ["UNKNOWN_ORDER", "RENT_AFTER_STOP", "RENT_NOT_HELD", "DOUBLE_RENT", "BILLED_TWICE", "WRONG_PAYER"])
                            ),
                            name="finding_check_is_known",
                        ),
                        models.CheckConstraint(condition=models.Q(("status__in", ["TO_CHECK", "ACCEPTED", "DISPUTED"])), name="finding_status_is_known"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="CustomerSum",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("customer_number", models.CharField(max_length=100, verbose_name="kundnummer")),
                    ("lines", models.PositiveIntegerField(verbose_name="rader")),
                    ("amount", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="belopp")),
                    ("credited", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="varav krediter")),
                    ("basis", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="customer_sums", to="billing.invoicebasis")),
                ],
                options={
                    "indexes": [models.Index(fields=["customer_number", "basis"], name="bases_of_customer")],
                    "constraints": [models.UniqueConstraint(fields=("basis", "customer_number"), name="customer_sum_once")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="e47f669931af5184e8533cea485ed4925bb849ff",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_39a7e",
                                table="billing_customersum",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="cf88503fd91f209c5523086c0aa101881ca03596",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_099bc",
                                table="billing_customersum",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="InvoiceBasisHistory",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("event", models.CharField(max_length=30)),
                    ("old", models.CharField(blank=True, max_length=20)),
                    ("new", models.CharField(blank=True, max_length=20)),
                    ("note", models.TextField(blank=True)),
                    ("details", models.JSONField(default=dict)),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("basis", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="billing.invoicebasis")),
                    ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                ],
                options={
                    "indexes": [models.Index(fields=["basis", "-id"], name="invoice_basis_history")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="62f0ac4ad3289fc06b2f279d25a4d832e6276361",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_0b5f1",
                                table="billing_invoicebasishistory",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="322d8b3e0b53f746eb66bd069de071d2da001d4d",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_cfaa1",
                                table="billing_invoicebasishistory",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="InvoiceFile",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ("format", models.CharField(choices=[("XLSX", "Excel"), ("CSV", "CSV")], max_length=4)),
                    ("filters", models.JSONField(default=dict)),
                    ("customer_numbers", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), default=list, size=None)),
                    ("shows_patients", models.BooleanField(default=False)),
                    ("state", models.CharField(choices=[("WAITING", "Görs"), ("READY", "Klar"), ("FAILED", "Gick inte")], default="WAITING", max_length=8)),
                    ("attempts", models.PositiveIntegerField(default=0)),
                    ("next_try_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("lines", models.PositiveIntegerField(default=0, verbose_name="rader")),
                    ("total", models.DecimalField(decimal_places=2, default=0, max_digits=16, verbose_name="summa")),
                    ("size", models.PositiveBigIntegerField(default=0, verbose_name="storlek, byte")),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("ready_at", models.DateTimeField(null=True)),
                    ("expires_at", models.DateTimeField(null=True)),
                    ("basis", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="files", to="billing.invoicebasis")),
                    ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("job", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.job")),
                ],
                options={
                    "indexes": [
                        models.Index(condition=models.Q(("state", "WAITING")), fields=["next_try_at"], name="invoice_files_to_make"),
                        models.Index(condition=models.Q(("expires_at__isnull", False)), fields=["expires_at"], name="invoice_files_to_forget"),
                    ],
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("state__in", ["WAITING", "READY", "FAILED"])), name="invoice_file_state_is_known"),
                        models.CheckConstraint(
                            condition=models.Q(("state", "READY"), ("ready_at__isnull", True), _connector="XOR"), name="ready_invoice_file_has_its_time"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("shows_patients", False), ("by__isnull", False), _connector="OR"), name="file_with_patients_has_a_reader"
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="InvoiceLine",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("line", models.PositiveIntegerField(verbose_name="rad")),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("RENT", "Hyra"),
                                ("SALE", "Försäljning"),
                                ("SALE_WITH_RETURN", "Försäljning med retur"),
                                ("CONSUMABLE", "Förbrukning"),
                                ("SERVICE", "Arbete"),
                                ("FEE", "Avgift"),
                                ("CREDIT", "Kredit"),
                            ],
                            max_length=16,
                            verbose_name="debiteringsform",
                        ),
                    ),
                    ("customer_number", models.CharField(max_length=100, verbose_name="kundnummer")),
                    ("cost_reference", models.CharField(blank=True, max_length=500, verbose_name="kostnadsställe")),
                    ("unit_hsa_id", models.CharField(blank=True, max_length=100, verbose_name="enhet")),
                    ("patient_number", models.CharField(blank=True, max_length=100, verbose_name="patient")),
                    ("order_number", models.CharField(blank=True, max_length=100, verbose_name="ordernummer")),
                    ("article_number", models.CharField(blank=True, max_length=100, verbose_name="artikelnummer")),
                    ("name", models.CharField(blank=True, max_length=500, verbose_name="benämning")),
                    ("iso_code", models.CharField(blank=True, max_length=100, verbose_name="ISO-kod")),
                    ("individual_number", models.CharField(blank=True, max_length=100, verbose_name="individnummer")),
                    ("from_on", models.DateField(null=True, verbose_name="från och med")),
                    ("to_on", models.DateField(null=True, verbose_name="till och med")),
                    ("days", models.PositiveIntegerField(null=True, verbose_name="dagar")),
                    ("quantity", models.DecimalField(decimal_places=3, max_digits=12, verbose_name="antal")),
                    ("unit", models.CharField(blank=True, max_length=500, verbose_name="sort")),
                    ("unit_price", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="à-pris")),
                    ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="belopp")),
                    ("vat_rate", models.DecimalField(decimal_places=4, max_digits=7, verbose_name="momssats")),
                    ("text", models.TextField(blank=True, verbose_name="text")),
                    ("basis", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="billing.invoicebasis")),
                ],
                options={
                    "verbose_name": "underlagsrad",
                    "verbose_name_plural": "underlagsrader",
                    "indexes": [
                        models.Index(fields=["basis", "customer_number", "line"], name="invoice_lines_of_customer"),
                        models.Index(fields=["basis", "unit_hsa_id", "line"], name="invoice_lines_of_unit"),
                        models.Index(condition=models.Q(("order_number", ""), _negated=True), fields=["order_number"], name="invoice_lines_of_order"),
                        models.Index(
                            condition=models.Q(("individual_number", ""), _negated=True),
                            fields=["individual_number", "from_on"],
                            name="invoice_lines_of_individual",
                        ),
                        models.Index(
                            condition=models.Q(("article_number", ""), _negated=True),
                            fields=["basis", "article_number", "line"],
                            name="invoice_lines_of_article",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("basis", "line"), name="invoice_line_once"),
                        models.CheckConstraint(
                            condition=models.Q(("kind__in", ["RENT", "SALE", "SALE_WITH_RETURN", "CONSUMABLE", "SERVICE", "FEE", "CREDIT"])),
                            name="invoice_line_kind_is_known",
                        ),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="f9675e99fdc7050c2771082e67c1c38110b72f83",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_148d2",
                                table="billing_invoiceline",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="a0a57bb7e3a76100c2024f4df683b6fd438eaa66",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_1dce9",
                                table="billing_invoiceline",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="InvoiceSum",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("customer_number", models.CharField(max_length=100, verbose_name="kundnummer")),
                    ("unit_hsa_id", models.CharField(blank=True, max_length=100, verbose_name="enhet")),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("RENT", "Hyra"),
                                ("SALE", "Försäljning"),
                                ("SALE_WITH_RETURN", "Försäljning med retur"),
                                ("CONSUMABLE", "Förbrukning"),
                                ("SERVICE", "Arbete"),
                                ("FEE", "Avgift"),
                                ("CREDIT", "Kredit"),
                            ],
                            max_length=16,
                            verbose_name="debiteringsform",
                        ),
                    ),
                    ("article_group", models.CharField(blank=True, max_length=4, verbose_name="artikelgrupp")),
                    ("lines", models.PositiveIntegerField(verbose_name="rader")),
                    ("amount", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="belopp")),
                    ("basis", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="sums", to="billing.invoicebasis")),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("basis", "customer_number", "unit_hsa_id", "kind", "article_group"), name="invoice_sum_once")
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="aea931c9691ab4af6cb75df5a3a8db886c118b6a",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_dd058",
                                table="billing_invoicesum",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="2c2ac83ba096615e9275e360c5d61cd9631a1311",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_ec044",
                                table="billing_invoicesum",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="LineChange",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("line", models.PositiveIntegerField(verbose_name="rad")),
                    (
                        "what",
                        models.CharField(
                            choices=[("ADDED", "Ny rad"), ("REMOVED", "Borttagen rad"), ("CHANGED", "Ändrad rad")], max_length=8, verbose_name="vad"
                        ),
                    ),
                    ("fields", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), default=list, size=None)),
                    ("old_amount", models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name="belopp före")),
                    ("new_amount", models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name="belopp")),
                    ("old_customer_number", models.CharField(blank=True, max_length=100)),
                    ("new_customer_number", models.CharField(blank=True, max_length=100)),
                    (
                        "basis",
                        models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="billing.invoicebasis"),
                    ),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("basis", "line"), name="line_change_once")],
                },
            ),
            migrations.CreateModel(
                name="InvoiceFilePart",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("number", models.PositiveIntegerField()),
                    ("data", models.BinaryField()),
                    ("file", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="billing.invoicefile")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("file", "number"), name="invoice_file_part_once")],
                },
            ),
            migrations.CreateModel(
                name="FindingHistory",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("event", models.CharField(max_length=30)),
                    ("old", models.CharField(blank=True, max_length=20)),
                    ("new", models.CharField(blank=True, max_length=20)),
                    ("note", models.TextField(blank=True)),
                    ("details", models.JSONField(default=dict)),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("finding", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="billing.finding")),
                ],
                options={
                    "indexes": [models.Index(fields=["finding", "-id"], name="finding_history")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="8391891b91b6565cd7bdb8b7d9eb87ab5c2c4469",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_29569",
                                table="billing_findinghistory",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="2d58c5068df99f5de44ce79c15d5935c1c9bac94",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_72c52",
                                table="billing_findinghistory",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
        ),
    ]
