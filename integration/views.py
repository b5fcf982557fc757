"""SESAM2's door to the portal (contract, sections 1 and 6)."""

import functools
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.permissions import public
from integration import contract, inbox, signature
from integration.models import SeenNonce

log = structlog.get_logger(__name__)


def problem(error: contract.ContractError) -> JsonResponse:
    """An RFC 9457 answer. It never quotes what was sent."""
    return JsonResponse(error.problem(), status=error.status, content_type="application/problem+json")


NOT_LET_IN = contract.ContractError(401, "Not let in", "The signature, the clock or the key is wrong.")


def signed(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let in what carries a valid signature of SESAM2, once. Checked on the raw bytes before anything is parsed.

    A PUT may come again, its messageId is its nonce; the nonce of a GET or POST is accepted a single time.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            length = request.META.get("CONTENT_LENGTH") or "0"
            if not (length.isascii() and length.isdigit()):
                return problem(contract.ContractError(400, "No length", "Content-Length must be a number."))
            if int(length[:20]) > contract.MAX_BODY_BYTES:
                return problem(contract.ContractError(413, "Too large", "The body is larger than 1 MiB."))
            body = request.body
            try:
                verified = signature.verify(
                    method=request.method or "",
                    path_and_query=_path_as_sent(request),
                    headers=request.headers,
                    body=body,
                    keys=settings.SESAM2_KEYS,
                )
            except signature.BadSignature as error:
                log.error("sesam2.not_let_in", reason=str(error), path_name=request.resolver_match.view_name if request.resolver_match else "")
                return problem(NOT_LET_IN)
            if request.method == "PUT":
                if verified.nonce.lower() != str(kwargs.get("message_id", "")).lower():
                    return problem(NOT_LET_IN)
            elif not _is_fresh(verified.nonce):
                log.error("sesam2.replay")
                return problem(NOT_LET_IN)
            return view(request, *args, **kwargs)

        # SESAM2 has no session and no cookie: the signature stands where the CSRF token stands for a browser.
        return public(csrf_exempt(require_http_methods(list(methods))(checked)))

    return decorate


def _path_as_sent(request: HttpRequest) -> str:
    """The path and query as they stood on the wire; gunicorn hands them over untouched as RAW_URI."""
    raw = request.META.get("RAW_URI")
    return raw or request.get_full_path()


def _is_fresh(nonce: str) -> bool:
    try:
        with transaction.atomic():
            SeenNonce.objects.create(nonce=uuid.UUID(nonce))
    except IntegrityError:
        return False
    return True


@signed("PUT")
def message(request: HttpRequest, message_id: str) -> HttpResponse:
    """PUT /api/sesam2/v1/messages/{messageId}."""
    if request.content_type != "application/json":
        return problem(contract.ContractError(415, "Wrong media type", "Content-Type must be application/json."))
    try:
        received = inbox.receive(request.body, message_id=message_id)
    except contract.ContractError as error:
        return problem(error)
    if received is inbox.Received.OTHER_BODY:
        return problem(contract.ContractError(409, "Another body", "This messageId was stored with another body."))
    return HttpResponse(status=received.value)
