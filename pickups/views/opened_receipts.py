"""How the pages of a receipt open it."""

from django.http import Http404, HttpRequest

from patients import access
from pickups.actions.receipts import RESOURCE
from pickups.models import ReturnReceipt


def open_receipt(request: HttpRequest, number: str, *, activity: str, action: str = access.Action.READ) -> ReturnReceipt:
    """The unit's receipt as it is now, and its patient, which is logged; 404 for all others."""
    receipt = ReturnReceipt.objects.visible_to(request.assignment).for_list().filter(number=number).first()
    if receipt is None:
        raise Http404
    about = access.Resource(RESOURCE, receipt.number, owner=receipt.unit)
    try:
        receipt.patient = access.open_patient(request.assignment, receipt.patient.public_id, action=action, activity=activity, resource=about)
    except access.NoSuchPatient:
        raise Http404 from None
    return receipt
