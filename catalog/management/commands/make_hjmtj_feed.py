from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper

from catalog.demo.feed import Order, write_feed


class Command(BaseCommand):
    help = "Skriver en påhittad export i Hjälpmedelstjänstens format. Samma argument ger samma fil."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--articles", type=int, required=True, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--mode", choices=["FULL", "DELTA"], default="FULL")
        parser.add_argument("--sequence", type=int, default=2, help="löpnummer; måste vara högre än den senast inlästas")
        parser.add_argument("--out", type=Path, metavar="FIL", help="annars skrivs den på standard ut")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["articles"] < 1 or options["sequence"] < 1:
            raise CommandError("--articles och --sequence måste vara minst 1.")
        order = Order(options["articles"], options["seed"], settings.SESAM2_GLN, options["mode"], options["sequence"])
        if options["out"] is None:
            write_feed(order, _Out(self.stdout))
            return
        try:
            with options["out"].open("w", encoding="utf-8") as file:
                write_feed(order, file)
        except OSError as error:
            raise CommandError(f"{options['out']}: {error.strerror}") from None


class _Out:
    """Standard out without the line break that Django adds to each write."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out

    def write(self, text: str) -> None:
        self._out.write(text, ending="")
