"""The spreadsheet as a person sees it in the browser: one self-contained HTML page, without any request.

Visible tabs with their widths, frozen rows and columns, number formats, colours (of cells, bands and conditional
rules), notes, merges, groups, filters, dropdowns and charts. Click a tab to open it (or end the
address in ``#gid=ID``), a group's + or − to open or fold it, a cell to read what was entered into it; a
note shows while the pointer is over its cell.
"""

from __future__ import annotations

from datetime import date
from html import escape

from sandbox.google_document import Document, Tab
from sandbox.page_style import CSS, Styles, css_colour
from sandbox.page_tab import TabView

SCRIPT = """
const tabs=[...document.querySelectorAll('.tab')],sheets=[...document.querySelectorAll('.sheet')];
function open_(gid){const i=Math.max(0,tabs.findIndex(t=>t.dataset.gid===gid));
tabs.forEach((t,n)=>t.classList.toggle('on',n===i));sheets.forEach((s,n)=>s.classList.toggle('on',n===i));show(null)}
let chosen=null;
function show(cell){if(chosen)chosen.classList.remove('chosen');chosen=cell;
document.getElementById('at').textContent=cell?cell.dataset.a:'';
document.getElementById('fx').textContent=cell?(cell.dataset.f??cell.innerText.replace(/\\s*▾$/,'')):'';
if(cell)cell.classList.add('chosen')}
tabs.forEach(t=>t.addEventListener('click',()=>{history.replaceState(null,'','#gid='+t.dataset.gid);open_(t.dataset.gid)}));
document.addEventListener('click',e=>{const fold=e.target.closest('[data-fold]');
if(fold){fold.closest('table').classList.toggle('fold'+fold.dataset.fold);return}
const cell=e.target.closest('td[data-a]');if(cell)show(cell)});
const note=document.getElementById('note');
document.addEventListener('mouseover',e=>{const cell=e.target.closest('td[data-note]');note.hidden=!cell;
if(!cell)return;
note.textContent=cell.dataset.note;const at=cell.getBoundingClientRect();
note.style.left=Math.min(at.right+4,innerWidth-note.offsetWidth-8)+'px';
note.style.top=Math.min(at.top,innerHeight-note.offsetHeight-8)+'px'});
addEventListener('hashchange',()=>open_((location.hash.match(/gid=(\\d+)/)||[])[1]));
open_((location.hash.match(/gid=(\\d+)/)||[])[1]);
"""
ICON = (
    '<svg width="26" height="34" viewBox="0 0 26 34" aria-hidden="true">'
    '<path fill="#188038" d="M3 0h14l9 9v22a3 3 0 0 1-3 3H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z"/>'
    '<path fill="#ceead6" d="M17 0l9 9h-9z"/>'
    '<path fill="#fff" d="M6 15h14v12H6zm2 2v2h4v-2zm6 0v2h4v-2zm-6 4v1.6h4V21zm6 0v1.6h4V21z"/></svg>'
)
MENU = ("File", "Edit", "View", "Insert", "Format", "Data", "Tools", "Help")


def render_page(document: Document, today: date) -> str:
    """Render the document as it looks on a day, which is what ``TODAY()`` means in its rules and formulas."""
    styles = Styles()
    shown = [tab for tab in document.tabs if not tab.hidden]
    with document.seen_on(today):
        views = [TabView(document, tab, styles).render() for tab in shown]
    names = "".join(_tab(tab, first=tab is shown[0]) for tab in shown)
    sheets = "".join(
        f'<div class="sheet{" on" if place == 0 else ""}">{view}</div>' for place, view in enumerate(views)
    )
    menu = "".join(f"<span>{each}</span>" for each in MENU)
    return (
        f'<!DOCTYPE html><html lang="{escape(document.locale[:2])}"><head><meta charset="utf-8">'
        f"<title>{escape(document.title)}</title><style>{CSS}{styles.css()}</style></head><body>"
        f"<header>{ICON}<div><h1>{escape(document.title)}</h1><nav>{menu}</nav></div>"
        f'<p class="seen">As seen on {today:%-d %B %Y}</p></header>'
        f'<div class="bar"><span id="at"></span><i>fx</i><span id="fx"></span></div>'
        f'<main>{sheets}</main><footer><span class="all">☰</span>{names}</footer>'
        f'<div id="note" role="tooltip" hidden></div>'
        f"<script>{SCRIPT}</script></body></html>\n"
    )


def _tab(tab: Tab, *, first: bool) -> str:
    colour = tab.properties.get("tabColor")
    line = f' style="box-shadow:inset 0 -3px {css_colour(colour)}"' if colour is not None else ""
    return f'<button class="tab{" on" if first else ""}" data-gid="{tab.id}"{line}>{escape(tab.title)}</button>'
