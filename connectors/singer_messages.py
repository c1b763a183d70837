"""What taps write, understood: catalogs, and the messages SCHEMA, RECORD, STATE and ACTIVATE_VERSION.

After SPEC.md of Singer 0.3.0 (github.com/singer-io/getting-started, docs/SPEC.md) and, for what newer taps write
beside it, the Singer SDK (sdk.meltano.com, "Singer messages"): types come in any case, BATCH names files instead
of records, ACTIVATE_VERSION says which version of a stream holds and that all others are to be forgotten.
"""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connectors.base import SourceMisread
from connectors.http_records import RecordReader
from connectors.reply import trimmed
from connectors.seen import Seen
from mappings.model import Record

_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a catalog. ``names`` are those that its messages may bear."""

    id: str
    names: frozenset[str]
    keys: tuple[str, ...]
    properties: Mapping[str, Any]
    entry: Mapping[str, Any]


def parse_catalog(text: bytes, place: str) -> tuple[Stream, ...]:
    """The streams that ``--discover`` lists. Raises SourceMisread."""
    try:
        return tuple(_parse_stream(entry) for entry in json.loads(text)["streams"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SourceMisread(
            f"{place} didn't list its streams as a catalog.", fix="Does the tap know --discover? Update it."
        ) from None


def _parse_stream(entry: Mapping[str, Any]) -> Stream:
    id_ = str(entry.get("tap_stream_id") or entry["stream"])
    names = {id_, *(str(entry[key]) for key in ("stream", "table_name") if entry.get(key))}
    marks: Iterable[Mapping[str, Any]] = entry.get("metadata") or ()
    whole: Mapping[str, Any] = next((each["metadata"] for each in marks if not each.get("breadcrumb")), {})
    keys = entry.get("key_properties") or whole.get("table-key-properties") or ()
    properties = (entry.get("schema") or {}).get("properties") or {}
    return Stream(id_, frozenset(names), tuple(map(str, keys)), properties, entry)


def find_stream(streams: Iterable[Stream], name: str, place: str) -> Stream:
    """The stream of a name. Raises SourceMisread with what may have been meant."""
    known = {name: stream for stream in streams for name in stream.names}
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    listed = ", ".join(sorted({stream.id for stream in known.values()})[:_MOST_NAMED])
    fix = f"Did you mean “{close[0]}”?" if close else f"Its streams: {listed}."
    raise SourceMisread(f"{place} has no stream “{name}”.", fix=fix)


def render_catalog(streams: Iterable[Stream], chosen: Stream, *, old: bool) -> bytes:
    """A catalog in which one stream is selected with all its fields, and no other. ``old``: as taps first had it."""
    entries = [_select(stream, is_chosen=stream.id == chosen.id, old=old) for stream in streams]
    return json.dumps({"streams": entries}, default=str).encode()


def _select(stream: Stream, *, is_chosen: bool, old: bool) -> dict[str, Any]:
    entry = copy.deepcopy(dict(stream.entry))
    marks = list(entry.get("metadata") or ())
    if not any(not each.get("breadcrumb") for each in marks):
        marks.append({"breadcrumb": [], "metadata": {}})
    for each in marks:
        said = each.setdefault("metadata", {})
        if not each.get("breadcrumb"):
            said["selected"] = is_chosen
        elif is_chosen and said.get("inclusion") != "unsupported":
            said["selected"] = True
    entry["metadata"] = marks
    if old:
        entry.setdefault("schema", {})["selected"] = is_chosen
    return entry


def parse_records(lines: Iterable[bytes], stream: Stream, wanted: frozenset[str], place: str) -> Iterator[Record]:
    """The stream's records, as they come. Raises SourceMisread.

    A record whose key came before counts once. Where a tap begins the stream again as another version, the records of
    the first one would have to be taken back; then nothing counts.
    """
    reader = _Reader(stream, wanted, place)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            record = reader.take(_parse_message(line, number, place))
            if record is not None:
                yield record
    reader.finish()


def _parse_message(line: bytes, number: int, place: str) -> Mapping[str, Any]:
    try:
        message = json.loads(line, parse_float=Decimal)
        if isinstance(message, dict) and isinstance(message.get("type"), str):
            return message
    except (ValueError, RecursionError):
        pass
    said = trimmed(line[:200].decode("utf-8", "replace"))
    raise SourceMisread(
        f"{place} wrote a line that is no message of Singer (line {number}): {said}",
        fix="A tap may write nothing else to its standard output. Update it, or report it to its authors.",
    )


class _Reader:
    """What is known of one stream while its messages come."""

    def __init__(self, stream: Stream, wanted: frozenset[str], place: str) -> None:
        self._stream, self._wanted, self._place = stream, wanted, place
        self._keys = stream.keys
        self._is_described = False
        self._versions: set[Any] = set()
        self._seen = Seen()
        self._records = RecordReader((), "id", wanted)

    def take(self, message: Mapping[str, Any]) -> Record | None:
        """A record that counts, if the message is one."""
        kind = message["type"].upper()
        if kind == "BATCH":
            raise SourceMisread(f"{self._place} writes its records to files (BATCH).", fix="Turn its batches off.")
        if message.get("stream") not in self._stream.names:
            return None
        if kind == "SCHEMA":
            self._describe(message)
        elif kind == "ACTIVATE_VERSION":
            self._know_version(message.get("version"))
        elif kind == "RECORD":
            return self._read(message)
        return None

    def finish(self) -> None:
        """Complain of what was never there."""
        if not self._is_described:
            raise SourceMisread(
                f"{self._place} ended well and gave nothing of the stream {self._stream.id}.",
                fix="Does it select streams by another file? Try catalog: properties.",
            )
        if missing := self._records.missing:
            raise self._no_field(missing, self._records.keys)

    def _describe(self, message: Mapping[str, Any]) -> None:
        self._is_described = True
        self._keys = tuple(map(str, message.get("key_properties") or ()))
        schema = message.get("schema")
        properties = schema.get("properties") if isinstance(schema, dict) else None
        if properties:
            missing = {name for name in self._wanted if not {name, name.partition(".")[0]} & properties.keys()}
            if missing:
                raise self._no_field(missing, properties)

    def _know_version(self, version: Any) -> None:
        if version is None:
            return
        self._versions.add(version)
        if len(self._versions) > 1 and self._records.count:
            raise SourceMisread(f"{self._place} began the stream {self._stream.id} again while it was read.")

    def _read(self, message: Mapping[str, Any]) -> Record | None:
        found = message.get("record")
        if not isinstance(found, dict) or not self._is_described:
            raise SourceMisread(f"{self._place} gave a record without its schema, or none at all.")
        self._know_version(message.get("version"))
        record = self._records.read(found)
        if self._keys and all(found.get(key) is not None for key in self._keys):
            record = replace(record, id="/".join(str(found[key]) for key in self._keys))
            if not self._seen.is_new(record.id):
                return None
        return record

    def _no_field(self, missing: Iterable[str], known: Iterable[str]) -> SourceMisread:
        names = list(known)
        close = [match for name in sorted(missing) for match in difflib.get_close_matches(name, names, n=1, cutoff=0.5)]
        hint = f"Did you mean “{close[0]}”?" if close else f"Its fields: {', '.join(names[:_MOST_NAMED])}."
        shown = " or ".join(f"“{name}”" for name in sorted(missing))
        message = f"The stream {self._stream.id} of {self._place} has no field {shown}."
        return SourceMisread(message, fix=hint, fields=frozenset(missing))
