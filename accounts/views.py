"""Log in, choose an assignment, log out; the page of work that takes long."""

import uuid

from django.conf import settings
from django.contrib import auth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.forms import AssignmentForm
from accounts.middleware import ASSIGNMENT_KEY
from accounts.models import Assignment, Job
from accounts.permissions import Permission, public, requires


@public
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """In demo and test: pick a persona. Elsewhere there are none, and the page says how one logs in."""
    if not settings.PERSONAS_ENABLED:
        return render(request, "accounts/login.html", {"personas": None})
    assignments = Assignment.objects.current().select_related("user", "unit__provider").order_by("user__name", "pk")
    form = AssignmentForm(request.POST or None, assignments=assignments)
    if request.method == "POST" and form.is_valid():
        assignment = form.cleaned_data["assignment"]
        _begin_session(request, assignment)
        following = request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(following, allowed_hosts=None, require_https=settings.IS_PRODUCTION) and following.startswith("/")
        return redirect(following if is_ours else settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/login.html", {"personas": assignments, "form": form, "next": request.GET.get("next", request.POST.get("next", ""))})


def _begin_session(request: HttpRequest, assignment: Assignment) -> None:
    """A session with a new id, since it gets other rights, and with nothing of what was typed in the one before."""
    request.session.flush()
    auth.login(request, assignment.user, backend="django.contrib.auth.backends.ModelBackend")
    request.session[ASSIGNMENT_KEY] = assignment.pk


@require_POST
@public
def logout(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("accounts:login")


@requires(Permission.USE_PORTAL)
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Another of one's own assignments."""
    assignments = Assignment.objects.current().select_related("user", "unit__provider").filter(user=request.assignment.user).order_by("unit__name", "role")
    form = AssignmentForm(request.POST or None, assignments=assignments)
    if request.method == "POST" and form.is_valid():
        _begin_session(request, form.cleaned_data["assignment"])
        return redirect("start")
    return render(request, "accounts/switch.html", {"assignments": assignments, "form": form})


@requires(Permission.USE_PORTAL)
@require_GET
def job(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """How far one's own work has come, and what came of it. Asks for itself until it is over; without JavaScript it is read anew by a link."""
    return render(request, "accounts/job.html", {"job": _own_job(request, public_id)})


@requires(Permission.USE_PORTAL)
@require_GET
def job_live(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The part of the page that changes."""
    return render(request, "accounts/_job.html", {"job": _own_job(request, public_id)})


def _own_job(request: HttpRequest, public_id: uuid.UUID) -> Job:
    found = Job.objects.visible_to(request.assignment).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found
