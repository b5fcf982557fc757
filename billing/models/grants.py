"""Who may read which payer's bases, or which customer's lines in them."""

import dataclasses
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Assignment
from accounts.permissions import Permission, may
from accounts.roles import Role


class InvoiceGrant(models.Model):
    """A fakturaläsare may read one payer's bases, or what one kundnummer is charged. Given in the administration; nobody has one by role.

    `sees_patients` is the permission SEE_INVOICE_PATIENTS, which belongs to a grant, not to a role: of this payer or kundnummer alone.
    """

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, related_name="invoice_grants", limit_choices_to={"role": Role.INVOICE_READER}, verbose_name="fakturaläsare"
    )
    payer_number = models.CharField(
        "betalare, nummer", max_length=100, blank=True, help_text="Hela betalarens underlag. Lämna tomt om det gäller ett kundnummer."
    )
    customer_number = models.CharField("kundnummer", max_length=100, blank=True, help_text="Bara det som kundnumret debiteras.")
    sees_patients = models.BooleanField(
        "ser patientens nummer",
        default=False,
        help_text="Annars är numret dolt, på sidorna och i filerna. Personer med skyddade personuppgifter är alltid dolda. Varje visning loggas.",
    )
    is_active = models.BooleanField("gäller", default=True)
    given_at = models.DateTimeField("upplagd", default=timezone.now)

    class Meta:
        verbose_name = "rätt att läsa fakturaunderlag"
        verbose_name_plural = "rätter att läsa fakturaunderlag"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(payer_number="") ^ Q(customer_number=""),
                name="invoice_grant_is_for_a_payer_or_a_customer",
                violation_error_message="Fyll i antingen betalarens nummer eller ett kundnummer.",
            ),
            models.UniqueConstraint(
                fields=["assignment", "payer_number", "customer_number"],
                name="invoice_grant_once",
                violation_error_message="Fakturaläsaren har redan fått den rätten. Ändra den i stället.",
            ),
        ]

    def __str__(self) -> str:
        return f"betalare {self.payer_number}" if self.payer_number else f"kundnummer {self.customer_number}"


@dataclasses.dataclass(frozen=True)
class Scope:
    """What an assignment may read just now: whole payers, and single customers of others; and of which of them it sees the patients."""

    payers: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    patients_of_payers: frozenset[str] = frozenset()
    patients_of_customers: frozenset[str] = frozenset()

    @classmethod
    def of(cls, assignment: Assignment) -> "Scope":
        """Asks once. Of who may not read invoices at all: nothing."""
        if not may(assignment, Permission.SEE_INVOICES):
            return cls()
        grants = list(InvoiceGrant.objects.filter(assignment=assignment.pk, is_active=True))
        return cls(
            frozenset(grant.payer_number for grant in grants if grant.payer_number),
            frozenset(grant.customer_number for grant in grants if grant.customer_number),
            frozenset(grant.payer_number for grant in grants if grant.payer_number and grant.sees_patients),
            frozenset(grant.customer_number for grant in grants if grant.customer_number and grant.sees_patients),
        )

    def reads_all(self, payer_number: str) -> bool:
        """Every line of the payer's bases."""
        return payer_number in self.payers

    def sees_patients(self, payer_number: str, customer_number: str) -> bool:
        """Of a line with this kundnummer in a basis of this payer."""
        return payer_number in self.patients_of_payers or customer_number in self.patients_of_customers

    def sees_patients_of_some(self, payer_number: str) -> bool:
        return payer_number in self.patients_of_payers or bool(self.patients_of_customers)
