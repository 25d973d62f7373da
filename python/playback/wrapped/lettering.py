"""Which letters the cards can draw, with which of the machine's fonts."""

import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import matplotlib
from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager, get_font

OWN = "DejaVu Sans"
"""The font that comes with matplotlib: Latin, Greek, Cyrillic, Hebrew, Arabic, some signs."""

BOLD, PLAIN = 700, 400

NOT_DRAWN = "(name in other letters)"
"""What stands in a card for a name that cannot be drawn."""

_IN_NO_FONT = {"Cc", "Cf", "Mn", "Zl", "Zp", "Zs"}
"""Categories of characters that need no glyph: spaces, joiners, variation selectors."""

_JOINERS = {"\u200d", "\ufe0f"}
"""What holds the parts of an emoji together, and asks for its coloured form."""


class Lettering:
    """Finds fonts for names. `families` are to be tried in order; `not_drawn` lists what failed."""

    def __init__(self) -> None:
        self.families = [OWN]
        self.not_drawn: list[str] = []

    def drawn(self, name: str) -> str:
        """The name itself, without signs (emoji) that no font has; else what stands for it."""
        lacking = self._lacking(name)
        for family in _families() if lacking else ():
            if lacking & _letters(family):
                self.families.append(family)
                lacking = self._lacking(name)
            if not lacking:
                break
        if not lacking:
            return name
        if name not in self.not_drawn:
            self.not_drawn.append(name)
        rest = "".join(sign for sign in name if sign not in lacking | _JOINERS).strip()
        is_whole = all(unicodedata.category(sign)[0] == "S" for sign in lacking)
        return rest if is_whole and any(map(str.isalnum, rest)) else NOT_DRAWN

    def _lacking(self, name: str) -> set[str]:
        """Characters of a name that no chosen font has in both weights."""
        seen = {sign for sign in name if unicodedata.category(sign) not in _IN_NO_FONT}
        return seen.difference(*map(_letters, self.families))


@contextmanager
def quiet_search() -> Iterator[None]:
    """Keep matplotlib from telling of every font without a bold one: the plain one will do."""
    logger = logging.getLogger("matplotlib.font_manager")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


@cache
def _letters(family: str) -> frozenset[str]:
    """The characters that the fonts have which a family is drawn with, plain and bold."""
    found = (
        get_font(findfont(FontProperties(family=family, weight=weight))).get_charmap()
        for weight in (PLAIN, BOLD)
    )
    return frozenset.intersection(*(frozenset(map(chr, charmap)) for charmap in found))


@cache
def _families() -> tuple[str, ...]:
    """The machine's other families of upright fonts, those without serifs first."""
    installed = filter(_is_upright_text, fontManager.ttflist)
    return tuple(dict.fromkeys(entry.name for entry in sorted(installed, key=_order)))


def _is_upright_text(entry: FontEntry) -> bool:
    """Those of matplotlib besides `OWN` are for formulas, or have a box for everything."""
    return entry.style == "normal" and not entry.fname.startswith(matplotlib.get_data_path())


def _order(entry: FontEntry) -> tuple[bool, bool, str]:
    return "Sans" not in entry.name, "Mono" in entry.name, entry.name
