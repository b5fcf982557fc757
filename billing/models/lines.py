"""The lines of bases as SESAM2 sent them, and what was added up and compared when a basis was published."""

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Assignment
from billing.models.bases import InvoiceBasis
from billing.models.grants import Scope
from core.append_only import append_only


class ChargingKind(models.TextChoices):
    """What a line is charged as: its debiteringsform."""

    RENT = "RENT", "Hyra"
    SALE = "SALE", "Försäljning"
    SALE_WITH_RETURN = "SALE_WITH_RETURN", "Försäljning med retur"
    CONSUMABLE = "CONSUMABLE", "Förbrukning"
    SERVICE = "SERVICE", "Arbete"
    FEE = "FEE", "Avgift"
    CREDIT = "CREDIT", "Kredit"


class OfBasisQuerySet(models.QuerySet):
    """Rows that belong to a basis that has been opened, and to one customer of it."""

    def visible_to(self, assignment: Assignment, basis: InvoiceBasis):  # noqa: ANN201 - of whichever table it is
        """Those of the basis that the assignment may read: all for a reader of the payer, else those of the reader's customers."""
        scope = Scope.of(assignment)
        of_basis = self.filter(basis=basis)
        return of_basis if scope.reads_all(basis.payer_number) else of_basis.filter(customer_number__in=scope.customers)


class InvoiceLineQuerySet(OfBasisQuerySet):
    # What lines can be narrowed by: the name of the filter → the field that it is equal to.
    FILTERS: ClassVar = {"customer": "customer_number", "unit": "unit_hsa_id", "kind": "kind", "group": "iso_code__startswith", "article": "article_number"}

    def matching(self, filters: Mapping[str, str]) -> "InvoiceLineQuerySet":
        """Those that fit each of the filters; `number` is an order's or an aid's, `check` what a finding is found by."""
        found = self.filter(**{self.FILTERS[name]: value for name, value in filters.items() if name in self.FILTERS})
        if number := filters.get("number"):
            found = found.filter(Q(order_number=number) | Q(individual_number=number))
        if check := filters.get("check"):
            findings = self.model._meta.apps.get_model("billing", "Finding").objects
            found = found.filter(Exists(findings.filter(basis=OuterRef("basis"), line=OuterRef("line"), found_by=check)))
        return found


class InvoiceLine(models.Model):
    """One line, as it was sent. Append-only; there are millions, so each index must be worth what it costs when a basis comes in.

    `patient_number` is what SESAM2 calls the patient by: `billing.access` alone decides who sees it.
    """

    basis = models.ForeignKey(InvoiceBasis, models.PROTECT, related_name="lines", db_index=False)
    line = models.PositiveIntegerField("rad")
    kind = models.CharField("debiteringsform", max_length=16, choices=ChargingKind)
    customer_number = models.CharField("kundnummer", max_length=100)
    cost_reference = models.CharField("kostnadsställe", max_length=500, blank=True)
    unit_hsa_id = models.CharField("enhet", max_length=100, blank=True)
    patient_number = models.CharField("patient", max_length=100, blank=True)
    order_number = models.CharField("ordernummer", max_length=100, blank=True)
    article_number = models.CharField("artikelnummer", max_length=100, blank=True)
    name = models.CharField("benämning", max_length=500, blank=True)
    iso_code = models.CharField("ISO-kod", max_length=100, blank=True)
    individual_number = models.CharField("individnummer", max_length=100, blank=True)
    from_on = models.DateField("från och med", null=True)
    to_on = models.DateField("till och med", null=True)
    days = models.PositiveIntegerField("dagar", null=True)
    quantity = models.DecimalField("antal", max_digits=12, decimal_places=3)
    unit = models.CharField("sort", max_length=500, blank=True)
    unit_price = models.DecimalField("à-pris", max_digits=14, decimal_places=2)
    amount = models.DecimalField("belopp", max_digits=14, decimal_places=2)
    vat_rate = models.DecimalField("momssats", max_digits=7, decimal_places=4)
    text = models.TextField("text", blank=True)

    objects = InvoiceLineQuerySet.as_manager()

    class Meta:
        verbose_name = "underlagsrad"
        verbose_name_plural = "underlagsrader"
        triggers: ClassVar = append_only()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["basis", "line"], name="invoice_line_once"),
            models.CheckConstraint(condition=Q(kind__in=ChargingKind.values), name="invoice_line_kind_is_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["basis", "customer_number", "line"], name="invoice_lines_of_customer"),
            models.Index(fields=["basis", "unit_hsa_id", "line"], name="invoice_lines_of_unit"),
            models.Index(fields=["order_number"], condition=~Q(order_number=""), name="invoice_lines_of_order"),
            models.Index(fields=["individual_number", "from_on"], condition=~Q(individual_number=""), name="invoice_lines_of_individual"),
            models.Index(fields=["basis", "article_number", "line"], condition=~Q(article_number=""), name="invoice_lines_of_article"),
        ]

    def __str__(self) -> str:
        return f"rad {self.line}"


class CustomerSum(models.Model):
    """What a kundnummer is charged in a basis. Tells, without a look at the lines, which bases a reader of the kundnummer may know of."""

    basis = models.ForeignKey(InvoiceBasis, models.PROTECT, related_name="customer_sums")
    customer_number = models.CharField("kundnummer", max_length=100)
    lines = models.PositiveIntegerField("rader")
    amount = models.DecimalField("belopp", max_digits=16, decimal_places=2)
    credited = models.DecimalField("varav krediter", max_digits=16, decimal_places=2)

    objects = OfBasisQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = append_only()
        constraints: ClassVar = [models.UniqueConstraint(fields=["basis", "customer_number"], name="customer_sum_once")]
        indexes: ClassVar = [models.Index(fields=["customer_number", "basis"], name="bases_of_customer")]

    def __str__(self) -> str:
        return f"{self.basis_id} {self.customer_number}"


class InvoiceSum(models.Model):
    """Lines added up by all that the pages divide them by, so that no page adds up a million of them."""

    basis = models.ForeignKey(InvoiceBasis, models.PROTECT, related_name="sums", db_index=False)
    customer_number = models.CharField("kundnummer", max_length=100)
    unit_hsa_id = models.CharField("enhet", max_length=100, blank=True)
    kind = models.CharField("debiteringsform", max_length=16, choices=ChargingKind)
    article_group = models.CharField("artikelgrupp", max_length=4, blank=True)  # the first four digits of the ISO code
    lines = models.PositiveIntegerField("rader")
    amount = models.DecimalField("belopp", max_digits=16, decimal_places=2)

    objects = OfBasisQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = append_only()
        constraints: ClassVar = [models.UniqueConstraint(fields=["basis", "customer_number", "unit_hsa_id", "kind", "article_group"], name="invoice_sum_once")]

    def __str__(self) -> str:
        return f"{self.basis_id} {self.customer_number} {self.kind}"


class LineChangeQuerySet(models.QuerySet["LineChange"]):
    def visible_to(self, assignment: Assignment, basis: InvoiceBasis) -> "LineChangeQuerySet":
        """Those in which the line was, or has become, one that the assignment may read."""
        scope = Scope.of(assignment)
        of_basis = self.filter(basis=basis)
        if scope.reads_all(basis.payer_number):
            return of_basis
        return of_basis.filter(Q(old_customer_number__in=scope.customers) | Q(new_customer_number__in=scope.customers))


class LineChange(models.Model):
    """A line that differs between a basis and the version that it replaces, by its number."""

    class What(models.TextChoices):
        ADDED = "ADDED", "Ny rad"
        REMOVED = "REMOVED", "Borttagen rad"
        CHANGED = "CHANGED", "Ändrad rad"

    basis = models.ForeignKey(InvoiceBasis, models.PROTECT, related_name="changes", db_index=False)
    line = models.PositiveIntegerField("rad")
    what = models.CharField("vad", max_length=8, choices=What)
    fields: "ArrayField[list[str], list[str]]" = ArrayField(models.CharField(max_length=30), default=list)  # those of InvoiceLine that differ
    old_amount = models.DecimalField("belopp före", max_digits=14, decimal_places=2, null=True)
    new_amount = models.DecimalField("belopp", max_digits=14, decimal_places=2, null=True)
    old_customer_number = models.CharField(max_length=100, blank=True)
    new_customer_number = models.CharField(max_length=100, blank=True)

    objects = LineChangeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["basis", "line"], name="line_change_once")]

    def __str__(self) -> str:
        return f"{self.what} {self.line}"
