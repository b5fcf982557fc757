"""Code tables, for administrators. Nothing here shows a patient."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Assignment, CareProvider, CareUnit, Customer, DeliveryPoint, Holiday, News, User
from core.admin import KeptAdmin


@admin.register(CareProvider)
class CareProviderAdmin(KeptAdmin):
    list_display = ("name", "kind", "hsa_id", "municipality_code")
    list_filter = ("kind",)
    search_fields = ("name", "hsa_id")
    ordering = ("name",)


@admin.register(CareUnit)
class CareUnitAdmin(KeptAdmin):
    list_display = ("name", "provider", "hsa_id", "phone", "is_hospital")
    list_select_related = ("provider",)
    search_fields = ("name", "hsa_id", "provider__name")
    autocomplete_fields = ("provider",)
    ordering = ("name",)


@admin.register(Customer)
class CustomerAdmin(KeptAdmin):
    list_display = ("number", "name", "unit", "payer_number", "payer_name", "is_standard")
    list_select_related = ("unit",)
    search_fields = ("number", "name", "payer_number")
    autocomplete_fields = ("unit",)
    ordering = ("number",)


@admin.register(DeliveryPoint)
class DeliveryPointAdmin(KeptAdmin):
    list_display = ("number", "name", "provider", "city", "is_active")
    list_select_related = ("provider",)
    search_fields = ("number", "name")
    autocomplete_fields = ("provider",)
    ordering = ("name",)


class AssignmentInline(admin.TabularInline):
    """Open to whom the page of the user is open."""

    model = Assignment
    extra = 0
    can_delete = False
    autocomplete_fields = ("unit",)

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return obj is None or obj.pk != request.user.pk

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return True


@admin.register(User)
class UserAdmin(KeptAdmin):
    list_display = ("name", "hsa_id", "title", "is_active", "last_login")
    list_filter = ("is_active", "is_staff", "profession")
    search_fields = ("name", "hsa_id")
    fields = ("hsa_id", "name", "title", "profession", "phone", "email", "is_active", "is_staff", "last_login")
    # Who becomes an administrator is decided outside the portal.
    readonly_fields = ("is_staff", "last_login")
    inlines = (AssignmentInline,)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody gives themselves a role."""
        return super().has_change_permission(request, obj) and (obj is None or obj.pk != request.user.pk)

    ordering = ("name",)


@admin.register(News)
class NewsAdmin(KeptAdmin):
    list_display = ("title", "provider", "shown_from", "shown_until")
    list_select_related = ("provider",)
    autocomplete_fields = ("provider", "units")
    ordering = ("-shown_from",)


@admin.register(Holiday)
class HolidayAdmin(KeptAdmin):
    """A day that is written by mistake is taken away: no order points at it, each keeps the days that it was sent with."""

    list_display = ("eve", "day", "is_workday", "name")
    ordering = ("day", "eve")

    def has_delete_permission(self, request: HttpRequest, obj: Holiday | None = None) -> bool:
        return self.has_change_permission(request, obj)
