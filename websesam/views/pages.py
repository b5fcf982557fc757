"""The start page, help, health, and errors."""

import structlog
from celery import current_app
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import Assignment, News, Notice
from accounts.permissions import Permission, may, public, requires
from core import context
from integration.models import IncomingMessage, OutgoingMessage
from orders.models import Order
from patients import access
from patients.forms import NumberForm

log = structlog.get_logger(__name__)
SHOWN_ON_START = 10
MOST_NOTICES = 50


@requires(Permission.USE_PORTAL)
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """What needs a person now, what is on its way, what one wants to order."""
    assignment: Assignment = request.assignment
    notices = list(Notice.objects.visible_to(assignment).unread().order_by("-created_at", "-id")[:MOST_NOTICES])
    page = {
        "notices": notices,
        "news": News.objects.visible_to(assignment).order_by("-shown_from")[:3],
        "greeting": _greeting(),
        "may_act": may(assignment, Permission.PLACE_ORDER),
    }
    if may(assignment, Permission.SEE_ORDERS):
        orders = Order.objects.listed_to(assignment).for_list()
        drafts = list(orders.drafts().filter(orderer__user=assignment.user_id).order_by("-changed_at")[:SHOWN_ON_START])
        on_their_way = list(orders.open().order_by("-placed_at", "-id")[:SHOWN_ON_START])
        access.log_listing(
            assignment,
            ((order.patient, access.Resource("Kundorder", order.number or "utkast")) for order in [*drafts, *on_their_way]),
            activity="Startsidan",
        )
        page |= {"drafts": drafts, "open_orders": on_their_way}
    if may(assignment, Permission.OPEN_PATIENT):
        page["number_form"] = NumberForm()
    return render(request, "websesam/start.html", page)


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
