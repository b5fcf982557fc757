"""Återlämningskvitto: what was handed over, by whom, to whom, in what condition. A document: it is never changed, only said anew in its next version."""

import uuid
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDay
from django.urls import reverse
from django.utils import timezone

from accounts.models import Assignment, CareUnit
from accounts.permissions import Permission, may
from catalog.models import Article
from core.append_only import append_only
from integration.models import Attachment
from ordering.models import AbstractDelivery
from patients.models import Loan, LoanReturn, Patient, follows_merge
from pickups.models.orders import PickupItem, PickupOrder


class Condition(models.TextChoices):
    OK = "OK", "Hel"
    WORN = "WORN", "Sliten"
    DAMAGED = "DAMAGED", "Skadad"
    INCOMPLETE = "INCOMPLETE", "Delar saknas"

    @property
    def tone(self) -> str:
        return {Condition.OK: "success", Condition.WORN: "neutral"}.get(self, "warning")


class Signing(models.TextChoices):
    """How who hands over has signed. A drawn and a typed name are both an electronic signature (eIDAS, article 3.10)."""

    DRAWN = "DRAWN", "Underskrift på skärmen"
    TYPED = "TYPED", "Namnet skrivet på tangentbordet"
    NONE = "NONE", "Inte underskrivet"


class Outcome(models.TextChoices):
    """What has become of an aid since it was handed over. The receipt itself ends no loan (decision 0037)."""

    WAITING = "WAITING", "Väntar på avregistrering"
    DEREGISTERED = "DEREGISTERED", "Avregistrerad"
    NOT_FOUND = "NOT_FOUND", "Hittades inte"

    @property
    def tone(self) -> str:
        return {Outcome.WAITING: "info", Outcome.DEREGISTERED: "success", Outcome.NOT_FOUND: "danger"}[self]


class ReceiptQuerySet(models.QuerySet["ReturnReceipt"]):
    def visible_to(self, assignment: Assignment) -> "ReceiptQuerySet":
        """The unit's own. Other units' receipts do not exist for it."""
        return self.filter(unit=assignment.unit_id)

    def listed_to(self, assignment: Assignment) -> "ReceiptQuerySet":
        """What lists and counts show: a protected person's do not exist for those who may not open the person."""
        found = self.visible_to(assignment)
        return found if may(assignment, Permission.SEE_PROTECTED) else found.filter(patient__protection=Patient.Protection.NONE)

    def of_aids(self, numbers: "set[str]") -> "ReceiptQuerySet":
        """Those on which an aid with one of these individual numbers stands, or has stood in an earlier version."""
        return self.filter(Exists(ReceiptItem.objects.filter(version__receipt=OuterRef("pk"), individual_number__in=numbers)))

    def of_order(self, order: PickupOrder) -> "ReceiptQuerySet":
        return self.filter(versions__order=order, versions__version=F("version"))

    def for_list(self) -> "ReceiptQuerySet":
        """With all that a row of a list shows, in a constant number of queries."""
        latest = ReceiptVersion.objects.latest_ones().select_related("order", "received_by__user")
        items = Prefetch("items", ReceiptItem.objects.with_returns().select_related("loan", "pickup_item").order_by("line"))
        return self.select_related("patient", "unit").prefetch_related("patient__identities", Prefetch("versions", latest.prefetch_related(items)))


class ReturnReceipt(models.Model):
    """An återlämningskvitto: its number, whom it is about and which version is in force. All that it says stands in its versions."""

    number = models.CharField("kvittonummer", max_length=17, unique=True)
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="+", verbose_name="vårdenhet")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="return_receipts", verbose_name="patient")
    version = models.PositiveIntegerField("gällande version", default=1)
    created_at = models.DateTimeField("skrivet", default=timezone.now)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = "återlämningskvitto"
        verbose_name_plural = "återlämningskvitton"
        triggers: ClassVar = [
            follows_merge(),
            pgtrigger.Protect(name="receipt_stays", operation=pgtrigger.UpdateOf("number", "unit_id", "created_at") | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="receipt_goes_on",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("version"),
                condition=pgtrigger.Condition("NEW.version < OLD.version"),
                func="RAISE EXCEPTION 'a receipt has no earlier version again';",
            ),
        ]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(version__gte=1), name="receipt_version_is_positive")]
        indexes: ClassVar = [
            models.Index(fields=["unit", "-created_at", "-id"], name="unit_receipts"),
            models.Index(fields=["patient", "-created_at", "-id"], name="patient_receipts"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("pickups:receipt", args=[self.number])

    @property
    def latest(self) -> "ReceiptVersion":
        """The version in force, from what was prefetched."""
        return next(version for version in self.versions.all() if version.version == self.version)


class ReceiptVersionQuerySet(models.QuerySet["ReceiptVersion"]):
    def latest_ones(self) -> "ReceiptVersionQuerySet":
        return self.filter(version=F("receipt__version"))


class ReceiptVersion(AbstractDelivery):
    """What the receipt says, as it was written. The delivery's address is where the aids were handed over. Append-only."""

    receipt = models.ForeignKey(ReturnReceipt, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField("version")
    # Made by the page that it was written on: the same page sent again, from one device or two, is the same version.
    key = models.UUIDField(unique=True)
    fingerprint = models.CharField(max_length=64)
    written_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+", verbose_name="skrivet av")
    written_at = models.DateTimeField("skrivet", default=timezone.now)
    correction = models.CharField("varför det rättades", max_length=500, blank=True)

    order = models.ForeignKey(PickupOrder, models.PROTECT, null=True, related_name="+", verbose_name="hämtorder")
    handed_over_by = models.CharField("lämnat av", max_length=200)
    received_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+", verbose_name="mottaget av")
    received_at = models.DateTimeField("mottaget")
    signing = models.CharField("underskrift", max_length=5, choices=Signing)
    signed_name = models.CharField("namnteckning", max_length=200, blank=True)
    unsigned_reason = models.CharField("varför det inte är underskrivet", max_length=500, blank=True)

    objects = ReceiptVersionQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = append_only()
        verbose_name = "version av återlämningskvitto"
        verbose_name_plural = "versioner av återlämningskvitton"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["receipt", "version"], name="receipt_version_once"),
            models.CheckConstraint(condition=Q(version=1, correction="") | Q(version__gt=1) & ~Q(correction=""), name="receipt_correction_says_why"),
            models.CheckConstraint(
                condition=Q(signing="DRAWN", signed_name="", unsigned_reason="")
                | Q(signing="TYPED", unsigned_reason="") & ~Q(signed_name="")
                | Q(signing="NONE", signed_name="") & ~Q(unsigned_reason=""),
                name="receipt_is_signed_or_says_why_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id} version {self.version}"

    @property
    def is_signed(self) -> bool:
        return self.signing != Signing.NONE

    @property
    def outcome(self) -> Outcome:
        """Of all of it: what was not found stands before what is waited for."""
        outcomes = {item.outcome for item in self.items.all()}
        return next(outcome for outcome in (Outcome.NOT_FOUND, Outcome.WAITING, Outcome.DEREGISTERED) if outcome in outcomes)


class ReceiptItemQuerySet(models.QuerySet["ReceiptItem"]):
    def in_force(self) -> "ReceiptItemQuerySet":
        """Of the versions in force."""
        return self.filter(version__version=F("version__receipt__version"))

    def with_returns(self) -> "ReceiptItemQuerySet":
        """With `brought_back`: how many of the loan have been given back since; what `outcome` asks for where the receipt is tied to no hämtorder.

        SESAM2 gives only the day of what came back afterwards, so that day counts from its beginning.
        """
        since = LoanReturn.objects.filter(loan=OuterRef("loan"), at__gte=OuterRef("received_day")).values("loan")
        brought_back = Coalesce(Subquery(since.annotate(total=Sum("quantity")).values("total")), 0)
        return self.annotate(received_day=TruncDay("version__received_at")).annotate(brought_back=brought_back)


class ReceiptItem(models.Model):
    """An aid that was handed over: one of the patient's loans, or a component that stands on the hämtorder without a loan of its own. Append-only."""

    version = models.ForeignKey(ReceiptVersion, models.PROTECT, related_name="items")
    line = models.PositiveIntegerField("rad")
    loan = models.ForeignKey(Loan, models.PROTECT, null=True, related_name="receipt_items")
    pickup_item = models.ForeignKey(PickupItem, models.PROTECT, null=True, related_name="receipt_items")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+")
    # As they were shown when the receipt was written.
    name = models.CharField("hjälpmedel", max_length=255)
    article_number = models.CharField("artikelnummer", max_length=100, blank=True)
    individual_number = models.CharField("individnummer", max_length=100, blank=True)
    quantity = models.PositiveIntegerField("antal", default=1)
    condition = models.CharField("skick", max_length=10, choices=Condition)
    note = models.CharField("anteckning", max_length=500, blank=True)
    # Handed over though an earlier receipt says so too: the patient had got it back. That receipt counts no longer for it.
    is_again = models.BooleanField("lämnat igen", default=False)

    brought_back: int  # by `with_returns`
    objects = ReceiptItemQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = append_only()
        verbose_name = "hjälpmedel på kvitto"
        verbose_name_plural = "hjälpmedel på kvitto"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "line"], name="receipt_line_once"),
            models.UniqueConstraint(fields=["version", "loan"], condition=Q(loan__isnull=False), name="loan_once_per_receipt"),
            models.UniqueConstraint(fields=["version", "pickup_item"], condition=Q(pickup_item__isnull=False), name="pickup_item_once_per_receipt"),
            models.CheckConstraint(condition=Q(loan__isnull=False) | Q(pickup_item__isnull=False), name="receipt_item_is_something"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="receipt_quantity_is_positive"),
            models.CheckConstraint(condition=Q(individual_number="") | Q(quantity=1), name="returned_individual_is_one"),
            models.CheckConstraint(condition=Q(condition__in=Condition.values), name="receipt_condition_is_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["individual_number"], condition=~Q(individual_number=""), name="receipts_of_aid")]

    def __str__(self) -> str:
        return f"{self.version_id}:{self.line}"

    @property
    def shown_condition(self) -> Condition:
        return Condition(self.condition)

    @property
    def outcome(self) -> Outcome:
        item = self.pickup_item
        if item is not None and item.found is not None:
            return Outcome.DEREGISTERED if item.found else Outcome.NOT_FOUND
        if self.loan is not None and self.loan.ended_at is not None:
            return Outcome.DEREGISTERED
        return Outcome.DEREGISTERED if item is None and self.brought_back >= self.quantity else Outcome.WAITING


class ReceiptFile(models.Model):
    """The drawn signature of a version, or a photo of what was handed over. Append-only."""

    class Content(models.TextChoices):
        SIGNATURE = "SIGNATURE", "Underskrift"
        PHOTO = "PHOTO", "Foto"

    version = models.ForeignKey(ReceiptVersion, models.PROTECT, related_name="files")
    item = models.ForeignKey(ReceiptItem, models.PROTECT, null=True, related_name="photos")  # None: of all of it
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")
    content = models.CharField("vad det är", max_length=10, choices=Content)
    # False for a protected person, of whom nothing but the number goes out: a signature is a name, and a photo may show a home.
    is_sent = models.BooleanField("skickad till SESAM2")

    class Meta:
        triggers: ClassVar = append_only()
        verbose_name = "fil till kvitto"
        verbose_name_plural = "filer till kvitton"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "attachment"], name="attachment_once_per_receipt_version"),
            models.UniqueConstraint(fields=["version"], condition=Q(content="SIGNATURE"), name="one_signature_per_receipt_version"),
        ]

    def __str__(self) -> str:
        return f"fil {self.attachment_id}"


class ReceiptUpload(models.Model):
    """A photo that came with a form that was not right yet, kept under the form's key so that it need not be chosen again. Gone after a day, or when used."""

    key = models.UUIDField(db_index=True)
    by = models.ForeignKey(Assignment, models.CASCADE, related_name="+")
    choice = models.CharField(max_length=30, blank=True)  # of which aid; "": of all
    attachment = models.OneToOneField(Attachment, models.CASCADE, related_name="+")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"uppladdning {self.pk}"
