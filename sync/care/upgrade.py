"""``check --upgrade``: write a config of an older version in the form of today, and keep the old one beside it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from okr.problem import ConfigError, OkrSyncError
from sync.config_upgrade import STEPS, Step, Upgraded, read_newest, stamp
from sync.load import load_config

BEFORE = ".prev"
_BOM = "\ufeff"


def apply_upgrade(path: Path, steps: Sequence[Step] = STEPS) -> Upgraded:
    """Write what ``upgrade`` makes of a config; nothing where it is of the newest version.

    The old file stays beside it, with ``.prev`` behind its name; a crash leaves one of both whole.

    Raises:
        ConfigError: the config can't be read, or is of a newer version.
        OkrSyncError: it can't be written.
    """
    path = path.resolve()
    load_config(path, steps)
    text = path.read_bytes().decode("utf-8")
    mark = _BOM if text.startswith(_BOM) else ""
    found = read_newest(text, path.name, steps)
    if isinstance(found, tuple):
        raise ConfigError(found)
    if found.told:
        _swap(path, mark + stamp(found))
    return found


def _swap(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    try:
        new.touch(mode=0o600)
        new.write_bytes(text.encode())
        shutil.copymode(path, new)
        shutil.copy2(path, path.with_name(path.name + BEFORE))
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise OkrSyncError(
            f"{path.name} can't be written: {error.strerror}. It is as it was.",
            fix="Make its folder writable for you, then run this again.",
        ) from None
