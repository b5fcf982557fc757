"""Beställningsmallar: what is often ordered together. Never anything about a patient."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Assignment, CareUnit, User
from catalog.models import Article


class OrderTemplateQuerySet(models.QuerySet["OrderTemplate"]):
    def visible_to(self, assignment: Assignment) -> "OrderTemplateQuerySet":
        """The unit's own, and one's own at that unit."""
        return self.filter(Q(owner__isnull=True) | Q(owner=assignment.user_id), unit=assignment.unit_id)


class OrderTemplate(models.Model):
    """`owner` None: the whole unit's."""

    unit = models.ForeignKey(CareUnit, models.CASCADE, related_name="+", verbose_name="vårdenhet")
    owner = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", verbose_name="ägare")
    name = models.CharField("namn", max_length=60)

    objects = OrderTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "beställningsmall"
        verbose_name_plural = "beställningsmallar"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit", "owner", "name"], name="template_name_once", nulls_distinct=False),
            models.CheckConstraint(condition=~Q(name=""), name="template_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateLine(models.Model):
    template = models.ForeignKey(OrderTemplate, models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField("rad")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField("antal")
    main_line = models.PositiveIntegerField("hör till rad", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "line"], name="line_number_once_per_template"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="template_quantity_is_positive"),
        ]
