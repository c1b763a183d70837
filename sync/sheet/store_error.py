"""How a store says that it couldn't. The class says what to do next.

OkrSyncError
└─ SheetError
   ├─ SheetUnavailable   nothing was written: try again
   │  └─ SheetOverQuota  nothing was written: wait, read and plan again
   ├─ SheetRefused       nothing was written: a person has to do something (share it, close Excel)
   ├─ SheetBusy          nothing was written: somebody else wrote since the read: read and plan again
   ├─ WriteUnconfirmed   may or may not have landed: read and plan again, never resend
   └─ LayoutError        the sheet lacks what ``layout`` makes
"""

from __future__ import annotations

from okr.problem import OkrSyncError


class SheetError(OkrSyncError):
    """The sheet could not be read or written."""


class SheetUnavailable(SheetError):
    """Not reachable, and nothing was written."""


class SheetOverQuota(SheetUnavailable):
    """The quota of writes is used up, and nothing was written. ``wait`` is for how many seconds, at the least."""

    def __init__(self, message: str, *, wait: float, fix: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.wait = wait


class SheetRefused(SheetError):
    """Somebody has to do something first: share the sheet, lift a protection, repair the file."""


class SheetInUse(SheetRefused):
    """The workbook is open in Excel or LibreOffice. Nothing was written."""


class SheetBusy(SheetError):
    """Another run or person wrote between our read and our write; nothing of ours was written."""


class WriteUnconfirmed(SheetError):
    """The answer to a write was lost: it may have landed. Read again and plan again."""


class LayoutError(SheetRefused):
    """The sheet is not prepared."""
