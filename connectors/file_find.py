"""Which file is read: the one that is named, or of a folder's files the one that changed last. Never one outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from connectors.base import SourceMisread, SourceRefused


@dataclass(frozen=True, slots=True)
class Found:
    """A file's name and bytes, and when it last changed."""

    name: str
    data: bytes
    changed: datetime | None


def find_file(path: Path, pattern: str) -> Path:
    """The file itself, or the newest in the folder whose name fits; of two as new, the last by name.

    Raises:
        SourceMisread: there is none.
    """
    if path.is_dir():
        folder = path.resolve()
        fitting = [
            item
            for item in folder.iterdir()
            if fnmatchcase(item.name, pattern) and not item.name.startswith((".", "~$")) and _lies_in(item, folder)
        ]
        if not fitting:
            raise SourceMisread(f"No file in {path.name} is called {pattern}.", fix="Correct the pattern or the path.")
        return max(fitting, key=lambda item: (item.stat().st_mtime_ns, item.name))
    if path.is_file():
        return path
    raise SourceMisread(f"There is no file {path}.", fix="Correct the path; it counts from the config's folder.")


def _lies_in(item: Path, folder: Path) -> bool:
    """A link that leads out of the folder is no file of it."""
    return item.is_file() and item.resolve().is_relative_to(folder)


def read_file(path: Path, most_bytes: int) -> Found:
    """The file's bytes.

    Raises:
        SourceRefused: it may not be read.
        SourceMisread: it is too large.
    """
    try:
        about = path.stat()
        if about.st_size > most_bytes:
            raise too_large(path.name, most_bytes)
        data = path.read_bytes()
    except PermissionError:
        raise SourceRefused(
            f"{path.name} may not be read.", fix="Give okr-sync's account the right to read it."
        ) from None
    except OSError as error:
        raise SourceMisread(f"{path.name} can't be read: {error.strerror}.", fix="Check the path.") from None
    return Found(path.name, data, datetime.fromtimestamp(about.st_mtime, UTC))


def too_large(name: str, most_bytes: int) -> SourceMisread:
    """More than is read."""
    return SourceMisread(
        f"{name} has more than {most_bytes / 1e6:,.0f} MB.", fix="Raise most_bytes, or let a smaller file be written."
    )
