"""Pictures and documents: what is here, what waits, and what could not be fetched, with its reason and another try."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.media.queue import fetch_again
from catalog.models import Failure, Media
from catalog.models.media import MediaQuerySet
from core.admin import ReadOnlyAdmin


@admin.register(Media)
class MediaAdmin(ReadOnlyAdmin):
    list_display = ["owner", "kind", "status", "reason", "tries", "next_try", "fetched_at", "address"]
    list_filter = ["status", "kind"]
    search_fields = ["url", "article__number", "product__number"]
    ordering = ["-pk"]
    show_full_result_count = False
    actions = ["again"]
    change_list_template = "admin/catalog/media/list.html"
    fields = [
        *("owner", "kind", "address", "file_name", "mime_type", "description", "language", "is_main", "declared_sha256"),
        *("status", "reason", "tries", "next_try", "fetched_at", "file"),
    ]
    readonly_fields = ["owner", "address", "reason", "next_try", "file"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Media]:
        """Films are links, and never fetched."""
        return super().get_queryset(request).fetchable().select_related("article__local", "product", "stored", "picture__webp_medium")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "failures": _failures()})

    @admin.display(description="hör till")
    def owner(self, media: Media) -> str:
        return str(media.article or media.product)

    @admin.display(description="adress")
    def address(self, media: Media) -> str:
        """As text: an administrator's browser need not go where a stranger's feed points."""
        return media.url

    @admin.display(description="orsak", ordering="failure")
    def reason(self, media: Media) -> str:
        return media.get_failure_display() if media.failure else "–"

    @admin.display(description="nästa försök", ordering="next_try_at")
    def next_try(self, media: Media) -> Any:
        return media.next_try_at if media.status == Media.Status.WAITING else None

    @admin.display(description="hämtad fil")
    def file(self, media: Media) -> SafeString | str:
        kept = media.stored or (media.picture and media.picture.webp_medium)
        return format_html('<a href="{}">Öppna</a>', kept.get_absolute_url()) if kept else "–"

    @admin.action(description="Hämta igen")
    def again(self, request: HttpRequest, queryset: MediaQuerySet) -> None:
        number = fetch_again(queryset)
        messages.success(request, f"{number} fil{'er' if number != 1 else ''} hämtas igen.")


def _failures() -> list[dict[str, Any]]:
    """Each reason with how many files it keeps from being here, the most frequent first."""
    counted = Media.objects.fetchable().filter(status=Media.Status.FAILED).values("failure").annotate(number=Count("pk")).order_by("-number", "failure")
    return [{"failure": row["failure"], "reason": Failure(row["failure"]).label, "number": row["number"]} for row in counted]
