"""The centre's own values on top of the feed. A new feed never touches them."""

from django.db import models
from django.db.models import Q


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
