"""A year, or those of many listeners, as HTML pages that need nothing else."""

from math import cos, pi, sin
from typing import NamedTuple

from playback import look
from playback.console import printable
from playback.wrapped.story import tell
from playback.wrapped.year import Year

HOURS = 24
_HUB, _RIM, _LABELS = 34.0, 108.0, 120.0
"""Radii of the clock: where its bars begin, how far the longest goes, where the hours stand."""


class Entry(NamedTuple):
    """One entry of the index: the file of a page, and the line that describes it."""

    file: str
    year: Year


def page(year: Year, name: str | None = None) -> str:
    """The story of a year. It names nobody but `name`."""
    cards = tell(year, isolated)
    clock = next((card.clock for card in cards if card.clock), [])
    return look.fill(
        "playback.wrapped",
        "story.html",
        year=year.year,
        name=name and printable(name),
        cards=cards,
        grounds=look.GROUNDS,
        clock_paths=[_bar(hour, share) for hour, share in enumerate(clock)],
        clock_labels=[(f"{hour:02}", *_place(hour, _LABELS)) for hour in range(0, HOURS, 6)],
    )


def index(entries: list[Entry], left_out: int) -> str:
    """A page that leads to the others; `left_out` counts the listeners who have none."""
    return look.fill("playback.wrapped", "index.html", entries=entries, left_out=left_out)


def isolated(name: str) -> str:
    """A name whose direction does not turn that of the sentence around it (U+2068, U+2069)."""
    return f"\u2068{name}\u2069"


def _bar(hour: int, share: float) -> str:
    """A sector of the clock as an SVG path, with a little room to its neighbours."""
    outer = _HUB + share * (_RIM - _HUB)
    first, last = hour + 0.07, hour + 0.93
    corners = [_place(first, _HUB), _place(first, outer), _place(last, outer), _place(last, _HUB)]
    a, b, c, d = (f"{x} {y}" for x, y in corners)
    return f"M{a}L{b}A{outer:.1f} {outer:.1f} 0 0 1 {c}L{d}A{_HUB} {_HUB} 0 0 0 {a}Z"


def _place(hour: float, radius: float) -> tuple[float, float]:
    """Where an hour is on a clock of 24 with midnight at the top."""
    angle = 2 * pi * hour / HOURS
    return round(radius * sin(angle), 1), round(-radius * cos(angle), 1)
