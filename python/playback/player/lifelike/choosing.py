"""Which track comes next: again, by the same artist, from the own past, or a discovery.

A listener's favourites are a function, not a store: who holds rank r in a library is drawn by the
key of (listener, r, term), so that a library of any size costs no memory and stands on the first
day. Ranks change hands after a lifetime, each at its own time.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types of compiled functions

import math

import numpy as np

from playback.player.clock import is_weekend
from playback.player.compiling import compiled
from playback.player.drawing import artist_pool, draw_pool_by_taste, is_out, oldest_track
from playback.player.history import was_played_lately, was_skip
from playback.player.lifelike.keys import ARTISTS, LIBRARY
from playback.player.numbers import fold, index_within, power_law, uniform, unit
from playback.player.pools import RELEASE_PERIOD_DAYS
from playback.player.records import FAVOURITES_KEPT

TRIES_FOR_ANOTHER_TRACK, TRIES_FOR_A_RELEASED_TRACK = 4, 16
"""How often a track is drawn until it will do: is not the last one, is out."""


@compiled
def next_track(day, before):
    """The same track, the same artist, a discovery, or the own past: the last plays or library."""
    listener, state, stream = day.listener, day.state, day.stream
    last_track, goes_on = state.track, before > 0
    if goes_on and not was_skip(day) and uniform(stream) < listener.same_track_share:
        return last_track
    track = last_track
    for _ in range(TRIES_FOR_ANOTHER_TRACK):
        if goes_on and uniform(stream) < listener.same_artist_share:
            track = _draw_track(day, artist_pool(day, last_track), day.number, stream)
        elif uniform(stream) >= listener.repeat_share:
            track = _discover(day)
        elif state.plays and uniform(stream) < listener.recency_share:
            track = _replay(day)
        else:
            track = _draw_from_library(day)
        if track != last_track:
            break
    return track


@compiled
def _discover(day):
    """Draw a track that was not among the last plays, while patience lasts."""
    laws = day.laws
    track = day.state.track
    for _ in range(laws.discovery_tries):
        if uniform(day.stream) < laws.discovery_favourite_artist_share:
            artist = _favourite_artist(day, day.number, day.stream)
            track = _draw_track(day, artist, day.number, day.stream)
        else:
            taste_share = laws.taste_share[is_weekend(day)]
            track = _draw_by_taste(
                day, taste_share, laws.new_discovery_share, day.number, day.stream
            )
        if not was_played_lately(day, track, laws.unheard_plays):
            break
    return track


@compiled
def _draw_by_taste(day, taste_share, new_share, by_day, stream):
    """Draw from one of the listener's genres, or from all: a new release, or any track."""
    pool = draw_pool_by_taste(day, taste_share, stream)
    if uniform(stream) < new_share[day.listener.is_new]:
        pool = _draw_release_pool(day, pool, by_day, stream)
    return _draw_track(day, pool, by_day, stream)


@compiled
def _draw_release_pool(day, genre, by_day, stream):
    """Draw the pool of a genre's new releases, if there are any; half are of the last quarter."""
    out_on = by_day - int(uniform(stream) ** 2 * day.laws.newest_days)
    releases = day.simulation.releases
    period = out_on // RELEASE_PERIOD_DAYS - releases.first_period
    if 0 <= period < releases.pools.shape[1]:
        pool = releases.pools[genre, period]
        if pool >= 0 and is_out(day, day.simulation.pools[pool].oldest, by_day):
            return pool
    return genre


@compiled
def _replay(day):
    """Go back to one of the last plays; the lag has a truncated power law."""
    plays, memory, laws = day.state.plays, day.memory, day.laws
    reach = min(plays, len(memory), laws.longest_lag)
    lag = int(power_law(1.0, laws.lag_growth[reach], laws.lag_power, uniform(day.stream)))
    return memory[(plays - min(lag, reach)) & (len(memory) - 1)]


@compiled
def _draw_from_library(day):
    """Draw a rank of the library: the track that holds it."""
    laws, listener = day.laws, day.listener
    shifted = power_law(
        listener.library_lower, listener.library_growth, laws.library_power, uniform(day.stream)
    )
    rank = int(shifted - listener.library_breadth)
    lifetime_days = laws.library_lifetime_days[listener.is_new]
    key, since = _term(day, day.number, LIBRARY, rank, lifetime_days)
    favourite = _kept_favourite(day, key)
    if favourite.key != key:
        stream = day.scratch.streams.favourite[0]
        stream.key = key
        if uniform(stream) < laws.library_favourite_artist_share:
            artist = _favourite_artist(day, since, stream)
            favourite.holder = _draw_track(day, artist, since, stream)
        else:
            favourite.holder = _draw_by_taste(
                day, laws.own_taste_share[listener.is_common], laws.new_library_share, since, stream
            )
        favourite.key = key
    return favourite.holder


@compiled
def _favourite_artist(day, on_day, stream):
    """Draw one of the artists of a listener on a day, by rank: the pool of who holds it."""
    laws = day.laws
    shifted = power_law(laws.artist_law[0], laws.artist_law[1], laws.artist_power, uniform(stream))
    rank = int(shifted - laws.artist_breadth)
    key, since = _term(day, on_day, ARTISTS, rank, laws.artist_lifetime_days)
    favourite = _kept_favourite(day, key)
    if favourite.key != key:
        own = day.scratch.streams.artist[0]
        own.key = key
        pool = draw_pool_by_taste(day, laws.own_taste_share[day.listener.is_common], own)
        favourite.holder = artist_pool(day, _draw_track(day, pool, since, own))
        favourite.key = key
    return favourite.holder


@compiled
def _kept_favourite(day, key):
    """Where the favourite of a key is kept; another one may still be there."""
    return day.scratch.favourites[key & np.uint64(FAVOURITES_KEPT - 1)]


@compiled
def _term(day, on_day, kind, rank, lifetime_days):
    """The term for which a rank is held on a day: the key of its holder, and its first day."""
    key = fold(fold(day.key, kind), rank)
    began = unit(key)
    term = int(on_day / lifetime_days + began)
    since = math.ceil((term - began) * lifetime_days)
    return fold(key, term), max(since, day.simulation.first_day)


@compiled
def _draw_track(day, pool, by_day, stream):
    """Draw a track that was out by a day from a pool, by its rank of popularity."""
    law, common = day.simulation.pools[pool], day.listener.is_common
    lower, growth, power = law.lower[common], law.growth[common], day.laws.rank_power[common]
    for _ in range(TRIES_FOR_A_RELEASED_TRACK):
        position = power_law(lower, growth, power, uniform(stream)) - law.head
        track = day.simulation.members[law.start + index_within(position, law.size)]
        if is_out(day, track, by_day):
            return track
    return oldest_track(day, pool, by_day)
