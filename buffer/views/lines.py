"""The page of an article in a store, and what is done there: levels, scrapping, lost and found, moving."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions as accounts
from accounts.permissions import Permission, requires
from buffer import figures
from buffer.actions import corrections, levels
from buffer.forms import WAYS, ArticleSearchForm, CorrectionForm, LevelsForm, TransferForm
from buffer.models import StockLine
from buffer.views.opened import REFUSALS, add_refusal, open_line, open_store, somebody_was_first
from buffer.views.stores import rights_of
from catalog.models import Article
from catalog.search import search
from core.lifecycle import IllegalMove
from core.paging import keyset_page

MOVEMENTS_PER_PAGE = 20
HITS = 12


@requires(Permission.SEE_STORE)
@require_GET
def line(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """One article in one store: what there is, its year, and every change."""
    shown = open_line(request, number, pk)
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    movements = shown.movements.select_related("individual", "by__user")
    value = figures.value_of(shown.article)
    context = {
        "line": shown,
        "store": shown.store,
        "value": value,
        "total": value * shown.on_hand if value is not None else None,
        "chart": figures.chart_of(shown),
        "page": keyset_page(movements, order=("-id",), cursor=request.GET.get("cursor"), size=MOVEMENTS_PER_PAGE),
        "history": list(shown.history.select_related("by__user").order_by("-id")[:20]),
        **rights_of(request),
    }
    return render(request, "buffer/line.html", context)


@requires(Permission.MANAGE_STORE)
@require_GET
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Find an article that the store is to have."""
    store = open_store(request, number)
    form = ArticleSearchForm(request.GET or None)
    hits: list[Article] = []
    if form.is_bound and form.is_valid():
        hits = search(form.cleaned_data["q"], orderable_only=True, limit=HITS, by=request.assignment)
    there = set(store.lines.kept().filter(article__in=hits).values_list("article", flat=True))
    return render(request, "buffer/add.html", {"store": store, "form": form, "hits": [(article, article.pk in there) for article in hits]})


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def set_levels(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Säkerhetsnivå, påfyllning and place; also of an article that the store has not had before."""
    store = open_store(request, number)
    article = get_object_or_404(Article.objects.published().for_cards(), pk=pk)
    shown = store.lines.filter(article=article).first()
    if shown is None and not article.is_orderable:
        raise Http404
    form = LevelsForm(request.POST or None, initial=_initial(shown, article))
    if request.method == "POST" and form.is_valid():
        try:
            shown = levels.set_levels(store, article, form.levels, by=request.assignment, seen=form.cleaned_data["seen"] or 0)
        except IllegalMove:
            here = reverse("buffer:levels", args=[store.number, article.pk])
            return somebody_was_first(request, "Nivåerna har ändrats sedan du öppnade sidan.", here, "Visa nivåerna som de är nu")
        messages.success(request, f"{article.display_name} är sparad.")
        return redirect(shown)
    return render(request, "buffer/levels.html", {"store": store, "article": article, "line": shown, "form": form})


def _initial(shown: StockLine | None, article: Article) -> dict[str, Any]:
    if shown is None:
        return {"safety_level": article.default_safety_level, "target_level": article.default_safety_level or None, "seen": 0}
    names = ("safety_level", "target_level", "place", "is_paused", "pause_reason")
    return {name: getattr(shown, name) for name in names} | {"seen": levels.version_of(shown)}


# --- Corrections -----------------------------------------------------------------------------------


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, number: str, pk: int, way: str) -> HttpResponse:
    """Scrap, report as lost, or put back what was found: `way` is the last word of the address."""
    shown, words = open_line(request, number, pk), WAYS[way]
    form = CorrectionForm(request.POST or None, line=shown, comes_in=words.comes_in)
    if request.method == "POST" and form.is_valid():
        try:
            words.act(shown.store, shown.article, by=request.assignment, note=form.cleaned_data["note"], **form.pieces)
        except REFUSALS as refused:
            add_refusal(form, refused, quantity="number_of", numbers="numbers" if words.comes_in else "individuals", store=shown.store)
        else:
            messages.success(request, words.done)
            return redirect(shown)
    return render(request, "buffer/correct.html", {"store": shown.store, "line": shown, "form": form, "words": words, "way": way})


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Move to another store of the care provider."""
    shown = open_line(request, number, pk)
    form = TransferForm(request.POST or None, line=shown, by=request.assignment)
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        try:
            corrections.transfer(shown.store, to, shown.article, by=request.assignment, note=form.cleaned_data["note"], **form.pieces)
        except REFUSALS as refused:
            add_refusal(form, refused, quantity="number_of", numbers="individuals", store=shown.store)
        except corrections.NotYourProviders:
            form.add_error("to", "Förrådet används inte längre. Välj ett annat.")
        else:
            messages.success(request, f"Flyttat till {to.name}.")
            return redirect(shown)
    return render(request, "buffer/transfer.html", {"store": shown.store, "line": shown, "form": form})
