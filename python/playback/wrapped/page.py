"""Lays a listener's year out as a page, 80 columns wide or as wide as the terminal."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from rich.align import Align
from rich.bar import Bar
from rich.box import HEAVY
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from playback.console import printable
from playback.wrapped.year import Personality, TopArtist, Year, counted

WIDTH = 80
NARROW = 56
"""With fewer columns there is no room for bars and lines."""

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


@dataclass(frozen=True)
class Page:
    """The page, laid out for the console that it is printed on."""

    year: Year

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        year, width = self.year, min(WIDTH, options.max_width)
        is_wide = width == WIDTH
        yield Panel(
            Group(
                _head(year),
                _section("Top artists", _artists(year, is_wide=is_wide)),
                _section("Top tracks", _tracks(year, is_wide=is_wide)),
                _section("Top genres", _genres(year, width)),
                _section("The year", _moments(year)),
                _section("Your day", _clock(year.clock, width)),
                _section(
                    f"You are {year.personality.name}",
                    _personality(year.personality, width),
                ),
            ),
            box=HEAVY,
            border_style="magenta",
            width=width,
            padding=(1, 2),
        )


def render(year: Year) -> RenderableType:
    """The whole page. Where it has less than its 80 columns, rows take two lines."""
    return Page(year)


def bars(values: list[int]) -> str:
    """One block a value, as high as its share of the largest; the least above 0 is seen."""
    most, highest = max(values, default=0), len(BARS) - 1
    return "".join(
        BARS[max(1, round(value / most * highest))] if value else BARS[0] for value in values
    )


def line(score: float) -> str:
    """A line from 0 to 1 with its middle marked, and the place of the score on it."""
    places = ["─"] * LINE
    places[LINE // 2] = "┼"
    places[round(score * (LINE - 1))] = "●"
    return "".join(places)


def standing(share: float) -> str:
    """A place as a share from the top, rounded up; empty beyond the middle, where it is no praise.

    `share` is the rank over the number of those ranked.
    """
    return f"top {max(1, ceil(round(100 * share, 6)))} %" if share <= 0.5 else ""


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)


def _section(title: str, body: RenderableType) -> RenderableType:
    return Group(Padding(_text(title, ACCENT), (1, 0, 0, 0)), Padding(body, (0, 0, 0, 2)))


def _head(year: Year) -> RenderableType:
    figures = year.figures
    listeners = counted(figures["listener_count"], "listener")
    place = standing(figures["top_share"]) or f"no. {figures['listening_rank']:,}"
    return Group(
        Align.center(_text(f"WRAPPED {year.year}", ACCENT)),
        Align.center(_text(year.listener, "bold")),
        Align.center(
            Text.assemble(
                (f"\n{figures['minutes']:,}", "bold"),
                " minutes · ",
                (f"{figures['listen_count']:,}", "bold"),
                " listens · ",
                (place, "bold"),
                f" of {listeners}",
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


def _listed(rows: Iterable[tuple[str, tuple[str, ...]]], *columns: tuple[str, int]) -> Table:
    """A list of names, each with its details beside it, or below it where there are no columns."""
    grid = _grid(("right", 1), ("left", None), *columns)
    grid.columns[1].no_wrap = bool(columns)
    for rank, (name, details) in enumerate(rows, 1):
        shown = _text(name, "bold" if rank == 1 else "")
        if columns:
            beside = [_text(detail, QUIET) for detail in details]
        else:
            below = " · ".join(filter(None, details))
            shown, beside = Group(shown, _text(below, QUIET)), []
        grid.add_row(_text(str(rank), QUIET), shown, *beside)
    return grid


def _artists(year: Year, *, is_wide: bool) -> RenderableType:
    rows = (
        (
            artist.name,
            (f"{artist.minutes:,} min", counted(artist.listens, "listen"), _fan(artist)),
        )
        for artist in year.artists
    )
    return _listed(rows, *((("right", 10), ("right", 13), ("left", 22)) if is_wide else ()))


def _fan(artist: TopArtist) -> str:
    place, peak = standing(artist.fan_share), calendar.month_abbr[artist.peak_month.month]
    return f"{place} fan, peak {peak}" if place else f"peak {peak}"


def _tracks(year: Year, *, is_wide: bool) -> RenderableType:
    rows = ((track.name, (track.by, counted(track.listens, "listen"))) for track in year.tracks)
    return _listed(rows, *((("left", 22), ("right", 13)) if is_wide else ()))


def _genres(year: Year, width: int) -> RenderableType:
    if width < NARROW:
        return _listed((genre.name, (counted(genre.listens, "listen"),)) for genre in year.genres)
    grid = _grid(("right", 1), ("left", 18), ("left", None), ("right", 13))
    most = max(genre.listens for genre in year.genres)
    for rank, genre in enumerate(year.genres, 1):
        grid.add_row(
            _text(str(rank), QUIET),
            _text(genre.name, "bold" if rank == 1 else ""),
            Bar(most, 0, genre.listens, color="magenta"),
            _text(counted(genre.listens, "listen"), QUIET),
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
            f"{100 * figures['fewer_skips_share']:.0f} % of the others skip less",
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
        grid.add_row(_text(name, "bold"), _text(told))
    return grid


def _day(day: object) -> str:
    return f"{day.day} {calendar.month_name[day.month]}"


def _clock(clock: list[int], width: int) -> RenderableType:
    peak = max(range(24), key=clock.__getitem__)
    columns = 2 if width >= NARROW else 1
    hours = "".join(f"{hour:<{6 * columns}}" for hour in range(0, 24, 6))
    return Group(
        Text("".join(columns * bar for bar in bars(clock)), style="magenta"),
        _text(hours, QUIET),
        _text(f"most listens from {peak}:00", QUIET),
    )


def _personality(personality: Personality, width: int) -> RenderableType:
    grid = _grid(("right", 9), ("left", LINE), ("left", 8), ("left", None))
    told = []
    for letter, (dimension, (low, high)) in zip(personality.code, SIDES.items(), strict=True):
        score = personality.scores[dimension]
        is_high = score >= 0.5
        side = high if is_high else low
        share = score if is_high else 1 - score
        told.append(_text(f"{letter}  more {side} than {min(100 * share, 99):.0f} %", QUIET))
        grid.add_row(
            _text(low, QUIET if is_high else "bold"),
            Text(line(score), style="magenta"),
            _text(high, "bold" if is_high else QUIET),
            told[-1] if width == WIDTH else "",
        )
    if width == WIDTH:
        return grid
    return Group(*([grid] if width >= NARROW else []), *told)
