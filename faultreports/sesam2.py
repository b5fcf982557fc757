"""The dictionary between a felrapport and the contract (sections 4 and 5). Foreign words stand only here."""

import dataclasses
import datetime
from collections.abc import Sequence

from faultreports.models import AidPlan, DeliveryFault, FaultReport, FaultReportAttachment, Kind, Status
from integration import contract
from ordering import sesam2 as common
from patients.sesam2 import patient_ref

# --- Ours → SESAM2 --------------------------------------------------------------------------------

# A delivery and a service are what the centre does; all else is about a product.
_ABOUT_SERVICE = {Kind.DELIVERY, Kind.SERVICE}


def fault_report(report: FaultReport, files: Sequence[FaultReportAttachment]) -> contract.FaultReport:
    """The report as it is at this moment. Of a protected person only the number goes out."""
    customer, happened_on = report.customer, report.happened_on
    assert customer is not None  # constraint fault_report_number_comes_with_sending
    assert happened_on is not None  # constraint sent_fault_report_says_what_and_when
    return contract.FaultReport(
        report_number=str(report.number),
        about=contract.FaultAbout.SERVICE if report.kind in _ABOUT_SERVICE else contract.FaultAbout.PRODUCT,
        type=contract.FaultType.COMPLAINT if report.kind == Kind.SERVICE else contract.FaultType(report.kind),
        reporter=common.person(report.reporter),
        party=common.party(report.unit, customer),
        patient=patient_ref(report.patient) if report.patient else None,
        aid=_aid(report),
        store=contract.StoreRef(store_number=report.store_number, unit_hsa_id=report.unit.hsa_id) if report.store_number else None,
        order_number=report.order_number or None,
        despatch_number=report.despatch_number or None,
        invoice_line=contract.InvoiceLineRef(basis_id=report.basis_number, line=report.basis_line) if report.basis_line else None,
        place=report.place or None,
        present=report.present or None,
        happened_on=happened_on,
        description=description(report),
        measures=report.measures or None,
        replacement_wanted=report.wants_replacement,
        sends_aid_in=report.aid_plan == AidPlan.SENT_IN if report.aid_plan else None,
        reported_to_authority=report.is_reported_to_authority,
        answer_wanted=report.wants_answer,
        attachments=[common.attachment(file.attachment) for file in files],
    )


def description(report: FaultReport) -> str:
    """The contract has one text: what is chosen under headings of its own, and has no field there, stands before it."""
    parts = [
        f"Leveransen: {DeliveryFault(report.delivery_fault).label}." if report.delivery_fault else "",
        f"Orderrad {report.order_line}." if report.order_line else "",
        f"Hjälpmedlet: {AidPlan(report.aid_plan).label.lower()}." if report.aid_plan else "",
        report.description,
    ]
    return "\n".join(part for part in parts if part)


def _aid(report: FaultReport) -> contract.Aid | None:
    if not report.aid_name:
        return None
    return contract.Aid(individual_number=report.individual_number or None, article_number=report.article_number or None, name=report.aid_name)


def lost_aid_found(report: FaultReport) -> contract.LostAidFound:
    assert report.found_on is not None  # constraint what_is_found_was_lost
    return contract.LostAidFound(report_number=str(report.number), found_on=report.found_on, note=report.found_note or None)


# --- SESAM2 → ours --------------------------------------------------------------------------------


def status(state: contract.FaultState) -> Status:
    return Status(state.value)


@dataclasses.dataclass(frozen=True)
class Answer:
    """A FaultReportAnswer in our words."""

    is_for_reporter: bool
    text: str
    answered_by: str
    answered_at: datetime.datetime


def answer(body: contract.FaultReportAnswer) -> Answer:
    return Answer(is_for_reporter=body.answer_to_reporter, text=body.answer, answered_by=body.answered_by or "", answered_at=body.answered_at)
