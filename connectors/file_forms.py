"""The forms of files: what stands under ``sources.NAME`` and in a query. Imports pydantic."""

from __future__ import annotations

import codecs
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from connectors.forms import Form, Zone, parse_url
from connectors.http_forms import JsonPath
from connectors.secret import Secret


def parse_place(text: str) -> str:
    """A path, or the url of one file. Raises ValueError."""
    return parse_url(text) if "://" in text else text


def _check_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError("write an encoding such as utf-8, cp1252 or utf-16") from None
    return name


def _check_pattern(text: str) -> str:
    if "/" in text or "\\" in text or text in {".", ".."}:
        raise ValueError("write the name of files in that folder, such as sales-*.csv")
    return text


Pattern = Annotated[str, AfterValidator(_check_pattern)]


class FileOptions(Form):
    """A file, a folder, or one file at a url."""

    path: Annotated[str, AfterValidator(parse_place)] = Field(
        description="The file or folder, from the config's folder; or https://…", min_length=1
    )
    pattern: Pattern = Field("*", description="Folder: which of its files; the one that changed last is read")
    format: Literal["csv", "xlsx", "json", "jsonl"] | None = Field(
        None, description="csv, xlsx, json or jsonl (one record a line); by the name's ending by default"
    )
    encoding: Annotated[str, AfterValidator(_check_encoding)] = Field("utf-8", description="csv, json: its letters")
    delimiter: str | None = Field(None, description="csv: what parts the columns; found out by default", max_length=4)
    decimal: Literal[".", ","] = Field(".", description="csv: what a number's decimals stand behind")
    date_order: Literal["iso", "dmy", "mdy"] = Field("iso", description="csv: how dates are written: 31.12.2026 is dmy")
    timezone: Zone | None = Field(None, description="The zone of its times; the company's by default")
    as_of: str | None = Field(None, description="The column whose latest date says how old the data is")
    token: Secret | None = Field(None, description="url: sent as a bearer's token, by reference: env:FILES_TOKEN")
    allow_private: bool = Field(False, description="url: true where the host lives inside the network")
    most_bytes: int = Field(100_000_000, ge=1000, description="The largest file that is read; unpacked, for Excel")
    most_rows: int = Field(1_000_000, ge=1, description="A file with more rows is refused instead of cut off")

    @model_validator(mode="after")
    def _delimits(self) -> FileOptions:
        if self.delimiter not in {None, "tab"} and len(self.delimiter or "") != 1:
            raise ValueError("delimiter is one sign, such as “;”, or the word tab")
        return self


class FileQuery(Form):
    """Which rows."""

    file: Pattern | None = Field(None, description="Folder: which of its files, where it isn't the options' pattern")
    sheet: str | None = Field(None, description="xlsx: the tab; the first by default")
    header: int = Field(1, ge=1, le=1000, description="csv, xlsx: the row with the columns' names")
    records: JsonPath | None = Field(None, description="json: where the records stand (JMESPath)")
    fields: dict[str, JsonPath] = Field(default_factory=dict, description="json: name → where it stands (JMESPath)")
    id: str | None = Field(None, description="The column that names a row in samples; the row's number by default")
