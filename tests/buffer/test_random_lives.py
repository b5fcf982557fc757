"""A store's life at random, beside the shelf as it really is: whatever was taken, counted, booked and registered afterwards, the ledger ends with the shelf."""

import datetime
from random import Random

import pytest
from django.utils import timezone

from buffer import actions
from buffer.actions import counting
from buffer.checking import breaches
from buffer.models import Count, CountEntry, StockLine
from tests import factories
from tests.buffer.stores import RECEIVED, fresh, maja, stocked, take

pytestmark = pytest.mark.django_db


class Shelf:
    """The truth: what lies there, and what has been taken without having been registered yet (when)."""

    def __init__(self, line: StockLine, random: Random) -> None:
        self.line, self.random = line, random
        self.there = line.on_hand
        self.taken: list[datetime.datetime] = []
        self.count: Count | None = None

    def step(self) -> None:
        self.random.choice([self.deliver, self.take, self.take, self.take_quietly, self.take_quietly, self.register, self.enter, self.enter, self.book])()

    def deliver(self) -> None:
        number = self.random.randint(1, 5)
        actions.receive(self.line.store, self.line.article, by=maja(), order_number=RECEIVED, quantity=number)
        self.there += number

    def take(self) -> None:
        if self.there:
            number = self.random.randint(1, min(self.there, 3))
            take(self.line, number)
            self.there -= number

    def take_quietly(self) -> None:
        if self.there:
            self.taken.append(timezone.now())
            self.there -= 1

    def register(self) -> None:
        if self.taken:
            take(self.line, 1, happened_at=self.taken.pop(self.random.randrange(len(self.taken))))

    def enter(self) -> None:
        self.count = self.count or counting.start(self.line.store, by=maja())
        entry = CountEntry.objects.filter(count=self.count, line=self.line).first()
        counting.enter(self.count, self.line, by=maja(), counted=self.there, seen=entry.version if entry else 0)

    def book(self) -> None:
        if self.count is None:
            return
        found = counting.differences(self.count)
        assert all(one.change <= 0 for one in found), "nobody has put anything there"
        reasons = {one.entry.line_id: (CountEntry.Reason.UNREGISTERED, "") for one in found if one.differs}
        counting.book(self.count, by=maja(), reasons=reasons, seen={one.entry.line_id: one.change for one in found})
        self.count = None


@pytest.mark.parametrize("seed", range(20))
def test_the_ledger_ends_with_the_shelf(seed: int) -> None:
    shelf = Shelf(stocked(20), Random(seed))
    factories.alice()
    for _ in range(40):
        shelf.step()
        assert fresh(shelf.line).on_hand >= shelf.there
    while shelf.taken:
        shelf.register()
    assert fresh(shelf.line).on_hand == shelf.there
    if shelf.count is not None:
        shelf.enter()
        [one] = counting.differences(shelf.count)
        assert one.change == 0
    assert not CountEntry.objects.unregistered().exists()
    assert breaches() == []
