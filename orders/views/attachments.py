"""Files of a kundorder: for those who may open the order, and for SESAM2."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.permissions import Permission, requires
from integration import contract
from integration.attachments import content_of
from integration.models import Attachment
from integration.views import problem, signed
from orders.actions.orders import RESOURCE
from orders.models import Order, OrderAttachment
from patients import access


@requires(Permission.SEE_ORDERS)
@require_GET
def attachment(request: HttpRequest, attachment_id: uuid.UUID) -> HttpResponse:
    """A file of an order that the unit sees, draft or sent. Always to be saved, never shown within the portal."""
    order = Order.objects.visible_to(request.assignment).filter(attachments__attachment=attachment_id).select_related("patient").order_by("id").first()
    if order is None:
        raise Http404
    try:
        access.open_patient(request.assignment, order.patient.public_id, activity="Öppna bilaga", resource=access.Resource(RESOURCE, order.number or "utkast"))
    except access.NoSuchPatient:
        raise Http404 from None
    return _file(Attachment.objects.get(pk=attachment_id))


@signed("GET")
def attachment_for_sesam2(request: HttpRequest, attachment_id: uuid.UUID) -> HttpResponse:
    """GET /api/sesam2/v1/attachments/{id} (contract, section 6): a file of an order that was sent; anything else is the same 404.

    Given out on behalf of the orderer, and in the access log as such.
    """
    sent = OrderAttachment.objects.filter(attachment=attachment_id, order__number__isnull=False)
    link = sent.select_related("attachment", "order__orderer__user", "order__orderer__unit__provider", "order__patient").order_by("id").first()
    if link is None:
        return problem(contract.ContractError(404, "Not found", "No such attachment."))
    access.write(
        link.order.orderer,
        [link.order.patient],
        action=access.Action.DISCLOSE,
        activity="SESAM2 hämtar bilaga",
        resource=access.Resource(RESOURCE, str(link.order.number)),
    )
    return _file(link.attachment)


def _file(attachment: Attachment) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=attachment.name) or "attachment",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content_of(attachment), content_type=attachment.media_type, headers=headers)
