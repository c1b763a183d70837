"""Python's cyclic garbage collector, paused while a big plan is made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause it: a plan makes a million small values, all of which stay and none of which refers back to itself.

    Looking through them again and again costs a fifth of the time (``python -m bench``).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
