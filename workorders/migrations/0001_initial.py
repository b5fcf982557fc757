import uuid

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
from django.db import migrations, models

from core.first_migrations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("integration", "0001_initial"),
        ("patients", "0001_initial"),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="ConsultationPurpose",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("name", models.CharField(max_length=100, unique=True, verbose_name="syfte")),
                    (
                        "document",
                        models.CharField(
                            blank=True, help_text="Namnet på blanketten. Tomt: inget underlag krävs.", max_length=100, verbose_name="underlag som krävs"
                        ),
                    ),
                    ("is_active", models.BooleanField(default=True, verbose_name="används")),
                ],
                options={
                    "verbose_name": "syfte med konsultation",
                    "verbose_name_plural": "syften med konsultation",
                },
            ),
            migrations.CreateModel(
                name="CallOut",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("form", models.CharField(choices=[("URGENT", "Akut"), ("ON_CALL", "Jour")], max_length=8, unique=True, verbose_name="form")),
                    ("workday_opens", models.TimeField(blank=True, null=True, verbose_name="vardag från")),
                    ("workday_closes", models.TimeField(blank=True, null=True, verbose_name="vardag till")),
                    ("free_day_opens", models.TimeField(blank=True, null=True, verbose_name="helg från")),
                    ("free_day_closes", models.TimeField(blank=True, null=True, verbose_name="helg till")),
                    ("on_site_hours", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="på plats inom, timmar")),
                    (
                        "fee",
                        models.DecimalField(
                            blank=True,
                            decimal_places=2,
                            help_text="Exklusive moms. Tomt: enligt prislistan.",
                            max_digits=10,
                            null=True,
                            verbose_name="avgift, kr",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "akut och jour",
                    "verbose_name_plural": "akut och jour",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("workday_closes", None), ("workday_opens", None)), ("workday_opens__lt", models.F("workday_closes")), _connector="OR"
                            ),
                            name="call_out_workday_opens_before_it_closes",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("free_day_closes", None), ("free_day_opens", None)),
                                ("free_day_opens__lt", models.F("free_day_closes")),
                                _connector="OR",
                            ),
                            name="call_out_free_day_opens_before_it_closes",
                        ),
                        models.CheckConstraint(condition=models.Q(("fee", None), ("fee__gte", 0), _connector="OR"), name="call_out_fee_is_not_negative"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ServiceLevel",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("REPAIR", "Avhjälpande underhåll"),
                                ("ADAPTATION", "Anpassning"),
                                ("SPECIAL_ADAPTATION", "Specialanpassning"),
                                ("ASSEMBLY", "Montering"),
                                ("INSTALLATION", "Installation"),
                                ("CONSULTATION", "Konsultation"),
                            ],
                            max_length=20,
                            verbose_name="slag",
                        ),
                    ),
                    ("is_urgent", models.BooleanField(default=False, verbose_name="akut")),
                    (
                        "priority",
                        models.PositiveSmallIntegerField(
                            blank=True,
                            choices=[(1, "1, brådskande"), (2, "2, snart"), (3, "3, kan vänta")],
                            help_text="Bara för konsultation.",
                            null=True,
                            verbose_name="prioritet",
                        ),
                    ),
                    ("start_days", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="påbörjad inom, arbetsdagar")),
                    ("done_days", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="klar inom, arbetsdagar")),
                    ("done_hours", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="klar inom, arbetstimmar")),
                ],
                options={
                    "verbose_name": "servicenivå",
                    "verbose_name_plural": "servicenivåer",
                    "constraints": [
                        models.UniqueConstraint(fields=("kind", "is_urgent", "priority"), name="one_service_level_per_kind", nulls_distinct=False),
                        models.CheckConstraint(
                            condition=models.Q(("kind__in", ["REPAIR", "ADAPTATION", "SPECIAL_ADAPTATION", "ASSEMBLY", "INSTALLATION", "CONSULTATION"])),
                            name="service_level_kind_is_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("priority", None), models.Q(("kind", "CONSULTATION"), ("priority__range", (1, 3))), _connector="OR"),
                            name="priority_is_for_consultation",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="WorkOrder",
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
                                ("STARTED", "Påbörjad"),
                                ("WAITING", "Väntar"),
                                ("NEEDS_COMPLETION", "Väntar på komplettering"),
                                ("COMPLETED", "Klar"),
                                ("CANCELLED", "Makulerad"),
                            ],
                            default="DRAFT",
                            max_length=20,
                            verbose_name="status",
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("REPAIR", "Avhjälpande underhåll"),
                                ("ADAPTATION", "Anpassning"),
                                ("SPECIAL_ADAPTATION", "Specialanpassning"),
                                ("ASSEMBLY", "Montering"),
                                ("INSTALLATION", "Installation"),
                                ("CONSULTATION", "Konsultation"),
                            ],
                            max_length=20,
                            verbose_name="slag",
                        ),
                    ),
                    ("individual_number", models.CharField(blank=True, max_length=100, verbose_name="individnummer")),
                    ("article_number", models.CharField(blank=True, max_length=100, verbose_name="artikelnummer")),
                    ("aid_name", models.CharField(blank=True, max_length=255, verbose_name="hjälpmedel")),
                    ("aid_location", models.CharField(blank=True, max_length=500, verbose_name="var hjälpmedlet är nu")),
                    (
                        "side",
                        models.CharField(blank=True, choices=[("LEFT", "Vänster"), ("RIGHT", "Höger"), ("BOTH", "Båda")], max_length=8, verbose_name="sida"),
                    ),
                    ("description", models.TextField(blank=True, max_length=4000, verbose_name="beskrivning")),
                    ("instruction", models.TextField(blank=True, max_length=2000, verbose_name="anvisning")),
                    ("risk_analysis", models.TextField(blank=True, max_length=1500, verbose_name="funktionell riskanalys")),
                    ("wants_cost_proposal", models.BooleanField(default=False, verbose_name="kostnadsförslag önskas")),
                    ("need", models.TextField(blank=True, max_length=2000, verbose_name="behov")),
                    (
                        "priority",
                        models.PositiveSmallIntegerField(
                            choices=[(1, "1, brådskande"), (2, "2, snart"), (3, "3, kan vänta")], null=True, verbose_name="prioritet"
                        ),
                    ),
                    (
                        "place",
                        models.CharField(
                            blank=True,
                            choices=[("CENTRE", "På centralen"), ("ON_SITE", "På plats"), ("REMOTE", "På distans")],
                            max_length=8,
                            verbose_name="var arbetet görs",
                        ),
                    ),
                    ("patient_can_come", models.BooleanField(null=True, verbose_name="patienten kan komma till centralen")),
                    ("needs_loaner", models.BooleanField(default=False, verbose_name="låneexemplar behövs under tiden")),
                    ("has_infection_risk", models.BooleanField(default=False, verbose_name="smittrisk")),
                    ("infection_note", models.CharField(blank=True, max_length=500, verbose_name="vad som är gjort mot smittan")),
                    (
                        "haste",
                        models.CharField(
                            choices=[("NORMAL", "Vanlig tid"), ("URGENT", "Akut"), ("ON_CALL", "Jour")], default="NORMAL", max_length=8, verbose_name="brådska"
                        ),
                    ),
                    ("requested_on", models.DateField(null=True, verbose_name="önskad dag")),
                    ("is_second", models.BooleanField(default=False, verbose_name="beställd fast en annan är öppen på samma hjälpmedel")),
                    ("start_by", models.DateTimeField(null=True, verbose_name="påbörjad senast")),
                    ("done_by", models.DateTimeField(null=True, verbose_name="klar senast")),
                    ("received_sequence", models.PositiveIntegerField(default=0)),
                    ("cancelled_sequence", models.PositiveIntegerField(default=0)),
                    ("promised_sequence", models.PositiveIntegerField(default=0)),
                    ("sent_again_after", models.PositiveIntegerField(default=0)),
                    ("planned_on", models.DateField(null=True, verbose_name="planerad dag")),
                    ("told_late_at", models.DateTimeField(null=True)),
                    (
                        "again_of",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="ordered_again",
                            to="workorders.workorder",
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
                        "loan",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.loan", verbose_name="hjälpmedel"
                        ),
                    ),
                    (
                        "orderer",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="beställare"),
                    ),
                    (
                        "patient",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient", verbose_name="patient"),
                    ),
                    (
                        "prescriber",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="förskrivare"),
                    ),
                    (
                        "purpose",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="workorders.consultationpurpose", verbose_name="syfte"
                        ),
                    ),
                    (
                        "unit",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.careunit", verbose_name="vårdenhet"),
                    ),
                ],
                options={
                    "verbose_name": "arbetsorder",
                    "verbose_name_plural": "arbetsorder",
                    "indexes": [
                        models.Index(condition=models.Q(("number__isnull", False)), fields=["unit", "-placed_at", "-id"], name="unit_work_orders"),
                        models.Index(
                            condition=models.Q(("status__in", ["PLACED", "RECEIVED", "PLANNED", "STARTED", "WAITING", "NEEDS_COMPLETION"])),
                            fields=["unit", "-placed_at", "-id"],
                            name="unit_open_work_orders",
                        ),
                        models.Index(
                            condition=models.Q(("number__isnull", False)), fields=["unit", "status", "-placed_at", "-id"], name="unit_status_work_orders"
                        ),
                        models.Index(
                            condition=models.Q(("number__isnull", False), ("planned_on__isnull", False)),
                            fields=["unit", "planned_on", "id"],
                            name="unit_work_by_day",
                        ),
                        models.Index(condition=models.Q(("number__isnull", False)), fields=["patient", "-placed_at", "-id"], name="patient_work_orders"),
                        models.Index(
                            condition=models.Q(("individual_number", ""), _negated=True), fields=["individual_number", "-placed_at"], name="work_orders_of_aid"
                        ),
                        models.Index(condition=models.Q(("status", "DRAFT")), fields=["unit", "-changed_at", "-id"], name="unit_work_drafts"),
                        models.Index(
                            models.OrderBy(models.F("done_by")),
                            condition=models.Q(
                                ("status__in", ["PLACED", "RECEIVED", "PLANNED", "STARTED", "WAITING", "NEEDS_COMPLETION"]), ("told_late_at__isnull", True)
                            ),
                            name="work_orders_to_watch",
                        ),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                ("status__in", ["DRAFT", "PLACED", "RECEIVED", "PLANNED", "STARTED", "WAITING", "NEEDS_COMPLETION", "COMPLETED", "CANCELLED"])
                            ),
                            name="work_order_status_is_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("kind__in", ["REPAIR", "ADAPTATION", "SPECIAL_ADAPTATION", "ASSEMBLY", "INSTALLATION", "CONSULTATION"])),
                            name="work_order_kind_is_known",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("status__in", ["DRAFT", "CANCELLED"]),
                                models.Q(
                                    ("customer__isnull", False), ("number__isnull", False), ("placed_at__isnull", False), models.Q(("place", ""), _negated=True)
                                ),
                                _connector="OR",
                            ),
                            name="sent_work_order_is_complete",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("number__isnull", True), ("placed_at__isnull", True)),
                                models.Q(("number__isnull", False), ("placed_at__isnull", False)),
                                _connector="OR",
                            ),
                            name="work_order_number_comes_with_sending",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("number__isnull", True),
                                models.Q(("kind", "SPECIAL_ADAPTATION"), _negated=True),
                                models.Q(models.Q(("instruction", ""), _negated=True), models.Q(("risk_analysis", ""), _negated=True)),
                                _connector="OR",
                            ),
                            name="special_adaptation_has_instruction_and_risk_analysis",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("priority", None), ("priority__range", (1, 3)), _connector="OR"), name="work_order_priority_is_known"
                        ),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="follows_merge",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                declare="DECLARE kept BIGINT;",
                                func="\n            SELECT merged_into_id INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;\n            NEW.patient_id := coalesce(kept, NEW.patient_id);\n            RETURN NEW;\n        ",
                                hash="f2da72c451cabcd50e54b0f2b59dd07a1e325155",
                                operation='INSERT OR UPDATE OF "patient_id"',
                                pgid="pgtrigger_follows_merge_6d444",
                                table="workorders_workorder",
                                when="BEFORE",
                            ),
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="StatusReport",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("sequence", models.PositiveIntegerField()),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("PLANNED", "Planerad"),
                                ("STARTED", "Påbörjad"),
                                ("WAITING", "Väntar"),
                                ("NEEDS_COMPLETION", "Väntar på komplettering"),
                                ("COMPLETED", "Klar"),
                            ],
                            max_length=20,
                        ),
                    ),
                    ("planned_on", models.DateField(null=True)),
                    ("late_reason", models.TextField(blank=True)),
                    ("summary", models.TextField(blank=True)),
                    ("hours", models.DecimalField(decimal_places=3, max_digits=9, null=True)),
                    ("parts", models.JSONField(default=list)),
                    ("by_name", models.CharField(blank=True, max_length=500)),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="workorders.workorder")),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("order", "sequence"), name="work_report_once_per_message"),
                        models.CheckConstraint(
                            condition=models.Q(("state__in", ["PLANNED", "STARTED", "WAITING", "NEEDS_COMPLETION", "COMPLETED"])),
                            name="work_report_state_is_known",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="CostProposal",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("sequence", models.PositiveIntegerField()),
                    ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="belopp, kr")),
                    ("text", models.TextField(verbose_name="förslag")),
                    ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("is_approved", models.BooleanField(null=True, verbose_name="godkänt")),
                    ("answered_at", models.DateTimeField(null=True)),
                    ("note", models.CharField(blank=True, max_length=500, verbose_name="kommentar")),
                    ("reminded_at", models.DateTimeField(null=True)),
                    ("answered_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="proposals", to="workorders.workorder")),
                ],
                options={
                    "verbose_name": "kostnadsförslag",
                    "verbose_name_plural": "kostnadsförslag",
                    "indexes": [models.Index(condition=models.Q(("is_approved", None)), fields=["received_at"], name="unanswered_cost_proposals")],
                    "constraints": [
                        models.UniqueConstraint(fields=("order", "sequence"), name="cost_proposal_once_per_message"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("answered_at", None), ("answered_by", None), ("is_approved", None)),
                                models.Q(("answered_at__isnull", False), ("answered_by__isnull", False), ("is_approved__isnull", False)),
                                _connector="OR",
                            ),
                            name="cost_proposal_answer_is_whole",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="WorkOrderAttachment",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "content",
                        models.CharField(
                            choices=[("PHOTO", "Foto"), ("INSTRUCTION", "Anvisning"), ("DOCUMENT", "Underlag")], max_length=12, verbose_name="vad det är"
                        ),
                    ),
                    ("attachment", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="integration.attachment")),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="workorders.workorder")),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("order", "attachment"), name="attachment_once_per_work_order")],
                },
            ),
            migrations.CreateModel(
                name="WorkOrderHistory",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("event", models.CharField(max_length=30)),
                    ("old", models.CharField(max_length=20)),
                    ("new", models.CharField(max_length=20)),
                    ("note", models.TextField(blank=True)),
                    ("details", models.JSONField(default=dict)),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="history", to="workorders.workorder")),
                ],
                options={
                    "abstract": False,
                    "indexes": [models.Index(fields=["order", "id"], name="work_order_history")],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="635f66c5d252264d12758111619d2409b166e7d6",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_905d1",
                                table="workorders_workorderhistory",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="e31ba8841810405380abfec562bff342c11a22b9",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_d3ebb",
                                table="workorders_workorderhistory",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
        ),
    ]
