"""Work of hämtorder in the background."""

from celery import shared_task
from django.utils import timezone

from pickups.actions import lateness, receipts


@shared_task(name="pickups.watch", ignore_result=True)
def watch() -> None:
    """Tell of what is late, and let go of photos for receipts that were never written."""
    lateness.tell_of_late(timezone.localdate())
    receipts.forget_uploads(timezone.now())
