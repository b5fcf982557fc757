"""Finds the feeds in what is handed over: an `.xml`, a `.zip` with one in it, or a folder of such. Everything in it is taken for hostile."""

import contextlib
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from catalog.hjmtj import FeedRefused, read_header

MAX_BYTES = 8 * 1024**3
# Feeds shrink 15 to 40 times; what shrinks more than this is made to burst.
MAX_RATIO = 200
MAX_MEMBERS = 20
_CHUNK = 1024 * 1024


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The feed of one file as a plain XML file. Raises FeedRefused for a package that is not what it should be, OSError."""
    if not _is_zip(path):
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=".xml") as unpacked:
        _unpack(path, Path(unpacked.name))
        yield Path(unpacked.name)


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04" or path.suffix.lower() == ".zip"


def _unpack(path: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(path) as package:
            member = _the_feed(package)
            limit = min(MAX_BYTES, max(member.compress_size, 1024) * MAX_RATIO)
            done = 0
            with package.open(member) as source, target.open("wb") as out:
                while chunk := source.read(_CHUNK):
                    done += len(chunk)
                    # What a package says of its own sizes is not to be believed.
                    if done > limit:
                        raise FeedRefused("Zip-filen packas upp till orimligt mycket.")
                    out.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError):
        raise FeedRefused("Zip-filen är trasig, avklippt eller packad på ett sätt som inte går att läsa.") from None


def _the_feed(package: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one XML file in it. Schemas may lie beside it, as they do in other national exports."""
    members = package.infolist()
    if len(members) > MAX_MEMBERS:
        raise FeedRefused(f"Zip-filen har fler än {MAX_MEMBERS} filer.")
    for member in members:
        name = member.filename
        if name.startswith("/") or "\\" in name or ":" in name or ".." in PurePosixPath(name).parts or "\x00" in name:
            raise FeedRefused(f"Zip-filen har ett otillåtet namn: {name[:100]!r}.")
        if member.flag_bits & 1:
            raise FeedRefused("Zip-filen är krypterad.")
        if (member.external_attr >> 16) & 0o170000 == 0o120000:
            raise FeedRefused("Zip-filen har en länk i sig.")
    feeds = [member for member in members if member.filename.lower().endswith(".xml") and not member.is_dir()]
    if len(feeds) != 1:
        raise FeedRefused(f"Zip-filen ska ha en XML-fil, men har {len(feeds)}.")
    [feed] = feeds
    if feed.file_size > MAX_BYTES or feed.file_size > max(feed.compress_size, 1024) * MAX_RATIO:
        raise FeedRefused("Zip-filen packas upp till orimligt mycket.")
    return feed


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Files as they are, folders as the feeds in them; those of a folder by their sequence, so that none is out of date when its turn comes."""
    found: list[Path] = []
    for path in paths:
        found += sorted(_feeds_in(path), key=_sequence) if path.is_dir() else [path]
    return found


def _feeds_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix.lower() in {".xml", ".zip"}]


def _sequence(path: Path) -> tuple[int, str]:
    """Those that cannot be read come last, each to get its reason."""
    try:
        with opened(path) as feed:
            return read_header(feed).sequence, path.name
    except (FeedRefused, OSError):
        return 2**63, path.name
