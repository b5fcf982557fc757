"""Who works where, in which role, and who pays."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.professions import Profession
from accounts.roles import Role
from core.numbers import hsa_id_is_valid
from core.workdays import Eve

FIVE_DIGITS = RegexValidator(r"^[1-9][0-9]{4}\Z", "Skriv postnumret med fem siffror utan mellanslag.")
_POSTAL_CODE = r"^[1-9][0-9]{4}$"


class HsaIdField(models.CharField):
    """An HSA-id, checked and stored in capitals."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 31
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.strip().upper() if isinstance(text, str) else text

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value and not hsa_id_is_valid(value):
            raise ValidationError("Skriv HSA-id som SE, tio siffror, bindestreck och högst 18 bokstäver eller siffror.")


class CareProvider(models.Model):
    """Vårdgivare: the region, a municipality or a private company; the controller of its own patient data (PDL 2:6)."""

    class Kind(models.TextChoices):
        REGION = "REGION", "region"
        MUNICIPALITY = "MUNICIPALITY", "kommun"
        PRIVATE = "PRIVATE", "privat"

    hsa_id = HsaIdField("HSA-id", unique=True)
    name = models.CharField("namn", max_length=200)
    kind = models.CharField("slag", max_length=12, choices=Kind)
    municipality_code = models.CharField("kommunkod", max_length=4, blank=True)

    class Meta:
        verbose_name = "vårdgivare"
        verbose_name_plural = "vårdgivare"

    def __str__(self) -> str:
        return self.name


class CareUnit(models.Model):
    """Vårdenhet: where an assignment is held, and whose orders its people see."""

    provider = models.ForeignKey(CareProvider, models.PROTECT, related_name="units", verbose_name="vårdgivare")
    hsa_id = HsaIdField("HSA-id", unique=True)
    name = models.CharField("namn", max_length=200)
    phone = models.CharField("telefon", max_length=20, blank=True)
    street = models.CharField("gatuadress", max_length=200, blank=True)
    postal_code = models.CharField("postnummer", max_length=5, blank=True, validators=[FIVE_DIGITS])
    city = models.CharField("ort", max_length=100, blank=True)
    is_hospital = models.BooleanField("sjukhus", default=False, help_text="Leveranser hit blir aldrig kvitterade, bara levererade.")
    may_see_protected = models.BooleanField("får öppna skyddade personer", default=False, help_text="Gäller dem vid enheten som annars får öppna patienter.")

    class Meta:
        verbose_name = "vårdenhet"
        verbose_name_plural = "vårdenheter"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(postal_code="") | Q(postal_code__regex=_POSTAL_CODE), name="unit_postal_code_is_five_digits")
        ]

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """Kund: a kundnummer of a unit, tied to the betalare who gets the invoice."""

    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="customers", verbose_name="vårdenhet")
    number = models.CharField("kundnummer", max_length=35, unique=True)
    name = models.CharField("namn", max_length=200)
    payer_number = models.CharField("betalare, nummer", max_length=35)
    payer_name = models.CharField("betalare, namn", max_length=200)
    is_standard = models.BooleanField("standardkund", default=False)

    class Meta:
        verbose_name = "kund"
        verbose_name_plural = "kunder"
        constraints: ClassVar = [models.UniqueConstraint(fields=["unit"], condition=Q(is_standard=True), name="one_standard_customer_per_unit")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class DeliveryPoint(models.Model):
    """Leveranspunkt: an agreed place where a provider's patients can get deliveries, such as a särskilt boende."""

    provider = models.ForeignKey(CareProvider, models.PROTECT, related_name="delivery_points", verbose_name="vårdgivare")
    number = models.CharField("nummer", max_length=35, unique=True)
    name = models.CharField("namn", max_length=200)
    street = models.CharField("gatuadress", max_length=200)
    postal_code = models.CharField("postnummer", max_length=5, validators=[FIVE_DIGITS])
    city = models.CharField("ort", max_length=100)
    door_code = models.CharField("portkod", max_length=20, blank=True)
    is_active = models.BooleanField("används", default=True)

    class Meta:
        verbose_name = "leveranspunkt"
        verbose_name_plural = "leveranspunkter"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(postal_code__regex=_POSTAL_CODE), name="point_postal_code_is_five_digits")]

    def __str__(self) -> str:
        return f"{self.name}, {self.street}, {self.city}"


class UserManager(BaseUserManager["User"]):
    def create_user(self, hsa_id: str, name: str, **fields: object) -> "User":
        user = self.model(hsa_id=hsa_id.upper(), name=name, **fields)
        user.set_unusable_password()
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(hsa_id=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person at work, known by employeeHsaId. What one may do is in the assignments, never here."""

    hsa_id = HsaIdField("HSA-id", unique=True)
    name = models.CharField("namn", max_length=200)
    title = models.CharField("yrke", max_length=100, blank=True)
    profession = models.CharField(
        "yrkesgrupp",
        max_length=5,
        choices=Profession,
        blank=True,
        help_text="Avgör vad personen får förskriva. Utan yrkesgrupp gäller det som gäller alla yrken.",
    )
    phone = models.CharField("direkttelefon", max_length=20, blank=True)
    email = models.EmailField("e-post", blank=True)
    is_active = models.BooleanField("aktiv", default=True)
    is_staff = models.BooleanField("administratör", default=False, help_text="Får använda administrationen. Ger ingen rätt till patientuppgifter.")
    created_at = models.DateTimeField("upplagd", default=timezone.now)

    USERNAME_FIELD = "hsa_id"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = "användare"
        verbose_name_plural = "användare"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(profession__in=["", *Profession.values]), name="profession_is_known")]

    def __str__(self) -> str:
        return self.name


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self, on: date | None = None) -> "AssignmentQuerySet":
        """Those in force: begun, not ended, of an active user."""
        on = on or timezone.localdate()
        return self.filter(Q(starts_on__lte=on), Q(ends_on__isnull=True) | Q(ends_on__gte=on), user__is_active=True)


class Assignment(models.Model):
    """Uppdrag: a user at a unit in a role. The only identity that views and actions use (`request.assignment`)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="assignments", verbose_name="användare")
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="assignments", verbose_name="vårdenhet")
    role = models.CharField("roll", max_length=20, choices=Role)
    hsa_id = models.CharField("uppdragets HSA-id", max_length=31, blank=True)
    starts_on = models.DateField("från och med", default=timezone.localdate)
    ends_on = models.DateField("till och med", null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "uppdrag"
        verbose_name_plural = "uppdrag"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "unit", "role"], name="one_assignment_per_user_unit_role"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="assignment_role_is_known"),
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="assignment_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.user.name}, {self.get_role_display()}, {self.unit.name}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, assignment: Assignment) -> "NoticeQuerySet":
        return self.filter(user=assignment.user_id, unit=assignment.unit_id)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """Meddelande to one person about something at one unit, unread until opened. Its text names no patient."""

    class Tone(models.TextChoices):
        DANGER = "danger", "makulerad"
        WARNING = "warning", "försenad"
        INFO = "info", "upplysning"
        SUCCESS = "success", "klart"

    user = models.ForeignKey(User, models.PROTECT, related_name="notices")
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="+")
    tone = models.CharField(max_length=8, choices=Tone)
    word = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=200)
    # A POST that the start page offers right there, such as Beställ igen.
    action_url = models.CharField(max_length=200, blank=True)
    action_text = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "meddelande"
        verbose_name_plural = "meddelanden"
        indexes: ClassVar = [
            models.Index(fields=["user", "unit", "-created_at", "-id"], condition=Q(read_at__isnull=True), name="unread_notices"),
            models.Index(fields=["user", "unit", "tone", "-created_at", "-id"], condition=Q(read_at__isnull=True), name="unread_notices_by_tone"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(url__startswith="/") & (Q(action_url="") | Q(action_url__startswith="/")), name="notice_url_is_our_own")
        ]

    def __str__(self) -> str:
        return self.title


class NewsQuerySet(models.QuerySet["News"]):
    def visible_to(self, assignment: Assignment) -> "NewsQuerySet":
        """Those shown today, to everybody, to the care provider, or to the unit."""
        now = timezone.now()
        chosen = News.units.through.objects.filter(news=OuterRef("pk"))
        return self.filter(
            Q(shown_until__isnull=True) | Q(shown_until__gt=now),
            Q(provider__isnull=True) | Q(provider=assignment.unit.provider_id),
            ~Exists(chosen) | Exists(chosen.filter(careunit=assignment.unit_id)),
            shown_from__lte=now,
        )


class News(models.Model):
    """What the Hjälpmedelscentral tells on the start page: to all, to one care provider, or to some units."""

    title = models.CharField("rubrik", max_length=200)
    text = models.TextField("text")
    provider = models.ForeignKey(CareProvider, models.PROTECT, null=True, blank=True, verbose_name="bara för vårdgivare")
    units = models.ManyToManyField(CareUnit, blank=True, related_name="+", verbose_name="bara för vårdenheter", help_text="Ingen vald: alla.")
    shown_from = models.DateTimeField("visas från", default=timezone.now)
    shown_until = models.DateTimeField("visas till", null=True, blank=True)

    objects = NewsQuerySet.as_manager()

    class Meta:
        verbose_name = "nyhet"
        verbose_name_plural = "nyheter"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(shown_until__isnull=True) | Q(shown_until__gt=models.F("shown_from")), name="news_ends_after_start")
        ]

    def __str__(self) -> str:
        return self.title


class Holiday(models.Model):
    """A day that the region counts otherwise than the law does: an eve every year, or one single day. Read through `accounts.workdays`."""

    EVES = [
        (Eve.TWELFTH_NIGHT.value, "trettondagsafton, 5 januari"),
        (Eve.MAUNDY_THURSDAY.value, "skärtorsdagen"),
        (Eve.WALPURGIS_NIGHT.value, "valborgsmässoafton, 30 april"),
        (Eve.AFTER_ASCENSION.value, "dagen efter Kristi himmelsfärdsdag"),
        (Eve.BEFORE_NATIONAL_DAY.value, "dagen före nationaldagen, 5 juni"),
        (Eve.MIDSUMMER_EVE.value, "midsommarafton"),
        (Eve.ALL_SAINTS_EVE.value, "allhelgonaafton"),
        (Eve.BEFORE_CHRISTMAS_EVE.value, "dagen före julafton, 23 december"),
        (Eve.CHRISTMAS_EVE.value, "julafton"),
        (Eve.NEW_YEARS_EVE.value, "nyårsafton"),
    ]

    eve = models.CharField("varje år", max_length=20, choices=EVES, blank=True, help_text="Välj en dag som återkommer, eller skriv ett datum nedan.")
    day = models.DateField("bara datumet", null=True, blank=True)
    is_workday = models.BooleanField("räknas som arbetsdag", default=False, help_text="Annars räknas dagen som ledig.")
    name = models.CharField("anteckning", max_length=100, blank=True)

    class Meta:
        verbose_name = "helgdag och ledig dag"
        verbose_name_plural = "helgdagar och lediga dagar"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(eve="", day__isnull=False) | ~Q(eve="") & Q(day__isnull=True),
                name="holiday_is_an_eve_or_a_day",
                violation_error_message="Välj antingen en dag som återkommer varje år eller ett datum.",
            ),
            models.UniqueConstraint(fields=["eve"], condition=~Q(eve=""), name="eve_once"),
            models.UniqueConstraint(fields=["day"], condition=Q(day__isnull=False), name="day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_eve_display() if self.eve else self.day}, {'arbetsdag' if self.is_workday else 'ledig'}"


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, assignment: Assignment) -> "JobQuerySet":
        """What the person has asked for, in this assignment. What the portal does by itself is shown by the app that it belongs to."""
        return self.filter(by=assignment.pk)


class Job(models.Model):
    """Long work in the background that somebody waits for, and how far it has come (`accounts.actions`). Its texts name no patient.

    The work itself stands in a table of the app that does it; this row only tells. It is never locked, and never waited for.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", "Väntar"
        RUNNING = "RUNNING", "Pågår"
        DONE = "DONE", "Klart"
        FAILED = "FAILED", "Gick inte"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+", verbose_name="av")
    title = models.CharField("vad", max_length=200)
    back_url = models.CharField(max_length=300)  # where it was asked for
    state = models.CharField("läge", max_length=8, choices=State, default=State.WAITING)
    step = models.CharField("just nu", max_length=200, blank=True)  # with `done` of `total` if those are known
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    result_url = models.CharField(max_length=300, blank=True)
    result_text = models.CharField(max_length=60, blank=True)
    reason = models.CharField("varför det inte gick", max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(back_url__startswith="/") & (Q(result_url="") | Q(result_url__startswith="/")), name="job_urls_are_our_own"),
            models.CheckConstraint(condition=Q(state__in=["WAITING", "RUNNING"]) ^ Q(finished_at__isnull=False), name="job_is_finished_when_it_ends"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}
