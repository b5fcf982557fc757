"""Find: the search with its facets."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, requires
from catalog.cards import cards
from catalog.facets import Choice, Facet, Facets
from catalog.forms import CatalogForm, address_of
from catalog.listing import Listing

# What shows all choices of a facet.
_SHOW_ALL = "visa"


@requires(Permission.SEE_CATALOG)
@require_safe
def article_list(request: HttpRequest) -> HttpResponse:
    """Search, facets and cards. As one types, htmx asks for the part below the search box alone."""
    form = CatalogForm(request.GET)
    asked = form.asked()
    address = address_of(asked)
    listing = Listing(asked, by=request.assignment)
    page = listing.page(request.GET.get("cursor"))
    facets = Facets(listing, show_all=request.GET.get(_SHOW_ALL, ""))
    total = facets.counts.total
    # Where a filter alone hides what was meant, the words were right.
    is_unknown = bool(asked.query) and not total and not facets.counts.without.total()
    context = {
        "search": form,
        # Only what was typed can be wrong.
        "form": form if form.errors else None,
        "errors_text": "Listan är inte avgränsad på pris än.",
        "listing": listing,
        "asked": asked,
        "page": page,
        "cards": cards(page.rows, by=request.assignment),
        "total": total,
        "facets": [_with_links(facet, address) for facet in facets.all()],
        "chosen": [_link(choice, address) for choice in facets.chosen()],
        "clear": _without_filters(address),
        "hidden": [(name, value) for name, values in address.lists() if name != "q" for value in values],
        "hidden_beside_price": [(name, value) for name, values in address.lists() if not name.startswith("pris_") for value in values],
        "nearest": [(word, _href(address, q=[word])) for word in listing.nearest] if is_unknown else [],
    }
    is_fragment = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    response = render(request, "catalog/_results.html" if is_fragment else "catalog/list.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _href(address: QueryDict, **changes: Any) -> str:
    query = address.copy()
    for name, values in changes.items():
        query.setlist(name, list(values))
    return f"?{query.urlencode()}"


def _link(choice: Choice, address: QueryDict) -> tuple[Choice, str]:
    changes: dict[str, Any] = {"pris_fran": (), "pris_till": ()} if choice.name == "pris" else {choice.name: choice.values}
    return choice, _href(address, **changes)


def _with_links(facet: Facet, address: QueryDict) -> tuple[Facet, list[tuple[Choice, str]], str]:
    """The facet, its choices with where they lead, and where all of them are shown."""
    return facet, [_link(choice, address) for choice in facet.choices], f"{_href(address, **{_SHOW_ALL: [facet.name]})}#facett-{facet.name}"


def _without_filters(address: QueryDict) -> str:
    return _href(QueryDict(mutable=True), q=address.getlist("q"))
