"""The aids that patients have, and have had."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q

from accounts.models import Assignment, CareProvider, CareUnit
from catalog.models import Article
from patients.models.merged import follows_merge
from patients.models.people import Patient


class LoanQuerySet(models.QuerySet["Loan"]):
    def visible_to(self, assignment: Assignment) -> "LoanQuerySet":
        return self.filter(provider=assignment.unit.provider_id)

    def current(self) -> "LoanQuerySet":
        return self.filter(ended_at__isnull=True)

    def ended(self) -> "LoanQuerySet":
        """Given back. `closed_at` is `ended_at`, which such a loan always has, so that paging need not think of NULL."""
        return self.filter(ended_at__isnull=False).annotate(closed_at=F("ended_at"))

    def of_individual(self, number: str) -> "LoanQuerySet":
        """Those of the aid that has, or had, this individual number."""
        return self.filter(Q(individual_number=number) | Q(earlier_numbers__contains=[number]))


class Loan(models.Model):
    """An aid that the patient has: made by a delivery, ended by a return. `source` names the delivery and line that made it, once."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="loans")
    provider = models.ForeignKey(CareProvider, models.PROTECT, related_name="+")
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="+")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+")
    individual_number = models.CharField("individnummer", max_length=100, blank=True)
    quantity = models.PositiveIntegerField("antal", default=1)
    lot = models.CharField("batch", max_length=500, blank=True)
    udi = models.CharField("UDI", max_length=500, blank=True)
    order_number = models.CharField("ordernummer", max_length=35)
    source = models.CharField(max_length=100)
    # The individual numbers that the aid had before the centre changed it for another or marked it anew, oldest first.
    earlier_numbers = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    # Set by the apps above, through `patients.actions.mark_loan`, which keeps the individual's marks alike.
    is_under_investigation = models.BooleanField("under utredning", default=False)
    is_lost = models.BooleanField("saknas", default=False)
    on_pickup = models.PositiveIntegerField("antal på öppna hämtorder", default=0)
    # How many have been given back so far: the sum of `returns`.
    returned = models.PositiveIntegerField("antal återlämnade", default=0)
    started_at = models.DateTimeField("sedan")
    ended_at = models.DateTimeField("till", null=True)

    objects = LoanQuerySet.as_manager()

    class Meta:
        verbose_name = "lån"
        verbose_name_plural = "lån"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "individual_number"], name="one_loan_per_delivered_aid"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="loan_quantity_is_positive"),
            models.CheckConstraint(condition=Q(individual_number="") | Q(quantity=1), name="individual_is_one"),
        ]
        triggers: ClassVar = [
            follows_merge(),
            # Locked in a statement of its own, so that the next one sees the loans that were committed meanwhile.
            pgtrigger.Trigger(
                name="tells_individual",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("individual_number", "ended_at"),
                func="""
                    IF NEW.individual_number <> '' OR OLD.individual_number <> '' THEN
                        PERFORM 1 FROM catalog_individual WHERE number IN (NEW.individual_number, OLD.individual_number) ORDER BY id FOR UPDATE;
                        UPDATE catalog_individual SET is_on_loan = EXISTS (
                            SELECT 1 FROM patients_loan WHERE individual_number = catalog_individual.number AND ended_at IS NULL
                        ) WHERE number IN (NEW.individual_number, OLD.individual_number);
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "provider"], condition=Q(ended_at__isnull=True), name="current_loans"),
            models.Index(fields=["patient", "provider", "-ended_at", "-id"], condition=Q(ended_at__isnull=False), name="ended_loans"),
            models.Index(fields=["individual_number"], condition=~Q(individual_number=""), name="loans_of_individual"),
            GinIndex(fields=["earlier_numbers"], name="loans_of_earlier_number"),
            # What a recall asks for.
            models.Index(fields=["lot"], condition=Q(ended_at__isnull=True), name="current_loans_of_lot"),
            models.Index(OpClass("udi", name="varchar_pattern_ops"), condition=Q(ended_at__isnull=True), name="current_loans_of_udi"),
        ]

    def __str__(self) -> str:
        return f"lån {self.pk}"

    @property
    def held(self) -> int:
        """How many the patient still has of it; of a loan that has ended, how many there were."""
        return self.quantity if self.ended_at is not None else max(1, self.quantity - self.returned)

    @property
    def marks(self) -> list[tuple[str, str]]:
        """Word and tone of each mark that is set."""
        marks = [
            (self.is_under_investigation, "Under utredning", "warning"),
            (self.is_lost, "Saknas", "danger"),
            (self.on_pickup > 0, "På hämtorder", "info"),
        ]
        return [(word, tone) for is_set, word, tone in marks if is_set]


class LoanReturn(models.Model):
    """So many of a loan were given back, all or in part. A fact: `source` names what brought them back, such as H-…/1, and does so once."""

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="returns")
    source = models.CharField(max_length=100)
    quantity = models.PositiveIntegerField("antal")  # 0: told, and taken back
    at = models.DateTimeField("återlämnad")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["loan", "source"], name="one_return_of_a_loan_per_source")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.source}"
