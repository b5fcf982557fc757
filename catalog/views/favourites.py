"""Favourites: one's own and the unit's."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, may, requires
from catalog import favourites as marking
from catalog.cards import cards, marks_of
from catalog.forms import FavouriteForm
from catalog.listing import MINE, OF_UNIT
from catalog.models import Article, Favourite

MOST_SHOWN = 24


@requires(Permission.SEE_CATALOG)
@require_safe
def favourites(request: HttpRequest) -> HttpResponse:
    """Both kinds, by name. What is no longer sold stands there too, and says so."""
    by = request.assignment
    everyone = Favourite.objects.visible_to(by)
    lists = [
        ("mina", "Mina favoriter", MINE, everyone.of_user(by)),
        ("enhetens", f"Favoriter för {by.unit.name}", OF_UNIT, everyone.of_unit(by)),
    ]
    found = [(anchor, title, kind, _articles(rows)) for anchor, title, kind, rows in lists]
    shown = {card["id"]: card for card in cards({article.pk: article for *_, articles in found for article in articles}.values(), by=by)}
    context = {
        "groups": [
            {
                "anchor": anchor,
                "title": title,
                "kind": kind,
                "cards": [shown[article.pk] for article in articles[:MOST_SHOWN]],
                "more": len(articles) > MOST_SHOWN,
            }
            for anchor, title, kind, articles in found
        ],
        "may_edit_units": may(by, Permission.EDIT_UNIT_FAVOURITES),
    }
    return render(request, "catalog/favourites.html", context)


def _articles(rows: Any) -> list[Article]:
    articles = Article.objects.published().filter(pk__in=rows.values("article")).for_cards()
    return list(articles.order_by("search_entry__title_sort", "pk")[: MOST_SHOWN + 1])


@requires(Permission.SEE_CATALOG)
@require_POST
def toggle(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the article a favourite, or no longer one, as the form says; answered with the button alone for htmx, else with the page one came from."""
    article = get_object_or_404(Article.objects.published(), pk=pk)
    form = FavouriteForm(request.POST)
    form.is_valid()
    for_unit = form.cleaned_data["for_unit"]
    if for_unit and not may(request.assignment, Permission.EDIT_UNIT_FAVOURITES):
        raise Http404
    change = marking.mark if form.cleaned_data["on"] else marking.unmark
    change(article, by=request.assignment, for_unit=for_unit)
    if "HX-Request" in request.headers:
        marks = marks_of([article], by=request.assignment)[article.pk]
        context = {"id": article.pk, "name": article.display_name, "for_unit": for_unit, "is_on": marks["is_units" if for_unit else "is_mine"]}
        return render(request, "catalog/_favourite.html", context | {"in_words": "in_words" in request.POST})
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/") else article.get_absolute_url())
