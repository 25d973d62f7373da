"""Lays a listener's year out as a page 80 columns wide."""

import calendar
from math import ceil

from rich.align import Align
from rich.box import HEAVY
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from playback.wrapped.year import Personality, Year, counted

WIDTH = 80
ACCENT = "bold magenta"
QUIET = "dim"
BARS = " ▁▂▃▄▅▆▇█"
LINE = 25
"""Places on the line between two sides of a dimension; odd, so that it has a middle."""

SIDES = {
    "familiarity": ("exploring", "familiar"),
    "newness": ("timeless", "new"),
    "loyalty": ("varied", "loyal"),
    "commonality": ("unique", "common"),
}
"""Of each dimension the side of low scores and that of high ones."""


def render(year: Year) -> RenderableType:
    """The whole page."""
    return Panel(
        Group(
            _head(year),
            _section("Top artists", _artists(year)),
            _section("Top tracks", _tracks(year)),
            _section("Top genres", _genres(year)),
            _section("The year", _moments(year)),
            _section("Your day", _clock(year.clock)),
            _section(f"You are {year.personality.name}", _personality(year.personality)),
        ),
        box=HEAVY,
        border_style="magenta",
        width=WIDTH,
        padding=(1, 2),
    )


def bars(values: list[int]) -> str:
    """One block a value, as high as its share of the largest; the least above 0 is seen."""
    most = max(values, default=0)
    return "".join(BARS[ceil(value / most * (len(BARS) - 1))] if most else " " for value in values)


def line(score: float) -> str:
    """A line from 0 to 1 with its middle marked, and the place of the score on it."""
    places = ["─"] * LINE
    places[LINE // 2] = "┼"
    places[round(score * (LINE - 1))] = "●"
    return "".join(places)


def percent(share: float) -> str:
    """A share as a percentage, rounded up: nobody is in the top 0 %."""
    return f"{max(1, ceil(round(100 * share, 6)))} %"


def _section(title: str, body: RenderableType) -> RenderableType:
    return Group(Text(f"\n{title}", style=ACCENT), Padding(body, (0, 0, 0, 2)))


def _head(year: Year) -> RenderableType:
    figures = year.figures
    return Group(
        Align.center(Text(f"WRAPPED {year.year}", style=ACCENT)),
        Align.center(Text(year.listener, style="bold")),
        Align.center(
            Text.assemble(
                (f"\n{figures['minutes']:,}", "bold"),
                " minutes · ",
                (f"{figures['listen_count']:,}", "bold"),
                " listens · top ",
                (percent(figures["top_share"]), "bold"),
                f" of {figures['listener_count']:,} listeners",
            )
        ),
        Align.center(
            Text(
                f"{figures['track_count']:,} tracks, {figures['artist_count']:,} artists, "
                f"{figures['genre_count']:,} genres on {figures['listen_day_count']:,} days",
                style=QUIET,
            )
        ),
    )


def _grid(*columns: tuple[str, int | None]) -> Table:
    """A table without lines; a column is how it is aligned, and its width (None: what is left)."""
    grid = Table.grid(padding=(0, 1), expand=True)
    for justify, width in columns:
        grid.add_column(
            justify=justify,
            width=width,
            ratio=None if width else 1,
            no_wrap=True,
            overflow="ellipsis",
        )
    return grid


def _artists(year: Year) -> RenderableType:
    grid = _grid(("right", 1), ("left", None), ("right", 10), ("right", 13), ("left", 22))
    for rank, artist in enumerate(year.artists, 1):
        peak = calendar.month_abbr[artist.peak_month.month]
        grid.add_row(
            Text(str(rank), style=QUIET),
            Text(artist.name, style="bold" if rank == 1 else ""),
            Text(f"{artist.minutes:,} min"),
            Text(f"{artist.listens:,} listens", style=QUIET),
            Text(f"top {percent(artist.fan_share)} fan, peak {peak}", style=QUIET),
        )
    return grid


def _tracks(year: Year) -> RenderableType:
    grid = _grid(("right", 1), ("left", None), ("left", 22), ("right", 13))
    for rank, track in enumerate(year.tracks, 1):
        grid.add_row(
            Text(str(rank), style=QUIET),
            Text(track.name, style="bold" if rank == 1 else ""),
            Text(track.by),
            Text(f"{track.listens:,} listens", style=QUIET),
        )
    return grid


def _genres(year: Year) -> RenderableType:
    grid = _grid(("right", 1), ("left", 20), ("left", None), ("right", 11))
    most = max(genre.listens for genre in year.genres)
    for rank, genre in enumerate(year.genres, 1):
        grid.add_row(
            Text(str(rank), style=QUIET),
            Text(genre.name, style="bold" if rank == 1 else ""),
            Text("█" * max(1, round(30 * genre.listens / most)), style="magenta"),
            Text(f"{genre.minutes:,} min", style=QUIET),
        )
    return grid


def _moments(year: Year) -> RenderableType:
    figures = year.figures
    grid = _grid(("left", 14), ("left", None))
    grid.columns[1].no_wrap = False
    rows = [
        (
            "It began",
            f"{_day(year.first_played)} at {year.first_played:%H:%M} with "
            f"{year.first_track} by {year.first_artist}",
        ),
        (
            "Biggest day",
            f"{_day(figures['busiest_on'])}: {figures['busiest_minutes']:,} minutes, "
            f"{figures['busiest_listen_count']:,} listens",
        ),
        (
            "Streaks",
            f"{counted(figures['streak_day_count'], 'day')} in a row from "
            f"{_day(figures['streak_starts_on'])}; {year.streak_artist} on "
            f"{counted(figures['artist_streak_day_count'], 'day')} from "
            f"{_day(figures['artist_streak_starts_on'])}",
        ),
        *(
            (
                f"{calendar.month_abbr[phase.first_month]} to "
                f"{calendar.month_abbr[phase.last_month]}",
                f"more {phase.genre} than usual, above all {phase.artist}",
            )
            for phase in year.phases
        ),
        (
            "Discovered",
            f"{figures['new_artist_count']:,} artists and {figures['new_track_count']:,} tracks",
        ),
        (
            "Skipped",
            f"{100 * figures['skip_share']:.0f} % of plays; "
            f"{100 * figures['fewer_skips_share']:.0f} % of listeners skip less",
        ),
    ]
    if figures["listening_age"] is not None:
        span = figures["listening_age_span_starts_year"]
        rows.append(
            (
                "Listening age",
                f"{figures['listening_age']}, for the music of {span} to {span + 4}",
            )
        )
    for name, told in rows:
        grid.add_row(Text(name, style="bold"), Text(told))
    return grid


def _day(day: object) -> str:
    return f"{day.day} {calendar.month_name[day.month]}"


def _clock(clock: list[int]) -> RenderableType:
    peak = max(range(24), key=clock.__getitem__)
    hours = "".join(f"{hour:<12}" for hour in range(0, 24, 6))
    return Group(
        Text("".join(2 * bar for bar in bars(clock)), style="magenta"),
        Text(f"{hours}most listens from {peak}:00", style=QUIET),
    )


def _personality(personality: Personality) -> RenderableType:
    grid = _grid(("right", 9), ("left", LINE), ("left", 8), ("left", None))
    for letter, (dimension, (low, high)) in zip(personality.code, SIDES.items(), strict=True):
        score = personality.scores[dimension]
        is_high = score >= 0.5
        side = high if is_high else low
        share = score if is_high else 1 - score
        grid.add_row(
            Text(low, style=QUIET if is_high else "bold"),
            Text(line(score), style="magenta"),
            Text(high, style="bold" if is_high else QUIET),
            Text(f"{letter}  more {side} than {min(100 * share, 99):.0f} %", style=QUIET),
        )
    return grid
