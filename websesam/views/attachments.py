"""SESAM2 fetches a file that an order refers to (contract, section 6)."""

import uuid

from django.http import HttpRequest, HttpResponse

from accounts.models import Assignment
from integration import contract
from integration.models import Attachment
from integration.views import problem, signed
from ordering.pages import file_response
from orders.actions.orders import RESOURCE as KUNDORDER
from orders.models import OrderAttachment
from patients import access
from patients.models import Patient
from pickups.actions.receipts import RESOURCE as KVITTO
from pickups.models import ReceiptFile
from workorders.actions.drafts import RESOURCE as ARBETSORDER
from workorders.models import WorkOrderAttachment

# Which kinds of order have files, each with its name in the access log. A new one adds its line here.
OWNERS = ((OrderAttachment, KUNDORDER), (WorkOrderAttachment, ARBETSORDER))

# A receipt has its files by version. Those of a protected person are not sent, nor given out when the protection came afterwards.
_OF_RECEIPT = ("version__receipt__patient", "version__written_by__user", "version__written_by__unit__provider")


@signed("GET")
def attachment(request: HttpRequest, attachment_id: uuid.UUID) -> HttpResponse:
    """GET /api/sesam2/v1/attachments/{id}: a file of an order that was sent; anything else is the same 404.

    Given out on behalf of the orderer, or who wrote the receipt, and in the access log as such.
    """
    of_receipts = ReceiptFile.objects.filter(attachment=attachment_id, is_sent=True, version__receipt__patient__protection=Patient.Protection.NONE)
    photo = of_receipts.select_related(*_OF_RECEIPT).order_by("id").first()
    if photo is not None:
        version = photo.version
        return _given_out(version.written_by, version.receipt.patient, access.Resource(KVITTO, version.receipt.number), attachment_id)
    for owner, name in OWNERS:
        sent = owner._default_manager.filter(attachment=attachment_id, order__number__isnull=False)
        link = sent.select_related("order__orderer__user", "order__orderer__unit__provider", "order__patient").order_by("id").first()
        if link is None:
            continue
        order = link.order
        return _given_out(order.orderer, order.patient, access.Resource(name, str(order.number)), attachment_id)
    return problem(contract.ContractError(404, "Not found", "No such attachment."))


def _given_out(by: Assignment, patient: Patient, about: access.Resource, attachment_id: uuid.UUID) -> HttpResponse:
    access.write(by, [patient], action=access.Action.DISCLOSE, activity="SESAM2 hämtar bilaga", resource=about)
    return file_response(Attachment.objects.get(pk=attachment_id))
