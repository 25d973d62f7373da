"""The playlists that a listener has, and which one a stretch of plays is from.

A stretch is what is played from one thing without picking anew. It goes by how many plays there
were before it. All of this is a function of the listener's key, so that it can be told again of
plays that are read back.
"""

# ruff: noqa: ANN001, ANN201 - numba infers the types of compiled functions

from playback.player.compiling import compiled
from playback.player.numbers import fold, mix, unit
from playback.player.records import OWN_PLAYLISTS

STRETCHES, SIZES = 6, 7
"""What a listener's key is folded with."""

FEWEST_TRACKS, MORE_TRACKS = 15, 200
"""Of a playlist: at least so many, and up to so many more; most are short."""

TAKEN_UP_SHARE = 0.35
"""Ordered stretches that go on where the playlist was left."""


@compiled
def stretch_key(key, stretch):
    """What everything about a stretch is drawn from."""
    return fold(fold(key, STRETCHES), stretch)


@compiled
def playlist_of(stretch):
    """The playlist of a stretch, by its key: the first ones are played most."""
    share = unit(stretch)
    return int(OWN_PLAYLISTS * share * share)


@compiled
def is_taken_up(stretch):
    """Whether a stretch goes on where its playlist was left, by its key."""
    return unit(mix(stretch)) < TAKEN_UP_SHARE


@compiled
def playlist_size(key, playlist):
    """How many tracks a playlist has."""
    share = unit(fold(fold(key, SIZES), playlist))
    return FEWEST_TRACKS + int(MORE_TRACKS * share * share)
