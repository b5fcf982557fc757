"""Who asks: the session's assignment; and the gate that is closed unless a view opens it."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import Assignment
from core import context

ASSIGNMENT_KEY = "assignment"


class AssignmentMiddleware:
    """Sets `request.assignment` (or None) and refuses every view that neither `@requires` nor `@public` opens.

    An assignment that has ended, or whose user was switched off, counts as none from the next request on.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.assignment = self._load(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.assignment is not None:  # type: ignore[attr-defined]
            # What a logged-in person saw must not come back from a cache after logout.
            response.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if getattr(view, "is_public", False) or _is_admin(request):
            return None
        if request.assignment is None:  # type: ignore[attr-defined]
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        if not hasattr(view, "required_permission"):
            raise Http404
        return None

    def _load(self, request: HttpRequest) -> Assignment | None:
        pk = request.session.get(ASSIGNMENT_KEY)
        user_id = request.session.get(SESSION_KEY)
        if pk is None or user_id is None:
            return None
        found = Assignment.objects.current().select_related("user", "unit__provider").filter(pk=pk, user_id=user_id).first()
        if found is not None:
            # The join has the user already: no second query by AuthenticationMiddleware.
            request.user = request._cached_user = found.user  # type: ignore[attr-defined]
            key = request.session.session_key or ""
            context.remember_session(hashlib.sha256(key.encode()).hexdigest()[:32])
        return found


def _is_admin(request: HttpRequest) -> bool:
    return bool(request.resolver_match and request.resolver_match.app_name == "admin")
