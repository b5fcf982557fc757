"""Felrapporter: the report, what has happened to it, and what SESAM2 has answered."""

from faultreports.models.answers import FaultReportAnswer, WithheldAnswer, WithheldText
from faultreports.models.reports import AidPlan, DeliveryFault, FaultReport, FaultReportAttachment, FaultReportHistory, Kind, Status

__all__ = [
    "AidPlan",
    "DeliveryFault",
    "FaultReport",
    "FaultReportAnswer",
    "FaultReportAttachment",
    "FaultReportHistory",
    "Kind",
    "Status",
    "WithheldAnswer",
    "WithheldText",
]
