"""What all admin pages share. Administrators (`is_staff`) keep the code tables; nothing is deleted, and no page shows a patient."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class KeptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that orders and logs point at are ended or changed, never deleted. Every administrator may do so."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_administrator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(KeptAdmin):
    """For looking up alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _is_administrator(request: HttpRequest) -> bool:
    """Whose last assignment has ended is no administrator either."""
    return bool(request.user.is_active and getattr(request.user, "is_staff", False) and getattr(request, "assignment", None) is not None)
