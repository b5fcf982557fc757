"""An order that is sent: its page, the page's part that keeps itself fresh, what is printed, cancelling, ordering again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import actions as accounts
from accounts.permissions import Permission, may
from core.lifecycle import IllegalMove
from integration.delivery import progress_of
from ordering.kinds import Kind
from ordering.pages import FRESH, cannot_be_cancelled, is_there, version_of
from ordering.sending import AlreadyOrderedAgain
from patients import access

# What a page shows of an order: (request, the order, its version) → the template's context.
Context = Callable[[HttpRequest, Any, str], dict[str, Any]]


def order(request: HttpRequest, kind: Kind[Any], number: str, *, context: Context) -> HttpResponse:
    """The order's page. Opening it makes the reader's notices about it read."""
    version = version_of(kind.history, number)
    shown = kind.open(request, number, activity=f"Visa {kind.name.lower()}", read_only=True)
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    return render(request, kind.template("order"), context(request, shown, version))


def live(request: HttpRequest, kind: Kind[Any], number: str, *, context: Context) -> HttpResponse:
    """What the order's page asks for every few seconds: 204 while nothing is new, else the page's part anew.

    Only the latter reads the patient, and is logged. A page that lies open and asks by itself is not somebody who reads: the notices stay unread.
    """
    if not is_there(request, kind.model, number):
        raise Http404
    version = version_of(kind.history, number)
    if request.GET.get("v") == version:
        return HttpResponse(status=204)
    shown = kind.open(request, number, activity=f"Visa {kind.name.lower()}", read_only=True)
    return render(request, kind.template("_live"), context(request, shown, version))


def sent(request: HttpRequest, kind: Kind[Any], number: str) -> HttpResponse:
    """The confirmation: the number, and what happens next, which `_next.html` of the kind lists."""
    shown = kind.open(request, number, activity=f"Bekräftelse av {kind.name.lower()}")
    return render(request, "ordering/sent.html", {"order": shown, "patient": shown.patient, "kind": kind, "next": kind.template("_next")})


def printout(request: HttpRequest, kind: Kind[Any], number: str, *, context: Context) -> HttpResponse:
    """The order on paper. Logged as printed when it is opened, since the printing itself cannot be seen."""
    shown = kind.open(request, number, activity=f"Skriv ut {kind.name.lower()}", action=access.Action.PRINT)
    return render(request, kind.template("print"), context(request, shown, ""))


def cancel(
    request: HttpRequest, kind: Kind[Any], number: str, *, form_of: Callable[[Any, Any], Form], ask: Callable[[Any, Any], None], **context: Any
) -> HttpResponse:
    """Ask for the order, or a part of it, to be cancelled.

    `form_of(posted data or None, order)` is what is asked; `ask(order, form)` asks SESAM2, and raises `IllegalMove` when nothing is left to cancel.
    """
    shown = kind.open(request, number, activity=f"Makulera {kind.name.lower()}")
    if not shown.can_be_cancelled:
        return cannot_be_cancelled(request, shown, name=shown.kind_word or kind.name)
    form = form_of(request.POST or None, shown)
    if request.method == "POST" and form.is_valid():
        try:
            ask(shown, form)
        except IllegalMove:
            shown.refresh_from_db()
            return cannot_be_cancelled(request, shown, name=shown.kind_word or kind.name)
        messages.success(request, "Din begäran om makulering är skickad. Du får ett meddelande när centralen har svarat.")
        return redirect(shown)
    return render(request, kind.template("cancel"), {"order": shown, "patient": shown.patient, "form": form, **context})


def again(request: HttpRequest, kind: Kind[Any], number: str, *, order_again: Callable[..., Any], text: str) -> HttpResponse:
    """Order again what was cancelled: to the draft. `text` says what is carried over."""
    shown = kind.open(request, number, activity="Beställ igen")
    try:
        draft = order_again(shown, by=request.assignment)
    except AlreadyOrderedAgain as made:
        messages.info(request, f"{shown.number} är redan beställd igen. Det här är den nya ordern.")
        return redirect(kind.url("order", made.number))
    except IllegalMove:
        return kind.somebody_was_first(request, shown)
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    messages.info(request, text)
    return redirect(draft)


def common_context(request: HttpRequest, kind: Kind[Any], shown: Any, version: str, *, is_cancelled: bool) -> dict[str, Any]:
    """What the page of any order shows. `is_cancelled`: something of it was, and can be ordered again.

    `version` was read before anything else, so that what comes in between is asked for once too often, never too seldom.
    """
    history = list(shown.history.select_related("by__user").order_by("-id"))
    by = request.assignment
    is_own = shown.unit_id == by.unit_id
    may_order = is_own and may(by, Permission.PLACE_ORDER)
    progress = progress_of(str(shown.number))
    is_fresh = bool(history) and timezone.now() - history[0].at < FRESH
    ordered_again = kind.model._default_manager.visible_to(by).sent().filter(again_of=shown).exclude(status="CANCELLED").first()
    return {
        "order": shown,
        "patient": shown.patient,
        "history": history,
        "progress": progress,
        "version": version,
        "poll_seconds": 3 if is_fresh or (progress and progress.is_waiting) else 60,
        "is_open": shown.is_open,
        "is_own": is_own,
        "may_order": may_order,
        "may_report": is_own and may(by, Permission.REPORT_FAULT),
        "may_again": may_order and is_cancelled and ordered_again is None,
        "ordered_again": ordered_again,
    }
