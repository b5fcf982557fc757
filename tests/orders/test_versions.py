"""Nobody saves over, or sends, what they have not seen; and what was ordered again is not ordered a third time."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Assignment, Notice
from catalog.models import Article
from core.lifecycle import IllegalMove
from integration.models import OutgoingMessage
from ordering.sending import AlreadyOrderedAgain
from orders.actions import drafts, orders, reports
from orders.models import Order, Status
from orders.sesam2 import Answer, AnsweredLine, Response
from tests import factories

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]


def seen_on(client: Client, url: str) -> str:
    page = client.get(url).content.decode()
    return page.split('name="version" value="')[1].split('"')[0]


def fields(order: Order, **changed: str) -> dict[str, str]:
    return {"do": "save", "customer": str(order.customer_id), "prescriber": str(order.prescriber_id), "method": "HOME", "quantity_1": "1"} | changed


def test_a_draft_that_a_colleague_has_changed_is_not_saved_over(client_of: ClientOf) -> None:
    order = factories.draft(lines=1)
    mine, theirs = client_of(factories.alice()), client_of(factories.bob())
    url = order.get_absolute_url()
    seen = seen_on(mine, url)
    theirs.post(url, fields(order, version=seen_on(theirs, url), instructions="Ring först"))
    response = mine.post(url, fields(order, version=seen, instructions="Ställ vid dörren", quantity_1="7"))
    page = response.content.decode()
    assert "Utkastet har ändrats sedan du öppnade sidan." in page
    assert "Ställ vid dörren" in page
    order.refresh_from_db()
    assert (order.instructions, order.lines.get().quantity) == ("Ring först", 1)
    mine.post(url, fields(order, version=page.split('name="version" value="')[1].split('"')[0], instructions="Ställ vid dörren"))
    order.refresh_from_db()
    assert order.instructions == "Ställ vid dörren"


def test_what_was_changed_after_the_check_is_not_sent(client_of: ClientOf) -> None:
    order = factories.draft(lines=1)
    client = client_of(factories.alice())
    seen = seen_on(client, f"{order.get_absolute_url()}granska/")
    drafts.add_article(order, factories.article(), quantity=99)
    response = client.post(f"{order.get_absolute_url()}skicka/", {"version": seen}, follow=True)
    assert "Utkastet har ändrats sedan du granskade det." in response.content.decode()
    order.refresh_from_db()
    assert order.status == Status.DRAFT
    assert not OutgoingMessage.objects.exists()
    client.post(f"{order.get_absolute_url()}skicka/", {"version": seen_on(client, f"{order.get_absolute_url()}granska/")})
    order.refresh_from_db()
    assert order.status == Status.PLACED


def cancelled(order: Order, lines: list[int] | None = None) -> Order:
    reports.record_cancellation(str(order.number), sequence=2, reason="Utgått", lines=lines, was_requested=False)
    return Order.objects.get(pk=order.pk)


def test_what_has_been_ordered_again_is_shown_instead_of_ordered_once_more(client_of: ClientOf) -> None:
    order = cancelled(factories.order())
    again = orders.order_again(order, by=order.orderer)
    number = orders.place(again, by=order.orderer)
    with pytest.raises(AlreadyOrderedAgain, match=number):
        orders.order_again(order, by=order.orderer)
    client = client_of(order.orderer)
    response = client.post(f"{order.get_absolute_url()}bestall-igen/")
    assert response.url == f"/bestallningar/{number}/"
    page = client.get(order.get_absolute_url()).content.decode()
    assert "bestall-igen" not in page
    assert f"/bestallningar/{number}/" in page
    assert Order.objects.filter(again_of=order).count() == 1


def test_ordering_again_makes_the_notice_read(client_of: ClientOf) -> None:
    order = cancelled(factories.order())
    client_of(order.orderer).post(f"{order.get_absolute_url()}bestall-igen/")
    assert not Notice.objects.unread().exists()


def test_of_a_partly_cancelled_order_what_was_cancelled_is_ordered_again() -> None:
    order = factories.order(lines=2, quantity=3)
    with pytest.raises(IllegalMove):
        orders.order_again(order, by=order.orderer)
    order = cancelled(order, [2])
    again = orders.order_again(order, by=order.orderer)
    assert list(again.lines.values_list("article_name", "quantity")) == [(order.lines.get(line=2).article_name, 3)]
    assert Notice.objects.get().action_url == f"{order.get_absolute_url()}bestall-igen/"


def test_a_page_that_lies_open_leaves_the_notice_unread(client_of: ClientOf) -> None:
    order = cancelled(factories.order())
    client = client_of(order.orderer)
    assert client.get(f"{order.get_absolute_url()}nytt/?v=old").status_code == 200
    assert Notice.objects.unread().count() == 1
    client.get(order.get_absolute_url())
    assert Notice.objects.unread().count() == 0


def test_a_refusal_that_answers_no_open_request_is_only_history() -> None:
    order = cancelled(factories.order())
    before = Notice.objects.count()
    reports.record_cancellation_refused(str(order.number), reason="Redan plockad")
    assert Notice.objects.count() == before
    assert order.history.filter(event="CANCELLATION_REFUSED").exists()


def test_a_line_that_the_centre_adds_becomes_a_line() -> None:
    order, extra = factories.order(), factories.article("Extra bricka")
    added = {"supplier_gln": extra.supplier.gln, "supplier_article_number": extra.number, "article_number": "118999", "name": "Extra bricka"}
    lines = (AnsweredLine(1, False, None, None, None, ""), AnsweredLine(2, False, 2, None, added, "", is_added=True))
    reports.record_response(str(order.number), sequence=1, response=Response(Answer.CHANGED, "S2-1", factories.days_from_now(3), "", lines))
    assert list(order.lines.order_by("line").values_list("line", "quantity")) == [(1, 1), (2, 2)]
    order.refresh_from_db()
    assert order.status == Status.CONFIRMED


def test_an_added_article_that_the_catalogue_lacks_does_not_stop_the_rest() -> None:
    order = factories.order()
    unknown = {"supplier_gln": "7359999900024", "supplier_article_number": "FINNS-EJ", "article_number": "1", "name": "Okänd"}
    lines = (AnsweredLine(1, False, None, None, None, ""), AnsweredLine(2, False, 1, None, unknown, "", is_added=True))
    reports.record_response(str(order.number), sequence=1, response=Response(Answer.CHANGED, "S2-1", factories.days_from_now(3), "", lines))
    order.refresh_from_db()
    assert (order.status, order.lines.count()) == (Status.CONFIRMED, 1)


def test_a_sent_order_keeps_what_was_ordered_and_who_pays() -> None:
    order = factories.order()
    line = order.lines.get()
    name, number, payer = line.article_name, line.article_number, order.payer_number
    Article.objects.filter(pk=line.article_id).update(name="Något annat")
    order.customer.payer_number = "999"
    order.customer.save()
    line.refresh_from_db()
    order.refresh_from_db()
    assert (line.article_name, line.article_number, order.payer_number) == (name, number, payer)
    assert payer == order.customer_number.replace("6", "9", 1)
