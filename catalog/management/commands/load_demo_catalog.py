from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.demo.load import NotLoaded, load_demo_catalog


class Command(BaseCommand):
    help = "Fyller katalogen för demonstration: exempelfilen, påhittade artiklar, bilder, bruksanvisningar och centralens egna värden."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--articles", type=int, default=2000, metavar="N")
        parser.add_argument("--of", type=int, default=None, metavar="M", help="de N är de första av M artiklar; resten läses in senare")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--example", type=Path, default=Path(settings.BASE_DIR) / "tests" / "data" / "example.xml", metavar="FIL")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("Demodata läses bara in i demo och test.")
        try:
            load_demo_catalog(options["example"], articles=options["articles"], of=options["of"], seed=options["seed"])
        except NotLoaded as error:
            raise CommandError(str(error)) from None
        self.stdout.write("Katalogen är fylld.")
