"""Work of felrapporter in the background."""

from celery import shared_task
from django.utils import timezone

from faultreports.actions import reminders


@shared_task(name="faultreports.watch", ignore_result=True)
def watch() -> None:
    """Remind of what nobody has said is reported to the authority."""
    reminders.remind_of_authority(timezone.now())
