"""The menu: only what the role opens, and where in the portal one is."""

from typing import Any

import pytest
from bs4 import BeautifulSoup

from accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db


def links(browser: Any, url: str, name: str) -> list[tuple[str, bool]]:
    """Text of each link of the navigation called `name`, and whether it is the one where one is."""
    found = BeautifulSoup(browser.get(url).content, "html.parser").select_one(f'nav[aria-label="{name}"]')
    return [(link.get_text(), link.get("aria-current") == "page") for link in found.select("a")] if found else []


def test_kinds_of_order_share_a_place_in_the_menu_and_stand_side_by_side_on_their_lists(client_of: Any) -> None:
    browser = client_of(factories.alice())
    for url, here in [("/bestallningar/", "Kundorder"), ("/arbetsorder/", "Arbetsorder")]:
        assert ("Beställningar", True) in links(browser, url, "Huvudmeny")
        beside = links(browser, url, "Beställningar")
        assert {text for text, _ in beside} >= {"Kundorder", "Arbetsorder"}
        assert [text for text, is_here in beside if is_here] == [here]
    assert links(browser, "/bestallningar/utkast/", "Beställningar") == []


def test_the_narrowest_part_is_where_one_is(client_of: Any) -> None:
    browser = client_of(factories.assignment("Eva Ek", Role.APPROVER, at=factories.unit()))
    here = [text for text, is_here in links(browser, "/bestallningar/godkannanden/", "Huvudmeny") if is_here]
    assert here == ["Att godkänna"]


def test_the_start_page_is_a_part_of_none_of_the_others(client_of: Any) -> None:
    browser = client_of(factories.alice())
    assert [text for text, is_here in links(browser, "/", "Huvudmeny") if is_here] == ["Start"]
    assert not any(is_here for _, is_here in links(browser, "/besked/", "Huvudmeny"))


def test_the_menu_holds_only_what_the_role_opens(client_of: Any) -> None:
    browser = client_of(factories.assignment("Liv Lund", Role.LOG_REVIEWER, at=factories.unit()))
    assert [text for text, _ in links(browser, "/", "Huvudmeny")] == ["Start", "Hjälpmedel"]
