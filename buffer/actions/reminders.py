"""Who sees to a store is reminded of counting it: at least each quarter, as is usual where stores are counted by the unit itself."""

import datetime

from django.db import transaction
from django.db.models import Max, Min, OuterRef, Q, Subquery
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Notice
from buffer.actions.corrections import managers_of
from buffer.models import Count, Movement, Store

COUNTED_EVERY = datetime.timedelta(days=92)
REMINDED_EVERY = datetime.timedelta(days=14)


def due_on(store: Store) -> datetime.date | None:
    """The day when the store is to be counted next; None while nothing has ever lain there."""
    booked = store.counts.filter(status=Count.Status.BOOKED).aggregate(last=Max("closed_at"))["last"]
    # Each line's first one by its index, not all that has ever happened.
    first = Movement.objects.filter(line=OuterRef("pk")).order_by("pk").values("at")[:1]
    since = booked or store.lines.annotate(began=Subquery(first)).aggregate(first=Min("began"))["first"]
    return timezone.localtime(since + COUNTED_EVERY).date() if since else None


@transaction.atomic
def remind_of_counts(now: datetime.datetime) -> int:
    """A notice to those who see to a store that has not been counted for `COUNTED_EVERY`, every two weeks until it is. Returns how many stores."""
    today = timezone.localtime(now).date()
    waiting = Store.objects.in_use().filter(Q(count_reminded_on=None) | Q(count_reminded_on__lte=today - REMINDED_EVERY))
    due = []
    for store in waiting.select_related("unit").select_for_update(of=("self",), skip_locked=True).order_by("pk"):
        on = due_on(store)
        if on is None or on > today or store.counts.filter(status=Count.Status.OPEN).exists():
            continue
        accounts.notify(
            managers_of(store),
            unit=store.unit,
            tone=Notice.Tone.WARNING,
            word="Att inventera",
            title=f"Det är dags att inventera {store.name}",
            text="Förrådet räknas minst en gång i kvartalet. Flera kan räkna samtidigt, var och en på sin telefon.",
            url=store.get_absolute_url(),
        )
        due.append(store.pk)
    Store.objects.filter(pk__in=due).update(count_reminded_on=today)
    return len(due)
