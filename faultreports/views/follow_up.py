"""Uppföljning: the unit's reports as counts, with charts and the tables that say the same."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.permissions import Permission, requires
from faultreports import follow_up
from faultreports.forms import FollowUpForm
from faultreports.forms.search import between, of_kind
from faultreports.models import FaultReport
from faultreports.views.lists import tabs


@requires(Permission.SEE_FAULT_REPORTS)
@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    """Counts per month, kind, article and supplier. They name no patient."""
    form = FollowUpForm(request.GET)
    context = {"form": form, "tabs": tabs(request.assignment, "uppfoljning/"), "kept": []}
    if form.is_valid():
        first, last = form.days
        found = between(of_kind(FaultReport.objects.listed_to(request.assignment).sent(), form.cleaned_data["slag"]), first, last)
        context |= {"counted": follow_up.count(found, first=first, last=last), "first": first, "last": last}
    return render(request, "faultreports/statistics.html", context)
