"""How far a subject's last message has come, in words for its page."""

import dataclasses
import datetime

from integration.models import OutgoingMessage


@dataclasses.dataclass(frozen=True)
class Progress:
    """`state` is one of OutgoingMessage.State. `is_slow`: tried at least once in vain."""

    state: str
    done_at: datetime.datetime | None
    is_slow: bool

    @property
    def is_waiting(self) -> bool:
        return self.state == OutgoingMessage.State.WAITING

    @property
    def is_parked(self) -> bool:
        return self.state == OutgoingMessage.State.PARKED


def progress_of(subject: str) -> Progress | None:
    """Of the oldest unfinished message about the subject, else of the last one; None when nothing was sent."""
    messages = OutgoingMessage.objects.filter(subject=subject).only("state", "done_at", "attempts", "sequence")
    unfinished = messages.exclude(state=OutgoingMessage.State.DONE).order_by("sequence").first()
    message = unfinished or messages.order_by("-sequence").first()
    return None if message is None else Progress(message.state, message.done_at, message.attempts > 0)
