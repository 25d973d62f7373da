"""A listener's year as tests look at it: whole, little known, and under other names."""

import dataclasses
from dataclasses import dataclass

from rich.console import Console

from playback.wrapped import render
from playback.wrapped.year import Year

YEAR = 2024


@dataclass(frozen=True)
class Listener:
    user_key: int
    user_id: str
    username: str


def printed(year: Year, width: int) -> list[str]:
    """The lines of the page on a terminal so wide."""
    console = Console(width=width, no_color=True)
    with console.capture() as captured:
        console.print(render(year))
    return captured.get().splitlines()


LITTLE_KNOWN = dict.fromkeys(
    (
        "minutes", "busiest_minutes", "listening_rank", "top_share", "skip_share",
        "fewer_skips_share", "listening_age", "listening_age_span_starts_year",
    )
)  # fmt: skip
"""What a history without listening times, genres and a date of birth does not tell."""


def little_known(year: Year) -> Year:
    return dataclasses.replace(
        year,
        figures=year.figures | LITTLE_KNOWN,
        artists=[dataclasses.replace(row, minutes=None, fan_share=None) for row in year.artists],
        genres=[],
        phases=[],
        personality=None,
    )


def named(year: Year, name: str) -> Year:
    """The year with one name for everything in it."""
    return dataclasses.replace(
        year,
        first_track=name,
        first_artist=name,
        streak_artist=name,
        tracks=[dataclasses.replace(row, name=name, by=name) for row in year.tracks],
        artists=[dataclasses.replace(row, name=name) for row in year.artists],
        genres=[dataclasses.replace(row, name=name) for row in year.genres],
        phases=[dataclasses.replace(row, genre=name, artist=name) for row in year.phases],
    )
