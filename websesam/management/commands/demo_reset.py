"""Forgets everything that the demo has made: `make demo-reset`."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from websesam.embedded import PLACEHOLDERS, Embedded
from websesam.management.commands.demo import only_one
from websesam.private_servers import socket_directory

# By pattern, so that a VAR_DIR that points at the wrong place loses nothing else.
MADE_HERE = ("postgres", "postgres.new", "redis", "media", "static", "invoice-files", "log", "test", "mock.sqlite3*", "celerybeat-schedule*")


class Command(BaseCommand):
    help = "Tar bort demons databas, bilder och loggar. Vägrar medan något använder dem."
    requires_system_checks: ClassVar = []

    def handle(self, **options: Any) -> None:
        var = Path(settings.VAR_DIR)
        if not var.exists():
            self.stdout.write("Det finns inget att ta bort.")
            return
        with only_one(var):
            for embedded in (Embedded(var), Embedded(var / "test")):
                if embedded.in_use():
                    raise CommandError(f"databasen under {embedded.var} används av ett annat kommando; avsluta det först")
            with (var / "run" / "gate.lock").open("a") as gate:
                fcntl.flock(gate, fcntl.LOCK_EX)
                for directory in {socket_directory(var), socket_directory(var / "test")} - {var / "run", var / "test" / "run"}:
                    shutil.rmtree(directory, ignore_errors=True)
                for path in [path for name in MADE_HERE for path in var.glob(name)]:
                    self.remove(path)
        self.stdout.write(f"Demons data under {var} är borttagna.")
        if os.environ["DATABASE_URL"] != PLACEHOLDERS["DATABASE_URL"]:
            self.stdout.write("Databasen i DATABASE_URL är en annans och är orörd.")

    def remove(self, path: Path) -> None:
        """Remove a file or a directory with all that is in it."""
        try:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        except OSError as error:
            raise CommandError(f"kan inte ta bort {path}: {error.strerror}") from None
