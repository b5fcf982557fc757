"""`python manage.py refresh_search`: writes anew what search reads."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from catalog import search


class Command(BaseCommand):
    help = "Skriver om sökregistret ur katalogen. Behövs efter en uppgradering som ändrar det; skadar aldrig."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 0")
            search.refresh()
        self.stdout.write("Sökregistret är skrivet.")
