"""How much a listener likes a track or an artist: fixed for ever, a function of their keys."""

# ruff: noqa: ANN001, ANN201 - numba infers the types of compiled functions

import math

from playback.player.catalogue import SOUND_FEATURES
from playback.player.compiling import compiled
from playback.player.drawing import artist_pool, is_out
from playback.player.history import has_opinion, write_like
from playback.player.lifelike.keys import CHOOSINESS, LIKED_ARTISTS, LIKED_TRACKS, SOUND
from playback.player.numbers import fold, mix, quantile, uniform, unit

MOST_OPINION = 8.0
"""How many times likelier than usual a track is liked or disliked at most."""


@compiled
def standard(day, key):
    """The standard normal number that belongs to a key."""
    return quantile(day.laws.normal, key)


@compiled
def liking(day, track):
    """How much a track is liked, in log-odds of not skipping it.

    By itself, by its artist, and by how it sounds: the listener weighs each feature.
    """
    of_track = standard(day, fold(fold(day.key, LIKED_TRACKS), track))
    of_artist = liking_of_artist(day, artist_pool(day, track))
    of_sound, sound = 0.0, day.simulation.tracks[track].sound
    for feature in range(len(SOUND_FEATURES)):
        of_sound += day.scratch.sound_weights[feature] * sound[feature]
    return day.scratch.choosiness[0] * (day.laws.liking_of_track * of_track + of_artist + of_sound)


@compiled
def weigh(day):
    """Set how much all of a listener's liking weighs, and how much each feature of the sound."""
    spread = day.laws.choosiness_sigma * standard(day, fold(day.key, CHOOSINESS))
    day.scratch.choosiness[0] = math.exp(spread)
    for feature in range(len(SOUND_FEATURES)):
        weight = standard(day, fold(fold(day.key, SOUND), feature))
        day.scratch.sound_weights[feature] = day.laws.liking_of_sound * weight


@compiled
def liking_of_artist(day, artist):
    """How much an artist is liked, by their pool."""
    return day.laws.liking_of_artist * standard(day, artist_key(day, artist))


@compiled
def artist_key(day, artist):
    """What the liking of an artist is drawn from: the higher, the better an artist is liked."""
    return fold(fold(day.key, LIKED_ARTISTS), artist)


@compiled
def give_opinion(day, track, liked, was_skipped, is_whole):
    """Like a track that was heard to its end, or dislike one that was skipped, once for all.

    The better or the worse a track is liked, the likelier. Part of what was out before the first
    day had its opinion already.
    """
    laws = day.laws
    if was_skipped:
        share, value = day.listener.like_share * laws.dislike_ratio, -1
    elif is_whole:
        share, value = day.listener.like_share, 1
    else:
        return
    draw = uniform(day.stream)
    if draw >= share * MOST_OPINION or has_opinion(day.state, track):
        return
    if is_out(day.simulation.tracks[track], day.simulation.first_day - 1):
        earlier = unit(mix(fold(fold(day.key, LIKED_TRACKS), track)))
        if earlier < laws.earlier_opinion_share:
            return
    if draw < share * min(math.exp(value * laws.opinion_slope * liked), MOST_OPINION):
        write_like(day, track, value)
