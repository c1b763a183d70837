"""The command ``doctor``: parse, call, render, exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sync.cli.daily import Shared, as_json
from sync.cli.many import many_configs, over_many
from sync.cli.output import FAILED, FINE, clean, echo_json, echo_text, width

if TYPE_CHECKING:
    from sync.care.doctor_rules import Check

_ABOUT, _LEVEL = 10, 6


@click.command("doctor")
@many_configs
@as_json
@click.pass_context
@over_many
def doctor_command(ctx: click.Context, *, json_: bool) -> int:
    """Try everything that a night needs, and say what to mend: sheet, guard, sources, people, zones, versions.

    Reads the sheet, asks one query of each source, and proves on a Google sheet that two runs can't overlap. Changes
    nothing. Exits with 1 where something fails.

    Example: okr-sync doctor
    """
    from sync.care.doctor import examine
    from sync.care.doctor_rules import Level
    from sync.opening import open_engine

    checks = list(examine(open_engine(Shared.of(ctx).config)))
    is_ready = all(check.level is not Level.FAIL for check in checks)
    if json_:
        found = [{"about": each.about, "level": each.level, "said": each.said, "fix": each.fix} for each in checks]
        echo_json({"ready": is_ready, "checks": found})
    else:
        echo_text("\n".join(map(render_check, checks)))
    return FINE if is_ready else FAILED


def render_check(check: Check) -> str:
    """One check: what it is about, how it went; below it what to do."""
    if not check.about:
        return f"\n{clean(check.said)}"
    head = f"{check.about:<{_ABOUT - 1}} {check.level:<{_LEVEL}}"
    indent = " " * (_ABOUT + _LEVEL)
    lines = [click.wrap_text(clean(check.said), width(), head, indent)]
    if check.fix:
        lines.append(click.wrap_text(clean(check.fix), width(), f"{indent}→ ", f"{indent}  "))
    return "\n".join(lines)
