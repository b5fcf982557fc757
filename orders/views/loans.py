"""What becomes of a trial or a short loan when it ends."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from core.lifecycle import IllegalMove
from orders.actions import loans
from orders.forms import LoanForm
from orders.forms.loans import PRESCRIBE
from orders.models import Order
from orders.views.opened import open_order, somebody_was_first


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def change_loan(request: HttpRequest, number: str) -> HttpResponse:
    order = open_order(request, number, activity="Ändra lån")
    lines = loans.lines_that_end(order)
    if not lines:
        return somebody_was_first(request, order)
    form = LoanForm(request.POST or None, lines=lines, is_trial=order.purpose == Order.Purpose.TRIAL)
    if request.method == "POST" and form.is_valid():
        prescribed = form.cleaned_data["what"] == PRESCRIBE
        try:
            loans.change_loan(
                order,
                lines=[int(line) for line in form.cleaned_data["lines"]],
                purpose=Order.Purpose.LOAN if prescribed else order.purpose,
                ends_on=form.cleaned_data["ends_on"],
                by=request.assignment,
            )
        except IllegalMove:
            return somebody_was_first(request, order)
        messages.success(request, "Förskrivet. Centralen får besked." if prescribed else "Tiden är förlängd. Centralen får besked.")
        return redirect(order)
    return render(request, "orders/change_loan.html", {"order": order, "patient": order.patient, "form": form, "lines": lines})
