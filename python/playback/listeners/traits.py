"""Type, activity, personality and habits: the hidden truth about a listener."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from playback.presets import Habits, ListenerKnobs
from playback.randomness import even_pairs, uniforms, world_key

HABITS = tuple(
    name.removesuffix("_sigma_hours") + "_hours" if name.endswith("_sigma_hours") else name
    for name in Habits.model_fields
)
"""The columns of raw.user_traits that `Habits` fills, in the order they are drawn in."""

TYPES = ("casual", "regular", "power")

Floats = NDArray[np.float64]


def draw_traits(
    knobs: ListenerKnobs, seed: int, user_keys: NDArray[np.integer]
) -> tuple[dict[str, np.ndarray], NDArray[np.str_]]:
    """Draw one value per listener of every trait, and the types.

    Activity comes first: the listener's rank in it gives the plays a day, the type (the casual
    ones are the least active) and the level inside the type. Where listeners have habits, activity
    and how readily they skip are drawn evenly, because both weigh much: a few hundred listeners
    already stand for all, whatever the seed.
    """
    activity, familiar, new, loyal, common = uniforms(
        world_key(seed, "personality"), user_keys, 5
    ).T
    if knobs.habits:
        activity, skipping = even_pairs(world_key(seed, "activity"), user_keys).T
    share = knobs.personality_share
    bands = np.cumsum([getattr(knobs.type_share, user_type) for user_type in TYPES])
    band = np.minimum(np.searchsorted(bands, activity, side="right"), len(TYPES) - 1)
    floors = np.concatenate([[0.0], bands[:-1]])
    inside = (activity - floors[band]) / np.maximum(bands - floors, 1e-12)[band]
    low, high = np.array([getattr(knobs.activity_level, user_type) for user_type in TYPES])[band].T
    traits: dict[str, np.ndarray] = {
        "is_familiar": familiar < share.familiar,
        "is_new": new < share.new,
        "is_loyal": loyal < share.loyal,
        "is_common": common < share.common,
        "plays_per_day": knobs.plays_per_day.median
        * np.exp(knobs.plays_per_day.sigma * ndtri(activity)),
        "activity_level": np.round(low + (high - low) * inside, 4),
    }
    if knobs.habits:
        traits |= _draw_habits(knobs.habits, seed, user_keys, traits, skipping)
    return traits, np.array(TYPES)[band]


def _draw_habits(
    habits: Habits,
    seed: int,
    user_keys: NDArray[np.integer],
    traits: dict[str, np.ndarray],
    skipping: Floats,
) -> dict[str, Floats]:
    normals = dict(
        zip(
            HABITS,
            ndtri(uniforms(world_key(seed, "habits"), user_keys, len(HABITS))).T,
            strict=True,
        )
    )
    normals["skip_propensity"] = ndtri(skipping)
    activity = np.log(traits["plays_per_day"] / 10)
    library = habits.library_breadth
    is_familiar = traits["is_familiar"]
    is_loyal = traits["is_loyal"]

    def share(name: str, median: float | Floats) -> Floats:
        return expit(logit(median) + getattr(habits, name).sigma * normals[name])

    def positive(name: str, median: float | Floats) -> Floats:
        return median * np.exp(getattr(habits, name).sigma * normals[name])

    active, length = habits.active_day_share, habits.tracks_per_session
    repeat, artist, track = habits.repeat_share, habits.same_artist_share, habits.same_track_share
    return {
        "active_day_share": share(
            "active_day_share",
            expit(logit(active.at_ten_plays_a_day) + active.exponent * activity),
        ),
        "tracks_per_session": positive(
            "tracks_per_session", length.at_ten_plays_a_day * np.exp(length.exponent * activity)
        ),
        "weekend_ratio": positive("weekend_ratio", habits.weekend_ratio.median),
        "chronotype_hours": habits.chronotype_sigma_hours * normals["chronotype_hours"],
        "skip_propensity": share("skip_propensity", habits.skip_propensity.median),
        "skip_persistence": positive("skip_persistence", habits.skip_persistence.median),
        "skip_haste": positive("skip_haste", habits.skip_haste.median),
        "partial_share": share("partial_share", habits.partial_share.median),
        "repeat_share": share(
            "repeat_share",
            expit(
                logit(np.where(is_familiar, repeat.familiar, repeat.exploring))
                + np.where(traits["is_common"], np.log(repeat.common_ratio), 0.0)
                - repeat.exponent * activity
            ),
        ),
        "recency_share": share("recency_share", habits.recency_share.median),
        "library_breadth": positive(
            "library_breadth",
            np.where(is_familiar, library.familiar, library.exploring)
            * np.where(traits["is_common"], library.common_ratio, 1.0)
            * np.exp(library.exponent * activity),
        ),
        "same_artist_share": share(
            "same_artist_share", np.where(is_loyal, artist.loyal, artist.varied)
        ),
        "same_track_share": share(
            "same_track_share", np.where(is_loyal, track.loyal, track.varied)
        ),
        "shuffle_share": share("shuffle_share", habits.shuffle_share.median),
        "pause_share": share("pause_share", habits.pause_share.median),
        "obsession_share": share("obsession_share", habits.obsession_share.median),
        "like_share": share("like_share", habits.like_share.median),
    }
