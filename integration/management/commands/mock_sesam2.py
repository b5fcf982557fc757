"""`python manage.py mock_sesam2`: the stand-in for SESAM2, without a database."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integration.mock_sesam2 import __main__ as mock


class Command(BaseCommand):
    help = "Run the stand-in for SESAM2 until it is stopped."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        mock.add_arguments(parser)

    def handle(self, *args: Any, host: str, port: int, db: str, speed: float, portal_url: str, **options: Any) -> None:
        sys.exit(mock.run(host=host, port=port, db=db, speed=speed, portal_url=portal_url))
