"""Work of kundorder in the background."""

from celery import shared_task
from django.utils import timezone

from orders.actions import loans


@shared_task(name="orders.remind_of_ends", ignore_result=True)
def remind_of_ends() -> None:
    loans.remind_of_ends(timezone.localdate())
