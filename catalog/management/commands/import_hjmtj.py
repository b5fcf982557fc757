from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.actions import import_feed
from catalog.models import FeedImport
from catalog.packages import in_order

SECTIONS = {"suppliers": "leverantörer", "categories": "ISO-klasser", "products": "produkter", "articles": "artiklar", "price_lists": "prislistor"}


class Command(BaseCommand):
    help = (
        "Läser in .xml, .zip och mappar från Hjälpmedelstjänsten, i den ordning de anges (en mapps filer efter löpnummer). Stannar vid den första som avvisas."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FIL")
        parser.add_argument("--confirm-ended", action="store_true", help="godta att mer än var femte artikel försvinner")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in self._files(options["files"]):
            try:
                row = import_feed(path, confirm_ended=options["confirm_ended"])
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}") from None
            if row.status == FeedImport.Status.REFUSED:
                raise CommandError(f"{path.name} avvisades, inget ändrades. {row.reason}")
            self.stdout.write(f"{path.name}: {row.get_status_display().lower()}")
            for section, counts in row.counts.items():
                numbers = [
                    f"{counts.get(key, 0)} {word}"
                    for key, word in (("new", "nya"), ("changed", "ändrade"), ("unchanged", "oförändrade"), ("ended", "borta"), ("quarantined", "i karantän"))
                ]
                self.stdout.write(f"  {SECTIONS[section]}: {', '.join(numbers)}")

    def _files(self, paths: list[Path]) -> list[Path]:
        try:
            return in_order(paths)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None
