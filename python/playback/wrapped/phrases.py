"""What a year comes to, in words: the same for terminal, page and cards."""

import calendar
from datetime import date
from math import ceil
from typing import NamedTuple

from playback.words import counted
from playback.wrapped.year import Personality, Year

_SIDES = {
    "familiarity": ("exploring", "familiar"),
    "newness": ("timeless", "new"),
    "loyalty": ("varied", "loyal"),
    "commonality": ("unique", "common"),
}
"""Of each dimension the side of low scores and that of high ones."""

_SPAN_YEARS = 5
"""Release years in a row that a listening age is told from."""


class Side(NamedTuple):
    """A dimension of a personality: its two sides, the score between them (0 to 1), in words."""

    low: str
    high: str
    score: float
    told: str


def standing(share: float | None) -> str:
    """A place as a share from the top, rounded up; empty beyond the middle, where it is no praise.

    `share` is the rank over the number of those ranked, None where there is none.
    """
    if share is None or share > 0.5:
        return ""
    return f"top {max(1, ceil(round(100 * share, 6)))} %"


def day(moment: date) -> str:
    """A day without its year: `3 January`."""
    return f"{moment.day} {calendar.month_name[moment.month]}"


def extent(year: Year) -> str:
    """How wide the year was: tracks, artists, genres, days."""
    figures = year.figures
    things = [counted(figures["track_count"], "track"), counted(figures["artist_count"], "artist")]
    if year.genres:
        things.append(counted(figures["genre_count"], "genre"))
    return f"{', '.join(things)} on {counted(figures['listen_day_count'], 'day')}"


def moments(year: Year) -> list[tuple[str, str]]:
    """The moments of the year: what each is, and the words for it."""
    return [
        ("It began", began(year)),
        ("Biggest day", biggest_day(year)),
        ("Streaks", f"{streak(year)}; {artist_streak(year)}"),
        *evolution(year),
        *([("Discovered", new)] if (new := discovered(year)) else []),
        *([("Skipped", skips)] if (skips := skipped(year)) else []),
        *([("Listening age", age)] if (age := listening_age(year)) else []),
    ]


def began(year: Year) -> str:
    """The first play."""
    return (
        f"{day(year.first_played)} at {year.first_played:%H:%M} with "
        f"{year.first_track} by {year.first_artist}"
    )


def biggest_day(year: Year) -> str:
    """The day with most listening."""
    figures = year.figures
    counts = [counted(figures["busiest_listen_count"], "listen")]
    if figures["busiest_minutes"] is not None:
        counts.insert(0, counted(figures["busiest_minutes"], "minute"))
    return f"{day(figures['busiest_on'])}: {', '.join(counts)}"


def streak(year: Year) -> str:
    """The most days in a row with a listen."""
    figures = year.figures
    days = counted(figures["streak_day_count"], "day")
    return f"{days} in a row from {day(figures['streak_starts_on'])}"


def artist_streak(year: Year) -> str:
    """The most days in a row with a listen to one artist."""
    figures = year.figures
    days = counted(figures["artist_streak_day_count"], "day")
    return f"{days} with {year.streak_artist} from {day(figures['artist_streak_starts_on'])}"


def evolution(year: Year) -> list[tuple[str, str]]:
    """The parts of the year: their months, and what sets them apart."""
    return [
        (
            f"{calendar.month_abbr[phase.first_month]} to {calendar.month_abbr[phase.last_month]}",
            f"more {phase.genre} than usual, above all {phase.artist}",
        )
        for phase in year.phases
    ]


def discovered(year: Year) -> str:
    """Artists and tracks that were new; empty in the first year of a history, where all are."""
    figures = year.figures
    if figures["new_track_count"] == figures["track_count"]:
        return ""
    artists = counted(figures["new_artist_count"], "artist")
    return f"{artists} and {counted(figures['new_track_count'], 'track')}"


def skipped(year: Year) -> str:
    """Share of plays skipped; empty where that is not known."""
    figures = year.figures
    if figures["skip_share"] is None:
        return ""
    told = f"{100 * figures['skip_share']:.0f} % of plays"
    if figures["fewer_skips_share"] is None:
        return told
    return f"{told}; {100 * figures['fewer_skips_share']:.0f} % of the others skip less"


def listening_age(year: Year) -> str:
    """The age that the release years tell, and these years; empty where it is not known."""
    if year.figures["listening_age"] is None:
        return ""
    return f"{year.figures['listening_age']}, for the music of {age_span(year)}"


def age_span(year: Year) -> str:
    """The release years that the listening age is told from."""
    first = year.figures["listening_age_span_starts_year"]
    return f"{first} to {first + _SPAN_YEARS - 1}"


def most_listens_from(clock: list[int]) -> str:
    """The hour with most listens."""
    return f"most listens from {max(range(24), key=clock.__getitem__)}:00"


def sides(personality: Personality) -> list[Side]:
    """The four dimensions, each told by the side that the score is on."""
    found = []
    for dimension, (low, high) in _SIDES.items():
        score = personality.scores[dimension]
        side, share = (high, score) if score >= 0.5 else (low, 1 - score)
        found.append(Side(low, high, score, f"more {side} than {min(100 * share, 99):.0f} %"))
    return found
