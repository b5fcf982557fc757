"""Who works where and in which role, and whose notices are whose."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions import mark_read, notify
from accounts.models import Assignment, CareUnit, Customer, News, Notice, User
from accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_current"),
    [
        (datetime.date(2026, 11, 22), None, True),
        (datetime.date(2026, 11, 23), None, False),
        (datetime.date(2026, 1, 1), datetime.date(2026, 11, 22), True),
        (datetime.date(2026, 1, 1), datetime.date(2026, 11, 21), False),
    ],
)
def test_an_assignment_counts_from_its_first_day_to_its_last(starts_on: datetime.date, ends_on: datetime.date | None, is_current: bool) -> None:
    alice = factories.alice()
    Assignment.objects.filter(pk=alice.pk).update(starts_on=starts_on, ends_on=ends_on)
    assert Assignment.objects.current(TODAY).exists() == is_current
    User.objects.update(is_active=False)
    assert not Assignment.objects.current(TODAY).exists()


def broken(what: str) -> Any:
    alice = factories.alice()
    return {
        "an unknown role": lambda: Assignment.objects.filter(pk=alice.pk).update(role="EMPEROR"),
        "an end before the start": lambda: Assignment.objects.filter(pk=alice.pk).update(ends_on=alice.starts_on - datetime.timedelta(1)),
        "the same assignment twice": lambda: Assignment.objects.create(user=alice.user, unit=alice.unit, role=alice.role),
        "two standard customers": lambda: Customer.objects.create(unit=alice.unit, number="1", name="x", payer_number="1", payer_name="x", is_standard=True),
        "a customer number twice": lambda: Customer.objects.create(unit=alice.unit, number=alice.unit.customers.get().number, name="x"),
        "a HSA-id twice": lambda: CareUnit.objects.create(provider=alice.unit.provider, hsa_id=alice.unit.hsa_id, name="x"),
        "a notice that leads elsewhere": lambda: Notice.objects.create(user=alice.user, unit=alice.unit, tone="info", word="x", title="x", url="https://x"),
    }[what]


@pytest.mark.parametrize(
    "what",
    [
        "an unknown role",
        "an end before the start",
        "the same assignment twice",
        "two standard customers",
        "a customer number twice",
        "a HSA-id twice",
        "a notice that leads elsewhere",
    ],
)
def test_the_database_refuses(what: str) -> None:
    change = broken(what)
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


def test_a_users_hsa_id_is_kept_in_capitals_and_no_password_opens_the_account() -> None:
    user = User.objects.create_user("se2321000131-u9", "Nils")
    assert user.hsa_id == "SE2321000131-U9"
    assert not user.has_usable_password()
    assert not user.check_password("")
    assert User.objects.get_by_natural_key("SE2321000131-U9") == user


# --- Notices ---------------------------------------------------------------------------------------


def tell(*to: Assignment, url: str = "/bestallningar/x/", title: str = "Försenad") -> None:
    notify(to, unit=to[0].unit, tone=Notice.Tone.WARNING, word="Försenad", title=title, text="Snö", url=url)


def test_each_person_is_told_once() -> None:
    alice, bob = factories.alice(), factories.bob()
    also_alice = factories.assignment("Alice Ask", Role.ORDERER, at=alice.unit)
    tell(alice, also_alice, bob)
    assert sorted(notice.user.name for notice in Notice.objects.all()) == ["Alice Ask", "Bob Björk"]


def test_a_notice_belongs_to_one_person_at_one_unit() -> None:
    alice = factories.alice()
    elsewhere = factories.assignment("Alice Ask", Role.PRESCRIBER, at=factories.unit("Vårdcentralen Sörhaga"))
    tell(alice)
    assert Notice.objects.visible_to(alice).count() == 1
    for other in (elsewhere, factories.bob(), factories.dan()):
        assert not Notice.objects.visible_to(other).exists()


def test_opening_the_page_reads_the_notices_about_it_for_that_person_alone() -> None:
    alice, bob = factories.alice(), factories.bob()
    tell(alice, bob)
    tell(alice, url="/bestallningar/y/")
    assert mark_read(alice, url="/bestallningar/x/") == 1
    assert mark_read(alice, url="/bestallningar/x/") == 0
    assert [notice.url for notice in Notice.objects.visible_to(alice).unread()] == ["/bestallningar/y/"]
    assert Notice.objects.visible_to(bob).unread().count() == 1
    assert Notice.objects.visible_to(alice).exclude(read_at=None).get().read_at <= timezone.now()


def test_a_title_that_is_too_long_is_cut_and_not_refused() -> None:
    tell(factories.alice(), title="x" * 500)
    assert len(Notice.objects.get().title) == 200


# --- News ------------------------------------------------------------------------------------------


def test_news_is_shown_in_its_time_to_whom_it_concerns() -> None:
    alice, dan = factories.alice(), factories.dan()
    now, hour = timezone.now(), datetime.timedelta(hours=1)
    rows = {
        "alla": {},
        "kommunen": {"provider": dan.unit.provider},
        "kommer": {"shown_from": now + hour},
        "slut": {"shown_from": now - 2 * hour, "shown_until": now - hour},
    }
    for title, changes in rows.items():
        News.objects.create(title=title, text="x", **changes)
    assert [news.title for news in News.objects.visible_to(alice)] == ["alla"]
    assert {news.title for news in News.objects.visible_to(dan)} == {"alla", "kommunen"}
