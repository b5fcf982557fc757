"""Lists of arbetsorder: search, planned visits by day, drafts, other units', and the list as an Excel file."""

import itertools

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, requires
from core.paging import keyset_page
from core.templatetags.ui import last_day
from ordering import listing
from ordering.views import lists
from workorders.forms import SearchForm
from workorders.models import Status, WorkOrder
from workorders.views.opened import ARBETSORDER


@requires(Permission.SEE_ORDERS)
@require_http_methods(["GET", "POST"])
def order_list(request: HttpRequest) -> HttpResponse:
    """Sök arbetsorder."""
    return lists.order_list(request, ARBETSORDER, SearchForm, tabs=_tabs)


def _tabs(shown: str) -> listing.Tabs:
    """All lists of arbetsorder, as components/tabs.html takes them. `shown` is what follows the list's address."""
    lists = [
        ("Alla", ""),
        ("Öppna", f"?status={SearchForm.OPEN}"),
        ("Försenade", f"?status={SearchForm.LATE}"),
        ("Att komplettera", f"?status={Status.NEEDS_COMPLETION}"),
        ("Planerade besök", "planerade/"),
        ("Utkast", "utkast/"),
    ]
    return [(text, reverse("workorders:list") + rest, rest == shown) for text, rest in lists]


@requires(Permission.SEE_ORDERS)
@require_GET
def planned(request: HttpRequest) -> HttpResponse:
    """Planned visits from today on, by day."""
    found = WorkOrder.objects.listed_to(request.assignment).coming(timezone.localdate()).filter(status=Status.PLANNED)
    page = keyset_page(found.for_list(), order=("visit_on", "id"), cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    lists.log(request, ARBETSORDER, page.rows, activity="Planerade besök")
    days = [(day, list(rows)) for day, rows in itertools.groupby(page.rows, key=lambda row: row.planned_on)]
    return render(request, "workorders/planned.html", {"page": page, "days": days, "tabs": _tabs("planerade/")})


@requires(Permission.SEE_ORDERS)
@require_GET
def draft_list(request: HttpRequest) -> HttpResponse:
    found = WorkOrder.objects.listed_to(request.assignment).drafts()
    return lists.unsent(request, ARBETSORDER, found, template="workorders/drafts.html", activity="Utkast", tabs=_tabs("utkast/"))


COLUMNS = ("Ordernummer", "Skickad", "Slag", "Patient", "Hjälpmedel", "Individnummer", "Status", "Försenad", "Planerad", "Klar senast", "Beställare", "Kund")


@requires(Permission.SEE_ORDERS)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    return lists.export(request, ARBETSORDER, SearchForm, columns=COLUMNS, row=_row)


def _row(order: WorkOrder) -> list[str | int]:
    return [
        str(order.number),
        f"{timezone.localtime(order.placed_at):%Y-%m-%d %H:%M}",
        order.get_kind_display(),
        order.patient.short_name,
        order.aid_name,
        order.individual_number,
        order.shown_status.label,
        "Ja" if order.is_late else "",
        order.planned_on.isoformat() if order.planned_on else "",
        last_day(order.done_by).isoformat() if order.done_by else "",
        order.orderer.user.name,
        order.customer_number,
    ]


@requires(Permission.SEE_ORDERS)
@require_http_methods(["GET", "POST"])
def other_units(request: HttpRequest) -> HttpResponse:
    return lists.other_units(request, ARBETSORDER)


@requires(Permission.SEE_ORDERS)
@require_POST
def only_own_unit(request: HttpRequest) -> HttpResponse:
    return lists.only_own_unit(request, ARBETSORDER)
