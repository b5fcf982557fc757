"""What the database refuses of a kundorder, and what a line says of itself."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from orders.models import OPEN, Order, OrderLine, Status
from tests import factories

pytestmark = pytest.mark.django_db

NEVER: dict[str, Callable[[Order], object]] = {
    "a status that is none": lambda order: Order.objects.filter(pk=order.pk).update(status="LOST"),
    "a sent order without a number": lambda order: Order.objects.filter(pk=order.pk).update(number=None, placed_at=None),
    "a sent order without a customer": lambda order: Order.objects.filter(pk=order.pk).update(customer=None),
    "a number without a time": lambda order: Order.objects.filter(pk=order.pk).update(placed_at=None),
    "an address beside delivery by contact": lambda order: Order.objects.filter(pk=order.pk).update(method="MANUAL_CONTACT"),
    "the same number twice": lambda order: Order.objects.filter(pk=factories.order().pk).update(number=order.number),
    "the same line twice": lambda order: OrderLine.objects.create(order=order, line=1, article=factories.article(), quantity=1),
    "a quantity of 0": lambda order: order.lines.update(quantity=0),
    "more receipted than delivered": lambda order: order.lines.update(receipted=1),
    "an acknowledgement that is none": lambda order: Order.objects.filter(pk=order.pk).update(acknowledged=3),
}


@pytest.mark.parametrize("change", NEVER.values(), ids=NEVER)
def test_the_database_refuses_what_must_never_be(change: Callable[[Order], object]) -> None:
    order = factories.order()
    with pytest.raises(IntegrityError), transaction.atomic():
        change(order)


def test_a_draft_has_no_number_and_its_own_address() -> None:
    draft, order = factories.draft(), factories.order()
    assert (str(draft), draft.get_absolute_url()) == (f"utkast {draft.pk}", f"/bestallningar/utkast/{draft.public_id}/")
    assert (str(order), order.get_absolute_url()) == (order.number, f"/bestallningar/{order.number}/")


@pytest.mark.parametrize("status", Status)
def test_what_is_open_can_be_cancelled_until_that_is_asked_for(status: Status) -> None:
    order = Order(status=status)
    assert order.can_be_cancelled == (status in OPEN)
    order.cancellation_requested_at = timezone.now()
    assert not order.can_be_cancelled


def _line(**facts: object) -> OrderLine:
    return OrderLine(**{"order": Order(status=Status.CONFIRMED, acknowledged=2), "quantity": 5} | facts)


@pytest.mark.parametrize(
    ("line", "numbers", "word"),
    [
        (_line(order=Order(status=Status.DRAFT)), (5, 0), "Utkast"),
        (_line(), (5, 0), "Bekräftad"),
        (_line(despatched=2), (5, 0), "På väg"),
        (_line(is_delayed=True, despatched=2), (5, 0), "Försenad"),
        (_line(delivered=2), (3, 0), "Delvis levererad"),
        (_line(order=Order(status=Status.PARTLY_DELIVERED, acknowledged=2)), (5, 0), "Bekräftad"),
        (_line(order=Order(status=Status.PARTLY_DELIVERED, acknowledged=1)), (5, 0), "Mottagen"),
        (_line(delivered=5), (0, 0), "Levererad"),
        (_line(delivered=5, receipted=4), (0, 0), "Levererad"),
        (_line(delivered=5, receipted=5), (0, 0), "Kvitterad"),
        (_line(delivered=7, receipted=7), (0, 0), "Kvitterad"),
        (_line(cancelled_sequence=3), (0, 5), "Makulerad"),
        (_line(cancelled_sequence=3, delivered=1), (0, 4), "Levererad"),
        (_line(order=Order(status=Status.CANCELLED, is_cancelled=True)), (0, 5), "Makulerad"),
        (_line(confirmed_quantity=3), (3, 2), "Bekräftad"),
        (_line(confirmed_quantity=3, delivered=3, receipted=3), (0, 2), "Kvitterad"),
        (_line(confirmed_quantity=9), (5, 0), "Bekräftad"),
    ],
)
def test_a_line_says_what_is_to_come_what_will_not_and_how_it_stands(line: OrderLine, numbers: tuple[int, int], word: str) -> None:
    assert (line.outstanding, line.cancelled) == numbers
    assert line.delivered + line.outstanding + line.cancelled == max(line.quantity, line.delivered)
    assert line.shown_status[0] == word
