"""Recipes: a service becomes a kind of source by a YAML file that says what ``http`` has to be told of it.

A file in ``connectors/recipes/`` names its documentation, the address, where the token goes, the limits, the paging,
and the lists that can be asked for. ``{name}`` in it is filled with an option or a query's key: in a path as one
piece of it, elsewhere as data. A parameter whose key isn't given is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as url_quote

from connectors.http_grammar import HttpBody, HttpGrammar, check_path_text, make_body
from connectors.known_limit import KnownLimit
from connectors.words import say_filter
from mappings.grammar import QueryGrammar
from mappings.model import Filter

if TYPE_CHECKING:
    from pydantic import BaseModel

    from connectors.base import Surroundings
    from connectors.http import HttpConnector

_HOLE = re.compile(r"\{([a-zA-Z_]+)\}")
FIELDS = "{fields}"
"""Stands in a body for the names of the fields that are read."""


@cache
def load_recipe(kind: str) -> dict[str, Any]:
    """A recipe's YAML as it stands in its file."""
    import yaml

    found: dict[str, Any] = yaml.safe_load(files("connectors.recipes").joinpath(f"{kind}.yaml").read_text("utf-8"))
    return found


class Recipe:
    """One kind that a recipe makes."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.grammar: QueryGrammar = RecipeGrammar(kind)

    def options_form(self) -> type[BaseModel]:
        """Token, the recipe's own settings, and what ``http`` lets be changed."""
        from connectors.recipe_forms import make_options_form

        return make_options_form(load_recipe(self.kind))

    def known_limits(self) -> tuple[KnownLimit, ...]:
        """The service's limits, with the page of its documentation."""
        recipe = load_recipe(self.kind)
        pages = {"calls": "limit", "page": "pag"}  # which page of the documentation tells it
        where = {about: next((url for url in recipe["sources"] if word in url), "") for about, word in pages.items()}
        ours = KnownLimit("rate", f"okr-sync asks {recipe['rate']:g} a second, or what rate says")
        return (*(KnownLimit(about, text, where[about]) for about, text in recipe["limits"].items()), ours)

    def make(self, name: str, options: Any, around: Surroundings) -> HttpConnector:
        """A connector of ``http``; nothing is asked yet."""
        from connectors.http import HttpConnector
        from connectors.http_forms import HttpOptions

        recipe = load_recipe(self.kind)
        settings = {key: getattr(options, key) for key in recipe.get("settings", {})}
        made = HttpOptions.model_validate(
            {
                "url": options.url or fill_text(recipe["url"], settings),
                "token": options.token,
                "auth": recipe.get("auth"),
                "user": fill_text(recipe["user"], settings) if "user" in recipe else None,
                "headers": recipe.get("headers", {}),
                "paging": recipe.get("paging"),
                "rate": options.rate,
                "allow_private": options.allow_private,
            }
        )
        return HttpConnector(name, made, around)


class RecipeGrammar(HttpGrammar):
    """A list of the recipe, and the keys that it needs."""

    main = "list"
    own_language = frozenset[str]()

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def form(self) -> type[BaseModel]:
        """``list``, and every key of every list."""
        from connectors.recipe_forms import make_query_form

        return make_query_form(load_recipe(self.kind))

    def quote(self, text: str) -> str:
        """Nothing here is a language of its own."""
        return text

    def make_body(self, query: Any) -> Hashable:
        """The list with its holes filled. Raises QueryMistake for a path that would leave the service."""
        from connectors.http_forms import HttpQuery

        found = load_recipe(self.kind)["lists"][query.list]
        given = {key: value for key, value in query if key != "list" and value is not None}
        http = {key: value for key, value in found.items() if key in HttpQuery.model_fields}
        path = fill_text(http["path"], {key: url_quote(str(value), safe="") for key, value in given.items()})
        check_path_text(path)
        filled = {key: _fill(http[key], given) for key in ("params", "body", "variables") if key in http}
        body = make_body(HttpQuery.model_validate({**http, **filled, "path": path}))
        return _with_more(body, found, self.render_list(query.list, given))

    def render_list(self, name: str, given: Mapping[str, Any]) -> str:
        """``search, object deals``."""
        said = [f"{key} {value if isinstance(value, str) else json.dumps(value)}" for key, value in given.items()]
        return ", ".join([name, *said])

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        """``search, object deals, where dealstage = closedwon``."""
        assert isinstance(body, HttpBody)
        return ", ".join([body.said, *say_filter(filter)])


def _with_more(body: HttpBody, found: Mapping[str, Any], said: str) -> HttpBody:
    from dataclasses import replace

    return replace(
        body,
        said=said,
        nest=found.get("nest"),
        typed=bool(found.get("typed")),
        unix=tuple(found.get("unix", ())),
    )


def fill_text(text: str, given: Mapping[str, str]) -> str:
    """A text with its holes filled; each value is taken as it is."""
    return _HOLE.sub(lambda match: str(given.get(match[1], match[0])), text)


def _fill(found: Any, given: Mapping[str, Any]) -> Any:
    """Data with its holes filled; an entry that is nothing but a hole without a value is left out."""
    if isinstance(found, dict):
        return {key: _fill(value, given) for key, value in found.items() if not _is_open(value, given)}
    if isinstance(found, list):
        return [_fill(value, given) for value in found]
    if isinstance(found, str):
        whole = _HOLE.fullmatch(found)
        if whole and found != FIELDS:
            from mappings.form import Quoted

            value = given[whole[1]]
            return Quoted(value) if isinstance(value, str) else value
    return found


def _is_open(value: Any, given: Mapping[str, Any]) -> bool:
    whole = _HOLE.fullmatch(value) if isinstance(value, str) else None
    return bool(whole and value != FIELDS and whole[1] not in given)
