"""What fakturaläsare are told of: a basis that is there, and one that could not be read in."""

from collections import defaultdict

from django.db.models import Q
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Assignment, CareUnit, Notice
from accounts.permissions import Permission, roles_with
from billing.models import CustomerSum, InvoiceBasis


def tell_published(basis: InvoiceBasis) -> None:
    """Those who may read any of it."""
    title = f"Fakturaunderlaget för {basis.month} är klart"
    text = "Det ersätter det underlag som fanns." if basis.replaces_id else "Granska det och hämta det som Excel."
    charged = CustomerSum.objects.filter(basis=basis).values("customer_number")
    readers = Q(invoice_grants__payer_number=basis.payer_number) | Q(invoice_grants__customer_number__in=charged)
    _tell(basis, readers, tone=Notice.Tone.INFO, word="Fakturaunderlag", title=title, text=text)


def tell_parked(basis: InvoiceBasis) -> None:
    """Those who read the whole payer: whom else it would have concerned is not known."""
    title = f"Fakturaunderlaget för {basis.month} kunde inte läsas in"
    readers = Q(invoice_grants__payer_number=basis.payer_number)
    _tell(basis, readers, tone=Notice.Tone.WARNING, word="Kunde inte läsas in", title=title, text="Öppna det för att se varför. Supporten ser det också.")


def close(basis: InvoiceBasis) -> None:
    """What was told of it needs nobody any more."""
    Notice.objects.filter(url=basis.get_absolute_url()).unread().update(read_at=timezone.now())


def _tell(basis: InvoiceBasis, readers: Q, *, tone: str, word: str, title: str, text: str) -> None:
    by_unit: dict[CareUnit, list[Assignment]] = defaultdict(list)
    found = Assignment.objects.current().filter(readers, invoice_grants__is_active=True, role__in=roles_with(Permission.SEE_INVOICES))
    for assignment in found.select_related("unit").distinct():
        by_unit[assignment.unit].append(assignment)
    for unit, assignments in by_unit.items():
        accounts.notify(assignments, unit=unit, tone=tone, word=word, title=title, text=text, url=basis.get_absolute_url())
