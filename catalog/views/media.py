"""Pictures and documents, as the browser fetches them."""

import re

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, requires
from catalog.models import Media, StoredFile

# What a browser may show by itself; everything else is saved as a file.
SHOWN_TYPES = {"image/webp", "image/jpeg", "image/png", "application/pdf"}


@requires(Permission.SEE_CATALOG)
@require_safe
def media(request: HttpRequest, sha256: str) -> FileResponse:
    """A picture or document by the hash of its content, so it may be kept for good. Strangers made it: it may run nothing and load nothing."""
    file = get_object_or_404(StoredFile, sha256=sha256)
    try:
        content = file.path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    is_shown = file.content_type in SHOWN_TYPES
    response = FileResponse(
        content, content_type=file.content_type if is_shown else "application/octet-stream", as_attachment=not is_shown, filename=_file_name(file)
    )
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response


def _file_name(file: StoredFile) -> str:
    """What the feed calls a document, as far as that is a name, with the ending of what it is."""
    ending = file.content_type.rpartition("/")[2]
    named = ""
    if not file.content_type.startswith("image/"):
        named = Media.objects.filter(stored=file).exclude(file_name="").values_list("file_name", flat=True).first() or ""
    stem = re.sub(r"[^\w .,()-]", "_", re.split(r"[/\\]", named)[-1].removesuffix(f".{ending}")).strip(" .")
    return f"{stem[:100] or file.sha256[:12]}.{ending}"
