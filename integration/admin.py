"""The traffic with SESAM2, for support: no content of a message, since that is patient data."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from integration.models import IncomingMessage, OutgoingMessage


class MessageAdmin(ReadOnlyAdmin):
    list_filter = ("state", "message_type")
    search_fields = ("=subject", "=id")
    exclude = ("payload",)


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(MessageAdmin):
    list_display = ("created_at", "message_type", "subject", "sequence", "state", "attempts", "next_try_at", "last_error")
    ordering = ("-created_at",)


@admin.register(IncomingMessage)
class IncomingMessageAdmin(MessageAdmin):
    list_display = ("received_at", "message_type", "subject", "sequence", "state", "attempts", "next_try_at", "last_error")
    ordering = ("-received_at",)
