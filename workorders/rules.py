"""What an arbetsorder of each kind must tell, and by when the centre has promised the work."""

import dataclasses
import datetime

from django.utils import timezone

from accounts.workdays import calendar
from core.templatetags.ui import kr
from core.workdays import Calendar, add_workdays, is_workday, next_workday
from workorders.models import CallOut, Kind, ServiceLevel, WorkOrder

_DAY_ENDS = datetime.time(16, 30)
_DAY_BEGINS = datetime.time(7, 30)

# The fields that a kind cannot be sent without, with what is said when one is missing.
DESCRIBE = {
    Kind.REPAIR: ("description", "Beskriv felet kort och sakligt."),
    Kind.ADAPTATION: ("description", "Beskriv vad som ska anpassas."),
    Kind.SPECIAL_ADAPTATION: ("description", "Beskriv vad som ska anpassas."),
    Kind.ASSEMBLY: ("description", "Beskriv vad som ska monteras."),
    Kind.INSTALLATION: ("description", "Beskriv vad som ska installeras."),
    Kind.CONSULTATION: ("description", "Beskriv vad du vill ha hjälp med."),
}
ABOUT_AN_AID = {Kind.REPAIR, Kind.ADAPTATION, Kind.SPECIAL_ADAPTATION, Kind.ASSEMBLY, Kind.INSTALLATION}
# Haste can be asked for where the centre has promised something for it.
MAY_BE_URGENT = {Kind.REPAIR, Kind.CONSULTATION}
MAY_BE_ON_CALL = {Kind.REPAIR}


@dataclasses.dataclass(frozen=True)
class Promise:
    """Until when the work is to be begun and done; None by agreement."""

    start_by: datetime.datetime | None
    done_by: datetime.datetime | None


def promise(order: WorkOrder, *, at: datetime.datetime) -> Promise:
    """What the region's service levels say of the order if it is sent `at`. The most particular level counts: that of the priority, else of the kind."""
    is_urgent = order.haste != WorkOrder.Haste.NORMAL
    levels = list(ServiceLevel.objects.filter(kind=order.kind, is_urgent=is_urgent, priority=order.priority))
    levels = levels or list(ServiceLevel.objects.filter(kind=order.kind, is_urgent=is_urgent, priority__isnull=True))
    if order.haste == WorkOrder.Haste.ON_CALL:
        jour = CallOut.objects.filter(form=CallOut.Form.ON_CALL).first()
        return Promise(at + datetime.timedelta(hours=jour.on_site_hours) if jour and jour.on_site_hours else None, None)
    if not levels:
        return Promise(None, None)
    level, region = levels[0], calendar()
    done_by = end_of(add_workdays(local_day(at), level.done_days, region)) if level.done_days is not None else None
    if level.done_hours is not None:
        done_by = add_working_hours(at, level.done_hours, region)
    return Promise(end_of(add_workdays(local_day(at), level.start_days, region)) if level.start_days is not None else None, done_by)


def local_day(at: datetime.datetime) -> datetime.date:
    return timezone.localtime(at).date()


def end_of(day: datetime.date) -> datetime.datetime:
    """Midnight after the day, Swedish time: what is promised for a day may come all of it."""
    return timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))


def add_working_hours(at: datetime.datetime, hours: int, region: Calendar) -> datetime.datetime:
    """The moment that is `hours` of the centre's working day after `at`; what comes in outside it counts from the next opening."""
    row = CallOut.objects.filter(form=CallOut.Form.URGENT).first()
    opens, closes = (row.workday_opens, row.workday_closes) if row and row.workday_opens and row.workday_closes else (_DAY_BEGINS, _DAY_ENDS)
    local = timezone.localtime(at)
    day, left = local.date(), datetime.timedelta(hours=hours)
    begin = max(local.time(), opens)
    while True:
        if is_workday(day, region) and begin < closes:
            rest = datetime.datetime.combine(day, closes) - datetime.datetime.combine(day, begin)
            if left <= rest:
                return timezone.make_aware(datetime.datetime.combine(day, begin) + left)
            left -= rest
        day, begin = next_workday(day + datetime.timedelta(days=1), region), opens


def is_open(form: str, *, at: datetime.datetime) -> bool:
    """Whether akut work is done, or jour can be called, at this moment."""
    row = CallOut.objects.filter(form=form).first()
    if row is None:
        return False
    local = timezone.localtime(at)
    opens, closes = (row.workday_opens, row.workday_closes) if is_workday(local.date(), calendar()) else (row.free_day_opens, row.free_day_closes)
    return opens is not None and closes is not None and opens <= local.time() < closes


def haste_text(kind: Kind, haste: str) -> str:
    """What the choice means, in the region's words: how soon, when, at which price."""
    label = WorkOrder.Haste(haste).label
    if haste == WorkOrder.Haste.NORMAL:
        return label
    row = CallOut.objects.filter(form=haste).first()
    level = ServiceLevel.objects.filter(kind=kind, is_urgent=True, priority__isnull=True).first()
    parts = []
    if haste == WorkOrder.Haste.URGENT and level is not None:
        if level.done_hours:
            parts.append(f"klart inom {level.done_hours} arbetstimmar")
        elif level.start_days:
            parts.append(f"besök inom {level.start_days} arbetsdagar")
    if haste == WorkOrder.Haste.ON_CALL and row is not None:
        if row.on_site_hours:
            parts.append(f"på plats inom {row.on_site_hours} timmar")
        if row.workday_opens and row.workday_closes:
            parts.append(f"vardagar {row.workday_opens:%H.%M}–{row.workday_closes:%H.%M}")
        if row.free_day_opens and row.free_day_closes:
            parts.append(f"helger {row.free_day_opens:%H.%M}–{row.free_day_closes:%H.%M}")
    if row is not None and row.fee is not None:
        parts.append(f"avgift {kr(row.fee)}")
    return f"{label}: {', '.join(parts)}" if parts else label
