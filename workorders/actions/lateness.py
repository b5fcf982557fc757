"""Somebody is told when the centre has not done what it has promised."""

import datetime

from django.db import transaction

from accounts import actions as accounts
from accounts.models import Notice
from workorders.models import WorkOrder
from workorders.models.orders import NOT_STARTED


@transaction.atomic
def tell_of_late(now: datetime.datetime) -> int:
    """A notice, once for each order that is past its service level. Returns how many."""
    late = WorkOrder.objects.overdue(now).filter(told_late_at__isnull=True)
    rows = list(late.select_for_update(of=("self",), skip_locked=True).select_related("unit", "orderer", "prescriber").order_by("pk")[:500])
    for order in rows:
        is_begun = order.status not in NOT_STARTED
        accounts.notify(
            [order.orderer, order.prescriber],
            unit=order.unit,
            tone=Notice.Tone.WARNING,
            word="Försenad",
            title=f"Arbetsorder {order.number} är försenad",
            text="Arbetet skulle ha varit klart." if is_begun else "Arbetet skulle ha varit påbörjat.",
            url=order.get_absolute_url(),
        )
        order.tell("LATE", details={"is_begun": is_begun})
    WorkOrder.objects.filter(pk__in=[order.pk for order in rows]).update(told_late_at=now)
    return len(rows)
