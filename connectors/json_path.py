"""JMESPath (jmespath.org): where in an answer something stands. The only file that knows the library."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=512)
def _compile(text: str) -> Any:
    import jmespath

    return jmespath.compile(text)


def check_path(text: str) -> None:
    """Raises ValueError, with the place, for what is no JMESPath expression."""
    import jmespath.exceptions as broken

    try:
        _compile(text)
    except broken.JMESPathError as error:
        at = getattr(error, "lex_position", None)
        where = f" at character {at + 1}" if isinstance(at, int) else ""
        raise ValueError(f"this is no JMESPath expression{where}; names with other letters go in quotes") from None


def find(text: str, found: Any) -> Any:
    """What the expression leads to; ``None`` where nothing stands there, or a function can't take it."""
    import jmespath.exceptions as broken

    try:
        return _compile(text).search(found)
    except broken.JMESPathError:
        return None
