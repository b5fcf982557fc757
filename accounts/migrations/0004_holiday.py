from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_news"),
    ]

    operations = [
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "eve",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("TWELFTH_NIGHT", "trettondagsafton, 5 januari"),
                            ("MAUNDY_THURSDAY", "skärtorsdagen"),
                            ("WALPURGIS_NIGHT", "valborgsmässoafton, 30 april"),
                            ("AFTER_ASCENSION", "dagen efter Kristi himmelsfärdsdag"),
                            ("BEFORE_NATIONAL_DAY", "dagen före nationaldagen, 5 juni"),
                            ("MIDSUMMER_EVE", "midsommarafton"),
                            ("ALL_SAINTS_EVE", "allhelgonaafton"),
                            ("BEFORE_CHRISTMAS_EVE", "dagen före julafton, 23 december"),
                            ("CHRISTMAS_EVE", "julafton"),
                            ("NEW_YEARS_EVE", "nyårsafton"),
                        ],
                        help_text="Välj en dag som återkommer, eller skriv ett datum nedan.",
                        max_length=20,
                        verbose_name="varje år",
                    ),
                ),
                ("day", models.DateField(blank=True, null=True, verbose_name="bara datumet")),
                ("is_workday", models.BooleanField(default=False, help_text="Annars räknas dagen som ledig.", verbose_name="räknas som arbetsdag")),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="anteckning")),
            ],
            options={
                "verbose_name": "helgdag och ledig dag",
                "verbose_name_plural": "helgdagar och lediga dagar",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("day__isnull", False), ("eve", "")),
                            models.Q(models.Q(("eve", ""), _negated=True), ("day__isnull", True)),
                            _connector="OR",
                        ),
                        name="holiday_is_an_eve_or_a_day",
                        violation_error_message="Välj antingen en dag som återkommer varje år eller ett datum.",
                    ),
                    models.UniqueConstraint(condition=models.Q(("eve", ""), _negated=True), fields=("eve",), name="eve_once"),
                    models.UniqueConstraint(condition=models.Q(("day__isnull", False)), fields=("day",), name="day_once"),
                ],
            },
        ),
    ]
