"""Prescribing right and the care providers' assortments. A rule that no longer holds is put out of use, never deleted."""

from django.contrib import admin

from catalog.models import AssortmentEntry, AssortmentPolicy, PrescribingRule
from core.admin import KeptAdmin


@admin.register(PrescribingRule)
class PrescribingRuleAdmin(KeptAdmin):
    list_display = ["__str__", "provider", "profession", "iso_prefix", "mode", "text", "is_active"]
    list_filter = ["mode", "is_active", "profession"]
    list_select_related = ["provider"]
    search_fields = ["iso_prefix", "text", "provider__name"]
    ordering = ["iso_prefix", "profession", "pk"]


@admin.register(AssortmentEntry)
class AssortmentEntryAdmin(KeptAdmin):
    list_display = ["__str__", "provider", "article", "iso_prefix", "is_included", "is_active"]
    list_filter = ["is_included", "is_active"]
    list_select_related = ["provider", "article__local"]
    search_fields = ["iso_prefix", "provider__name", "article__number", "article__local__sesam_number"]
    raw_id_fields = ["article"]
    ordering = ["provider__name", "iso_prefix", "pk"]


@admin.register(AssortmentPolicy)
class AssortmentPolicyAdmin(KeptAdmin):
    list_display = ["__str__", "provider", "mode", "text", "shows_outside"]
    list_select_related = ["provider"]
    search_fields = ["provider__name", "text"]
    ordering = ["pk"]
