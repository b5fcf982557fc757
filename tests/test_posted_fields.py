"""What a form posts beside its fields, or chooses from another unit's, changes nothing."""

from typing import Any

import pytest

from integration.models import OutgoingMessage
from orders.models import Order
from tests import factories
from tests.workorders import told
from workorders.actions.drafts import Content
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db


def test_what_is_posted_beside_the_fields_changes_nothing(client_of: Any) -> None:
    """Ownership, status and number are never taken from a form."""
    alice = factories.alice()
    draft = factories.draft(alice)
    foreign = factories.dan()
    names = {field.name for field in Order._meta.fields} - {"method", "customer", "prescriber", "requested_on", "deliver_together", "accepts_equivalent"}
    names -= {"delivery_point", "contact_name", "contact_phone", "instructions", "changed_at", "version", "saved_by_page", "purpose", "ends_on", "is_urgent"}
    names -= {"notify_sms", "notify_phone", "notify_email", "notify_by_letter"}
    kept = {name: getattr(draft, name) for name in names}
    data = dict.fromkeys(names, "1") | {"unit": str(foreign.unit_id), "status": "RECEIPTED", "number": "K-2026-00000001-1", "method": "UNIT"}
    data |= {f"quantity_{line}": "2" for line in (1, 2, 3)} | {"version": str(draft.version)}
    response = client_of(alice).post(draft.get_absolute_url(), data)
    assert response.status_code == 302
    saved = Order.objects.get(pk=draft.pk)
    assert {name: getattr(saved, name) for name in names} == kept
    assert saved.method == "UNIT"


def test_another_units_customer_prescriber_and_delivery_point_cannot_be_chosen(client_of: Any) -> None:
    alice, dan = factories.alice(), factories.dan()
    draft = factories.draft(alice)
    point = factories.delivery_point(dan.unit.provider)
    chosen = {
        "customer": str(dan.unit.customers.get().pk),
        "prescriber": str(dan.pk),
        "delivery_point": str(point.pk),
        "method": "DELIVERY_POINT",
        "do": "review",
    }
    response = client_of(alice).post(draft.get_absolute_url(), chosen | {f"quantity_{line}": "1" for line in (1, 2, 3)})
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"customer", "prescriber", "delivery_point"}
    saved = Order.objects.get(pk=draft.pk)
    assert (saved.customer.unit, saved.prescriber, saved.delivery_point) == (alice.unit, alice, None)
    assert not OutgoingMessage.objects.exists()


def test_what_is_posted_beside_an_arbetsorders_fields_changes_nothing(client_of: Any) -> None:
    """Its kind, aid, state and all that SESAM2 tells are never taken from a form."""
    draft = told.draft()
    names = {field.name for field in WorkOrder._meta.fields} - set(Content.__dataclass_fields__) - {"changed_at", "version"}
    names |= {"aid_name", "individual_number"}
    kept = {name: getattr(draft, name) for name in names}
    data = dict.fromkeys(names, "1") | {"unit": str(factories.dan().unit_id), "status": "COMPLETED", "kind": "CONSULTATION", "number": "A-2026-00000001-1"}
    response = client_of(factories.alice()).post(draft.get_absolute_url(), data | {"description": "Ny text", "version": str(draft.version)})
    assert response.status_code == 302
    saved = WorkOrder.objects.get(pk=draft.pk)
    assert {name: getattr(saved, name) for name in names} == kept
    assert saved.description == "Ny text"


def test_another_units_customer_and_delivery_point_cannot_be_chosen_for_an_arbetsorder(client_of: Any) -> None:
    draft, dan = told.draft(), factories.dan()
    chosen = {"customer": str(dan.unit.customers.get().pk), "delivery_point": str(factories.delivery_point(dan.unit.provider).pk), "method": "DELIVERY_POINT"}
    response = client_of(factories.alice()).post(draft.get_absolute_url(), chosen | {"do": "review", "description": "Ny text"})
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"customer", "delivery_point"}
    saved = WorkOrder.objects.get(pk=draft.pk)
    assert (saved.customer, saved.delivery_point, saved.description) == (draft.customer, None, "Ny text")
    assert not OutgoingMessage.objects.exists()
