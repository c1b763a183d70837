"""The Guide tab: what each tab is for, who writes where, what the colours and words mean. Pure."""

from __future__ import annotations

from sync.sheet.store import Draw, Drawing
from sync.sheet.style import Style

WIDTHS = (190, 820)

_TEXT: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "How this sheet works",
        (
            ("Objectives", "What a company, team or person wants to achieve. Parent links it to the one it serves."),
            ("Key Results", ("Measurable outcomes: a baseline, a target, an owner. The dark blue headers are yours to "
             "fill in; the grey, slanted ones are filled in by okr-sync.")),
            ("Steps", "The parts of a milestone key result, or the points of a dated plan."),
            ("Check-ins", "A line a week per key result: confidence from 1 to 10, what helps, what blocks."),
            ("KPIs", "Health metrics that should stay inside their band, whatever the cycle."),
            ("Dashboard", ("The whole company on a page, drawn anew whenever it has something else to say: widths and "
             "heights that you set there go back then; what you type there moves to Runs. Its two charts stay where "
             "you put them and as large as you make them; one that you delete comes back with okr-sync layout. Charts "
             "of your own stay as they are.")),
            ("History, Runs", "Written by okr-sync, a row at a time. Please don't type there."),
        ),
    ),
    (
        "Who may write where",
        (
            ("You know better?", ("Type over Current, Score or Status. Your value stays, is used in every roll-up, and "
             "is never written over. Clear the cell to hand it back.")),
            ("Everything else", ("Sort, filter, insert, move and rename as you like; add columns and notes. okr-sync "
             "finds its rows by their id and its columns by their mark.")),
            ("Ids", "A key result's id ties it to its numbers: please never change it or use it twice."),
        ),
    ),
    (
        "What the words mean",
        (
            ("Score", "From 0 (the baseline) to 1 (the target)."),
            ("Pace", "The score expected by now, when progress is even from start to due date."),
            ("On track", "The score is at least 90 % of the pace, unless configured otherwise."),
            ("At risk", "At least 70 % of the pace: say what would help."),
            ("Off track", "Below that: decide whether to change the plan or the target."),
            ("Achieved", "The target is reached; for an aspirational one, 0.7 is a success."),
            ("No data", "Nothing is known yet. It never counts as zero."),
            ("Grey and slanted", "The value is old: its source could not be read, or okr-sync has not run for days."),
        ),
    ),
    (
        "Good key results",
        (
            ("Outcome, not output", "“Checkout errors fall from 2.1 % to 0.5 %”, not “Ship the new checkout”."),
            ("A number with a unit", "“Median reply time from 9 h to 4 h”, not “Faster support”."),
            ("Few", "Two to five per objective; one to three objectives per team."),
            ("Owned", "One name, not a team: the person who notices first when it stalls."),
        ),
    ),
)  # fmt: skip


def draw_guide() -> Drawing:
    """The whole tab."""
    rows: list[tuple[Draw | None, ...]] = [(Draw("Guide", Style.TITLE, span=2),), ()]
    for title, items in _TEXT:
        rows.append((Draw(title, Style.HEADING), Draw(None, Style.HEADING)))
        rows += [(Draw(word, Style.STRONG), Draw(text, Style.WRAPPED)) for word, text in items]
        rows.append(())
    return Drawing(WIDTHS, tuple(rows), heights={0: 34})
