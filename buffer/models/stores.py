"""A store of a care unit, and what lies in it."""

import datetime
from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import Assignment, CareUnit
from catalog.models import Article, Individual

# At least one digit, so that in an address it is never taken for a word.
_STORE_NUMBER = r"^[A-Za-z-]*[0-9][A-Za-z0-9-]*$"
STORE_NUMBER = RegexValidator(_STORE_NUMBER.replace("$", r"\Z"), "Skriv bokstäver A–Z, siffror och bindestreck, med minst en siffra.")
WORKDAYS = [(1, "måndag"), (2, "tisdag"), (3, "onsdag"), (4, "torsdag"), (5, "fredag")]


class StoreQuerySet(models.QuerySet["Store"]):
    def visible_to(self, assignment: Assignment) -> "StoreQuerySet":
        """The unit's own."""
        return self.filter(unit=assignment.unit_id)

    def in_use(self) -> "StoreQuerySet":
        return self.filter(is_active=True)

    def of_provider(self, assignment: Assignment) -> "StoreQuerySet":
        """All that the unit may move things to: those of its care provider (decision 0041)."""
        return self.in_use().filter(unit__provider=assignment.unit.provider_id)


class Store(models.Model):
    """Buffertförråd: a room at a care unit with aids that are handed out there and then."""

    class TopUp(models.TextChoices):
        AT_ONCE = "AT_ONCE", "Genast, när en artikel går under sin säkerhetsnivå"
        BY_DELIVERY_DAY = "BY_DELIVERY_DAY", "Samlat inför förrådets leveransdag"

    number = models.CharField("förrådsnummer", max_length=35, unique=True, db_collation="C", validators=[STORE_NUMBER])
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="stores", verbose_name="vårdenhet")
    name = models.CharField("namn", max_length=200)
    location = models.CharField("var förrådet ligger", max_length=200, blank=True, help_text="Till exempel Plan 2, rum 214.")
    delivery_days: "ArrayField[list[int], list[int]]" = ArrayField(
        models.PositiveSmallIntegerField(choices=WORKDAYS), default=list, blank=True, verbose_name="leveransdagar"
    )
    top_up = models.CharField("påfyllning", max_length=16, choices=TopUp, default=TopUp.AT_ONCE)
    is_paused = models.BooleanField("påfyllningen är pausad", default=False)
    pause_reason = models.CharField("varför påfyllningen är pausad", max_length=200, blank=True)
    counts_blind = models.BooleanField("inventera utan att se saldot", default=False, help_text="Den som räknar ser inte hur många det borde vara.")
    is_active = models.BooleanField("används", default=True)
    count_reminded_on = models.DateField(null=True, editable=False)

    objects = StoreQuerySet.as_manager()

    class Meta:
        verbose_name = "buffertförråd"
        verbose_name_plural = "buffertförråd"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number__regex=_STORE_NUMBER), name="store_number_fits_in_an_address"),
            models.CheckConstraint(condition=Q(top_up__in=["AT_ONCE", "BY_DELIVERY_DAY"]), name="store_top_up_is_known"),
            models.CheckConstraint(condition=Q(delivery_days__contained_by=[1, 2, 3, 4, 5]), name="store_delivery_days_are_workdays"),
            models.CheckConstraint(condition=~Q(top_up="BY_DELIVERY_DAY") | ~Q(delivery_days=[]), name="store_that_waits_has_a_delivery_day"),
            models.CheckConstraint(condition=Q(is_paused=True) ^ Q(pause_reason=""), name="paused_store_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    def get_absolute_url(self) -> str:
        return reverse("buffer:store", args=[self.number])


class StockLineQuerySet(models.QuerySet["StockLine"]):
    def visible_to(self, assignment: Assignment) -> "StockLineQuerySet":
        return self.filter(store__unit=assignment.unit_id)

    def kept(self) -> "StockLineQuerySet":
        """Articles that the store has, waits for, or is to have. Others are remembered for what has happened to them."""
        return self.filter(Q(on_hand__gt=0) | Q(on_order__gt=0) | Q(target_level__gt=0))

    def below(self) -> "StockLineQuerySet":
        """On hand and on order together are less than the säkerhetsnivå: what top-up is to order."""
        return self.filter(safety_level__gt=F("on_hand") + F("on_order"))

    def still_since(self, at: datetime.datetime) -> "StockLineQuerySet":
        """Those that lay there then already, and of which nothing has been taken since."""
        return self.filter(Q(last_withdrawn_at=None) | Q(last_withdrawn_at__lt=at), on_hand__gt=0, stocked_at__lt=at)


class StockLine(models.Model):
    """One article in one store. `on_hand` is written by the ledger alone (`buffer.actions.ledger`), and equals the sum of its movements."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="lines", verbose_name="förråd")
    article = models.ForeignKey(Article, models.PROTECT, related_name="stock_lines", verbose_name="artikel")
    on_hand = models.PositiveIntegerField("i förrådet", default=0)
    on_order = models.PositiveIntegerField("beställt", default=0)
    safety_level = models.PositiveIntegerField("säkerhetsnivå", default=0)
    target_level = models.PositiveIntegerField("fylls på till", default=0)
    place = models.CharField("plats", max_length=40, blank=True)
    # The place as it is sorted: small letters, and numbers of equal length, so that A2 comes before A10.
    place_sort = models.CharField(max_length=250, blank=True, db_collation="C", editable=False)
    is_paused = models.BooleanField("påfyllningen är pausad", default=False)
    pause_reason = models.CharField("varför påfyllningen är pausad", max_length=200, blank=True)
    last_counted_at = models.DateTimeField("senast inventerad", null=True)
    last_withdrawn_at = models.DateTimeField("senaste uttag", null=True)
    # When it last came into the store for the first time or from nothing: what has just come does not stand still.
    stocked_at = models.DateTimeField("i förrådet sedan", null=True)

    objects = StockLineQuerySet.as_manager()

    class Meta:
        verbose_name = "förrådsrad"
        verbose_name_plural = "förrådsrader"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "article"], name="one_line_per_store_and_article"),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="on_hand_is_never_negative"),
            models.CheckConstraint(condition=Q(on_order__gte=0), name="on_order_is_never_negative"),
            models.CheckConstraint(condition=Q(target_level__gte=F("safety_level")), name="target_is_not_below_safety_level"),
            models.CheckConstraint(condition=Q(is_paused=True) ^ Q(pause_reason=""), name="paused_line_says_why"),
        ]
        indexes: ClassVar = [models.Index(fields=["store", "place_sort", "id"], name="stock_lines_by_place")]

    def __str__(self) -> str:
        return f"förrådsrad {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("buffer:line", args=[self.store.number, self.article_id])

    @property
    def is_below(self) -> bool:
        """As `StockLineQuerySet.below`, of this one."""
        return self.on_hand + self.on_order < self.safety_level


class StockIndividualQuerySet(models.QuerySet["StockIndividual"]):
    def on_loan(self) -> "StockIndividualQuerySet":
        """Those that a patient has too: one of the two is wrong."""
        return self.filter(individual__is_on_loan=True)

    def not_usable(self) -> "StockIndividualQuerySet":
        return self.filter(Q(individual__is_under_investigation=True) | Q(individual__is_lost=True) | Q(individual__is_on_pickup=True))


class StockIndividual(models.Model):
    """An aid with a number of its own that lies in a store. It is counted in its line's `on_hand`; not every piece there has a number."""

    line = models.ForeignKey(StockLine, models.PROTECT, related_name="individuals", verbose_name="förrådsrad")
    individual = models.OneToOneField(Individual, models.PROTECT, related_name="in_store", verbose_name="individ")
    since = models.DateTimeField("sedan")

    objects = StockIndividualQuerySet.as_manager()

    class Meta:
        verbose_name = "individ i förråd"
        verbose_name_plural = "individer i förråd"
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="not_on_loan",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("individual_id"),
                func="""
                    IF EXISTS (SELECT 1 FROM catalog_individual WHERE id = NEW.individual_id AND is_on_loan) THEN
                        RAISE EXCEPTION 'an aid on loan lies in no store' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"individ {self.individual_id} i förråd"
