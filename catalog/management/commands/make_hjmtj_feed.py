from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper

from catalog.demo.delta import write_next
from catalog.demo.feed import Order, write_feed
from catalog.hjmtj import FeedRefused


class Command(BaseCommand):
    help = "Skriver en påhittad export i Hjälpmedelstjänstens format. Samma argument ger samma fil."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--articles", type=int, metavar="N")
        what.add_argument("--delta-of", type=Path, metavar="FIL", help="nästa export efter FIL, där en del har ändrats; med --mode FULL hela katalogen")
        parser.add_argument("--changed", type=float, default=1.0, metavar="PROCENT", help="hur stor del som har ändrats, med --delta-of")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument("--mode", choices=["FULL", "DELTA"], default=None, help="annars FULL, och DELTA med --delta-of")
        parser.add_argument("--sequence", type=int, default=2, help="löpnummer; måste vara högre än den senast inlästas")
        parser.add_argument("--out", type=Path, metavar="FIL", help="annars skrivs den på standard ut")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["delta_of"] is None and (options["articles"] < 1 or options["sequence"] < 1):
            raise CommandError("--articles och --sequence måste vara minst 1.")
        if not 0 <= options["changed"] <= 100:
            raise CommandError("--changed är en andel i procent, 0 till 100.")
        if options["out"] is None:
            self._write(options, _Out(self.stdout))
            return
        try:
            with options["out"].open("w", encoding="utf-8") as file:
                self._write(options, file)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None

    def _write(self, options: dict[str, Any], out: Any) -> None:
        if options["delta_of"] is None:
            write_feed(Order(options["articles"], options["seed"], settings.SESAM2_GLN, options["mode"] or "FULL", options["sequence"]), out)
            return
        try:
            write_next(options["delta_of"], out, share=options["changed"] / 100, seed=options["seed"], mode=options["mode"] or "DELTA")
        except FeedRefused as refusal:
            raise CommandError(f"{options['delta_of']}: {refusal}") from None


class _Out:
    """Standard out without the line break that Django adds to each write."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out

    def write(self, text: str) -> None:
        self._out.write(text, ending="")
