"""The region's terms for fetching aids."""

from django.contrib import admin
from django.http import HttpRequest

from core.admin import KeptAdmin
from pickups.models import LoadCarrier, PickupTerms


@admin.register(PickupTerms)
class PickupTermsAdmin(KeptAdmin):
    list_display = ("__str__", "fetched_within", "rent_ends_after", "deregistered_within")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one row, since the first migration."""
        return False


@admin.register(LoadCarrier)
class LoadCarrierAdmin(KeptAdmin):
    list_display = ("name", "is_active")
    ordering = ("name",)
