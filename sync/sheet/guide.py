"""The Guide tab: the practice in five steps, examples, who writes where, what colours and words mean. Pure."""

from __future__ import annotations

from sync.sheet.store import Draw, Drawing
from sync.sheet.style import Style

WIDTHS = (190, 820)

_Item = tuple[str, str] | tuple[str, str, Style]

_TEXT: tuple[tuple[str, tuple[_Item, ...]], ...] = (
    (
        "Five steps, again every cycle",
        (
            ("1  Set", ("A team agrees on one to three objectives: what it wants to achieve, in words people remember. "
             "Under each stand two to five key results that say by numbers when it is achieved.")),
            ("2  Align", ("Parent links an objective to the one it serves, from person to team to company. Show yours "
             "to the teams you depend on before the cycle begins.")),
            ("3  Track", ("Numbers come in by themselves where a mapping exists. Once a week each owner adds a line to "
             "Check-ins: how confident, what helped, what is in the way.")),
            ("4  Review", ("When the cycle ends, look back for an hour: what came of each key result, what to keep "
             "doing, what to do otherwise. A low score is news, not a fault.")),
            ("5  Reset", ("Write Keep, Modify or Drop into At close for each key result. What goes on is carried over "
             "into the next cycle; the rest stays as it ended.")),
        ),
    ),
    (
        "Good and bad examples",
        (
            ("Objective", "Good: “New customers find their way without us.” Bad: “Improve onboarding.”"),
            ("Outcome, not output", "Good: “Checkout errors fall from 2.1 % to 0.5 %.” Bad: “Ship the new checkout.”"),
            ("A number with a unit", "Good: “Median reply time from 9 h to 4 h.” Bad: “Faster support.”"),
            ("Few", "Good: two to five key results per objective. Bad: a list of everything the team will do."),
            ("Owned", "Good: one name, the person who notices first when it stalls. Bad: “Marketing and Sales”."),
            ("Within reach", ("Good: committed, if you promise it; aspirational, if 70 % would be a success. "
             "Bad: nobody knows which.")),
        ),
    ),
    (
        "Who may write where",
        (
            ("Dark blue headers", "Yours: names, targets, notes. okr-sync reads them; opening a cycle adds rows."),
            ("Grey, slanted headers", ("Filled in by okr-sync. Please don't type into Why, Pace, "
             "Forecast, Trend, Source or Hint.")),
            ("You know better?", ("Type over Current, Score or Status. Your value stays, is used in every roll-up, and "
             "is never written over. Clear the cell to hand it back.")),
            ("Everything else", ("Sort, filter, insert, move and rename as you like; add columns and notes. okr-sync "
             "finds its rows by their id and its columns by their mark.")),
            ("Ids", "A key result's id ties it to its numbers: please never change it or use it twice in a cycle."),
            ("Approved", "As soon as anybody writes into this column, only rows with a yes in it are filled in."),
        ),
    ),
    (
        "What each colour means",
        (
            ("On track", "The score is at least 90 % of the pace, unless configured otherwise.", Style.GOOD),
            ("At risk", "At least 70 % of the pace: say in a check-in what would help.", Style.WARN),
            ("Off track", "Below that: decide whether to change the plan or the target.", Style.BAD),
            ("Missed", "It is over, and the target was not reached.", Style.BAD),
            ("Achieved", "The target is reached; for an aspirational one, 0.7 is a success.", Style.DONE),
            ("No data", "Nothing is known yet; never counted as zero. Not started and Paused look alike.", Style.IDLE),
            ("Old", "Grey and slanted: its source could not be read, or okr-sync has not run for days.", Style.STALE),
        ),
    ),
    (
        "What the words mean",
        (
            ("Score", "From 0 (the baseline, where it began) to 1 (the target)."),
            ("Pace", "The score expected by now, when progress is even from start to due date."),
            ("Forecast", "The score expected on the due date if the last weeks go on as they were."),
            ("Confidence", "From 1 (no chance) to 10 (certain): the owner's own feeling, from the latest check-in."),
            ("Coverage", "How many key results of an objective have data. The others are left out of its score."),
            ("Goalposts", ("Target, weight, owner, days. Who moves one changes a promise: that stays in History with "
             "its day, and the review grades the result as committed and as revised.")),
            ("Hint", ("At the far right, folded away: what could be a better OKR, why, and an example. A matter of "
             "taste; leave it folded if you like.")),
            ("Grade", "The score at the end of a cycle, kept in a tab of its own when the cycle is closed."),
        ),
    ),
    (
        "What each tab is for",
        (
            ("Dashboard", ("The whole company on a page, drawn anew whenever it has something else to say: widths and "
             "heights that you set there go back then; what you type there moves to Runs. Its two charts stay where "
             "you put them and as large as you make them; one that you delete comes back with okr-sync layout. Charts "
             "of your own stay as they are.")),
            ("Objectives", "What a company, team or person wants to achieve."),
            ("Key Results", "Measurable outcomes: a baseline, a target, an owner."),
            ("Steps", "The parts of a milestone key result, or the points of a dated plan."),
            ("Check-ins", "A line a week per key result: confidence, what helps, what blocks, the next step."),
            ("KPIs", "Health metrics that should stay inside their band, whatever the cycle."),
            ("People", "Who is in which team and led by whom: reminders go by it."),
            ("History, Runs", "Written by okr-sync, a row at a time. Please don't type there."),
        ),
    ),
)  # fmt: skip


def draw_guide() -> Drawing:
    """The whole tab."""
    rows: list[tuple[Draw | None, ...]] = [(Draw("Guide", Style.TITLE, span=2),), ()]
    for title, items in _TEXT:
        rows.append((Draw(title, Style.HEADING), Draw(None, Style.HEADING)))
        rows += [_line(*item) for item in items]
        rows.append(())
    return Drawing(WIDTHS, tuple(rows), heights={0: 34})


def _line(word: str, text: str, style: Style = Style.STRONG) -> tuple[Draw, Draw]:
    return Draw(word, style), Draw(text, Style.WRAPPED)
