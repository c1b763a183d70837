"""What ``adopt`` says: the proposal and what was done, as text and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync.care.adopt_apply import Adopted
from sync.care.adopt_model import AdoptProposal, Choice, FoundKeyResult, Offer
from sync.care.adopt_offers import say_value
from sync.care.adopt_rows import Skipped, say_rows
from sync.care.adopt_session import Session
from sync.sheet.cell import column_letters
from sync.sheet.columns import find_column
from sync.sheet.layout import Tab

_MANY = 12
"""So many rows of one kind are listed; of more, only how many."""


def render_proposal(session: Session) -> str:
    """Everything that was seen and is proposed, but for the config's lines."""
    proposal = session.proposal
    parts = [
        _say_table(session),
        _section("Your columns", map(say_choice, (each for each in proposal.choices if each.at is not None))),
        _section("New columns, at the right edge", _say_new(proposal)),
        _section("Columns of yours that are not used", _say_unused(proposal)),
        _section("Objectives", (f"{each.id}  {each.name}" for each in proposal.objectives)),
        _section("Key results", (_say_key_result(each) for each in proposal.key_results)),
        _section("Left alone", map(_say_skipped, proposal.skipped), most=6),
        _say_offers("To be confirmed by a person", proposal),
        _say_safe(proposal),
        _section("Mind", proposal.warnings),
    ]
    return "\n\n".join(part for part in parts if part)


def render_block(session: Session) -> str:
    """The config's lines, to be copied as they are; "" where the config says everything."""
    if session.is_settled:
        return ""
    lead = "This would be the sheet in" if session.engine is None else "Put this into"
    return f"\n{lead} {session.config}:\n\nsheet:\n{session.block}"


def render_next(session: Session, call: str) -> str:
    """What to do next."""
    if session.engine is not None and not session.is_settled:
        return f"\nNothing was written. With these lines in the config: {call}"
    return f"\nNothing was written. To do it: {call}"


def _say_table(session: Session) -> str:
    proposal = session.proposal
    found = proposal.key_results
    rows = f" in rows {say_rows([each.row for each in found])}" if found else ""
    return (
        f"{session.place}\nTab “{proposal.table.raw.title}”: headers in row {proposal.table.header_row + 1}, "
        f"{count(len(found), 'key result')}{rows}, {count(len(proposal.objectives), 'objective')}."
    )


def _section(head: str, lines: Iterable[str], most: int = _MANY) -> str:
    found = list(lines)
    if not found:
        return ""
    more = [f"  … and {len(found) - most} more"] if len(found) > most else []
    return "\n".join([head, *(f"  {line}" for line in found[:most]), *more])


def say_choice(choice: Choice) -> str:
    """A column of theirs, and what it is taken for."""
    header = find_column(Tab.KEY_RESULTS, choice.field).header
    trust = "" if choice.trust == "sure" else " (likely)"
    return f"{header:<13} “{choice.header}”{trust}: {choice.reason}"


def _say_new(proposal: AdoptProposal) -> list[str]:
    """Those that stand there for a reason, each with it; the others together."""
    new = [choice for choice in proposal.choices if choice.at is None and choice.header]
    why = [f"{each.header}: {each.reason.partition(': ')[2]}" for each in new if ": " in each.reason]
    rest = ", ".join(each.header for each in new if ": " not in each.reason)
    return [*why, rest] if rest else why


def _say_unused(proposal: AdoptProposal) -> list[str]:
    """What people may fill in, and have filled in such that it can't be read."""
    unused = [choice for choice in proposal.choices if not choice.header and ": " in choice.reason]
    return [f"{find_column(Tab.KEY_RESULTS, each.field).header}: {each.reason.partition(': ')[2]}" for each in unused]


def _say_skipped(each: Skipped) -> str:
    return f"row {each.row + 1}: {each.text[:50]} ({each.why})"


def _say_key_result(found: FoundKeyResult) -> str:
    return f"{found.id:<10} row {found.row + 1}: {found.name}" + ("" if found.is_new else "  (its own id)")


def _say_offers(head: str, proposal: AdoptProposal) -> str:
    asked = ((found.id, [offer for offer in found.offers if not offer.is_safe]) for found in proposal.key_results)
    return _section(head, [_say_offered(id_, offers) for id_, offers in asked if offers])


def _say_offered(id_: str, offers: Iterable[Offer]) -> str:
    found = list(offers)
    values = ", ".join(f"{find_column(Tab.KEY_RESULTS, each.field).header} {say_value(each)}" for each in found)
    return f"{id_:<10} {values}  from “{found[0].text}” ({found[0].place.address})"


def render_adopted(session: Session, done: Adopted, call: str = "okr-sync adopt") -> str:
    """What was written, what waits, what to do next. ``call`` is the command that was given."""
    if done.is_nothing:
        return "\n".join([f"Nothing was missing in {session.place}.", *_say_waiting(done, call)])
    wrote = f"Wrote {session.config} and " if session.engine is None else ""
    lines = [
        f"{wrote or ''}{'adopted' if wrote else 'Adopted'} {session.place}. What was there before stayed as it was."
    ]
    lines += [f"Columns added: {', '.join(done.prepared.columns)}"] if done.prepared.columns else []
    if done.ids or done.objectives:
        lines += [f"Ids given to {count(done.ids, 'key result')} and {count(done.objectives, 'objective')}."]
    lines += [_say_safe(done.proposal)] if any(offer.is_safe for offer in done.accepted) else []
    accepted = [offer for offer in done.accepted if not offer.is_safe]
    lines += [f"{count(len(accepted), 'value')} read out of text written, as you accepted them."] if accepted else []
    return "\n".join([*lines, *_say_waiting(done, call), "Next: okr-sync check --sheet, then okr-sync plan."])


def _say_waiting(done: Adopted, call: str) -> list[str]:
    if not done.waiting:
        return []
    return [
        _say_offers("Waiting for a person, with a note at the cell", done.proposal),
        f"Type them in where they are right; or write them all: {call} --apply --accept-proposals",
    ]


def _say_safe(proposal: AdoptProposal) -> str:
    ids = [kr.id for kr in proposal.key_results if any(offer.is_safe for offer in kr.offers)]
    return (
        f"Kind becomes Decrease, as their words ask for less; no score without a baseline: {', '.join(ids)}"
        if ids
        else ""
    )


def count(number: int, word: str) -> str:
    """ "1 key result", "2 key results"."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def proposal_json(session: Session) -> dict[str, Any]:
    """The proposal as JSON."""
    proposal = session.proposal
    return {
        "sheet": session.place,
        "tab": proposal.table.raw.title,
        "header_row": proposal.table.header_row + 1,
        "columns": [_choice_json(choice) for choice in proposal.choices],
        "objectives": [{"id": each.id, "name": each.name, "row": each.row + 1} for each in proposal.objectives],
        "key_results": [_key_result_json(each) for each in proposal.key_results],
        "left_alone": [{"row": each.row + 1, "text": each.text, "why": each.why} for each in proposal.skipped],
        "other_tables": proposal.others,
        "warnings": proposal.warnings,
        "config": session.block or None,
        "settled": session.is_settled,
    }


def _choice_json(choice: Choice) -> dict[str, Any]:
    return {
        "column": find_column(Tab.KEY_RESULTS, choice.field).header,
        "header": choice.header or None,
        "theirs": column_letters(choice.at) if choice.at is not None else None,
        "trust": choice.trust.value,
        "reason": choice.reason,
    }


def _key_result_json(found: FoundKeyResult) -> dict[str, Any]:
    offers = [_offer_json(offer) for offer in found.offers]
    return {
        "id": found.id,
        "new_id": found.is_new,
        "row": found.row + 1,
        "name": found.name,
        "objective": found.objective or None,
        "to_confirm": offers,
    }


def _offer_json(offer: Offer) -> dict[str, Any]:
    header = find_column(Tab.KEY_RESULTS, offer.field).header
    return {"column": header, "value": say_value(offer), "text": offer.text, "cell": str(offer.place)}


def adopted_json(session: Session, done: Adopted) -> dict[str, Any]:
    """What was done as JSON."""
    return {
        "sheet": session.place,
        "changed": not done.is_nothing,
        "tabs": done.prepared.tabs,
        "columns": done.prepared.columns,
        "repairs": done.prepared.repairs,
        "ids": done.ids,
        "objectives": done.objectives,
        "accepted": [_offer_json(offer) for offer in done.accepted],
        "waiting": [_offer_json(offer) for offer in done.waiting],
    }
