"""Fetches bases and makes files in the background. What is to be done stands in the tables; a task that is lost is made up by the next sweep."""

import threading

from celery import shared_task

from billing.actions import files, intake

# Of a worker's threads; the others are left for messages. Who finds them taken leaves the work to those who are at it: they go on until nothing waits.
_readers = threading.BoundedSemaphore(2)
_writers = threading.BoundedSemaphore(1)


@shared_task(name=intake.TASK, ignore_result=True)
def take_in(pk: int) -> None:
    if not _readers.acquire(blocking=False):
        return
    try:
        intake.take_in(pk)
        intake.take_in_due()
    finally:
        _readers.release()


@shared_task(name="billing.take_in_due", ignore_result=True)
def take_in_due() -> None:
    if not _readers.acquire(blocking=False):
        return
    try:
        intake.take_in_due()
    finally:
        _readers.release()


@shared_task(name=files.TASK, ignore_result=True)
def make_file(pk: int) -> None:
    if not _writers.acquire(blocking=False):
        return
    try:
        files.make(pk)
        files.make_due()
    finally:
        _writers.release()


@shared_task(name="billing.make_files_due", ignore_result=True)
def make_files_due() -> None:
    if not _writers.acquire(blocking=False):
        return
    try:
        files.make_due()
    finally:
        _writers.release()


@shared_task(name="billing.forget_files", ignore_result=True)
def forget_files() -> None:
    files.forget_old()
