"""Hämtorder as its pages know it."""

from ordering.kinds import Kind
from pickups.actions.drafts import RESOURCE
from pickups.models import PickupHistory, PickupOrder

HAMTORDER = Kind(
    PickupOrder,
    PickupHistory,
    name=RESOURCE,
    one="hämtorder",
    several="hämtorder",
    the="hämtordern",
    namespace="pickups",
    related=("patient", "store", "customer", "delivery_point", "load_carrier", "prescriber__user", "orderer__user", "unit__provider", "again_of"),
)
