import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.sheet import workbook_swap
from sync.sheet.store_error import LayoutError, SheetBusy, SheetInUse, SheetRefused, SheetUnavailable, WriteUnconfirmed
from sync.sheet.workbook_swap import check_free, exchange, hash_of, read_file, swap_file, write_new

OLD, OURS, THEIRS = b"what was read", b"what we write", b"what a person saved"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "okrs.xlsx"
    file.write_bytes(OLD)
    return file


def left_over(path: Path) -> set[str]:
    return {each.name for each in path.parent.iterdir()} - {path.name}


def prev(path: Path) -> bytes:
    return path.with_name("okrs.xlsx.prev").read_bytes()


@pytest.fixture(params=["exchange", "rename"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of replacing a file: this system's, and that of systems which can't exchange."""
    if request.param == "rename":
        monkeypatch.setattr(workbook_swap, "exchange", lambda *_: False)
    return str(request.param)


def test_the_new_version_stands_and_the_old_one_is_kept(path: Path, way: str) -> None:
    path.chmod(0o640)
    swap_file(path, OURS, hash_of(OLD))
    assert (path.read_bytes(), prev(path)) == (OURS, OLD)
    assert path.stat().st_mode & 0o777 == 0o640
    assert left_over(path) == {"okrs.xlsx.prev"}


def test_attributes_stay_with_the_file(path: Path, way: str) -> None:
    try:
        os.setxattr(path, "user.okr", b"kept")
    except (OSError, AttributeError):
        pytest.skip("this file system keeps no attributes")
    swap_file(path, OURS, hash_of(OLD))
    assert os.getxattr(path, "user.okr") == b"kept"


def test_a_link_stays_a_link(path: Path) -> None:
    link = path.with_name("link.xlsx")
    link.symlink_to(path)
    swap_file(link.resolve(), OURS, hash_of(OLD))
    assert link.is_symlink()
    assert link.read_bytes() == OURS


def test_a_save_since_the_read_is_seen_and_kept(path: Path, way: str) -> None:
    path.write_bytes(THEIRS)
    with pytest.raises(SheetBusy):
        swap_file(path, OURS, hash_of(OLD))
    assert path.read_bytes() == THEIRS
    assert left_over(path) == set()


def before_exchange(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]) -> None:
    """Have something happen right before each exchange; they are counted from 1."""
    calls = 0

    def acting(first: Path, second: Path) -> bool:
        nonlocal calls
        calls += 1
        act(calls)
        return exchange(first, second)

    monkeypatch.setattr(workbook_swap, "exchange", acting)


def save(path: Path, data: bytes) -> None:
    """As Excel saves: a new file takes the name."""
    fresh = path.with_name("~temp")
    fresh.write_bytes(data)
    fresh.replace(path)


def test_a_save_right_before_the_exchange_is_seen_and_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before_exchange(monkeypatch, lambda call: save(path, THEIRS) if call == 1 else None)
    with pytest.raises(SheetBusy):
        swap_file(path, OURS, hash_of(OLD))
    assert path.read_bytes() == THEIRS
    assert left_over(path) == set()


def test_of_two_saves_around_the_exchange_the_newest_stands(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before_exchange(monkeypatch, lambda call: save(path, THEIRS + str(call).encode()) if call < 3 else None)
    with pytest.raises(SheetBusy):
        swap_file(path, OURS, hash_of(OLD))
    assert path.read_bytes() == THEIRS + b"2"
    assert prev(path) == THEIRS + b"1"


class Killed(BaseException):
    """The process ends here."""


def test_killed_before_the_exchange_the_file_is_as_before(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(_: int) -> None:
        raise Killed

    before_exchange(monkeypatch, die)
    with pytest.raises(Killed):
        swap_file(path, OURS, hash_of(OLD))
    assert path.read_bytes() == OLD


def test_killed_after_the_exchange_the_file_is_as_after_and_nothing_is_lost(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(workbook_swap, "_check_swapped", die)
    with pytest.raises(Killed):
        swap_file(path, OURS, hash_of(OLD))
    assert path.read_bytes() == OURS
    (hidden,) = left_over(path)
    assert path.with_name(hidden).read_bytes() == OLD
    monkeypatch.undo()
    swap_file(path, OURS + b"2", hash_of(OURS))
    assert hidden in left_over(path)


def test_a_disk_that_fails_after_the_exchange_leaves_the_write_unconfirmed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(workbook_swap, "_check_swapped", fail)
    with pytest.raises(WriteUnconfirmed):
        swap_file(path, OURS, hash_of(OLD))


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, SheetUnavailable, "is full"),
        (errno.EACCES, SheetRefused, "can't be written to"),
        (errno.EROFS, SheetRefused, "can't be written to"),
        (errno.EIO, SheetUnavailable, "can't be written"),
    ],
)
@pytest.mark.parametrize("moment", ["fsync", "mkstemp", "exchange"])
def test_a_disk_that_fails_leaves_everything_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception], words: str, moment: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    place = {"fsync": os, "mkstemp": workbook_swap.tempfile, "exchange": workbook_swap}[moment]
    monkeypatch.setattr(place, moment, fail)
    with pytest.raises(kind, match=words) as caught:
        swap_file(path, OURS, hash_of(OLD))
    assert "Nothing was written" in str(caught.value)
    assert path.read_bytes() == OLD
    assert left_over(path) == set()


def test_a_file_that_vanished_is_busy(path: Path) -> None:
    path.unlink()
    with pytest.raises(SheetBusy):
        swap_file(path, OURS, hash_of(OLD))
    assert left_over(path) == set()


@pytest.mark.parametrize(
    ("mark", "content", "words"),
    [
        ("~$okrs.xlsx", b"\x04Maya", "open in Excel"),
        (
            ".~lock.okrs.xlsx#",
            b",Maya Lindqvist,laptop,22.11.2026 10:00,file:///x;",
            "LibreOffice by Maya Lindqvist on laptop",
        ),
    ],
)
def test_an_open_workbook_is_in_use_and_says_by_whom(path: Path, mark: str, content: bytes, words: str) -> None:
    lock = path.with_name(mark)
    lock.write_bytes(content)
    with pytest.raises(SheetInUse, match=words) as caught:
        check_free(path)
    assert str(lock) in str(caught.value.fix)
    lock.unlink()
    check_free(path)


def test_a_read_only_file_is_refused(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(SheetRefused, match="read-only"):
        check_free(path)


def test_a_missing_file_names_the_command_that_makes_it(path: Path) -> None:
    with pytest.raises(LayoutError, match="okr-sync layout"):
        read_file(path.with_name("other.xlsx"))


def test_a_file_that_is_far_too_large_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_swap, "MAX_FILE", 5)
    with pytest.raises(SheetRefused, match="larger than"):
        read_file(path)


def test_a_new_file_is_private_and_never_replaces_one(path: Path) -> None:
    new = path.with_name("new.xlsx")
    write_new(new, OURS)
    assert (new.read_bytes(), new.stat().st_mode & 0o777) == (OURS, 0o600)
    with pytest.raises(SheetBusy):
        write_new(path, OURS)
    assert path.read_bytes() == OLD
    assert left_over(path) == {"new.xlsx"}


def test_a_folder_that_is_missing_is_said(path: Path) -> None:
    with pytest.raises(SheetRefused, match="no folder"):
        write_new(path.parent / "none" / "okrs.xlsx", OURS)
