from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("pickups", "0003_receipts")]

    operations = [migrations.RemoveField(model_name="pickuporder", name="is_cancelled")]
