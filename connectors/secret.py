"""Secrets: how they are written in a config, fetched, kept from being seen, and struck out of text.

A config never holds a secret, only a reference to one: ``env:NAME``, ``file:PATH``, ``keyring:SERVICE/USER``.
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from urllib.parse import quote, quote_plus

from connectors.home import expand_home
from okr.problem import OkrSyncError

if TYPE_CHECKING:
    from pydantic import BaseModel, GetCoreSchemaHandler
    from pydantic_core import CoreSchema

Form = TypeVar("Form", bound="BaseModel")

STRUCK_OUT = "•••"
_HOWS = ("env", "file", "keyring")
_SHORTEST = 4  # shorter texts would strike out half of every message
_SIGNED = re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*")
"""A signed token (RFC 7519): {"… of its head and of its claims in Base64. google-auth makes one to sign in with, which
is as good as a password for an hour, and shows it to nobody who could remember it."""
_PERCENT = re.compile(r"%[0-9A-F]{2}")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MERE_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*|[\w./-]+\.(json|txt|key)|env:.*|file:.*|keyring:.*")


class SecretMissing(OkrSyncError):
    """A reference leads to nothing. The message names the reference, never a value."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a secret lies. ``how`` is env, file or keyring; or a word that stands for itself, with what it led to."""

    how: str
    where: str

    def __str__(self) -> str:
        return f"{self.how}:{self.where}" if self.where and self.how in _HOWS else self.how


class Secret:
    """A secret that can't be seen by accident: it never prints, and refuses JSON and pickle.

    One that was only read from a config (``is_fetched`` is false) has no value yet.
    """

    __slots__ = ("_value", "reference")

    def __init__(self, reference: Reference, value: str | None = None) -> None:
        self.reference = reference
        self._value = value
        if value is not None:
            remember_secret(value)

    @property
    def is_fetched(self) -> bool:
        """Whether there is a value."""
        return self._value is not None

    def reveal(self) -> str:
        """The value itself, for the one place that sends it. Raises SecretMissing before it was fetched."""
        if self._value is None:
            raise SecretMissing(f"The secret {self.reference} was not fetched yet.")
        return self._value

    @classmethod
    def parse(cls, text: str) -> Secret:
        """What was written in a config, without its value. Raises ValueError."""
        return cls(check_reference(text))

    def fetch(self, environ: Mapping[str, str], folder: Path = Path()) -> Secret:
        """The secret with its value. Raises SecretMissing."""
        return fetch_secret(self.reference, environ, folder)

    def __repr__(self) -> str:
        return f"Secret({self.reference})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (self.reference, self._value) == (other.reference, other._value)

    def __hash__(self) -> int:
        return hash(self.reference)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is never pickled.")

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """In a form a secret is written as its reference; anything else is refused with the fix."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            cls._parse_written, serialization=core_schema.plain_serializer_function_ser_schema(_write)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: Any, _handler: Any) -> dict[str, Any]:
        """For completion in an editor: a text that begins as references do."""
        return {"type": "string", "pattern": "^(env|file|keyring):.+"}

    @classmethod
    def _parse_written(cls, found: Any) -> Secret:
        if isinstance(found, Secret):
            return found
        if not isinstance(found, str):
            raise ValueError("a secret is written as env:NAME, file:PATH or keyring:SERVICE/USER")
        return cls.parse(found)


def check_reference(text: str) -> Reference:
    """The reference; anything else may be the secret itself, so it is struck out of every text from now on.

    A variable's mere name (JIRA_TOKEN) is none, and the message needs it.

    Raises:
        ValueError: it is no reference.
    """
    try:
        return parse_reference(text)
    except ValueError:
        if not _MERE_NAME.fullmatch(text.strip()):
            remember_secret(text)
        raise


def _write(secret: Secret) -> str:
    return str(secret.reference)


def parse_reference(text: str, suggestion: str = "JIRA_TOKEN") -> Reference:
    """What ``env:NAME``, ``file:PATH`` or ``keyring:SERVICE/USER`` points to.

    Raises:
        ValueError: it is something else, perhaps the secret itself; the text is not repeated.
    """
    how, colon, where = text.strip().partition(":")
    fix = f"write env:{suggestion} and set that variable (file:PATH and keyring:SERVICE/USER work too)"
    if not colon or how not in _HOWS:
        raise ValueError(f"a secret doesn't stand in a config; {fix}")
    if not where:
        raise ValueError(f"nothing follows “{how}:”; {fix}")
    if how == "env" and not _ENV_NAME.fullmatch(where):
        raise ValueError(f"what follows “env:” is no variable's name; {fix}")
    if how == "keyring" and not all(where.partition("/")[::2]):
        raise ValueError("a keyring reference has a service and a user: keyring:SERVICE/USER")
    return Reference(how, where)


def fetch_secret(reference: Reference | str, environ: Mapping[str, str], folder: Path = Path()) -> Secret:
    """The secret that a reference leads to. A relative path counts from ``folder``, the config's.

    Raises:
        SecretMissing: there is none, or it is empty.
        ValueError: the text is no reference.
    """
    found = parse_reference(reference) if isinstance(reference, str) else reference
    if found.how == "env":
        value = _from_environ(found, environ)
    elif found.how == "file":
        value = _from_file(found, folder)
    else:
        value = _from_keyring(found)
    value = value.strip()
    if not value:
        raise SecretMissing(f"{found} is empty.", fix="Put the token there.")
    return Secret(found, value)


def fetch_secrets(options: Form, environ: Mapping[str, str], folder: Path = Path()) -> Form:
    """A copy of a form in which every secret has its value, also those in a map of them. Raises SecretMissing."""

    def fetch(found: Any) -> Any:
        if isinstance(found, Secret) and not found.is_fetched:
            return found.fetch(environ, folder)
        return {name: fetch(value) for name, value in found.items()} if isinstance(found, dict) else found

    written = {name: getattr(options, name) for name in type(options).model_fields}
    return options.model_copy(update={name: fetch(value) for name, value in written.items()})


def _from_environ(reference: Reference, environ: Mapping[str, str]) -> str:
    value = environ.get(reference.where)
    if value is None:
        raise SecretMissing(
            f"The environment variable {reference.where} is not set ({reference}).",
            fix=f"Set it: export {reference.where}=…",
        )
    return value


def _from_file(reference: Reference, folder: Path) -> str:
    path = folder / expand_home(reference.where)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SecretMissing(f"There is no file {path} ({reference}).", fix="Create it, or correct the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise SecretMissing(
            f"The file {path} can't be read: {why} ({reference}).", fix="Correct its permissions or the path."
        ) from None


def may_exist(path: Path) -> bool:
    """Whether something is there, or may be: a folder that one can't look into isn't an empty one."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _from_keyring(reference: Reference) -> str:
    service, _, user = reference.where.partition("/")
    try:
        import keyring  # type: ignore[import-not-found,unused-ignore]
    except ModuleNotFoundError:
        raise SecretMissing(
            f"{reference} needs the keyring library.", fix="Install it: pip install 'okr-sync[keyring]'"
        ) from None
    try:
        value = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001 - back-ends raise whatever their desktop raises
        raise SecretMissing(
            f"The keyring didn't answer for {reference}: {type(error).__name__}.", fix="Unlock it, or use env:NAME."
        ) from None
    if value is None:
        raise SecretMissing(
            f"The keyring holds nothing for {reference}.", fix=f"Store it: keyring set {service} {user}"
        )
    return str(value)


_known: set[str] = set()
_known_lock = threading.Lock()


def remember_secret(value: str) -> None:
    """Strike ``value`` out of every text from now on, however it is written there: also what is derived from a secret
    (a bearer token).
    """
    forms = {form for form in _write_forms(value) if len(form) >= _SHORTEST} if len(value) >= _SHORTEST else set()
    with _known_lock:
        _known.update(forms)


def _write_forms(value: str) -> Iterator[str]:
    """How a text stands in JSON, an address (RFC 3986, section 2.1: in capitals or not), a page, and in Base64."""
    in_address = {quote(value, safe=""), quote(value), quote_plus(value)}
    yield value
    yield from (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1])
    yield from in_address
    yield from (_PERCENT.sub(lambda found: found[0].lower(), form) for form in in_address)
    yield html.escape(value)
    yield from (encode(value.encode()).decode() for encode in (base64.b64encode, base64.urlsafe_b64encode))


def redact(text: str) -> str:
    """The text without any known secret, and any signed token; longer ones go first, as one may hold another."""
    with _known_lock:
        found = [value for value in _known if value in text]
    for value in sorted(found, key=len, reverse=True):
        text = text.replace(value, STRUCK_OUT)
    return _SIGNED.sub(STRUCK_OUT, text) if "eyJ" in text else text
