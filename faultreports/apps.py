from django.apps import AppConfig


class FaultReportsConfig(AppConfig):
    name = "faultreports"
    verbose_name = "Felrapporter"
