"""What has happened to a hämtorder, in the words of the profession."""

from collections.abc import Sequence

from core.templatetags.ui import long_day
from ordering.timeline import (
    Event,
    Teller,
    became_cancelled,
    cancellation_refused,
    cancellation_requested,
    day,
    delayed,
    events,
    join,
    old,
    placed,
    received,
    what,
    who,
)
from pickups.models import PickupHistory, PickupItem, PickupOrder, Status


def told(history: Sequence[PickupHistory]) -> list[Event]:
    """Newest first, as `history` comes."""
    return events(history, tell=_TELL, otherwise=_other)


def news(order: PickupOrder, items: Sequence[PickupItem], history: Sequence[PickupHistory]) -> Event | None:
    """What the reader must know first: that it was cancelled, that something was not there, that it is late. None otherwise."""
    missing = [item for item in items if item.outcome == PickupItem.Outcome.NOT_FOUND]
    if order.status == Status.CANCELLED and not missing:
        return became_cancelled(history, "Hämtordern är makulerad")
    if missing:
        row = next((row for row in history if row.event in {"PICKED_UP", "DEREGISTERED", "NOT_FOUND"}), history[0])
        names = ", ".join(item.full_name for item in missing)
        title = "Inget hittades vid hämtningen" if len(missing) == len(items) else "Allt hittades inte vid hämtningen"
        text = f"{names}. Borttaget från hämtordern. Lånet och hyran fortsätter. Är det lämnat: gör en felrapport."
        return Event(title, row.at, text, "warning")
    if order.is_late:
        row = next((row for row in history if row.event == "DELAYED" and not row.details.get("is_old")), None)
        text = row.note if row else _late_text(order)
        return Event("Hämtningen är försenad", row.at if row else history[0].at, text, "warning")
    return None


def _late_text(order: PickupOrder) -> str:
    if order.is_fetched_late:
        return f"Det skulle ha hämtats senast {long_day(order.fetch_by)}."
    if order.is_deregistered_late:
        return f"Det skulle ha varit borta från patientens lista senast {long_day(order.deregister_by)}."
    return f"Hämtdagen är senare än {long_day(order.fetch_by)}, som centralen har lovat."


def _accepted(row: PickupHistory) -> Event:
    on = day(row.details.get("on"))
    return Event((f"Accepterad, hämtas {long_day(on)}" if on else "Accepterad") + old(row), row.at, row.note, "success")


def _changed(row: PickupHistory) -> Event:
    fewer = ", ".join(f"{item['quantity']} {item['name']}" for item in row.details.get("fewer", []))
    text = join(f"Hämtas inte: {what(row)}." if what(row) else "", f"Hämtas bara: {fewer}." if fewer else "", row.note)
    return Event("Accepterad med ändringar" + old(row), row.at, text, "warning")


def _planned(row: PickupHistory) -> Event:
    on, was = day(row.details.get("on")), day(row.details.get("was"))
    text = f"Tidigare {long_day(was)}." if was else ""
    return Event((f"Planerad {long_day(on)}" if on else "Planerad") + old(row), row.at, join(text, row.note))


def _fetched(title: str, tone: str) -> Teller:
    def tell(row: PickupHistory) -> Event:
        missing = _names(row, "missing")
        text = join(f"{_names(row, 'lines')}." if row.details.get("lines") else "", f"Hittades inte: {missing}." if missing else "", row.note)
        return Event(title + old(row), row.at, text, "warning" if missing else tone)

    return tell


def _names(row: PickupHistory, key: str) -> str:
    return ", ".join(item["name"] for item in row.details.get(key, []))


def _cancelled(row: PickupHistory) -> Event:
    names = _names(row, "lines")
    return Event("Makulerad i del" if names else "Makulerad", row.at, join(f"{names}." if names else "", row.note), "danger")


def _not_found(row: PickupHistory) -> Event:
    return Event("Hittades inte", row.at, join(f"{_names(row, 'lines')}." if row.details.get("lines") else "", row.note), "warning")


def _refused(row: PickupHistory) -> Event:
    return Event("Makulerad: centralen tog inte emot hämtordern", row.at, row.note, "danger")


def _place_changed(row: PickupHistory) -> Event:
    return Event("Platsen ändrad", row.at, join(f"Av {who(row)}.", f"Ändrat: {', '.join(row.details.get('changed', []))}."))


def _place_stands(row: PickupHistory) -> Event:
    return Event("Platsen kan inte ändras" + old(row), row.at, row.note, "" if old(row) else "warning")


def _late(row: PickupHistory) -> Event:
    return Event("Inte borta från listan i tid" if row.details.get("is_fetched") else "Inte hämtad i tid", row.at, row.note, "warning")


def _receipt(row: PickupHistory) -> Event:
    number, version = row.details["number"], row.details["version"]
    title = "Återlämningskvitto skrivet" if version == 1 else "Återlämningskvitto rättat"
    return Event(title, row.at, f"{number}, av {who(row)}.")


def _other(row: PickupHistory) -> Event:
    return Event(Status(row.new).label, row.at, row.note)


_TELL: dict[str, Teller] = {
    "PLACED": placed,
    "RECEIVED": received,
    "ACCEPTED": _accepted,
    "CHANGED": _changed,
    "DELAYED": delayed,
    "PLANNED": _planned,
    "PICKED_UP": _fetched("Hämtad", "success"),
    "DEREGISTERED": _fetched("Avregistrerad", "success"),
    "NOT_FOUND": _not_found,
    "CANCELLED": _cancelled,
    "REFUSED": _refused,
    "CANCELLATION_REQUESTED": cancellation_requested,
    "CANCELLATION_REFUSED": cancellation_refused,
    "DELIVERY_CHANGED": _place_changed,
    "DELIVERY_CHANGE_REFUSED": _place_stands,
    "LATE": _late,
    "RECEIPT": _receipt,
}
