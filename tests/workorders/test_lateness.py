"""Service levels: Swedish working days, the centre's hours, what is late and who is told."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import Holiday, Notice
from core.workdays import Eve
from ordering.sending import NotReady
from tests import factories
from tests.workorders.told import LATER, State, cancelled, delayed, draft, loan, received, sent, status, tell
from workorders import rules
from workorders.actions import lateness, orders
from workorders.models import CallOut, Kind, ServiceLevel, WorkOrder

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime.datetime:
    """Swedish time."""
    return timezone.make_aware(datetime.datetime.fromisoformat(text))


def promised(kind: str, when: str, *, haste: str = "NORMAL", priority: int | None = None) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    promise = rules.promise(WorkOrder(kind=kind, haste=haste, priority=priority), at=at(when))
    return promise.start_by, promise.done_by


def test_repair_is_begun_within_three_working_days_and_done_within_ten() -> None:
    # Sent on a Wednesday; the days end at midnight.
    assert promised(Kind.REPAIR, "2026-11-18 10:00") == (at("2026-11-24 00:00"), at("2026-12-03 00:00"))


def test_holidays_and_their_eves_are_no_working_days() -> None:
    # Tuesday before Christmas 2026: 24 to 27 December, the New Year and Trettondagen are free.
    assert promised(Kind.REPAIR, "2026-12-22 10:00") == (at("2026-12-30 00:00"), at("2027-01-13 00:00"))
    assert promised(Kind.ADAPTATION, "2026-06-17 10:00") == (at("2026-06-24 00:00"), None)


def test_the_days_are_counted_as_the_region_counts_them() -> None:
    Holiday.objects.create(day=datetime.date(2026, 11, 20), name="Flytt av centrallagret")
    Holiday.objects.create(eve=Eve.MIDSUMMER_EVE, is_workday=True)
    assert promised(Kind.REPAIR, "2026-11-18 10:00") == (at("2026-11-25 00:00"), at("2026-12-04 00:00"))
    assert promised(Kind.ADAPTATION, "2026-06-17 10:00") == (at("2026-06-23 00:00"), None)
    assert promised(Kind.REPAIR, "2026-11-19 15:30", haste="URGENT") == (None, at("2026-11-23 14:30"))
    # A day on which the centre does not work has the hours of a helg.
    assert [rules.is_open(CallOut.Form.ON_CALL, at=at(f"2026-11-{day} 09:00")) for day in (19, 20)] == [False, True]


def test_akut_is_eight_of_the_centres_hours_across_a_weekend() -> None:
    assert promised(Kind.REPAIR, "2026-11-20 15:00", haste="URGENT") == (None, at("2026-11-23 14:00"))
    assert promised(Kind.REPAIR, "2026-11-21 12:00", haste="URGENT") == (None, at("2026-11-23 15:30"))
    assert promised(Kind.REPAIR, "2026-11-19 23:00", haste="URGENT") == (None, at("2026-11-20 15:30"))
    assert promised(Kind.REPAIR, "2026-11-19 08:00", haste="URGENT") == (None, at("2026-11-19 16:00"))


def test_hours_across_the_change_of_the_clock_are_the_centres() -> None:
    assert promised(Kind.REPAIR, "2026-10-23 15:30", haste="URGENT") == (None, at("2026-10-26 14:30"))


def test_consultation_has_its_wait_by_priority_and_haste() -> None:
    assert promised(Kind.CONSULTATION, "2026-11-18 10:00", priority=2)[0] == at("2026-12-10 00:00")
    assert promised(Kind.CONSULTATION, "2026-11-18 10:00", priority=1)[0] == at("2026-11-26 00:00")
    assert promised(Kind.CONSULTATION, "2026-11-18 10:00", priority=3, haste="URGENT")[0] == at("2026-11-26 00:00")


def test_specialanpassning_is_by_agreement_and_the_administration_changes_the_rest() -> None:
    assert promised(Kind.SPECIAL_ADAPTATION, "2026-11-18 10:00") == (None, None)
    ServiceLevel.objects.filter(kind=Kind.REPAIR, is_urgent=False).update(start_days=1, done_days=2)
    assert promised(Kind.REPAIR, "2026-11-18 10:00") == (at("2026-11-20 00:00"), at("2026-11-21 00:00"))


def test_jour_is_called_when_it_is_open_alone() -> None:
    assert promised(Kind.REPAIR, "2026-11-21 12:00", haste="ON_CALL") == (at("2026-11-21 17:00"), None)
    moments = {"2026-11-20 16:29": False, "2026-11-20 16:30": True, "2026-11-20 22:00": False, "2026-11-21 08:00": True, "2026-12-24 09:00": True}
    assert {when: rules.is_open(CallOut.Form.ON_CALL, at=at(when)) for when in moments} == moments
    CallOut.objects.filter(form="ON_CALL").update(workday_opens=None, workday_closes=None, free_day_opens=None, free_day_closes=None)
    order = draft(haste="ON_CALL")
    with pytest.raises(NotReady) as error:
        orders.place(order, by=factories.alice())
    assert [field for field, _ in error.value.problems] == ["haste"]


def overdue(**fields: datetime.datetime | None) -> WorkOrder:
    """A received order, whose time is out."""
    order = tell(sent(), received(1))
    now = timezone.now()
    given = fields or {"start_by": now - datetime.timedelta(hours=1), "done_by": now + datetime.timedelta(days=5)}
    WorkOrder.objects.filter(pk=order.pk).update(**given)
    order.refresh_from_db()
    return order


def is_late(order: WorkOrder) -> bool:
    order.refresh_from_db()
    found = WorkOrder.objects.late().filter(pk=order.pk).exists()
    assert found == order.is_late  # the list and the page say the same
    return found


def test_what_is_not_begun_in_time_is_late_until_it_begins() -> None:
    order = overdue()
    assert is_late(order)
    tell(order, status(2, State.STARTED))
    assert not is_late(order)


def test_what_is_not_done_in_time_is_late_until_it_ends() -> None:
    order = overdue(start_by=None, done_by=timezone.now() - datetime.timedelta(hours=1))
    tell(order, status(2, State.STARTED))
    assert is_late(order)
    tell(order, status(3, State.COMPLETED))
    assert not is_late(order)


def test_what_waits_for_the_sender_is_not_late_by_the_clock() -> None:
    order = overdue()
    tell(order, status(2, State.NEEDS_COMPLETION, summary="Sida?"))
    assert not is_late(order)


def test_late_by_sesam2s_own_word() -> None:
    assert is_late(tell(sent(), delayed(1, LATER)))
    assert is_late(tell(sent(of=loan(factories.patient(), "100201")), status(1, State.WAITING, late="Del saknas")))


def test_a_late_order_gives_one_notice_and_one_row_and_those_in_time_none() -> None:
    order = overdue()
    tell(sent(of=loan(factories.patient(), "100201")), received(1))
    now = timezone.now()
    assert (lateness.tell_of_late(now), lateness.tell_of_late(now)) == (1, 0)
    notice = Notice.objects.get(word="Försenad")
    assert (notice.user.name, notice.text) == ("Alice Ask", "Arbetet skulle ha varit påbörjat.")
    assert order.history.filter(event="LATE").count() == 1


def test_an_ended_order_is_late_no_more() -> None:
    order = tell(overdue(), cancelled(2))
    assert not is_late(order)
    assert lateness.tell_of_late(timezone.now()) == 0
