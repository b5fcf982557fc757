"""Daily housekeeping of logins."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="accounts.clear_sessions")
def clear_sessions() -> None:
    """Sessions that have ended are deleted: a search of theirs may hold a patient's number."""
    call_command("clearsessions")
