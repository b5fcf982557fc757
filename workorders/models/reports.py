"""What SESAM2 has told about an arbetsorder. Facts: each is kept once, by its sequence, and what follows is computed from all of them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Assignment
from workorders.models.orders import WorkOrder


class StatusReport(models.Model):
    """WorkOrderStatus: how far the work has come, when it is planned, what was done, why it is late."""

    class State(models.TextChoices):
        PLANNED = "PLANNED", "Planerad"
        STARTED = "STARTED", "Påbörjad"
        WAITING = "WAITING", "Väntar"
        NEEDS_COMPLETION = "NEEDS_COMPLETION", "Väntar på komplettering"
        COMPLETED = "COMPLETED", "Klar"

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="reports")
    sequence = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=State)
    planned_on = models.DateField(null=True)
    late_reason = models.TextField(blank=True)
    summary = models.TextField(blank=True)
    hours = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    parts = models.JSONField(default=list)  # [{"number": …, "name": …, "quantity": …}]
    by_name = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "sequence"], name="work_report_once_per_message"),
            models.CheckConstraint(
                condition=Q(state__in=["PLANNED", "STARTED", "WAITING", "NEEDS_COMPLETION", "COMPLETED"]), name="work_report_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.sequence}"

    @property
    def has_report(self) -> bool:
        return bool(self.summary)

    @property
    def shown_hours(self) -> str:
        """1,5 – as many decimals as there are."""
        return f"{self.hours:f}".rstrip("0").rstrip(".").replace(".", ",") if self.hours is not None else ""


class CostProposal(models.Model):
    """What a specialanpassning would cost, SEK excluding VAT. The cost owner at the unit answers once; the answer goes to SESAM2."""

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="proposals")
    sequence = models.PositiveIntegerField()
    amount = models.DecimalField("belopp, kr", max_digits=12, decimal_places=2)
    text = models.TextField("förslag")
    received_at = models.DateTimeField(default=timezone.now)
    is_approved = models.BooleanField("godkänt", null=True)
    answered_by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    note = models.CharField("kommentar", max_length=500, blank=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "kostnadsförslag"
        verbose_name_plural = "kostnadsförslag"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "sequence"], name="cost_proposal_once_per_message"),
            models.CheckConstraint(
                condition=Q(is_approved=None, answered_by=None, answered_at=None)
                | Q(is_approved__isnull=False, answered_by__isnull=False, answered_at__isnull=False),
                name="cost_proposal_answer_is_whole",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["received_at"], condition=Q(is_approved=None), name="unanswered_cost_proposals")]

    def __str__(self) -> str:
        return f"kostnadsförslag {self.pk}"
