"""Betalningsansvar: which customer, and so which payer, answers for a patient's aids, from when to when."""

import datetime
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from accounts.models import Assignment, CareProvider, Customer
from patients.models.merged import follows_merge
from patients.models.people import Patient


class Days(Func):
    """From the first day up to, but not including, the day on which somebody else takes over."""

    function = "DATERANGE"
    output_field = DateRangeField()


class PayerQuerySet(models.QuerySet["PayerResponsibility"]):
    def visible_to(self, assignment: Assignment) -> "PayerQuerySet":
        return self.filter(provider=assignment.unit.provider_id)

    def in_force(self) -> "PayerQuerySet":
        """Without those that a later decision took back; past, present and to come."""
        return self.filter(withdrawn_at__isnull=True)

    def on(self, day: datetime.date) -> "PayerQuerySet":
        """The one, if any, that holds on a day; None stands for the ordering unit's own payer."""
        return self.in_force().filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)


class PayerResponsibility(models.Model):
    """Baskod and betalare of a patient at a care provider. `ends_on` is the first day of what came after.

    A row is never changed but to end it or to take it back.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="payers")
    provider = models.ForeignKey(CareProvider, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", verbose_name="kund")
    base_code = models.CharField("baskod", max_length=10, blank=True)
    # As they were told to SESAM2.
    customer_number = models.CharField("kundnummer", max_length=35)
    payer_number = models.CharField("betalare, nummer", max_length=35)
    payer_name = models.CharField("betalare, namn", max_length=200)
    starts_on = models.DateField("från och med")
    ends_on = models.DateField("till", null=True)
    reason = models.CharField("orsak", max_length=500)
    decided_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    objects = PayerQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = [follows_merge()]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="payer_ends_after_start"),
            ExclusionConstraint(
                name="one_payer_at_a_time",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("provider", RangeOperators.EQUAL),
                    (Days("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]

    @property
    def last_day(self) -> datetime.date | None:
        """The last day that it holds; None until further notice."""
        return self.ends_on - datetime.timedelta(days=1) if self.ends_on else None

    def __str__(self) -> str:
        return f"betalningsansvar {self.pk}"
