"""Lists of hämtorder: search, the week's route, drafts, other units', and the list as an Excel file."""

import datetime
import itertools

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, requires
from core.templatetags.ui import long_day
from ordering import listing
from ordering.views import lists
from pickups.forms.search import SearchForm, WeekForm
from pickups.models import PickupOrder
from pickups.views.opened import HAMTORDER

MOST_IN_WEEK = 300


@requires(Permission.SEE_ORDERS)
@require_http_methods(["GET", "POST"])
def order_list(request: HttpRequest) -> HttpResponse:
    """Sök hämtorder."""
    return lists.order_list(request, HAMTORDER, SearchForm, tabs=tabs)


def tabs(shown: str) -> listing.Tabs:
    """All lists of hämtorder, as components/tabs.html takes them. `shown` is what follows the list's address."""
    names = [
        ("Alla", ""),
        ("Öppna", f"?status={SearchForm.OPEN}"),
        ("Försenade", f"?status={SearchForm.LATE}"),
        ("Veckans hämtningar", "vecka/"),
        ("Utkast", "utkast/"),
        ("Kvitton", "kvitton/"),
    ]
    return [(text, reverse("pickups:list") + rest, rest == shown) for text, rest in names]


@requires(Permission.SEE_ORDERS)
@require_GET
def week(request: HttpRequest) -> HttpResponse:
    """What is to be fetched during a week, day by day in the order of the addresses, to read and to print."""
    monday = WeekForm(request.GET).monday
    found = PickupOrder.objects.listed_to(request.assignment).planned_between(monday, monday + datetime.timedelta(days=6)).for_list()
    rows = list(found.order_by("promised_on", "postal_code", "street", "id")[: MOST_IN_WEEK + 1])
    lists.log(request, HAMTORDER, rows[:MOST_IN_WEEK], activity="Veckans hämtningar")
    coming = None
    if not rows:
        planned = PickupOrder.objects.listed_to(request.assignment).planned_between(monday + datetime.timedelta(days=7), datetime.date.max)
        coming = planned.order_by("promised_on", "postal_code", "street", "id").values_list("promised_on", flat=True).first()
    context = {
        "days": [(day, list(orders)) for day, orders in itertools.groupby(rows[:MOST_IN_WEEK], key=lambda row: row.promised_on)],
        "is_cut": len(rows) > MOST_IN_WEEK,
        "most": MOST_IN_WEEK,
        "number": monday.isocalendar().week,
        "monday": monday,
        "sunday": monday + datetime.timedelta(days=6),
        "coming_url": f"?vecka={_week(coming)}" if coming else "",
        "coming_text": f"Nästa hämtning är {long_day(coming)}",
        "before": _week(monday - datetime.timedelta(days=7)),
        "after": _week(monday + datetime.timedelta(days=7)),
        "tabs": tabs("vecka/"),
        "unit": request.assignment.unit,
    }
    return render(request, "pickups/week.html", context)


def _week(day: datetime.date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


@requires(Permission.SEE_ORDERS)
@require_GET
def draft_list(request: HttpRequest) -> HttpResponse:
    found = PickupOrder.objects.listed_to(request.assignment).drafts()
    return lists.unsent(request, HAMTORDER, found, template="pickups/drafts.html", activity="Utkast", tabs=tabs("utkast/"))


COLUMNS = (
    "Ordernummer",
    "Skickad",
    "Orsak",
    "Patient",
    "Hjälpmedel",
    "Individnummer",
    "Status",
    "Försenad",
    "Hämtdag",
    "Hämtas senast",
    "Hyran slutar",
    "Beställare",
)


@requires(Permission.SEE_ORDERS)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    return lists.export(request, HAMTORDER, SearchForm, columns=COLUMNS, row=_row)


def _row(order: PickupOrder) -> list[str | int]:
    items = list(order.items.all())
    return [
        str(order.number),
        f"{timezone.localtime(order.placed_at):%Y-%m-%d %H:%M}",
        order.get_reason_display(),
        order.patient.short_name if order.patient_id else str(order.store),
        ", ".join(f"{item.quantity} {item.article_name}" for item in items),
        ", ".join(item.individual_number for item in items if item.individual_number),
        order.shown_status.label,
        "Ja" if order.is_late else "",
        *(day.isoformat() if day else "" for day in (order.promised_on, order.fetch_by, order.rent_ends_on)),
        order.orderer.user.name,
    ]


@requires(Permission.SEE_ORDERS)
@require_http_methods(["GET", "POST"])
def other_units(request: HttpRequest) -> HttpResponse:
    return lists.other_units(request, HAMTORDER)


@requires(Permission.SEE_ORDERS)
@require_POST
def only_own_unit(request: HttpRequest) -> HttpResponse:
    return lists.only_own_unit(request, HAMTORDER)
