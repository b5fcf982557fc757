import datetime

import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pickups", "0004_remove_pickuporder_is_cancelled")]

    operations = [
        migrations.AddIndex(
            model_name="pickuporder",
            index=models.Index(condition=models.Q(("number__isnull", False)), fields=["unit", "status", "-placed_at", "-id"], name="unit_status_pickups"),
        ),
        migrations.AddIndex(
            model_name="pickuporder",
            index=models.Index(
                models.F("unit"),
                django.db.models.functions.comparison.Coalesce("promised_on", models.Value(datetime.date(9999, 12, 31))),
                models.F("id"),
                condition=models.Q(("number__isnull", False)),
                name="unit_pickups_by_day",
            ),
        ),
    ]
