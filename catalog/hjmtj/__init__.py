"""The only reader of Hjälpmedelstjänsten's export (schema/hjmtj-export-1.xsd).

`read_header` tells what the file is; `split_plain`, or `split` where that cannot, gives its elements while it streams, and `read` turns them into rows
for the staging tables, each element checked against the schema. What is wrong with the file is `FeedRefused`, with one element `BadRow`; both say so in
Swedish.
"""

from catalog.hjmtj.plain import split_plain, unfold
from catalog.hjmtj.reader import feed_id, fingerprint, key_of, read
from catalog.hjmtj.records import BadRow, Element, FeedRefused, Header, Key, NotPlain, Rows
from catalog.hjmtj.schema import NAMESPACE
from catalog.hjmtj.splitter import SHAPES, read_header, split, split_list

__all__ = [
    "NAMESPACE",
    "SHAPES",
    "BadRow",
    "Element",
    "FeedRefused",
    "Header",
    "Key",
    "NotPlain",
    "Rows",
    "feed_id",
    "fingerprint",
    "key_of",
    "read",
    "read_header",
    "split",
    "split_list",
    "split_plain",
    "unfold",
]
