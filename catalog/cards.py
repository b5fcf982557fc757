"""Articles as lists show them: what components/article_card.html takes. What is asked about a whole page of articles at once is asked here."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from accounts.models import Assignment
from accounts.permissions import Permission, may
from catalog.models import Article, Favourite, Mode
from catalog.rights import Verdict, verdicts

_DRAWN_CLASSES = {"04", "05", "06", "09", "12", "15", "18", "22", "24", "27", "28", "30"}


def cards(articles: Iterable[Article], *, by: Assignment) -> list[dict[str, Any]]:
    """Cards in the same order, in a fixed number of queries. Ask the articles by `for_cards()`."""
    shown = list(articles)
    marks = marks_of(shown, by=by)
    judged = verdicts(shown, by=by)
    may_order = may(by, Permission.PLACE_ORDER)
    return [_card(article, judged[article.pk], may_order=may_order) | marks[article.pk] for article in shown]


def marks_of(articles: Iterable[Article], *, by: Assignment) -> dict[int, dict[str, bool]]:
    """For each article's id whether it is a favourite of the person (`is_mine`) and of the unit (`is_units`)."""
    marks = {article.pk: {"is_mine": False, "is_units": False} for article in articles}
    for article_id, unit_id in Favourite.objects.visible_to(by).filter(article__in=marks).values_list("article_id", "unit_id"):
        marks[article_id]["is_mine" if unit_id is None else "is_units"] = True
    return marks


def _card(article: Article, verdict: Verdict, *, may_order: bool) -> dict[str, Any]:
    words, tone = article.sale_status
    return {
        "id": article.pk,
        "url": article.get_absolute_url(),
        "name": article.display_name,
        "number": article.display_number,
        "iso_code": article.category.code if article.category else "",
        "supplier": article.supplier.name,
        "picture": article.picture,
        "placeholder": placeholder(article.category.code if article.category else ""),
        "availability": words,
        "tone": tone,
        "price": article.price_text,
        # A reminder is for the article's page; a list tells what stops, or must be asked for, and why.
        "verdict": dataclasses.replace(verdict, reasons=verdict.deciding) if verdict.mode.strictness > Mode.WARN.strictness else None,
        "can_be_ordered": may_order and article.is_orderable,
    }


def placeholder(iso_code: str) -> str:
    """The icon of the ISO area, where there is no picture."""
    return f"iso-{iso_code[:2]}" if iso_code[:2] in _DRAWN_CLASSES else "box"
