"""Puts a new version of a file in the place of the one that was read, or leaves everything as it was.

A person may save between our last look and our rename, and a plain rename would bury that save. So the two files
change places in one step (renameat2 with RENAME_EXCHANGE, Linux 3.15), and the file that comes out is compared with
the one that was read: if it is another, the two change back. Where the system can't exchange, the file is compared
right before a plain rename. The version before is kept beside the file, with ".prev" behind its name.

A crash leaves the file as before or as after. Between exchange and comparison it may leave the old version under a
hidden name (".okrs.xlsx.….okr-sync"); such files are never deleted, because they may be the only copy of a save.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from sync.sheet.store_error import (
    LayoutError,
    SheetBusy,
    SheetError,
    SheetInUse,
    SheetRefused,
    SheetUnavailable,
    WriteUnconfirmed,
)

MAX_FILE = 200 * 1024 * 1024
"""Bytes of a workbook. Excel itself becomes unusable long before."""

_AT_CWD, _EXCHANGE = -100, 2
_CANT_EXCHANGE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})
_SUFFIX = ".okr-sync"


def hash_of(data: bytes) -> str:
    """What identifies one version of a file."""
    return hashlib.sha256(data).hexdigest()


def read_file(path: Path) -> bytes:
    """The file's bytes. Raises LayoutError where there is none, SheetRefused or SheetUnavailable otherwise."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise SheetRefused(
                f"{path} is larger than {MAX_FILE // 1024**2} MB.", fix="Keep the OKRs in a workbook of their own."
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise LayoutError(f"There is no workbook at {path}.", fix="Run: okr-sync layout") from error
    except PermissionError as error:
        raise SheetRefused(
            f"{path} can't be read: {error.strerror}.", fix="Let the account that runs okr-sync read it, or close it."
        ) from error
    except OSError as error:
        raise SheetUnavailable(f"{path} can't be read: {error.strerror or error}.") from error


def check_free(path: Path) -> None:
    """Raises SheetInUse when Excel or LibreOffice has the file open, SheetRefused when it may not be written."""
    for mark, program in ((f"~${path.name}", "Excel"), (f".~lock.{path.name}#", "LibreOffice")):
        lock = path.with_name(mark)
        if lock.exists():
            raise SheetInUse(
                f"{path.name} is open in {program}{_who(lock)}. Nothing was written.",
                fix=f"Close it there and run again. If nobody has it open, delete {lock}.",
            )
    if path.exists() and not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
        raise SheetRefused(
            f"{path} is read-only. Nothing was written.", fix="Make it writable for the account that runs okr-sync."
        )


def _who(lock: Path) -> str:
    """Who has it open, as far as the lock file says: LibreOffice writes ",NAME,HOST,…" as text."""
    if not lock.name.startswith(".~lock"):
        return ""
    with suppress(OSError, UnicodeDecodeError):
        names = [part for part in lock.read_text("utf-8").split(",")[:3] if part.strip()]
        return f" by {' on '.join(names)}" if names else ""
    return ""


def write_new(path: Path, data: bytes) -> None:
    """Put a new file where there is none. Raises SheetBusy when one has appeared meanwhile."""
    try:
        fresh = _write_beside(path, data)
        try:
            _link(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
        _sync_folder(path)
    except FileExistsError as error:
        raise SheetBusy(f"{path} has just been made by somebody else. Nothing was written.") from error
    except OSError as error:
        raise _explain(path, error) from error


def _link(fresh: Path, path: Path) -> None:
    """Give a finished file its name, unless that is taken. Some file systems have no links: there it is renamed."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        raise
    except OSError:
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        fresh.rename(path)


def swap_file(path: Path, data: bytes, revision: str) -> None:
    """Replace the version that was read by a new one.

    Raises SheetBusy when the file is no longer the version that was read, SheetRefused or SheetUnavailable when it
    can't be written. In all cases the file is then as it was.
    """
    try:
        fresh = _write_beside(path, data)
    except OSError as error:
        raise _explain(path, error) from error
    try:
        _copy_rights(path, fresh)
        if exchange(fresh, path):
            _confirm(path, fresh, hash_of(data), revision)
        else:
            _replace(path, fresh, revision)
    except OSError as error:
        if hash_of_file(fresh) == hash_of(data):
            fresh.unlink(missing_ok=True)
        raise _explain(path, error) from error
    except SheetBusy:
        fresh.unlink(missing_ok=True)
        raise


def exchange(first: Path, second: Path) -> bool:
    """Let two files change places in one step. False where the system can't. Raises OSError."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    if call is None:
        return False
    if call(_AT_CWD, os.fsencode(first), _AT_CWD, os.fsencode(second), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANT_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number), str(second))


def hash_of_file(path: Path) -> str:
    """What identifies the version that stands there now; "" for none."""
    try:
        return hash_of(path.read_bytes())
    except FileNotFoundError:
        return ""


def _confirm(path: Path, old: Path, ours: str, revision: str) -> None:
    """Compare what came out. A disk that fails right now leaves open which version stands where."""
    try:
        _check_swapped(path, old, ours, revision)
    except OSError as error:
        raise WriteUnconfirmed(
            f"{path.name} was exchanged, and then the disk failed ({error.strerror or error}).",
            fix=f"The version before is kept beside it, as {old.name} or {_previous(path).name}.",
        ) from error


def _check_swapped(path: Path, old: Path, ours: str, revision: str) -> None:
    """Keep the file that came out as the one before, or change back when it isn't the one that was read."""
    if hash_of_file(old) == revision:
        _keep(path, old)
        return
    exchange(old, path)
    if hash_of_file(old) != ours:  # somebody saved over ours in the meantime: theirs is the newest
        exchange(old, path)
        _keep(path, old)
    raise SheetBusy(f"Somebody saved {path.name} meanwhile. Nothing of ours was written.")


def _replace(path: Path, fresh: Path, revision: str) -> None:
    """The fallback: keep a copy of the old version, look once more, rename."""
    before = _previous(path)
    copy = _write_beside(path, path.read_bytes())
    if hash_of_file(copy) != revision or hash_of_file(path) != revision:
        copy.unlink()
        raise SheetBusy(f"Somebody saved {path.name} meanwhile. Nothing was written.")
    _copy_rights(path, copy)
    copy.replace(before)
    fresh.replace(path)
    _sync_folder(path)


def _keep(path: Path, old: Path) -> None:
    with suppress(OSError):  # the write has landed: a copy that can't be kept is no failure of it
        old.replace(_previous(path))
        _sync_folder(path)


def _previous(path: Path) -> Path:
    return path.with_name(path.name + ".prev")


def _write_beside(path: Path, data: bytes) -> Path:
    """A finished file in the same folder, so that it can be renamed; it is private until it gets its rights."""
    handle, place = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_SUFFIX, dir=path.parent)
    fresh = Path(place)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    return fresh


def _copy_rights(old: Path, fresh: Path) -> None:
    """Give the new file the old one's mode, owner and, as far as the system allows, its access lists."""
    status = old.stat()
    with suppress(OSError, AttributeError):
        os.chown(fresh, status.st_uid, status.st_gid)
    shutil.copymode(old, fresh)
    if sys.platform == "linux":
        with suppress(OSError):
            for key in os.listxattr(old):
                with suppress(OSError):
                    os.setxattr(fresh, key, os.getxattr(old, key))


def _sync_folder(path: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _explain(path: Path, error: OSError) -> SheetError:
    """What a failed write means. Nothing was written in any case."""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return SheetRefused(
            f"The folder {path.parent} can't be written to ({os.strerror(error.errno)}). Nothing was written.",
            fix="Let the account that runs okr-sync create files there: it writes a new version beside the old one.",
        )
    if error.errno == errno.ENOENT and not path.exists():
        if not path.parent.is_dir():
            return SheetRefused(f"There is no folder {path.parent}. Nothing was written.", fix="Make it first.")
        return SheetBusy(f"{path.name} has just been moved or is being saved. Nothing was written.")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SheetUnavailable(f"The disk that holds {path} is full. Nothing was written.", fix="Free some space.")
    return SheetUnavailable(f"{path} can't be written: {error.strerror or error}. Nothing was written.")
