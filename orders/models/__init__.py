"""The order and its lines, the facts that SESAM2 and stores have told about them, templates, and what the centre charges for haste."""

from orders.models.approvals import Approval
from orders.models.deliveries import Delivery, DeliveryChange, DeliveryLine, Despatch, DespatchLine
from orders.models.lines import OrderLine
from orders.models.orders import (
    ANSWERED,
    DELIVERY_FIELDS,
    MOST_OF_AN_ARTICLE,
    OPEN,
    CustomerOrderQuerySet,
    Order,
    OrderAttachment,
    OrderHistory,
    Status,
)
from orders.models.stock import Receipt, ReceiptLine, TopUp
from orders.models.templates import OrderTemplate, TemplateLine
from orders.models.terms import UrgentFee

__all__ = [
    "ANSWERED",
    "DELIVERY_FIELDS",
    "MOST_OF_AN_ARTICLE",
    "OPEN",
    "Approval",
    "CustomerOrderQuerySet",
    "Delivery",
    "DeliveryChange",
    "DeliveryLine",
    "Despatch",
    "DespatchLine",
    "Order",
    "OrderAttachment",
    "OrderHistory",
    "OrderLine",
    "OrderTemplate",
    "Receipt",
    "ReceiptLine",
    "Status",
    "TemplateLine",
    "TopUp",
    "UrgentFee",
]
