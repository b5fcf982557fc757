"""The centre's own values for the demo's articles, the same each time."""

from decimal import Decimal
from random import Random

from catalog.models import Article, LocalArticle, SubstitutionGroup
from catalog.models.local import Availability, ChargingForm, DeliveryClass

# Made to measure or lent out for long: rented; the rest is bought.
_RENTED = ("0433", "0448", "1218", "1222", "1223", "1224", "1236", "1809", "1812", "2203", "2206", "2221", "2227")
_FIRST_NUMBER = 118_245


def fill_local_values(limit: int | None = None) -> list[int]:
    """Number, charging, delivery and flags for every article that has none of the centre's own yet, or the first `limit` of them; their keys."""
    articles = list(Article.objects.filter(local=None).select_related("category").with_price().order_by("pk")[:limit])
    # Numbers go on where an earlier filling ended.
    start = _FIRST_NUMBER + LocalArticle.objects.count()
    rows = [_values(article, start + place) for place, article in enumerate(articles)]
    LocalArticle.objects.bulk_create(rows, batch_size=1000)
    _group(articles)
    return [article.pk for article in articles]


def _values(article: Article, number: int) -> LocalArticle:
    random = Random(article.feed_id)  # noqa: S311 - the same values each time; nothing secret
    code = article.category.code if article.category else ""
    row = current.amount if (current := article.current_price()) else None
    is_main = article.article_type == "H"
    is_rented = is_main and code.startswith(_RENTED) and row is not None and row >= 1500
    stocked = random.random() < (0.62 if is_main or article.article_type == "T" else 0.4)
    delivery = DeliveryClass.STOCKED if stocked else random.choices([DeliveryClass.ORDERED, DeliveryClass.LONG], [4, 1])[0]
    charging = ChargingForm.RENT if is_rented else ChargingForm.PURCHASE_WITH_RETURN if is_main and random.random() < 0.1 else ChargingForm.PURCHASE
    return LocalArticle(
        article=article,
        sesam_number=str(number),
        charging_form=charging,
        # Bought in five years' rent, with service.
        shown_price=(row * Decimal("0.028")).quantize(Decimal(1)) if is_rented and row is not None else None,
        is_individual_marked=is_rented,
        is_published=random.random() >= 0.02,
        is_orderable=article.article_type != "R" and random.random() >= 0.03,
        is_in_assortment=random.random() < 0.85,
        may_be_component=article.article_type == "T",
        default_safety_level=random.choice((1, 2, 2, 4)) if stocked and is_main else None,
        delivery_class=delivery,
        availability=random.choices(Availability.values, [8, 2, 1])[0] if stocked else None,
        extra_text="Prova alltid ut tillsammans med förskrivare." if is_main and random.random() < 0.08 else None,
    )


def _group(articles: list[Article]) -> None:
    """Main aids of the same class and size word are equal to each other, in small groups; every third group is fixed."""
    by_class: dict[str, list[int]] = {}
    for article in articles:
        if article.article_type == "H" and article.category is not None and article.category.code in {"122203", "120606", "093307", "043303"}:
            by_class.setdefault(f"{article.category.code} {article.name.rpartition(', ')[2]}", []).append(article.pk)
    groups = [pks[:4] for _, pks in sorted(by_class.items()) if len(pks) >= 2]
    for number, pks in enumerate(groups, SubstitutionGroup.objects.count() + 1):
        group, _ = SubstitutionGroup.objects.get_or_create(number=f"E{number:04d}", defaults={"name": "Likvärdiga artiklar", "is_fixed": number % 3 == 0})
        LocalArticle.objects.filter(pk__in=pks).update(substitution_group=group)
