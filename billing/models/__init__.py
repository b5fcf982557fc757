"""Fakturaunderlag: the bases, their lines and sums, who may read them, what was found in them, and the files that are made of them."""

from billing.models.bases import InvoiceBasis, InvoiceBasisHistory
from billing.models.files import InvoiceFile, InvoiceFilePart
from billing.models.findings import Check, Finding, FindingHistory
from billing.models.grants import InvoiceGrant, Scope
from billing.models.lines import ChargingKind, CustomerSum, InvoiceLine, InvoiceSum, LineChange

__all__ = [
    "ChargingKind",
    "Check",
    "CustomerSum",
    "Finding",
    "FindingHistory",
    "InvoiceBasis",
    "InvoiceBasisHistory",
    "InvoiceFile",
    "InvoiceFilePart",
    "InvoiceGrant",
    "InvoiceLine",
    "InvoiceSum",
    "LineChange",
    "Scope",
]
