"""Draws from the pools that both mechanisms share."""

# ruff: noqa: ANN001, ANN201 - numba infers the types of compiled functions

from playback.player.compiling import compiled
from playback.player.numbers import uniform
from playback.player.pools import WHOLE_CATALOGUE


@compiled
def is_out(member, by_day):
    """Whether a member of a pool was released by a day."""
    return member.released_day <= by_day


@compiled
def oldest_member(day, pool, by_day):
    """What is drawn when nothing else in a pool is out: its first release, or the very first."""
    pools = day.simulation.pools
    oldest = pools[pool].oldest
    return oldest if is_out(oldest, by_day) else pools[WHOLE_CATALOGUE].oldest


@compiled
def oldest_track(day, pool, by_day):
    """The track of `oldest_member`."""
    return oldest_member(day, pool, by_day).track


@compiled
def draw_pool_by_taste(day, taste_share, stream):
    """Draw one of the listener's genres, by affinity, or the whole catalogue."""
    listener, tastes = day.listener, day.simulation.tastes
    if uniform(stream) >= taste_share or not listener.tastes:
        return WHOLE_CATALOGUE
    taste = listener.first_taste
    draw = uniform(stream)
    while draw >= tastes[taste].until:
        taste += 1
    return tastes[taste].pool


@compiled
def artist_pool(day, track):
    """The pool of the artist of a track."""
    return day.simulation.tracks[track].artist_pool
