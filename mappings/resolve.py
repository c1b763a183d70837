"""All mapping files together, as values; and every problem in them at once, in the order of the files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mappings.by_hand import is_by_hand, parse_by_hand
from mappings.draft import Setting
from mappings.entry import parse_entry
from mappings.form import describe
from mappings.grammar import QueryGrammar
from mappings.guard import Guard
from mappings.mapping import ByHand, KeyResultMapping, Mappings
from mappings.named import Library, NamedMetric, parse_named
from mappings.node import Entry, Node, NodeKind, Tree
from mappings.number import parse_number
from mappings.own_keys import RESERVED_KEYS
from mappings.suggest import did_you_mean, one_of
from mappings.yaml_text import parse_yaml
from okr.problem import Problem, TextPlace

SECTIONS = ("metrics", "key_results", "kpis")
Problems = tuple[Problem, ...]
_Broken = dict[str, Problems]


def resolve(
    texts: Mapping[str, str], grammars: Mapping[str, QueryGrammar], default_guard: Guard | None = None
) -> tuple[Mappings, Problems]:
    """What the files say, and all that is wrong with them.

    ``texts`` are the files' contents by name, ``grammars`` the configured sources' by name. One broken entry
    never stops the others: it is listed in ``Mappings.broken``. ``default_guard`` holds where an entry's own
    guard says nothing.
    """
    trees, problems = _read_files(texts)
    unread = tuple(sorted(file for file in texts if file not in trees))
    problems = (*problems, *check_source_names(grammars))
    sections = {name: _Section(name) for name in SECTIONS}
    for tree in trees.values():
        problems = (*problems, *tree.problems, *_collect(tree, sections))
    library = _make_library(sections["metrics"], grammars)
    results = [
        _parse_section(sections[name], library, grammars, default_guard or Guard()) for name in ("key_results", "kpis")
    ]
    found = [*problems, *_flat(library.broken), *_flat(results[0][1]), *_flat(results[1][1])]
    by_hand, more = _parse_by_hand(sections["key_results"], grammars)
    found.extend(more)
    mappings = Mappings(results[0][0], results[1][0], results[0][1], results[1][1], unread, by_hand)
    return mappings, sort_problems(found)


def check_source_names(names: Iterable[str]) -> Problems:
    """Sources that bear one of our own keys' names: a query under such a name couldn't be told from it."""
    return tuple(
        Problem(
            "config.source-name",
            f"a source can't be called “{name}”: mappings use that word for something else",
            fix="Give the source another name.",
            subject=name,
        )
        for name in sorted(set(names) & RESERVED_KEYS)
    )


def sort_problems(problems: Iterable[Problem]) -> Problems:
    """By file, line and column, each once; those without a place in a text first."""
    once = {(problem.code, problem.message, _order(problem)): problem for problem in problems}
    return tuple(sorted(once.values(), key=_order))


def _order(problem: Problem) -> tuple[str, int, int]:
    place = problem.place
    return (place.file, place.line, place.column) if isinstance(place, TextPlace) else ("", 0, 0)


class _Section:
    """One section's entries over all files, and the ids that are written more than once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.entries: dict[str, Entry] = {}
        self.broken: _Broken = {}

    def add(self, node: Node, in_file: Problems) -> Problems:
        """Take a file's entries in; answers what is wrong with their keys.

        ``in_file`` are the problems that the file's tree came with; each breaks the entry that it stands in.
        """
        problems: list[Problem] = []
        for key, entry in node.entries.items():
            mine = tuple(self._check_key(key, entry))
            problems.extend(mine)
            self.entries.setdefault(key, entry)
            self._break(key, mine)
        for problem in in_file:
            key_before = _entry_at(node, problem)
            if key_before is not None:
                self._break(key_before, (problem,))
        return tuple(problems)

    def _break(self, key: str, problems: Problems) -> None:
        if problems:
            self.broken[key] = (*self.broken.get(key, ()), *problems)

    def _check_key(self, key: str, entry: Entry) -> Iterable[Problem]:
        first = self.entries.get(key)
        if first is not None:
            where = f"{first.key.source.file}, line {first.key.line}"
            message = f"“{key}” is written twice, here and in {where}"
            yield entry.key.problem("mapping.duplicate", message, fix="Keep one of them.")
        if self.name != "metrics" and not entry.key.quoted and parse_number(key) is not None:
            message = f"the id {key} reads as a number, and 1.10 and 1.1 would be the same"
            yield entry.key.problem("mapping.number-id", message, fix=f"Put it in quotes: '{key}'.")


def _entry_at(node: Node, problem: Problem) -> str | None:
    """The key of the entry that a problem stands in: the last one that begins before it."""
    place = problem.place
    if not isinstance(place, TextPlace) or not place.path.startswith(f"{node.path}."):
        return None
    before = [
        (entry.key.line, entry.key.column, key)
        for key, entry in node.entries.items()
        if (entry.key.line, entry.key.column) <= (place.line, place.column)
    ]
    return max(before)[2] if before else None


def _read_files(texts: Mapping[str, str]) -> tuple[dict[str, Tree], Problems]:
    trees: dict[str, Tree] = {}
    problems: Problems = ()
    for file in sorted(texts):
        tree = parse_yaml(texts[file], file)
        if isinstance(tree, Tree):
            trees[file] = tree
        else:
            problems = (*problems, *tree)
    return trees, problems


def _collect(tree: Tree, sections: Mapping[str, _Section]) -> Problems:
    """A file's sections into those of all files."""
    root = tree.root
    if root.kind is NodeKind.NOTHING:
        return ()
    if root.kind is not NodeKind.MAP:
        fix = f"Begin with {' or '.join(f'{name}:' for name in SECTIONS)} in a line of its own."
        return (root.problem("mapping.file", f"expected a mapping file, found {describe(root)}", fix=fix),)
    problems: Problems = ()
    for name, entry in root.entries.items():
        if name not in sections:
            fix = did_you_mean(name, SECTIONS) or f"Known: {one_of(SECTIONS)}."
            message = f"no section is called “{name}”"
            problems = (*problems, entry.key.problem("mapping.unknown-key", message, fix=fix))
        elif entry.value.kind is NodeKind.MAP:
            problems = (*problems, *sections[name].add(entry.value, tree.problems))
        elif entry.value.kind is not NodeKind.NOTHING:
            message = f"expected a map of entries, found {describe(entry.value)}"
            problems = (*problems, entry.value.problem("mapping.value", message))
    return problems


def _make_library(section: _Section, grammars: Mapping[str, QueryGrammar]) -> Library:
    metrics: dict[str, NamedMetric] = {}
    broken = dict(section.broken)
    for name, entry in section.entries.items():
        if name in broken:
            continue
        metric, problems = parse_named(name, entry, grammars)
        if metric is None or problems:
            broken[name] = _about(name, problems)
        else:
            metrics[name] = metric
    return Library(metrics, broken, {name: entry.key for name, entry in section.entries.items()})


def _parse_section(
    section: _Section, library: Library, grammars: Mapping[str, QueryGrammar], default_guard: Guard
) -> tuple[dict[str, KeyResultMapping], _Broken]:
    found: dict[str, KeyResultMapping] = {}
    broken: _Broken = {id_: _about(id_, problems) for id_, problems in section.broken.items()}
    for id_, entry in section.entries.items():
        setting = Setting(id_, section.name == "kpis", grammars)
        if is_by_hand(entry) and not setting.is_kpi:
            continue
        if is_by_hand(entry):
            mapping, problems = None, parse_by_hand(entry, setting)[1]
        else:
            mapping, problems = parse_entry(entry, setting, library, default_guard)
        if problems or id_ in broken:
            broken[id_] = (*broken.get(id_, ()), *_about(id_, problems))
        elif mapping is not None:
            found[id_] = mapping
    return found, broken


def _parse_by_hand(section: _Section, grammars: Mapping[str, QueryGrammar]) -> tuple[dict[str, ByHand], Problems]:
    """The key results that stay with people. A mistake in such an entry takes no cell from them."""
    found: dict[str, ByHand] = {}
    problems: Problems = ()
    for id_, entry in section.entries.items():
        if is_by_hand(entry) and id_ not in section.broken:
            one, more = parse_by_hand(entry, Setting(id_, is_kpi=False, grammars=grammars))
            problems = (*problems, *_about(id_, more))
            found[id_] = one or ByHand(id_, "", entry.key.place)
    return found, problems


def _about(id_: str, problems: Problems) -> Problems:
    """The problems with what they are about; a shared metric's keep the metric's name."""
    return tuple(replace(problem, subject=problem.subject or id_) for problem in problems)


def _flat(broken: Mapping[str, Problems]) -> Iterable[Problem]:
    return (problem for problems in broken.values() for problem in problems)
