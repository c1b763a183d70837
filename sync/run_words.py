"""A run in one line."""

from __future__ import annotations

from sync.plan import Plan


def render_remark(plan: Plan) -> str:
    """The run in one line, for the Runs tab and the log."""
    parts = [f"{plan.turn.cycle} {'closed' if plan.turn.closes else 'reopened'}"] if plan.turn else []
    parts += ["asked for on the Dashboard"] if plan.serves else []
    parts += [f"{len(plan.moved)} moved", f"{len(plan.aged)} aged"]
    holds = sum(len(row.holds) for row in plan.rows)
    parts += [f"{holds} held"] if holds else []
    parts += sorted({item.why for row in plan.rows for item in row.holds if item.is_new and item.why})
    parts += [f"{len(plan.gaps)} without a fresh reading"] if plan.gaps else []
    life = plan.life
    parts += [_count(len(life.new), "new problem")] if life.new else []
    parts += [f"{_count(len(life.over), 'problem')} over"] if life.over else []
    return ", ".join(parts)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
