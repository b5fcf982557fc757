"""The centre's own values beside the feed's."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.changes import field_label, in_words
from catalog.local_values import set_local_values
from catalog.models import Article, EarlyValues, FeedChange, LocalArticle, LocalChange, SubstitutionGroup
from core.admin import KeptAdmin, ReadOnlyAdmin

LOCAL_FIELDS = [field.name for field in LocalArticle._meta.concrete_fields if field.editable and field.name != "article"]
# What the feed also has, under another name or the same.
_FEED_FIELDS = {"name": "name", "article_type": "get_article_type_display", "description": "description"}


def _shown(value: Any) -> str:
    if callable(value):
        value = value()
    if isinstance(value, bool):
        return "Ja" if value else "Nej"
    return str(value) if value not in {None, ""} else "–"


def side_by_side(article: Article) -> SafeString:
    """A table: the feed's value, the centre's own, field by field."""
    local = getattr(article, "local", None)
    rows = []
    for name in LOCAL_FIELDS:
        feed = getattr(article, _FEED_FIELDS[name]) if name in _FEED_FIELDS else None
        own = getattr(local, f"get_{name}_display", getattr(local, name, None))
        rows.append((LocalArticle._meta.get_field(name).verbose_name.capitalize(), _shown(feed), _shown(own)))
    price = article.current_price()
    rows.append(("Flödets pris i dag", str(price) if price else "–", "–"))
    head = format_html_join("", '<th scope="col">{}</th>', [("Uppgift",), ("Hjälpmedelstjänsten",), ("Centralen",)])
    body = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>', rows)
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


_SHOWN_CHANGES = 50


def history(article: Article) -> SafeString:
    """A table of what was changed last, by feeds and by the centre; the newest first."""
    by_feeds = FeedChange.objects.filter(article=article).select_related("feed_import").order_by("-pk")[:_SHOWN_CHANGES]
    by_centre = LocalChange.objects.filter(article=article).select_related("by").order_by("-pk")[:_SHOWN_CHANGES]
    rows = [
        (
            change.feed_import.finished_at or change.feed_import.started_at,
            f"Inläsning {change.feed_import_id}",
            field_label(change.field) if change.field else change.get_kind_display(),
            in_words(change.old),
            in_words(change.new),
        )
        for change in by_feeds
    ]
    rows += [
        (
            change.at,
            (str(change.by) if change.by else "SESAM2") + ("" if change.is_applied else " (äldre besked, ändrade inget)"),
            str(LocalArticle._meta.get_field(change.field).verbose_name),
            in_words(change.old),
            in_words(change.new),
        )
        for change in by_centre
    ]
    rows.sort(key=lambda row: row[0], reverse=True)
    shown = [(f"{timezone.localtime(at):%Y-%m-%d %H.%M}", *rest) for at, *rest in rows[:_SHOWN_CHANGES]]
    head = format_html_join("", '<th scope="col">{}</th>', [("När",), ("Av",), ("Uppgift",), ("Förut",), ("Nu",)])
    body = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", shown)
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


@admin.register(Article)
class ArticleAdmin(ReadOnlyAdmin):
    list_display = ["display_number", "display_name", "supplier", "article_type", "status", "ended_at"]
    list_filter = ["article_type", "status", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["supplier", "local"]
    search_fields = ["number", "local__sesam_number", "gtin", "name", "local__name"]
    ordering = ["name_sort", "pk"]
    show_full_result_count = False
    fields = [
        "both",
        "edit",
        "feed_id",
        "number",
        "supplier",
        "product",
        "category",
        "gtin",
        "order_unit",
        "status",
        "discontinued_from",
        "ended_at",
        "feed_updated_at",
        "changes",
    ]
    readonly_fields = ["both", "edit", "changes"]

    @admin.display(description="artikelnummer")
    def display_number(self, article: Article) -> str:
        return article.display_number

    @admin.display(description="benämning")
    def display_name(self, article: Article) -> str:
        return article.display_name

    @admin.display(description="Båda värdena")
    def both(self, article: Article) -> SafeString:
        return side_by_side(article)

    @admin.display(description="Historik")
    def changes(self, article: Article) -> SafeString:
        return history(article)

    @admin.display(description="Centralens uppgifter")
    def edit(self, article: Article) -> SafeString:
        has_local = getattr(article, "local", None) is not None
        url = (
            reverse("admin:catalog_localarticle_change", args=[article.pk])
            if has_local
            else f"{reverse('admin:catalog_localarticle_add')}?article={article.pk}"
        )
        return format_html('<a href="{}">{}</a>', url, "Ändra" if has_local else "Lägg till")


@admin.register(LocalArticle)
class LocalArticleAdmin(KeptAdmin):
    list_display = ["sesam_number", "display_name", "charging_form", "delivery_class", "is_published", "is_orderable", "is_in_assortment"]
    list_filter = ["charging_form", "delivery_class", "is_published", "is_orderable", "is_in_assortment"]
    list_select_related = ["article"]
    search_fields = ["sesam_number", "name", "article__number", "article__name"]
    ordering = ["sesam_number", "pk"]
    show_full_result_count = False
    raw_id_fields = ["article"]
    fields = ["article", *LOCAL_FIELDS, "both", "changes"]
    readonly_fields = ["both", "changes"]

    @admin.display(description="benämning")
    def display_name(self, local: LocalArticle) -> str:
        return local.name or local.article.name

    @admin.display(description="Hjälpmedelstjänstens värden")
    def both(self, local: LocalArticle) -> SafeString | str:
        return side_by_side(local.article) if local.pk else "Visas när uppgifterna är sparade."

    @admin.display(description="Historik")
    def changes(self, local: LocalArticle) -> SafeString | str:
        return history(local.article) if local.pk else "–"

    def get_readonly_fields(self, request: HttpRequest, obj: LocalArticle | None = None) -> list[str]:
        return ["both", "changes"] if obj is None else ["article", "both", "changes"]

    def save_model(self, request: HttpRequest, obj: LocalArticle, form: Any, change: bool) -> None:
        """An empty text takes the centre's value away."""
        values = {name: None if form.cleaned_data[name] == "" else form.cleaned_data[name] for name in LOCAL_FIELDS}
        set_local_values(article=obj.article, values=values, by=request.user)  # type: ignore[arg-type]
        obj.pk = obj.article_id


@admin.register(SubstitutionGroup)
class SubstitutionGroupAdmin(KeptAdmin):
    list_display = ["number", "name", "is_fixed"]
    list_filter = ["is_fixed"]
    search_fields = ["number", "name"]
    ordering = ["number"]


@admin.register(EarlyValues)
class EarlyValuesAdmin(ReadOnlyAdmin):
    """What SESAM2 has told about articles that no feed has brought."""

    list_display = ["supplier_gln", "number", "values", "told_at"]
    search_fields = ["supplier_gln", "number"]
    ordering = ["-told_at", "-pk"]
