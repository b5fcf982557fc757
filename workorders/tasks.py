"""Work of arbetsorder in the background."""

from celery import shared_task
from django.utils import timezone

from workorders.actions import lateness, proposals


@shared_task(name="workorders.watch", ignore_result=True)
def watch() -> None:
    """Tell of what is late, and of what nobody has answered."""
    lateness.tell_of_late(timezone.now())
    proposals.remind_of_unanswered(timezone.now())
