"""The working days as the region counts them: the law's (core.workdays), but for what the administration says of single days and eves."""

from accounts.models import Holiday
from core.workdays import Calendar


def calendar() -> Calendar:
    """As it is written now. One query; ask once for all that is to be counted alike."""
    rows = list(Holiday.objects.values_list("day", "eve", "is_workday"))
    return Calendar(
        days={day: is_workday for day, _, is_workday in rows if day is not None},
        eves={eve: is_workday for _, eve, is_workday in rows if eve},
    )
