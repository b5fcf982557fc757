"""The region's terms as they are when the portal starts; changed in the administration from then on."""

import datetime
from typing import Any

from django.db import migrations

# Västra Götaland: repair begun within 3 working days and done within 10, akut within 8 working hours; konsultation within 15, akut 5.
LEVELS = [
    ("REPAIR", False, None, 3, 10, None),
    ("REPAIR", True, None, None, None, 8),
    ("ADAPTATION", False, None, 3, None, None),
    ("CONSULTATION", False, None, 15, None, None),
    ("CONSULTATION", False, 1, 5, None, None),
    ("CONSULTATION", True, None, 5, None, None),
]
PURPOSES = [
    ("Bedömning och utprovning", ""),
    ("Inställning och justering", ""),
    ("Utprovning av elrullstol", "Underlag för utprovning av elrullstol"),
    ("Utprovning av talsyntes och kommunikationshjälpmedel", "Underlag för kommunikationsutredning"),
    ("Flytt av hjälpmedel", ""),
    ("Råd om produkt utanför sortimentet", ""),
]


def add(apps: Any, _: Any) -> None:
    level = apps.get_model("workorders", "ServiceLevel")
    level.objects.bulk_create(
        level(kind=kind, is_urgent=is_urgent, priority=priority, start_days=start, done_days=done, done_hours=hours)
        for kind, is_urgent, priority, start, done, hours in LEVELS
    )
    call_out = apps.get_model("workorders", "CallOut")
    call_out.objects.create(form="URGENT", workday_opens=datetime.time(7, 30), workday_closes=datetime.time(16, 30))
    call_out.objects.create(
        form="ON_CALL",
        workday_opens=datetime.time(16, 30),
        workday_closes=datetime.time(22),
        free_day_opens=datetime.time(8),
        free_day_closes=datetime.time(22),
        on_site_hours=5,
    )
    purpose = apps.get_model("workorders", "ConsultationPurpose")
    purpose.objects.bulk_create(purpose(name=name, document=document) for name, document in PURPOSES)


def remove(apps: Any, _: Any) -> None:
    for name in ("ServiceLevel", "CallOut", "ConsultationPurpose"):
        apps.get_model("workorders", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("workorders", "0001_initial")]

    operations = [migrations.RunPython(add, remove)]
