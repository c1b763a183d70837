"""An .xlsx workbook as the sheet's store.

A run reads the file once, changes only its own cells in the sheets' XML, and puts the new file in the place of the
old one only if that is still the version it read: here the exchange of files is the compare and swap, so that no
guard tabs are needed and a receipt has no pre-image. Every part of the file that isn't ours stays byte for byte.
Reading works while somebody has the workbook open; writing doesn't.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from connectors.home import expand_home
from sync.sheet.store import Batch, RawSheet, Receipt
from sync.sheet.store_error import SheetBusy
from sync.sheet.wish import LayoutWish, LeaveWish, Prepared, Removed
from sync.sheet.workbook_apply import change_workbook
from sync.sheet.workbook_leave import leave_workbook
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_prepare import make_package, prepare_workbook
from sync.sheet.workbook_read import Book
from sync.sheet.workbook_swap import check_free, hash_of, read_file, swap_file, write_new


class WorkbookStore:
    """The sheet in an Excel workbook. Implements ``sync.sheet.store.Store``."""

    def __init__(self, path: Path | str) -> None:
        self._path = expand_home(path).resolve()

    @property
    def batch_bytes(self) -> None:
        """A file takes any batch whole."""
        return

    @property
    def account(self) -> str:
        """Nobody: a file is opened by whoever runs okr-sync."""
        return ""

    @property
    def place(self) -> str:
        """The workbook's path."""
        return str(self._path)

    def fetch_titles(self) -> tuple[str, ...]:
        """The titles of all sheets.

        Raises LayoutError where there is no workbook, SheetRefused, SheetUnavailable.
        """
        return tuple(sheet.title for sheet in Book(Package(read_file(self._path))).sheets)

    def fetch_sheet(self, titles: Sequence[str], heads: Sequence[str] = ()) -> RawSheet:
        """Read these tabs; ``heads`` are read whole too, as the file has to be opened anyway.

        Raises LayoutError where there is no workbook, SheetRefused, SheetUnavailable.
        """
        data = read_file(self._path)
        book = Book(Package(data))
        wanted = {*titles, *heads}
        return RawSheet(
            sheet_id=str(self._path),
            title=self._path.stem,
            url=self._path.as_uri(),
            tabs=tuple(book.read_tab(sheet) for sheet in book.sheets if sheet.title in wanted),
            others=tuple(sheet.title for sheet in book.sheets if sheet.title not in wanted),
            other_ids={sheet.title: sheet.sheet_id for sheet in book.sheets if sheet.title not in wanted},
            revision=hash_of(data),
        )

    def apply_batch(self, batch: Batch) -> Receipt:
        """Write all of a batch or nothing.

        Raises SheetInUse while the workbook is open, SheetBusy when it was saved since it was read, SheetRefused,
        SheetUnavailable.
        """
        check_free(self._path)
        data = read_file(self._path)
        revision = hash_of(data)
        if batch.sheet_revision and batch.sheet_revision != revision:
            raise SheetBusy(f"Somebody saved {self._path.name} since it was read. Nothing was written.")
        package = Package(data)
        change_workbook(Book(package), batch)
        swap_file(self._path, package.render(), revision)
        return Receipt()

    def prepare(self, wish: LayoutWish) -> Prepared:
        """Make the workbook, or what is missing in it. Nothing that is there changes or moves."""
        check_free(self._path)
        if not self._path.exists():
            package = make_package()
            prepared = prepare_workbook(package, wish)
            write_new(self._path, package.render())
            return prepared
        data = read_file(self._path)
        package = Package(data)
        prepared = prepare_workbook(package, wish)
        if not prepared.is_nothing:
            swap_file(self._path, package.render(), hash_of(data))
        return prepared

    def leave(self, wish: LeaveWish) -> Removed:
        """Take out what is ours. Every part that isn't ours stays byte for byte."""
        check_free(self._path)
        data = read_file(self._path)
        package = Package(data)
        removed = leave_workbook(package, wish)
        if not removed.is_nothing:
            swap_file(self._path, package.render(), hash_of(data))
        return removed

    def prove_guard(self) -> tuple[str, ...]:
        """Nothing to prove: each write compares the file's hash itself, and puts back what it didn't expect."""
        return ()
