"""Work of orders in the background."""

from celery import shared_task
from django.utils import timezone

from buffer.models import Store
from core.after_commit import start_after_commit
from orders.actions import loans
from orders.actions.receiving import TOP_UP_TASK
from orders.actions.top_up import stores_in_need, top_up


@shared_task(name="orders.remind_of_ends", ignore_result=True)
def remind_of_ends() -> None:
    loans.remind_of_ends(timezone.localdate())


@shared_task(name=TOP_UP_TASK, ignore_result=True)
def top_up_store(store_id: int) -> None:
    top_up(Store.objects.get(pk=store_id))


@shared_task(name="orders.top_up_stores", ignore_result=True)
def top_up_stores() -> None:
    """Each store by itself, so that one that cannot be topped up holds back nobody."""
    for store_id in stores_in_need():
        start_after_commit(TOP_UP_TASK, store_id)
