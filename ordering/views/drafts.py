"""A draft of any kind of order is sent, or thrown away."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core.lifecycle import IllegalMove
from ordering.kinds import Kind
from ordering.pages import seen
from ordering.sending import AlreadySent, NotReady, NotSeen, Problem
from patients import access

CHANGED = "Utkastet har ändrats sedan du öppnade sidan. Det du skrev står kvar men är inte sparat. Kontrollera allt och spara igen."
NOT_SAVED = "Inget är sparat än, och inget har skickats."

WithProblems = Callable[[HttpRequest, Any, Sequence[Problem]], HttpResponse]
# What is answered when the draft is sent or thrown away already: (request, the order) → 409, or the order.
Gone = Callable[[HttpRequest, Any], HttpResponse]


def send(
    request: HttpRequest, kind: Kind[Any], public_id: uuid.UUID, *, place: Callable[..., str], with_problems: WithProblems, gone: Gone | None = None
) -> HttpResponse:
    """A second click finds the order that the first one sent, and shows it. `with_problems` is the draft's page with what stops it."""
    order = kind.model._default_manager.visible_to(request.assignment).filter(public_id=public_id).only("pk").first()
    if order is None:
        raise Http404
    activity = f"Skicka {kind.name.lower()}"
    try:
        number = place(order, by=request.assignment, seen=seen(request))
    except AlreadySent as sent:
        number = sent.number
    except access.NoSuchPatient:
        # The refusal's log row went with the transaction; the door is tried again outside it, and refuses with its row kept.
        kind.open_draft(request, public_id, activity=activity)
        raise Http404 from None
    except NotSeen:
        messages.warning(request, "Utkastet har ändrats sedan du granskade det. Granska det igen. Inget har skickats.")
        return redirect(kind.url("review", public_id))
    except NotReady as error:
        return with_problems(request, kind.open_draft(request, public_id, activity=activity), error.problems)
    except IllegalMove:
        return (gone or kind.no_longer_a_draft)(request, fresh(request, kind, order))
    return redirect(kind.url("sent", number))


def discard(request: HttpRequest, kind: Kind[Any], public_id: uuid.UUID, *, throw: Callable[..., None], gone: Gone | None = None) -> HttpResponse:
    """Ask, then throw the draft away."""
    order = kind.open_draft(request, public_id, activity="Kasta utkast")
    answer = gone or kind.no_longer_a_draft
    if order.status != "DRAFT":
        return answer(request, order)
    if request.method == "POST":
        try:
            throw(order, by=request.assignment)
        except IllegalMove:
            return answer(request, fresh(request, kind, order))
        messages.success(request, "Utkastet är kastat. Inget har skickats.")
        return redirect("patient", public_id=order.patient.public_id)
    return render(request, "ordering/discard.html", {"order": order, "patient": order.patient, "kind": kind})


def fresh(request: HttpRequest, kind: Kind[Any], order: Any) -> Any:
    """The order as it is now."""
    return kind.model._default_manager.visible_to(request.assignment).get(pk=order.pk)
