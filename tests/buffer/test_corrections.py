"""Scrapped, lost, found, moved: the movement, its message to SESAM2, and what is refused with nothing left behind."""

import pytest

from accounts.models import Notice
from buffer import actions
from buffer.actions import corrections
from buffer.models import Movement
from catalog import individuals
from catalog.models import Individual
from integration.models import OutgoingMessage
from tests import factories
from tests.buffer.stores import fresh, maja, numbers_in, stocked, store

pytestmark = pytest.mark.django_db


def told(number: str) -> dict:
    message = OutgoingMessage.objects.get(subject=number)
    assert (message.message_type, message.sequence) == ("StockCorrection", 1)
    return message.payload["body"]


def test_scrapping_is_a_movement_and_a_message_with_its_reason() -> None:
    line, by = stocked(3), maja()
    number = corrections.scrap(line.store, line.article, by=by, quantity=2, note="Utgånget datum")
    assert number.startswith("C-")
    assert fresh(line).on_hand == 1
    movement = Movement.objects.get(correction_number=number)
    assert (movement.kind, movement.change, movement.note, movement.by) == ("SCRAPPED", -2, "Utgånget datum", by)
    body = told(number)
    assert body["store"] == {"storeNumber": "4101", "unitHsaId": by.unit.hsa_id}
    assert body["by"]["name"] == "Maja Mo"
    [said] = body["lines"]
    assert (said["line"], said["difference"], said["reason"], said["note"]) == (1, -2, "SCRAPPED", "Utgånget datum")
    assert said["supplierArticleNumber"] == line.article.number


def test_what_is_lost_is_marked_and_what_is_found_no_longer() -> None:
    line = stocked(2, ("I1", "I2"))
    number = corrections.lose(line.store, line.article, by=maja(), individual_numbers=["I1"], note="Borta")
    assert [(said["individualNumber"], said["difference"], said["reason"]) for said in told(number)["lines"]] == [("I1", -1, "LOST")]
    assert Individual.objects.get(number="I1").is_lost
    found = corrections.find(line.store, line.article, by=maja(), individual_numbers=["I1"], quantity=2, note="I skåpet")
    assert [(said.get("individualNumber"), said["difference"], said["reason"]) for said in told(found)["lines"]] == [("I1", 1, "FOUND"), (None, 1, "FOUND")]
    assert not Individual.objects.get(number="I1").is_lost
    assert (fresh(line).on_hand, numbers_in(line)) == (3, ["I1", "I2"])


def test_an_aid_under_investigation_is_kept() -> None:
    line = stocked(1, ("I1",))
    individuals.mark("I1", is_under_investigation=True)
    with pytest.raises(actions.NotUsable):
        corrections.scrap(line.store, line.article, by=maja(), individual_numbers=["I1"], note="Trasig")
    assert (fresh(line).on_hand, OutgoingMessage.objects.count()) == (1, 0)


def test_a_transfer_is_two_legs_and_two_messages_and_the_other_unit_is_told() -> None:
    line, by, carol = stocked(3, ("I1",)), maja(), factories.carol()
    to = store("4102", of=carol, name="Sörhagas förråd")
    olle = factories.assignment("Olle Olsson", "STORE_MANAGER", at=carol.unit)
    out, into = corrections.transfer(line.store, to, line.article, by=by, quantity=2, individual_numbers=["I1"], note="Behövs där")
    assert (fresh(line).on_hand, numbers_in(line)) == (1, [])
    there = to.lines.get(article=line.article)
    assert (there.on_hand, numbers_in(there)) == (2, ["I1"])
    assert [(said.get("individualNumber"), said["difference"], said["reason"]) for said in told(out)["lines"]] == [
        ("I1", -1, "TRANSFER_OUT"),
        (None, -1, "TRANSFER_OUT"),
    ]
    assert told(into)["store"]["storeNumber"] == "4102"
    assert {said["reason"] for said in told(into)["lines"]} == {"TRANSFER_IN"}
    notice = Notice.objects.get(unit=to.unit)
    assert (notice.user, notice.title) == (olle.user, "2 Rullstol Allround 45 cm flyttades till Sörhagas förråd")


def test_nothing_is_moved_to_another_care_providers_store_nor_to_one_that_is_not_used() -> None:
    line = stocked(2)
    unused = store("4102", of=factories.carol(), is_active=False)
    for to in (store("4103", of=factories.dan()), unused):
        with pytest.raises(corrections.NotYourProviders):
            corrections.transfer(line.store, to, line.article, by=maja(), quantity=1)
    with pytest.raises(actions.NotEnough):
        corrections.transfer(line.store, store("4104"), line.article, by=maja(), quantity=3)
    assert (fresh(line).on_hand, OutgoingMessage.objects.count(), Movement.objects.filter(kind="TRANSFER_OUT").count()) == (2, 0, 0)
