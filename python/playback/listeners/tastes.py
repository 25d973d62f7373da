"""The genres a listener prefers, and how much."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from playback.presets import ListenerKnobs
from playback.randomness import uniforms, world_key


class Genres(NamedTuple):
    """The genres of the catalogue, ordered by id."""

    genre_ids: tuple[str, ...]
    popularity: NDArray[np.float64]


def draw_preferences(
    knobs: ListenerKnobs,
    seed: int,
    genres: Genres,
    user_keys: NDArray[np.integer],
    user_types: NDArray[np.str_],
) -> dict[str, np.ndarray]:
    """Draw the columns of raw.user_genre_preferences, ordered by listener and preference.

    Genres are drawn by popularity without replacement: the first n in ascending order of
    exponential waiting times with these rates (Efraimidis and Spirakis, 2006).
    """
    width = len(genres.genre_ids)
    ranges = np.array([getattr(knobs.genres, user_type) for user_type in user_types])
    fewest, most = ranges[:, :1], ranges[:, 1:]
    draws = uniforms(world_key(seed, "genres"), user_keys, 1 + 2 * width)
    counts = np.minimum(fewest + np.floor(draws[:, :1] * (most - fewest + 1)), width)
    with np.errstate(divide="ignore"):
        waiting = -np.log(draws[:, 1 : 1 + width]) / genres.popularity
    preferred = np.argsort(waiting, axis=1, kind="stable")

    affinity = knobs.affinity
    bounds = np.array([affinity.first] + 2 * [affinity.second_and_third] + width * [affinity.rest])
    low, high = bounds[:width].T
    scores = np.round(low + (high - low) * draws[:, 1 + width :], 4)

    is_held = np.arange(width) < counts
    holders = np.broadcast_to(user_keys[:, np.newaxis], is_held.shape)
    return {
        "user_key": holders[is_held],
        "genre_id": np.array(genres.genre_ids)[preferred[is_held]],
        "affinity_score": scores[is_held],
    }
