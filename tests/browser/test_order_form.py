"""The order form in full, by `hands`: accessories and an equal article; a trial to its end. Each page without a barrier, at 320 px too."""

from django.utils import timezone

from catalog.models import LocalArticle
from integration.mock_sesam2.testing import MockSesam2
from orders.actions import drafts, loans, templates
from orders.models import Order
from tests import factories
from tests.browser.hands import Hands
from tests.browser.portal import Portal
from tests.browser.steps import add_by_number, deliver, log_in, open_patient, order_of, send
from tests.browser.walk import walk


def test_an_order_with_accessories_and_an_equal_article(hands: Hands, sesam2: MockSesam2) -> None:
    me, alice = hands, factories.alice()
    patient = factories.patient(factories.carol(), number=factories.test_numbers()[0])
    old, new = factories.article("Rullstol Gammal", sesam_number="118842"), factories.article("Rullstol Ny")
    table, basket = factories.article("Rullstolsbord", article_type="T"), factories.article("Korg", article_type="T")
    factories.group(old, new)
    for part, whole in ((table, old), (table, new), (basket, old)):
        factories.fits(part, whole)

    log_in(me, alice)
    open_patient(me, patient)
    me.press(me.button("Nytt hjälpmedel"))
    add_by_number(me, "118842", old.name)
    me.press(me.button(f"Tillbehör till {old.name}"))
    me.press(me.button(f"Lägg till {table.name}"))
    me.press(me.button(f"Lägg till {basket.name}"))
    me.sees(f"{new.name} är likvärdig och finns i lager.")
    me.press(me.button(f"Byt {old.name} till {new.name}"))
    me.sees(f"Bytt till {new.name}. Kontrollera tillbehören.", f"I stället för {old.name}", f"{basket.name} passar inte till {new.name} enligt katalogen.")
    me.press(me.button("Granska"))
    me.sees("Ett fel att rätta", "Inget har skickats.")
    me.write("Passar ändå, för att", "Korgen hängs på ryggen")
    number = send(me)
    lines = order_of(sesam2, number)["lines"]
    assert [(line["name"], line.get("mainLine"), line.get("note")) for line in lines] == [
        (new.name, None, None),
        (table.name, 1, None),
        (basket.name, 1, "Passar ändå: Korgen hängs på ryggen"),
    ]


def test_a_trial_to_its_end(hands: Hands, sesam2: MockSesam2) -> None:
    me, alice = hands, factories.alice()
    patient = factories.patient(factories.carol(), number=factories.test_numbers()[1])
    factories.article("Gåbord", sesam_number="118418")
    ends = factories.days_from_now(6)
    sesam2.control(speed=4)

    log_in(me, alice)
    open_patient(me, patient)
    me.press(me.button("Nytt hjälpmedel"))
    add_by_number(me, "118418", "Gåbord")
    me.choose("på prov")
    me.press(me.button("Granska"))
    me.sees("Skriv när provtiden slutar.")
    me.write("Till och med", ends.isoformat())
    number = send(me)
    body = order_of(sesam2, number)
    assert (body["purpose"], body["endsOn"]) == ("TRIAL", ends.isoformat())
    deliver(sesam2, number, "RESIDENCE")
    me.press(me.link("Följ ordern"))
    me.reloads_until(lambda: "Avsluta eller förläng provet" in me.page.locator("main").inner_text())

    # A week before its end both who ordered and who prescribes are reminded.
    assert loans.remind_of_ends(timezone.localdate()) == 1
    me.press(me.menu("Start"))
    me.press(me.link(f"Provtiden i kundorder {number} slutar").first)
    me.press(me.link("Avsluta eller förläng provet"))
    me.is_on("När provtiden slutar")
    me.choose("Förskriv – blir ett lån utan slutdatum")
    me.press(me.button("Spara och meddela centralen"))
    me.sees("Förskrivet. Centralen får besked.", "Förskrivet som lån")
    told = sesam2.wait_for(lambda stand_in: [m for m in stand_in.received if m["messageType"] == "LoanChange"], 20)
    assert told[0]["body"] == {"orderNumber": number, "lines": [1], "purpose": "LOAN"}


def test_every_state_of_the_form_is_without_barriers(portal: Portal) -> None:
    """`walk` looks at each state at all widths, 320 px among them."""
    alice = factories.alice()
    order = factories.draft(alice, lines=0)
    old, new, part = factories.article("Rullstol Gammal"), factories.article("Rullstol Ny"), factories.article("Rullstolsbord", article_type="T")
    factories.group(old, new, fixed=True)
    factories.fits(part, old)
    LocalArticle.objects.filter(article=part).update(delivery_class="ORDERED")
    line = drafts.add_article(order, type(old).objects.get(pk=old.pk))
    drafts.add_article(order, part, to=drafts.Whole(line=line.line))
    factories.attachment(order)
    templates.save_as_template(order, name="Rullstol med bord", for_unit=True, by=alice)
    Order.objects.filter(pk=order.pk).update(purpose="TRIAL", notify_sms="+46701740605")
    trial = factories.trial(alice, to=order.patient)
    at = walk(portal, alice)
    at.visit(f"{order.get_absolute_url()}?tillbehor=rad-1", "form, all of it")
    at.page.goto(f"{order.get_absolute_url()}granska/")
    at.look("form, with problems", error=True, view="orders:draft")
    at.visit(f"{order.get_absolute_url()}mall/", "save as template")
    at.visit("/bestallningar/mallar/", "templates")
    at.visit(f"{trial.get_absolute_url()}lan/", "end of trial")
    at.visit(trial.get_absolute_url(), "order on trial")
    at.end(at_least=6)


def test_what_is_typed_is_saved_by_itself_and_survives_a_lost_connection(portal: Portal) -> None:
    order = factories.draft(factories.alice())
    page = portal.open(by=factories.alice())
    page.goto(order.get_absolute_url())
    page.get_by_label("Meddelande till centralen").fill("Ring först")
    portal.wait(lambda: factories.again(order).instructions == "Ring först", "the first words")
    page.get_by_text("Sparat i dag").wait_for()
    page.route("**/spara/", lambda route: route.fulfill(status=503, body="away"))
    portal.expects(503)
    page.get_by_label("Meddelande till centralen").fill("Ring först, två gånger")
    page.get_by_text("Inte sparat.").first.wait_for()
    assert factories.again(order).instructions == "Ring först"
    page.unroute("**/spara/")
    portal.wait(lambda: factories.again(order).instructions == "Ring först, två gånger", "the words that waited")
