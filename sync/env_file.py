"""Variables out of a file, for machines whose scheduler sets none: ``--env-file``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from okr.problem import ConfigError, Problem, TextPlace


def read_env_file(path: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The file's variables that ``environ`` doesn't set already. Nothing in a value is expanded: ``$`` is a dollar.

    Raises:
        ConfigError: the file can't be read, or a line of it is no NAME=VALUE; the line itself is never repeated.
    """
    from dotenv.parser import parse_stream

    try:
        with path.open(encoding="utf-8-sig") as file:
            found = list(parse_stream(file))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise ConfigError((Problem("config.env-file", f"it can't be read: {why}", TextPlace(str(path))),)) from None
    wrong = [item.original.line for item in found if item.error or (item.key is not None and item.value is None)]
    if wrong:
        problems = (
            Problem("config.env-file", "this is no NAME=VALUE", TextPlace(str(path), line, 1)) for line in wrong
        )
        raise ConfigError(tuple(problems))
    return {item.key: item.value for item in found if item.key and item.value is not None and item.key not in environ}
