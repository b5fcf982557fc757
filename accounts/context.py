"""What base.html needs on every page."""

import dataclasses
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.permissions import Permission, may

P = Permission


@dataclasses.dataclass(frozen=True)
class Entry:
    """A part of the portal: its first page, who may open it, and the beginning of the addresses that lie in it.

    Entries of one `group` share a place in the menu, and stand side by side on their first pages.
    """

    label: str
    url_name: str
    permission: Permission
    prefix: str
    group: str = ""


MENU = [
    Entry("Start", "start", P.USE_PORTAL, "/"),
    Entry("Patient", "patients:find", P.OPEN_PATIENT, "/patienter/"),
    Entry("Hjälpmedel", "catalog:list", P.SEE_CATALOG, "/hjalpmedel/"),
    Entry("Kundorder", "orders:list", P.SEE_ORDERS, "/bestallningar/", group="Beställningar"),
    Entry("Arbetsorder", "workorders:list", P.SEE_ORDERS, "/arbetsorder/", group="Beställningar"),
    Entry("Hämtorder", "pickups:list", P.SEE_ORDERS, "/hamtorder/", group="Beställningar"),
    Entry("Förråd", "buffer:stores", P.SEE_STORE, "/buffertforrad/"),
    Entry("Att godkänna", "orders:approvals", P.APPROVE_ORDER, "/bestallningar/godkannanden/"),
]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The menu with only what the role opens, and, on the first page of an entry that shares its place, the entries of its group."""
    assignment = getattr(request, "assignment", None)
    shown = [entry for entry in MENU if may(assignment, entry.permission)]
    # The narrowest part of the portal that the page lies in; the start page is a part of none.
    here = max((entry for entry in shown if _lies_in(request.path, entry)), key=lambda entry: len(entry.prefix), default=None)
    menu: dict[str, dict[str, Any]] = {}
    for entry in shown:
        item = menu.setdefault(entry.group or entry.label, {"label": entry.group or entry.label, "url": reverse(entry.url_name), "active": False})
        item["active"] = item["active"] or entry is here
    beside = [entry for entry in shown if here and here.group and entry.group == here.group]
    is_first_page = here is not None and request.path == reverse(here.url_name)
    return {
        "navigation": list(menu.values()),
        "beside": [(entry.label, reverse(entry.url_name), entry is here) for entry in beside] if is_first_page and len(beside) > 1 else [],
        "beside_label": here.group if here else "",
        "assignment": assignment,
    }


def _lies_in(path: str, entry: Entry) -> bool:
    return path == entry.prefix if entry.prefix == "/" else path.startswith(entry.prefix)
