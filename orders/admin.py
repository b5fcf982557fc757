"""What the centre decides about kundorder. Orders themselves are never shown here."""

from django.contrib import admin

from core.admin import KeptAdmin
from orders.models import UrgentFee


@admin.register(UrgentFee)
class UrgentFeeAdmin(KeptAdmin):
    list_display = ("valid_from", "amount")
    ordering = ("-valid_from",)
