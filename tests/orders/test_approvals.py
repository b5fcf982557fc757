"""A kundorder that must be approved: what stops it, who decides, what is told, and that nothing goes out before."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Assignment, Notice, User
from catalog.models import Article, AssortmentPolicy, LocalArticle
from core.lifecycle import IllegalMove
from integration.models import OutgoingMessage
from orders.actions import approvals, drafts, orders
from orders.models import Approval, Order, OrderHistory, Status
from patients.models import AccessLogEntry, Patient
from tests import factories
from tests.orders import pages
from tests.orders.pages import error_at, heading, soup_of, words

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
WHY = "Lyftar ska godkännas av enhetschefen."


def again(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def events(order: Order) -> list[str]:
    return list(OrderHistory.objects.filter(order=order).order_by("id").values_list("event", flat=True))


def unread(who: Assignment) -> list[tuple[str, str]]:
    return list(Notice.objects.visible_to(who).unread().order_by("pk").values_list("word", "url"))


def url(order: Order, page: str = "") -> str:
    return f"/bestallningar/godkannanden/{order.public_id}/{page}"


def draft_url(order: Order, page: str = "") -> str:
    return f"/bestallningar/utkast/{order.public_id}/{page}"


def nothing_went_out(order: Order) -> bool:
    return again(order).number is None and not OutgoingMessage.objects.exists()


# --- Warn, ask, block on the pages of a draft --------------------------------------------------------


def test_a_reminder_stands_at_the_line_and_the_order_goes_all_the_same(client_of: ClientOf) -> None:
    alice = factories.alice()
    draft = factories.draft(alice, lines=1)
    factories.rule("WARN", text="Kom ihåg riskanalysen.")
    client = client_of(alice)
    for page in ("", "granska/"):
        [line] = pages.get(client, draft_url(draft, page)).select("main tbody tr")
        assert "Påminnelse Kom ihåg riskanalysen." in words(line)
        assert line.select_one(".verdict svg") is not None
    assert client.post(draft_url(draft, "skicka/")).url.endswith("/skickad/")


def test_what_all_lines_share_is_told_once(client_of: ClientOf) -> None:
    alice = factories.alice()
    draft = factories.draft(alice, lines=3)
    factories.rule("WARN", text="Kom ihåg riskanalysen.")
    for page in ("", "granska/"):
        soup = pages.get(client_of(alice), draft_url(draft, page))
        assert words(soup.main).count("Kom ihåg riskanalysen.") == 1
        assert "Gäller alla artiklar" in words(soup.main)


def test_what_is_blocked_is_refused_at_its_line_and_nothing_is_sent(client_of: ClientOf) -> None:
    alice = factories.alice()
    draft = factories.draft(alice, lines=2)
    blocked = factories.article_of("123603", "Personlyft Atlas")
    drafts.add_article(draft, blocked)
    factories.rule("BLOCK", iso_prefix="1236", text="Lyftar beställs av hjälpmedelskonsulenten.")
    client = client_of(alice)
    for response in (client.get(draft_url(draft, "granska/")), client.post(draft_url(draft, "skicka/"))):
        assert response.status_code == 200
        soup = soup_of(response)
        assert error_at(soup, "quantity_3") == "Personlyft Atlas: Lyftar beställs av hjälpmedelskonsulenten."
        assert error_at(soup, "quantity_1") == ""
    assert nothing_went_out(draft)
    assert again(draft).status == Status.DRAFT


def test_the_prescribers_profession_decides_not_the_orderers() -> None:
    alice, bob = factories.alice(), factories.bob()
    User.objects.filter(pk=alice.user_id).update(profession="AT")
    User.objects.filter(pk=bob.user_id).update(profession="SJ")
    factories.rule("BLOCK", profession="SJ")
    draft = factories.draft(alice, lines=1)
    orders.place(Order.objects.get(pk=draft.pk), by=factories.bob())
    assert again(draft).status == Status.PLACED
    factories.rule("BLOCK", profession="AT")
    other = factories.draft(alice, lines=1)
    with pytest.raises(orders.NotReady):
        orders.place(Order.objects.get(pk=other.pk), by=factories.bob())


def test_a_draft_that_needs_approval_cannot_be_sent_without(client_of: ClientOf) -> None:
    alice = factories.alice()
    draft = factories.draft_to_approve(alice)
    with pytest.raises(orders.NeedsApproval):
        orders.place(draft, by=alice)
    response = client_of(alice).post(draft_url(draft, "skicka/"))
    assert response.url == draft_url(draft, "granska/")
    text = words(pages.get(client_of(alice), draft_url(draft, "granska/")).main)
    assert "Beställningen behöver godkännas" in text
    assert f"Kräver godkännande {WHY}" in text
    assert "Skicka beställningen" not in text
    assert nothing_went_out(draft)
    assert events(draft) == []


def test_what_is_outside_the_assortment_needs_dispens() -> None:
    alice = factories.alice()
    factories.approver(alice.unit)
    draft = factories.draft(alice, lines=1)
    LocalArticle.objects.update(is_in_assortment=False)
    with pytest.raises(orders.NeedsApproval):
        orders.place(draft, by=alice)
    approvals.ask(draft, by=alice, justification="Inget i sortimentet passar.")
    assert Approval.objects.get().reasons == ["Artikeln är utanför sortimentet och kräver dispens."]
    AssortmentPolicy.objects.update(mode="WARN")
    other = factories.draft(alice, lines=1)
    LocalArticle.objects.update(is_in_assortment=False)
    orders.place(other, by=alice)


# --- Asking -----------------------------------------------------------------------------------------


def test_asking_makes_the_order_wait_and_tells_the_approvers_of_the_unit_alone(client_of: ClientOf) -> None:
    alice, carol = factories.alice(), factories.carol()
    eva, elsewhere = factories.approver(), factories.approver(carol.unit, "Frida Fors")
    draft = factories.draft_to_approve(alice)
    response = client_of(alice).post(draft_url(draft, "be-om-godkannande/"), {"justification": "Kan inte stå.", "version": draft.version})
    assert response.url == url(draft)
    waiting = again(draft)
    assert (waiting.status, waiting.number, waiting.version) == (Status.WAITING_FOR_APPROVAL, None, draft.version + 1)
    approval = Approval.objects.get()
    assert (approval.asked_by, approval.justification, approval.version) == (alice, "Kan inte stå.", waiting.version)
    assert approval.reasons == [WHY]
    assert events(draft) == ["ASKED"]
    assert unread(eva) == [("Att godkänna", url(draft))]
    assert unread(elsewhere) == unread(alice) == []
    assert nothing_went_out(draft)
    assert Patient.objects.get().given_name not in " ".join(Notice.objects.values_list("title", "text").get())
    text = words(pages.get(client_of(alice), url(draft)).main)
    assert "Väntar på godkännande" in text
    assert "Kan inte stå." in text
    assert "Godkänn och skicka" not in text


@pytest.mark.parametrize(("typed", "error"), [("", "Fyll i"), (" \n ", "Fyll i"), ("x" * 501, "501")])
def test_without_a_justification_nothing_happens_and_what_was_typed_stays(typed: str, error: str, client_of: ClientOf) -> None:
    alice = factories.alice()
    draft = factories.draft_to_approve(alice)
    response = client_of(alice).post(draft_url(draft, "be-om-godkannande/"), {"justification": typed, "version": draft.version})
    soup = soup_of(response)
    assert error_at(soup, "justification")
    assert soup.find("textarea").text.strip() == typed.strip()
    assert words(soup.title).startswith("Fel: ")
    assert again(draft).status == Status.DRAFT
    assert not Approval.objects.exists()
    assert not Notice.objects.exists()


def test_where_nobody_else_can_approve_it_is_said_and_nothing_waits(client_of: ClientOf) -> None:
    alice = factories.alice()
    draft = factories.draft_to_approve(alice)
    Assignment.objects.filter(role="APPROVER").delete()
    factories.assignment(alice.user.name, "APPROVER", at=alice.unit)  # it is her own order
    response = client_of(alice).post(draft_url(draft, "be-om-godkannande/"), {"justification": "Behövs.", "version": draft.version})
    assert approvals.NO_APPROVER in words(soup_of(response).main)
    assert again(draft).status == Status.DRAFT


def test_a_draft_that_was_changed_after_it_was_checked_does_not_wait(client_of: ClientOf) -> None:
    alice = factories.alice()
    draft = factories.draft_to_approve(alice)
    drafts.add_article(Order.objects.get(pk=draft.pk), factories.article())
    response = client_of(alice).post(draft_url(draft, "be-om-godkannande/"), {"justification": "Behövs.", "version": draft.version})
    assert response.url == draft_url(draft, "granska/")
    assert again(draft).status == Status.DRAFT


def test_what_needs_no_approval_is_not_asked_for() -> None:
    alice = factories.alice()
    with pytest.raises(approvals.NotNeeded):
        approvals.ask(factories.draft(alice), by=alice, justification="Behövs.")
    assert not Approval.objects.exists()


def test_what_cannot_be_sent_cannot_wait_either() -> None:
    alice = factories.alice()
    draft = factories.draft_to_approve(alice)
    Article.objects.update(status="DISCONTINUED")
    with pytest.raises(orders.NotReady):
        approvals.ask(draft, by=alice, justification="Behövs.")
    assert again(draft).status == Status.DRAFT


def test_a_second_click_shows_the_order_that_waits(client_of: ClientOf) -> None:
    alice = factories.alice()
    draft = factories.draft_to_approve(alice)
    for _ in range(2):
        response = client_of(alice).post(draft_url(draft, "be-om-godkannande/"), {"justification": "Behövs.", "version": draft.version})
        assert response.url == url(draft)
    assert Approval.objects.count() == 1
    with pytest.raises(IllegalMove):
        approvals.ask(draft, by=alice, justification="Igen.")


@pytest.mark.parametrize("page", ["", "skicka/", "kasta/"])
def test_an_order_that_waits_cannot_be_changed_sent_or_thrown_away(page: str, client_of: ClientOf) -> None:
    alice = factories.alice()
    waiting = factories.waiting_order(alice)
    response = client_of(alice).post(draft_url(waiting, page), {"quantity_1": "7", "do": "save"})
    assert response.status_code == 409
    assert "väntar på godkännande" in heading(response)
    assert again(waiting).status == Status.WAITING_FOR_APPROVAL
    assert waiting.lines.get().quantity == 1
    with pytest.raises(IllegalMove):
        drafts.add_article(waiting, factories.article())
    for reading in ("", "granska/", "kasta/"):
        assert client_of(alice).get(draft_url(waiting, reading)).url == url(waiting)


# --- Deciding ---------------------------------------------------------------------------------------


def test_an_approved_order_is_placed_as_any_other_in_the_orderers_name(client_of: ClientOf) -> None:
    alice, eva = factories.alice(), factories.approver()
    waiting = factories.waiting_order(alice)
    plain = factories.order(alice, to=waiting.patient)
    response = client_of(eva).post(url(waiting, "godkann/"), {"version": waiting.version})
    assert response.url == "/bestallningar/godkannanden/"
    sent = again(waiting)
    assert (sent.status, sent.orderer, sent.prescriber) == (Status.PLACED, alice, alice)
    assert events(sent) == ["ASKED", "APPROVED", "PLACED"]
    assert [row.by for row in sent.history.order_by("id")] == [alice, eva, eva]
    message = OutgoingMessage.objects.get(subject=sent.number)
    assert (message.message_type, message.sequence) == ("CustomerOrder", 1)
    body, other = message.payload["body"], OutgoingMessage.objects.get(subject=plain.number).payload["body"]
    assert body.keys() == other.keys()
    assert body["orderer"] == other["orderer"]
    assert body["delivery"] == other["delivery"]
    approval = Approval.objects.get()
    assert (approval.outcome, approval.decided_by) == ("APPROVED", eva)
    assert unread(eva) == []
    assert unread(alice) == [("Godkänd", sent.get_absolute_url())]
    row = AccessLogEntry.objects.get(action="SIGN", resource_id=sent.number)
    assert row.user_hsa_id == eva.user.hsa_id
    text = words(pages.get(client_of(alice), sent.get_absolute_url()).main)
    assert "Godkänd" in text
    assert "Av Eva Ek." in text


def test_what_is_sent_back_is_a_draft_again_with_the_reason_on_top(client_of: ClientOf) -> None:
    alice, eva = factories.alice(), factories.approver()
    waiting = factories.waiting_order(alice)
    response = client_of(eva).post(url(waiting, "skicka-tillbaka/"), {"version": waiting.version, "note": "Pröva den mindre modellen först."})
    assert response.url == "/bestallningar/godkannanden/"
    draft = again(waiting)
    assert draft.status == Status.DRAFT
    assert events(draft) == ["ASKED", "SENT_BACK"]
    assert unread(alice) == [("Tillbaka", url(draft))]
    assert nothing_went_out(draft)
    client = client_of(alice)
    assert client.get(url(draft)).url == draft_url(draft)
    assert unread(alice) == []
    text = words(pages.get(client, draft_url(draft)).main)
    assert "Inte godkänd Eva Ek skickade tillbaka beställningen" in text
    assert "Pröva den mindre modellen först." in text
    approvals.ask(draft, by=alice, justification="Den är prövad.")
    approvals.approve(draft, by=eva, seen=again(draft).version)
    assert events(draft) == ["ASKED", "SENT_BACK", "ASKED", "APPROVED", "PLACED"]


def test_sending_back_takes_a_reason(client_of: ClientOf) -> None:
    alice, eva = factories.alice(), factories.approver()
    waiting = factories.waiting_order(alice)
    response = client_of(eva).post(url(waiting, "skicka-tillbaka/"), {"version": waiting.version, "note": " "})
    assert error_at(soup_of(response), "note")
    assert again(waiting).status == Status.WAITING_FOR_APPROVAL


def test_a_colleague_takes_it_back_and_the_approver_is_troubled_no_more(client_of: ClientOf) -> None:
    bob, eva = factories.bob(), factories.approver()
    waiting = factories.waiting_order()
    assert client_of(bob).post(url(waiting, "ta-tillbaka/")).url == draft_url(waiting)
    assert again(waiting).status == Status.DRAFT
    assert events(waiting) == ["ASKED", "WITHDRAWN"]
    assert unread(eva) == []
    assert "Inte godkänd" not in words(pages.get(client_of(bob), draft_url(waiting)).main)
    response = client_of(eva).get(url(waiting))
    assert response.status_code == 409
    assert "väntar inte längre" in heading(response)


@pytest.mark.parametrize("who", ["orderer", "prescriber"])
def test_nobody_approves_their_own_order(who: str, client_of: ClientOf) -> None:
    """Not the orderer, not the prescriber, whatever other role they have at the unit."""
    alice, bob = factories.alice(), factories.bob()
    waiting = factories.waiting_order(alice)
    Order.objects.filter(pk=waiting.pk).update(**{"prescriber" if who == "orderer" else "orderer": bob})
    own = factories.assignment(alice.user.name, "APPROVER", at=alice.unit)
    assert list(Order.objects.waiting_for(own)) == []
    assert "Godkänn och skicka" not in words(pages.get(client_of(own), url(waiting)).main)
    for decide in (
        lambda: approvals.approve(waiting, by=own, seen=waiting.version),
        lambda: approvals.send_back(waiting, by=own, seen=waiting.version, note="x"),
    ):
        with pytest.raises(approvals.NotYours):
            decide()
    client_of(own).post(url(waiting, "godkann/"), {"version": waiting.version})
    assert again(waiting).status == Status.WAITING_FOR_APPROVAL
    assert nothing_went_out(waiting)


def test_an_approver_of_another_unit_or_without_the_role_decides_nothing() -> None:
    waiting = factories.waiting_order()
    for by in (factories.approver(factories.carol().unit, "Frida Fors"), factories.bob()):
        with pytest.raises(approvals.NotYours):
            approvals.approve(waiting, by=by, seen=waiting.version)
    assert again(waiting).status == Status.WAITING_FOR_APPROVAL


def test_what_is_approved_is_what_was_seen(client_of: ClientOf) -> None:
    """Taken back, changed and sent again while the approver had the page open."""
    alice, eva = factories.alice(), factories.approver()
    waiting = factories.waiting_order(alice)
    approvals.withdraw(waiting, by=alice)
    drafts.add_article(Order.objects.get(pk=waiting.pk), factories.article("Något helt annat"))
    approvals.ask(waiting, by=alice, justification="Nu även en till.")
    for page, typed in (("godkann/", {}), ("skicka-tillbaka/", {"note": "Nej."})):
        for version in (str(waiting.version), "", "abc", "9" * 30):
            assert client_of(eva).post(url(waiting, page), {"version": version} | typed).url == url(waiting)
    assert again(waiting).status == Status.WAITING_FOR_APPROVAL
    assert nothing_went_out(waiting)


def test_approving_twice_sends_once_and_says_so(client_of: ClientOf) -> None:
    eva = factories.approver()
    waiting = factories.waiting_order()
    client = client_of(eva)
    client.post(url(waiting, "godkann/"), {"version": waiting.version})
    for page in ("godkann/", "skicka-tillbaka/"):
        response = client.post(url(waiting, page), {"version": waiting.version, "note": "Nej."})
        assert response.status_code == 409
        assert again(waiting).number in words(soup_of(response).main)
    assert OutgoingMessage.objects.count() == 1
    assert client.get(url(waiting)).url == again(waiting).get_absolute_url()


def test_what_has_come_to_be_blocked_meanwhile_is_not_sent_and_the_approver_reads_why(client_of: ClientOf) -> None:
    eva = factories.approver()
    waiting = factories.waiting_order()
    factories.rule("BLOCK", iso_prefix="1236", text="Köpstopp på lyftar.")
    client = client_of(eva)
    assert client.post(url(waiting, "godkann/"), {"version": waiting.version}).url == url(waiting)
    assert "Köpstopp på lyftar." in words(pages.get(client, url(waiting)).main)
    assert again(waiting).status == Status.WAITING_FOR_APPROVAL
    assert events(waiting) == ["ASKED"]
    assert nothing_went_out(waiting)


def test_an_order_of_somebody_who_became_protected_is_404_for_the_approver(client_of: ClientOf) -> None:
    eva = factories.approver()
    waiting = factories.waiting_order()
    Patient.objects.update(protection="MARKED", phone="")
    assert client_of(eva).get(url(waiting)).status_code == 404
    assert client_of(eva).post(url(waiting, "godkann/"), {"version": waiting.version}).status_code == 404
    assert list(Order.objects.waiting_for(eva)) == []
    assert again(waiting).status == Status.WAITING_FOR_APPROVAL


# --- The list ---------------------------------------------------------------------------------------


def test_the_list_shows_an_approver_what_waits_and_others_what_the_unit_has_sent(client_of: ClientOf) -> None:
    alice, eva = factories.alice(), factories.approver()
    first, second = factories.waiting_order(alice), factories.waiting_order(alice)
    factories.waiting_order(factories.carol())
    links = [link["href"] for link in pages.get(client_of(eva), "/bestallningar/godkannanden/").select("main tbody th a")]
    assert links == [url(first), url(second)]
    assert Order.objects.waiting_for(eva).count() == 2
    assert Order.objects.waiting_for(alice).count() == 0
    assert len(pages.get(client_of(alice), "/bestallningar/godkannanden/").select("main tbody th a")) == 2
    assert "Att godkänna" in words(pages.get(client_of(eva), "/").find("nav"))
    assert "Att godkänna" not in words(pages.get(client_of(alice), "/").find("nav"))
    logged = AccessLogEntry.objects.filter(activity="Att godkänna", user_hsa_id=eva.user.hsa_id)
    assert {row.patient_id for row in logged} == {first.patient_id, second.patient_id}
    assert all(row.resource_id == "väntar" for row in logged)


@pytest.mark.parametrize("page", ["list", "order", "draft", "review"])
def test_thirty_cost_no_more_questions_than_one(page: str, client_of: ClientOf) -> None:
    alice, eva = factories.alice(), factories.approver()
    order = factories.waiting_order(alice) if page in {"list", "order"} else factories.draft_to_approve(alice)
    client = client_of(eva if page in {"list", "order"} else alice)
    address = {"list": "/bestallningar/godkannanden/", "order": url(order), "draft": draft_url(order), "review": draft_url(order, "granska/")}[page]

    def count() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    one = count()
    if page == "list":
        for _ in range(29):
            factories.waiting_order(alice, to=order.patient)
    else:
        Order.objects.filter(pk=order.pk).update(status=Status.DRAFT)
        for place in range(29):
            drafts.add_article(Order.objects.get(pk=order.pk), factories.article_of(f"12{place + 10}03"))
        Order.objects.filter(pk=order.pk).update(status=Status.WAITING_FOR_APPROVAL if page == "order" else Status.DRAFT)
    assert count() == one


def test_the_list_is_read_by_its_index() -> None:
    eva = factories.approver()
    found: Any = Order.objects.waiting_for(eva).order_by("changed_at", "id")[:25]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "unit_waiting" in found.explain()
