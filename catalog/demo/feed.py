"""Writes a feed of any size in Hjälpmedelstjänsten's format. The same numbers in give the same bytes out.

A family is one product with its sizes, accessories, parts, settings and services. Each is made from its own random numbers,
so that the file is written section by section without keeping the families.
"""

import dataclasses
import datetime
import functools
import math
from collections.abc import Iterator
from random import Random
from typing import Any, TextIO
from xml.sax.saxutils import escape, quoteattr

from catalog.demo.aids import COLOURS, KINDS, MODELS, SUPPLIER_FIRST, SUPPLIER_LAST, Kind
from catalog.demo.iso import CLASSES
from catalog.hjmtj import NAMESPACE
from core.numbers import gs1_digit, luhn_digit

# Feeds are dated so, whenever they are made: the bytes depend on the arguments alone.
CREATED = datetime.datetime(2026, 11, 2, 1, 0, tzinfo=datetime.UTC)
TODAY = CREATED.date()
ISO_EDITION = "2011"
# Every twentieth family is followed by the generation that replaces it.
_OLD = 20


@dataclasses.dataclass(frozen=True)
class Order:
    """What is asked for. `mode` DELTA adds to what the receiver has; FULL is all there is. `part`: only so many of the articles, from the first on."""

    articles: int
    seed: int
    receiver_gln: str
    mode: str = "FULL"
    sequence: int = 2
    part: int | None = None

    @property
    def suppliers(self) -> int:
        return max(12, min(300, self.articles // 70))


@dataclasses.dataclass(frozen=True)
class Supplier:
    gln: str
    name: str
    domain: str
    organisation_number: str
    kinds: tuple[Kind, ...]
    number_style: int


@dataclasses.dataclass
class Item:
    """One article. `fits` and `replaced_by` are attributes of a reference."""

    id: str
    number: str
    name: str
    type: str
    price: float | None
    description: str = ""
    iso_codes: tuple[str, ...] = ()
    gtin: str = ""
    unit: str = "ST"
    pack: int = 1
    properties: tuple[tuple[str, str, str], ...] = ()
    fits: tuple[tuple[str, str], ...] = ()
    has_product: bool = True
    discontinued_from: datetime.date | None = None
    replaced_by: tuple[tuple[str, str], ...] = ()
    maintenance_days: int = 0


@dataclasses.dataclass
class Family:
    supplier: Supplier
    kind: Kind
    product_id: str
    product_number: str
    name: str
    description: str
    model: str
    properties: tuple[tuple[str, str, str], ...]
    items: list[Item]
    discontinued_from: datetime.date | None
    replaced_by: str


def _random(*parts: Any) -> Random:
    """Numbers that are the same for the same parts; nothing secret depends on them."""
    return Random(":".join(map(str, parts)))  # noqa: S311


def fake_gln(running: int) -> str:
    """A GLN that nobody owns: 73599999, four digits, check digit."""
    digits = f"73599999{running:04d}"
    return f"{digits}{gs1_digit(digits)}"


class Maker:
    def __init__(self, order: Order) -> None:
        self.order = order
        self.suppliers = [self._supplier(index) for index in range(order.suppliers)]
        self.sizes: list[int] = []
        left = order.part or order.articles
        while left > 0:
            self.sizes.append(min(left, len(self.family(len(self.sizes), whole=True).items)))
            left -= self.sizes[-1]

    def _supplier(self, index: int) -> Supplier:
        random = _random(self.order.seed, "supplier", index)
        first = SUPPLIER_FIRST[index % len(SUPPLIER_FIRST)]
        last = SUPPLIER_LAST[(index // len(SUPPLIER_FIRST) + index) % len(SUPPLIER_LAST)]
        areas = sorted({kind.area for kind in KINDS})
        # Few sell everything: a firm for hearing has no wheelchairs.
        own = {areas[index % len(areas)], *random.sample(areas, random.choice((0, 1, 2)))}
        domain = f"{first}-{last.split()[0]}".lower().translate(str.maketrans("åäöé", "aaoe"))
        digits = f"5599{random.randrange(10**5):05d}"
        return Supplier(
            gln=fake_gln(101 + index),
            name=f"{first} {last}",
            domain=f"{domain}.example",
            organisation_number=f"{digits}{luhn_digit(digits)}",
            kinds=tuple(kind for kind in KINDS if kind.area in own),
            number_style=random.randrange(4),
        )

    def families(self) -> Iterator[Family]:
        for index in range(len(self.sizes)):
            yield self.family(index)

    @functools.lru_cache(maxsize=4096)  # noqa: B019 - one maker per process
    def family(self, index: int, *, whole: bool = False) -> Family:
        """`whole`: before the size of the feed has cut the last one."""
        random = _random(self.order.seed, index)
        is_old, is_new = index % _OLD == _OLD - 2, index % _OLD == _OLD - 1
        source = _random(self.order.seed, "kind", index - 1 if is_new else index)
        supplier = self.suppliers[source.randrange(len(self.suppliers))]
        kind = source.choices(supplier.kinds, [kind.weight for kind in supplier.kinds])[0]
        noun = source.choice(kind.nouns)
        generation = source.randrange(2, 7)
        model = f"{source.choice(MODELS)} {generation + is_new}"
        level = source.random() ** 2
        low, high = kind.price
        price = low * math.exp(level * math.log(high / low))

        number = self._number(supplier, index, 0)
        # The last family of the file has nobody after it.
        is_old = is_old and (whole or index + 1 < len(self.sizes))
        successor = self._number(supplier, index + 1, 0) if is_old else ""
        ends = TODAY + datetime.timedelta(days=random.choice((-200, -60, 59, 150))) if is_old else None
        facts = tuple((name, str(random.randrange(lowest, highest + 1)), unit) for name, lowest, highest, unit in kind.facts)
        family = Family(
            supplier=supplier,
            kind=kind,
            product_id=f"DP-{self.order.seed}-{index}",
            product_number=number,
            name=f"{noun} {model}",
            description=f"{noun} {model} från {supplier.name}. {random.choice(_PHRASES)} {random.choice(_PHRASES)}",
            model=model,
            properties=facts,
            items=[],
            discontinued_from=ends,
            replaced_by=successor,
        )
        self._add_items(family, index, random, price)
        if not whole:
            family.items = family.items[: self.sizes[index]]
        return family

    def _number(self, supplier: Supplier, index: int, variant: int) -> str:
        tail = f"-{variant:02d}" if variant else ""
        match supplier.number_style:
            case 0:
                return f"{41_000 + index}{tail}"
            case 1:
                return f"{supplier.name[:2].upper()}{index + 300}{tail.replace('-', '.')}"
            case 2:
                return f"{index + 100_000}{variant:03d}"
            case _:
                return f"{supplier.name[0]}-{index + 1000}{tail.replace('-', '/')}"

    def _add_items(self, family: Family, index: int, random: Random, price: float) -> None:
        kind = family.kind
        label, sizes, unit = kind.size
        sizes = sizes if len(sizes) < 3 else sizes[: random.randrange(2, len(sizes) + 1)]
        colours = random.sample(COLOURS, random.choice((1, 1, 2, 3))) if family.kind.area in {"rullstol", "gång"} else [""]
        for size in sizes:
            for colour in colours:
                words = " ".join(word for word in (label, size, unit) if word)
                name = ", ".join(part for part in (family.name, words, colour if len(colours) > 1 else "") if part)
                facts = ((label.capitalize(), size, unit),) if label else ()
                facts += (("Färg", colour, ""),) if colour else ()
                self._add(
                    family,
                    index,
                    random,
                    name,
                    "H",
                    price * random.uniform(0.95, 1.15),
                    properties=facts,
                    pack=kind.pack,
                    unit="FP" if kind.pack > 1 else "ST",
                    maintenance_days=365 if kind.area in {"lyft", "säng"} else 0,
                    discontinued_from=family.discontinued_from,
                    replaced_by=(("productNumber", family.replaced_by),) if family.replaced_by else (),
                )
        mains = len(family.items)
        fits_all = (("productNumber", family.product_number),)
        for count, nouns, article_type, share in (
            (random.randrange(1, 5), kind.accessories, "T", (0.02, 0.18)),
            (random.randrange(0, 4), kind.parts, "R", (0.01, 0.12)),
        ):
            for noun in random.sample(nouns, min(count, len(nouns))):
                # Most fit the whole product, some a single size only.
                fits = fits_all if random.random() < 0.8 else (("articleNumber", family.items[random.randrange(mains)].number),)
                own = price * random.uniform(*share) + 29
                variants = ("vänster", "höger") if noun in _SIDED and random.random() < 0.5 else ("",)
                for side in variants:
                    name = f"{noun}{f' {side}' if side else ''} till {family.model}"
                    self._add(family, index, random, name, article_type, own, fits=fits, has_product=False, iso_codes=(kind.code,))
        if random.random() < 0.16:
            self._add(family, index, random, f"Inställning av {family.name.lower()}", "I", 350, fits=fits_all, has_product=False, iso_codes=(kind.code,))
        if random.random() < 0.26:
            noun = random.choice(("Montering", "Utprovning", "Specialanpassning", "Årlig säkerhetskontroll"))
            self._add(family, index, random, f"{noun} av {family.model}", "Tj", 780, fits=fits_all, has_product=False, iso_codes=(kind.code,))

    def _add(self, family: Family, index: int, random: Random, name: str, article_type: str, price: float, **values: Any) -> None:
        variant = len(family.items) + 1
        digits = f"73599{index % 10**5:05d}{variant % 100:02d}"
        family.items.append(
            Item(
                id=f"DA-{self.order.seed}-{index}-{variant}",
                number=self._number(family.supplier, index, variant),
                name=name[:255],
                type=article_type,
                price=None if random.random() < 0.06 else _rounded(price),
                gtin=f"{digits}{gs1_digit(digits)}" if random.random() < 0.8 else "",
                **values,
            )
        )


_SIDED = {"Armstöd", "Benstöd", "Fotplatta", "Armstödsplatta", "Sidostöd", "Broms", "Vadstöd", "Underarmsstöd"}
_PHRASES = (
    "Lätt att hantera och rengöra.",
    "Går att fälla ihop vid transport.",
    "Ställs in utan verktyg.",
    "För inne- och utebruk.",
    "Tål tvätt i tunneltvätt.",
    "Levereras monterad.",
    "Mjuka, rundade kanter.",
    "Passar också den som är lång.",
    "Finns i flera storlekar.",
    "Klädsel som kan tvättas i 60 grader.",
    "Tydliga reglage med god kontrast.",
    "Kan användas av en person utan hjälp.",
)


def _rounded(price: float) -> float:
    step = 5 if price < 1000 else 10 if price < 10_000 else 50
    return max(15.0, round(price / step) * step) if price >= 60 else round(price) + 0.5


# --- Writing ----------------------------------------------------------------------------------------


def write_feed(order: Order, out: TextIO) -> None:
    """Write the whole export; valid against the schema."""
    maker = Maker(order)
    export_id = f"{order.receiver_gln}-demo-{order.mode.lower()}-{order.seed}-{order.part or order.articles}-{order.sequence}"
    created = CREATED + datetime.timedelta(days=order.sequence - 2)
    out.write(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Export xmlns="{NAMESPACE}" schemaVersion="1" exportId="{export_id}" sequence="{order.sequence}"'
        f' created="{created.isoformat()}" mode="{order.mode}" receiverGln="{order.receiver_gln}" isoEdition="{ISO_EDITION}">\n'
    )
    _write_organisations(maker, out)
    out.write("<Categories>\n")
    out.writelines(f"<Category>{_tag('isoCode', code)}{_tag('name', name)}</Category>\n" for code, name in CLASSES.items())
    out.write("</Categories>\n<Products>\n")
    for family in maker.families():
        _write_product(family, out)
    out.write("</Products>\n<Articles>\n")
    for family in maker.families():
        for item in family.items:
            _write_article(family, item, out)
    out.write("</Articles>\n")
    _write_prices(maker, out)
    out.write("</Export>\n")


def _tag(name: str, value: Any) -> str:
    return f"<{name}>{escape(str(value))}</{name}>" if value not in ("", None) else ""


def _reference(tag: str, gln: str, reference: tuple[str, str]) -> str:
    return f'<{tag} supplierGln="{gln}" {reference[0]}={quoteattr(reference[1])}/>'


def _write_organisations(maker: Maker, out: TextIO) -> None:
    out.write("<Organisations>\n")
    customer = _tag("gln", maker.order.receiver_gln) + _tag("type", "CUSTOMER") + _tag("name", "Hjälpmedelscentralen Exempel")
    out.write(f"<Organisation>{customer}</Organisation>\n")
    out.writelines(
        f"<Organisation>{_tag('gln', supplier.gln)}<type>SUPPLIER</type>{_tag('name', supplier.name)}"
        # A series that is kept free for books and films.
        f"{_tag('organisationNumber', supplier.organisation_number)}{_tag('phone', f'031-390 06 {index % 100:02d}')}"
        f"{_tag('email', f'order@{supplier.domain}')}{_tag('web', f'https://www.{supplier.domain}/')}</Organisation>\n"
        for index, supplier in enumerate(maker.suppliers)
    )
    out.write("</Organisations>\n")


def _properties(properties: tuple[tuple[str, str, str], ...]) -> str:
    return "".join(f"<property>{_tag('name', name)}{_tag('value', value)}{_tag('unit', unit)}</property>" for name, value, unit in properties)


def _end(family: Family, discontinued_from: datetime.date | None, replaced_by: tuple[tuple[str, str], ...]) -> str:
    status = "DISCONTINUED" if discontinued_from and discontinued_from <= TODAY else "PUBLISHED"
    references = "".join(_reference("replacedBy", family.supplier.gln, reference) for reference in replaced_by)
    return f"<status>{status}</status>{_tag('discontinuedFrom', discontinued_from)}{references}<lastUpdated>2026-10-20T10:00:00+02:00</lastUpdated>"


def _write_product(family: Family, out: TextIO) -> None:
    address = f"https://media.{family.supplier.domain}/{family.product_id.lower()}"
    media = f"<media><type>IMAGE</type><url>{address}.jpg</url><mimeType>image/jpeg</mimeType><main>true</main></media>"
    media += (
        f"<media><type>MANUAL</type><url>{address}-bruksanvisning.pdf</url>{_tag('fileName', f'{family.product_number}-bruksanvisning.pdf'.replace('/', '-'))}"
        f"<mimeType>application/pdf</mimeType>{_tag('description', f'Bruksanvisning {family.name}')}<language>sv</language></media>"
    )
    successor = (("productNumber", family.replaced_by),) if family.replaced_by else ()
    out.write(
        f"<Product>{_tag('id', family.product_id)}{_tag('supplierGln', family.supplier.gln)}{_tag('productNumber', family.product_number)}"
        f"{_tag('name', family.name)}{_tag('description', family.description)}{_tag('isoCode', family.kind.code)}{_tag('manufacturer', family.supplier.name)}"
        f"{_tag('trademark', family.model.split()[0])}<ceMarked>true</ceMarked>{_properties(family.properties)}{media}"
        f"{_end(family, family.discontinued_from, successor)}</Product>\n"
    )


def _write_article(family: Family, item: Item, out: TextIO) -> None:
    pack = f"<packageContent>{item.pack}</packageContent><packageContentUnit>ST</packageContentUnit>" if item.pack > 1 else ""
    fits = "".join(_reference("fitsTo", family.supplier.gln, reference) for reference in item.fits)
    out.write(
        f"<Article>{_tag('id', item.id)}{_tag('productId', family.product_id) if item.has_product else ''}{_tag('supplierGln', family.supplier.gln)}"
        f"{_tag('articleNumber', item.number)}{_tag('name', item.name)}{_tag('articleType', item.type)}"
        f"{''.join(_tag('isoCode', code) for code in item.iso_codes)}{_tag('gtin', item.gtin)}{_tag('orderUnit', item.unit)}{pack}"
        f"{_tag('preventiveMaintenanceDays', item.maintenance_days or '')}{fits}{_properties(item.properties)}"
        f"{_end(family, item.discontinued_from, item.replaced_by)}</Article>\n"
    )


def _price_row(gln: str, item: Item, random: Random, rebate: float) -> str:
    status = "AKTIV" if random.random() < 0.96 else random.choice(("AVBÖJD", "SKICKAD_FÖR_GODKÄNNANDE"))
    price = "" if item.price is None else f"<price>{item.price * rebate:.2f}</price>"
    warranty = "<warrantyQuantity>24</warrantyQuantity><warrantyUnit>MONTH</warrantyUnit><warrantyFrom>UTLEVERANS</warrantyFrom>" if item.type == "H" else ""
    days = f"<deliveryTimeDays>{random.choice((3, 5, 5, 7, 10, 14, 20, 30))}</deliveryTimeDays>"
    return f"<row>{_reference('article', gln, ('articleNumber', item.number))}{price}{days}{warranty}<status>{status}</status></row>\n"


def _write_prices(maker: Maker, out: TextIO) -> None:
    """Most articles are in an agreement, many in a general list too, a few in none."""
    families: dict[str, list[int]] = {}
    for index in range(len(maker.sizes)):
        families.setdefault(maker.family(index).supplier.gln, []).append(index)
    agreements, general = [], []
    for number, (gln, indexes) in enumerate(families.items()):
        random = _random(maker.order.seed, "prices", gln)
        agreed, listed = [], []
        for index in indexes:
            for item in maker.family(index).items:
                draw = random.random()
                if draw < 0.78:
                    agreed.append(_price_row(gln, item, random, 0.9))
                if draw > 0.6 and draw < 0.95:
                    listed.append(_price_row(gln, item, random, 1))
        if agreed:
            extended = "<extendedTo>2030-12-31</extendedTo>" if number % 3 == 0 else ""
            agreements.append(
                f"<Agreement><number>AVT-2025-{maker.order.seed}-{number + 1:03d}</number><name>Hjälpmedel {2025 + number % 2}</name>"
                f"<supplierGln>{gln}</supplierGln><customerGln>{maker.order.receiver_gln}</customerGln>"
                f"<validFrom>2025-01-01</validFrom><validTo>2028-12-31</validTo>{extended}{''.join(agreed)}</Agreement>\n"
            )
        if listed:
            general.append(f"<GeneralPricelist><ownerGln>{gln}</ownerGln><validFrom>2026-01-01</validFrom>{''.join(listed)}</GeneralPricelist>\n")
    out.write(f"<Agreements>\n{''.join(agreements)}</Agreements>\n<GeneralPricelists>\n{''.join(general)}</GeneralPricelists>\n")
