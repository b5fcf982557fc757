"""SESAM2's messages about felrapporter: unpack, then one action."""

from faultreports import sesam2
from faultreports.actions import answers
from integration import contract
from integration.registry import handles


@handles("FaultReportStatus", "F")
def fault_report_status(body: contract.FaultReportStatus, *, subject: str, sequence: int) -> None:
    answers.record_status(subject, sequence=sequence, status=sesam2.status(body.status), case_number=body.erp_case_number or "")


@handles("FaultReportAnswer", "F")
def fault_report_answer(body: contract.FaultReportAnswer, *, subject: str, sequence: int) -> None:
    answers.record_answer(subject, sequence=sequence, answer=sesam2.answer(body))
