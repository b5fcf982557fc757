"""What SESAM2 has answered. An answer that is not to reach the reporter lies in tables of its own, which no page reads (decision 0039)."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from core.append_only import append_only
from faultreports.models.reports import FaultReport


class FaultReportAnswer(models.Model):
    """An answer that is given out: to the reporter, and to all who may open the report."""

    report = models.ForeignKey(FaultReport, models.PROTECT, related_name="answers")
    sequence = models.PositiveIntegerField()
    text = models.TextField()
    answered_by = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers: ClassVar = append_only()
        constraints: ClassVar = [models.UniqueConstraint(fields=["report", "sequence"], name="fault_answer_once_per_message")]

    def __str__(self) -> str:
        return f"svar {self.pk}"


class WithheldAnswer(models.Model):
    """That there is an answer which is not to reach the reporter. The unit's avvikelsehandläggare sees that it exists, and when it came."""

    report = models.ForeignKey(FaultReport, models.PROTECT, related_name="withheld_answers")
    sequence = models.PositiveIntegerField()
    answered_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers: ClassVar = append_only()
        constraints: ClassVar = [models.UniqueConstraint(fields=["report", "sequence"], name="withheld_answer_once_per_message")]

    def __str__(self) -> str:
        return f"svar {self.pk}"


class WithheldText(models.Model):
    """What such an answer says: kept, and read by nothing. Nothing points here, so no query over reports can reach it."""

    answer = models.OneToOneField(WithheldAnswer, models.PROTECT, related_name="+")
    text = models.TextField()
    answered_by = models.CharField(max_length=500, blank=True)

    class Meta:
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        return f"text {self.pk}"
