from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Hjälpmedel"

    def ready(self) -> None:
        from django.core import checks

        from catalog.media.addresses import check_hosts

        checks.register(check_hosts)
