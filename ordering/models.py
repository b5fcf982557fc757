"""What kundorder, arbetsorder and hämtorder have in common. No tables of its own."""

import datetime
import uuid
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import Assignment, CareUnit, Customer, DeliveryPoint
from accounts.permissions import Permission, may
from core.append_only import append_only
from core.lifecycle import Lifecycle
from patients.models import CareRelation, Patient


class OrderQuerySet(models.QuerySet[Any]):
    OPEN_STATUSES: ClassVar[tuple[str, ...]]  # those in which something is still to come

    def visible_to(self, assignment: Assignment) -> Self:
        """The unit's own. Other units' orders do not exist for it."""
        return self.filter(unit=assignment.unit_id)

    def of_other_units(self, assignment: Assignment) -> Self:
        """Other units' of the same care provider, about patients that the unit has opened. Shown after an active choice alone
        (`ordering.other_units`), and never to be written on.
        """
        return self.filter(
            ~Q(unit=assignment.unit_id),
            Exists(CareRelation.objects.filter(patient=OuterRef("patient"), unit=assignment.unit_id)),
            unit__provider=assignment.unit.provider_id,
        )

    def without_protected(self, assignment: Assignment) -> Self:
        """What lists and counts show: a protected person's orders do not exist for those who may not open the person."""
        if may(assignment, Permission.SEE_PROTECTED):
            return self
        # Excluded, not filtered by NONE: an order to or from a store is about no patient.
        return self.exclude(patient__protection__in=[Patient.Protection.MARKED, Patient.Protection.REGISTRATION])

    def listed_to(self, assignment: Assignment) -> Self:
        return self.visible_to(assignment).without_protected(assignment)

    def open(self) -> Self:
        return self.filter(status__in=self.OPEN_STATUSES)

    def late(self, today: datetime.date) -> Self:
        """Open, and either delayed by SESAM2's own word or past the date that it gave."""
        return self.open().filter(Q(is_delayed=True) | Q(promised_on__lt=today))

    def sent(self) -> Self:
        """Those with a number. `sent_at` is `placed_at`, which such an order always has, so that paging need not think of NULL."""
        return self.filter(number__isnull=False).annotate(sent_at=F("placed_at"))

    def drafts(self) -> Self:
        return self.filter(status="DRAFT")

    def for_list(self) -> Self:
        """With all that a row of a list shows, in a constant number of queries."""
        return self.select_related("patient", "orderer__user", "prescriber__user", "unit").prefetch_related("patient__identities")

    def of_person(self, assignment: Assignment) -> Self:
        """Those that the person ordered or stands as prescriber for, in any role.

        The roles are looked up first: an order is then found by an index, where a join would make the database read the unit's all.
        """
        own = list(Assignment.objects.filter(user=assignment.user_id).values_list("pk", flat=True))
        return self.filter(Q(orderer__in=own) | Q(prescriber__in=own))


class AbstractOrder(Lifecycle):
    """An order to the Hjälpmedelscentral. It has a number from the moment it is sent.

    `promised_on` is the date that SESAM2 has given for what is still to come; `is_delayed` says that it was moved.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("ordernummer", max_length=17, unique=True, null=True)  # noqa: DJ001 - null until it is sent; "" could not be unique
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="+", verbose_name="vårdenhet")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+", verbose_name="patient")
    orderer = models.ForeignKey(Assignment, models.PROTECT, related_name="+", verbose_name="beställare")
    prescriber = models.ForeignKey(Assignment, models.PROTECT, related_name="+", verbose_name="förskrivare")
    created_at = models.DateTimeField("skapad", default=timezone.now)
    changed_at = models.DateTimeField("ändrad", default=timezone.now)
    placed_at = models.DateTimeField("skickad", null=True)
    erp_number = models.CharField("ordernummer i SESAM2", max_length=100, blank=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+", verbose_name="kund")
    # As they were when the order was sent.
    customer_number = models.CharField("kundnummer", max_length=35, blank=True)
    payer_number = models.CharField("betalare, nummer", max_length=35, blank=True)
    payer_name = models.CharField("betalare, namn", max_length=200, blank=True)
    # Counts up with each change of what is filled in, so that nobody saves over, or sends, what they have not seen.
    version = models.PositiveIntegerField("version", default=1)
    again_of: "models.ForeignKey[Any, Any]" = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="ordered_again", verbose_name="beställd igen från"
    )
    promised_on = models.DateField("leveransdatum", null=True)
    is_delayed = models.BooleanField("försenad", default=False)
    cancellation_requested_at = models.DateTimeField("makulering begärd", null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number or f"utkast {self.pk}"

    @property
    def kind_word(self) -> str:
        """What it is called before its number and in the access log, where its table holds several kinds; "" where `Kind.name` says it."""
        return ""

    @property
    def is_open(self) -> bool:
        """Something is still to come."""
        return self.status in type(self)._default_manager.none().OPEN_STATUSES  # type: ignore[attr-defined]

    @property
    def can_be_cancelled(self) -> bool:
        """By a person: something is still to come, and nothing is asked for already."""
        return self.is_open and self.cancellation_requested_at is None


# What a change replaces, and a refusal puts back; a kind of order may have more.
ADDRESS_FIELDS = (
    "method",
    "delivery_point_id",
    "recipient_name",
    "care_of",
    "street",
    "postal_code",
    "city",
    "door_code",
    "has_no_door_code",
    "is_hospital",
    "contact_name",
    "contact_phone",
    "instructions",
)


class AbstractDelivery(models.Model):
    """Where an order goes or is carried out, and whom to reach there; copied when it is sent, since the register's address may change later.

    The address is empty in a draft, and for a protected person, whose order names the unit's contact alone (MANUAL_CONTACT).
    """

    class Method(models.TextChoices):
        HOME = "HOME", "Hem till patienten"
        DELIVERY_POINT = "DELIVERY_POINT", "Leveranspunkt"
        UNIT = "UNIT", "Min enhet"
        MANUAL_CONTACT = "MANUAL_CONTACT", "Centralen kontaktar enheten"

    method = models.CharField("leveranssätt", max_length=16, choices=Method, default=Method.HOME)
    delivery_point = models.ForeignKey(DeliveryPoint, models.PROTECT, null=True, related_name="+", verbose_name="leveranspunkt")
    recipient_name = models.CharField(max_length=200, blank=True)
    care_of = models.CharField(max_length=100, blank=True)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=5, blank=True)
    city = models.CharField(max_length=100, blank=True)
    door_code = models.CharField(max_length=20, blank=True)
    has_no_door_code = models.BooleanField(default=False)
    is_hospital = models.BooleanField(default=False)
    contact_name = models.CharField("kontaktperson", max_length=200, blank=True)
    contact_phone = models.CharField("kontaktpersonens telefon", max_length=20, blank=True)
    instructions = models.CharField("meddelande", max_length=500, blank=True)

    class Meta:
        abstract = True


class DeliveredOrder(AbstractDelivery, AbstractOrder):
    """An order that goes, or is carried out, somewhere."""

    class Meta:
        abstract = True


class AbstractHistory(models.Model):
    """One thing that happened to an order, in the order in which it became known. Append-only; `by` is None for SESAM2."""

    event = models.CharField(max_length=30)
    old = models.CharField(max_length=20)
    new = models.CharField(max_length=20)
    by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    details: "models.JSONField[dict[str, Any]]" = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        triggers: ClassVar = append_only()


class AbstractDeliveryChange(models.Model):
    """A DeliveryChange that was sent. SESAM2 says only when it cannot be done: then `before` is in force again.

    A concrete model points at its `order` with related_name="delivery_changes".
    """

    by = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    before: "models.JSONField[dict[str, Any]]" = models.JSONField()
    after: "models.JSONField[dict[str, Any]]" = models.JSONField()
    refused_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
