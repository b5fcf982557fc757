"""The table of permissions, and the door that reads it."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.http import Http404, HttpResponse

from accounts.permissions import ROLES, Permission, may, public, requires
from accounts.roles import Role


def person(role: str, *, may_see_protected: bool = False) -> Any:
    return SimpleNamespace(role=role, unit=SimpleNamespace(may_see_protected=may_see_protected))


def test_every_role_has_a_row_and_may_use_the_portal() -> None:
    assert set(ROLES) == set(Role)
    assert all(Permission.USE_PORTAL in permissions for permissions in ROLES.values())


def test_only_who_may_open_a_patient_may_change_one_or_order() -> None:
    for permissions in ROLES.values():
        if permissions & {Permission.EDIT_PATIENT, Permission.PLACE_ORDER, Permission.PRESCRIBE, Permission.SEE_ORDERS}:
            assert Permission.OPEN_PATIENT in permissions
        if Permission.PRESCRIBE in permissions:
            assert Permission.PLACE_ORDER in permissions


def test_only_a_prescriber_prescribes() -> None:
    assert {role for role in Role if Permission.PRESCRIBE in ROLES[role]} == {Role.PRESCRIBER}


def test_protected_persons_are_seen_by_nobodys_role_alone_and_at_no_unit_by_who_may_open_no_patient() -> None:
    assert not any(Permission.SEE_PROTECTED in permissions for permissions in ROLES.values())
    for role in Role:
        assert not may(person(role), Permission.SEE_PROTECTED)
        assert may(person(role, may_see_protected=True), Permission.SEE_PROTECTED) == (Permission.OPEN_PATIENT in ROLES[role])


def test_who_is_not_logged_in_may_nothing() -> None:
    assert not any(may(None, permission) for permission in Permission)
    assert may(person(Role.PRESCRIBER), Permission.PRESCRIBE)
    assert not may(person(Role.ORDERER), Permission.PRESCRIBE)


def test_an_unknown_role_is_an_error_not_a_right() -> None:
    with pytest.raises(ValueError, match="EMPEROR"):
        may(person("EMPEROR"), Permission.USE_PORTAL)


def test_a_door_lets_in_whom_the_table_lets_in_and_is_not_there_for_others() -> None:
    @requires(Permission.PLACE_ORDER)
    def view(request: Any) -> HttpResponse:
        """A page."""
        return HttpResponse("in")

    assert view(SimpleNamespace(assignment=person(Role.ORDERER))).content == b"in"
    for assignment in [person(Role.SUPPORT), None]:
        with pytest.raises(Http404):
            view(SimpleNamespace(assignment=assignment))
    assert (view.__name__, view.__doc__, view.required_permission) == ("view", "A page.", Permission.PLACE_ORDER)
    assert not hasattr(view, "is_public")
    assert public(lambda request: HttpResponse()).is_public
