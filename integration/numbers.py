"""Number series: one PostgreSQL sequence for each prefix of the contract's section 3."""

from django.db import connection
from django.utils import timezone

from core.numbers import order_number

PREFIXES = "KLUAHRFCP"


def next_number(prefix: str) -> str:
    """The next number of a series, such as "K-2026-00000123-3".

    Sequences never wait for each other and never give a number twice; a rolled-back transaction leaves a gap.
    """
    if prefix not in PREFIXES or len(prefix) != 1:
        raise ValueError(f"unknown prefix {prefix!r}")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval('number_series_{prefix.lower()}')")
        (running,) = cursor.fetchone()
    return order_number(prefix, timezone.localdate().year, running)
