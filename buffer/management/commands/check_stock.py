"""`python manage.py check_stock`: asks of every store whether its stock is what its ledger says."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from buffer.checking import breaches
from buffer.models import StockLine


class Command(BaseCommand):
    help = "Kontrollerar att varje förråds saldo är summan av dess lagerhändelser. Slutar med felkod när något skiljer."

    def handle(self, *args: Any, **options: Any) -> None:
        found = breaches()
        for breach in found:
            self.stderr.write(f"{breach.rule}: förrådsrader {', '.join(map(str, breach.lines[:20]))}{' …' if len(breach.lines) > 20 else ''}")
        if found:
            raise CommandError("Saldot skiljer från lagerhändelserna. Se docs/operations.md, Buffertförrådens saldon.")
        self.stdout.write(f"{StockLine.objects.count()} förrådsrader stämmer.")
