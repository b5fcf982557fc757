"""Arbetsorder: the order, what SESAM2 has told about it, and the region's terms."""

from workorders.models.orders import (
    Kind,
    Place,
    Side,
    Status,
    WorkOrder,
    WorkOrderAttachment,
    WorkOrderHistory,
)
from workorders.models.reports import CostProposal, StatusReport
from workorders.models.terms import CallOut, ConsultationPurpose, ServiceLevel

__all__ = [
    "CallOut",
    "ConsultationPurpose",
    "CostProposal",
    "Kind",
    "Place",
    "ServiceLevel",
    "Side",
    "Status",
    "StatusReport",
    "WorkOrder",
    "WorkOrderAttachment",
    "WorkOrderHistory",
]
