"""The patient register: who a person is, by which numbers, lives where, is reached through whom, and which units know the person."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Assignment, CareProvider, CareUnit
from patients.identifiers import Identifier, IdentityType
from patients.models.merged import follows_merge

IDENTITY_CHOICES = [
    (IdentityType.PERSONNUMMER, "personnummer"),
    (IdentityType.SAMORDNINGSNUMMER, "samordningsnummer"),
    (IdentityType.NRID, "nationellt reservnummer"),
    (IdentityType.VGR_RESERV, "VGR-reservnummer"),
    (IdentityType.LMA, "LMA-nummer"),
]


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, assignment: Assignment) -> "PatientQuerySet":
        """Patients that the unit has opened with a confirmed care relation. Others, and those merged into another, do not exist for it."""
        return self.filter(care_relations__unit=assignment.unit_id, merged_into__isnull=True)


class Patient(models.Model):
    """A person, once for all care providers. What belongs to a provider (orders, loans, contacts) points here and is scoped there."""

    class Protection(models.TextChoices):
        NONE = "NONE", "ingen"
        MARKED = "MARKED", "sekretessmarkering"
        REGISTRATION = "REGISTRATION", "skyddad folkbokföring"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    given_name = models.CharField("förnamn", max_length=100)
    family_name = models.CharField("efternamn", max_length=100)
    phone = models.CharField("telefon", max_length=20, blank=True)
    protection = models.CharField("skydd", max_length=12, choices=Protection, default=Protection.NONE)
    created_at = models.DateTimeField(default=timezone.now)
    # Two records of one person: this one has been merged into that one, and nothing is written to it any more (decision 0029).
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="absorbed")

    objects = PatientQuerySet.as_manager()

    class Meta:
        verbose_name = "patient"
        verbose_name_plural = "patienter"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(protection__in=["NONE", "MARKED", "REGISTRATION"]), name="patient_protection_is_known"),
            models.CheckConstraint(condition=Q(protection="NONE") | Q(phone=""), name="protected_patient_has_no_phone"),
            models.CheckConstraint(condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="patient_is_not_merged_into_itself"),
        ]

    def __str__(self) -> str:
        return f"patient {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("patient", args=[self.public_id])

    @property
    def is_protected(self) -> bool:
        return self.protection != self.Protection.NONE

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def short_name(self) -> str:
        """Given name and an initial, such as Tolvan T., for lists where a glance from aside must tell little."""
        initial = next((letter for letter in self.family_name if letter.isupper()), self.family_name[:1])
        return f"{self.given_name} {initial}."

    @property
    def identity(self) -> "PatientIdentity":
        """The current identity, which a merged record has not; `prefetch_related("identities")` keeps lists at a constant number of queries."""
        return next(identity for identity in self.identities.all() if identity.is_current)

    @property
    def former_identities(self) -> "list[PatientIdentity]":
        """The numbers that the person had before, last first."""
        former = [identity for identity in self.identities.all() if not identity.is_current and identity.withdrawn_at is None]
        return sorted(former, key=lambda identity: (identity.replaced_at or identity.created_at, identity.pk), reverse=True)

    @property
    def former_addresses(self) -> "list[Address]":
        """Where the person lived before, last first; none for a protected person."""
        if self.is_protected:
            return []
        return sorted((address for address in self.addresses.all() if address.valid_to), key=lambda address: (address.valid_to, address.pk), reverse=True)

    @property
    def address(self) -> "Address | None":
        """The current address; None when none is known, and always for a protected person."""
        if self.is_protected:
            return None
        return next((address for address in self.addresses.all() if address.valid_to is None), None)


class PatientIdentityQuerySet(models.QuerySet["PatientIdentity"]):
    def of(self, identifier: Identifier) -> "PatientIdentityQuerySet":
        """The one, if any, that somebody has or had with this number."""
        return self.filter(type=identifier.type, value=identifier.value, withdrawn_at__isnull=True)


class PatientIdentity(models.Model):
    """A number that a person is or was known by. Number and type together are the identity (reference: identifiers, section 1)."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="identities")
    type = models.CharField("typ", max_length=20, choices=IDENTITY_CHOICES)
    value = models.CharField("nummer", max_length=35)
    is_current = models.BooleanField("gäller", default=True)
    # The last day that an LMA card holds; other numbers hold for ever.
    valid_until = models.DateField("gäller till och med", null=True)
    created_at = models.DateTimeField(default=timezone.now)
    replaced_at = models.DateTimeField("ersatt", null=True)
    # Given by mistake and taken back: it finds this patient no more, and may be somebody else's.
    withdrawn_at = models.DateTimeField("återtaget", null=True)

    objects = PatientIdentityQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["value", "type"], condition=Q(withdrawn_at__isnull=True), name="identity_belongs_to_one_patient"),
            models.UniqueConstraint(fields=["patient"], condition=Q(is_current=True), name="one_current_identity_per_patient"),
            models.CheckConstraint(condition=Q(type="LMA") | Q(value__regex=r"^[0-9A-Z]{12}$"), name="identity_is_twelve_characters"),
            models.CheckConstraint(condition=Q(type__in=[value for value, _ in IDENTITY_CHOICES]), name="identity_type_is_known"),
            models.CheckConstraint(
                condition=Q(type="LMA", valid_until__isnull=False) | ~Q(type="LMA") & Q(valid_until__isnull=True), name="lma_alone_has_a_last_day"
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(replaced_at__isnull=True, withdrawn_at__isnull=True),
                name="current_identity_is_neither_replaced_nor_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"identitet {self.pk}"

    @property
    def shown(self) -> str:
        """As Swedes write it: 19121212-1212."""
        return self.identifier.shown

    @property
    def identifier(self) -> Identifier:
        return Identifier(IdentityType(self.type), self.value)

    @property
    def label(self) -> str:
        """What kind of number it is, for all but the one that goes without saying."""
        return "" if self.type == IdentityType.PERSONNUMMER else str(self.get_type_display())

    @property
    def has_expired(self) -> bool:
        """An LMA card whose last day has passed."""
        return self.valid_until is not None and self.valid_until < timezone.localdate()


class Address(models.Model):
    """Where a person lives, from when to when. The current one has no end."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="addresses")
    care_of = models.CharField("c/o", max_length=100, blank=True)
    street = models.CharField("gatuadress", max_length=200)
    postal_code = models.CharField("postnummer", max_length=5)
    city = models.CharField("ort", max_length=100)
    door_code = models.CharField("portkod", max_length=20, blank=True)
    has_no_door_code = models.BooleanField("saknar portkod", default=False)
    valid_from = models.DateTimeField(default=timezone.now)
    valid_to = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+")

    class Meta:
        triggers: ClassVar = [follows_merge()]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient"], condition=Q(valid_to__isnull=True), name="one_current_address_per_patient"),
            models.CheckConstraint(condition=Q(postal_code__regex=r"^[1-9][0-9]{4}$"), name="address_postal_code_is_five_digits"),
            models.CheckConstraint(condition=Q(has_no_door_code=True, door_code="") | Q(has_no_door_code=False) & ~Q(door_code=""), name="door_code_or_none"),
        ]

    def __str__(self) -> str:
        return f"adress {self.pk}"

    @property
    def one_line(self) -> str:
        care_of = f"c/o {self.care_of}, " if self.care_of else ""
        return f"{care_of}{self.street}, {self.postal_code[:3]}\N{NO-BREAK SPACE}{self.postal_code[3:]} {self.city}"


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, assignment: Assignment, *, ended: bool = False) -> "ContactQuerySet":
        """Those of the care provider that are in use; with `ended`, those that no longer are."""
        return self.filter(provider=assignment.unit.provider_id, ended_at__isnull=not ended)


class Contact(models.Model):
    """Kontaktperson: who is reached about deliveries. Belongs to the care provider that wrote it down.

    Nothing of it is overwritten: a change ends the row and begins another.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="contacts")
    provider = models.ForeignKey(CareProvider, models.PROTECT, related_name="+")
    name = models.CharField("namn", max_length=200)
    relation = models.CharField("relation", max_length=100, blank=True)
    phone = models.CharField("telefon", max_length=20)
    changed_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        triggers: ClassVar = [follows_merge()]
        indexes: ClassVar = [models.Index(fields=["patient", "provider"], name="contacts_of_patient")]

    def __str__(self) -> str:
        return f"kontaktperson {self.pk}"


class CareRelation(models.Model):
    """That a unit has opened a patient: who typed the whole number and confirmed the care relation, and when."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="care_relations")
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers: ClassVar = [follows_merge()]
        constraints: ClassVar = [models.UniqueConstraint(fields=["patient", "unit"], name="one_care_relation_per_patient_and_unit")]
