"""The outbox and the inbox: messages to and from SESAM2, as tables (design, section 5)."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone


class OutgoingQuerySet(models.QuerySet["OutgoingMessage"]):
    def due(self) -> "OutgoingQuerySet":
        """Waiting, its time has come, and no earlier unfinished message about the same subject."""
        earlier = OutgoingMessage.objects.filter(
            subject=OuterRef("subject"), sequence__lt=OuterRef("sequence"), state__in=[OutgoingMessage.State.WAITING, OutgoingMessage.State.PARKED]
        )
        return self.filter(~Exists(earlier), state=OutgoingMessage.State.WAITING, next_try_at__lte=timezone.now())


class OutgoingMessage(models.Model):
    """One message to SESAM2. `payload` is the envelope as it is sent; emptied 90 days after it is done, the hash stays."""

    class State(models.TextChoices):
        WAITING = "WAITING", "väntar"
        DONE = "DONE", "mottagen av SESAM2"
        PARKED = "PARKED", "parkerad"

    id = models.UUIDField("messageId", primary_key=True, default=uuid.uuid4)
    message_type = models.CharField("meddelandetyp", max_length=40)
    subject = models.CharField("gäller", max_length=100)
    sequence = models.PositiveIntegerField("ordning")
    payload = models.JSONField(null=True)
    payload_sha256 = models.CharField(max_length=64)
    state = models.CharField("läge", max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField("försök", default=0)
    next_try_at = models.DateTimeField("nästa försök", default=timezone.now)
    last_error = models.CharField("senaste fel", max_length=200, blank=True)
    created_at = models.DateTimeField("skapat", default=timezone.now)
    done_at = models.DateTimeField("klart", null=True)

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        verbose_name = "utgående meddelande"
        verbose_name_plural = "utgående meddelanden"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "sequence"], name="outgoing_sequence_per_subject"),
            models.CheckConstraint(condition=Q(state__in=["WAITING", "DONE", "PARKED"]), name="outgoing_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="DONE", done_at__isnull=False) | ~Q(state="DONE") & Q(done_at__isnull=True), name="outgoing_done_has_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=Q(state="WAITING"), name="outgoing_waiting"),
            models.Index(fields=["subject", "sequence"], condition=Q(state__in=["WAITING", "PARKED"]), name="outgoing_unfinished"),
            models.Index(fields=["done_at"], condition=Q(state="DONE", payload__isnull=False), name="outgoing_to_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.message_type} {self.subject} {self.sequence}"


class SubjectCounter(models.Model):
    """The last sequence given to a subject. Its row is the lock that keeps a subject's messages in one order."""

    subject = models.CharField(primary_key=True, max_length=100)
    last_sequence = models.PositiveIntegerField()


class IncomingQuerySet(models.QuerySet["IncomingMessage"]):
    def due(self) -> "IncomingQuerySet":
        return self.filter(state=IncomingMessage.State.WAITING, next_try_at__lte=timezone.now())


class IncomingMessage(models.Model):
    """One message from SESAM2, stored before it is acted on, acted on once."""

    class State(models.TextChoices):
        WAITING = "WAITING", "väntar"
        DONE = "DONE", "klart"
        PARKED = "PARKED", "parkerat"

    id = models.UUIDField("messageId", primary_key=True)
    message_type = models.CharField("meddelandetyp", max_length=40)
    subject = models.CharField("gäller", max_length=100)
    sequence = models.PositiveIntegerField("ordning")
    payload = models.JSONField(null=True)
    payload_sha256 = models.CharField(max_length=64)
    state = models.CharField("läge", max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField("försök", default=0)
    next_try_at = models.DateTimeField("nästa försök", default=timezone.now)
    last_error = models.CharField("senaste fel", max_length=200, blank=True)
    received_at = models.DateTimeField("mottaget", default=timezone.now)
    done_at = models.DateTimeField("klart", null=True)

    objects = IncomingQuerySet.as_manager()

    class Meta:
        verbose_name = "inkommande meddelande"
        verbose_name_plural = "inkommande meddelanden"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(state__in=["WAITING", "DONE", "PARKED"]), name="incoming_state_is_known")]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=Q(state="WAITING"), name="incoming_waiting"),
            models.Index(fields=["subject", "sequence"], name="incoming_subject"),
            models.Index(fields=["done_at"], condition=Q(state="DONE", payload__isnull=False), name="incoming_to_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.message_type} {self.subject} {self.sequence}"


class Attachment(models.Model):
    """A file that goes with a message (contract, section 4): checked, cleaned and named by `integration.attachments` before it is stored.

    Which apps' rows point here decides who may read it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField("filnamn", max_length=100)
    media_type = models.CharField("typ", max_length=60)
    size = models.PositiveIntegerField("storlek, byte")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField("bifogad", default=timezone.now)

    class Meta:
        verbose_name = "bilaga"
        verbose_name_plural = "bilagor"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(media_type__in=["image/jpeg", "image/png", "application/pdf"]), name="attachment_type_is_known"),
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=10 * 1024 * 1024), name="attachment_size_is_allowed"),
        ]

    def __str__(self) -> str:
        return f"bilaga {self.pk}"


class AttachmentContent(models.Model):
    """The bytes, in a table of their own so that no list reads them. In the database: stored, rolled back and backed up with what they belong to."""

    attachment = models.OneToOneField(Attachment, models.CASCADE, primary_key=True, related_name="content")
    data = models.BinaryField()


class SeenNonce(models.Model):
    """A nonce of a signed GET or POST that was accepted; a second one is a replay (contract, section 1)."""

    nonce = models.UUIDField(primary_key=True)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)


class Cursor(models.Model):
    """How far a catch-up has read."""

    name = models.CharField(primary_key=True, max_length=40)
    value = models.CharField(max_length=200, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)
