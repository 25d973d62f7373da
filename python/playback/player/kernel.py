"""What both mechanisms are compiled from: random numbers, draws from pools, memory, and rows.

All times are integer milliseconds since 1970-01-01 UTC; days count from the same date.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of compiled functions

import hashlib
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import config, njit
from numpy.typing import NDArray

from playback import randomness
from playback.player.pools import WHOLE_CATALOGUE, Releases

DAY_MS = 86_400_000
SKIP_MS = 30_000
"""A play shorter than this is a skip, unless it is complete."""

SESSION_BREAK_MS = 1_800_000
"""A play that begins more than this after the previous one ended is the first of a new session."""

POSITION_BITS = 12
DAY_BITS = 16
MOST_PLAYS_A_DAY = (1 << POSITION_BITS) - 1

LISTENER = np.dtype(
    [
        ("user_key", np.int32),
        ("first_period", np.int32),
        ("first_taste", np.int32),
        ("tastes", np.int32),
        ("is_familiar", np.int8),
        ("is_new", np.int8),
        ("is_loyal", np.int8),
        ("is_common", np.int8),
        ("active_day_share", np.float64),
        ("sessions_per_active_day", np.float64),
        ("stop_scale", np.float64),
        ("weekend_ratio", np.float64),
        ("chronotype_hours", np.float64),
        ("skip_propensity", np.float64),
        ("skip_persistence", np.float64),
        ("skip_haste", np.float64),
        ("partial_share", np.float64),
        ("repeat_share", np.float64),
        ("recency_share", np.float64),
        ("library_breadth", np.float64),
        ("library_lower", np.float64),
        ("library_growth", np.float64),
        ("same_artist_share", np.float64),
        ("same_track_share", np.float64),
    ],
    align=True,
)
"""What never changes about a listener; the personality is 0 or 1, to look up odds by."""

STATE = np.dtype(
    [
        ("plays", np.int64),
        ("ended_ms", np.int64),
        ("track", np.int32),
        ("listening_ms", np.int32),
        ("session_tracks", np.int32),
    ],
    align=True,
)
"""What the next play depends on: it changes with a play that is written, and not otherwise, so
that all of it can be read back from raw.user_events."""


PERIOD = np.dtype([("ends_ms", np.int64), ("offset_ms", np.int64)])
"""A stretch of time in which a clock keeps one offset: how far it is ahead of UTC."""

TASTE = np.dtype([("until", np.float64), ("pool", np.int32)], align=True)
"""A genre that a listener prefers: its pool, and the cumulative share of affinity up to it."""

STREAM = np.dtype([("word", np.uint64)])
"""A sequence of random numbers: its key, until the first is drawn."""

PLACE = np.dtype([("word", np.uint64), ("holder", np.int32)], align=True)
"""Who holds a place in a listener's favour: a function of the word, kept to be worked out once."""

LAST_PLACE = 4095
"""Of the places kept by a thread: all bits of its index are set."""


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


class Simulation(NamedTuple):
    """A world and the listeners that are played in it.

    Attributes:
        tracks, pools, members, releases: see `pools`.
        tastes: those of all listeners, one listener after another.
        periods: records of `PERIOD`, one time zone after another and each by time.
        laws: the mechanism's own knobs, one record.
        key: what all plays of this world are drawn from.
        feed_day: the first day of the whole feed.
        listeners: records of `LISTENER`.
        states: records of `STATE`, changed by every play.
        memories: rings of the last tracks, shape (listeners, plays remembered: a power of two);
            changed too.
    """

    tracks: NDArray[np.void]
    pools: NDArray[np.void]
    members: NDArray[np.int32]
    releases: Releases
    tastes: NDArray[np.void]
    periods: NDArray[np.void]
    laws: NDArray[np.void]
    key: np.uint64
    feed_day: int
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


class Scratch(NamedTuple):
    """Room that one thread works in: streams of random numbers, a day's sessions, and places."""

    streams: NDArray[np.void]
    sessions: NDArray[np.int64]
    places: NDArray[np.void]

    @classmethod
    def empty(cls) -> "Scratch":
        """Room with nothing in it."""
        return cls(np.zeros(3, STREAM), np.zeros(24, np.int64), np.zeros(LAST_PLACE + 1, PLACE))


class Day(NamedTuple):
    """One listener's day: all that stays the same, or is one place in memory, until midnight.

    Attributes:
        tracks, pools, members, releases, tastes, periods: those of the simulation.
        laws: the mechanism's own knobs, a record.
        listener: a record of `LISTENER`; `state` one of `STATE`; `memory` the ring of last tracks.
        key: what everything that is fixed about the listener is drawn from.
        number: days since 1970-01-01; `midnight_ms` is where it begins.
        period: place of the period of the listener's clock in which the day begins.
        feed_day: the number of the feed's first day.
        stream: the random numbers of this day; the others are set to fixed keys.
        places: a record of `PLACE` for every word that ends in its index.
        plays: where the plays go; the day's first one goes to `first_row`.
    """

    tracks: NDArray[np.void]
    pools: NDArray[np.void]
    members: NDArray[np.int32]
    releases: Releases
    tastes: NDArray[np.void]
    periods: NDArray[np.void]
    laws: np.void
    listener: np.void
    state: np.void
    memory: NDArray[np.int32]
    key: np.uint64
    number: int
    midnight_ms: int
    period: int
    feed_day: int
    stream: np.void
    place_stream: np.void
    artist_stream: np.void
    places: NDArray[np.void]
    plays: Plays
    first_row: int


def record(**fields: float | NDArray[np.float64]) -> NDArray[np.void]:
    """Put fields of different kinds into one record, which the kernel passes on as one pointer."""
    values = {name: np.asarray(field) for name, field in fields.items()}
    layout = [(name, value.dtype, value.shape) for name, value in values.items()]
    packed = np.zeros(1, dtype=np.dtype(layout, align=True))
    for name, value in values.items():
        packed[name] = value
    return packed


def sources_digest() -> str:
    """Hash of all code that the kernel is compiled from."""
    digest = hashlib.blake2b(digest_size=8)
    for source in (Path(randomness.__file__), *sorted(Path(__file__).parent.glob("*.py"))):
        digest.update(source.read_bytes())
    return digest.hexdigest()


if not config.CACHE_DIR:
    # Numba compares a function's own file with its cache, and not the files of what it calls.
    config.CACHE_DIR = str(Path(__file__).parent / "__pycache__" / f"kernel-{sources_digest()}")

compiled = njit(cache=True, nogil=True, error_model="numpy", _nrt=False, forceinline=True)
"""Compile a function of the kernel, into whatever calls it: `Day` has some forty fields, and to
copy them at every call takes longer than most functions do. It may not allocate: without numba's
reference counts, which are of no use to borrowed arrays, a play costs a third and the compilation
takes half the time."""

mix = compiled(randomness.mix)
_GOLDEN = randomness.GOLDEN
_UNIT = randomness.UNIT
_11 = np.uint64(11)


@compiled
def fold(key, word):
    """The key of one `word` (a listener, a day, a rank) under another, as one of its sequence."""
    return mix(np.uint64(key) + np.uint64(word) * _GOLDEN)


@compiled
def unit(word):
    """The number in [0, 1) of a word."""
    return (word >> _11) * _UNIT


@compiled
def uniform(stream):
    """The next number in [0, 1) of a stream."""
    stream.word += _GOLDEN
    return unit(mix(stream.word))


@compiled
def normal(stream):
    """A standard normal number (Box and Muller, 1958)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(stream)))
    return radius * math.cos(2.0 * math.pi * uniform(stream))


@compiled
def exponential(stream):
    """A number with the exponential distribution of mean 1."""
    return -math.log(1.0 - uniform(stream))


@compiled
def bucket(cumulative, share):
    """The first place whose cumulative share lies above `share`; short tables only."""
    place = 0
    while place < len(cumulative) - 1 and share >= cumulative[place]:
        place += 1
    return place


@compiled
def quantile(values, share):
    """The value at a share, from the values at evenly spaced shares: straight between them."""
    place = share * (len(values) - 1)
    left = min(int(place), len(values) - 2)
    return values[left] + (place - left) * (values[left + 1] - values[left])


@compiled
def place_of(position, size):
    """The place that a position falls on: the first or the last one for all that lies beyond."""
    return int(min(max(0.0, position), size - 1.0))


@compiled
def power(base, exponent):
    """The power of a number over 0: by multiplication if the exponent is whole."""
    whole = int(exponent)
    if whole != exponent:
        return base**exponent
    left, square, result = abs(whole), base, 1.0
    while left:
        if left & 1:
            result *= square
        square *= square
        left >>= 1
    return result if whole > 0 else 1.0 / result


@compiled
def power_law(lower, growth, inverse_power, share):
    """The quantile of a power law, see `power_law.integral`."""
    return power(lower + share * growth, inverse_power)


@compiled
def is_out(day, track, by_day):
    """Whether a track was released by a day."""
    return day.tracks[track].released_day <= by_day


@compiled
def oldest_track(day, pool, by_day):
    """What is drawn when nothing else in a pool is out: its first release, or the very first."""
    oldest = day.pools[pool].oldest
    return oldest if is_out(day, oldest, by_day) else day.pools[WHOLE_CATALOGUE].oldest


@compiled
def draw_pool_by_taste(day, taste_share, stream):
    """Draw one of the listener's genres, by affinity, or the whole catalogue."""
    listener = day.listener
    if uniform(stream) >= taste_share or not listener.tastes:
        return WHOLE_CATALOGUE
    taste = listener.first_taste
    draw = uniform(stream)
    while draw >= day.tastes[taste].until:
        taste += 1
    return day.tastes[taste].pool


@compiled
def artist_pool(day, track):
    """The pool of the artist of a track."""
    return day.tracks[track].artist_pool


@compiled
def weekday(day):
    """The day of the week, Monday being 0; 1970-01-01 was a Thursday."""
    return (day.number + 3) % 7


@compiled
def is_weekend(day):
    """1 on a Saturday or a Sunday, else 0."""
    return int(weekday(day) >= 5)


@compiled
def period_at(periods, period, ms):
    """The place of the period that a moment lies in, which is this one or a later one."""
    while ms >= periods[period].ends_ms:
        period += 1
    return period


@compiled
def offset_ms(day, day_ms):
    """How far the listener's clock is ahead of UTC, so long after the beginning of the day."""
    return day.periods[period_at(day.periods, day.period, day.midnight_ms + day_ms)].offset_ms


@compiled
def utc_ms(day, clock_ms, unit_ms):
    """How long after the beginning of the day the listener's clock shows a time of day.

    Offsets count in whole units. Where a change of clocks leaves the time out, or moves it out of
    the day, it is counted by the clock that the day begins with.
    """
    first_ms = (clock_ms - offset_ms(day, 0) // unit_ms * unit_ms) % DAY_MS
    last_offset_ms = offset_ms(day, DAY_MS - 1)
    if offset_ms(day, first_ms) != offset_ms(day, 0):
        last_ms = (clock_ms - last_offset_ms // unit_ms * unit_ms) % DAY_MS
        if offset_ms(day, last_ms) == last_offset_ms:
            return last_ms
    return first_ms


@compiled
def tracks_before(state, started_ms):
    """How many tracks the session that a play belongs to has had before it: 0 if it opens one."""
    return state.session_tracks if started_ms - state.ended_ms <= SESSION_BREAK_MS else 0


@compiled
def remember(state, memory, track, ended_ms, listening_ms):
    """Make a play the listener's last one; `memory` is a ring of their last tracks."""
    memory[state.plays & (len(memory) - 1)] = track
    state.plays += 1
    state.track = track
    state.session_tracks = tracks_before(state, ended_ms - listening_ms) + 1
    state.ended_ms = ended_ms
    state.listening_ms = listening_ms


@compiled
def was_skip(day):
    """Whether the listener's last play was a skip: a short track heard to its end is none."""
    heard_ms = day.state.listening_ms
    return heard_ms < SKIP_MS and 5 * heard_ms < 4 * day.tracks[day.state.track].duration_ms


@compiled
def write_play(day, track, ended_ms, listening_ms, row):
    """Make a play the listener's last one, and put it into the row; returns the next row."""
    remember(day.state, day.memory, track, ended_ms, listening_ms)
    plays, user_key = day.plays, day.listener.user_key
    user_day = (np.int64(user_key) << DAY_BITS) + day.number
    plays.event_id[row] = (user_day << POSITION_BITS) + (row - day.first_row)
    plays.ended_at[row] = ended_ms * 1000
    plays.user_key[row] = user_key
    plays.track_key[row] = day.tracks[track].track_key
    plays.listening_ms[row] = listening_ms
    plays.context_code[row] = 0
    return row + 1


@compiled
def is_full(day, row):
    """Whether the day holds as many plays as an event id can number."""
    return row - day.first_row >= MOST_PLAYS_A_DAY


@compiled
def checksum(plays, count):
    """The sum of a hash of each of the first `count` plays, so that neither order nor parts matter.

    The user key is left out: it is in the event id.
    """
    total = np.uint64(0)
    for row in range(count):
        heard = (np.int64(plays.track_key[row]) << 32) + plays.listening_ms[row]
        play = fold(fold(plays.event_id[row], plays.ended_at[row]), heard)
        total += fold(play, plays.context_code[row])
    return total


@compiled
def recall(simulation, positions, user_keys, track_keys, ends_ms, listening_ms):
    """Go through stored plays in the order they were written; False if they are out of order.

    `positions` gives the position of each track key in the catalogue. Afterwards the states and
    memories are those of listeners who have just played them.
    """
    for row in range(len(user_keys)):
        user = user_keys[row]
        state = simulation.states[user]
        ended_ms = ends_ms[row]
        if ended_ms <= state.ended_ms:
            return False
        track = positions[track_keys[row]]
        remember(state, simulation.memories[user], track, ended_ms, listening_ms[row])
    return True
