"""That somebody else at the unit must approve an order before it is sent."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Assignment
from orders.models.orders import Order


class Approval(models.Model):
    """That an order was sent for approval, why, and what became of it. One is open at a time."""

    class Outcome(models.TextChoices):
        WAITING = "WAITING", "Väntar"
        APPROVED = "APPROVED", "Godkänd"
        SENT_BACK = "SENT_BACK", "Skickad tillbaka"
        WITHDRAWN = "WITHDRAWN", "Tillbakatagen"

    order = models.ForeignKey(Order, models.PROTECT, related_name="approvals")
    asked_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    justification = models.TextField("motivering")
    # Of the order that was sent for approval, and what had to be approved: texts, as they were shown.
    version = models.PositiveIntegerField()
    reasons: "models.JSONField[list[str]]" = models.JSONField(default=list)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    decided_by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order"], condition=Q(outcome="WAITING"), name="one_open_approval_per_order"),
            models.CheckConstraint(condition=~Q(justification=""), name="approval_has_a_justification"),
            models.CheckConstraint(condition=Q(outcome="WAITING") ^ Q(decided_by__isnull=False, decided_at__isnull=False), name="approval_is_open_or_decided"),
            models.CheckConstraint(condition=~Q(outcome="SENT_BACK") | ~Q(note=""), name="what_is_sent_back_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.outcome}"
