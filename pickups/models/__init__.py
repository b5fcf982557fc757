"""Hämtorder: the order, its items, what SESAM2 has told about it, and the region's terms."""

from pickups.models.orders import NOT_PLANNED, OPEN, PickupHistory, PickupItem, PickupOrder, Status, StatusReport
from pickups.models.terms import LoadCarrier, PickupTerms, Reason

__all__ = [
    "NOT_PLANNED",
    "OPEN",
    "LoadCarrier",
    "PickupHistory",
    "PickupItem",
    "PickupOrder",
    "PickupTerms",
    "Reason",
    "Status",
    "StatusReport",
]
