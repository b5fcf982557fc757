"""An article: what is known of it, what belongs to it, what has been changed on it."""

import datetime
from collections.abc import Callable
from typing import Any

from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Assignment
from accounts.permissions import Permission, may, requires
from catalog import classes
from catalog.cards import marks_of, placeholder
from catalog.changes import field_label, in_words
from catalog.listing import BY_NAME, page_by_name
from catalog.models import Article, ArticleQuerySet, FeedChange, Media, Price, Relation
from catalog.models.articles import ArticleType
from catalog.models.local import ChargingForm
from catalog.models.prices import PriceKind, next_change
from catalog.rights import verdicts
from catalog.views.classes import crumbs
from core.paging import keyset_page

# So many stand on the article's own page; the rest a click away.
MOST_RELATED = 8
RELATED_PAGE = 50
HISTORY_PAGE = 50
_FILE_WORDS = {"application/pdf": "PDF", "image/jpeg": "bild", "image/png": "bild", "image/webp": "bild"}
_PART_ORDER = [ArticleType.ACCESSORY, ArticleType.PART, ArticleType.SETTING, ArticleType.SERVICE, ArticleType.MAIN]


@requires(Permission.SEE_CATALOG)
@require_safe
def article(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Article.objects.published().for_cards(), pk=pk)
    media = _media(found)
    pictures = list(media.pictures())
    code = found.category.code if found.category else ""
    groups = [(slug, title, list(related(found)[: MOST_RELATED + 1])) for slug, (title, related) in GROUPS.items()]
    context = {
        "article": found,
        "marks": marks_of([found], by=request.assignment)[found.pk],
        "may_order": may(request.assignment, Permission.PLACE_ORDER),
        "verdict": verdicts([found], by=request.assignment)[found.pk],
        "may_edit_units": may(request.assignment, Permission.EDIT_UNIT_FAVOURITES),
        "may_see_history": may(request.assignment, Permission.SEE_FEED_HISTORY),
        "crumbs": crumbs(classes.path_to(code)),
        "placeholder": placeholder(code),
        "pictures": pictures,
        "shown": _chosen(pictures, request.GET.get("bild", "")),
        "price": _price(found),
        "facts": _facts(found),
        "numbers": _numbers(found),
        "terms": _terms(found, by=request.assignment),
        "documents": [(document, _FILE_WORDS.get(document.stored.content_type, "fil")) for document in media.documents()],
        "films": media.filter(kind=Media.Kind.VIDEO, url__startswith="https://"),
        "replacements": next(articles for slug, _, articles in groups if slug == "ersatts-av"),
        "groups": [(slug, title, articles[:MOST_RELATED], len(articles) > MOST_RELATED) for slug, title, articles in groups if articles],
    }
    return render(request, "catalog/article.html", context)


@requires(Permission.SEE_CATALOG)
@require_safe
def related(request: HttpRequest, pk: int, group: str) -> HttpResponse:
    """All of one kind that belong to the article."""
    if group not in GROUPS:
        raise Http404
    found = get_object_or_404(Article.objects.published().select_related("local"), pk=pk)
    title, articles = GROUPS[group]
    page = page_by_name(articles(found), request.GET.get("cursor"), rank="part_order", size=RELATED_PAGE)
    return render(request, "catalog/related.html", {"article": found, "title": title, "page": page})


@requires(Permission.SEE_FEED_HISTORY)
@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """What the imports have changed of the article and of its product, newest first."""
    found = get_object_or_404(Article.objects.published().select_related("local"), pk=pk)
    changes = FeedChange.objects.filter(article=found)
    if found.product_id is not None:
        changes |= FeedChange.objects.filter(product=found.product_id)
    page = keyset_page(changes.select_related("feed_import"), order=["-pk"], cursor=request.GET.get("cursor"), size=HISTORY_PAGE)
    return render(request, "catalog/history.html", {"article": found, "page": page, "changes": [_change(change) for change in page.rows]})


# --- What belongs together ---


def _rows(articles: ArticleQuerySet) -> ArticleQuerySet:
    """As the tables of related articles show them: accessories before parts, then by name."""
    part_order = Case(*(When(article_type=kind, then=place) for place, kind in enumerate(_PART_ORDER)), default=len(_PART_ORDER))
    return (
        articles.filter(search_entry__isnull=False)
        .annotate(part_order=part_order)
        .select_related("supplier", "local", "product")
        .with_price()
        .order_by("part_order", *BY_NAME)
    )


def _equivalent(article: Article) -> ArticleQuerySet:
    group = article.local_value("substitution_group_id")
    if group is None:
        return Article.objects.none()
    return Article.objects.orderable().filter(local__substitution_group=group).exclude(pk=article.pk)


GROUPS: dict[str, tuple[str, Callable[[Article], ArticleQuerySet]]] = {
    "ersatts-av": ("Ersätts av", lambda article: _rows(article.related(Relation.Kind.REPLACED_BY))),
    "passar-till": ("Passar till", lambda article: _rows(article.related(Relation.Kind.FITS_TO))),
    "tillbehor": ("Tillbehör och delar som passar", lambda article: _rows(article.related(Relation.Kind.FITS_TO, backwards=True))),
    "ersatter": ("Ersätter", lambda article: _rows(article.related(Relation.Kind.REPLACED_BY, backwards=True))),
    "likvardiga": ("Likvärdiga artiklar", lambda article: _rows(_equivalent(article))),
}


# --- Pictures and documents ---


def _media(article: Article) -> Any:
    """The article's own and its product's."""
    own = Media.objects.filter(article=article)
    return own if article.product_id is None else own | Media.objects.filter(product=article.product_id)


def _chosen(pictures: list[Media], place: str) -> int:
    """Which picture is shown large, from 1; what the address has wrong shows the first."""
    return int(place) if place.isascii() and place.isdigit() and len(place) < 4 and 1 <= int(place) <= len(pictures) else 1


# --- Facts ---


def _price(article: Article) -> dict[str, Any]:
    """What it costs, whose price that is, and what the feed says it will cost (`from_on`, `coming`)."""
    row = article.current_price()
    price: dict[str, Any] = {"text": article.price_text, "is_known": article.unit_price() is not None}
    if article.local_value("shown_price") is not None:
        price["whose"] = "Hjälpmedelscentralens pris"
    elif article.charging_form == ChargingForm.RENT:
        price["whose"] = ""
    else:
        price["whose"] = {PriceKind.AGREEMENT: "Avtalspris", PriceKind.GENERAL: "Enligt leverantörens prislista"}.get(row.kind, "") if row else ""
        price |= _coming(article.fetched_prices, row)  # type: ignore[attr-defined]
    return price


def _coming(rows: list[Price], now: Price | None) -> dict[str, Any]:
    """The next day on which the price is another."""
    day: datetime.date = timezone.localdate()
    amount = now.amount if now else None
    while (change := next_change(rows, day)) is not None:
        day, row = change
        if (row.amount if row else None) != amount:
            return {"from_on": day, "coming": row.amount if row else None}
    return {}


def _facts(article: Article) -> list[tuple[str, str]]:
    facts = [(fact["name"], f"{fact['value']} {fact['unit']}".strip()) for fact in article.all_properties]
    if article.product and article.product.is_ce_marked is not None:
        facts.append(("CE-märkt", "Ja" if article.product.is_ce_marked else "Nej"))
    if article.preventive_maintenance_days:
        facts.append(("Förebyggande underhåll", f"var {article.preventive_maintenance_days}:e dag"))
    return [(term, value) for term, value in facts if value]


def _numbers(article: Article) -> list[tuple[str, str]]:
    """Numbers that one copies."""
    rows = [("Artikelnummer", article.sesam_number), ("Leverantörens nummer", article.number), ("GTIN", article.gtin)]
    return [(term, value) for term, value in rows if value]


def _terms(article: Article, *, by: Assignment) -> list[tuple[str, str]]:
    """How it is bought, from whom and as what."""
    pack = ""
    if article.package_content is not None:
        pack = f"{article.package_content.normalize():f} {article.package_content_unit}".strip().replace(".", ",")
    outer = article.quantity_in_outer_package
    price = article.current_price()
    group = article.local_value("substitution_group")
    is_in_assortment = Article.objects.in_assortment_of(by).filter(pk=article.pk).exists()
    rows = [
        ("Leverantör", article.supplier.name),
        ("Tillverkare", article.product.manufacturer if article.product else ""),
        ("Varumärke", article.product.trademark if article.product else ""),
        ("Debitering", article.charging_form_word),
        ("Beställningsenhet", article.order_unit),
        ("Innehåll", pack),
        ("I ytterförpackning", f"{outer.normalize():f}".replace(".", ",") if outer is not None else ""),
        ("Minsta antal", str(price.min_order_quantity) if price and price.min_order_quantity else ""),
        ("Sortiment", "Ingår i sortimentet" if is_in_assortment else "Utanför sortimentet"),
        ("Ersättningsgrupp", f"{group}{' (fast: centralen byter till likvärdig artikel)' if group.is_fixed else ''}" if group else ""),
        ("Märkning", "Individmärkt" if article.is_individual_marked else ""),
    ]
    return [(term, value) for term, value in rows if value]


# --- History ---


def _change(change: FeedChange) -> dict[str, Any]:
    return {
        "at": change.feed_import.finished_at or change.feed_import.started_at,
        "file": str(change.feed_import),
        "whose": "Produkten" if change.product_id else "Artikeln",
        "kind": change.get_kind_display(),
        "field": field_label(change.field),
        "old": in_words(change.old) if change.field else "",
        "new": in_words(change.new) if change.field else "",
    }
