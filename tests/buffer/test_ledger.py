"""The ledger: what goes out of a store and comes in, and what is refused with nothing left behind."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from buffer import actions
from buffer.models import Movement, StockIndividual, StockLine, Store
from catalog.models import Article, Individual
from tests import factories

pytestmark = pytest.mark.django_db
NUMBER = "L-2026-00000001-5"
TAKEN = "U-2026-00000001-4"


def store_of(by: Any, number: str = "F1") -> Store:
    return Store.objects.get_or_create(number=number, defaults={"unit": by.unit, "name": "Förrådet"})[0]


def stocked(quantity: int = 0, numbers: tuple[str, ...] = (), *, number: str = "F1") -> StockLine:
    alice = factories.alice()
    article = factories.article()
    actions.receive(store_of(alice, number), article, by=alice, order_number=NUMBER, quantity=quantity, individual_numbers=numbers)
    return StockLine.objects.get(store__number=number, article=article)


def test_what_is_received_and_taken_out_stands_in_the_ledger() -> None:
    line = stocked(5, ("I1", "I2"))
    alice = factories.alice()
    actions.take_out(line.store, line.article, by=alice, order_number=TAKEN, quantity=2)
    actions.take_out(line.store, line.article, by=alice, order_number=TAKEN, individual_numbers=["I2"])
    line.refresh_from_db()
    assert line.on_hand == 2
    assert list(Movement.objects.order_by("pk").values_list("kind", "change", "before", "after", "individual__number")) == [
        ("RECEIPT", 1, 0, 1, "I1"),
        ("RECEIPT", 1, 1, 2, "I2"),
        ("RECEIPT", 3, 2, 5, None),
        ("WITHDRAWAL", -2, 5, 3, None),
        ("WITHDRAWAL", -1, 3, 2, "I2"),
    ]
    assert list(StockIndividual.objects.values_list("individual__number", flat=True)) == ["I1"]


def test_more_than_there_is_is_refused() -> None:
    line = stocked(2, ("I1",))
    alice = factories.alice()
    with pytest.raises(actions.NotEnough) as refused:
        actions.take_out(line.store, line.article, by=alice, order_number=TAKEN, quantity=3)
    assert refused.value.on_hand == 2
    with pytest.raises(actions.NumbersNeeded) as refused_too:
        actions.take_out(line.store, line.article, by=alice, order_number=TAKEN, quantity=2)
    assert refused_too.value.without_number == 1
    line.refresh_from_db()
    assert line.on_hand == 2
    assert Movement.objects.filter(kind="WITHDRAWAL").count() == 0


def test_an_aid_on_loan_lies_in_no_store() -> None:
    alice = factories.alice()
    line = stocked(1)
    Individual.objects.create(number="I9", article=line.article, is_on_loan=True)
    with pytest.raises(actions.IndividualElsewhere) as refused:
        actions.receive(line.store, line.article, by=alice, order_number=NUMBER, individual_numbers=["I9"])
    assert refused.value.is_on_loan
    with pytest.raises(IntegrityError), transaction.atomic():
        StockIndividual.objects.create(line=line, individual=Individual.objects.get(number="I9"), since="2026-01-01T00:00Z")
    assert Article.objects.count() == 1
