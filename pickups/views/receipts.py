"""An återlämningskvitto is written, and corrected.

The page's script sends it with fetch, so that nothing that was typed or drawn is lost when the network is; without the script the browser does.
Either way the page carries a key of its own, so that it may be sent again: the same page is one receipt.
"""

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from integration import attachments
from ordering.pages import seen
from ordering.sending import ChangedMeanwhile, NotReady
from patients import access
from patients.models import Patient
from pickups import signature
from pickups.actions import receipts
from pickups.actions.handing_over import Page
from pickups.forms.receipts import NO_ORDER, Kept, ReceiptForm, initial_of, page_of
from pickups.models import PickupOrder, ReceiptFile, ReceiptUpload, ReturnReceipt
from pickups.returnable import Choice, choices_of, open_pickups
from pickups.views.opened_receipts import open_receipt

KEEPS_PAGE = "X-Keeps-Page"  # static/js/receipt.js
CHANGED = "Kvittot har rättats av någon annan sedan du öppnade sidan. Det du skrev står kvar men är inte sparat. Jämför med kvittot och spara igen."
MERGED = "Patientens uppgifter ändrades just nu. Det du skrev står kvar men är inte sparat. Spara igen."


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Write a receipt. The address may name a hämtorder and one of the patient's loans to begin with; neither tells who the patient is."""
    patient = _open(request, patient_id)
    if request.method == "GET":
        form = _form(request, patient, None, initial=_begin(request, patient))
        return _page(request, form, key=uuid.uuid4())
    page = page_of(request)
    try:
        receipts.refuse_second(page, patient, by=request.assignment)
        form, is_right = _posted(request, patient, None, page)
        if not is_right:
            return _page(request, form, key=page.key)
        number = receipts.write(patient, page=page, content=form.content, by=request.assignment)
    except receipts.AlreadyWritten as written:
        return _already_written(request, patient, page, written)
    except receipts.NotOurKey:
        return _under_another_key(request, patient, None, page)
    except NotReady as error:
        form.add_problems(error.problems)
        return _page(request, form, key=page.key)
    except ChangedMeanwhile:
        form.add_error(None, MERGED)
        return _page(request, form, key=page.key)
    except access.NoSuchPatient:
        raise Http404 from None
    messages.success(request, f"Kvittot är sparat som {number}.")
    return _go_to(request, number)


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, number: str) -> HttpResponse:
    """Say it anew as the next version."""
    receipt = open_receipt(request, number, activity="Rätta återlämningskvitto")
    patient = receipt.patient
    if request.method == "GET":
        return _page(request, _form(request, patient, receipt, initial=initial_of(receipt)), key=uuid.uuid4())
    page = page_of(request)
    try:
        receipts.refuse_second(page, patient, by=request.assignment)
        form, is_right = _posted(request, patient, receipt, page)
        if not is_right:
            return _page(request, form, key=page.key)
        why = form.cleaned_data["correction"]
        receipts.correct(receipt, page=page, content=form.content, why=why, seen=seen(request), by=request.assignment)
    except receipts.AlreadyWritten as written:
        return _already_written(request, patient, page, written)
    except receipts.NotOurKey:
        return _under_another_key(request, patient, receipt, page)
    except NotReady as error:
        form.add_problems(error.problems)
        return _page(request, form, key=page.key)
    except ChangedMeanwhile:
        form.add_error(None, CHANGED)
        return _page(request, form, key=page.key)
    except access.NoSuchPatient:
        raise Http404 from None
    messages.success(request, "Rättelsen är sparad. Det som stod förut finns kvar bredvid.")
    return _go_to(request, number)


def _go_to(request: HttpRequest, number: str) -> HttpResponse:
    """To the receipt; the page's script is told where, since a redirect would be followed out of its sight."""
    url = reverse("pickups:receipt", args=[number])
    return JsonResponse({"url": url}) if KEEPS_PAGE in request.headers else redirect(url)


def _open(request: HttpRequest, patient_id: uuid.UUID) -> Patient:
    try:
        return access.open_patient(request.assignment, patient_id, activity="Skriva återlämningskvitto", resource=access.Resource(receipts.RESOURCE))
    except access.NoSuchPatient:
        raise Http404 from None


def _begin(request: HttpRequest, patient: Patient) -> dict[str, Any]:
    """What a new receipt begins with: now, at home, and what the address names."""
    now = timezone.localtime()
    initial: dict[str, Any] = {"received_on": now.date(), "received_time": now.time(), "method": "HOME"}
    number, loan = request.GET.get("hamtorder", ""), request.GET.get("hjalpmedel", "")
    if number:
        order = PickupOrder.objects.visible_to(request.assignment).open().filter(patient=patient, number=number).first()
        if order is None:
            raise Http404
        initial["order"] = order.number
        # All of it, since that is what one has come for.
        for item in order.items.filter(cancelled_sequence__isnull=True):
            initial[f"l{item.loan_id}" if item.loan_id is not None else f"p{item.pk}"] = {"taken": True, "quantity": item.quantity}
    if loan:
        initial[f"l{loan}"] = {"taken": True}
    return initial


def _form(request: HttpRequest, patient: Patient, receipt: ReturnReceipt | None, *, initial: dict[str, Any] | None = None) -> ReceiptForm:
    by = request.assignment
    orders = open_pickups(patient, by)
    if receipt is not None and receipt.latest.order is not None and receipt.latest.order not in orders:
        orders.append(receipt.latest.order)
    posted = request if request.method == "POST" else None
    choices: Sequence[Choice] = choices_of(patient, by=by, receipt=receipt)
    return ReceiptForm(posted, choices=choices, orders=orders, patient=patient, by=by, receipt=receipt, initial=initial)


def _posted(request: HttpRequest, patient: Patient, receipt: ReturnReceipt | None, page: Page) -> tuple[ReceiptForm, bool]:
    """The form, and whether it is right and meant to be saved. Its photos are kept whatever else is wrong."""
    form = _form(request, patient, receipt)
    is_right = form.is_valid()
    if request.POST.get("do") == "find":
        form.keep_errors_of("number")
        is_right = False
    return form, _keep_photos(request, form, page.key, beside=receipt) and is_right


def _keep_photos(request: HttpRequest, form: ReceiptForm, key: uuid.UUID, *, beside: ReturnReceipt | None = None) -> bool:
    """Check and keep each photo that was sent along. Returns whether all were let in; those that were not are told at their fields."""
    is_right = True
    for one in form.all_forms:
        if "photos" not in one.fields:
            continue
        for upload in request.FILES.getlist(one.add_prefix("photos")):
            try:
                checked = attachments.check(upload, upload.name or "")
                if checked.media_type == "application/pdf":
                    raise attachments.Refused("Ett foto ska vara en bild. Välj en annan fil.")
                # A camera names its pictures by when and in which phone: that is nobody's business.
                checked = dataclasses.replace(checked, name=f"foto.{checked.name.rpartition('.')[2]}")
                receipts.keep_photo(checked, key=key, choice=one.prefix or "", by=request.assignment, beside=beside and beside.latest)
            except attachments.Refused as refused:
                one.add_error("photos", refused.text)
                is_right = False
            except receipts.TooManyPhotos:
                one.add_error("photos", f"Kvittot kan ha högst {receipts.MOST_PHOTOS} foton. Ta bort något först.")
                is_right = False
    return is_right


def _already_written(request: HttpRequest, patient: Patient, page: Page, written: receipts.AlreadyWritten) -> HttpResponse:
    """The same sent again: the receipt that there is. Sent again with something changed since: that is a correction, and nothing of it is lost."""
    if written.is_same:
        messages.info(request, f"Kvittot var redan sparat som {written.number}.")
        return _go_to(request, written.number)
    receipt = open_receipt(request, written.number, activity="Rätta återlämningskvitto")
    key = uuid.uuid4()
    form = _form(request, patient, receipt)
    form.keep_errors_of()
    _keep_photos(request, form, key, beside=receipt)
    return _page(request, form, key=key, action=reverse("pickups:correct_receipt", args=[receipt.number]), is_late=True, status=409)


def _under_another_key(request: HttpRequest, patient: Patient, receipt: ReturnReceipt | None, page: Page) -> HttpResponse:
    """The page goes on under a key that is its own."""
    key = uuid.uuid4()
    receipts.move_photos(to=key, key=page.key, by=request.assignment)
    form = _form(request, patient, receipt)
    form.keep_errors_of()
    _keep_photos(request, form, key, beside=receipt)
    form.add_error(None, "Sidan kunde inte sparas. Det du skrev står kvar. Spara igen.")
    return _page(request, form, key=key)


def _page(request: HttpRequest, form: ReceiptForm, *, key: uuid.UUID, action: str = "", is_late: bool = False, status: int = 200) -> HttpResponse:
    receipt = form.receipt
    context = {
        "form": form,
        "forms": form.all_forms,
        "patient": form.patient,
        "receipt": receipt,
        "key": key,
        "action": action or request.get_full_path(),
        "is_late": is_late,
        **_kept_photos(request, form, key),
        "width": signature.WIDTH,
        "height": signature.HEIGHT,
        "none": NO_ORDER,
    }
    return render(request, "pickups/receipt_form.html", context, status=status)


def _kept_photos(request: HttpRequest, form: ReceiptForm, key: uuid.UUID) -> dict[str, Any]:
    """The aids, each with the photos that are here already, and those of all of it."""
    kept: dict[str, list[Kept]] = {}

    def add(token: str, photo: uuid.UUID, url: str = "") -> None:
        of_this = kept.setdefault(token, [])
        of_this.append(Kept(photo, f"Foto {len(of_this) + 1}", url, photo in form.dropped))

    if form.receipt is not None:
        receipt = form.receipt
        files = receipt.latest.files.filter(content=ReceiptFile.Content.PHOTO).select_related("item").order_by("pk")
        for file in files:
            add(receipts.token_of(file.item), file.attachment_id, reverse("pickups:receipt_file", args=[receipt.number, file.attachment_id]))
    for upload in ReceiptUpload.objects.filter(key=key, by=request.assignment).order_by("pk"):
        add(upload.choice, upload.public_id)
    return {"rows": [(item, kept.get(item.choice.token, [])) for item in form.items], "kept": kept.get("", [])}
