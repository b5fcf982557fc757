"""The pages of felrapporter: the questions, the draft, the report as it is sent, and what the unit does about it."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Assignment, Notice
from buffer.models import StockIndividual, StockLine, Store
from catalog.models import Individual
from faultreports.actions import sending
from faultreports.models import AidPlan, FaultReport, Kind, Status
from faultreports.models.reports import HARMFUL
from integration.models import OutgoingMessage
from patients.models import AccessLogEntry, Loan, Patient
from pickups.models import PickupOrder
from tests import factories, sesam2
from tests.faultreports import told

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]
NEW = "/felrapporter/ny/"


def page(response: Any) -> str:
    return str(response.content.decode())


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of the page's form, as a browser sends them."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))


def posted(report: FaultReport, **fields: Any) -> dict[str, Any]:
    """What the draft's page sends when all that the kind needs is filled in."""
    content = told.content(report, **fields)
    names = ("aid_name", "individual_number", "order_number", "despatch_number", "place", "present", "description", "measures", "delivery_fault", "aid_plan")
    data: dict[str, Any] = {name: getattr(content, name) for name in names}
    data |= {"happened_on": f"{content.happened_on}", "wants_replacement": f"{content.wants_replacement}", "wants_answer": "on"}
    data |= {"is_reported_to_authority": f"{content.is_reported_to_authority}"} if report.kind in HARMFUL else {}
    return data | {"version": report.version} | {name: value for name, value in fields.items() if name == "is_second"}


# --- The questions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("galler=skada&hande=NEGATIVE_EVENT", Kind.NEGATIVE_EVENT),
        ("galler=skada&hande=NEAR_MISS", Kind.NEAR_MISS),
        ("galler=produkt", Kind.COMPLAINT),
        ("galler=leverans", Kind.DELIVERY),
        ("galler=tjanst", Kind.SERVICE),
        ("galler=aterlamnat", Kind.NOT_DEREGISTERED),
        ("galler=forkommet", Kind.LOST),
        *((f"slag={kind}", kind) for kind in Kind),
    ],
)
def test_the_answers_lead_to_a_draft_of_the_right_kind(query: str, kind: Kind, client_of: ClientOf) -> None:
    loan = told.loan(factories.patient())
    client = client_of(factories.alice())
    shown = page(client.get(f"{NEW}?patient={loan.patient.public_id}&hjalpmedel={loan.pk}&{query}"))
    assert kind.label in shown
    assert "100200" in shown
    response = client.post("/felrapporter/ny/borja/", hidden(shown))
    report = FaultReport.objects.get()
    assert response.url == f"/felrapporter/utkast/{report.public_id}/"
    assert (report.kind, report.loan, report.patient) == (kind, loan, loan.patient)


def test_a_question_that_is_not_answered_is_an_error_at_its_field(client_of: ClientOf) -> None:
    client = client_of(factories.alice())
    assert "Välj vad det gäller." in page(client.get(f"{NEW}?galler="))
    assert "Välj om någon skadades." in page(client.get(f"{NEW}?galler=skada&hande="))


def test_worn_out_leads_to_the_guide_of_the_arbetsorder_and_says_why(client_of: ClientOf) -> None:
    loan = told.loan(factories.patient())
    shown = page(client_of(factories.alice()).get(f"{NEW}?patient={loan.patient.public_id}&hjalpmedel={loan.pk}&galler=slitet"))
    assert "Normalt slitage är ingen avvikelse" in shown
    address = re.search(r'href="(/arbetsorder/ny/[^"]+)"', shown)
    assert address is not None
    guide = client_of(factories.alice()).get(address[1].replace("&amp;", "&"))
    assert "Avhjälpande underhåll" in page(guide)
    assert not FaultReport.objects.exists()


def test_who_may_not_say_that_an_aid_is_lost_is_told_who_may(client_of: ClientOf) -> None:
    factories.alice()
    client = client_of(factories.bob())
    shown = page(client.get(f"{NEW}?galler=forkommet"))
    assert "Alice Ask" in shown
    assert "Fyll i felrapporten" not in shown
    assert client.post("/felrapporter/ny/borja/", {"slag": "LOST"}).status_code == 404
    assert not FaultReport.objects.exists()


def test_from_nothing_one_may_write_a_number_or_go_on_without(client_of: ClientOf) -> None:
    loan = told.loan(factories.patient())
    client = client_of(factories.alice())
    assert "Vad gäller det?" in page(client.get(f"{NEW}?slag=COMPLAINT"))
    wrong = page(client.get(f"{NEW}?slag=COMPLAINT&fraga=1&individ=404&order="))
    assert "Varken enhetens patienter" in wrong
    assert 'value="404"' in wrong
    assert "Enheten har ingen beställning" in page(client.get(f"{NEW}?slag=COMPLAINT&fraga=1&individ=&order=K-2026-99999999-1"))
    found = page(client.get(f"{NEW}?slag=COMPLAINT&fraga=1&individ=100200&order="))
    client.post("/felrapporter/ny/borja/", hidden(found))
    assert FaultReport.objects.get().loan == loan
    without = page(client.get(f"{NEW}?slag=COMPLAINT&fraga=1&individ=&order="))
    client.post("/felrapporter/ny/borja/", hidden(without))
    assert FaultReport.objects.filter(loan__isnull=True, patient__isnull=True).count() == 1


@pytest.mark.parametrize(
    "query",
    [
        "individ=100300",
        "hjalpmedel={theirs}",
        "patient={mine_of}&hjalpmedel={theirs}",
        "patient={theirs_of}",
        "patient={theirs_of}&hjalpmedel={theirs}",
        "order=K-2026-99999999-1",
        "order={their_order}",
        "order={their_order}&rad=1",
        "foljesedel=FS-404",
        "forrad=B-404",
        "artikel=987654321",
        "artikel=x",
        "rad=-1",
        "patient=x",
        "underlag=2026-10",
    ],
)
def test_numbers_in_the_address_are_never_trusted(query: str, client_of: ClientOf) -> None:
    """In no step, and not by whoever posts them."""
    mine, carol = told.loan(factories.patient()), factories.carol()
    theirs = told.loan(factories.patient(carol), "100300", article="118209")
    named = {"mine_of": mine.patient.public_id, "theirs": theirs.pk, "theirs_of": theirs.patient.public_id, "their_order": factories.order(carol).number}
    query = query.format(**named)
    client = client_of(factories.alice())
    for step in ("", "&galler=produkt", "&slag=COMPLAINT"):
        assert client.get(f"{NEW}?{query}{step}").status_code == 404
    data = dict(part.split("=") for part in query.split("&"))
    assert client.post("/felrapporter/ny/borja/", {"slag": "COMPLAINT", **data}).status_code == 404
    assert not FaultReport.objects.exists()


def test_an_aid_in_a_store_of_the_unit_is_reported_by_its_manager(client_of: ClientOf) -> None:
    keeper = factories.assignment("Stina Storm", "STORE_MANAGER", at=factories.unit())
    article = factories.article("Rollator Lätt")
    store = Store.objects.create(number="B-1", unit=keeper.unit, name="Plan 2")
    individual = Individual.objects.create(number="55-1", article=article)
    StockIndividual.objects.create(line=StockLine.objects.create(store=store, article=article, on_hand=1), individual=individual, since=timezone.now())
    client = client_of(keeper)
    shown = page(client.get(f"{NEW}?slag=NEGATIVE_EVENT&individ=55-1"))
    client.post("/felrapporter/ny/borja/", hidden(shown))
    report = FaultReport.objects.get()
    assert (report.individual, report.store_number, report.patient) == (individual, "B-1", None)
    client.post(f"/felrapporter/utkast/{report.public_id}/", posted(report))
    report.refresh_from_db()
    response = client.post(f"/felrapporter/utkast/{report.public_id}/skicka/", {"version": report.version})
    assert response.url.endswith("/skickad/")
    individual.refresh_from_db()
    assert individual.is_under_investigation
    assert OutgoingMessage.objects.get().payload["body"]["store"] == {"storeNumber": "B-1", "unitHsaId": keeper.unit.hsa_id}
    other = client_of(factories.assignment("Sven Storm", "STORE_MANAGER", at=factories.carol().unit))
    assert other.get(f"{NEW}?slag=NEGATIVE_EVENT&individ=55-1").status_code == other.get(f"{NEW}?forrad=B-1").status_code == 404


def test_the_button_at_an_aid_leads_to_the_questions_about_it(client_of: ClientOf) -> None:
    mine = told.loan(factories.patient())
    theirs = told.loan(factories.patient(factories.carol()), "100300", article="118209")
    client = client_of(factories.alice())
    assert "Felrapport" in page(client.get(mine.patient.get_absolute_url()))
    about = f"/felrapporter/ny/{mine.patient.public_id}/om/"
    response = client.post(about, {"loan": mine.pk})
    assert response.url == f"{NEW}?patient={mine.patient.public_id}&hjalpmedel={mine.pk}"
    assert mine.article.display_name in page(client.get(response.url))
    for wrong in (theirs.pk, "x", "9" * 30):
        assert client.post(about, {"loan": wrong}).status_code == 404


# --- The draft ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
def test_a_report_of_each_kind_is_filled_in_checked_and_sent(kind: Kind, client_of: ClientOf) -> None:
    alice, loan = factories.alice(), told.loan(factories.patient())
    client = client_of(alice)
    shown = page(client.get(f"{NEW}?patient={loan.patient.public_id}&hjalpmedel={loan.pk}&slag={kind}"))
    address = client.post("/felrapporter/ny/borja/", hidden(shown)).url
    report = FaultReport.objects.get()
    response = client.post(address, posted(report) | {"do": "review"})
    assert response.url == f"{address}granska/"
    checked = page(client.get(response.url))
    assert "Höger framhjul lossnade." in checked
    report.refresh_from_db()
    sent = client.post(f"{address}skicka/", {"version": report.version})
    report.refresh_from_db()
    assert sent.url == f"/felrapporter/{report.number}/skickad/"
    assert str(report.number) in page(client.get(sent.url))
    assert OutgoingMessage.objects.get().subject == report.number
    assert client.post(f"{address}skicka/", {"version": report.version}).url == sent.url
    assert OutgoingMessage.objects.count() == 1


def test_what_is_wrong_stands_at_its_field_and_what_is_right_is_saved(client_of: ClientOf) -> None:
    report = told.draft(Kind.COMPLAINT)
    tomorrow = f"{factories.days_from_now(1)}"
    response = client_of(factories.alice()).post(
        report.get_absolute_url(), posted(report, description="Bromsen tar inte.") | {"happened_on": tomorrow, "do": "review"}
    )
    shown = page(response)
    assert "Dagen har inte varit än" in shown
    assert "Bromsen tar inte." in shown
    assert tomorrow in shown
    report.refresh_from_db()
    assert report.description == "Bromsen tar inte."
    assert report.number is None


def test_what_is_missing_is_said_at_its_field_when_it_is_to_be_checked(client_of: ClientOf) -> None:
    report = told.draft(Kind.NEGATIVE_EVENT, present="", measures="")
    shown = page(client_of(factories.alice()).get(f"{report.get_absolute_url()}granska/"))
    assert 'id="id_present_error"' in shown
    assert 'id="id_measures_error"' in shown
    assert "2 fel att rätta" in shown


def test_an_aid_of_another_units_patient_is_an_error_at_the_field(client_of: ClientOf) -> None:
    told.loan(factories.patient(factories.carol()), "100300")
    report = told.draft(Kind.COMPLAINT)
    shown = page(client_of(factories.alice()).post(report.get_absolute_url(), posted(report, individual_number="100300") | {"do": "review"}))
    assert "Hjälpmedlet är hos någon som enheten inte har öppnat" in shown
    report.refresh_from_db()
    assert (report.individual_number, report.loan, report.patient) == ("", None, None)


def test_another_patients_aid_is_an_error_in_a_report_about_a_patient(client_of: ClientOf) -> None:
    alice = factories.alice()
    told.loan(factories.patient(alice), "100300")
    report = told.draft(Kind.COMPLAINT, patient=factories.patient(alice))
    shown = page(client_of(alice).post(report.get_absolute_url(), posted(report, individual_number="100300")))
    assert "Numret gäller en annan patient" in shown
    report.refresh_from_db()
    assert report.loan is None


def test_a_typed_number_that_the_unit_has_brings_the_patient_and_is_logged(client_of: ClientOf) -> None:
    loan = told.loan(factories.patient())
    report = told.draft(Kind.COMPLAINT)
    before = AccessLogEntry.objects.filter(patient=loan.patient).count()
    client_of(factories.alice()).post(report.get_absolute_url(), posted(report, individual_number="100200"))
    report.refresh_from_db()
    assert (report.loan, report.patient) == (loan, loan.patient)
    assert AccessLogEntry.objects.filter(patient=loan.patient).count() > before


def test_a_second_report_the_same_day_is_asked_about_and_then_sent(client_of: ClientOf) -> None:
    loan = told.loan(factories.patient())
    told.sent(Kind.COMPLAINT, of=loan)
    report = told.draft(Kind.NEAR_MISS, of=loan)
    client = client_of(factories.alice())
    assert 'name="is_second"' not in page(client.get(report.get_absolute_url()))
    asked = page(client.get(f"{report.get_absolute_url()}granska/"))
    assert "Det finns redan en felrapport om hjälpmedlet i dag" in asked
    assert 'name="is_second"' in asked
    report.refresh_from_db()
    response = client.post(report.get_absolute_url(), posted(report) | {"is_second": "on", "do": "review"})
    assert client.get(response.url).status_code == 200
    report.refresh_from_db()
    assert client.post(f"{report.get_absolute_url()}skicka/", {"version": report.version}).url.endswith("/skickad/")


def test_files_are_attached_shown_and_taken_off(client_of: ClientOf) -> None:
    report = told.draft()
    client = client_of(factories.alice())
    address = report.get_absolute_url()
    file = SimpleUploadedFile("foto.jpg", factories.picture())
    assert client.post(address, posted(report) | {"do": "attach", "file": file}).url == f"{address}#bilagor"
    stored = report.attachments.get().attachment
    assert "foto.jpg" in page(client.get(address))
    response = client.get(f"{address}bilaga/{stored.pk}/")
    assert response["Content-Disposition"].startswith("attachment")
    report.refresh_from_db()
    refused = page(client.post(address, posted(report) | {"do": "attach", "file": SimpleUploadedFile("x.exe", b"MZ")}))
    assert "Filtypen kan inte bifogas" in refused
    report.refresh_from_db()
    client.post(address, posted(report) | {"do": f"detach:{stored.pk}"})
    assert not report.attachments.exists()


def test_somebody_elses_change_in_between_is_not_written_over(client_of: ClientOf) -> None:
    report = told.draft()
    data = posted(report, description="Mitt")
    client_of(factories.alice()).post(report.get_absolute_url(), posted(report, description="I en annan flik"))
    shown = page(client_of(factories.alice()).post(report.get_absolute_url(), data))
    assert "har ändrats sedan du öppnade sidan" in shown
    assert "Mitt" in shown
    report.refresh_from_db()
    assert report.description == "I en annan flik"


def test_a_draft_that_is_sent_answers_409_with_the_way_to_the_report(client_of: ClientOf) -> None:
    report = told.sent()
    client = client_of(factories.alice())
    for response in (client.get(f"/felrapporter/utkast/{report.public_id}/"), client.get(f"/felrapporter/utkast/{report.public_id}/granska/")):
        assert response.status_code == 409
        assert str(report.number) in page(response)


def test_a_draft_is_thrown_away(client_of: ClientOf) -> None:
    report = told.draft()
    client = client_of(factories.alice())
    assert "Det går inte att ångra" in page(client.get(f"{report.get_absolute_url()}kasta/"))
    client.post(f"{report.get_absolute_url()}kasta/")
    report.refresh_from_db()
    assert report.status == Status.DISCARDED
    assert "Inga utkast" in page(client.get("/felrapporter/utkast/"))


def test_nothing_is_asked_of_where_a_protected_person_is(client_of: ClientOf) -> None:
    alice = factories.alice()
    alice.unit.may_see_protected = True
    alice.unit.save()
    report = told.draft(Kind.NEGATIVE_EVENT, of=told.loan(factories.patient(alice)), place="")
    Patient.objects.filter(pk=report.patient_id).update(protection="MARKED", phone="")
    client = client_of(alice)
    assert 'name="place"' not in page(client.get(report.get_absolute_url()))
    assert client.get(f"{report.get_absolute_url()}granska/").status_code == 200


# --- The report that is sent --------------------------------------------------------------------------


def test_everyone_who_opens_the_aid_sees_that_it_is_under_investigation(client_of: ClientOf) -> None:
    report = told.event(number="40-1")
    Individual.objects.get_or_create(number="40-1", defaults={"article": report.article})
    for who in (factories.alice(), factories.bob(), factories.assignment("Eva Ek", "APPROVER", at=factories.unit())):
        assert "Under utredning" in page(client_of(who).get(report.patient.get_absolute_url()))
        assert "Under utredning" in page(client_of(who).get("/individer/40-1/"))


def test_opening_the_report_makes_its_notices_read(client_of: ClientOf) -> None:
    report = told.tell(told.sent(), told.answer(1))
    client = client_of(factories.alice())
    assert "Svar på felrapport" in page(client.get("/"))
    shown = page(client.get(report.get_absolute_url()))
    assert "Vi har ändrat rutinen." in shown
    assert not Notice.objects.filter(user=report.reporter.user).unread().exists()


def test_the_page_asks_for_itself_and_gets_what_is_new(client_of: ClientOf) -> None:
    report = told.sent()
    client = client_of(factories.alice())
    address = re.search(r'hx-get="([^"]+)"', page(client.get(report.get_absolute_url())))
    assert address is not None
    assert client.get(address[1]).status_code == 204
    told.tell(report, told.withheld(1))
    assert client.get(address[1]).status_code == 204  # what is withheld is no news to the reporter
    told.tell(report, told.status(2, Status.INVESTIGATING))
    assert "Utreds" in page(client.get(address[1]))
    told.tell(report, told.status(3, Status.CLOSED))
    assert "hx-get" not in page(client.get(report.get_absolute_url()))


def test_the_handler_releases_the_aid_and_is_told_when_another_holds_it(client_of: ClientOf) -> None:
    loan = told.loan(factories.patient())
    first, second = told.sent(Kind.NEGATIVE_EVENT, of=loan), told.sent(Kind.NEGATIVE_EVENT, of=loan, is_second=True)
    client = client_of(told.handler())
    assert "Häv utredningen" in page(client.get(first.get_absolute_url()))
    assert "Häv utredningen" not in page(client_of(factories.alice()).get(first.get_absolute_url()))
    assert "hålls kvar av en annan" in page(client.post(f"{first.get_absolute_url()}hav-utredning/", follow=True))
    assert "är fritt" in page(client.post(f"{second.get_absolute_url()}hav-utredning/", follow=True))
    assert client.post(f"{second.get_absolute_url()}hav-utredning/").status_code == 409
    assert not Loan.objects.get(pk=loan.pk).is_under_investigation


def test_a_lost_aid_is_found_by_whoever_may_say_so_at_the_unit(client_of: ClientOf) -> None:
    report = told.sent(Kind.LOST, of=told.loan(factories.patient()))
    colleague = factories.assignment("Karin Kvist", "PRESCRIBER", at=factories.unit())
    assert client_of(factories.bob()).get(f"{report.get_absolute_url()}aterfunnet/").status_code == 404
    client = client_of(colleague)
    url = f"{report.get_absolute_url()}aterfunnet/"
    early = f"{report.happened_on - datetime.timedelta(days=1)}" if report.happened_on else ""
    assert "före den dag då hjälpmedlet försvann" in page(client.post(url, {"found_on": early}))
    assert "Dagen har inte varit än" in page(client.post(url, {"found_on": f"{factories.days_from_now(1)}"}))
    assert client.post(url, {"found_on": f"{timezone.localdate()}", "note": "I källaren"}).url == report.get_absolute_url()
    assert client.post(url, {"found_on": f"{timezone.localdate()}"}).status_code == 409
    assert OutgoingMessage.objects.filter(message_type="LostAidFound").count() == 1


def test_who_reports_on_a_lost_aid_is_shown_the_way_to_say_that_it_is_found(client_of: ClientOf) -> None:
    report = told.sent(Kind.LOST, of=told.loan(factories.patient()))
    shown = page(client_of(factories.alice()).get(f"{NEW}?patient={report.patient.public_id}&hjalpmedel={report.loan_id}&slag=LOST"))
    assert f"{report.get_absolute_url()}aterfunnet/" in shown


def test_the_page_tells_what_to_send_to_the_authority_until_it_is_done(client_of: ClientOf) -> None:
    report = told.event()
    client = client_of(factories.alice())
    shown = page(client.get(report.get_absolute_url()))
    assert "inte anmäld till Läkemedelsverket" in shown
    assert "individnummer, batch och UDI" in shown
    client.post(f"{report.get_absolute_url()}lakemedelsverket/")
    assert "inte anmäld till Läkemedelsverket" not in page(client.get(report.get_absolute_url()))
    assert "Det stod redan" in page(client.post(f"{report.get_absolute_url()}lakemedelsverket/", follow=True))
    complaint = told.sent()
    assert client.post(f"{complaint.get_absolute_url()}lakemedelsverket/").status_code == 404


def test_the_report_is_printed_to_go_with_the_aid_and_logged(client_of: ClientOf) -> None:
    report = told.sent(Kind.COMPLAINT, of=told.loan(factories.patient()), aid_plan=AidPlan.SENT_IN)
    shown = page(client_of(factories.alice()).get(f"{report.get_absolute_url()}utskrift/"))
    assert "Lägg den här utskriften med hjälpmedlet" in shown
    assert AccessLogEntry.objects.filter(patient=report.patient, action="PRINT", resource_id=report.number).exists()


def test_a_delivered_line_and_a_finished_arbetsorder_lead_to_a_report(client_of: ClientOf) -> None:
    order = factories.trial()
    client = client_of(factories.alice())
    assert f"{NEW}?order={order.number}&amp;rad=1" in page(client.get(order.get_absolute_url()))
    shown = page(client.get(f"{NEW}?order={order.number}&rad=1&slag=DELIVERY"))
    client.post("/felrapporter/ny/borja/", hidden(shown))
    report = FaultReport.objects.get()
    assert (report.order_number, report.order_line, report.patient) == (order.number, 1, order.patient)
    assert report.given == sorted(report.given)
    assert 'name="order_number"' not in page(client.get(report.get_absolute_url()))


@pytest.mark.parametrize("name", ["/felrapporter/", "/felrapporter/utkast/"])
def test_no_address_or_title_names_a_patient(name: str, client_of: ClientOf) -> None:
    patient = factories.patient()
    report = told.sent(of=told.loan(patient))
    shown = page(client_of(factories.alice()).get(report.get_absolute_url()))
    title = re.search(r"<title>(.*?)</title>", shown, re.DOTALL)
    assert title is not None
    assert patient.family_name not in title[1]
    assert patient.identity.value not in report.get_absolute_url() + title[1]
    assert patient.identity.shown not in page(client_of(factories.alice()).get(name))


def test_sesam2_fetches_a_file_of_a_sent_report_alone(client: Client) -> None:
    draft, report = told.attach(told.draft()), told.attach(told.draft(of=told.loan(factories.patient())))
    sending.send(report, by=factories.alice())
    statuses = []
    for one in (draft, report):
        path = f"/api/sesam2/v1/attachments/{one.attachments.get().attachment_id}"
        statuses.append(client.get(path, headers=sesam2.headers("GET", path)).status_code)
    assert statuses == [404, 200]
    assert AccessLogEntry.objects.filter(action="DISCLOSE", resource_type="Felrapport", resource_id=FaultReport.objects.get(pk=report.pk).number).count() == 1


def test_the_aid_is_fetched_for_the_investigation_from_the_report_alone(client_of: ClientOf) -> None:
    report = told.event()
    client = client_of(factories.alice())
    assert "Hämta för utredning" in page(client.get(report.get_absolute_url()))
    response = client.post(f"{report.get_absolute_url()}hamta/")
    order = PickupOrder.objects.get()
    assert response.url == order.get_absolute_url()
    assert (order.reason, order.items.get().loan) == ("INVESTIGATION", report.loan)
    assert client.get(response.url).status_code == 200
    told.tell(report, told.status(1, Status.CLOSED))
    assert "Hämta för utredning" not in page(client.get(report.get_absolute_url()))
    assert client.post(f"{report.get_absolute_url()}hamta/").status_code == 409
