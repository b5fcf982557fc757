"""Somebody is told when what was promised of a hämtorder is not done."""

import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Notice
from core.templatetags.ui import long_day
from ordering.reports import notify
from pickups.models import PickupOrder


@transaction.atomic
def tell_of_late(today: datetime.date) -> int:
    """A notice, once for each order that is not fetched, or not off the patient's list, in time. Returns how many."""
    late = PickupOrder.objects.overdue(today).filter(told_late_at__isnull=True)
    rows = list(late.select_for_update(of=("self",), skip_locked=True).select_related("unit", "orderer", "prescriber").order_by("pk")[:500])
    for order in rows:
        title = f"Hämtorder {order.number} är försenad"
        if order.is_fetched:
            text = f"Hjälpmedlen är hämtade men skulle ha varit avregistrerade senast {long_day(order.deregister_by)}."
        else:
            text = f"Hjälpmedlen skulle ha hämtats senast {long_day(order.fetch_by)}."
        notify(order, Notice.Tone.WARNING, "Försenad", title, text)
        order.tell("LATE", details={"is_fetched": order.is_fetched})
    PickupOrder.objects.filter(pk__in=[order.pk for order in rows]).update(told_late_at=timezone.now())
    return len(rows)
