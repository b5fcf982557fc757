"""In, from one assignment to another, and out: who one is, and where one lands."""

import datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from accounts.middleware import ASSIGNMENT_KEY
from accounts.models import Assignment, User
from accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db
LOGIN = "/konto/logga-in/"


def log_in(client: Client, assignment: Assignment, **more: str) -> Any:
    return client.post(LOGIN, {"assignment": assignment.pk, **more})


def is_logged_in(client: Client) -> bool:
    response = client.get("/")
    assert response.status_code == 200 or response.url == f"{LOGIN}?next=/"
    return bool(response.status_code == 200)


# --- In --------------------------------------------------------------------------------------------


def test_a_persona_logs_in_with_the_assignment_that_was_chosen(client: Client) -> None:
    alice, carol = factories.alice(), factories.carol()
    page = client.get(LOGIN).content.decode()
    assert "Alice Ask" in page
    assert "Carol Ceder" in page
    response = log_in(client, carol)
    assert (response.status_code, response.url) == (302, "/")
    assert client.session[ASSIGNMENT_KEY] == carol.pk
    shown = client.get("/").content.decode()
    assert "Vårdcentralen Sörhaga" in shown
    assert alice.unit.name not in shown


def test_the_sessions_id_changes_at_login(client: Client) -> None:
    """An id that somebody planted before is worth nothing after."""
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    log_in(client, factories.alice())
    assert client.cookies["sessionid"].value != before
    planted = Client()
    planted.cookies["sessionid"] = before
    assert not is_logged_in(planted)


def test_another_person_on_the_same_screen_gets_nothing_of_the_first_ones_session(client: Client) -> None:
    log_in(client, factories.alice())
    session = client.session
    session["patient_number"] = "191212121212"
    session.save()
    log_in(client, factories.dan())
    assert "patient_number" not in client.session
    assert client.session[ASSIGNMENT_KEY] == factories.dan().pk


@pytest.mark.parametrize("assignment", ["", "0", "-1", "999999999", "abc", "1 OR 1=1", "9" * 100, "\x00"])
def test_what_is_no_assignment_logs_nobody_in(assignment: str, client: Client) -> None:
    factories.alice()
    assert client.post(LOGIN, {"assignment": assignment}).status_code == 200
    assert not is_logged_in(client)


def test_only_assignments_in_force_can_be_chosen(client: Client) -> None:
    today = timezone.localdate()
    day = datetime.timedelta(days=1)
    for name, changes in {
        "ended": {"starts_on": today - 10 * day, "ends_on": today - day},
        "coming": {"starts_on": today + day},
    }.items():
        assignment = factories.assignment(name, Role.PRESCRIBER, at=factories.unit())
        Assignment.objects.filter(pk=assignment.pk).update(**changes)
        assert name not in client.get(LOGIN).content.decode()
        assert log_in(client, assignment).status_code == 200
        assert not is_logged_in(client)
    last_day = factories.assignment("last day", Role.PRESCRIBER, at=factories.unit())
    Assignment.objects.filter(pk=last_day.pk).update(ends_on=today)
    assert log_in(client, last_day).status_code == 302


def test_a_login_needs_the_forms_token() -> None:
    alice = factories.alice()
    strict = Client(enforce_csrf_checks=True)
    assert log_in(strict, alice).status_code == 403
    assert not is_logged_in(strict)


# --- Where one lands -------------------------------------------------------------------------------


@pytest.mark.parametrize("following", ["/", "/patienter/", "/bestallningar/?status=oppna&cursor=x", "/hjalpmedel/?q=a%20b#top", "/konto/uppdrag/"])
def test_after_the_login_one_lands_where_one_was_going(following: str, client: Client) -> None:
    assert client.get(f"{LOGIN}?next={quote(following)}").context["next"] == following
    assert log_in(client, factories.alice(), next=following).url == following


ELSEWHERE = [
    "",
    "https://evil.example/",
    "http://evil.example",
    "HTTPS://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "\n//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "evil.example",
    "?next=//evil.example",
    "http:evil.example",
    "http:///evil.example",
    "https:/evil.example",
    "//evil.example\\@testserver/",
    "http://testserver@evil.example/",
    "http://testserver/patienter/",
    "//testserver/patienter/",
    "ftp://evil.example",
    "//[::1]/",
    "//[evil",
    "////",
]


@pytest.mark.parametrize("following", ELSEWHERE)
def test_one_never_lands_elsewhere(following: str, client: Client) -> None:
    response = log_in(client, factories.alice(), next=following)
    assert (response.status_code, response.url) == (302, "/")


def test_a_line_feed_in_the_address_writes_no_header(client: Client) -> None:
    response = log_in(client, factories.alice(), next="/x\r\nSet-Cookie: a=b")
    assert "\n" not in response.url
    assert "a" not in client.cookies


def test_what_stands_in_next_is_shown_as_text(client: Client) -> None:
    factories.alice()
    page = client.get(LOGIN, {"next": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page


# --- Personas are for the demo on one's own machine ------------------------------------------------


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "", "localhost"])
def test_where_personas_exist_no_other_machine_is_answered(address: str, client: Client) -> None:
    alice = factories.alice()
    for url in [LOGIN, "/", "/hjalp/", "/healthz"]:
        assert client.get(url, REMOTE_ADDR=address).status_code == 403
    response = client.post(LOGIN, {"assignment": alice.pk}, REMOTE_ADDR=address)
    assert response.status_code == 403
    assert "Alice" not in response.content.decode()
    assert not is_logged_in(client)
    assert client.get(LOGIN, REMOTE_ADDR="::1").status_code == 200


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"])
def test_where_personas_exist_nothing_that_came_through_a_proxy_is_answered(name: str, client: Client) -> None:
    assert client.get(LOGIN, headers={name: "127.0.0.1"}).status_code == 403


def test_where_there_are_no_personas_nobody_is_named_and_nobody_gets_in(client: Client, settings: Any) -> None:
    settings.PERSONAS_ENABLED = False
    alice = factories.alice()
    for response in [client.get(LOGIN), log_in(client, alice)]:
        assert response.status_code == 200
        assert "Alice" not in response.content.decode()
        assert "SITHS" in response.content.decode()
    assert not is_logged_in(client)


# --- From one assignment to another ----------------------------------------------------------------


def test_switching_assignment_changes_the_sessions_id_and_what_one_may(client: Client) -> None:
    alice = factories.alice()
    other = factories.assignment("Alice Ask", Role.INVOICE_READER, at=factories.unit("Vårdcentralen Sörhaga"))
    log_in(client, alice)
    before = client.cookies["sessionid"].value
    assert client.get("/bestallningar/").status_code == 200
    response = client.post("/konto/uppdrag/", {"assignment": other.pk})
    assert (response.status_code, response.url) == (302, "/")
    assert client.cookies["sessionid"].value != before
    assert client.get("/bestallningar/").status_code == 404
    stolen = Client()
    stolen.cookies["sessionid"] = before
    assert not is_logged_in(stolen)


def test_what_was_typed_in_one_assignment_does_not_follow_to_the_next(client: Client) -> None:
    """A number that was searched for at one unit is nothing that the other unit has asked for."""
    alice = factories.alice()
    other = factories.assignment("Alice Ask", Role.PRESCRIBER, at=factories.unit("Vårdcentralen Sörhaga"))
    factories.patient(factories.dan(), number=factories.test_numbers()[0])
    log_in(client, alice)
    assert client.post("/patienter/", {"number": factories.test_numbers()[0]}).url == "/patienter/bekrafta/"
    client.post("/konto/uppdrag/", {"assignment": other.pk})
    assert client.get("/patienter/bekrafta/").status_code == 404


def test_one_can_only_switch_to_an_assignment_of_ones_own(client: Client) -> None:
    alice, carol = factories.alice(), factories.carol()
    ended = factories.assignment("Alice Ask", Role.ORDERER, at=factories.unit())
    Assignment.objects.filter(pk=ended.pk).update(starts_on=timezone.localdate() - datetime.timedelta(9), ends_on=timezone.localdate() - datetime.timedelta(1))
    log_in(client, alice)
    page = client.get("/konto/uppdrag/").content.decode()
    assert carol.unit.name not in page
    for other in (carol, ended):
        assert client.post("/konto/uppdrag/", {"assignment": other.pk}).status_code == 200
        assert client.session[ASSIGNMENT_KEY] == alice.pk


# --- Out -------------------------------------------------------------------------------------------


def test_logging_out_ends_the_session_on_the_server(client: Client) -> None:
    log_in(client, factories.alice())
    before = client.cookies["sessionid"].value
    response = client.post("/konto/logga-ut/")
    assert (response.status_code, response.url) == (302, LOGIN)
    assert not is_logged_in(client)
    kept = Client()
    kept.cookies["sessionid"] = before
    assert not is_logged_in(kept)


def test_a_link_logs_nobody_out(client: Client) -> None:
    log_in(client, factories.alice())
    assert client.get("/konto/logga-ut/").status_code == 405
    assert is_logged_in(client)


@pytest.mark.parametrize("what", ["assignment ended", "assignment begins later", "user switched off", "assignment is somebody else's", "assignment is gone"])
def test_what_ends_a_right_counts_at_the_next_request(what: str, client: Client) -> None:
    alice = factories.alice()
    log_in(client, alice)
    assert is_logged_in(client)
    today = timezone.localdate()
    if what == "assignment ended":
        Assignment.objects.filter(pk=alice.pk).update(starts_on=today - datetime.timedelta(9), ends_on=today - datetime.timedelta(1))
    elif what == "assignment begins later":
        Assignment.objects.filter(pk=alice.pk).update(starts_on=today + datetime.timedelta(1))
    elif what == "user switched off":
        User.objects.filter(pk=alice.user_id).update(is_active=False)
    elif what == "assignment is somebody else's":
        Assignment.objects.filter(pk=alice.pk).update(user=factories.dan().user)
    else:
        Assignment.objects.filter(pk=alice.pk).delete()
    for url in ["/", "/patienter/", "/bestallningar/", "/konto/uppdrag/"]:
        assert client.get(url).status_code == 302
        assert client.post(url, {"number": "191212121212"}).url == f"{LOGIN}?next=/"


def test_a_changed_role_counts_at_the_next_request(client: Client) -> None:
    alice = factories.alice()
    log_in(client, alice)
    assert client.get("/bestallningar/").status_code == 200
    Assignment.objects.filter(pk=alice.pk).update(role=Role.SUPPORT)
    assert client.get("/bestallningar/").status_code == 404


def test_a_session_that_was_forged_or_has_expired_is_no_session(client: Client) -> None:
    for value in ["", "x" * 32, "'; --", "../../etc/passwd", "å" * 32]:
        client.cookies["sessionid"] = value
        assert not is_logged_in(client)


# --- Headers ---------------------------------------------------------------------------------------


def test_what_a_logged_in_person_sees_is_kept_in_no_cache(client: Client) -> None:
    assert "no-store" not in client.get("/hjalp/").get("Cache-Control", "")
    log_in(client, factories.alice())
    for url in ["/", "/hjalp/", "/patienter/", "/finns-inte/"]:
        assert client.get(url)["Cache-Control"] == "no-store"


def test_every_page_forbids_what_a_page_could_do_harm_with(client: Client) -> None:
    response = client.get(LOGIN)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (response["X-Content-Type-Options"], response["Referrer-Policy"], response["X-Frame-Options"]) == ("nosniff", "same-origin", "DENY")
    log_in(client, factories.alice())
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["sessionid"]["samesite"] == "Lax"
