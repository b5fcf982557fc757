"""Who may open what: every address of the URLconf × every role × own, neighbouring and foreign unit × reading and writing.

`ROWS` says for each address which permission opens it and what it shows. An address without a row fails, as does a row without an address.
"""

import dataclasses
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.actions import begin_job
from accounts.models import Assignment, Job
from accounts.permissions import ROLES, Permission
from accounts.roles import Role
from billing.models import InvoiceBasis, InvoiceFile, InvoiceFilePart
from buffer.actions import counting, levels
from buffer.models import Count, StockLine, Store
from catalog.models import Category, StoredFile
from faultreports.models import FaultReport
from faultreports.models import Kind as FaultKind
from integration.models import Attachment
from orders.actions import stock_orders
from orders.actions.templates import save_as_template
from orders.actions.top_up import top_up
from orders.models import Order, OrderTemplate, Status, TopUp
from patients.actions import change_identity
from patients.identifiers import Identifier, IdentityType
from patients.models import AccessLogEntry, Contact, Patient, PatientHistory
from patients.views.find import _TYPED
from pickups.models import PickupOrder, ReceiptFile, ReturnReceipt
from tests import factories
from tests.billing import told as told_bills
from tests.buffer import stores
from tests.faultreports import told as told_faults
from tests.orders import stock
from tests.orders import told as told_orders
from tests.pickups import handed
from tests.pickups import told as told_pickups
from tests.workorders import told
from workorders.models import WorkOrder


@pytest.fixture
def db(module_transaction: None) -> Iterator[None]:
    """In place of pytest-django's: what a test does is undone, the world stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


OWN, NEIGHBOUR, FOREIGN = "egen enhet", "annan enhet hos vårdgivaren", "annan vårdgivare"
PLACES = [OWN, NEIGHBOUR, FOREIGN]
METHODS = ["GET", "POST"]
READ_ONLY, WRITE_ONLY, BOTH = {"GET"}, {"POST"}, {"GET", "POST"}
P = Permission


@dataclasses.dataclass
class World:
    """What Alice's unit has: the objects that the addresses are about."""

    media_root: Path
    alice: Assignment
    job: Job
    basis: InvoiceBasis
    patient: Patient
    draft: Order
    sent: Order
    cancelled: Order
    waiting: Order
    file: StoredFile
    category: Category
    contact: Contact
    other: Patient
    change: PatientHistory
    lma: Patient
    template: OrderTemplate
    attachment: Attachment
    trial: Order
    work_draft: WorkOrder
    work: WorkOrder
    cancelled_work: WorkOrder
    special: WorkOrder
    work_file: Attachment
    stock: StockLine
    count: Count
    pickup_draft: PickupOrder
    pickup: PickupOrder
    cancelled_pickup: PickupOrder
    receipt: ReturnReceipt
    store: Store
    stock_draft: Order
    stock_order: Order
    stopped: TopUp
    stock_cancelled: Order
    taken: Order
    store_draft: PickupOrder
    store_pickup: PickupOrder
    cancelled_store_pickup: PickupOrder
    fault: FaultReport
    fault_draft: FaultReport
    lost: FaultReport
    fault_file: Attachment


@dataclasses.dataclass(frozen=True)
class Row:
    """`permission` None is public. `of_unit`: about something that only the unit that owns it may see; `of_provider`: all units of its care provider.

    `also` is what everybody but Alice, whose it is, must have besides `permission`; what `is_alices` nobody else opens.
    """

    permission: Permission | None
    methods: set[str]
    sample: Callable[[World], dict[str, Any]] = lambda world: {}
    of_unit: bool = False
    data: dict[str, str] = dataclasses.field(default_factory=dict)
    of_provider: bool = False
    also: Permission | None = None
    is_alices: bool = False

    def opens_from(self, place: str) -> bool:
        return place == OWN or (place == NEIGHBOUR and self.of_provider) or not (self.of_unit or self.of_provider)


def of_draft(world: World) -> dict[str, Any]:
    return {"public_id": world.draft.public_id}


def of_sent(world: World) -> dict[str, Any]:
    return {"number": world.sent.number}


def of_cancelled(world: World) -> dict[str, Any]:
    return {"number": world.cancelled.number}


def of_article(world: World) -> dict[str, Any]:
    return {"pk": world.sent.lines.get().article_id}


def of_waiting(world: World) -> dict[str, Any]:
    return {"public_id": world.waiting.public_id}


def of_patient(world: World) -> dict[str, Any]:
    return {"public_id": world.patient.public_id}


def of_contact(world: World) -> dict[str, Any]:
    return {"public_id": world.patient.public_id, "pk": world.contact.pk}


def of_work_draft(world: World) -> dict[str, Any]:
    return {"public_id": world.work_draft.public_id}


def of_work(world: World) -> dict[str, Any]:
    return {"number": world.work.number}


def of_fault(world: World) -> dict[str, Any]:
    return {"number": world.fault.number}


def of_store_pickup(world: World) -> dict[str, Any]:
    return {"number": world.store_pickup.number}


def of_store(world: World) -> dict[str, Any]:
    return {"number": world.stock.store.number}


def of_line(world: World) -> dict[str, Any]:
    return {**of_store(world), "pk": world.stock.article_id}


def of_count(world: World) -> dict[str, Any]:
    return {"public_id": world.count.public_id}


def of_fault_draft(world: World) -> dict[str, Any]:
    return {"public_id": world.fault_draft.public_id}


def of_pickup_draft(world: World) -> dict[str, Any]:
    return {"public_id": world.pickup_draft.public_id}


def of_pickup(world: World) -> dict[str, Any]:
    return {"number": world.pickup.number}


def of_receipt(world: World) -> dict[str, Any]:
    return {"number": world.receipt.number}


def in_store(world: World) -> dict[str, Any]:
    return {"store": world.store.number}


def of_stock_draft(world: World) -> dict[str, Any]:
    return {"public_id": world.stock_draft.public_id}


def of_stock_order(world: World) -> dict[str, Any]:
    return {"number": world.stock_order.number}


def of_despatch(world: World) -> dict[str, Any]:
    return {"number": world.stock_order.number, "pk": world.stock_order.despatches.get().pk}


def of_basis(world: World) -> dict[str, Any]:
    return {"public_id": world.basis.public_id}


def to_patient(world: World) -> dict[str, Any]:
    return {"patient_id": world.patient.public_id}


ADDRESS = {"phone": "070-174 06 05", "street": "Nygatan 2", "postal_code": "441 30", "city": "Alingsås", "has_no_door_code": "on"}
ROWS: dict[str, Row] = {
    "start": Row(P.USE_PORTAL, READ_ONLY),
    "notices": Row(P.USE_PORTAL, READ_ONLY),
    "read_notices": Row(P.USE_PORTAL, WRITE_ONLY, data={"notice": "1"}),
    "healthz": Row(None, READ_ONLY),
    "readyz": Row(None, READ_ONLY),
    "help": Row(None, READ_ONLY),
    "accessibility": Row(None, READ_ONLY),
    "components": Row(None, BOTH),
    "accounts:login": Row(None, BOTH),
    "accounts:logout": Row(None, WRITE_ONLY),
    "accounts:switch": Row(P.USE_PORTAL, BOTH),
    "patient": Row(P.OPEN_PATIENT, READ_ONLY, of_patient, of_unit=True),
    "patients:find": Row(P.OPEN_PATIENT, BOTH, data={"number": "19121212-1212"}),
    "patients:confirm": Row(P.OPEN_PATIENT, BOTH, data={"confirmed": "on"}),
    "patients:register": Row(P.EDIT_PATIENT, BOTH, data={"given_name": "Tolvan", "family_name": "Tolvansson", **ADDRESS}),
    "patients:details": Row(P.EDIT_PATIENT, BOTH, of_patient, of_unit=True, data=ADDRESS),
    "patients:add_contact": Row(P.EDIT_PATIENT, BOTH, of_patient, of_unit=True, data={"name": "God Man", "phone": "070-174 06 05"}),
    "patients:change_contact": Row(P.EDIT_PATIENT, BOTH, of_contact, of_unit=True, data={"name": "God Man", "phone": "070-174 06 05"}),
    "patients:end_contact": Row(P.EDIT_PATIENT, WRITE_ONLY, of_contact, of_unit=True),
    "patients:change_identity": Row(P.CHANGE_IDENTITY, BOTH, of_patient, of_unit=True, data={"number": factories.test_numbers()[498], "reason": "Fel"}),
    "patients:prolong_lma": Row(
        P.CHANGE_IDENTITY, BOTH, lambda world: {"public_id": world.lma.public_id}, of_unit=True, data={"valid_until": f"{factories.days_from_now(90)}"}
    ),
    "patients:undo": Row(P.CHANGE_IDENTITY, BOTH, lambda world: {**of_patient(world), "pk": world.change.pk}, of_unit=True, data={"reason": "Fel"}),
    "patients:find_other": Row(P.MERGE_PATIENTS, BOTH, of_patient, of_unit=True, data={"number": "19121212-1212"}),
    "patients:merge": Row(
        P.MERGE_PATIENTS,
        BOTH,
        lambda world: {**of_patient(world), "other_id": world.other.public_id},
        of_unit=True,
        data={"keep": "this", "reason": "Samma person", "confirmed": "on"},
    ),
    "patients:change_payer": Row(
        P.CHANGE_PAYER, BOTH, of_patient, of_unit=True, data={"customer": "600101", "starts_on": f"{factories.days_from_now(1)}", "reason": "Flyttat"}
    ),
    "returned": Row(P.OPEN_PATIENT, READ_ONLY, of_patient, of_unit=True),
    "find_individual": Row(P.SEE_INDIVIDUAL, READ_ONLY),
    "individual": Row(P.SEE_INDIVIDUAL, READ_ONLY, lambda world: {"number": "40-1"}, of_provider=True),
    "catalog:list": Row(P.SEE_CATALOG, READ_ONLY),
    "catalog:article": Row(P.SEE_CATALOG, READ_ONLY, of_article),
    "catalog:classes": Row(P.SEE_CATALOG, READ_ONLY),
    "catalog:class": Row(P.SEE_CATALOG, READ_ONLY, lambda world: {"code": world.category.code}),
    "catalog:favourites": Row(P.SEE_CATALOG, READ_ONLY),
    "catalog:favourite": Row(P.SEE_CATALOG, WRITE_ONLY, of_article, data={"on": "on"}),
    "catalog:related": Row(P.SEE_CATALOG, READ_ONLY, lambda world: {**of_article(world), "group": "tillbehor"}),
    "catalog:history": Row(P.SEE_FEED_HISTORY, READ_ONLY, of_article),
    "catalog:media": Row(P.SEE_CATALOG, READ_ONLY, lambda world: {"sha256": world.file.sha256}),
    "orders:list": Row(P.SEE_ORDERS, BOTH, data={"number": "19121212-1212"}),
    "orders:add_article": Row(P.PLACE_ORDER, BOTH, of_article, data={"draft": "ny", "quantity": "1"}),
    "orders:start": Row(P.PLACE_ORDER, WRITE_ONLY, lambda world: {"patient_id": world.patient.public_id}, of_unit=True),
    "orders:draft": Row(P.PLACE_ORDER, BOTH, of_draft, of_unit=True, data={"quantity_1": "7", "method": "UNIT"}),
    "orders:articles": Row(P.PLACE_ORDER, READ_ONLY, of_draft, of_unit=True),
    "orders:autosave": Row(P.PLACE_ORDER, WRITE_ONLY, of_draft, of_unit=True, data={"quantity_1": "7", "method": "UNIT"}),
    "orders:new_template": Row(P.PLACE_ORDER, BOTH, of_draft, of_unit=True, data={"name": "Rullstol", "scope": "unit"}),
    "orders:templates": Row(P.PLACE_ORDER, READ_ONLY),
    "orders:remove_template": Row(P.PLACE_ORDER, WRITE_ONLY, lambda world: {"pk": world.template.pk}, of_unit=True),
    "orders:attachment": Row(P.SEE_ORDERS, READ_ONLY, lambda world: {"attachment_id": world.attachment.pk}, of_unit=True),
    "orders:change_loan": Row(P.PLACE_ORDER, BOTH, lambda world: {"number": world.trial.number}, of_unit=True, data={"lines": "1", "what": "prescribe"}),
    "orders:review": Row(P.PLACE_ORDER, READ_ONLY, of_draft, of_unit=True),
    "orders:send": Row(P.PLACE_ORDER, WRITE_ONLY, of_draft, of_unit=True),
    "orders:discard": Row(P.PLACE_ORDER, BOTH, of_draft, of_unit=True),
    "orders:order": Row(P.SEE_ORDERS, READ_ONLY, of_sent, of_unit=True),
    "orders:sent": Row(P.SEE_ORDERS, READ_ONLY, of_sent, of_unit=True),
    "orders:live": Row(P.SEE_ORDERS, READ_ONLY, of_sent, of_unit=True),
    "orders:cancel": Row(P.PLACE_ORDER, BOTH, of_sent, of_unit=True, data={"reason": "NOT_NEEDED", "note": "Behövs inte"}),
    "orders:delivery": Row(P.PLACE_ORDER, BOTH, of_sent, of_unit=True, data={"method": "UNIT"}),
    "orders:print": Row(P.SEE_ORDERS, READ_ONLY, of_sent, of_unit=True),
    "orders:agreement": Row(P.SEE_ORDERS, READ_ONLY, of_sent, of_unit=True),
    "orders:export": Row(P.SEE_ORDERS, READ_ONLY),
    "orders:per_prescriber": Row(P.SEE_ORDERS, READ_ONLY),
    "orders:drafts": Row(P.SEE_ORDERS, READ_ONLY),
    "orders:other_units": Row(P.SEE_ORDERS, BOTH, data={"reason": "Patienten har flyttat", "confirmed": "on"}),
    "orders:only_own_unit": Row(P.SEE_ORDERS, WRITE_ONLY),
    "orders:again": Row(P.PLACE_ORDER, WRITE_ONLY, of_cancelled, of_unit=True),
    "orders:ask": Row(P.PLACE_ORDER, WRITE_ONLY, of_draft, of_unit=True, data={"justification": "Behövs"}),
    "orders:approvals": Row(P.SEE_ORDERS, READ_ONLY),
    "orders:approval": Row(P.SEE_ORDERS, READ_ONLY, of_waiting, of_unit=True),
    "orders:approve": Row(P.APPROVE_ORDER, WRITE_ONLY, of_waiting, of_unit=True, data={"version": "1"}),
    "orders:send_back": Row(P.APPROVE_ORDER, WRITE_ONLY, of_waiting, of_unit=True, data={"version": "1", "note": "Pröva en annan"}),
    "workorders:list": Row(P.SEE_ORDERS, BOTH, data={"number": "19121212-1212"}),
    "workorders:export": Row(P.SEE_ORDERS, READ_ONLY),
    "workorders:planned": Row(P.SEE_ORDERS, READ_ONLY),
    "workorders:drafts": Row(P.SEE_ORDERS, READ_ONLY),
    "workorders:other_units": Row(P.SEE_ORDERS, BOTH, data={"reason": "Patienten har flyttat", "confirmed": "on"}),
    "workorders:only_own_unit": Row(P.SEE_ORDERS, WRITE_ONLY),
    "workorders:individual": Row(P.PLACE_ORDER, BOTH, data={"number": "100200"}),
    "workorders:guide": Row(P.PLACE_ORDER, READ_ONLY, to_patient, of_unit=True),
    "workorders:start": Row(P.PLACE_ORDER, WRITE_ONLY, to_patient, of_unit=True, data={"slag": "ASSEMBLY"}),
    "workorders:about": Row(P.PLACE_ORDER, WRITE_ONLY, to_patient, of_unit=True),
    "workorders:draft": Row(P.PLACE_ORDER, BOTH, of_work_draft, of_unit=True, data={"description": "Något annat", "place": "CENTRE"}),
    "workorders:review": Row(P.PLACE_ORDER, READ_ONLY, of_work_draft, of_unit=True),
    "workorders:send": Row(P.PLACE_ORDER, WRITE_ONLY, of_work_draft, of_unit=True),
    "workorders:discard": Row(P.PLACE_ORDER, BOTH, of_work_draft, of_unit=True),
    "workorders:attachment": Row(
        P.SEE_ORDERS, READ_ONLY, lambda world: {"public_id": world.special.public_id, "attachment_id": world.work_file.pk}, of_unit=True
    ),
    "workorders:order": Row(P.SEE_ORDERS, READ_ONLY, of_work, of_unit=True),
    "workorders:sent": Row(P.SEE_ORDERS, READ_ONLY, of_work, of_unit=True),
    "workorders:live": Row(P.SEE_ORDERS, READ_ONLY, of_work, of_unit=True),
    "workorders:print": Row(P.SEE_ORDERS, READ_ONLY, of_work, of_unit=True),
    "workorders:cancel": Row(P.PLACE_ORDER, BOTH, of_work, of_unit=True, data={"reason": "NOT_NEEDED", "note": "Behövs inte"}),
    "workorders:proposal": Row(P.APPROVE_COST, BOTH, lambda world: {"number": world.special.number}, of_unit=True, data={"answer": "ja", "proposal": "1"}),
    "workorders:again": Row(P.PLACE_ORDER, WRITE_ONLY, lambda world: {"number": world.cancelled_work.number}, of_unit=True),
    "pickups:list": Row(P.SEE_ORDERS, BOTH, data={"number": "19121212-1212"}),
    "pickups:export": Row(P.SEE_ORDERS, READ_ONLY),
    "pickups:week": Row(P.SEE_ORDERS, READ_ONLY),
    "pickups:drafts": Row(P.SEE_ORDERS, READ_ONLY),
    "pickups:other_units": Row(P.SEE_ORDERS, BOTH, data={"reason": "Patienten har flyttat", "confirmed": "on"}),
    "pickups:only_own_unit": Row(P.SEE_ORDERS, WRITE_ONLY),
    "pickups:individual": Row(P.PLACE_ORDER, BOTH, data={"number": "100201"}),
    "pickups:start": Row(P.PLACE_ORDER, WRITE_ONLY, to_patient, of_unit=True),
    "pickups:about": Row(P.PLACE_ORDER, WRITE_ONLY, to_patient, of_unit=True),
    "pickups:delivered": Row(P.PLACE_ORDER, WRITE_ONLY, lambda world: {"number": world.trial.number}, of_unit=True),
    "pickups:draft": Row(P.PLACE_ORDER, BOTH, of_pickup_draft, of_unit=True, data={"infection_note": "Påse", "method": "UNIT"}),
    "pickups:review": Row(P.PLACE_ORDER, READ_ONLY, of_pickup_draft, of_unit=True),
    "pickups:send": Row(P.PLACE_ORDER, WRITE_ONLY, of_pickup_draft, of_unit=True),
    "pickups:discard": Row(P.PLACE_ORDER, BOTH, of_pickup_draft, of_unit=True),
    "pickups:order": Row(P.SEE_ORDERS, READ_ONLY, of_pickup, of_unit=True),
    "pickups:sent": Row(P.SEE_ORDERS, READ_ONLY, of_pickup, of_unit=True),
    "pickups:live": Row(P.SEE_ORDERS, READ_ONLY, of_pickup, of_unit=True),
    "pickups:print": Row(P.SEE_ORDERS, READ_ONLY, of_pickup, of_unit=True),
    "pickups:cancel": Row(P.PLACE_ORDER, BOTH, of_pickup, of_unit=True, data={"lines": "1", "reason": "NOT_NEEDED", "note": "Behålls"}),
    "pickups:place": Row(P.PLACE_ORDER, BOTH, of_pickup, of_unit=True, data={"method": "UNIT"}),
    "pickups:report_missing": Row(P.REPORT_FAULT, WRITE_ONLY, lambda world: {**of_pickup(world), "line": 1}, of_unit=True),
    "pickups:receipts": Row(P.SEE_ORDERS, BOTH, data={"number": "19121212-1212"}),
    "pickups:new_receipt": Row(P.PLACE_ORDER, BOTH, to_patient, of_unit=True, data={"handed_over_by": "Elsa", "signing": "TYPED"}),
    "pickups:receipt": Row(P.SEE_ORDERS, READ_ONLY, of_receipt, of_unit=True),
    "pickups:correct_receipt": Row(P.PLACE_ORDER, BOTH, of_receipt, of_unit=True, data={"correction": "Fel skick", "version": "1"}),
    "pickups:receipt_progress": Row(P.SEE_ORDERS, READ_ONLY, of_receipt, of_unit=True),
    "pickups:print_receipt": Row(P.SEE_ORDERS, READ_ONLY, of_receipt, of_unit=True),
    "pickups:receipt_file": Row(
        P.SEE_ORDERS, READ_ONLY, lambda world: {**of_receipt(world), "attachment_id": ReceiptFile.objects.get().attachment_id}, of_unit=True
    ),
    "pickups:store_list": Row(P.SEE_STORE, READ_ONLY),
    "pickups:store_start": Row(P.MANAGE_STORE, WRITE_ONLY, lambda world: {"store": world.stock.store.number}, of_unit=True),
    "pickups:store_draft": Row(P.MANAGE_STORE, BOTH, lambda world: {"public_id": world.store_draft.public_id}, of_unit=True, data={"contact_name": "Maja"}),
    "pickups:store_discard": Row(P.MANAGE_STORE, WRITE_ONLY, lambda world: {"public_id": world.store_draft.public_id}, of_unit=True),
    "pickups:store_order": Row(P.SEE_STORE, READ_ONLY, of_store_pickup, of_unit=True),
    "pickups:store_print": Row(P.SEE_STORE, READ_ONLY, of_store_pickup, of_unit=True),
    "pickups:store_cancel": Row(P.MANAGE_STORE, BOTH, of_store_pickup, of_unit=True, data={"reason": "NOT_NEEDED", "note": "Behålls"}),
    "pickups:store_again": Row(P.MANAGE_STORE, WRITE_ONLY, lambda world: {"number": world.cancelled_store_pickup.number}, of_unit=True),
    "pickups:again": Row(P.PLACE_ORDER, WRITE_ONLY, lambda world: {"number": world.cancelled_pickup.number}, of_unit=True),
    "faultreports:list": Row(P.REPORT_FAULT, READ_ONLY),
    "faultreports:export": Row(P.REPORT_FAULT, READ_ONLY),
    "faultreports:drafts": Row(P.REPORT_FAULT, READ_ONLY),
    "faultreports:statistics": Row(P.SEE_FAULT_REPORTS, READ_ONLY),
    "faultreports:recall": Row(P.RECALL, BOTH, data={"sok": "L7", "skal": "Meddelande från tillverkaren"}),
    "faultreports:recall_export": Row(P.RECALL, READ_ONLY),
    "faultreports:new": Row(P.REPORT_FAULT, READ_ONLY),
    "faultreports:start": Row(P.REPORT_FAULT, WRITE_ONLY, data={"slag": "COMPLAINT"}),
    "faultreports:about": Row(P.REPORT_FAULT, WRITE_ONLY, to_patient, of_unit=True, also=P.OPEN_PATIENT),
    "faultreports:draft": Row(P.REPORT_FAULT, BOTH, of_fault_draft, of_unit=True, is_alices=True, data={"description": "Något annat"}),
    "faultreports:review": Row(P.REPORT_FAULT, READ_ONLY, of_fault_draft, of_unit=True, is_alices=True),
    "faultreports:send": Row(P.REPORT_FAULT, WRITE_ONLY, of_fault_draft, of_unit=True, is_alices=True),
    "faultreports:discard": Row(P.REPORT_FAULT, BOTH, of_fault_draft, of_unit=True, is_alices=True),
    "faultreports:attachment": Row(
        P.REPORT_FAULT,
        READ_ONLY,
        lambda world: {"public_id": world.fault_draft.public_id, "attachment_id": world.fault_file.pk},
        of_unit=True,
        is_alices=True,
    ),
    "faultreports:report": Row(P.REPORT_FAULT, READ_ONLY, of_fault, of_unit=True, also=P.SEE_FAULT_REPORTS),
    "buffer:stores": Row(P.SEE_STORE, READ_ONLY),
    "buffer:store": Row(P.SEE_STORE, READ_ONLY, of_store, of_unit=True),
    "buffer:unregistered": Row(P.SEE_STORE, READ_ONLY, of_store, of_unit=True),
    "buffer:figures": Row(P.SEE_STORE, READ_ONLY, of_store, of_unit=True),
    "buffer:export": Row(P.SEE_STORE, READ_ONLY, of_store, of_unit=True),
    "buffer:pause": Row(P.MANAGE_STORE, BOTH, of_store, of_unit=True, data={"reason": "Ombyggnad"}),
    "buffer:resume": Row(P.MANAGE_STORE, WRITE_ONLY, lambda world: {"number": "4105"}, of_unit=True),
    "buffer:counts": Row(P.SEE_STORE, READ_ONLY, of_store, of_unit=True),
    "buffer:start_count": Row(P.MANAGE_STORE, WRITE_ONLY, lambda world: {"number": "4105"}, of_unit=True),
    "buffer:count": Row(P.SEE_STORE, READ_ONLY, of_count, of_unit=True),
    "buffer:enter": Row(P.MANAGE_STORE, WRITE_ONLY, lambda world: {**of_count(world), "pk": world.stock.pk}, of_unit=True, data={"counted": "2", "seen": "0"}),
    "buffer:differences": Row(P.MANAGE_STORE, BOTH, of_count, of_unit=True),
    "buffer:cancel_count": Row(P.MANAGE_STORE, BOTH, of_count, of_unit=True),
    "buffer:add": Row(P.MANAGE_STORE, READ_ONLY, of_store, of_unit=True),
    "buffer:line": Row(P.SEE_STORE, READ_ONLY, of_line, of_unit=True),
    "buffer:levels": Row(P.MANAGE_STORE, BOTH, of_line, of_unit=True, data={"safety_level": "2", "target_level": "1"}),
    "buffer:transfer": Row(P.MANAGE_STORE, BOTH, of_line, of_unit=True, data={"to": "1", "number_of": "1"}),
    "buffer:correct": Row(P.MANAGE_STORE, BOTH, lambda world: {**of_line(world), "way": "kassera"}, of_unit=True, data={"number_of": "1", "note": "Trasig"}),
    "faultreports:sent": Row(P.REPORT_FAULT, READ_ONLY, of_fault, of_unit=True, also=P.SEE_FAULT_REPORTS),
    "faultreports:live": Row(P.REPORT_FAULT, READ_ONLY, of_fault, of_unit=True, also=P.SEE_FAULT_REPORTS),
    "faultreports:print": Row(P.REPORT_FAULT, READ_ONLY, of_fault, of_unit=True, also=P.SEE_FAULT_REPORTS),
    "faultreports:authority": Row(P.REPORT_FAULT, WRITE_ONLY, of_fault, of_unit=True, also=P.SEE_FAULT_REPORTS),
    "faultreports:pickup": Row(P.PLACE_ORDER, WRITE_ONLY, of_fault, of_unit=True, is_alices=True),
    "faultreports:release": Row(P.HANDLE_DEVIATIONS, BOTH, of_fault, of_unit=True),
    "faultreports:found": Row(
        P.REPORT_LOST, BOTH, lambda world: {"number": world.lost.number}, of_unit=True, data={"found_on": f"{factories.days_from_now(0)}"}
    ),
    "stock:choose": Row(P.TAKE_FROM_STORE, READ_ONLY),
    "stock:to_patient": Row(P.TAKE_FROM_STORE, WRITE_ONLY, of_patient, of_unit=True),
    "stock:withdraw": Row(P.TAKE_FROM_STORE, BOTH, in_store, of_unit=True, data={"do": "register"}),
    "stock:withdraw_articles": Row(P.TAKE_FROM_STORE, READ_ONLY, in_store, of_unit=True),
    "stock:withdrawn": Row(P.TAKE_FROM_STORE, READ_ONLY, lambda world: {**in_store(world), "press": str(world.taken.press)}, of_unit=True),
    "stock:give_back": Row(P.TAKE_FROM_STORE, BOTH, of_patient, of_unit=True),
    "stock:top_ups": Row(P.SEE_STORE, READ_ONLY, in_store, of_unit=True),
    "stock:release": Row(P.MANAGE_STORE, WRITE_ONLY, lambda world: {**in_store(world), "pk": world.stopped.pk}, of_unit=True),
    "stock:start": Row(P.MANAGE_STORE, BOTH, in_store, of_unit=True),
    "stock:list": Row(P.SEE_STORE, READ_ONLY),
    "stock:drafts": Row(P.MANAGE_STORE, READ_ONLY),
    "stock:draft": Row(P.MANAGE_STORE, BOTH, of_stock_draft, of_unit=True, data={"quantity_1": "3"}),
    "stock:articles": Row(P.MANAGE_STORE, READ_ONLY, of_stock_draft, of_unit=True),
    "stock:review": Row(P.MANAGE_STORE, READ_ONLY, of_stock_draft, of_unit=True),
    "stock:send": Row(P.MANAGE_STORE, WRITE_ONLY, of_stock_draft, of_unit=True),
    "stock:discard": Row(P.MANAGE_STORE, BOTH, of_stock_draft, of_unit=True),
    "stock:to_receive": Row(P.MANAGE_STORE, BOTH, data={"nummer": "FS-1"}),
    "stock:order": Row(P.SEE_STORE, READ_ONLY, of_stock_order, of_unit=True),
    "stock:live": Row(P.SEE_STORE, READ_ONLY, of_stock_order, of_unit=True),
    "stock:cancel": Row(P.MANAGE_STORE, BOTH, of_stock_order, of_unit=True, data={"reason": "NOT_NEEDED", "note": "Behövs inte"}),
    "stock:again": Row(P.MANAGE_STORE, WRITE_ONLY, lambda world: {"number": world.stock_cancelled.number}, of_unit=True),
    "stock:note": Row(P.SEE_STORE, READ_ONLY, of_despatch, of_unit=True),
    "stock:receive": Row(P.MANAGE_STORE, BOTH, of_despatch, of_unit=True),
    "stock:receive_unannounced": Row(P.MANAGE_STORE, BOTH, of_stock_order, of_unit=True, data={"nummer": "FS-9", "received_1": "1"}),
    "accounts:job": Row(P.USE_PORTAL, READ_ONLY, lambda world: {"public_id": world.job.public_id}, of_unit=True, is_alices=True),
    "accounts:job_live": Row(P.USE_PORTAL, READ_ONLY, lambda world: {"public_id": world.job.public_id}, of_unit=True, is_alices=True),
    "billing:list": Row(P.SEE_INVOICES, READ_ONLY),
    "billing:basis": Row(P.SEE_INVOICES, READ_ONLY, of_basis, of_unit=True),
    "billing:live": Row(P.SEE_INVOICES, READ_ONLY, of_basis, of_unit=True),
    "billing:retry": Row(P.SEE_INVOICES, WRITE_ONLY, of_basis, of_unit=True),
    "billing:changes": Row(P.SEE_INVOICES, READ_ONLY, of_basis, of_unit=True),
    "billing:lines": Row(P.SEE_INVOICES, READ_ONLY, of_basis, of_unit=True),
    "billing:line": Row(P.SEE_INVOICES, READ_ONLY, lambda world: {**of_basis(world), "number": 1}, of_unit=True),
    "billing:findings": Row(P.SEE_INVOICES, READ_ONLY, of_basis, of_unit=True),
    "billing:finding": Row(
        P.SEE_INVOICES,
        BOTH,
        lambda world: {**of_basis(world), "pk": world.basis.findings.get().pk},
        of_unit=True,
        data={"status": "ACCEPTED", "comment": "Stämmer"},
    ),
    "billing:new_file": Row(P.SEE_INVOICES, WRITE_ONLY, of_basis, of_unit=True, data={"format": "XLSX"}),
    "billing:file": Row(P.SEE_INVOICES, READ_ONLY, lambda world: {**of_basis(world), "file_id": world.basis.files.get().public_id}, of_unit=True),
    "orders:withdraw": Row(P.PLACE_ORDER, WRITE_ONLY, of_waiting, of_unit=True),
}
# SESAM2's door: opened by a signature alone, whoever is logged in (tests/integration/test_views.py, tests/websesam/test_recipients.py).
SIGNED = {
    "integration:message": ("PUT", {"message_id": "0192f3c4-5a00-7000-8000-00000000000a"}),
    "recipients": ("POST", {}),
    "attachment": ("GET", {"attachment_id": "0192f3c4-5a00-4000-8000-00000000000a"}),
}
# About a draft, or about none, without its patient; a store's pages name no patient.
SHOWS_NO_PATIENT = {name for name in ROWS if name.startswith(("buffer:", "pickups:store_", "billing:", "accounts:job"))} | {
    "stock:withdraw",
    "stock:withdraw_articles",
    "stock:withdrawn",
    "stock:top_ups",
    "stock:release",
    "stock:start",
    "stock:draft",
    "stock:articles",
    "stock:review",
    "stock:send",
    "stock:discard",
    "stock:order",
    "stock:live",
    "stock:cancel",
    "stock:again",
    "stock:note",
    "stock:receive",
    "stock:receive_unannounced",
    "orders:articles",
    "orders:autosave",
    "orders:new_template",
    "orders:remove_template",
    "pickups:report_missing",
    "pickups:receipt_progress",
}
# Reading these makes one's own notices read.
MARKS_NOTICES = {
    "billing:basis",
    "buffer:store",
    "buffer:line",
    "buffer:unregistered",
    "stock:order",
    "orders:order",
    "orders:approval",
    "workorders:order",
    "pickups:order",
    "pickups:store_order",
    "faultreports:report",
}


# --- The addresses that there are ------------------------------------------------------------------


def patterns(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address with a view, but for Django's admin."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from patterns(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif str(entry.pattern) != "admin/login/":
            yield f"{namespace}{entry.name}", entry


NAMES = sorted(name for name, _ in patterns())


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert len(NAMES) == len(set(NAMES))
    assert set(NAMES) == set(ROWS) | set(SIGNED)


@pytest.mark.parametrize(("name", "pattern"), list(patterns()))
def test_every_view_says_who_may_use_it(name: str, pattern: URLPattern) -> None:
    """One of the two, never neither, never both; and what it says is what its row says."""
    permission = getattr(pattern.callback, "required_permission", None)
    is_public = getattr(pattern.callback, "is_public", False)
    assert (permission is None) == is_public
    if name in ROWS:
        assert permission == ROWS[name].permission


def test_a_view_that_says_nothing_is_closed(client_of: Any) -> None:
    """The middleware's own gate, asked directly: no such view exists."""
    from django.http import Http404, HttpResponse
    from django.test import RequestFactory

    from accounts.middleware import AssignmentMiddleware

    request = RequestFactory().get("/")
    request.assignment = factories.alice()
    request.resolver_match = None
    gate = AssignmentMiddleware(lambda request: HttpResponse())
    with pytest.raises(Http404):
        gate.process_view(request, lambda request: HttpResponse("open"), (), {})
    request.assignment = None
    assert gate.process_view(request, lambda request: HttpResponse("open"), (), {}).status_code == 302


# --- The world -------------------------------------------------------------------------------------


@pytest.fixture
def world(_world: World, db: None, settings: Any) -> World:
    settings.MEDIA_ROOT = _world.media_root
    return _world


@pytest.fixture(scope="module")
def _world(module_transaction: None, tmp_path_factory: Any) -> Iterator[World]:
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        yield made_world()


def made_world() -> World:
    content = b"%PDF-1.4"
    file = StoredFile.objects.create(sha256=hashlib.sha256(content).hexdigest(), content_type="application/pdf", size=len(content))
    file.path.parent.mkdir(parents=True)
    file.path.write_bytes(content)
    alice = factories.alice()
    patient = factories.patient(alice)
    cancelled = factories.order(alice, to=patient)
    with transaction.atomic():
        cancelled.move_to(Status.CANCELLED, event="CANCELLED", is_cancelled=True)
    draft = factories.draft(alice, to=patient)
    template = save_as_template(draft, name="Rullstol med bord", for_unit=True, by=alice)
    attachment = factories.attachment(draft, by=alice)
    sent = factories.order(alice, to=patient)
    # It has lain in the unit's store, so that its card is there for those who see to the store too.
    stores.take(stores.stocked(1, ("40-1",), article=sent.lines.get().article), numbers=("40-1",))
    factories.loan(sent, "40-1")
    trial = factories.trial(alice, to=patient)
    special = told.tell(told.sent_special(patient), told.status(1, told.State.WAITING, proposal="4500.00"))
    fault_draft = told_faults.attach(told_faults.draft(by=alice, patient=patient))
    change = change_identity(patient, by=alice, to=Identifier(IdentityType.PERSONNUMMER, factories.test_numbers()[499]), reason="Fel nummer")
    levels.pause(stores.store("4105", name="Pausat förråd"), by=stores.maja(), reason="Ombyggnad")
    return World(
        media_root=settings.MEDIA_ROOT,
        alice=alice,
        patient=Patient.objects.get(pk=patient.pk),
        draft=factories.again(draft),
        sent=sent,
        cancelled=cancelled,
        waiting=factories.waiting_order(alice, to=patient),
        file=file,
        category=Category.objects.create(edition="2011", code="12", name="Förflyttning"),
        contact=Contact.objects.get(patient=patient),
        other=factories.patient(alice),
        change=change,
        lma=factories.lma_patient(alice),
        template=template,
        attachment=attachment,
        trial=trial,
        work_draft=told.draft(patient=patient, of=told.loan(patient, "100201")),
        work=told.sent(patient=patient, of=told.loan(patient, "100202")),
        cancelled_work=told.tell(told.sent(patient=patient, of=told.loan(patient, "100203")), told.cancelled(1)),
        special=special,
        work_file=special.attachments.get().attachment,
        stock=(stock_line := stores.stocked(3, levels=(1, 2))),
        store_pickup=told_pickups.sent_from(stock_line),
        cancelled_store_pickup=told_pickups.tell(told_pickups.sent_from(stock_line), told_pickups.cancelled(1)),
        store_draft=told_pickups.draft_from(stock_line),
        count=counting.start(stores.store(), by=stores.maja()),
        fault=told_faults.sent(FaultKind.NEGATIVE_EVENT, by=alice, of=told.loan(patient, "100204")),
        fault_draft=fault_draft,
        lost=told_faults.sent(FaultKind.LOST, by=alice, of=told.loan(patient, "100205")),
        fault_file=fault_draft.attachments.get().attachment,
        pickup=told_pickups.sent(of=[told.loan(patient, "100206")]),
        cancelled_pickup=told_pickups.tell(told_pickups.sent(of=[told.loan(patient, "100207")]), told_pickups.cancelled(1)),
        pickup_draft=told_pickups.draft(of=[told.loan(patient, "100208")]),
        receipt=handed.written(patient, handed.handed(told.loan(patient, "100209")), by=alice),
        job=begin_job("Gör en fil", by=alice, back_url="/"),
        basis=basis_of_reader(),
        **store_of(patient),
    )


def basis_of_reader() -> InvoiceBasis:
    """A published basis with a finding and a file, which the fakturaläsare of Alice's unit may read."""
    told_bills.grant(person(Role.INVOICE_READER, OWN), payer=told_bills.PAYER)
    basis = told_bills.published([told_bills.line(orderNumber="K-2026-99999999-9")])
    file = basis.files.get()
    InvoiceFilePart.objects.create(file=file, number=0, data=b"x")
    InvoiceFile.objects.update(state="READY", ready_at=file.created_at, size=1)
    return basis


def store_of(patient: Patient) -> dict[str, Any]:
    """A store with a draft to it, an order of which something is on its way, a top-up that the centre has cancelled, and a withdrawal."""
    at = stock.store()
    line = stock.stocked(at, 9)
    below = stock.stocked(at, 1, safety=2, target=4)
    cancelled = Order.objects.get(number=top_up(at))
    told_orders.cancelled(1)(cancelled)
    draft = stock_orders.start(at, by=stock.manager())
    stock_orders.add_article(draft, line.article)
    sent = stock.ordered(at, (line.article, 5))
    told_orders.despatched("FS-1", told_orders.sent(1, 2))(sent)
    [taken] = stock.withdraw((line, 1), to=[patient])
    by_hand = told_orders.tell(stock.ordered(at, (line.article, 1)), told_orders.cancelled(1))
    return {
        "store": at,
        "stock_draft": draft,
        "stock_order": factories.again(sent),
        "stopped": TopUp.objects.get(stock_line=below),
        "stock_cancelled": by_hand,
        "taken": taken,
    }


def person(role: Role, place: str) -> Assignment:
    units = {OWN: factories.alice, NEIGHBOUR: factories.carol, FOREIGN: factories.dan}
    return factories.assignment(f"{role.label} {place}", role, at=units[place]().unit)


def places_of(row: Row) -> list[str]:
    """Where it matters from where one asks; what belongs to no unit and is for everyone is asked for from one place."""
    return PLACES if row.of_unit or row.of_provider else [OWN, FOREIGN] if row.permission else [OWN]


def ask(client: Client, name: str, method: str, url: str) -> Any:
    response = client.get(url) if method == "GET" else client.post(url, ROWS[name].data)
    if response.streaming:
        b"".join(response.streaming_content)
    return response


def with_typed_number(client: Client, name: str, world: World) -> None:
    """These two steps go on from a number that was typed before."""
    if name in {"patients:confirm", "patients:register"}:
        session = client.session
        known = world.patient.identity.value
        session[_TYPED] = known if name == "patients:confirm" else next(number for number in factories.test_numbers() if number != known)
        session.save()


@dataclasses.dataclass
class Content:
    """What stands in the tables of the product, sessions and the access log apart: for each a hash, and how often its rows have been written."""

    hashes: dict[str, str]
    writes: dict[str, int]


def everything() -> Content:
    skipped = {Session._meta.db_table, AccessLogEntry._meta.db_table}
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed} - skipped
    return Content(hashes(tables), writes())


def hashes(tables: Iterable[str]) -> dict[str, str]:
    query = " UNION ALL ".join(f"SELECT '{table}', coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t" for table in sorted(tables))
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(cursor.fetchall())


def writes() -> dict[str, int]:
    """How many rows of each table this transaction has written so far, also those that it has taken back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables WHERE schemaname = 'public'")
        return dict(cursor.fetchall())


def changed_since(before: Content) -> set[str]:
    """The tables that differ. Only those that were written since can; they are read."""
    now = writes()
    written = {table for table in before.hashes if now.get(table, 0) != before.writes.get(table, 0)}
    changed = {table for table, content in hashes(written).items() if before.hashes[table] != content} if written else set()
    if not changed:
        before.writes = now
    return changed


def shown(response: Any) -> str:
    """The page without the token that differs from one answer to the next."""
    text = re.sub(r'("X-CSRFToken": ")[A-Za-z0-9]{64}', r"\1", response.content.decode())
    return re.sub(r'(name="csrfmiddlewaretoken" value=")[A-Za-z0-9]{64}', r"\1", text)


def headers(response: Any) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in {"X-Request-Id", "Content-Length"}}


def nowhere(url: str) -> str:
    """An address that does not exist, in the same part of the portal: the menu marks the part."""
    _, part, narrower, *_ = [*url.split("/"), ""]
    inner = f"{narrower}/" if narrower == "godkannanden" else ""
    return f"/{part}/{inner}finns-inte/" if part else "/finns-inte/"


# --- Every address × role × place × method ---------------------------------------------------------


@pytest.mark.parametrize("name", sorted(ROWS))
def test_an_address_opens_to_those_whom_the_table_lets_in_and_to_nobody_else(name: str, world: World, client_of: Any) -> None:
    row = ROWS[name]
    url = reverse(name, kwargs=row.sample(world))
    people = [(role, place, client_of(person(role, place))) for role in Role for place in places_of(row)]
    for _, _, client in people:
        with_typed_number(client, name, world)
    before, logged = everything(), AccessLogEntry.objects.count()
    for role, place, client in people:
        may = row.permission is None or row.permission in ROLES[role]
        has_all = may and (row.also is None or row.also in ROLES[role]) and not row.is_alices
        for method in METHODS:
            cell = f"{method} {name} som {role.label}, {place}"
            with transaction.atomic():
                response = ask(client, name, method, url)
                if may and method not in row.methods:
                    assert response.status_code == 405, cell
                elif has_all and row.opens_from(place):
                    assert response.status_code in {200, 204, 302}, cell
                    if method == "GET":
                        assert changed_since(before) <= ({"accounts_notice"} if name in MARKS_NOTICES else set()), cell
                    transaction.set_rollback(True)
                    continue
                else:
                    missing = client.get(nowhere(url)) if method == "GET" else client.post(nowhere(url), row.data)
                    assert response.status_code == missing.status_code == 404, cell
                    assert shown(response) == shown(missing), cell
                    assert headers(response) == headers(missing), cell
                assert not changed_since(before), cell
                assert AccessLogEntry.objects.count() == logged, cell


@pytest.mark.parametrize("name", sorted(ROWS))
def test_who_is_not_logged_in_comes_to_the_login_page(name: str, world: World, client: Client) -> None:
    row = ROWS[name]
    url = reverse(name, kwargs=row.sample(world))
    before = everything()
    for method in METHODS:
        response = ask(client, name, method, url)
        if row.permission is None:
            assert response.status_code == (200 if method in row.methods else 405) or name == "accounts:logout"
        else:
            assert response.status_code == 302
            assert response.url == f"/konto/logga-in/?next={url if method == 'GET' else '/'}"
            assert not response.content
    assert not changed_since(before)
    assert not AccessLogEntry.objects.filter(activity__in=["Visa patient", "Visa kundorder"]).exists()


@pytest.mark.parametrize("name", sorted(SIGNED))
def test_sesam2s_door_opens_to_no_role_without_a_signature(name: str, world: World, client_of: Any) -> None:
    allowed, kwargs = SIGNED[name]
    url = reverse(name, kwargs=kwargs)
    before, logged = everything(), AccessLogEntry.objects.count()
    for client in [Client(), *(client_of(person(role, OWN)) for role in Role)]:
        before = everything()
        for method in ["GET", "POST", "PUT", "DELETE"]:
            response = client.generic(method, url, b'{"idType": "PERSONNUMMER", "id": "191212121212"}', content_type="application/json")
            assert response.status_code == (401 if method == allowed else 405)
        assert not changed_since(before)
    assert AccessLogEntry.objects.count() == logged


def test_administration_is_for_administrators_alone(client_of: Any) -> None:
    for role in Role:
        for url in ["/admin/", "/admin/accounts/user/", "/admin/integration/outgoingmessage/"]:
            response = client_of(person(role, OWN)).get(url)
            assert response.status_code == 302
            assert response.url.startswith("/admin/login/")


# --- What is there, but not for this unit ----------------------------------------------------------


@pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if row.of_unit))
def test_what_does_not_exist_looks_as_what_is_somebody_elses(name: str, world: World, client_of: Any) -> None:
    url = reverse(name, kwargs=ROWS[name].sample(world))
    unknown = re.sub(r"/[0-9]+/", "/987654321/", url)
    unknown = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "00000000-0000-4000-8000-000000000000", re.sub(r"([KAFHLRU])-[0-9-]+", r"\1-2026-99999999-1", unknown))
    unknown = re.sub(r"/F[0-9]{4}/", "/F9999/", unknown)
    assert unknown != url
    client = client_of(factories.dan())
    for method in ROWS[name].methods:
        theirs, nobodys = ask(client, name, method, url), ask(client, name, method, unknown)
        assert theirs.status_code == nobodys.status_code == 404
        assert shown(theirs) == shown(nobodys)


@pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if row.of_unit and name not in SHOWS_NO_PATIENT))
def test_a_protected_patient_is_404_and_the_refusal_is_logged(name: str, world: World, client_of: Any) -> None:
    """Also for the unit that had opened the patient before the protection came."""
    Patient.objects.update(phone="", protection="MARKED")
    url = reverse(name, kwargs=ROWS[name].sample(world))
    people = [world.alice, person(Role.APPROVER, OWN), person(Role.UNIT_ADMIN, OWN), person(Role.DEVIATION_HANDLER, OWN)]
    who = next(who for who in people if ROWS[name].permission in ROLES[Role(who.role)])
    client = client_of(who)
    before, logged = everything(), set(AccessLogEntry.objects.values_list("pk", flat=True))
    for method in ROWS[name].methods:
        response = ask(client, name, method, url)
        assert response.status_code == 404
        assert shown(response) == shown(client.get(nowhere(url)) if method == "GET" else client.post(nowhere(url)))
    assert not changed_since(before)
    rows = AccessLogEntry.objects.exclude(pk__in=logged)
    patient = world.lma if name == "patients:prolong_lma" else world.patient
    assert [(row.outcome, row.patient_id, row.user_hsa_id) for row in rows] == [("DENIED_PROTECTED", patient.pk, who.user.hsa_id)] * len(ROWS[name].methods)


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/bestallningar/",
        "/bestallningar/?nummer={number}",
        "/bestallningar/excel/",
        "/bestallningar/utkast/",
        "/arbetsorder/",
        "/arbetsorder/excel/",
        "/arbetsorder/utkast/",
        "/arbetsorder/planerade/",
        "/hamtorder/kvitton/",
        "/patienter/{other}/",
        "/felrapporter/",
        "/felrapporter/excel/",
        "/felrapporter/utkast/",
    ],
)
def test_a_protected_patient_is_shown_on_no_page(url: str, world: World, client_of: Any) -> None:
    """Not where the unit's other patients stand, though the orders were made before the protection came. Nor is a reading logged."""
    other = factories.order(world.alice, to=factories.patient(world.alice, given_name="Elva", family_name="Elvansson"))
    identity = world.patient.identity
    Patient.objects.filter(pk=world.patient.pk).update(phone="", protection="REGISTRATION", given_name="Hemliga", family_name="Hemligsson")
    logged = AccessLogEntry.objects.filter(patient=world.patient).count()
    response = client_of(world.alice).get(url.format(number=world.sent.number, other=other.patient.public_id))
    assert response.status_code == 200
    for secret in ["Hemlig", identity.value, identity.shown, str(world.patient.public_id)]:
        assert secret not in text_of(response)
    assert AccessLogEntry.objects.filter(patient=world.patient).count() == logged


def text_of(response: Any) -> str:
    """What the page, or the cells of the Excel file, says."""
    if response["Content-Type"].startswith("text/html"):
        return str(response.content.decode())
    with zipfile.ZipFile(io.BytesIO(response.content)) as package:
        return package.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize("url", ["/patienter/", "/bestallningar/", "/arbetsorder/"])
def test_a_protected_patients_number_finds_nobody(url: str, world: World, client_of: Any) -> None:
    Patient.objects.filter(pk=world.patient.pk).update(phone="", protection="REGISTRATION", given_name="Hemliga", family_name="Hemligsson")
    response = client_of(world.alice).post(url, {"number": world.patient.identity.shown})
    assert response.status_code == 200
    assert "Hemlig" not in response.content.decode()
    row = AccessLogEntry.objects.filter(patient=world.patient).latest("at")
    assert (row.action, row.outcome) == ("SEARCH_HIT", "DENIED_PROTECTED")


def test_a_patient_that_the_unit_has_not_opened_is_404(world: World, client_of: Any) -> None:
    """Another patient of the same care provider, with nothing wrong about it but that nobody here has typed the number."""
    unopened = factories.patient(factories.carol())
    client = client_of(world.alice)
    for name in ("patient", "patients:details"):
        assert client.get(reverse(name, args=[unopened.public_id])).status_code == 404
    assert client.post(reverse("orders:start", args=[unopened.public_id])).status_code == 404
    assert client.get("/bestallningar/", {"patient": unopened.public_id}).status_code == 404
    assert not Order.objects.filter(patient=unopened).exists()
    assert not AccessLogEntry.objects.filter(patient=unopened, unit_hsa_id=world.alice.unit.hsa_id).exists()


@pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if row.is_alices))
def test_what_is_alices_opens_to_alice(name: str, world: World, client_of: Any) -> None:
    """The table above shows that nobody else opens it."""
    for method in ROWS[name].methods:
        with transaction.atomic():
            assert ask(client_of(world.alice), name, method, reverse(name, kwargs=ROWS[name].sample(world))).status_code in {200, 302}
            transaction.set_rollback(True)
