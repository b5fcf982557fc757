"""What the pages of all kinds of order do alike: open one, tell that somebody was first, say whether its page is out of date."""

import datetime
import uuid
from typing import TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from integration.attachments import content_of
from integration.delivery import progress_of
from integration.models import Attachment
from ordering import listing
from ordering.models import AbstractHistory, AbstractOrder
from patients import access

# After something happened to an order its page asks often, since more may follow; then once a minute.
FRESH = datetime.timedelta(minutes=5)

Kind = TypeVar("Kind", bound=AbstractOrder)


def open_order(
    request: HttpRequest,
    model: type[Kind],
    *,
    related: tuple[str, ...],
    activity: str,
    resource: str,
    number: str = "",
    public_id: uuid.UUID | None = None,
    action: str = access.Action.READ,
    read_only: bool = False,
) -> Kind:
    """The unit's order by its number, or a draft by its public id, and its patient, which is logged; 404 for all others.

    With `read_only` also an order of another unit of the care provider, when the person has chosen to see those.
    """
    wanted = {"number": number} if number else {"public_id": public_id}
    orders = model._default_manager
    shown = orders.visible_to(request.assignment).select_related(*related).filter(**wanted).first()  # type: ignore[attr-defined]
    reason = ""
    if shown is None and read_only and (reason := listing.reason_for_other_units(request)):
        shown = orders.of_other_units(request.assignment).select_related(*related).filter(**wanted).first()  # type: ignore[attr-defined]
    if shown is None or shown.patient_id is None:
        raise Http404
    about = access.Resource(resource, shown.number or "utkast", owner=shown.unit, reason=reason)
    try:
        shown.patient = access.open_patient(request.assignment, shown.patient.public_id, action=action, activity=activity, resource=about)  # type: ignore[attr-defined]
    except access.NoSuchPatient:
        raise Http404 from None
    return shown


def is_there(request: HttpRequest, model: type[Kind], number: str) -> bool:
    """Whether `open_order(…, read_only=True)` would find the order; nothing of its patient is read."""
    orders = model._default_manager
    if orders.visible_to(request.assignment).filter(number=number).exists():  # type: ignore[attr-defined]
        return True
    return bool(listing.reason_for_other_units(request)) and orders.of_other_units(request.assignment).filter(number=number).exists()  # type: ignore[attr-defined]


def somebody_was_first(request: HttpRequest, shown: AbstractOrder, *, name: str) -> HttpResponse:
    """409, with a way to the order as it is now. `name` is its kind: Kundorder."""
    context = {
        "title": "Någon hann före",
        "text": f"{name} {shown.number} har ändrats sedan du öppnade sidan. Inget av det du gjorde nu är sparat.",
        "url": shown.get_absolute_url(),  # type: ignore[attr-defined]
        "url_text": f"Visa {name.lower()} {shown.number} som den är nu",
    }
    return render(request, "errors/conflict.html", context, status=409)


def cannot_be_cancelled(request: HttpRequest, shown: AbstractOrder, *, name: str) -> HttpResponse:
    """The same form sent twice, or a colleague was first with it: what was wanted is done. Else the order is no longer under way."""
    if shown.cancellation_requested_at is None:
        return somebody_was_first(request, shown, name=name)
    messages.info(request, "Makuleringen är redan begärd. Du får ett meddelande när centralen har svarat.")
    return redirect(shown)


def no_longer_a_draft(request: HttpRequest, shown: AbstractOrder, *, name: str) -> HttpResponse:
    """409: somebody was first. Nothing of what was just posted is saved, and the page says so."""
    if shown.number is None:
        context = {
            "title": "Utkastet är kastat",
            "text": "Någon har kastat utkastet. Det du skrev nu sparades inte.",
            "url": "/",
            "url_text": "Till startsidan",
        }
    else:
        context = {
            "title": "Beställningen är redan skickad",
            "text": f"Den finns som {name.lower()} {shown.number}. Det du skrev nu sparades inte och skickades inte.",
            "url": shown.get_absolute_url(),  # type: ignore[attr-defined]
            "url_text": f"Visa {name.lower()} {shown.number}",
        }
    return render(request, "errors/conflict.html", context, status=409)


def version_of(history: type[AbstractHistory], number: str) -> str:
    """Changes whenever the order's page would."""
    last = history._default_manager.filter(order__number=number).order_by("-id").values_list("id", flat=True).first()  # type: ignore[misc]
    progress = progress_of(number)
    return f"{last}-{progress.state if progress else ''}-{progress.is_slow if progress else ''}"


def seen(request: HttpRequest) -> int | None:
    """The version of the draft that the page showed, which every page of ours sends along."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def file_response(attachment: Attachment) -> HttpResponse:
    """A person's file: always to be saved, never shown within the portal."""
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=attachment.name) or "attachment",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content_of(attachment), content_type=attachment.media_type, headers=headers)
