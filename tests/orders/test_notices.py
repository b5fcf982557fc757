"""Notices: what SESAM2 says that concerns a person reaches orderer and prescriber, once each, until they have seen it."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Assignment, Notice
from orders.actions import changes, drafts, orders, reports
from orders.models import Order
from orders.sesam2 import Answer, AnsweredLine, DeliveredLine, Response
from tests import factories

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]


def order_of(orderer: Assignment, prescriber: Assignment, *, lines: int = 2) -> Order:
    order = factories.draft(orderer, lines=lines)
    content = drafts.Content(customer=order.customer, prescriber=prescriber, method=order.method)
    drafts.save(order, content=content, quantities={})
    orders.place(order, by=orderer)
    return Order.objects.get(pk=order.pk)


def _answer(answer: Answer, *lines: AnsweredLine, reason: str = "", on: datetime.date | None = None) -> Callable[[str], None]:
    return lambda number: reports.record_response(number, sequence=1, response=Response(answer, "S2-1", on, reason, lines))


def _delivery(*, receipted: bool, lines: list[DeliveredLine] | None = None) -> Callable[[str], None]:
    return lambda number: reports.record_delivery(
        number, sequence=1, despatch_number="", delivered_at=timezone.now(), is_receipted=receipted, signed_by="patienten", lines=lines
    )


def _cancellation(lines: list[int] | None = None, *, was_requested: bool = False) -> Callable[[str], None]:
    return lambda number: reports.record_cancellation(number, sequence=1, reason="Slut i lager", lines=lines, was_requested=was_requested)


REFUSED = AnsweredLine(2, is_refused=True, quantity=None, promised_on=None, replacement=None, reason="Utgått")
FEWER = AnsweredLine(1, is_refused=False, quantity=1, promised_on=None, replacement=None, reason="")
NEW_DAY = datetime.date(2031, 12, 8)


# What is told → tone, word, title after the order's name, text, and whether Beställ igen stands there.
def _refusal(number: str) -> None:
    order = Order.objects.get(number=number)
    changes.request_cancellation(order, by=order.orderer, reason="OTHER", note="Behövs inte")
    reports.record_cancellation_refused(number, reason="Redan packad")


def _change_refused(number: str) -> None:
    order = Order.objects.get(number=number)
    changes.change_delivery(order, by=order.orderer, new=changes.NewDelivery(method="UNIT"))
    reports.record_delivery_change_refused(number, reason="Redan packad")


TOLD: dict[str, tuple[Callable[[str], None], tuple[str, str, str, str, bool]]] = {
    "refused": (
        _answer(Answer.REFUSED, reason="Kundnumret är spärrat"),
        ("danger", "Makulerad", "Kundorder {} är makulerad", "Kundnumret är spärrat. Allt du fyllde i finns kvar.", True),
    ),
    "refused without a reason": (
        _answer(Answer.REFUSED),
        ("danger", "Makulerad", "Kundorder {} är makulerad", "Centralen tog inte emot beställningen. Allt du fyllde i finns kvar.", True),
    ),
    "changed": (
        _answer(Answer.CHANGED, FEWER),
        ("info", "Ändrad", "Kundorder {} är bekräftad med ändringar", "Se vad centralen har ändrat.", False),
    ),
    "one line refused": (
        _answer(Answer.CHANGED, REFUSED),
        ("danger", "Delvis makulerad", "En del av Kundorder {} är makulerad", "1 Rullstol Allround 45 cm kommer inte. Utgått.", True),
    ),
    "delayed": (
        lambda number: reports.record_delay(number, sequence=1, promised_on=NEW_DAY, reason="Tyget är slut", lines=None),
        ("warning", "Försenad", "Kundorder {} är försenad", "Ny leveransdag måndag 8 december 2031. Tyget är slut.", False),
    ),
    "delayed without a date": (
        lambda number: reports.record_delay(number, sequence=1, promised_on=None, reason="Tyget är slut!", lines=[1]),
        ("warning", "Försenad", "Kundorder {} är försenad", "Tyget är slut! Nytt leveransdatum är inte känt.", False),
    ),
    "cancelled": (_cancellation(), ("danger", "Makulerad", "Kundorder {} är makulerad", "Slut i lager. Allt du fyllde i finns kvar.", True)),
    "cancelled as asked for": (
        _cancellation(was_requested=True),
        ("danger", "Makulerad", "Kundorder {} är makulerad", "Som du bad om. Allt du fyllde i finns kvar.", True),
    ),
    "one line cancelled": (
        _cancellation([2]),
        ("danger", "Delvis makulerad", "En del av Kundorder {} är makulerad", "1 Rullstol Allround 45 cm kommer inte. Slut i lager.", True),
    ),
    "cancellation refused": (
        _refusal,
        ("warning", "Kan inte makuleras", "Kundorder {} kan inte makuleras", "Redan packad.", False),
    ),
    "delivery change refused": (
        _change_refused,
        ("warning", "Leveransen står kvar", "Leveransen av Kundorder {} kan inte ändras", "Redan packad.", False),
    ),
    "delivered": (_delivery(receipted=False), ("success", "Levererad", "Kundorder {} är levererad", "", False)),
    "receipted": (_delivery(receipted=True), ("success", "Kvitterad", "Kundorder {} är levererad och kvitterad", "", False)),
}
QUIET: dict[str, Callable[[str], None]] = {
    "received": _answer(Answer.RECEIVED),
    "accepted": _answer(Answer.ACCEPTED, on=NEW_DAY),
    "despatched": lambda number: reports.record_despatch(
        number, despatch_number="F1", despatched_at=timezone.now(), expected_on=None, carrier="", tracking_url="", lines=[]
    ),
    "a part delivered": _delivery(receipted=True, lines=[DeliveredLine(1, 1, ())]),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_concerns_a_person_reaches_orderer_and_prescriber_once_each(name: str) -> None:
    tell, (tone, word, title, text, is_again) = TOLD[name]
    bob, alice = factories.bob(), factories.alice()
    order = order_of(bob, alice)
    tell(str(order.number))
    notices = list(Notice.objects.order_by("user__name"))
    assert [notice.user for notice in notices] == [alice.user, bob.user]
    for notice in notices:
        assert (notice.tone, notice.word, notice.title, notice.text) == (tone, word, title.format(order.number), text)
        assert (notice.url, notice.unit, notice.read_at) == (order.get_absolute_url(), order.unit, None)
        assert (notice.action_url, notice.action_text) == ((f"{order.get_absolute_url()}bestall-igen/", "Beställ igen") if is_again else ("", ""))


@pytest.mark.parametrize("name", QUIET)
def test_what_goes_as_it_should_gives_no_notice(name: str) -> None:
    QUIET[name](str(order_of(factories.bob(), factories.alice()).number))
    assert Notice.objects.count() == 0


def test_whoever_both_orders_and_prescribes_gets_one() -> None:
    alice = factories.alice()
    _cancellation()(str(order_of(alice, alice).number))
    assert Notice.objects.get().user == alice.user


def test_each_message_gives_its_own() -> None:
    alice = factories.alice()
    order = order_of(alice, alice)
    for sequence, day in enumerate([8, 9, 10], start=1):
        reports.record_delay(str(order.number), sequence=sequence, promised_on=datetime.date(2031, 12, day), reason="Tyget", lines=None)
    assert list(Notice.objects.order_by("id").values_list("text", flat=True)) == [
        "Ny leveransdag måndag 8 december 2031. Tyget.",
        "Ny leveransdag tisdag 9 december 2031, tidigare måndag 8 december 2031. Tyget.",
        "Ny leveransdag onsdag 10 december 2031, tidigare tisdag 9 december 2031. Tyget.",
    ]


@pytest.mark.parametrize("name", TOLD)
def test_no_notice_tells_who_the_patient_is(name: str) -> None:
    bob = factories.bob()
    order = order_of(bob, factories.alice())
    TOLD[name][0](str(order.number))
    identity = order.patient.identity
    for notice in Notice.objects.all():
        shown = f"{notice.word} {notice.title} {notice.text} {notice.url} {notice.action_url} {notice.action_text}"
        for secret in ("Tolvan", identity.value, identity.shown, identity.value[2:], str(order.patient.public_id), "Storgatan"):
            assert secret not in shown


def unread(client: Client) -> list[str]:
    return [notice.title for group in client.get("/").context["groups"] for notice in group["rows"]]


def test_a_notice_is_unread_until_that_person_opens_the_order(client_of: ClientOf) -> None:
    bob, alice = factories.bob(), factories.alice()
    order = order_of(bob, alice)
    other = order_of(bob, alice)
    _cancellation()(str(order.number))
    _cancellation()(str(other.number))
    titles = [f"Kundorder {other.number} är makulerad", f"Kundorder {order.number} är makulerad"]
    bobs, alices = client_of(bob), client_of(alice)
    assert unread(bobs) == unread(alices) == titles
    bobs.get(f"{order.get_absolute_url()}nytt/")
    assert unread(bobs) == titles
    bobs.get(order.get_absolute_url())
    assert unread(bobs) == titles[:1]
    assert unread(alices) == titles


@pytest.mark.parametrize("page", ["skickad/", "makulera/"])
def test_another_page_of_the_order_leaves_it_unread(client_of: ClientOf, page: str) -> None:
    alice = factories.alice()
    order = order_of(alice, alice)
    TOLD["delayed"][0](str(order.number))
    client = client_of(alice)
    assert client.get(f"{order.get_absolute_url()}{page}").status_code == 200
    assert unread(client) == [f"Kundorder {order.number} är försenad"]


def test_the_start_page_shows_each_notice_with_its_link_and_its_button(client_of: ClientOf) -> None:
    alice = factories.alice()
    order = order_of(alice, alice)
    _cancellation()(str(order.number))
    html = client_of(alice).get("/").content.decode()
    assert f'<a href="/bestallningar/{order.number}/">Kundorder {order.number} är makulerad</a>' in html
    assert f'action="/bestallningar/{order.number}/bestall-igen/"' in html
    assert "Slut i lager. Allt du fyllde i finns kvar." in html


def test_a_notice_belongs_to_the_unit_where_the_person_ordered(client_of: ClientOf) -> None:
    alice = factories.alice()
    elsewhere = factories.assignment("Alice Ask", "PRESCRIBER", at=factories.unit("Vårdcentralen Sörhaga"))
    _cancellation()(str(order_of(alice, alice).number))
    assert len(unread(client_of(alice))) == 1
    assert unread(client_of(elsewhere)) == []


def test_words_of_sesam2_are_shown_as_words_and_not_as_html(client_of: ClientOf) -> None:
    alice = factories.alice()
    order = order_of(alice, alice)
    hostile: Any = "<script>alert(1)</script>"
    reports.record_cancellation(str(order.number), sequence=1, reason=hostile, lines=None, was_requested=False)
    client = client_of(alice)
    for page in ("/", order.get_absolute_url()):
        html = client.get(page).content.decode()
        assert hostile not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
