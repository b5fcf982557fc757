"""An administrator keeps the code tables and other people's assignments, never their own rights."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Assignment, User
from tests import factories

ClientOf = Callable[[Assignment], Client]


@pytest.fixture
def held(db: None) -> Assignment:
    made = factories.assignment("Ada Administratör", "SUPPORT", at=factories.unit())
    User.objects.filter(pk=made.user_id).update(is_staff=True)
    return made


def form(user: User, **changed: str) -> dict[str, str]:
    management = {"assignments-TOTAL_FORMS": "1", "assignments-INITIAL_FORMS": "0", "assignments-MIN_NUM_FORMS": "0", "assignments-MAX_NUM_FORMS": "1000"}
    new = {"assignments-0-user": str(user.pk), "assignments-0-unit": str(factories.carol().unit_id), "assignments-0-role": "PRESCRIBER"}
    return {"hsa_id": user.hsa_id, "name": user.name, "is_active": "on", "assignments-0-starts_on": "2026-01-01"} | management | new | changed


def test_nobody_gives_themselves_a_role(held: Assignment, client_of: ClientOf) -> None:
    response = client_of(held).post(f"/admin/accounts/user/{held.user_id}/change/", form(held.user))
    assert response.status_code == 404  # a refusal looks like what does not exist
    assert list(Assignment.objects.filter(user=held.user)) == [held]


def test_a_colleague_gets_a_role_but_is_made_no_administrator(held: Assignment, client_of: ClientOf) -> None:
    bob = factories.bob()
    response = client_of(held).post(f"/admin/accounts/user/{bob.user_id}/change/", form(bob.user, is_staff="on"))
    assert response.status_code == 302
    assert set(Assignment.objects.filter(user=bob.user).values_list("role", flat=True)) == {"ORDERER", "PRESCRIBER"}
    assert not User.objects.get(pk=bob.user_id).is_staff


def test_whose_last_assignment_has_ended_is_no_administrator(held: Assignment, client_of: ClientOf) -> None:
    client = client_of(held)
    assert client.get("/admin/accounts/user/").status_code == 200
    Assignment.objects.filter(pk=held.pk).update(starts_on=factories.days_from_now(-9), ends_on=factories.days_from_now(-1))
    assert client.get("/admin/accounts/user/").status_code == 404
