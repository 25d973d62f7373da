"""Lays a listener's year out as a page, 80 columns wide or as wide as the terminal."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass

from rich.align import Align
from rich.bar import Bar
from rich.box import HEAVY
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from playback.console import printable
from playback.words import counted
from playback.wrapped.phrases import extent, moments, most_listens_from, sides, standing
from playback.wrapped.year import Personality, TopArtist, Year

WIDTH = 80
NARROW = 56
"""With fewer columns there is no room for bars and lines."""

ACCENT = "bold magenta"
QUIET = "dim"
BARS = " ▁▂▃▄▅▆▇█"
LINE = 25
"""Places on the line between two sides of a dimension; odd, so that it has a middle."""


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
                *([_section("Top genres", _genres(year, width))] if year.genres else []),
                _section("The year", _moments(year)),
                *([_section("Your day", _clock(year.clock, width))] if any(year.clock) else []),
                *_you(year.personality, width),
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


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)


def _section(title: str, body: RenderableType) -> RenderableType:
    return Group(Padding(_text(title, ACCENT), (1, 0, 0, 0)), Padding(body, (0, 0, 0, 2)))


def _head(year: Year) -> RenderableType:
    figures = year.figures
    told = [(f"{figures['listen_count']:,}", " listens")]
    if figures["minutes"] is not None:
        told.insert(0, (f"{figures['minutes']:,}", " minutes"))
    if figures["listening_rank"] is not None:
        place = standing(figures["top_share"]) or f"no. {figures['listening_rank']:,}"
        told.append((place, f" of {counted(figures['listener_count'], 'listener')}"))
    return Group(
        Align.center(_text(f"WRAPPED {year.year}", ACCENT)),
        Align.center(_text(f"{year.username} ({year.user_id})", "bold")),
        Text(),
        Align.center(
            Text(" · ").join(Text.assemble((number, "bold"), thing) for number, thing in told)
        ),
        Align.center(_text(extent(year), QUIET)),
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
            (_minutes(artist), counted(artist.listens, "listen"), _fan(artist)),
        )
        for artist in year.artists
    )
    return _listed(rows, *((("right", 10), ("right", 13), ("left", 22)) if is_wide else ()))


def _minutes(artist: TopArtist) -> str:
    return "" if artist.minutes is None else f"{artist.minutes:,} min"


def _fan(artist: TopArtist) -> str:
    place = standing(artist.fan_share)
    peak = artist.peak_month and f"peak {calendar.month_abbr[artist.peak_month.month]}"
    return ", ".join(filter(None, (place and f"{place} fan", peak)))


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
    grid = _grid(("left", 14), ("left", None))
    grid.columns[1].no_wrap = False
    for name, told in moments(year):
        grid.add_row(_text(name, "bold"), _text(told))
    return grid


def _clock(clock: list[int], width: int) -> RenderableType:
    columns = 2 if width >= NARROW else 1
    hours = "".join(f"{hour:<{6 * columns}}" for hour in range(0, 24, 6))
    return Group(
        Text("".join(columns * bar for bar in bars(clock)), style="magenta"),
        _text(hours, QUIET),
        _text(most_listens_from(clock), QUIET),
    )


def _you(personality: Personality | None, width: int) -> list[RenderableType]:
    if personality is None:
        return []
    return [_section(f"You are {personality.name}", _personality(personality, width))]


def _personality(personality: Personality, width: int) -> RenderableType:
    grid = _grid(("right", 9), ("left", LINE), ("left", 8), ("left", None))
    told = []
    for letter, side in zip(personality.code, sides(personality), strict=True):
        is_high = side.score >= 0.5
        told.append(_text(f"{letter}  {side.told}", QUIET))
        grid.add_row(
            _text(side.low, QUIET if is_high else "bold"),
            Text(line(side.score), style="magenta"),
            _text(side.high, "bold" if is_high else QUIET),
            told[-1] if width == WIDTH else "",
        )
    if width == WIDTH:
        return grid
    return Group(*([grid] if width >= NARROW else []), *told)
