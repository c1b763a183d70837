"""The Dashboard: the company's OKRs on one page, drawn anew whenever it has something else to say. Pure."""

from __future__ import annotations

from sync.sheet.dashboard_charts import blank_charts, chart_rows
from sync.sheet.dashboard_facts import DashboardFacts
from sync.sheet.dashboard_head import GLANCE_HEIGHT, LEAD_HEIGHT, head, padded_glance, title_rows
from sync.sheet.dashboard_lists import attention, blocked, gaps, held, movers, waiting, wins
from sync.sheet.dashboard_rows import EMPTY, WIDTHS, Row
from sync.sheet.dashboard_tree import beside, tree
from sync.sheet.store import Drawing

SECTIONS = (attention, blocked, waiting, wins, movers, tree, beside, gaps, held)
_TITLE_HEIGHT = 44


def draw_dashboard(facts: DashboardFacts) -> Drawing:
    """The whole tab: first the head and the counts beside the charts; then the lists, the tree, and what is behind."""
    top = [*head(facts)]
    glance = padded_glance(facts)
    rows: list[Row] = [*top, *glance, EMPTY]
    for section in SECTIONS:
        found = list(section(facts))
        rows += [*found, EMPTY] if found else []
    numbers, charts = chart_rows(facts, len(rows))
    heights = {0: _TITLE_HEIGHT, **{len(top) + at: GLANCE_HEIGHT for at in range(len(glance))}}
    heights[len(top) + 1] = LEAD_HEIGHT
    return Drawing(WIDTHS, (*rows, *numbers), heights=heights, charts=charts)


def draw_empty_dashboard(title: str) -> Drawing:
    """The Dashboard before the first run."""
    text = "Nothing has been synced yet. Fill in Objectives and Key Results; then run okr-sync."
    return Drawing(WIDTHS, tuple(title_rows(title, text)), heights={0: _TITLE_HEIGHT}, charts=blank_charts())
