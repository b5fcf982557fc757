"""A hämtorder is filled in, checked and sent."""

import uuid
from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, may, requires
from core.lifecycle import IllegalMove
from ordering.forms import add_problems
from ordering.pages import seen
from ordering.sending import ChangedMeanwhile, Problem
from ordering.views import drafts as common
from pickups import rules
from pickups.actions import drafts, orders
from pickups.forms.orders import PickupForm
from pickups.models import PickupOrder, Status
from pickups.shown import Choice, choices_of
from pickups.views.opened import HAMTORDER

NOTHING_SENT = "Det som är rätt är sparat i utkastet. Inget har skickats."


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Every button of the page sends all of it: what is right is saved before the button's own work is done."""
    order = HAMTORDER.open_draft(request, public_id, activity="Skriva hämtorder")
    if order.status != Status.DRAFT:
        return HAMTORDER.no_longer_a_draft(request, order)
    choices = choices_of(order.patient, by=request.assignment, order=order)
    if request.method == "GET":
        return _page(request, order, PickupForm(order=order, by=request.assignment, choices=choices))
    verb, _, argument = request.POST.get("do", "save").partition(":")
    data, missing = _ticked(request.POST.copy(), choices, verb)
    form = PickupForm(data, order=order, by=request.assignment, choices=choices)
    form.is_valid()
    if missing:
        form.add_error("number", missing)
    try:
        drafts.save(order, content=form.content, wanted=form.wanted, seen=seen(request))
        return _do(request, order, form, verb, argument)
    except ChangedMeanwhile:
        form.add_error(None, common.CHANGED)
        return _page(request, order, form, errors_text=common.NOT_SAVED)
    except IllegalMove:
        return HAMTORDER.no_longer_a_draft(request, common.fresh(request, HAMTORDER, order))


def _ticked(data: QueryDict, choices: Sequence[Choice], verb: str) -> tuple[QueryDict, str]:
    """What was sent, with the boxes that the button ticks: all, or that of the number that was scanned or written.

    Also why there is no such box to tick, in Swedish.
    """
    if verb == "all":
        data.update({choice.name: "on" for choice in choices if not choice.why_not})
    if verb != "add":
        return data, ""
    number = data.get("number", "").strip()
    if not number:
        return data, "Skriv individnumret, eller skanna etiketten."
    choice = next((choice for choice in choices if number in choice.labels.split()), None)
    if choice is None:
        return data, "Patienten har inget hjälpmedel med det numret. Kontrollera numret, eller sök upp den som har det."
    if choice.why_not:
        return data, f"{choice.article_name} {number} kan inte hämtas. {choice.why_not}"
    data.update({choice.name: "on", "number": ""})
    return data, ""


def _do(request: HttpRequest, order: PickupOrder, form: PickupForm, verb: str, argument: str) -> HttpResponse:
    here = order.get_absolute_url()
    if form.errors:
        return _page(request, order, form)
    match verb:
        case "add" | "all":
            return redirect(f"{here}#hjalpmedel")
        case "report":
            return redirect(_fault_report(order, form, argument))
        case "review":
            return redirect("pickups:review", public_id=order.public_id)
    messages.success(request, "Utkastet är sparat.")
    return redirect(here)


def _fault_report(order: PickupOrder, form: PickupForm, argument: str) -> str:
    """From what cannot be handed over to the report of it; the draft is saved. `argument` is the kind, and which aid."""
    kind, _, name = argument.partition(":")
    choice = next((choice for choice in form.all_choices if choice.name == name), None)
    query = {"slag": "LOST" if kind == "LOST" else "COMPLAINT", "patient": str(order.patient.public_id)}
    if choice is not None and choice.individual_number:
        query["individ"] = choice.individual_number
    if choice is not None and choice.loan is not None:
        query["hjalpmedel"] = str(choice.loan.pk)
    return f"{reverse('faultreports:new')}?{urlencode(query)}"


def _page(request: HttpRequest, order: PickupOrder, form: PickupForm, *, errors_text: str = NOTHING_SENT) -> HttpResponse:
    context = {
        "order": order,
        "patient": order.patient,
        "form": form,
        "errors_text": errors_text,
        "is_investigation": "reason" not in form.fields,
        "may_report_lost": may(request.assignment, Permission.REPORT_LOST),
        "may_report": may(request.assignment, Permission.REPORT_FAULT),
    }
    return render(request, "pickups/draft.html", context)


@requires(Permission.PLACE_ORDER)
@require_GET
def review(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Check your answers."""
    order = HAMTORDER.open_draft(request, public_id, activity="Granska hämtorder")
    if order.status != Status.DRAFT:
        return HAMTORDER.no_longer_a_draft(request, order)
    items = orders.items_of(order)
    if problems := orders.problems_of(order, items):
        return _with_problems(request, order, problems)
    context = {
        "order": order,
        "patient": order.patient,
        "items": [(item, "") for item in items],
        "loose": orders.loose_parts(order, items),
        "consequences": rules.consequences(timezone.localdate()),
    }
    return render(request, "pickups/review.html", context)


def _with_problems(request: HttpRequest, order: PickupOrder, problems: Sequence[Problem]) -> HttpResponse:
    choices = choices_of(order.patient, by=request.assignment, order=order)
    form = PickupForm.as_saved(order, request.assignment, choices)
    add_problems(form, problems)
    return _page(request, order, form)


@requires(Permission.PLACE_ORDER)
@require_POST
def send(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return common.send(request, HAMTORDER, public_id, place=orders.place, with_problems=_with_problems)


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return common.discard(request, HAMTORDER, public_id, throw=drafts.discard)
