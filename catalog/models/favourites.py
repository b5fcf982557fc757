"""Articles that somebody wants at hand: a person's own, in all assignments, and a unit's."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Assignment, CareUnit, User
from catalog.models.articles import Article


class FavouriteQuerySet(models.QuerySet["Favourite"]):
    def visible_to(self, assignment: Assignment) -> Self:
        """One's own and those of the unit that one works for."""
        return self.filter(Q(user=assignment.user_id) | Q(unit=assignment.unit_id))

    def of_user(self, assignment: Assignment) -> Self:
        return self.filter(user=assignment.user_id)

    def of_unit(self, assignment: Assignment) -> Self:
        return self.filter(unit=assignment.unit_id)


class Favourite(models.Model):
    """Of a person or of a unit, never both. What has left the catalogue stays a favourite, so that one sees that it is gone."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="favourites", verbose_name="artikel")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", verbose_name="person")
    unit = models.ForeignKey(CareUnit, models.CASCADE, null=True, related_name="+", verbose_name="vårdenhet")
    added_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+", verbose_name="tillagd av")
    added_at = models.DateTimeField("tillagd", default=timezone.now)

    objects = FavouriteQuerySet.as_manager()

    class Meta:
        verbose_name = "favorit"
        verbose_name_plural = "favoriter"
        constraints = [
            models.CheckConstraint(condition=Q(user=None) ^ Q(unit=None), name="catalog_favourite_one_owner"),
            # Led by the owner: a person's and a unit's favourites are looked up by them.
            models.UniqueConstraint(fields=["user", "article"], condition=Q(unit=None), name="catalog_favourite_of_user"),
            models.UniqueConstraint(fields=["unit", "article"], condition=Q(user=None), name="catalog_favourite_of_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}"
