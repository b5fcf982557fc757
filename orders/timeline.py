"""An order's history in the words of the profession."""

import dataclasses
import datetime
from collections.abc import Iterable, Sequence
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
    details = row.details
    on = _day(details.get("on"))
    what = _what(details.get("lines", []))
    who = row.by.user.name if row.by else ""
    old = " (äldre besked)" if details.get("is_old") else ""
    cancelled = f"Makulerat: {what}." if what else ""
    if row.event in {"CONFIRMED", "CHANGED"} and row.new == Status.CANCELLED != row.old:
        return Event("Makulerad", row.at, _join(cancelled, row.note), "danger")
    match row.event:
        case "PLACED":
            return Event("Skickad", row.at, f"Av {who}.")
        case "RECEIVED":
            return Event("Mottagen av SESAM2", row.at, row.note)
        case "CONFIRMED":
            title = f"Bekräftad, leverans {long_day(on)}" if on else "Bekräftad"
            return Event(title + old, row.at, _join(*details.get("changes", []), cancelled, row.note), "success")
        case "CHANGED":
            title = f"Bekräftad med ändringar, leverans {long_day(on)}" if on else "Bekräftad med ändringar"
            return Event(title + old, row.at, _join(*details.get("changes", []), cancelled, row.note), "warning")
        case "DELAYED":
            title = f"Försenad till {long_day(on)}" if on else "Försenad, nytt datum är inte känt"
            return Event(title + old, row.at, _join(f"Gäller {what}." if what else "", row.note), "" if old else "warning")
        case "DESPATCHED":
            title = f"På väg, väntas {long_day(on)}" if on else "På väg"
            carrier = f"Transportör {details['carrier']}." if details.get("carrier") else ""
            return Event(
                title + old, row.at, _join(f"{what}." if what else "", f"Följesedel {details.get('despatch')}.", carrier), link=details.get("tracking_url", "")
            )
        case "DELIVERED":
            word = "Levererad och kvitterad" if details.get("is_receipted") else "Levererad"
            if row.new == Status.PARTLY_DELIVERED:
                word = "Delleverans kvitterad" if details.get("is_receipted") else "Delleverans"
            signed = f"Kvitterad av {details['signed_by']}." if details.get("is_receipted") and details.get("signed_by") else ""
            return Event(word, row.at, _join(f"{what}." if what else "", signed), "success")
        case "CANCELLED":
            title = "En del makulerad" if what and row.new != Status.CANCELLED else "Makulerad"
            return Event(title, row.at, _join(f"{what}." if what else "", row.note), "danger")
        case "REFUSED":
            return Event("Makulerad: centralen tog inte emot beställningen", row.at, row.note, "danger")
        case "CANCELLATION_REQUESTED":
            return Event("Makulering begärd", row.at, _join(f"Av {who}.", row.note))
        case "CANCELLATION_REFUSED":
            return Event("Kan inte makuleras", row.at, row.note, "warning")
        case "DELIVERY_CHANGE_REFUSED":
            return Event("Leveransen kan inte ändras", row.at, row.note, "warning")
        case _:
            return Event(Status(row.new).label, row.at, row.note)


def _day(text: Any) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def _what(lines: Iterable[dict[str, Any]]) -> str:
    return ", ".join(f"{line['quantity']} {line['name']}" for line in lines)


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)
