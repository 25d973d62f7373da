"""The documented feed: long and short sessions on the hour, four odds for the next track."""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types of compiled functions

import numpy as np
from numpy.typing import NDArray

from playback.player.clock import DAY_MS, HOUR_MS, is_weekend, utc_ms
from playback.player.compiling import compiled
from playback.player.drawing import artist_pool, draw_pool_by_taste, is_out, oldest_track
from playback.player.history import is_full, remembered_track, write_play
from playback.player.numbers import bucket, exponential, fold, index_within, normal, uniform
from playback.player.records import record
from playback.presets import ClassicPlayer

KNOWN_ARTIST = 1
"""What a listener's key is folded with for their first artist."""

TRIES_FOR_A_SLOT, TRIES_FOR_A_TRACK, TRIES_FOR_A_RELEASED_TRACK = 100, 8, 16
"""How often something is drawn until it will do: a free hour, a track that was not just skipped,
one that is out."""

NO_SESSION, SHORT, LONG = 0, 1, 2
"""What a slot of the day holds."""


def laws_of(knobs: ClassicPlayer) -> NDArray[np.void]:
    """Put the knobs into a record; pairs are (without the trait, with it) or (mean, sigma)."""
    return record(
        long_sessions_until=_cumulative(knobs.long_sessions_weight),
        short_sessions=(knobs.short_sessions.mean, knobs.short_sessions.sigma),
        long_session_tracks=(knobs.long_session_tracks.mean, knobs.long_session_tracks.sigma),
        short_session_tracks=(knobs.short_session_tracks.mean, knobs.short_session_tracks.sigma),
        very_loyal=(knobs.very_loyal.without, knobs.very_loyal.with_trait),
        loyal=(knobs.loyal.without, knobs.loyal.with_trait),
        familiar=(knobs.familiar.without, knobs.familiar.with_trait),
        taste_share=(knobs.taste_share.weekday, knobs.taste_share.weekend),
        hour_until=_cumulative(knobs.hour_weight),
        newness_decay=(knobs.newness_decay.timeless, knobs.newness_decay.new),
        skip_share=knobs.skip_share,
        gap_ms=knobs.gap_ms,
    )


def _cumulative(weights: tuple[float, ...]) -> NDArray[np.float64]:
    """Cumulative shares, padded to 24 so that every preset runs the same machine code."""
    until = np.cumsum(weights) / sum(weights)
    return np.pad(until, (0, 24 - len(until)), constant_values=1.0)


@compiled
def play_day(day):
    """Fill the 24 slots of the day with sessions and play them one after another."""
    laws, stream, slots = day.laws, day.stream, day.scratch.sessions
    longs = bucket(laws.long_sessions_until, uniform(stream))
    shorts = max(0, _whole_normal(laws.short_sessions, stream))
    slots[:] = NO_SESSION
    for session in range(min(longs + shorts, 24)):
        slots[_draw_free_slot(day, slots)] = LONG if session < longs else SHORT
    row = day.first_row
    for slot in range(24):
        if slots[slot] != NO_SESSION:
            law = laws.long_session_tracks if slots[slot] == LONG else laws.short_session_tracks
            row = _play_session(day, day.midnight_ms + slot * HOUR_MS, law, row)
    return row


@compiled
def _draw_free_slot(day, slots):
    """Draw an hour of the UTC day by the weight of the listener's local hour, if it is free."""
    slot = 0
    for _ in range(TRIES_FOR_A_SLOT):
        local_hour = bucket(day.laws.hour_until, uniform(day.stream))
        slot = utc_ms(day, local_hour * HOUR_MS, HOUR_MS) // HOUR_MS
        if slots[slot] == NO_SESSION:
            return slot
    while slots[slot] != NO_SESSION:
        slot = (slot + 1) % 24
    return slot


@compiled
def _whole_normal(law, stream):
    return int(law[0] + law[1] * normal(stream))


@compiled
def _play_session(day, slot_ms, law, row):
    """Play one session; it waits for a running one to end, and ends at midnight at the latest."""
    laws, state, stream = day.laws, day.state, day.stream
    tracks = _whole_normal(law, stream)
    start_ms = max(slot_ms, state.ended_ms + laws.gap_ms)
    for played in range(tracks):
        track = _next_track(day, played > 0)
        duration_ms = day.simulation.tracks[track].duration_ms
        listening_ms = np.int64(duration_ms)
        if uniform(stream) < laws.skip_share:
            listening_ms = np.int64(min(exponential(stream), 1.0) * duration_ms)
        ended_ms = start_ms + listening_ms
        if ended_ms >= day.midnight_ms + DAY_MS or is_full(day, row):
            break
        row = write_play(day, track, ended_ms, listening_ms, 0, row)
        start_ms = ended_ms + laws.gap_ms
    return row


@compiled
def _next_track(day, goes_on):
    """Very loyal, loyal, familiar, or exploring: the first whose odds come up."""
    laws, listener, stream = day.laws, day.listener, day.stream
    last_track = day.state.track
    was_skipped = goes_on and day.state.was_skip
    if goes_on and not was_skipped and uniform(stream) < laws.very_loyal[listener.is_loyal]:
        return last_track
    track = last_track
    for _ in range(TRIES_FOR_A_TRACK):
        if goes_on and uniform(stream) < laws.loyal[listener.is_loyal]:
            pool = artist_pool(day, last_track)
        elif uniform(stream) < laws.familiar[listener.is_familiar]:
            pool = _draw_known_artist(day)
        else:
            pool = draw_pool_by_taste(day, laws.taste_share[is_weekend(day)], stream)
        track = _draw_track(day, pool, day.number, stream)
        if not (was_skipped and track == last_track):
            break
    return track


@compiled
def _draw_known_artist(day):
    """Draw the artist of a past play; the past begins with one artist known before the first."""
    plays = min(day.state.plays, len(day.memory))
    play = int(uniform(day.stream) * (plays + 1))
    if play < plays:
        return artist_pool(day, remembered_track(day.memory[play]))
    stream = day.scratch.streams.artist[0]
    stream.key = fold(day.key, KNOWN_ARTIST)
    pool = draw_pool_by_taste(day, day.laws.taste_share[0], stream)
    return artist_pool(day, _draw_track(day, pool, day.simulation.first_day, stream))


@compiled
def _draw_track(day, pool, by_day, stream):
    """Draw a track that was out by a day: its rank from the newest or the oldest is exponential.

    The mean is the pool's size over the decay; all that lies beyond the last track falls to it.
    """
    drawn_from, is_new = day.simulation.pools[pool], day.listener.is_new
    start, size = drawn_from.start, drawn_from.size
    for _ in range(TRIES_FOR_A_RELEASED_TRACK):
        rank = index_within(exponential(stream) * size / day.laws.newness_decay[is_new], size)
        member = day.simulation.members[start + (size - 1 - rank if is_new else rank)]
        if is_out(member, by_day):
            return member.track
    return oldest_track(day, pool, by_day)
