"""What a JQL query says, as a tree of conditions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field as a query names it: a name, or the number in ``cf[10016]``."""

    text: str
    number: int | None = None

    @property
    def clause(self) -> str:
        """The name by which a site knows the field in JQL, in lower case."""
        return self.text.lower() if self.number is None else f"cf[{self.number}]"


@dataclass(frozen=True, slots=True)
class Word:
    """A value: text, or digits that were not in quotes."""

    text: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """EMPTY or NULL."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Many:
    """A list of operands."""

    items: tuple[Operand, ...]


Operand = Word | Empty | Call | Many


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition. ``operator`` in lower case: "=", "not in", "is", "was not in", "changed" …"""

    field: FieldName
    operator: str
    operand: Operand | None = None
    predicates: tuple[tuple[str, Operand], ...] = ()


@dataclass(frozen=True, slots=True)
class Both:
    """Conditions that must all hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Conditions of which one must hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    """NOT."""

    part: Condition


Condition = Clause | Both | Either | Opposite


@dataclass(frozen=True, slots=True)
class Sort:
    """One field of ORDER BY. ``descending`` is None when the query leaves it to the field."""

    field: FieldName
    descending: bool | None


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query. Without ``where`` it is unbounded."""

    where: Condition | None
    order: tuple[Sort, ...]


def show(operand: Operand | None) -> str:
    """Write an operand as a refusal quotes it."""
    match operand:
        case Word(text, is_number):
            return text if is_number else f'"{text}"'
        case Call(name, arguments):
            return f"{name}({', '.join(arguments)})"
        case Many(items):
            return f"({', '.join(map(show, items))})"
        case _:
            return "EMPTY"
