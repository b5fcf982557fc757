"""Hämtorder: the order, its items, what SESAM2 has told about it, the receipts of what was handed over, and the region's terms."""

from pickups.models.orders import NOT_PLANNED, OPEN, PickupHistory, PickupItem, PickupOrder, PlaceChange, Status, StatusReport
from pickups.models.receipts import (
    Condition,
    Outcome,
    ReceiptFile,
    ReceiptItem,
    ReceiptItemQuerySet,
    ReceiptQuerySet,
    ReceiptUpload,
    ReceiptVersion,
    ReturnReceipt,
    Signing,
)
from pickups.models.terms import LoadCarrier, PickupTerms, Reason

__all__ = [
    "NOT_PLANNED",
    "OPEN",
    "Condition",
    "LoadCarrier",
    "Outcome",
    "PickupHistory",
    "PickupItem",
    "PickupOrder",
    "PickupTerms",
    "PlaceChange",
    "Reason",
    "ReceiptFile",
    "ReceiptItem",
    "ReceiptItemQuerySet",
    "ReceiptQuerySet",
    "ReceiptUpload",
    "ReceiptVersion",
    "ReturnReceipt",
    "Signing",
    "Status",
    "StatusReport",
]
