"""Reading a page as a person does: its form's fields, its errors, its words."""

from typing import Any

from bs4 import BeautifulSoup, Tag
from django.test import Client

LIST = "/bestallningar/"


def soup_of(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def words(element: Tag | None) -> str:
    """The element's text with single spaces; "" for none."""
    return " ".join(element.get_text(" ").split()) if element is not None else ""


def typed(soup: BeautifulSoup, form_id: str = "utkast") -> dict[str, str]:
    """What the browser would send from the form as it stands."""
    form = soup.find(id=form_id)
    assert isinstance(form, Tag)
    data: dict[str, str] = {}
    for control in form.find_all(["input", "textarea", "select"]):
        name = control.get("name")
        if not name:
            continue
        if control.name == "select":
            chosen = control.find("option", selected=True) or control.find("option")
            data[name] = chosen.get("value", "") if chosen else ""
        elif control.name == "textarea":
            data[name] = control.text.removeprefix("\n")
        elif control.get("type") not in {"radio", "checkbox"} or control.has_attr("checked"):
            data[name] = control.get("value", "on" if control.get("type") == "checkbox" else "")
    return data


def error_at(soup: BeautifulSoup, field: str) -> str:
    """What stands as error at the field; "" for none."""
    return words(soup.find(id=f"id_{field}_error"))


def errors(soup: BeautifulSoup) -> list[str]:
    """The fields that have an error, by their name."""
    return [tag["id"].removeprefix("id_").removesuffix("_error") for tag in soup.find_all(attrs={"data-field": "validation"})]


def heading(response: Any) -> str:
    return words(soup_of(response).find("h1"))


def numbers(response: Any) -> list[str]:
    """The order numbers in the list, from above."""
    return [words(link) for link in soup_of(response).select("main table tbody th a")]


def get(client: Client, url: str, **query: str) -> BeautifulSoup:
    response = client.get(url, query)
    assert response.status_code == 200, (url, response.status_code)
    return soup_of(response)
