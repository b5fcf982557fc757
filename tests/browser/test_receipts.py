"""Återlämningskvitto at the patient's home: signed by finger, pen, keyboard or not at all, with a network that comes and goes."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import Assignment
from integration.mock_sesam2.testing import MockSesam2
from integration.models import OutgoingMessage
from patients.models import Patient
from pickups.models import ReceiptFile, ReceiptVersion, ReturnReceipt
from tests import factories
from tests.browser.hands import Hands, Keyboard, Mouse, WithoutScript
from tests.browser.portal import Portal
from tests.browser.walk import walk
from tests.pickups.handed import corrected, found, handed, loan, pickup, written

PHONE = {"width": 390, "is_mobile": True, "has_touch": True}
CHAIR = "Rullstol Allround 45 cm 40-1"
NAME = [(0.1, 0.6), (0.2, 0.2), (0.3, 0.7), (0.45, 0.3), (0.6, 0.6), (0.8, 0.4)]
INK = "(canvas) => canvas.toDataURL()"


def new(patient: Patient) -> str:
    return f"/hamtorder/kvitton/nytt/{patient.public_id}/"


def draw(page: Page) -> None:
    """With the mouse, as a name is written."""
    canvas = page.locator("canvas.signature")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    points = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in NAME]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=5)
    page.mouse.up()


def draw_with_a_finger(page: Page) -> None:
    canvas = page.locator("canvas.signature")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    screen = page.context.new_cdp_session(page)
    points = [{"x": box["x"] + box["width"] * x, "y": box["y"] + box["height"] * y} for x, y in NAME]
    screen.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [points[0]]})
    for point in points[1:]:
        screen.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def strokes(page: Page) -> Any:
    return json.loads(page.locator("[name=strokes]").input_value())


def fill_in(me: Hands, *, note: str = "") -> None:
    """All but the signature."""
    me.tick(CHAIR)
    me.choose("Delar saknas" if note else "Hel")
    if note:
        me.write("Anteckning", note)
    me.write("Vem lämnar hjälpmedlen?", "Elsa Tolvansson, dotter")


def save(me: Hands) -> None:
    me.press(me.button("Spara kvittot"))


def is_told(me: Hands, what: str) -> None:
    """Which of the page's notices about sending can be seen; the others are there too, but hidden."""
    expect(me.page.locator("[data-told]:visible")).to_have_count(1, timeout=20_000)
    expect(me.page.locator(f'[data-told="{what}"]')).to_be_visible(timeout=20_000)


def told(sesam2: MockSesam2, number: str) -> list[dict[str, Any]]:
    """What SESAM2 has been told of the receipt, when it has."""
    messages: list[dict[str, Any]] = sesam2.wait_for(lambda stand_in: [said for said in stand_in.received if said["subject"] == number], 20)
    return messages


def begin(portal: Portal, by: Assignment, patient: Patient, **options: Any) -> Mouse:
    me = Mouse(portal.open(by=by, **(PHONE | options)))
    me.goes_to(new(patient))
    return me


# --- Written --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Mouse, Keyboard, WithoutScript], ids=["with_the_mouse", "by_keyboard_alone", "without_javascript"])
def test_from_the_patient_page_to_the_receipt(kind: type[Hands], portal: Portal, sesam2: MockSesam2) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    loan(patient)
    me = kind(portal.open(by=alice, scripts=kind.has_scripts))
    me.goes_to(f"/patienter/{patient.public_id}/")
    me.press(me.link("Återlämningskvitto", exact=True))
    me.is_on("Återlämningskvitto")
    save(me)
    me.sees("Kryssa i minst ett hjälpmedel.", within="body")
    fill_in(me, note="Vänster fotstöd")
    if kind is Mouse:
        draw(me.page)
    else:
        me.choose("Med namnet på tangentbordet")
        me.write("Namnteckning", "Elsa Tolvansson")
        me.tick("Jag som lämnar hjälpmedlen har skrivit mitt namn här som underskrift")
    save(me)
    me.is_on("Återlämningskvitto R-")
    me.sees("Delar saknas", "Vänster fotstöd", "Elsa Tolvansson, dotter", "Väntar på avregistrering")
    receipt = ReturnReceipt.objects.for_list().get()
    [message] = told(sesam2, receipt.number)
    assert (message["messageType"], message["body"]["signed"], message["body"]["items"][0]["condition"]) == ("ReturnReceipt", True, "INCOMPLETE")
    assert len(message["body"]["attachments"]) == (kind is Mouse)
    me.waits_for("Mottaget av SESAM2")
    me.goes_to(f"/patienter/{patient.public_id}/")
    me.sees("Inlämnat", receipt.number, "väntar på avregistrering")


def test_it_is_signed_with_a_finger_on_a_phone_and_corrected_afterwards(portal: Portal, sesam2: MockSesam2) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    loan(patient)
    me = begin(portal, alice, patient)
    fill_in(me)
    save(me)
    me.sees("En punkt eller ett kort streck räcker inte", within="body")
    empty = me.page.locator("canvas.signature").evaluate(INK)
    draw_with_a_finger(me.page)
    stands = me.page.evaluate("scrollY")
    assert len(strokes(me.page)[0]) > len(NAME)
    me.press(me.button("Börja om"))
    expect(me.page.locator("[name=strokes]")).to_have_value("")
    assert me.page.locator("canvas.signature").evaluate(INK) == empty
    draw_with_a_finger(me.page)
    assert me.page.evaluate("scrollY") == stands  # the finger draws, and does not push the page
    assert me.page.locator("canvas.signature").evaluate(INK) != empty
    save(me)
    me.is_on("Återlämningskvitto R-")
    expect(me.page.get_by_alt_text("Underskrift av den som lämnade")).to_be_visible()
    expect(me.page.get_by_alt_text("QR-kod med kvittonumret")).to_be_visible()
    me.press(me.link("Rätta kvittot"))
    me.choose("Sliten")
    me.write("Varför rättas kvittot?", "Däcken var slitna")
    me.press(me.button("Spara rättelsen"))
    me.is_on("Återlämningskvitto R-")
    me.sees("Version 2 rättar version 1", "Däcken var slitna")
    number = ReturnReceipt.objects.get().number
    portal.wait(lambda: [said["sequence"] for said in told(sesam2, number)] == [1, 2], "the correction")
    wide, width = me.page.evaluate("[document.scrollingElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= width


def test_who_cannot_sign_says_why_and_a_photo_goes_along(portal: Portal, sesam2: MockSesam2) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    loan(patient)
    me = begin(portal, alice, patient)
    fill_in(me)
    large = factories.picture((3000, 2000))
    me.page.get_by_label("Foton av hjälpmedlet").set_input_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": large + b"\0" * 600_000})
    chosen = me.page.get_by_label("Foton av hjälpmedlet")
    portal.wait(lambda: chosen.evaluate("(field) => field.files[0].name") == "foto.jpg", "the photo made smaller on the phone")
    me.choose("Kan inte skriva under")
    me.write("Varför?", "Bruten arm")
    save(me)
    me.is_on("Återlämningskvitto R-")
    [message] = told(sesam2, ReturnReceipt.objects.get().number)
    assert (message["body"]["signed"], message["body"]["unsignedReason"]) == (False, "Bruten arm")
    assert [file["fileName"] for file in message["body"]["attachments"]] == ["foto.jpg"]


# --- The network ------------------------------------------------------------------------------------------


def test_the_network_goes_while_it_is_sent_and_all_stands_there_to_be_sent_again(portal: Portal, sesam2: MockSesam2) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    loan(patient)
    me = begin(portal, alice, patient)
    fill_in(me, note="Vänster fotstöd")
    me.page.get_by_label("Foton av hjälpmedlet").set_input_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": factories.picture()})
    draw(me.page)
    drawn, ink = strokes(me.page), me.page.locator("canvas.signature").evaluate(INK)
    portal.cuts_the_network()
    me.page.context.set_offline(True)
    for _ in range(2):
        save(me)
        is_told(me, "away")
    assert not ReturnReceipt.objects.exists()
    assert (strokes(me.page), me.page.locator("canvas.signature").evaluate(INK)) == (drawn, ink)
    expect(me.box("Anteckning")).to_have_value("Vänster fotstöd")
    expect(me.box("Vem lämnar hjälpmedlen?")).to_have_value("Elsa Tolvansson, dotter")
    # Nothing is kept where the next who takes the phone could find it.
    stored = me.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert not any(word in stored for word in ("Elsa", "fotstöd", "40-1", "Tolvan", str(drawn[0][0])))
    me.page.context.set_offline(False)
    save(me)
    me.is_on("Återlämningskvitto R-")
    receipt = ReturnReceipt.objects.get()
    assert [said["sequence"] for said in told(sesam2, receipt.number)] == [1]
    assert sorted(ReceiptFile.objects.values_list("content", flat=True)) == ["PHOTO", "SIGNATURE"]


def lose_the_answer(page: Page) -> None:
    """The server gets the next form and stores it; its answer never comes."""
    lost: list[Route] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.fallback()
            return
        lost.append(route)
        route.fetch(max_redirects=0)
        route.abort()

    page.route("**/kvitton/**", lose)


def test_the_answer_is_lost_after_the_server_has_stored_it_and_sent_again_it_is_one_receipt(portal: Portal, sesam2: MockSesam2) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    loan(patient)
    me = begin(portal, alice, patient)
    fill_in(me)
    draw(me.page)
    portal.cuts_the_network()
    lose_the_answer(me.page)
    save(me)
    is_told(me, "away")
    number = ReturnReceipt.objects.get().number
    save(me)
    me.is_on(f"Återlämningskvitto {number}")
    me.sees(f"Kvittot var redan sparat som {number}.")
    assert [said["sequence"] for said in told(sesam2, number)] == [1]
    assert OutgoingMessage.objects.filter(message_type="ReturnReceipt").count() == ReceiptVersion.objects.count() == 1


def test_what_is_changed_after_the_answer_was_lost_becomes_a_correction(portal: Portal) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    loan(patient)
    me = begin(portal, alice, patient)
    fill_in(me, note="Fotstödet")
    draw(me.page)
    drawn = strokes(me.page)
    portal.cuts_the_network()
    portal.expects(409)
    lose_the_answer(me.page)
    save(me)
    is_told(me, "away")
    me.write("Anteckning", "Vänster fotstöd och sits")
    save(me)
    me.is_on("Rätta återlämningskvitto")
    me.sees("Kvittot är redan sparat", within="body")
    expect(me.box("Anteckning")).to_have_value("Vänster fotstöd och sits")
    assert strokes(me.page) == drawn
    me.write("Varför rättas kvittot?", "Sitsen saknas också")
    me.press(me.button("Spara rättelsen"))
    me.is_on("Återlämningskvitto R-")
    assert list(ReceiptVersion.objects.order_by("version").values_list("items__note", flat=True)) == ["Fotstödet", "Vänster fotstöd och sits"]


def test_who_is_logged_out_meanwhile_logs_in_beside_and_saves(portal: Portal) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    loan(patient)
    me = begin(portal, alice, patient)
    fill_in(me)
    draw(me.page)
    drawn = strokes(me.page)
    me.page.context.clear_cookies()
    portal.expects(403)
    save(me)
    is_told(me, "login")
    beside = me.page.context.new_page()
    beside.goto("/konto/logga-in/")
    beside.get_by_role("button", name=f"som {alice.user.name}").click()
    expect(beside.locator("h1")).not_to_have_text("Logga in")
    assert strokes(me.page) == drawn
    save(me)
    me.is_on("Återlämningskvitto R-")
    assert ReturnReceipt.objects.count() == 1


def test_two_devices_at_the_same_hämtorder_give_one_receipt(portal: Portal) -> None:  # noqa: PLC2401
    alice, bob = factories.alice(), factories.bob()
    patient = factories.patient(alice)
    order = pickup(patient, loan(patient))
    hers, his = (begin(portal, who, patient) for who in (alice, bob))
    for me in (hers, his):
        me.goes_to(f"{new(patient)}?hamtorder={order.number}")
        me.choose("Hel")
        me.write("Vem lämnar hjälpmedlen?", "Elsa Tolvansson, dotter")
        draw(me.page)
    save(hers)
    hers.is_on("Återlämningskvitto R-")
    drawn = strokes(his.page)
    save(his)
    number = ReturnReceipt.objects.get().number
    his.sees(f"står redan på kvitto {number}, skrivet av Alice Ask", within="body")
    assert strokes(his.page) == drawn
    his.page.locator(".receipt-item").get_by_role("link", name=number).click()
    his.is_on(f"Återlämningskvitto {number}")


# --- Labels -----------------------------------------------------------------------------------------------

CAMERA = """
  window.labels = [];
  window.BarcodeDetector = class { async detect() { return window.labels.map((rawValue) => ({ rawValue })); } };
  navigator.mediaDevices.getUserMedia = async () => document.createElement('canvas').captureStream();
  HTMLMediaElement.prototype.play = async () => {};
"""


def test_many_labels_are_scanned_one_after_the_other_and_a_number_is_written(portal: Portal) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    for number in ("40-1", "40-2", "40-3"):
        loan(patient, number)
    me = Mouse(portal.open(by=alice, **PHONE))
    me.page.add_init_script(CAMERA)
    me.goes_to(new(patient))
    me.press(me.button("Skanna etiketter"))
    me.sees("Håll kameran över etiketten.")
    me.page.evaluate("window.labels = ['40-1', '40-2']")
    for number in ("40-1", "40-2"):
        expect(me.checkbox(f"Rullstol Allround 45 cm {number}")).to_be_checked()
    me.page.evaluate("window.labels = ['99-9']")
    me.sees("99-9 finns inte bland patientens hjälpmedel.")
    expect(me.checkbox("Rullstol Allround 45 cm 40-1")).to_be_checked()
    me.page.evaluate("window.labels = []")
    me.write("Individnummer", "40-3")
    me.enter()
    expect(me.checkbox("Rullstol Allround 45 cm 40-3")).to_be_checked()
    expect(me.box("Individnummer")).to_have_value("")
    me.write("Individnummer", "40-9")
    me.press(me.button("Kryssa i"))
    me.sees("40-9 finns inte bland patientens hjälpmedel från din vårdgivare.", within="body")
    expect(me.checkbox("Rullstol Allround 45 cm 40-2")).to_be_checked()


# --- No barrier -------------------------------------------------------------------------------------------


def test_the_pages_of_receipts_have_no_barrier(portal: Portal) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    chair, bed, ramp = loan(patient, "40-1"), loan(patient, "40-2", is_lost=True), loan(patient, "", quantity=4)
    order = pickup(patient, chair)
    at = walk(portal, alice, widths=(1280, 390, 320))
    at.visit("/hamtorder/kvitton/", "receipts, empty")
    at.visit(new(factories.patient(alice)), "receipt, nothing to hand over")
    at.visit(new(patient), "receipt")
    for one in (chair, bed, ramp):
        at.page.locator(f"#id_l{one.pk}-taken").check()
    at.look("receipt, all ticked")
    at.page.get_by_label("Med namnet på tangentbordet").check()
    at.look("receipt, typed name")
    at.page.get_by_label("Kan inte skriva under").check()
    at.look("receipt, cannot sign")
    at.page.get_by_label("Med namnet på tangentbordet").check()
    at.page.get_by_role("button", name="Spara kvittot").click()
    at.page.locator(".error-summary").wait_for()
    at.look("receipt, errors", error=True)
    receipt = written(patient, handed(chair), order=order)
    at.visit(receipt.get_absolute_url(), "receipt, written")
    at.visit(f"{receipt.get_absolute_url()}utskrift/", "receipt, on paper")
    at.visit(f"{receipt.get_absolute_url()}utskrift/?brev", "receipt, as a letter")
    at.visit(f"{receipt.get_absolute_url()}ratta/", "receipt, correction")
    corrected(receipt, handed(chair, "DAMAGED", note="Hjulet är sprucket"), order=order)
    at.visit(receipt.get_absolute_url(), "receipt, corrected")
    written(patient, handed(ramp, quantity=3))
    found(order.items.get(), is_found=False)
    at.visit(new(patient), "receipt, some on others")
    at.visit("/hamtorder/kvitton/", "receipts")
    at.visit("/hamtorder/kvitton/?nummer=R-1", "receipts, nothing found")
    at.visit("/hamtorder/kvitton/?fran=x", "receipts, errors", error=True)
    at.visit(f"/patienter/{patient.public_id}/", "patient with receipts")
    at.end(at_least=17)
