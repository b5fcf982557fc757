"""Steps of the main job, as a person takes them, and what the stand-in for SESAM2 is told meanwhile."""

import datetime
from typing import Any

from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Assignment
from core.templatetags.ui import day, long_day, personal_id
from integration.mock_sesam2.testing import MockSesam2
from patients.models import Patient
from tests.browser.hands import Hands

NUMBER_LABEL = "Personnummer, samordningsnummer eller reservnummer"
CARE_RELATION = "Jag deltar i vården av patienten eller behöver uppgifterna för mitt arbete i vården"
STANDS_STILL = 0.001  # a stand-in so slow that it does nothing more by itself while the test lasts


def now() -> str:
    return timezone.localtime().isoformat(timespec="milliseconds")


# --- A person ---


def log_in(me: Hands, who: Assignment) -> None:
    me.goes_to("/")
    me.is_on("Logga in")
    me.press(me.button(f"som {who.user.name}"))
    me.sees("Sök patient", "Att göra", "Öppna beställningar")


def search_patient(me: Hands, number: str) -> None:
    me.write(NUMBER_LABEL, number)
    me.press(me.button("Öppna patient"))


def open_patient(me: Hands, patient: Patient) -> None:
    """For the first time: the care relation is asked for, and nothing of the patient is told before."""
    search_patient(me, patient.identity.value)
    me.is_on("Bekräfta vårdrelation")
    me.sees_no(patient.family_name, "Storgatan 1", within="body")
    me.tick(CARE_RELATION)
    me.press(me.button("Öppna patienten"))
    me.is_on("Patient")
    me.sees(patient.name, personal_id(patient.identity.value), "Storgatan 1, 441 30 Alingsås", "Portkod 1357", within=".patient-band")


def add_by_number(me: Hands, number: str, name: str) -> None:
    me.write("Lägg till artikel", number)
    me.enter()
    expect(me.box(f"Antal {name}")).to_have_value("1")


def add_by_search(me: Hands, word: str, name: str) -> None:
    me.write("Lägg till artikel", word)
    if not me.has_scripts:
        me.press(me.button("Sök"))
    me.press(me.button(f"Lägg till {name}"))
    expect(me.box(f"Antal {name}")).to_have_value("1")


def send(me: Hands) -> str:
    """From the draft over the page to check it; the number of the order."""
    me.press(me.button("Granska"))
    me.is_on("Granska och skicka")
    me.press(me.button("Skicka beställningen"))
    me.is_on("Beställningen är skickad")
    return me.page.locator(".order-number").inner_text()


def order_of(sesam2: MockSesam2, number: str) -> dict[str, Any]:
    """The order as the stand-in has got it, which is within seconds."""
    received = sesam2.wait_for(lambda stand_in: [message for message in stand_in.received if message["subject"] == number], 20)
    assert [(message["messageType"], message["sequence"]) for message in received] == [("CustomerOrder", 1)]
    body: dict[str, Any] = received[0]["body"]
    return body


def see_confirmed(me: Hands, sesam2: MockSesam2, number: str, on: datetime.date) -> None:
    """The order's page tells by itself what SESAM2 answers."""
    me.press(me.link("Följ ordern"))
    me.is_on(f"Kundorder {number}")
    me.waits_for("Mottagen av SESAM2")
    me.waits_for(f"Bekräftad, leverans {long_day(on)}")
    me.sees("Bekräftad", within=".page-heading")
    me.sees(day(on), within="table")
    sesam2.control(speed=STANDS_STILL)


def despatch(sesam2: MockSesam2, number: str, advice: str, *lines: tuple[int, int, int]) -> None:
    """`lines` are line, quantity, outstanding."""
    told = [{"line": line, "quantity": quantity, "outstanding": left} for line, quantity, left in lines]
    sesam2.send(
        "DespatchAdvice", number, {"orderNumber": number, "despatchNumber": advice, "despatchedAt": now(), "carrier": "Hjälpmedelsbilen", "lines": told}
    )


def deliver(sesam2: MockSesam2, number: str, place: str, **more: Any) -> None:
    sesam2.send(
        "DeliveryConfirmation", number, {"orderNumber": number, "deliveredAt": now(), "placeType": place, "signed": True, "signedBy": "mottagaren", **more}
    )


def found(me: Hands, *numbers: str) -> None:
    """What the list of orders shows, in its order."""
    if numbers:
        expect(me.page.locator("tbody th a")).to_have_text(list(numbers))
    else:
        me.sees("Ingen beställning stämmer")
