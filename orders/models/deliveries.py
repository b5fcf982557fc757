"""What SESAM2 has told about how a kundorder goes to the patient, and what was changed on the way."""

from typing import ClassVar

from django.db import models

from ordering.models import AbstractDeliveryChange
from orders.models.lines import OrderLine
from orders.models.orders import Order


class Despatch(models.Model):
    """DespatchAdvice: part or all of an order is on its way."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="despatches")
    number = models.CharField("följesedel", max_length=100)
    despatched_at = models.DateTimeField()
    expected_on = models.DateField(null=True)
    carrier = models.CharField(max_length=500, blank=True)
    tracking_url = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "number"], name="despatch_number_once_per_order")]


class DespatchLine(models.Model):
    despatch = models.ForeignKey(Despatch, models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="despatch_lines")
    quantity = models.PositiveIntegerField()
    individuals = models.JSONField(default=list)  # individual numbers
    lot = models.CharField(max_length=500, blank=True)
    udi = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["despatch", "line"], name="line_once_per_despatch")]


class Delivery(models.Model):
    """DeliveryConfirmation: something arrived. Kvitterad only when signed at the patient's stay address or a delivery point."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="deliveries")
    message_sequence = models.PositiveIntegerField()
    despatch_number = models.CharField(max_length=100, blank=True)
    delivered_at = models.DateTimeField()
    is_receipted = models.BooleanField()
    signed_by = models.CharField(max_length=500, blank=True)
    is_itemised = models.BooleanField()  # False: all of the despatch, or all that was outstanding

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "message_sequence"], name="delivery_once_per_message")]


class DeliveryLine(models.Model):
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="delivery_lines")
    quantity = models.PositiveIntegerField()
    individuals = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["delivery", "line"], name="line_once_per_delivery")]


class DeliveryChange(AbstractDeliveryChange):
    """`before` and `after` hold `DELIVERY_FIELDS`."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="delivery_changes")

    class Meta(AbstractDeliveryChange.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["order", "-id"], name="order_delivery_changes")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.at:%Y-%m-%d}"
