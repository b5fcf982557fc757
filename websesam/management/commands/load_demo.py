"""Fills an empty database with the demo's world. Loaded once: a database that has care providers is left alone."""

import datetime
import uuid
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment, CareProvider, CareUnit, Customer, DeliveryPoint, News, User
from accounts.professions import Profession
from accounts.roles import Role
from catalog import individuals
from catalog.demo.load import FIRST_ARTICLES, is_whole
from catalog.models import Article
from catalog.models.local import ChargingForm
from core.after_commit import start_after_commit
from integration.models import OutgoingMessage
from ordering.sesam2 import Answer
from orders.actions import drafts, orders, reports
from orders.models import Order, OrderLine, UrgentFee
from orders.sesam2 import DeliveredLine, Response
from patients.actions import NewAddress, NewContact, change_details, change_payer, confirm_care_relation, end_loan, record_individual_update, register
from patients.models import CareRelation, Loan, Patient, PatientIdentity
from pickups import signature
from pickups.actions import drafts as pickup_drafts
from pickups.actions import orders as pickup_orders
from pickups.actions import reports as pickup_reports
from pickups.actions.handing_over import Content as ReceiptContent
from pickups.actions.handing_over import HandedOver, Page, Signature
from pickups.actions.receipts import correct as correct_receipt
from pickups.actions.receipts import write as write_receipt
from pickups.models import Condition, LoadCarrier, PickupOrder, Reason, ReturnReceipt, Signing
from pickups.models import StatusReport as PickupStatusReport
from pickups.sesam2 import Report as PickupReport
from pickups.sesam2 import Response as PickupResponse
from websesam import demo_data, demo_fault_reports, demo_invoices, demo_store_orders, demo_stores
from workorders.actions import drafts as work_drafts
from workorders.actions import orders as work_orders
from workorders.actions import reports as work_reports
from workorders.models import Kind, Place, StatusReport
from workorders.sesam2 import Report

_PROFESSIONS = {label: code for code, label in Profession.choices} | {"distriktssköterska": Profession.NURSE}


class Command(BaseCommand):
    help = "Laddar demons vårdgivare, enheter, personas, patienter, hjälpmedel och beställningar, en gång."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--articles", type=int, default=FIRST_ARTICLES, help="antal artiklar i demons flöde")
        parser.add_argument("--of", type=int, default=None, help="de är de första av så många, och en worker läser in resten")
        parser.add_argument("--no-orders", action="store_true", help="inga beställningar")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("Demodata laddas aldrig i produktion.")
        if CareProvider.objects.exists():
            self.stdout.write("Demodata finns redan.")
            self._let_a_worker_load_the_rest(options["of"])
            return
        self.stdout.write("Laddar hjälpmedelskatalogen …")
        call_command("load_demo_catalog", articles=options["articles"], of=options["of"], stdout=self.stdout)
        self.stdout.write("Laddar vårdgivare, enheter och personas …")
        with transaction.atomic():
            load_organisation()
            self.stdout.write("Laddar patienter …")
            load_patients()
            if not options["no_orders"]:
                self.stdout.write("Gör beställningar …")
                load_orders()
                load_aids()
                load_work()
                load_pickups()
                load_receipts()
                self.stdout.write("Fyller buffertförråden …")
                demo_stores.load()
                demo_store_orders.load()
                self.stdout.write("Läser in fakturaunderlag …")
                demo_invoices.load()
                demo_fault_reports.load()
        self.stdout.write(self.style.SUCCESS("Demodata är laddade."))
        self._let_a_worker_load_the_rest(options["of"])

    def _let_a_worker_load_the_rest(self, articles: int | None) -> None:
        """Asked for at each start, so that a rest that was stopped in the middle goes on."""
        if articles is not None and not is_whole(articles):
            self.stdout.write(f"Resten av {articles} artiklar läses in medan portalen är igång.")
            start_after_commit("catalog.load_demo_rest", articles)


def load_organisation() -> None:
    """Care providers, units, customers, delivery points, personas, news."""
    providers = {
        item.hsa_id: CareProvider.objects.create(hsa_id=item.hsa_id, name=item.name, kind=item.kind, municipality_code=item.municipality_code)
        for item in demo_data.PROVIDERS
    }
    units = {
        item.hsa_id: CareUnit.objects.create(
            provider=providers[item.provider_hsa_id],
            hsa_id=item.hsa_id,
            name=item.name,
            phone=item.phone,
            street=item.street,
            postal_code=item.postal_code,
            city=item.city,
            is_hospital=item.is_hospital,
        )
        for item in demo_data.UNITS
    }
    Customer.objects.bulk_create(
        Customer(
            unit=units[item.unit_hsa_id],
            number=item.number,
            name=item.name,
            payer_number=item.payer_number,
            payer_name=item.payer_name,
            is_standard=item.is_standard,
        )
        for item in demo_data.CUSTOMERS
    )
    DeliveryPoint.objects.bulk_create(
        DeliveryPoint(
            provider=providers[item.provider_hsa_id],
            number=item.number,
            name=item.name,
            street=item.street,
            postal_code=item.postal_code,
            city=item.city,
            door_code=item.door_code,
        )
        for item in demo_data.DELIVERY_POINTS
    )
    since = timezone.localdate() - datetime.timedelta(days=400)
    for persona in demo_data.PERSONAS:
        is_support = any(role == Role.SUPPORT for _, role in persona.assignments)
        profession = _PROFESSIONS.get(persona.title, "")
        user = User.objects.create_user(
            persona.hsa_id, persona.name, title=persona.title, profession=profession, phone=persona.phone, email=persona.email, is_staff=is_support
        )
        for unit_hsa_id, role in persona.assignments:
            Assignment.objects.create(user=user, unit=units[unit_hsa_id], role=role, starts_on=since)
    for title, text in demo_data.NEWS:
        News.objects.create(title=title, text=text)
    UrgentFee.objects.create(amount=650, valid_from=since)  # invented


def load_patients() -> None:
    """The test persons, registered by whoever orders at the first unit that has opened them."""
    somebody = Assignment.objects.filter(role=Role.PRESCRIBER).order_by("pk").first()
    if somebody is None:
        raise CommandError("Demons personas saknar förskrivare.")
    by_unit = {assignment.unit.hsa_id: assignment for assignment in Assignment.objects.filter(role=Role.PRESCRIBER).select_related("unit__provider", "user")}
    for person in demo_data.PATIENTS:
        demo_data.require_loadable(person.identifier, environment=settings.ENVIRONMENT)
        openers = [by_unit[hsa_id] for hsa_id in person.opened_by if hsa_id in by_unit]
        by = openers[0] if openers else somebody
        if person.protection != "NONE":
            patient = Patient.objects.create(given_name=person.given_name, family_name=person.family_name, protection=person.protection)
            PatientIdentity.objects.create(patient=patient, type=person.identifier.type, value=person.identifier.value)
        else:
            patient = register(
                by=by,
                identifier=person.identifier,
                given_name=person.given_name,
                family_name=person.family_name,
                phone=person.phone,
                address=NewAddress(person.street, person.postal_code, person.city, care_of=person.care_of, door_code=person.door_code),
                contact=NewContact(person.contact_name, person.contact_phone, person.contact_relation) if person.contact_name else None,
            )
        if not openers:
            CareRelation.objects.filter(patient=patient).delete()
        for opener in openers[1:]:
            confirm_care_relation(patient, by=opener)


def load_orders() -> None:
    """A few orders of each ordering unit: some finished long ago, some that the stand-in gets when it starts."""
    orderable = list(Article.objects.orderable().filter(local__shown_price__isnull=False).exclude(local__is_in_assortment=False).order_by("pk")[:400])
    if not orderable:
        return
    for by in Assignment.objects.filter(role=Role.PRESCRIBER).select_related("unit__provider", "user").order_by("pk"):
        patients = list(Patient.objects.visible_to(by).filter(protection="NONE").order_by("pk")[:8])
        for index, patient in enumerate(patients):
            order = drafts.start(patient, by=by)
            for step in range(1 + index % 3):
                drafts.add_article(order, orderable[(patient.pk * 7 + step * 31) % len(orderable)], quantity=1 + step % 2)
            if index == 0:
                continue
            number = orders.place(order, by=by)
            if index % 2 == 0:
                _finish(number, is_cancelled=index % 4 == 0)


def _finish(number: str, *, is_cancelled: bool) -> None:
    """Tell the rest of a finished order's life, so that the stand-in does not begin it anew."""
    OutgoingMessage.objects.filter(subject=number).update(state=OutgoingMessage.State.DONE, done_at=timezone.now())
    promised = timezone.localdate() + datetime.timedelta(days=3)
    reports.record_response(number, sequence=1, response=Response(Answer.RECEIVED, f"S2-{number[7:15]}", None, "", ()))
    reports.record_response(number, sequence=2, response=Response(Answer.ACCEPTED, f"S2-{number[7:15]}", promised, "", ()))
    if is_cancelled:
        reports.record_cancellation(number, sequence=3, reason="Artikeln har utgått hos leverantören", lines=None, was_requested=False)
        return
    lines = Order.objects.get(number=number).lines.all()
    reports.record_delivery(
        number,
        sequence=3,
        despatch_number="",
        delivered_at=timezone.now(),
        is_receipted=True,
        signed_by="patienten",
        lines=[DeliveredLine(line.line, line.quantity, _individuals(line)) for line in lines],
    )


def _individuals(line: OrderLine) -> tuple[str, ...]:
    """Numbers for what is rented, as the centre marks it."""
    if line.article.charging_form != ChargingForm.RENT:
        return ()
    return tuple(f"40-{line.order_id:05}{line.line}{place}" for place in range(line.quantity))


def load_aids() -> None:
    """What has happened to some of the aids and their patients: inspections, marks, a component, a new number, a return, a payer, a move."""
    today, now = timezone.localdate(), timezone.now()
    admin = Assignment.objects.filter(role=Role.UNIT_ADMIN).select_related("unit__provider", "user").first()
    loans = list(Loan.objects.exclude(individual_number="").select_related("patient", "unit").order_by("pk"))
    for place, loan in enumerate(loans):
        inspection = today + datetime.timedelta(days=place * 20 - 15)
        record_individual_update(loan.individual_number, sequence=1, replaced_by=None, next_inspection=inspection, note="")
        if place % 5 == 1:
            individuals.mark(loan.individual_number, is_under_investigation=True)
        if place % 5 == 2:
            new = f"41{loan.individual_number[2:]}"
            record_individual_update(loan.individual_number, sequence=2, replaced_by=new, next_inspection=None, note="Utbytt efter reparation.")
    by_patient: dict[int, list[Loan]] = {}
    for loan in Loan.objects.exclude(individual_number="").select_related("patient").order_by("pk"):
        by_patient.setdefault(loan.patient_id, []).append(loan)
    for of_patient in by_patient.values():
        for loan in of_patient[1:2]:
            individuals.mount(loan.individual_number, on=of_patient[0].individual_number)
        for loan in of_patient[2:]:
            Loan.objects.filter(pk=loan.pk).update(started_at=now - datetime.timedelta(days=200))
            end_loan(Loan.objects.get(pk=loan.pk), ended_at=now - datetime.timedelta(days=12))
    customer = Customer.objects.filter(number="600201").first()
    if admin is None or customer is None:
        return
    for patient in Patient.objects.visible_to(admin).filter(protection="NONE", loans__isnull=False).distinct().order_by("pk")[:2]:
        starts_on = today + datetime.timedelta(days=9)
        change_payer(patient, by=admin, customer=customer, base_code="K1489", starts_on=starts_on, reason="Flyttar till kommunens särskilda boende.")
        change_details(patient, by=admin, phone=patient.phone, address=NewAddress("Ängabogatan 15, avd. 2", "44143", "Alingsås", door_code="1489"))


# One arbetsorder for each of a unit's first aids: its kind, what it is about, and how far it has come ("" : the stand-in takes it from here).
_WORK = (
    (Kind.REPAIR, "Vänster broms tar inte.", "PLANNED"),
    (Kind.ADAPTATION, "Sitsdjupet behöver minskas 4 cm.", "NEEDS_COMPLETION"),
    (Kind.REPAIR, "Höger länkhjul är slitet.", "COMPLETED"),
    (Kind.ASSEMBLY, "Montera bordet på rullstolen.", ""),
)
_TOLD = {"NEEDS_COMPLETION": "Vilken sittbredd har patienten i dag?", "COMPLETED": "Länkhjulet är utbytt och hjälpmedlet provkört."}


def load_work() -> None:
    """Arbetsorder of each ordering unit about aids that its patients have, in different states."""
    for by in Assignment.objects.filter(role=Role.PRESCRIBER).select_related("unit__provider", "user").order_by("pk"):
        loans = Loan.objects.current().filter(unit=by.unit, patient__protection="NONE").exclude(individual_number="")
        for loan, (kind, text, state) in zip(loans.select_related("patient", "article__local").order_by("pk"), _WORK, strict=False):
            order = work_drafts.start(loan.patient, by=by, kind=kind, loan=loan)
            content = work_drafts.Content(
                customer=order.customer, description=text, place=Place.ON_SITE, contact_name=by.user.name, contact_phone=by.user.phone
            )
            work_drafts.save(order, content=content)
            order.refresh_from_db()
            if work_orders.problems_of(order, [], at=timezone.now()):
                continue  # such as an aid under investigation: the draft stays, and says why
            number = work_orders.place(order, by=by)
            if state:
                _tell_of_work(number, state)


def _tell_of_work(number: str, state: str) -> None:
    """As `_finish`."""
    OutgoingMessage.objects.filter(subject=number).update(state=OutgoingMessage.State.DONE, done_at=timezone.now())
    work_reports.record_response(number, sequence=1, answer=Answer.RECEIVED, erp_number=f"S2-{number[7:15]}", promised_on=None, reason="")
    report = Report(
        state=StatusReport.State(state),
        planned_on=timezone.localdate() + datetime.timedelta(days=2) if state == "PLANNED" else None,
        late_reason="",
        summary=_TOLD.get(state, ""),
        hours=Decimal("1.5") if state == "COMPLETED" else None,
        parts=[{"number": "700100", "name": "Länkhjul", "quantity": 1}] if state == "COMPLETED" else [],
        by_name="Tekniker 7" if state == "COMPLETED" else "",
        proposal=None,
    )
    work_reports.record_status(number, sequence=2, report=report)


# One hämtorder for each of a unit's last aids: why, and how far it has come ("": the stand-in takes it from here, None: it stays a draft).
_PICKUPS = ((Reason.NOT_NEEDED, "PLANNED"), (Reason.END_OF_TRIAL, "MISSING"), (Reason.EXCHANGE, "DEREGISTERED"), (Reason.MOVED, ""), (Reason.OTHER, None))


def load_pickups() -> None:
    """Hämtorder of each ordering unit about aids that its patients have, in different states."""
    for by in Assignment.objects.filter(role=Role.PRESCRIBER).select_related("unit__provider", "user").order_by("pk"):
        loans = Loan.objects.current().filter(unit=by.unit, patient__protection="NONE", is_lost=False, is_under_investigation=False, on_pickup=0)
        for loan, (reason, state) in zip(loans.select_related("patient", "article__local").order_by("-pk"), _PICKUPS, strict=False):
            order = pickup_drafts.start(loan.patient, by=by, loans=[loan])
            content = pickup_drafts.Content(
                customer=order.customer,
                reason=reason,
                is_cleaned=True,
                load_carrier=LoadCarrier.objects.filter(is_active=True).order_by("pk").first(),
                contact_name=by.user.name,
                contact_phone=by.user.phone,
            )
            pickup_drafts.save(order, content=content, wanted=pickup_drafts.wanted_of(order))
            order.refresh_from_db()
            if state is None or pickup_orders.problems_of(order, pickup_orders.items_of(order)):
                continue
            number = pickup_orders.place(order, by=by)
            if state:
                _tell_of_pickup(number, state)


def _tell_of_pickup(number: str, state: str) -> None:
    """As `_finish`."""
    states = PickupStatusReport.State
    day = timezone.localdate() + datetime.timedelta(days=2 if state == "PLANNED" else 0)
    OutgoingMessage.objects.filter(subject=number).update(state=OutgoingMessage.State.DONE, done_at=timezone.now())
    received = PickupResponse(Answer.RECEIVED, f"S2-{number[7:15]}", None, "", ())
    pickup_reports.record_response(number, sequence=1, response=received)
    pickup_reports.record_status(number, sequence=2, report=PickupReport(states.PLANNED, day, None))
    if state != "PLANNED":
        pickup_reports.record_status(number, sequence=3, report=PickupReport(states.PICKED_UP, day, {1: state != "MISSING"}))
    if state == "DEREGISTERED":
        pickup_reports.record_status(number, sequence=4, report=PickupReport(states.DEREGISTERED, day, {1: True}))


# A name as a finger draws it.
_STROKES = "[[120, 300, 160, 120, 230, 310, 260, 160, 330, 300, 380, 210], [430, 290, 520, 200, 610, 290, 720, 180, 860, 250]]"


def load_receipts() -> None:
    """Receipts of each ordering unit: of what stands on a planned hämtorder, and of an aid that staff took along, corrected afterwards."""
    for by in Assignment.objects.filter(role=Role.PRESCRIBER).select_related("unit__provider", "user").order_by("pk"):
        planned = PickupOrder.objects.visible_to(by).filter(status="PLANNED", patient__isnull=False).select_related("patient").order_by("pk").first()
        if planned is not None:
            items = planned.items.select_related("loan").filter(loan__isnull=False)
            handed = tuple(HandedOver(f"l{item.loan_id}", item.quantity, Condition.OK) for item in items)
            _write_receipt(planned.patient, by=by, handed=handed, order=planned)
        taken = Loan.objects.current().filter(unit=by.unit, patient__protection="NONE", is_lost=False, on_pickup=0, receipt_items__isnull=True)
        loan = taken.select_related("patient").order_by("pk").first()
        if loan is None:
            continue
        number = _write_receipt(loan.patient, by=by, handed=(HandedOver(f"l{loan.pk}", loan.held, Condition.OK),))
        worn = (HandedOver(f"l{loan.pk}", loan.held, Condition.WORN, "Greppen är slitna."),)
        unsigned = Signature(Signing.NONE, reason="Rättat i efterhand. Version 1 är underskriven.")
        correct_receipt(
            ReturnReceipt.objects.for_list().get(number=number),
            page=Page(uuid.uuid4(), ""),
            content=_receipt_content(loan.patient, handed=worn, order=None, signature=unsigned),
            why="Slitaget syntes först på kontoret.",
            seen=1,
            by=by,
        )


def _write_receipt(patient: Patient, *, by: Assignment, handed: tuple[HandedOver, ...], order: PickupOrder | None = None) -> str:
    drawn = Signature(Signing.DRAWN, picture=signature.draw(signature.read(_STROKES)))
    return write_receipt(patient, page=Page(uuid.uuid4(), ""), content=_receipt_content(patient, handed=handed, order=order, signature=drawn), by=by)


def _receipt_content(patient: Patient, *, handed: tuple[HandedOver, ...], order: PickupOrder | None, signature: Signature) -> ReceiptContent:
    return ReceiptContent(order=order, items=handed, handed_over_by=patient.name, received_at=timezone.now(), method="HOME", signature=signature)
