"""Lists of förrådsbeställningar."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.permissions import Permission, requires
from core.paging import keyset_page
from ordering import listing
from orders.forms import StockSearchForm
from orders.models import Order
from orders.views.stores import may_manage, stores_of


@requires(Permission.SEE_STORE)
@require_GET
def order_list(request: HttpRequest) -> HttpResponse:
    """Sök förrådsbeställning. They are about no patient, so nothing is logged."""
    form = StockSearchForm(request.GET or {"sortering": "senast"}, by=request.assignment)
    form.is_valid()
    found = form.narrow(Order.objects.visible_to(request.assignment).to_stores().sent())
    page = keyset_page(found.for_list(), order=form.order, cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    status = form.cleaned_data.get("status")
    context = {
        "form": form,
        "page": page,
        "count_text": listing.count_text(listing.count(found), one="beställning", several="beställningar"),
        "is_filtered": any(form.cleaned_data.get(name) for name in form.fields if name != "sortering"),
        "tabs": tabs_of(request, f"?status={status}" if status in {StockSearchForm.OPEN, StockSearchForm.LATE} else ""),
        "stores": stores_of(request) if may_manage(request) else [],
    }
    return render(request, "orders/stock/list.html", context)


@requires(Permission.MANAGE_STORE)
@require_GET
def draft_list(request: HttpRequest) -> HttpResponse:
    """Those that are not sent yet."""
    found = Order.objects.visible_to(request.assignment).to_stores().drafts()
    page = keyset_page(found.for_list(), order=listing.NEWEST, cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    return render(request, "orders/stock/drafts.html", {"page": page, "tabs": tabs_of(request, "utkast/"), "stores": stores_of(request)})


def tabs_of(request: HttpRequest, shown: str) -> listing.Tabs:
    """All lists of förrådsbeställningar, as components/tabs.html takes them. `shown` is what follows the list's address."""
    lists = [("Alla", ""), ("Öppna", f"?status={StockSearchForm.OPEN}"), ("Försenade", f"?status={StockSearchForm.LATE}")]
    tabs = [(text, reverse("stock:list") + rest, rest == shown) for text, rest in lists]
    if not may_manage(request):
        return tabs
    return [*tabs, ("Att ta emot", reverse("stock:to_receive"), shown == "ta-emot/"), ("Utkast", reverse("stock:drafts"), shown == "utkast/")]
