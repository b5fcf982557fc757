"""The start page: what needs a person now, what is on its way, what one wants to order."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import News, Notice
from accounts.roles import Role
from orders.models import Order
from patients.models import AccessLogEntry
from tests import factories
from tests.workorders import told

pytestmark = pytest.mark.django_db


def notice(to: Any, title: str, **changes: Any) -> Notice:
    values = {"user": to.user, "unit": to.unit, "tone": "warning", "word": "Försenad", "title": title, "url": "/bestallningar/"} | changes
    return Notice.objects.create(**values)


def test_ones_unread_notices_are_shown_newest_first_and_nobody_elses(client_of: Any) -> None:
    alice = factories.alice()
    elsewhere = factories.assignment("Alice Ask", Role.PRESCRIBER, at=factories.unit("Vårdcentralen Sörhaga"))
    now = timezone.now()
    for number in range(52):
        notice(alice, f"Nummer {number:02}", created_at=now - datetime.timedelta(minutes=number))
    notice(alice, "Läst", read_at=now)
    notice(factories.bob(), "Bobs")
    notice(elsewhere, "Andra enheten")
    notice(alice, "Makulerad", tone="danger", created_at=now - datetime.timedelta(days=1))
    notice(alice, "Levererad", tone="success")
    browser = client_of(alice)
    page = browser.get("/")
    assert [(group["key"], titles(group["rows"]), group["number"]) for group in page.context["groups"]] == [
        ("makulerat", ["Makulerad"], 1),
        ("forsenat", [f"Nummer {number:02}" for number in range(5)], 52),
        ("besked", ["Levererad"], 1),
    ]
    text = page.content.decode()
    assert "53 ärenden behöver dig." in text
    for hidden in ["Läst", "Bobs", "Andra enheten", "Nummer 05"]:
        assert f">{hidden}<" not in text
    assert all_pages(browser, "/besked/?slag=forsenat") == [f"Nummer {number:02}" for number in range(52)]
    assert all_pages(browser, "/besked/")[:2] == ["Levererad", "Nummer 00"]
    assert len(all_pages(browser, "/besked/?slag=finns-inte")) == 54


def titles(notices: Any) -> list[str]:
    return [row.title for row in notices]


def all_pages(browser: Any, url: str) -> list[str]:
    """The titles of the notices on all pages, from above."""
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = browser.get(url, {"cursor": cursor, "slag": url.partition("slag=")[2]}).context["page"]
        found += titles(page.rows)
        cursor = page.next_cursor
    return found


def test_what_the_page_of_notices_showed_can_be_marked_as_read_and_nothing_else(client_of: Any) -> None:
    alice, bob = factories.alice(), factories.bob()
    shown, later, bobs = notice(alice, "Visad"), notice(alice, "Senare"), notice(bob, "Bobs")
    answer = client_of(alice).post("/besked/last/", {"notice": [shown.pk, bobs.pk, "x", "9" * 30], "slag": "forsenat"})
    assert answer.url == "/besked/?slag=forsenat"
    assert set(Notice.objects.filter(read_at__isnull=True)) == {later, bobs}


def test_no_more_than_ninety_nine_are_counted(client_of: Any) -> None:
    alice = factories.alice()
    Notice.objects.bulk_create(Notice(user=alice.user, unit=alice.unit, tone="danger", word="Makulerad", title="x", url="/") for _ in range(150))
    assert "Fler än 99 ärenden behöver dig." in client_of(alice).get("/").content.decode()


def test_looking_at_the_start_page_reads_no_notice_but_opening_its_order_does(client_of: Any) -> None:
    alice = factories.alice()
    order = factories.order(alice)
    notice(alice, "Försenad", url=order.get_absolute_url())
    browser = client_of(alice)
    browser.get("/")
    assert Notice.objects.get().read_at is None
    browser.get(order.get_absolute_url())
    assert Notice.objects.get().read_at is not None
    assert browser.get("/").context["groups"] == []


def test_the_units_open_orders_and_ones_own_drafts(client_of: Any) -> None:
    alice, bob = factories.alice(), factories.bob()
    patient = factories.patient(alice)
    open_order, bobs = factories.order(alice, to=patient), factories.order(bob, to=patient)
    done = factories.order(alice, to=patient)
    Order.objects.filter(pk=done.pk).update(status="RECEIPTED")
    draft, bobs_draft = factories.draft(alice, to=patient), factories.draft(bob, to=patient)
    foreign = factories.order(factories.carol())
    page = client_of(alice).get("/")
    assert [row.number for row in page.context["open_orders"]] == [bobs.number, open_order.number]
    assert [order.pk for order in page.context["drafts"]] == [draft.pk]
    text = page.content.decode()
    for hidden in [done.number, foreign.number, str(bobs_draft.public_id)]:
        assert hidden not in text


def test_open_orders_of_all_kinds_stand_together_newest_first_and_each_reading_is_logged(client_of: Any) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    first, work, last = factories.order(alice, to=patient), told.sent(patient=patient), factories.order(alice, to=patient)
    page = client_of(alice).get("/")
    assert [row.number for row in page.context["open_orders"]] == [last.number, work.number, first.number]
    assert page.context["open_count"].number == 3
    read = AccessLogEntry.objects.filter(activity="Startsidan").values_list("resource_type", "resource_id")
    assert set(read) == {("Kundorder", first.number), ("Kundorder", last.number), ("Arbetsorder", work.number)}


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.INVOICE_READER, Role.LOG_REVIEWER, Role.STORE_MANAGER])
def test_who_may_see_no_orders_sees_none_and_no_way_to_patients(role: Role, client_of: Any) -> None:
    order = factories.order()
    page = client_of(factories.assignment(role.label, role, at=factories.unit())).get("/")
    assert page.status_code == 200
    assert not any(name in page.context for name in ("open_orders", "drafts", "number_form"))
    text = page.content.decode()
    for hidden in [order.number, "Tolvan", "/patienter/", "/bestallningar/"]:
        assert hidden not in text


def test_one_and_many_orders_take_as_many_queries(client_of: Any) -> None:
    alice = factories.alice()
    browser = client_of(alice)
    counts = []
    for more in (1, 4):
        for _ in range(more):
            factories.order(alice, lines=2)
            factories.draft(alice, lines=1)
            notice(alice, "Försenad")
        browser.get("/")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_with_nothing_to_show_the_page_says_so(client_of: Any) -> None:
    page = client_of(factories.alice()).get("/")
    assert (page.context["groups"], page.context["drafts"], page.context["open_orders"]) == ([], [], [])
    assert page.status_code == 200


def test_the_three_latest_news_for_ones_provider(client_of: Any) -> None:
    alice, dan = factories.alice(), factories.dan()
    for number in range(4):
        News.objects.create(title=f"Nyhet {number}", text="x", shown_from=timezone.now() - datetime.timedelta(days=number))
    News.objects.create(title="Bara kommunen", text="x", provider=dan.unit.provider)
    text = client_of(alice).get("/").content.decode()
    assert "Nyhet 2" in text
    assert "Nyhet 3" not in text
    assert "Bara kommunen" not in text
    assert "Bara kommunen" in client_of(dan).get("/").content.decode()


def test_news_for_some_units_reach_those_alone(client_of: Any) -> None:
    alice, carol = factories.alice(), factories.carol()
    made = News.objects.create(title="Bara rehab", text="x")
    made.units.add(alice.unit, factories.unit("Habiliteringen"))
    assert client_of(alice).get("/").content.decode().count("Bara rehab") == 1
    assert "Bara rehab" not in client_of(carol).get("/").content.decode()


def test_the_patients_page_shows_what_belongs_to_ones_provider(client_of: Any) -> None:
    """Identity and address are common; contacts, orders and loans are not."""
    from patients.actions import DeliveredAid, confirm_care_relation, set_loans

    alice, dan = factories.alice(), factories.dan()
    patient = factories.patient(alice)
    order = factories.order(alice, to=patient)
    article = order.lines.get().article
    aid = DeliveredAid(article, "40-4711")
    set_loans(patient=patient, ordered_by=alice, order_number=order.number, source="x", started_at=timezone.now(), aids=[aid])
    confirm_care_relation(patient, by=dan)
    url = f"/patienter/{patient.public_id}/"
    ours, theirs = client_of(alice).get(url).content.decode(), client_of(dan).get(url).content.decode()
    for common in ["Tolvan Tolvansson", "Storgatan 1"]:
        assert common in ours
        assert common in theirs
    for own in ["Elsa Tolvansson", order.number, "40-4711"]:
        assert own in ours
        assert own not in theirs
