import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
from django.db import migrations, models

import patients.identifiers
import patients.models.payers
from core.first_migrations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("catalog", "0001_initial"),
    ]

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(),
        CreateModels(
            migrations.CreateModel(
                name="Patient",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ("given_name", models.CharField(max_length=100, verbose_name="förnamn")),
                    ("family_name", models.CharField(max_length=100, verbose_name="efternamn")),
                    ("phone", models.CharField(blank=True, max_length=20, verbose_name="telefon")),
                    (
                        "protection",
                        models.CharField(
                            choices=[("NONE", "ingen"), ("MARKED", "sekretessmarkering"), ("REGISTRATION", "skyddad folkbokföring")],
                            default="NONE",
                            max_length=12,
                            verbose_name="skydd",
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("merged_into", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="absorbed", to="patients.patient")),
                ],
                options={
                    "verbose_name": "patient",
                    "verbose_name_plural": "patienter",
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("protection__in", ["NONE", "MARKED", "REGISTRATION"])), name="patient_protection_is_known"),
                        models.CheckConstraint(
                            condition=models.Q(("protection", "NONE"), ("phone", ""), _connector="OR"), name="protected_patient_has_no_phone"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("merged_into__isnull", True), models.Q(("merged_into", models.F("id")), _negated=True), _connector="OR"),
                            name="patient_is_not_merged_into_itself",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Loan",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("individual_number", models.CharField(blank=True, max_length=100, verbose_name="individnummer")),
                    ("quantity", models.PositiveIntegerField(default=1, verbose_name="antal")),
                    ("lot", models.CharField(blank=True, max_length=500, verbose_name="batch")),
                    ("udi", models.CharField(blank=True, max_length=500, verbose_name="UDI")),
                    ("order_number", models.CharField(max_length=35, verbose_name="ordernummer")),
                    ("source", models.CharField(max_length=100)),
                    (
                        "earlier_numbers",
                        django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None),
                    ),
                    ("is_under_investigation", models.BooleanField(default=False, verbose_name="under utredning")),
                    ("is_lost", models.BooleanField(default=False, verbose_name="saknas")),
                    ("on_pickup", models.PositiveIntegerField(default=0, verbose_name="antal på öppna hämtorder")),
                    ("returned", models.PositiveIntegerField(default=0, verbose_name="antal återlämnade")),
                    ("started_at", models.DateTimeField(verbose_name="sedan")),
                    ("ended_at", models.DateTimeField(null=True, verbose_name="till")),
                    ("article", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.article")),
                    ("provider", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careprovider")),
                    ("unit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careunit")),
                    ("patient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="loans", to="patients.patient")),
                ],
                options={
                    "verbose_name": "lån",
                    "verbose_name_plural": "lån",
                    "indexes": [
                        models.Index(condition=models.Q(("ended_at__isnull", True)), fields=["patient", "provider"], name="current_loans"),
                        models.Index(condition=models.Q(("ended_at__isnull", False)), fields=["patient", "provider", "-ended_at", "-id"], name="ended_loans"),
                        models.Index(condition=models.Q(("individual_number", ""), _negated=True), fields=["individual_number"], name="loans_of_individual"),
                        django.contrib.postgres.indexes.GinIndex(fields=["earlier_numbers"], name="loans_of_earlier_number"),
                        models.Index(condition=models.Q(("ended_at__isnull", True)), fields=["lot"], name="current_loans_of_lot"),
                        models.Index(
                            django.contrib.postgres.indexes.OpClass("udi", name="varchar_pattern_ops"),
                            condition=models.Q(("ended_at__isnull", True)),
                            name="current_loans_of_udi",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("source", "individual_number"), name="one_loan_per_delivered_aid"),
                        models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="loan_quantity_is_positive"),
                        models.CheckConstraint(condition=models.Q(("individual_number", ""), ("quantity", 1), _connector="OR"), name="individual_is_one"),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="follows_merge",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                declare="DECLARE kept BIGINT;",
                                func="\n            SELECT merged_into_id INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;\n            NEW.patient_id := coalesce(kept, NEW.patient_id);\n            RETURN NEW;\n        ",
                                hash="cb159cfaf84127f5e71449b03873b2de30184240",
                                operation='INSERT OR UPDATE OF "patient_id"',
                                pgid="pgtrigger_follows_merge_25d7a",
                                table="patients_loan",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="tells_individual",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="\n                    IF NEW.individual_number <> '' OR OLD.individual_number <> '' THEN\n                        PERFORM 1 FROM catalog_individual WHERE number IN (NEW.individual_number, OLD.individual_number) ORDER BY id FOR UPDATE;\n                        UPDATE catalog_individual SET is_on_loan = EXISTS (\n                            SELECT 1 FROM patients_loan WHERE individual_number = catalog_individual.number AND ended_at IS NULL\n                        ) WHERE number IN (NEW.individual_number, OLD.individual_number);\n                    END IF;\n                    RETURN NULL;\n                ",
                                hash="ecc8819dfea5881dc7c2f84bae801bbf361dc530",
                                operation='INSERT OR UPDATE OF "individual_number", "ended_at"',
                                pgid="pgtrigger_tells_individual_e6740",
                                table="patients_loan",
                                when="AFTER",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Contact",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("name", models.CharField(max_length=200, verbose_name="namn")),
                    ("relation", models.CharField(blank=True, max_length=100, verbose_name="relation")),
                    ("phone", models.CharField(max_length=20, verbose_name="telefon")),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("ended_at", models.DateTimeField(null=True)),
                    ("changed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("provider", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careprovider")),
                    ("patient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to="patients.patient")),
                ],
                options={
                    "indexes": [models.Index(fields=["patient", "provider"], name="contacts_of_patient")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="follows_merge",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                declare="DECLARE kept BIGINT;",
                                func="\n            SELECT merged_into_id INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;\n            NEW.patient_id := coalesce(kept, NEW.patient_id);\n            RETURN NEW;\n        ",
                                hash="c6eb7f65b2654d406b6fbd7277b52a8a231619a2",
                                operation='INSERT OR UPDATE OF "patient_id"',
                                pgid="pgtrigger_follows_merge_2ee9d",
                                table="patients_contact",
                                when="BEFORE",
                            ),
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="CareRelation",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("confirmed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("confirmed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("unit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careunit")),
                    ("patient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="care_relations", to="patients.patient")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("patient", "unit"), name="one_care_relation_per_patient_and_unit")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="follows_merge",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                declare="DECLARE kept BIGINT;",
                                func="\n            SELECT merged_into_id INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;\n            NEW.patient_id := coalesce(kept, NEW.patient_id);\n            RETURN NEW;\n        ",
                                hash="63a14edb5e3ed018a5fdaea82d844827ed945a76",
                                operation='INSERT OR UPDATE OF "patient_id"',
                                pgid="pgtrigger_follows_merge_7903a",
                                table="patients_carerelation",
                                when="BEFORE",
                            ),
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Address",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("care_of", models.CharField(blank=True, max_length=100, verbose_name="c/o")),
                    ("street", models.CharField(max_length=200, verbose_name="gatuadress")),
                    ("postal_code", models.CharField(max_length=5, verbose_name="postnummer")),
                    ("city", models.CharField(max_length=100, verbose_name="ort")),
                    ("door_code", models.CharField(blank=True, max_length=20, verbose_name="portkod")),
                    ("has_no_door_code", models.BooleanField(default=False, verbose_name="saknar portkod")),
                    ("valid_from", models.DateTimeField(default=django.utils.timezone.now)),
                    ("valid_to", models.DateTimeField(null=True)),
                    ("changed_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("patient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="addresses", to="patients.patient")),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(condition=models.Q(("valid_to__isnull", True)), fields=("patient",), name="one_current_address_per_patient"),
                        models.CheckConstraint(condition=models.Q(("postal_code__regex", "^[1-9][0-9]{4}$")), name="address_postal_code_is_five_digits"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("door_code", ""), ("has_no_door_code", True)),
                                models.Q(("has_no_door_code", False), models.Q(("door_code", ""), _negated=True)),
                                _connector="OR",
                            ),
                            name="door_code_or_none",
                        ),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="follows_merge",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                declare="DECLARE kept BIGINT;",
                                func="\n            SELECT merged_into_id INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;\n            NEW.patient_id := coalesce(kept, NEW.patient_id);\n            RETURN NEW;\n        ",
                                hash="107e6dd5ecf095a39ab563162fc58950c04c5ef6",
                                operation='INSERT OR UPDATE OF "patient_id"',
                                pgid="pgtrigger_follows_merge_d787e",
                                table="patients_address",
                                when="BEFORE",
                            ),
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="AccessLogEntry",
                fields=[
                    ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                    ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="tid")),
                    ("system_id", models.CharField(max_length=31)),
                    ("system_name", models.CharField(max_length=40)),
                    (
                        "action",
                        models.CharField(
                            choices=[
                                ("READ", "Läsa"),
                                ("WRITE", "Skriva"),
                                ("SIGN", "Signera"),
                                ("CANCEL", "Makulera"),
                                ("SEARCH_HIT", "Sökträff"),
                                ("PRINT", "Utskrift"),
                                ("EXPORT", "Export"),
                                ("DISCLOSE", "Utlämnande"),
                                ("CONFIRM", "Bekräfta vårdrelation"),
                            ],
                            max_length=10,
                            verbose_name="åtgärd",
                        ),
                    ),
                    ("activity", models.CharField(max_length=100, verbose_name="aktivitet")),
                    ("purpose", models.CharField(default="Vård och behandling", max_length=40, verbose_name="syfte")),
                    ("user_hsa_id", models.CharField(max_length=31)),
                    ("user_name", models.CharField(max_length=200)),
                    ("user_title", models.CharField(max_length=100)),
                    ("assignment_id_text", models.CharField(max_length=40, verbose_name="uppdragets id")),
                    ("assignment_name", models.CharField(max_length=300, verbose_name="uppdrag")),
                    ("unit_hsa_id", models.CharField(max_length=31)),
                    ("unit_name", models.CharField(max_length=200)),
                    ("provider_hsa_id", models.CharField(max_length=31)),
                    ("provider_name", models.CharField(max_length=200)),
                    ("identity_type", models.CharField(blank=True, max_length=20)),
                    ("identity_value", models.CharField(blank=True, max_length=35)),
                    ("resource_type", models.CharField(max_length=40)),
                    ("resource_id", models.CharField(blank=True, max_length=40)),
                    ("owner_provider_hsa_id", models.CharField(blank=True, max_length=31)),
                    ("owner_unit_hsa_id", models.CharField(blank=True, max_length=31)),
                    (
                        "outcome",
                        models.CharField(
                            choices=[("ALLOWED", "tillåten"), ("DENIED", "nekad"), ("DENIED_PROTECTED", "nekad, skyddade uppgifter")],
                            default="ALLOWED",
                            max_length=20,
                        ),
                    ),
                    ("reason", models.CharField(blank=True, max_length=200)),
                    ("request_id", models.CharField(blank=True, max_length=32)),
                    ("session_hash", models.CharField(blank=True, max_length=32)),
                    ("client_ip", models.CharField(blank=True, max_length=45)),
                    ("patient", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient")),
                ],
                options={
                    "verbose_name": "loggpost",
                    "verbose_name_plural": "loggposter",
                    "indexes": [
                        models.Index(fields=["patient", "at"], name="access_by_patient"),
                        models.Index(fields=["user_hsa_id", "at"], name="access_by_user"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("patient__isnull", False), models.Q(("identity_value", ""), _negated=True)),
                                models.Q(("identity_value", ""), ("patient__isnull", True), ("resource_type", "Fakturaunderlag")),
                                _connector="OR",
                            ),
                            name="log_entry_names_a_patient",
                        )
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="9862dab6698e40ca2f179d3ec9d3387d79da7048",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_79645",
                                table="patients_accesslogentry",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="5f17c5fc130e81807a54b0e88cf355902689cd59",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_893fe",
                                table="patients_accesslogentry",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PatientHistory",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "event",
                        models.CharField(
                            choices=[
                                ("IDENTITY_CHANGED", "Nytt nummer"),
                                ("LMA_PROLONGED", "Nytt datum för LMA-kortet"),
                                ("MERGED", "Sammanslagen"),
                                ("UNDONE", "Ångrad"),
                                ("PAYER_CHANGED", "Ny betalare"),
                                ("INDIVIDUAL_CHANGED", "Byte av individnummer"),
                            ],
                            max_length=20,
                        ),
                    ),
                    ("number", models.CharField(blank=True, max_length=17)),
                    ("reason", models.CharField(blank=True, max_length=500, verbose_name="orsak")),
                    ("details", models.JSONField(default=dict)),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("other", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient")),
                    ("patient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="patients.patient")),
                    ("provider", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careprovider")),
                    (
                        "undoes",
                        models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="undone_by", to="patients.patienthistory"),
                    ),
                ],
                options={
                    "indexes": [models.Index(fields=["patient", "-id"], name="patient_history")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="a4de9884829f2425f099143faea7a7dbba2d6571",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_d83d2",
                                table="patients_patienthistory",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="64156f850ad8f6b8a1792c7cede33cc70c1929cf",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_ecc32",
                                table="patients_patienthistory",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PatientIdentity",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "type",
                        models.CharField(
                            choices=[
                                (patients.identifiers.IdentityType["PERSONNUMMER"], "personnummer"),
                                (patients.identifiers.IdentityType["SAMORDNINGSNUMMER"], "samordningsnummer"),
                                (patients.identifiers.IdentityType["NRID"], "nationellt reservnummer"),
                                (patients.identifiers.IdentityType["VGR_RESERV"], "VGR-reservnummer"),
                                (patients.identifiers.IdentityType["LMA"], "LMA-nummer"),
                            ],
                            max_length=20,
                            verbose_name="typ",
                        ),
                    ),
                    ("value", models.CharField(max_length=35, verbose_name="nummer")),
                    ("is_current", models.BooleanField(default=True, verbose_name="gäller")),
                    ("valid_until", models.DateField(null=True, verbose_name="gäller till och med")),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("replaced_at", models.DateTimeField(null=True, verbose_name="ersatt")),
                    ("withdrawn_at", models.DateTimeField(null=True, verbose_name="återtaget")),
                    ("patient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="identities", to="patients.patient")),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("withdrawn_at__isnull", True)), fields=("value", "type"), name="identity_belongs_to_one_patient"
                        ),
                        models.UniqueConstraint(condition=models.Q(("is_current", True)), fields=("patient",), name="one_current_identity_per_patient"),
                        models.CheckConstraint(
                            condition=models.Q(("type", "LMA"), ("value__regex", "^[0-9A-Z]{12}$"), _connector="OR"), name="identity_is_twelve_characters"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                (
                                    "type__in",
                                    [
                                        patients.identifiers.IdentityType["PERSONNUMMER"],
                                        patients.identifiers.IdentityType["SAMORDNINGSNUMMER"],
                                        patients.identifiers.IdentityType["NRID"],
                                        patients.identifiers.IdentityType["VGR_RESERV"],
                                        patients.identifiers.IdentityType["LMA"],
                                    ],
                                )
                            ),
                            name="identity_type_is_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("type", "LMA"), ("valid_until__isnull", False)),
                                models.Q(models.Q(("type", "LMA"), _negated=True), ("valid_until__isnull", True)),
                                _connector="OR",
                            ),
                            name="lma_alone_has_a_last_day",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("is_current", False), models.Q(("replaced_at__isnull", True), ("withdrawn_at__isnull", True)), _connector="OR"),
                            name="current_identity_is_neither_replaced_nor_withdrawn",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PayerResponsibility",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("base_code", models.CharField(blank=True, max_length=10, verbose_name="baskod")),
                    ("customer_number", models.CharField(max_length=35, verbose_name="kundnummer")),
                    ("payer_number", models.CharField(max_length=35, verbose_name="betalare, nummer")),
                    ("payer_name", models.CharField(max_length=200, verbose_name="betalare, namn")),
                    ("starts_on", models.DateField(verbose_name="från och med")),
                    ("ends_on", models.DateField(null=True, verbose_name="till")),
                    ("reason", models.CharField(max_length=500, verbose_name="orsak")),
                    ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("withdrawn_at", models.DateTimeField(null=True)),
                    ("customer", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer", verbose_name="kund")),
                    ("decided_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("patient", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="payers", to="patients.patient")),
                    ("provider", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careprovider")),
                ],
                options={
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("ends_on__isnull", True), ("ends_on__gt", models.F("starts_on")), _connector="OR"),
                            name="payer_ends_after_start",
                        ),
                        django.contrib.postgres.constraints.ExclusionConstraint(
                            condition=models.Q(("withdrawn_at__isnull", True)),
                            expressions=[("patient", "="), ("provider", "="), (patients.models.payers.Days("starts_on", "ends_on"), "&&")],
                            name="one_payer_at_a_time",
                        ),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="follows_merge",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                declare="DECLARE kept BIGINT;",
                                func="\n            SELECT merged_into_id INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;\n            NEW.patient_id := coalesce(kept, NEW.patient_id);\n            RETURN NEW;\n        ",
                                hash="34055b16f9d424a14ddada5db5e2e7301e8d39dc",
                                operation='INSERT OR UPDATE OF "patient_id"',
                                pgid="pgtrigger_follows_merge_ac407",
                                table="patients_payerresponsibility",
                                when="BEFORE",
                            ),
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="LoanReturn",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("source", models.CharField(max_length=100)),
                    ("quantity", models.PositiveIntegerField(verbose_name="antal")),
                    ("at", models.DateTimeField(verbose_name="återlämnad")),
                    ("loan", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="returns", to="patients.loan")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("loan", "source"), name="one_return_of_a_loan_per_source")],
                },
            ),
        ),
    ]
