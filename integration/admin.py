"""The traffic with SESAM2, for support: no content of a message, since that is patient data."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from integration.models import IncomingMessage, OutgoingMessage


class MessageAdmin(admin.ModelAdmin):
    list_filter = ("state", "message_type")
    search_fields = ("=subject", "=id")
    exclude = ("payload",)
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(MessageAdmin):
    list_display = ("created_at", "message_type", "subject", "sequence", "state", "attempts", "next_try_at", "last_error")
    ordering = ("-created_at",)


@admin.register(IncomingMessage)
class IncomingMessageAdmin(MessageAdmin):
    list_display = ("received_at", "message_type", "subject", "sequence", "state", "attempts", "next_try_at", "last_error")
    ordering = ("-received_at",)
