"""How the pages of a store open it and its lines, and what they say when the ledger says no."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from buffer import listing
from buffer.actions import IndividualElsewhere, NotEnough, NotUsable, NumbersNeeded, SameNumberTwice, WrongArticle
from buffer.models import Count, StockLine, Store
from core.forms import Form

REFUSALS = (IndividualElsewhere, NotEnough, NotUsable, NumbersNeeded, SameNumberTwice, WrongArticle)


def open_store(request: HttpRequest, number: str) -> Store:
    """The unit's own; 404 for all others."""
    return get_object_or_404(Store.objects.visible_to(request.assignment).select_related("unit"), number=number)


def open_line(request: HttpRequest, number: str, pk: int) -> StockLine:
    """The store's line of the article with this key, with all that its pages show."""
    lines = StockLine.objects.visible_to(request.assignment).filter(store__number=number, article=pk)
    line = listing.with_all(lines).first()
    if line is None:
        raise Http404
    return line


def open_count(request: HttpRequest, public_id: uuid.UUID) -> Count:
    return get_object_or_404(Count.objects.visible_to(request.assignment).select_related("store__unit", "started_by__user"), public_id=public_id)


def somebody_was_first(request: HttpRequest, text: str, url: str, url_text: str) -> HttpResponse:
    """409, with a way to what is there now."""
    context = {"title": "Någon hann före", "text": f"{text} Inget av det du gjorde nu är sparat.", "url": url, "url_text": url_text}
    return render(request, "errors/conflict.html", context, status=409)


def add_refusal(form: Form, error: Exception, *, quantity: str, numbers: str, store: Store) -> None:
    """What the ledger refused, at the field it is about, and what to do."""
    number_field = numbers if numbers in form.fields else quantity
    match error:
        case NotEnough():
            form.add_error(quantity, f"Det finns bara {error.on_hand} i förrådet. Skriv {error.on_hand} eller mindre, eller inventera artikeln först.")
        case NumbersNeeded():
            form.add_error(quantity, f"{_pieces_without(error.without_number)} Välj resten efter individnummer.")
        case WrongArticle():
            form.add_error(number_field, f"Individ {error.number} är {error.article.display_name}, inte den här artikeln. Kontrollera numret.")
        case NotUsable():
            form.add_error(number_field, f"Individ {error.number}: {error.why.lower()}. Lägg den åt sidan, den ska vara kvar.")
        case SameNumberTwice():
            form.add_error(number_field, "Samma individ står två gånger. Ta bort det ena numret.")
        case IndividualElsewhere():
            form.add_error(number_field, _elsewhere(error, store))


def _pieces_without(number: int) -> str:
    return "Alla som ligger där har individnummer." if number == 0 else f"Bara {number} av dem som ligger där saknar individnummer."


def _elsewhere(error: IndividualElsewhere, store: Store) -> str:
    if error.is_on_loan:
        return f"Individ {error.number} är registrerad hos en patient. Kontrollera numret. Har den kommit tillbaka: registrera återlämningen först."
    if error.store is None:
        return f"Individ {error.number} finns inte i förrådet. Kontrollera numret."
    if error.store.pk == store.pk:
        return f"Individ {error.number} finns redan i förrådet."
    if error.store.unit_id == store.unit_id:
        return f"Individ {error.number} finns enligt registret i {error.store.name}. Flytta den hit därifrån."
    return f"Individ {error.number} finns enligt registret i ett annat förråd. Kontrollera numret, eller be det förrådet att flytta den hit."
