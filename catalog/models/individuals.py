"""Aids that carry a number of their own."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from catalog.models.articles import Article


class Individual(models.Model):
    """One aid with an individual number. The marks are set by the apps above, through their actions."""

    number = models.CharField("individnummer", max_length=35, unique=True, db_collation="C")
    earlier_numbers = ArrayField(models.CharField(max_length=35), default=list, blank=True, verbose_name="tidigare individnummer")
    article = models.ForeignKey(Article, models.PROTECT, related_name="individuals", verbose_name="artikel")
    serial_number = models.CharField("serienummer", max_length=100, blank=True)
    lot = models.CharField("batch", max_length=100, blank=True)
    udi = models.CharField("UDI", max_length=200, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="components", verbose_name="sitter på")
    next_inspection_on = models.DateField("nästa besiktning", null=True, blank=True)
    is_under_investigation = models.BooleanField("under utredning", default=False)
    is_lost = models.BooleanField("saknas", default=False)
    is_on_pickup = models.BooleanField("på hämtorder", default=False)
    is_loaner = models.BooleanField("låneexemplar", default=False)

    class Meta:
        verbose_name = "individ"
        verbose_name_plural = "individer"
        constraints = [
            models.CheckConstraint(condition=~Q(number=""), name="catalog_individual_number"),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="catalog_individual_not_its_own_parent"),
        ]
        indexes = [GinIndex(fields=["earlier_numbers"], name="catalog_individual_earlier")]

    def __str__(self) -> str:
        return self.number
