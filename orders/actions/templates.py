"""Beställningsmallar: saved from a draft, put on a draft, removed. Articles and quantities alone, never what is written about a patient."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Prefetch

from accounts.models import Assignment
from catalog.models import Article
from orders.actions.drafts import TooMany, Whole, add_article, lock_draft
from orders.models import Order, OrderTemplate, TemplateLine


class NameTaken(Exception):
    """The unit, or the person, has a template of that name."""


class NothingToSave(Exception):
    """The draft has no lines that a template can keep."""


@transaction.atomic
def save_as_template(order: Order, *, name: str, for_unit: bool, by: Assignment) -> OrderTemplate:
    """The draft's articles as a template of `by`, or of the whole unit. Components to a patient's own aid are left out.

    Raises `NameTaken` and `NothingToSave`.
    """
    lines = list(order.lines.filter(individual_number="").select_related("main").order_by("line"))
    if not lines:
        raise NothingToSave
    try:
        with transaction.atomic():
            template = OrderTemplate.objects.create(unit=by.unit, owner=None if for_unit else by.user, name=name)
    except IntegrityError as error:
        raise NameTaken from error
    TemplateLine.objects.bulk_create(
        TemplateLine(
            template=template,
            line=line.line,
            # What was wanted, not what happened to be in stock that day.
            article_id=line.substituted_for_id or line.article_id,
            quantity=line.quantity,
            main_line=line.main.line if line.main else None,
        )
        for line in lines
    )
    return template


@transaction.atomic
def use(order: Order, template: OrderTemplate) -> Sequence[Article]:
    """Add the template's articles to the draft, accessories under their aids. Returns those that can no longer be ordered and were left out.

    Raises `drafts.TooMany` with nothing added, and `IllegalMove` as `drafts.save` does.
    """
    lock_draft(order)
    articles = Prefetch("article", Article.objects.select_related("supplier", "product", "local__substitution_group").with_price())
    lines = list(template.lines.prefetch_related(articles).order_by("line"))
    put: dict[int, int] = {}
    for line in sorted(lines, key=lambda line: line.main_line is not None):
        if line.article.is_orderable:
            to = Whole(line=put.get(line.main_line)) if line.main_line is not None else Whole()
            put[line.line] = add_article(order, line.article, quantity=line.quantity, to=to).line
    return [line.article for line in lines if not line.article.is_orderable]


@transaction.atomic
def remove(template: OrderTemplate) -> None:
    template.delete()


__all__ = ["NameTaken", "NothingToSave", "TooMany", "remove", "save_as_template", "use"]
