"""How the report over a span looks beyond what it shares with the run's: tiles, charts, lists, quotations."""

from __future__ import annotations

from collections.abc import Iterator

from okr.model import Status
from sync.sheet.style import BAR_STYLE, LOOKS, Style
from sync.tell.report_style import render_css, slug

_OWN = """
.headline { font-size: 19px; line-height: 1.45; margin: 22px 0 0; max-width: 46em; text-wrap: pretty; }
.tiles { display: grid; grid-template-columns: repeat(5, 1fr); gap: 10px; margin: 24px 0 0; padding: 0;
  list-style: none; }
.tiles li { background: var(--faint); border-radius: 10px; padding: 12px 16px; font-size: 13px; color: var(--quiet); }
.tiles b { display: block; white-space: nowrap; font-size: 26px; line-height: 1.25; color: var(--ink);
  font-weight: 650; }
.up { color: var(--good); } .down { color: var(--bad); } .tiles b .up, .tiles b .down { font-size: 15px;
  font-weight: 500; margin-left: 6px; white-space: nowrap; }
.two { display: grid; grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); gap: 12px 40px; align-items: start; }
.two h2 { margin-top: 36px; }
svg { display: block; overflow: visible; }
.weeks { width: 100%; height: auto; }
.curve { fill: none; stroke: var(--curve); stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.spark { width: 96px; height: 26px; } .spark .curve { stroke-width: 1.6; }
.expected { fill: none; stroke: var(--expected); stroke-width: 1.6; stroke-dasharray: 4 4; }
.area { fill: var(--curve); opacity: .09; }
.dot.now { fill: var(--curve); }
.grid { stroke: var(--line); stroke-width: 1; }
.axis { fill: var(--quiet); font-size: 13px; text-anchor: middle; } .axis.end { text-anchor: end; }
.axis.start { text-anchor: start; }
.key { font-size: 13px; color: var(--quiet); margin: 6px 0 0; }
.key i { display: inline-block; width: 18px; height: 0; border-top: 2.4px solid var(--curve); vertical-align: 4px;
  margin: 0 6px 0 0; } .key i + i, .key i.then { border-top: 2px dashed var(--expected); margin-left: 16px; }
.bars { margin: 0; } .bars dt { font-size: 13px; color: var(--quiet); margin: 10px 0 0; }
.bars dd { margin: 0; } .bars .spread { margin: 4px 0 0; height: 20px; }
.bars .legend { margin-top: 14px; }
.points { list-style: none; margin: 0; padding: 0; }
.points > li { padding: 9px 0; border-bottom: 1px solid var(--line); break-inside: avoid; overflow-wrap: anywhere; }
.points > li:last-child { border-bottom: 0; }
.points .name { font-weight: 600; } .points .who { color: var(--quiet); font-weight: 400; font-size: 14px; }
.points p { margin: 2px 0 0; color: var(--quiet); font-size: 14px; }
.points q { quotes: "“" "”"; } .points em { font-style: normal; color: var(--quiet); margin: 0 4px; }
.turned { display: flex; flex-wrap: wrap; gap: 2px 16px; justify-content: space-between; align-items: baseline; }
.pills { white-space: nowrap; }
.people { columns: 3; column-gap: 40px; } .people > li { padding: 6px 0; }
.steps { margin: 0; padding: 0 0 0 22px; } .steps li { padding: 6px 0 6px 4px; break-inside: avoid; }
.steps li::marker { color: var(--quiet); font-weight: 600; } .steps span { display: block; color: var(--quiet);
  font-size: 14px; }
.table > div { display: grid; grid-template-columns: minmax(0, 1fr) 96px 104px 56px 96px; gap: 2px 18px;
  align-items: center; padding: 7px 0; border-bottom: 1px solid var(--line); break-inside: avoid; }
.table > div:last-child { border-bottom: 0; } .table .num { text-align: right; white-space: nowrap; }
.table .what { min-width: 0; overflow-wrap: anywhere; } .table .who { color: var(--quiet); font-size: 14px; }
.table s { text-decoration: none; color: var(--quiet); }
.ahead > div { grid-template-columns: minmax(0, 1fr) 190px 150px 96px; }
.none { color: var(--quiet); margin: 0; }
@media (max-width: 640px) {
  .headline { font-size: 17px; }
  .tiles { grid-template-columns: repeat(2, 1fr); } .tiles li { padding: 9px 12px; } .tiles b { font-size: 22px; }
  .tiles li:first-child { grid-column: 1 / -1; }
  .two { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .axis { font-size: 20px; }
  .table > div { grid-template-columns: 96px minmax(0, 1fr) 52px 90px; gap: 4px 10px; }
  .table .what { grid-column: 1 / -1; }
  .ahead > div { grid-template-columns: minmax(0, 1fr) 120px 90px; }
  .people { columns: 1; }
}
@media print { .two { grid-template-columns: 1.15fr 1fr; } .tiles { grid-template-columns: repeat(5, 1fr); }
  .tiles li:first-child { grid-column: auto; } h2 { break-after: avoid; } .tiles li { padding: 8px 10px; }
  .tiles b { font-size: 20px; } .people { columns: 2; } .weeks { max-height: 60mm; } }
"""


def render_period_css() -> str:
    """The whole style sheet of the report over a span."""
    return render_css() + _OWN + "\n".join(_dots())


def _dots() -> Iterator[str]:
    """The dot at a line's end has the colour of its status."""
    for status in Status:
        yield f".dot.{slug(status)} {{ fill: #{LOOKS[BAR_STYLE.get(status, Style.BAR_IDLE)].colour}; }}"
