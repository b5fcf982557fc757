"""Lists of kundorder: search, per förskrivare, drafts, those that wait for approval, other units', and the list as an Excel file."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Assignment
from accounts.permissions import Permission, requires
from accounts.roles import Role
from ordering import listing
from ordering.views import lists
from orders.forms import SearchForm
from orders.models import CustomerOrderQuerySet, Order
from orders.views.opened import KUNDORDER


@requires(Permission.SEE_ORDERS)
@require_http_methods(["GET", "POST"])
def order_list(request: HttpRequest) -> HttpResponse:
    """Sök kundorder."""
    return lists.order_list(request, KUNDORDER, SearchForm, tabs=tabs_of)


def tabs_of(shown: str) -> listing.Tabs:
    """All lists of kundorder, as components/tabs.html takes them. `shown` is what follows the list's address."""
    lists = [
        ("Alla", ""),
        ("Öppna", f"?status={SearchForm.OPEN}"),
        ("Försenade", f"?status={SearchForm.LATE}"),
        ("Per förskrivare", "per-forskrivare/"),
        ("Utkast", "utkast/"),
        ("Att godkänna", "godkannanden/"),
    ]
    return [(text, reverse("orders:list") + rest, rest == shown) for text, rest in lists]


# --- Excel -------------------------------------------------------------------------------------------

COLUMNS = (
    "Ordernummer",
    "Slag",
    "Skickad",
    "Patient",
    "Artiklar",
    "Beställt",
    "Levererat",
    "Leveransdatum",
    "Status",
    "Försenad",
    "Förskrivare",
    "Beställare",
    "Kund",
    "Enhet",
    "Förråd",
)


@requires(Permission.SEE_ORDERS)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    return lists.export(request, KUNDORDER, SearchForm, columns=COLUMNS, row=_row)


def _row(order: Order) -> list[str | int]:
    lines = list(order.lines.all())
    return [
        str(order.number),
        order.kind_word,
        f"{timezone.localtime(order.placed_at):%Y-%m-%d %H:%M}",
        order.patient.short_name if order.patient_id is not None else "",
        "; ".join(f"{line.quantity} {line.article_name}" for line in lines),
        sum(line.quantity for line in lines),
        sum(line.delivered for line in lines),
        order.promised_on.isoformat() if order.promised_on else "",
        order.shown_status.label,
        "Ja" if order.is_delayed else "",
        order.prescriber.user.name if order.prescriber_id is not None else "",
        order.orderer.user.name if order.orderer_id is not None else "Automatisk påfyllning",
        order.customer_number,
        order.unit.name,
        order.store.name if order.store is not None else "",
    ]


# --- Per förskrivare ---------------------------------------------------------------------------------


@requires(Permission.SEE_ORDERS)
@require_GET
def per_prescriber(request: HttpRequest) -> HttpResponse:
    """Rekvirerat per förskrivare: how many orders each has at the unit, how many of them are open and late, with ways to the lists."""
    by = request.assignment
    theirs = Order.objects.listed_to(by).sent().filter(prescriber=OuterRef("pk"))
    today = timezone.localdate()
    prescribers = (
        Assignment.objects.filter(unit=by.unit_id, role=Role.PRESCRIBER)
        .select_related("user")
        .annotate(all_orders=_number_of(theirs), open_orders=_number_of(theirs.open()), late_orders=_number_of(theirs.late(today)))
        .filter(all_orders__gt=0)
        .order_by("user__name", "pk")
    )
    return render(request, "orders/per_prescriber.html", {"rows": prescribers, "most": listing.MOST_COUNTED, "tabs": tabs_of("per-forskrivare/")})


def _number_of(found: CustomerOrderQuerySet) -> Func:
    """Counted no further than `MOST_COUNTED`, in the order of an index (see `listing.count`)."""
    return Func(
        ArraySubquery(found.order_by("-placed_at", "-id").values("pk")[: listing.MOST_COUNTED + 1]), function="CARDINALITY", output_field=IntegerField()
    )


# --- Before they are sent ----------------------------------------------------------------------------


@requires(Permission.SEE_ORDERS)
@require_GET
def draft_list(request: HttpRequest) -> HttpResponse:
    """The unit's drafts; one's own with ?vems=mina."""
    found = Order.objects.listed_to(request.assignment).drafts()
    is_own = request.GET.get("vems") == "mina"
    if is_own:
        found = found.filter(orderer__in=own_assignments(request.assignment))
    return lists.unsent(request, KUNDORDER, found, template="orders/drafts.html", activity="Utkast", tabs=tabs_of("utkast/"), is_own=is_own)


def own_assignments(by: Assignment) -> list[int]:
    """The person's roles at the unit: what was begun in one is one's own in the other. As numbers, so that the list of one is read by its index."""
    return list(Assignment.objects.filter(user=by.user_id, unit=by.unit_id).values_list("pk", flat=True))


# --- Other units -------------------------------------------------------------------------------------


@requires(Permission.SEE_ORDERS)
@require_http_methods(["GET", "POST"])
def other_units(request: HttpRequest) -> HttpResponse:
    return lists.other_units(request, KUNDORDER)


@requires(Permission.SEE_ORDERS)
@require_POST
def only_own_unit(request: HttpRequest) -> HttpResponse:
    return lists.only_own_unit(request, KUNDORDER)
