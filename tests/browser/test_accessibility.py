"""Every page in every state that can be reached has no barrier that a machine can find.

`SCREENSHOTS=directory` keeps a picture of each state, to be looked at.
"""

import pytest
from django.test import RequestFactory
from playwright.sync_api import Route

from accounts.models import Customer, News
from integration.mock_sesam2.testing import MockSesam2
from integration.models import OutgoingMessage
from orders.models import Order
from patients.models import Patient
from tests import factories
from tests.browser.portal import Portal
from tests.browser.states import LONG_WORD, orders_in_every_state
from tests.browser.walk import walk
from websesam.views.pages import server_error

LONG_NAME = {"given_name": "Maximilian Alexander", "family_name": "von Hohenfels-Björkegren af Ångströmsnäs"}
LONG_ADDRESS = {"street": "Gamla Vänersborgsvägen 112 B, lägenhet 1204", "care_of": "Rojas Fuentes Villanueva"}


# --- Everybody's pages, and patients ---------------------------------------------------------------


def test_pages_for_everybody_and_about_patients(portal: Portal, sesam2: MockSesam2) -> None:
    alice, numbers = factories.alice(), factories.test_numbers()
    factories.assignment(alice.user.name, "ORDERER", at=factories.unit("Habiliteringen för barn och ungdom Skövde"))
    empty = factories.patient(alice, number=numbers[0], **LONG_NAME, **LONG_ADDRESS)
    factories.patient(factories.carol(), number=numbers[1])
    protected = factories.patient(alice, number=numbers[2])
    Patient.objects.filter(pk=protected.pk).update(protection="MARKED", phone="")

    at = walk(portal)
    at.visit("/konto/logga-in/", "login")
    at.visit("/hjalp/", "help, not logged in")
    at.visit("/tillganglighet/", "accessibility, not logged in")
    at.page.goto("/konto/logga-in/")
    at.page.context.clear_cookies()
    portal.expects(403)
    at.press(f"som {alice.user.name}, förskrivare")
    at.look("403 without token", view="403")

    at = walk(portal, alice)
    at.visit("/", "start, empty")
    at.visit("/konto/uppdrag/", "switch")
    at.visit("/hjalp/", "help")
    at.visit("/tillganglighet/", "accessibility")
    at.visit("/komponenter/", "components")
    at.visit("/finns-inte/", "404", status=404)
    at.visit(f"/patienter/{protected.public_id}/", "404 of a protected patient", status=404)
    many = "".join(f"<input name='f{place}'>" for place in range(1001))
    at.page.goto("/patienter/")
    at.page.evaluate("(many) => document.querySelector('main form').insertAdjacentHTML('beforeend', many)", many)
    portal.expects(400)
    at.press("Öppna patient")
    at.look("400", view="400")
    at.page.route("**/ett-fel/", _broken)
    at.visit("/ett-fel/", "500", status=500)

    at.visit("/patienter/", "find")
    for typed, state in (("", "find, nothing written"), ("191212121213", "find, wrong check digit"), (protected.identity.value, "find, protected")):
        at.write("Personnummer, samordningsnummer eller reservnummer", typed)
        at.press("Öppna patient")
        at.look(state, error=True)
    at.write("Personnummer, samordningsnummer eller reservnummer", numbers[1])
    at.press("Öppna patient")
    at.look("confirm")
    at.press("Öppna patienten")
    at.look("confirm, not confirmed", error=True)
    at.page.goto("/patienter/")
    at.write("Personnummer, samordningsnummer eller reservnummer", numbers[3])
    at.press("Öppna patient")
    at.look("register")
    at.write("Telefon", "abc")
    at.write("Postnummer", "1")
    at.write("Relation till patienten", "dotter")
    at.press("Registrera patienten")
    at.look("register, errors", error=True)
    at.visit(f"/patienter/{empty.public_id}/", "patient, empty")
    at.visit(f"/patienter/{empty.public_id}/kontaktuppgifter/", "details")
    at.write("Gatuadress", "")
    at.write("Portkod", "")
    at.press("Spara")
    at.look("details, errors", error=True)
    at.end(at_least=20)


def _broken(route: Route) -> None:
    """What the portal says when it is broken, from the view itself."""
    answer = server_error(RequestFactory().get("/ett-fel/"))
    route.fulfill(status=answer.status_code, content_type=answer["Content-Type"], body=answer.content.decode())


# --- Orders ---------------------------------------------------------------------------------------


def wait_for_state(portal: Portal, number: str, **state: object) -> None:
    portal.wait(lambda: OutgoingMessage.objects.filter(subject=number, **state).exists(), f"{number}: {state}")


def test_pages_of_orders(portal: Portal, sesam2: MockSesam2) -> None:
    alice = factories.alice()
    Customer.objects.create(
        unit=alice.unit, number="600999", name=f"{LONG_WORD} Alingsås", payer_number="700010", payer_name="Västra Götalandsregionen, primärvård"
    )
    News.objects.create(title="Leveranser kring jul och nyår", text="Beställningar som ska levereras före jul behöver vara skickade senast den 11 december.")
    patient = factories.patient(alice, **LONG_NAME, **LONG_ADDRESS)
    article = factories.article(f"Rullstol Allround 45 cm, {LONG_WORD.lower()}, ställbar", number="A" * 35, sesam_number="118842")
    factories.article("Rollator Bris 2", price=None)
    at = walk(portal, alice)
    at.visit("/bestallningar/", "list, empty")
    numbers = orders_in_every_state(portal, sesam2, alice, patient)
    draft = factories.draft(alice, to=patient, lines=0)

    at.visit("/", "start, filled")
    at.visit(f"/patienter/{patient.public_id}/", "patient, filled")
    at.visit("/bestallningar/", "list, filled")
    at.visit("/bestallningar/?nummer=K-1", "list, nothing found")
    at.visit("/bestallningar/?fran=2026-02-31&till=x", "list, errors", error=True)
    assert at.page.locator(".error-summary li").count() == 2
    at.page.goto("/bestallningar/")
    at.write("Personnummer, samordningsnummer eller reservnummer", "191212121213")
    at.press("Visa patientens")
    at.look("list, wrong number", error=True)
    assert at.page.locator(".error-summary li").count() == 1
    at.visit(f"/bestallningar/?patient={patient.public_id}", "list of a patient")
    for state, number in numbers.items():
        at.visit(f"/bestallningar/{number}/", f"order, {state}")
    at.visit(f"/bestallningar/{numbers['bekräftad']}/makulera/", "cancel")
    at.press("Begär makulering")
    at.look("cancel, errors", error=True)
    at.page.get_by_label("Annat").check()
    at.write("Beskriv kort", "Behövs inte längre.")
    at.press("Begär makulering")
    at.look("order, cancellation asked for")
    at.visit(f"/bestallningar/{numbers['makulerad']}/makulera/", "409, already cancelled", status=409)

    # The draft.
    at.visit(f"/bestallningar/utkast/{draft.public_id}/", "draft, empty")
    at.press("Granska")
    at.look("draft, nothing to send", error=True, view="orders:draft")
    at.press("Spara utkast")
    at.look("draft, saved")
    at.page.get_by_label("Lägg till artikel").fill("rollator")
    at.page.get_by_role("button", name="Lägg till Rollator Bris 2").wait_for()
    at.look("draft, hits")
    at.page.get_by_label("Lägg till artikel").fill("finns inte alls")
    at.page.get_by_text("Ingen artikel att beställa hittades").wait_for()
    at.look("draft, no hits")
    at.page.get_by_label("Lägg till artikel").fill("118842")
    at.press("Sök")
    at.look("draft, lines")
    at.write(f"Antal {article.name}", "0")
    at.write("Önskat leveransdatum", "2020-01-01")
    at.write("Kontaktpersonens telefon", "abc")
    at.press("Granska")
    at.look("draft, errors", error=True)
    at.write(f"Antal {article.name}", "2")
    at.write("Önskat leveransdatum", factories.workday_from_now(20).isoformat())
    at.write("Kontaktpersonens telefon", "070-174 06 07")
    at.write("Meddelande till centralen", f"{LONG_WORD}. " * 8)
    at.press("Granska")
    at.look("review")
    at.visit(f"/bestallningar/utkast/{draft.public_id}/kasta/", "discard")
    at.page.goto(f"/bestallningar/utkast/{draft.public_id}/granska/")
    sesam2.control(down=True)
    at.press("Skicka beställningen")
    at.look("sent")
    waiting = str(Order.objects.get(pk=draft.pk).number)
    wait_for_state(portal, waiting, attempts__gte=1)
    at.visit(f"/bestallningar/{waiting}/", "order, waiting for SESAM2")
    at.visit(f"/bestallningar/utkast/{draft.public_id}/", "409, already sent", status=409)
    sesam2.control(down=False, fail={"status": 422, "times": 1})
    parked = str(factories.order(alice, to=patient).number)
    wait_for_state(portal, parked, state="PARKED")
    at.visit(f"/bestallningar/{parked}/", "order, parked")

    at.page.emulate_media(forced_colors="active")
    at.widths = [1280]
    at.visit("/", "start, forced colours")
    at.visit(f"/bestallningar/{numbers['försenad']}/", "order, forced colours")
    at.visit("/bestallningar/?fran=x", "list, errors, forced colours", error=True)
    at.visit(f"/bestallningar/utkast/{factories.draft(alice, to=patient).public_id}/", "draft, forced colours")
    at.visit("/komponenter/", "components, forced colours")
    at.end(at_least=36)


# --- Catalogue -------------------------------------------------------------------------------------


def test_pages_of_the_catalogue(portal: Portal) -> None:
    alice = factories.alice()
    at = walk(portal, alice)
    at.visit("/hjalpmedel/", "catalogue, empty")
    for place in range(30):
        factories.article(f"Rollator Bris {place}", price=None if place % 3 else factories.Decimal("891"))
    shown = factories.article(f"Rullstol {LONG_WORD.lower()}", number="A" * 35, description="Stadig rullstol.\n\nGår att fälla ihop.")
    ended = factories.article("Duschpall Svalka", status="DISCONTINUED", discontinued_from=factories.days_from_now(-3))
    at.visit("/hjalpmedel/", "catalogue")
    at.page.get_by_role("link", name="Nästa").click()
    at.page.wait_for_url("**cursor=**")
    at.look("catalogue, page 2")
    at.visit("/hjalpmedel/?q=rollator", "catalogue, search")
    at.visit("/hjalpmedel/?q=rullstl", "catalogue, misspelt")
    at.visit("/hjalpmedel/?q=qqqqqqqq", "catalogue, no hits")
    at.visit("/hjalpmedel/?q=rollator&typ=A", "catalogue, nothing left")
    at.visit(shown.get_absolute_url(), "article")
    at.visit(ended.get_absolute_url(), "article, ended")
    at.end(at_least=9)


# --- The measure itself ----------------------------------------------------------------------------

FAULTS = {
    "image-alt": "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/img/logo.svg\">')",
    "color-contrast": "document.querySelector('h1').style.setProperty('color', '#ddd')",
    "px wide": "document.querySelector('h1').style.setProperty('width', '5000px')",
    "sticks out": "document.querySelector('.card').insertAdjacentHTML('beforeend', '<div class=\"nowrap\">' + 'lång text '.repeat(60) + '</div>')",
    "2 h1": "document.querySelector('main').insertAdjacentHTML('beforeend', '<h1>Två</h1>')",
    "title": "document.title = 'Fel: ' + document.title",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_control_a_broken_page_is_found(portal: Portal, fault: str) -> None:
    at = walk(portal, widths=[1280])
    at.page.goto("/hjalp/")
    at.page.evaluate(FAULTS[fault])
    at.look(fault)
    assert any(fault in text.removeprefix(fault) for text in at.wrong)
