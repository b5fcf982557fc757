"""How the pages under /buffertforrad/ open a store, and an order to one."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from accounts.permissions import Permission, may
from buffer.models import Store
from orders.models import Order


def open_store(request: HttpRequest, number: str) -> Store:
    """The unit's store with this number, in use; 404 for all others."""
    store = Store.objects.visible_to(request.assignment).in_use().select_related("unit__provider").filter(number=number).first()
    if store is None:
        raise Http404
    return store


def stores_of(request: HttpRequest) -> list[Store]:
    """Those of the unit that are in use."""
    return list(Store.objects.visible_to(request.assignment).in_use().select_related("unit__provider").order_by("name", "pk"))


def may_manage(request: HttpRequest) -> bool:
    return may(request.assignment, Permission.MANAGE_STORE)


def open_stock_order(request: HttpRequest, number: str) -> Order:
    """The unit's order to a store by its number; 404 for all others. It is about no patient, so nothing is logged."""
    return _open(request, number=number)


def open_stock_draft(request: HttpRequest, public_id: uuid.UUID) -> Order:
    return _open(request, public_id=public_id)


def _open(request: HttpRequest, **wanted: Any) -> Order:
    orders = Order.objects.visible_to(request.assignment).to_stores()
    found = orders.select_related("store__unit", "customer", "orderer__user", "unit__provider", "again_of").filter(**wanted).first()
    if found is None:
        raise Http404
    return found


def report_url(order: Order | None = None, despatch_number: str = "", line: int | None = None) -> str:
    """Where a felrapport about a delivery begins, with what is known of it filled in."""
    known = {"order": order.number if order else "", "foljesedel": despatch_number, "rad": line, "forrad": order.store.number if order and order.store else ""}
    return f"{reverse('faultreports:new')}?{urlencode({'slag': 'DELIVERY'} | {name: value for name, value in known.items() if value})}"
