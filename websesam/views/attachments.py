"""SESAM2 fetches a file that an order refers to (contract, section 6)."""

import uuid

from django.http import HttpRequest, HttpResponse

from integration import contract
from integration.models import Attachment
from integration.views import problem, signed
from ordering.pages import file_response
from orders.actions.orders import RESOURCE as KUNDORDER
from orders.models import OrderAttachment
from patients import access
from workorders.actions.drafts import RESOURCE as ARBETSORDER
from workorders.models import WorkOrderAttachment

# Which kinds of order have files, each with its name in the access log. A new one adds its line here.
OWNERS = ((OrderAttachment, KUNDORDER), (WorkOrderAttachment, ARBETSORDER))


@signed("GET")
def attachment(request: HttpRequest, attachment_id: uuid.UUID) -> HttpResponse:
    """GET /api/sesam2/v1/attachments/{id}: a file of an order that was sent; anything else is the same 404.

    Given out on behalf of the orderer, and in the access log as such.
    """
    for owner, name in OWNERS:
        sent = owner._default_manager.filter(attachment=attachment_id, order__number__isnull=False)
        link = sent.select_related("order__orderer__user", "order__orderer__unit__provider", "order__patient").order_by("id").first()
        if link is None:
            continue
        order = link.order
        about = access.Resource(name, str(order.number))
        access.write(order.orderer, [order.patient], action=access.Action.DISCLOSE, activity="SESAM2 hämtar bilaga", resource=about)
        return file_response(Attachment.objects.get(pk=attachment_id))
    return problem(contract.ContractError(404, "Not found", "No such attachment."))
