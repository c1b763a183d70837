"""Mapping files as Hypothesis makes them: valid ones from the grammar's own words, and what spoils them."""

import copy

from hypothesis import strategies as st

from mappings.window import CALENDAR_PERIODS, LAST_PERIODS

names = st.sampled_from(["Stage", "Amount EUR", "Closed", "größe", "Story Points", "x y: z", "1.5 h", "no"])
texts = names | st.integers(-5, 500) | st.booleans() | st.sampled_from(["Won", "", "{a", "it's", "# x", "*a", "- b"])
numbers = st.integers(-1000, 1000) | st.sampled_from([0.001, 1.5, "12", "1e3", "-0.5"])
amounts = numbers | st.sampled_from(["20 %", "5%"])
days = st.dates().map(str).filter(lambda day: day > "1000")


def maps(required, optional=None):
    return st.fixed_dictionaries(required, optional=optional or {})


def one_key(*choices):
    return st.one_of(*(st.fixed_dictionaries({word: value}) for word, value in choices))


several = st.lists(texts, min_size=1, max_size=3)
compared = one_key(
    *((op, texts) for op in ("=", "!=", "==", "is", "not", "<", "<=", ">", ">=", "in")),
    *((op, several) for op in ("=", "!=", "not", "in")),
)
where = st.dictionaries(names, texts | several | compared, min_size=1, max_size=3)
done = st.dictionaries(st.just("by"), names, max_size=1).flatmap(
    lambda by: maps({**{key: st.just(value) for key, value in by.items()}, "statuses": several})
)
elapsed = one_key(*((unit, st.lists(names, min_size=2, max_size=2)) for unit in ("workdays", "days")))
measures = (
    st.sampled_from(["count", "percent_done"])
    | one_key(*((word, names) for word in ("sum", "avg", "min", "max", "median", "distinct", "nps", "p85", "p99.9")))
    | one_key(*((word, elapsed) for word in ("sum", "avg", "min", "max", "median", "p50", "p100")))
    | one_key(("share", where), ("percent_done", names), ("percent_done", done))
)
shares = st.just("percent_done") | one_key(("share", where))
kpi_within = one_key(*((period, names) for period in (*CALENDAR_PERIODS, *LAST_PERIODS, "28d", "4w", "3m", "1y")))
within = kpi_within | one_key(("cycle", names))
guards = maps(
    {},
    {
        "min": amounts, "max": amounts, "max_change": st.sampled_from([3, "20 %", "0.5", 1.5]),
        "zero": st.sampled_from(["doubt", "believe"]), "min_records": st.integers(1, 50), "confirm": st.integers(1, 9),
    },
)  # fmt: skip
common = {
    "scale": numbers, "guard": guards, "note": texts,
    "pause": maps({"why": st.sampled_from(["Not yet", 5, True])}, {"until": days}),
}  # fmt: skip
queries = st.sampled_from(["a", "b c", 7, True]) | maps(
    {}, {"ask": texts, "table": texts, "where": texts | where, "most": st.integers(0, 9)}
)
sources = ("jira", "crm")


def entries(window):
    measured = [
        maps({source: queries, "measure": measures}, {"within": window, "missing": numbers, **common})
        for source in sources
    ]
    steps = st.dictionaries(
        st.sampled_from(["One", "Two", "3"]),
        st.one_of(
            *(
                maps({source: queries}, {"measure": shares, "within": window, "weight": st.integers(1, 9)})
                for source in sources
            ),
            maps({"metric": st.just("done")}, {"weight": st.integers(1, 9)}),
        ),
        min_size=1,
    )
    return st.one_of(
        *measured,
        maps({"metric": st.sampled_from(["plain", "done"])}, common),
        maps({"metric": st.just("holed"), "with": maps({"who": texts})}, common),
        maps({"formula": st.sampled_from(["100 * plain / plain", "max(plain, 3)"])}, common),
        maps({"steps": steps}, common),
    )  # fmt: skip


METRICS = {
    "done": {"jira": "a", "measure": "percent_done"},
    "plain": {"jira": "a", "measure": "count"},
    "holed": {"crm": {"ask": "x ${who}", "where": {"Owner": "${who}"}}, "measure": {"sum": "F"}, "missing": 1},
}
ids = st.sampled_from(["WEB-1.1", "A", "GRO 2", "ü"])
documents = st.fixed_dictionaries(
    {"metrics": st.just(METRICS)},
    optional={
        "key_results": st.dictionaries(ids, entries(within), max_size=3),
        "kpis": st.dictionaries(ids, entries(kpi_within), max_size=2),
    },
)


def places(document, path=()):
    """Every path in a document."""
    yield path
    children = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in children:
        yield from places(value, (*path, key))


JUNK = st.sampled_from(
    [None, [], {}, "xyz", "", 0, -3, True, [1, 2], {"x": 1}, {"jira": "a"}, "count", "2026-13-45", 1.5]
)


@st.composite
def damaged(draw):
    """A valid document with some places replaced, taken out, or given one key more."""
    document = copy.deepcopy(draw(documents))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([each for each in places(document) if each]))
        parent = document
        for key in path[:-1]:
            parent = parent[key]
        act = draw(st.sampled_from(["replace", "delete", "add"]))
        if act == "delete" and isinstance(parent, dict):
            del parent[path[-1]]
        elif act == "add" and isinstance(parent, dict):
            word = draw(
                st.sampled_from(["measure", "within", "with", "jira", "metric", "wat", "missing", "scale", "count"])
            )
            parent[word] = copy.deepcopy(draw(JUNK))
        else:
            parent[path[-1]] = copy.deepcopy(draw(JUNK))
        if not [each for each in places(document) if each]:
            break
    return document
