"""Files of a basis: asked for, and fetched."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import Permission, requires
from billing import access
from billing.actions import files
from billing.forms import FileForm, LineForm
from billing.models import InvoiceFile
from billing.views.opened import open_basis, open_lines


@requires(Permission.SEE_INVOICES)
@require_POST
def new_file(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Have a file made of the lines as they are narrowed; the answer is the page that tells how far it has come."""
    basis = open_lines(request, public_id, activity="Beställa fil")
    form, chosen = FileForm(request.POST), LineForm(request.POST, by=request.assignment, basis=basis)
    if not form.is_valid() or not chosen.is_valid():
        raise Http404
    file = files.order(
        basis, by=request.assignment, file_format=form.cleaned_data["format"], filters=chosen.filters, shows_patients=form.cleaned_data["patienter"]
    )
    if file.job is None:
        return redirect(basis)
    return redirect("accounts:job", public_id=file.job.public_id)


@requires(Permission.SEE_INVOICES)
@require_GET
def file(request: HttpRequest, public_id: uuid.UUID, file_id: uuid.UUID) -> HttpResponse | StreamingHttpResponse:
    """The file's bytes, part by part. Looked at again: the reader's right, and whether somebody in it has been protected since."""
    basis = open_basis(request, public_id, activity="Hämta fil", action=access.Action.EXPORT)
    found = InvoiceFile.objects.visible_to(request.assignment, basis).filter(public_id=file_id, state=InvoiceFile.State.READY).select_related("basis").first()
    if found is None:
        raise Http404
    if not access.may_fetch(request.assignment, found):
        messages.warning(request, "Filen kan inte hämtas längre: din behörighet eller skyddet för någon i filen har ändrats. Gör filen på nytt.")
        return redirect(basis)
    response = StreamingHttpResponse(files.parts_of(found), content_type=found.content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.name) or "attachment"
    response["Content-Length"] = str(found.size)
    response["Cache-Control"] = "private, no-store"
    return response
