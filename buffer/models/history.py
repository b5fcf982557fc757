"""What has happened to a store, a line of it, or a count, besides movements."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Assignment
from buffer.models.counts import Count
from buffer.models.stores import StockLine, Store
from core.append_only import append_only


class StockHistory(models.Model):
    """One thing that happened: a level changed, top-up paused, a count booked. Append-only; about one of store, line and count."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="history")
    line = models.ForeignKey(StockLine, models.PROTECT, null=True, related_name="history")
    count = models.ForeignKey(Count, models.PROTECT, null=True, related_name="history")
    event = models.CharField(max_length=30)
    old = models.CharField(max_length=20, blank=True)
    new = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    details: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers: ClassVar = append_only()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(store__isnull=False, line=None, count=None)
                | Q(store=None, line__isnull=False, count=None)
                | Q(store=None, line=None, count__isnull=False),
                name="stock_history_is_about_one_thing",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["store", "-id"], condition=Q(store__isnull=False), name="history_of_store"),
            models.Index(fields=["line", "-id"], condition=Q(line__isnull=False), name="history_of_stock_line"),
            models.Index(fields=["count", "-id"], condition=Q(count__isnull=False), name="history_of_count"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"

    @property
    def changes(self) -> list[str]:
        """What was set, in words: Säkerhetsnivå: 4 → 6."""
        words = {"safety_level": "Säkerhetsnivå", "target_level": "Fylls på till", "place": "Plats", "pause_reason": "Pausad"}
        return [f"{words[name]}: {old or '–'} → {new or '–'}" for name, (old, new) in self.details.items() if name in words]
