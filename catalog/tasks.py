"""Imports feeds that were uploaded or put in the inbox. What is to be done stands in a table or a folder; a task that is lost is made up by the next sweep."""

from celery import shared_task

from catalog import actions


@shared_task(name="catalog.import_waiting")
def import_waiting() -> None:
    actions.import_waiting()


@shared_task(name="catalog.watch_inbox")
def watch_inbox() -> None:
    actions.import_waiting()
    actions.import_inbox()
