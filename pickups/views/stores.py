"""A hämtorder from a buffertförråd: filled in, sent, read, cancelled, ordered again. Nothing of it is about a patient."""

import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions as accounts
from accounts.permissions import Permission, may, requires
from buffer.models import Store
from core import qr
from core.lifecycle import IllegalMove
from core.paging import keyset_page
from integration.delivery import progress_of
from ordering import listing
from ordering.forms import add_problems
from ordering.pages import cannot_be_cancelled, seen
from ordering.sending import AlreadyOrderedAgain, AlreadySent, ChangedMeanwhile, NotReady, NotSeen, Problem
from ordering.views import drafts as common
from pickups import rules, timeline
from pickups.actions import changes, drafts, stores
from pickups.forms.orders import CancelForm
from pickups.forms.stores import StorePickupForm
from pickups.models import PickupItem, PickupOrder, Status
from pickups.shown import follows
from pickups.views.opened import HAMTORDER
from pickups.views.orders import missing_url

NOTHING_SENT = "Det som är rätt är sparat i utkastet. Inget har skickats."
_GONE = {PickupItem.Outcome.CANCELLED, PickupItem.Outcome.NOT_FOUND}


def _open(request: HttpRequest, *, number: str = "", public_id: uuid.UUID | None = None) -> PickupOrder:
    wanted = {"number": number} if number else {"public_id": public_id}
    found = PickupOrder.objects.visible_to(request.assignment).filter(store__isnull=False).select_related(*HAMTORDER.related).filter(**wanted).first()
    if found is None:
        raise Http404
    order: PickupOrder = found
    return order


@requires(Permission.SEE_STORE)
@require_GET
def order_list(request: HttpRequest) -> HttpResponse:
    """The hämtorder of the unit's stores, the latest first."""
    found = PickupOrder.objects.visible_to(request.assignment).filter(store__isnull=False)
    page = keyset_page(found.sent().for_list(), order=("-sent_at", "-id"), cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    begun = found.drafts().for_list().order_by("-changed_at", "-id")[: listing.PAGE_SIZE]
    own = list(Store.objects.visible_to(request.assignment).in_use().order_by("name", "pk"))
    context = {"page": page, "drafts": list(begun), "stores": own, "may_manage": may(request.assignment, Permission.MANAGE_STORE)}
    return render(request, "pickups/store_list.html", context)


@requires(Permission.MANAGE_STORE)
@require_POST
def start(request: HttpRequest, store: str) -> HttpResponse:
    """A draft for the store, begun at the article that `artikel` names; the one that is begun is gone on with."""
    found = Store.objects.visible_to(request.assignment).in_use().filter(number=store).first()
    if found is None:
        raise Http404
    made, article = stores.start(found, by=request.assignment), request.POST.get("artikel", "")
    return redirect(f"{made.get_absolute_url()}#artikel-{article}" if article.isascii() and article.isdigit() else made.get_absolute_url())


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One page: what, in what state, whom to reach, what follows. What is right is saved before it is sent."""
    order = _open(request, public_id=public_id)
    if order.status != Status.DRAFT:
        return HAMTORDER.no_longer_a_draft(request, order)
    by = request.assignment
    if request.method == "GET":
        return _page(request, order, StorePickupForm(order=order, by=by))
    form = StorePickupForm(request.POST, order=order, by=by)
    form.is_valid()
    try:
        stores.save(order, content=form.content, stocked=form.stocked, seen=seen(request))
        if form.errors:
            return _page(request, order, form)
        if request.POST.get("do") != "send":
            messages.success(request, "Utkastet är sparat.")
            return redirect(order)
        number = stores.place(order, by=by, seen=order.version)
    except AlreadySent as sent:
        number = sent.number
    except NotReady as error:
        return _page(request, order, _with_problems(request, order, error.problems))
    except (ChangedMeanwhile, NotSeen):
        form.add_error(None, common.CHANGED)
        return _page(request, order, form, errors_text=common.NOT_SAVED)
    except IllegalMove:
        return HAMTORDER.no_longer_a_draft(request, _open(request, public_id=public_id))
    messages.success(request, "Hämtordern är skickad. Skriv ut retursedeln och lägg den med hjälpmedlen.")
    return redirect("pickups:store_order", number=number)


def _with_problems(request: HttpRequest, order: PickupOrder, problems: Sequence[Problem]) -> StorePickupForm:
    order.refresh_from_db()
    form = StorePickupForm.as_saved(order, request.assignment)
    add_problems(form, problems)
    return form


def _page(request: HttpRequest, order: PickupOrder, form: StorePickupForm, *, errors_text: str = NOTHING_SENT) -> HttpResponse:
    context = {"order": order, "form": form, "errors_text": errors_text, "consequences": rules.consequences(timezone.localdate())}
    return render(request, "pickups/store_draft.html", context)


@requires(Permission.MANAGE_STORE)
@require_POST
def discard(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    order = _open(request, public_id=public_id)
    try:
        drafts.discard(order, by=request.assignment)
    except IllegalMove:
        return HAMTORDER.no_longer_a_draft(request, _open(request, public_id=public_id))
    messages.success(request, "Utkastet är kastat. Inget har skickats.")
    return redirect("pickups:store_list")


@requires(Permission.SEE_STORE)
@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    """Opening it makes the reader's notices about it read."""
    shown = _open(request, number=number)
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    items, history = stores.items_of(shown), list(shown.history.select_related("by__user").order_by("-id"))
    again = (
        PickupOrder.objects.visible_to(request.assignment).filter(store__isnull=False).sent().filter(again_of=shown).exclude(status=Status.CANCELLED).first()
    )
    may_manage = may(request.assignment, Permission.MANAGE_STORE)
    missing = {PickupItem.Outcome.NOT_FOUND, PickupItem.Outcome.NOT_TOLD}
    context = {
        "order": shown,
        "items": [(item, missing_url(shown, item.line) if item.outcome in missing else "") for item in items],
        "follows": follows(shown, items, list(shown.reports.order_by("-sequence"))),
        "events": timeline.told(history),
        "news": timeline.news(shown, items, history),
        "progress": progress_of(number),
        "ordered_again": again,
        "may_again": may_manage and again is None and shown.can_be_ordered_again,
        "may_cancel": may_manage and shown.can_be_cancelled and any(item.is_open for item in items),
        "may_report": may(request.assignment, Permission.REPORT_FAULT),
    }
    return render(request, "pickups/store_order.html", context)


@requires(Permission.SEE_STORE)
@require_GET
def printout(request: HttpRequest, number: str) -> HttpResponse:
    """The return slip."""
    shown = _open(request, number=number)
    items = [item for item in stores.items_of(shown) if item.outcome not in _GONE]
    return render(request, "pickups/print.html", {"order": shown, "items": items, "code": qr.data_uri(number)})


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for all or some of it to be cancelled; until it is planned."""
    shown = _open(request, number=number)
    if not shown.can_be_cancelled:
        return cannot_be_cancelled(request, shown, name=HAMTORDER.name)
    form = CancelForm(request.POST or None, items=[item for item in stores.items_of(shown) if item.is_open])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            changes.request_cancellation(shown, by=request.assignment, reason=data["reason"], note=data["note"], lines=form.chosen)
        except IllegalMove:
            return cannot_be_cancelled(request, _open(request, number=number), name=HAMTORDER.name)
        messages.success(request, "Din begäran om makulering är skickad. Du får ett meddelande när centralen har svarat.")
        return redirect(shown)
    return render(request, "pickups/cancel.html", {"order": shown, "form": form})


@requires(Permission.MANAGE_STORE)
@require_POST
def again(request: HttpRequest, number: str) -> HttpResponse:
    shown = _open(request, number=number)
    try:
        made = stores.order_again(shown, by=request.assignment)
    except AlreadyOrderedAgain as before:
        messages.info(request, f"{number} är redan beställd igen. Det här är den nya ordern.")
        return redirect("pickups:store_order", number=before.number)
    except IllegalMove:
        return HAMTORDER.somebody_was_first(request, shown)
    messages.info(request, f"Det som stod i {number} och ligger kvar i förrådet är med. Svara på om allt är rengjort.")
    return redirect(made)
