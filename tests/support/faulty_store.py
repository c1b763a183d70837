"""A store with bad luck, and with somebody who acts between a read and a write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sync.sheet.store import Batch, RawSheet, Receipt, Store
from sync.sheet.store_error import SheetOverQuota, SheetUnavailable, WriteUnconfirmed
from sync.sheet.wish import LayoutWish, LeaveWish, Prepared, Removed


class Crash(BaseException):
    """The process dies here."""


@dataclass
class FaultyStore:
    """A store whose writes fail as told: one word of ``faults`` each; ``act`` happens before the next write.

    ``before`` nothing lands and we know (no connection); ``quota``: the same, for a minute; ``lost`` it lands,
    ``unsent`` it doesn't, and nobody knows; ``lost_deaf`` and ``unsent_deaf``: nor can the sheet be asked then;
    ``dies_before`` and ``dies_after`` end the process.
    """

    inner: Store
    faults: list[str] = field(default_factory=list)
    act: Callable[[], None] | None = None
    about_to_write: Callable[[], None] | None = None
    reads: int = 0
    is_deaf: bool = False
    landed: list[Batch] = field(default_factory=list)

    @property
    def batch_bytes(self) -> int | None:
        return self.inner.batch_bytes

    @property
    def account(self) -> str:
        return self.inner.account

    @property
    def place(self) -> str:
        return self.inner.place

    def fetch_sheet(self, titles: Sequence[str], heads: Sequence[str] = ()) -> RawSheet:
        self.reads += 1
        if self.is_deaf:
            self.is_deaf = False
            raise SheetUnavailable("The sheet can't be read: the quota is used up.")
        return self.inner.fetch_sheet(titles, heads)

    def fetch_titles(self) -> tuple[str, ...]:
        return self.inner.fetch_titles()

    def prepare(self, wish: LayoutWish) -> Prepared:
        if self.faults[:1] == ["quota"]:
            self._refuse(self.faults.pop(0))
        return self.inner.prepare(wish)

    def leave(self, wish: LeaveWish) -> Removed:
        return self.inner.leave(wish)

    def prove_guard(self) -> tuple[str, ...]:
        return self.inner.prove_guard()

    def apply_batch(self, batch: Batch) -> Receipt:
        act, self.act = self.act, None
        if act is not None:
            act()
        if self.about_to_write is not None:
            self.about_to_write()
        fault = self.faults.pop(0) if self.faults else ""
        self._refuse(fault)
        self.is_deaf = fault.endswith("_deaf")
        if fault.startswith("unsent"):
            raise WriteUnconfirmed("The answer was lost. It may have been written.")
        if fault == "dies_before":
            raise Crash
        receipt = self.inner.apply_batch(batch)
        self.landed.append(batch)
        if fault.startswith("lost"):
            raise WriteUnconfirmed("The answer was lost. It may have been written.")
        if fault == "dies_after":
            raise Crash
        return receipt

    def _refuse(self, fault: str) -> None:
        if fault == "before":
            raise SheetUnavailable("The sheet can't be reached. Nothing was written.")
        if fault == "quota":
            raise SheetOverQuota("Nothing was written: the quota is used up.", wait=60)
