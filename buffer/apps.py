from django.apps import AppConfig


class BufferConfig(AppConfig):
    name = "buffer"
    verbose_name = "Buffertförråd"
