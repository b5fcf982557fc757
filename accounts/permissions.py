"""What each role may do, as one table, and the door that every view has.

Three checks in three places: may this role do this (`@requires`, here) · does this record exist for this unit
(`visible_to`, in each app's models) · is this move possible now (`MOVES`, in each life cycle).
"""

import enum
import functools
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import Assignment
from accounts.roles import Role


class Permission(enum.StrEnum):
    USE_PORTAL = "Se startsidan, sina meddelanden och hjälpen"
    SEE_CATALOG = "Söka och läsa om hjälpmedel"
    SEE_FEED_HISTORY = "Se vad Hjälpmedelstjänsten har ändrat på ett hjälpmedel"
    EDIT_UNIT_FAVOURITES = "Välja enhetens favoriter bland hjälpmedlen"
    OPEN_PATIENT = "Öppna en patient som man har en vårdrelation med"
    EDIT_PATIENT = "Registrera en patient, ändra adress och kontaktperson"
    CHANGE_IDENTITY = "Byta en patients nummer, och ångra det"
    MERGE_PATIENTS = "Slå ihop två registreringar av samma person, och ångra det"
    CHANGE_PAYER = "Byta baskod och betalare för en patient"
    SEE_PROTECTED = "Öppna en patient med skyddade personuppgifter"
    SEE_ORDERS = "Se enhetens kundorder"
    PLACE_ORDER = "Göra, skicka och makulera kundorder"
    APPROVE_COST = "Godkänna eller avslå kostnadsförslag för enheten"
    PRESCRIBE = "Stå som förskrivare på en beställning"
    APPROVE_ORDER = "Godkänna eller skicka tillbaka enhetens kundorder"
    SEE_INDIVIDUAL = "Läsa individkort: var ett hjälpmedel med eget nummer är och har varit"
    SEE_STORE = "Se enhetens buffertförråd"
    TAKE_FROM_STORE = "Ta ut ur buffertförrådet till en patient, och lämna tillbaka dit"
    MANAGE_STORE = "Sköta buffertförrådet: nivåer, inventering, beställa, ta emot, flytta, kassera"
    REPORT_FAULT = "Göra en felrapport, och följa dem man har gjort"
    REPORT_LOST = "Anmäla att ett hjälpmedel är förkommet eller återfunnet"
    SEE_FAULT_REPORTS = "Se enhetens alla felrapporter och följa upp dem"
    HANDLE_DEVIATIONS = "Häva utredning, och se att svar finns som inte lämnas ut till anmälaren"
    RECALL = "Söka vem som har ett hjälpmedel som ska återkallas"
    SEE_INVOICES = "Läsa fakturaunderlag för de betalare man har fått"
    SEE_INVOICE_PATIENTS = "Se vilken patient en rad i fakturaunderlaget gäller"


P = Permission
_EVERYONE = frozenset({P.USE_PORTAL, P.SEE_CATALOG})
_ORDERING = frozenset({P.OPEN_PATIENT, P.SEE_INDIVIDUAL, P.EDIT_PATIENT, P.CHANGE_IDENTITY, P.SEE_ORDERS, P.PLACE_ORDER})

# Nobody has SEE_PROTECTED by role: it is given per unit (`CareUnit.may_see_protected`), by default to none.
ROLES: dict[Role, frozenset[Permission]] = {
    Role.PRESCRIBER: _EVERYONE | _ORDERING | {P.PRESCRIBE, P.EDIT_UNIT_FAVOURITES, P.SEE_STORE, P.TAKE_FROM_STORE, P.REPORT_FAULT, P.REPORT_LOST},
    Role.ORDERER: _EVERYONE | _ORDERING | {P.SEE_STORE, P.TAKE_FROM_STORE, P.REPORT_FAULT},
    Role.APPROVER: _EVERYONE | {P.OPEN_PATIENT, P.SEE_INDIVIDUAL, P.SEE_ORDERS, P.APPROVE_ORDER, P.APPROVE_COST, P.CHANGE_PAYER},
    Role.DEVIATION_HANDLER: _EVERYONE
    | {P.OPEN_PATIENT, P.SEE_INDIVIDUAL, P.SEE_ORDERS, P.SEE_FEED_HISTORY, P.REPORT_FAULT, P.REPORT_LOST, P.SEE_FAULT_REPORTS, P.HANDLE_DEVIATIONS, P.RECALL},
    Role.STORE_MANAGER: _EVERYONE | {P.SEE_INDIVIDUAL, P.SEE_STORE, P.MANAGE_STORE, P.REPORT_FAULT},
    Role.INVOICE_READER: _EVERYONE | {P.SEE_INVOICES},
    Role.UNIT_ADMIN: _EVERYONE
    | {P.EDIT_UNIT_FAVOURITES, P.SEE_FEED_HISTORY, P.OPEN_PATIENT, P.SEE_INDIVIDUAL, P.CHANGE_IDENTITY, P.MERGE_PATIENTS, P.CHANGE_PAYER},
    Role.LOG_REVIEWER: _EVERYONE,
    Role.SUPPORT: _EVERYONE | {P.SEE_FEED_HISTORY},
}


def may(assignment: Assignment | None, permission: Permission) -> bool:
    """Whether the role allows it; the right to protected persons is the unit's, for those who may open patients at all."""
    if assignment is None:
        return False
    allowed = ROLES[Role(assignment.role)]
    if permission is Permission.SEE_PROTECTED:
        return Permission.OPEN_PATIENT in allowed and assignment.unit.may_see_protected
    return permission in allowed


def roles_with(permission: Permission) -> list[Role]:
    """The roles that have the permission: to find people by it."""
    return [role for role, allowed in ROLES.items() if permission in allowed]


View = Callable[..., HttpResponse]


def requires(permission: Permission) -> Callable[[View], View]:
    """Open a view to those whose role has the permission.

    For others the address does not exist (404). Without a login the middleware has already answered.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may(request.assignment, permission):
                raise Http404
            return view(request, *args, **kwargs)

        checked.required_permission = permission  # type: ignore[attr-defined]
        return checked

    return decorate


def public(view: View) -> View:
    """Open a view to everyone, logged in or not. What it shows holds no personal data."""
    view.is_public = True  # type: ignore[attr-defined]
    return view
