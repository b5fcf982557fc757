"""What changes of who a patient is have in common: the history row, its number, SESAM2 told, and that only the last can be taken back."""

from typing import Any

from accounts.models import Assignment
from integration import contract, outbox
from integration.numbers import next_number
from patients.models import Patient, PatientHistory

Event = PatientHistory.Event
# Those that can be taken back, last first.
UNDOABLE = [Event.IDENTITY_CHANGED, Event.MERGED]


class NotUndoable(Exception):
    """The change has been taken back already, or another one came after it that must be taken back first."""


def told_to_sesam2(
    message_type: str, body: contract.PatientIdentityChanged | contract.PayerChanged, *, patient: Patient, event: str, by: Assignment, **fields: Any
) -> PatientHistory:
    """The history row of a change, and the message about it. What takes a change back goes under that change's own number."""
    undoes: PatientHistory | None = fields.get("undoes")
    number = undoes.number if undoes else next_number("P")
    row = PatientHistory.objects.create(patient=patient, event=event, by=by, number=number, **fields)
    outbox.queue(message_type, subject=number, body=body)
    return row


def last_undoable(patient: Patient) -> PatientHistory | None:
    """The change of who the patient is that can be taken back now."""
    return PatientHistory.objects.filter(patient=patient, event__in=UNDOABLE, undone_by__isnull=True).select_related("other").order_by("-id").first()


def require_undoable(patient: Patient, change: PatientHistory) -> None:
    """`patient` is locked, so that nobody else takes the change back meanwhile. Raises `NotUndoable`."""
    last = last_undoable(patient)
    if last is None or last.pk != change.pk:
        raise NotUndoable
