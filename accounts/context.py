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
]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The menu, with only what the role opens."""
    assignment = getattr(request, "assignment", None)
    items = []
    for label, name, permission, prefix in _MENU:
        if may(assignment, permission):
            active = request.path == "/" if prefix == "/" else request.path.startswith(prefix)
            items.append({"label": label, "url": reverse(name), "active": active})
    return {"navigation": items, "assignment": assignment}
