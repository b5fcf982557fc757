"""A felrapport before it is sent."""

import dataclasses
import datetime
import uuid

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment, Customer
from core.lifecycle import IllegalMove
from faultreports.known import ACTIVITY, RESOURCE, Known
from faultreports.models import FaultReport, FaultReportAttachment, Status
from integration import attachments
from integration.models import Attachment
from ordering.sending import ChangedMeanwhile
from patients import access

MOST_FILES = 10


class TooManyFiles(Exception):
    """The report has `MOST_FILES` already."""


@dataclasses.dataclass(frozen=True)
class Content:
    """All that is filled in. None and "" mean: not filled in (yet), or not asked for by the kind."""

    customer: Customer | None
    aid_name: str = ""
    individual_number: str = ""
    order_number: str = ""
    despatch_number: str = ""
    happened_on: datetime.date | None = None
    place: str = ""
    present: str = ""
    description: str = ""
    measures: str = ""
    delivery_fault: str = ""
    aid_plan: str = ""
    wants_replacement: bool | None = None
    is_reported_to_authority: bool | None = None
    wants_answer: bool = True
    is_second: bool = False


# What the numbers that are filled in lead to, besides themselves.
_FOUND = ("patient", "loan", "individual", "article", "individual_number", "article_number", "aid_name")


@transaction.atomic
def start(kind: str, *, by: Assignment, known: Known) -> FaultReport:
    """A draft of the kind about what is known. The one that `by` has begun about the same is gone on with."""
    about = {field.name: getattr(known, field.name) for field in dataclasses.fields(known)}
    given = sorted(name for name, value in about.items() if value)
    begun = FaultReport.objects.drafts().filter(kind=kind, unit=by.unit, reporter=by, given=given, **{name: about[name] for name in given})
    draft = begun.order_by("-id").first()
    if draft is not None:
        return draft
    draft = FaultReport.objects.create(
        kind=kind, unit=by.unit, reporter=by, customer=by.unit.customers.order_by("-is_standard", "number").first(), given=given, **about
    )
    if known.patient is not None:
        access.write(by, [known.patient], action=access.Action.WRITE, activity=ACTIVITY, resource=access.Resource(RESOURCE, "utkast"))
    return draft


@transaction.atomic
def save(report: FaultReport, *, content: Content, found: Known, seen: int | None = None) -> None:
    """Write what was typed, and what the typed numbers lead to (`found`, looked up in the reporter's scope). `seen` is the version that the page showed.

    What the report began with is not written over. Raises `IllegalMove` when it is sent or thrown away, `ChangedMeanwhile` when it is no
    longer the version seen.
    """
    locked, empty = lock(report, seen=seen), FaultReport()
    fields = {field.name: getattr(content, field.name) for field in dataclasses.fields(content)}
    fields |= {name: getattr(found, name) or fields.get(name, getattr(empty, name)) for name in _FOUND}
    FaultReport.objects.filter(pk=report.pk).update(**{name: value for name, value in fields.items() if name not in locked.given})


@transaction.atomic
def attach(report: FaultReport, checked: attachments.Checked, *, by: Assignment) -> Attachment:
    """Store a file that `integration.attachments.check` has let in. Raises `TooManyFiles`, and `IllegalMove` as `save` does."""
    lock(report)
    if FaultReportAttachment.objects.filter(report=report).count() >= MOST_FILES:
        raise TooManyFiles
    attachment = attachments.store(checked)
    FaultReportAttachment.objects.create(report=report, attachment=attachment)
    if report.patient is not None:
        access.write(by, [report.patient], action=access.Action.WRITE, activity="Bifoga fil", resource=access.Resource(RESOURCE, "utkast"))
    return attachment


@transaction.atomic
def detach(report: FaultReport, attachment_id: uuid.UUID) -> None:
    """Take a file off the report; one that is not there is no error."""
    lock(report)
    FaultReportAttachment.objects.filter(report=report, attachment=attachment_id).delete()
    if not FaultReportAttachment.objects.filter(attachment=attachment_id).exists():
        Attachment.objects.filter(pk=attachment_id).delete()


@transaction.atomic
def discard(report: FaultReport, *, by: Assignment) -> None:
    """Throw the draft away. It stays in the database without a number, and is shown nowhere. Raises `IllegalMove`."""
    lock(report)
    report.move_to(Status.DISCARDED, event="DISCARDED", by=by)


def lock(report: FaultReport, *, seen: int | None = None) -> FaultReport:
    """The row, locked so that it isn't sent in the middle; its version is counted up, also on `report`."""
    locked = FaultReport.objects.select_for_update().drafts().filter(pk=report.pk).only("pk", "version", "given").first()
    if locked is None:
        raise IllegalMove("sent, or thrown away")
    if seen is not None and seen != locked.version:
        report.version = locked.version
        raise ChangedMeanwhile
    report.version = locked.version + 1
    FaultReport.objects.filter(pk=report.pk).update(version=report.version, changed_at=timezone.now())
    return locked
