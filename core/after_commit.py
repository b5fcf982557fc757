"""Starts background work once what it needs is committed."""

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)


def start_after_commit(name: str, *ids: int | str) -> None:
    """Send the task `name` when the transaction is committed.

    A broker that is away is logged and nothing more: the work stands in a table, and beat's sweep finds it
    within `SWEEP_SECONDS`. Arguments are ids, never personal data.
    """

    def send() -> None:
        try:
            current_app.send_task(name, args=ids, retry=False, ignore_result=True)
        except Exception as error:  # noqa: BLE001 - see below
            # The order is committed; an error page here would say the opposite.
            log.warning("broker.away", task=name, error=type(error).__name__)

    transaction.on_commit(send, robust=True)
