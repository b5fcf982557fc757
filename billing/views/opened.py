"""How the pages of a basis open it, and the tabs that they share."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from accounts.models import CareUnit, Customer
from billing import access
from billing.models import InvoiceBasis, InvoiceLine


def open_basis(request: HttpRequest, public_id: uuid.UUID, *, activity: str, action: str = access.Action.READ) -> InvoiceBasis:
    """The basis, whose opening is logged; 404 for one that the assignment may not read."""
    try:
        return access.open_basis(request.assignment, public_id, activity=activity, action=action)  # type: ignore[attr-defined]
    except access.NoSuchBasis:
        raise Http404 from None


def open_lines(request: HttpRequest, public_id: uuid.UUID, *, activity: str) -> InvoiceBasis:
    """As `open_basis`, of one that has been read in."""
    basis = open_basis(request, public_id, activity=activity)
    if not basis.is_readable:
        raise Http404
    return basis


def tabs(basis: InvoiceBasis, shown: str) -> list[tuple[str, str, bool]]:
    """The pages of the basis, as components/tabs.html takes them."""
    pages = [("Översikt", "billing:basis"), ("Rader", "billing:lines"), ("Kontroller", "billing:findings")]
    if basis.replaces_id:
        pages.append(("Ändringar", "billing:changes"))
    return [(text, reverse(name, args=[basis.public_id]), name == shown) for text, name in pages]


def names_on(line: InvoiceLine) -> dict[str, Any]:
    """The customer and the unit that the line names, where the portal knows them, as billing/_line_facts.html takes them."""
    return {
        "customer": Customer.objects.filter(number=line.customer_number).first(),
        "unit": CareUnit.objects.filter(hsa_id=line.unit_hsa_id).first() if line.unit_hsa_id else None,
    }
