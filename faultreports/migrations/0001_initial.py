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
        ("catalog", "0001_initial"),
        ("integration", "0001_initial"),
        ("patients", "0001_initial"),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="FaultReport",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "status",
                        models.CharField(
                            choices=[
                                ("DRAFT", "Utkast"),
                                ("DISCARDED", "Kastad"),
                                ("REGISTERED", "Registrerad"),
                                ("RECEIVED", "Mottagen"),
                                ("INVESTIGATING", "Utreds"),
                                ("ANSWERED", "Besvarad"),
                                ("CLOSED", "Avslutad"),
                            ],
                            default="DRAFT",
                            max_length=20,
                            verbose_name="status",
                        ),
                    ),
                    ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ("number", models.CharField(max_length=17, null=True, unique=True, verbose_name="nummer")),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("NEGATIVE_EVENT", "Negativ händelse"),
                                ("NEAR_MISS", "Tillbud"),
                                ("COMPLAINT", "Reklamation av hjälpmedel"),
                                ("DELIVERY", "Fel eller sen leverans"),
                                ("SERVICE", "Utförd tjänst"),
                                ("NOT_DEREGISTERED", "Återlämnat men ej avregistrerat"),
                                ("LOST", "Förkommet hjälpmedel"),
                            ],
                            max_length=20,
                            verbose_name="slag",
                        ),
                    ),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="skapad")),
                    ("changed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="ändrad")),
                    ("reported_at", models.DateTimeField(null=True, verbose_name="skickad")),
                    ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                    ("case_number", models.CharField(blank=True, max_length=100, verbose_name="ärendenummer i SESAM2")),
                    ("individual_number", models.CharField(blank=True, max_length=100, verbose_name="individnummer")),
                    ("article_number", models.CharField(blank=True, max_length=100, verbose_name="artikelnummer")),
                    ("aid_name", models.CharField(blank=True, max_length=255, verbose_name="hjälpmedel")),
                    ("store_number", models.CharField(blank=True, max_length=35, verbose_name="förråd")),
                    ("order_number", models.CharField(blank=True, max_length=17, verbose_name="ordernummer")),
                    ("order_line", models.PositiveIntegerField(null=True, verbose_name="orderrad")),
                    ("despatch_number", models.CharField(blank=True, max_length=100, verbose_name="följesedel")),
                    ("basis_number", models.CharField(blank=True, max_length=100, verbose_name="fakturaunderlag")),
                    ("basis_line", models.PositiveIntegerField(null=True, verbose_name="rad i fakturaunderlaget")),
                    ("given", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                    ("happened_on", models.DateField(null=True, verbose_name="när det hände")),
                    ("place", models.CharField(blank=True, max_length=500, verbose_name="var det hände")),
                    ("present", models.CharField(blank=True, max_length=500, verbose_name="vilka som var där")),
                    ("description", models.TextField(blank=True, max_length=4000, verbose_name="beskrivning")),
                    ("measures", models.TextField(blank=True, max_length=2000, verbose_name="vad som gjordes")),
                    (
                        "delivery_fault",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("WRONG", "Fel vara har kommit"),
                                ("QUANTITY", "Fel antal, eller något fattas"),
                                ("DAMAGED", "Varan var skadad när den kom"),
                                ("LATE", "Leveransen är sen eller har inte kommit"),
                            ],
                            max_length=8,
                            verbose_name="vad som är fel med leveransen",
                        ),
                    ),
                    (
                        "aid_plan",
                        models.CharField(
                            blank=True,
                            choices=[("KEPT", "Sparas här, orört"), ("SENT_IN", "Skickas in till centralen"), ("ON_SITE", "Repareras på plats")],
                            max_length=8,
                            verbose_name="vad som görs med hjälpmedlet",
                        ),
                    ),
                    ("wants_replacement", models.BooleanField(null=True, verbose_name="ersättning önskas")),
                    ("is_reported_to_authority", models.BooleanField(null=True, verbose_name="anmält till Läkemedelsverket")),
                    ("wants_answer", models.BooleanField(default=True, verbose_name="svar önskas")),
                    ("is_second", models.BooleanField(default=False, verbose_name="skickad fast en annan om samma hjälpmedel kom samma dag")),
                    ("told", models.PositiveSmallIntegerField(default=0)),
                    ("case_sequence", models.PositiveIntegerField(default=0)),
                    ("released_at", models.DateTimeField(null=True, verbose_name="utredningen hävd")),
                    ("found_on", models.DateField(null=True, verbose_name="återfunnet")),
                    ("found_at", models.DateTimeField(null=True)),
                    ("found_note", models.CharField(blank=True, max_length=500, verbose_name="var det fanns")),
                    ("reminded_at", models.DateTimeField(null=True)),
                    (
                        "article",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.article", verbose_name="artikel"
                        ),
                    ),
                    (
                        "customer",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer", verbose_name="kund"
                        ),
                    ),
                    ("found_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    (
                        "individual",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="catalog.individual",
                            verbose_name="hjälpmedel i förråd",
                        ),
                    ),
                    (
                        "loan",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.loan", verbose_name="utlånat hjälpmedel"
                        ),
                    ),
                    (
                        "patient",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient", verbose_name="patient"
                        ),
                    ),
                    ("released_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    (
                        "reporter",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="anmälare"),
                    ),
                    (
                        "unit",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careunit", verbose_name="vårdenhet"),
                    ),
                ],
                options={
                    "verbose_name": "felrapport",
                    "verbose_name_plural": "felrapporter",
                    "indexes": [
                        models.Index(condition=models.Q(("number__isnull", False)), fields=["unit", "-reported_at", "-id"], name="unit_fault_reports"),
                        models.Index(
                            condition=models.Q(("status__in", ["REGISTERED", "RECEIVED", "INVESTIGATING", "ANSWERED"])),
                            fields=["unit", "-reported_at", "-id"],
                            name="unit_open_fault_reports",
                        ),
                        models.Index(condition=models.Q(("number__isnull", False)), fields=["reporter", "-reported_at", "-id"], name="persons_fault_reports"),
                        models.Index(condition=models.Q(("status", "DRAFT")), fields=["reporter", "-changed_at", "-id"], name="persons_fault_drafts"),
                        models.Index(condition=models.Q(("number__isnull", False)), fields=["patient", "-reported_at", "-id"], name="patient_fault_reports"),
                        models.Index(
                            condition=models.Q(("individual_number", ""), _negated=True),
                            fields=["individual_number", "-reported_at"],
                            name="fault_reports_of_aid",
                        ),
                        models.Index(
                            condition=models.Q(("is_reported_to_authority", False), ("number__isnull", False), ("reminded_at__isnull", True)),
                            fields=["reported_at"],
                            name="fault_reports_to_remind_of",
                        ),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("status__in", ["DRAFT", "DISCARDED", "REGISTERED", "RECEIVED", "INVESTIGATING", "ANSWERED", "CLOSED"])),
                            name="fault_report_status_is_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("kind__in", ["NEGATIVE_EVENT", "NEAR_MISS", "COMPLAINT", "DELIVERY", "SERVICE", "NOT_DEREGISTERED", "LOST"])),
                            name="fault_report_kind_is_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("number__isnull", True), ("reported_at__isnull", True), ("status__in", ["DRAFT", "DISCARDED"])),
                                models.Q(
                                    models.Q(("status__in", ["DRAFT", "DISCARDED"]), _negated=True),
                                    ("customer__isnull", False),
                                    ("number__isnull", False),
                                    ("reported_at__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="fault_report_number_comes_with_sending",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("number__isnull", True),
                                models.Q(("happened_on__isnull", False), models.Q(("description", ""), _negated=True)),
                                _connector="OR",
                            ),
                            name="sent_fault_report_says_what_and_when",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("number__isnull", True),
                                models.Q(("kind__in", ["NEGATIVE_EVENT", "NEAR_MISS"]), _negated=True),
                                models.Q(
                                    ("is_reported_to_authority__isnull", False),
                                    models.Q(("present", ""), _negated=True),
                                    models.Q(("measures", ""), _negated=True),
                                    models.Q(("aid_plan", ""), _negated=True),
                                    models.Q(("aid_name", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                            name="harmful_event_is_told_in_full",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("number__isnull", True),
                                models.Q(("kind", "DELIVERY"), _negated=True),
                                models.Q(("delivery_fault", "LATE"), models.Q(("order_number", ""), _negated=True)),
                                models.Q(models.Q(("delivery_fault__in", ["", "LATE"]), _negated=True), models.Q(("despatch_number", ""), _negated=True)),
                                _connector="OR",
                            ),
                            name="faulty_delivery_names_what_came",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("number__isnull", True),
                                models.Q(("kind", "LOST"), _negated=True),
                                models.Q(models.Q(("measures", ""), _negated=True), models.Q(("aid_name", ""), _negated=True)),
                                _connector="OR",
                            ),
                            name="lost_aid_has_been_looked_for",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("found_at__isnull", True), ("found_by__isnull", True), ("found_on__isnull", True)),
                                models.Q(
                                    ("found_at__isnull", False),
                                    ("found_by__isnull", False),
                                    ("found_on__isnull", False),
                                    ("kind", "LOST"),
                                    ("number__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="what_is_found_was_lost",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("released_at__isnull", True), ("released_by__isnull", True)),
                                models.Q(("kind", "NEGATIVE_EVENT"), ("number__isnull", False), ("released_at__isnull", False), ("released_by__isnull", False)),
                                _connector="OR",
                            ),
                            name="what_is_released_was_held",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("loan__isnull", True), models.Q(("individual__isnull", True), ("patient__isnull", False)), _connector="OR"),
                            name="aid_is_with_a_patient_or_in_a_store",
                        ),
                        models.CheckConstraint(condition=models.Q(("told__range", (0, 4))), name="fault_report_is_told_a_place_on_the_way"),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="follows_merge",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                declare="DECLARE kept BIGINT;",
                                func="\n            SELECT merged_into_id INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;\n            NEW.patient_id := coalesce(kept, NEW.patient_id);\n            RETURN NEW;\n        ",
                                hash="d0f4f00f75a8b76303ab0421de9eb3daa6a5d9f3",
                                operation='INSERT OR UPDATE OF "patient_id"',
                                pgid="pgtrigger_follows_merge_0dd34",
                                table="faultreports_faultreport",
                                when="BEFORE",
                            ),
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="FaultReportAnswer",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("sequence", models.PositiveIntegerField()),
                    ("text", models.TextField()),
                    ("answered_by", models.CharField(blank=True, max_length=500)),
                    ("answered_at", models.DateTimeField()),
                    ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("report", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="faultreports.faultreport")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("report", "sequence"), name="fault_answer_once_per_message")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="9bb4dd18171597e05516662a1b5e8177e4b7c5b6",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_3d623",
                                table="faultreports_faultreportanswer",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="5eb6c9f3c2c6e3ab502b8d85c83d428621cbaf7b",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_ce785",
                                table="faultreports_faultreportanswer",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="FaultReportAttachment",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("attachment", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="integration.attachment")),
                    ("report", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="faultreports.faultreport")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("report", "attachment"), name="attachment_once_per_fault_report")],
                },
            ),
            migrations.CreateModel(
                name="FaultReportHistory",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("event", models.CharField(max_length=30)),
                    ("old", models.CharField(max_length=20)),
                    ("new", models.CharField(max_length=20)),
                    ("note", models.TextField(blank=True)),
                    ("details", models.JSONField(default=dict)),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("report", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="faultreports.faultreport")),
                ],
                options={
                    "abstract": False,
                    "indexes": [models.Index(fields=["report", "id"], name="fault_report_history")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="44c77829151ebe2b8301054f348c092ffafd891e",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_5e2cd",
                                table="faultreports_faultreporthistory",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="bdc4dd507cca60c99e689ae8131b2ff6c2768320",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_fb075",
                                table="faultreports_faultreporthistory",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="WithheldAnswer",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("sequence", models.PositiveIntegerField()),
                    ("answered_at", models.DateTimeField()),
                    ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("report", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="withheld_answers", to="faultreports.faultreport")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("report", "sequence"), name="withheld_answer_once_per_message")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="fe6802ebbf36ebc22fabf33bcc7bd0da73e7470e",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_12036",
                                table="faultreports_withheldanswer",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="617c388ff959e61edf8f70887cdec394ab39c944",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_01e22",
                                table="faultreports_withheldanswer",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="WithheldText",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("text", models.TextField()),
                    ("answered_by", models.CharField(blank=True, max_length=500)),
                    ("answer", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="faultreports.withheldanswer")),
                ],
                options={
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="d5a4b26421d8ef59a5306d4e20901ea8a958851b",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_27155",
                                table="faultreports_withheldtext",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="a39320cd0026c8b9879a521c825720ca0e825018",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_c16c0",
                                table="faultreports_withheldtext",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
        ),
    ]
