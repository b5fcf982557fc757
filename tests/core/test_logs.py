"""Logs: one valid JSON object a line, whatever is in it, and nothing of a person."""

import json
import logging
from typing import Any

import pytest
import structlog
from celery import current_app, shared_task
from django.db import IntegrityError, transaction
from django.test import Client
from pydantic import BaseModel, ValidationError

from patients.models import PatientIdentity
from tests import factories

NASTY = [
    "line\r\nfeed",
    '{"event": "forged", "level": "info"}\n{"event": "forged"}',
    "paragraph\u2028separator\u2029next\u0085line",
    'quote " and \\ backslash',
    "\x1b[31mred\x00\x07",
    "åäö 🦽 \u202eright-to-left",
    "x" * 1_000_000,
]


def parsed(lines: list[str]) -> list[dict[str, Any]]:
    for line in lines:
        assert line.isascii()
        assert line.isprintable()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_each_event_is_one_line_of_json(text: str, log_lines: Any) -> None:
    structlog.get_logger("test").info("something.happened", reason=text)
    structlog.get_logger("test").info(text)
    logging.getLogger("somebodys.library").warning("said %s", text)
    logging.getLogger("somebodys.library").warning(text)
    first, second, third, fourth = parsed(log_lines())
    assert (first["event"], first["reason"], first["level"], first["logger"]) == ("something.happened", text, "info", "test")
    assert second["event"] == fourth["event"] == text
    assert third["event"] == f"said {text}"
    assert all("timestamp" in line for line in (first, second, third, fourth))


NUMBER = "191212121212"


def test_an_exception_is_told_by_its_type_and_places_never_by_its_text(log_lines: Any) -> None:
    def deep() -> None:
        raise ValueError(f"no such number: {NUMBER}")

    try:
        try:
            deep()
        except ValueError as error:
            raise RuntimeError(f"about {NUMBER}") from error
    except RuntimeError:
        structlog.get_logger("test").exception("it.failed")
        logging.getLogger("somebodys.library").exception("it failed")
    assert NUMBER not in "".join(log_lines())
    for line in parsed(log_lines()):
        assert line["error"] == "RuntimeError"
        assert line["trace"][-1].startswith("core/test_logs.py:")
        assert "exc_info" not in line


@pytest.mark.django_db
def test_what_the_database_quotes_is_not_logged(log_lines: Any) -> None:
    patient = factories.patient()
    value = patient.identity.value
    with pytest.raises(IntegrityError, match=value) as caught, transaction.atomic():  # the text has it, else this would show nothing
        PatientIdentity.objects.create(patient=patient, type="PERSONNUMMER", value=value, is_current=False)
    structlog.get_logger("test").error("it.failed", exc_info=caught.value)
    assert value not in "".join(log_lines())
    assert parsed(log_lines())[-1]["error"] == "IntegrityError"


def test_what_pydantic_quotes_is_not_logged(log_lines: Any) -> None:
    class Model(BaseModel):
        number: int

    with pytest.raises(ValidationError, match=NUMBER) as caught:
        Model.model_validate({"number": f"x{NUMBER}"})
    structlog.get_logger("test").error("it.failed", exc_info=caught.value)
    assert NUMBER not in "".join(log_lines())


@shared_task(name="tests.fails_about_a_person")
def fails_about_a_person() -> None:
    raise ValueError(f"no such number: {NUMBER}")


def test_a_task_that_fails_is_logged_by_its_name_without_the_text(log_lines: Any) -> None:
    """As a worker traces it; Celery puts the exception's text into the message."""
    from celery.app.trace import build_tracer

    task = current_app.tasks["tests.fails_about_a_person"]
    build_tracer(task.name, task, app=current_app, eager=False)("0192f3c4-5a00-7000-8000-00000000000a", (), {}, {"id": "x", "is_eager": False})
    [line] = [line for line in parsed(log_lines()) if line["logger"] == "celery.app.trace"]
    assert (line["task"], line["error"], line["level"]) == ("tests.fails_about_a_person", "ValueError", "error")
    assert NUMBER not in "".join(log_lines())


@pytest.mark.django_db
def test_an_address_that_somebody_typed_a_number_into_is_not_logged(log_lines: Any, client_of: Any) -> None:
    client = client_of(factories.alice())
    for url in [f"/patienter/{NUMBER}/", f"/{NUMBER}", f"/patienter/?q={NUMBER}", f"/bestallningar/?patient={NUMBER}", f"/konto/logga-in/?next=/{NUMBER}"]:
        client.get(url)
    Client().get("/", headers={"host": f"{NUMBER}.example"})
    assert NUMBER not in "".join(log_lines())


@pytest.mark.django_db
def test_the_requests_id_is_in_its_log_lines_and_in_its_answer(log_lines: Any, client: Client) -> None:
    first, second = (client.put("/api/sesam2/v1/messages/x", b"{}", content_type="application/json", headers={"X-Request-Id": "forged"}) for _ in range(2))
    ids = [line["request_id"] for line in parsed(log_lines()) if line["event"] == "sesam2.not_let_in"]
    assert ids == [first["X-Request-Id"], second["X-Request-Id"]]
    assert len(set(ids)) == 2
    assert "forged" not in ids
