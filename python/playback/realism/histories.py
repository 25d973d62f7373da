"""The plays that are measured: the last year of a fixed sample of listeners, as flat arrays."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from playback.errors import PlaybackError
from playback.warehouse import Warehouse

DAY_MS = 86_400_000
SESSION_BREAK_MS = 1_800_000
"""A session ends when nothing plays for longer, from one play's end to the next one's start."""

MOST_LISTENERS = 2000
"""Listeners measured: those whose key has the smallest multiplicative hash (Knuth, 6.4)."""

YEAR = 365

MOST_MS = np.int64(1) << 42
"""More milliseconds than a feed can reach since 1970: it ends by 2100."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Histories:
    """Plays, ordered by listener and time; one array a column.

    Attributes:
        days: days that the window is long.
        first_day: its first day, counted from 1970-01-01.
        user_keys: the key of each listener who has a play in it, ascending.
        starts: where each listener's plays begin, and a last one where all end.
        track: position of each play's track in the `Catalogue`.
        artist: key of its artist.
        ended_ms: when it ended, milliseconds since 1970-01-01 UTC.
        listening_ms: how long it was heard.
        duration_ms: how long its track is.
    """

    days: int
    first_day: int
    user_keys: Ints
    starts: Ints
    track: Ints
    artist: Ints
    ended_ms: Ints
    listening_ms: Ints
    duration_ms: Ints

    @property
    def plays(self) -> Ints:
        """Plays of each listener."""
        return np.diff(self.starts)

    @property
    def listener(self) -> Ints:
        """The place of each play's listener in `user_keys`."""
        return np.repeat(np.arange(len(self.user_keys)), self.plays)

    def each(self) -> Iterator[Self]:
        """The histories of one listener after another; nothing is copied."""
        for place, (start, end) in enumerate(pairwise(self.starts)):
            yield self._rows(slice(start, end), self.user_keys[place : place + 1])

    def last_days(self, days: int) -> Self:
        """The last `days` of the window alone."""
        first_day = self.first_day + self.days - days
        kept = self._rows(self.ended_ms >= first_day * DAY_MS)
        return _replaced(kept, days=days, first_day=first_day)

    def of(self, chosen: NDArray[np.bool_]) -> Self:
        """The listeners marked in `chosen` alone."""
        return self._rows(chosen[self.listener])

    def _rows(self, rows: slice | NDArray[np.bool_], user_keys: Ints | None = None) -> Self:
        columns = {
            name: getattr(self, name)[rows]
            for name in ("track", "artist", "ended_ms", "listening_ms", "duration_ms")
        }
        if user_keys is not None:
            starts = np.array([0, len(columns["track"])])
        else:
            plays = np.bincount(self.listener[rows], minlength=len(self.user_keys))
            user_keys = self.user_keys[plays > 0]
            starts = np.concatenate([[0], np.cumsum(plays[plays > 0])])
        return _replaced(self, user_keys=user_keys, starts=starts, **columns)


def _replaced(histories: Histories, **changes: object) -> Histories:
    return type(histories)(**(vars(histories) | changes))


@dataclass(frozen=True)
class Catalogue:
    """What is known of each track, by its position in the order of track keys."""

    track_key: Ints
    artist: Ints
    duration_ms: Ints
    released_day: Ints
    newness: NDArray[np.float64]
    popularity: NDArray[np.float64]
    genre: NDArray[np.str_]


def read_catalogue(warehouse: Warehouse) -> Catalogue:
    """Read the tracks of a warehouse."""
    columns = warehouse.connection.execute(
        """
        select
            track_key, artist_key, duration_ms, released_on - date '1970-01-01' as released_day,
            newness_score, popularity, genre_id
        from main.dim_tracks
        inner join main.bridge_track_genres using (track_key)
        where is_primary
        order by track_key
        """
    ).fetchnumpy()
    *whole, newness, popularity, genre = (np.ma.getdata(column) for column in columns.values())
    return Catalogue(
        *(column.astype(np.int64) for column in whole), newness, popularity, genre.astype(str)
    )


def read_window(warehouse: Warehouse) -> tuple[int, int]:
    """The first and the last day to measure: the feed's last year, or all of a younger feed.

    Raises:
        PlaybackError: there are no plays.
    """
    ((first, last),) = warehouse.rows(
        "select epoch_ms(min(ended_at)), epoch_ms(max(ended_at)) from raw.user_events"
    )
    if last is None:
        raise PlaybackError(
            f"{warehouse.database} has no plays to measure: make them with `playback run`"
        )
    last_day = last // DAY_MS
    return max(first // DAY_MS, last_day + 1 - YEAR), last_day


def read_histories(
    warehouse: Warehouse, catalogue: Catalogue, window: tuple[int, int]
) -> Histories:
    """Read the plays of the sampled listeners from the first to the last day of the window."""
    first_day, last_day = window
    columns = warehouse.connection.execute(
        """
        with sampled as (
            select user_key
            from raw.users
            order by user_key * 2654435761 % 4294967296
            limit ?
        )

        select user_key, track_key, epoch_ms(ended_at) as ended_ms, listening_ms
        from raw.user_events
        inner join sampled using (user_key)
        where ended_at >= make_timestamp(?)
        """,
        [MOST_LISTENERS, first_day * DAY_MS * 1000],
    ).fetchnumpy()
    # Plays lie in long runs that are in order already, which a merge sort makes use of: sorting
    # here takes a fraction of what `order by` does.
    user_ms = columns["user_key"] * MOST_MS + columns["ended_ms"]
    order = np.argsort(user_ms, kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    user_keys, starts = np.unique(columns["user_key"], return_index=True)
    track = np.searchsorted(catalogue.track_key, columns["track_key"])
    return Histories(
        days=last_day + 1 - first_day,
        first_day=first_day,
        user_keys=user_keys,
        starts=np.append(starts, len(track)),
        track=track,
        artist=catalogue.artist[track],
        ended_ms=columns["ended_ms"],
        listening_ms=columns["listening_ms"].astype(np.int64),
        duration_ms=catalogue.duration_ms[track],
    )


def gaps_ms(histories: Histories) -> tuple[Ints, NDArray[np.bool_]]:
    """The pause before each play, and whether the play opens a session.

    The first play of a listener opens one; its pause is 0.
    """
    pause = np.zeros(len(histories.track), dtype=np.int64)
    pause[1:] = (histories.ended_ms - histories.listening_ms)[1:] - histories.ended_ms[:-1]
    pause[histories.starts[:-1]] = 0
    opens = pause > SESSION_BREAK_MS
    opens[histories.starts[:-1]] = True
    return pause, opens


def session_lengths(opens: NDArray[np.bool_]) -> Ints:
    """Tracks of each session."""
    return np.diff(np.append(np.flatnonzero(opens), len(opens)))
