"""What follows when a hämtorder is registered, in the region's working days."""

import dataclasses
import datetime

from accounts.workdays import calendar
from core.workdays import add_workdays
from pickups.models import PickupTerms


@dataclasses.dataclass(frozen=True)
class Consequences:
    """The last day on which the aids are fetched, the day on which the rent ends, the last day on which they are taken off the patient's list."""

    fetch_by: datetime.date
    rent_ends_on: datetime.date
    deregister_by: datetime.date


def consequences(registered_on: datetime.date) -> Consequences:
    """As the terms and the calendar are in the administration today."""
    terms = PickupTerms.objects.first() or PickupTerms()
    region = calendar()
    return Consequences(
        fetch_by=add_workdays(registered_on, terms.fetched_within, region),
        rent_ends_on=add_workdays(registered_on, terms.rent_ends_after, region),
        deregister_by=add_workdays(registered_on, terms.deregistered_within, region),
    )
