"""Inventering: the list to count by, made for a phone, the differences, and what was booked."""

import uuid
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, may, requires
from buffer import figures, listing
from buffer.actions import counting
from buffer.forms import BookForm, EntryForm, SearchForm
from buffer.models import Count, CountEntry, StockLine
from buffer.views.opened import REFUSALS, add_refusal, open_count, open_store, somebody_was_first
from core.lifecycle import IllegalMove
from core.paging import keyset_page, keyset_page_by_row
from integration.delivery import progress_of

LEFT, DONE = "", "raknade"
ENDED = "Inventeringen har avslutats sedan du öppnade sidan."


@requires(Permission.SEE_STORE)
@require_GET
def count_list(request: HttpRequest, number: str) -> HttpResponse:
    """The store's counts, newest first."""
    store = open_store(request, number)
    found = store.counts.select_related("started_by__user")
    page = keyset_page(found, order=("-id",), cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    return render(request, "buffer/counts.html", {"store": store, "page": page})


@requires(Permission.MANAGE_STORE)
@require_POST
def start(request: HttpRequest, number: str) -> HttpResponse:
    """Begin to count, or join those who do."""
    return redirect(counting.start(open_store(request, number), by=request.assignment))


@requires(Permission.SEE_STORE)
@require_GET
def count(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What is left to count, by place; of a count that has ended, what was found."""
    shown = open_count(request, public_id)
    if shown.status != Count.Status.OPEN:
        return _ended(request, shown)
    view = DONE if request.GET.get("visa") == DONE else LEFT
    form = SearchForm(request.GET or None)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    lines = _to_count(shown)
    number, counted = lines.count(), shown.entries.count()
    lines = listing.matching(lines, query) if query else lines.filter(counts__count=shown) if view == DONE else lines.exclude(counts__count=shown)
    page = keyset_page_by_row(_with_entries(lines, shown), order=listing.BY_PLACE, cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    here = shown.get_absolute_url()
    context = {
        "count": shown,
        "store": shown.store,
        "form": form,
        "query": query,
        "page": page,
        "rows": [_row(shown, line) for line in page.rows],
        "number": number,
        "counted": counted,
        "tabs": [("Kvar att räkna", here, view == LEFT), ("Räknade", f"{here}?visa={DONE}", view == DONE)],
        "may_count": may(request.assignment, Permission.MANAGE_STORE),
    }
    return render(request, "buffer/count.html", context)


def _value_of(one: counting.Difference) -> Decimal | None:
    value = figures.value_of(one.entry.line.article)
    return None if value is None else value * one.change


def _to_count(shown: Count) -> Any:
    """What the store keeps, and what has been counted though it does not."""
    lines = shown.store.lines.all()
    return (lines.kept() | lines.filter(counts__count=shown)).distinct()


def _with_entries(lines: "QuerySet[StockLine]", shown: Count) -> "QuerySet[StockLine]":
    entries = CountEntry.objects.filter(count=shown).select_related("counted_by__user")
    return listing.with_all(lines).prefetch_related(Prefetch("counts", entries, to_attr="entries"))


def _row(shown: Count, line: StockLine, form: EntryForm | None = None, *, first: CountEntry | None = None) -> dict[str, Any]:
    """One line of the list. `first` is what a colleague entered meanwhile; `form` holds what was typed instead."""
    entry: CountEntry | None = next(iter(line.entries), None)  # type: ignore[attr-defined]
    if form is None:
        form = EntryForm(line=line, is_blind=shown.is_blind, initial=_initial(line, entry), auto_id=f"id_{line.pk}_%s")
    return {"line": line, "entry": entry, "form": form, "first": first}


def _initial(line: StockLine, entry: CountEntry | None) -> dict[str, Any]:
    if entry is None:
        return {"seen": 0}
    lying = {lies.individual.number for lies in line.individuals.all()}
    others = [number for number in entry.individual_numbers if number not in lying]
    return {
        "counted": entry.counted - len(entry.individual_numbers),
        "individuals": [number for number in entry.individual_numbers if number in lying],
        "numbers": "\n".join(others),
        "seen": entry.version,
    }


@requires(Permission.MANAGE_STORE)
@require_POST
def enter(request: HttpRequest, public_id: uuid.UUID, pk: int) -> HttpResponse:
    """Say how many of a line there are. With htmx the line alone comes back; without, the list from the next line on."""
    shown = open_count(request, public_id)
    line = get_object_or_404(_with_entries(shown.store.lines.filter(pk=pk), shown))
    entry: CountEntry | None = next(iter(line.entries), None)  # type: ignore[attr-defined]
    form = EntryForm(request.POST, line=line, is_blind=shown.is_blind, auto_id=f"id_{line.pk}_%s")
    status, first = 422, None
    if form.is_valid():
        try:
            counting.enter(shown, line, by=request.assignment, **form.entered)
        except IllegalMove:
            return somebody_was_first(request, ENDED, shown.get_absolute_url(), "Visa inventeringen")
        except counting.CountedBySomebody as error:
            status, first = 409, error.entry
            form = _with_version(form, line, shown, error.entry)
        except REFUSALS as refused:
            add_refusal(form, refused, quantity="counted", numbers="numbers" if "numbers" in form.fields else "individuals", store=shown.store)
        else:
            return _entered(request, shown, line)
    row = _row(shown, line, form, first=first) | {"entry": entry}
    if request.headers.get("HX-Request"):
        return render(request, "buffer/_count_row.html", {"row": row, "count": shown, "may_count": True}, status=status)
    return render(request, "buffer/count_line.html", {"row": row, "count": shown, "store": shown.store, "form": form}, status=status if status == 409 else 200)


def _with_version(form: EntryForm, line: StockLine, shown: Count, entry: CountEntry) -> EntryForm:
    """What was typed stays, and may be saved again now that the colleague's number has been seen."""
    data = form.data.copy()
    data["seen"] = str(entry.version)
    again = EntryForm(data, line=line, is_blind=shown.is_blind, auto_id=f"id_{line.pk}_%s")
    again.is_valid()
    return again


def _entered(request: HttpRequest, shown: Count, line: StockLine) -> HttpResponse:
    if request.headers.get("HX-Request"):
        fresh = _with_entries(shown.store.lines.filter(pk=line.pk), shown).get()
        context = {
            "row": _row(shown, fresh),
            "count": shown,
            "may_count": True,
            "announce": f"{line.article.display_name}: sparat.",
            "number": _to_count(shown).count(),
            "counted": shown.entries.count(),
        }
        return render(request, "buffer/_count_saved.html", context)
    messages.success(request, f"{line.article.display_name}: sparat.")
    return redirect(shown)


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def differences(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What differs, with its value; booked by a press when each has its reason."""
    shown = open_count(request, public_id)
    if shown.status != Count.Status.OPEN:
        if request.method == "POST":
            return somebody_was_first(request, ENDED, shown.get_absolute_url(), "Visa inventeringen")
        return redirect(shown)
    found = counting.differences(shown)
    form = BookForm(request.POST or None, differences=found)
    changed = False
    if request.method == "POST" and form.is_valid():
        try:
            counting.book(shown, by=request.assignment, reasons=form.reasons, seen=form.seen)
        except IllegalMove:
            return somebody_was_first(request, ENDED, shown.get_absolute_url(), "Visa inventeringen")
        except (counting.DifferencesChanged, counting.ReasonNeeded):
            changed = True
        except counting.CannotBook as error:
            form.add_error(None, f"Räkna om {error.line.article.display_name}: det som ligger där har ändrats sedan den räknades.")
        else:
            messages.success(request, "Inventeringen är bokförd.")
            return redirect(shown)
    if changed:
        # What has been written is kept; what is shown is what is so now.
        found = counting.differences(shown)
        form = BookForm(differences=found, initial={name: value for name, value in request.POST.items() if not name.startswith("seen_")})
    rows = [(one, _value_of(one), reason, note) for one, reason, note in form.rows()]
    values = [value for _, value, _, _ in rows if value is not None]
    context = {
        "count": shown,
        "store": shown.store,
        "form": form,
        "changed": changed,
        "rows": rows,
        "number": len(found),
        "left": _to_count(shown).exclude(counts__count=shown).count(),
        "total": sum(values) if values else None,
        "without_value": any(value is None for _, value, _, _ in rows),
    }
    return render(request, "buffer/differences.html", context, status=409 if changed else 200)


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Break the count off."""
    shown = open_count(request, public_id)
    if request.method == "POST":
        try:
            counting.cancel(shown, by=request.assignment)
        except IllegalMove:
            return somebody_was_first(request, ENDED, shown.get_absolute_url(), "Visa inventeringen")
        messages.success(request, "Inventeringen är avbruten. Inget av den bokfördes.")
        return redirect(shown.store)
    if shown.status != Count.Status.OPEN:
        raise Http404
    return render(request, "buffer/cancel_count.html", {"count": shown, "store": shown.store})


def _ended(request: HttpRequest, shown: Count) -> HttpResponse:
    """What was found, and whether SESAM2 has been told."""
    entries = shown.entries.exclude(difference=0).exclude(difference=None).select_related("line__article__local", "counted_by__user")
    context = {
        "count": shown,
        "store": shown.store,
        "entries": list(entries.order_by("line__place_sort", "line")),
        "number": shown.entries.count(),
        "history": list(shown.history.select_related("by__user").order_by("-id")[:50]),
        "progress": progress_of(shown.correction_number) if shown.correction_number else None,
    }
    return render(request, "buffer/count_ended.html", context)
