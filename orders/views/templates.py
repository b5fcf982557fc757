"""Beställningsmallar: save a draft as one, see them, remove them."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, requires
from orders.actions import templates
from orders.forms import TemplateForm
from orders.models import Order, OrderTemplate


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def new_template(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The draft's articles under a name. Shows nothing of the patient."""
    order = Order.objects.listed_to(request.assignment).about_patients().drafts().filter(public_id=public_id).first()
    if order is None:
        raise Http404
    form = TemplateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, for_unit = form.cleaned_data["name"], form.cleaned_data["scope"] == "unit"
        try:
            templates.save_as_template(order, name=name, for_unit=for_unit, by=request.assignment)
        except templates.NameTaken:
            form.add_error("name", "Det finns redan en mall med det namnet. Välj ett annat namn.")
        except templates.NothingToSave:
            form.add_error(None, "Utkastet har inga artiklar att spara. Lägg till någon först.")
        else:
            messages.success(request, f"Mallen {name} är sparad.")
            return redirect(order)
    return render(request, "orders/new_template.html", {"order": order, "form": form, "lines": order.lines.filter(individual_number="").order_by("line")})


@requires(Permission.PLACE_ORDER)
@require_GET
def template_list(request: HttpRequest) -> HttpResponse:
    found = OrderTemplate.objects.visible_to(request.assignment).prefetch_related("lines__article__local").order_by("name", "id")[:200]
    return render(request, "orders/templates.html", {"templates": found})


@requires(Permission.PLACE_ORDER)
@require_POST
def remove_template(request: HttpRequest, pk: int) -> HttpResponse:
    template = OrderTemplate.objects.visible_to(request.assignment).filter(pk=pk).first()
    if template is None:
        raise Http404
    templates.remove(template)
    messages.success(request, f"Mallen {template.name} är borttagen.")
    return redirect("orders:templates")
