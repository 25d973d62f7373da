"""The figures of a whole world, as the report shows them."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from playback.realism import like_most
from playback.wrapped.year import Year

Counts = NDArray[np.int64]


class Finding(NamedTuple):
    """One row of quality_report, without its order."""

    area: str
    name: str
    segment: str
    window_days: int | None
    point: float | None
    description: str
    verdict: str
    value: float | None
    least: float | None
    most: float | None
    unit: str | None
    passed: int | None
    judged: int | None


class Statistic(NamedTuple):
    """One row of quality_realism; a figure that is not known is None."""

    kind: str
    name: str
    definition: str
    source: str
    verdict: str
    window_days: int
    point: float | None
    simulated_p10: float | None
    simulated: float | None
    simulated_p90: float | None
    reference_p10: float | None
    reference_low: float | None
    reference: float | None
    reference_high: float | None
    reference_p90: float | None

    @property
    def is_like_most(self) -> bool | None:
        """Whether one listener alone lies between p10 and p90; None where there are more."""
        return like_most(self.verdict, self.simulated, self.reference_p10, self.reference_p90)


class DayTotals(NamedTuple):
    """A day (UTC) by the sessions that begin on it."""

    day: date
    listeners: int
    plays: int


class MonthTotals(NamedTuple):
    """A month (UTC): plays, and of those of which it is known, listening time, skips, completes.

    A share is of the plays of which it is known, and None where it is of none.
    """

    month: date
    plays: int
    listening_ms: int
    skip_share: float | None
    complete_share: float | None


class MostPlayed(NamedTuple):
    """A row of a top list: name, whose (a track's artist, else empty), plays."""

    name: str
    by: str
    plays: int


class Split(NamedTuple):
    """A part of the time split; edges are pairs of listener and song with a play in it."""

    name: str
    days: int
    first_on: date
    last_on: date
    plays: int
    edges: int


@dataclass(frozen=True)
class Graph:
    """The graph in numbers: rows by mart, the split, and how many songs listeners have.

    Attributes:
        nodes: rows of each node mart.
        edges: rows of each edge mart.
        songs_a_listener: (degree, listeners with it), by degree; listeners without songs are out.
        listeners_a_song: (degree, songs with it), by degree; songs without listeners are out.
    """

    nodes: dict[str, int]
    edges: dict[str, int]
    splits: list[Split]
    songs_a_listener: list[tuple[int, int]]
    listeners_a_song: list[tuple[int, int]]


@dataclass(frozen=True)
class Figures:
    """All that the page shows.

    Attributes:
        seed: of the simulation, None where nobody is simulated.
        real: the names of those listeners who are not.
        totals: counts by the name they are shown with.
        skip_share: of the plays whose listening time is known, None where there is none.
        track_plays: plays of each track that has any, most played first; artist_plays likewise.
        clock: listens by local hour, 24 of them.
        week: sessions begun by local weekday (Monday first) and hour, shape (7, 24).
        personality_year: the year with most Wrappeds (the last of such), None if there is none,
            or too little is known of its listeners.
        personalities: (code, name, listeners) of that year, by code.
        year: of the listener with most listens in it, a real one if there is any.
    """

    seed: int | None
    real: list[str]
    version: str
    quality: list[Finding]
    realism: list[Statistic]
    days: list[DayTotals]
    months: list[MonthTotals]
    totals: dict[str, int]
    skip_share: float | None
    track_plays: Counts
    artist_plays: Counts
    top_artists: list[MostPlayed]
    top_tracks: list[MostPlayed]
    top_genres: list[MostPlayed]
    clock: list[int]
    week: Counts
    personality_year: int | None
    personalities: list[tuple[str, str, int]]
    year: Year | None
    graph: Graph
