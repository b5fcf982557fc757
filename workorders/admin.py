"""The region's terms for work."""

from django.contrib import admin

from core.admin import KeptAdmin
from workorders.models import CallOut, ConsultationPurpose, ServiceLevel


@admin.register(ServiceLevel)
class ServiceLevelAdmin(KeptAdmin):
    list_display = ("kind", "is_urgent", "priority", "start_days", "done_days", "done_hours")
    ordering = ("kind", "is_urgent", "priority")


@admin.register(CallOut)
class CallOutAdmin(KeptAdmin):
    list_display = ("form", "workday_opens", "workday_closes", "free_day_opens", "free_day_closes", "on_site_hours", "fee")
    ordering = ("form",)


@admin.register(ConsultationPurpose)
class ConsultationPurposeAdmin(KeptAdmin):
    list_display = ("name", "document", "is_active")
    ordering = ("name",)
