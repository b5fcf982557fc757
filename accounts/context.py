"""What base.html needs on every page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.permissions import Permission, may

_MENU = [
    ("Start", "start", Permission.USE_PORTAL, "/"),
    ("Patient", "patients:find", Permission.OPEN_PATIENT, "/patienter/"),
    ("Hjälpmedel", "catalog:list", Permission.SEE_CATALOG, "/hjalpmedel/"),
    ("Beställningar", "orders:list", Permission.SEE_ORDERS, "/bestallningar/"),
    ("Att godkänna", "orders:approvals", Permission.APPROVE_ORDER, "/bestallningar/godkannanden/"),
    ("Arbetsorder", "workorders:list", Permission.SEE_ORDERS, "/arbetsorder/"),
]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The menu, with only what the role opens."""
    assignment = getattr(request, "assignment", None)
    shown = [item for item in _MENU if may(assignment, item[2])]
    # The narrowest part of the portal that the page lies in; the start page is a part of none.
    here = max((prefix for *_, prefix in shown if prefix != "/" and request.path.startswith(prefix)), key=len, default=request.path)
    items = [{"label": label, "url": reverse(name), "active": prefix == here} for label, name, _, prefix in shown]
    return {"navigation": items, "assignment": assignment}
