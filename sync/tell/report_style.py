"""How the report looks: one style sheet inside the page, for a screen, a phone and paper. Colours are the sheet's."""

from __future__ import annotations

from collections.abc import Iterator

from okr.model import Status
from sync.sheet.style import BAR_STYLE, LOOKS, STATUS_STYLE, Style

_BASE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1f2937; --quiet: #6b7280; --line: #e5e7eb; --faint: #f7f8fa;
  --track: #edeff2; --curve: #1f3a5f; --expected: #94a3b8; --good: #2e7d4f; --bad: #b3402e; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #14181f; --ink: #e5e7eb; --quiet: #9ca3af; --line: #2d3542; --faint: #1c222b; --track: #2a313d;
    --curve: #93b4dd; --expected: #64748b; --good: #5cb585; --bad: #e0806f; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system,
  "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1060px; margin: 0 auto; padding: 40px 28px 64px; }
header h1 { font-size: 28px; line-height: 1.2; letter-spacing: -.015em; margin: 0 0 6px; }
header p { margin: 0; color: var(--quiet); }
a { color: inherit; text-decoration-color: #9ca3af; text-underline-offset: 2px; }
h2 { font-size: 17px; margin: 44px 0 12px; padding-bottom: 8px; border-bottom: 1px solid var(--line); }
h2 small { font-weight: 400; font-size: 14px; color: var(--quiet); margin-left: 6px; }
.quiet { color: var(--quiet); }
.id { color: var(--quiet); font-size: 13px; white-space: nowrap; margin-right: 6px; }
.spread { display: flex; height: 14px; gap: 2px; margin: 26px 0 10px; }
.spread span { border-radius: 3px; min-width: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 0; padding: 0; list-style: none; font-size: 14px; }
.legend b { font-size: 17px; margin-right: 2px; }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
.counts { display: grid; grid-template-columns: repeat(6, 1fr); gap: 10px; margin: 22px 0 0; padding: 0;
  list-style: none; }
.counts li { background: var(--faint); border-radius: 8px; padding: 10px 14px; font-size: 13px;
  color: var(--quiet); }
.counts b { display: block; font-size: 22px; line-height: 1.3; color: var(--ink); }
.moves { list-style: none; margin: 0; padding: 0; }
.moves > li { padding: 10px 0; border-bottom: 1px solid var(--line); break-inside: avoid; }
.moves > li:last-child { border-bottom: 0; }
.moves .name { font-weight: 600; }
.moves .owner { color: var(--quiet); font-size: 13.5px; margin: 0 8px 0 6px; }
.moves p { margin: 3px 0 0; color: var(--quiet); font-size: 14px; }
.move { display: inline-block; margin: 2px 18px 0 0; font-size: 14px; }
.move small { color: var(--quiet); font-size: 13px; margin-right: 4px; }
.move s { text-decoration: none; color: var(--quiet); }
.move em { font-style: normal; color: #9ca3af; margin: 0 4px; }
.move b { font-weight: 600; }
.pill { display: inline-block; border-radius: 999px; padding: 0 9px; font-size: 12.5px; line-height: 20px;
  white-space: nowrap; font-weight: 500; }
.notes { margin: 0; padding: 0; list-style: none; font-size: 14px; }
.notes li { padding: 7px 0; border-bottom: 1px solid var(--line); break-inside: avoid; overflow-wrap: anywhere; }
.notes li:last-child { border-bottom: 0; }
.notes .fix { display: block; color: var(--quiet); }
.notes code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--quiet);
  margin-right: 6px; }
.objective { margin: 0 0 20px; }
.line.head { break-after: avoid; }
.objective .objective { margin: 18px 0 0 14px; padding-left: 18px; border-left: 2px solid var(--line); }
.line { display: grid; grid-template-columns: minmax(0, 1fr) 150px 42px 92px; gap: 2px 16px; align-items: center;
  padding: 5px 0; break-inside: avoid; }
.line .what { min-width: 0; }
.line .score { text-align: right; }
.line .why { grid-column: 1 / -1; color: var(--quiet); font-size: 13px; margin: -2px 0 2px; }
.line .outlook { display: block; font-size: 12.5px; }
.line .outlook span + span::before { content: " · "; }
.head .what { font-weight: 600; }
.head .owner { font-weight: 400; color: var(--quiet); font-size: 13.5px; margin-left: 6px; }
.results { border-top: 1px solid var(--line); font-size: 14px; }
.results .line + .line { border-top: 1px dotted var(--line); }
.bar { position: relative; height: 8px; border-radius: 4px; background: var(--track); }
.bar span { display: block; height: 100%; border-radius: 4px; min-width: 2px; }
.bar i { position: absolute; top: -3px; bottom: -3px; width: 2px; margin-left: -1px; background: var(--ink);
  opacity: .55; border-radius: 1px; }
footer { margin-top: 48px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--quiet); font-size: 13px; }
@media (max-width: 640px) {
  main { padding: 24px 16px 40px; }
  header h1 { font-size: 23px; }
  .counts { grid-template-columns: repeat(3, 1fr); }
  .counts li { padding: 8px 10px; }
  .line { grid-template-columns: minmax(0, 1fr) 40px 86px; gap: 4px 10px; }
  .line .what { grid-column: 1 / -1; }
  .objective .objective { margin-left: 0; padding-left: 12px; }
}
@media print {
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2 { break-after: avoid; margin-top: 26px; }
  @page { margin: 16mm 14mm; }
}
"""


def slug(status: Status) -> str:
    """A status as the name of a CSS class: "on-track"."""
    return status.value.lower().replace(" ", "-")


def render_css() -> str:
    """The whole style sheet."""
    return _BASE + "\n".join(_colours())


def _colours() -> Iterator[str]:
    old = LOOKS[Style.STALE]
    yield f".pill.stale {{ background: #{old.fill}; color: #{old.colour}; font-style: italic; }}"
    yield f".ink.stale {{ background: #{LOOKS[Style.BAR_IDLE].colour}; }}"
    for status, style in STATUS_STYLE.items():
        look, bar = LOOKS[style], LOOKS[BAR_STYLE.get(status, Style.BAR_IDLE)]
        yield f".pill.{slug(status)} {{ background: #{look.fill}; color: #{look.colour}; }}"
        yield f".ink.{slug(status)} {{ background: #{bar.colour}; }}"
