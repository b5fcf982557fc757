"""The catalogue: find, read about an article, open its pictures and documents."""

import re
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, requires
from catalog.forms import CatalogForm
from catalog.listing import Listing
from catalog.models import Article, Media, Relation, StoredFile
from catalog.models.articles import ArticleType

# Enough for any aid; the rest is found by search.
MOST_RELATED = 60
# What a browser may show by itself; everything else is saved as a file.
SHOWN_TYPES = {"image/webp", "image/jpeg", "image/png", "application/pdf"}
_PART_ORDER = [ArticleType.ACCESSORY, ArticleType.PART, ArticleType.SETTING, ArticleType.SERVICE, ArticleType.MAIN]


@requires(Permission.SEE_CATALOG)
@require_safe
def article_list(request: HttpRequest) -> HttpResponse:
    """Search, facets and cards. As one types, htmx asks for the part below the search box alone."""
    form = CatalogForm(request.GET)
    asked = form.asked()
    listing = Listing(**asked)
    page = listing.page(request.GET.get("cursor"))
    context = {
        "search": form,
        "listing": listing,
        "page": page,
        "cards": [card(article) for article in page.rows],
        "total": listing.narrowed().count(),
        "facets": listing.facets(),
    }
    is_fragment = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    response = render(request, "catalog/_results.html" if is_fragment else "catalog/list.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@requires(Permission.SEE_CATALOG)
@require_safe
def article(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Article.objects.published().for_cards(), pk=pk)
    fitting = sorted(_related(found, Relation.Kind.FITS_TO, backwards=True), key=lambda article: _PART_ORDER.index(ArticleType(article.display_type)))
    replacements = _related(found, Relation.Kind.REPLACED_BY)
    context = {
        "article": found,
        "replacements": replacements,
        "placeholder": placeholder(found),
        "facts": _facts(found),
        "numbers": _numbers(found),
        "pictures": _media(found).pictures(),
        "documents": _media(found).documents(),
        "films": _media(found).filter(kind=Media.Kind.VIDEO, url__startswith="https://"),
        "groups": [
            ("Ersätts av", replacements),
            ("Passar till", _related(found, Relation.Kind.FITS_TO)),
            ("Tillbehör och delar som passar", fitting),
            ("Ersätter", _related(found, Relation.Kind.REPLACED_BY, backwards=True)),
            ("Likvärdiga artiklar", _equivalent(found)),
        ],
    }
    return render(request, "catalog/article.html", context)


@requires(Permission.SEE_CATALOG)
@require_safe
def media(request: HttpRequest, sha256: str) -> FileResponse:
    """A picture or document by the hash of its content, so it may be kept for good. Strangers made it: it may run nothing and load nothing."""
    file = get_object_or_404(StoredFile, sha256=sha256)
    try:
        content = file.path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    is_shown = file.content_type in SHOWN_TYPES
    response = FileResponse(
        content, content_type=file.content_type if is_shown else "application/octet-stream", as_attachment=not is_shown, filename=_file_name(file)
    )
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response


def card(article: Article) -> dict[str, Any]:
    """What components/article_card.html shows. Ask the articles by `for_cards()`."""
    words, tone = article.sale_status
    return {
        "url": article.get_absolute_url(),
        "name": article.display_name,
        "number": article.display_number,
        "iso_code": article.category.code if article.category else "",
        "picture": article.picture,
        "placeholder": placeholder(article),
        "availability": words,
        "tone": tone,
        "price": article.price_text,
    }


_DRAWN_CLASSES = {"04", "05", "06", "09", "12", "15", "18", "22", "24", "27", "28", "30"}


def placeholder(article: Article) -> str:
    """The icon of the article's ISO area, where there is no picture."""
    area = article.category.code[:2] if article.category else ""
    return f"iso-{area}" if area in _DRAWN_CLASSES else "box"


def _related(article: Article, kind: str, *, backwards: bool = False) -> list[Article]:
    found = article.related(kind, backwards=backwards).for_cards().order_by("article_type", "search_entry__title_sort", "pk")
    return list(found[:MOST_RELATED])


def _equivalent(article: Article) -> list[Article]:
    group = article.local_value("substitution_group")
    if group is None:
        return []
    return list(
        Article.objects.orderable()
        .filter(local__substitution_group=group)
        .exclude(pk=article.pk)
        .for_cards()
        .order_by("search_entry__title_sort", "pk")[:MOST_RELATED]
    )


def _media(article: Article) -> Any:
    """The article's own and its product's, the own ones first."""
    own = Media.objects.filter(article=article)
    return own if article.product_id is None else own | Media.objects.filter(product=article.product_id)


def _facts(article: Article) -> list[tuple[str, str]]:
    facts = [(fact["name"], f"{fact['value']} {fact['unit']}".strip()) for fact in article.all_properties]
    if article.product:
        facts += [("Tillverkare", article.product.manufacturer), ("Varumärke", article.product.trademark)]
        if article.product.is_ce_marked is not None:
            facts.append(("CE-märkt", "Ja" if article.product.is_ce_marked else "Nej"))
    if article.preventive_maintenance_days:
        facts.append(("Förebyggande underhåll", f"var {article.preventive_maintenance_days}:e dag"))
    return [(term, value) for term, value in facts if value]


def _numbers(article: Article) -> list[tuple[str, str]]:
    pack = ""
    if article.package_content is not None:
        pack = f"{article.package_content.normalize():f} {article.package_content_unit}".strip().replace(".", ",")
    price = article.current_price()
    rows = [
        ("Artikelnummer", article.display_number),
        ("Leverantör", article.supplier.name),
        ("Leverantörens nummer", article.number),
        ("GTIN", article.gtin),
        ("Debitering", article.charging_form_word),
        ("Beställningsenhet", article.order_unit),
        ("Innehåll", pack),
        ("Minsta antal", str(price.min_order_quantity) if price and price.min_order_quantity else ""),
        ("Sortiment", "Ingår i sortimentet" if article.is_in_assortment else "Utanför sortimentet"),
        ("Märkning", "Individmärkt" if article.is_individual_marked else ""),
    ]
    return [(term, value) for term, value in rows if value]


def _file_name(file: StoredFile) -> str:
    """What the feed calls a document, as far as that is a name, with the ending of what it is."""
    ending = file.content_type.rpartition("/")[2]
    named = ""
    if not file.content_type.startswith("image/"):
        named = Media.objects.filter(stored=file).exclude(file_name="").values_list("file_name", flat=True).first() or ""
    stem = re.sub(r"[^\w .,()-]", "_", re.split(r"[/\\]", named)[-1].removesuffix(f".{ending}")).strip(" .")
    return f"{stem[:100] or file.sha256[:12]}.{ending}"
