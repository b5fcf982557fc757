"""Many at the same moment: each in a thread with a connection of its own, which both are kept from one run to the next."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from django.db import connection

PATIENCE_SECONDS = 120


class Crowd:
    """`with Crowd(50) as crowd: crowd.at_once(*jobs)`, with at most so many jobs at once."""

    def __init__(self, people: int) -> None:
        self.people = people
        self.pool = ThreadPoolExecutor(people)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.at_once(*[connection.close] * self.people)
        self.pool.shutdown()

    def at_once(self, *jobs: Callable[[], Any]) -> list[Any]:
        """All jobs together, none before all are ready; their results or exceptions, in their order."""
        assert len(jobs) <= self.people
        barrier = threading.Barrier(len(jobs), timeout=PATIENCE_SECONDS)

        def run(job: Callable[[], Any]) -> Any:
            connection.ensure_connection()
            barrier.wait()
            try:
                return job()
            except Exception as error:  # noqa: BLE001 - handed to the test
                return error

        return list(self.pool.map(run, jobs))
