"""Individkort: an aid with a number of its own, where it is and was, and what was done with it. Composed as the patient page is."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.models import Assignment
from accounts.permissions import Permission, requires
from catalog import individuals
from patients import access
from patients.aids import components_of
from patients.forms import IndividualForm
from patients.models import Loan, Patient
from websesam.panels import OF_INDIVIDUAL


@requires(Permission.OPEN_PATIENT)
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Sök individnummer. The number names no person, and stands in the address."""
    form = IndividualForm(request.GET or None)
    if form.is_bound and form.is_valid():
        number = form.cleaned_data["nummer"]
        if Loan.objects.visible_to(request.assignment).of_individual(number).exists():
            return redirect("individual", number=number)
        form.add_error("nummer", "Inget hjälpmedel med det numret är eller har varit utlånat av din vårdgivare. Kontrollera numret.")
    return render(request, "websesam/find_individual.html", {"form": form})


@requires(Permission.OPEN_PATIENT)
@require_GET
def individual(request: HttpRequest, number: str) -> HttpResponse:
    """For the units whose care provider has, or has had, the aid on loan."""
    assignment = request.assignment
    loans = list(
        Loan.objects.visible_to(assignment).of_individual(number).select_related("article__local", "unit", "patient").order_by("-started_at", "-id")[:100]
    )
    shown = individuals.find(number) if loans else None
    if shown is None:
        raise Http404
    current = next((loan for loan in loans if loan.ended_at is None), None)
    page = {
        "individual": shown,
        "article": shown.article or loans[0].article,
        "components": components_of(shown),
        "loans": loans,
        "current": current,
        "holder": _holder(assignment, current, number),
        "panels": [panel for make in OF_INDIVIDUAL if (panel := make(assignment, loans))],
        "history": list(shown.history.order_by("-id")[:30]),
    }
    return render(request, "websesam/individual.html", page)


def _holder(assignment: Assignment, current: Loan | None, number: str) -> Patient | None:
    """Who has the aid, for a unit that has opened the patient; the look is logged. None for others, who see that it is on loan."""
    if current is None:
        return None
    try:
        return access.open_patient(assignment, current.patient.public_id, activity="Visa individkort", resource=access.Resource("Individkort", number[:40]))
    except access.NoSuchPatient:
        return None
