"""The pages of hämtorder: what each does, that nothing typed is lost, and what they cost."""

import datetime
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Assignment, Notice
from accounts.roles import Role
from catalog import individuals
from core.numbers import order_number
from core.templatetags.ui import long_day
from integration.models import OutgoingMessage
from orders.actions.loans import remind_of_ends
from patients.actions import confirm_care_relation, mark_loan, record_individual_update
from patients.models import AccessLogEntry, Loan, Patient
from pickups.actions import drafts, lateness, orders
from pickups.models import PickupItem, PickupOrder, Reason, Status
from tests import factories
from tests.orders.pages import error_at, errors, get, heading, numbers, soup_of, typed, words
from tests.pickups.told import aids, cancelled, content, day, deregistered, draft, fresh, items, loan, picked_up, planned, received, sent, tell

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
LIST = "/hamtorder/"
NOON = datetime.datetime(2026, 11, 2, 12, tzinfo=datetime.UTC)
PATIENTS = "/patienter/"


def begun(client: Client, patient: Patient) -> str:
    """The address of a new draft."""
    return str(client.post(f"{LIST}ny/{patient.public_id}/").url)


def filled(page: BeautifulSoup, **fields: str) -> dict[str, str]:
    """The page's form with all that a pickup needs."""
    return typed(page) | {"reason": "NOT_NEEDED", "is_cleaned": "True", "method": "HOME", "do": "review"} | fields


# --- Where it begins ------------------------------------------------------------------------------------


def test_it_begins_at_the_patient_at_an_aid_and_at_a_label(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, walker, _ = aids(patient)
    client = client_of(factories.alice())
    page = get(client, f"{PATIENTS}{patient.public_id}/")
    assert page.find("form", action=f"{LIST}ny/{patient.public_id}/") is not None
    assert page.find("form", action=f"{LIST}ny/{patient.public_id}/om/") is not None
    url = begun(client, patient)
    assert client.post(f"{LIST}ny/{patient.public_id}/om/", {"loan": str(chair.pk)}).url == url
    assert client.post(f"{LIST}individ/", {"number": "40-2"}).url == url
    assert [item.loan for item in items(PickupOrder.objects.get())] == [chair, walker]
    assert client.post(f"{LIST}ny/{patient.public_id}/om/", {"loan": str(loan(factories.patient(), "40-9").pk)}).status_code == 404


def test_a_label_tells_nothing_of_others_patients(client_of: ClientOf) -> None:
    loan(factories.patient(), "40-1")
    url = f"{LIST}individ/"
    mine, theirs = client_of(factories.alice()).post(url, {"number": "999"}), client_of(factories.dan()).post(url, {"number": "40-1"})
    assert error_at(soup_of(mine), "number") == error_at(soup_of(theirs), "number") != ""
    assert not PickupOrder.objects.exists()


def test_when_a_trial_ends_the_notice_and_the_page_lead_to_the_pickup(client_of: ClientOf) -> None:
    trial = factories.trial()
    remind_of_ends(trial.lines.get().loan_ends_on)
    notice = Notice.objects.get(user=trial.orderer.user, word="Tar slut")
    client = client_of(factories.alice())
    assert (notice.action_text, notice.action_url) == ("Beställ hämtning", f"{LIST}levererat/{trial.number}/")
    page = get(client, f"/bestallningar/{trial.number}/lan/")
    assert page.find("form", action=notice.action_url) is not None
    url = client.post(notice.action_url).url
    order = PickupOrder.objects.get()
    assert (url, order.reason, [item.loan.order_number for item in items(order)]) == (order.get_absolute_url(), Reason.END_OF_TRIAL, [trial.number])
    assert client_of(factories.carol()).post(notice.action_url).status_code == 404


# --- Filling in and sending -----------------------------------------------------------------------------


def test_some_aids_and_a_part_of_a_quantity_are_ticked_checked_and_sent(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, _, wedges = aids(patient)
    client = client_of(factories.alice())
    url = begun(client, patient)
    data = filled(get(client, url), **{f"aid_{chair.pk}": "on", f"aid_{wedges.pk}": "on", f"quantity_aid_{wedges.pk}": "2"})
    review = client.post(url, data, follow=True)
    assert heading(review) == "Granska och skicka"
    text = words(soup_of(review).find("main"))
    for part in ("118201", "40-1", "Kil", "Behövs inte längre", "Storgatan 1", "Hyran slutar"):
        assert part in text
    assert "Rollator" not in text
    done = client.post(f"{url}skicka/", {"version": str(PickupOrder.objects.get().version)}, follow=True)
    order = PickupOrder.objects.get()
    assert heading(done) == "Hämtordern är skickad"
    assert [(item.article_name, item.quantity) for item in items(order)] == [("Kil", 2), ("118201", 1)]
    assert client.post(f"{url}skicka/", {"version": str(order.version)}).url == f"{LIST}{order.number}/skickad/"
    assert OutgoingMessage.objects.count() == 1


def test_all_are_ticked_by_one_button_and_one_by_its_label(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, walker, wedges = aids(patient)
    client = client_of(factories.alice())
    url = begun(client, patient)
    page = soup_of(client.post(url, typed(get(client, url)) | {"number": " 40-2 ", "do": "add", "infection_note": "Påse"}, follow=True))
    assert typed(page)[f"aid_{walker.pk}"] == "on"
    assert (f"aid_{chair.pk}" in typed(page), typed(page)["number"], typed(page)["infection_note"]) == (False, "", "Påse")
    page = soup_of(client.post(url, typed(page) | {f"quantity_aid_{wedges.pk}": "4", "do": "all"}, follow=True))
    assert {name for name in typed(page) if name.startswith("aid_")} == {f"aid_{one.pk}" for one in (chair, walker, wedges)}
    assert [item.quantity for item in items(PickupOrder.objects.get()) if item.loan == wedges] == [4]


def test_a_label_with_a_number_that_was_replaced_finds_the_aid(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, *_ = aids(patient)
    individuals.register(chair.article, [("40-1", "", "")])
    record_individual_update("40-1", sequence=1, replaced_by="50-1", next_inspection=None, note="")
    client = client_of(factories.alice())
    url = begun(client, patient)
    client.post(url, typed(get(client, url)) | {"number": "40-1", "do": "add"})
    assert [item.individual_number for item in items(PickupOrder.objects.get())] == ["50-1"]


@pytest.mark.parametrize(
    ("number", "text"), [("", "Skriv individnumret"), ("99", "Patienten har inget hjälpmedel med det numret"), ("40-2", "kan inte hämtas")]
)
def test_a_label_that_gives_nothing_is_told_at_its_field_and_what_was_ticked_stays(number: str, text: str, client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, walker, _ = aids(patient)
    mark_loan(walker, is_lost=True)
    client = client_of(factories.alice())
    url = begun(client, patient)
    page = soup_of(client.post(url, typed(get(client, url)) | {f"aid_{chair.pk}": "on", "number": number, "do": "add"}))
    assert text in error_at(page, "number")
    assert typed(page)[f"aid_{chair.pk}"] == "on"
    assert [item.loan for item in items(PickupOrder.objects.get())] == [chair]


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(client_of: ClientOf) -> None:
    patient = factories.patient()
    *_, wedges = aids(patient)
    client = client_of(factories.alice())
    url = begun(client, patient)
    wrong = {f"aid_{wedges.pk}": "on", f"quantity_aid_{wedges.pk}": "8", "contact_phone": "hej", "instructions": "Står i hallen"}
    page = soup_of(client.post(url, filled(get(client, url), **wrong)))
    assert set(errors(page)) == {f"quantity_aid_{wedges.pk}", "contact_phone"}
    assert {name: typed(page)[name] for name in wrong} == wrong
    order = PickupOrder.objects.get()
    assert (order.instructions, order.reason, [item.quantity for item in items(order)]) == ("Står i hallen", Reason.NOT_NEEDED, [5])
    right = typed(page) | {f"quantity_aid_{wedges.pk}": "3", "contact_phone": "070-174 06 05", "do": "review"}
    assert client.post(url, right).status_code == 302


def test_what_stops_it_stands_at_its_field(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, *_ = aids(patient)
    client = client_of(factories.alice())
    url = begun(client, patient)
    data = filled(get(client, url), **{f"aid_{chair.pk}": "on", "is_cleaned": "False", "method": "OTHER", "has_infection_risk": "on", "contact_phone": ""})
    page = soup_of(client.post(url, data, follow=True))
    assert set(errors(page)) == {"is_cleaned", "infection_note", "street", "postal_code", "city", "door_code", "contact_phone"}
    assert "onormalt slitage" in error_at(page, "is_cleaned")
    assert typed(page)["method"] == "OTHER"


def test_what_cannot_be_fetched_has_no_box_and_says_why(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, walker, wedges = aids(patient)
    mark_loan(chair, is_lost=True)
    mark_loan(walker, is_under_investigation=True)
    sent(patient, wanted=[drafts.Wanted(loan=wedges, quantity=2)])
    page = get(client := client_of(factories.alice()), begun(client, patient))
    text = words(page.find(id="hjalpmedel"))
    assert "Anmält som förkommet." in text
    assert "Under utredning." in text
    assert page.find(id=f"id_aid_{chair.pk}") is page.find(id=f"id_aid_{walker.pk}") is None
    assert page.find("label", attrs={"for": f"id_quantity_aid_{wedges.pk}"}).text.strip() == "Antal av 3"


def test_an_aid_that_was_taken_meanwhile_stays_ticked_and_is_told_of(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, *_ = aids(patient)
    order = draft(of=[chair])
    colleague = drafts.start(patient, by=factories.bob(), loans=[chair])

    drafts.save(colleague, content=content(colleague), wanted=drafts.wanted_of(colleague))
    orders.place(colleague, by=factories.bob())
    client = client_of(factories.alice())
    url = order.get_absolute_url()
    page = soup_of(client.post(f"{url}skicka/", {"version": str(order.version)}))
    assert f"hämtorder {fresh(colleague).number}" in error_at(page, f"aid_{chair.pk}")
    assert typed(page)[f"aid_{chair.pk}"] == "on"
    without = typed(page) | {"do": "save"}
    del without[f"aid_{chair.pk}"]
    client.post(url, without)
    assert items(order) == []


def test_from_what_is_lost_or_worn_the_way_leads_to_its_report_and_the_draft_is_saved(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, *_ = aids(patient)
    client = client_of(factories.alice())
    url = begun(client, patient)
    data = filled(get(client, url), instructions="Står i hallen")
    lost = client.post(url, data | {"do": f"report:LOST:aid_{chair.pk}"})
    assert lost.url == f"/felrapporter/ny/?slag=LOST&patient={patient.public_id}&individ=40-1&hjalpmedel={chair.pk}"
    worn = client.post(url, typed(get(client, url)) | {"do": "report:WEAR"})
    assert worn.url == f"/felrapporter/ny/?slag=COMPLAINT&patient={patient.public_id}"
    assert PickupOrder.objects.get().instructions == "Står i hallen"
    orderer = get(client_of(factories.bob()), url)
    assert "Be en förskrivare anmäla dem." in words(orderer)
    assert orderer.find("button", value=f"report:LOST:aid_{chair.pk}") is None


def test_a_component_is_asked_what_it_sits_on_and_one_that_came_along_stands_under_its_aid(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, walker, _ = aids(patient)
    pad = loan(patient, "", article="Ryggdyna")
    pad.article.local.may_be_component = True
    pad.article.local.save()
    individuals.register(chair.article, [("40-1", "", ""), ("40-1-B", "", "")])
    individuals.mount("40-1-B", on="40-1")
    client = client_of(factories.alice())
    url = begun(client, patient)
    page = get(client, url)
    options = [option["value"] for option in page.select(f"#id_part_aid_{pad.pk} option")]
    assert sorted(options) == ["", "40-1", "40-2"]
    component = individuals.find("40-1-B")
    data = filled(page, **{f"aid_{pad.pk}": "on", f"part_aid_{pad.pk}": walker.individual_number, f"component_{component.pk}": "on"})
    client.post(url, data)
    assert {(item.individual_number, item.part_of_individual) for item in items(PickupOrder.objects.get())} == {("", "40-2"), ("40-1-B", "40-1")}


def test_a_colleagues_change_is_not_written_over(client_of: ClientOf) -> None:
    order, client = draft(), client_of(factories.alice())
    url = order.get_absolute_url()
    data = typed(get(client, url))
    client_of(factories.bob()).post(url, data | {"instructions": "Bobs ord", "do": "save"})
    page = soup_of(client.post(url, data | {"instructions": "Alices ord", "do": "save"}))
    assert "har ändrats sedan du öppnade sidan" in words(page)
    assert typed(page)["instructions"] == "Alices ord"
    assert fresh(order).instructions == "Bobs ord"


def test_a_draft_that_is_sent_or_thrown_is_409_and_says_so(client_of: ClientOf) -> None:
    client = client_of(factories.alice())
    gone = sent()
    url = f"{LIST}utkast/{gone.public_id}/"
    for response in (client.get(url), client.post(url, {"do": "save"}), client.get(f"{url}granska/"), client.post(f"{url}kasta/")):
        assert response.status_code == 409
        assert gone.number in response.content.decode()
    thrown = draft(factories.patient())
    client.post(f"{LIST}utkast/{thrown.public_id}/kasta/")
    assert client.post(f"{LIST}utkast/{thrown.public_id}/skicka/").status_code == 409


# --- After it is sent -----------------------------------------------------------------------------------


def test_what_follows_is_shown_and_marked_as_done_when_it_is(client_of: ClientOf) -> None:
    order, client = sent(), client_of(factories.alice())

    def shown() -> list[str]:
        card = get(client, order.get_absolute_url()).find("h2", string="Det här följer").find_parent("section")
        return [words(row.find(class_="status")) for row in card.select("li")]

    assert shown() == ["Kommer", "Kommer", "Kommer"]
    tell(order, received(), planned(), picked_up(found={1: True, 2: False, 3: True}))
    assert shown() == ["Klart", "Delvis", "Kommer"]
    PickupOrder.objects.update(rent_ends_on=day(-1))
    tell(order, deregistered(found={1: True, 3: True}))
    assert shown() == ["Klart", "Delvis", "Klart"]


def test_what_is_late_is_marked_and_told_once(client_of: ClientOf) -> None:
    order = sent()
    other = tell(sent(factories.patient()), picked_up())
    PickupOrder.objects.update(fetch_by=day(-1), deregister_by=day(0))
    PickupOrder.objects.filter(pk=other.pk).update(deregister_by=day(-1))
    page = get(client_of(factories.alice()), order.get_absolute_url())
    assert "Försenat" in words(page.find("main"))
    assert lateness.tell_of_late(timezone.localdate()) == 2
    assert lateness.tell_of_late(timezone.localdate()) == 0
    texts = list(Notice.objects.filter(user=order.orderer.user, word="Försenad").order_by("id").values_list("text", flat=True))
    assert [text.split(" senast")[0] for text in texts] == ["Hjälpmedlen skulle ha hämtats", "Hjälpmedlen är hämtade men skulle ha varit avregistrerade"]
    assert set(numbers(client_of(factories.alice()).get(LIST, {"status": "forsenade"}))) == {order.number, other.number}


def test_from_what_was_not_found_it_is_one_click_to_the_report(client_of: ClientOf) -> None:
    order = tell(sent(), picked_up(found={1: True, 2: False, 3: True}))
    client = client_of(factories.alice())
    wanted = f"/felrapporter/ny/?slag=NOT_DEREGISTERED&order={order.number}&rad=2"
    start = soup_of(client.get("/"))
    form = start.find("form", action=f"{LIST}{order.number}/saknas/2/")
    assert words(form.find("button")).startswith("Gör felrapport")
    assert client.post(form["action"]).url == wanted
    page = get(client, order.get_absolute_url())
    assert page.find("a", href=wanted) is not None
    assert "Allt hittades inte vid hämtningen" in words(page)
    assert client.post(f"{LIST}{order.number}/saknas/9/").status_code == 404


def test_it_is_cancelled_in_part_and_moved_until_it_is_planned(client_of: ClientOf) -> None:
    order, client = sent(), client_of(factories.alice())
    page = get(client, order.get_absolute_url())
    assert page.find(id="makulera") is not None
    assert page.find(id="plats") is not None
    cancel = f"{LIST}{order.number}/makulera/"
    assert set(errors(soup_of(client.post(cancel, {"note": ""})))) == {"lines", "reason", "note"}
    for _ in range(2):  # twice is said, not done
        assert client.post(cancel, {"lines": ["1", "2"], "reason": "NOT_NEEDED", "note": "Behålls"}).status_code == 302
    assert [message.payload["body"]["lines"] for message in OutgoingMessage.objects.filter(message_type="CancellationRequest")] == [[1, 2]]
    place = f"{LIST}{order.number}/plats/"
    wrong = {"method": "HOME", "street": "Nygatan 2", "city": "", "contact_phone": "hej"}
    assert {"postal_code", "city", "contact_phone", "door_code"} == set(errors(soup_of(client.post(place, wrong))))
    data = {"method": "HOME", "street": "Nygatan 2", "postal_code": "441 32", "city": "Alingsås", "has_no_door_code": "on", "contact_phone": "070-174 06 05"}
    for _ in range(2):
        assert client.post(place, data).status_code == 302
    assert OutgoingMessage.objects.filter(message_type="DeliveryChange").count() == 1
    order = tell(order, planned())
    page = get(client, order.get_absolute_url())
    assert page.find(id="makulera") is page.find(id="plats") is None
    assert "Ring Hjälpmedelscentralen" in words(page)
    assert client.post(place, data).status_code == 409
    other = tell(sent(factories.patient()), planned())
    assert client.post(f"{LIST}{other.number}/makulera/", {"lines": "1", "reason": "OTHER", "note": "x"}).status_code == 409


def test_a_cancelled_order_says_why_and_is_ordered_again(client_of: ClientOf) -> None:
    order, client = tell(sent(), received(), cancelled(2)), client_of(factories.alice())
    page = get(client, order.get_absolute_url())
    assert "Ingen öppnade" in words(page)
    assert page.find("h2", string="Det här följer") is None
    again = client.post(f"{LIST}{order.number}/bestall-igen/")
    assert again.url == PickupOrder.objects.get(again_of=order).get_absolute_url()


def test_the_return_slip_has_the_number_to_read_and_to_scan_and_names_nobody(client_of: ClientOf) -> None:
    order = tell(sent(), received(), cancelled(2, [2]))
    page = get(client_of(factories.alice()), f"{LIST}{order.number}/retursedel/")
    text = words(page)
    assert order.number in text
    assert page.find("img", alt=f"QR-kod för {order.number}")["src"].startswith("data:image/svg+xml")
    assert ("40-1" in text, "40-2" in text) == (True, False)
    for secret in (order.patient.given_name, order.patient.family_name, order.patient.identity.shown, "Storgatan", "Elsa"):
        assert secret not in text
    assert AccessLogEntry.objects.filter(action="PRINT", resource_id=order.number).count() == 1


def test_an_open_page_gets_itself_anew_when_something_has_happened(client_of: ClientOf) -> None:
    order, client = sent(), client_of(factories.alice())
    url = str(get(client, order.get_absolute_url()).find(id="order")["hx-get"])
    assert client.get(url).status_code == 204
    tell(order, received(1))
    assert "Mottagen" in words(soup_of(client.get(url)))


def test_the_patient_the_individkort_and_the_start_page_show_it(client_of: ClientOf) -> None:
    patient = factories.patient()
    chair, *_ = aids(patient)
    individuals.register(chair.article, [("40-1", "", "")])
    order = sent(of=[chair])
    client = client_of(factories.alice())
    for url in (f"{PATIENTS}{patient.public_id}/", "/individer/40-1/", "/"):
        assert order.number in words(get(client, url))
    tell(order, deregistered(found={1: True}))
    assert order.number in words(get(client, f"{PATIENTS}{patient.public_id}/"))


def test_a_part_that_was_given_back_is_told_at_the_aid(client_of: ClientOf) -> None:
    patient = factories.patient()
    *_, wedges = aids(patient)
    tell(sent(patient, wanted=[drafts.Wanted(loan=wedges, quantity=2)]), picked_up(found={1: True}))
    assert "3 st kvar av 5" in words(get(client_of(factories.alice()), f"{PATIENTS}{patient.public_id}/"))


# --- Lists ----------------------------------------------------------------------------------------------


def many(count: int, patient: Patient, **fields: Any) -> list[PickupOrder]:
    by = factories.alice()
    common = {"unit": by.unit, "patient": patient, "orderer": by, "prescriber": by, "customer": by.unit.customers.get(), "is_cleaned": True}
    follows = {"fetch_by": day(20), "rent_ends_on": day(3), "deregister_by": day(20)}
    given = common | follows | {"reason": Reason.NOT_NEEDED, "status": Status.RECEIVED, "street": "Storgatan 1", "postal_code": "44130"} | fields
    first = PickupOrder.objects.count() + 1
    made = PickupOrder.objects.bulk_create(
        PickupOrder(number=order_number("H", 2026, running), placed_at=NOON + datetime.timedelta(hours=running), **given)
        for running in range(first, first + count)
    )
    article = factories.article()
    PickupItem.objects.bulk_create(PickupItem(order=order, line=1, article=article, article_name="Rullstol", article_number="7") for order in made)
    return made


def test_the_list_is_narrowed_by_what_is_asked_for(client_of: ClientOf) -> None:
    patient, other = factories.patient(), factories.patient()
    [done] = many(1, patient, status=Status.DEREGISTERED)
    [late] = many(1, patient, fetch_by=day(-1))
    [estate] = many(1, other, reason=Reason.DECEASED)
    of_aid = sent(of=[loan(other, "40-1")])
    client = client_of(factories.alice())

    def found(**query: str) -> set[str]:
        return set(numbers(client.get(LIST, query)))

    everything = {str(order.number) for order in (done, late, estate, of_aid)}
    assert found() == everything
    assert found(status="oppna") == everything - {done.number}
    assert found(status="forsenade") == {late.number}
    assert found(orsak="DECEASED") == {estate.number}
    assert found(individ="40-1") == {of_aid.number}
    assert found(patient=str(other.public_id)) == {estate.number, of_aid.number}
    assert found(sortering="hamtdag") == everything
    assert not numbers(client_of(factories.dan()).get(LIST))
    assert client.post(LIST, {"number": other.identity.value}).url == f"{LIST}?patient={other.public_id}"
    assert error_at(soup_of(client.get(LIST, {"fran": "trams"})), "fran")


def test_the_aid_is_found_by_the_numbers_it_has_had(client_of: ClientOf) -> None:
    chair = loan(factories.patient(), "40-1")
    individuals.register(chair.article, [("40-1", "", "")])
    order = sent(of=[chair])
    record_individual_update("40-1", sequence=1, replaced_by="50-1", next_inspection=None, note="")
    client = client_of(factories.alice())
    assert [numbers(client.get(LIST, {"individ": number})) for number in ("40-1", "50-1", "60-1")] == [[order.number], [order.number], []]


def test_the_weeks_pickups_stand_by_day_in_the_order_of_the_addresses(client_of: ClientOf) -> None:
    patient = factories.patient()
    monday = timezone.localdate() + datetime.timedelta(days=7 - timezone.localdate().weekday())
    planned_on = {"status": Status.PLANNED, "promised_on": monday}
    [far] = many(1, patient, **planned_on, postal_code="44199")
    [second] = many(1, patient, **planned_on, street="Östra gatan 2")
    [first] = many(1, patient, **planned_on, street="Norra gatan 1")
    [tuesday] = many(1, patient, status=Status.PLANNED, promised_on=monday + datetime.timedelta(days=1), postal_code="10000")
    many(1, patient, status=Status.PICKED_UP, promised_on=monday)
    many(1, patient, status=Status.PLANNED, promised_on=monday + datetime.timedelta(days=7))
    hidden = factories.patient()
    many(1, hidden, **planned_on)
    Patient.objects.filter(pk=hidden.pk).update(protection=Patient.Protection.MARKED, phone="")
    year, week, _ = monday.isocalendar()
    client = client_of(factories.alice())
    response = client.get(f"{LIST}vecka/", {"vecka": f"{year}-W{week:02}"})
    assert numbers(response) == [first.number, second.number, far.number, tuesday.number]
    assert heading(response) == f"Hämtningar vecka {week}"
    assert AccessLogEntry.objects.filter(activity="Veckans hämtningar").count() == 4
    for nonsense in ("2026-W99", "x", ""):
        assert client.get(f"{LIST}vecka/", {"vecka": nonsense}).status_code == 200
    # A week with nothing in it leads to the next that has.
    before = get(client, f"{LIST}vecka/", vecka="2020-W01").find("a", href=f"?vecka={year}-W{week:02}")
    assert words(before) == f"Nästa hämtning är {long_day(monday)}"
    assert "Nästa hämtning" not in words(get(client, f"{LIST}vecka/", vecka="2099-W01"))


def test_the_list_is_taken_to_excel_as_it_is_narrowed(client_of: ClientOf) -> None:
    order = sent()
    many(3, factories.patient(), status=Status.DEREGISTERED)
    response = client_of(factories.alice()).get(f"{LIST}excel/", {"status": "oppna"})
    sheet = list(openpyxl.load_workbook(io.BytesIO(response.content)).active.values)
    assert len(sheet) == 2
    row = dict(zip(sheet[0], sheet[1], strict=True))
    assert (row["Ordernummer"], row["Hjälpmedel"], row["Individnummer"]) == (order.number, "1 118201, 1 Rollator, 5 Kil", "40-1, 40-2")
    assert row["Hyran slutar"] == order.rent_ends_on.isoformat()
    assert AccessLogEntry.objects.filter(action="EXPORT", resource_id=order.number).count() == 1


def test_other_units_are_seen_after_an_active_choice_alone(client_of: ClientOf) -> None:
    patient = factories.patient(factories.carol())

    confirm_care_relation(patient, by=factories.alice())
    order = sent(patient)
    carol = client_of(factories.carol())
    assert not numbers(carol.get(LIST))
    assert carol.get(order.get_absolute_url()).status_code == 404
    carol.post(f"{LIST}andra-enheter/", {"reason": "Patienten har flyttat", "confirmed": "on"})
    assert numbers(carol.get(LIST, {"enhet": "andra"})) == [order.number]
    page = get(carol, order.get_absolute_url())
    assert "En annan enhets hämtorder" in words(page)
    assert page.find(id="makulera") is page.find(id="retursedel") is None
    assert carol.get(f"{LIST}{order.number}/makulera/").status_code == 404


def test_an_approver_reads_and_changes_nothing(client_of: ClientOf) -> None:
    order = sent()
    eva = client_of(factories.assignment("Eva Ek", Role.APPROVER, at=factories.unit()))
    page = get(eva, order.get_absolute_url())
    assert page.find(id="makulera") is page.find(id="plats") is None
    assert get(eva, LIST).find("a", href=f"{LIST}individ/") is None


@pytest.mark.parametrize("url", [LIST, f"{LIST}vecka/", f"{LIST}excel/", f"{LIST}utkast/"])
def test_thirty_rows_ask_as_many_queries_as_one(url: str, client_of: ClientOf) -> None:
    client = client_of(factories.alice())

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    draft()
    many(1, factories.patient(), status=Status.PLANNED, promised_on=timezone.localdate())
    asked()
    one = asked()
    for _ in range(10):
        many(3, factories.patient(), status=Status.PLANNED, promised_on=timezone.localdate())
        draft(factories.patient())
    assert asked() == one


def test_a_draft_with_thirty_aids_asks_as_many_queries_as_with_one(client_of: ClientOf) -> None:
    patient = factories.patient()
    loan(patient, "40-1")
    client = client_of(factories.alice())
    url = begun(client, patient)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    asked()
    one = asked()
    article = Loan.objects.get().article
    for number in range(2, 31):
        loan(patient, f"40-{number}")
    Loan.objects.update(article=article)
    assert asked() == one
