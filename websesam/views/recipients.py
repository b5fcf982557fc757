"""SESAM2 asks where a patient lives (contract, section 6)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.models import Assignment, CareUnit
from integration import contract
from integration.views import problem, signed
from orders.models import Order
from patients import access
from patients.models import Loan, Patient, PatientIdentity
from pickups.models import PickupOrder
from workorders.models import WorkOrder

# Why SESAM2 may know, since something is under way or on loan: for whom it is given out, whom to contact about it, the order's number.
Concern = tuple[Assignment, CareUnit, str]


def _of_order(order: Order | WorkOrder | PickupOrder | None) -> Concern | None:
    return (order.orderer, order.unit, str(order.number)) if order is not None else None


def open_order(patient: Patient) -> Concern | None:
    return _of_order(Order.objects.filter(patient=patient).open().select_related("orderer__user", "unit__provider").order_by("-placed_at").first())


def open_work(patient: Patient) -> Concern | None:
    return _of_order(WorkOrder.objects.filter(patient=patient).open().select_related("orderer__user", "unit__provider").order_by("-placed_at").first())


def open_pickup(patient: Patient) -> Concern | None:
    return _of_order(PickupOrder.objects.filter(patient=patient).open().select_related("orderer__user", "unit__provider").order_by("-placed_at").first())


def loan(patient: Patient) -> Concern | None:
    """The order that the newest aid came with."""
    of_loans = Loan.objects.current().filter(patient=patient).order_by("-started_at", "-id").values_list("order_number", flat=True)
    return _of_order(Order.objects.filter(number__in=of_loans[:20]).select_related("orderer__user", "unit__provider").order_by("-placed_at").first())


# The first that there is answers.
CONCERNS: tuple[Callable[[Patient], Concern | None], ...] = (open_order, open_work, open_pickup, loan)


@signed("POST")
def recipients(request: HttpRequest) -> HttpResponse:
    """POST /api/sesam2/v1/recipients: name and address of a patient with something under way or on loan.

    The number may be one that the patient had before. Anybody else, known or not, is the same 404. Every answer about a patient is in
    the access log, with the order's orderer as the one for whom it was given out.
    """
    try:
        question = contract.RecipientQuestion.model_validate_json(request.body, by_alias=True, by_name=False)
    except ValueError:
        return problem(contract.ContractError(422, "Not a question", "The body must be {idType, id}."))
    patient = _patient(question)
    concern = next((found for about in CONCERNS if (found := about(patient))), None) if patient is not None else None
    if patient is None or concern is None or not (patient.is_protected or patient.address):
        return problem(contract.ContractError(404, "Not found", "No such recipient."))
    by, unit, number = concern
    access.write(by, [patient], action=access.Action.DISCLOSE, activity="SESAM2 frågar efter adress", resource=access.Resource("Adress", number))
    if patient.is_protected:
        return JsonResponse({"protected": True, "contact": {"unitName": unit.name, "phone": unit.phone}})
    return JsonResponse(_answer(patient))


def _patient(question: contract.RecipientQuestion) -> Patient | None:
    identities = PatientIdentity.objects.filter(type=str(question.id_type), value=question.id, withdrawn_at__isnull=True)
    found = identities.select_related("patient").prefetch_related("patient__identities", "patient__addresses").first()
    return found.patient if found is not None else None


def _answer(patient: Patient) -> dict[str, object]:
    address = patient.address
    assert address is not None  # asked above
    answer = {
        "protected": False,
        "name": patient.name,
        "careOf": address.care_of,
        "street": address.street,
        "postalCode": address.postal_code,
        "city": address.city,
        "doorCode": address.door_code,
        "phone": patient.phone,
    }
    return {key: value for key, value in answer.items() if value != ""}
