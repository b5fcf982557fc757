"""Kundorder that must be approved: asked for from the page to check, listed, approved, sent back, taken back."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts import actions as accounts
from accounts.permissions import Permission, may, requires
from core.lifecycle import IllegalMove
from core.paging import keyset_page
from orders import rules, timeline
from orders.actions import approvals, orders
from orders.forms import JustificationForm, SendBackForm
from orders.models import Approval, Order, Status, UrgentFee
from orders.views.draft_page import review_page, told
from orders.views.lists import tabs_of
from patients import access

PAGE_SIZE = 25


def ask_again(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Back to the page to check: since it was shown, something has come to need approval."""
    messages.warning(request, "Beställningen behöver godkännas innan den skickas. Skriv en motivering. Inget har skickats.")
    return redirect("orders:review", public_id=public_id)


# --- The order that waits ---------------------------------------------------------------------------


@requires(Permission.SEE_ORDERS)
@require_GET
def approval_list(request: HttpRequest) -> HttpResponse:
    """For an approver what waits for a decision, for others what the unit has sent for approval. The longest waiting first."""
    assignment = request.assignment
    decides = may(assignment, Permission.APPROVE_ORDER)
    found = Order.objects.listed_to(assignment).waiting_for(assignment) if decides else Order.objects.listed_to(assignment).waiting()
    page = keyset_page(found.for_list(), order=("changed_at", "id"), cursor=request.GET.get("cursor"), size=PAGE_SIZE)
    access.log_listing(assignment, ((order.patient, access.Resource(orders.RESOURCE, "väntar")) for order in page.rows), activity="Att godkänna")
    return render(request, "orders/approvals.html", {"page": page, "decides": decides, "tabs": tabs_of("godkannanden/")})


@requires(Permission.SEE_ORDERS)
@require_GET
def approval(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The order as it waits. Opening it makes the reader's notices about it read."""
    order = _open(request, public_id, activity="Visa kundorder")
    accounts.mark_read(request.assignment, url=approvals.url_of(order))
    if order.number is not None:
        return redirect(order)
    if order.status == Status.DRAFT and may(request.assignment, Permission.PLACE_ORDER):
        return redirect(order)
    if order.status != Status.WAITING_FOR_APPROVAL:
        return _no_longer_waits(request, order)
    return _page(request, order, SendBackForm())


@requires(Permission.PLACE_ORDER)
@require_POST
def ask(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Send the draft for approval. A second click finds it waiting, and shows it."""
    order = _open(request, public_id, activity="Granska kundorder")
    if order.status != Status.DRAFT:
        return redirect(order) if order.number or order.status == Status.WAITING_FOR_APPROVAL else _no_longer_waits(request, order)
    form = JustificationForm(request.POST)
    lines = orders.lines_of(order)
    judged = orders.verdicts_of(order, lines, by=request.assignment)
    if not form.is_valid():
        return review_page(request, order, lines, judged=judged, form=form)
    try:
        approvals.ask(order, by=request.assignment, justification=form.cleaned_data["justification"], seen=_version(request))
    except orders.NotReady as error:
        for _, text in error.problems:
            form.add_error(None, text)
        return review_page(request, order, lines, judged=judged, form=form)
    except orders.NotSeen:
        messages.warning(request, "Utkastet har ändrats sedan du granskade det. Granska det igen. Inget har skickats.")
        return redirect("orders:review", public_id=public_id)
    except approvals.NotNeeded:
        messages.info(request, "Beställningen behöver inte godkännas längre. Du kan skicka den. Inget har skickats.")
        return redirect("orders:review", public_id=public_id)
    except access.NoSuchPatient:
        raise Http404 from None
    except (IllegalMove, orders.AlreadySent):
        return redirect(Order.objects.visible_to(request.assignment).get(pk=order.pk))
    messages.success(request, "Beställningen väntar på godkännande. Du får ett meddelande när någon har svarat.")
    return redirect(approvals.url_of(order))


@requires(Permission.APPROVE_ORDER)
@require_POST
def approve(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    order = _open(request, public_id, activity="Godkänna kundorder")

    def decide() -> HttpResponse:
        number = approvals.approve(order, by=request.assignment, seen=_version(request))
        messages.success(request, f"Du har godkänt beställningen. Den är skickad som kundorder {number}.")
        return redirect("orders:approvals")

    return _decided(request, order, decide)


@requires(Permission.APPROVE_ORDER)
@require_POST
def send_back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    order = _open(request, public_id, activity="Skicka tillbaka kundorder")
    form = SendBackForm(request.POST)
    if order.status == Status.WAITING_FOR_APPROVAL and not form.is_valid():
        return _page(request, order, form)

    def decide() -> HttpResponse:
        approvals.send_back(order, by=request.assignment, seen=_version(request), note=form.cleaned_data["note"])
        messages.success(request, "Beställningen är tillbaka hos beställaren.")
        return redirect("orders:approvals")

    return _decided(request, order, decide)


@requires(Permission.PLACE_ORDER)
@require_POST
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    order = _open(request, public_id, activity="Ta tillbaka kundorder")

    def decide() -> HttpResponse:
        approvals.withdraw(order, by=request.assignment)
        messages.success(request, "Beställningen är ett utkast igen. Inget har skickats.")
        return redirect("orders:draft", public_id=public_id)

    return _decided(request, order, decide)


def _decided(request: HttpRequest, order: Order, decide: Callable[[], HttpResponse]) -> HttpResponse:
    """What the decision answers, or what stood in its way."""
    if order.status != Status.WAITING_FOR_APPROVAL:
        return _no_longer_waits(request, order)
    try:
        return decide()
    except access.NoSuchPatient:
        raise Http404 from None
    except (IllegalMove, orders.AlreadySent):
        return _no_longer_waits(request, Order.objects.visible_to(request.assignment).get(pk=order.pk))
    except orders.NotSeen:
        messages.warning(request, "Beställningen har ändrats sedan du öppnade den. Läs den igen. Inget har hänt med den.")
    except approvals.NotYours:
        messages.error(request, "Du kan inte godkänna eller skicka tillbaka en beställning som du själv har gjort eller förskrivit.")
    except orders.NotReady as error:
        messages.error(request, f"Beställningen kan inte skickas: {' '.join(text for _, text in error.problems)} Skicka tillbaka den till beställaren.")
    return redirect(approvals.url_of(order))


def _page(request: HttpRequest, order: Order, form: SendBackForm) -> HttpResponse:
    assignment = request.assignment
    lines = orders.lines_of(order)
    asked = order.approvals.select_related("asked_by__user").get(outcome=Approval.Outcome.WAITING)
    context = {
        "order": order,
        "patient": order.patient,
        "lines": lines,
        "asked": asked,
        "form": form,
        "events": timeline.events(order.history.select_related("by__user").order_by("-id")),
        "may_decide": may(assignment, Permission.APPROVE_ORDER) and assignment.user_id not in {order.orderer.user_id, order.prescriber.user_id},
        "errors_text": "Beställningen väntar fortfarande på godkännande.",
        "may_withdraw": may(assignment, Permission.PLACE_ORDER),
        "sheet": rules.sheet(order, lines, by=assignment, today=timezone.localdate()),
        "urgent_fee": UrgentFee.objects.in_force(timezone.localdate()) if order.is_urgent else None,
        "files": [link.attachment for link in order.attachments.select_related("attachment").order_by("id")],
        **told(order, lines, by=assignment),
    }
    return render(request, "orders/approval.html", context)


def _open(request: HttpRequest, public_id: uuid.UUID, *, activity: str) -> Order:
    """The unit's order, its patient opened through the one door."""
    found = Order.objects.visible_to(request.assignment).select_related(
        "patient", "customer", "delivery_point", "prescriber__user", "unit__provider", "orderer__user"
    )
    order = found.filter(public_id=public_id).first()
    if order is None:
        raise Http404
    try:
        order.patient = access.open_patient(
            request.assignment, order.patient.public_id, activity=activity, resource=access.Resource(orders.RESOURCE, order.number or "utkast")
        )
    except access.NoSuchPatient:
        raise Http404 from None
    return order


def _version(request: HttpRequest) -> int:
    """The version that the page showed; 0, which no order has, where the page did not say."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _no_longer_waits(request: HttpRequest, order: Order) -> HttpResponse:
    """409: somebody was first."""
    context = {
        "title": "Beställningen väntar inte längre på godkännande",
        "text": "Någon har redan godkänt den, skickat tillbaka den eller tagit tillbaka den. Inget hände med den nu.",
        "url": order.get_absolute_url() if order.number else "/",
        "url_text": f"Visa kundorder {order.number}" if order.number else "Till startsidan",
    }
    return render(request, "errors/conflict.html", context, status=409)
