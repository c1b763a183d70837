"""The forms of SQL databases: what stands under ``sources.NAME`` and in a query. Imports pydantic."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from connectors.forms import Form
from connectors.secret import Secret, check_reference

_REFERENCE = re.compile(r"(env|file|keyring):(?!//).*")
_ENGINE = re.compile(r"[a-z][a-z0-9]*(\+[a-z][a-z0-9_]*)?")


def parse_address(found: Any) -> Any:
    """A database's URL without a password, or the reference to a whole URL that may hold one.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(found, str):
        return found
    if _REFERENCE.fullmatch(found):
        return Secret(check_reference(found))
    parts = urlsplit(found.strip())
    if not _ENGINE.fullmatch(parts.scheme) or "://" not in found:
        check_secret_free(found)
        raise ValueError("write postgresql+psycopg://user@host/database, or env:NAME where a variable holds it all")
    if parts.password:
        raise ValueError("leave the password out of the url: write password: env:NAME, or the whole url as env:NAME")
    return found.strip()


def check_secret_free(text: str) -> None:
    """Strike a text that was no url out of every message: it may be a password. Never raises."""
    try:
        check_reference(text)
    except ValueError:
        return


def _check_seconds(found: float) -> float:
    if not 0 < found <= 3600:
        raise ValueError("write seconds, such as 30; an hour at the most")
    return found


class SqlOptions(Form):
    """One database. The account needs to read only, and had better not be able to do more."""

    url: Annotated[Any, BeforeValidator(parse_address)] = Field(
        description="postgresql+psycopg://user@host/database, mysql+pymysql://…, sqlite:///file.db; or env:DATABASE_URL"
    )
    password: Secret | None = Field(None, description="The account's password, by reference: env:DB_PASSWORD")
    timeout: Annotated[float, AfterValidator(_check_seconds)] = Field(
        30.0, description="Seconds that one statement may take"
    )
    most_rows: int = Field(100_000, ge=1, description="A query that gives more rows is refused instead of cut off")
    threads: int = Field(2, ge=1, le=16, description="Connections at a time")


class SqlQuery(Form):
    """Which rows."""

    sql: str | None = Field(None, description="One SELECT; ${variables} are bound, never spliced")
    table: str | None = Field(None, description="A table or view instead, schema.table", min_length=1)
    id: str | None = Field(None, description="The column that names a row in samples; the first by default")

    @model_validator(mode="after")
    def _says_one_thing(self) -> SqlQuery:
        if (self.sql is None) == (self.table is None):
            raise ValueError("say which rows: sql: 'SELECT …', or table: deals")
        return self
