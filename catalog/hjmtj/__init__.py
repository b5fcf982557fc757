"""The only reader of Hjälpmedelstjänsten's export (schema/hjmtj-export-1.xsd).

`read_header` tells what the file is; `split` gives its elements while it streams, and `read` turns them into rows for the staging tables, each element
checked against the schema. What is wrong with the file is `FeedRefused`, with one element `BadRow`; both say so in Swedish.
"""

from catalog.hjmtj.reader import key_of, read
from catalog.hjmtj.records import BadRow, Element, FeedRefused, Header, Key, Rows
from catalog.hjmtj.schema import NAMESPACE
from catalog.hjmtj.splitter import SHAPES, read_header, split

__all__ = ["NAMESPACE", "SHAPES", "BadRow", "Element", "FeedRefused", "Header", "Key", "Rows", "key_of", "read", "read_header", "split"]
