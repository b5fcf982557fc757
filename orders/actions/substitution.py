"""Ersättningsgrupper: an article is switched for an equal one that is in stock, or kept with a reason."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from catalog.models import Article
from orders import rules
from orders.actions.drafts import article_fields, lock_draft
from orders.models import Order, OrderLine

Switched = Sequence[tuple[Article, Article]]  # from, to


class NotEquivalent(Exception):
    """The article is not, or no longer, an orderable one in stock of the line's ersättningsgrupp."""


class NoReason(Exception):
    """An exception from a fast ersättningsgrupp must say why."""


@transaction.atomic
def switch(order: Order, *, line: int, to: int) -> Article:
    """Put the equal article on the line in the place of its own; the first choice is remembered. Accessories stay, and are checked anew.

    Raises `NotEquivalent`, and `IllegalMove` as `drafts.save` does.
    """
    lock_draft(order)
    found = _line(order, line)
    equal = next((article for article in rules.equivalents_of([found.article], timezone.localdate())[found.article_id] if article.pk == to), None)
    if equal is None:
        raise NotEquivalent
    _put(found, equal)
    return equal


@transaction.atomic
def keep(order: Order, *, line: int, reason: str) -> Article:
    """Take back the article that a fast group had switched, with the reason why just that one is needed. Raises `NoReason`, `NotEquivalent`."""
    lock_draft(order)
    found = _line(order, line)
    if not reason:
        raise NoReason
    original = found.substituted_for
    if original is None:
        raise NotEquivalent
    OrderLine.objects.filter(pk=found.pk).update(substituted_for=None, exception_reason=reason, **article_fields(original))
    return original


@transaction.atomic
def follow_fixed_groups(order: Order) -> Switched:
    """Switch each line of a fast group that has something equal in stock and no reason against it. Returns what was switched."""
    lock_draft(order)
    lines = [line for line in _lines(order) if not line.exception_reason and rules.group_is_fixed(line.article) and not rules.is_in_stock(line.article)]
    equal = rules.equivalents_of([line.article for line in lines], timezone.localdate())
    switched = [(line, equal[line.article_id][0]) for line in lines if equal[line.article_id]]
    told = [(line.article, article) for line, article in switched]
    for line, article in switched:
        _put(line, article)
    return told


def _put(line: OrderLine, article: Article) -> None:
    first = line.substituted_for if line.substituted_for_id else line.article
    # Whether the old one fitted says nothing about the new one.
    OrderLine.objects.filter(order_id=line.order_id, main=line).exclude(misfit_reason="").update(misfit_reason="")
    OrderLine.objects.filter(pk=line.pk).update(
        substituted_for=None if first is None or first.pk == article.pk else first, misfit_reason="", **article_fields(article)
    )


def _lines(order: Order) -> list[OrderLine]:
    return list(
        OrderLine.objects.filter(order=order)
        .select_related("article__local__substitution_group", "article__product", "substituted_for__local")
        .order_by("line")
    )


def _line(order: Order, number: int) -> OrderLine:
    found = next((line for line in _lines(order) if line.line == number), None)
    if found is None:
        raise NotEquivalent
    return found
