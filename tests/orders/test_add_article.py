"""From the catalogue into an order."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.actions import set_local_values
from orders.actions import drafts
from orders.models import Order, OrderLine
from orders.views import basket
from patients.models import AccessLogEntry, Patient
from tests import factories

pytestmark = pytest.mark.django_db
ACTIVITY = "Lägga artikel i beställning"


def address(article: Any) -> str:
    return f"/bestallningar/lagg-till/{article.pk}/"


def options(response: Any) -> list[str]:
    return [label.get_text(strip=True) for label in BeautifulSoup(response.text, "html.parser").select("fieldset label")]


def test_ones_own_drafts_are_offered_by_short_name_and_logged(client_of: Callable[..., Client]) -> None:
    alice = factories.alice()
    draft = factories.draft(alice, to=factories.patient(alice, given_name="Märta", family_name="Åkerblom"), lines=1)
    factories.draft(factories.bob())
    factories.draft(factories.carol())
    factories.order(alice)
    response = client_of(alice).get(address(factories.article()))
    assert options(response) == ["Utkast för Märta Å.", "Ny beställning – hitta patient först"]
    assert "Åkerblom" not in response.text
    assert list(AccessLogEntry.objects.filter(activity=ACTIVITY).values_list("patient", flat=True)) == [draft.patient_id]


def test_a_protected_persons_draft_is_not_offered_and_cannot_be_chosen(client_of: Callable[..., Client]) -> None:
    alice = factories.alice()
    draft = factories.draft(alice, lines=1)
    Patient.objects.filter(pk=draft.patient_id).update(protection="MARKED", phone="")
    client, article = client_of(alice), factories.article()
    assert options(client.get(address(article))) == ["Ny beställning – hitta patient först"]
    client.post(address(article), {"draft": str(draft.public_id), "quantity": "1"})
    assert OrderLine.objects.filter(order=draft).count() == 1


def test_the_article_is_added_to_the_chosen_draft_and_shown_there(client_of: Callable[..., Client]) -> None:
    alice = factories.alice()
    draft, article = factories.draft(alice, lines=1), factories.article("Bord")
    response = client_of(alice).post(address(article), {"draft": str(draft.public_id), "quantity": "3"})
    assert response.status_code == 302
    assert response.url == f"{draft.get_absolute_url()}#artiklar"
    assert OrderLine.objects.get(order=draft, article=article).quantity == 3


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "draft"),
        ({"draft": "x", "quantity": "1"}, "draft"),
        ({"draft": "ny", "quantity": "0"}, "quantity"),
        ({"draft": "ny", "quantity": "1000"}, "quantity"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_added(client_of: Callable[..., Client], data: dict[str, str], field: str) -> None:
    alice = factories.alice()
    factories.draft(alice, lines=1)
    response = client_of(alice).post(address(factories.article()), data)
    assert field in response.context["form"].errors
    assert OrderLine.objects.count() == 1


def test_too_many_in_all_are_refused_at_the_quantity(client_of: Callable[..., Client]) -> None:
    alice, article = factories.alice(), factories.article()
    draft = factories.draft(alice, lines=0)
    drafts.add_article(draft, article, quantity=998)
    response = client_of(alice).post(address(article), {"draft": str(draft.public_id), "quantity": "2"})
    assert "999" in str(response.context["form"].errors["quantity"])
    assert OrderLine.objects.get(order=draft).quantity == 998


@pytest.mark.parametrize("owner", [factories.bob, factories.carol, factories.dan])
def test_anothers_draft_cannot_be_chosen(client_of: Callable[..., Client], owner: Any) -> None:
    theirs = factories.draft(owner(), lines=1)
    response = client_of(factories.alice()).post(address(factories.article()), {"draft": str(theirs.public_id), "quantity": "1"})
    assert "draft" in response.context["form"].errors
    assert theirs.lines.count() == 1


def test_what_cannot_be_ordered_has_no_such_page(client_of: Callable[..., Client]) -> None:
    client = client_of(factories.alice())
    ended, closed = factories.article(status="DISCONTINUED"), factories.article()
    set_local_values(article=closed, values={"is_orderable": False})
    for article in (ended, closed):
        assert client.get(address(article)).status_code == 404
        assert client.post(address(article), {"draft": "ny", "quantity": "1"}).status_code == 404


def new_order(client: Client, patient: Patient) -> Any:
    return client.post(f"/bestallningar/ny/{patient.public_id}/")


def test_the_article_follows_to_the_new_order_of_the_patient_that_is_found(client_of: Callable[..., Client]) -> None:
    alice, article = factories.alice(), factories.article("Bord")
    client, patient = client_of(alice), factories.patient(alice)
    response = client.post(address(article), {"draft": "ny", "quantity": "2"})
    assert response.url == "/patienter/"
    response = new_order(client, patient)
    order = Order.objects.get(patient=patient)
    assert response.url == order.get_absolute_url()
    assert list(order.lines.values_list("article", "quantity")) == [(article.pk, 2)]
    other = factories.patient(alice)
    new_order(client, other)
    assert not Order.objects.get(patient=other).lines.exists()


def test_an_article_that_was_left_lying_does_not_come_along(client_of: Callable[..., Client]) -> None:
    alice, article = factories.alice(), factories.article()
    client, patient = client_of(alice), factories.patient(alice)
    client.post(address(article), {"draft": "ny", "quantity": "1"})
    session = client.session
    session[basket._CARRIED] |= {"until": session[basket._CARRIED]["until"] - basket.CARRIED_SECONDS - 1}
    session.save()
    new_order(client, patient)
    assert not Order.objects.get(patient=patient).lines.exists()
    assert basket._CARRIED not in client.session


def test_an_article_that_ended_on_the_way_is_told_of(client_of: Callable[..., Client]) -> None:
    alice, article = factories.alice(), factories.article()
    client, patient = client_of(alice), factories.patient(alice)
    client.post(address(article), {"draft": "ny", "quantity": "1"})
    set_local_values(article=article, values={"is_orderable": False})
    response = client.get(new_order(client, patient).url)
    assert "kunde inte läggas till" in response.text
    assert not Order.objects.get(patient=patient).lines.exists()


def test_a_foreign_patient_gets_no_order_and_the_article_waits(client_of: Callable[..., Client]) -> None:
    client, foreign = client_of(factories.alice()), factories.patient(factories.dan())
    client.post(address(factories.article()), {"draft": "ny", "quantity": "1"})
    assert new_order(client, foreign).status_code == 404
    assert not Order.objects.filter(patient=foreign).exists()


def test_the_page_asks_as_many_queries_for_twenty_drafts_as_for_one(client_of: Callable[..., Client]) -> None:
    alice, article = factories.alice(), factories.article()
    client = client_of(alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            client.get(address(article))
        return len(context)

    factories.draft(alice, lines=1)
    queries()
    one = queries()
    for _ in range(19):
        factories.draft(alice, lines=2)
    assert queries() == one
