"""The varukatalog: from area to class to article."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, requires
from catalog import classes
from catalog.cards import cards
from catalog.listing import Asked, Listing
from catalog.models.products import spaced_iso

# Above this length of code there are only classes; from it on the articles are shown too.
_WITH_ARTICLES = 6


@requires(Permission.SEE_CATALOG)
@require_safe
def top(request: HttpRequest) -> HttpResponse:
    branches = classes.branches()
    return render(request, "catalog/classes.html", {"branches": branches, "total": sum(branch.number for branch in branches)})


@requires(Permission.SEE_CATALOG)
@require_safe
def branch(request: HttpRequest, code: str) -> HttpResponse:
    """The classes below, and from the third level on the articles."""
    path = classes.path_to(code)
    if not path:
        raise Http404
    below = classes.branches(code)
    context = {"code": code, "spaced_code": spaced_iso(code), "name": path[-1][1], "crumbs": crumbs(path[:-1]), "branches": below}
    if len(code) >= _WITH_ARTICLES:
        listing = Listing(Asked(iso=code), by=request.assignment)
        page = listing.page(request.GET.get("cursor"))
        context |= {"page": page, "cards": cards(page.rows, by=request.assignment), "total": listing.narrowed().count()}
    else:
        context["total"] = sum(branch.number for branch in below)
    return render(request, "catalog/class.html", context)


def crumbs(path: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What components/breadcrumbs.html shows: where one is in the tree, each step a link."""
    steps = [(f"{spaced_iso(code)} {name}".strip(), reverse("catalog:class", args=[code])) for code, name in path]
    return [("Varukatalog", reverse("catalog:classes")), *steps]
