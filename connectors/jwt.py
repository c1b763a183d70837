"""What a JSON Web Token says of itself (RFC 7519). Its signature isn't looked at: nothing is decided by it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r"[\w-]+\.([\w-]+)\.[\w-]*")


def read_claims(token: str) -> Mapping[str, Any]:
    """The claims of a token; none where it is no such token."""
    match = _TOKEN.fullmatch(token.strip())
    if match is None:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}
