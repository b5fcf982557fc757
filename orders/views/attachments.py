"""Files of a kundorder, for those who may open the order."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from accounts.permissions import Permission, requires
from integration.models import Attachment
from ordering.pages import file_response
from orders.actions.orders import RESOURCE
from orders.models import Order
from patients import access


@requires(Permission.SEE_ORDERS)
@require_GET
def attachment(request: HttpRequest, attachment_id: uuid.UUID) -> HttpResponse:
    """A file of an order that the unit sees, draft or sent."""
    order = Order.objects.visible_to(request.assignment).filter(attachments__attachment=attachment_id).select_related("patient").order_by("id").first()
    if order is None:
        raise Http404
    try:
        access.open_patient(request.assignment, order.patient.public_id, activity="Öppna bilaga", resource=access.Resource(RESOURCE, order.number or "utkast"))
    except access.NoSuchPatient:
        raise Http404 from None
    return file_response(Attachment.objects.get(pk=attachment_id))
