"""Uttag on a phone in the storeroom: what was taken, for whom, done."""

import dataclasses
import datetime
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, may, requires
from buffer.models import StockLine, Store
from core.forms import clean_text
from ordering.sending import NotReady
from orders import shelf
from orders.actions import withdrawals
from orders.forms import WithdrawalForm
from orders.in_hand import Desk, InHand, forget
from orders.models import Order
from orders.views.stores import open_store, stores_of
from patients import access
from patients.actions import confirm_care_relation
from patients.models import Patient

ACTIVITY = "Uttag ur buffertförråd"
RESOURCE = Order.Kind.WITHDRAWAL.label
RECENT = datetime.timedelta(hours=12)
MOST_RECENT = 6
NOT_HERE = "Finns inte i förrådet. Kontrollera numret, eller gör en kundorder."
UNKNOWN = "Numret finns inte i registret. Registrera patienten under Patient först. Det du har valt här finns kvar."
CONFIRM = "Enheten har inte öppnat patienten förut. Kryssa i rutan för att bekräfta vårdrelationen, och tryck igen."


# --- Ways in -----------------------------------------------------------------------------------------


@requires(Permission.TAKE_FROM_STORE)
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """The unit's only store at once, else which one."""
    stores = stores_of(request)
    if len(stores) == 1:
        return redirect("stock:withdraw", store=stores[0].number)
    return render(request, "orders/stock/choose.html", {"stores": stores})


@requires(Permission.TAKE_FROM_STORE)
@require_POST
def to_patient(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """From the patient's page: the patient is chosen already."""
    try:
        patient = access.open_patient(request.assignment, public_id, activity=ACTIVITY, resource=access.Resource(RESOURCE))
    except access.NoSuchPatient:
        raise Http404 from None
    stores = stores_of(request)
    for store in stores[:1]:
        hand = InHand.of(request.session, store.pk)
        # One comes with one patient in mind: nobody else is left ticked from before.
        hand.patients = [str(patient.public_id)]
        hand.keep(request.session)
    return redirect("stock:withdraw", store=stores[0].number) if len(stores) == 1 else redirect("stock:choose")


# --- The page ----------------------------------------------------------------------------------------


@requires(Permission.TAKE_FROM_STORE)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, store: str) -> HttpResponse:
    """Every button sends all of the page: what is right is in hand before the button's own work is done."""
    found = open_store(request, store)
    hand = InHand.of(request.session, found.pk)
    if request.method == "GET":
        taken_at = _time(request.GET.get("uttaget", ""))
        if taken_at is not None:
            # From what a count has found missing: it was taken before that minute.
            hand.typed |= {"happened_on": f"{taken_at:%Y-%m-%d}", "happened_time": f"{taken_at:%H.%M}"}
        line = _line(found, request.GET.get("artikel", ""), is_there=taken_at is None)
        if line is not None and all(item.article != line.article_id for item in hand.items):
            _put(hand, line)
        # Also when nothing is in hand yet: the press that the page carries must be known when it comes back.
        hand.keep(request.session)
        return _page(Desk(request, found, hand, _form(request, found, hand)))
    if request.POST.get("press") != hand.press:
        return _pressed_before(request, found)
    form = _form(request, found, hand, request.POST)
    form.is_valid()
    form.save_to(hand)
    hand.keep(request.session)
    verb, _, argument = request.POST.get("do", "search").partition(":")
    return _VERBS.get(verb, _search)(Desk(request, found, hand, form), argument)


def _form(request: HttpRequest, store: Store, hand: InHand, data: Any = None) -> WithdrawalForm:
    found = shelf.lines_of(store).filter(article__in=[item.article for item in hand.items]).prefetch_related("individuals")
    lines = {line.article_id: line for line in found}
    hand.items = [item for item in hand.items if item.article in lines]
    return WithdrawalForm(data, hand=hand, lines=lines, known=_known(request, hand), by=request.assignment)


def _known(request: HttpRequest, hand: InHand) -> list[Patient]:
    """Those who are chosen, then those whom the person has opened lately. Only those whom the unit may see."""
    chosen = Patient.objects.visible_to(request.assignment).filter(public_id__in=hand.patients).prefetch_related("identities")
    if not may(request.assignment, Permission.SEE_PROTECTED):
        chosen = chosen.filter(protection=Patient.Protection.NONE)
    by_id = {str(patient.public_id): patient for patient in chosen}
    first = [by_id[public_id] for public_id in hand.patients if public_id in by_id]
    recent = access.recently_opened(request.assignment, since=timezone.now() - RECENT, most=MOST_RECENT)
    return first + [patient for patient in recent if patient not in first]


def _page(desk: Desk, *, query: str = "", asks_for_relation: bool = False) -> HttpResponse:
    form = desk.form
    access.log_listing(desk.request.assignment, ((patient, access.Resource(RESOURCE)) for patient in form.known), activity=ACTIVITY)
    fields = ((item, f"individual_{item.row}" if f"individual_{item.row}" in form.fields else f"quantity_{item.row}") for item in desk.hand.items)
    context = {
        "store": desk.store,
        "hand": desk.hand,
        "form": form,
        "rows": [(item, form.lines[item.article], form[name]) for item, name in fields],
        "patients": list(zip(form["patients"].subwidgets, form.known, strict=True)),
        "query": query,
        "hits": shelf.find(desk.store, query),
        "asks_for_relation": asks_for_relation,
        "is_late": any(form[name].errors for name in ("happened_on", "happened_time", "late_reason")) or bool(form["happened_on"].value()),
        "errors_text": "Inget är registrerat än. Det du har valt finns kvar.",
    }
    return render(desk.request, "orders/stock/withdraw.html", context)


def _again(desk: Desk, anchor: str) -> HttpResponse:
    """The page anew, with what is wrong if anything is."""
    desk.hand.keep(desk.request.session)
    if not desk.form.errors:
        return redirect(f"{desk.request.path}#{anchor}")
    data = desk.request.POST.copy()
    data["q"] = data["number"] = ""
    data.setlist("patients", desk.hand.patients)
    for item in desk.hand.items:
        data.setdefault(f"quantity_{item.row}", str(item.quantity))
    form = _form(desk.request, desk.store, desk.hand, data)
    form.is_valid()
    return _page(dataclasses.replace(desk, form=form))


# --- Its buttons -------------------------------------------------------------------------------------


def _search(desk: Desk, argument: str) -> HttpResponse:
    """What a scanner does too: it types and presses Enter. The one thing that has this number is in hand at once."""
    query = desk.form.cleaned_data.get("q", "")
    if not query:
        return _find(desk, argument) if desk.form.cleaned_data.get("number") else _again(desk, "vad")
    aid = shelf.aid(desk.store, query)
    if aid is not None:
        desk.hand.add_individual(aid.line.article_id, aid.number)
        return _again(desk, "vad")
    line = shelf.exact(desk.store, query)
    if line is not None and line.on_hand:
        _put(desk.hand, line)
        return _again(desk, "vad")
    if not shelf.find(desk.store, query):
        desk.form.add_error("q", withdrawals.where_is(desk.store, query) or NOT_HERE)
    return _page(desk, query=query)


def _line(store: Store, article: str, *, is_there: bool = True) -> StockLine | None:
    is_key = article.isascii() and article.isdigit() and len(article) < 19
    line = shelf.lines_of(store).filter(article=int(article)).first() if is_key else None
    return line if line is not None and (line.on_hand or not is_there) else None


def _time(text: str) -> datetime.datetime | None:
    """A minute before the time in an address; None for what is none."""
    try:
        return timezone.localtime(datetime.datetime.fromisoformat(text)) - datetime.timedelta(minutes=1)
    except ValueError:
        return None


def _put(hand: InHand, line: StockLine) -> None:
    is_by_number = line.article.is_individual_marked or bool(line.on_hand and line.individuals.count() >= line.on_hand)
    if is_by_number:
        hand.add_individual(line.article_id)
    else:
        hand.add(line.article_id)


def _add(desk: Desk, argument: str) -> HttpResponse:
    line = _line(desk.store, argument)
    if line is None:
        desk.form.add_error("q", NOT_HERE)
        return _page(desk)
    _put(desk.hand, line)
    return _again(desk, "vad")


def _remove(desk: Desk, argument: str) -> HttpResponse:
    if argument.isascii() and argument.isdigit():
        desk.hand.remove(int(argument))
        for name in (f"quantity_{argument}", f"individual_{argument}"):
            desk.form.errors.pop(name, None)
    return _again(desk, "vad")


def _find(desk: Desk, argument: str) -> HttpResponse:
    """A patient by the whole number. One whom the unit has not opened asks for the care relation first, and nothing of the person is shown before."""
    identifier = desk.form.identifier
    if identifier is None:
        return _page(desk)
    by = desk.request.assignment
    try:
        patient = access.find_by_number(by, identifier)
    except access.ProtectedPatient:
        patient = None
    if patient is None:
        desk.form.add_error("number", UNKNOWN)
        return _page(desk)
    if not Patient.objects.visible_to(by).filter(pk=patient.pk).exists():
        if not desk.form.cleaned_data.get("confirmed"):
            desk.form.add_error("confirmed", CONFIRM)
            return _page(desk, asks_for_relation=True)
        confirm_care_relation(patient, by=by)
    desk.hand.add_patient(patient.public_id)
    return _again(desk, "vem")


def _register(desk: Desk, argument: str) -> HttpResponse:
    form, by = desk.form, desk.request.assignment
    if form.cleaned_data.get("number"):
        # Typed, but not looked up: registered now, it would be forgotten.
        return _find(desk, argument)
    if form.errors:
        return _page(desk)
    try:
        withdrawals.withdraw(desk.store, by=by, patients=form.patient_ids, taken=form.taken, told=form.facts, press=uuid.UUID(desk.hand.press))
    except NotReady as error:
        for field, text in error.problems:
            form.add_error(form.field_of(field), text)
        return _page(desk)
    except withdrawals.AlreadyTaken:
        pass
    except access.NoSuchPatient:
        _tell_refusals(desk)
        form.add_error("patients", "Någon av patienterna går inte längre att öppna här. Ta bort krysset och försök igen.")
        return _page(desk)
    press = desk.hand.press
    forget(desk.request.session)
    return redirect("stock:withdrawn", store=desk.store.number, press=press)


def _tell_refusals(desk: Desk) -> None:
    """The refusal's log row went with the transaction; the door is tried again outside it, and refuses with its row kept."""
    for public_id in desk.form.patient_ids:
        try:
            access.open_patient(desk.request.assignment, public_id, activity=ACTIVITY, resource=access.Resource(RESOURCE))
        except access.NoSuchPatient:
            continue


_VERBS: dict[str, Callable[[Desk, str], HttpResponse]] = {"search": _search, "add": _add, "remove": _remove, "find": _find, "register": _register}


def _pressed_before(request: HttpRequest, store: Store) -> HttpResponse:
    """A second press of the button, or the Back button and then a press: what it made is shown."""
    try:
        press = uuid.UUID(request.POST.get("press", ""))
    except ValueError:
        return redirect("stock:withdraw", store=store.number)
    if Order.objects.visible_to(request.assignment).filter(press=press).exists():
        return redirect("stock:withdrawn", store=store.number, press=press)
    messages.warning(request, "Sidan var gammal. Inget är registrerat. Det du har i handen står här.")
    return redirect("stock:withdraw", store=store.number)


@requires(Permission.TAKE_FROM_STORE)
@require_GET
def articles(request: HttpRequest, store: str) -> HttpResponse:
    """What is found while one types. Shows nothing of a patient."""
    found = open_store(request, store)
    try:
        query = " ".join(clean_text(request.GET.get("q", "")).split())[:100]
    except ValidationError:
        query = ""
    return render(
        request,
        "orders/stock/_shelf_hits.html",
        {"store": found, "query": query if len(query) >= shelf.SHORTEST_QUERY else "", "hits": shelf.find(found, query)},
    )


@requires(Permission.TAKE_FROM_STORE)
@require_GET
def done(request: HttpRequest, store: str, press: str) -> HttpResponse:
    """What one press of the button registered: a number for each patient."""
    found = open_store(request, store)
    try:
        press = str(uuid.UUID(press))
    except ValueError:
        raise Http404 from None
    rows = list(Order.objects.listed_to(request.assignment).filter(press=press, store=found, kind=Order.Kind.WITHDRAWAL).for_list().order_by("press_place"))
    if not rows:
        raise Http404
    access.log_listing(request.assignment, ((row.patient, access.Resource(RESOURCE, str(row.number))) for row in rows), activity="Bekräftelse av uttag")
    return render(request, "orders/stock/withdrawn.html", {"store": found, "rows": rows})
