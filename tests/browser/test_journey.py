"""The main job, from the start page to SESAM2 and back, done by `hands`: with the mouse, by keyboard alone, without JavaScript."""

import datetime
from typing import Any

from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Assignment, Customer
from core.forms import phone_for_reading
from core.templatetags.ui import day, long_day, personal_id
from integration.mock_sesam2.testing import MockSesam2
from tests import factories
from tests.browser.hands import Hands
from tests.browser.steps import (
    NUMBER_LABEL,
    add_by_number,
    add_by_search,
    deliver,
    despatch,
    found,
    log_in,
    open_patient,
    order_of,
    search_patient,
    see_confirmed,
    send,
)

MESSAGE = "Ring en timme innan. Hunden är snäll – men skäller."
DELAY = "Leverantören väntar på ryggklädsel."
CANCELLED = "Rullstolen har utgått hos leverantören."


def test_a_kundorder_goes_to_sesam2_and_back(hands: Hands, sesam2: MockSesam2) -> None:
    me, alice = hands, factories.alice()
    patient = factories.patient(factories.carol(), number=factories.test_numbers()[0])
    other_patient = factories.patient(alice, number=factories.test_numbers()[1], given_name="Märta", family_name="Åkerblom")
    customer = Customer.objects.create(unit=alice.unit, number="600999", name="Rehab, korttid", payer_number="700010", payer_name="VGR primärvård")
    wheelchair = factories.article("Rullstol Allround 45 cm", number="RA-45", sesam_number="118842")
    rollator = factories.article("Rollator Bris 2, medium", sesam_number="118418")
    wanted_on, before = factories.workday_from_now(20), timezone.localdate()
    sesam2.control(speed=4)

    # 1–2. The start page, the patient.
    log_in(me, alice)
    me.sees("Inget nytt behöver dig just nu.", "Inget är på väg")
    open_patient(me, patient)

    # 3. A new kundorder.
    me.press(me.button("Nytt hjälpmedel"))
    me.is_on("Ny kundorder")
    me.select("Kund", "600999 Rehab, korttid – betalare VGR primärvård")
    add_by_number(me, "118842", wheelchair.name)
    add_by_search(me, "bris", rollator.name)
    me.write(f"Antal {wheelchair.name}", "3")
    me.choose("Hem till patienten")
    me.write("Önskat leveransdatum", wanted_on.isoformat())
    me.write("Meddelande till centralen", MESSAGE)
    me.press(me.button("Granska"))
    me.is_on("Granska och skicka")
    me.sees(wheelchair.name, rollator.name, "Hem till patienten", "Storgatan 1, 441 30 Alingsås", "1357", day(wanted_on), MESSAGE)
    me.sees("600999 Rehab, korttid", "700010 VGR primärvård", alice.user.name, "Elsa Tolvansson", phone_for_reading("+46701740607"))
    me.press(me.button("Skicka beställningen"))
    me.is_on("Beställningen är skickad")
    number = me.page.locator(".order-number").inner_text()

    # 4. It is at SESAM2 as it was written, and its answers come back.
    body = order_of(sesam2, number)
    assert body == {
        "orderNumber": number,
        "patient": {"idType": "PERSONNUMMER", "id": patient.identity.value, "name": "Tolvan Tolvansson", "protected": False},
        "orderer": _person(alice),
        "prescriber": _person(alice),
        "party": {"unitHsaId": alice.unit.hsa_id, "unitName": alice.unit.name, "customerNumber": customer.number, "payerNumber": customer.payer_number},
        "purpose": "LOAN",
        "urgent": False,
        "requestedDate": wanted_on.isoformat(),
        "acceptEquivalent": True,
        "deliverTogether": False,
        "delivery": {
            "method": "HOME",
            "recipientName": "Tolvan Tolvansson",
            "street": "Storgatan 1",
            "postalCode": "44130",
            "city": "Alingsås",
            "doorCode": "1357",
            "noDoorCode": False,
            "hospital": False,
            "contactName": "Elsa Tolvansson",
            "contactPhone": "+46701740607",
            "instructions": MESSAGE,
        },
        "lines": [_line(1, wheelchair, 3), _line(2, rollator, 1)],
        "attachments": [],
    }
    see_confirmed(me, sesam2, number, wanted_on)

    # Delayed: a notice, unread until opened; the new date and the reason on the order's page.
    me.press(me.menu("Start"))
    me.sees("Inget nytt behöver dig just nu.", number, day(wanted_on))
    sesam2.control(delay_next={"orderNumber": number, "days": 9, "reason": DELAY})
    me.reloads_until(lambda: "1 ärende behöver dig." in me.page.locator("main").inner_text())
    me.sees("Försenad", DELAY)
    me.press(me.link(f"Kundorder {number} är försenad", exact=True))
    me.is_on(f"Kundorder {number}")
    sent = next(message for message in sesam2.sent if message["messageType"] == "DeliveryDelayed")
    new_date = datetime.date.fromisoformat(sent["body"]["promisedDate"])
    assert new_date > wanted_on
    me.sees(f"Leveransen är försenad till {long_day(new_date)}", f"Tidigare {long_day(wanted_on)}", DELAY)
    me.press(me.menu("Start"))
    me.sees("Inget nytt behöver dig just nu.", day(new_date))

    # Makulerad with its reason; ordered again, with everything carried over.
    sesam2.control(cancel_next={"orderNumber": number, "reasonCode": "OUT_OF_STOCK", "reason": CANCELLED})
    me.reloads_until(lambda: "är makulerad" in me.page.locator("main").inner_text())
    me.sees("1 ärende behöver dig.", CANCELLED)
    me.press(me.link(f"Kundorder {number} är makulerad", exact=True))
    me.sees("Beställningen är makulerad", CANCELLED)
    sesam2.control(speed=4)
    me.press(me.button("Beställ igen"))
    me.is_on("Ny kundorder")
    me.sees(number, "är med. Kontrollera och ändra det som behövs.")
    second = send(me)
    assert second != number
    again = order_of(sesam2, second)
    assert again == body | {"orderNumber": second}
    see_confirmed(me, sesam2, second, wanted_on)

    # Despatched in parts, delivered in parts; kvitterad, since it was signed where the patient stays.
    despatch(sesam2, second, "FS-1", (1, 1, 2), (2, 1, 0))
    me.waits_for(f"1 {wheelchair.name}, 1 {rollator.name}. Följesedel FS-1. Transportör Hjälpmedelsbilen.")
    deliver(sesam2, second, "RESIDENCE", despatchNumber="FS-1")
    me.waits_for("Delleverans kvitterad")
    me.sees("Delvis levererad", within=".page-heading")
    despatch(sesam2, second, "FS-2", (1, 2, 0))
    deliver(sesam2, second, "RESIDENCE", despatchNumber="FS-2")
    me.waits_for("Levererad och kvitterad")
    me.sees("Kvitterad", within=".page-heading")

    # Signed at a hospital: delivered, but not kvitterad.
    at_hospital = str(factories.order(alice, to=other_patient).number)
    deliver(sesam2, at_hospital, "HOSPITAL")
    me.press(me.menu("Start"))
    me.reloads_until(lambda: f"Kundorder {at_hospital} är levererad" in me.page.locator("main").inner_text())
    me.press(me.link(f"Kundorder {at_hospital} är levererad", exact=True))
    me.is_on(f"Kundorder {at_hospital}")
    me.sees("Levererad", within=".page-heading")
    me.sees_no("vitterad")

    # 5. Sök kundorder.
    me.press(me.menu("Beställningar"))
    found(me, at_hospital, second, number)
    me.sees(day(wanted_on))
    me.write("Ordernummer", second)
    me.press(me.button("Sök"))
    found(me, second)
    me.press(me.link("Rensa"))
    me.write("Artikel", "bris")
    me.press(me.button("Sök"))
    found(me, second, number)
    me.press(me.link("Rensa"))
    me.select("Status", "Kvitterad")
    me.select("Vems", "Mina")
    me.press(me.button("Sök"))
    found(me, second)
    me.press(me.link("Rensa"))
    me.write("Skickad till", (before - datetime.timedelta(days=1)).isoformat())
    me.press(me.button("Sök"))
    found(me)
    me.press(me.link("Rensa"))
    me.write("Skickad från", before.isoformat())
    me.select("Sortera efter", "Leveransdatum")
    me.press(me.button("Sök"))
    expect(me.page.locator("tbody tr")).to_have_count(3)
    me.press(me.link("Rensa"))
    me.write(NUMBER_LABEL, patient.identity.value)
    me.press(me.button("Visa patientens"))
    found(me, second, number)
    assert patient.identity.value not in me.page.url


def test_a_prescriber_of_a_municipality_registers_a_patient_and_orders(hands: Hands, sesam2: MockSesam2) -> None:
    me, dan = hands, factories.dan()
    customer = dan.unit.customers.get()
    point = factories.delivery_point(of=dan.unit.provider)
    article = factories.article("Duschpall Svalka", sesam_number="118777")
    number = factories.test_numbers()[2]
    sesam2.control(speed=4)

    log_in(me, dan)
    search_patient(me, f"{number[:8]}-{number[8:]}")
    me.is_on("Registrera patient")
    me.sees("Personnummer", personal_id(number))
    me.write("Förnamn", "Zofia")
    me.write("Efternamn", "Wojciechowska")
    me.write("c/o", "Ängström")
    me.write("Gatuadress", "Sveagatan 27")
    me.write("Postnummer", "441 32")
    me.write("Ort", "Alingsås")
    me.write("Portkod", "A1590")
    me.write("Telefon", "070-174 06 08")
    me.write("Namn", "Tomasz Wojciechowski")
    me.write("Relation till patienten", "son")
    me.write("Direkttelefon", "070-174 06 09")
    me.press(me.button("Registrera patienten"))
    me.is_on("Patient")
    me.sees("Patienten är registrerad.", "Tomasz Wojciechowski, son", "070-174 06 09", "c/o Ängström")
    me.sees("Zofia Wojciechowska", "Portkod A1590", within=".patient-band")

    me.press(me.button("Nytt hjälpmedel"))
    me.is_on("Ny kundorder")
    me.sees(f"{customer.number} {customer.name} – betalare Alingsås kommun")
    add_by_number(me, "118777", article.name)
    me.choose("Leveranspunkt")
    me.select("Vilken leveranspunkt", str(point))
    order = send(me)
    body = order_of(sesam2, order)
    assert body["party"] == {"unitHsaId": dan.unit.hsa_id, "unitName": dan.unit.name, "customerNumber": customer.number, "payerNumber": customer.payer_number}
    assert body["patient"]["id"] == number
    assert (body["delivery"]["method"], body["delivery"]["deliveryPointNumber"]) == ("DELIVERY_POINT", point.number)
    assert (body["delivery"]["contactName"], body["delivery"]["contactPhone"]) == ("Tomasz Wojciechowski", "+46701740609")
    see_confirmed(me, sesam2, order, datetime.date.fromisoformat(_promised(sesam2, order)))
    deliver(sesam2, order, "DELIVERY_POINT")
    me.waits_for("Levererad och kvitterad")


def _promised(sesam2: MockSesam2, number: str) -> str:
    accepted = sesam2.wait_for(lambda stand_in: [m for m in stand_in.sent if m["subject"] == number and m["body"].get("code") == "AP"])
    return str(accepted[0]["body"]["promisedDate"])


def _person(who: Assignment) -> dict[str, Any]:
    user = who.user
    return {"hsaId": user.hsa_id, "name": user.name, "phone": user.phone, "email": user.email, "profession": user.title}


def _line(line: int, article: Any, quantity: int) -> dict[str, Any]:
    return {
        "line": line,
        "supplierGln": article.supplier.gln,
        "supplierArticleNumber": article.number,
        "articleNumber": article.sesam_number,
        "name": article.name,
        "quantity": quantity,
        "unitPrice": "212.50",
    }
