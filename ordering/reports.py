"""What is alike when SESAM2 tells of any kind of order: who is told, and a cancellation that is refused."""

from collections.abc import Sequence

from accounts import actions as accounts
from accounts.models import Assignment, Notice
from ordering.models import AbstractOrder


def notify(
    order: AbstractOrder,
    tone: str,
    word: str,
    title: str,
    text: str,
    *,
    action: tuple[str, str] = ("", ""),
    also: Sequence[Assignment] = (),
    url: str = "",
) -> None:
    """A notice to who ordered and who stands as prescriber, where somebody did, and `also`. `action` is the address and the text of its button.

    `url` is what it points to, if that is not the order's page.
    """
    people: list[Assignment | None] = [order.orderer, order.prescriber, *also]
    url = url or order.get_absolute_url()  # type: ignore[attr-defined]
    accounts.notify(
        [person for person in people if person is not None], unit=order.unit, tone=tone, word=word, title=title, text=text.strip(), url=url, action=action
    )


def refuse_cancellation(order: AbstractOrder, *, name: str, reason: str, also: Sequence[Assignment] = ()) -> bool:
    """CancellationRefused: the order, locked, lives on as it was, and may be asked for again. `name` is its kind: Kundorder.

    Returns whether it answered a request; one that does not is old news.
    """
    if not order.is_open or order.cancellation_requested_at is None:
        order.tell("CANCELLATION_REFUSED", note=reason, details={"is_old": True})
        return False
    order.cancellation_requested_at = None
    order.save(update_fields=["cancellation_requested_at"])
    order.tell("CANCELLATION_REFUSED", note=reason)
    notify(order, Notice.Tone.WARNING, "Kan inte makuleras", f"{name} {order.number} kan inte makuleras", sentence(reason), also=also)
    return True


def sentence(text: str) -> str:
    """`text` with a full stop, if it ends without a mark; "" stays ""."""
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."
