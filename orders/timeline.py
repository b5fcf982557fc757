"""An order's history in the words of the profession."""

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from core.templatetags.ui import long_day
from orders.models import Order, OrderHistory, Status


@dataclasses.dataclass(frozen=True)
class Event:
    """`tone` is success, warning, danger or "" ."""

    title: str
    at: datetime.datetime
    text: str = ""
    tone: str = ""
    link: str = ""


def events(history: Iterable[OrderHistory]) -> list[Event]:
    """Newest first, as `history` comes."""
    return [_event(row) for row in history]


def news(order: Order, history: Sequence[OrderHistory]) -> Event | None:
    """What the reader must know first: that the order was cancelled, or is delayed. None otherwise."""
    if order.status == Status.CANCELLED:
        row = next((row for row in history if row.new == Status.CANCELLED != row.old), None)
        return None if row is None else Event("Beställningen är makulerad", row.at, row.note, "danger")
    if order.is_delayed:
        row = next((row for row in history if row.event == "DELAYED" and not row.details.get("is_old")), None)
        if row is None:
            return None
        on, was = _day(row.details.get("on")), _day(row.details.get("was"))
        title = f"Leveransen är försenad till {long_day(on)}" if on else "Leveransen är försenad"
        before = f"Tidigare {long_day(was)}. " if was and was != on else ""
        unknown = "" if on else "Nytt leveransdatum är inte känt. "
        return Event(title, row.at, f"{before}{unknown}{row.note}", "warning")
    return None


def _event(row: OrderHistory) -> Event:
    return _TELL.get(row.event, _other)(row)


def _placed(row: OrderHistory) -> Event:
    return Event("Skickad", row.at, f"Av {_who(row)}.")


def _asked(row: OrderHistory) -> Event:
    return Event("Skickad för godkännande", row.at, _join(f"Av {_who(row)}.", row.note))


def _approved(row: OrderHistory) -> Event:
    return Event("Godkänd", row.at, f"Av {_who(row)}.", "success")


def _sent_back(row: OrderHistory) -> Event:
    return Event("Inte godkänd", row.at, _join(f"Skickad tillbaka av {_who(row)}.", row.note), "warning")


def _withdrawn(row: OrderHistory) -> Event:
    return Event("Tagen tillbaka", row.at, f"Av {_who(row)}.")


def _received(row: OrderHistory) -> Event:
    return Event("Mottagen av SESAM2", row.at, row.note)


def _confirmed(row: OrderHistory) -> Event:
    """Also with changes; or nothing of it was, and the order is makulerad."""
    what, on = _what(row), _day(row.details.get("on"))
    cancelled = f"Makulerat: {what}." if what else ""
    if row.new == Status.CANCELLED != row.old:
        return Event("Makulerad", row.at, _join(cancelled, row.note), "danger")
    word, tone = ("Bekräftad med ändringar", "warning") if row.event == "CHANGED" else ("Bekräftad", "success")
    title = f"{word}, leverans {long_day(on)}" if on else word
    return Event(title + _old(row), row.at, _join(*row.details.get("changes", []), cancelled, row.note), tone)


def _delayed(row: OrderHistory) -> Event:
    what, on = _what(row), _day(row.details.get("on"))
    title = f"Försenad till {long_day(on)}" if on else "Försenad, nytt datum är inte känt"
    return Event(title + _old(row), row.at, _join(f"Gäller {what}." if what else "", row.note), "" if _old(row) else "warning")


def _despatched(row: OrderHistory) -> Event:
    details, what, on = row.details, _what(row), _day(row.details.get("on"))
    title = f"På väg, väntas {long_day(on)}" if on else "På väg"
    carrier = f"Transportör {details['carrier']}." if details.get("carrier") else ""
    text = _join(f"{what}." if what else "", f"Följesedel {details.get('despatch')}.", carrier)
    return Event(title + _old(row), row.at, text, link=details.get("tracking_url", ""))


def _delivered(row: OrderHistory) -> Event:
    details, what = row.details, _what(row)
    word = "Levererad och kvitterad" if details.get("is_receipted") else "Levererad"
    if row.new == Status.PARTLY_DELIVERED:
        word = "Delleverans kvitterad" if details.get("is_receipted") else "Delleverans"
    signed = f"Kvitterad av {details['signed_by']}." if details.get("is_receipted") and details.get("signed_by") else ""
    return Event(word, row.at, _join(f"{what}." if what else "", signed), "success")


def _cancelled(row: OrderHistory) -> Event:
    what = _what(row)
    title = "En del makulerad" if what and row.new != Status.CANCELLED else "Makulerad"
    return Event(title, row.at, _join(f"{what}." if what else "", row.note), "danger")


def _refused(row: OrderHistory) -> Event:
    return Event("Makulerad: centralen tog inte emot beställningen", row.at, row.note, "danger")


def _cancellation_requested(row: OrderHistory) -> Event:
    return Event("Makulering begärd", row.at, _join(f"Av {_who(row)}.", row.note))


def _cancellation_refused(row: OrderHistory) -> Event:
    return Event("Kan inte makuleras", row.at, row.note, "warning")


def _delivery_change_refused(row: OrderHistory) -> Event:
    return Event("Leveransen kan inte ändras", row.at, row.note, "warning")


def _prescribed(row: OrderHistory) -> Event:
    return Event("Förskrivet som lån", row.at, _join(f"{_what(row)}.", f"Av {_who(row)}."), "success")


def _prolonged(row: OrderHistory) -> Event:
    on = _day(row.details.get("on"))
    return Event(f"Förlängt till {long_day(on)}" if on else "Förlängt", row.at, _join(f"{_what(row)}.", f"Av {_who(row)}."))


def _other(row: OrderHistory) -> Event:
    return Event(Status(row.new).label, row.at, row.note)


_TELL: dict[str, Callable[[OrderHistory], Event]] = {
    "ASKED": _asked,
    "APPROVED": _approved,
    "SENT_BACK": _sent_back,
    "WITHDRAWN": _withdrawn,
    "PLACED": _placed,
    "RECEIVED": _received,
    "CONFIRMED": _confirmed,
    "CHANGED": _confirmed,
    "DELAYED": _delayed,
    "DESPATCHED": _despatched,
    "DELIVERED": _delivered,
    "CANCELLED": _cancelled,
    "REFUSED": _refused,
    "CANCELLATION_REQUESTED": _cancellation_requested,
    "CANCELLATION_REFUSED": _cancellation_refused,
    "PRESCRIBED": _prescribed,
    "PROLONGED": _prolonged,
    "DELIVERY_CHANGE_REFUSED": _delivery_change_refused,
}


def _day(text: Any) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def _what(row: OrderHistory) -> str:
    return ", ".join(f"{line['quantity']} {line['name']}" for line in row.details.get("lines", []))


def _who(row: OrderHistory) -> str:
    return row.by.user.name if row.by else ""


def _old(row: OrderHistory) -> str:
    """What the title ends with when a later message had been applied before this one came."""
    return " (äldre besked)" if row.details.get("is_old") else ""


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)
