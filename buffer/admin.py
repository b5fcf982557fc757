"""Stores, for administrators; and look-up of what was moved, for support."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from buffer.models import Movement, StockLine, Store
from buffer.models.stores import WORKDAYS
from core.admin import KeptAdmin, ReadOnlyAdmin


class StoreForm(forms.ModelForm):
    """A store as it is agreed with the centre. Pausing is for those who see to it, on its page."""

    delivery_days = forms.TypedMultipleChoiceField(label="Leveransdagar", choices=WORKDAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Store
        fields = ("number", "unit", "name", "location", "top_up", "delivery_days", "counts_blind", "is_active")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("top_up") == Store.TopUp.BY_DELIVERY_DAY and not data.get("delivery_days"):
            self.add_error("delivery_days", "Välj minst en leveransdag, eller låt påfyllningen gå genast.")
        return data


@admin.register(Store)
class StoreAdmin(KeptAdmin):
    form = StoreForm
    list_display = ("number", "name", "unit", "top_up", "is_paused", "is_active")
    list_select_related = ("unit",)
    list_filter = ("is_active", "top_up", "is_paused")
    search_fields = ("number", "name", "unit__name")
    autocomplete_fields = ("unit",)
    ordering = ("number",)

    def get_readonly_fields(self, request: HttpRequest, obj: Store | None = None) -> tuple[str, ...]:
        """SESAM2 knows the store by its number, and its ledger belongs to its unit: neither changes once there is one."""
        return ("number", "unit") if obj is not None and obj.lines.exists() else ()


@admin.register(StockLine)
class StockLineAdmin(ReadOnlyAdmin):
    list_display = ("store", "article", "on_hand", "on_order", "safety_level", "target_level", "is_paused")
    list_select_related = ("store", "article__local")
    search_fields = ("store__number", "article__number", "article__local__sesam_number")
    ordering = ("store", "place_sort", "id")


@admin.register(Movement)
class MovementAdmin(ReadOnlyAdmin):
    """Names no patient: an order's number leads to the order, for those who may open it."""

    list_display = ("id", "line", "kind", "change", "after", "order_number", "correction_number", "at")
    list_select_related = ("line",)
    search_fields = ("=order_number", "=correction_number", "=individual__number")
    ordering = ("-id",)
    show_full_result_count = False
