"""Who may prescribe what, and what each care provider has in its assortment. Kept in the administration."""

from typing import Any, ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from accounts.models import Assignment, CareProvider
from accounts.professions import Profession

_PREFIX = r"^([0-9]{2}){0,4}$"
_PREFIX_VALIDATOR = RegexValidator(r"^([0-9]{2}){1,4}\Z", "Skriv ISO-koden med två, fyra, sex eller åtta siffror, utan mellanslag.")


class IsoPrefixField(models.CharField):
    """The first 2, 4, 6 or 8 digits of an ISO code, written with or without blanks; empty for all classes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"max_length": 8, "blank": True, "db_collation": "C"}
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> Any:
        return "".join(value.split()) if isinstance(value, str) else value

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"max_length": None, **kwargs})


class Mode(models.TextChoices):
    """What an order with the article meets, the mildest first."""

    ALLOW = "ALLOW", "Tillåtet"
    WARN = "WARN", "Påminnelse"
    APPROVAL = "APPROVAL", "Kräver godkännande"
    BLOCK = "BLOCK", "Spärrat"

    @property
    def strictness(self) -> int:
        return list(Mode).index(self)


class PrescribingRule(models.Model):
    """Förskrivningsrätt: what holds when somebody of a profession prescribes something of an ISO class.

    Empty means all. Where several rules fit an article, the most specific holds (`specificity`), whatever it says.
    """

    provider = models.ForeignKey(CareProvider, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="vårdgivare", help_text="Tomt: alla.")
    profession = models.CharField("yrkesgrupp", max_length=5, choices=Profession, blank=True, help_text="Förskrivarens. Tomt: alla yrken.")
    iso_prefix = IsoPrefixField("ISO-kod", validators=[_PREFIX_VALIDATOR], help_text="2, 4, 6 eller 8 siffror. Tomt: alla hjälpmedel.")
    mode = models.CharField("vad som gäller", max_length=8, choices=Mode)
    text = models.CharField("text till beställaren", max_length=300, blank=True, help_text="En mening som visas vid artikeln. Behövs för allt utom Tillåtet.")
    is_active = models.BooleanField("används", default=True)

    class Meta:
        verbose_name = "regel för förskrivningsrätt"
        verbose_name_plural = "förskrivningsrätt"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "profession", "iso_prefix"],
                name="catalog_one_rule_per_key",
                nulls_distinct=False,
                violation_error_message="Det finns redan en regel för samma vårdgivare, yrkesgrupp och ISO-kod. Ändra den.",
            ),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="catalog_rule_mode"),
            models.CheckConstraint(condition=Q(profession__in=["", *Profession.values]), name="catalog_rule_profession"),
            models.CheckConstraint(condition=Q(iso_prefix__regex=_PREFIX), name="catalog_rule_prefix"),
            models.CheckConstraint(
                condition=Q(mode="ALLOW") | ~Q(text=""), name="catalog_rule_has_text", violation_error_message="Skriv texten som beställaren ska se."
            ),
        ]

    def __str__(self) -> str:
        who = self.get_profession_display() if self.profession else "alla yrken"
        return f"{self.iso_prefix or 'alla hjälpmedel'}, {who}: {self.get_mode_display()}"

    @property
    def specificity(self) -> tuple[int, bool, bool]:
        """Greater wins: first the narrower ISO class, then the care provider's own before everybody's, then a named profession before all."""
        return len(self.iso_prefix), self.provider_id is not None, self.profession != ""


class AssortmentEntry(models.Model):
    """What a care provider has decided about one article or one ISO class: in its assortment, or not.

    The article's own entry holds before that of a class, a narrower class before a wider one, and the centre's own word
    (`LocalArticle.is_in_assortment`) where the provider has said nothing.
    """

    provider = models.ForeignKey(CareProvider, models.PROTECT, related_name="+", verbose_name="vårdgivare")
    article = models.ForeignKey("catalog.Article", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="artikel")
    iso_prefix = IsoPrefixField("ISO-kod", validators=[_PREFIX_VALIDATOR], help_text="2, 4, 6 eller 8 siffror, i stället för en artikel.")
    is_included = models.BooleanField("ingår", default=True)
    is_active = models.BooleanField("används", default=True)

    class Meta:
        verbose_name = "vårdgivarens sortiment"
        verbose_name_plural = "vårdgivarnas sortiment"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "article", "iso_prefix"],
                name="catalog_one_entry_per_key",
                nulls_distinct=False,
                violation_error_message="Vårdgivaren har redan bestämt om den. Ändra den raden.",
            ),
            models.CheckConstraint(
                condition=Q(article=None) ^ Q(iso_prefix=""), name="catalog_entry_one_of", violation_error_message="Välj en artikel eller skriv en ISO-kod."
            ),
            models.CheckConstraint(condition=Q(iso_prefix__regex=_PREFIX), name="catalog_entry_prefix"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.iso_prefix or self.article} {'ingår' if self.is_included else 'ingår inte'}"


class AssortmentPolicy(models.Model):
    """What holds for what is outside the assortment: a care provider's own word, or that for all who have none."""

    provider = models.ForeignKey(
        CareProvider, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="vårdgivare", help_text="Tomt: alla andra."
    )
    mode = models.CharField("utanför sortimentet", max_length=8, choices=Mode)
    text = models.CharField("text till beställaren", max_length=300, blank=True, help_text="En mening som visas vid artikeln. Behövs för allt utom Tillåtet.")
    shows_outside = models.BooleanField("visas i sökningen", default=True, help_text="Det som är utanför sortimentet kan sökas och läsas om.")

    class Meta:
        verbose_name = "regel utanför sortimentet"
        verbose_name_plural = "utanför sortimentet"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider"],
                name="catalog_one_policy_per_provider",
                nulls_distinct=False,
                violation_error_message="Det finns redan en regel för samma vårdgivare. Ändra den.",
            ),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="catalog_policy_mode"),
            models.CheckConstraint(
                condition=Q(mode="ALLOW") | ~Q(text=""), name="catalog_policy_has_text", violation_error_message="Skriv texten som beställaren ska se."
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider or 'alla andra'}: {self.get_mode_display()}"

    @classmethod
    def of(cls, assignment: Assignment) -> Self | None:
        """The one that holds for the assignment's care provider."""
        found = cls.objects.filter(Q(provider=None) | Q(provider=assignment.unit.provider_id))
        return found.order_by(models.F("provider").asc(nulls_last=True)).first()
