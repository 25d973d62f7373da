"""A listener's favourites: tracks and artists by rank, entries of playlists, obsessions.

Favourites are a function, not a store: who holds rank r is drawn by the key of (listener, list, r,
term), so that a list of any size costs no memory and stands on the first day. Ranks change hands
after a lifetime, each at its own time: some after days, some after years.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types of compiled functions

import math

import numpy as np

from playback.player.compiling import compiled
from playback.player.drawing import draw_pool_by_taste, is_out, oldest_member
from playback.player.lifelike.keys import ARTISTS, LIBRARY, OBSESSIONS, PLAYLISTS
from playback.player.lifelike.liking import artist_key, liking
from playback.player.numbers import (
    fold,
    index_within,
    mix,
    power,
    power_law,
    quantile,
    uniform,
    unit,
)
from playback.player.pools import INDEX, RELEASE_PERIOD_DAYS
from playback.player.records import FAVOURITES_KEPT

TRIES_FOR_A_RELEASED_TRACK = 16
"""How often a track is drawn until one is out."""

OBSESSION_RANKS = 3
"""Obsessions that a listener has at a time."""


@compiled
def library_term(day):
    """Draw a rank of the library: the term for which it is held today."""
    laws, listener = day.laws, day.listener
    shifted = power_law(
        listener.library_lower, listener.library_growth, laws.library_power, uniform(day.stream)
    )
    rank = int(shifted - listener.library_breadth)
    lifetime_days = laws.library_lifetime_days[listener.is_new] * listener.wear
    return _term(day, fold(fold(day.key, LIBRARY), rank), day.number, lifetime_days)


@compiled
def playlist_term(day, playlist, size, entry):
    """The term of what is an entry of a playlist today, from the day it was put at the top on.

    What was put there before follows in its order, until it drops out at the end.
    """
    key = fold(fold(day.key, PLAYLISTS), playlist)
    lifetime_days = day.laws.playlist_lifetime_days[day.listener.is_new] * day.listener.wear
    lifetime_days *= quantile(day.laws.lifetime_factor, mix(key))
    began, tracks_a_day = unit(key), size / lifetime_days
    number = int(day.number * tracks_a_day + began) - entry
    since = math.ceil((number - began) / tracks_a_day)
    return fold(key, number), max(since, day.simulation.first_day)


@compiled
def obsession_term(day):
    """Draw one of the obsessions, if it has its hour: its term, which is 0 otherwise.

    How strong one is, is heavy-tailed; it fades from its first day on.
    """
    laws, stream = day.laws, day.stream
    rank = int(OBSESSION_RANKS * uniform(stream))
    key = fold(fold(day.key, OBSESSIONS), rank)
    term, since = _term(day, key, day.number, laws.obsession_days)
    strength = power(unit(mix(term)), laws.obsession_tail)
    age = (day.number - since) / (laws.obsession_days * (0.1 + unit(fold(term, 1))))
    if (
        uniform(stream) * (1.0 + age * age)
        < OBSESSION_RANKS * day.listener.obsession_share * strength
    ):
        return term, since
    return np.uint64(0), 0


@compiled
def holder(day, term, since, candidates):
    """The track of a term that began on a day: the best liked of so many candidates."""
    favourite = _kept_favourite(day, term)
    if favourite.key != term:
        favourite.holder = _draw_holder(day, term, since, candidates)
        favourite.key = term
    return favourite.holder


@compiled
def _draw_holder(day, term, since, candidates):
    """The best liked of some tracks, of an artist or a genre, that the term could be given to."""
    laws, stream = day.laws, day.scratch.streams.favourite[0]
    stream.key = term
    if uniform(stream) < laws.library_favourite_artist_share:
        pool = favourite_artist(day, since, stream)
    else:
        own = laws.own_taste_share[day.listener.is_common]
        pool = draw_pool(day, own, laws.new_library_share, since, stream)
    chosen, best = INDEX(0), -math.inf
    for _ in range(candidates):
        track = draw_track(day, pool, since, day.listener.is_common, stream)
        liked = liking(day, track)
        if liked > best:
            chosen, best = track, liked
    return chosen


@compiled
def favourite_artist(day, on_day, stream):
    """Draw one of the artists of a listener on a day, by rank: the pool of who holds it.

    Artists are found as hits are, whoever the listener is, and some as they bring out something.
    """
    laws = day.laws
    shifted = power_law(laws.artist_law[0], laws.artist_law[1], laws.artist_power, uniform(stream))
    key = fold(fold(day.key, ARTISTS), int(shifted - laws.artist_breadth))
    term, since = _term(day, key, on_day, laws.artist_lifetime_days)
    favourite = _kept_favourite(day, term)
    if favourite.key != term:
        own = day.scratch.streams.artist[0]
        own.key = term
        pool = draw_pool_by_taste(day, laws.own_taste_share[day.listener.is_common], own)
        if uniform(own) < laws.artist_release_share:
            pool = _draw_release_pool(day, pool, since, own)
        favourite.holder = _draw_artist(day, pool, since, own)
        favourite.key = term
    return favourite.holder


@compiled
def _draw_artist(day, pool, by_day, stream):
    """The best liked of some artists, who are as popular as hits are."""
    chosen, best = INDEX(0), np.uint64(0)
    for _ in range(day.laws.candidates_for_artist):
        artist = draw_member(day, pool, by_day, 1, stream).artist_pool
        liked = artist_key(day, artist)
        if liked >= best:
            chosen, best = artist, liked
    return chosen


@compiled
def _kept_favourite(day, term):
    """Where the favourite of a term is kept; another one may still be there."""
    return day.scratch.favourites[term & np.uint64(FAVOURITES_KEPT - 1)]


@compiled
def _term(day, key, on_day, lifetime_days):
    """The term for which a rank is held on a day: the key of its holder, and its first day.

    `lifetime_days` is the median over ranks: some change hands after days, some after years.
    """
    lifetime_days *= quantile(day.laws.lifetime_factor, mix(key))
    began = unit(key)
    term = int(on_day / lifetime_days + began)
    since = math.ceil((term - began) * lifetime_days)
    return fold(key, term), max(since, day.simulation.first_day)


@compiled
def draw_pool(day, taste_share, new_share, by_day, stream):
    """Draw one of the listener's genres, or all: of its new releases, or of any tracks."""
    pool = draw_pool_by_taste(day, taste_share, stream)
    if uniform(stream) < new_share[day.listener.is_new]:
        pool = _draw_release_pool(day, pool, by_day, stream)
    return pool


@compiled
def _draw_release_pool(day, genre, by_day, stream):
    """Draw the pool of a genre's new releases, if there are any: most are of the last weeks."""
    age = power(uniform(stream), day.laws.release_age_exponent)
    return release_pool(day, genre, by_day - int(age * day.laws.newest_days), by_day)


@compiled
def release_pool(day, genre, out_on, by_day):
    """The pool of a genre's releases of the quarter of a day; of all if none was out by then."""
    releases = day.simulation.releases
    period = out_on // RELEASE_PERIOD_DAYS - releases.first_period
    if 0 <= period < releases.pools.shape[1]:
        pool = releases.pools[genre, period]
        if pool >= 0 and is_out(day.simulation.pools[pool].oldest, by_day):
            return pool
    return genre


@compiled
def draw_track(day, pool, by_day, common, stream):
    """Draw a track that was out by a day, by its rank in a pool, as common listeners do or not."""
    return draw_member(day, pool, by_day, common, stream).track


@compiled
def draw_member(day, pool, by_day, common, stream):
    """Draw a member of a pool as `draw_track` does."""
    law = day.simulation.pools[pool]
    lower, growth, head = law.lower[common], law.growth[common], law.head[common]
    power = day.laws.rank_power[common]
    for _ in range(TRIES_FOR_A_RELEASED_TRACK):
        position = power_law(lower, growth, power, uniform(stream)) - head
        member = day.simulation.members[law.start + index_within(position, law.size)]
        if is_out(member, by_day):
            return member
    return oldest_member(day, pool, by_day)
