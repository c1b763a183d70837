"""The forms of a recipe, made from its YAML. Imports pydantic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, create_model, model_validator

from connectors.forms import Form, Rate, Url
from connectors.http_forms import parse_typed
from connectors.secret import Secret


def make_options_form(recipe: Mapping[str, Any]) -> type[BaseModel]:
    """What stands under ``sources.NAME`` for a kind that a recipe makes."""
    settings: dict[str, Any] = {
        name: (Annotated[str, AfterValidator(_fits(said["pattern"], said["about"]))], Field(description=said["about"]))
        for name, said in recipe.get("settings", {}).items()
    }
    return create_model(
        "RecipeOptions",
        __base__=Form,
        __doc__=recipe["about"],
        token=(Secret, Field(description=f"{recipe['token']}, by reference: env:NAME")),
        url=(Url | None, Field(None, description="Where its API begins, if it isn't the service's own address")),
        rate=(Rate, Field(float(recipe["rate"]), description="Calls per second")),
        allow_private=(bool, Field(False, description="true: the url is inside the network")),
        **settings,
    )


def make_query_form(recipe: Mapping[str, Any]) -> type[BaseModel]:
    """What a query of such a kind may say."""
    lists = recipe["lists"]
    keys: dict[str, Any] = {"list": (Literal[tuple(lists)], Field(description="Which list"))}
    for found in lists.values():
        for name, said in {**found.get("needs", {}), **found.get("takes", {})}.items():
            kind: Any = Annotated[dict[str, Any] | list[Any], BeforeValidator(parse_typed)] if said.get("map") else str
            keys[name] = (kind | None, Field(None, description=said["about"]))
    base = create_model("RecipeQueryKeys", __base__=Form, **keys)

    class RecipeQuery(base):
        """A list and the keys that it needs."""

        @model_validator(mode="after")
        def _has_its_keys(self) -> RecipeQuery:
            chosen = dict(self)["list"]
            found = lists[chosen]
            needs, takes = found.get("needs", {}), found.get("takes", {})
            for name, said in needs.items():
                if getattr(self, name) in (None, ""):
                    raise ValueError(f"the list {chosen} needs {name}: {said['about']}")
            for name in keys.keys() - {"list"}:
                if getattr(self, name) is not None and name not in needs and name not in takes:
                    raise ValueError(f"the list {chosen} takes no {name}")
            return self

    return RecipeQuery


def _fits(pattern: str, about: str) -> Any:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(about[0].lower() + about[1:])
        return text

    return check
