"""An order's history in the words of the profession."""

from collections.abc import Iterable, Mapping, Sequence

from core.templatetags.ui import long_day
from ordering import timeline
from ordering.timeline import Event, Teller, day, join, old, what, who
from orders.models import Order, OrderHistory, Status


def events(history: Iterable[OrderHistory]) -> list[Event]:
    """Newest first, as `history` comes."""
    return timeline.events(history, tell=_TELL, otherwise=_other)


def news(order: Order, history: Sequence[OrderHistory]) -> Event | None:
    """What the reader must know first: that the order was cancelled, or is delayed. None otherwise."""
    if order.status == Status.CANCELLED:
        return timeline.became_cancelled(history, "Beställningen är makulerad")
    if order.is_delayed:
        row = next((row for row in history if row.event == "DELAYED" and not row.details.get("is_old")), None)
        if row is None:
            return None
        on, was = day(row.details.get("on")), day(row.details.get("was"))
        title = f"Leveransen är försenad till {long_day(on)}" if on else "Leveransen är försenad"
        before = f"Tidigare {long_day(was)}. " if was and was != on else ""
        unknown = "" if on else "Nytt leveransdatum är inte känt. "
        return Event(title, row.at, f"{before}{unknown}{row.note}", "warning")
    return None


def _asked(row: OrderHistory) -> Event:
    return Event("Skickad för godkännande", row.at, join(f"Av {who(row)}.", row.note))


def _approved(row: OrderHistory) -> Event:
    return Event("Godkänd", row.at, f"Av {who(row)}.", "success")


def _sent_back(row: OrderHistory) -> Event:
    return Event("Inte godkänd", row.at, join(f"Skickad tillbaka av {who(row)}.", row.note), "warning")


def _withdrawn(row: OrderHistory) -> Event:
    return Event("Tagen tillbaka", row.at, f"Av {who(row)}.")


def _confirmed(row: OrderHistory) -> Event:
    """Also with changes; or nothing of it was, and the order is makulerad."""
    what_of, on = what(row), day(row.details.get("on"))
    cancelled = f"Makulerat: {what_of}." if what_of else ""
    if row.new == Status.CANCELLED != row.old:
        return Event("Makulerad", row.at, join(cancelled, row.note), "danger")
    word, tone = ("Bekräftad med ändringar", "warning") if row.event == "CHANGED" else ("Bekräftad", "success")
    title = f"{word}, leverans {long_day(on)}" if on else word
    return Event(title + old(row), row.at, join(*row.details.get("changes", []), cancelled, row.note), tone)


def _despatched(row: OrderHistory) -> Event:
    details, what_of, on = row.details, what(row), day(row.details.get("on"))
    title = f"På väg, väntas {long_day(on)}" if on else "På väg"
    carrier = f"Transportör {details['carrier']}." if details.get("carrier") else ""
    text = join(f"{what_of}." if what_of else "", f"Följesedel {details.get('despatch')}.", carrier)
    return Event(title + old(row), row.at, text, link=details.get("tracking_url", ""))


def _delivered(row: OrderHistory) -> Event:
    details, what_of = row.details, what(row)
    word = "Levererad och kvitterad" if details.get("is_receipted") else "Levererad"
    if row.new == Status.PARTLY_DELIVERED:
        word = "Delleverans kvitterad" if details.get("is_receipted") else "Delleverans"
    signed = f"Kvitterad av {details['signed_by']}." if details.get("is_receipted") and details.get("signed_by") else ""
    return Event(word, row.at, join(f"{what_of}." if what_of else "", signed), "success")


def _cancelled(row: OrderHistory) -> Event:
    what_of = what(row)
    title = "En del makulerad" if what_of and row.new != Status.CANCELLED else "Makulerad"
    return Event(title, row.at, join(f"{what_of}." if what_of else "", row.note), "danger")


def _refused(row: OrderHistory) -> Event:
    return Event("Makulerad: centralen tog inte emot beställningen", row.at, row.note, "danger")


def _delivery_changed(row: OrderHistory) -> Event:
    """What was changed, never its content: the history is kept longer than an address may be."""
    return Event("Ändrad leverans skickad", row.at, join(f"Av {who(row)}.", f"Ändrat: {', '.join(row.details.get('changed', []))}."))


def _delivery_change_refused(row: OrderHistory) -> Event:
    return Event("Leveransen kan inte ändras" + old(row), row.at, row.note, "" if old(row) else "warning")


def _prescribed(row: OrderHistory) -> Event:
    return Event("Förskrivet som lån", row.at, join(f"{what(row)}.", f"Av {who(row)}."), "success")


def _prolonged(row: OrderHistory) -> Event:
    on = day(row.details.get("on"))
    return Event(f"Förlängt till {long_day(on)}" if on else "Förlängt", row.at, join(f"{what(row)}.", f"Av {who(row)}."))


def _taken_out(row: OrderHistory) -> Event:
    late = f"Registrerat sent: {row.note}" if row.note else ""
    return Event("Uttaget ur förrådet", row.at, join(f"{what(row)}.", f"Ur {row.details.get('store')}.", f"Av {who(row)}.", late), "success")


def _given_back(row: OrderHistory) -> Event:
    return Event("Återlämnat till förrådet", row.at, join(f"{what(row)}.", f"Till {row.details.get('store')}.", f"Mottaget av {who(row)}."), "success")


def _noted(row: OrderHistory) -> Event:
    return Event("Godtaget av centralen", row.at, row.note, "success")


def _not_taken(row: OrderHistory) -> Event:
    """Of what has happened: the centre says no, and it stands all the same."""
    return Event("Inte godtaget av centralen", row.at, join(row.note, "Lån och saldo står kvar."), "danger")


def _topped_up(row: OrderHistory) -> Event:
    return Event("Automatisk påfyllning skickad", row.at)


def _stored(row: OrderHistory) -> Event:
    """A delivery was received at the store."""
    differences = row.details.get("differences", [])
    what_of = f"{what(row)}." if what(row) else "Inget av det som var aviserat fanns i leveransen."
    text = join(what_of, f"Följesedel {row.details.get('despatch')}.", f"Av {who(row)}.", f"Avvikelser: {'; '.join(differences)}." if differences else "")
    return Event("Mottagen i förrådet med avvikelser" if differences else "Mottagen i förrådet", row.at, text, "warning" if differences else "success")


def _released(row: OrderHistory) -> Event:
    names = ", ".join(line["name"] for line in row.details.get("lines", []))
    return Event("Påfyllningen släppt", row.at, join(f"{names}.", f"Av {who(row)}."))


def _other(row: OrderHistory) -> Event:
    return Event(Status(row.new).label, row.at, row.note)


_TELL: Mapping[str, Teller] = {
    "ASKED": _asked,
    "APPROVED": _approved,
    "SENT_BACK": _sent_back,
    "WITHDRAWN": _withdrawn,
    "PLACED": timeline.placed,
    "TAKEN_OUT": _taken_out,
    "GIVEN_BACK": _given_back,
    "NOTED": _noted,
    "NOT_TAKEN": _not_taken,
    "TOPPED_UP": _topped_up,
    "STORED": _stored,
    "RELEASED": _released,
    "RECEIVED": timeline.received,
    "CONFIRMED": _confirmed,
    "CHANGED": _confirmed,
    "DELAYED": timeline.delayed,
    "DESPATCHED": _despatched,
    "DELIVERED": _delivered,
    "CANCELLED": _cancelled,
    "REFUSED": _refused,
    "CANCELLATION_REQUESTED": timeline.cancellation_requested,
    "CANCELLATION_REFUSED": timeline.cancellation_refused,
    "DELIVERY_CHANGED": _delivery_changed,
    "PRESCRIBED": _prescribed,
    "PROLONGED": _prolonged,
    "DELIVERY_CHANGE_REFUSED": _delivery_change_refused,
}
