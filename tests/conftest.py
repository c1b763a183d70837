"""What all tests share: Hypothesis profiles. ``HYPOTHESIS_PROFILE=deep`` looks much harder."""

import gc
import os
from collections.abc import Iterator
from functools import cache

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import HealthCheck, settings

from connectors import secret

gc.set_threshold(50_000, 50, 100)
"""Companies with thousands of issues live on in fixtures. Looking through all of them again and again took a third of
the time of the tests."""

settings.register_profile("dev", max_examples=50, deadline=None, derandomize=True, database=None)
settings.register_profile(
    "deep", max_examples=2000, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(scope="session", autouse=True)
def keys_are_checked_once() -> Iterator[None]:
    """Each command reads its key anew, and has it checked that it is one: 30 ms, thousands of times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serialization, "load_pem_private_key", cache(serialization.load_pem_private_key))
        yield


@pytest.fixture(autouse=True)
def own_secrets() -> Iterator[None]:
    """What one test lets be struck out of texts ("count", written where a secret's place belongs) is no other's."""
    before = set(secret._known)
    yield
    secret._known.clear()
    secret._known.update(before)
