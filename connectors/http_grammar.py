"""What a query of a REST or GraphQL service may say. Sends nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as url_quote
from urllib.parse import unquote

from connectors.words import say_filter, say_unmeasurable
from mappings.grammar import QueryMistake
from mappings.model import Filter, Measure

if TYPE_CHECKING:
    from pydantic import BaseModel

_READS = re.compile(r"(search|query|graphql|count|list|aggregate|find|lookup|report|_search|_count)(\.json)?", re.I)
_GRAPHQL_PIECE = re.compile(r'#[^\n]*|"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"|[A-Za-z_]\w*|[{}]|.', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Paging:
    """How a long list is asked for; see ``http_forms.PagingForm``."""

    kind: str = "none"
    param: str | None = None
    size_param: str | None = None
    size: int | None = None
    first: int = 1
    next: str | None = None
    more: str | None = None
    into: str = "params"


@dataclass(frozen=True, slots=True)
class FieldPath:
    """Where a field stands, and the unit of a moment: unix, unix_ms, or none."""

    name: str
    path: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class HttpBody:
    """One list of a service. ``json`` is the body as text, ``graphql`` a query whose variables are in ``json``.

    ``nest`` is the key under which a record keeps its fields; ``typed`` says that each of them is an object that
    names its own type. ``unix`` are fields that count seconds since 1970. ``said`` is the list in people's words.
    """

    path: str = ""
    method: str = "GET"
    params: tuple[tuple[str, str], ...] = ()
    json: str | None = None
    graphql: str | None = None
    records: str | None = None
    fields: tuple[FieldPath, ...] = ()
    id: str = "id"
    total: str | None = None
    paging: Paging | None = None
    said: str = ""
    nest: str | None = None
    typed: bool = False
    unix: tuple[str, ...] = ()


class HttpGrammar:
    """Paths, parameters, bodies and GraphQL; filters are judged by us."""

    kind = "http"
    main = "path"
    own_language = frozenset({"path"})

    def form(self) -> type[BaseModel]:
        """The keys of a query."""
        from connectors.http_forms import HttpQuery

        return HttpQuery

    def quote(self, text: str) -> str:
        """A piece of a path. No value can leave it; that it is no “..” is checked where the whole path is known."""
        return url_quote(text, safe="")

    def escape(self, text: str, quote: str) -> str:
        """The same; a path has no quotes."""
        return self.quote(text)

    def make_body(self, query: Any) -> Hashable:
        """The list to ask for. Raises QueryMistake for what could write."""
        check_path_text(query.path)
        if query.graphql is not None:
            check_graphql(query.graphql)
        elif query.method == "POST" and not _READS.fullmatch(_last(query.path)):
            raise QueryMistake(
                "POST is for searches only, and this path doesn't end like one",
                key="path",
                fix="Use GET, or a path that ends in search, query, count or the like.",
            )
        elif query.body is not None and query.method != "POST":
            raise QueryMistake("a body is sent with POST only", key="body", fix="Add method: POST, or use params.")
        return make_body(query)

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        """Nothing here says what finished means, nor when a status changed."""
        return say_unmeasurable(measure, "This source", "records")

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """``GET /deals?stage=won, where amount > 3``."""
        assert isinstance(body, HttpBody)
        return ", ".join([body.said or _say(body), *say_filter(filter)])


def make_body(query: Any) -> HttpBody:
    """A filled-in ``HttpQuery`` as a hashable value."""
    params = tuple(
        (name, value)
        for name, found in query.params.items()
        for value in (found if isinstance(found, list) else [found])
    )
    json_body = query.variables if query.graphql is not None else query.body
    return HttpBody(
        path=query.path or "",
        method="POST" if query.graphql is not None else query.method,
        params=tuple((str(name), str(value)) for name, value in params),
        json=None if json_body is None else json.dumps(json_body, sort_keys=True),
        graphql=query.graphql,
        records=query.records,
        fields=tuple(_field(name, found) for name, found in query.fields.items()),
        id=query.id,
        total=query.total,
        paging=make_paging(query.paging) if query.paging else None,
    )


def make_paging(form: Any) -> Paging:
    """A filled-in ``PagingForm`` as a hashable value."""
    return Paging(**form.model_dump())


def _field(name: str, found: Any) -> FieldPath:
    return FieldPath(name, found) if isinstance(found, str) else FieldPath(name, found.path, found.unit)


def check_path_text(path: str | None) -> None:
    """A path stays below the source's url. Raises QueryMistake."""
    if path is None:
        return
    if "://" in path or path.startswith("//") or "\\" in path:
        raise QueryMistake("a path begins below the source's url", key="path", fix="Write /deals, without the host.")
    if any(unquote(part) in {"..", "."} for part in path.partition("?")[0].split("/")):
        raise QueryMistake("a path can't go up", key="path", fix="Write the whole path below the source's url.")
    if "?" in path or "#" in path:
        at = min(path.index(sign) for sign in "?#" if sign in path)
        raise QueryMistake("parameters stand under params", key="path", offset=at, fix="Write params: {name: value}.")


def check_graphql(text: str) -> None:
    """Refuse an operation that isn't a query, wherever in the document it stands. Raises QueryMistake."""
    depth = 0
    for match in _GRAPHQL_PIECE.finditer(text):
        piece = match.group()
        depth += {"{": 1, "}": -1}.get(piece, 0)
        if depth == 0 and piece in {"mutation", "subscription"}:
            raise QueryMistake(
                f"a {piece} is refused: only queries are sent",
                key="graphql",
                offset=match.start(),
                length=len(piece),
                fix="Write query {…}.",
            )
    if depth != 0:
        raise QueryMistake("the braces of this query don't match", key="graphql", offset=max(len(text) - 1, 0))


def _last(path: str | None) -> str:
    return (path or "").rstrip("/").rsplit("/", 1)[-1]


def _say(body: HttpBody) -> str:
    if body.graphql is not None:
        return " ".join(f"GraphQL {body.graphql} {body.json if body.json != '{}' else ''}".split())
    params = "&".join(f"{name}={value}" for name, value in body.params)
    return f"{body.method} {body.path}{'?' if params else ''}{params}" + (f" {body.json}" if body.json else "")
