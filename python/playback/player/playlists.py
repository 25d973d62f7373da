"""The playlists that a listener has, and which one a stretch of plays is from.

A stretch is what is played from one thing without picking anew. It goes by how many plays there
were before it. All of this is a function of the listener's key, so that it can be told again of
plays that are read back.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of compiled functions

import numpy as np

from playback.player.compiling import compiled
from playback.player.numbers import fold, mix, unit
from playback.player.records import OWN_PLAYLISTS

STRETCHES, SIZES, PHASES = np.array([6, 7, 1 << 32], dtype=np.uint64)
"""What a listener's key is folded with."""

ROUNDS, PHASE, NEWEST = np.arange(1, 4, dtype=np.uint64)
"""What the key of a stretch is folded with."""


@compiled
def stretch_key(key, stretch):
    """What everything about a stretch is drawn from."""
    return fold(fold(key, STRETCHES), stretch)


@compiled
def playlist_of(listener, key, stretch):
    """The playlist of a stretch: the first ones are played most.

    For a phase of so many plays a listener comes back to one playlist more than to the others.
    """
    own = stretch_key(key, stretch)
    if unit(fold(own, PHASE)) < listener.phase_share:
        own = fold(fold(key, PHASES), stretch // listener.phase_plays)
    share = unit(own)
    return int(OWN_PLAYLISTS * share * share)


@compiled
def is_taken_up(listener, stretch):
    """Whether an ordered stretch goes on where its playlist was left, by its key."""
    return unit(mix(stretch)) < listener.taken_up_share


@compiled
def is_repeated(listener, stretch):
    """Whether a playlist goes round in a stretch, by its key."""
    return unit(fold(stretch, ROUNDS)) < listener.repeated_share


@compiled
def playlist_size(listener, key, playlist):
    """How many tracks a playlist has: most are short."""
    share = unit(fold(fold(key, SIZES), playlist))
    return listener.fewest_tracks + int(listener.more_tracks * share * share)


@compiled
def shuffled_size(listener, stretch, size):
    """How many of a playlist's tracks are shuffled, by the key of a stretch: its newest ones."""
    return size - int(unit(fold(stretch, NEWEST)) * (size - listener.fewest_tracks))
