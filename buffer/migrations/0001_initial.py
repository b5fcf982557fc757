import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
from django.db import migrations, models

from core.first_migrations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("catalog", "0001_initial"),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Store",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "number",
                        models.CharField(
                            db_collation="C",
                            max_length=35,
                            unique=True,
                            validators=[
                                django.core.validators.RegexValidator(
                                    "^[A-Za-z-]*[0-9][A-Za-z0-9-]*\\Z", "Skriv bokstäver A–Z, siffror och bindestreck, med minst en siffra."
                                )
                            ],
                            verbose_name="förrådsnummer",
                        ),
                    ),
                    ("name", models.CharField(max_length=200, verbose_name="namn")),
                    ("location", models.CharField(blank=True, help_text="Till exempel Plan 2, rum 214.", max_length=200, verbose_name="var förrådet ligger")),
                    (
                        "delivery_days",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.PositiveSmallIntegerField(choices=[(1, "måndag"), (2, "tisdag"), (3, "onsdag"), (4, "torsdag"), (5, "fredag")]),
                            blank=True,
                            default=list,
                            size=None,
                            verbose_name="leveransdagar",
                        ),
                    ),
                    (
                        "top_up",
                        models.CharField(
                            choices=[
                                ("AT_ONCE", "Genast, när en artikel går under sin säkerhetsnivå"),
                                ("BY_DELIVERY_DAY", "Samlat inför förrådets leveransdag"),
                            ],
                            default="AT_ONCE",
                            max_length=16,
                            verbose_name="påfyllning",
                        ),
                    ),
                    ("is_paused", models.BooleanField(default=False, verbose_name="påfyllningen är pausad")),
                    ("pause_reason", models.CharField(blank=True, max_length=200, verbose_name="varför påfyllningen är pausad")),
                    (
                        "counts_blind",
                        models.BooleanField(
                            default=False, help_text="Den som räknar ser inte hur många det borde vara.", verbose_name="inventera utan att se saldot"
                        ),
                    ),
                    ("is_active", models.BooleanField(default=True, verbose_name="används")),
                    ("count_reminded_on", models.DateField(editable=False, null=True)),
                    (
                        "unit",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="stores", to="accounts.careunit", verbose_name="vårdenhet"),
                    ),
                ],
                options={
                    "verbose_name": "buffertförråd",
                    "verbose_name_plural": "buffertförråd",
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("number__regex", "^[A-Za-z-]*[0-9][A-Za-z0-9-]*$")), name="store_number_fits_in_an_address"),
                        models.CheckConstraint(condition=models.Q(("top_up__in", ["AT_ONCE", "BY_DELIVERY_DAY"])), name="store_top_up_is_known"),
                        models.CheckConstraint(condition=models.Q(("delivery_days__contained_by", [1, 2, 3, 4, 5])), name="store_delivery_days_are_workdays"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("top_up", "BY_DELIVERY_DAY"), _negated=True), models.Q(("delivery_days", []), _negated=True), _connector="OR"
                            ),
                            name="store_that_waits_has_a_delivery_day",
                        ),
                        models.CheckConstraint(condition=models.Q(("is_paused", True), ("pause_reason", ""), _connector="XOR"), name="paused_store_says_why"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Count",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    (
                        "status",
                        models.CharField(
                            choices=[("OPEN", "Pågår"), ("BOOKED", "Bokförd"), ("CANCELLED", "Avbruten")], default="OPEN", max_length=20, verbose_name="status"
                        ),
                    ),
                    ("is_blind", models.BooleanField(default=False, verbose_name="utan att se saldot")),
                    ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="påbörjad")),
                    ("closed_at", models.DateTimeField(null=True, verbose_name="avslutad")),
                    ("correction_number", models.CharField(blank=True, max_length=35, verbose_name="rättelse")),
                    (
                        "started_by",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="påbörjad av"),
                    ),
                    ("store", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="counts", to="buffer.store", verbose_name="förråd")),
                ],
                options={
                    "verbose_name": "inventering",
                    "verbose_name_plural": "inventeringar",
                    "indexes": [models.Index(fields=["store", "-id"], name="counts_of_store")],
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("status__in", ["OPEN", "BOOKED", "CANCELLED"])), name="count_status_is_known"),
                        models.CheckConstraint(
                            condition=models.Q(("status", "OPEN"), ("closed_at__isnull", False), _connector="XOR"), name="count_is_closed_when_it_ends"
                        ),
                        models.UniqueConstraint(condition=models.Q(("status", "OPEN")), fields=("store",), name="one_open_count_per_store"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="StockLine",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("on_hand", models.PositiveIntegerField(default=0, verbose_name="i förrådet")),
                    ("on_order", models.PositiveIntegerField(default=0, verbose_name="beställt")),
                    ("safety_level", models.PositiveIntegerField(default=0, verbose_name="säkerhetsnivå")),
                    ("target_level", models.PositiveIntegerField(default=0, verbose_name="fylls på till")),
                    ("place", models.CharField(blank=True, max_length=40, verbose_name="plats")),
                    ("place_sort", models.CharField(db_collation="C", default="~", editable=False, max_length=250)),
                    ("is_paused", models.BooleanField(default=False, verbose_name="påfyllningen är pausad")),
                    ("pause_reason", models.CharField(blank=True, max_length=200, verbose_name="varför påfyllningen är pausad")),
                    ("last_counted_at", models.DateTimeField(null=True, verbose_name="senast inventerad")),
                    ("last_withdrawn_at", models.DateTimeField(null=True, verbose_name="senaste uttag")),
                    ("stocked_at", models.DateTimeField(null=True, verbose_name="i förrådet sedan")),
                    (
                        "article",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="stock_lines", to="catalog.article", verbose_name="artikel"
                        ),
                    ),
                    ("store", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="buffer.store", verbose_name="förråd")),
                ],
                options={
                    "verbose_name": "förrådsrad",
                    "verbose_name_plural": "förrådsrader",
                    "indexes": [models.Index(fields=["store", "place_sort", "id"], name="stock_lines_by_place")],
                    "constraints": [
                        models.UniqueConstraint(fields=("store", "article"), name="one_line_per_store_and_article"),
                        models.CheckConstraint(condition=models.Q(("on_hand__gte", 0)), name="on_hand_is_never_negative"),
                        models.CheckConstraint(condition=models.Q(("on_order__gte", 0)), name="on_order_is_never_negative"),
                        models.CheckConstraint(condition=models.Q(("target_level__gte", models.F("safety_level"))), name="target_is_not_below_safety_level"),
                        models.CheckConstraint(condition=models.Q(("is_paused", True), ("pause_reason", ""), _connector="XOR"), name="paused_line_says_why"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="StockIndividual",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("since", models.DateTimeField(verbose_name="sedan")),
                    (
                        "individual",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.PROTECT, related_name="in_store", to="catalog.individual", verbose_name="individ"
                        ),
                    ),
                    (
                        "line",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, related_name="individuals", to="buffer.stockline", verbose_name="förrådsrad"
                        ),
                    ),
                ],
                options={
                    "verbose_name": "individ i förråd",
                    "verbose_name_plural": "individer i förråd",
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="not_on_loan",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="\n                    IF EXISTS (SELECT 1 FROM catalog_individual WHERE id = NEW.individual_id AND is_on_loan) THEN\n                        RAISE EXCEPTION 'an aid on loan lies in no store' USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ",
                                hash="e99276fad6cf14662ae8e4237f8fd668fc94057a",
                                operation='INSERT OR UPDATE OF "individual_id"',
                                pgid="pgtrigger_not_on_loan_ddc9b",
                                table="buffer_stockindividual",
                                when="BEFORE",
                            ),
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Movement",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("WITHDRAWAL", "Uttag"),
                                ("RETURN", "Återlämnat"),
                                ("RECEIPT", "Mottaget"),
                                ("PICKED_UP", "Hämtat av centralen"),
                                ("COUNT", "Inventering"),
                                ("SCRAPPED", "Kasserat"),
                                ("LOST", "Förkommet"),
                                ("FOUND", "Återfunnet"),
                                ("TRANSFER_OUT", "Flyttat till annat förråd"),
                                ("TRANSFER_IN", "Flyttat från annat förråd"),
                            ],
                            max_length=12,
                            verbose_name="slag",
                        ),
                    ),
                    ("change", models.IntegerField(verbose_name="ändring")),
                    ("before", models.PositiveIntegerField(verbose_name="före")),
                    ("after", models.PositiveIntegerField(verbose_name="efter")),
                    ("order_number", models.CharField(blank=True, max_length=35, verbose_name="ordernummer")),
                    ("correction_number", models.CharField(blank=True, max_length=35, verbose_name="rättelse")),
                    ("note", models.CharField(blank=True, max_length=500, verbose_name="anteckning")),
                    ("happened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="hände")),
                    ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="bokfört")),
                    (
                        "by",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="av"
                        ),
                    ),
                    (
                        "individual",
                        models.ForeignKey(
                            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="catalog.individual", verbose_name="individ"
                        ),
                    ),
                    (
                        "line",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="movements",
                            to="buffer.stockline",
                            verbose_name="förrådsrad",
                        ),
                    ),
                ],
                options={
                    "verbose_name": "lagerhändelse",
                    "verbose_name_plural": "lagerhändelser",
                    "indexes": [
                        models.Index(fields=["line", "-id"], name="movements_of_line"),
                        models.Index(fields=["line", "kind", "happened_at"], include=("change",), name="movements_by_kind"),
                        models.Index(
                            condition=models.Q(("after", 0), ("before", 0), _connector="OR"),
                            fields=["line", "id"],
                            include=("at", "before", "after"),
                            name="movements_at_nothing",
                        ),
                        models.Index(condition=models.Q(("individual__isnull", False)), fields=["individual", "-id"], name="movements_of_individual"),
                        models.Index(condition=models.Q(("order_number", ""), _negated=True), fields=["order_number"], name="movements_of_order"),
                    ],
                    "constraints": [
                        models.CheckConstraint(condition=models.Q(("change", 0), _negated=True), name="movement_changes_something"),
                        models.CheckConstraint(
                            condition=models.Q(("after", django.db.models.expressions.CombinedExpression(models.F("before"), "+", models.F("change")))),
                            name="movement_adds_up",
                        ),
                        models.CheckConstraint(condition=models.Q(("after__gte", 0), ("before__gte", 0)), name="movement_is_never_below_nothing"),
                        models.CheckConstraint(
                            condition=models.Q(("individual", None), ("change__in", [-1, 1]), _connector="OR"), name="movement_of_an_individual_is_one"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("kind", "COUNT"),
                                models.Q(("change__lt", 0), ("kind__in", ["WITHDRAWAL", "PICKED_UP", "SCRAPPED", "LOST", "TRANSFER_OUT"])),
                                models.Q(("change__gt", 0), ("kind__in", ["RETURN", "RECEIPT", "FOUND", "TRANSFER_IN"])),
                                _connector="OR",
                            ),
                            name="movement_goes_the_way_of_its_kind",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(("kind__in", ["WITHDRAWAL", "RETURN", "RECEIPT", "PICKED_UP"]), ("order_number", ""), _connector="XOR"),
                            name="movement_has_its_order",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("kind__in", ["COUNT", "SCRAPPED", "LOST", "FOUND", "TRANSFER_OUT", "TRANSFER_IN"]), ("correction_number", ""), _connector="XOR"
                            ),
                            name="movement_has_its_correction",
                        ),
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="de9d81d99d6f496357d12c979d255eaf44195ba2",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_613c2",
                                table="buffer_movement",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="3969d0712d17ee63f34003662b471ed70def96d9",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_4dd81",
                                table="buffer_movement",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="CountEntry",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("counted", models.PositiveIntegerField(verbose_name="räknat antal")),
                    ("individual_numbers", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), default=list, size=None)),
                    ("version", models.PositiveIntegerField(default=1)),
                    ("counted_at", models.DateTimeField(verbose_name="räknat")),
                    ("on_hand_then", models.PositiveIntegerField(verbose_name="saldo då")),
                    ("last_movement", models.PositiveBigIntegerField(default=0)),
                    ("difference", models.IntegerField(null=True, verbose_name="bokförd skillnad")),
                    (
                        "reason",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("UNREGISTERED", "Troligen tagna utan att registreras på en patient"),
                                ("MISCOUNTED", "Felräknat vid leverans eller förra inventeringen"),
                                ("BROKEN", "Trasiga, redan slängda"),
                                ("MISPLACED", "Låg på fel plats"),
                                ("UNKNOWN", "Vet inte"),
                            ],
                            max_length=12,
                            verbose_name="orsak",
                        ),
                    ),
                    ("note", models.CharField(blank=True, max_length=500, verbose_name="anteckning")),
                    ("registered", models.PositiveIntegerField(default=0, verbose_name="registrerat i efterhand")),
                    ("count", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="buffer.count")),
                    (
                        "counted_by",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment", verbose_name="räknat av"),
                    ),
                    ("line", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="counts", to="buffer.stockline")),
                ],
                options={
                    "verbose_name": "räknad rad",
                    "verbose_name_plural": "räknade rader",
                    "indexes": [
                        models.Index(fields=["line", "-counted_at"], name="counts_of_line"),
                        models.Index(condition=models.Q(("reason", "UNREGISTERED")), fields=["line"], name="counted_as_not_registered"),
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("count", "line"), name="line_once_per_count"),
                        models.CheckConstraint(
                            condition=models.Q(("reason", ""), ("difference__isnull", False), _connector="OR"), name="counted_reason_is_for_what_is_booked"
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("registered", 0),
                                ("difference__lte", django.db.models.expressions.CombinedExpression(models.F("registered"), "*", models.Value(-1))),
                                _connector="OR",
                            ),
                            name="registered_is_what_was_missing",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="StockHistory",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("event", models.CharField(max_length=30)),
                    ("old", models.CharField(blank=True, max_length=20)),
                    ("new", models.CharField(blank=True, max_length=20)),
                    ("note", models.TextField(blank=True)),
                    ("details", models.JSONField(default=dict)),
                    ("at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.assignment")),
                    ("count", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="history", to="buffer.count")),
                    ("line", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="history", to="buffer.stockline")),
                    ("store", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="history", to="buffer.store")),
                ],
                options={
                    "indexes": [
                        models.Index(condition=models.Q(("store__isnull", False)), fields=["store", "-id"], name="history_of_store"),
                        models.Index(condition=models.Q(("line__isnull", False)), fields=["line", "-id"], name="history_of_stock_line"),
                        models.Index(condition=models.Q(("count__isnull", False)), fields=["count", "-id"], name="history_of_count"),
                    ],
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("count", None), ("line", None), ("store__isnull", False)),
                                models.Q(("count", None), ("line__isnull", False), ("store", None)),
                                models.Q(("count__isnull", False), ("line", None), ("store", None)),
                                _connector="OR",
                            ),
                            name="stock_history_is_about_one_thing",
                        )
                    ],
                    "triggers": [
                        pgtrigger.compiler.Trigger(
                            name="append_only",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                hash="86738c6b034fdf1ce8b432ed0bb6b67d2e7bf86d",
                                operation="UPDATE OR DELETE",
                                pgid="pgtrigger_append_only_4a13b",
                                table="buffer_stockhistory",
                                when="BEFORE",
                            ),
                        ),
                        pgtrigger.compiler.Trigger(
                            name="no_truncate",
                            sql=pgtrigger.compiler.UpsertTriggerSql(
                                func="RAISE EXCEPTION 'append-only table';",
                                hash="88d52b3c7af6b87c8971587f977be3746a318070",
                                level="STATEMENT",
                                operation="TRUNCATE",
                                pgid="pgtrigger_no_truncate_287da",
                                table="buffer_stockhistory",
                                when="BEFORE",
                            ),
                        ),
                    ],
                },
            ),
        ),
    ]
