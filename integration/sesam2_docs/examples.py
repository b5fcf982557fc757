"""One worked example of each message. Persons have Skatteverket's test numbers; names, addresses and phones are invented."""

import uuid
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from core.numbers import order_number
from integration import contract
from integration.contract import (
    Aid,
    ArticleValues,
    Attachment,
    Availability,
    CancelledReason,
    CancelReason,
    ChargingForm,
    Condition,
    CorrectionLine,
    CorrectionReason,
    CostProposal,
    CustomerOrderLine,
    DeliveredLine,
    Delivery,
    DeliveryClass,
    DeliveryMethod,
    DespatchedIndividual,
    DespatchLine,
    FaultAbout,
    FaultState,
    FaultType,
    FoundItem,
    IdType,
    InvoiceKind,
    LineStatus,
    NamedValue,
    NotifyBy,
    OrderLine,
    Party,
    PatientRef,
    Person,
    PickupItem,
    PickupReason,
    PickupState,
    PlaceType,
    Purpose,
    QuantityLine,
    ReceivedLine,
    Replacement,
    ResponseCode,
    ResponseLine,
    ReturnItem,
    Side,
    StockReason,
    StoreRef,
    SubstitutionGroupRef,
    WorkKind,
    WorkPart,
    WorkPlace,
    WorkReport,
    WorkStatus,
)

PORTAL_GLN, SESAM2_GLN, SUPPLIER_GLN = "7359999900031", "7359999900017", "7359999900024"
WINTER = timezone(timedelta(hours=1))
CREATED = datetime(2026, 11, 23, 9, 15, 2, 123000, WINTER)

K, L, U, RETURN, A, H, R, F, LOST, C, P, P2 = (
    order_number(prefix, 2026, running)
    for prefix, running in [
        ("K", 123), ("L", 41), ("U", 7), ("U", 8), ("A", 19), ("H", 5), ("R", 5), ("F", 2), ("F", 3), ("C", 1), ("P", 1), ("P", 2),
    ]
)  # fmt: skip
DESPATCH, BASIS = "FS-2026-4711", "FU-2026-10-4401"

PATIENT = PatientRef(id_type=IdType.PERSONNUMMER, id="189003059814", name="Elsa Exempel", protected=False)
PROTECTED = PatientRef(id_type=IdType.PERSONNUMMER, id="189003099810", name=None, protected=True)
BEFORE = PatientRef(id_type=IdType.SAMORDNINGSNUMMER, id="192108782398", name="Elsa Exempel", protected=False)
ORDERER = Person(
    hsa_id="SE2321000131-E000000000001", name="Anna Arbetsterapeut", phone="031-3900601", email="anna@vardcentral.example", profession="arbetsterapeut"
)
TECHNICIAN = Person(hsa_id="SE2321000131-E000000000002", name="Tage Tekniker", phone="031-3900602", profession="förrådsansvarig")
PARTY = Party(unit_hsa_id="SE2321000131-E000000000101", unit_name="Vårdcentralen Exempel", customer_number="K4401", payer_number="B4401")
STORE = StoreRef(store_number="F-017", unit_hsa_id="SE2321000131-E000000000101")
HOME = Delivery(
    method=DeliveryMethod.HOME,
    recipient_name="Elsa Exempel",
    street="Exempelgatan 12",
    postal_code="41101",
    city="Göteborg",
    door_code="1234",
    hospital=False,
    contact_name="Anna Arbetsterapeut",
    contact_phone="031-3900601",
    notify={NotifyBy.SMS: "070-1740605"},
    instructions="Ring på hos grannen om ingen öppnar.",
)
UNIT_CONTACT = Delivery(method=DeliveryMethod.MANUAL_CONTACT, hospital=False, contact_name="Vårdcentralen Exempel", contact_phone="031-3900600")
POINT = Delivery(method=DeliveryMethod.DELIVERY_POINT, hospital=False, delivery_point_number="LP-203", contact_phone="031-3900601")
CHAIR: dict[str, Any] = {"supplier_gln": SUPPLIER_GLN, "supplier_article_number": "AR-45", "article_number": "104501", "name": "Allround sittbredd 45 cm"}
TRAY: dict[str, Any] = {"supplier_gln": SUPPLIER_GLN, "supplier_article_number": "AR-BORD", "name": "Rullstolsbord till Allround"}
FILE = Attachment(
    file_name="matt.pdf",
    media_type="application/pdf",
    size=48211,
    sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    url="https://portal.example/api/sesam2/v1/attachments/0192f3c4-5a00-7000-8000-000000000001",
)


def _bodies() -> list[tuple[str, contract.Body]]:
    """(subject, body) in an order in which they could be sent."""
    chair = QuantityLine(line=1, quantity=1, individual_number="I1045017", **CHAIR)
    return [
        (K, contract.CustomerOrder(
            order_number=K, patient=PATIENT, orderer=ORDERER, prescriber=ORDERER, party=PARTY, purpose=Purpose.TRIAL, ends_on=date(2027, 2, 1),
            urgent=False, requested_date=date(2026, 12, 1), accept_equivalent=True, deliver_together=True, delivery=HOME,
            lines=[
                CustomerOrderLine(line=1, quantity=1, configuration=[NamedValue(name="sittdjup", value="42 cm")], unit_price=Decimal("4250.00"), **CHAIR),
                CustomerOrderLine(line=2, quantity=1, main_line=1, note="Monteras på stolen.", **TRAY),
            ],
            attachments=[FILE],
        )),
        (L, contract.StockOrder(
            order_number=L, store=STORE, party=PARTY, reason=StockReason.REPLENISHMENT, requested_date=date(2026, 12, 1),
            lines=[OrderLine(line=1, quantity=4, **CHAIR)],
        )),
        (U, contract.StockWithdrawal(
            order_number=U, store=STORE, patient=PROTECTED, orderer=ORDERER, prescriber=ORDERER, party=PARTY, withdrawn_at=CREATED, lines=[chair],
        )),
        (A, contract.WorkOrder(
            order_number=A, kind=WorkKind.REPAIR, patient=PATIENT, orderer=ORDERER, party=PARTY, requested_date=date(2026, 11, 27), on_call=False,
            aid=Aid(individual_number="I1045017", article_number="104501", name="Allround sittbredd 45 cm"), aid_location="Hos patienten",
            description="Vänster broms tar inte.\nHar justerats en gång.", side=Side.LEFT, place=WorkPlace.ON_SITE, delivery=HOME, patient_can_come=False,
            loaner_needed=True, infection_risk=False, urgent=True, cost_proposal_wanted=True, priority=1, attachments=[],
        )),
        (H, contract.PickupOrder(
            order_number=H, patient=PROTECTED, orderer=ORDERER, party=PARTY, place=UNIT_CONTACT, reason=PickupReason.NOT_NEEDED, cleaned=True,
            infection_risk=False, items=[PickupItem(line=1, quantity=1, individual_number="I1045017", **CHAIR), PickupItem(line=2, quantity=1, **TRAY)],
        )),
        (R, contract.ReturnReceipt(
            receipt_number=R, order_number=H, version=1, patient=PROTECTED, received_by=TECHNICIAN, handed_over_by="personal på boendet",
            received_at=CREATED, place=UNIT_CONTACT, signed=False, unsigned_reason="Mottagaren hade gått.", attachments=[],
            items=[ReturnItem(quantity=1, individual_number="I1045017", condition=Condition.WORN, note="Repig ram", **CHAIR)],
        )),
        (F, contract.FaultReport(
            report_number=F, about=FaultAbout.PRODUCT, type=FaultType.NEGATIVE_EVENT, reporter=ORDERER, party=PARTY, patient=PATIENT,
            aid=Aid(individual_number="I1045017", name="Allround sittbredd 45 cm"), place="I hemmet", present="hemtjänst", happened_on=date(2026, 11, 20),
            description="Hjulet lossnade.", measures="Stolen är ställd åt sidan.", replacement_wanted=True, sends_aid_in=True,
            reported_to_authority=False, answer_wanted=True, attachments=[],
        )),
        (K, contract.CancellationRequest(order_number=K, reason=CancelReason.CHANGED_NEED, note="Behöver inget bord.", lines=[2])),
        (K, contract.DeliveryChange(order_number=K, delivery=POINT)),
        (A, contract.CostProposalAnswer(order_number=A, approved=True, by=ORDERER, note="Godkänt av enhetschefen.")),
        (L, contract.GoodsReceipt(
            order_number=L, despatch_number=DESPATCH, received_at=CREATED, received_by=TECHNICIAN,
            lines=[ReceivedLine(line=1, received=3, missing=1, damaged=0, individual_numbers=["I1045101", "I1045102", "I1045103"])],
        )),
        (RETURN, contract.StockReturn(order_number=RETURN, store=STORE, patient=PATIENT, returned_at=CREATED, received_by=TECHNICIAN, lines=[chair])),
        (C, contract.StockCorrection(
            correction_number=C, store=STORE, corrected_at=CREATED, by=TECHNICIAN,
            lines=[CorrectionLine(line=1, difference=-1, reason=CorrectionReason.SCRAPPED, note="Krossad i transport", **CHAIR)],
        )),
        (LOST, contract.LostAidFound(report_number=LOST, found_on=date(2026, 11, 22), note="Stod i cykelrummet.")),
        (K, contract.LoanChange(order_number=K, lines=[1], purpose=Purpose.LOAN)),
        (P, contract.PatientIdentityChanged(from_=BEFORE, to=PATIENT)),
        (P2, contract.PayerChanged(patient=PATIENT, customer_number="K4402", payer_number="B4402", valid_from=date(2026, 12, 1))),
        (K, contract.OrderResponse(
            order_number=K, erp_order_number="900123", code=ResponseCode.CA, promised_date=date(2026, 12, 2),
            lines=[
                ResponseLine(line=1, status=LineStatus.ACCEPTED, quantity=1, promised_date=date(2026, 12, 2)),
                ResponseLine(
                    line=2, status=LineStatus.CHANGED, quantity=1, reason="Ersatt av nyare modell.",
                    replacement=Replacement(supplier_gln=SUPPLIER_GLN, supplier_article_number="AR-BORD2", article_number="104599", name="Rullstolsbord 2"),
                ),
            ],
        )),
        (K, contract.DeliveryDelayed(
            order_number=K, promised_date=date(2026, 12, 9), previous_date=date(2026, 12, 2), reason="Försenad från leverantören.", lines=[2],
        )),
        (L, contract.OrderCancelled(
            order_number=L, reason_code=CancelledReason.DISCONTINUED, reason="Artikeln har utgått.", lines=[1], new_order_required=True,
        )),
        (K, contract.CancellationRefused(order_number=K, reason="Ordern är redan på väg.")),
        (K, contract.DeliveryChangeRefused(order_number=K, reason="Ordern är redan på väg.")),
        (K, contract.DespatchAdvice(
            order_number=K, despatch_number=DESPATCH, despatched_at=CREATED, expected_date=date(2026, 12, 9), carrier="Budet",
            tracking_url="https://bud.example/spara?nr=4711",
            lines=[
                DespatchLine(
                    line=1, quantity=1, outstanding=0, individuals=[DespatchedIndividual(individual_number="I1045017", serial_number="SN-88-1")],
                    udi="(01)07359999900017(21)SN-88-1",
                ),
                DespatchLine(line=2, quantity=1, outstanding=0, lot="B26-44"),
            ],
        )),
        (K, contract.DeliveryConfirmation(
            order_number=K, despatch_number=DESPATCH, delivered_at=CREATED + timedelta(days=2), place_type=PlaceType.RESIDENCE, signed=True,
            signed_by="hemtjänst", lines=[DeliveredLine(line=1, quantity=1, individual_numbers=["I1045017"]), DeliveredLine(line=2, quantity=1)],
        )),
        (A, contract.WorkOrderStatus(
            order_number=A, status=WorkStatus.WAITING, planned_date=date(2026, 11, 26),
            report=WorkReport(
                summary="Bromsen måste bytas.", hours=Decimal("1.5"), parts=[WorkPart(article_number="104777", name="Broms vänster", quantity=1)],
                by_name="Tekniker 7",
            ),
            cost_proposal=CostProposal(amount=Decimal("1250.00"), text="Ny broms och en timmes arbete."), late_reason="Reservdel saknas.",
        )),
        (H, contract.PickupStatus(
            order_number=H, status=PickupState.DEREGISTERED, pickup_date=date(2026, 11, 30),
            items=[FoundItem(line=1, found=True), FoundItem(line=2, found=False)],
        )),
        (F, contract.FaultReportStatus(report_number=F, status=FaultState.INVESTIGATING, erp_case_number="AV-1881")),
        (F, contract.FaultReportAnswer(
            report_number=F, answer_to_reporter=True, answer="Muttern var fel monterad. Rutinen är ändrad.", answered_by="Kvalitet", answered_at=CREATED,
        )),
        ("I1045017", contract.IndividualUpdated(individual_number="I1045017", replaced_by="I2045017", next_inspection=date(2027, 11, 1), note="Ny märkning.")),
        ("ARTICLES", contract.ArticleUpdate(articles=[
            ArticleValues(
                supplier_gln=SUPPLIER_GLN, supplier_article_number="AR-45", article_number="104501", published=True, orderable=True, in_assortment=True,
                may_be_component=False, charging_form=ChargingForm.RENT, individual_marked=True, delivery_class=DeliveryClass.STOCKED,
                availability=Availability.LOW, substitution_group=SubstitutionGroupRef(number="UG-12", fixed=False), price=Decimal("212.50"),
                extra_text="Välj sittdjup.",
            ),
            ArticleValues(supplier_gln=SUPPLIER_GLN, supplier_article_number="AR-BORD", orderable=False, substitution_group=None),
        ])),
        (BASIS, contract.InvoiceBasisAvailable(
            basis_id=BASIS, period="2026-10", payer_number="B4401", version=1, line_count=2, total=Decimal("1962.50"), credits=Decimal("-212.50"),
        )),
    ]  # fmt: skip


def make_examples() -> dict[str, dict[str, Any]]:
    """messageType → a whole message as JSON values, in an order in which they could be sent."""
    made = {}
    sequences: Counter[tuple[str, bool]] = Counter()
    for minute, (subject, body) in enumerate(_bodies()):
        name = type(body).__name__
        outgoing = name in contract.OUTGOING
        sequences[subject, outgoing] += 1
        made[name] = contract.envelope(
            name,
            subject,
            sequences[subject, outgoing],
            body,
            message_id=uuid.uuid5(uuid.NAMESPACE_URL, f"urn:websesam:example:{name}"),
            created=CREATED + timedelta(minutes=minute),
            sender=PORTAL_GLN if outgoing else SESAM2_GLN,
            receiver=SESAM2_GLN if outgoing else PORTAL_GLN,
        )
    return made


def invoice_line() -> dict[str, Any]:
    """One line of an invoice basis."""
    line = contract.InvoiceLine(
        line=1,
        kind=InvoiceKind.RENT,
        customer_number="K4401",
        cost_reference="4711",
        unit_hsa_id=PARTY.unit_hsa_id,
        patient_id=PATIENT.id,
        order_number=K,
        article_number="104501",
        name="Allround sittbredd 45 cm",
        iso_code="122203",
        individual_number="I1045017",
        from_=date(2026, 10, 1),
        to=date(2026, 10, 31),
        days=31,
        quantity=Decimal(1),
        unit="mån",
        unit_price=Decimal("212.50"),
        amount=Decimal("212.50"),
        vat_rate=Decimal(25),
    )
    return line.model_dump(mode="json", by_alias=True)
