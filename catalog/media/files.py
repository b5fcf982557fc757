"""Keeps files below MEDIA_ROOT under the hash of their content; the same content is kept once."""

import hashlib
import os
import tempfile
from pathlib import Path

from catalog.models import StoredFile


def store(content: bytes, content_type: str, width: int | None = None, height: int | None = None) -> StoredFile:
    """The file is whole on the disk before a row names it, so that a worker that is killed leaves no row without its file. Raises OSError."""
    file = StoredFile(sha256=hashlib.sha256(content).hexdigest(), content_type=content_type, size=len(content), width=width, height=height)
    if not file.path.exists():
        _write(file.path, content)
    kept, _ = StoredFile.objects.get_or_create(sha256=file.sha256, defaults={"content_type": content_type, "size": file.size, "width": width, "height": height})
    return kept


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing: under another name first, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
