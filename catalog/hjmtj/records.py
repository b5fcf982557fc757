"""What an export holds, as plain values."""

import dataclasses
import datetime
from decimal import Decimal


class FeedRefused(Exception):
    """The file is not applied; the text says why, in Swedish, with the line where there is one."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(f"Rad {line}: {reason}" if line else reason)


@dataclasses.dataclass(frozen=True, slots=True)
class Header:
    export_id: str
    sequence: int
    created_at: datetime.datetime
    mode: str
    receiver_gln: str
    iso_edition: str


@dataclasses.dataclass(slots=True)
class Reference:
    """To one article, or to all articles of a product; exactly one of the numbers is set."""

    line: int
    supplier_gln: str
    article_number: str | None
    product_number: str | None


@dataclasses.dataclass(slots=True)
class MediaItem:
    kind: str
    url: str
    file_name: str
    mime_type: str
    description: str
    language: str
    is_main: bool
    sha256: str


@dataclasses.dataclass(slots=True)
class Record:
    line: int
    hash: str


@dataclasses.dataclass(slots=True)
class Organisation(Record):
    gln: str
    type: str
    name: str
    organisation_number: str
    phone: str
    email: str
    web: str


@dataclasses.dataclass(slots=True)
class Category(Record):
    code: str
    name: str
    description: str


@dataclasses.dataclass(slots=True)
class Common(Record):
    """What a product and an article have alike."""

    feed_id: str
    supplier_gln: str
    number: str
    name: str
    description: str
    iso_codes: list[str]
    properties: list[dict[str, str]]
    media: list[MediaItem]
    status: str
    discontinued_from: datetime.date | None
    replaced_by: list[Reference]
    updated_at: datetime.datetime


@dataclasses.dataclass(slots=True)
class Product(Common):
    manufacturer: str
    trademark: str
    is_ce_marked: bool | None


@dataclasses.dataclass(slots=True)
class Article(Common):
    product_id: str | None
    article_type: str
    gtin: str
    order_unit: str
    quantity_in_outer_package: Decimal | None
    package_content: Decimal | None
    package_content_unit: str
    preventive_maintenance_days: int | None
    fits_to: list[Reference]


@dataclasses.dataclass(slots=True)
class PriceRow:
    article: Reference
    price: Decimal | None
    valid_from: datetime.date | None
    min_order_quantity: int | None
    delivery_time_days: int | None
    warranty_quantity: int | None
    warranty_unit: str
    warranty_from: str
    status: str


@dataclasses.dataclass(slots=True)
class PriceList(Record):
    """An agreement, or (`customer_gln` None, no number) a general price list. `valid_to` includes the extension."""

    supplier_gln: str
    customer_gln: str | None
    number: str
    name: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    rows: list[PriceRow]
