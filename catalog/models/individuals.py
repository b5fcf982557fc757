"""Aids that carry a number of their own."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from catalog.models.articles import Article
from core.append_only import append_only

NUMBER_LENGTH = 100  # the contract's Identifier


class Individual(models.Model):
    """One aid with an individual number. The marks are set by the apps above, through `catalog.individuals`.

    An aid that SESAM2 tells of before it has been delivered has no article yet.
    """

    number = models.CharField("individnummer", max_length=NUMBER_LENGTH, unique=True, db_collation="C")
    # The numbers that this one came after, oldest first, so that each of them finds it.
    earlier_numbers = ArrayField(models.CharField(max_length=NUMBER_LENGTH), default=list, blank=True, verbose_name="tidigare individnummer")
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced", verbose_name="ersatt av")
    article = models.ForeignKey(Article, models.PROTECT, null=True, related_name="individuals", verbose_name="artikel")
    serial_number = models.CharField("serienummer", max_length=100, blank=True)
    lot = models.CharField("batch", max_length=500, blank=True)
    udi = models.CharField("UDI", max_length=500, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="components", verbose_name="sitter på")
    next_inspection_on = models.DateField("nästa besiktning", null=True, blank=True)
    is_under_investigation = models.BooleanField("under utredning", default=False)
    is_lost = models.BooleanField("saknas", default=False)
    is_on_pickup = models.BooleanField("på hämtorder", default=False)
    is_loaner = models.BooleanField("låneexemplar", default=False)
    # Kept by a trigger on the loans, so that a store never holds what a patient has.
    is_on_loan = models.BooleanField("hos patient", default=False, db_default=False, editable=False)
    # Of the last message about this number that said what replaced it, and when it is to be inspected.
    replaced_sequence = models.PositiveIntegerField(default=0)
    inspection_sequence = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "individ"
        verbose_name_plural = "individer"
        constraints = [
            models.CheckConstraint(condition=~Q(number=""), name="catalog_individual_number"),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="catalog_individual_not_its_own_parent"),
            models.CheckConstraint(condition=Q(replaced_by=None) | ~Q(replaced_by=F("id")), name="catalog_individual_does_not_replace_itself"),
        ]
        indexes = [
            GinIndex(fields=["earlier_numbers"], name="catalog_individual_earlier"),
            models.Index(fields=["serial_number"], condition=~Q(serial_number=""), name="catalog_individual_serial"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("individual", args=[self.number])

    @property
    def marks(self) -> list[tuple[str, str]]:
        """Word and tone of each mark that is set."""
        marks = [
            (self.is_under_investigation, "Under utredning", "warning"),
            (self.is_lost, "Saknas", "danger"),
            (self.is_on_pickup, "På hämtorder", "info"),
            (self.is_loaner, "Låneexemplar", "neutral"),
        ]
        return [(word, tone) for is_set, word, tone in marks if is_set]

    @property
    def inspection_has_passed(self) -> bool:
        return self.next_inspection_on is not None and self.next_inspection_on < timezone.localdate()


class IndividualHistory(models.Model):
    """What happened to an aid, in the order in which it became known. Append-only; names no patient."""

    class Event(models.TextChoices):
        REGISTERED = "REGISTERED", "Levererad för första gången"
        REPLACED = "REPLACED", "Bytt individnummer"
        INSPECTION = "INSPECTION", "Ny besiktningsdag"
        MARKED = "MARKED", "Märkning ändrad"
        MOUNTED = "MOUNTED", "Monterad"

    individual = models.ForeignKey(Individual, models.PROTECT, related_name="history")
    event = models.CharField(max_length=12, choices=Event)
    note = models.TextField(blank=True)
    details: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers: ClassVar = append_only()
        indexes = [models.Index(fields=["individual", "-id"], name="catalog_individual_history")]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
