import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_loan_marks"),
    ]

    operations = [
        migrations.AddField(
            model_name="loan",
            name="returned",
            field=models.PositiveIntegerField(default=0, verbose_name="antal återlämnade"),
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
    ]
