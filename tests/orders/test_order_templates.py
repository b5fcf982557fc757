"""Beställningsmallar: saved without a word about the patient, used, removed, and nobody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Assignment
from catalog.models import LocalArticle
from orders.actions import drafts, templates
from orders.actions.drafts import Whole
from orders.models import Order, OrderLine, OrderTemplate
from tests import factories
from tests.orders import pages
from tests.orders.pages import error_at, soup_of, typed, words

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
SAVED = {"name": "Rullstol med bord", "scope": "me"}


def url(order: Order, page: str = "") -> str:
    return f"/bestallningar/utkast/{order.public_id}/{page}"


def post(client: Client, order: Order, do: str, **changed: str) -> Any:
    return client.post(url(order), typed(pages.get(client, url(order))) | changed | {"do": do})


def with_a_table(by: Assignment | None = None) -> Order:
    """A wheelchair with its table, both with words about the patient."""
    order = factories.draft(by, lines=0)
    drafts.add_article(order, factories.article("Rullstol"), quantity=2)
    drafts.add_article(order, factories.article("Bord", article_type="T"), to=Whole(line=1))
    words_about = [{"name": "Tolvans bredd", "value": "45"}]
    OrderLine.objects.filter(order=order).update(misfit_reason="Tolvan har ett eget fäste", configuration=words_about, exception_reason="Tolvan vill")
    return order


def test_a_draft_is_saved_as_a_template_and_put_on_another_patients_draft(client_of: ClientOf) -> None:
    client = client_of(factories.alice())
    order = with_a_table()
    assert post(client, order, "to_template").url == url(order, "mall/")
    assert client.post(url(order, "mall/"), SAVED).url == url(order)
    template = OrderTemplate.objects.get()
    other = factories.draft(lines=0)
    post(client, other, "template", template=str(template.pk))
    assert [(line.article_name, line.quantity, line.main.line if line.main else None) for line in other.lines.order_by("line")] == [
        ("Rullstol", 2, None),
        ("Bord", 1, 1),
    ]
    for row in (*other.lines.values(), *template.lines.values(), vars(template)):
        assert "Tolvan" not in str(row)


def test_what_can_no_longer_be_ordered_is_left_out_and_told(client_of: ClientOf) -> None:
    order, client = with_a_table(), client_of(factories.alice())
    template = templates.save_as_template(order, name="Mall", for_unit=False, by=factories.alice())
    LocalArticle.objects.filter(article=order.lines.get(line=2).article_id).update(is_orderable=False)
    other = factories.draft(lines=0)
    post(client, other, f"template:{template.pk}")
    assert [line.article_name for line in other.lines.all()] == ["Rullstol"]
    assert "Bord går inte längre att beställa och är inte med." in words(pages.get(client, url(other)).main)


def test_too_many_adds_nothing_at_all(client_of: ClientOf) -> None:
    order = with_a_table()
    template = templates.save_as_template(order, name="Mall", for_unit=False, by=factories.alice())
    other = factories.draft(lines=0)
    drafts.add_article(other, order.lines.get(line=1).article, quantity=998)
    soup = soup_of(post(client_of(factories.alice()), other, f"template:{template.pk}"))
    assert error_at(soup, "q") == "Du kan beställa högst 999 av samma artikel."
    assert other.lines.count() == 1


def test_ones_own_is_ones_own_and_the_units_is_everybodys_there(client_of: ClientOf) -> None:
    order = with_a_table()
    mine = templates.save_as_template(order, name="Min", for_unit=False, by=factories.alice())
    ours = templates.save_as_template(order, name="Vår", for_unit=True, by=factories.alice())
    seen = {who.user.name: set(OrderTemplate.objects.visible_to(who)) for who in (factories.alice(), factories.bob(), factories.carol())}
    assert seen == {"Alice Ask": {mine, ours}, "Bob Björk": {ours}, "Carol Ceder": set()}
    bob = client_of(factories.bob())
    assert bob.post(f"/bestallningar/mallar/{mine.pk}/ta-bort/").status_code == 404
    other = factories.draft(factories.bob(), lines=0)
    post(bob, other, f"template:{mine.pk}")
    assert other.lines.count() == 0
    assert bob.post(f"/bestallningar/mallar/{ours.pk}/ta-bort/").url == "/bestallningar/mallar/"
    assert list(OrderTemplate.objects.all()) == [mine]


@pytest.mark.parametrize(
    ("changed", "field"), [({"name": ""}, "name"), ({"name": "x" * 61}, "name"), ({"name": "a\x00b"}, "name"), ({"scope": "all"}, "scope")]
)
def test_a_template_without_a_name_or_for_nobody_is_refused(client_of: ClientOf, changed: dict[str, str], field: str) -> None:
    order = with_a_table()
    soup = soup_of(client_of(factories.alice()).post(url(order, "mall/"), SAVED | changed))
    assert error_at(soup, field)
    assert not OrderTemplate.objects.exists()


def test_a_name_is_taken_once(client_of: ClientOf) -> None:
    order, client = with_a_table(), client_of(factories.alice())
    client.post(url(order, "mall/"), SAVED)
    assert "Det finns redan en mall med det namnet." in error_at(soup_of(client.post(url(order, "mall/"), SAVED)), "name")
    assert OrderTemplate.objects.count() == 1


def test_a_draft_without_articles_is_no_template(client_of: ClientOf) -> None:
    order = factories.draft(lines=0)
    assert "Utkastet har inga artiklar att spara." in client_of(factories.alice()).post(url(order, "mall/"), SAVED).content.decode()
    assert not OrderTemplate.objects.exists()
