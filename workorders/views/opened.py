"""Arbetsorder as its pages know it."""

from ordering.kinds import Kind
from workorders.actions.drafts import RESOURCE
from workorders.models import WorkOrder, WorkOrderHistory

ARBETSORDER = Kind(
    WorkOrder,
    WorkOrderHistory,
    name=RESOURCE,
    one="arbetsorder",
    several="arbetsorder",
    the="arbetsordern",
    namespace="workorders",
    related=("patient", "customer", "delivery_point", "purpose", "loan__article", "prescriber__user", "orderer__user", "unit__provider", "again_of"),
)
open_order = ARBETSORDER.open
open_draft = ARBETSORDER.open_draft
somebody_was_first = ARBETSORDER.somebody_was_first
no_longer_a_draft = ARBETSORDER.no_longer_a_draft
