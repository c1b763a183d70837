"""What every tab teaches, and that its colours can be read."""

import pytest

from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Role
from sync.sheet.rules import make_rules
from sync.sheet.style import LOOKS, Style

READABLE, LARGE = 4.5, 3.0
"""Contrast of text with its ground: normal and large (WCAG 2.2, 1.4.3)."""

EVERY = [pytest.param(tab, column, id=f"{tab}/{column.header}") for tab, each in COLUMNS.items() for column in each]


def luminance(rgb):
    """Relative luminance (WCAG 2.2, definitions)."""
    shares = [int(rgb[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_the_standard_does():
    assert contrast("FFFFFF", "000000") == pytest.approx(21)
    assert contrast("FFFFFF", "767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("style", Style)
def test_text_can_be_read_on_its_ground(style):
    look = LOOKS[style]
    large = look.size >= 18 or (look.size >= 14 and look.bold)
    assert contrast(look.colour or "000000", look.fill or "FFFFFF") >= (LARGE if large else READABLE)


def test_states_differ_without_their_hue():
    """In print and to the colour-blind: off track is bold and stale is slanted, and no two states look the same."""
    states = [LOOKS[style] for style in (Style.GOOD, Style.WARN, Style.BAD, Style.DONE, Style.IDLE, Style.STALE)]
    assert len({(look.fill, look.colour) for look in states}) == len(states)
    assert LOOKS[Style.BAD].bold
    assert LOOKS[Style.STALE].italic
    assert {rule.style for rule in make_rules(3) if LOOKS[rule.style].bold} == {Style.BAD}


@pytest.mark.parametrize(("tab", "column"), EVERY)
def test_every_header_teaches_in_a_sentence(tab, column):
    assert len(column.note.split()) >= 3, f"{column.header} of {tab} says nothing"
    assert column.note[-1] in ".…", column.note
    assert column.note.casefold().rstrip(".") != column.header.casefold()


@pytest.mark.parametrize(("tab", "column"), EVERY)
def test_only_what_the_machine_writes_is_guarded(tab, column):
    assert not (column.guarded and column.role is Role.PERSON)
    assert not (column.guarded and column.header in ("Current", "Score", "Status"))
