"""The answer that is not to reach the reporter is nowhere for the reporter. The control: the same crawl finds one that is given out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from accounts.models import Assignment, Notice
from faultreports.actions import sending
from faultreports.models import FaultReport, Kind, Status, WithheldText
from integration import inbox
from patients.models import AccessLogEntry
from tests import factories
from tests.faultreports import told
from tests.faultreports.crawl import addresses, crawl
from tests.sesam2 import incoming

pytestmark = pytest.mark.django_db
WORD = "felmonterad"  # of `told.SECRET`; no page of ours says it


def answered(*, is_for_reporter: bool) -> FaultReport:
    """A report with a file on it, answered by a message that came the whole way: stored by the inbox, read through the contract."""
    report = told.attach(told.draft(Kind.NEGATIVE_EVENT, of=told.loan(factories.patient())))
    sending.send(report, by=factories.alice())
    report.refresh_from_db()
    _receive(report, 1, "FaultReportStatus", status="RECEIVED", erpCaseNumber="AV-7")
    body = {"answerToReporter": is_for_reporter, "answer": told.SECRET, "answeredBy": "Kvalitet", "answeredAt": "2026-11-20T10:30:00+01:00"}
    _receive(report, 2, "FaultReportAnswer", **body)
    _receive(report, 3, "FaultReportStatus", status="ANSWERED")
    report.refresh_from_db()
    assert report.status == Status.ANSWERED
    return report


def _receive(report: FaultReport, sequence: int, message_type: str, **body: Any) -> None:
    message_id, raw = incoming(message_type, str(report.number), {"reportNumber": str(report.number), **body}, sequence=sequence)
    inbox.receive(raw, message_id=message_id)
    assert inbox.process_next() is inbox.Processed.DONE


def all_that_is_read(client: Client, report: FaultReport) -> dict[str, str]:
    searches = [f"/felrapporter/?{name}={WORD}" for name in ("nummer", "individ", "artikel")]
    searches += [f"/hjalpmedel/?q={WORD}", f"/felrapporter/excel/?individ={WORD}", f"/felrapporter/{report.number}/nytt/?v=gammal", "/besked/"]
    pages = crawl(client, start=[*addresses(report), *searches])
    # The crawl has been where it matters.
    for needed in (f"/felrapporter/{report.number}/", f"/felrapporter/{report.number}/utskrift/", "/felrapporter/excel/", "/felrapporter/", "/"):
        assert needed in pages
    assert any(f"bilaga/{file.attachment_id}" in url for file in report.attachments.all() for url in pages)
    return pages


def pages_with(text: str, pages: dict[str, str]) -> list[str]:
    return sorted(url for url, page in pages.items() if text in page and f"={WORD}" not in url)


def test_the_reporter_finds_the_withheld_answer_nowhere(client_of: Any, log_lines: Callable[[], list[str]]) -> None:
    hanna = told.handler()
    report = answered(is_for_reporter=False)
    assert WithheldText.objects.get().text == told.SECRET
    pages = all_that_is_read(client_of(report.reporter), report)
    assert len(pages) > 40
    assert pages_with(WORD, pages) == []
    assert pages_with("inte lämnas ut till anmälaren", pages) == []  # not even that it exists
    assert not Notice.objects.filter(user=report.reporter.user, word="Svar finns").exists()
    # The handler sees that it exists, and not what it says.
    others = all_that_is_read(client_of(hanna), report)
    assert f"/felrapporter/{report.number}/" in pages_with("inte lämnas ut till anmälaren", others)
    assert pages_with(WORD, others) == []
    assert not [line for line in log_lines() if WORD in line]


def test_the_same_crawl_finds_an_answer_that_is_given_out(client_of: Any) -> None:
    """The control: what finds nothing above can find."""
    report = answered(is_for_reporter=True)
    found = pages_with(WORD, all_that_is_read(client_of(report.reporter), report))
    assert f"/felrapporter/{report.number}/" in found
    assert any("/nytt/" in url for url in found)


def test_an_administrator_who_is_the_reporter_finds_it_neither(client_of: Any) -> None:
    report = answered(is_for_reporter=False)
    report.reporter.user.is_staff = True
    report.reporter.user.save()
    found = crawl(client_of(report.reporter), start=["/admin/integration/", f"/admin/integration/incomingmessage/?q={WORD}"], within="/admin/integration/")
    pages = {url: page for url, page in found.items() if "?q=" not in url}
    assert any(url.startswith("/admin/integration/incomingmessage/") for url in pages)
    assert pages_with(WORD, pages) == []


def test_the_text_lies_in_two_places_of_the_database_and_no_table_that_pages_read() -> None:
    """In the table that nothing reads, and until it is emptied in the message as it came."""
    answered(is_for_reporter=False)
    where = set()
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table} t WHERE t::text LIKE %s", [f"%{WORD}%"])
            if cursor.fetchone()[0]:
                where.add(model._meta.label)
    assert where == {"faultreports.WithheldText", "integration.IncomingMessage"}


def test_no_query_over_reports_can_reach_the_text() -> None:
    """No relation leads to it from anything else."""
    answers = {relation.get_accessor_name() for relation in WithheldText.answer.field.related_model._meta.related_objects}
    assert answers == set()
    assert [field.name for field in WithheldText._meta.get_fields()] == ["id", "answer", "text", "answered_by"]


def test_only_the_action_that_stores_it_knows_the_table() -> None:
    root = Path(__file__).resolve().parents[2]
    code = [path for app in ("faultreports", "websesam", "billing", "integration", "accounts") for path in (root / app).rglob("*.py")]
    naming = {path.relative_to(root).as_posix() for path in code if "WithheldText" in path.read_text(encoding="utf-8") and "migrations" not in path.parts}
    assert naming == {"faultreports/models/__init__.py", "faultreports/models/answers.py", "faultreports/actions/answers.py"}


def test_a_colleague_sees_neither_the_report_nor_the_answer(client_of: Callable[[Assignment], Client]) -> None:
    report = answered(is_for_reporter=True)
    client = client_of(factories.bob())
    assert client.get(f"/felrapporter/{report.number}/").status_code == 404
    assert str(report.number) not in client.get("/felrapporter/").content.decode()
    assert not AccessLogEntry.objects.filter(user_hsa_id=factories.bob().user.hsa_id, resource_id=report.number).exists()
