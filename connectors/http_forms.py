"""The forms of REST and GraphQL services: what stands under ``sources.NAME`` and in a query. Imports pydantic."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from connectors.forms import Form, Rate, Url
from connectors.secret import Secret
from mappings.form import Filled, Quoted

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SECRETIVE = {"authorization", "cookie", "x-api-key", "api-key", "proxy-authorization"}


def parse_typed(found: Any) -> Any:
    """YAML's text as JSON's types: 5 is a number, "5" a text; what a variable filled in is always a text."""
    if isinstance(found, dict):
        return {str(key): parse_typed(value) for key, value in found.items()}
    if isinstance(found, list):
        return [parse_typed(value) for value in found]
    if isinstance(found, Quoted):
        return str(found)
    if isinstance(found, str):
        return _typed_text(found)
    return found


def _typed_text(text: str) -> Any:
    if text in {"true", "false"}:
        return text == "true"
    if text == "null":
        return None
    if re.fullmatch(r"-?(0|[1-9]\d{0,17})", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,15}\.\d{1,15}", text) else text


def parse_path(found: Any) -> Any:
    """A JMESPath expression. Raises ValueError for one that isn't, or that a variable would change."""
    if isinstance(found, Filled):
        raise ValueError("no variable may stand here: it would change what the expression means; use params or where")
    if isinstance(found, str):
        from connectors.json_path import check_path

        check_path(found)
    return found


def _check_headers(found: dict[str, str]) -> dict[str, str]:
    for name, value in found.items():
        if not _NAME.fullmatch(name) or "\n" in value or "\r" in value:
            raise ValueError(f"“{name}” is no header")
        if name.lower() in _SECRETIVE:
            raise ValueError(f"{name} is a secret: write token: env:NAME and auth: bearer, or auth: {{header: {name}}}")
    return found


JsonPath = Annotated[str, BeforeValidator(parse_path)]
Typed = Annotated[dict[str, Any], BeforeValidator(parse_typed)]
Headers = Annotated[dict[str, str], AfterValidator(_check_headers)]


class AuthForm(Form):
    """Where the token goes when it is neither a bearer's nor a password."""

    header: str | None = Field(None, description="Sent as this header", pattern=_NAME.pattern)
    query: str | None = Field(None, description="Sent as this parameter of the address")
    prefix: str = Field("", description="What stands before the token in the header")

    @model_validator(mode="after")
    def _is_one(self) -> AuthForm:
        if (self.header is None) == (self.query is None):
            raise ValueError("write {header: X-Api-Key} or {query: key}")
        return self


class PagingForm(Form):
    """How a long list is asked for piece by piece."""

    kind: Literal["none", "page", "offset", "cursor", "link"] = Field(description="Which of the ways")
    param: str | None = Field(None, description="The parameter that says which piece")
    size_param: str | None = Field(None, description="The parameter that says how many records a piece has")
    size: int | None = Field(None, ge=1, le=100_000, description="How many records a piece has")
    first: int = Field(1, description="page: the number of the first one")
    next: JsonPath | None = Field(None, description="cursor, link: where the answer says what comes next (JMESPath)")
    more: JsonPath | None = Field(None, description="Where the answer says whether there is more (JMESPath)")
    into: Literal["params", "body", "variables"] = Field("params", description="Where the parameters go")

    @model_validator(mode="after")
    def _is_whole(self) -> PagingForm:
        if self.kind in {"page", "offset", "cursor"} and not self.param:
            raise ValueError(f"paging by {self.kind} needs param: the name of the parameter")
        if self.kind == "cursor" and not self.next:
            raise ValueError("paging by cursor needs next: where the answer says what comes next")
        if self.kind in {"page", "offset"} and not (self.size or self.more):
            raise ValueError(f"paging by {self.kind} needs size (and size_param), or more, to know the last page")
        return self


class HttpOptions(Form):
    """One service."""

    url: Url = Field(description="Where its API begins: https://api.acme.example/v1")
    token: Secret | None = Field(None, description="The token or password, by reference: env:ACME_TOKEN")
    user: str | None = Field(None, description="auth: basic: the name that goes with the password")
    auth: Literal["none", "bearer", "basic"] | AuthForm | None = Field(
        None, description="bearer (with a token, the default), basic, {header: NAME} or {query: NAME}"
    )
    headers: Headers = Field({}, description="Sent with every request; no secrets")
    paging: PagingForm | None = Field(None, description="How its lists are paged")
    rate: Rate | None = Field(None, description="Calls per second; no limit of ours by default")
    threads: int = Field(4, ge=1, le=16, description="Calls at a time")
    most_bytes: int = Field(50_000_000, ge=1000, description="The largest answer that is read, decompressed")
    most_pages: int = Field(1000, ge=1, description="The longest list, in pages")
    timeout: float = Field(120.0, gt=0, le=3600, description="Seconds for one whole answer")
    allow_private: bool = Field(False, description="true: it lives inside the network; proxies are used too")

    @model_validator(mode="after")
    def _has_what_auth_needs(self) -> HttpOptions:
        if self.auth not in {None, "none"} and self.token is None:
            raise ValueError("auth needs a token: token: env:NAME")
        if self.auth == "basic" and not self.user:
            raise ValueError("auth: basic needs the user that goes with the password")
        return self


class FieldForm(Form):
    """One field of a record."""

    path: JsonPath = Field(description="Where it stands in the record (JMESPath)")
    unit: Literal["unix", "unix_ms"] | None = Field(None, description="A moment as seconds, or ms, since 1970")


class HttpQuery(Form):
    """Which records."""

    path: str | None = Field(None, description="What to ask for, below url: /deals")
    method: Literal["GET", "POST"] = Field("GET", description="POST only for searches")
    params: dict[str, str | list[str]] = Field(default_factory=dict, description="The address's parameters")
    body: Typed | None = Field(None, description="POST: the JSON to send")
    graphql: str | None = Field(None, description="A GraphQL query instead; its variables stand under variables")
    variables: Typed = Field(default_factory=dict, description="GraphQL: the query's variables")
    records: JsonPath | None = Field(None, description="Where the records stand in the answer (JMESPath)")
    fields: dict[str, JsonPath | FieldForm] = Field(default_factory=dict, description="Name → where it stands")
    id: JsonPath = Field("id", description="Where a record's id stands")
    total: JsonPath | None = Field(None, description="Where the answer says how many there are: counts need one call")
    paging: PagingForm | None = Field(None, description="How this list is paged, where it isn't as in the options")

    @model_validator(mode="after")
    def _says_what(self) -> HttpQuery:
        if self.path is None and self.graphql is None:
            raise ValueError("say what to ask for: path: /deals, or graphql: 'query {…}'")
        return self
