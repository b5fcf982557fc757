"""The start page and one's notices, help, health, and errors."""

from typing import Any

import structlog
from celery import current_app
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts import actions as accounts
from accounts.models import Assignment, News, Notice
from accounts.permissions import Permission, may, public, requires
from buffer import listing as stock
from core import context
from core.paging import keyset_page
from integration.models import IncomingMessage, OutgoingMessage
from ordering import listing
from orders.models import Order
from orders.views.lists import own_assignments
from patients import access
from patients.forms import NumberForm
from websesam import on_its_way
from websesam.panels import START_ACTIONS

log = structlog.get_logger(__name__)
SHOWN_ON_START = 10
SHOWN_TO_DO = 5
MOST_TO_DO = 99  # counted no further
NOTICES_PER_PAGE = 25


# What is to be acted on first.
KINDS = {
    "makulerat": ("Makulerat", [Notice.Tone.DANGER]),
    "forsenat": ("Försenat eller ändrat", [Notice.Tone.WARNING]),
    "besked": ("Besked", [Notice.Tone.INFO, Notice.Tone.SUCCESS]),
}
NEED_SOMEBODY = {"makulerat", "forsenat"}


@requires(Permission.USE_PORTAL)
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """What needs a person now, what the centre tells, what is on its way, what one wants to order."""
    assignment: Assignment = request.assignment
    groups = [group for key in KINDS if (group := _group(assignment, key))["rows"]]
    page: dict[str, Any] = {
        "groups": groups,
        "to_do": sum(group["number"] for group in groups if group["key"] in NEED_SOMEBODY),
        "most": MOST_TO_DO,
        "news": News.objects.visible_to(assignment).order_by("-shown_from", "-pk")[:3],
        "greeting": _greeting(),
        "may_act": may(assignment, Permission.PLACE_ORDER),
    }
    if may(assignment, Permission.SEE_ORDERS):
        orders = Order.objects.listed_to(assignment)
        drafts = orders.drafts().filter(orderer__in=own_assignments(assignment))
        waiting = Order.objects.waiting_for(assignment).without_protected(assignment)
        shown = {
            "drafts": list(drafts.for_list().order_by(*listing.NEWEST)[:SHOWN_TO_DO]),
            "waiting": list(waiting.for_list().order_by(*listing.NEWEST)[:SHOWN_TO_DO]),
        }
        page |= shown
        page |= {"waiting_count": listing.count(waiting, order=listing.NEWEST), "draft_count": listing.count(drafts, order=listing.NEWEST)}
        page["open_orders"], on_its_way_shown = on_its_way.newest(assignment, size=SHOWN_ON_START)
        page["open_count"] = on_its_way.count(assignment)
        page["to_do"] += page["waiting_count"].number
        rows = [order for found in shown.values() for order in found]
        looked_at = [(order.patient, access.Resource("Kundorder", order.number or "utkast")) for order in rows]
        access.log_listing(assignment, [*looked_at, *on_its_way_shown], activity="Startsidan")
    if may(assignment, Permission.OPEN_PATIENT):
        page["number_form"] = NumberForm()
    if may(assignment, Permission.SEE_STORE):
        page["stores"] = stock.summaries(assignment)
    page["actions"] = [(action.label, reverse(action.url_name)) for action in START_ACTIONS if may(assignment, action.permission)]
    return render(request, "websesam/start.html", page)


def _group(assignment: Assignment, key: str) -> dict[str, Any]:
    """Notices of one kind: the first few, and how many there are (`MOST_TO_DO` + 1: more than that)."""
    title, tones = KINDS[key]
    found = Notice.objects.visible_to(assignment).unread().filter(tone__in=tones).order_by("-created_at", "-id")
    rows = list(found[: MOST_TO_DO + 1])
    return {"key": key, "title": title, "rows": rows[:SHOWN_TO_DO], "number": len(rows)}


@requires(Permission.USE_PORTAL)
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """All of one's unread notices, page by page; of one kind with ?slag=."""
    found = Notice.objects.visible_to(request.assignment).unread()
    key = request.GET.get("slag", "")
    if key in KINDS:
        found = found.filter(tone__in=KINDS[key][1])
    page = keyset_page(found, order=("-created_at", "-id"), cursor=request.GET.get("cursor"), size=NOTICES_PER_PAGE)
    tabs = [("Alla", reverse("notices"), key not in KINDS)]
    tabs += [(title, f"{reverse('notices')}?slag={kind}", key == kind) for kind, (title, _) in KINDS.items()]
    return render(request, "websesam/notices.html", {"page": page, "tabs": tabs, "may_act": may(request.assignment, Permission.PLACE_ORDER), "kind": key})


@requires(Permission.USE_PORTAL)
@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    """Those that the page showed are read; what came since stays."""
    shown = [int(pk) for pk in request.POST.getlist("notice")[:NOTICES_PER_PAGE] if pk.isascii() and pk.isdigit() and len(pk) < 19]
    accounts.mark_shown_read(request.assignment, shown)
    key = request.POST.get("slag", "")
    return redirect(f"{reverse('notices')}?slag={key}" if key in KINDS else reverse("notices"))


def _greeting() -> str:
    hour = timezone.localtime().hour
    return "God natt" if hour < 5 else "God morgon" if hour < 10 else "Hej" if hour < 18 else "God kväll"


@public
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "websesam/help.html")


@public
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "websesam/accessibility.html")


# --- Health ----------------------------------------------------------------------------------------


@public
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@public
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, else 503. The broker and the queues are told, but do not take the portal out of service:
    orders are saved without them.
    """
    state: dict[str, object] = {"database": "ok", "broker": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        waiting = OutgoingMessage.objects.filter(state=OutgoingMessage.State.WAITING).aggregate(oldest=Min("created_at"))["oldest"]
        state["oldest_waiting_seconds"] = int((timezone.now() - waiting).total_seconds()) if waiting else 0
        state["parked"] = OutgoingMessage.objects.filter(state=OutgoingMessage.State.PARKED).count()
        state["parked_incoming"] = IncomingMessage.objects.filter(state=IncomingMessage.State.PARKED).count()
    except DatabaseError:
        state["database"] = "away"
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
    except Exception:  # noqa: BLE001 - see below
        # Whatever the broker's library raises: it is away, and the sweep does its work.
        state["broker"] = "away"
    return JsonResponse(state, status=200 if state["database"] == "ok" else 503)


# --- Errors ----------------------------------------------------------------------------------------


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Also for what is forbidden: it looks as what does not exist."""
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without database and session: they may be what is broken."""
    return HttpResponse(loader.render_to_string("500.html", {"request_id": context.current.get().request_id}), status=500)
