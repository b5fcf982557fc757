"""Work of buffertförråd in the background."""

from celery import shared_task
from django.utils import timezone

from buffer.actions import reminders
from buffer.checking import breaches


@shared_task(name="buffer.check_stock", ignore_result=True)
def check_stock() -> None:
    """Each night: what differs is logged as `stock.differs`."""
    breaches()


@shared_task(name="buffer.remind_of_counts", ignore_result=True)
def remind_of_counts() -> None:
    reminders.remind_of_counts(timezone.now())
