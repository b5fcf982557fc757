"""What the centre charges for haste, kept in the administration."""

import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q


class UrgentFeeQuerySet(models.QuerySet["UrgentFee"]):
    def in_force(self, on: datetime.date) -> "UrgentFee | None":
        """The one that took effect last. None: urgent delivery is not offered."""
        return self.filter(valid_from__lte=on).order_by("-valid_from").first()


class UrgentFee(models.Model):
    """Akutavgift: per order, SEK excluding VAT, charged to the orderer's kund (the region's rules for akut leverans)."""

    amount = models.DecimalField("avgift per order, kr", max_digits=10, decimal_places=2, help_text="Exklusive moms.")
    valid_from = models.DateField("gäller från", unique=True)

    objects = UrgentFeeQuerySet.as_manager()

    class Meta:
        verbose_name = "akutavgift"
        verbose_name_plural = "akutavgifter"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(amount__gte=0), name="urgent_fee_is_not_negative")]

    def __str__(self) -> str:
        return f"{self.amount} kr från {self.valid_from}"
