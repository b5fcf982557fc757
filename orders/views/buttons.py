"""The buttons of a draft's page. All that was typed is saved when one of them does its own work."""

import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html

from catalog.models import Article
from catalog.search import search
from integration.attachments import Refused, check
from ordering.actions import MOST_FILES, TooManyFiles
from orders.actions import attachments, drafts, substitution, templates
from orders.actions.drafts import ALONE, Whole
from orders.forms import DraftForm
from orders.models import MOST_OF_AN_ARTICLE, Order, OrderTemplate
from orders.shown import accessories_to
from orders.views.draft_page import draft_page, saved_page

GONE = "Artikeln går inte längre att beställa. Välj en annan."
TOO_MANY = f"Du kan beställa högst {MOST_OF_AN_ARTICLE} av samma artikel."


def press(request: HttpRequest, order: Order, form: DraftForm, verb: str, argument: str) -> HttpResponse:
    """What the button `verb:argument` does. An unknown one saves."""
    return _VERBS.get(verb, _save)(request, order, form, argument)


def attach(request: HttpRequest, order: Order, form: DraftForm) -> None:
    """Files that came with the page, whichever button was pressed. Each is let in whole or not at all; why not stands at the field."""
    stored = 0
    for file in form.cleaned_data.get("files") or []:
        try:
            attachments.attach(order, check(file, file.name or ""), by=request.assignment)
            stored += 1
        except Refused as refused:
            form.add_error("files", refused.text)
        except TooManyFiles:
            form.add_error("files", f"En beställning kan ha högst {MOST_FILES} filer. Ta bort någon först.")
            break
    if stored:
        messages.success(request, "Filen är bifogad." if stored == 1 else f"{stored} filer är bifogade.")


def to_accessories(order: Order, key: str) -> HttpResponse:
    return redirect(f"{order.get_absolute_url()}?{urlencode({'tillbehor': key})}#tillbehor")


def _done(request: HttpRequest, order: Order, form: DraftForm, anchor: str = "artiklar") -> HttpResponse:
    """Back to the page; with what was wrong, if anything was."""
    return saved_page(request, order, form) if form.errors else redirect(f"{order.get_absolute_url()}#{anchor}")


def _number(text: str) -> int | None:
    """Short enough to be a key, so that int() takes it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _save(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    if form.errors:
        return draft_page(request, order, form)
    messages.success(request, "Utkastet är sparat.")
    return redirect(order)


def _review(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    if form.errors:
        return draft_page(request, order, form)
    _tell_switched(request, substitution.follow_fixed_groups(order))
    return redirect("orders:review", public_id=order.public_id)


def _attach(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    """The files are in already."""
    if not request.FILES.getlist("files"):
        form.add_error("files", "Välj en fil att bifoga.")
    return _done(request, order, form, "bilagor")


def _detach(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    try:
        attachments.detach(order, uuid.UUID(argument))
    except ValueError:
        return _done(request, order, form, "bilagor")
    messages.success(request, "Filen är borttagen.")
    return _done(request, order, form, "bilagor")


def _remove(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    # What was wrong on the line that goes must not stand in the way.
    if (number := _number(argument)) is not None:
        drafts.remove_line(order, number)
        for name in [name for name in form.errors if name.rpartition("_")[2] == argument]:
            form.errors.pop(name)
    elif not form.errors:
        return _save(request, order, form, argument)
    return _done(request, order, form)


def _search(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    query = form.cleaned_data.get("q")
    if not query:
        return _save(request, order, form, argument)
    exact = _exact(query)
    if exact is not None and not form.errors:
        return _put(request, order, form, exact, ALONE)
    return draft_page(request, order, form, query=query)


def _exact(query: str) -> Article | None:
    """The one orderable article that has this very number; None when there is none or several."""
    hits = [
        article for article in search(query, orderable_only=True, limit=3) if query.casefold() in {article.display_number.casefold(), article.number.casefold()}
    ]
    return hits[0] if len(hits) == 1 else None


def _add(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    """add:17, or add:17:rad-3 for an accessory to line 3."""
    key, _, whole = argument.partition(":")
    number = _number(key)
    article = Article.objects.orderable().for_cards().filter(pk=number).first() if number is not None else None
    if article is None:
        form.add_error("q", GONE)
        return draft_page(request, order, form)
    to = accessories_to(whole, form) if whole else None
    return _put(request, order, form, article, to.to if to else ALONE, anchor="tillbehor" if to else "artiklar", whole=whole if to else "")


def _put(request: HttpRequest, order: Order, form: DraftForm, article: Article, to: Whole, *, anchor: str = "artiklar", whole: str = "") -> HttpResponse:
    try:
        line = drafts.add_article(order, article, to=to)
    except drafts.TooMany:
        form.add_error("q", TOO_MANY)
        return draft_page(request, order, form)
    if line.substituted_for_id == article.pk:
        _tell_switched(request, [(article, line.article)])
    if form.errors:
        return saved_page(request, order, form)
    return to_accessories(order, whole) if whole else redirect(f"{order.get_absolute_url()}#{anchor}")


def _accessories(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    if form.errors:
        return draft_page(request, order, form, whole=argument)
    return to_accessories(order, argument)


def _switch(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    """switch:3:17: article 17 on line 3."""
    line, _, article = argument.partition(":")
    number, to = _number(line), _number(article)
    try:
        if number is None or to is None:
            raise substitution.NotEquivalent
        name = substitution.switch(order, line=number, to=to).display_name
        messages.success(request, f"Bytt till {name}. Kontrollera tillbehören.")
    except substitution.NotEquivalent:
        messages.warning(request, "Artikeln finns inte längre i lager. Inget är bytt.")
    return _done(request, order, form)


def _keep(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    number, name = _number(argument), f"exception_{argument}"
    try:
        if number is None:
            raise substitution.NotEquivalent
        kept = substitution.keep(order, line=number, reason=form.cleaned_data.get(name) or "")
        messages.success(request, f"{kept.display_name} beställs, med ditt skäl till centralen.")
    except substitution.NoReason:
        if name in form.fields and name not in form.errors:
            form.add_error(name, "Skriv varför patienten behöver just den artikeln.")
        return draft_page(request, order, form)
    except substitution.NotEquivalent:
        messages.warning(request, "Raden har ändrats. Inget är bytt.")
    return _done(request, order, form)


def _tell_switched(request: HttpRequest, switched: "substitution.Switched") -> None:
    for before, after in switched:
        messages.warning(request, f"{before.display_name} är bytt mot {after.display_name}, som är likvärdig och finns i lager (fast ersättningsgrupp).")


def _split(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    if form.errors:
        return draft_page(request, order, form)
    other = drafts.split(order, by=request.assignment)
    if other is None:
        messages.info(request, "Alla artiklar kommer samtidigt. Det finns inget att dela.")
    else:
        link = format_html('Beställningen är delad i två utkast. <a href="{}">Öppna det med längre leveranstid</a>.', other.get_absolute_url())
        messages.success(request, link)
    return redirect(f"{order.get_absolute_url()}#artiklar")


def _use_template(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    number = _number(argument or request.POST.get("template", ""))
    template = OrderTemplate.objects.visible_to(request.assignment).filter(pk=number).first() if number is not None else None
    if template is None:
        messages.warning(request, "Mallen finns inte längre. Välj en annan.")
        return _done(request, order, form)
    try:
        left_out = templates.use(order, template)
    except drafts.TooMany:
        form.add_error("q", TOO_MANY)
        return draft_page(request, order, form)
    messages.success(request, f"Mallen {template.name} är tillagd.")
    for article in left_out:
        messages.warning(request, f"{article.display_name} går inte längre att beställa och är inte med.")
    return _done(request, order, form)


def _to_template(request: HttpRequest, order: Order, form: DraftForm, argument: str) -> HttpResponse:
    return draft_page(request, order, form) if form.errors else redirect("orders:new_template", public_id=order.public_id)


_VERBS: dict[str, Callable[[HttpRequest, Order, DraftForm, str], HttpResponse]] = {
    "save": _save,
    "review": _review,
    "search": _search,
    "add": _add,
    "remove": _remove,
    "accessories": _accessories,
    "switch": _switch,
    "keep": _keep,
    "split": _split,
    "attach": _attach,
    "detach": _detach,
    "template": _use_template,
    "to_template": _to_template,
}
