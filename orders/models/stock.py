"""What comes to a buffer store: what a person found in a delivery, and what is ordered by itself."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Assignment
from buffer.models import StockLine
from core.append_only import append_only
from orders.models.lines import OrderLine
from orders.models.orders import Order


class Receipt(models.Model):
    """GoodsReceipt: somebody at the store received a despatch, once. The stock is booked with it. Append-only.

    By the number on the följesedel, since the goods may come before SESAM2's word of them.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="receipts")
    despatch_number = models.CharField("följesedel", max_length=100)
    by = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers: ClassVar = append_only()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "despatch_number"], name="despatch_is_received_once"),
            models.CheckConstraint(condition=~Q(despatch_number=""), name="receipt_names_its_despatch"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.despatch_number}"


class ReceiptLine(models.Model):
    """What of a line was there. What was damaged is not booked into the stock. Append-only."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="receipt_lines")
    received = models.PositiveIntegerField("mottaget")
    missing = models.PositiveIntegerField("saknas", default=0)
    damaged = models.PositiveIntegerField("skadat", default=0)
    individuals = models.JSONField(default=list)  # individual numbers of what was received
    note = models.CharField("anmärkning", max_length=200, blank=True)

    class Meta:
        triggers: ClassVar = append_only()
        constraints: ClassVar = [models.UniqueConstraint(fields=["receipt", "line"], name="line_once_per_receipt")]

    @property
    def counted(self) -> int:
        """How many of the delivery are accounted for."""
        return self.received + self.missing + self.damaged

    @property
    def has_difference(self) -> bool:
        return bool(self.missing or self.damaged)


class TopUp(models.Model):
    """That a line of a store was ordered by itself, and what became of it. A line has one that is open or stopped: the database refuses another.

    STOPPED: the centre will not send it, or sends something else. Nothing more is ordered by itself until somebody lets it go.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", "På väg"
        CLOSED = "CLOSED", "Har kommit"
        STOPPED = "STOPPED", "Stoppad"
        RELEASED = "RELEASED", "Släppt"

    stock_line = models.ForeignKey(StockLine, models.PROTECT, related_name="top_ups")
    order_line = models.OneToOneField(OrderLine, models.PROTECT, related_name="top_up")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    reason = models.TextField("varför den är stoppad", blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    released_by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stock_line"], condition=Q(state__in=["OPEN", "STOPPED"]), name="one_open_top_up_per_stock_line"),
            models.CheckConstraint(condition=Q(state__in=["OPEN", "CLOSED", "STOPPED", "RELEASED"]), name="top_up_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="RELEASED", released_by__isnull=False, released_at__isnull=False)
                | ~Q(state="RELEASED") & Q(released_by__isnull=True, released_at__isnull=True),
                name="what_is_released_says_by_whom",
            ),
            models.CheckConstraint(condition=~Q(state="STOPPED") | ~Q(reason=""), name="what_is_stopped_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.stock_line_id} {self.state}"
