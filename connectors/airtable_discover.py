"""What an Airtable base has that a mapping can use. Asks through the client that ``airtable`` makes.

Addresses and scopes: "List bases" and "Get base schema" need ``schema.bases:read``, "List records" needs
``data.records:read`` (airtable.com/developers/web/api/scopes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.base import SourceMisread, SourceRefused
from connectors.findings import Findings, Item, Listing, Part
from connectors.suggested import suggest
from connectors.words import say_name

Fetch = Callable[..., Any]
_DATES = ("date", "dateTime", "createdTime", "lastModifiedTime")
_NUMBERS = ("currency", "number", "percent", "duration", "rating")
_MOST_CHOICES = 8


def discover(fetch: Fetch, source: str, base: str, credential: str) -> Findings:
    """Bases, tables, fields with types, and views: three calls.

    ``fetch(*parts, **params)`` is one GET under ``/v0``. Raises SourceError; a scope that the token lacks is named.
    """
    tables = _scoped("schema.bases:read", credential, lambda: fetch("meta", "bases", base, "tables"))
    bases, note = _bases(fetch)
    try:
        described = list(tables["tables"])
        listings = (
            Listing("Bases", tuple(_base(each, base) for each in bases), note),
            Listing("Tables", tuple(_table(each) for each in described)),
            *(Listing(f"Fields of {each['name']}", tuple(map(_field, each["fields"]))) for each in described),
            *(
                Listing(
                    f"Views of {each['name']}", tuple(Item(view["name"], view["id"], view["type"]) for view in views)
                )
                for each in described
                if (views := each.get("views"))
            ),
        )
        best = max(described, key=_worth, default=None)
        mapping = tuple(_mapping(source, best)) if best else ()
        parts = tuple(Part(each["name"], each["id"], tuple(_mapping(source, each))) for each in described)
    except (KeyError, TypeError, AttributeError):
        raise SourceMisread(f"{source} described its tables in an unknown shape.") from None
    if described:
        _scoped("data.records:read", credential, lambda: fetch(base, described[0]["id"], pageSize=1))
    return Findings(tuple(listing for listing in listings if listing.items or listing.note), mapping, parts)


def _scoped(scope: str, credential: str, fetch: Callable[[], Any]) -> Any:
    """What needs a scope: where it is refused, the scope is what most probably is missing."""
    try:
        return fetch()
    except SourceRefused as error:
        if error.everything:
            raise
        fix = f"Give the token of {credential} the scope {scope} and this base, at airtable.com/create/tokens."
        raise SourceRefused(error.message, fix=fix) from None


def _bases(fetch: Fetch) -> tuple[list[Mapping[str, Any]], str]:
    """The bases that the token sees. Some tokens see one base's schema but not the list; that stops nothing."""
    try:
        found = fetch("meta", "bases")
        return list(found["bases"]), "there are more" if found.get("offset") else ""
    except SourceRefused as error:
        if error.everything:
            raise
        return [], f"not listed: {error.message}"
    except (KeyError, TypeError):
        return [], "not listed: Airtable answered in an unknown shape"


def _base(each: Mapping[str, Any], mine: str) -> Item:
    return Item(each["name"], each["id"], each.get("permissionLevel", ""), "this source" if each["id"] == mine else "")


def _table(each: Mapping[str, Any]) -> Item:
    count = len(each["fields"])
    return Item(each["name"], each["id"], note=f"{count} field{'' if count == 1 else 's'}")


def _field(each: Mapping[str, Any]) -> Item:
    options = each.get("options") or {}
    names = [str(choice["name"]) for choice in options.get("choices") or ()]
    note = ", ".join(names[:_MOST_CHOICES]) + (", …" if len(names) > _MOST_CHOICES else "")
    if each["type"] == "formula" and options.get("formula"):
        note = str(options["formula"])
    return Item(each["name"], each["id"], each["type"], note)


def _mapping(source: str, table: Mapping[str, Any]) -> Iterator[str]:
    """Key results as this table could have them."""
    date, number, select = _first(table, _DATES), _first(table, _NUMBERS), _first(table, ("singleSelect",))
    choices = ((select or {}).get("options") or {}).get("choices") or ()
    query = f"{{table: {say_name(table['name'])}}}"
    yield from suggest(
        source,
        query,
        date=_name(date),
        number=_name(number),
        choice=_name(select),
        choices=[str(choice["name"]) for choice in choices],
    )


def _name(field: Mapping[str, Any] | None) -> str:
    return str(field["name"]) if field else ""


def _worth(table: Mapping[str, Any]) -> tuple[int, int]:
    kinds = (_DATES, _NUMBERS, ("singleSelect",))
    return sum(_first(table, each) is not None for each in kinds), len(table["fields"])


def _first(table: Mapping[str, Any], kinds: tuple[str, ...]) -> Mapping[str, Any] | None:
    return next((field for kind in kinds for field in table["fields"] if field["type"] == kind), None)
