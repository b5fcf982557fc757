"""The patient page: the hjälpmedelsbild, what is under way, what was given back, at a constant number of queries."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import individuals
from catalog.models import LocalArticle
from orders.models import Order
from patients import actions
from patients.models import Loan, Patient
from tests import factories

pytestmark = pytest.mark.django_db


def url(patient: Patient) -> str:
    return f"/patienter/{patient.public_id}/"


def many_loans(order: Order, count: int, *, prefix: str = "L", ended: bool = False) -> None:
    """Aids with a number of their own; the second sits on the first, the third on the second."""
    now = timezone.now()
    numbers = [f"{prefix}-{place}" for place in range(count)]
    aids = [actions.DeliveredAid(order.lines.get().article, number) for number in numbers]
    actions.set_loans(patient=order.patient, ordered_by=order.orderer, order_number=str(order.number), source=f"{prefix}/1/1", started_at=now, aids=aids)
    for part, whole in zip(numbers[1:3], numbers[:2], strict=False):
        individuals.mount(part, on=whole)
    if ended:
        for place, loan in enumerate(Loan.objects.filter(source=f"{prefix}/1/1").order_by("pk")):
            actions.end_loan(loan, ended_at=now + datetime.timedelta(minutes=place))


def test_each_aid_is_shown_with_all_that_one_asks_for(client_of: Any) -> None:
    alice = factories.alice()
    order = factories.order(alice, quantity=1)
    LocalArticle.objects.filter(article=order.lines.get().article).update(charging_form="RENT")
    day = factories.days_from_now(30)
    factories.loan(order, "40-1")
    factories.loan(order, "40-2")
    individuals.mount("40-2", on="40-1")
    individuals.mark("40-1", is_under_investigation=True, is_loaner=True)
    actions.record_individual_update("40-1", sequence=1, replaced_by=None, next_inspection=day, note="")
    page = client_of(alice).get(url(order.patient))
    text = page.content.decode()
    main, part = page.context["aids"]
    assert (main.loan.individual_number, main.depth, part.loan.individual_number, part.depth) == ("40-1", 0, "40-2", 1)
    for shown in ["40-1", "Hyra", "Under utredning", "Låneexemplar", alice.unit.name, str(order.number), "/individer/40-1/", "Beställ tillbehör"]:
        assert shown in text
    assert main.individual.next_inspection_on == day
    assert f'name="loan" value="{main.loan.pk}"' in text


def test_another_care_providers_aids_payers_and_contacts_are_not_shown(client_of: Any) -> None:
    alice, dan = factories.alice(), factories.dan()
    order = factories.order(alice)
    factories.loan(order, "40-1")
    actions.confirm_care_relation(order.patient, by=dan)
    page = client_of(dan).get(url(order.patient))
    assert page.context["aids"] == []
    text = page.content.decode()
    for hidden in ["40-1", "Elsa Tolvansson", str(order.number)]:
        assert hidden not in text
    assert "Storgatan 1" in text  # the address is everybody's


@pytest.mark.parametrize("what", ["aids", "returned"])
def test_thirty_aids_take_no_more_queries_than_three(what: str, client_of: Any) -> None:
    alice = factories.alice()
    browser = client_of(alice)
    asked = []
    for count in (3, 30):
        order = factories.order(alice, to=factories.patient(alice, number=factories.test_numbers()[count]))
        many_loans(order, count, prefix=f"N{count}", ended=what == "returned")
        address = url(order.patient) + ("aterlamnade/" if what == "returned" else "")
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            page = browser.get(address)
        asked.append(len(queries))
        shown = page.context["page"].rows if what == "returned" else page.context["aids"]
        assert len(shown) == min(count, 25 if what == "returned" else count)
    assert asked[0] == asked[1]


def test_what_was_given_back_is_listed_last_first_and_paged(client_of: Any) -> None:
    alice = factories.alice()
    order = factories.order(alice)
    many_loans(order, 30, prefix="E", ended=True)
    browser = client_of(alice)
    page = browser.get(url(order.patient))
    assert [loan.individual_number for loan in page.context["returned"]] == ["E-29", "E-28", "E-27", "E-26", "E-25"]
    assert page.context["aids"] == []
    assert "Visa alla" in page.content.decode()
    first = browser.get(url(order.patient) + "aterlamnade/")
    second = browser.get(url(order.patient) + "aterlamnade/", {"cursor": first.context["page"].next_cursor})
    numbers = [loan.individual_number for page in (first, second) for loan in page.context["page"].rows]
    assert numbers == [f"E-{place}" for place in range(29, -1, -1)]


def test_a_long_list_of_what_was_given_back_reads_from_its_index(client_of: Any) -> None:
    order = factories.order()
    many_loans(order, 3, ended=True)
    loans = Loan.objects.visible_to(order.orderer).filter(patient=order.patient).ended().order_by("-closed_at", "-id")[:25]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    plan = loans.explain()
    assert "ended_loans" in plan
    assert "Sort" not in plan


def test_former_addresses_and_numbers_stand_with_their_dates(client_of: Any) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    actions.change_details(patient, by=alice, phone="", address=actions.NewAddress("Nygatan 2", "44131", "Alingsås"))
    text = client_of(alice).get(url(patient)).content.decode()
    assert "Tidigare adresser (1)" in text
    assert "Storgatan 1" in text
    Patient.objects.update(phone="", protection="MARKED")
    alice.unit.may_see_protected = True
    alice.unit.save()
    text = client_of(alice).get(url(patient)).content.decode()
    for secret in ["Storgatan 1", "Nygatan 2", "Elsa Tolvansson", "Tidigare adresser"]:
        assert secret not in text
