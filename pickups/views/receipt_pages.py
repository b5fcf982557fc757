"""A receipt that is written: its page, on paper, its files; and the list of the unit's."""

import base64
import uuid
from itertools import pairwise
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.permissions import Permission, may, requires
from core import qr
from core.paging import keyset_page
from core.templatetags.ui import thousands
from integration.attachments import content_of
from integration.delivery import progress_of
from ordering import listing
from ordering.pages import file_response
from patients import access
from patients.forms import NumberForm
from pickups import comparing
from pickups.actions.receipts import RESOURCE
from pickups.forms.receipt_search import ReceiptSearchForm
from pickups.models import ReceiptFile, ReceiptItem, ReceiptVersion, ReturnReceipt
from pickups.views.opened_receipts import open_receipt

ACTIVITY = "Återlämningskvitton"


@requires(Permission.SEE_ORDERS)
@require_GET
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """What it says now, what has become of the aids since, and what it said before."""
    shown = open_receipt(request, number, activity="Visa återlämningskvitto")
    versions = _versions(shown)
    context = _context(shown, versions[-1]) | {
        "progress": progress_of(shown.number),
        "may_correct": may(request.assignment, Permission.PLACE_ORDER),
        # Each beside the one before it, the last correction first.
        "corrections": [(after, before, comparing.differences(before, after)) for before, after in pairwise(versions)][::-1],
        "first": versions[0],
    }
    return render(request, "pickups/receipt.html", context)


@requires(Permission.SEE_ORDERS)
@require_GET
def progress(request: HttpRequest, number: str) -> HttpResponse:
    """What the page asks for while the receipt is on its way to SESAM2. It tells nothing of the patient."""
    if not ReturnReceipt.objects.visible_to(request.assignment).filter(number=number).exists():
        raise Http404
    return render(request, "pickups/_receipt_progress.html", {"progress": progress_of(number), "number": number})


@requires(Permission.SEE_ORDERS)
@require_GET
def printout(request: HttpRequest, number: str) -> HttpResponse:
    """On paper. As a letter to the patient (`?brev`) it is given out (PDL 3 kap. 11 §), and logged so; else as printed. Logged when it is opened."""
    is_letter = "brev" in request.GET
    action = access.Action.DISCLOSE if is_letter else access.Action.PRINT
    shown = open_receipt(request, number, activity="Kvitto som brev till patienten" if is_letter else "Skriv ut återlämningskvitto", action=action)
    return render(request, "pickups/receipt_print.html", _context(shown, _versions(shown)[-1]) | {"is_letter": is_letter})


@requires(Permission.SEE_ORDERS)
@require_GET
def file(request: HttpRequest, number: str, attachment_id: uuid.UUID) -> HttpResponse:
    """A photo or a signature, also of an earlier version, to those who may open the receipt."""
    shown = open_receipt(request, number, activity="Öppna bilaga")
    found = ReceiptFile.objects.filter(version__receipt=shown, attachment=attachment_id).select_related("attachment").first()
    if found is None:
        raise Http404
    return file_response(found.attachment)


def _versions(shown: ReturnReceipt) -> list[ReceiptVersion]:
    """All that it has said, the first first."""
    files = Prefetch("files", ReceiptFile.objects.select_related("attachment").order_by("pk"))
    items = Prefetch("items", ReceiptItem.objects.with_returns().select_related("loan", "pickup_item").order_by("line"))
    versions = (
        ReceiptVersion.objects.filter(receipt=shown)
        .select_related("order", "received_by__user", "received_by__unit", "written_by__user")
        .prefetch_related(items, files)
    )
    found = list(versions.order_by("version"))
    for version in found:
        version.receipt = shown
    return found


def _context(shown: ReturnReceipt, version: ReceiptVersion) -> dict[str, Any]:
    files = list(version.files.all())
    photos = [one for one in files if one.content == ReceiptFile.Content.PHOTO]
    drawn = next((one for one in files if one.content == ReceiptFile.Content.SIGNATURE), None)
    return {
        "receipt": shown,
        "patient": shown.patient,
        "version": version,
        "rows": [(item, [photo for photo in photos if photo.item_id == item.pk]) for item in version.items.all()],
        "photos": [photo for photo in photos if photo.item_id is None],
        "where": comparing.where(version),
        "signed": comparing.signed(version),
        # Drawn by us from strokes, so that it may stand in the page itself, unlike other files.
        "signature": f"data:image/png;base64,{base64.b64encode(content_of(drawn.attachment)).decode()}" if drawn is not None else "",
        "qr": qr.data_uri(shown.number),
    }


# --- The list ------------------------------------------------------------------------------------------


@requires(Permission.SEE_ORDERS)
@require_http_methods(["GET", "POST"])
def receipt_list(request: HttpRequest) -> HttpResponse:
    """The unit's receipts, the latest first; of one patient, whose number is posted and never stands in the address."""
    number_form = NumberForm(request.POST if request.method == "POST" else None, auto_id="patient_%s")
    if request.method == "POST" and number_form.is_valid():
        patient = listing.patient_by_number(request, number_form, missing="Enheten har inga kvitton för det numret.")
        if patient is not None:
            return redirect(f"{request.path}?patient={patient.public_id}")
    form = ReceiptSearchForm(request.GET)
    patient = listing.patient_of(request, activity=ACTIVITY, resource=RESOURCE)
    found = form.narrow(ReturnReceipt.objects.listed_to(request.assignment))
    if patient is not None:
        found = found.filter(patient=patient)
    page = keyset_page(found.for_list(), order=("-created_at", "-id"), cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    access.log_listing(request.assignment, [(row.patient, access.Resource(RESOURCE, row.number, owner=row.unit)) for row in page.rows], activity=ACTIVITY)
    count = listing.count(found, order=("-created_at", "-id"))
    context = {
        "form": form,
        "number_form": number_form,
        "both_forms": [number_form, form],
        "page": page,
        "count_text": f"Fler än {thousands(listing.MOST_COUNTED)} kvitton" if count.is_capped else f"{thousands(count.number)} kvitton",
        "is_filtered": form.is_narrow or patient is not None,
        "patient": patient,
        "kept": [("patient", request.GET["patient"])] if patient else [],
        "tabs": [("Hämtorder", reverse("pickups:list"), False), ("Kvitton", reverse("pickups:receipts"), True)],
    }
    return render(request, "pickups/receipts.html", context)
