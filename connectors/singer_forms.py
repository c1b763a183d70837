"""The forms of Singer taps: what stands under ``sources.NAME`` and in a query. Imports pydantic."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from connectors.forms import Form
from connectors.http_forms import Typed
from connectors.secret import Secret

_REFERENCE = re.compile(r"(env|file|keyring):.+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _check_plain(found: dict[str, Any]) -> dict[str, Any]:
    for key, value in found.items():
        if isinstance(value, str) and _REFERENCE.fullmatch(value):
            raise ValueError(f"“{key}” is a reference to a secret: write it under secrets")
        if isinstance(value, dict):
            _check_plain(value)
    return found


def _check_names(found: list[str]) -> list[str]:
    for name in found:
        if not _VARIABLE.fullmatch(name):
            raise ValueError(f"“{name}” is no variable's name")
    return found


class SingerOptions(Form):
    """One tap with its settings. It is a program of its own and stays in its own environment."""

    command: str = Field(
        description="The tap: taps/tap-x/bin/tap-x, from the config's folder; or a name on the PATH", min_length=1
    )
    config: Annotated[Typed, AfterValidator(_check_plain)] = Field(
        default_factory=dict, description="The tap's settings, without secrets"
    )
    secrets: dict[str, Secret] = Field(
        default_factory=dict, description="The tap's secret settings by reference: {api_token: env:X_TOKEN}"
    )
    timeout: float = Field(300.0, gt=0, le=86_400, description="Seconds that one run of the tap may take")
    environment: Annotated[list[str], AfterValidator(_check_names)] = Field(
        default_factory=list, description="Variables that the tap may see besides PATH, HOME and its like"
    )
    catalog: Literal["catalog", "properties"] = Field(
        "catalog", description="How it is told what to read: properties for taps of the first years"
    )


class SingerQuery(Form):
    """Which stream."""

    stream: str = Field(description="The stream, as okr-sync discover lists it", min_length=1)
