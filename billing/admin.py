"""Who may read which bases; and for support how the reading has gone. No line is shown here."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from billing import words
from billing.actions import intake
from billing.models import InvoiceBasis, InvoiceGrant
from core.admin import KeptAdmin, ReadOnlyAdmin
from core.lifecycle import IllegalMove


@admin.register(InvoiceGrant)
class InvoiceGrantAdmin(KeptAdmin):
    """A right that is taken back stays, as no longer in force."""

    list_display = ("assignment", "payer_number", "customer_number", "sees_patients", "is_active")
    list_filter = ("is_active", "sees_patients")
    list_select_related = ("assignment__user", "assignment__unit")
    search_fields = ("payer_number", "customer_number", "assignment__user__name")
    fields = ("assignment", "payer_number", "customer_number", "sees_patients", "is_active")
    ordering = ("assignment__user__name", "payer_number", "customer_number")


@admin.register(InvoiceBasis)
class InvoiceBasisAdmin(ReadOnlyAdmin):
    list_display = ("period", "payer_number", "version", "status", "line_count", "received_at", "attempts", "last_error")
    list_filter = ("status",)
    search_fields = ("basis_id", "payer_number")
    ordering = ("-period", "payer_number", "-version")
    fields = (
        *("basis_id", "version", "period", "payer_number", "line_count", "total", "credits", "corrects", "status", "why"),
        *("received_at", "published_at", "kept_until", "attempts", "failures", "next_try_at", "last_error"),
    )
    readonly_fields = ("why",)
    actions = ("fetch_again",)

    @admin.display(description="varför det inte kunde läsas in")
    def why(self, basis: InvoiceBasis) -> str:
        return " ".join(words.problems(basis)) or "–"

    @admin.action(description="Hämta igen från SESAM2")
    def fetch_again(self, request: HttpRequest, chosen: QuerySet[InvoiceBasis]) -> None:
        """Those that are parked."""
        number = 0
        for basis in chosen.filter(status=InvoiceBasis.Status.PARKED):
            try:
                intake.retry(basis, by=request.assignment)  # type: ignore[attr-defined]
            except IllegalMove:
                continue
            number += 1
        messages.info(request, f"{number} underlag hämtas igen.")
