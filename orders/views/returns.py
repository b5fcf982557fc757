"""An aid comes back from a patient and goes into the store."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from ordering.sending import NotReady
from orders.actions import returns
from orders.actions.returns import GivenBack
from orders.actions.withdrawals import AlreadyTaken
from orders.forms import ReturnForm
from orders.models import Order
from orders.views.stores import stores_of
from patients import access
from patients.models import Loan, Patient

RESOURCE = Order.Kind.RETURN.label
MOST_LOANS = 300


@requires(Permission.TAKE_FROM_STORE)
@require_http_methods(["GET", "POST"])
def give_back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What has come back, and to which store. `loan` alone, from the patient's page, ticks that aid."""
    try:
        patient = access.open_patient(request.assignment, public_id, activity=returns.ACTIVITY, resource=access.Resource(RESOURCE))
    except access.NoSuchPatient:
        raise Http404 from None
    stores = stores_of(request)
    found = Loan.objects.visible_to(request.assignment).current().filter(patient=patient).select_related("article__local")
    loans = list(found.order_by("-started_at", "-id")[:MOST_LOANS])
    can = [loan for loan in loans if not returns.can_be_given_back(loan)]
    if request.method == "POST" and "press" in request.POST:
        form = ReturnForm(request.POST, loans=can, stores=stores)
        answer = _register(request, patient, form)
        if answer is not None:
            return answer
    else:
        chosen = request.POST.get("loan") or request.GET.get("hjalpmedel", "")
        form = ReturnForm(loans=can, stores=stores, initial={"loans": [chosen]})
    context: dict[str, Any] = {
        "patient": patient,
        "form": form,
        "stores": stores,
        "kept": [(loan, returns.can_be_given_back(loan)) for loan in loans if loan not in can],
        "press": request.POST.get("press") or uuid.uuid4(),
        "errors_text": "Inget är registrerat än.",
    }
    return render(request, "orders/stock/give_back.html", context)


def _register(request: HttpRequest, patient: Patient, form: ReturnForm) -> HttpResponse | None:
    """None: with errors in the form."""
    try:
        press = uuid.UUID(request.POST["press"])
    except ValueError:
        raise Http404 from None
    before = Order.objects.listed_to(request.assignment).filter(press=press).first()
    if before is not None:
        # The same form sent twice: the aids that it names have been given back.
        return redirect(before)
    if not form.is_valid():
        return None
    given = [GivenBack(loan, quantity) for loan, quantity in form.given.items()]
    store = form.cleaned_data["store"]
    try:
        number = returns.give_back(store, by=request.assignment, patient=patient.public_id, given=given, returned_at=form.happened_at, press=press)
    except AlreadyTaken as made:
        number = made.numbers[0]
    except NotReady as error:
        for field, text in error.problems:
            form.add_error(field if field in form.fields else "loans", text)
        return None
    return redirect("orders:order", number=number)
