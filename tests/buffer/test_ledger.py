"""The ledger: what goes out of a store and comes in, and what is refused with nothing left behind."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from buffer import actions
from buffer.models import Movement, StockIndividual, StockLine
from catalog import individuals
from catalog.models import Individual
from patients.actions import end_loan
from patients.models import Loan
from tests import factories
from tests.buffer.stores import RECEIVED, TAKEN, fresh, maja, numbers_in, stocked, store, take

pytestmark = pytest.mark.django_db


def everything(line: StockLine) -> tuple[Any, ...]:
    return fresh(line).on_hand, numbers_in(line), list(Movement.objects.order_by("pk").values_list("pk", flat=True)), Individual.objects.count()


def test_what_comes_and_goes_stands_in_the_ledger() -> None:
    line = stocked(5, ("I1", "I2"))
    take(line, 2)
    take(line, numbers=("I2",))
    assert fresh(line).on_hand == 2
    assert list(Movement.objects.order_by("pk").values_list("kind", "change", "before", "after", "individual__number", "order_number")) == [
        ("RECEIPT", 1, 0, 1, "I1", RECEIVED),
        ("RECEIPT", 1, 1, 2, "I2", RECEIVED),
        ("RECEIPT", 3, 2, 5, None, RECEIVED),
        ("WITHDRAWAL", -2, 5, 3, None, TAKEN),
        ("WITHDRAWAL", -1, 3, 2, "I2", TAKEN),
    ]
    assert numbers_in(line) == ["I1"]
    assert fresh(line).last_withdrawn_at is not None


def test_more_than_there_is_is_refused_with_nothing_changed() -> None:
    line = stocked(2, ("I1",))
    before = everything(line)
    with pytest.raises(actions.NotEnough) as refused:
        take(line, 3)
    assert refused.value.on_hand == 2
    with pytest.raises(actions.NumbersNeeded) as refused_too:
        take(line, 2)
    assert refused_too.value.without_number == 1
    assert everything(line) == before


def test_an_individual_that_is_not_here_is_refused_with_nothing_changed() -> None:
    line, other = stocked(1, ("I1",)), stocked(1, ("I2",), at=store("4102", of=factories.carol()))
    before = everything(line)
    with pytest.raises(actions.IndividualElsewhere) as nowhere:
        take(line, numbers=("I9",))
    with pytest.raises(actions.WrongArticle) as wrong:
        take(line, numbers=("I1", "I2"))
    assert (nowhere.value.store, nowhere.value.is_on_loan, wrong.value.article) == (None, False, other.article)
    there = stocked(1, ("I3",), at=other.store, article=line.article)
    before = everything(line)
    with pytest.raises(actions.IndividualElsewhere) as elsewhere:
        take(line, numbers=("I1", "I3"))
    assert elsewhere.value.store == there.store
    with pytest.raises(actions.SameNumberTwice):
        take(line, numbers=("I1", "I1"))
    assert everything(line) == before


def test_an_aid_whose_number_the_store_has_not_read_is_taken_as_one_of_those_without() -> None:
    line = stocked(2, ("I1",))
    take(line, numbers=("I2",))
    assert (fresh(line).on_hand, numbers_in(line)) == (1, ["I1"])
    with pytest.raises(actions.IndividualElsewhere):
        take(line, numbers=("I3",))


@pytest.mark.parametrize(("mark", "word"), [("is_under_investigation", "Under utredning"), ("is_lost", "Saknas"), ("is_on_pickup", "På hämtorder")])
def test_an_aid_with_a_mark_is_not_handed_out_but_may_be_fetched(mark: str, word: str) -> None:
    line = stocked(1, ("I1",))
    individuals.mark("I1", **{mark: True})
    with pytest.raises(actions.NotUsable) as refused:
        take(line, numbers=("I1",))
    assert refused.value.why == word
    take(line, numbers=("I1",), kind=Movement.Kind.PICKED_UP)
    assert fresh(line).on_hand == 0


def test_an_aid_that_a_patient_has_comes_into_no_store() -> None:
    alice, line = factories.alice(), stocked(1)
    order = factories.order(alice)
    loan = factories.loan(order, "I9")
    with pytest.raises(actions.IndividualElsewhere) as refused:
        actions.put_back(line.store, order.lines.get().article, by=alice, order_number=TAKEN, individual_numbers=["I9"])
    assert refused.value.is_on_loan
    individual = Individual.objects.get(number="I9")
    with pytest.raises(IntegrityError, match="on loan lies in no store"), transaction.atomic():
        StockIndividual.objects.create(line=line, individual=individual, since=timezone.now())
    end_loan(loan, ended_at=timezone.now())
    actions.put_back(line.store, order.lines.get().article, by=alice, order_number=TAKEN, individual_numbers=["I9"])
    assert StockIndividual.objects.get(individual=individual).line.on_hand == 1


def test_whether_an_aid_is_on_loan_follows_its_loans() -> None:
    """Kept by a trigger: also when the number is changed, and when somebody else has it next."""
    order = factories.order()
    loan = factories.loan(order, "I1")
    assert Individual.objects.get(number="I1").is_on_loan
    Individual.objects.create(number="I2")
    Loan.objects.filter(pk=loan.pk).update(individual_number="I2")
    assert dict(Individual.objects.values_list("number", "is_on_loan")) == {"I1": False, "I2": True}
    second = factories.loan(order, "I2")
    end_loan(Loan.objects.get(pk=loan.pk), ended_at=timezone.now())
    assert Individual.objects.get(number="I2").is_on_loan
    end_loan(second, ended_at=timezone.now())
    assert not Individual.objects.get(number="I2").is_on_loan


def test_an_aid_lies_in_one_store_alone() -> None:
    line = stocked(1, ("I1",))
    other = store("4102", of=factories.carol())
    with pytest.raises(actions.IndividualElsewhere) as refused:
        actions.receive(other, line.article, by=factories.carol(), order_number=RECEIVED, individual_numbers=["I1"])
    assert refused.value.store == line.store
    with pytest.raises(IntegrityError), transaction.atomic():
        StockIndividual.objects.create(line=line, individual=Individual.objects.get(number="I1"), since=timezone.now())


def test_an_aid_in_a_store_goes_on_under_its_new_number() -> None:
    line = stocked(1, ("I1",))
    for _ in range(2):
        individuals.record_update("I1", sequence=1, replaced_by="I2", next_inspection=None)
        actions.follow_number("I1")
    assert numbers_in(line) == ["I2"]
    take(line, numbers=("I1",))
    assert Movement.objects.latest("pk").individual.number == "I2"


@pytest.mark.parametrize("is_in_store", [True, False])
def test_a_new_number_that_is_somewhere_already_leaves_a_piece_without_one(is_in_store: bool) -> None:
    line = stocked(2, ("I1", "I2") if is_in_store else ("I1",))
    if not is_in_store:
        Individual.objects.create(number="I2", article=line.article, is_on_loan=True)
    individuals.record_update("I1", sequence=1, replaced_by="I2", next_inspection=None)
    actions.follow_number("I1")
    assert (fresh(line).on_hand, numbers_in(line)) == (2, ["I2"] if is_in_store else [])


def test_what_sesam2_delivers_to_a_patient_lies_in_the_store_no_longer() -> None:
    line = stocked(2, ("I1", "I2"))
    for _ in range(2):
        actions.leave_for_patient(["I1", "I7"], order_number="K-2026-00000001-7")
    assert (fresh(line).on_hand, numbers_in(line)) == (1, ["I2"])
    movement = Movement.objects.latest("pk")
    assert (movement.by, movement.order_number) == (None, "K-2026-00000001-7")


def test_what_is_on_order_never_goes_below_nothing() -> None:
    line = stocked(levels=(1, 2))
    assert actions.add_on_order(line.store, line.article, 4).on_order == 4
    assert actions.take_off_order(line.store, line.article, 3).on_order == 1
    with pytest.raises(actions.NotOnOrder) as refused:
        actions.take_off_order(line.store, line.article, 2)
    assert (refused.value.on_order, fresh(line).on_order) == (1, 1)


def test_a_quantity_of_nothing_is_a_programming_error() -> None:
    line = stocked(1)
    with pytest.raises(ValueError, match="nothing leaves"):
        take(line)
    with pytest.raises(ValueError, match="nothing has come"):
        actions.receive(line.store, line.article, by=maja(), order_number=RECEIVED)


@pytest.mark.parametrize(
    "wrong",
    [
        {"change": 0, "after": 1},
        {"after": 3},
        {"before": 0, "change": -1, "after": -1},
        {"kind": "WITHDRAWAL"},
        {"kind": "FOUND", "order_number": "", "correction_number": ""},
        {"order_number": ""},
        {"correction_number": "C-2026-00000001-2"},
    ],
)
def test_the_database_refuses_a_movement_that_cannot_be(wrong: dict[str, Any]) -> None:
    line = stocked(1)
    facts = {"line": line, "kind": "RECEIPT", "change": 1, "before": 1, "after": 2, "order_number": RECEIVED, "by": maja()}
    with transaction.atomic():
        Movement.objects.create(**facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Movement.objects.create(**facts | wrong)


@pytest.mark.parametrize("wrong", [{"on_hand": -1}, {"on_order": -1}, {"safety_level": 2, "target_level": 1}, {"is_paused": True}, {"pause_reason": "Därför"}])
def test_the_database_refuses_a_line_that_cannot_be(wrong: dict[str, Any]) -> None:
    line = stocked(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        StockLine.objects.filter(pk=line.pk).update(**wrong)
