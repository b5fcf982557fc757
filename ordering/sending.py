"""What is alike when any kind of order is sent: why it cannot be, where it goes, who pays."""

from collections.abc import Sequence
from typing import Any

from accounts.models import Assignment, CareUnit, Customer, DeliveryPoint
from ordering.models import DeliveredOrder
from patients.models import Patient

Problem = tuple[str, str]


class NotReady(Exception):
    """The draft cannot be sent. `problems` is a list of (field, Swedish text); field "" is the whole."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__([field for field, _ in problems])
        self.problems = list(problems)


class NotSeen(Exception):
    """The draft was changed after it was checked."""


class ChangedMeanwhile(Exception):
    """The draft is another than the one that was seen: a colleague, or another tab, has changed it."""


class AlreadySent(Exception):
    """The draft was sent before: a second click, another browser, the Back button. `number` is the order that exists."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class AlreadyOrderedAgain(Exception):
    """What was cancelled has been ordered again, as order `number`."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


def customer_problems(customer: Customer | None, *, unit_id: int) -> list[Problem]:
    if customer is None:
        return [("customer", "Välj vilken kund som beställer.")]
    if customer.unit_id != unit_id:
        return [("customer", "Kunden hör inte till din enhet. Välj en annan.")]
    return []


def delivery_problems(order: DeliveredOrder) -> list[Problem]:
    """Why the order cannot go where it says."""
    method = order.Method
    if order.patient.is_protected and order.method != method.MANUAL_CONTACT:
        return [("method", "Patienten har skyddade personuppgifter. Leveransen bestäms i kontakt med din enhet.")]
    if order.method == method.MANUAL_CONTACT and not (order.unit.phone or order.orderer.user.phone):
        return [("method", "Din enhet har inget telefonnummer som centralen kan ringa. Kontakta din administratör.")]
    if order.method == method.HOME and order.patient.address is None:
        return [("method", "Patienten har ingen adress. Fyll i den på patientens sida.")]
    point = order.delivery_point
    if order.method == method.DELIVERY_POINT and (point is None or not point.is_active or point.provider_id != order.unit.provider_id):
        return [("delivery_point", "Välj leveranspunkt.")]
    if order.method == method.UNIT and not order.unit.street:
        return [("method", "Din enhet har ingen leveransadress. Kontakta din administratör.")]
    return []


def address_of(order: DeliveredOrder, by: Assignment) -> dict[str, Any]:
    """Where it goes, to be copied, since the register's address may change later. Raises `NotReady` without an address."""
    return address_at(order.method, patient=order.patient, unit=order.unit, point=order.delivery_point, by=by)


def address_at(method: str, *, patient: Patient, unit: CareUnit, point: DeliveryPoint | None, by: Assignment) -> dict[str, Any]:
    """As `address_of`, of anything that is handed over somewhere."""
    methods = DeliveredOrder.Method
    if method == methods.MANUAL_CONTACT:
        return {"is_hospital": unit.is_hospital, "contact_name": unit.name, "contact_phone": unit.phone or by.user.phone}
    if method == methods.UNIT:
        return {
            "recipient_name": unit.name,
            "street": unit.street,
            "postal_code": unit.postal_code,
            "city": unit.city,
            "has_no_door_code": True,
            "is_hospital": unit.is_hospital,
        }
    if method == methods.DELIVERY_POINT and point is not None:
        return {
            "recipient_name": point.name,
            "street": point.street,
            "postal_code": point.postal_code,
            "city": point.city,
            "door_code": point.door_code,
            "has_no_door_code": not point.door_code,
        }
    address = patient.address
    if address is None:
        raise NotReady([("method", "Patienten har ingen adress.")])
    return {
        "recipient_name": patient.name,
        "care_of": address.care_of,
        "street": address.street,
        "postal_code": address.postal_code,
        "city": address.city,
        "door_code": address.door_code,
        "has_no_door_code": address.has_no_door_code,
    }


def payer_of(customer: Customer | None) -> dict[str, Any]:
    """Copied onto what is sent. Raises `NotReady` without a customer."""
    if customer is None:
        raise NotReady([("customer", "Välj vilken kund som beställer.")])
    return {"customer_number": customer.number, "payer_number": customer.payer_number, "payer_name": customer.payer_name}
