"""Inventering: what somebody found on the shelves, line by line, and what became of the differences."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Assignment
from buffer.models.stores import StockLine, Store
from core.lifecycle import Lifecycle

REGISTERED_WITHIN = datetime.timedelta(hours=24)


class CountQuerySet(models.QuerySet["Count"]):
    def visible_to(self, assignment: Assignment) -> "CountQuerySet":
        return self.filter(store__unit=assignment.unit_id)


class Count(Lifecycle):
    """One inventering of a store. Several people enter its lines; one of them books the differences. One at a time is open in a store."""

    class Status(models.TextChoices):
        OPEN = "OPEN", "Pågår"
        BOOKED = "BOOKED", "Bokförd"
        CANCELLED = "CANCELLED", "Avbruten"

        @property
        def tone(self) -> str:
            return {"OPEN": "info", "BOOKED": "success", "CANCELLED": "neutral"}[self.value]

    MOVES: ClassVar[Mapping[str, frozenset[str]]] = {
        Status.OPEN: frozenset({Status.BOOKED, Status.CANCELLED}),
        Status.BOOKED: frozenset(),
        Status.CANCELLED: frozenset(),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    status = models.CharField("status", max_length=20, choices=Status, default=Status.OPEN)
    store = models.ForeignKey(Store, models.PROTECT, related_name="counts", verbose_name="förråd")
    is_blind = models.BooleanField("utan att se saldot", default=False)
    started_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+", verbose_name="påbörjad av")
    started_at = models.DateTimeField("påbörjad", default=timezone.now)
    closed_at = models.DateTimeField("avslutad", null=True)
    correction_number = models.CharField("rättelse", max_length=35, blank=True)

    objects = CountQuerySet.as_manager()

    class Meta:
        verbose_name = "inventering"
        verbose_name_plural = "inventeringar"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=["OPEN", "BOOKED", "CANCELLED"]), name="count_status_is_known"),
            models.CheckConstraint(condition=Q(status="OPEN") ^ Q(closed_at__isnull=False), name="count_is_closed_when_it_ends"),
            models.UniqueConstraint(fields=["store"], condition=Q(status="OPEN"), name="one_open_count_per_store"),
        ]
        indexes: ClassVar = [models.Index(fields=["store", "-id"], name="counts_of_store")]

    def __str__(self) -> str:
        return f"inventering {self.pk}"

    @property
    def tone(self) -> str:
        return self.Status(self.status).tone

    def get_absolute_url(self) -> str:
        return reverse("buffer:count", args=[self.public_id])


class CountEntryQuerySet(models.QuerySet["CountEntry"]):
    def unregistered(self) -> "CountEntryQuerySet":
        """Booked as taken without having been registered, and not all registered since."""
        return self.filter(reason=CountEntry.Reason.UNREGISTERED, registered__lt=-F("difference"))


class CountEntry(models.Model):
    """What was found of one line. The difference is against what the ledger said at that moment, so that what is moved later is no difference."""

    class Reason(models.TextChoices):
        UNREGISTERED = "UNREGISTERED", "Troligen tagna utan att registreras på en patient"
        MISCOUNTED = "MISCOUNTED", "Felräknat vid leverans eller förra inventeringen"
        BROKEN = "BROKEN", "Trasiga, redan slängda"
        MISPLACED = "MISPLACED", "Låg på fel plats"
        UNKNOWN = "UNKNOWN", "Vet inte"

    count = models.ForeignKey(Count, models.PROTECT, related_name="entries")
    line = models.ForeignKey(StockLine, models.PROTECT, related_name="counts")
    counted = models.PositiveIntegerField("räknat antal")
    # Those of them whose numbers were read, as they were numbered then.
    individual_numbers: "ArrayField[list[str], list[str]]" = ArrayField(models.CharField(max_length=100), default=list)
    # Counts up, so that nobody writes over what a colleague has counted without having seen it.
    version = models.PositiveIntegerField(default=1)
    counted_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+", verbose_name="räknat av")
    counted_at = models.DateTimeField("räknat")
    # What the ledger said when it was counted, and the last movement that it knew of.
    on_hand_then = models.PositiveIntegerField("saldo då")
    last_movement = models.PositiveBigIntegerField(default=0)
    # Set when the count is booked. What is registered afterwards on a patient is given back to the difference.
    difference = models.IntegerField("bokförd skillnad", null=True)
    reason = models.CharField("orsak", max_length=12, choices=Reason, blank=True)
    note = models.CharField("anteckning", max_length=500, blank=True)
    registered = models.PositiveIntegerField("registrerat i efterhand", default=0)

    objects = CountEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "räknad rad"
        verbose_name_plural = "räknade rader"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["count", "line"], name="line_once_per_count"),
            models.CheckConstraint(condition=Q(reason="") | Q(difference__isnull=False), name="counted_reason_is_for_what_is_booked"),
            models.CheckConstraint(condition=Q(registered=0) | Q(difference__lte=-F("registered")), name="registered_is_what_was_missing"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["line", "-counted_at"], name="counts_of_line"),
            models.Index(fields=["line"], condition=Q(reason="UNREGISTERED"), name="counted_as_not_registered"),
        ]

    def __str__(self) -> str:
        return f"räknad rad {self.pk}"

    @property
    def unexplained(self) -> int:
        """How many were booked as missing, and have not been registered since."""
        return max(-(self.difference or 0) - self.registered, 0)

    @property
    def is_late(self) -> bool:
        """Past the 24 hours within which an uttag is registered (the region's agreement)."""
        return timezone.now() - self.counted_at > REGISTERED_WITHIN

    def as_entered(self) -> dict[str, Any]:
        return {"counted": self.counted, "individuals": self.individual_numbers, "by": self.counted_by_id, "at": self.counted_at.isoformat()}
