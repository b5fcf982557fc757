"""Lists of hämtorder."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.permissions import Permission, requires
from core.paging import keyset_page
from ordering import listing
from patients import access
from pickups.models import PickupOrder


@requires(Permission.SEE_ORDERS)
@require_GET
def order_list(request: HttpRequest) -> HttpResponse:
    found = PickupOrder.objects.listed_to(request.assignment).sent()
    page = keyset_page(found.for_list(), order=("-sent_at", "-id"), cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    shown = [(row.patient, access.Resource("Hämtorder", row.number or "utkast", owner=row.unit)) for row in page.rows]
    access.log_listing(request.assignment, shown, activity="Sök hämtorder")
    return render(request, "pickups/list.html", {"page": page})
