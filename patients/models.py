"""The patient register: who a person is and lives where, what aids the person has, and who has looked."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Assignment, CareProvider, CareUnit
from catalog.models import Article
from core.append_only import append_only
from patients.identifiers import IdentityType, formatted

IDENTITY_CHOICES = [
    (IdentityType.PERSONNUMMER, "personnummer"),
    (IdentityType.SAMORDNINGSNUMMER, "samordningsnummer"),
    (IdentityType.NRID, "nationellt reservnummer"),
    (IdentityType.VGR_RESERV, "VGR-reservnummer"),
    (IdentityType.LMA, "LMA-nummer"),
]


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, assignment: Assignment) -> "PatientQuerySet":
        """Patients that the unit has opened with a confirmed care relation. Others do not exist for it."""
        return self.filter(care_relations__unit=assignment.unit_id)


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

    objects = PatientQuerySet.as_manager()

    class Meta:
        verbose_name = "patient"
        verbose_name_plural = "patienter"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(protection__in=["NONE", "MARKED", "REGISTRATION"]), name="patient_protection_is_known"),
            models.CheckConstraint(condition=Q(protection="NONE") | Q(phone=""), name="protected_patient_has_no_phone"),
        ]

    def __str__(self) -> str:
        return f"patient {self.pk}"

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
        """The current identity; `prefetch_related("identities")` keeps lists at a constant number of queries."""
        return next(identity for identity in self.identities.all() if identity.is_current)

    @property
    def address(self) -> "Address | None":
        """The current address; None when none is known, and always for a protected person."""
        if self.is_protected:
            return None
        return next((address for address in self.addresses.all() if address.valid_to is None), None)


class PatientIdentity(models.Model):
    """A number that a person is or was known by. Number and type together are the identity (reference: identifiers, section 1)."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="identities")
    type = models.CharField("typ", max_length=20, choices=IDENTITY_CHOICES)
    value = models.CharField("nummer", max_length=35)
    is_current = models.BooleanField("gäller", default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["value", "type"], name="identity_belongs_to_one_patient"),
            models.UniqueConstraint(fields=["patient"], condition=Q(is_current=True), name="one_current_identity_per_patient"),
            models.CheckConstraint(condition=Q(type="LMA") | Q(value__regex=r"^[0-9A-Z]{12}$"), name="identity_is_twelve_characters"),
            models.CheckConstraint(condition=Q(type__in=[value for value, _ in IDENTITY_CHOICES]), name="identity_type_is_known"),
        ]

    def __str__(self) -> str:
        return f"identitet {self.pk}"

    @property
    def shown(self) -> str:
        """As Swedes write it: 19121212-1212."""
        return formatted(self.value, IdentityType(self.type))


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
    def visible_to(self, assignment: Assignment) -> "ContactQuerySet":
        return self.filter(provider=assignment.unit.provider_id)


class Contact(models.Model):
    """Kontaktperson: who is reached about deliveries. Belongs to the care provider that wrote it down."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="contacts")
    provider = models.ForeignKey(CareProvider, models.PROTECT, related_name="+")
    name = models.CharField("namn", max_length=200)
    relation = models.CharField("relation", max_length=100, blank=True)
    phone = models.CharField("telefon", max_length=20)
    changed_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["patient", "provider"], name="one_contact_per_patient_and_provider")]


class CareRelation(models.Model):
    """That a unit has opened a patient: who typed the whole number and confirmed the care relation, and when."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="care_relations")
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["patient", "unit"], name="one_care_relation_per_patient_and_unit")]


class LoanQuerySet(models.QuerySet["Loan"]):
    def visible_to(self, assignment: Assignment) -> "LoanQuerySet":
        return self.filter(provider=assignment.unit.provider_id)

    def current(self) -> "LoanQuerySet":
        return self.filter(ended_at__isnull=True)


class Loan(models.Model):
    """An aid that the patient has: made by a delivery, ended by a return. `source` names the delivery and line that made it, once."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="loans")
    provider = models.ForeignKey(CareProvider, models.PROTECT, related_name="+")
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="+")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+")
    individual_number = models.CharField("individnummer", max_length=100, blank=True)
    quantity = models.PositiveIntegerField("antal", default=1)
    lot = models.CharField("batch", max_length=500, blank=True)
    udi = models.CharField("UDI", max_length=500, blank=True)
    order_number = models.CharField("ordernummer", max_length=35)
    source = models.CharField(max_length=100)
    started_at = models.DateTimeField("sedan")
    ended_at = models.DateTimeField("till", null=True)

    objects = LoanQuerySet.as_manager()

    class Meta:
        verbose_name = "lån"
        verbose_name_plural = "lån"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "individual_number"], name="one_loan_per_delivered_aid"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="loan_quantity_is_positive"),
            models.CheckConstraint(condition=Q(individual_number="") | Q(quantity=1), name="individual_is_one"),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "provider"], condition=Q(ended_at__isnull=True), name="current_loans")]

    def __str__(self) -> str:
        return f"lån {self.pk}"


class AccessLogEntry(models.Model):
    """One look at, or one change of, one patient's data (PDL 4:3, HSLF-FS 2016:40 4 kap. 9 §).

    Names and titles are copied, since they must stand as they were. Append-only; `access.py` alone writes.
    """

    class Action(models.TextChoices):
        READ = "READ", "Läsa"
        WRITE = "WRITE", "Skriva"
        SIGN = "SIGN", "Signera"
        CANCEL = "CANCEL", "Makulera"
        SEARCH_HIT = "SEARCH_HIT", "Sökträff"
        PRINT = "PRINT", "Utskrift"
        EXPORT = "EXPORT", "Export"
        DISCLOSE = "DISCLOSE", "Utlämnande"
        CONFIRM = "CONFIRM", "Bekräfta vårdrelation"

    class Outcome(models.TextChoices):
        ALLOWED = "ALLOWED", "tillåten"
        DENIED = "DENIED", "nekad"
        DENIED_PROTECTED = "DENIED_PROTECTED", "nekad, skyddade uppgifter"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    at = models.DateTimeField("tid", default=timezone.now)
    system_id = models.CharField(max_length=31)
    system_name = models.CharField(max_length=40)
    action = models.CharField("åtgärd", max_length=10, choices=Action)
    activity = models.CharField("aktivitet", max_length=100)
    purpose = models.CharField("syfte", max_length=40, default="Vård och behandling")
    user_hsa_id = models.CharField(max_length=31)
    user_name = models.CharField(max_length=200)
    user_title = models.CharField(max_length=100)
    assignment_id_text = models.CharField("uppdragets id", max_length=40)
    assignment_name = models.CharField("uppdrag", max_length=300)
    unit_hsa_id = models.CharField(max_length=31)
    unit_name = models.CharField(max_length=200)
    provider_hsa_id = models.CharField(max_length=31)
    provider_name = models.CharField(max_length=200)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    identity_type = models.CharField(max_length=20)
    identity_value = models.CharField(max_length=35)
    resource_type = models.CharField(max_length=40)
    resource_id = models.CharField(max_length=40, blank=True)
    owner_provider_hsa_id = models.CharField(max_length=31, blank=True)
    owner_unit_hsa_id = models.CharField(max_length=31, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.ALLOWED)
    reason = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    session_hash = models.CharField(max_length=32, blank=True)
    client_ip = models.CharField(max_length=45, blank=True)

    class Meta:
        verbose_name = "loggpost"
        verbose_name_plural = "loggposter"
        triggers: ClassVar = append_only()
        indexes: ClassVar = [
            models.Index(fields=["patient", "at"], name="access_by_patient"),
            models.Index(fields=["user_hsa_id", "at"], name="access_by_user"),
        ]
