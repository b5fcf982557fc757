"""Marking favourites. Each of these says what shall be, so that a second click or tab does no harm."""

from django.db import transaction

from accounts.models import Assignment
from catalog.models import Article, Favourite


@transaction.atomic
def mark(article: Article, *, by: Assignment, for_unit: bool = False) -> None:
    """The article is a favourite of the person, or of the unit."""
    owner = {"unit_id": by.unit_id} if for_unit else {"user_id": by.user_id}
    Favourite.objects.bulk_create([Favourite(article=article, added_by=by, **owner)], ignore_conflicts=True)


@transaction.atomic
def unmark(article: Article, *, by: Assignment, for_unit: bool = False) -> None:
    favourites = Favourite.objects.visible_to(by).filter(article=article)
    (favourites.of_unit(by) if for_unit else favourites.of_user(by)).delete()
