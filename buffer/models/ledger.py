"""The ledger: every change of what lies in a store."""

import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Assignment
from buffer.models.stores import StockLine
from catalog.models import Individual
from core.append_only import append_only


class MovementQuerySet(models.QuerySet["Movement"]):
    def visible_to(self, assignment: Assignment) -> "MovementQuerySet":
        return self.filter(line__store__unit=assignment.unit_id)

    def of_provider(self, assignment: Assignment) -> "MovementQuerySet":
        """In the stores of the care provider: an individual is followed between them (decision 0041)."""
        return self.filter(line__store__unit__provider=assignment.unit.provider_id)


class Movement(models.Model):
    """One change of a line's `on_hand`, in the order in which they were booked. Append-only; names no patient.

    `at` is when it was booked, `happened_at` when the thing was moved: an uttag may be registered afterwards. `by` None is SESAM2.
    """

    class Kind(models.TextChoices):
        WITHDRAWAL = "WITHDRAWAL", "Uttag"
        RETURN = "RETURN", "Återlämnat"
        RECEIPT = "RECEIPT", "Mottaget"
        PICKED_UP = "PICKED_UP", "Hämtat av centralen"
        COUNT = "COUNT", "Inventering"
        SCRAPPED = "SCRAPPED", "Kasserat"
        LOST = "LOST", "Förkommet"
        FOUND = "FOUND", "Återfunnet"
        TRANSFER_OUT = "TRANSFER_OUT", "Flyttat till annat förråd"
        TRANSFER_IN = "TRANSFER_IN", "Flyttat från annat förråd"

    OUT: ClassVar = [Kind.WITHDRAWAL, Kind.PICKED_UP, Kind.SCRAPPED, Kind.LOST, Kind.TRANSFER_OUT]
    IN: ClassVar = [Kind.RETURN, Kind.RECEIPT, Kind.FOUND, Kind.TRANSFER_IN]

    # No index of its own: each of those below begins with it.
    line = models.ForeignKey(StockLine, models.PROTECT, related_name="movements", db_index=False, verbose_name="förrådsrad")
    kind = models.CharField("slag", max_length=12, choices=Kind)
    change = models.IntegerField("ändring")
    before = models.PositiveIntegerField("före")
    after = models.PositiveIntegerField("efter")
    individual = models.ForeignKey(Individual, models.PROTECT, null=True, related_name="movements", verbose_name="individ")
    # The kundorder, uttag, order to the store or hämtorder; the stock correction that SESAM2 was told by.
    order_number = models.CharField("ordernummer", max_length=35, blank=True)
    correction_number = models.CharField("rättelse", max_length=35, blank=True)
    note = models.CharField("anteckning", max_length=500, blank=True)
    by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+", verbose_name="av")
    happened_at = models.DateTimeField("hände", default=timezone.now)
    at = models.DateTimeField("bokfört", default=timezone.now)

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = "lagerhändelse"
        verbose_name_plural = "lagerhändelser"
        triggers: ClassVar = append_only()
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(change=0), name="movement_changes_something"),
            models.CheckConstraint(condition=Q(after=F("before") + F("change")), name="movement_adds_up"),
            models.CheckConstraint(condition=Q(before__gte=0, after__gte=0), name="movement_is_never_below_nothing"),
            models.CheckConstraint(condition=Q(individual=None) | Q(change__in=[-1, 1]), name="movement_of_an_individual_is_one"),
            models.CheckConstraint(
                condition=Q(kind="COUNT")
                | Q(kind__in=["WITHDRAWAL", "PICKED_UP", "SCRAPPED", "LOST", "TRANSFER_OUT"], change__lt=0)
                | Q(kind__in=["RETURN", "RECEIPT", "FOUND", "TRANSFER_IN"], change__gt=0),
                name="movement_goes_the_way_of_its_kind",
            ),
            models.CheckConstraint(condition=Q(kind__in=["WITHDRAWAL", "RETURN", "RECEIPT", "PICKED_UP"]) ^ Q(order_number=""), name="movement_has_its_order"),
            models.CheckConstraint(
                condition=Q(kind__in=["COUNT", "SCRAPPED", "LOST", "FOUND", "TRANSFER_OUT", "TRANSFER_IN"]) ^ Q(correction_number=""),
                name="movement_has_its_correction",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["line", "-id"], name="movements_of_line"),
            # For turnover and charts, which read the index alone.
            models.Index(fields=["line", "kind", "happened_at"], include=["change"], name="movements_by_kind"),
            # For when it ran out, and until when.
            models.Index(fields=["line", "id"], include=["at", "before", "after"], condition=Q(after=0) | Q(before=0), name="movements_at_nothing"),
            models.Index(fields=["individual", "-id"], condition=Q(individual__isnull=False), name="movements_of_individual"),
            models.Index(fields=["order_number"], condition=~Q(order_number=""), name="movements_of_order"),
        ]

    def __str__(self) -> str:
        return f"lagerhändelse {self.pk}"

    @property
    def is_late(self) -> bool:
        """Registered afterwards."""
        return self.at - self.happened_at > datetime.timedelta(minutes=5)
