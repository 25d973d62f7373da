"""A year as a row of cards: what each says, however it is drawn.

A card of which the history knows nothing is left out.
"""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from playback.console import printable
from playback.words import counted
from playback.wrapped import phrases
from playback.wrapped.phrases import Side
from playback.wrapped.year import Ranked, TopArtist, Year

MINUTES_A_DAY = 24 * 60

_LONG_PLAY_DAYS = 2
"""From so many days of music on they are told as days."""


class Bar(NamedTuple):
    """One place of a top list: the name, the line below it, and its listens beside the first."""

    name: str
    told: str
    share: float


@dataclass(frozen=True)
class Card:
    """What a card says. Of the last five it has those that are not empty.

    Attributes:
        name: of its file.
        title: what it is about, in a few words.
        headline: the figure or name that is set large.
        about: a sentence or two below it.
        rows: a ranked list.
        facts: (what it is, the words for it).
        lists: (title, names) of short lists that stand side by side.
        clock: of each of the 24 hours the listens, as a share of the most.
        sides: the dimensions of a personality.
    """

    name: str
    title: str
    headline: str = ""
    about: str = ""
    rows: list[Bar] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    lists: list[tuple[str, list[str]]] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)
    sides: list[Side] = field(default_factory=list)


def tell(year: Year, shown: Callable[[str], str] = str) -> list[Card]:
    """The cards of a year, in order, the last one a summary.

    Args:
        year: what to tell.
        shown: makes of a name from the catalogue what can be drawn. Control characters are written
            out before. No sentence begins with a name, as one in Hebrew would turn all of it.
    """
    return list(_cards(_with_names(year, lambda name: shown(printable(" ".join(name.split()))))))


def _with_names(year: Year, shown: Callable[[str], str]) -> Year:
    """The same year with every name as it is shown."""

    def ranked(rows: list[Ranked]) -> list[Ranked]:
        return [dataclasses.replace(row, name=shown(row.name), by=shown(row.by)) for row in rows]

    return dataclasses.replace(
        year,
        first_track=shown(year.first_track),
        first_artist=shown(year.first_artist),
        streak_artist=shown(year.streak_artist),
        tracks=ranked(year.tracks),
        artists=[dataclasses.replace(row, name=shown(row.name)) for row in year.artists],
        genres=ranked(year.genres),
        phases=[
            dataclasses.replace(phase, genre=shown(phase.genre), artist=shown(phase.artist))
            for phase in year.phases
        ],
    )


def _cards(year: Year) -> Iterator[Card]:
    yield _amount(year)
    yield _artists(year)
    yield _tracks(year)
    if year.genres:
        yield _genres(year)
    if any(year.clock):
        yield _clock(year)
    if year.phases:
        yield _evolution(year)
    if year.personality is not None:
        yield _personality(year)
    yield _streaks(year)
    if year.figures["listening_age"] is not None:
        yield _age(year)
    yield _summary(year)


def _amount(year: Year) -> Card:
    minutes = year.figures["minutes"]
    facts = [
        *([("New to you", new)] if (new := phrases.discovered(year)) else []),
        *([("Skipped", skips)] if (skips := phrases.skipped(year)) else []),
        ("It began", phrases.began(year)),
    ]
    if minutes is None:
        listens = f"{year.figures['listen_count']:,}"
        return Card("listens", "Your listens", listens, f"{phrases.extent(year)}.", facts=facts)
    days = minutes // MINUTES_A_DAY
    long = f"That is {days} days of music. " if days >= _LONG_PLAY_DAYS else ""
    place = phrases.standing(year.figures["top_share"])
    others = f"{counted(year.figures['listener_count'], 'listener')}"
    best = f"{place.capitalize()} of {others}. " if place else ""
    return Card(
        "minutes",
        "Your minutes",
        f"{minutes:,}",
        f"{long}{best}{phrases.extent(year)}.",
        facts=facts,
    )


def _artists(year: Year) -> Card:
    first, *_ = year.artists
    about = []
    if place := phrases.standing(first.fan_share):
        about.append(f"You are in the {place} of their listeners.")
    if first.peak_month:
        about.append(f"Your month with them was {first.peak_month:%B}.")
    rows = _rows(year.artists, [_amount_of(artist) for artist in year.artists])
    return Card("artists", "Your top artists", first.name, " ".join(about), rows=rows)


def _tracks(year: Year) -> Card:
    first, *_ = year.tracks
    about = f"{counted(first.listens, 'listen')}, by {first.by}."
    told = [f"{counted(track.listens, 'listen')} · {track.by}" for track in year.tracks]
    return Card("tracks", "Your top tracks", first.name, about, rows=_rows(year.tracks, told))


def _genres(year: Year) -> Card:
    first, *_ = year.genres
    about = f"{100 * first.listens / year.figures['listen_count']:.0f} % of your listens."
    rows = _rows(year.genres, [_amount_of(genre) for genre in year.genres])
    return Card("genres", "Your top genres", first.name, about, rows=rows)


def _amount_of(row: Ranked | TopArtist) -> str:
    listens = counted(row.listens, "listen")
    return listens if row.minutes is None else f"{listens} · {counted(row.minutes, 'minute')}"


def _rows(ranked: list[Ranked] | list[TopArtist], told: list[str]) -> list[Bar]:
    most = max(row.listens for row in ranked)
    return [
        Bar(row.name, words, row.listens / most) for row, words in zip(ranked, told, strict=True)
    ]


def _clock(year: Year) -> Card:
    peak, most = max(range(24), key=year.clock.__getitem__), max(year.clock)
    return Card(
        "clock",
        "Your day",
        f"{peak:02}:00",
        "The hour with most of your listens, by your own clock.",
        clock=[listens / most for listens in year.clock],
    )


def _evolution(year: Year) -> Card:
    genres = [genre for genre, _ in groupby(phase.genre for phase in year.phases)]
    return Card(
        "evolution",
        "How your year went",
        ", ".join(genres),
        "What each part of your year had more of than the others.",
        facts=[(months, told[0].upper() + told[1:]) for months, told in phrases.evolution(year)],
    )


def _personality(year: Year) -> Card:
    personality = year.personality
    return Card(
        "personality",
        "You are",
        personality.name,
        f"{personality.code}, beside the other listeners of {year.year}.",
        sides=phrases.sides(personality),
    )


def _streaks(year: Year) -> Card:
    figures = year.figures
    starts = figures["streak_starts_on"]
    ends = starts + timedelta(days=figures["streak_day_count"] - 1)
    return Card(
        "streaks",
        "Your longest streak",
        counted(figures["streak_day_count"], "day"),
        f"{_span(starts, ends)}, with music on every one of them.",
        facts=[
            ("One artist in a row", phrases.artist_streak(year)),
            ("Biggest day", phrases.biggest_day(year)),
        ],
    )


def _span(first: date, last: date) -> str:
    return phrases.day(first) if first == last else f"{phrases.day(first)} to {phrases.day(last)}"


def _age(year: Year) -> Card:
    age = year.figures["listening_age"]
    return Card(
        "age",
        "Your listening age",
        str(age),
        f"You play the music of {phrases.age_span(year)} more than others of your age do. "
        f"Somebody who was 18 in {year.year - age + 18} is {age} in {year.year}.",
    )


def _summary(year: Year) -> Card:
    minutes, personality = year.figures["minutes"], year.personality
    facts = [
        ("Minutes", f"{minutes:,}")
        if minutes is not None
        else ("Listens", f"{year.figures['listen_count']:,}"),
        *([("Top genre", year.genres[0].name)] if year.genres else []),
        *([("Personality", personality.name)] if personality else []),
    ]
    lists = [
        ("Top artists", [artist.name for artist in year.artists]),
        ("Top tracks", [track.name for track in year.tracks]),
    ]
    return Card("summary", f"My {year.year}", facts=facts, lists=lists)
