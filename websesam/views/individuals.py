"""Individkort: an aid with a number of its own, where it is and was, and what was done with it. Composed as the patient page is."""

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.models import Assignment
from accounts.permissions import Permission, may, requires
from buffer.models import Movement, StockIndividual
from buffer.models.ledger import MovementQuerySet
from catalog import individuals
from patients import access
from patients.aids import components_of
from patients.forms import IndividualForm
from patients.models import Loan, Patient
from patients.models.loans import LoanQuerySet
from websesam.panels import OF_INDIVIDUAL


@requires(Permission.SEE_INDIVIDUAL)
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Sök individnummer. The number names no person, and stands in the address."""
    form = IndividualForm(request.GET or None)
    if form.is_bound and form.is_valid():
        number = form.cleaned_data["nummer"]
        if _loans(request.assignment, number).exists() or _movements(request.assignment, number).exists():
            return redirect("individual", number=number)
        form.add_error(
            "nummer", "Inget hjälpmedel med det numret är eller har varit utlånat av din vårdgivare, eller i något av dess förråd. Kontrollera numret."
        )
    return render(request, "websesam/find_individual.html", {"form": form})


@requires(Permission.SEE_INDIVIDUAL)
@require_GET
def individual(request: HttpRequest, number: str) -> HttpResponse:
    """For the units whose care provider has, or has had, the aid on loan or in a store; of the two, what the role may see."""
    assignment = request.assignment
    loans = list(_loans(assignment, number).select_related("article__local", "unit", "patient").order_by("-started_at", "-id")[:100])
    movements = list(_movements(assignment, number).select_related("line__store__unit", "line__article__local").order_by("-id")[:50])
    shown = individuals.find(number) if loans or movements else None
    if shown is None:
        raise Http404
    lies = StockIndividual.objects.filter(individual=shown).select_related("line__store__unit").first() if movements else None
    current = next((loan for loan in loans if loan.ended_at is None), None)
    page = {
        "individual": shown,
        "article": shown.article or (loans[0] if loans else movements[0].line).article,
        "components": components_of(shown),
        "loans": loans,
        "current": current,
        "movements": movements,
        "lies": lies,
        "is_own_store": lies is not None and lies.line.store.unit_id == assignment.unit_id,
        "may_report": may(assignment, Permission.REPORT_FAULT),
        "holder": _holder(assignment, current, number),
        "panels": [panel for make in OF_INDIVIDUAL if (panel := make(assignment, loans))],
        "history": list(shown.history.order_by("-id")[:30]),
    }
    return render(request, "websesam/individual.html", page)


def _loans(assignment: Assignment, number: str) -> LoanQuerySet:
    """Those of the care provider, for a role that may open patients."""
    loans = Loan.objects.visible_to(assignment).of_individual(number)
    return loans if may(assignment, Permission.OPEN_PATIENT) else loans.none()


def _movements(assignment: Assignment, number: str) -> MovementQuerySet:
    """Those in the care provider's stores, for a role that may see a store."""
    now = individuals.current_numbers([number]).get(number, number)
    moved = Movement.objects.of_provider(assignment).filter(Q(individual__number=now) | Q(individual__number=number))
    return moved if may(assignment, Permission.SEE_STORE) else moved.none()


def _holder(assignment: Assignment, current: Loan | None, number: str) -> Patient | None:
    """Who has the aid, for a unit that has opened the patient; the look is logged. None for others, who see that it is on loan."""
    if current is None:
        return None
    try:
        return access.open_patient(assignment, current.patient.public_id, activity="Visa individkort", resource=access.Resource("Individkort", number[:40]))
    except access.NoSuchPatient:
        return None
