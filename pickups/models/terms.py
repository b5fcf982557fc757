"""The region's terms for fetching aids: why, in what, how soon. Data, kept in the administration."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Reason(models.TextChoices):
    NOT_NEEDED = "NOT_NEEDED", "Behövs inte längre"
    EXCHANGE = "EXCHANGE", "Byte"
    END_OF_TRIAL = "END_OF_TRIAL", "Provtiden är slut"
    DECEASED = "DECEASED", "Patienten har avlidit (dödsbo)"
    MOVED = "MOVED", "Patienten har flyttat"
    WRONG_DELIVERY = "WRONG_DELIVERY", "Felleverans"
    INVESTIGATION = "INVESTIGATION", "Utredning efter felrapport"
    OTHER = "OTHER", "Annat"


class LoadCarrier(models.Model):
    """Lastbärare: what the aids are packed in when they are fetched."""

    name = models.CharField("namn", max_length=100, unique=True)
    is_active = models.BooleanField("används", default=True)

    class Meta:
        verbose_name = "lastbärare"
        verbose_name_plural = "lastbärare"

    def __str__(self) -> str:
        return self.name


class PickupTerms(models.Model):
    """What follows when a hämtorder is registered, in working days from that day. One row.

    An order keeps the days that were computed when it was sent.
    """

    fetched_within = models.PositiveSmallIntegerField("hämtas inom, arbetsdagar", default=7)
    rent_ends_after = models.PositiveSmallIntegerField("hyran slutar efter, arbetsdagar", default=3)
    deregistered_within = models.PositiveSmallIntegerField("borta från patientens lista inom, arbetsdagar", default=7)

    class Meta:
        verbose_name = "villkor för hämtning"
        verbose_name_plural = "villkor för hämtning"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="pickup_terms_are_one_row")]

    def __str__(self) -> str:
        return "villkor för hämtning"
