"""The unit's stores, and the page of one: what is there, what is below its level, what stands still, what was not registered."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions as accounts
from accounts.permissions import Permission, may, requires
from buffer import figures, listing
from buffer.actions import levels
from buffer.actions.reminders import due_on
from buffer.forms import PauseForm, SearchForm
from buffer.models import Count, StockLine, Store
from buffer.views.opened import open_store, somebody_was_first
from core import excel
from core.lifecycle import IllegalMove
from core.paging import keyset_page, keyset_page_by_row
from core.templatetags.ui import thousands

MOST_OUTS = 20
NOT_REGISTERED = "inte-registrerade"


@requires(Permission.SEE_STORE)
@require_GET
def store_list(request: HttpRequest) -> HttpResponse:
    """The unit's stores. Where there is only one, its page."""
    stores = list(Store.objects.visible_to(request.assignment).in_use().order_by("name", "pk"))
    if len(stores) == 1:
        return redirect(stores[0])
    return render(request, "buffer/stores.html", {"stores": stores})


@requires(Permission.SEE_STORE)
@require_GET
def store(request: HttpRequest, number: str) -> HttpResponse:
    """What lies in a store; narrowed by ?visa=, the search, and the order."""
    shown = open_store(request, number)
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    view = request.GET.get("visa", "")
    view = view if view in listing.VIEWS else ""
    form = SearchForm(request.GET or None)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    still_days = request.GET.get("dagar", "")
    still_days = still_days if still_days in listing.STILL else str(listing.STILL_DAYS)
    lines = listing.lines_of(shown, view, still_days=int(still_days))
    if query:
        lines = listing.matching(lines, query)
    sort = request.GET.get("sortering", "")
    sort = sort if sort in listing.SORTS else "plats"
    order = listing.SORTS[sort][1]
    page = keyset_page_by_row(listing.with_all(lines), order=order, cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    taken = listing.withdrawn(page.rows)
    count = shown.counts.filter(status=Count.Status.OPEN).first()
    context: dict[str, Any] = {
        "store": shown,
        "form": form,
        "view": view,
        "kept": [(name, request.GET[name]) for name in ("visa", "dagar", "sortering") if name in request.GET],
        "sort": sort,
        "sorts": [(key, text) for key, (text, _) in listing.SORTS.items()],
        "still_days": still_days,
        "still": list(listing.STILL.items()),
        "page": page,
        "rows": [(line, taken.get(line.pk, 0)) for line in page.rows],
        "number_text": f"{thousands(lines.count())} artiklar",
        "is_narrowed": bool(query),
        "tabs": tabs_of(shown, view),
        "count": count,
        "counted": count.entries.count() if count else 0,
        "due_on": due_on(shown),
        **rights_of(request),
    }
    return render(request, "buffer/store.html", context)


def rights_of(request: HttpRequest) -> dict[str, bool]:
    by = request.assignment
    return {"may_manage": may(by, Permission.MANAGE_STORE), "may_take": may(by, Permission.TAKE_FROM_STORE), "may_report": may(by, Permission.REPORT_FAULT)}


def tabs_of(store: Store, shown: str) -> list[tuple[str, str, bool]]:
    """The lists of a store, as components/tabs.html takes them."""
    here = store.get_absolute_url()
    tabs = [(label, f"{here}?visa={view}" if view else here, view == shown) for view, label in listing.VIEWS.items()]
    return [*tabs, ("Inte registrerade", reverse("buffer:unregistered", args=[store.number]), shown == NOT_REGISTERED)]


@requires(Permission.SEE_STORE)
@require_GET
def unregistered(request: HttpRequest, number: str) -> HttpResponse:
    """Tagna men inte registrerade: to be registered on a patient, within 24 hours from when they were found missing."""
    shown = open_store(request, number)
    here = reverse("buffer:unregistered", args=[shown.number])
    accounts.mark_read(request.assignment, url=here)
    page = keyset_page(listing.unregistered(shown), order=("-counted_at", "-id"), cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    context = {"store": shown, "page": page, "tabs": tabs_of(shown, NOT_REGISTERED), **rights_of(request)}
    return render(request, "buffer/unregistered.html", context)


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def pause(request: HttpRequest, number: str) -> HttpResponse:
    """Let the store's top-up wait, with a reason."""
    shown = open_store(request, number)
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            levels.pause(shown, by=request.assignment, reason=form.cleaned_data["reason"])
        except IllegalMove:
            return _changed(request, shown)
        messages.success(request, "Påfyllningen är pausad.")
        return redirect(shown)
    return render(request, "buffer/pause.html", {"store": shown, "form": form})


@requires(Permission.MANAGE_STORE)
@require_POST
def resume(request: HttpRequest, number: str) -> HttpResponse:
    shown = open_store(request, number)
    try:
        levels.resume(shown, by=request.assignment)
    except IllegalMove:
        return _changed(request, shown)
    messages.success(request, "Påfyllningen är igång igen.")
    return redirect(shown)


def _changed(request: HttpRequest, shown: Store) -> HttpResponse:
    return somebody_was_first(request, f"Påfyllningen av {shown.name} har ändrats sedan du öppnade sidan.", shown.get_absolute_url(), "Visa förrådet")


# --- In numbers ------------------------------------------------------------------------------------


@requires(Permission.SEE_STORE)
@require_GET
def in_numbers(request: HttpRequest, number: str) -> HttpResponse:
    """Turnover, stock-outs and the value of what lies there."""
    shown = open_store(request, number)
    told = figures.figures_of(shown, _all_lines(shown))
    context = {"store": shown, "figures": told, "chart": figures.chart_of_store(told), "outs": told.outs[:MOST_OUTS], "history": _history(shown)}
    return render(request, "buffer/figures.html", context)


def _all_lines(store: Store) -> list[StockLine]:
    return list(listing.with_all(listing.lines_of(store)).order_by(*listing.BY_PLACE))


def _history(store: Store) -> list[Any]:
    return list(store.history.select_related("by__user").order_by("-id")[:20])


COLUMNS = (
    "Artikelnummer",
    "Benämning",
    "Plats",
    "I förrådet",
    "Beställt",
    "Säkerhetsnivå",
    "Fylls på till",
    "Uttag 12 månader",
    "Senaste uttag",
    "Senast inventerad",
    "Värde per styck, kr",
    "Värde, kr",
    "Individnummer",
    "Påfyllning",
)


@requires(Permission.SEE_STORE)
@require_GET
def export(request: HttpRequest, number: str) -> HttpResponse:
    """All that the store keeps, as an Excel file of texts and numbers."""
    shown = open_store(request, number)
    lines = _all_lines(shown)
    taken = listing.withdrawn(lines)
    content = excel.workbook("Förråd", [COLUMNS, *(_row(line, taken.get(line.pk, 0)) for line in lines)])
    response = HttpResponse(content, content_type=excel.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="forrad-{shown.number}.xlsx"'
    return response


def _row(line: StockLine, taken: int) -> list[excel.Value]:
    value = figures.value_of(line.article)
    return [
        line.article.display_number,
        line.article.display_name,
        line.place,
        line.on_hand,
        line.on_order,
        line.safety_level,
        line.target_level,
        taken,
        line.last_withdrawn_at,
        line.last_counted_at,
        value,
        value * line.on_hand if value is not None else None,
        ", ".join(lies.individual.number for lies in line.individuals.all()),
        f"Pausad: {line.pause_reason}" if line.is_paused else "",
    ]
