"""The region's terms as they are when the portal starts; changed in the administration from then on."""

from typing import Any

from django.db import migrations

# Västra Götaland: fetched within 7 working days, rent until 3 working days after registration, off the patient's list within 7.
TERMS = {"fetched_within": 7, "rent_ends_after": 3, "deregistered_within": 7}
LOAD_CARRIERS = ["Kartong", "Säck", "Rullbur", "Lastpall"]


def add(apps: Any, _: Any) -> None:
    apps.get_model("pickups", "PickupTerms").objects.create(pk=1, **TERMS)
    carrier = apps.get_model("pickups", "LoadCarrier")
    carrier.objects.bulk_create(carrier(name=name) for name in LOAD_CARRIERS)


def remove(apps: Any, _: Any) -> None:
    for name in ("PickupTerms", "LoadCarrier"):
        apps.get_model("pickups", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("pickups", "0001_initial")]

    operations = [migrations.RunPython(add, remove)]
