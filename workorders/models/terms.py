"""The region's terms for work: how soon, when somebody is on call, what it costs. Data, kept in the administration."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Kind(models.TextChoices):
    REPAIR = "REPAIR", "Avhjälpande underhåll"
    ADAPTATION = "ADAPTATION", "Anpassning"
    SPECIAL_ADAPTATION = "SPECIAL_ADAPTATION", "Specialanpassning"
    ASSEMBLY = "ASSEMBLY", "Montering"
    INSTALLATION = "INSTALLATION", "Installation"
    CONSULTATION = "CONSULTATION", "Konsultation"


class Priority(models.IntegerChoices):
    FIRST = 1, "1, brådskande"
    SECOND = 2, "2, snart"
    THIRD = 3, "3, kan vänta"


class ServiceLevel(models.Model):
    """How soon the centre has promised to begin and be done with a kind of work, counted from when it was sent.

    Days are working days, hours are the centre's opening hours (`CallOut` URGENT). What is empty is by agreement.
    """

    kind = models.CharField("slag", max_length=20, choices=Kind)
    is_urgent = models.BooleanField("akut", default=False)
    priority = models.PositiveSmallIntegerField("prioritet", choices=Priority, null=True, blank=True, help_text="Bara för konsultation.")
    start_days = models.PositiveSmallIntegerField("påbörjad inom, arbetsdagar", null=True, blank=True)
    done_days = models.PositiveSmallIntegerField("klar inom, arbetsdagar", null=True, blank=True)
    done_hours = models.PositiveSmallIntegerField("klar inom, arbetstimmar", null=True, blank=True)

    class Meta:
        verbose_name = "servicenivå"
        verbose_name_plural = "servicenivåer"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "is_urgent", "priority"], nulls_distinct=False, name="one_service_level_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="service_level_kind_is_known"),
            models.CheckConstraint(condition=Q(priority=None) | Q(kind="CONSULTATION", priority__range=(1, 3)), name="priority_is_for_consultation"),
        ]

    def __str__(self) -> str:
        words = [Kind(self.kind).label, "akut" if self.is_urgent else "", f"prioritet {self.priority}" if self.priority else ""]
        return ", ".join(word for word in words if word)


class CallOut(models.Model):
    """When akut work is done, and jour can be called, at which price. An empty time: not on such days."""

    class Form(models.TextChoices):
        URGENT = "URGENT", "Akut"
        ON_CALL = "ON_CALL", "Jour"

    form = models.CharField("form", max_length=8, choices=Form, unique=True)
    workday_opens = models.TimeField("vardag från", null=True, blank=True)
    workday_closes = models.TimeField("vardag till", null=True, blank=True)
    free_day_opens = models.TimeField("helg från", null=True, blank=True)
    free_day_closes = models.TimeField("helg till", null=True, blank=True)
    on_site_hours = models.PositiveSmallIntegerField("på plats inom, timmar", null=True, blank=True)
    fee = models.DecimalField("avgift, kr", max_digits=10, decimal_places=2, null=True, blank=True, help_text="Exklusive moms. Tomt: enligt prislistan.")

    class Meta:
        verbose_name = "akut och jour"
        verbose_name_plural = "akut och jour"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(workday_opens=None, workday_closes=None) | Q(workday_opens__lt=F("workday_closes")), name="call_out_workday_opens_before_it_closes"
            ),
            models.CheckConstraint(
                condition=Q(free_day_opens=None, free_day_closes=None) | Q(free_day_opens__lt=F("free_day_closes")),
                name="call_out_free_day_opens_before_it_closes",
            ),
            models.CheckConstraint(condition=Q(fee=None) | Q(fee__gte=0), name="call_out_fee_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.get_form_display()


class ConsultationPurpose(models.Model):
    """What a konsultation can be about, and the underlag without which it cannot be sent."""

    name = models.CharField("syfte", max_length=100, unique=True)
    document = models.CharField("underlag som krävs", max_length=100, blank=True, help_text="Namnet på blanketten. Tomt: inget underlag krävs.")
    is_active = models.BooleanField("används", default=True)

    class Meta:
        verbose_name = "syfte med konsultation"
        verbose_name_plural = "syften med konsultation"

    def __str__(self) -> str:
        return self.name
