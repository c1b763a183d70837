"""Secrets planted wherever a config may name one, and the search for them in all that a command leaves behind."""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, quote_plus

from werkzeug.wrappers import Request

from sandbox.wire import Service, route
from sync.cli.main import JsonFormatter, RedactingFormatter, start_log
from tests.support.company import Company

TOO_SHORT = 12
"""A piece of a secret of so many characters counts as the secret: messages are cut."""

HANDED_OUT = re.compile(r"ya29\.[\w.-]{20,}|eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}|PRIVATE KEY")
"""What signs in for an hour: Google's tokens and the signed assertion that they are asked for with; and any key."""


def write_forms(secret: str) -> set[str]:
    """How a secret may stand in a text: as it is, in JSON, an address, a page, Python, Base64; or a piece of it."""
    forms = {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        html.escape(secret),
        base64.b64encode(secret.encode()).decode(),
        base64.urlsafe_b64encode(secret.encode()).decode(),
    }
    return forms | {part for part in (secret[:TOO_SHORT], secret[-TOO_SHORT:]) if len(part) == TOO_SHORT}


def basic(user: str, token: str) -> str:
    """What stands in the header of a basic authentication."""
    return base64.b64encode(f"{user}:{token}".encode()).decode()


def find_leaks(places: Mapping[str, str | bytes], secrets: Mapping[str, str], *, handed_out: bool = True) -> list[str]:
    """Where a secret stands, or what Google has handed out: the place, which one, and what is around it."""
    wanted = [(name, form) for name, secret in secrets.items() for form in write_forms(secret)]
    found = []
    for place, content in places.items():
        for part, text in _open(place, content):
            found += [f"{part}: {name}: {_around(text, text.index(form))}" for name, form in wanted if form in text]
            found += [
                f"{part}: {_around(text, hit.start())}" for hit in HANDED_OUT.finditer(text if handed_out else "")
            ]
    return found


def _around(text: str, at: int) -> str:
    return repr(text[max(0, at - 120) : at + 40])


def _open(place: str, content: str | bytes) -> Iterator[tuple[str, str]]:
    """A text, or those that are packed in a workbook."""
    if isinstance(content, bytes) and zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield from _open(f"{place}/{name}", packed.read(name))
    else:
        yield place, content if isinstance(content, str) else content.decode("utf-8", "replace")


def read_files(folder: Path, own: frozenset[str]) -> dict[str, bytes]:
    """Every file below a folder but those in which secrets are planted."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in own
    }


class Desk(Service):
    """A service of one's own, which wants its token in the address."""

    name = "desk"

    @route("GET", "/tickets")
    def tickets(self, request: Request) -> Any:
        """Two tickets."""
        return [{"id": 1, "state": "open"}, {"id": 2, "state": "open"}]


@dataclass
class Ear:
    """Every line of the log, however little the command was told to say, as text and as JSON."""

    texts: list[io.StringIO] = field(default_factory=lambda: [io.StringIO(), io.StringIO()])

    def take(self) -> dict[str, str]:
        """What was heard since the last time."""
        said = {f"the log as {kind}": each.getvalue() for kind, each in zip(("text", "JSON"), self.texts, strict=True)}
        for each in self.texts:
            each.seek(0)
            each.truncate()
        return said


@contextmanager
def hearing() -> Iterator[Ear]:
    """Hear the log of the commands inside; what they print stays what they were told to."""
    ear = Ear()
    logs = [logging.getLogger(name) for name in ("sync", "connectors")]
    handlers = [logging.StreamHandler(each) for each in ear.texts]
    for handler, formatter in zip(handlers, (RedactingFormatter("%(message)s"), JsonFormatter()), strict=True):
        handler.setFormatter(formatter)

    def start(*given: Any, **more: Any) -> None:
        start_log(*given, **more)
        logging.getLogger().handlers[0].setLevel(logs[0].level)
        for log in logs:
            log.setLevel(logging.DEBUG)

    for log in logs:
        log.handlers += handlers
    try:
        with patch("sync.cli.main.start_log", start):
            yield ear
    finally:
        for log in logs:
            log.handlers[:] = [each for each in log.handlers if each not in handlers]


@dataclass
class Planter:
    """Plants secrets in a company: each call of ``plant`` puts one somewhere and says how a config refers to it."""

    company: Company
    keyring: dict[tuple[str, str], str] = field(default_factory=dict)
    own: set[str] = field(default_factory=lambda: {"key.json", "planted.env"})

    def plant(self, way: str, name: str, value: str) -> str:
        """The reference."""
        folder = self.company.folder
        if way == "env":
            self.company.environ[name] = value
        elif way == "env file":
            with (folder / "planted.env").open("a", encoding="utf-8") as file:
                escaped = value.replace("\\", "\\\\").replace("'", "\\'")
                file.write(f"{name}='{escaped}'\n")
        elif way == "file":
            (folder / f"{name}.txt").write_text(f"{value}\n", encoding="utf-8")
            self.own.add(f"{name}.txt")
            return f"file:{name}.txt"
        else:
            self.keyring["okr-sync", name] = value
            return f"keyring:okr-sync/{name}"
        return f"env:{name}"

    def forget(self) -> None:
        """Take all of them away again."""
        for name in self.own - {"key.json"}:
            (self.company.folder / name).unlink(missing_ok=True)
        self.company.environ.clear()
        self.keyring.clear()
        (self.company.folder / "planted.env").touch()
