"""Whether personalities and tastes show in the plays. Reads the hidden truth, to score by it."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from playback.realism.histories import Catalogue, Histories
from playback.realism.listener import choice_statistics
from playback.warehouse import Warehouse

LEAST_PLAYS_A_DAY = 5
"""Listeners who play less say too little about themselves."""

LEAST_GENRES = 3
"""Preferred genres that a rank correlation needs."""

Floats = NDArray[np.float64]


def effect_sizes(
    warehouse: Warehouse, histories: Histories, catalogue: Catalogue
) -> dict[str, float]:
    """How far apart the two sides of each dimension lie in the statistic that defines it."""
    columns = warehouse.connection.execute(
        "select user_key, is_familiar, is_loyal, is_new, is_common from raw.user_traits "
        "order by user_key"
    ).fetchnumpy()
    is_active = histories.plays >= LEAST_PLAYS_A_DAY * histories.days
    is_drawn = np.isin(histories.user_keys, columns["user_key"])
    active = histories.of(is_active & is_drawn)
    place = np.searchsorted(columns["user_key"], active.user_keys)
    choices = [choice_statistics(history) for history in active.each()]

    def effect(trait: str, values: Floats | list[float]) -> float:
        return effect_size(np.array(values), columns[trait][place].astype(bool))

    return {
        "familiar_effect": effect("is_familiar", [own["repeat_share"] for own in choices]),
        "loyal_effect": effect("is_loyal", [own["next_same_artist_share"] for own in choices]),
        "new_effect": effect("is_new", mean_of_plays(active, catalogue.newness)),
        "common_effect": effect("is_common", mean_of_plays(active, catalogue.popularity)),
    }


def mean_of_plays(histories: Histories, value: Floats) -> Floats:
    """The mean over each listener's plays of something known of every track."""
    sums = np.add.reduceat(value[histories.track], histories.starts[:-1])
    return sums / histories.plays


def effect_size(values: Floats, has_trait: NDArray[np.bool_]) -> float:
    """Cohen's d: the difference of the two means over the pooled standard deviation.

    NaN where a side has fewer than two listeners.
    """
    with_trait, without = values[has_trait], values[~has_trait]
    if min(len(with_trait), len(without)) < 2:
        return np.nan
    freedom = len(values) - 2
    squares = sum(((side - side.mean()) ** 2).sum() for side in (with_trait, without))
    return (with_trait.mean() - without.mean()) / np.sqrt(squares / freedom)


def genre_correlation(warehouse: Warehouse, histories: Histories, catalogue: Catalogue) -> float:
    """Median over listeners of Spearman's correlation of affinity with plays by primary genre.

    Over a listener's preferred genres, where there are at least three of them.
    """
    genre_ids, genre_of_track = np.unique(catalogue.genre, return_inverse=True)
    width = len(genre_ids)
    plays = np.bincount(
        width * histories.listener + genre_of_track[histories.track],
        minlength=width * len(histories.user_keys),
    ).reshape(-1, width)
    columns = warehouse.connection.execute(
        "select user_key, genre_id, affinity_score from raw.user_genre_preferences "
        "order by user_key, genre_id"
    ).fetchnumpy()
    affinity = np.full(plays.shape, np.nan)
    listener = np.searchsorted(histories.user_keys, columns["user_key"])
    listener = np.minimum(listener, len(histories.user_keys) - 1)
    genre_id = columns["genre_id"].astype(str)
    genre = np.minimum(np.searchsorted(genre_ids, genre_id), width - 1)
    is_known = (histories.user_keys[listener] == columns["user_key"]) & (
        genre_ids[genre] == genre_id
    )
    affinity[listener[is_known], genre[is_known]] = columns["affinity_score"][is_known]
    correlations = [
        spearmanr(row[~np.isnan(row)], own_plays[~np.isnan(row)]).statistic
        for row, own_plays in zip(affinity, plays, strict=True)
        if np.count_nonzero(~np.isnan(row)) >= LEAST_GENRES
    ]
    return float(np.nanmedian(correlations)) if correlations else np.nan
