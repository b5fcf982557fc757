"""Takes bases out whole, for the archive: the lines as SESAM2 sent them, and beside them what has happened."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import sesam2
from billing.models import InvoiceBasis, InvoiceLine

_BATCH = 5_000


class Command(BaseCommand):
    help = (
        "Tar ut fakturaunderlag i sin helhet: raderna som SESAM2 sände dem (NDJSON), och vad som har hänt med dem (JSON). Filerna innehåller patientuppgifter."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="katalogen att skriva i")
        parser.add_argument("--year", type=int, help="bara underlag för det året")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"{folder} är ingen katalog")
        bases = InvoiceBasis.objects.filter(published_at__isnull=False).order_by("period", "payer_number", "pk")
        if options["year"]:
            bases = bases.filter(period__year=options["year"])
        number = 0
        for basis in bases:
            _write(basis, folder / f"{basis.period:%Y-%m}-{basis.public_id}")
            number += 1
        self.stdout.write(f"{number} underlag skrivna till {folder}")


def _write(basis: InvoiceBasis, path: Path) -> None:
    with _private(path.with_suffix(".ndjson")) as out:
        last = 0
        while batch := list(InvoiceLine.objects.filter(basis=basis, line__gt=last).order_by("line")[:_BATCH]):
            out.writelines(sesam2.written(line) + b"\n" for line in batch)
            last = batch[-1].line
    with _private(path.with_suffix(".json")) as out:
        out.write(json.dumps(_facts(basis), ensure_ascii=False, indent=1, default=str).encode())


def _private(path: Path) -> Any:
    """A file that nobody else on the machine may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _facts(basis: InvoiceBasis) -> dict[str, Any]:
    found = basis.findings.order_by("found_by", "line").prefetch_related("history__by__user")
    return {
        **sesam2.facts_of(basis),
        "status": basis.status,
        "received": basis.received_at,
        "published": basis.published_at,
        "keptUntil": basis.kept_until,
        "history": [_told(row) for row in basis.history.select_related("by__user").order_by("id")],
        "findings": [
            {"line": each.line, "check": each.found_by, "status": each.status, "details": each.details, "history": [_told(row) for row in each.history.all()]}
            for each in found
        ],
    }


def _told(row: Any) -> dict[str, Any]:
    return {"at": row.at, "event": row.event, "old": row.old, "new": row.new, "by": row.by.user.hsa_id if row.by else None, "note": row.note}
