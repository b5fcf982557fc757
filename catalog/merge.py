"""Writes the records of one feed into the catalogue's tables. One object serves one file, inside one transaction.

What did not change (by the hash of its element) is not written. The centre's own values are never touched.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from catalog import hjmtj
from catalog.hjmtj import FeedRefused, Header, Reference
from catalog.models import Article, Category, Media, Price, PriceList, Product, Relation, Supplier
from catalog.models.prices import ACTIVE, PriceKind

BATCH = 1000
SECTIONS = {
    hjmtj.Organisation: "suppliers",
    hjmtj.Category: "categories",
    hjmtj.Product: "products",
    hjmtj.Article: "articles",
    hjmtj.PriceList: "price_lists",
}


class _Known:
    """The stored products or articles: by the feed's id, and by supplier and number. Remembers which were seen in this file."""

    def __init__(self, model: type[Product] | type[Article]) -> None:
        self.model = model
        self.ids: dict[str, int] = {}
        self.numbers: dict[tuple[int, str], int] = {}
        self.hashes: dict[int, str] = {}
        for pk, feed_id, supplier, number, digest, ended_at in model.objects.values_list("pk", "feed_id", "supplier_id", "number", "feed_hash", "ended_at"):
            self.ids[feed_id] = pk
            self.numbers[supplier, number] = pk
            # What had ended and comes back is a change, whatever its element says.
            self.hashes[pk] = "" if ended_at else digest
        self.before = sum(1 for digest in self.hashes.values() if digest)
        self.seen: set[int] = set()
        self._seen_ids: set[str] = set()
        self._seen_numbers: set[tuple[int, str]] = set()

    def match(self, record: hjmtj.Common, supplier: int) -> int | None:
        """The stored row of this record: by its id (so that a new number is a renumbering), else by its number."""
        key = (supplier, record.number)
        if record.feed_id in self._seen_ids or key in self._seen_numbers:
            raise FeedRefused(f"{record.number} finns två gånger i filen.", record.line)
        self._seen_ids.add(record.feed_id)
        self._seen_numbers.add(key)
        pk = self.ids.get(record.feed_id) or self.numbers.get(key)
        if pk is not None:
            if pk in self.seen:
                raise FeedRefused(f"{record.number} är samma som en annan post i filen.", record.line)
            self.seen.add(pk)
        return pk

    def added(self, rows: Iterable[Any]) -> None:
        for row in rows:
            self.seen.add(row.pk)

    def reload_numbers(self) -> None:
        self.numbers = {(supplier, number): pk for pk, supplier, number in self.model.objects.values_list("pk", "supplier_id", "number")}


class Merge:
    """`add` takes records in the order of the file; `finish` ends what a FULL no longer has and ties the ends together."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.now = timezone.now()
        self.counts: dict[str, Counter[str]] = {name: Counter() for name in SECTIONS.values()}
        self.suppliers = dict(Supplier.objects.values_list("gln", "pk"))
        self.customers: set[str] = set()
        self.categories = dict(Category.objects.filter(edition=header.iso_edition).values_list("code", "pk"))
        self.known_products = _Known(Product)
        self.known_articles = _Known(Article)
        self.product_ids = dict(self.known_products.ids)
        self.seen_lists: set[int] = set()
        self.relations: list[tuple[str, dict[str, int], Reference]] = []
        self.pending: list[Any] = []
        self.price_lists: list[hjmtj.PriceList] = []

    def add(self, record: Any) -> None:
        self.counts[SECTIONS[type(record)]]["read"] += 1
        if self.pending and (type(self.pending[0]) is not type(record) or (len(self.pending) >= BATCH and not isinstance(record, hjmtj.Category))):
            self._flush()
        self.pending.append(record)

    def finish(self) -> dict[str, dict[str, int]]:
        """How many were read, new, changed, unchanged and ended, per section. Raises IntegrityError if two now share a number."""
        self._flush()
        if self.header.mode == "FULL":
            self._end_missing(self.known_products, "products")
            self._end_missing(self.known_articles, "articles")
        self.known_products.reload_numbers()
        self.known_articles.reload_numbers()
        self._write_relations()
        for price_list in self.price_lists:
            self._write_price_list(price_list)
        if self.header.mode == "FULL":
            self._end_missing_lists()
        self._inherit_categories()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return {name: dict(counter) for name, counter in self.counts.items()}

    @property
    def has_changed(self) -> bool:
        return any(counter["new"] or counter["changed"] or counter["ended"] for counter in self.counts.values())

    def share_of_articles_ended(self) -> float:
        """Of those in force before this file."""
        return self.counts["articles"]["ended"] / self.known_articles.before if self.known_articles.before else 0.0

    # --- Suppliers and categories ---

    def _flush(self) -> None:
        if not self.pending:
            return
        batch, self.pending = self.pending, []
        writers: dict[type, Callable[[Any], None]] = {
            hjmtj.Organisation: self._write_suppliers,
            hjmtj.Category: self._write_categories,
            hjmtj.Product: self._write_products,
            hjmtj.Article: self._write_articles,
            hjmtj.PriceList: self.price_lists.extend,
        }
        writers[type(batch[0])](batch)

    def _write_suppliers(self, batch: Sequence[hjmtj.Organisation]) -> None:
        fields = ["name", "organisation_number", "phone", "email", "web"]
        stored = {supplier.gln: supplier for supplier in Supplier.objects.filter(gln__in=[record.gln for record in batch])}
        rows: dict[str, Supplier] = {}
        for record in batch:
            if record.gln in rows or record.gln in self.customers:
                raise FeedRefused(f"Organisationen {record.gln} finns två gånger i filen.", record.line)
            if record.type != "SUPPLIER":
                self.customers.add(record.gln)
                continue
            rows[record.gln] = Supplier(gln=record.gln, **{name: getattr(record, name) for name in fields})
        self._count_by_values("suppliers", rows, stored, fields)
        made = Supplier.objects.bulk_create(rows.values(), update_conflicts=True, unique_fields=["gln"], update_fields=fields)
        self.suppliers |= {supplier.gln: supplier.pk for supplier in made}

    def _write_categories(self, batch: Sequence[hjmtj.Category]) -> None:
        edition = self.header.iso_edition
        stored = {category.code: category for category in Category.objects.filter(edition=edition)}
        rows: dict[str, Category] = {}
        # Parents first, whatever the order in the file.
        for record in sorted(batch, key=lambda record: len(record.code)):
            if record.code in rows:
                raise FeedRefused(f"ISO-koden {record.code} finns två gånger i filen.", record.line)
            parent = record.code[:-2]
            if parent and parent not in stored and parent not in rows:
                raise FeedRefused(f"ISO-koden {record.code} saknar sin överordnade {parent}.", record.line)
            rows[record.code] = Category(edition=edition, code=record.code, name=record.name, description=record.description)
        self._count_by_values("categories", rows, stored, ["name", "description"])
        for length in (2, 4, 6, 8):
            level = [row for row in rows.values() if len(row.code) == length]
            for row in level:
                row.parent_id = self.categories.get(row.code[:-2])
            made = Category.objects.bulk_create(
                level, update_conflicts=True, unique_fields=["edition", "code"], update_fields=["name", "description", "parent"]
            )
            self.categories |= {row.code: row.pk for row in made}

    def _count_by_values(self, section: str, rows: dict[str, Any], stored: dict[str, Any], fields: Sequence[str]) -> None:
        for key, row in rows.items():
            before = stored.get(key)
            is_same = before and all(getattr(before, name) == getattr(row, name) for name in fields)
            self.counts[section]["unchanged" if is_same else "changed" if before else "new"] += 1

    # --- Products and articles ---

    def _supplier(self, gln: str, line: int) -> int:
        if gln not in self.suppliers:
            raise FeedRefused(f"Leverantören {gln} finns inte.", line)
        return self.suppliers[gln]

    def _category(self, code: str, line: int) -> int:
        if code not in self.categories:
            raise FeedRefused(f"ISO-koden {code} finns inte i utgåva {self.header.iso_edition}.", line)
        return self.categories[code]

    def _common(self, record: hjmtj.Common, supplier: int) -> dict[str, Any]:
        return {
            "supplier_id": supplier,
            "number": record.number,
            "feed_id": record.feed_id,
            "feed_hash": record.hash,
            "name": record.name,
            "description": record.description,
            "properties": record.properties,
            "status": record.status,
            "discontinued_from": record.discontinued_from,
            "feed_updated_at": record.updated_at,
            "ended_at": None,
        }

    def _write_products(self, batch: Sequence[hjmtj.Product]) -> None:
        def row(record: hjmtj.Product, supplier: int) -> Product:
            main, *others = [(code, self._category(code, record.line)) for code in record.iso_codes]
            return Product(
                category_id=main[1],
                other_iso_codes=[code for code, _ in others],
                manufacturer=record.manufacturer,
                trademark=record.trademark,
                is_ce_marked=record.is_ce_marked,
                **self._common(record, supplier),
            )

        pairs = self._write_rows("products", self.known_products, batch, row)
        self.product_ids |= {record.feed_id: pk for record, pk in pairs}

    def _write_articles(self, batch: Sequence[hjmtj.Article]) -> None:
        def row(record: hjmtj.Article, supplier: int) -> Article:
            categories = [self._category(code, record.line) for code in record.iso_codes]
            if record.product_id is not None and record.product_id not in self.product_ids:
                raise FeedRefused(f"Produkten {record.product_id} finns inte.", record.line)
            return Article(
                product_id=self.product_ids.get(record.product_id or ""),
                article_type=record.article_type,
                iso_codes=record.iso_codes,
                category_id=categories[0] if categories else None,
                gtin=record.gtin,
                order_unit=record.order_unit,
                quantity_in_outer_package=record.quantity_in_outer_package,
                package_content=record.package_content,
                package_content_unit=record.package_content_unit,
                preventive_maintenance_days=record.preventive_maintenance_days,
                **self._common(record, supplier),
            )

        self._write_rows("articles", self.known_articles, batch, row)

    def _write_rows(self, section: str, known: _Known, batch: Sequence[Any], make: Callable[[Any, int], Any]) -> list[tuple[Any, int]]:
        """Write what is new or changed, with its media; (record, pk) of all."""
        new: list[tuple[Any, Any]] = []
        changed: list[tuple[Any, Any]] = []
        pairs: list[tuple[Any, int]] = []
        for record in batch:
            supplier = self._supplier(record.supplier_gln, record.line)
            pk = known.match(record, supplier)
            if pk is not None and known.hashes[pk] == record.hash:
                self.counts[section]["unchanged"] += 1
                pairs.append((record, pk))
                continue
            row = make(record, supplier)
            row.pk = pk
            (new if pk is None else changed).append((record, row))
        self.counts[section]["new"] += len(new)
        self.counts[section]["changed"] += len(changed)
        fields = [field.name for field in known.model._meta.concrete_fields if not field.primary_key and not field.generated]
        known.model.objects.bulk_create([row for _, row in new])
        known.model.objects.bulk_create([row for _, row in changed], update_conflicts=True, unique_fields=["id"], update_fields=fields)
        known.added(row for _, row in new)
        written = [(record, row.pk) for record, row in new + changed]
        self._write_media(section, written, [row.pk for _, row in changed])
        self._collect_relations("from_product" if section == "products" else "from_article", written, [row.pk for _, row in changed])
        return pairs + written

    def _write_media(self, section: str, written: Sequence[tuple[Any, int]], changed: Sequence[int]) -> None:
        """Media of the same owner and address keep the files that were fetched for them."""
        owner = "product_id" if section == "products" else "article_id"
        old = Media.objects.filter(**{f"{owner}__in": changed})
        files = {(pk, url): (stored, small) for pk, url, stored, small in old.values_list(owner, "url", "stored_id", "stored_small_id")}
        old.delete()
        rows = []
        for record, pk in written:
            for item in record.media:
                stored, small = files.get((pk, item.url), (None, None))
                rows.append(
                    Media(
                        **{owner: pk},
                        kind=item.kind,
                        url=item.url,
                        file_name=item.file_name,
                        mime_type=item.mime_type,
                        description=item.description,
                        language=item.language,
                        is_main=item.is_main,
                        declared_sha256=item.sha256,
                        stored_id=stored,
                        stored_small_id=small,
                    )
                )
        Media.objects.bulk_create(rows, batch_size=BATCH)

    def _end_missing(self, known: _Known, section: str) -> None:
        missing = known.model.objects.filter(ended_at=None).exclude(pk__in=known.seen)
        self.counts[section]["ended"] = missing.update(ended_at=self.now)

    def _inherit_categories(self) -> None:
        """An article without an ISO code of its own has its product's."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE catalog_article a SET category_id = p.category_id FROM catalog_product p"
                " WHERE p.id = a.product_id AND a.iso_codes = '{}' AND a.category_id IS DISTINCT FROM p.category_id"
            )

    # --- References between articles and products ---

    def _collect_relations(self, end: str, written: Sequence[tuple[Any, int]], changed: Sequence[int]) -> None:
        """They may point forward in the file, so they are looked up at the end."""
        Relation.objects.filter(**{f"{end}__in": changed}).delete()
        for record, pk in written:
            for kind, references in ((Relation.Kind.FITS_TO, getattr(record, "fits_to", [])), (Relation.Kind.REPLACED_BY, record.replaced_by)):
                self.relations += [(kind, {f"{end}_id": pk}, reference) for reference in references]

    def _target(self, reference: Reference) -> dict[str, int]:
        supplier = self._supplier(reference.supplier_gln, reference.line)
        if reference.article_number is not None:
            name, number, numbers = "article_id", reference.article_number, self.known_articles.numbers
        else:
            name, number, numbers = "product_id", reference.product_number or "", self.known_products.numbers
        if (supplier, number) not in numbers:
            raise FeedRefused(f"En hänvisning går till {number} hos {reference.supplier_gln}, som inte finns.", reference.line)
        return {name: numbers[supplier, number]}

    def _write_relations(self) -> None:
        rows = [Relation(kind=kind, **end, **{f"to_{name}": pk for name, pk in self._target(reference).items()}) for kind, end, reference in self.relations]
        # The same reference twice says the same thing.
        Relation.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)

    # --- Prices ---

    def _write_price_list(self, record: hjmtj.PriceList) -> None:
        count = self.counts["price_lists"]
        if record.customer_gln not in {None, self.header.receiver_gln}:
            count["of_others"] += 1
            return
        supplier = self._supplier(record.supplier_gln, record.line)
        kind = PriceKind.GENERAL if record.customer_gln is None else PriceKind.AGREEMENT
        own = Q(number=record.number) if kind == PriceKind.AGREEMENT else Q(valid_from=record.valid_from)
        stored = PriceList.objects.filter(own, kind=kind, supplier_id=supplier).first()
        if stored and stored.pk in self.seen_lists:
            raise FeedRefused(f"Prislistan {record.number} finns två gånger i filen.", record.line)
        # Which articles a product has may have changed, although the list has not.
        by_product = any(row.article.product_number is not None for row in record.rows)
        if stored and stored.feed_hash == record.hash and stored.ended_at is None and not by_product:
            self.seen_lists.add(stored.pk)
            count["unchanged"] += 1
            return
        count["changed" if stored else "new"] += 1
        price_list = stored or PriceList(kind=kind, supplier_id=supplier, number=record.number)
        price_list.name, price_list.feed_hash, price_list.ended_at = record.name, record.hash, None
        price_list.valid_from, price_list.valid_to = record.valid_from, record.valid_to
        price_list.save()
        self.seen_lists.add(price_list.pk)
        price_list.rows.all().delete()
        Price.objects.bulk_create(self._price_rows(record, price_list), batch_size=BATCH)

    def _price_rows(self, record: hjmtj.PriceList, price_list: PriceList) -> list[Price]:
        """A row about a product holds for those of its articles that have no row of their own."""
        rows: dict[tuple[int, datetime.date, str], Price] = {}
        named: set[int] = set()
        by_product = defaultdict(list)
        products = [row for row in record.rows if row.article.product_number is not None]
        if products:
            for pk, product in Article.objects.filter(supplier_id=price_list.supplier_id, ended_at=None).values_list("pk", "product_id"):
                by_product[product].append(pk)
        for row in [row for row in record.rows if row.article.product_number is None] + products:
            target = self._target(row.article)
            articles = [target["article_id"]] if "article_id" in target else [pk for pk in by_product[target["product_id"]] if pk not in named]
            if "article_id" in target:
                named.add(target["article_id"])
            valid_from = max(record.valid_from, row.valid_from or record.valid_from)
            if record.valid_to and valid_from > record.valid_to:
                raise FeedRefused("Ett pris börjar gälla efter att prislistan har slutat.", row.article.line)
            for pk in articles:
                key = (pk, valid_from, row.status)
                if key in rows and row.status == ACTIVE:
                    raise FeedRefused(f"{row.article.article_number or row.article.product_number} har två priser på samma lista.", row.article.line)
                rows[key] = Price(
                    price_list=price_list,
                    article_id=pk,
                    kind=price_list.kind,
                    amount=row.price,
                    valid_from=valid_from,
                    valid_to=record.valid_to,
                    min_order_quantity=row.min_order_quantity,
                    delivery_time_days=row.delivery_time_days,
                    warranty_quantity=row.warranty_quantity,
                    warranty_unit=row.warranty_unit,
                    warranty_from=row.warranty_from,
                    status=row.status,
                )
        return list(rows.values())

    def _end_missing_lists(self) -> None:
        missing = PriceList.objects.filter(ended_at=None).exclude(pk__in=self.seen_lists)
        Price.objects.filter(price_list__in=missing).delete()
        self.counts["price_lists"]["ended"] = missing.update(ended_at=self.now)
