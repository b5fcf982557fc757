"""Work of hämtorder in the background."""

from celery import shared_task
from django.utils import timezone

from pickups.actions import lateness


@shared_task(name="pickups.watch", ignore_result=True)
def watch() -> None:
    """Tell of what is late."""
    lateness.tell_of_late(timezone.localdate())
