from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class IntegrationConfig(AppConfig):
    name = "integration"
    verbose_name = "SESAM2"

    def ready(self) -> None:
        autodiscover_modules("handlers")
