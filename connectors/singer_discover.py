"""What a tap's catalog has that a mapping can use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors.findings import Findings, Item, Listing
from connectors.singer_messages import Stream
from connectors.words import say_name


def make_findings(streams: Iterable[Stream], source: str) -> Findings:
    """The streams with their keys, their fields with types, and lines for a mapping."""
    its = tuple(streams)
    listings = [Listing("Streams", tuple(Item(stream.id, note=_say_stream(stream)) for stream in its))]
    listings += [
        Listing(
            f"Fields of {stream.id}", tuple(Item(name, kind=_type(said)) for name, said in stream.properties.items())
        )
        for stream in its
    ]
    return Findings(tuple(listing for listing in listings if listing.items), tuple(_mapping(its, source)))


def _say_stream(stream: Stream) -> str:
    count = len(stream.properties)
    said = f"{count} field{'' if count == 1 else 's'}"
    return f"{said}, key {', '.join(stream.keys)}" if stream.keys else said


def _type(said: Any) -> str:
    if not isinstance(said, Mapping):
        return ""
    if said.get("format") in {"date-time", "date"}:
        return str(said["format"])
    kinds = said.get("type") or [kind for each in said.get("anyOf") or () for kind in [each.get("type")]]
    listed = [kinds] if isinstance(kinds, str) else [str(each) for each in kinds]
    return " or ".join(kind for kind in listed if kind != "null")


def _mapping(streams: tuple[Stream, ...], source: str) -> Iterator[str]:
    stream = max(streams, key=lambda each: len(each.properties), default=None)
    if stream is None:
        return
    kinds = {name: _type(said) for name, said in stream.properties.items() if not name.startswith("_sdc")}
    moment = next((name for name, kind in kinds.items() if kind in {"date-time", "date"}), None)
    number = next((n for n, kind in kinds.items() if kind in {"number", "integer"} and n not in stream.keys), None)
    within = f", within: {{cycle: {say_name(moment)}}}" if moment else ""
    yield f"KR-1: {{{source}: {say_name(stream.id)}{within}, measure: count}}"
    if number:
        yield f"KR-2: {{{source}: {say_name(stream.id)}{within}, measure: {{sum: {say_name(number)}}}}}"
