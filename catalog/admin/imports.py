"""Imports: upload, progress, what changed, what is in quarantine."""

from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from catalog.actions import NotConfirmable, NothingToRetry, confirm_import, retry, upload_feed
from catalog.changes import field_label, in_words
from catalog.forms import FeedUploadForm
from catalog.models import FeedChange, FeedImport, Quarantine
from core import excel
from core.admin import ReadOnlyAdmin

_PAGE = 50
_SECTIONS = {"suppliers": "Leverantörer", "categories": "ISO-klasser", "products": "Produkter", "articles": "Artiklar", "price_lists": "Prislistor"}
_COUNTS = {"read": "I filen", "new": "Nya", "changed": "Ändrade", "unchanged": "Oförändrade", "ended": "Borta", "quarantined": "I karantän"}


def change_rows(changes: Any) -> list[dict[str, str]]:
    return [
        {
            "about": str(change.article or change.product),
            "kind": change.get_kind_display(),
            "field": field_label(change.field),
            "old": in_words(change.old) if change.field else "",
            "new": in_words(change.new) if change.field else "",
        }
        for change in changes
    ]


@admin.register(FeedImport)
class FeedImportAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "file_name", "mode", "sequence", "status", "by", "reason"]
    list_filter = ["status", "mode"]
    list_select_related = ["by"]
    search_fields = ["export_id", "file_name"]
    ordering = ["-started_at", "-pk"]
    change_list_template = "admin/catalog/feedimport/list.html"

    def get_urls(self) -> list[URLPattern]:
        def page(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"catalog_feedimport_{name}")

        return [
            page("ladda-upp/", self.upload, "upload"),
            page("prova-karantanen/", require_POST(self.retry), "retry"),
            page("<int:pk>/lage/", self.progress, "progress"),
            page("<int:pk>/bekrafta/", require_POST(self.confirm), "confirm"),
            *super().get_urls(),
        ]

    def upload(self, request: HttpRequest) -> HttpResponse:
        form = FeedUploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            row = upload_feed(file=file, name=file.name, by=request.user)  # type: ignore[arg-type]
            return redirect("admin:catalog_feedimport_change", row.pk)
        return render(request, "admin/catalog/feedimport/upload.html", {**self.admin_site.each_context(request), "title": "Läs in fil", "form": form})

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not object_id.isdigit():
            raise Http404
        row = get_object_or_404(FeedImport.objects.select_related("by"), pk=object_id)
        changes = FeedChange.objects.filter(feed_import=row).select_related("article", "article__local", "product").order_by("pk")
        kind = request.GET.get("slag", "")
        if kind in FeedChange.Kind.values:
            changes = changes.filter(kind=kind)
        shown = Paginator(changes, _PAGE).get_page(request.GET.get("sida"))
        context = {
            **self.admin_site.each_context(request),
            **self._state(row),
            "title": f"Inläsning {row}",
            "page": shown,
            "changes": change_rows(shown),
            "kinds": FeedChange.Kind.choices,
            "kind": kind,
            "quarantine": row.quarantine.count(),
        }
        return render(request, "admin/catalog/feedimport/import.html", context)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(FeedImport, pk=pk)
        response = render(request, "admin/catalog/feedimport/_progress.html", self._state(row))
        if not row.is_under_way:
            # Done: the page is shown anew, with what changed.
            response["HX-Refresh"] = "true"
        return response

    def _state(self, row: FeedImport) -> dict[str, Any]:
        counts = [(title, [row.counts.get(name, {}).get(key, 0) for key in _COUNTS]) for name, title in _SECTIONS.items()] if row.counts else []
        duration = (row.finished_at - row.started_at).total_seconds() if row.finished_at else None
        return {"row": row, "counts": counts, "count_titles": list(_COUNTS.values()), "duration": duration}

    def confirm(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(FeedImport, pk=pk)
        try:
            row = confirm_import(row=row, by=request.user)  # type: ignore[arg-type]
        except NotConfirmable:
            messages.error(request, "Filen kan inte bekräftas längre. Läs in den igen.")
        return redirect("admin:catalog_feedimport_change", row.pk)

    def retry(self, request: HttpRequest) -> HttpResponse:
        try:
            row = retry(by=request.user)  # type: ignore[arg-type]
        except NothingToRetry:
            messages.info(request, "Det finns inget att pröva igen.")
            return redirect("admin:catalog_quarantine_changelist")
        return redirect("admin:catalog_feedimport_change", row.pk)


@admin.register(Quarantine)
class QuarantineAdmin(ReadOnlyAdmin):
    list_display = ["line", "element", "feed_id", "gln", "number", "reason", "status", "tries", "feed_import"]
    list_filter = ["status", "element"]
    list_select_related = ["feed_import"]
    search_fields = ["feed_id", "gln", "number", "reason"]
    ordering = ["-pk"]
    change_list_template = "admin/catalog/quarantine/list.html"

    def get_urls(self) -> list[URLPattern]:
        return [path("excel/", self.admin_site.admin_view(self.download), name="catalog_quarantine_excel"), *super().get_urls()]

    def download(self, request: HttpRequest) -> HttpResponse:
        """What is in quarantine now, as an Excel file; with `inlasning`, all that one import put there."""
        rows = Quarantine.objects.select_related("feed_import").order_by("pk")
        one = request.GET.get("inlasning", "")
        rows = rows.filter(feed_import=one) if one.isdigit() else rows.open()
        head = ["Inläsning", "Rad", "Slag", "Id", "GLN", "Nummer", "Orsak", "Status", "Försök"]
        table = [
            [str(row.feed_import), row.line, row.element, row.feed_id, row.gln, row.number, row.reason, row.get_status_display(), row.tries]
            for row in rows.iterator()
        ]
        response = HttpResponse(excel.workbook("Karantän", [head, *table]), content_type=excel.CONTENT_TYPE)
        response["Content-Disposition"] = 'attachment; filename="karantan.xlsx"'
        return response
