from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("workorders", "0003_lists")]

    operations = [migrations.RemoveField(model_name="workorder", name="is_cancelled")]
