"""The pages of arbetsorder: what each does, that nothing typed is lost, and what they cost."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Assignment
from core.numbers import order_number
from integration.models import OutgoingMessage
from patients.actions import mark_loan
from patients.models import Patient
from tests import factories
from tests.orders.pages import error_at, errors, get, heading, numbers, soup_of, typed, words
from tests.sesam2 import headers
from tests.workorders.told import State, cancelled, draft, loan, received, sent, sent_special, status, tell
from workorders.models import Kind, Status, WorkOrder

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
LIST = "/arbetsorder/"
NOON = datetime.datetime(2026, 11, 2, 12, tzinfo=datetime.UTC)


# --- The guide ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ({"behov": "trasigt"}, Kind.REPAIR),
        ({"behov": "behov", "slag": "ADAPTATION"}, Kind.ADAPTATION),
        ({"behov": "behov", "slag": "SPECIAL_ADAPTATION"}, Kind.SPECIAL_ADAPTATION),
        ({"behov": "nytt", "slag": "ASSEMBLY"}, Kind.ASSEMBLY),
        ({"behov": "nytt", "slag": "INSTALLATION"}, Kind.INSTALLATION),
        ({"behov": "rad"}, Kind.CONSULTATION),
    ],
)
def test_the_guide_leads_to_the_kind_and_fills_in_what_is_known(answers: dict[str, str], kind: Kind, client_of: ClientOf) -> None:
    patient = factories.patient()
    aid, client = loan(patient), client_of(factories.alice())
    url = f"{LIST}ny/{patient.public_id}/"
    assert words(get(client, url, **answers, hjalpmedel=str(aid.pk)).find("h1")) == kind.label
    client.post(f"{url}borja/", {"slag": kind, "hjalpmedel": str(aid.pk)})
    order = WorkOrder.objects.get()
    assert (order.kind, order.loan, order.individual_number, order.contact_name) == (kind, aid, "100200", "Elsa Tolvansson")
    page = get(client, order.get_absolute_url())
    assert aid.article.display_name in words(page.find("main")) or kind == Kind.CONSULTATION
    client.post(f"{url}borja/", {"slag": kind, "hjalpmedel": str(aid.pk)})
    assert WorkOrder.objects.count() == 1  # the one begun is gone on with


def test_an_answer_that_does_not_exist_asks_again_and_a_foreign_aid_is_404(client_of: ClientOf) -> None:
    patient, other = factories.patient(), factories.patient()
    client = client_of(factories.alice())
    url = f"{LIST}ny/{patient.public_id}/"
    assert errors(get(client, url, behov="annat")) == ["behov"]
    assert client.get(url, {"behov": "trasigt", "hjalpmedel": str(loan(other).pk)}).status_code == 404
    assert client.post(f"{url}borja/", {"slag": "TRASIGT"}).status_code == 302
    assert not WorkOrder.objects.exists()


def test_which_aid_it_is_about_is_asked_at_the_field_and_shows_how_each_stands(client_of: ClientOf) -> None:
    patient = factories.patient()
    aid, client = mark_loan(loan(patient), is_lost=True), client_of(factories.alice())
    url = f"{LIST}ny/{patient.public_id}/"
    label = get(client, url, behov="trasigt").find("label", string=re.compile("100200"))
    assert words(label).endswith("100200 (saknas)")
    page = soup_of(client.post(f"{url}borja/", {"slag": "REPAIR"}))
    assert error_at(page, "hjalpmedel") == "Välj vilket hjälpmedel det gäller."
    assert not WorkOrder.objects.exists()
    for chosen, loaned in ((str(aid.pk), aid), ("annat", None)):
        client.post(f"{url}borja/", {"slag": "REPAIR", "hjalpmedel": chosen})
        assert WorkOrder.objects.latest("pk").loan == loaned
    without = factories.patient()
    assert client.post(f"{LIST}ny/{without.public_id}/borja/", {"slag": "REPAIR"}).status_code == 302


def test_an_individnummer_opens_the_guide_for_the_patient_who_has_it_and_tells_nothing_of_others(client_of: ClientOf) -> None:
    patient = factories.patient()
    aid = loan(patient)
    url = f"{LIST}individ/"
    response = client_of(factories.alice()).post(url, {"number": "100200"})
    assert response.url == f"{LIST}ny/{patient.public_id}/?hjalpmedel={aid.pk}"
    mine = client_of(factories.alice()).post(url, {"number": "999999"})
    theirs = client_of(factories.dan()).post(url, {"number": "100200"})
    assert error_at(soup_of(mine), "number") == error_at(soup_of(theirs), "number") != ""


# --- Filling in and sending -----------------------------------------------------------------------------


def test_it_is_filled_in_checked_and_sent(client_of: ClientOf) -> None:
    order, client = draft(), client_of(factories.alice())
    url = order.get_absolute_url()
    data = typed(get(client, url)) | {"description": "Bromsen tar inte.", "side": "LEFT", "do": "review"}
    review = client.post(url, data, follow=True)
    assert heading(review) == "Granska och skicka"
    assert "Bromsen tar inte." in words(soup_of(review).find("main"))
    done = client.post(f"{url}skicka/", {"version": str(WorkOrder.objects.get().version)}, follow=True)
    order.refresh_from_db()
    assert heading(done) == "Arbetsordern är skickad"
    assert (order.status, order.side) == (Status.PLACED, "LEFT")
    assert order.number in words(soup_of(done).find("main"))
    twice = client.post(f"{url}skicka/", {"version": str(order.version)})
    assert twice.url == f"{LIST}{order.number}/skickad/"
    assert OutgoingMessage.objects.count() == 1


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(client_of: ClientOf) -> None:
    order, client = draft(), client_of(factories.alice())
    url = order.get_absolute_url()
    data = typed(get(client, url)) | {"requested_on": "i går", "contact_phone": "hej", "description": "Hjulet är löst.", "do": "review"}
    page = soup_of(client.post(url, data))
    assert set(errors(page)) == {"requested_on", "contact_phone"}
    again = typed(page)
    assert {name: again[name] for name in ("requested_on", "contact_phone", "description")} == {
        "requested_on": "i går",
        "contact_phone": "hej",
        "description": "Hjulet är löst.",
    }
    order.refresh_from_db()
    assert (order.description, order.status) == ("Hjulet är löst.", Status.DRAFT)
    assert client.post(url, again | {"requested_on": "", "contact_phone": "070-174 06 05", "do": "review"}).status_code == 302


def test_a_colleagues_change_is_not_written_over(client_of: ClientOf) -> None:
    order, client = draft(), client_of(factories.alice())
    url = order.get_absolute_url()
    data = typed(get(client, url))
    client_of(factories.bob()).post(url, data | {"description": "Bobs ord", "do": "save"})
    page = soup_of(client.post(url, data | {"description": "Alices ord", "do": "save"}))
    assert "har ändrats sedan du öppnade sidan" in words(page.find("main"))
    assert typed(page)["description"] == "Alices ord"
    order.refresh_from_db()
    assert order.description == "Bobs ord"


def test_a_photo_that_is_no_image_is_refused_at_the_field_and_the_text_is_kept(client_of: ClientOf) -> None:
    order, client = draft(), client_of(factories.alice())
    url = order.get_absolute_url()
    data: dict[str, Any] = typed(get(client, url)) | {"description": "Sprickan syns på fotot.", "do": "attach"}
    page = soup_of(client.post(url, data | {"file": SimpleUploadedFile("foto.jpg", b"<html>")}))
    assert error_at(page, "file").startswith("Filtypen kan inte bifogas")
    assert typed(page)["description"] == "Sprickan syns på fotot."
    data |= {"version": typed(page)["version"], "file": SimpleUploadedFile("foto.jpg", factories.picture())}
    assert client.post(url, data).status_code == 302
    file = order.attachments.get()
    link = f"{url}bilaga/{file.attachment_id}/"
    for reader in (factories.bob(), factories.approver()):
        assert client_of(reader).get(link)["Content-Disposition"].startswith("attachment")
    assert client_of(factories.carol()).get(link).status_code == 404
    client.post(url, typed(get(client, url)) | {"do": f"detach:{file.attachment_id}"})
    assert not order.attachments.exists()


def test_sesam2_fetches_the_files_of_what_was_sent_alone() -> None:
    def fetch(file: Any) -> int:
        address = f"/api/sesam2/v1/attachments/{file.attachment_id}"
        signed = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers("GET", address).items()}
        return Client().get(address, **signed).status_code

    order = sent_special()
    WorkOrder.objects.filter(pk=order.pk).update(number=None, placed_at=None, status=Status.DRAFT)
    assert fetch(order.attachments.get()) == 404
    WorkOrder.objects.filter(pk=order.pk).update(number=order.number, placed_at=order.placed_at, status=Status.PLACED)
    assert fetch(order.attachments.get()) == 200


# --- After it is sent -----------------------------------------------------------------------------------


def test_what_is_missing_is_completed_and_goes_again(client_of: ClientOf) -> None:
    order = tell(sent(), received(1), status(2, State.NEEDS_COMPLETION, summary="Vilken sida gäller det?"))
    client = client_of(factories.alice())
    page = get(client, order.get_absolute_url())
    link = page.find(id="komplettera")
    assert link is not None
    draft_page = get(client, str(link["href"]))
    assert "Vilken sida gäller det?" in words(draft_page.find("main"))
    url = f"{LIST}utkast/{order.public_id}/"
    client.post(url, typed(draft_page) | {"side": "BOTH", "do": "review"})
    response = client.post(f"{url}skicka/", {"version": str(WorkOrder.objects.get().version)})
    assert response.url == f"{LIST}{order.number}/skickad/"
    assert client.get(f"{url}kasta/").status_code == 409


def test_the_report_is_read_and_the_cancelled_is_ordered_again(client_of: ClientOf) -> None:
    client = client_of(factories.alice())
    done = tell(sent(), status(1, State.COMPLETED, summary="Bytt vajer."))
    text = words(get(client, done.get_absolute_url()).find("main"))
    for part in ("Klar", "Bytt vajer.", "1,5 timmar", "Tekniker Test", "Bromsvajer", "700100"):
        assert part in text
    gone = tell(sent(of=loan(factories.patient(), "100201")), cancelled(1))
    page = get(client, gone.get_absolute_url())
    assert "Patienten kunde inte nås" in words(page.find("main"))
    again = client.post(f"{LIST}{gone.number}/bestall-igen/")
    assert again.url == WorkOrder.objects.get(again_of=gone).get_absolute_url()


def test_what_is_done_can_be_answered_with_a_fault_report_on_the_service(client_of: ClientOf) -> None:
    client = client_of(factories.alice())
    order = sent()
    assert get(client, order.get_absolute_url()).find(id="felrapport") is None
    tell(order, status(1, State.COMPLETED, summary="Bytt vajer."))
    link = get(client, order.get_absolute_url()).find(id="felrapport")
    assert link is not None
    assert link["href"] == f"{reverse('faultreports:new')}?slag=SERVICE&order={order.number}"


def test_cancelling_twice_is_said_and_what_ended_meanwhile_is_409(client_of: ClientOf) -> None:
    order, client = sent(), client_of(factories.alice())
    data = {"reason": "NOT_NEEDED", "note": "Behövs inte"}
    assert client.post(f"{LIST}{order.number}/makulera/", {}).status_code == 200
    for _ in range(2):
        assert client.post(f"{LIST}{order.number}/makulera/", data).status_code == 302
    assert OutgoingMessage.objects.filter(message_type="CancellationRequest").count() == 1
    ended = tell(sent(of=loan(factories.patient(), "100201")), status(1, State.COMPLETED))
    assert client.post(f"{LIST}{ended.number}/makulera/", data).status_code == 409


def test_the_attestant_answers_and_who_comes_second_sees_the_answer(client_of: ClientOf) -> None:
    order = tell(sent_special(), status(1, State.WAITING, proposal="4500.00"))
    eva, ove = client_of(factories.approver()), client_of(factories.approver(name="Ove Ek"))
    url = f"{LIST}{order.number}/kostnadsforslag/"
    assert get(eva, order.get_absolute_url()).find(id="svara") is not None
    assert get(client_of(factories.alice()), order.get_absolute_url()).find(id="svara") is None
    assert errors(soup_of(eva.post(url, {"proposal": "1"}))) == ["answer"]
    assert eva.post(url, {"proposal": "1", "answer": "nej", "note": "För dyrt"}).status_code == 302
    late = ove.post(url, {"proposal": "1", "answer": "ja"}, follow=True)
    assert "redan avslaget, av Eva Ek" in late.content.decode()
    assert OutgoingMessage.objects.filter(message_type="CostProposalAnswer").count() == 1


def test_an_answer_to_a_proposal_that_was_replaced_is_409(client_of: ClientOf) -> None:
    order = tell(sent_special(), status(1, State.WAITING, proposal="4500.00"), status(2, State.WAITING, proposal="5200.00"))
    response = client_of(factories.approver()).post(f"{LIST}{order.number}/kostnadsforslag/", {"proposal": "1", "answer": "ja"})
    assert response.status_code == 409
    assert not OutgoingMessage.objects.filter(message_type="CostProposalAnswer").exists()


def test_an_open_page_gets_itself_anew_when_something_has_happened(client_of: ClientOf) -> None:
    order, client = sent(), client_of(factories.alice())
    part = get(client, order.get_absolute_url()).find(id="order")
    assert part is not None
    url = str(part["hx-get"])
    assert client.get(url).status_code == 204
    tell(order, received(1))
    assert "Mottagen" in words(soup_of(client.get(url)))


# --- Lists ----------------------------------------------------------------------------------------------


def many(count: int, patient: Patient, **fields: Any) -> list[WorkOrder]:
    by = factories.alice()
    common = {"unit": by.unit, "patient": patient, "orderer": by, "prescriber": by, "customer": by.unit.customers.get(), "place": "CENTRE"}
    given = common | {"kind": Kind.REPAIR, "status": Status.RECEIVED, "aid_name": "Rullstol"} | fields
    first = WorkOrder.objects.count() + 1
    return WorkOrder.objects.bulk_create(
        WorkOrder(number=order_number("A", 2026, running), placed_at=NOON + datetime.timedelta(hours=running), **given)
        for running in range(first, first + count)
    )


def test_the_list_is_narrowed_by_what_is_asked_for(client_of: ClientOf) -> None:
    patient, other = factories.patient(), factories.patient()
    [done] = many(1, patient, status=Status.COMPLETED)
    [late] = many(1, patient, is_delayed=True)
    [asks] = many(1, patient, status=Status.NEEDS_COMPLETION)
    [advice] = many(1, other, kind=Kind.CONSULTATION, individual_number="")
    [of_aid] = many(1, other, individual_number="100200")
    client = client_of(factories.alice())

    def found(**query: str) -> set[str]:
        return set(numbers(client.get(LIST, query)))

    everything = {str(order.number) for order in (done, late, asks, advice, of_aid)}
    assert found() == everything
    assert found(status="oppna") == everything - {done.number}
    assert found(status="forsenade") == {late.number}
    assert found(status="NEEDS_COMPLETION") == {asks.number}
    assert found(slag="CONSULTATION") == {advice.number}
    assert found(individ="100200") == {of_aid.number}
    assert found(nummer=str(done.number)) == {done.number}
    assert found(patient=str(other.public_id)) == {advice.number, of_aid.number}
    assert not numbers(client_of(factories.dan()).get(LIST))
    by_number = client.post(LIST, {"number": other.identity.value})
    assert by_number.url == f"{LIST}?patient={other.public_id}"
    assert error_at(soup_of(client.get(LIST, {"fran": "trams"})), "fran")


def test_planned_visits_stand_under_their_day_from_today_on(client_of: ClientOf) -> None:
    patient, today = factories.patient(), timezone.localdate()
    many(1, patient, status=Status.PLANNED, planned_on=today - datetime.timedelta(days=1))
    [later] = many(1, patient, status=Status.PLANNED, planned_on=today + datetime.timedelta(days=3))
    [now] = many(1, patient, status=Status.PLANNED, planned_on=today)
    assert numbers(client_of(factories.alice()).get(f"{LIST}planerade/")) == [now.number, later.number]


@pytest.mark.parametrize("url", [LIST, f"{LIST}planerade/", f"{LIST}excel/", f"{LIST}utkast/"])
def test_thirty_rows_ask_as_many_queries_as_one(url: str, client_of: ClientOf) -> None:
    day = timezone.localdate() + datetime.timedelta(days=3)
    client = client_of(factories.alice())

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    draft()
    many(1, factories.patient(), status=Status.PLANNED, planned_on=day)
    asked()
    one = asked()
    for _ in range(10):
        many(3, factories.patient(), status=Status.PLANNED, planned_on=day)
    WorkOrder.objects.filter(number__isnull=True).update(changed_at=NOON)
    assert asked() == one
