import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from core.first_migrations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Attachment",
                fields=[
                    ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                    ("name", models.CharField(max_length=100, verbose_name="filnamn")),
                    ("media_type", models.CharField(max_length=60, verbose_name="typ")),
                    ("size", models.PositiveIntegerField(verbose_name="storlek, byte")),
                    ("sha256", models.CharField(max_length=64)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="bifogad")),
                ],
                options={
                    "verbose_name": "bilaga",
                    "verbose_name_plural": "bilagor",
                    "constraints": [
                        models.CheckConstraint(
                            condition=models.Q(("media_type__in", ["image/jpeg", "image/png", "application/pdf"])), name="attachment_type_is_known"
                        ),
                        models.CheckConstraint(condition=models.Q(("size__gt", 0), ("size__lte", 10485760)), name="attachment_size_is_allowed"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Cursor",
                fields=[
                    ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                    ("value", models.CharField(blank=True, max_length=200)),
                    ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
            ),
            migrations.CreateModel(
                name="IncomingMessage",
                fields=[
                    ("id", models.UUIDField(primary_key=True, serialize=False, verbose_name="messageId")),
                    ("message_type", models.CharField(max_length=40, verbose_name="meddelandetyp")),
                    ("subject", models.CharField(max_length=100, verbose_name="gäller")),
                    ("sequence", models.PositiveIntegerField(verbose_name="ordning")),
                    ("payload", models.JSONField(null=True)),
                    ("payload_sha256", models.CharField(max_length=64)),
                    (
                        "state",
                        models.CharField(
                            choices=[("WAITING", "väntar"), ("DONE", "klart"), ("PARKED", "parkerat")], default="WAITING", max_length=8, verbose_name="läge"
                        ),
                    ),
                    ("attempts", models.PositiveIntegerField(default=0, verbose_name="försök")),
                    ("next_try_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="nästa försök")),
                    ("last_error", models.CharField(blank=True, max_length=200, verbose_name="senaste fel")),
                    ("received_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="mottaget")),
                    ("done_at", models.DateTimeField(null=True, verbose_name="klart")),
                ],
                options={
                    "verbose_name": "inkommande meddelande",
                    "verbose_name_plural": "inkommande meddelanden",
                    "indexes": [
                        models.Index(condition=models.Q(("state", "WAITING")), fields=["next_try_at"], name="incoming_waiting"),
                        models.Index(fields=["subject", "sequence"], name="incoming_subject"),
                        models.Index(condition=models.Q(("payload__isnull", False), ("state", "DONE")), fields=["done_at"], name="incoming_to_empty"),
                    ],
                    "constraints": [models.CheckConstraint(condition=models.Q(("state__in", ["WAITING", "DONE", "PARKED"])), name="incoming_state_is_known")],
                },
            ),
            migrations.CreateModel(
                name="OutgoingMessage",
                fields=[
                    ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False, verbose_name="messageId")),
                    ("message_type", models.CharField(max_length=40, verbose_name="meddelandetyp")),
                    ("subject", models.CharField(max_length=100, verbose_name="gäller")),
                    ("sequence", models.PositiveIntegerField(verbose_name="ordning")),
                    ("payload", models.JSONField(null=True)),
                    ("payload_sha256", models.CharField(max_length=64)),
                    (
                        "state",
                        models.CharField(
                            choices=[("WAITING", "väntar"), ("DONE", "mottagen av SESAM2"), ("PARKED", "parkerad")],
                            default="WAITING",
                            max_length=8,
                            verbose_name="läge",
                        ),
                    ),
                    ("attempts", models.PositiveIntegerField(default=0, verbose_name="försök")),
                    ("next_try_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="nästa försök")),
                    ("last_error", models.CharField(blank=True, max_length=200, verbose_name="senaste fel")),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="skapat")),
                    ("done_at", models.DateTimeField(null=True, verbose_name="klart")),
                ],
                options={
                    "verbose_name": "utgående meddelande",
                    "verbose_name_plural": "utgående meddelanden",
                    "indexes": [
                        models.Index(condition=models.Q(("state", "WAITING")), fields=["next_try_at"], name="outgoing_waiting"),
                        models.Index(condition=models.Q(("state__in", ["WAITING", "PARKED"])), fields=["subject", "sequence"], name="outgoing_unfinished"),
                        models.Index(condition=models.Q(("payload__isnull", False), ("state", "DONE")), fields=["done_at"], name="outgoing_to_empty"),
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("subject", "sequence"), name="outgoing_sequence_per_subject"),
                        models.CheckConstraint(condition=models.Q(("state__in", ["WAITING", "DONE", "PARKED"])), name="outgoing_state_is_known"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("done_at__isnull", False), ("state", "DONE")),
                                models.Q(models.Q(("state", "DONE"), _negated=True), ("done_at__isnull", True)),
                                _connector="OR",
                            ),
                            name="outgoing_done_has_time",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SeenNonce",
                fields=[
                    ("nonce", models.UUIDField(primary_key=True, serialize=False)),
                    ("seen_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ],
            ),
            migrations.CreateModel(
                name="SubjectCounter",
                fields=[
                    ("subject", models.CharField(max_length=100, primary_key=True, serialize=False)),
                    ("last_sequence", models.PositiveIntegerField()),
                ],
            ),
            migrations.CreateModel(
                name="AttachmentContent",
                fields=[
                    (
                        "attachment",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="content", serialize=False, to="integration.attachment"
                        ),
                    ),
                    ("data", models.BinaryField()),
                ],
            ),
        ),
        migrations.RunSQL("CREATE SEQUENCE number_series_k", "DROP SEQUENCE number_series_k"),
        migrations.RunSQL("CREATE SEQUENCE number_series_l", "DROP SEQUENCE number_series_l"),
        migrations.RunSQL("CREATE SEQUENCE number_series_u", "DROP SEQUENCE number_series_u"),
        migrations.RunSQL("CREATE SEQUENCE number_series_a", "DROP SEQUENCE number_series_a"),
        migrations.RunSQL("CREATE SEQUENCE number_series_h", "DROP SEQUENCE number_series_h"),
        migrations.RunSQL("CREATE SEQUENCE number_series_r", "DROP SEQUENCE number_series_r"),
        migrations.RunSQL("CREATE SEQUENCE number_series_f", "DROP SEQUENCE number_series_f"),
        migrations.RunSQL("CREATE SEQUENCE number_series_c", "DROP SEQUENCE number_series_c"),
        migrations.RunSQL("CREATE SEQUENCE number_series_p", "DROP SEQUENCE number_series_p"),
    ]
