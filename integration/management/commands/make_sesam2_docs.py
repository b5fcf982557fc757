"""Writes docs/sesam2/ from the contract's models, or checks that it is current."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from integration.sesam2_docs import make_files


class Command(BaseCommand):
    help = "Write docs/sesam2/ (JSON Schemas, OpenAPI, examples, README) from integration/contract."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is stale, missing or left over")
        parser.add_argument("--folder", type=Path, default=settings.BASE_DIR / "docs" / "sesam2", help="where to write")

    def handle(self, *args: Any, check: bool, folder: Path, **options: Any) -> None:
        files = make_files()
        present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        stale = [name for name, text in files.items() if name not in present or (folder / name).read_text(encoding="utf-8") != text]
        left_over = sorted(present - set(files))
        if check:
            if stale or left_over:
                raise CommandError(f"docs/sesam2 is not current, run make_sesam2_docs: {', '.join([*stale, *left_over])}", returncode=1)
            self.stdout.write(f"docs/sesam2 is current: {len(files)} files.")
            return
        for name in stale:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name], encoding="utf-8")
        for name in left_over:
            (folder / name).unlink()
        self.stdout.write(f"docs/sesam2: {len(stale)} of {len(files)} files written, {len(left_over)} removed.")
