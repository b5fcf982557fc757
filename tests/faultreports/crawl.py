"""Everything that a person can reach: each page that a link, a form's address, or the URLconf itself leads to, read as text."""

import io
import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from openpyxl import load_workbook

from faultreports.models import FaultReport

_LINK = re.compile(r'(?:href|action|hx-get|hx-post)="([^"#]+)')
_SKIPPED = ("/konto/logga-ut", "/static/")
# Elsewhere a query only sorts and narrows, in ways without number; such an address is read when it is asked for by name.
_QUERIES_OF = ("/felrapporter/", "/besked/", "/patienter/", "/individer/")
MOST_PAGES = 2000


def crawl(client: Client, *, start: Iterable[str]) -> dict[str, str]:
    """Address → what it says, of all that can be read from `start` on. What is posted is not, since that changes things."""
    found: dict[str, str] = {}
    waiting = list(start)
    while waiting:
        url = waiting.pop()
        if url in found or url.startswith(_SKIPPED):
            continue
        assert len(found) < MOST_PAGES
        response = client.get(url)
        found[url] = text_of(response)
        if response.status_code in {301, 302}:
            waiting.append(urljoin(url, response.url))
        for link in _LINK.findall(found[url]):
            target = urljoin(url, link.replace("&amp;", "&"))
            parts = urlsplit(target)
            if parts.netloc in {"", "testserver"} and (not parts.query or parts.path.startswith(_QUERIES_OF)) and target not in found:
                waiting.append(target)
    return found


def text_of(response: object) -> str:
    """The page with its headers; of a workbook every cell of every sheet, of another file its bytes."""
    body: bytes = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())  # type: ignore[attr-defined]
    if body.startswith(b"PK"):
        book = load_workbook(io.BytesIO(body))
        cells = (str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
        return headers + "\n" + "\n".join(cells)
    return headers + "\n" + body.decode(errors="replace")


def addresses(report: FaultReport) -> list[str]:
    """Every address of the URLconf that takes no argument, or a report's number or id."""
    return sorted(set(_filled(get_resolver(), "", report)))


def _filled(resolver: URLResolver, prefix: str, report: FaultReport) -> Iterable[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from _filled(entry, f"{prefix}{entry.pattern}", report)
        elif isinstance(entry, URLPattern):
            path = f"{prefix}{entry.pattern}".replace("^", "").replace("$", "")
            path = re.sub(r"\(\?P<number>F-[^)]*\)", str(report.number), path)
            path = re.sub(r"<uuid:public_id>", str(report.public_id), path) if "felrapporter" in path else path
            if not re.search(r"[<(\\]", path):
                yield f"/{path}"
