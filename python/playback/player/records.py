"""What the kernel works on: arrays of records, and tuples of them.

All times are integer milliseconds since 1970-01-01 UTC; days count from the same date.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from playback.player.catalogue import SOUND_FEATURES
from playback.player.pools import INDEX, Releases

LISTENER = np.dtype(
    [
        ("user_key", np.int32),
        ("first_period", INDEX),
        ("first_taste", INDEX),
        ("tastes", INDEX),
        ("is_familiar", np.uint8),
        ("is_new", np.uint8),
        ("is_loyal", np.uint8),
        ("is_common", np.uint8),
        ("active_day_share", np.float64),
        ("sessions_per_active_day", np.float64),
        ("stop_scale", np.float64),
        ("weekend_ratio", np.float64),
        ("chronotype_hours", np.float64),
        ("skip_logit", np.float64),
        ("skip_persistence", np.float64),
        ("skip_haste", np.float64),
        ("partial_share", np.float64),
        ("repeat_share", np.float64),
        ("recency_share", np.float64),
        ("library_breadth", np.float64),
        ("library_lower", np.float64),
        ("library_growth", np.float64),
        ("wear", np.float64),
        ("fewest_tracks", np.int64),
        ("more_tracks", np.float64),
        ("taken_up_share", np.float64),
        ("phase_share", np.float64),
        ("phase_plays", np.int64),
        ("repeated_share", np.float64),
        ("restless_pace", np.float64, 2),
        ("restless_after_break", np.float64, 2),
        ("same_artist_share", np.float64),
        ("same_track_share", np.float64),
        ("shuffle_share", np.float64),
        ("pause_share", np.float64),
        ("absence_days", np.float64),
        ("obsession_share", np.float64),
        ("like_share", np.float64),
    ],
    align=True,
)
"""What never changes about a listener; the personality is 0 or 1, to look up odds by.

What plays are read back by is here as well where it is the same for all: the laws of the mechanism
are not needed for it.
"""

OPINION_WORDS = 128
"""Of 64 bits each: a bit says that a listener has made up their mind about a track."""

HEARD_WORDS = 512
"""Of 64 bits each: a bit says that a listener may have heard a track."""

OWN_PLAYLISTS = 8
"""Playlists that a listener has."""

STATE = np.dtype(
    [
        ("plays", np.int64),
        ("stretch_key", np.uint64),
        ("ended_ms", np.int64),
        ("restlessness", np.float64, 2),
        ("track", INDEX),
        ("album_track", INDEX),
        ("session_tracks", INDEX),
        ("left_at", INDEX, OWN_PLAYLISTS),
        ("entry", INDEX),
        ("playlist", INDEX),
        ("playlist_size", INDEX),
        ("opinions", np.uint64, OPINION_WORDS),
        ("heard", np.uint64, HEARD_WORDS),
        ("context_code", np.int16),
        ("was_skip", np.int8),
    ],
    align=True,
)
"""What the next play depends on: it changes with a play that is written, and not otherwise, so
that all of it can be read back from raw.user_events."""

PERIOD = np.dtype([("ends_ms", np.int64), ("offset_ms", np.int64)])
"""A stretch of time in which a clock keeps one offset: how far it is ahead of UTC."""

TASTE = np.dtype([("until", np.float64), ("pool", INDEX)], align=True)
"""A genre that a listener prefers: its pool, and the cumulative share of affinity up to it."""

STREAM = np.dtype([("key", np.uint64)])
"""A sequence of random numbers: its key, until the first is drawn."""

FAVOURITE = np.dtype([("key", np.uint64), ("holder", INDEX)], align=True)
"""Who holds a rank in a listener's favour: a function of the key, kept to be worked out once."""

FAVOURITES_KEPT = 2048
"""A power of two, so that the last bits of a key say where its favourite is kept. More would drive
out of the processor's cache what is read more often."""


class Plays(NamedTuple):
    """Columns of raw.user_events to be filled, `ended_at` in microseconds; shape (plays,) each."""

    event_id: NDArray[np.int64]
    ended_at: NDArray[np.int64]
    user_key: NDArray[np.int32]
    track_key: NDArray[np.int32]
    listening_ms: NDArray[np.int32]
    context_code: NDArray[np.int16]

    @classmethod
    def room_for(cls, plays: int) -> "Plays":
        """Columns that hold so many plays."""
        return cls(
            *np.empty((2, plays), np.int64),
            *np.empty((3, plays), np.int32),
            np.empty(plays, np.int16),
        )


class Likes(NamedTuple):
    """Columns of raw.user_likes to be filled, `liked_at` in microseconds; shape (plays,) each.

    `count` has how many there are; shape (1,).
    """

    user_key: NDArray[np.int32]
    track_key: NDArray[np.int32]
    liked_at: NDArray[np.int64]
    value: NDArray[np.int16]
    count: NDArray[np.int64]

    @classmethod
    def room_for(cls, likes: int) -> "Likes":
        """Columns that hold so many likes, and have none."""
        return cls(
            *np.empty((2, likes), np.int32),
            np.empty(likes, np.int64),
            np.empty(likes, np.int16),
            np.zeros(1, np.int64),
        )


class Simulation(NamedTuple):
    """What is played, and the listeners who play it.

    Attributes:
        tracks, pools, members, releases: see `pools`.
        tastes: those of all listeners, one listener after another.
        periods: records of `PERIOD`, one time zone after another and each by time.
        key: what all plays of this world are drawn from.
        first_day: that of the calendar.
        listeners: records of `LISTENER`.
        states: records of `STATE`, changed by every play.
        memories: rings of the last tracks, shape (listeners, plays remembered: a power of two);
            changed too.
    """

    tracks: NDArray[np.void]
    pools: NDArray[np.void]
    members: NDArray[np.void]
    releases: Releases
    tastes: NDArray[np.void]
    periods: NDArray[np.void]
    key: np.uint64
    first_day: int
    listeners: NDArray[np.void]
    states: NDArray[np.void]
    memories: NDArray[np.int32]

    def part(self, first: int, end: int) -> "Simulation":
        """The same with the listeners from `first` to before `end` alone; nothing is copied."""
        return self._replace(
            listeners=self.listeners[first:end],
            states=self.states[first:end],
            memories=self.memories[first:end],
        )


class Streams(NamedTuple):
    """Random numbers of one thread: records of `STREAM`, shape (1,) each.

    Attributes:
        day: those of a listener's day.
        favourite: those of a track that is a favourite, or known from the start.
        artist: those of an artist who is one.
    """

    day: NDArray[np.void]
    favourite: NDArray[np.void]
    artist: NDArray[np.void]


class Scratch(NamedTuple):
    """Room that one thread works in.

    Attributes:
        streams: its random numbers.
        sessions: those of a day: when each begins, or what each hour holds.
        choosiness: how much all of the listener's liking weighs, shape (1,).
        sound_weights: how much the listener likes each feature of the sound.
        favourites: records of `FAVOURITE`, shape (FAVOURITES_KEPT,).
    """

    streams: Streams
    sessions: NDArray[np.int64]
    choosiness: NDArray[np.float64]
    sound_weights: NDArray[np.float64]
    favourites: NDArray[np.void]

    @classmethod
    def empty(cls) -> "Scratch":
        """Room with nothing in it."""
        streams = Streams(*(np.zeros(1, STREAM) for _ in Streams._fields))
        return cls(
            streams,
            np.zeros(24, np.int64),
            np.ones(1),
            np.zeros(len(SOUND_FEATURES)),
            np.zeros(FAVOURITES_KEPT, FAVOURITE),
        )


class Day(NamedTuple):
    """One listener's day: all that stays the same, or at one place in memory, until midnight.

    Attributes:
        simulation: what is played.
        laws: those of the mechanism.
        listener: a record of `LISTENER`; `state` one of `STATE`; `memory` the ring of last tracks.
        key: what everything that is fixed about the listener is drawn from.
        number: days since 1970-01-01; `midnight_ms` is when it begins.
        period: index of the period of the listener's clock in which the day begins.
        stream: the random numbers of this day.
        scratch: room to work in.
        plays: where the plays go; the day's first one goes to `first_row`.
        likes: where the likes go.
    """

    simulation: Simulation
    laws: NamedTuple
    listener: np.void
    state: np.void
    memory: NDArray[np.int32]
    key: np.uint64
    number: int
    midnight_ms: int
    period: int
    stream: np.void
    scratch: Scratch
    plays: Plays
    likes: Likes
    first_row: int


def record(**fields: float | NDArray[np.float64]) -> NDArray[np.void]:
    """Put fields of different kinds into one record, which the kernel passes on as one pointer."""
    values = {name: np.asarray(field) for name, field in fields.items()}
    layout = [(name, value.dtype, value.shape) for name, value in values.items()]
    packed = np.zeros(1, dtype=np.dtype(layout, align=True))
    for name, value in values.items():
        packed[name] = value
    return packed
