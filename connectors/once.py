"""What is fetched once per connection, however many threads want it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")


class Once:
    """What is fetched once for all threads: the second to ask waits for the first one's answer, or its error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[Hashable, Future[Any]] = {}

    def get(self, key: Hashable, fetch: Callable[[], Result]) -> Result:
        """What ``fetch`` gave for this key."""
        with self._lock:
            found = self._found.get(key)
            mine = found is None
            if found is None:
                found = self._found[key] = Future()
        if mine:
            try:
                found.set_result(fetch())
            except BaseException as error:
                found.set_exception(error)
                raise
        result: Result = found.result()
        return result
