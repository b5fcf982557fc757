"""The only reader of Hjälpmedelstjänsten's export (schema/hjmtj-export-1.xsd).

`read_header` and `read_records` give the file's content as plain values, each record checked against the schema, and raise
`FeedRefused` with a reason in Swedish. No entity is expanded, no address is followed, and the file is never held whole.
"""

from catalog.hjmtj.reader import NAMESPACE, read_header, read_records
from catalog.hjmtj.records import Article, Category, Common, FeedRefused, Header, MediaItem, Organisation, PriceList, PriceRow, Product, Record, Reference

__all__ = [
    "NAMESPACE",
    "Article",
    "Category",
    "Common",
    "FeedRefused",
    "Header",
    "MediaItem",
    "Organisation",
    "PriceList",
    "PriceRow",
    "Product",
    "Record",
    "Reference",
    "read_header",
    "read_records",
]
