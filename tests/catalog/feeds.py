"""Small feeds for tests, made from the sample file."""

from pathlib import Path

from catalog.actions import import_feed
from catalog.models import FeedImport

EXAMPLE = Path(__file__).parent.parent / "data" / "example.xml"


def changed(folder: Path, *replacements: tuple[str, str], name: str = "feed.xml") -> Path:
    """The sample with every replacement made; each must hit."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


NEXT = (
    ('exportId="7359999900017-20261101-0001" sequence="1"', 'exportId="7359999900017-20261102-0002" sequence="2"'),
    ('created="2026-11-01T02:00:00+01:00"', 'created="2026-11-02T02:00:00+01:00"'),
)
DELTA = ('mode="FULL"', 'mode="DELTA"')


def applied(path: Path, **options: bool) -> FeedImport:
    row = import_feed(path, **options)
    assert row.status == FeedImport.Status.APPLIED, row.reason
    return row


def refused(path: Path) -> str:
    row = import_feed(path)
    assert row.status == FeedImport.Status.REFUSED, row.status
    return row.reason
