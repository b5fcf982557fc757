"""What staff call things that the catalogue calls something else."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from catalog import search
from catalog.models import Synonym
from core.admin import KeptAdmin


class SynonymForm(forms.ModelForm):
    class Meta:
        model = Synonym
        fields = ["word", "means", "is_two_way"]

    def clean_word(self) -> str:
        return self.cleaned_data["word"].lower()

    def clean_means(self) -> str:
        return self.cleaned_data["means"].lower()


@admin.register(Synonym)
class SynonymAdmin(KeptAdmin):
    """Nothing points at a synonym, so one may be taken away."""

    form = SynonymForm
    list_display = ["word", "means", "is_two_way"]
    list_filter = ["is_two_way"]
    search_fields = ["word", "means"]
    ordering = ["word", "means"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Synonym, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            search.refresh_synonyms()
