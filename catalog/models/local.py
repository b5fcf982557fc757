"""The centre's own values on top of the feed. A new feed never touches them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.append_only import append_only


class ChargingForm(models.TextChoices):
    PURCHASE = "PURCHASE", "Köp"
    RENT = "RENT", "Hyra"
    PURCHASE_WITH_RETURN = "PURCHASE_WITH_RETURN", "Köp med retur"


class DeliveryClass(models.TextChoices):
    STOCKED = "STOCKED", "I lager, 7 dagar"
    ORDERED = "ORDERED", "Beställningsvara, 17 dagar"
    LONG = "LONG", "Längre leveranstid"


class Availability(models.TextChoices):
    IN_STOCK = "IN_STOCK", "Finns i lager"
    LOW = "LOW", "Få kvar i lager"
    OUT = "OUT", "Slut i lager"


class SubstitutionGroup(models.Model):
    """Articles that the centre treats as equal. In a fixed group SESAM2 switches by itself."""

    number = models.CharField("nummer", max_length=35, unique=True)
    name = models.CharField("namn", max_length=255, blank=True)
    is_fixed = models.BooleanField("fast", default=False, help_text="SESAM2 byter alltid till närmaste likvärdiga artikel.")
    # The message that said so last.
    sequence = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = "ersättningsgrupp"
        verbose_name_plural = "ersättningsgrupper"

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


class LocalArticle(models.Model):
    """One row per article that the centre has said something about; null = not set, the feed's value or the default holds."""

    # The types are the article's own, repeated because this file stands below articles.py.
    article = models.OneToOneField("catalog.Article", models.CASCADE, primary_key=True, related_name="local", verbose_name="artikel")
    sesam_number = models.CharField("SESAM2:s artikelnummer", max_length=35, null=True, blank=True, unique=True, db_collation="C")
    name = models.CharField("benämning", max_length=255, null=True, blank=True)  # noqa: DJ001 - null = not set
    article_type = models.CharField(  # noqa: DJ001 - null = not set
        "artikeltyp",
        max_length=2,
        null=True,
        blank=True,
        choices=[("H", "Huvudhjälpmedel"), ("T", "Tillbehör"), ("R", "Reservdel"), ("I", "Inställning"), ("Tj", "Tjänst")],
    )
    description = models.TextField("beskrivning", null=True, blank=True)  # noqa: DJ001 - null = not set
    charging_form = models.CharField("debiteringsform", max_length=20, null=True, blank=True, choices=ChargingForm)  # noqa: DJ001 - null = not set
    shown_price = models.DecimalField(
        "visat pris, kr",
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Exklusive moms; per månad vid hyra. Visas i stället för flödets pris.",
    )
    is_individual_marked = models.BooleanField("individmärkt", null=True, blank=True)
    is_published = models.BooleanField("publicerad", null=True, blank=True, help_text="Synlig och sökbar.")
    is_orderable = models.BooleanField("beställningsbar", null=True, blank=True)
    is_in_assortment = models.BooleanField("ingår i sortimentet", null=True, blank=True)
    may_be_component = models.BooleanField("kan vara komponent", null=True, blank=True)
    extra_text = models.TextField("extra artikelinformation", null=True, blank=True)  # noqa: DJ001 - null = not set
    default_safety_level = models.PositiveIntegerField("säkerhetsnivå", null=True, blank=True, help_text="Förslag när artikeln läggs upp i ett buffertförråd.")
    delivery_class = models.CharField("leveransklass", max_length=8, null=True, blank=True, choices=DeliveryClass)  # noqa: DJ001 - null = not set
    availability = models.CharField("tillgång", max_length=8, null=True, blank=True, choices=Availability)  # noqa: DJ001 - null = not set
    substitution_group = models.ForeignKey(SubstitutionGroup, models.PROTECT, null=True, blank=True, related_name="articles", verbose_name="ersättningsgrupp")
    # By field: the sequence of the message from SESAM2 that was applied last (contract, section 2).
    sequences: "models.JSONField[dict[str, int]]" = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = "centralens uppgifter"
        verbose_name_plural = "centralens uppgifter"
        constraints = [
            models.CheckConstraint(condition=Q(sesam_number=None) | ~Q(sesam_number=""), name="catalog_local_sesam_number"),
            models.CheckConstraint(condition=Q(charging_form=None) | Q(charging_form__in=ChargingForm.values), name="catalog_local_charging_form"),
            models.CheckConstraint(condition=Q(delivery_class=None) | Q(delivery_class__in=DeliveryClass.values), name="catalog_local_delivery_class"),
            models.CheckConstraint(condition=Q(availability=None) | Q(availability__in=Availability.values), name="catalog_local_availability"),
            models.CheckConstraint(condition=Q(article_type=None) | Q(article_type__in=["H", "T", "R", "I", "Tj"]), name="catalog_local_type"),
            models.CheckConstraint(condition=Q(shown_price=None) | Q(shown_price__gte=0), name="catalog_local_price"),
        ]

    def __str__(self) -> str:
        return str(self.article)


class LocalChange(models.Model):
    """One value of the centre's own that was set, changed or taken away; the history. `by` None is SESAM2.

    One that `is_applied` is False for came after a newer one, and changed nothing (contract, section 2).
    """

    article = models.ForeignKey("catalog.Article", models.PROTECT, related_name="local_changes", verbose_name="artikel")
    field = models.CharField("uppgift", max_length=40)
    old: "models.JSONField[Any]" = models.JSONField("förut", null=True)
    new: "models.JSONField[Any]" = models.JSONField("nu", null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="av")
    sequence = models.PositiveIntegerField("meddelande", null=True)
    is_applied = models.BooleanField("gäller", default=True)
    at = models.DateTimeField("när", default=timezone.now)

    class Meta:
        verbose_name = "ändring av centralens uppgifter"
        verbose_name_plural = "ändringar av centralens uppgifter"
        indexes: ClassVar = [models.Index(fields=["article", "-id"], name="catalog_local_history")]
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        return f"{self.article_id} {self.field}"


class EarlyValues(models.Model):
    """What SESAM2 has told about an article that no feed has brought yet. Applied, and the row gone, with the import that brings it."""

    supplier_gln = models.CharField("leverantörens GLN", max_length=13)
    number = models.CharField("leverantörens artikelnummer", max_length=100, db_collation="C")
    # Field → [sequence, value].
    values: "models.JSONField[dict[str, Any]]" = models.JSONField("uppgifter", default=dict)
    told_at = models.DateTimeField("senast", default=timezone.now)

    class Meta:
        verbose_name = "uppgifter om okänd artikel"
        verbose_name_plural = "uppgifter om okända artiklar"
        constraints: ClassVar = [models.UniqueConstraint(fields=["supplier_gln", "number"], name="catalog_early_values_once")]

    def __str__(self) -> str:
        return f"{self.supplier_gln} {self.number}"
