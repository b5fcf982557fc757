"""Search, Excel, drafts and the counts: what stands there, for whom, at a constant number of queries."""

import datetime
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import Assignment
from faultreports import follow_up
from faultreports.models import FaultReport, Kind, Status
from patients.models import AccessLogEntry, Patient
from tests import factories
from tests.faultreports import told

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Assignment], Client]


def page(response: Any) -> str:
    return str(response.content.decode())


def cells(response: Any) -> list[tuple[Any, ...]]:
    return [tuple(cell.value for cell in row) for row in load_workbook(io.BytesIO(response.content)).active.iter_rows()]


def aid(patient: Patient, number: int) -> Any:
    return told.loan(patient, f"1002{number:02}", article=f"1182{number:02}")


def test_one_sees_ones_own_and_the_handler_the_units_all(client_of: ClientOf) -> None:
    mine, bobs, carols = told.sent(), told.sent(by=factories.bob()), told.sent(by=factories.carol())
    shown = page(client_of(factories.alice()).get("/felrapporter/"))
    assert [str(report.number) in shown for report in (mine, bobs, carols)] == [True, False, False]
    shown = page(client_of(told.handler()).get("/felrapporter/"))
    assert [str(report.number) in shown for report in (mine, bobs, carols)] == [True, True, False]
    shown = page(client_of(told.handler()).get("/felrapporter/?vems=mina"))
    assert str(mine.number) not in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("nummer={number}", [True, False, False]),
        ("slag=NEGATIVE_EVENT", [True, False, False]),
        ("slag=handelser", [True, True, False]),
        ("status=oppna", [True, True, False]),
        ("status=CLOSED", [False, False, True]),
        ("individ=100201", [False, True, False]),
        ("artikel={article}", [True, False, False]),
        ("fran={tomorrow}", [False, False, False]),
        ("till={yesterday}", [False, False, False]),
        ("fran={today}&till={today}", [True, True, True]),
        ("patient={patient}", [True, True, True]),
    ],
)
def test_the_list_is_narrowed(query: str, found: list[bool], client_of: ClientOf) -> None:
    patient = factories.patient()
    event = told.sent(Kind.NEGATIVE_EVENT, of=aid(patient, 0))
    near = told.sent(Kind.NEAR_MISS, of=aid(patient, 1))
    closed = told.tell(told.sent(Kind.COMPLAINT, of=aid(patient, 2)), told.status(1, Status.CLOSED))
    days = {"today": 0, "tomorrow": 1, "yesterday": -1}
    known = {name: factories.days_from_now(number) for name, number in days.items()}
    query = query.format(number=event.number, article=event.article_number, patient=patient.public_id, **known)
    shown = page(client_of(factories.alice()).get(f"/felrapporter/?{query}"))
    assert [str(report.number) in shown for report in (event, near, closed)] == found
    rows = cells(client_of(factories.alice()).get(f"/felrapporter/excel/?{query}"))
    assert [str(report.number) in {row[0] for row in rows[1:]} for report in (event, near, closed)] == found


def test_a_wrong_period_is_an_error_at_its_field(client_of: ClientOf) -> None:
    client = client_of(told.handler())
    for address in ("/felrapporter/", "/felrapporter/uppfoljning/"):
        assert "Slutdatumet ligger före startdatumet." in page(client.get(f"{address}?fran=2026-02-01&till=2026-01-01"))


@pytest.mark.parametrize("address", ["/felrapporter/", "/felrapporter/utkast/", "/felrapporter/excel/", "/felrapporter/uppfoljning/"])
def test_thirty_rows_cost_as_many_queries_as_one(address: str, client_of: ClientOf) -> None:
    hanna = told.handler()
    patient = factories.patient(hanna)
    client = client_of(hanna)

    def make(number: int) -> None:
        about = {"of": aid(patient, number), "by": hanna}
        (told.draft if "utkast" in address else told.sent)(Kind.COMPLAINT, **about)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    make(0)
    one = queries()
    for number in range(1, 30):
        make(number)
    assert queries() == one


def test_every_patient_that_is_listed_or_exported_is_logged(client_of: ClientOf) -> None:
    patient = factories.patient()
    report = told.sent(of=told.loan(patient))
    told.sent()
    client = client_of(factories.alice())
    before = set(AccessLogEntry.objects.values_list("pk", flat=True))
    client.get("/felrapporter/")
    client.get("/felrapporter/excel/")
    rows = AccessLogEntry.objects.exclude(pk__in=before).order_by("at")
    assert [(row.action, row.resource_id, row.patient_id) for row in rows] == [("READ", report.number, patient.pk), ("EXPORT", report.number, patient.pk)]


def test_the_workbook_says_that_there_is_an_answer_and_not_what_it_says(client_of: ClientOf) -> None:
    given, hidden = told.tell(told.sent(), told.answer(1)), told.tell(told.sent(), told.withheld(1))
    rows = cells(client_of(factories.alice()).get("/felrapporter/excel/"))
    answered = dict(zip((row[0] for row in rows), (row[rows[0].index("Svar lämnat")] for row in rows), strict=True))
    assert (answered[given.number], answered[hidden.number]) == ("Ja", None)
    assert "ändrat rutinen" not in str(rows)


def test_drafts_are_their_writers_alone(client_of: ClientOf) -> None:
    draft = told.draft(description="Hemlighet")
    for who in (factories.bob(), told.handler()):
        assert "Inga utkast" in page(client_of(who).get("/felrapporter/utkast/"))
        assert client_of(who).get(draft.get_absolute_url()).status_code == 404


# --- Counts -------------------------------------------------------------------------------------------


def test_the_counts_are_per_month_kind_article_and_supplier() -> None:
    patient = factories.patient()
    reports = [told.sent(Kind.COMPLAINT, of=aid(patient, 0)), told.sent(Kind.NEGATIVE_EVENT, of=aid(patient, 1)), told.sent(Kind.LOST)]
    # In Sweden: the last minute of January, and the first of February.
    january, february = (datetime.datetime(2026, 1, 31, *time, tzinfo=datetime.UTC) for time in ((22, 59), (23, 0)))
    for report, at in zip(reports, [january, february, february], strict=True):
        FaultReport.objects.filter(pk=report.pk).update(reported_at=at)
    counted = follow_up.count(FaultReport.objects.sent(), first=datetime.date(2026, 1, 1), last=datetime.date(2026, 3, 31))
    assert counted.total == 3
    assert [(name, numbers, total) for name, numbers, total in counted.months] == [("jan 2026", [0, 1, 0], 1), ("feb", [1, 0, 1], 2), ("mars", [0, 0, 0], 0)]
    assert counted.kinds == [Kind.NEGATIVE_EVENT.label, Kind.COMPLAINT.label, Kind.LOST.label]
    articles = {label: cells_of[0].text for label, cells_of in counted.per_article.rows}
    assert set(articles.values()) == {"1"}
    assert len(articles) == 3
    assert follow_up.UNKNOWN in articles
    assert next((label, cells_of[0].text) for label, cells_of in counted.per_supplier.rows) == ("Rullande Hjälp AB", "2")


def test_the_page_of_counts_shows_charts_each_with_its_table_for_those_who_follow_up(client_of: ClientOf) -> None:
    told.sent(Kind.COMPLAINT, of=told.loan(factories.patient()))
    shown = page(client_of(told.handler()).get("/felrapporter/uppfoljning/"))
    assert shown.count('<figure class="chart">') == 4
    assert shown.count("<table") == 5
    assert "1 felrapport från" in shown
    assert "Inga felrapporter under tiden" in page(client_of(told.handler()).get("/felrapporter/uppfoljning/?slag=LOST"))
    assert client_of(factories.alice()).get("/felrapporter/uppfoljning/").status_code == 404


def test_a_protected_persons_reports_are_not_counted(client_of: ClientOf) -> None:
    report = told.sent(of=told.loan(factories.patient()))
    Patient.objects.filter(pk=report.patient_id).update(protection="MARKED", phone="")
    assert "Inga felrapporter under tiden" in page(client_of(told.handler()).get("/felrapporter/uppfoljning/"))
