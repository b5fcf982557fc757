"""What goes wrong, said plainly: what happened, whether anything was saved, what to do; and nothing more."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.test_access import ROWS, World, _world, everything, world  # noqa: F401 - the one table of addresses, and its fixtures

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_an_address_that_does_not_exist_is_404_for_everyone(client: Client, client_of: Any) -> None:
    for browser in [client, client_of(factories.alice())]:
        response = browser.get("/finns-inte/<script>alert(1)</script>")
        assert response.status_code == 404
        assert "Sidan finns inte" in text_of(response)
        assert "Inget är ändrat" in text_of(response)
        assert "script>alert" not in response.content.decode()


def test_a_form_without_its_token_is_403_and_changes_nothing(client_of: Any) -> None:
    alice = factories.alice()
    draft = factories.draft(alice)
    strict = client_of(alice)
    strict.handler.enforce_csrf_checks = True
    response = strict.post(f"/bestallningar/utkast/{draft.public_id}/skicka/")
    assert response.status_code == 403
    assert "sparat" in text_of(response)
    draft.refresh_from_db()
    assert draft.number is None


def test_every_unsafe_address_asks_for_the_token(client_of: Any, world: World) -> None:  # noqa: F811 - the fixture that is imported
    """But SESAM2's, which is signed."""
    strict = client_of(world.alice)
    strict.handler.enforce_csrf_checks = True
    before = everything()
    for name, row in ROWS.items():
        if "POST" in row.methods and name != "components":
            response = strict.post(reverse(name, kwargs=row.sample(world)), row.data)
            assert response.status_code == 403, name
    assert everything() == before


def test_an_error_of_ours_gives_a_number_to_quote_and_tells_nothing_of_itself(client_of: Any, log_lines: Any) -> None:
    alice = factories.alice()
    order = factories.order(alice)
    browser = client_of(alice)
    browser.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE orders_orderhistory RENAME COLUMN note TO gone")
    response = browser.get(f"/bestallningar/{order.number}/")
    assert response.status_code == 500
    shown = text_of(response)
    assert response["X-Request-Id"] in shown
    assert "Något gick fel hos oss" in shown
    for detail in ["Traceback", "ProgrammingError", "orders_orderhistory", "SELECT", "Tolvan"]:
        assert detail not in response.content.decode()
    assert any(response["X-Request-Id"] in line and "ProgrammingError" in line for line in log_lines())


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:80@127.0.0.1"])
def test_another_host_name_is_400(host: str, client: Client) -> None:
    response = client.get("/hjalp/", headers={"host": host})
    assert response.status_code == 400
    assert "evil" not in response.content.decode()


@pytest.mark.parametrize(
    "path",
    ["/%00", "/%ff", "/patienter/%0d%0aSet-Cookie:a=b/", "/../../etc/passwd", "//evil.example/", "/bestallningar/K-2026-00000001-1%00/", "/" + "x" * 5000],
)
def test_a_strange_address_is_404(path: str, client: Client) -> None:
    response = client.get(path)
    assert response.status_code in {302, 404}
    if response.status_code == 302:
        assert response.url.startswith(("/konto/logga-in/", "/%2F"))
    assert "a" not in client.cookies


def test_a_form_with_too_many_fields_is_400(client_of: Any) -> None:
    response = client_of(factories.alice()).post("/patienter/", {f"f{number}": "" for number in range(1001)})
    assert response.status_code == 400


@pytest.mark.parametrize("url", ["/hjalp/", "/tillganglighet/", "/komponenter/"])
def test_pages_for_everyone_need_no_login(url: str, client: Client) -> None:
    response = client.get(url)
    assert response.status_code == 200
    assert "sessionid" not in client.cookies
